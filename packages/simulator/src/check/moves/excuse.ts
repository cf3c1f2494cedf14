/** What the user's own deadline excuses. That core says so is not enough: the model must have one, and it must have passed. */
import type { Drain } from '@ecs-drain/core'
import type { Model } from '../model.ts'
import type { Share } from '../state/share.ts'

/** By the time at which the action began, and not by what core takes for that. */
const hasDeadlinePassed = ({ deadlineAge }: Share, { deadline }: Model): boolean =>
  deadline !== null && deadlineAge >= deadline.after

/** Its completion is the deadline's doing. */
export const isForced = (drain: Drain, share: Share, model: Model): boolean =>
  drain.decision?.because === 'deadline' && hasDeadlinePassed(share, model)

/** The policy has the tasks stopped at the deadline, whatever the service's floor. */
export const stopsTasks = (share: Share, model: Model): boolean =>
  model.deadline?.choice === 'stop-tasks' && hasDeadlinePassed(share, model)
