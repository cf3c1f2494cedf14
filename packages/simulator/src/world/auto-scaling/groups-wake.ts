import { occursAfter } from '../chance.ts'
import { GROUP_REACTS } from '../occurrences.ts'
import type { Group, World } from '../state.ts'

/** Auto Scaling looks at a group's capacity some time after it changed. */
export const reactSoon = (world: World, group: Group): void => {
  if (group.reacting) return
  group.reacting = true
  occursAfter(world, world.settings['autoscaling.reaction'], GROUP_REACTS, group.number)
}
