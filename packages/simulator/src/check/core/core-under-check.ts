import { begin, beginRouting, evolve, resume, resumeRouting } from '@ecs-drain/core'

/** The functions of core that are explored. A variant of them is how a test plants a defect. */
export interface CoreUnderCheck {
  /** The first step of an invocation. */
  readonly begin: typeof begin
  /** Its next one, after a reply. */
  readonly resume: typeof resume
  /** The first step from a batch of notices to assignments. */
  readonly beginRouting: typeof beginRouting
  /** The next one, after a reply. */
  readonly resumeRouting: typeof resumeRouting
  /** What S5 folds the stored events with. */
  readonly evolve: typeof evolve
}

/** The core that ships. */
export const shippedCore: CoreUnderCheck = { begin, resume, beginRouting, resumeRouting, evolve }
