/**
 * Where a task goes: an ACTIVE instance with a connected agent and room, spread over zones first and over instances then
 * (AWS: ECS developer guide, ecs_service-options). Nothing avoids instances that are about to be drained.
 */
import { ABSENT, ACTIVE, INACTIVE, NO_AGENT, NO_CPU, NO_MEMORY, NO_PORT, NONE_ACTIVE } from './codes.ts'
import type { InstanceRecord, ServiceRecord } from './records.ts'

/** What a task needs. */
export interface Needs {
  readonly cpu: number
  readonly memory: number
  readonly hostPort: number | null
}

export interface Placement {
  /** The instance for one more task of the service, each time it is asked; what it chose must have been used. */
  chooser(service: ServiceRecord): () => InstanceRecord | null
  /** The instance for a standalone task: the emptiest. */
  chooseFor(needs: Needs): InstanceRecord | null
  /** Why there was none. */
  whyNone(needs: Needs): number
  /** Instances ECS knows, in the order of registration; those that are gone are left out. */
  readonly known: InstanceRecord[]
  /** An instance has registered. */
  add(instance: InstanceRecord): void
  /** Forgets those that are gone. */
  sweep(): void
}

export const createPlacement = (): Placement => {
  const known: InstanceRecord[] = []

  const fits = (instance: InstanceRecord, { cpu, memory, hostPort }: Needs): boolean =>
    instance.cpuFree >= cpu &&
    instance.memoryFree >= memory &&
    (hostPort === null || !instance.portsInUse.includes(hostPort))

  const isEligible = ({ containerInstance, agentConnected }: InstanceRecord): boolean =>
    containerInstance === ACTIVE && agentConnected

  const chooseFor: Placement['chooseFor'] = (needs) => {
    let best: InstanceRecord | null = null
    for (const instance of known) {
      if (isEligible(instance) && fits(instance, needs) && (best === null || instance.open < best.open)) best = instance
    }
    return best
  }

  /** Of two instances of one zone, the one with fewer tasks of the service; of equals, the emptier one, then the elder. */
  const isBefore = (one: InstanceRecord, other: InstanceRecord, service: number): boolean => {
    const difference = (one.ofService[service] as number) - (other.ofService[service] as number)
    if (difference !== 0) return difference < 0
    return one.open === other.open ? one.number < other.number : one.open < other.open
  }

  const siftDown = (heap: InstanceRecord[], service: number, from: number): void => {
    const moved = heap[from] as InstanceRecord
    let at = from
    for (;;) {
      let child = 2 * at + 1
      if (child >= heap.length) break
      const right = child + 1
      if (right < heap.length && isBefore(heap[right] as InstanceRecord, heap[child] as InstanceRecord, service)) {
        child = right
      }
      if (!isBefore(heap[child] as InstanceRecord, moved, service)) break
      heap[at] = heap[child] as InstanceRecord
      at = child
    }
    heap[at] = moved
  }

  const chooser: Placement['chooser'] = (service) => {
    const { plan: needs, number, perZone } = service
    const zones: InstanceRecord[][] = []
    for (let zone = 0; zone < perZone.length; zone += 1) zones.push([])
    for (const instance of known)
      if (isEligible(instance) && fits(instance, needs)) zones[instance.zone]?.push(instance)
    for (const heap of zones) {
      for (let index = (heap.length >> 1) - 1; index >= 0; index -= 1) siftDown(heap, number, index)
    }
    let last: InstanceRecord[] | null = null

    /** Since it was chosen it has one task more, and perhaps no room for another. */
    const settleLast = (): void => {
      const top = last?.[0]
      if (last === null || top === undefined) return
      if (!fits(top, needs)) {
        const end = last.pop() as InstanceRecord
        if (last.length === 0) return
        last[0] = end
      }
      siftDown(last, number, 0)
    }

    return () => {
      settleLast()
      let best: InstanceRecord[] | null = null
      let fewest = 0
      for (let zone = 0; zone < zones.length; zone += 1) {
        const heap = zones[zone] as InstanceRecord[]
        const top = heap[0]
        if (top === undefined) continue
        const count = perZone[zone] as number
        const first = best?.[0]
        if (first === undefined || count < fewest || (count === fewest && isBefore(top, first, number))) {
          best = heap
          fewest = count
        }
      }
      last = best
      return best?.[0] ?? null
    }
  }

  const whyNone: Placement['whyNone'] = (needs) => {
    const active = known.filter(({ containerInstance }) => containerInstance === ACTIVE)
    if (active.length === 0) return NONE_ACTIVE
    const connected = active.filter(({ agentConnected }) => agentConnected)
    if (connected.length === 0) return NO_AGENT
    if (!connected.some(({ cpuFree }) => cpuFree >= needs.cpu)) return NO_CPU
    if (!connected.some(({ cpuFree, memoryFree }) => cpuFree >= needs.cpu && memoryFree >= needs.memory))
      return NO_MEMORY
    return NO_PORT
  }

  return {
    chooser,
    chooseFor,
    whyNone,
    known,
    add: (instance) => {
      if (!known.includes(instance)) known.push(instance)
    },
    sweep: () => {
      let kept = 0
      for (const instance of known) {
        if (instance.containerInstance === INACTIVE || instance.containerInstance === ABSENT) continue
        known[kept] = instance
        kept += 1
      }
      known.length = kept
    },
  }
}
