/**
 * What follows from an observation. What has followed from it once does not follow again, or does no harm: a sweep that is told twice
 * asks for one more look, and an answer that is told twice is stored twice. So redelivery, retry and races are harmless.
 */
import { clusterIn } from '../identity/ids.ts'
import type { LifecycleActionResult } from '../identity/lifecycle-action.ts'
import { waitsForWarmPool } from '../observation/lifecycle-states.ts'
import type { EffectType, Observation } from '../observation/observation.ts'
import { hours, type Instant, minutes, seconds } from '../time/instant.ts'
import {
  awaitsActivation,
  type CompletingDrain,
  type CordoningDrain,
  type Drain,
  type DrainingDrain,
  type EndedDrain,
  evolve,
  isWatched,
  type LocatingDrain,
  type OpenDrain,
} from './drain.ts'
import type { DrainEvent } from './drain-event.ts'
import { type DrainPolicy, resultAtDeadline } from './drain-policy.ts'
import { isNews, undescribed } from './known-tasks.ts'
import { retryAt } from './retry.ts'
import { confirmFrom, deadlineAt, heartbeatsAreSwept, lookAgainAt, stopGraceEnds } from './schedule.ts'

type Decided = ReadonlyArray<DrainEvent>
type Of<Type extends Observation['type']> = Extract<Observation, { type: Type }>

const nothing: Decided = []

/** The events that follow from one observation at `at`, those that time alone brings included. */
export const decide = (observation: Observation, drain: Drain, at: Instant, policy: DrainPolicy): Decided => {
  const reaction = react(observation, drain, at, policy)
  // Without a deadline time alone brings nothing, and there is no need to fold what was just decided.
  if (policy.deadline === null && drain.deadline === null) return reaction
  return [...reaction, ...whenDue(reaction.reduce(evolve, drain), at, policy)]
}

const react = (observation: Observation, drain: Drain, at: Instant, policy: DrainPolicy): Decided => {
  switch (drain.phase) {
    case 'idle':
      return whenIdle(observation, at)
    case 'locating':
      return whenLocating(observation, drain, at, policy)
    case 'cordoning':
      return whenCordoning(observation, drain, at, policy)
    case 'draining':
      return whenDraining(observation, drain, at, policy)
    case 'completing':
      return whenCompleting(observation, drain, at, policy)
    case 'ended':
      return whenEnded(observation, drain, at, policy)
  }
}

const whenIdle = (observation: Observation, at: Instant): Decided =>
  observation.type === 'TerminationAnnounced' ? [requested(observation, at)] : nothing

const whenLocating = (observation: Observation, drain: LocatingDrain, at: Instant, policy: DrainPolicy): Decided => {
  switch (observation.type) {
    case 'ContainerInstanceLocated':
      return [found(observation, at)]
    case 'ContainerInstanceAbsent':
      return whenAbsent(drain, at, policy)
    case 'TasksSeen':
      return [tasksRead(observation, drain, at)]
    default:
      return whileOpen(observation, drain, at, policy)
  }
}

/** The answer stands once it was given twice, a grace apart; tasks of an instance that is gone must have stopped as well. */
const whenAbsent = (drain: LocatingDrain, at: Instant, policy: DrainPolicy): Decided => {
  const again = lookAgainAt(drain, policy)
  const notFound: DrainEvent = { type: 'ContainerInstanceNotFound', at }
  if (again === null) return [notFound]
  const { containerInstance, remaining } = drain
  if (at < again || (remaining > 0 && containerInstance !== null)) return nothing
  // One that was never found may only be late in the list: a sweep asks again.
  if (remaining > 0) return [notFound]
  const because = containerInstance === null ? 'not-a-container-instance' : 'container-instance-gone'
  return [notFound, { type: 'CompletionDecided', at, result: 'CONTINUE', because }]
}

const whenCordoning = (observation: Observation, drain: CordoningDrain, at: Instant, policy: DrainPolicy): Decided => {
  switch (observation.type) {
    case 'ContainerInstanceDrains':
      return [{ type: 'ContainerInstanceDraining', at }, ...agentSeen(observation.agentConnected, drain, at)]
    case 'ContainerInstanceLost':
      return [lost(observation.reason, at, policy)]
    default:
      return whileOpen(observation, drain, at, policy)
  }
}

