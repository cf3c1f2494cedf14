import { begin, beginRouting, evolve, resume, resumeRouting } from '@ecs-drain/core'

/** The functions of core that are explored. A variant of them is how a test plants a defect. */
export interface CoreUnderCheck {
  readonly begin: typeof begin
  readonly resume: typeof resume
  readonly beginRouting: typeof beginRouting
  readonly resumeRouting: typeof resumeRouting
  readonly evolve: typeof evolve
}

/** The core that ships. */
export const shippedCore: CoreUnderCheck = { begin, resume, beginRouting, resumeRouting, evolve }
