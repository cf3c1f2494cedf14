/**
 * One pass of the service scheduler: what to start, where, and what to stop, between ceil(desired x minimum) healthy
 * and floor(desired x maximum) running or pending tasks (AWS: ECS developer guide, container-instance-draining and
 * deployment-type-ecs; API reference, DeploymentConfiguration).
 */
import { ACTIVE, DRAINING, INACTIVE, PLACEMENT_FAILED, RUNNING, STOPPED } from '../trace/kind-numbers.ts'
import { placementFailures } from '../trace/trace.ts'
import { drawn } from './chance.ts'
import { purposeOf } from './parameters.ts'
import { record } from './record.ts'
import { schedulePass } from './scheduler-wake.ts'
import type { Instance, Service, Task, World } from './state.ts'
import { placeTask, stopTask } from './tasks.ts'

export const schedulerPass = (world: World, service: Service): void => {
  service.passScheduled = false
  service.steady = true
  if (service.plan.schedulingStrategy === 'DAEMON') return daemonPass(world, service)
  const count = countTasks(service)
  // Starting and stopping are two decisions of one look at the same tasks.
  startTasks(world, service, count)
  stopTasks(world, service, count)
}

interface Count {
  /** Not told to stop. */
  wanted: number
  healthy: number
  /** Wanted, and to stay: on an instance that does not drain, of the current deployment. */
  keepers: number
  leaving: Array<Task>
}

const countTasks = (service: Service): Count => {
  const count: Count = { wanted: 0, healthy: 0, keepers: 0, leaving: [] }
  for (const task of service.tasks) {
    if (task.desiredStopped) continue
    count.wanted += 1
    if (task.healthy) count.healthy += 1
    if (mustLeave(task, service)) count.leaving.push(task)
    else count.keepers += 1
  }
  return count
}

const mustLeave = (task: Task, service: Service): boolean =>
  task.instance.status === DRAINING || task.deployment !== service.deployment

const startTasks = (world: World, service: Service, count: Count): void => {
  const missing = Math.min(service.desired - count.keepers, service.ceiling - count.wanted)
  if (missing <= 0) return
  if (world.now < service.backoffUntil) return schedulePass(world, service, service.backoffUntil)
  const minute = Math.floor(world.now / 60_000)
  if (minute !== service.minute) {
    service.minute = minute
    service.launchedInMinute = 0
  }
  const perMinute = world.settings['scheduler.launchesPerMinute'].from
  for (let started = 0; started < missing; started += 1) {
    if (service.launchedInMinute >= perMinute) return schedulePass(world, service, (minute + 1) * 60_000)
    const choice = chooseInstance(world, service)
    if (typeof choice === 'number') {
      record(world, PLACEMENT_FAILED, service.number, choice)
      service.backoffUntil = world.now + drawn(world, world.settings['scheduler.backoff'], service.number)
      return schedulePass(world, service, service.backoffUntil)
    }
    placeTask(world, choice, service, null)
    service.launchedInMinute += 1
    count.wanted += 1
    count.keepers += 1
  }
}

/** Tasks that must leave stop as far as the floor allows; one that is not healthy does not count towards it. */
const stopTasks = (world: World, service: Service, { healthy, keepers, leaving }: Count): void => {
  const perPass = world.settings['scheduler.stopsPerPass'].from || Number.POSITIVE_INFINITY
  let spare = healthy - service.floor
  let stopped = 0
  for (const task of leaving) {
    if (stopped === perPass) return schedulePass(world, service)
    if (task.healthy && spare <= 0) continue
    if (task.healthy) spare -= 1
    stopTask(world, task)
    stopped += 1
  }
  if (keepers > service.desired) stopSurplus(world, service, keepers - service.desired)
}

