/** What a drain owes the world at an instant. An effect stays owed until its outcome is in the stream. */
import {
  awaitsActivation,
  type CompletingDrain,
  type CordoningDrain,
  type Drain,
  type DrainingDrain,
  type EndedDrain,
  failureOf,
  type LocatingDrain,
  type OpenDrain,
} from '../drain/drain.ts'
import type { DrainPolicy } from '../drain/drain-policy.ts'
import { hasStopped, isStandalone, isUndescribed, type KnownTask } from '../drain/known-tasks.ts'
import {
  confirmFrom,
  heartbeatFrom,
  heartbeatsAreSwept,
  heartbeatUntil,
  hookFrom,
  isLeftToSweep,
  lookAgainAt,
  nextDue,
  readFrom,
  standaloneFrom,
} from '../drain/schedule.ts'
import { type ClusterName, clusterIn, type EcsTaskArn, streamOf } from '../identity/ids.ts'
import type { ReadScope } from '../observation/observation.ts'
import { mayLookIn } from '../observation/observe.ts'
import { type Duration, type Instant, minutes, seconds } from '../time/instant.ts'
import { type Effect, type ToRead, taskOf } from './effect.ts'

type Owed = ReadonlyArray<Effect>
type FindContainerInstance = Extract<Effect, { type: 'FindContainerInstance' }>

const none: Owed = []

/**
 * The effects owed now, the most urgent first. `hops` counts the self-sent messages that led here: a wake-up continues
 * that chain, and one that would make it too long is left to the sweep.
 */
export const effectsOwed = (drain: Drain, now: Instant, policy: DrainPolicy, hops: number): Owed => {
  if (drain.phase === 'idle') return none
  const work = drain.phase === 'ended' ? owedAfterEnd(drain, now) : owedWhileOpen(drain, now, policy)
  return work.length === 0 ? owedWakeUp(drain, now, policy, hops) : work
}

const owedWhileOpen = (drain: OpenDrain, now: Instant, policy: DrainPolicy): Owed => {
  const heartbeat = owedHeartbeat(drain, now, policy)
  // Nothing is touched that our hook has not been seen to hold, or that is said to be back in service (S3).
  if (drain.doubted && (drain.containerInstance === null || drain.returned)) return heartbeat
  const work = owedByPhase(drain, now, policy)
  return drain.phase === 'completing' ? [...work, ...heartbeat] : [...heartbeat, ...work]
}

const owedByPhase = (drain: OpenDrain, now: Instant, policy: DrainPolicy): Owed => {
  switch (drain.phase) {
    case 'locating':
      return owedWhileLocating(drain, now, policy)
    case 'cordoning':
      return owedWhileCordoning(drain, now)
    case 'draining':
      return owedWhileDraining(drain, now, policy)
    case 'completing':
      return owedWhileCompleting(drain, now)
  }
}

const owedWhileLocating = (drain: LocatingDrain, now: Instant, policy: DrainPolicy): Owed => {
  const again = lookAgainAt(drain, policy)
  const isLeft = isLeftToSweep(drain)
  const { action, containerInstance, lookedAt } = drain
  if (again !== null && now >= again && drain.remaining > 0) {
    // It is gone and its tasks were not seen to stop: ask for them by name, at once and then at each sweep.
    const isDue = isSwept(drain, now) || (!isLeft && (lookedAt ?? 0) < again)
    const cluster = containerInstance?.cluster ?? clusterOf(drain)
    const reading =
      isDue && cluster ? [readTasks(drain.tasks, { scope: 'known', cluster, containerInstance: null })] : none
    const owed = unlessFailed(drain, now, reading)
    if (owed.length > 0) return owed
    // One that was never found may only be late in the list.
    if (containerInstance !== null) return owedHook(drain, now)
  }
  if (isLeft || now < (again ?? 0)) return owedHook(drain, now)
  const where = clustersOf(drain, policy)
  return orHook(drain, now, { type: 'FindContainerInstance', instance: action.instance, ...where })
}

/**
 * That of a container instance which an earlier drain knew, and this one has not found. Asked in a wrong one ECS would say that it
 * knows no such task.
 */
const clusterOf = ({ tasks: [task], clusters: [cluster, another] }: LocatingDrain): ClusterName | undefined => {
  const named = task === undefined ? null : clusterIn(task.arn)
  return named ?? (another === undefined ? cluster : undefined)
}

/**
 * A name that the policy has no more may have been mistyped, and put right since: then it is looked for in today's. Its cluster may
 * have been left out of the policy, or of the metadata: before it is let go it is looked for in all of today's as well. One that was
 * found was in those of then.
 */
