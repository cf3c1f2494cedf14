/**
 * The way of messages to the controller's queue: late, twice, out of order or not at all (AWS: EventBridge,
 * event-delivery-level; ECS developer guide, ecs_cwet_handling).
 */
import type { Message } from '../controller/controller.ts'
import { faultNumber } from '../kernel/faults.ts'
import { mix32 } from '../kernel/mix32.ts'
import type { MessageKind } from '../plan/plan.ts'
import { messageKinds } from '../trace/trace.ts'
import { kindNumber } from '../trace/trace-writer.ts'
import {
  ABSENT,
  CONTAINER_INSTANCE,
  LAUNCH,
  NONE,
  SWEEP_MESSAGE,
  TASK_STOPPED,
  TERMINATION,
  WAKE_UP_MESSAGE,
} from './codes.ts'
import type { Core } from './core.ts'
import { MESSAGE_ARRIVES, SWEEP, WAKE_UP } from './occurrences.ts'
import type { ActionRecord, InstanceRecord, TaskRecord } from './records.ts'

/** A message with what the world keeps about it. */
export interface MessageRecord extends Message {
  readonly number: number
  /** Names it for all draws: what it tells of, not its place in the run. */
  readonly key: number
  /** How often it has been handed to a function. */
  deliveries: number
}

export interface Bus {
  termination(action: ActionRecord, viaEventBridge: boolean): void
  launch(instance: InstanceRecord): void
  taskStopped(task: TaskRecord): void
  containerInstance(instance: InstanceRecord): void
  /** A self-sent message, delivered in `delay` milliseconds. */
  wakeUp(instance: number, hops: number, delay: number): void
  /** The schedule's next sweep is due. */
  sweep(): void
  scheduleSweep(): void
  message(number: number): MessageRecord
}

const MESSAGE_SENT = kindNumber('message-sent')
const MESSAGE_LOST = kindNumber('message-lost')
const MESSAGE_DUPLICATED = kindNumber('message-duplicated')
const DROP = faultNumber('bus.drop')
const DUPLICATE = faultNumber('bus.duplicate')
const DELAY = faultNumber('bus.delay')
const REORDER = faultNumber('bus.reorder')

/** What is told, without who tells it. */
type Content = Partial<Omit<Message, 'kind' | 'at'>>

export const createBus = (core: Core, subscribes: ReadonlyArray<MessageKind>): Bus => {
  const { clock, settings, faults, tell, after, plan } = core
  const ofHook = settings.time('bus.hook')
  const ofEvent = settings.time('bus.event')
  const slow = settings.time('bus.slow')
  const behind = settings.time('bus.behind')
  const subscribed = messageKinds.map((kind) => subscribes.includes(kind))
  const sentOfKind = messageKinds.map(() => 0)
  const lost = messageKinds.map((kind) =>
    plan.faults.lose.filter(({ message }) => message === kind).map(({ nth }) => nth),
  )
  const selfMessages = settings.count('function.selfMessages')
  const sweepMs = Math.round(plan.controller.sweepEverySeconds * 1000)
  const messages: MessageRecord[] = []
  const wakeUpsOf: number[] = []
  let sweeps = 0

  const send = (kind: number, key: number, content: Content, extraDelay: number): void => {
    if (!subscribed[kind]) return
    const message: MessageRecord = {
      kind: messageKinds[kind] as MessageKind,
      instance: content.instance ?? NONE,
      task: content.task ?? NONE,
      action: content.action ?? NONE,
      at: clock.now,
      version: content.version ?? 0,
      status: content.status ?? 0,
      desiredStopped: content.desiredStopped ?? false,
      agentConnected: content.agentConnected ?? true,
      hops: content.hops ?? 0,
      viaEventBridge: content.viaEventBridge ?? false,
      number: messages.length,
      key: mix32(kind, key, 0, 0),
      deliveries: 0,
    }
    messages.push(message)
    tell(MESSAGE_SENT, message.number, kind)
    const nth = sentOfKind[kind] as number
    sentOfKind[kind] = nth + 1
    const cutByGuard = kind === WAKE_UP_MESSAGE && message.hops > selfMessages
    const isLost = cutByGuard || lost[kind]?.includes(nth) === true || faults.strikes(DROP, message.key, 0)
    if (isLost) tell(MESSAGE_LOST, message.number, kind)
    else deliver(message, kind, extraDelay, 0)
    if (!cutByGuard && faults.strikes(DUPLICATE, message.key, 0)) {
      tell(MESSAGE_DUPLICATED, message.number, kind)
      deliver(message, kind, extraDelay, 1)
    }
  }

  const deliver = (message: MessageRecord, kind: number, extraDelay: number, copy: number): void => {
    const { key, number } = message
    let delay = extraDelay + (kind === TERMINATION && !message.viaEventBridge ? ofHook : ofEvent).draw(key, copy)
    if (faults.strikes(DELAY, key, copy)) delay += slow.draw(key, copy)
    if (faults.strikes(REORDER, key, copy)) delay += behind.draw(key, copy)
    after(delay, kind === WAKE_UP_MESSAGE ? WAKE_UP : MESSAGE_ARRIVES, number, 0)
  }

  const wakeUp: Bus['wakeUp'] = (instance, hops, delay) => {
    const count = (wakeUpsOf[instance] ?? 0) + 1
    wakeUpsOf[instance] = count
    send(WAKE_UP_MESSAGE, mix32(instance, count, 0, 0), { instance, hops }, delay)
  }

  return {
    termination: (action, viaEventBridge) =>
      send(
        TERMINATION,
        mix32(action.number, viaEventBridge ? 1 : 0, 0, 0),
        { instance: action.instance.number, action: action.number, viaEventBridge },
        0,
      ),
    launch: ({ number, life }) => send(LAUNCH, mix32(number, life, 0, 0), { instance: number }, 0),
    taskStopped: ({ number, instance, version, status, desiredStopped }) =>
      send(TASK_STOPPED, number, { instance: instance.number, task: number, version, status, desiredStopped }, 0),
    containerInstance: ({ number, version, containerInstance, agentConnected }) => {
      if (containerInstance === ABSENT) return
      const content = { instance: number, version, status: containerInstance, agentConnected }
      send(CONTAINER_INSTANCE, mix32(number, version, 0, 0), content, 0)
    },
    wakeUp,
    sweep: () => {
      sweeps += 1
      send(SWEEP_MESSAGE, sweeps, {}, 0)
      after(sweepMs, SWEEP, 0, 0)
    },
    scheduleSweep: () => {
      if (subscribed[SWEEP_MESSAGE]) after(sweepMs, SWEEP, 0, 0)
    },
    message: (number) => messages[number] as MessageRecord,
  }
}
