/**
 * A service's events, in AWS's words: tasks that it starts and stops, their targets, that it is steady again, and placements that fail. Of
 * those a message that stands already comes only again when its cause was resolved in between, or after six hours (AWS: ECS developer
 * guide, service-event-messages).
 */
import {
  ACTIVE,
  DEACTIVATING,
  PLACEMENT_FAILED,
  RUNNING,
  STOPPED,
  TASK_DESIRED_STATUS,
  TASK_LAST_STATUS,
  TASK_PLACED,
} from '../../trace/kind-numbers.ts'
import { placementFailures, type TraceObserver } from '../../trace/trace.ts'
import { targetGroupArn } from '../../wire/arns.ts'
import { desiredCountOf } from '../../world/ecs/services.ts'
import type { Service, World } from '../../world/state.ts'
import type { Diary } from '../diary.ts'
import { deploymentId } from './deployment-id.ts'

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

const taskKinds = [TASK_PLACED, TASK_DESIRED_STATUS, TASK_LAST_STATUS]

const steady = ({ plan }: Service): string => `(service ${plan.name}) has reached a steady state.`

const eventsMost = 100
const saidAgainAfterMs = 6 * 3_600_000

export const createServiceEvents = (world: World, diary: Diary, newId: () => string): ServiceEvents => {
  const events = world.services.map((): Array<ServiceEvent> => [])
  /** By service: the messages whose cause is not resolved, and when each was said last. */
  const standing = world.services.map(() => new Map<string, number>())

  const isSteady = world.services.map(() => true)

  const say = (at: number, { number }: Service, message: string): void => {
    events[number]?.unshift({ id: newId(), at, message })
    events[number]?.splice(eventsMost)
  }

  const moves = (
    at: number,
    service: Service,
    did: 'started 1 tasks' | 'stopped 1 running tasks',
    task: number,
  ): void => {
    isSteady[service.number] = false
    const id = world.directory.taskArn(task).slice(-32)
    say(at, service, `(service ${service.plan.name}) has ${did}: (task ${id}).`)
  }

  /** In the words and in the order of recorded ones (github.com/hackforla/CivicTechJobs/issues/436). */
  const targets = (at: number, service: Service, task: number, status: number): void => {
    const { name, loadBalancer } = service.plan
    if (loadBalancer === null) return
    const group = `(target-group ${targetGroupArn(world.directory, name)})`
    if (status === RUNNING) say(at, service, `(service ${name}) registered 1 targets in ${group}`)
    if (status !== DEACTIVATING) return
    const taskSet = deploymentId(service.number, world.tasks[task]?.deployment ?? 0)
    say(at, service, `(service ${name}) deregistered 1 targets in ${group}`)
    say(at, service, `(service ${name}, taskSet ${taskSet}) has begun draining connections on 1 tasks.`)
  }

  const settle = (at: number, service: Service): void => {
    const tasks = [...service.tasks].filter(({ status }) => status !== STOPPED)
    const runs = tasks.every(({ status, desiredStopped }) => status === RUNNING && !desiredStopped)
    if (isSteady[service.number] === true || !runs || tasks.length !== desiredCountOf(world, service)) return
    isSteady[service.number] = true
    say(at, service, steady(service))
  }

  const failed = (at: number, service: number, reason: number): void => {
    const message = messageOf(world, service, reason)
    const saidAt = standing[service]?.get(message)
    if (saidAt !== undefined && at - saidAt < saidAgainAfterMs) return
    standing[service]?.set(message, at)
    say(at, world.services[service] as Service, message)
  }

  for (const service of world.services) say(0, service, steady(service))

  return {
    observe: (at, kind, a, b) => {
      if (kind === PLACEMENT_FAILED) return failed(at, a, b)
      const service = taskKinds.includes(kind) ? world.tasks[a]?.service : undefined
      if (service === undefined || service === null) return
      if (kind === TASK_PLACED) {
        standing[service.number]?.clear()
        moves(at, service, 'started 1 tasks', a)
      } else if (kind === TASK_LAST_STATUS) {
        targets(at, service, a, b)
        settle(at, service)
      }
      // Somebody's StopTask is not the service's.
      else if (diary.stopReasonOf(a) === undefined) moves(at, service, 'stopped 1 running tasks', a)
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