const clustersOf = (
  { clusters, containerInstance, missingSince }: LocatingDrain,
  policy: DrainPolicy,
): Pick<FindContainerInstance, 'clusters' | 'dropped'> => {
  if (containerInstance !== null) return { clusters }
  const dropped = clusters.filter((cluster) => !mayLookIn(cluster, policy))
  if (dropped.length > 0 && policy.clusters.length > 0) return { clusters: policy.clusters, dropped }
  return missingSince === null ? { clusters } : { clusters: [...new Set([...clusters, ...policy.clusters])] }
}

const owedWhileCordoning = (drain: CordoningDrain, now: Instant): Owed =>
  orHook(drain, now, { type: 'SetDraining', ...ofHost(drain) })

const owedWhileDraining = (drain: DrainingDrain, now: Instant, policy: DrainPolicy): Owed => {
  // With the first reading, which is spread; a hundred drains that begin together would ask Auto Scaling all at once.
  const hook = now >= hookFrom(drain, policy) ? owedHook(drain, now) : none
  const stops = owedStops(drain, now, policy)
  const scope = readingOwed(drain, now, policy)
  if (scope === null) return [...hook, ...stops]
  return [...hook, ...stops, ...unlessFailed(drain, now, [readTasks(drain.tasks, toRead(drain, scope, policy))])]
}

/**
 * The running tasks are read once after DRAINING has settled, and all tasks, later, when none seems left; in between a sweep
 * asks for those that are known, because an event may have been lost (R5, R6, R12).
 */
const readingOwed = (drain: DrainingDrain, now: Instant, policy: DrainPolicy): ReadScope | null => {
  if (now < readFrom(drain, policy)) return null
  // A reading from before this settle time, as of a container instance that was lost and found again, is no evidence.
  const confirms = confirmFrom(drain, policy)
  if (confirms === null) return 'running'
  if (drain.remaining === 0) return now >= confirms ? 'all' : null
  return isSwept(drain, now) || hidesStandalone(drain, now, policy) ? 'known' : null
}

/** A sweep asks for a look. To a clock that is behind the sweep's no look is late enough: it waits, and does not look on and on. */
const isSwept = ({ sweptAt, lookedAt }: Drain, now: Instant): boolean =>
  sweptAt !== null && sweptAt <= now && sweptAt > (lookedAt ?? 0)

/**
 * The lists do not say which tasks are standalone, and now those are to be told to stop (R11). One that a look since then has not
 * described either is left to the next sweep.
 */
const hidesStandalone = (drain: DrainingDrain, now: Instant, policy: DrainPolicy): boolean =>
  stopsStandalone(drain, now, policy) && drain.lookedAt === drain.readSince && drain.tasks.some(isUndescribed)

const toRead = (drain: DrainingDrain, scope: ReadScope, policy: DrainPolicy): ToRead => {
  if (scope === 'running') return { scope, ...ofHost(drain) }
  const elsewhere = inOtherClusters(drain, policy)
  if (scope === 'all') return { scope, ...ofHost(drain), ...elsewhere }
  const { cluster, arn } = drain.containerInstance
  // It may be another by now, on which ECS places tasks; and who stops these?
  if (!drain.agentConnected) return { scope, cluster, containerInstance: arn, agentIsGone: true, ...elsewhere }
  return drain.tasks.some(wasLeftRunning)
    ? { scope, cluster, containerInstance: arn, ...elsewhere }
    : { scope, cluster, containerInstance: null }
}

/** An agent that registers its host anew may do so in any cluster that the drain looked in, if that is ours still. */
const inOtherClusters = ({ clusters, containerInstance }: DrainingDrain, policy: DrainPolicy) => {
  const elsewhere = clusters.filter((one) => one !== containerInstance.cluster && mayLookIn(one, policy))
  return elsewhere.length === 0 ? {} : { elsewhere }
}

const ofHost = ({ containerInstance: { cluster, arn }, leftBehind }: CordoningDrain | DrainingDrain) =>
  leftBehind.length === 0 ? { cluster, containerInstance: arn } : { cluster, containerInstance: arn, leftBehind }

/** When it was looked at last nobody had told it to stop; if still nobody has, the container instance is looked at as well. */
const wasLeftRunning = (task: KnownTask): boolean => task.desiredStatus === 'RUNNING'

const stopsStandalone = (drain: DrainingDrain, now: Instant, policy: DrainPolicy): boolean =>
  now >= standaloneFrom(drain, policy)

const owedWhileCompleting = (drain: CompletingDrain, now: Instant): Owed =>
  orHook(drain, now, { type: 'CompleteLifecycleAction', action: drain.action, result: drain.decision.result })

