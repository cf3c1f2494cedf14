/**
 * Tasks, from their appearance on an instance to STOPPED (AWS: ECS developer guide, task-lifecycle-explanation). Each step has
 * its own duration, and those that the agent takes wait for a connected agent.
 */
import { faultNumber } from '../kernel/faults.ts'
import { kindNumber } from '../trace/trace-writer.ts'
import {
  ACTIVATING,
  DEACTIVATING,
  DEPROVISIONING,
  DRAINING,
  IN_FLIGHT,
  INACTIVE,
  NONE,
  PENDING,
  PROVISIONING,
  RUNNING,
  STOPPED,
  STOPPING,
} from './codes.ts'
import type { Core } from './core.ts'
import { packed } from './history.ts'
import { STANDALONE_ENDS, TASK_APPEARS, TASK_COUNTS, TASK_STEP } from './occurrences.ts'
import { createTask, type InstanceRecord, type JobRecord, type ServiceRecord, type TaskRecord } from './records.ts'

/** Whom a task's changes concern. */
export interface TaskListener {
  created(task: TaskRecord): void
  /** Something the scheduler of this task's service, or of daemons beside it, should look at. */
  changed(task: TaskRecord): void
  stopped(task: TaskRecord): void
  appearedOnDraining(instance: InstanceRecord): void
  /** A fault: the agent loses its connection as it is about to act. */
  agentLost(instance: InstanceRecord, key: number): void
}

export interface Tasks {
  /** Reserves room on the instance; the task appears there a moment later. */
  place(service: ServiceRecord | null, job: JobRecord | null, instance: InstanceRecord): TaskRecord
  /** A task of second zero, RUNNING and healthy. */
  placeRunning(service: ServiceRecord, instance: InstanceRecord): void
  appears(task: TaskRecord): void
  step(task: TaskRecord, turn: number, next: number): void
  counts(task: TaskRecord, turn: number): void
  standaloneEnds(task: TaskRecord, turn: number): void
  stop(task: TaskRecord): void
  /** To be replaced, or no longer. */
  setReplace(task: TaskRecord, replace: boolean): void
  /** The host is gone: nothing of it runs any more, though ECS does not know. */
  hostGone(task: TaskRecord): void
  /** ECS has noticed. */
  hostGoneNoticed(task: TaskRecord): void
  agentBack(instance: InstanceRecord): void
}

const TASK_PLACED = kindNumber('task-placed')
const TASK_LAST_STATUS = kindNumber('task-last-status')
const TASK_DESIRED_STATUS = kindNumber('task-desired-status')
const TASK_HEALTHY = kindNumber('task-healthy')
const TASK_KILLED = kindNumber('task-killed')
const AGENT_FAULT = faultNumber('agent.disconnect')

// A step's occurrence carries the turn it belongs to and the status it leads to.
const statusBits = 3
export const turnIn = (word: number): number => word >> statusBits
export const nextIn = (word: number): number => word & 7

/** Steps that ECS takes without the host: the load balancer's and the network's. */
const needsAgent = (next: number, from: number): boolean =>
  next !== PENDING && next !== DEACTIVATING && from !== DEPROVISIONING

