/**
 * The sweep, without I/O: which of the instances that wait in our groups have a drain, and which wait for a hook of ours and have
 * none, because the notice was lost (R12).
 */
import { type DrainPolicy, hooksIn } from '../drain/drain-policy.ts'
import {
  type AutoScalingGroupName,
  type ClusterName,
  type Ec2InstanceId,
  instanceOf,
  type StreamId,
  streamOf,
} from '../identity/ids.ts'
import type { LifecycleAction } from '../identity/lifecycle-action.ts'
import type { Failure } from '../observation/failure.ts'
import { isWaiting, waitsForWarmPool } from '../observation/lifecycle-states.ts'
import type { Addressed, Observation } from '../observation/observation.ts'
import { clustersFor } from '../observation/observe.ts'
import { type Instant, seconds } from '../time/instant.ts'
import type { Answer, AutoScalingGroup, Call, Reply } from './call.ts'
import { isNotActive } from './outcome.ts'

/** Where a sweep stands. Plain data. */
export interface Sweep {
  /** What it has to tell, and whom. */
  readonly told: ReadonlyArray<Addressed>
  /** Calls that failed, for which the sweep has to come back. */
  readonly failures: ReadonlyArray<Failure>
  readonly stage: Stage
}

/** What to do next: make this call and resume with its reply, or deliver what it has to tell. */
export type SweepStep =
  | { readonly type: 'call'; readonly call: Call; readonly sweep: Sweep }
  | { readonly type: 'done'; readonly told: Sweep['told']; readonly failures: Sweep['failures'] }

type Stage =
  | { readonly type: 'listing-watched' }
  | Describing
  | ({ readonly type: 'reading-metadata' } & Asking)
  | ({ readonly type: 'verifying'; readonly clusters: ReadonlyArray<ClusterName> } & Asking)

interface Describing {
  readonly type: 'describing-groups'
  readonly watched: ReadonlyArray<StreamId>
  /** Those that have been described. */
  readonly groups: ReadonlyArray<AutoScalingGroup>
  /** How many names were asked for before those that are asked for now, and the page of these. */
  readonly from: number
  readonly nextToken: string | null
}

/** Whom to ask about, the first of them now. */
interface Asking {
  readonly suspects: ReadonlyArray<Suspect>
  /** The rest is left to later sweeps. */
  readonly until: Instant
}

/** An instance that waits for a hook, which may be ours. */
interface Suspect {
  readonly action: LifecycleAction
  readonly toWarmPool: boolean
}

/** The first step. */
export const beginSweep = (): SweepStep => {
  const sweep: Sweep = { told: [], failures: [], stage: { type: 'listing-watched' } }
  return { type: 'call', call: { type: 'ListWatchedStreams' }, sweep }
}

/** The next step after the reply to the outstanding call. */
export const resumeSweep = (sweep: Sweep, reply: Reply, policy: DrainPolicy): SweepStep => {
  const { stage } = sweep
  switch (stage.type) {
    case 'listing-watched':
      if (reply.type === 'failed') return done(withFailure(sweep, reply.failure))
      return describeGroups(
        sweep,
        {
          type: 'describing-groups',
          watched: reply.answer as Answer<'ListWatchedStreams'>,
          groups: [],
          from: 0,
          nextToken: null,
        },
        policy,
      )
    case 'describing-groups':
      if (reply.type === 'failed')
        return done(withFailure({ ...sweep, told: stage.watched.map(timePassed) }, reply.failure))
      return groupsDescribed(sweep, stage, reply.answer as Answer<'DescribeAutoScalingGroups'>, reply.at, policy)
    case 'reading-metadata':
      return metadataRead(sweep, stage, reply, policy)
    case 'verifying':
      return verified(sweep, stage, reply)
  }
}

/** Whether its instance waits nobody can tell now; its heartbeats, which are left to the sweep, do not wait for that (R8). */
const timePassed = (stream: StreamId): Addressed => ({ stream, observation: { type: 'TimePassed' } })

/** Names in one request: more need a higher MaxRecords (AWS: DescribeAutoScalingGroups). */
const groupsMax = 50

const describeGroups = (sweep: Sweep, stage: Describing, policy: DrainPolicy): SweepStep => {
  const { from, nextToken } = stage
  const groups = groupsOf(policy).slice(from, from + groupsMax)
  return {
    type: 'call',
    call: { type: 'DescribeAutoScalingGroups', groups, nextToken },
    sweep: { ...sweep, stage },
  }
}

const groupsDescribed = (
  sweep: Sweep,
  stage: Describing,
  { items, nextToken }: Answer<'DescribeAutoScalingGroups'>,
  at: Instant,
  policy: DrainPolicy,
): SweepStep => {
  const groups = [...stage.groups, ...items]
  const from = nextToken === null ? stage.from + groupsMax : stage.from
  // No name at all means every group, so an empty rest is not asked for.
  return nextToken === null && from >= groupsOf(policy).length
    ? compare(sweep, stage.watched, groups, at, policy)
    : describeGroups(sweep, { ...stage, groups, from, nextToken }, policy)
}

/** The groups to sweep; none named means every group, because a hook's name alone says that it is ours. */
const groupsOf = (policy: DrainPolicy): ReadonlyArray<AutoScalingGroupName> => {
  const names = new Set<AutoScalingGroupName>()
  for (const { groups } of policy.hooks) {
    if (groups === null) return []
    for (const group of groups) names.add(group)
  }
  return [...names]
}