/** R14: an instance that came back from its warm pool is DRAINING still, and nothing else sets it ACTIVE. */
const owedAfterEnd = (drain: EndedDrain, now: Instant): Owed => {
  // It waits again: nothing is placed on it before it is known for whom.
  if (drain.doubted) return recordHeartbeat(drain, now)
  if (!awaitsActivation(drain)) return none
  const { cluster, arn } = drain.containerInstance
  return unlessFailed(drain, now, [{ type: 'SetActive', cluster, containerInstance: arn }])
}

const owedHook = (drain: OpenDrain, now: Instant): Owed =>
  drain.hook === null ? unlessFailed(drain, now, [{ type: 'DescribeLifecycleHook', action: drain.action }]) : none

/** While the effect waits for its next attempt the hook may be described. */
const orHook = (drain: OpenDrain, now: Instant, effect: Effect): Owed => {
  const owed = unlessFailed(drain, now, [effect])
  return owed.length > 0 ? owed : owedHook(drain, now)
}

const owedHeartbeat = (drain: OpenDrain, now: Instant, policy: DrainPolicy): Owed => {
  const isInTime = now < heartbeatUntil(drain)
  const isDue =
    drain.doubted || (isInTime && (now >= heartbeatFrom(drain, policy) || isBroughtForward(drain, now, policy)))
  if (!isDue) return none
  // Due perhaps only because the hook's timeout is not known yet: that is asked first.
  if (!drain.doubted && owedHook(drain, now).length > 0) return none
  return recordHeartbeat(drain, now)
}

const recordHeartbeat = (drain: OpenDrain | EndedDrain, now: Instant): Owed => {
  // A doubt is about the instance, and a token could be one of another's.
  const action = drain.doubted ? { ...drain.action, token: null } : drain.action
  return unlessFailed(drain, now, [{ type: 'RecordHeartbeat', action }])
}

/**
 * Where wake-ups carry the heartbeats, each sweep sends one early. What is due next is then later than the wake-up that is
 * under way: a long chain ends there with nothing to do, and the sweep's own begins a new one.
 */
const isBroughtForward = (drain: OpenDrain, now: Instant, policy: DrainPolicy): boolean => {
  const { sweptAt, heartbeatAt } = drain
  return sweptAt !== null && sweptAt <= now && sweptAt > heartbeatAt && !heartbeatsAreSwept(drain, policy)
}

const owedStops = (drain: DrainingDrain, now: Instant, policy: DrainPolicy): Owed => {
  const stopsAll = drain.deadline?.choice === 'stop-tasks'
  if (!stopsAll && !stopsStandalone(drain, now, policy)) return none
  const { cluster } = drain.containerInstance
  const reason = stopsAll
    ? 'ecs-drain: the deadline of the drain has passed'
    : 'ecs-drain: the instance is being replaced'
  const isOwed = (task: KnownTask) => !hasStopped(task) && !task.toldToStop && (stopsAll || isStandalone(task))
  const stops = drain.tasks
    .filter(isOwed)
    .map((task): Effect => ({ type: 'StopTask', cluster: clusterIn(task.arn) ?? cluster, task: task.arn, reason }))
  return unlessFailed(drain, now, stops)
}

/** A queue keeps a message back no longer than this (AWS: SQS, DelaySeconds). */
const delayMost: Duration = minutes(15)

/** A wake-up for the next thing that time brings, unless one is under way or the sweep will be there first. */
const owedWakeUp = (drain: OpenDrain | EndedDrain, now: Instant, policy: DrainPolicy, hops: number): Owed => {
  const due = nextDue(drain, now, policy)
  if (due > now + policy.sweepEvery || hops >= policy.hopsMax) return none
  const { wakeUp } = drain
  // One of the next second may be the one that led here, which has come a moment before its time by this clock.
  const isComing = wakeUp !== null && wakeUp.at > now + seconds(1) && wakeUp.at <= due
  // One at the end of a long chain may be the last: whoever comes by with a shorter one sends a wake-up of their own.
  if (isComing && wakeUp.hops <= hops + Math.max(1, policy.hopsMax / 4)) return none
  const at = Math.min(due, now + delayMost)
  return unlessFailed(drain, now, [{ type: 'SendWakeUp', stream: streamOf(drain.action.instance), at, hops: hops + 1 }])
}

const readTasks = (tasks: ReadonlyArray<KnownTask>, what: ToRead): Effect => {
  const remaining: Array<EcsTaskArn> = []
  const stopped: Array<EcsTaskArn> = []
  for (const task of tasks) (hasStopped(task) ? stopped : remaining).push(task.arn)
  return { type: 'ReadTasks', ...what, remaining, stopped }
}

/** The effects that are not waiting for their next attempt. */
const unlessFailed = (drain: Drain, now: Instant, effects: Owed): Owed =>
  effects.filter((effect) => (failureOf(drain, effect.type, taskOf(effect))?.retryAt ?? now) <= now)
