/** ECS's view of the machines: registration, DRAINING, the agent's connection, and how a host's death is learned. */
import {
  ABSENT,
  ACTIVE,
  AGENT,
  CONTAINER_INSTANCE,
  DRAINING,
  INACTIVE,
  REGISTERED_AGAIN,
  TASK_HEALTHY,
  TASK_KILLED,
  TASK_ORPHANED,
  TERMINATED,
} from '../../trace/kind-numbers.ts'
import { containerInstanceChanged } from '../bus.ts'
import { drawn, occursAfter } from '../chance.ts'
import { createInstance, latestRecord } from '../instance.ts'
import { AGENT_RECONNECTS, DEATH_NOTICED, INSTANCE_REGISTERS, RECORD_GIVEN_UP } from '../occurrences.ts'
import { record } from '../record.ts'
import type { Instance, World } from '../state.ts'
import { capacityChanged } from './candidates.ts'
import { allServicesMayMove, schedulePass } from './scheduler-wake.ts'
import { leaveWith, resumeTasks, stopAsLost, stopIfPending } from './tasks.ts'

/** The agent of a host says who it is. */
export const register = (world: World, host: Instance): void => {
  if (!host.alive) return
  const instance = latestRecord(host)
  if (instance.status === ABSENT) {
    if (instance !== host) world.trace.write(world.now, REGISTERED_AGAIN, host.number, instance.number)
    instance.registeredAt = world.now
    instance.visibleFrom = world.now + drawn(world, world.settings['ecs.listLag'], instance.number)
    setStatus(world, instance, ACTIVE)
  }
  setAgent(world, instance, true)
  allServicesMayMove(world)
}

/** Keeps what was shown until the change is visible to List and Describe. When a new one can be seen, `ecs.listLag` says. */
const remember = (world: World, instance: Instance): void => {
  if (instance.status === ABSENT) return
  if (world.now >= instance.seenFrom) {
    instance.shownStatus = instance.status
    instance.shownAgentConnected = instance.agentConnected
  }
  instance.seenFrom = world.now + drawn(world, world.settings['ecs.instanceLag'], instance.number)
}

const setStatus = (world: World, instance: Instance, status: number): void => {
  if (instance.status === status) return
  remember(world, instance)
  const wasDraining = instance.status === DRAINING
  instance.status = status
  capacityChanged(world, instance)
  if (wasDraining || status === DRAINING) leaveWith(instance, status === DRAINING)
  record(world, CONTAINER_INSTANCE, instance.number, status)
}

/**
 * UpdateContainerInstancesState. DRAINING stops placement and, at once, the tasks of services that do not run yet; ECS
 * then replaces the running ones (AWS: container-instance-draining). False: the record is not in a state to change.
 */
export const updateState = (world: World, instance: Instance, status: number): boolean => {
  if (instance.status !== ACTIVE && instance.status !== DRAINING) return false
  if (instance.status === status) return true
  setStatus(world, instance, status)
  if (world.settings['ecs.drainingEmitsEvent'].from === 1) containerInstanceChanged(world, instance)
  if (status === DRAINING) {
    for (const task of instance.tasks) stopIfPending(world, task)
  }
  allServicesMayMove(world)
  return true
}

export const setAgent = (world: World, instance: Instance, connected: boolean): void => {
  if (instance.agentConnected === connected) return
  remember(world, instance)
  instance.agentConnected = connected
  capacityChanged(world, instance)
  record(world, AGENT, instance.number, connected ? 1 : 0)
  containerInstanceChanged(world, instance)
  if (connected) resumeTasks(world, instance)
}

/**
 * An agent that has lost its state registers its host as another container instance. The containers of before run on, forgotten by
 * the agent (AWS: github.com/aws/amazon-ecs-agent/issues/125, 782), and ECS goes on showing their tasks as it last saw them
 * (containers-roadmap/issues/2040). That the new one begins with all of the host's room is inferred: an agent registers totals.
 */
