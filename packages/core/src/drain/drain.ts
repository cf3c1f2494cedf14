/**
 * The drain of one EC2 instance, folded from its events. Every phase has every field, so that a drain keeps one shape
 * (and one hidden class); the phase's type says which of them are set.
 */
import type { ClusterName, ContainerInstanceArn, LifecycleActionToken } from '../identity/ids.ts'
import type { LifecycleAction, LifecycleActionResult } from '../identity/lifecycle-action.ts'
import type { EffectType } from '../observation/observation.ts'
import type { Duration, Instant } from '../time/instant.ts'
import type { AtDeadline, Because, DrainEvent } from './drain-event.ts'
import { type KnownTask, learned, remainingOf, seen, toldToStop } from './known-tasks.ts'

/** An effect that failed, and from when on it is owed again. `task` tells StopTasks apart. */
export interface FailedEffect {
  readonly effect: EffectType
  readonly task: string | null
  readonly attempts: number
  readonly retryAt: Instant
}

interface Fields {
  readonly action: LifecycleAction | null
  /** The tokens of all actions this stream has seen, so that a late duplicate is known as one. */
  readonly tokens: ReadonlyArray<LifecycleActionToken>
  readonly toWarmPool: boolean
  readonly clusters: ReadonlyArray<ClusterName>
  readonly announcedAt: Instant
  readonly hook: {
    readonly heartbeatTimeout: Duration
    readonly globalTimeout: Duration
    readonly defaultResult: LifecycleActionResult
  } | null
  /** When the hook's clock was last set: by a heartbeat, or by the action's start. */
  readonly heartbeatAt: Instant
  /** Nobody but a message has said that our hook holds the instance, or a sweep no longer saw it waiting: a heartbeat will tell. */
  readonly doubted: boolean
  readonly containerInstance: { readonly cluster: ClusterName; readonly arn: ContainerInstanceArn } | null
  /** Others that its agent was before, in that cluster, or in another during this drain: their tasks are on the same host. */
  readonly leftBehind: ReadonlyArray<ContainerInstanceArn>
  readonly missingSince: Instant | null
  readonly agentConnected: boolean
  readonly drainingSince: Instant | null
  /** When the latest reading of a list began, of `running` or `all`; an `all` one that another overlaps does not count. */
  readonly readSince: Instant | null
  /** When it was recorded: by then it had ended, however long its calls took. */
  readonly readAt: Instant | null
  /** When the tasks that were known were last looked at, by a reading of any scope. */
  readonly lookedAt: Instant | null
  /** The latest sweep that asked for another look. */
  readonly sweptAt: Instant | null
  readonly tasks: ReadonlyArray<KnownTask>
  /** How many of `tasks` have not stopped. */
  readonly remaining: number
  readonly deadline: { readonly choice: AtDeadline; readonly reachedAt: Instant } | null
  readonly decision: { readonly result: LifecycleActionResult; readonly because: Because } | null
  readonly ending: Ending | null
  /** R14: the instance came back from its warm pool; `activated` once nothing is left to set ACTIVE. */
  readonly returned: boolean
  readonly activated: boolean
  /** For so long no group has shown it that it is not expected back from its warm pool. */
  readonly unseen: boolean
  readonly failures: ReadonlyArray<FailedEffect>
  readonly wakeUp: { readonly at: Instant; readonly hops: number } | null
}

/** How a drain ended. `over`: the action was not active any more when we asked. */
export type Ending = 'completed' | 'over' | 'superseded'

/** Nobody has asked for a drain of this instance. */
export interface IdleDrain extends Fields {
  readonly phase: 'idle'
}

interface Requested extends Fields {
  readonly action: LifecycleAction
}

/** The container instance is being looked for. */
export interface LocatingDrain extends Requested {
  readonly phase: 'locating'
}

interface Located extends Requested {
  readonly containerInstance: NonNullable<Fields['containerInstance']>
}

/** It is known, and tasks may still be placed on it: DRAINING is not confirmed. */
export interface CordoningDrain extends Located {
  readonly phase: 'cordoning'
}

/** DRAINING since `drainingSince`; its tasks are being waited for. */
export interface DrainingDrain extends Located {
  readonly phase: 'draining'
  readonly drainingSince: Instant
}

/** It is decided how the lifecycle action completes. */
export interface CompletingDrain extends Requested {
  readonly phase: 'completing'
  readonly decision: NonNullable<Fields['decision']>
}

