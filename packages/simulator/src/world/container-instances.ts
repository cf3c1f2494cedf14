/**
 * ECS's view of hosts: registration, DRAINING, the agent's connection, and what becomes of the record when the host is
 * gone (AWS: ECS developer guide, container-instance-draining; ECS API, DeregisterContainerInstance).
 */
import { kindNumber } from '../trace/trace-writer.ts'
import { ABSENT, ACTIVE, DRAINING, INACTIVE, PROVISIONING, RUNNING } from './codes.ts'
import type { Core } from './core.ts'
import { packed } from './history.ts'
import { AGENT_BACK, AGENT_GONE, AGENT_REGISTERS, DEAD_HOST_NOTICED, STOP_PENDING } from './occurrences.ts'
import type { InstanceRecord } from './records.ts'
import type { Tasks } from './tasks.ts'

/** Whom a container instance's changes concern. */
export interface ContainerInstanceListener {
  /** There is more or less room in the cluster, or tasks to move. */
  capacityChanged(): void
  /** Something that emits a Container Instance State Change. */
  emitted(instance: InstanceRecord): void
  registered(instance: InstanceRecord): void
}

export interface ContainerInstances {
  /** Second zero: there already. */
  present(instance: InstanceRecord): void
  /** A host has come up; its agent registers, or connects again after a stay in the warm pool. */
  hostUp(instance: InstanceRecord): void
  agentRegisters(instance: InstanceRecord, life: number): void
  setDraining(instance: InstanceRecord): void
  setActive(instance: InstanceRecord): void
  stopPending(instance: InstanceRecord): void
  appearedOnDraining(instance: InstanceRecord): void
  disconnect(instance: InstanceRecord, forMs: number): void
  agentBack(instance: InstanceRecord, life: number): void
  /** The host runs nothing any more: it is terminated, or stopped in the warm pool. */
  hostGone(instance: InstanceRecord): void
  agentGone(instance: InstanceRecord, life: number): void
  deadHostNoticed(instance: InstanceRecord, life: number, wasConnected: boolean): void
}

const CONTAINER_INSTANCE = kindNumber('container-instance')
const AGENT = kindNumber('agent')