const compare = (
  sweep: Sweep,
  watched: ReadonlyArray<StreamId>,
  groups: ReadonlyArray<AutoScalingGroup>,
  at: Instant,
  policy: DrainPolicy,
): SweepStep => {
  const isWatched = new Set<StreamId>(watched)
  const states = new Map<Ec2InstanceId, string>()
  const suspects: Array<Suspect> = []
  for (const { name: group, instances } of groups) {
    const owned = hooksIn(group, policy)
    for (const { id, lifecycleState } of instances) {
      states.set(id, lifecycleState)
      const isKnown = isWatched.has(streamOf(id))
      if (!isWaiting(lifecycleState) || isKnown) continue
      const toWarmPool = lifecycleState === waitsForWarmPool
      for (const { name: hook } of owned)
        suspects.push({ action: { group, hook, instance: id, token: null }, toWarmPool })
    }
  }
  const swept = watched.map((stream): Addressed => {
    const lifecycleState = states.get(instanceOf(stream)) ?? null
    const observation: Observation =
      lifecycleState !== null && isWaiting(lifecycleState)
        ? { type: 'SweptWaiting', lifecycleState }
        : { type: 'SweptElsewhere', lifecycleState }
    return { stream, observation }
  })
  return askNext({ ...sweep, told: swept }, { suspects: inTurn(suspects, at, policy), until: at + askingMost })
}

/** They are asked about before any drain that is open is looked at, whose heartbeat may be due. */
const askingMost = seconds(20)
const suspectsMost = 100

const goldenRatio = (1 + Math.sqrt(5)) / 2

/**
 * Each sweep begins with another of them: steps of the golden ratio come around evenly, however many there are and however few a
 * sweep gets to.
 */
const inTurn = (suspects: ReadonlyArray<Suspect>, at: Instant, { sweepEvery }: DrainPolicy): ReadonlyArray<Suspect> => {
  const turn = (Math.floor(at / sweepEvery) * goldenRatio) % 1
  const first = Math.floor(turn * suspects.length)
  return [...suspects.slice(first), ...suspects.slice(0, first)].slice(0, suspectsMost)
}

/**
 * An instance that waits and that no drain knows of: its notice was lost, or another hook holds it. Our own hook is asked for its
 * metadata first, as the lost notice would have said it: an instance that is looked for in the wrong clusters would be let go with
 * its tasks (R2), and one of a cluster that is not ours is left alone (S3).
 */
const askNext = (sweep: Sweep, asking: Asking): SweepStep => {
  const [suspect] = asking.suspects
  if (suspect === undefined) return done(sweep)
  const { group, hook } = suspect.action
  const call: Call = { type: 'DescribeLifecycleHooks', group, hook }
  return { type: 'call', call, sweep: { ...sweep, stage: { type: 'reading-metadata', ...asking } } }
}

const metadataRead = (sweep: Sweep, asking: Asking, reply: Reply, policy: DrainPolicy): SweepStep => {
  if (reply.type === 'failed') return notTold(sweep, asking, reply)
  const { action } = asking.suspects[0] as Suspect
  const hook = (reply.answer as Answer<'DescribeLifecycleHooks'>).find(({ name }) => name === action.hook)
  return verify(sweep, asking, clustersFor(hook?.notificationMetadata ?? null, policy) ?? [], reply.at)
}

/** A heartbeat on our own hook tells whose it is, because Auto Scaling accepts it only while that very hook holds the instance. */
const verify = (sweep: Sweep, asking: Asking, clusters: ReadonlyArray<ClusterName>, at: Instant): SweepStep => {
  if (clusters.length === 0) return goOn(sweep, asking, clusters, at)
  const { suspects, until } = asking
  const { action } = suspects[0] as Suspect
  const call: Call = { type: 'RecordLifecycleActionHeartbeat', action }
  return { type: 'call', call, sweep: { ...sweep, stage: { type: 'verifying', suspects, until, clusters } } }
}

const verified = (sweep: Sweep, stage: Extract<Stage, { type: 'verifying' }>, reply: Reply): SweepStep => {
  const { suspects, clusters } = stage
  if (reply.type === 'failed') return notTold(sweep, stage, reply, clusters)
  const found = unannounced(suspects[0] as Suspect, reply.at, clusters)
  return goOn({ ...sweep, told: [...sweep.told, found] }, stage, clusters, reply.at)
}

const notTold = (
  sweep: Sweep,
  asking: Asking,
  { failure, at }: Extract<Reply, { type: 'failed' }>,
  clusters: ReadonlyArray<ClusterName> = [],
): SweepStep => {
  // More requests would only make it worse.
  if (failure.type === 'Throttled') return done(sweep)
  // One that is not allowed comes back. Any other is asked about again in its turn.
  const isRefused = !isNotActive(failure) && (failure.type === 'AccessDenied' || failure.type === 'Rejected')
  return goOn(isRefused ? withFailure(sweep, failure) : sweep, asking, clusters, at)
}

/** The next of them. Of those that wait for the same hook the clusters are known, or that there are none. */
const goOn = (
  sweep: Sweep,
  { suspects: [asked, ...suspects], until }: Asking,
  clusters: ReadonlyArray<ClusterName>,
  at: Instant,
): SweepStep => {
  if (at >= until) return done(sweep)
  const [next] = suspects
  const isSameHook = next?.action.hook === asked?.action.hook && next?.action.group === asked?.action.group
  return isSameHook ? verify(sweep, { suspects, until }, clusters, at) : askNext(sweep, { suspects, until })
}

const unannounced = (suspect: Suspect, at: Instant, clusters: ReadonlyArray<ClusterName>): Addressed => ({
  stream: streamOf(suspect.action.instance),
  observation: { type: 'TerminationAnnounced', ...suspect, clusters, announcedAt: at },
})

const withFailure = (sweep: Sweep, failure: Failure): Sweep => ({ ...sweep, failures: [...sweep.failures, failure] })

const done = ({ told, failures }: Sweep): SweepStep => ({ type: 'done', told, failures })
