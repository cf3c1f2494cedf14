import { strikes } from '../chance.ts'
import { HOST_DIES } from '../occurrences.ts'
import type { Instance, World } from '../state.ts'

/** A host dies while a request about it is under way; likelier where that request would change something. */
export const hostMayDie = (world: World, instance: Instance | undefined, delicate: boolean): void => {
  const host = instance?.host
  if (host?.alive === true && strikes(world, 'host.death', host.number + 1, host.number, delicate)) {
    world.queue.schedule(world.now, HOST_DIES, host.number)
  }
}