const whenDraining = (observation: Observation, drain: DrainingDrain, at: Instant, policy: DrainPolicy): Decided => {
  switch (observation.type) {
    case 'TasksSeen': {
      const read = [...agentSeen(observation.agentConnected, drain, at), tasksRead(observation, drain, at)]
      const isSeenDraining = observation.scope === 'all' && observation.agentConnected !== null
      const confirms = isSeenDraining && observation.since >= (confirmFrom(drain, policy) ?? Infinity)
      if (!confirms || read.reduce(evolve, drain as Drain).remaining > 0) return read
      return [...read, { type: 'CompletionDecided', at, result: 'CONTINUE', because: 'drained' }]
    }
    case 'ContainerInstanceLost':
      return [lost(observation.reason, at, policy)]
    case 'AgentSeen':
      return observation.containerInstance === drain.containerInstance.arn
        ? agentSeen(observation.connected, drain, at)
        : nothing
    // The tasks of that one are still to be read. An answer that comes late is about one that was left behind already.
    case 'ContainerInstanceReplaced':
      return observation.replaced === drain.containerInstance.arn ? [replaced(observation, drain, at)] : nothing
    // Our own SetActive of a stay in the warm pool may have come late, and anybody may set it.
    case 'ContainerInstanceActive':
      return [{ type: 'DrainingUndone', at }]
    default:
      return whileOpen(observation, drain, at, policy)
  }
}

const whenCompleting = (
  observation: Observation,
  drain: CompletingDrain,
  at: Instant,
  policy: DrainPolicy,
): Decided => {
  switch (observation.type) {
    case 'CompletionAccepted':
      return [{ type: 'LifecycleActionCompleted', at, result: observation.result }]
    // What is decided stays decided; its tasks are no longer our concern.
    case 'TaskSeen':
      return nothing
    default:
      return whileOpen(observation, drain, at, policy)
  }
}

/** What means the same in every open phase. */
const whileOpen = (observation: Observation, drain: OpenDrain, at: Instant, policy: DrainPolicy): Decided => {
  switch (observation.type) {
    case 'TerminationAnnounced':
      return announcedAgain(observation, drain, at)
    case 'ReturnedToService':
      return !drain.returned && isSince(observation, drain) ? isBack(at) : nothing
    case 'TaskSeen':
      return isNews(drain.tasks, observation.task) ? [{ type: 'TaskSeen', at, task: observation.task }] : nothing
    case 'SweptWaiting':
      return hasUseForSweep(drain, policy) ? swept(drain, at) : nothing
    case 'SweptElsewhere':
      return drain.doubted ? nothing : [doubt(observation, at)]
    case 'LifecycleHookSeen':
      return [{ ...observation, type: 'LifecycleHookDescribed', at }]
    case 'TaskToldToStop':
      return [{ type: 'TaskToldToStop', at, task: observation.task }]
    case 'HeartbeatAccepted':
      return [{ type: 'LifecycleActionHeartbeatRecorded', at }]
    case 'LifecycleActionNotActive':
      return [{ type: 'LifecycleActionOver', at, of: observation.of }]
    case 'WakeUpSent':
      return [{ type: 'WakeUpSent', at, wakeAt: observation.at, hops: observation.hops }]
    case 'EffectFailed':
      return [effectFailed(observation, drain, at, policy)]
    default:
      observation satisfies TooLate
      return nothing
  }
}

/** Outcomes of effects that a phase already left behind, and time, which `whenDue` is asked about. Another does not compile. */
type TooLate = Of<
  | 'TimePassed'
  | 'AgentSeen'
  | 'TasksSeen'
  | 'ContainerInstanceLocated'
  | 'ContainerInstanceReplaced'
  | 'ContainerInstanceAbsent'
  | 'ContainerInstanceDrains'
  | 'ContainerInstanceLost'
  | 'ContainerInstanceActive'
  | 'CompletionAccepted'
>

