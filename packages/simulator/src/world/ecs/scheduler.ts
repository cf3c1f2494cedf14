/**
 * One pass of the service scheduler: what to start, where, and what to stop, between ceil(desired x minimum) healthy
 * and floor(desired x maximum) running or pending tasks (AWS: ECS developer guide, container-instance-draining and
 * deployment-type-ecs; API reference, DeploymentConfiguration).
 */
import { ACTIVE, DRAINING, PLACEMENT_FAILED, RUNNING } from '../../trace/kind-numbers.ts'
import { placementFailures } from '../../trace/trace.ts'
import { drawn, strikes } from '../chance.ts'
import { STARTS_AGAIN } from '../occurrences.ts'
import { record } from '../record.ts'
import type { Instance, Service, Task, World } from '../state.ts'
import { isMissing, takes } from './candidates.ts'
import { lookForPlaces } from './placement.ts'
import { isProtected } from './protection.ts'
import { balanceZones, reviewMove } from './rebalancing.ts'
import { schedulePass } from './scheduler-wake.ts'
import { occupying } from './services.ts'
import { daemonsStopEarly, mustLeave, placeTask, stopTask } from './tasks.ts'

const noMemory = placementFailures.indexOf('RESOURCE:MEMORY')

export const schedulerPass = (world: World, service: Service): void => {
  service.steady = true
  if (service.plan.schedulingStrategy === 'DAEMON') return daemonPass(world, service)
  reviewMove(world, service)
  // Starting and stopping are two decisions of one look at the same tasks.
  const { healthy } = service
  const leaving = [...service.leaving]
  const keepers = service.wanted - leaving.length
  startTasks(world, service, keepers)
  stopTasks(world, service, { healthy, keepers, leaving })
  balanceZones(world, service)
}

interface Look {
  readonly healthy: number
  /** Not told to stop, and to stay: on an instance that does not drain, of the current deployment. */
  readonly keepers: number
  readonly leaving: ReadonlyArray<Task>
}

const startTasks = (world: World, service: Service, keepers: number): void => {
  const missing = Math.min(service.desired + service.moving - keepers, service.ceiling - occupying(world, service))
  if (missing <= 0) return
  if (world.now < service.startsFrom) {
    service.steady = false
    return
  }
  const minute = Math.floor(world.now / 60_000)
  if (minute !== service.minute) {
    service.minute = minute
    service.launchedInMinute = 0
  }
  const nextPlace = lookForPlaces(world, service)
  const perMinute = world.settings['scheduler.launchesPerMinute'].from
  for (let started = 0; started < missing; started += 1) {
    if (service.launchedInMinute >= perMinute) return startLater(world, service, (minute + 1) * 60_000)
    const choice = strikes(world, 'placement.fail', service.number, -1) ? noMemory : nextPlace()
    if (typeof choice === 'number') {
      record(world, PLACEMENT_FAILED, service.number, choice)
      return startLater(world, service, world.now + backoff(world, service))
    }
    for (const daemon of service.daemons) placeDaemon(world, daemon, choice)
    placeTask(world, choice, service, null)
    service.launchedInMinute += 1
    service.backoffTimes = 1
  }
}

/** What has to stop does not wait for that. */
const startLater = (world: World, service: Service, at: number): void => {
  service.steady = false
  service.startsFrom = at
  world.queue.schedule(at, STARTS_AGAIN, service.number)
}

/** The longest that ECS waits (AWS: service-throttle-logic). How the delay grows is not stated. */
const longestBackoffMs = 27 * 60_000

const backoff = (world: World, service: Service): number => {
  const first = drawn(world, world.settings['scheduler.backoff'], service.number)
  const takes = Math.min(first * service.backoffTimes, longestBackoffMs)
  service.backoffTimes = Math.min(
    service.backoffTimes * world.settings['scheduler.backoffGrowth'].from,
    longestBackoffMs,
  )
  return takes
}

/** Tasks that must leave stop as far as the floor allows; one that is not healthy does not count towards it. */
const stopTasks = (world: World, service: Service, { healthy, keepers, leaving }: Look): void => {
  const perPass = world.settings['scheduler.stopsPerPass'].from || Number.POSITIVE_INFINITY
  let spare = healthy - service.floor
  let stopped = 0
  for (const task of leaving) {
    if (stopped === perPass) return schedulePass(world, service)
    if (isProtected(world, task)) {
      // The pass at its end goes on from here.
      service.steady = false
      continue
    }
    if (task.healthy && spare <= 0) continue
    if (task.healthy) spare -= 1
    stopTask(world, task)
    stopped += 1
  }
  const surplus = keepers - service.desired - service.moving
  if (surplus > 0) stopSurplus(world, service, surplus, spare)
}

/**
 * Scale-in of the service: the zone, and in it the instance, with most of its tasks gives first (AWS: ecs_service-options), and
 * healthy tasks only as far as the floor allows; when others have become healthy there is another pass.
 */
const stopSurplus = (world: World, service: Service, surplus: number, healthySpare: number): void => {
  let spare = healthySpare
  for (let stopped = 0; stopped < surplus; stopped += 1) {
    let chosen: Task | undefined
    for (const task of service.tasks) {
      if (task.desiredStopped || mustLeave(task) || isProtected(world, task) || (task.healthy && spare <= 0)) continue
      if (chosen === undefined || isFuller(service, task.instance, chosen.instance)) chosen = task
    }
    if (chosen === undefined) {
      service.steady = false
      return
    }
    if (chosen.healthy) spare -= 1
    stopTask(world, chosen)
  }
}

const isFuller = ({ perZone, perInstance }: Service, one: Instance, other: Instance): boolean => {
  const more = (perZone[one.zone] as number) - (perZone[other.zone] as number)
  return more > 0 || (more === 0 && (perInstance[one.number] as number) > (perInstance[other.number] as number))
}

/**
 * A daemon has one task on each ACTIVE instance, the first there. On a draining one it is the last to stop, and nothing takes its
 * place (AWS: ecs_service-options). A deployment stops the old ones as far as the minimum of the instances allows, and new ones follow.
 */
const daemonPass = (world: World, service: Service): void => {
  let spare = service.healthy - leastDaemons(world, service)
  for (const group of world.groups) {
    for (const instance of group.records) {
      placeDaemon(world, service, instance)
      const own = instance.tasks.find((task) => task.service === service && !task.desiredStopped)
      if (own === undefined) continue
      if (instance.status === DRAINING && !hasReplicas(world, instance)) stopTask(world, own)
      if (instance.status !== ACTIVE || own.deployment === service.deployment || (own.healthy && spare <= 0)) continue
      if (own.healthy) spare -= 1
      stopTask(world, own)
    }
  }
}

const placeDaemon = (world: World, daemon: Service, instance: Instance): void => {
  if (isMissing(daemon, instance) && takes(instance, daemon)) placeTask(world, instance, daemon, null)
}

const leastDaemons = ({ groups }: World, { plan }: Service): number => {
  let active = 0
  for (const { records } of groups) for (const { status } of records) if (status === ACTIVE) active += 1
  return Math.ceil((active * plan.minimumHealthyPercent) / 100)
}

const hasReplicas = (world: World, { tasks }: Instance): boolean => {
  const merelyRunning = daemonsStopEarly(world)
  return tasks.some(
    ({ service, status }) => service?.plan.schedulingStrategy === 'REPLICA' && (!merelyRunning || status <= RUNNING),
  )
}
