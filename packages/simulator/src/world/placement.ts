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
  /** The instance for one more task; `service` null for a standalone one. */
  choose(needs: Needs, service: ServiceRecord | null): InstanceRecord | null
  /** Why `choose` found none. */
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

  const choose: Placement['choose'] = (needs, service) => {
    let best: InstanceRecord | null = null
    let bestInZone = 0
    let bestOnInstance = 0
    for (let index = 0; index < known.length; index += 1) {
      const instance = known[index] as InstanceRecord
      if (instance.containerInstance !== ACTIVE || !instance.agentConnected || !fits(instance, needs)) continue
      const inZone = service === null ? 0 : (service.perZone[instance.zone] as number)
      const onInstance = service === null ? instance.open : (instance.ofService[service.number] as number)
      // Of equals, the emptier one.
      const better =
        best === null ||
        inZone < bestInZone ||
        (inZone === bestInZone &&
          (onInstance < bestOnInstance || (onInstance === bestOnInstance && instance.open < best.open)))
      if (!better) continue
      best = instance
      bestInZone = inZone
      bestOnInstance = onInstance
    }
    return best
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
    choose,
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
