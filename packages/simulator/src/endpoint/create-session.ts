/** A session is opened: its world at second zero, and what is done to it from outside. */
import type { Message } from '../controller/controller.ts'
import { toldToEcsDrain } from '../controller/ecs-drain.ts'
import { timeMax } from '../kernel/calendar-queue.ts'
import { mix32 } from '../kernel/draws.ts'
import { arnIn } from '../plan/arn.ts'
import type { MessageKind, Plan, StandaloneTaskPlan } from '../plan/plan.ts'
import { INVOCATION_ENDED, INVOCATION_STARTED } from '../trace/kind-numbers.ts'
import { snsInQueue, snsToLambda } from '../wire/envelope-text.ts'
import { sendWakeUp } from '../world/bus.ts'
import { createStandalone } from '../world/ecs/services.ts'
import { placeStandalone } from '../world/ecs/standalone-tasks.ts'
import { yetToBegin } from '../world/happenings.ts'
import { createRun } from '../world/lambda/functions.ts'
import { HAPPENING_BEGINS } from '../world/occurrences.ts'
import type { Standalone, World } from '../world/state.ts'
import { driveWorld } from '../world/world.ts'
import { createActivities } from './auto-scaling/activities.ts'
import { createDiary } from './diary.ts'
import { createServiceEvents } from './ecs/service-events.ts'
import { detailOf } from './event-detail.ts'
import { callByHttp, createInvoker } from './invoker.ts'
import { leave, type SentMail } from './outlet.ts'
import { judgedWith, type PutHook, putInto } from './put-hooks.ts'
import { deadLettersName, type GrowingPlan, inboxName, type Session } from './session.ts'
import { createQueue } from './sqs/queue.ts'
import type { Output } from './wire/output.ts'

/** How the world is set up for its callers. All of it may be left out. */
export interface SessionOptions {
  /**
   * Which messages of the world arrive; if left out, those that ecs-drain is told. What is sent from outside always does. Without
   * `termination` the hooks of the controller do not exist.
   */
  readonly subscribes?: ReadonlyArray<MessageKind>
  /** The inbox's visibility timeout; 180 s if left out. */
  readonly visibilityTimeoutSeconds?: number
  /**
   * The URL of a function that topics, rules and hooks call by themselves, with AWS's events. What notifies a queue, and wake-ups,
   * go to the inbox as ever. Left out: everything goes to the inbox.
   */
  readonly invoke?: string
  /** Is told why that function failed, or that there was nobody. */
  readonly onFunctionFailure?: (why: string) => void
  /** After so many receives a message goes to the dead-letter queue; 5 if left out. */
  readonly maxReceiveCount?: number
}

export const createSession = (scenario: Plan, options: SessionOptions = {}): Session => {
  const { subscribes = toldToEcsDrain, visibilityTimeoutSeconds = 180, maxReceiveCount = 5 } = options
  const plan = growing(scenario)
  const queues = queuesOf(plan, visibilityTimeoutSeconds, maxReceiveCount)
  let ids = 0
  const newId = (): string => {
    ids += 1
    return uuid(plan.seed, ids)
  }
  /** By the message that carries it through the world. */
  const mails = new WeakMap<Message, SentMail>()
  const details = new WeakMap<Message, Output>()
  const invoker =
    options.invoke === undefined
      ? null
      : createInvoker(callByHttp(options.invoke), () => world.now, options.onFunctionFailure)
  const driven = driveWorld(
    plan,
    // What was sent from outside needs no rule to arrive.
    { subscribes: [...subscribes, 'wake-up'], handle: nobody },
    {
      outlet: {
        sent: (message) => {
          const detail = detailOf(session, message)
          if (detail !== null) details.set(message, detail)
        },
        arrived: (message) =>
          leave(session, message, { mail: mails.get(message), detail: details.get(message) }, invoker),
      },
    },
  )
  const { world } = driven
  const diary = createDiary(plan)
  const activities = createActivities()
  // Second zero has been written by now.
  const zero = world.trace.finish(world.cast)
  for (let i = 0; i < zero.length; i += 1) {
    for (const { observe } of [diary, activities]) {
      observe(zero.at[i] ?? 0, zero.kind[i] ?? 0, zero.a[i] ?? 0, zero.b[i] ?? 0)
    }
  }
  world.trace.observe(diary.observe)
  world.trace.observe(activities.observe)
  const serviceEvents = createServiceEvents(world, diary, newId)
  world.trace.observe(serviceEvents.observe)

  const puts: Array<PutHook> = []
  const session: Session = {
    plan,
    world,
    diary,
    serviceEvents,
    activities,
    queues,
    address: '',
    invocation: -1,
    invocations: new Set(),
    advanceTo: (ms) => {
      driven.advanceTo(ms)
      invoker?.retryDue(world.now)
    },
    nextAt: () =>
      earliest([driven.nextAt(), invoker?.nextAt() ?? null, ...queues.map((queue) => queue.nextAt(world.now))]),
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
    hookTargets: new Map(),
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
      if (message !== null) mails.set(message, { ...mail, id, event: null })
      return id
    },
    publish: (subject, text) => {
      const posting = { id: newId(), at: session.dateOf(world.now).toISOString(), subject, text }
      const message = sendWakeUp(world, nobodys.instance, world.now, nobodys.hops)
      if (message === null) return posting.id
      const isQueued = plan.groups.some(({ hooks }) => hooks.some(({ notifies }) => notifies === 'sns-in-sqs'))
      mails.set(message, {
        id: posting.id,
        body: JSON.stringify(snsInQueue(world.directory, posting)),
        attributes: {},
        event: isQueued ? null : snsToLambda(world.directory, posting),
      })
      return posting.id
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
      session.invocation = [...session.invocations].at(-1) ?? -1
      world.trace.write(world.now, INVOCATION_ENDED, number, ending)
    },
  }
  driven.advanceTo(0)
  return session
}

const nobody = (): never => {
  throw new Error('a world that is asked from outside runs no function')
}

/** The inbox, and its dead-letter queue. */
const queuesOf = ({ cluster }: Plan, visibilityTimeoutSeconds: number, maxReceiveCount: number): Session['queues'] => {
  const queueArn = (name: string): string => arnIn(cluster, 'sqs', name)
  const deadLetters = createQueue({
    name: deadLettersName,
    arn: queueArn(deadLettersName),
    visibilityTimeoutSeconds: 30,
    redrive: null,
  })
  const inbox = createQueue({
    name: inboxName,
    arn: queueArn(inboxName),
    visibilityTimeoutSeconds,
    redrive: { to: deadLetters, maxReceiveCount },
  })
  return [inbox, deadLetters]
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

const nobodys = { instance: -1, hops: 0 }

/** Whose luck a message has, and how long its chain is, where it is a wake-up of ours. */
const wakeUpIn = (world: World, body: string): { readonly instance: number; readonly hops: number } => {
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
