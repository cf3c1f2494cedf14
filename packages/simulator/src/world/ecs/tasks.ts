/**
 * The life of a task: PROVISIONING, PENDING, ACTIVATING, RUNNING, DEACTIVATING, STOPPING, DEPROVISIONING, STOPPED (AWS:
 * ECS developer guide, task-lifecycle-explanation). Each stage takes its own time, and those that the agent carries out
 * wait while it is disconnected.
 */
import {
  ACTIVATING,
  DEACTIVATING,
  DEPROVISIONING,
  DRAINING,
  PENDING,
  PROVISIONING,
  RUNNING,
  STOPPED,
  STOPPING,
  TASK_DESIRED_STATUS,
  TASK_HEALTHY,
  TASK_LAST_STATUS,
  TASK_PLACED,
} from '../../trace/kind-numbers.ts'
import { containerInstanceChanged, sendTaskStopped } from '../bus.ts'
import { drawn, occursAfter } from '../chance.ts'
import { PENDING_TASK_STOPS, TASK_ADVANCES, TASK_EXITS, TASK_LANDS, TASK_TURNS_HEALTHY } from '../occurrences.ts'
import { type Bounds, purposeOf } from '../parameters.ts'
import { record } from '../record.ts'
import type { Instance, Service, Task, World } from '../state.ts'
import { agentMayGo } from './agent-loss.ts'
import { capacityChanged } from './candidates.ts'
import { schedulePass, servicesMayMove } from './scheduler-wake.ts'

const startPurpose = purposeOf('start')

/** A stage's word is the task's number and the last bits of its stage: integer arithmetic, for it is done for each of them. */
const stageBits = 4
const stageMask = (1 << stageBits) - 1

/** A task of the cast. Its id is made when somebody asks: most runs never print one. */
class CastTask {
  readonly service: number
  readonly #world: World
  readonly #number: number

  constructor(world: World, number: number, service: number) {
    this.#world = world
    this.#number = number
    this.service = service
  }

  get id(): string {
    return this.#world.directory.taskArn(this.#number).slice(-32)
  }
}

/** A task chosen for an instance. It takes a moment to get there, and DRAINING in between does not call it back (R5). */
export const placeTask = (
  world: World,
  instance: Instance,
  service: Service | null,
  standalone: Task['standalone'],
  startsHealthy = false,
): Task => {
  const task: Task = {
    number: world.tasks.length,
    service,
    standalone,
    deployment: service?.deployment ?? 0,
    instance,
    status: PROVISIONING,
    desiredStopped: false,
    healthy: false,
    version: 0,
    stage: 0,
    stalled: false,
    unheard: false,
    stopsAtOnce: false,
    landed: false,
    protectedUntil: 0,
    shownStatus: PROVISIONING,
    shownDesiredStopped: false,
    shownVersion: 0,
    visibleFrom: 0,
    changedAt: 0,
  }
  world.tasks.push(task)
  world.cast.tasks.push(new CastTask(world, task.number, service?.number ?? -1))
  const { cpu, memory } = demandOf(task)
  instance.cpuFree -= cpu
  instance.memoryFree -= memory
  const port = service?.plan.hostPort ?? null
  if (port !== null) instance.ports.add(port)
  instance.tasks.push(task)
  instance.placed.push(task)
  if (service !== null) {
    service.tasks.add(task)
    service.occupying += 1
    count(service, instance, 1)
  }
  capacityChanged(world, instance)
  containerInstanceChanged(world, instance)
  if (startsHealthy) startRunning(world, task)
  else occursAfter(world, world.settings['scheduler.placementInFlight'], TASK_LANDS, task.number)
  return task
}

/** Second zero: the task has been running, and healthy, for long. */
const startRunning = (world: World, task: Task): void => {
  appear(world, task)
  changeStatus(world, task, RUNNING)
  task.shownStatus = RUNNING
  task.shownVersion = task.version
  task.visibleFrom = 0
  setHealthy(world, task, true)
}

const demandOf = ({ service, standalone }: Task): { readonly cpu: number; readonly memory: number } =>
  service?.plan ?? standalone?.plan ?? noDemand

const noDemand = { cpu: 0, memory: 0 }