/** It is over; `ending` says how. The same instance may be drained again later. */
export interface EndedDrain extends Requested {
  readonly phase: 'ended'
  readonly ending: Ending
}

/** A drain somebody waits for. */
export type OpenDrain = LocatingDrain | CordoningDrain | DrainingDrain | CompletingDrain

/** The drain of one EC2 instance; `phase` says how far it has come. */
export type Drain = IdleDrain | OpenDrain | EndedDrain

/** How far a drain has come. */
export type Phase = Drain['phase']

/** What is known of an instance nobody has told anything about. */
export const idle: IdleDrain = {
  phase: 'idle',
  action: null,
  tokens: [],
  toWarmPool: false,
  clusters: [],
  announcedAt: 0,
  hook: null,
  heartbeatAt: 0,
  doubted: false,
  containerInstance: null,
  leftBehind: [],
  missingSince: null,
  agentConnected: true,
  drainingSince: null,
  readSince: null,
  readAt: null,
  lookedAt: null,
  sweptAt: null,
  tasks: [],
  remaining: 0,
  deadline: null,
  decision: null,
  ending: null,
  returned: false,
  activated: false,
  unseen: false,
  failures: [],
  wakeUp: null,
}

/** By which one drain is told from all others: its token, or where the sweep found it, its instance and its beginning. */
export const drainIdOf = ({ action, announcedAt }: Drain): string | null => {
  if (action === null) return null
  return action.token ?? `${action.instance}@${new Date(announcedAt).toISOString()}`
}

/** Whether the sweep has to look at this drain: it is open, or its instance may come back from a warm pool. */
export const isWatched = (drain: Drain): boolean => {
  if (drain.phase === 'idle') return false
  if (drain.phase !== 'ended') return true
  return drain.toWarmPool && drain.containerInstance !== null && !drain.activated && !drain.unseen
}

/** Whether the instance came back from its warm pool, and its container instance was not set ACTIVE yet (R14). */
export const awaitsActivation = (drain: Drain): drain is EndedDrain & Located =>
  drain.phase === 'ended' && drain.returned && !drain.activated && drain.containerInstance !== null

/** Tokens kept per stream: an instance that cycles through a warm pool for years must not grow without bound. */
const tokensMax = 16