const whenEnded = (observation: Observation, drain: EndedDrain, at: Instant, policy: DrainPolicy): Decided => {
  switch (observation.type) {
    case 'TerminationAnnounced':
      return isAnother(observation, drain) && !isOvertaken(observation, drain) ? [requested(observation, at)] : nothing
    case 'CompletionAccepted':
      // Somebody recorded "not active" first, because our own answer had already taken effect: now it is known whose.
      return drain.ending === 'over' && drain.decision !== null
        ? [{ type: 'LifecycleActionCompleted', at, result: observation.result }]
        : nothing
    case 'ReturnedToService':
      return awaitsReturn(drain) && isSince(observation, drain) ? isBack(at) : nothing
    case 'SweptWaiting':
      return waitsAgain(observation, drain) ? [doubt(observation, at)] : nothing
    case 'HeartbeatAccepted':
      return drain.doubted ? [requested(unannounced(drain, at), at)] : nothing
    case 'LifecycleActionNotActive':
      return drain.doubted ? [{ type: 'LifecycleActionOver', at, of: observation.of }] : nothing
    case 'SweptElsewhere':
      if (!awaitsReturn(drain)) return nothing
      if (observation.lifecycleState === 'InService') return isBack(at)
      return isGivenUp(observation, drain, at) ? [doubt(observation, at)] : nothing
    case 'ContainerInstanceActive':
      // Otherwise a look from before the end has found it so, and its return is still to come.
      return awaitsActivation(drain) ? [{ type: 'ContainerInstanceActivated', at }] : nothing
    case 'ContainerInstanceLost':
      return awaitsActivation(drain) ? [lost(observation.reason, at, policy)] : nothing
    case 'WakeUpSent':
      return [{ type: 'WakeUpSent', at, wakeAt: observation.at, hops: observation.hops }]
    case 'EffectFailed':
      return isOwedAfterEnd(observation.effect, drain) ? [effectFailed(observation, drain, at, policy)] : nothing
    default:
      return nothing
  }
}

/** A failure that comes late, of an effect that the end of the drain made pointless, is nothing to try again. */
const isOwedAfterEnd = (effect: EffectType, drain: EndedDrain): boolean => {
  if (effect === 'SendWakeUp') return awaitsActivation(drain) || drain.doubted
  return effect === 'SetActive' ? awaitsActivation(drain) : effect === 'RecordHeartbeat' && drain.doubted
}

/** What time alone brings: the user's deadline and what was chosen to happen at it (R9). */
const whenDue = (drain: Drain, at: Instant, policy: DrainPolicy): Decided => {
  if (drain.phase === 'idle' || drain.phase === 'ended' || drain.phase === 'completing') return nothing
  if (at >= stopGraceEnds(drain, policy)) return [letGoWith('CONTINUE', at)]
  if (at < deadlineAt(drain, policy) || drain.deadline !== null || policy.deadline === null) return nothing
  const { choice } = policy.deadline
  const reached: DrainEvent = { type: 'DeadlineReached', at, choice }
  const result = resultAtDeadline[choice]
  return result ? [reached, letGoWith(result, at)] : [reached]
}

const letGoWith = (result: LifecycleActionResult, at: Instant): DrainEvent => ({
  type: 'CompletionDecided',
  at,
  result,
  because: 'deadline',
})

type Located = Of<'ContainerInstanceLocated' | 'ContainerInstanceReplaced'>
type Announced = Of<'TerminationAnnounced'>

/** No two clocks differ by more. A termination of next year, as a message may forge it, would make every other an old one. */
const ahead = minutes(1)

const requested = (
  { action, toWarmPool, clusters, announcedAt }: Omit<Announced, 'type'>,
  at: Instant,
): DrainEvent => ({
  type: 'DrainRequested',
  at,
  action,
  toWarmPool,
  clusters,
  announcedAt: Math.min(announcedAt, at + ahead),
})

const announcedAgain = (announced: Announced, drain: OpenDrain, at: Instant): Decided => {
  const { token } = announced.action
  if (!sameHook(announced, drain) || token === null || drain.tokens.includes(token)) return nothing
  if (isAnother(announced, drain)) return [{ type: 'DrainSuperseded', at }, requested(announced, at)]
  return drain.action.token === null ? [{ type: 'LifecycleActionTokenLearned', at, token }] : nothing
}

/** Another termination than the one this drain was about, and a later one: not a late or repeated notice of an old one. */
const isAnother = (announced: Announced, drain: OpenDrain | EndedDrain): boolean => {
  const { token } = announced.action
  return (token === null || !drain.tokens.includes(token)) && announced.announcedAt > drain.announcedAt
}

/**
 * A sweep announces only what it did not find watched. So it began before this drain did, which has ended since; if its instance still
 * waits, the next one says so.
 */
const isOvertaken = ({ action }: Announced, drain: EndedDrain): boolean => action.token === null && isWatched(drain)

const sameHook = (announced: Announced, drain: OpenDrain): boolean =>
  announced.action.hook === drain.action.hook && announced.action.group === drain.action.group

/** Whether a return is one from this drain, and not a late or repeated notice of an earlier one. */
const isSince = ({ returnedAt }: { readonly returnedAt: Instant }, drain: OpenDrain | EndedDrain): boolean =>
  returnedAt >= drain.announcedAt