/** Counts of the tasks that are not told to stop, kept as they change: the scheduler asks for them all the time. */
const count = (service: Service, instance: Instance, change: 1 | -1): void => {
  if (instance.number >= service.perInstance.length) {
    const wide = new Int32Array(Math.max(service.perInstance.length * 2, instance.number + 1))
    wide.set(service.perInstance)
    service.perInstance = wide
  }
  service.wanted += change
  service.perInstance[instance.number] = (service.perInstance[instance.number] as number) + change
  service.perZone[instance.zone] = (service.perZone[instance.zone] as number) + change
}

export const taskLands = (world: World, task: Task): void => {
  if (task.status === STOPPED) return
  appear(world, task)
  enter(world, task, task.service?.plan.awsvpc === true ? PROVISIONING : PENDING)
  if (task.instance.status === DRAINING) stopIfPending(world, task)
}

const appear = (world: World, task: Task): void => {
  task.landed = true
  record(world, TASK_PLACED, task.number, task.instance.host.number)
}

/** On a draining instance ECS stops a service's tasks that do not run yet, whatever the minimum says (AWS: container-instance-draining). */
export const stopIfPending = (world: World, task: Task): void => {
  if (task.service === null || !task.landed || task.status >= RUNNING) return
  occursAfter(world, world.settings['ecs.stopsPending'], PENDING_TASK_STOPS, task.number)
}

export const pendingTaskStops = (world: World, task: Task): void => {
  if (task.status < RUNNING && task.instance.status === DRAINING) stopTask(world, task)
}

/** The stage that was under way is over. `word` is the task's number and the stage it meant. */
export const taskAdvances = (world: World, word: number): void => {
  const task = world.tasks[word >> stageBits] as Task
  if ((task.stage & stageMask) !== (word & stageMask)) return
  if (isAgentsWork(task) && !isReachable(task.instance)) {
    task.stalled = true
    return
  }
  switch (task.status) {
    case PROVISIONING:
      return enter(world, task, task.desiredStopped ? DEPROVISIONING : PENDING)
    case PENDING:
      return enter(world, task, task.desiredStopped ? afterStopping(task) : ACTIVATING)
    case ACTIVATING:
      return enter(world, task, task.desiredStopped ? STOPPING : RUNNING)
    case RUNNING:
      // Told to stop, and the agent has heard of it.
      return enter(world, task, deregistersFirst(task) ? DEACTIVATING : STOPPING)
    case DEACTIVATING:
      return enter(world, task, STOPPING)
    case STOPPING:
      return enter(world, task, afterStopping(task))
    case DEPROVISIONING:
      return enter(world, task, STOPPED)
  }
}

/** ECS has a target deregistered by itself; everything else is done on the host. */
const isAgentsWork = (task: Task): boolean =>
  task.status !== DEACTIVATING && !(task.status === RUNNING && deregistersFirst(task))

const isReachable = ({ alive, agentConnected }: Instance): boolean => alive && agentConnected

const deregistersFirst = ({ service, stopsAtOnce }: Task): boolean =>
  service !== null && service.plan.loadBalancer !== null && !stopsAtOnce

const afterStopping = (task: Task): number => (task.service?.plan.awsvpc === true ? DEPROVISIONING : STOPPED)

const enter = (world: World, task: Task, status: number): void => {
  changeStatus(world, task, status)
  const { settings } = world
  switch (status) {
    case PROVISIONING:
      return advanceAfter(world, task, settings['task.provisioning'])
    case PENDING:
      return advanceAfter(world, task, settings['task.pending'])
    case ACTIVATING:
      return activates(world, task)
    case RUNNING:
      return runs(world, task)
    case DEACTIVATING:
      return advanceAt(
        world,
        task,
        world.now + Math.round((task.service?.plan.loadBalancer?.deregistrationDelaySeconds ?? 0) * 1000),
      )
    case STOPPING:
      return exits(world, task)
    case DEPROVISIONING:
      return advanceAfter(world, task, settings['task.deprovisioning'])
    case STOPPED:
      return stopped(world, task)
  }
}

const activates = (world: World, task: Task): void => {
  if (task.service === null) {
    const { from, to } = world.settings['task.standaloneStart']
    return advanceAfter(world, task, { from, to, purpose: startPurpose })
  }
  const pull = drawn(world, task.service.pull, task.number)
  advanceAt(world, task, world.now + pull + drawn(world, task.service.start, task.number))
}

