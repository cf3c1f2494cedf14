/**
 * Where a service's next tasks go: CPU, memory and ports decide who can take one; then the zone and, in it, the instance
 * with the fewest tasks of the service are chosen (AWS: ecs_service-options, task-placement-strategies). Nothing here
 * avoids an instance that is about to be replaced.
 */
import { ACTIVE } from '../../trace/kind-numbers.ts'
import { placementFailures } from '../../trace/trace.ts'
import { purposeOf } from '../parameters.ts'
import type { Instance, Level, Service, World } from '../state.ts'
import { freshCandidates, hasFree, putBack, takeOut, takes } from './candidates.ts'

const placing = purposeOf('place')

/** The next instance, or the number of the reason why none will do. The caller places a task there at once. */
type NextPlace = () => Instance | number

/** One look serves as many placements as a pass needs. */
export const lookForPlaces = (world: World, service: Service): NextPlace => {
  const candidates = freshCandidates(world, service)
  const full = candidates.zones.map(() => false)
  let last: Instance | null = null
  return () => {
    // Only now the task that was placed there counts.
    if (last !== null && takes(last, service)) putBack(service, last)
    last = choose(world, service, full)
    return last ?? whyNone(world, service)
  }
}

/** Takes a candidate of the emptiest level of the emptiest zone. */
const choose = (world: World, service: Service, full: Array<boolean>): Instance | null => {
  const { candidates } = service
  for (let number = emptiest(full, service); number !== -1; number = emptiest(full, service)) {
    for (const level of candidates.zones[number] as Array<Level>) {
      if (level.count === 0) continue
      // Among equals chance decides.
      const index = level.count === 1 ? 0 : remainderOf(world.draws.next(placing, service.number), level.count)
      return takeOut(world, candidates, level, index)
    }
    full[number] = true
  }
  return null
}

/** `draw % count` of an unsigned 32-bit number, in two steps of small integers: of a larger one it is a floating-point division. */
const remainderOf = (draw: number, count: number): number => ((((draw >>> 1) % count) << 1) | (draw & 1)) % count

const emptiest = (full: ReadonlyArray<boolean>, service: Service): number => {
  let best = -1
  for (let number = 0; number < full.length; number += 1) {
    if (full[number] === true) continue
    if (best === -1 || (service.perZone[number] as number) < (service.perZone[best] as number)) best = number
  }
  return best
}

/** What the last of the ACTIVE instances lacks. */
const whyNone = (world: World, service: Service): number => {
  let failure: (typeof placementFailures)[number] = 'NONE-ACTIVE'
  for (const group of world.groups) {
    for (const instance of group.records) if (instance.status === ACTIVE) failure = refusal(instance, service)
  }
  return placementFailures.indexOf(failure)
}

const refusal = (instance: Instance, { plan, daemons }: Service): (typeof placementFailures)[number] => {
  if (!instance.agentConnected) return 'AGENT'
  if (!hasFree(instance, daemons, plan, 'cpu')) return 'RESOURCE:CPU'
  return hasFree(instance, daemons, plan, 'memory') ? 'RESOURCE:PORTS' : 'RESOURCE:MEMORY'
}