export const createContainerInstances = (
  core: Core,
  tasks: Tasks,
  listener: ContainerInstanceListener,
): ContainerInstances => {
  const { clock, settings, tell, after } = core
  const registration = settings.time('agent.registration')
  const report = settings.time('agent.report')
  const pendingStop = settings.time('ecs.stopsPending')
  const noticing = settings.time('ecs.noticesDeadHost')
  const drainingEmits = settings.count('ecs.drainingEmitsEvent') === 1

  const changed = (instance: InstanceRecord, emits: boolean): void => {
    if (emits) instance.version += 1
    instance.history.push(clock.now, packed(instance.containerInstance, instance.agentConnected, instance.version))
    if (emits) listener.emitted(instance)
  }

  const connect = (instance: InstanceRecord): void => {
    instance.agentConnected = true
    instance.agentAwayUntil = 0
    tell(AGENT, instance.number, 1)
  }

  const appear = (instance: InstanceRecord): void => {
    instance.containerInstance = ACTIVE
    instance.registeredAt = clock.now
    tell(CONTAINER_INSTANCE, instance.number, ACTIVE)
    connect(instance)
  }

  const present: ContainerInstances['present'] = (instance) => {
    appear(instance)
    changed(instance, false)
  }

  const hostUp: ContainerInstances['hostUp'] = (instance) => {
    if (!instance.group.plan.registers) return
    after(registration.draw(instance.number, instance.life), AGENT_REGISTERS, instance.number, instance.life)
  }

  const agentRegisters: ContainerInstances['agentRegisters'] = (instance, life) => {
    if (instance.life !== life || !instance.hostAlive) return
    // A host from the warm pool has its container instance already, in the status in which it left.
    if (instance.containerInstance === ABSENT || instance.containerInstance === INACTIVE) appear(instance)
    else connect(instance)
    changed(instance, true)
    listener.registered(instance)
    listener.capacityChanged()
  }

  const setDraining: ContainerInstances['setDraining'] = (instance) => {
    if (instance.containerInstance !== ACTIVE) return
    instance.containerInstance = DRAINING
    tell(CONTAINER_INSTANCE, instance.number, DRAINING)
    changed(instance, drainingEmits)
    appearedOnDraining(instance)
    listener.capacityChanged()
  }

  const setActive: ContainerInstances['setActive'] = (instance) => {
    if (instance.containerInstance !== DRAINING) return
    instance.containerInstance = ACTIVE
    tell(CONTAINER_INSTANCE, instance.number, ACTIVE)
    changed(instance, drainingEmits)
    for (const task of instance.tasks) {
      if (task.service !== null && task.revision === task.service.revision) tasks.setReplace(task, false)
    }
    listener.capacityChanged()
  }

  const appearedOnDraining: ContainerInstances['appearedOnDraining'] = (instance) => {
    for (const task of instance.tasks) tasks.setReplace(task, true)
    after(pendingStop.draw(instance.number, clock.now), STOP_PENDING, instance.number, 0)
  }

  /** PENDING tasks of services are stopped at once; minimumHealthyPercent does not protect them. */
  const stopPending: ContainerInstances['stopPending'] = (instance) => {
    if (instance.containerInstance !== DRAINING) return
    for (const task of instance.tasks) {
      const pending = task.status >= PROVISIONING && task.status < RUNNING
      if (pending && task.service !== null && !task.desiredStopped) tasks.stop(task)
    }
  }

  const disconnect: ContainerInstances['disconnect'] = (instance, forMs) => {
    if (!instance.hostAlive) return
    const until = clock.now + forMs
    if (until <= instance.agentAwayUntil) return
    instance.agentAwayUntil = until
    after(forMs, AGENT_BACK, instance.number, instance.life)
    if (!instance.agentConnected) return
    instance.agentConnected = false
    tell(AGENT, instance.number, 0)
    changed(instance, true)
  }

  const agentBack: ContainerInstances['agentBack'] = (instance, life) => {
    if (instance.life !== life || !instance.hostAlive || instance.agentConnected) return
    if (clock.now < instance.agentAwayUntil || instance.containerInstance === ABSENT) return
    connect(instance)
    changed(instance, true)
    tasks.agentBack(instance)
    listener.capacityChanged()
  }

  const hostGone: ContainerInstances['hostGone'] = (instance) => {
    instance.hostAlive = false
    instance.life += 1
    for (const task of instance.tasks) tasks.hostGone(task)
    if (instance.containerInstance === ABSENT) return
    const connected = instance.agentConnected
    // The agent's connection closes with the host; that alone tells ECS nothing about the tasks.
    if (connected) after(report.draw(instance.number, instance.life), AGENT_GONE, instance.number, instance.life)
    const word = (instance.life << 1) | (connected ? 1 : 0)
    after(noticing.draw(instance.number, instance.life), DEAD_HOST_NOTICED, instance.number, word)
  }

  const agentGone: ContainerInstances['agentGone'] = (instance, life) => {
    if (instance.life !== life || !instance.agentConnected) return
    instance.agentConnected = false
    tell(AGENT, instance.number, 0)
    changed(instance, true)
  }

  /**
   * The tasks become STOPPED. The record goes, too, unless the instance was only stopped or its agent was already away:
   * then it stays, a ghost.
   */
  const deadHostNoticed: ContainerInstances['deadHostNoticed'] = (instance, life, wasConnected) => {
    const isThisLife = instance.life === life
    agentGone(instance, life)
    for (const task of instance.tasks) if (task.hostGone || isThisLife) tasks.hostGoneNoticed(task)
    if (isThisLife && wasConnected && !instance.toWarmPool) {
      instance.containerInstance = INACTIVE
      tell(CONTAINER_INSTANCE, instance.number, INACTIVE)
      changed(instance, true)
    }
    listener.capacityChanged()
  }

  return {
    present,
    hostUp,
    agentRegisters,
    setDraining,
    setActive,
    stopPending,
    appearedOnDraining,
    disconnect,
    agentBack,
    hostGone,
    agentGone,
    deadHostNoticed,
  }
}
