/** What a controller has decided, as the trace tells it: in the controller's own words. */
import { DECISION } from '../../trace/kind-numbers.ts'
import type { World } from '../state.ts'

export const decided = (world: World, name: string, instance: number, text: () => string): void => {
  const host = world.instances[instance]?.host.number ?? instance
  world.trace.write(world.now, DECISION, host, decisionNumber(world, name))
  if (world.texts) world.trace.annotate(text())
}

export const decisionNumber = (world: World, name: string): number => {
  const known = world.decisionNumbers.get(name)
  if (known !== undefined) return known
  const number = world.cast.decisions.length
  world.cast.decisions.push(name)
  world.decisionNumbers.set(name, number)
  return number
}