const runs = (world: World, task: Task): void => {
  if (task.service === null) {
    if (task.standalone !== null) occursAfter(world, task.standalone.runs, TASK_EXITS, task.number)
    return
  }
  const { health, alsoHealth } = task.service
  const takes = drawn(world, health ?? world.settings['scheduler.healthyAfterRunning'], task.number)
  const alsoTakes = alsoHealth === null ? 0 : drawn(world, alsoHealth, task.number)
  world.queue.schedule(world.now + Math.max(takes, alsoTakes), TASK_TURNS_HEALTHY, task.number)
}

export const taskTurnsHealthy = (world: World, task: Task): void => {
  if (task.desiredStopped || !task.instance.alive) return
  // A load balancer tells ECS by itself.
  if ((task.service?.plan.healthCheckSeconds ?? null) !== null && waitsForAgent(task)) return
  setHealthy(world, task, true)
  if (task.service !== null) schedulePass(world, task.service)
}

/** A standalone task has done its work. */
export const taskExits = (world: World, task: Task): void => {
  if (task.desiredStopped || !task.instance.alive || waitsForAgent(task)) return
  stopTask(world, task)
}

/** What the agent can't report yet, it reports when it is back. */
const waitsForAgent = (task: Task): boolean => {
  task.stalled = !isReachable(task.instance)
  return task.stalled
}

/** ECS wants the task stopped. It says so at once, and the agent hears of it in its own time. */
export const stopTask = (world: World, task: Task): void => {
  if (task.desiredStopped) return
  wantStopped(world, task)
  task.version += 1
  if (task.healthy) setHealthy(world, task, false)
  if (task.landed) advanceAfter(world, task, world.settings['agent.report'])
  agentMayGo(world, task.instance)
}

/**
 * StopTask is the equivalent of `docker stop` (AWS: API reference). Only what the scheduler stops was seen to be deregistered first
 * (github.com/aws/amazon-ecs-agent/issues/2316).
 */
export const stopOnRequest = (world: World, task: Task): void => {
  if (!task.desiredStopped) task.stopsAtOnce = world.settings['stopTask.deregistersFirst'].from === 0
  stopTask(world, task)
}

/** On an instance that drains, or of an older deployment: something else has to take its place. */
export const mustLeave = ({ instance, deployment, service }: Task): boolean =>
  instance.status === DRAINING || (service !== null && deployment !== service.deployment)

/** The tasks of an instance must leave from now on, or no longer must. */
export const leaveWith = ({ tasks }: Instance, leaves: boolean): void => {
  for (const task of tasks) {
    const { service, deployment, desiredStopped } = task
    if (service === null || desiredStopped || deployment !== service.deployment) continue
    if (leaves) insert(service.leaving, task)
    else remove(service.leaving, task)
  }
}

/** They come instance by instance, and are to be in the order of their numbers. */
const insert = (tasks: Array<Task>, task: Task): void => {
  let at = tasks.length
  while (at > 0 && (tasks[at - 1] as Task).number > task.number) at -= 1
  tasks.splice(at, 0, task)
}

/** After a deployment, which changes it for all tasks of the service. */
export const leaveAfterDeployment = (service: Service): void => {
  service.leaving = [...service.tasks].filter((task) => !task.desiredStopped && mustLeave(task))
}

const wantStopped = (world: World, task: Task): void => {
  remember(world, task)
  if (task.service !== null) {
    count(task.service, task.instance, -1)
    capacityChanged(world, task.instance)
    if (mustLeave(task)) remove(task.service.leaving, task)
  }
  task.desiredStopped = true
  record(world, TASK_DESIRED_STATUS, task.number, 1)
  if (!tellsWhenFree(world)) containerInstanceChanged(world, task.instance)
}

const tellsWhenFree = ({ settings }: World): boolean => settings['ecs.tellsWhenTaskStopped'].from === 1

