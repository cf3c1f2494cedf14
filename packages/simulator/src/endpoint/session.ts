/**
 * A world that is asked from outside: its plan, which may grow, its queues, and its time. Everything here happens at once, at the
 * present moment of the world; what time does is said by whoever moves it.
 */
import type { GroupPlan, Happening, HookPlan, Plan, StandaloneTaskPlan } from '../plan/plan.ts'
import type { Verdict } from '../promise/judge.ts'
import type { Hook, Task, World } from '../world/state.ts'
import type { Activities } from './auto-scaling/activities.ts'
import type { Diary } from './diary.ts'
import type { ServiceEvents } from './ecs/service-events.ts'
import type { MessageAttribute, Queue } from './sqs/queue.ts'

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
  readonly activities: Activities
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
  /** What hooks that were put say of their targets. */
  readonly hookTargets: Map<Hook, HookTarget>
  /** The figures and the promises, if the run ended now. */
  readonly verdict: () => Verdict
  /** Tasks of RunTask, as many as have room. */
  readonly runTasks: (plan: StandaloneTaskPlan) => ReadonlyArray<Task>
  /** What RunTask has started, by the client's token. */
  readonly ranFor: Map<string, Ran>
  /** A message to the inbox. It takes the way of the world's own messages, with their luck. */
  readonly sendToInbox: (mail: Mail) => string
  /** Something is told to the topic, for whoever is behind it. On the same way; its id. */
  readonly publish: (subject: string | null, text: string) => string
  /** A function begins, with so many records; its number. Calls count as its own until it ends. */
  readonly beginInvocation: (records: number) => number
  /** It ends: 0 done, 1 failed, 2 crashed. */
  readonly endInvocation: (number: number, ending: number) => void
  /** An id that no other thing of the session has. */
  readonly newId: () => string
}

/** Where notifications go, and as whom they are sent there. */
export interface HookTarget {
  readonly NotificationTargetARN?: string | undefined
  readonly RoleARN?: string | undefined
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