export const registerAgain = (world: World, host: Instance): void => {
  const left = latestRecord(host)
  if (!host.alive || left.status === ABSENT) return
  setAgent(world, left, false)
  // It will not be back as this one.
  left.disconnection += 1
  for (const task of left.tasks) world.trace.write(world.now, TASK_ORPHANED, task.number, task.status)
  world.recordsLeftBehind += 1
  occursAfter(world, world.settings['ecs.givesUpOnRecord'], RECORD_GIVEN_UP, left.number)
  const { group, id, zone, old } = host
  const number = world.instances.length
  const further = createInstance({ number, group, id, zone, old, host })
  world.instances.push(further)
  world.cast.instances.push({ id, group: group.number, old, host: host.number })
  group.records.push(further)
  const takes = drawn(world, world.settings['agent.registration'], number)
  world.queue.schedule(world.now + takes, INSTANCE_REGISTERS, host.number)
}

/** A record that its agent has left behind is deregistered by force: ECS has its tasks STOPPED, whatever their containers do. */
export const recordGivenUp = (world: World, instance: Instance): void => {
  world.recordsLeftBehind -= 1
  for (const task of [...instance.tasks]) stopAsLost(world, task)
  deregister(world, instance)
  allServicesMayMove(world)
}

const deregister = (world: World, instance: Instance): void => {
  setStatus(world, instance, INACTIVE)
  containerInstanceChanged(world, instance)
}

/** How many losses of an agent are told apart. */
const lossesPerInstance = 64

/** Agents disconnect several times an hour in normal operation (AWS: ecs_container_instance_events). */
export const disconnectAgent = (world: World, instance: Instance, forMs: number): void => {
  if (!instance.alive || instance.status === ABSENT || instance !== latestRecord(instance)) return
  setAgent(world, instance, false)
  instance.disconnection += 1
  const word = instance.number * lossesPerInstance + (instance.disconnection % lossesPerInstance)
  world.queue.schedule(world.now + forMs, AGENT_RECONNECTS, word)
}

/** The fault agent.disconnect took it, a moment after a task of its was told to stop. */
export const agentGoes = (world: World, instance: Instance): void =>
  disconnectAgent(world, instance, drawn(world, world.settings['agent.away'], instance.number))

export const agentReconnects = (world: World, word: number): void => {
  const instance = world.instances[Math.floor(word / lossesPerInstance)] as Instance
  if (instance.disconnection % lossesPerInstance !== word % lossesPerInstance) return
  setAgent(world, instance, true)
  allServicesMayMove(world)
}

/** The host is gone, and with it whatever still ran there. ECS does not know yet. */
export const hostDies = (world: World, instance: Instance): void => {
  if (!instance.alive) return
  for (const each of instance.records) {
    killTasks(world, each)
    each.alive = false
    // Its agent will not be back from where it was.
    each.disconnection += 1
  }
  occursAfter(world, world.settings['ecs.noticesDeadHost'], DEATH_NOTICED, instance.number)
}

const killTasks = (world: World, { tasks }: Instance): void => {
  for (const task of tasks) {
    record(world, TASK_KILLED, task.number, task.status)
    if (task.healthy) record(world, TASK_HEALTHY, task.number, 0)
  }
}

/**
 * ECS deregisters the record of a terminated host, unless its agent was lost before: then a ghost stays behind
 * (AWS: API reference, DeregisterContainerInstance). Its tasks are STOPPED either way.
 */
export const deathNoticed = (world: World, host: Instance): void => {
  if (host.alive) return
  for (const instance of host.records) {
    const wasConnected = instance.agentConnected
    setAgent(world, instance, false)
    for (const task of [...instance.tasks]) stopAsLost(world, task)
    if (wasConnected && !host.toWarmPool) deregister(world, instance)
    if (host.state === TERMINATED) forget(instance)
  }
  for (const service of world.services) schedulePass(world, service)
}

/** Nothing is looked for there any more, whatever is left of the record. */
export const forget = (instance: Instance): void => {
  const { records } = instance.group
  const index = records.indexOf(instance)
  if (index !== -1) records.splice(index, 1)
}
