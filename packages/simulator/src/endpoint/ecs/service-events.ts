/**
 * A service's events, as far as placements fail: in AWS's words, and a message that stands already only again when its cause was resolved
 * in between, or after six hours (AWS: ECS developer guide, service-event-messages).
 */
import { ACTIVE, PLACEMENT_FAILED, TASK_PLACED } from '../../trace/kind-numbers.ts'
import { placementFailures, type TraceObserver } from '../../trace/trace.ts'
import type { World } from '../../world/state.ts'

export interface ServiceEvent {
  readonly id: string
  /** Milliseconds of the world. */
  readonly at: number
  readonly message: string
}

export interface ServiceEvents {
  readonly observe: TraceObserver
  /** Of a service by its number, the newest first. */
  readonly of: (service: number) => ReadonlyArray<ServiceEvent>
}

const eventsMost = 100
const saidAgainAfterMs = 6 * 3_600_000

export const createServiceEvents = (world: World, newId: () => string): ServiceEvents => {
  const events = world.services.map((): Array<ServiceEvent> => [])
  /** By service: the messages whose cause is not resolved, and when each was said last. */
  const standing = world.services.map(() => new Map<string, number>())

  const failed = (at: number, service: number, reason: number): void => {
    const message = messageOf(world, service, reason)
    const saidAt = standing[service]?.get(message)
    if (saidAt !== undefined && at - saidAt < saidAgainAfterMs) return
    standing[service]?.set(message, at)
    events[service]?.unshift({ id: newId(), at, message })
    events[service]?.splice(eventsMost)
  }

  return {
    observe: (at, kind, a, b) => {
      if (kind === PLACEMENT_FAILED) failed(at, a, b)
      else if (kind === TASK_PLACED) standing[world.tasks[a]?.service?.number ?? -1]?.clear()
    },
    of: (service) => events[service] ?? [],
  }
}

const messageOf = (world: World, service: number, reason: number): string => {
  const name = world.services[service]?.plan.name ?? ''
  const failure = placementFailures[reason] ?? 'NONE-ACTIVE'
  const why =
    failure === 'NONE-ACTIVE'
      ? 'Reason: No Container Instances were found in your cluster.'
      : `The closest matching (container-instance ${closest(world)}) ${lacks[failure]}.`
  return (
    `(service ${name}) was unable to place a task because no container instance met all of its requirements. ${why} ` +
    'For more information, see the Troubleshooting section of the Amazon ECS Developer Guide.'
  )
}

const lacks = {
  'RESOURCE:CPU': 'has insufficient CPU units available',
  'RESOURCE:MEMORY': 'has insufficient memory available',
  'RESOURCE:PORTS': 'is already using a port required by your task',
  AGENT: 'encountered error "AGENT"',
} as const

/** The one whose lack the world names: the last that is ACTIVE. */
const closest = ({ groups, directory }: World): string => {
  const active = groups.flatMap(({ records }) => records).findLast(({ status }) => status === ACTIVE)
  return active === undefined ? '' : directory.containerInstanceArn(active.number).slice(-32)
}
