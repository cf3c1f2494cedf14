import { HOOK_HEARTBEAT, MESSAGE_SENT } from '../trace/kind-numbers.ts'
import type { World } from './state.ts'

/** Writes what happened. What is not a message or a call keeps the run from being called settled. */
export const record = (world: World, kind: number, a: number, b: number): void => {
  if (kind < MESSAGE_SENT && kind !== HOOK_HEARTBEAT) world.lastChange = world.now
  world.trace.write(world.now, kind, a, b)
}