/** Scale-in of the service: the instances with most of its tasks give first (AWS: ecs_service-options). */
const stopSurplus = (world: World, service: Service, surplus: number): void => {
  for (let stopped = 0; stopped < surplus; stopped += 1) {
    const candidates = service.tasks.filter((task) => !task.desiredStopped && !mustLeave(task, service))
    const crowd = (task: Task): number => candidates.filter((other) => other.instance === task.instance).length
    let chosen: Task | undefined
    for (const task of candidates) if (chosen === undefined || crowd(task) > crowd(chosen)) chosen = task
    if (chosen === undefined) return
    stopTask(world, chosen)
  }
}

/**
 * CPU, memory and ports decide who can; the zone and then the instance with the fewest tasks of the service are chosen
 * (AWS: ecs_service-options, task-placement-strategies). Nothing here avoids an instance that is about to be replaced.
 * A number is the reason why none will do.
 */
const chooseInstance = (world: World, service: Service): Instance | number => {
  const { cpu, memory, hostPort } = service.plan
  const perZone = new Int32Array(64)
  const perInstance = new Int32Array(world.instances.length)
  for (const task of service.tasks) {
    if (task.desiredStopped) continue
    perInstance[task.instance.number] = (perInstance[task.instance.number] as number) + 1
    if (isEligible(task.instance)) perZone[task.instance.zone] = (perZone[task.instance.zone] as number) + 1
  }
  let best: Instance | null = null
  let ties = 0
  let failure = placementFailures.indexOf('NONE-ACTIVE')
  for (const group of world.groups) {
    for (const instance of group.instances) {
      if (instance.status === ACTIVE && !instance.agentConnected) failure = placementFailures.indexOf('AGENT')
      if (!isEligible(instance)) continue
      if (instance.cpuFree < cpu) failure = placementFailures.indexOf('RESOURCE:CPU')
      else if (instance.memoryFree < memory) failure = placementFailures.indexOf('RESOURCE:MEMORY')
      else if (hostPort !== null && instance.ports.has(hostPort)) failure = placementFailures.indexOf('RESOURCE:PORTS')
      else {
        const order = best === null ? -1 : compare(instance, best, perZone, perInstance)
        if (order > 0) continue
        ties = order < 0 ? 1 : ties + 1
        // Among equals chance decides, one in so many.
        if (order < 0 || world.draws.next(purposeOf('place'), service.number) % ties === 0) best = instance
      }
    }
  }
  return best ?? failure
}

const compare = (one: Instance, other: Instance, perZone: Int32Array, perInstance: Int32Array): number =>
  (perZone[one.zone] as number) - (perZone[other.zone] as number) ||
  (perInstance[one.number] as number) - (perInstance[other.number] as number)

/** Only a registered, ACTIVE instance with a connected agent takes tasks. */
export const isEligible = ({ status, agentConnected }: Instance): boolean => status === ACTIVE && agentConnected

/**
 * A daemon has one task on each ACTIVE instance. On a draining one it is the last to stop, and nothing takes its place
 * (AWS: ecs_service-options).
 */
const daemonPass = (world: World, service: Service): void => {
  for (const group of world.groups) {
    for (const instance of group.instances) {
      const own = instance.tasks.find((task) => task.service === service && !task.desiredStopped)
      if (own === undefined && isEligible(instance) && instance.cpuFree >= service.plan.cpu) {
        placeTask(world, instance, service, null)
      }
      if (own !== undefined && instance.status === DRAINING && !hasReplicas(world, instance)) stopTask(world, own)
      if (own !== undefined && instance.status === INACTIVE) stopTask(world, own)
    }
  }
}

const hasReplicas = (world: World, instance: Instance): boolean => {
  const merelyRunning = world.settings['daemon.stopsWhenReplicasNotRunning'].from === 1
  return instance.tasks.some(
    (task) =>
      task.service?.plan.schedulingStrategy === 'REPLICA' &&
      task.status !== STOPPED &&
      (!merelyRunning || task.status <= RUNNING),
  )
}
