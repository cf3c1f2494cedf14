/**
 * A world that is asked from outside: its plan, which may grow, its queues, and its time. Everything here happens at once, at the
 * present moment of the world; what time does is said by whoever moves it.
 */
import type { Message } from '../controller/controller.ts'
import { timeMax } from '../kernel/calendar-queue.ts'
import { mix32 } from '../kernel/draws.ts'
import type { GroupPlan, Happening, HookPlan, MessageKind, Plan, StandaloneTaskPlan } from '../plan/plan.ts'
import type { Verdict } from '../promise/judge.ts'
import { INVOCATION_ENDED, INVOCATION_STARTED } from '../trace/kind-numbers.ts'
import { messageKinds } from '../trace/trace.ts'
import { functionText, notifiesOf, queueText } from '../wire/envelope-text.ts'
import { sendWakeUp } from '../world/bus.ts'
import { createStandalone } from '../world/ecs/services.ts'
import { placeStandalone } from '../world/ecs/standalone-tasks.ts'
import { yetToBegin } from '../world/happenings.ts'
import { createRun, messageDone } from '../world/lambda/functions.ts'
import { HAPPENING_BEGINS } from '../world/occurrences.ts'
import type { Standalone, Task, World } from '../world/state.ts'
import { driveWorld } from '../world/world.ts'
import { createDiary, type Diary } from './diary.ts'
import { createServiceEvents, type ServiceEvents } from './ecs/service-events.ts'
import { withDetail } from './event-detail.ts'
import { callByHttp, createInvoker, type Invoker } from './invoker.ts'
import { judgedWith, type PutHook, putInto } from './put-hooks.ts'
import { createQueue, type MessageAttribute, type Queue } from './sqs/queue.ts'

/** How the world is set up for its callers. All of it may be left out. */
export interface SessionOptions {
  /** Which messages reach the inbox; all of them if left out. Without `termination` the hooks of the controller do not exist. */
  readonly subscribes?: ReadonlyArray<MessageKind>
  /** The inbox's visibility timeout; 180 s if left out. */
  readonly visibilityTimeoutSeconds?: number
  /**
   * The URL of a function that topics, rules and hooks call by themselves, with AWS's events. What notifies a queue, and wake-ups,
   * go to the inbox as ever. Left out: everything goes to the inbox.
   */
  readonly invoke?: string
  /** After so many receives a message goes to the dead-letter queue; 5 if left out. */
  readonly maxReceiveCount?: number
}

/** A plan to which hooks, happenings and tasks may be added while it runs. */
export interface GrowingPlan extends Plan {
  readonly groups: ReadonlyArray<GroupPlan & { readonly hooks: Array<HookPlan> }>
  readonly happenings: Array<Happening>
  readonly standaloneTasks: Array<StandaloneTaskPlan>
}

export interface Session {
  readonly plan: GrowingPlan
  readonly world: World
  readonly diary: Diary
  readonly serviceEvents: ServiceEvents
  /** The inbox first, then its dead-letter queue. */
  readonly queues: readonly [inbox: Queue, deadLetters: Queue]
  /** Where the endpoint is, once it is known: queue URLs begin with it. */
  address: string
  /** Who asks, as the trace counts invocations; -1: nobody it knows. */
  invocation: number
  /** Those that have begun and not ended. */
  readonly invocations: Set<number>
  /** Moves time forward; what is due by then happens. */
  readonly advanceTo: (ms: number) => void
  /** When the next thing happens, messages that become visible included; null: never. */
  readonly nextAt: () => number | null
  readonly isSettled: () => boolean
  /** A moment of the world as a moment of the calendar. */
  readonly dateOf: (ms: number) => Date
  /** Something happens now, as if the plan had said so. Its number in the plan. */
  readonly act: (happening: Happening) => number
  /** A hook of a group, new or changed, from now on. */
  readonly putHook: (group: string, hook: HookPlan) => void
  /** The figures and the promises, if the run ended now. */
  readonly verdict: () => Verdict
  /** Tasks of RunTask, as many as have room. */
  readonly runTasks: (plan: StandaloneTaskPlan) => ReadonlyArray<Task>
  /** What RunTask has started, by the client's token. */
  readonly ranFor: Map<string, Ran>
  /** A message to the inbox. It takes the way of the world's own messages, with their luck. */
  readonly sendToInbox: (mail: Mail) => string
  /** A function begins, with so many records; its number. Calls count as its own until it ends. */
  readonly beginInvocation: (records: number) => number
  /** It ends: 0 done, 1 failed, 2 crashed. */
  readonly endInvocation: (number: number, ending: number) => void
  /** An id that no other thing of the session has. */
  readonly newId: () => string
}

