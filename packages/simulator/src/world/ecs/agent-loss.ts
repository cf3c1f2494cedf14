import { strikes } from '../chance.ts'
import { AGENT_GOES } from '../occurrences.ts'
import type { Instance, World } from '../state.ts'

/** The moment at which losing the agent hurts: a task was told to stop, and only the agent can carry that out. */
export const agentMayGo = (world: World, instance: Instance): void => {
  if (instance.agentConnected && strikes(world, 'agent.disconnect', instance.number + 1, instance.number)) {
    world.queue.schedule(world.now, AGENT_GOES, instance.number)
  }
}
