import type { Clock } from '@ecs-drain/core'

/** The machine's own time. */
export const systemClock: Clock = { now: () => Date.now() }