export interface Ran {
  readonly family: string
  readonly count: number
  readonly placed: ReadonlyArray<Task>
}

export interface Mail {
  readonly body: string
  readonly attributes: Readonly<Record<string, MessageAttribute>>
  readonly delaySeconds: number
}

export const inboxName = 'ecs-drain-inbox'
export const deadLettersName = 'ecs-drain-dead-letters'

export const createSession = (scenario: Plan, options: SessionOptions = {}): Session => {
  const { subscribes = messageKinds, visibilityTimeoutSeconds = 180, maxReceiveCount = 5 } = options
  const plan = growing(scenario)
  const { region, account } = plan.cluster
  const arnOf = (name: string): string => `arn:aws:sqs:${region}:${account}:${name}`
  const deadLetters = createQueue({
    name: deadLettersName,
    arn: arnOf(deadLettersName),
    visibilityTimeoutSeconds: 30,
    redrive: null,
  })
  const inbox = createQueue({
    name: inboxName,
    arn: arnOf(inboxName),
    visibilityTimeoutSeconds,
    redrive: { to: deadLetters, maxReceiveCount },
  })

  let ids = 0
  const newId = (): string => {
    ids += 1
    return uuid(plan.seed, ids)
  }
  /** What was sent from outside, by the message that carries it through the world. */
  const mails = new WeakMap<Message, Mail & { readonly id: string }>()
  const queue = (message: Message): void => {
    const mail = mails.get(message)
    const letter = {
      id: mail?.id ?? newId(),
      body:
        mail?.body ??
        withDetail(session, message, queueText(message, world.directory, notifiesOf(plan, world.directory, message))),
      attributes: mail?.attributes ?? {},
      sentAt: world.now,
      done: () => messageDone(world, message),
    }
    inbox.put(letter, world.now)
  }
  const invoke = (invoker: Invoker, message: Message, text: string): void => {
    const done = (): void => messageDone(world, message)
    let number = -1
    invoker.invoke({
      text,
      begun: () => {
        number = session.beginInvocation(1)
      },
      ended: (succeeded) => {
        session.endInvocation(number, succeeded ? 0 : 1)
        if (succeeded) done()
      },
      failed: () => deadLetters.put({ id: newId(), body: text, attributes: {}, sentAt: world.now, done }, world.now),
    })
  }
  const outlet = (message: Message): void => {
    const notifies = notifiesOf(plan, world.directory, message)
    const text = invoker === null ? null : functionText(message, world.directory, notifies)
    if (invoker === null || text === null) queue(message)
    else invoke(invoker, message, withDetail(session, message, text))
  }

  const invoker = options.invoke === undefined ? null : createInvoker(callByHttp(options.invoke), () => world.now)
  const controller = { subscribes, handle: nobody }
  const driven = driveWorld(plan, controller, { outlet })
  const { world } = driven
  const diary = createDiary(plan)
  // Second zero has been written by now.
  const zero = world.trace.finish(world.cast)
  for (let i = 0; i < zero.length; i += 1) {
    diary.observe(zero.at[i] ?? 0, zero.kind[i] ?? 0, zero.a[i] ?? 0, zero.b[i] ?? 0)
  }
  world.trace.observe(diary.observe)
  const serviceEvents = createServiceEvents(world, newId)
  world.trace.observe(serviceEvents.observe)

  const puts: Array<PutHook> = []
  const session: Session = {
    plan,
    world,
    diary,
    serviceEvents,
    queues: [inbox, deadLetters],
    address: '',
    invocation: -1,
    invocations: new Set(),
    advanceTo: (ms) => {
      driven.advanceTo(ms)
      invoker?.retryDue(world.now)
    },
    nextAt: () =>
      earliest([driven.nextAt(), invoker?.nextAt() ?? null, inbox.nextAt(world.now), deadLetters.nextAt(world.now)]),
    isSettled: driven.isSettled,
    dateOf: (ms) => new Date(world.startMs + ms),
    act: (happening) => {
      const number = plan.happenings.push(happening) - 1
      world.happenings.push(yetToBegin())
      world.unfinishedHappenings += 1
      world.queue.schedule(world.now, HAPPENING_BEGINS, number)
      driven.advanceTo(world.now)
      return number
    },
    putHook: (group, hook) => {
      const put = { after: world.trace.finish(world.cast).length, group, hook }
      puts.push(put)
      putInto(plan, put)
    },
    verdict: () => judgedWith({ ...plan, groups: growing(scenario).groups }, puts, world.trace.finish(world.cast)),
    runTasks: (tasks) => {
      const standalone = standaloneOf(world, plan, tasks)
      const placed = Array.from({ length: tasks.count }, () => placeStandalone(world, standalone))
      return placed.filter((task) => task !== null)
    },
    ranFor: new Map(),
    sendToInbox: (mail) => {
      const id = newId()
      const { instance, hops } = wakeUpIn(world, mail.body)
      const message = sendWakeUp(world, instance, world.now + mail.delaySeconds * 1000, hops)
      if (message !== null) mails.set(message, { ...mail, id })
      return id
    },
    newId,
    beginInvocation: (records) => {
      const { number } = createRun(world, [], false)
      session.invocations.add(number)
      session.invocation = number
      world.trace.write(world.now, INVOCATION_STARTED, number, records)
      return number
    },
    endInvocation: (number, ending) => {
      session.invocations.delete(number)
      if (session.invocation === number) session.invocation = [...session.invocations].at(-1) ?? -1
      world.trace.write(world.now, INVOCATION_ENDED, number, ending)
    },
  }
  driven.advanceTo(0)
  return session
}

