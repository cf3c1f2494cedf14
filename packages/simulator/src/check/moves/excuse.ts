/** What the user's own deadline excuses. That core says so is not enough: the model must have one, and it must have passed. */
import type { Drain } from '@ecs-drain/core'
import { now } from '../core/abstract-time.ts'
import { type Model, tickMs } from '../model.ts'

/** The drain's deadline has passed, by the time at which it was announced. */
const hasDeadlinePassed = (drain: Drain, { deadline }: Model): boolean =>
  deadline !== null && now - drain.announcedAt >= deadline.after * tickMs

/** Its completion is the deadline's doing. */
export const isForced = (drain: Drain, model: Model): boolean =>
  drain.decision?.because === 'deadline' && hasDeadlinePassed(drain, model)

/** The policy has the tasks stopped at the deadline, whatever the service's floor. */
export const stopsTasks = (drain: Drain, model: Model): boolean =>
  model.deadline?.choice === 'stop-tasks' && hasDeadlinePassed(drain, model)
