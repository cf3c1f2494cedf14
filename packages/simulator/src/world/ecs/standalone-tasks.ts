/** Tasks of RunTask: placed once, where there is room, and run until they exit. */
import type { Instance, Standalone, Task, World } from '../state.ts'
import { hasFree, isEligible } from './candidates.ts'
import { daemonsAmong } from './services.ts'
import { placeTask } from './tasks.ts'

export const standaloneStarts = (world: World, standalone: Standalone): void => {
  // RunTask is not tried again by anybody: without room the task just does not run.
  for (let started = 0; started < standalone.plan.count; started += 1) placeStandalone(world, standalone)
}

/** The instance with the fewest tasks takes it; null where none has room. */
export const placeStandalone = (world: World, standalone: Standalone): Task | null => {
  const daemons = daemonsAmong(world.services)
  let best: Instance | null = null
  for (const group of world.groups) {
    for (const instance of group.records) {
      const fits =
        isEligible(instance) &&
        hasFree(instance, daemons, standalone.plan, 'cpu') &&
        hasFree(instance, daemons, standalone.plan, 'memory')
      if (fits && (best === null || instance.tasks.length < best.tasks.length)) best = instance
    }
  }
  return best === null ? null : placeTask(world, best, null, standalone)
}
