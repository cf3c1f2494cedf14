/**
 * What the user's own deadline excuses. That core says so is not enough: the model must have one, its time must have come, and
 * the answer must be the one that its choice asks for.
 */
import type { AtDeadline, Drain, LifecycleActionResult } from '@ecs-drain/core'
import type { Model } from '../model.ts'
import type { Share } from '../state/share.ts'

const results: { readonly [Choice in AtDeadline]: LifecycleActionResult | null } = {
  continue: 'CONTINUE',
  'stop-tasks': 'CONTINUE',
  abandon: 'ABANDON',
  wait: null,
}

/** Ticks from the beginning of an action until its deadline forces an answer: tasks that are told to stop then have their time for it. */
export const deadlineTicks = ({ deadline }: Model): number =>
  deadline === null ? 0 : deadline.after + (deadline.choice === 'stop-tasks' ? deadline.stopGrace : 0)

/** Its completion is the deadline's doing: by the time at which the action began, and not by what core takes for that. */
export const isForced = ({ decision }: Drain, { deadlineAge }: Share, model: Model): boolean =>
  model.deadline !== null &&
  decision?.because === 'deadline' &&
  decision.result === results[model.deadline.choice] &&
  deadlineAge >= deadlineTicks(model)

/** The policy has the tasks stopped at the deadline, whatever the service's floor. */
export const stopsTasks = ({ deadlineAge }: Share, { deadline }: Model): boolean =>
  deadline?.choice === 'stop-tasks' && deadlineAge >= deadline.after
