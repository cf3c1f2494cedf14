import type { Controller } from './controller.ts'

/**
 * No controller, and no lifecycle hook: Auto Scaling terminates an instance when it likes, and ECS finds out when its
 * agent is gone. What a cluster does that nobody has prepared.
 */
export const createNone = (): Controller => ({
  subscribes: [],
  handle: (_, execution) => execution.end([]),
})
