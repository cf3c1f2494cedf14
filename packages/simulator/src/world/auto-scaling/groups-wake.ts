import { drawn } from '../chance.ts'
import { GROUP_REACTS } from '../occurrences.ts'
import type { Group, World } from '../state.ts'

/** Auto Scaling looks at a group's capacity some time after it changed. */
export const reactSoon = (world: World, group: Group): void => {
  if (group.reacting) return
  group.reacting = true
  world.queue.schedule(
    world.now + drawn(world, world.settings['autoscaling.reaction'], group.number),
    GROUP_REACTS,
    group.number,
  )
}
