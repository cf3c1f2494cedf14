import { strikes } from './chance.ts'
import { HOST_DIES } from './occurrences.ts'
import type { Instance, World } from './state.ts'

/** A host dies while a request about it is under way; likelier where that request would change something. */
export const hostMayDie = (world: World, instance: Instance | undefined, delicate: boolean): void => {
  if (instance?.alive === true && strikes(world, 'host.death', instance.number + 1, instance.number, delicate)) {
    world.queue.schedule(world.now, HOST_DIES, instance.number)
  }
}
