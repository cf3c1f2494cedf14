/**
 * The service scheduler: it keeps the desired count, replaces tasks on draining instances and of old revisions, and
 * stays within minimumHealthyPercent (rounded up) and maximumPercent (rounded down) (AWS: ECS API, DeploymentConfiguration).
 * It works in passes; each comes some seconds after what it reacts to.
 */
import { kindNumber } from '../trace/trace-writer.ts'
import { ACTIVE, DRAINING, IN_FLIGHT, NONE, RUNNING, STOPPED } from './codes.ts'
import type { Core } from './core.ts'
import { SERVICE_PASS, SERVICE_RETRY } from './occurrences.ts'
import type { Placement } from './placement.ts'
import type { InstanceRecord, ServiceRecord, TaskRecord } from './records.ts'
import type { Tasks } from './tasks.ts'

export interface ServiceScheduler {
  /** Second zero: the desired count is RUNNING and healthy, as far as there is room. */
  begin(service: ServiceRecord): void
  /** Something has changed that the service may have to react to. */
  kick(service: ServiceRecord): void
  kickAll(): void
  kickDaemons(): void
  /** Services that miss tasks: there may be room for them now. */
  kickMissing(): void
  pass(service: ServiceRecord): void
  deploy(service: ServiceRecord): void
  setDesired(service: ServiceRecord, desired: number): void
  /** The desired count is there and healthy, and nothing has to be replaced. */
  isSteady(service: ServiceRecord): boolean
}

const PLACEMENT_FAILED = kindNumber('placement-failed')

const minuteMs = 60_000

/** The two limits for a desired count. */
export const limitsOf = (
  desired: number,
  minimumHealthyPercent: number,
  maximumPercent: number,
): { readonly floor: number; readonly ceiling: number } => ({
  floor: Math.ceil((desired * minimumHealthyPercent) / 100),
  ceiling: Math.floor((desired * maximumPercent) / 100),
})

