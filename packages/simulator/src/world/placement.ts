/**
 * Where a service's next tasks go: CPU, memory and ports decide who can take one; then the zone and, in it, the instance
 * with the fewest tasks of the service are chosen (AWS: ecs_service-options, task-placement-strategies). Nothing here
 * avoids an instance that is about to be replaced.
 */
import { ACTIVE } from '../trace/kind-numbers.ts'
import { placementFailures } from '../trace/trace.ts'
import { purposeOf } from './parameters.ts'
import type { Instance, Service, World } from './state.ts'

const placing = purposeOf('place')

/** Only a registered, ACTIVE instance with a connected agent takes tasks. */
export const isEligible = ({ status, agentConnected }: Instance): boolean => status === ACTIVE && agentConnected

/** The candidates of one zone by how many tasks of the service they have. */
type Zone = Array<Array<Instance>>

export interface Placement {
  /** The next instance, or the number of the reason why none will do. The caller places a task there at once. */
  readonly next: () => Instance | number
}

/** One look at all instances serves as many placements as a pass needs. */
export const lookForPlaces = (world: World, service: Service): Placement => {
  const zones: Array<Zone | undefined> = []
  let failure = placementFailures.indexOf('NONE-ACTIVE')
  const offer = (instance: Instance): void => {
    const zone = (zones[instance.zone] ??= [])
    const level = service.perInstance[instance.number] ?? 0
    ;(zone[level] ??= []).push(instance)
  }
  for (const group of world.groups) {
    for (const instance of group.instances) {
      const reason = refusal(instance, service)
      if (reason === null) offer(instance)
      else if (reason !== 'NONE-ACTIVE') failure = placementFailures.indexOf(reason)
    }
  }

  const emptiest = (): Zone | null => {
    let best: Zone | null = null
    let fewest = Number.POSITIVE_INFINITY
    for (let number = 0; number < zones.length; number += 1) {
      const zone = zones[number]
      const tasks = service.perZone[number] as number
      if (zone === undefined || tasks >= fewest) continue
      best = zone
      fewest = tasks
    }
    return best
  }

  let last: Instance | null = null
  return {
    next: () => {
      // Only now the task that was placed there counts.
      if (last !== null && refusal(last, service) === null) offer(last)
      last = null
      for (let zone = emptiest(); zone !== null; zone = emptiest()) {
        const level = zone.find((instances) => instances !== undefined && instances.length > 0)
        if (level === undefined) {
          zones[zones.indexOf(zone)] = undefined
          continue
        }
        // Among equals chance decides.
        const index = level.length === 1 ? 0 : world.draws.next(placing, service.number) % level.length
        const chosen = level[index] as Instance
        level[index] = level[level.length - 1] as Instance
        level.pop()
        last = chosen
        return chosen
      }
      return failure
    },
  }
}

const refusal = (instance: Instance, { plan }: Service): (typeof placementFailures)[number] | null => {
  if (instance.status !== ACTIVE) return 'NONE-ACTIVE'
  if (!instance.agentConnected) return 'AGENT'
  if (instance.cpuFree < plan.cpu) return 'RESOURCE:CPU'
  if (instance.memoryFree < plan.memory) return 'RESOURCE:MEMORY'
  return plan.hostPort !== null && instance.ports.has(plan.hostPort) ? 'RESOURCE:PORTS' : null
}