const isBack = (at: Instant): Decided => [{ type: 'InstanceReturnedToService', at }]

const awaitsReturn = (drain: EndedDrain): boolean =>
  drain.toWarmPool && !drain.returned && !drain.activated && drain.containerInstance !== null

/**
 * The instance is looked for in service and waits to be terminated: it came back, or not, and was given up, and neither notice
 * came. On its way to the pool it may have been seen a moment ago, before its drain ended.
 */
const waitsAgain = ({ lifecycleState }: Of<'SweptWaiting'>, drain: EndedDrain): boolean =>
  !drain.doubted && isWatched(drain) && lifecycleState !== waitsForWarmPool

/** The termination that no notice spoke of, as the sweep saw it. */
const unannounced = (drain: EndedDrain, at: Instant): Omit<Announced, 'type'> => ({
  ...drain,
  action: { ...drain.action, token: null },
  toWarmPool: false,
  announcedAt: at,
})

/**
 * A group does not list the instances of its warm pool (AWS: DescribeAutoScalingGroups), so one that is there looks as one that
 * is gone. It is looked for as long as Auto Scaling lets an instance live (AWS: MaxInstanceLifetime, at most 365 days), and
 * then only a notice can say that it is back.
 */
const isGivenUp = ({ lifecycleState }: Of<'SweptElsewhere'>, drain: EndedDrain, at: Instant): boolean =>
  lifecycleState === null && !drain.unseen && at >= drain.announcedAt + hours(24 * 365)

const doubt = ({ lifecycleState }: Of<'SweptWaiting' | 'SweptElsewhere'>, at: Instant): DrainEvent => ({
  type: 'WaitDoubted',
  at,
  lifecycleState,
})

/** Only what the reading adds to what is known. */
const tasksRead = (
  { scope, since, tasks, undescribed: listed, forgotten }: Of<'TasksSeen'>,
  drain: LocatingDrain | DrainingDrain,
  at: Instant,
): DrainEvent => {
  const news = [...tasks, ...listed.map(undescribed)].filter((sighting) => isNews(drain.tasks, sighting))
  return { type: 'TasksRead', at, scope, since, tasks: news, forgotten }
}

/** A sweep looks for stopped tasks whose events were lost, and begins the wake-ups of a short hook anew. */
const hasUseForSweep = (drain: OpenDrain, policy: DrainPolicy): boolean => {
  if (!heartbeatsAreSwept(drain, policy)) return true
  if (drain.phase === 'draining') return drain.readSince !== null
  return drain.phase === 'locating' && drain.remaining > 0
}

/** Sweeps that are handled at the same instant ask for one look. One that is delivered again later asks for another. */
const swept = (drain: OpenDrain, at: Instant): Decided =>
  drain.sweptAt !== null && drain.sweptAt >= at ? nothing : [{ type: 'Swept', at }]

/** Null: nobody looked. */
const agentSeen = (connected: boolean | null, drain: OpenDrain, at: Instant): Decided =>
  connected === null || connected === drain.agentConnected
    ? nothing
    : [{ type: 'AgentConnectionChanged', at, connected }]

const found = ({ cluster, arn, leftBehind }: Omit<Located, 'type'>, at: Instant): DrainEvent => ({
  type: 'ContainerInstanceFound',
  at,
  cluster,
  arn,
  leftBehind,
})

/** What its agent has left behind in other clusters is known of this drain only: it is read on as well. */
const replaced = (by: Located, { containerInstance, leftBehind }: DrainingDrain, at: Instant): DrainEvent => {
  const before = [containerInstance.arn, ...leftBehind]
  const elsewhere = before.filter((arn) => (clusterIn(arn) ?? by.cluster) !== by.cluster)
  return found({ ...by, leftBehind: [...by.leftBehind, ...elsewhere] }, at)
}

const lost = (reason: string, at: Instant, policy: DrainPolicy): DrainEvent => ({
  type: 'ContainerInstanceLost',
  at,
  reason,
  // A list that shows it on and on is no reason to ask on and on.
  retryAt: at + Math.max(policy.notFoundGrace, seconds(1)),
})

const effectFailed = (
  { effect, task, failure }: Of<'EffectFailed'>,
  drain: OpenDrain | EndedDrain,
  at: Instant,
  policy: DrainPolicy,
): DrainEvent => ({
  type: 'EffectFailed',
  at,
  effect,
  task,
  failure,
  retryAt: retryAt(drain, effect, task, failure, at, policy),
})