const exits = (world: World, task: Task): void => {
  const owner = task.service ?? task.standalone
  if (owner === null) return
  // ECS waits for an agent that has not heard of it.
  if (!isReachable(task.instance)) {
    task.stage += 1
    task.stalled = true
    task.unheard = true
    return
  }
  const report = drawn(world, world.settings['agent.report'], task.number)
  // SIGTERM, and SIGKILL at the stop timeout.
  const exit = Math.min(drawn(world, owner.exit, task.number), Math.round(owner.plan.stopTimeoutSeconds * 1000))
  advanceAt(world, task, world.now + exit + report)
}

/** Nothing of it runs any more: its place is free, and the event goes out. */
const stopped = (world: World, task: Task): void => {
  const { instance, service } = task
  if (task.healthy) setHealthy(world, task, false)
  const { cpu, memory } = demandOf(task)
  instance.cpuFree += cpu
  instance.memoryFree += memory
  const port = service?.plan.hostPort ?? null
  if (port !== null) instance.ports.delete(port)
  capacityChanged(world, instance)
  remove(instance.tasks, task)
  service?.tasks.delete(task)
  sendTaskStopped(world, task)
  if (tellsWhenFree(world)) containerInstanceChanged(world, instance)
  if (service !== null) schedulePass(world, service)
  servicesMayMove(world, instance)
}

/** ECS learns that the host is gone, or gives up on its record: whatever it thought was running there has stopped. */
export const stopAsLost = (world: World, task: Task): void => {
  if (!task.landed) appear(world, task)
  if (!task.desiredStopped) wantStopped(world, task)
  task.stage += 1
  enter(world, task, STOPPED)
}

/** The agent is back: what waited for it goes on. */
export const resumeTasks = (world: World, instance: Instance): void => {
  for (const task of instance.tasks) {
    if (!task.stalled) continue
    task.stalled = false
    if (task.status === RUNNING && !task.desiredStopped) {
      const told = task.service === null ? TASK_EXITS : TASK_TURNS_HEALTHY
      occursAfter(world, world.settings['agent.report'], told, task.number)
      continue
    }
    if (!task.unheard) {
      advanceAfter(world, task, world.settings['agent.report'])
      continue
    }
    task.unheard = false
    exits(world, task)
  }
}

const setHealthy = (world: World, task: Task, healthy: boolean): void => {
  task.healthy = healthy
  if (task.service !== null) task.service.healthy += healthy ? 1 : -1
  // A host's death has told it already, in truth if not to ECS.
  if (healthy || task.instance.alive) record(world, TASK_HEALTHY, task.number, healthy ? 1 : 0)
}

const changeStatus = (world: World, task: Task, status: number): void => {
  remember(world, task)
  if (task.service !== null && task.status <= RUNNING && status > RUNNING) {
    task.service.occupying -= 1
    if (isShort(task.service)) schedulePass(world, task.service)
    if (daemonsStopEarly(world)) for (const daemon of task.service.daemons) schedulePass(world, daemon)
  }
  task.status = status
  task.version += 1
  record(world, TASK_LAST_STATUS, task.number, status)
}

/** When the replicas beside them no longer run, and not only when these have STOPPED. */
export const daemonsStopEarly = ({ settings }: World): boolean =>
  settings['daemon.stopsWhenReplicasNotRunning'].from === 1

/** maximumPercent kept it from starting a task, so it may start one now. */
const isShort = ({ wanted, leaving, desired }: Service): boolean => wanted - leaving.length < desired

/** Keeps what was shown until the change is visible to List and Describe. */
const remember = (world: World, task: Task): void => {
  if (world.now >= task.visibleFrom) {
    task.shownStatus = task.status
    task.shownDesiredStopped = task.desiredStopped
    task.shownVersion = task.version
  }
  task.changedAt = world.now
  task.visibleFrom = world.now + drawn(world, world.settings['ecs.listLag'], task.number)
}

const advanceAfter = (world: World, task: Task, bounds: Bounds): void =>
  advanceAt(world, task, world.now + drawn(world, bounds, task.number))

const advanceAt = (world: World, task: Task, at: number): void => {
  task.stage += 1
  task.stalled = false
  world.queue.schedule(at, TASK_ADVANCES, (task.number << stageBits) | (task.stage & stageMask))
}

const remove = <Item>(items: Array<Item>, item: Item): void => {
  const index = items.indexOf(item)
  if (index !== -1) items.splice(index, 1)
}