const nobody = (): never => {
  throw new Error('a world that is asked from outside runs no function')
}

const growing = (plan: Plan): GrowingPlan => ({
  ...plan,
  groups: plan.groups.map((group) => ({ ...group, hooks: [...group.hooks] })),
  happenings: [...plan.happenings],
  standaloneTasks: [...plan.standaloneTasks],
})

const standaloneOf = (world: World, plan: GrowingPlan, tasks: StandaloneTaskPlan): Standalone => {
  plan.standaloneTasks.push(tasks)
  const standalone = createStandalone(tasks)
  world.standalones.push(standalone)
  return standalone
}

/** Whose luck a message has, and how long its chain is, where it is a wake-up of ours. */
const wakeUpIn = (world: World, body: string): { readonly instance: number; readonly hops: number } => {
  const nobodys = { instance: -1, hops: 0 }
  // Almost nothing that is not a wake-up is parsed.
  if (!body.includes('"ecs-drain"')) return nobodys
  try {
    const { stream, hops } = JSON.parse(body) as { readonly stream?: unknown; readonly hops?: unknown }
    if (typeof stream !== 'string' || typeof hops !== 'number') return nobodys
    const instance = world.instances.findIndex(({ id }) => stream.endsWith(`/${id}`))
    return { instance, hops }
  } catch {
    return nobodys
  }
}

const earliest = (moments: ReadonlyArray<number | null>): number | null =>
  moments.reduce((first, at) => (at !== null && at <= (first ?? timeMax) ? at : first), null)

/** Of version 4 in form; its digits come from the seed, so that a run is the same again. */
const uuid = (seed: number, number: number): string => {
  const digits = [0, 1, 2, 3].map((part) => mix32(seed, 3001, number, part).toString(16).padStart(8, '0')).join('')
  return [
    digits.slice(0, 8),
    digits.slice(8, 12),
    `4${digits.slice(13, 16)}`,
    `8${digits.slice(17, 20)}`,
    digits.slice(20),
  ].join('-')
}