export const createServiceScheduler = (core: Core, tasks: Tasks, placement: Placement): ServiceScheduler => {
  const { clock, settings, tell, after, services } = core
  const reaction = settings.time('scheduler.reaction')
  const backoff = settings.time('scheduler.backoff')
  const stopsPerPass = settings.count('scheduler.stopsPerPass')
  const launchesPerMinute = settings.count('scheduler.launchesPerMinute')
  const daemonNeedsOnlyNotRunning = settings.count('daemon.stopsWhenReplicasNotRunning') === 1

  const kick: ServiceScheduler['kick'] = (service) => {
    const at = clock.now + reaction.draw(service.number, service.passes)
    if (service.passAt !== NONE && service.passAt <= at) return
    schedulePass(service, at, SERVICE_PASS)
  }

  const schedulePass = (service: ServiceRecord, at: number, kind: number): void => {
    service.passAt = at
    service.passes += 1
    after(at - clock.now, kind, service.number, service.passes)
  }

  const begin: ServiceScheduler['begin'] = (service) => {
    if (service.daemon) {
      for (const instance of placement.known) tasks.placeRunning(service, instance)
      return
    }
    const choose = placement.chooser(service)
    while (service.wanted < service.desired) {
      const instance = choose()
      if (instance === null) return kick(service)
      tasks.placeRunning(service, instance)
    }
  }

  const pass: ServiceScheduler['pass'] = (service) => {
    service.passAt = NONE
    placement.sweep()
    if (service.daemon) passDaemon(service)
    else passReplica(service)
  }

  const passReplica = (service: ServiceRecord): void => {
    const staying = service.wanted - service.outgoing
    const missing = Math.min(service.desired - staying, service.ceiling - service.occupying)
    if (missing > 0) launch(service, missing)
    if (service.outgoing > 0) stopOutgoing(service)
    const surplus = service.wanted - service.outgoing - service.desired
    if (surplus > 0) stopSurplus(service, surplus)
  }

  const launch = (service: ServiceRecord, missing: number): void => {
    if (clock.now < service.launchNotBefore) {
      retryAt(service, service.launchNotBefore)
      return
    }
    if (clock.now - service.minuteStart >= minuteMs) {
      service.minuteStart = clock.now
      service.launchedThisMinute = 0
    }
    const choose = placement.chooser(service)
    for (let count = 0; count < missing; count += 1) {
      if (service.launchedThisMinute >= launchesPerMinute) {
        retryAt(service, service.minuteStart + minuteMs)
        return
      }
      const instance = choose()
      if (instance === null) {
        fail(service, placement.whyNone(service.plan))
        return
      }
      tasks.place(service, null, instance)
      service.launchedThisMinute += 1
    }
  }

  const fail = (service: ServiceRecord, why: number): void => {
    tell(PLACEMENT_FAILED, service.number, why)
    service.failures += 1
    service.launchNotBefore = clock.now + backoff.draw(service.number, service.failures)
    retryAt(service, service.launchNotBefore)
  }

  /** A pass that only tries again: waiting for it alone keeps no run going. */
  const retryAt = (service: ServiceRecord, at: number): void => {
    if (service.passAt === NONE || service.passAt > at) schedulePass(service, at, SERVICE_RETRY)
  }

  const stopOutgoing = (service: ServiceRecord): void => {
    let spare = service.healthy - service.floor
    let stops = stopsPerPass === 0 ? Number.MAX_SAFE_INTEGER : stopsPerPass
    let kept = 0
    const outgoing = service.outgoingTasks
    for (let index = 0; index < outgoing.length; index += 1) {
      const task = outgoing[index] as TaskRecord
      if (task.desiredStopped || !task.replace) continue
      const free = !task.healthy
      if (stops > 0 && task.status !== IN_FLIGHT && (free || spare > 0)) {
        if (!free) spare -= 1
        stops -= 1
        tasks.stop(task)
        continue
      }
      outgoing[kept] = task
      kept += 1
    }
    outgoing.length = kept
    // What this pass was not allowed to stop for its number alone is left to the next.
    if (stops === 0 && kept > 0) kick(service)
  }

  /** Too many: not yet healthy ones first, then from where most are. */
  const stopSurplus = (service: ServiceRecord, surplus: number): void => {
    let spare = service.healthy - service.floor
    for (let count = 0; count < surplus; count += 1) {
      let chosen: TaskRecord | null = null
      for (const task of service.tasks) {
        if (task.desiredStopped || task.replace || task.status === IN_FLIGHT) continue
        if (task.healthy && spare <= 0) continue
        if (chosen === null || isFirstToGo(task, chosen, service)) chosen = task
      }
      if (chosen === null) return
      if (chosen.healthy) spare -= 1
      tasks.stop(chosen)
    }
  }

  const isFirstToGo = (task: TaskRecord, than: TaskRecord, { number, perZone }: ServiceRecord): boolean => {
    if (task.healthy !== than.healthy) return !task.healthy
    const zones = (perZone[task.instance.zone] as number) - (perZone[than.instance.zone] as number)
    if (zones !== 0) return zones > 0
    return (task.instance.ofService[number] as number) > (than.instance.ofService[number] as number)
  }

  /** One task on each ACTIVE instance; on a draining one it is the last to stop. */
  const passDaemon = (service: ServiceRecord): void => {
    for (const instance of placement.known) {
      if (instance.containerInstance !== ACTIVE || !instance.agentConnected) continue
      if (!hasDaemon(instance, service)) tasks.place(service, null, instance)
    }
    if (service.outgoing === 0) return
    let spare = service.healthy - Math.ceil((activeCount() * service.plan.minimumHealthyPercent) / 100)
    let kept = 0
    const outgoing = service.outgoingTasks
    for (let index = 0; index < outgoing.length; index += 1) {
      const task = outgoing[index] as TaskRecord
      if (task.desiredStopped || !task.replace) continue
      const leaves = task.instance.containerInstance === DRAINING
      const may = leaves ? !hasReplicas(task.instance) : !task.healthy || spare > 0
      if (may && task.status !== IN_FLIGHT) {
        if (!leaves && task.healthy) spare -= 1
        tasks.stop(task)
        continue
      }
      outgoing[kept] = task
      kept += 1
    }
    outgoing.length = kept
  }

  /** With a maximum of 100 percent the next one waits until the last one has stopped. */
  const hasDaemon = (instance: InstanceRecord, service: ServiceRecord): boolean =>
    instance.ofService[service.number] !== 0 ||
    instance.tasks.some((task) => task.service === service && task.status !== STOPPED)

  const activeCount = (): number => {
    let count = 0
    for (const { containerInstance } of placement.known) if (containerInstance === ACTIVE) count += 1
    return count
  }

  const hasReplicas = (instance: InstanceRecord): boolean => {
    for (const task of instance.tasks) {
      if (task.service === null || task.service.daemon) continue
      const over = daemonNeedsOnlyNotRunning ? task.status > RUNNING : task.status === STOPPED
      if (!over) return true
    }
    return false
  }

  const deploy: ServiceScheduler['deploy'] = (service) => {
    service.revision += 1
    for (const task of service.tasks) tasks.setReplace(task, true)
    kick(service)
  }

  const setDesired: ServiceScheduler['setDesired'] = (service, desired) => {
    const { floor, ceiling } = limitsOf(desired, service.plan.minimumHealthyPercent, service.plan.maximumPercent)
    service.desired = desired
    service.floor = floor
    service.ceiling = ceiling
    kick(service)
  }

  const isSteady: ServiceScheduler['isSteady'] = (service) => {
    if (service.passAt !== NONE && service.outgoing > 0) return false
    if (!service.daemon) {
      return service.outgoing === 0 && service.wanted === service.desired && service.healthy === service.desired
    }
    if (service.outgoing > 0 || service.healthy < service.wanted) return false
    return placement.known.every(
      (instance) =>
        instance.containerInstance !== ACTIVE || !instance.agentConnected || instance.ofService[service.number] !== 0,
    )
  }

  return {
    begin,
    kick,
    kickAll: () => {
      for (const service of services) kick(service)
    },
    kickDaemons: () => {
      for (const service of services) if (service.daemon) kick(service)
    },
    kickMissing: () => {
      for (const service of services) if (service.wanted - service.outgoing < service.desired) kick(service)
    },
    pass,
    deploy,
    setDesired,
    isSteady,
  }
}