/** The drain after one more event. An event always means the same, whatever phase it falls in. */
export const evolve = (drain: Drain, event: DrainEvent): Drain => {
  switch (event.type) {
    case 'DrainRequested':
      return {
        ...idle,
        phase: 'locating',
        action: event.action,
        tokens: event.action.token === null ? drain.tokens : withToken(drain.tokens, event.action.token),
        toWarmPool: event.toWarmPool,
        clusters: event.clusters,
        announcedAt: event.announcedAt,
        heartbeatAt: event.announcedAt,
        // A message may say it of any instance: Auto Scaling is asked before anything is done.
        doubted: true,
      }
    case 'LifecycleActionTokenLearned':
      return { ...drain, tokens: withToken(drain.tokens, event.token) }
    case 'LifecycleHookDescribed': {
      const { heartbeatTimeout, globalTimeout, defaultResult } = event
      return { ...succeeded(drain, 'DescribeLifecycleHook'), hook: { heartbeatTimeout, globalTimeout, defaultResult } }
    }
    case 'ContainerInstanceFound':
      return {
        ...succeeded(drain, 'FindContainerInstance'),
        phase: 'cordoning',
        containerInstance: { cluster: event.cluster, arn: event.arn },
        leftBehind: event.leftBehind,
        missingSince: null,
        drainingSince: null,
      } as CordoningDrain
    case 'ContainerInstanceNotFound':
      return { ...succeeded(drain, 'FindContainerInstance'), missingSince: event.at }
    case 'ContainerInstanceDraining':
      return { ...succeeded(drain, 'SetDraining'), phase: 'draining', drainingSince: event.at } as DrainingDrain
    case 'DrainingUndone':
      return { ...succeeded(drain, 'ReadTasks'), phase: 'cordoning', drainingSince: null } as CordoningDrain
    case 'ContainerInstanceLost':
      return lost(drain, event.retryAt)
    case 'AgentConnectionChanged':
      return { ...drain, agentConnected: event.connected }
    case 'TasksRead': {
      const { scope, since } = event
      const tasks = learned(drain.tasks, event.tasks, event.forgotten)
      // One that began before the last had ended confirms nothing; if it counted, two that overlap could put each other off without end.
      const counts = scope === 'running' || (scope === 'all' && since >= (drain.readAt ?? 0))
      return {
        ...succeeded(drain, 'ReadTasks'),
        tasks,
        remaining: remainingOf(tasks),
        lookedAt: since,
        ...(counts && { readSince: since, readAt: event.at }),
      }
    }
    case 'TaskSeen': {
      const { tasks, remaining } = seen(drain, event.task)
      return { ...drain, tasks, remaining }
    }
    case 'Swept':
      return { ...drain, sweptAt: event.at }
    case 'WaitDoubted':
      return drain.phase === 'ended' && event.lifecycleState === null
        ? { ...drain, unseen: true }
        : { ...drain, doubted: true }
    case 'DeadlineReached':
      return { ...drain, deadline: { choice: event.choice, reachedAt: event.at } }
    case 'TaskToldToStop':
      return { ...succeeded(drain, 'StopTask', event.task), tasks: toldToStop(drain.tasks, event.task) }
    case 'LifecycleActionHeartbeatRecorded':
      // A doubt came from a sweep, and a sweep asks for another look at the tasks.
      return {
        ...succeeded(drain, 'RecordHeartbeat'),
        heartbeatAt: event.at,
        doubted: false,
        // What our hook holds is not back from its pool, whatever a notice said.
        returned: false,
        sweptAt: drain.doubted ? event.at : drain.sweptAt,
      }
    case 'CompletionDecided':
      return {
        ...drain,
        phase: 'completing',
        decision: { result: event.result, because: event.because },
      } as CompletingDrain
    case 'LifecycleActionCompleted':
      return ended(drain, 'completed')
    case 'LifecycleActionOver':
      // It had ended already, and a heartbeat has settled a doubt.
      return ended(drain, drain.ending ?? 'over')
    case 'DrainSuperseded':
      return ended(drain, 'superseded')
    case 'InstanceReturnedToService':
      return { ...drain, returned: true, unseen: false, doubted: drain.phase !== 'ended' }
    case 'ContainerInstanceActivated':
      return { ...succeeded(drain, 'SetActive'), activated: true }
    case 'WakeUpSent':
      return { ...succeeded(drain, 'SendWakeUp'), wakeUp: { at: event.wakeAt, hops: event.hops } }
    case 'EffectFailed':
      return { ...drain, failures: failedAgain(drain, event) }
  }
}

/** All events in order, from nothing. */
export const fold = (events: ReadonlyArray<DrainEvent>): Drain => events.reduce(evolve, idle as Drain)

const withToken = (
  tokens: ReadonlyArray<LifecycleActionToken>,
  token: LifecycleActionToken,
): ReadonlyArray<LifecycleActionToken> => (tokens.includes(token) ? tokens : [...tokens, token].slice(-tokensMax))

/** ECS no longer knows the container instance: an open drain looks for another, an ended one has nothing to set ACTIVE. */
const lost = (drain: Drain, retryAt: Instant): Drain => {
  if (drain.phase === 'ended') return { ...succeeded(drain, 'SetActive'), activated: true }
  const failures: ReadonlyArray<FailedEffect> = [{ effect: 'FindContainerInstance', task: null, attempts: 1, retryAt }]
  return { ...drain, phase: 'locating', drainingSince: null, failures } as LocatingDrain
}

const ended = (drain: Drain, ending: Ending): EndedDrain =>
  ({ ...drain, phase: 'ended', ending, doubted: false, failures: [], wakeUp: null }) as EndedDrain

/** What an effect failed of last, and has not succeeded since. */
export const failureOf = ({ failures }: Drain, effect: EffectType, task: string | null): FailedEffect | undefined =>
  failures.find((failed) => failed.effect === effect && failed.task === task)

/** An effect that succeeded starts from its first attempt when it is owed again. */
const succeeded = (drain: Drain, effect: EffectType, task: string | null = null): Drain => {
  const failed = failureOf(drain, effect, task)
  return failed === undefined ? drain : { ...drain, failures: drain.failures.filter((other) => other !== failed) }
}

const failedAgain = (
  drain: Drain,
  { effect, task, retryAt }: Extract<DrainEvent, { type: 'EffectFailed' }>,
): ReadonlyArray<FailedEffect> => {
  const before = failureOf(drain, effect, task)
  const others = drain.failures.filter((failed) => failed !== before)
  return [...others, { effect, task, attempts: (before?.attempts ?? 0) + 1, retryAt }]
}
