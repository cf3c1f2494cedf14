/**
 * Where a service's next tasks go: CPU, memory and ports decide who can take one; then the zone and, in it, the instance
 * with the fewest tasks of the service are chosen (AWS: ecs_service-options, task-placement-strategies). Nothing here
 * avoids an instance that is about to be replaced.
 */
import { ACTIVE } from '../trace/kind-numbers.ts'
import { placementFailures } from '../trace/trace.ts'
import { purposeOf } from './parameters.ts'
import type { Instance, Level, Places, Service, World, Zone } from './state.ts'

const placing = purposeOf('place')

/** Only a registered, ACTIVE instance with a connected agent takes tasks. */
export const isEligible = ({ status, agentConnected }: Instance): boolean => status === ACTIVE && agentConnected

export interface Placement {
  /** The next instance, or the number of the reason why none will do. The caller places a task there at once. */
  readonly next: () => Instance | number
}

/** One look at all instances serves as many placements as a pass needs. */
export const lookForPlaces = (world: World, service: Service): Placement => {
  const { places } = world
  empty(places)
  for (const group of world.groups) {
    for (const instance of group.instances) if (takes(instance, service)) offer(places, instance, service)
  }
  let last: Instance | null = null
  return {
    next: () => {
      // Only now the task that was placed there counts.
      if (last !== null && takes(last, service)) offer(places, last, service)
      last = choose(world, service)
      return last ?? whyNone(world, service)
    },
  }
}

const empty = ({ zones, full }: Places): void => {
  for (const zone of zones) for (const level of zone) level.count = 0
  full.fill(true)
}

const offer = ({ zones, full }: Places, instance: Instance, service: Service): void => {
  while (zones.length <= instance.zone) {
    zones.push([])
    full.push(true)
  }
  const zone = zones[instance.zone] as Zone
  const tasks = service.perInstance[instance.number] ?? 0
  while (zone.length <= tasks) zone.push({ instances: [], count: 0 })
  const level = zone[tasks] as Level
  level.instances[level.count] = instance
  level.count += 1
  full[instance.zone] = false
}

/** Takes a candidate of the emptiest level of the emptiest zone. */
const choose = (world: World, service: Service): Instance | null => {
  const { zones, full } = world.places
  for (let number = emptiest(full, service); number !== -1; number = emptiest(full, service)) {
    for (const level of zones[number] as Zone) {
      if (level.count === 0) continue
      // Among equals chance decides.
      const index = level.count === 1 ? 0 : remainderOf(world.draws.next(placing, service.number), level.count)
      const chosen = level.instances[index] as Instance
      level.count -= 1
      level.instances[index] = level.instances[level.count] as Instance
      return chosen
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

/** Whether an instance has room for one more task of the service. */
export const takes = (instance: Instance, { plan }: Service): boolean =>
  isEligible(instance) &&
  instance.cpuFree >= plan.cpu &&
  instance.memoryFree >= plan.memory &&
  (plan.hostPort === null || !instance.ports.has(plan.hostPort))

/** What the last of the ACTIVE instances lacks. */
const whyNone = (world: World, service: Service): number => {
  let failure: (typeof placementFailures)[number] = 'NONE-ACTIVE'
  for (const group of world.groups) {
    for (const instance of group.instances) if (instance.status === ACTIVE) failure = refusal(instance, service)
  }
  return placementFailures.indexOf(failure)
}

const refusal = (instance: Instance, { plan }: Service): (typeof placementFailures)[number] => {
  if (!instance.agentConnected) return 'AGENT'
  if (instance.cpuFree < plan.cpu) return 'RESOURCE:CPU'
  return instance.memoryFree < plan.memory ? 'RESOURCE:MEMORY' : 'RESOURCE:PORTS'
}