export const createTasks = (core: Core, listener: TaskListener): Tasks => {
  const { clock, settings, tell, after, faults, tasks, taskHistories: histories } = core
  const inFlight = settings.time('scheduler.placementInFlight')
  const provisioning = settings.time('task.provisioning')
  const pending = settings.time('task.pending')
  const deprovisioning = settings.time('task.deprovisioning')
  const report = settings.time('agent.report')
  const healthyAfterRunning = settings.time('scheduler.healthyAfterRunning')

  const remember = (task: TaskRecord): void => {
    // The version grows with each change; so it numbers the entries as well.
    histories.add(task.number, task.version, clock.now, packed(task.status, task.desiredStopped, task.version + 1))
    task.version += 1
  }

  const goOn = (task: TaskRecord, delay: number, next: number): void =>
    after(delay, TASK_STEP, task.number, (task.turn << statusBits) | next)

  const reserve = (service: ServiceRecord | null, job: JobRecord | null, instance: InstanceRecord): TaskRecord => {
    const task = createTask(tasks.length, service, job, instance)
    tasks.push(task)
    listener.created(task)
    instance.tasks.push(task)
    instance.open += 1
    if (service !== null) {
      service.wanted += 1
      service.occupying += 1
      service.placements += 1
      service.tasks.push(task)
      instance.ofService[service.number] = (instance.ofService[service.number] as number) + 1
      service.perZone[instance.zone] = (service.perZone[instance.zone] as number) + 1
      // A daemon's room is kept free on every instance from the start.
      if (service.daemon) return task
      if (service.plan.hostPort !== null) instance.portsInUse.push(service.plan.hostPort)
      instance.cpuFree -= service.plan.cpu
      instance.memoryFree -= service.plan.memory
    } else if (job !== null) {
      instance.cpuFree -= job.plan.cpu
      instance.memoryFree -= job.plan.memory
    }
    return task
  }

  const release = (task: TaskRecord): void => {
    const { service, job, instance } = task
    instance.open -= 1
    if (service !== null) {
      if (service.daemon) return
      if (service.plan.hostPort !== null)
        instance.portsInUse.splice(instance.portsInUse.indexOf(service.plan.hostPort), 1)
      instance.cpuFree += service.plan.cpu
      instance.memoryFree += service.plan.memory
    } else if (job !== null) {
      instance.cpuFree += job.plan.cpu
      instance.memoryFree += job.plan.memory
    }
  }

  const place: Tasks['place'] = (service, job, instance) => {
    const task = reserve(service, job, instance)
    after(inFlight.draw(task.number, 0), TASK_APPEARS, task.number, 0)
    return task
  }

  const placeRunning: Tasks['placeRunning'] = (service, instance) => {
    const task = reserve(service, null, instance)
    tell(TASK_PLACED, task.number, instance.number)
    setStatus(task, RUNNING)
    task.healthy = true
    service.healthy += 1
    becomeHealthy(task)
  }

  /** Until it appears it has no record: a task whose instance left ECS in the meantime never existed. */
  const appears: Tasks['appears'] = (task) => {
    const { instance } = task
    if (instance.containerInstance === INACTIVE) {
      leaveWanted(task)
      leaveOccupying(task)
      task.status = STOPPED
      release(task)
      listener.changed(task)
      return
    }
    tell(TASK_PLACED, task.number, instance.number)
    enter(task, task.service?.plan.awsvpc === true ? PROVISIONING : PENDING)
    // DRAINING does not call a placement back: the task lands all the same, and is stopped then.
    if (instance.containerInstance === DRAINING) listener.appearedOnDraining(instance)
  }

  const setStatus = (task: TaskRecord, status: number): void => {
    const before = task.status
    task.status = status
    remember(task)
    tell(TASK_LAST_STATUS, task.number, status)
    if (before <= RUNNING && status > RUNNING) leaveOccupying(task)
  }

  const leaveOccupying = ({ service }: TaskRecord): void => {
    if (service !== null) service.occupying -= 1
  }

  /** It no longer counts among the tasks its service wants. */
  const leaveWanted = (task: TaskRecord): void => {
    if (task.desiredStopped) return
    task.desiredStopped = true
    const { service, instance } = task
    if (service === null) return
    service.wanted -= 1
    instance.ofService[service.number] = (instance.ofService[service.number] as number) - 1
    service.perZone[instance.zone] = (service.perZone[instance.zone] as number) - 1
    if (task.replace) service.outgoing -= 1
    if (task.healthy) {
      task.healthy = false
      service.healthy -= 1
    }
  }

  const becomeHealthy = (task: TaskRecord): void => {
    task.reallyHealthy = true
    tell(TASK_HEALTHY, task.number, 1)
  }

  const noLongerHealthy = (task: TaskRecord): void => {
    if (!task.reallyHealthy) return
    task.reallyHealthy = false
    tell(TASK_HEALTHY, task.number, 0)
  }

  const enter = (task: TaskRecord, status: number): void => {
    setStatus(task, status)
    const { service, job, number } = task
    if (status === PROVISIONING) goOn(task, provisioning.draw(number, 0), PENDING)
    else if (status === PENDING) goOn(task, pending.draw(number, 0) + report.draw(number, PENDING), ACTIVATING)
    else if (status === ACTIVATING) {
      const work = service === null ? 0 : service.pull.draw(number, 0) + service.start.draw(number, 1)
      goOn(task, work + report.draw(number, ACTIVATING), RUNNING)
    } else if (status === RUNNING) run(task)
    else if (status === DEACTIVATING) {
      const delay = (service?.plan.loadBalancer?.deregistrationDelaySeconds ?? 0) * 1000
      goOn(task, Math.round(delay) + report.draw(number, DEACTIVATING), STOPPING)
    } else if (status === STOPPING) {
      goOn(task, exitMs(service, job, number) + report.draw(number, STOPPING), afterStopping(task))
    } else if (status === DEPROVISIONING) goOn(task, deprovisioning.draw(number, 0), STOPPED)
    else finish(task)
  }

  /** SIGTERM; SIGKILL at the stop timeout. */
  const exitMs = (service: ServiceRecord | null, job: JobRecord | null, number: number): number => {
    if (service !== null)
      return Math.min(service.exit.draw(number, 2), Math.round(service.plan.stopTimeoutSeconds * 1000))
    return job === null ? 0 : Math.min(job.exit.draw(number, 2), Math.round(job.plan.stopTimeoutSeconds * 1000))
  }

  const afterStopping = ({ service }: TaskRecord): number => (service?.plan.awsvpc === true ? DEPROVISIONING : STOPPED)

  /**
   * It counts towards minimumHealthyPercent when the load balancer and the container's own check say so, and without
   * either 40 seconds after RUNNING (AWS: ECS API, DeploymentConfiguration).
   */
  const run = (task: TaskRecord): void => {
    const { service, job, number } = task
    if (job !== null) {
      after(job.runs.draw(number, 0), STANDALONE_ENDS, number, task.turn)
      return
    }
    if (service === null) return
    const { loadBalancer, healthCheck } = service
    const balanced = loadBalancer === null ? 0 : loadBalancer.draw(number, 3)
    const checked = healthCheck === null ? 0 : healthCheck.draw(number, 4)
    const unchecked = loadBalancer === null && healthCheck === null
    const delay = unchecked ? healthyAfterRunning.draw(number, 0) : Math.max(balanced, checked)
    after(delay, TASK_COUNTS, number, task.turn)
  }

  const counts: Tasks['counts'] = (task, turn) => {
    if (task.turn !== turn || task.service === null) return
    task.healthy = true
    task.service.healthy += 1
    becomeHealthy(task)
    listener.changed(task)
  }

  const finish = (task: TaskRecord): void => {
    task.stoppedAt = clock.now
    release(task)
    listener.stopped(task)
  }

  const step: Tasks['step'] = (task, turn, next) => {
    if (task.turn !== turn) return
    const { instance } = task
    if (needsAgent(next, task.status)) {
      if (instance.agentConnected && faults.strikes(AGENT_FAULT, task.number, next))
        listener.agentLost(instance, task.number)
      if (!instance.agentConnected) {
        task.parked = next
        return
      }
    }
    enter(task, next)
  }

  const tellToStop = (task: TaskRecord): void => {
    leaveWanted(task)
    task.turn += 1
    task.parked = NONE
    remember(task)
    tell(TASK_DESIRED_STATUS, task.number, 1)
    noLongerHealthy(task)
  }

  const stop: Tasks['stop'] = (task) => {
    if (task.desiredStopped || task.status === IN_FLIGHT) return
    tellToStop(task)
    if (task.hostGone) return
    const { service, status, number } = task
    const delay = report.draw(number, 8)
    if (status < ACTIVATING) goOn(task, delay, afterStopping(task))
    else if (status === RUNNING && service !== null && service.plan.loadBalancer !== null)
      goOn(task, delay, DEACTIVATING)
    else goOn(task, delay, STOPPING)
  }

  /** Its essential container has exited by itself. */
  const standaloneEnds: Tasks['standaloneEnds'] = (task, turn) => {
    if (task.turn !== turn) return
    if (!task.instance.agentConnected) {
      task.parked = STOPPED
      return
    }
    tellToStop(task)
    goOn(task, report.draw(task.number, 9), STOPPED)
  }

  const setReplace: Tasks['setReplace'] = (task, replace) => {
    const { service } = task
    if (service === null || task.desiredStopped || task.replace === replace) return
    task.replace = replace
    service.outgoing += replace ? 1 : -1
    if (replace) service.outgoingTasks.push(task)
  }

  const hostGone: Tasks['hostGone'] = (task) => {
    if (task.status === STOPPED || task.status === IN_FLIGHT || task.hostGone) return
    task.hostGone = true
    task.turn += 1
    task.parked = NONE
    tell(TASK_KILLED, task.number, task.status)
    noLongerHealthy(task)
  }

  const hostGoneNoticed: Tasks['hostGoneNoticed'] = (task) => {
    if (task.status === STOPPED || task.status === IN_FLIGHT) return
    if (!task.desiredStopped) tellToStop(task)
    setStatus(task, STOPPED)
    finish(task)
  }

  const agentBack: Tasks['agentBack'] = (instance) => {
    for (const task of instance.tasks) {
      if (task.parked === NONE) continue
      const next = task.parked
      task.parked = NONE
      if (next === STOPPED && !task.desiredStopped) tellToStop(task)
      goOn(task, report.draw(task.number, 10 + task.turn), next)
    }
  }

  return {
    place,
    placeRunning,
    appears,
    step,
    counts,
    standaloneEnds,
    stop,
    setReplace,
    hostGone,
    hostGoneNoticed,
    agentBack,
  }
}
