/**
 * Messages on their way: EventBridge, SNS, and a queue's own delay. They come late, twice, out of order or not at all;
 * how many copies arrive is chosen when one is sent.
 */
import type { Message } from '../controller/controller.ts'
import type { MessageKind } from '../plan/plan.ts'
import { DRAINING, MESSAGE_DUPLICATED, MESSAGE_LOST, MESSAGE_SENT } from '../trace/kind-numbers.ts'
import { messageKinds } from '../trace/trace.ts'
import { drawn, strikes } from './chance.ts'
import { MESSAGE_ARRIVES } from './occurrences.ts'
import type { Bounds } from './parameters.ts'
import { isDeliveredTwice, isLost } from './script.ts'
import type { Action, Instance, Task, World } from './state.ts'

type Draft = Partial<Omit<Message, 'kind' | 'number' | 'at' | 'received'>>

export const sendTermination = (world: World, action: Action): void => {
  const draft = { instance: action.instance.number, action: action.number }
  // EventBridge always hears of it; whether a rule of ours forwards that, the plan says.
  const { owner, alsoEventBridge } = action.hook.plan
  if (owner === 'controller') send(world, 'termination', draft, world.settings['bus.hook'])
  if (alsoEventBridge) send(world, 'termination', { ...draft, viaEventBridge: true })
}

/** Auto Scaling tells of it when the instance is InService (AWS: Auto Scaling user guide, warm-pools-eventbridge-events). */
export const sendLaunch = (world: World, instance: Instance): void => {
  send(world, 'launch', { instance: instance.number })
}

export const sendTaskStopped = (world: World, task: Task): void => {
  send(world, 'task-stopped', {
    instance: task.instance.number,
    task: task.number,
    version: task.version,
    status: task.status,
    desiredStopped: task.desiredStopped,
  })
}

/**
 * ECS tells of a container instance when its agent comes or goes, and with each task that is started or stopped there (AWS:
 * ecs_container_instance_events). Of those that are DRAINING one rule forwards all of it, and the templates' what tells of a lost agent.
 */
export const containerInstanceChanged = (world: World, instance: Instance): void => {
  instance.version += 1
  if (instance.status !== DRAINING) return
  const { number, version, status, agentConnected } = instance
  const draft = { instance: number, version, status, agentConnected }
  send(world, 'container-instance', draft)
  if (!agentConnected) send(world, 'agent-disconnected', draft)
}

/** A message a function sends itself, to come back at `at`; null: lost. Lambda's guard cuts a chain that is too long. */
export const sendWakeUp = (world: World, instance: number, at: number, hops: number): Message | null => {
  const guard = world.settings['function.selfMessages'].from
  // A delay is a whole number of seconds, 900 at most (AWS: SQS, DelaySeconds).
  const delay = Math.min(900, Math.max(0, Math.ceil((at - world.now) / 1000))) * 1000
  if (hops > guard) {
    world.trace.write(world.now, MESSAGE_LOST, nextNumber(world), messageKinds.indexOf('wake-up'))
    return null
  }
  return send(world, 'wake-up', { instance, hops }, world.settings['bus.event'], delay)
}

export const sendSweep = (world: World): void => {
  send(world, 'sweep', {})
}

const nextNumber = (world: World): number => {
  world.messagesSent += 1
  return world.messagesSent - 1
}

const send = (
  world: World,
  kind: MessageKind,
  draft: Draft,
  latency: Bounds = world.settings['bus.event'],
  delay = 0,
): Message | null => {
  if (!world.subscribed.has(kind)) return null
  const kindNumber = messageKinds.indexOf(kind)
  const nth = world.sentByKind[kindNumber] as number
  world.sentByKind[kindNumber] = nth + 1
  const number = nextNumber(world)
  world.trace.write(world.now, MESSAGE_SENT, number, kindNumber)
  // Luck belongs to what the message is about, not to how many were sent before it.
  const subject = subjectOf(kindNumber, draft)
  if (isLost(world, kind, nth) || strikes(world, 'bus.drop', subject, draft.instance ?? -1)) {
    world.trace.write(world.now, MESSAGE_LOST, number, kindNumber)
    return null
  }
  const message = messageOf(kind, number, world.now, draft)
  world.outlet?.sent(message)
  deliver(world, message, subject, latency, delay)
  if (isDeliveredTwice(world, kind, nth) || strikes(world, 'bus.duplicate', subject, message.instance)) {
    world.trace.write(world.now, MESSAGE_DUPLICATED, number, kindNumber)
    deliver(world, message, subject, latency, delay)
  }
  return message
}

/** Every field is named, because a spread costs more than all the rest of sending. */
const messageOf = (
  kind: MessageKind,
  number: number,
  at: number,
  {
    instance = -1,
    task = -1,
    action = -1,
    version = 0,
    status = 0,
    desiredStopped = false,
    agentConnected = true,
    hops = 0,
    viaEventBridge = false,
  }: Draft,
): Message => ({
  kind,
  number,
  instance,
  task,
  action,
  at,
  version,
  status,
  desiredStopped,
  agentConnected,
  hops,
  viaEventBridge,
  received: 0,
})

const subjectOf = (kindNumber: number, { task = -1, instance = -1 }: Draft): number =>
  task >= 0 ? (task << 1) & 0xfffff : ((instance + 1) * 8 + kindNumber) * 2 + 1

const deliver = (world: World, message: Message, subject: number, latency: Bounds, delay: number): void => {
  const { settings } = world
  let takes = delay + drawn(world, latency, subject)
  if (strikes(world, 'bus.delay', subject, message.instance)) takes += drawn(world, settings['bus.slow'], subject)
  if (strikes(world, 'bus.reorder', subject, message.instance)) takes += drawn(world, settings['bus.behind'], subject)
  world.messages.push(message)
  if (message.kind !== 'sweep') world.messagesUnderWay += 1
  world.queue.schedule(world.now + takes, MESSAGE_ARRIVES, world.messages.length - 1)
}
