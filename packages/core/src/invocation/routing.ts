/**
 * From a batch of notices to one assignment per stream, without I/O: a thousand stopped tasks become one look-up and as
 * many invocations as there are draining instances among them. The sweep is part of it, because it, too, only finds
 * out whom to tell.
 */
import type { DrainPolicy } from '../drain/drain-policy.ts'
import type { Notice } from '../envelope/notice.ts'
import type {
  AutoScalingGroupName,
  ClusterName,
  ContainerInstanceArn,
  Ec2InstanceId,
  StreamId,
} from '../identity/ids.ts'
import { instanceOf, streamOf } from '../identity/ids.ts'
import type { LifecycleAction } from '../identity/lifecycle-action.ts'
import type { Failure } from '../observation/failure.ts'
import { isWaiting, waitsForWarmPool } from '../observation/lifecycle-states.ts'
import type { Observation } from '../observation/observation.ts'
import { clustersFor, type Ignored, observe } from '../observation/observe.ts'
import type { Instant } from '../time/instant.ts'
import type { Answer, AutoScalingGroup, Call, Reply } from './call.ts'
import { isNotActive } from './carry-out.ts'
import type { Assignment } from './invocation.ts'

/** An assignment and the positions of the notices it came from, which come back if it fails. */
export interface Routed {
  readonly assignment: Assignment
  readonly from: ReadonlyArray<number>
}

/** What the notices of a batch turned out to be. */
export interface Itinerary {
  readonly routed: ReadonlyArray<Routed>
  readonly ignored: ReadonlyArray<{ readonly from: number; readonly why: Ignored | 'no-drain' }>
  /** Notices that could not be routed because a call failed; they come back. */
  readonly failed: ReadonlyArray<{ readonly from: number; readonly failure: Failure }>
}

/** What to do next: make this call and resume with its reply, or take the itinerary. */
export type RoutingStep =
  | { readonly type: 'call'; readonly call: Call; readonly routing: Routing }
  | { readonly type: 'done'; readonly itinerary: Itinerary }

/** Where routing stands. It only ever grows; plain data. */
export interface Routing {
  readonly mail: ReadonlyArray<Mail>
  readonly lookups: ReadonlyArray<Lookup>
  readonly sweeps: ReadonlyArray<number>
  readonly ignored: Itinerary['ignored']
  readonly failed: Itinerary['failed']
  readonly stage: Stage
}

type Stage =
  | { readonly type: 'finding-streams' }
  | { readonly type: 'listing-watched' }
  | Describing
  | { readonly type: 'reading-metadata'; readonly suspects: ReadonlyArray<Suspect> }
  | {
      readonly type: 'verifying'
      readonly suspects: ReadonlyArray<Suspect>
      readonly clusters: ReadonlyArray<ClusterName>
    }

interface Describing {
  readonly type: 'describing-groups'
  readonly watched: ReadonlyArray<StreamId>
  /** Those that have been described. */
  readonly groups: ReadonlyArray<AutoScalingGroup>
  /** How many names were asked for before those that are asked for now, and the page of these. */
  readonly from: number
  readonly nextToken: string | null
}

interface Mail {
  readonly stream: StreamId
  readonly observation: Observation
  readonly hops: number
  readonly from: number
}

/** An instance that waits for a hook, which may be ours. */
interface Suspect {
  readonly action: LifecycleAction
  readonly toWarmPool: boolean
}

interface Lookup {
  /** Position among the container instances that are asked for. */
  readonly asked: number
  readonly observation: Observation
  readonly from: number
}

/** The first step. Positions in `notices` are what `from` refers to. */
export const beginRouting = (notices: ReadonlyArray<Notice>, policy: DrainPolicy): RoutingStep => {
  const mail: Array<Mail> = []
  const lookups: Array<Lookup> = []
  const sweeps: Array<number> = []
  const ignored: Array<Itinerary['ignored'][number]> = []
  const positions = new Map<ContainerInstanceArn, number>()
  notices.forEach((notice, from) => {
    const observed = observe(notice, policy)
    switch (observed.type) {
      case 'addressed':
        mail.push({ stream: observed.stream, observation: observed.observation, hops: observed.hops, from })
        return
      case 'of-container-instance':
        lookups.push({
          asked: positionOf(observed.containerInstance, positions),
          observation: observed.observation,
          from,
        })
        return
      case 'sweep':
        sweeps.push(from)
        return
      case 'ignored':
        ignored.push({ from, why: observed.why })
    }
  })
  const stage: Stage = { type: 'finding-streams' }
  const routing: Routing = { mail, lookups, sweeps, ignored, failed: [], stage }
  if (lookups.length === 0) return beginSweep(routing)
  return { type: 'call', call: { type: 'FindStreams', containerInstances: [...positions.keys()] }, routing }
}

/** Each container instance is asked for once: its position among them, a new one for one that was not met before. */
const positionOf = (arn: ContainerInstanceArn, positions: Map<ContainerInstanceArn, number>): number => {
  const known = positions.get(arn)
  if (known !== undefined) return known
  positions.set(arn, positions.size)
  return positions.size - 1
}

/** The next step after the reply to the outstanding call. */
export const resumeRouting = (routing: Routing, reply: Reply, policy: DrainPolicy): RoutingStep => {
  const { stage } = routing
  switch (stage.type) {
    case 'finding-streams':
      return streamsFound(routing, reply)
    case 'listing-watched':
      if (reply.type === 'failed') return sweepFailed(routing, reply.failure)
      return describeGroups(
        routing,
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
      if (reply.type === 'failed') return sweepFailed(routing, reply.failure)
      return groupsDescribed(routing, stage, reply.answer as Answer<'DescribeAutoScalingGroups'>, reply.at, policy)
    case 'verifying':
      return verified(routing, stage, reply)
    case 'reading-metadata':
      return metadataRead(routing, stage.suspects, reply, policy)
  }
}

const streamsFound = (routing: Routing, reply: Reply): RoutingStep => {
  if (reply.type === 'failed') {
    const failed = routing.lookups.map(({ from }) => ({ from, failure: reply.failure }))
    return beginSweep({ ...routing, failed: [...routing.failed, ...failed] })
  }
  const streams = reply.answer as Answer<'FindStreams'>
  const mail = routing.mail.slice()
  const ignored = routing.ignored.slice()
  for (const { asked, observation, from } of routing.lookups) {
    const stream = streams[asked] ?? null
    if (stream === null) ignored.push({ from, why: 'no-drain' })
    else mail.push({ stream, observation, hops: 0, from })
  }
  return beginSweep({ ...routing, mail, ignored })
}

const beginSweep = (routing: Routing): RoutingStep => {
  if (routing.sweeps.length === 0) return arrive(routing)
  return {
    type: 'call',
    call: { type: 'ListWatchedStreams' },
    routing: { ...routing, stage: { type: 'listing-watched' } },
  }
}

/** Names in one request: more need a higher MaxRecords (AWS: DescribeAutoScalingGroups). */
const groupsMax = 50

const describeGroups = (routing: Routing, stage: Describing, policy: DrainPolicy): RoutingStep => {
  const { from, nextToken } = stage
  const groups = groupsOf(policy).slice(from, from + groupsMax)
  return {
    type: 'call',
    call: { type: 'DescribeAutoScalingGroups', groups, nextToken },
    routing: { ...routing, stage },
  }
}

const groupsDescribed = (
  routing: Routing,
  stage: Describing,
  { items, nextToken }: Answer<'DescribeAutoScalingGroups'>,
  at: Instant,
  policy: DrainPolicy,
): RoutingStep => {
  const groups = [...stage.groups, ...items]
  const from = nextToken === null ? stage.from + groupsMax : stage.from
  // No name at all means every group, so an empty rest is not asked for.
  return nextToken === null && from >= groupsOf(policy).length
    ? compare(routing, stage.watched, groups, at, policy)
    : describeGroups(routing, { ...stage, groups, from, nextToken }, policy)
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
  routing: Routing,
  watched: ReadonlyArray<StreamId>,
  groups: ReadonlyArray<AutoScalingGroup>,
  at: Instant,
  policy: DrainPolicy,
): RoutingStep => {
  const from = routing.sweeps[0] as number
  const isWatched = new Set<StreamId>(watched)
  const states = new Map<Ec2InstanceId, string>()
  const suspects: Array<Suspect> = []
  for (const { name: group, instances } of groups) {
    const owned = policy.hooks.filter((hook) => hook.groups === null || hook.groups.includes(group))
    for (const { id, lifecycleState } of instances) {
      states.set(id, lifecycleState)
      const isKnown = isWatched.has(streamOf(id))
      if (!isWaiting(lifecycleState) || isKnown) continue
      const toWarmPool = lifecycleState === waitsForWarmPool
      for (const { name: hook } of owned)
        suspects.push({ action: { group, hook, instance: id, token: null }, toWarmPool })
    }
  }
  const swept = watched.map((stream): Mail => {
    const lifecycleState = states.get(instanceOf(stream)) ?? null
    const observation: Observation =
      lifecycleState !== null && isWaiting(lifecycleState)
        ? { type: 'SweptWaiting', lifecycleState }
        : { type: 'SweptElsewhere', lifecycleState }
    return { stream, observation, hops: 0, from }
  })
  return askNext({ ...routing, mail: [...routing.mail, ...swept] }, inTurn(suspects, at, policy))
}

/** Asked about one after another before any drain is looked at, so not more than fit into a few seconds. */
const suspectsMax = 100

/** Where there are more, each sweep asks about others. */
const inTurn = (suspects: ReadonlyArray<Suspect>, at: Instant, { sweepEvery }: DrainPolicy): ReadonlyArray<Suspect> => {
  if (suspects.length <= suspectsMax) return suspects
  const first = (Math.floor(at / sweepEvery) * suspectsMax) % suspects.length
  return [...suspects.slice(first), ...suspects.slice(0, first)].slice(0, suspectsMax)
}

/**
 * An instance that waits and that no drain knows of: its notice was lost, or another hook holds it. Our own hook is asked for its
 * metadata first, as the lost notice would have said it: an instance that is looked for in the wrong clusters would be let go with
 * its tasks (R2), and one of a cluster that is not ours is left alone (S3).
 */
const askNext = (routing: Routing, suspects: ReadonlyArray<Suspect>): RoutingStep => {
  const [suspect] = suspects
  if (suspect === undefined) return arrive(routing)
  const { group, hook } = suspect.action
  const call: Call = { type: 'DescribeLifecycleHooks', group, hook }
  return { type: 'call', call, routing: { ...routing, stage: { type: 'reading-metadata', suspects } } }
}

const metadataRead = (
  routing: Routing,
  suspects: ReadonlyArray<Suspect>,
  reply: Reply,
  policy: DrainPolicy,
): RoutingStep => {
  if (reply.type === 'failed') return notTold(routing, suspects, reply.failure)
  const { action } = suspects[0] as Suspect
  const hook = (reply.answer as Answer<'DescribeLifecycleHooks'>).find(({ name }) => name === action.hook)
  return verify(routing, suspects, clustersFor(hook?.notificationMetadata ?? null, policy) ?? [])
}

/** A heartbeat on our own hook tells whose it is, because Auto Scaling accepts it only while that very hook holds the instance. */
const verify = (
  routing: Routing,
  suspects: ReadonlyArray<Suspect>,
  clusters: ReadonlyArray<ClusterName>,
): RoutingStep => {
  if (clusters.length === 0) return goOn(routing, suspects, clusters)
  const { action } = suspects[0] as Suspect
  const call: Call = { type: 'RecordLifecycleActionHeartbeat', action }
  return { type: 'call', call, routing: { ...routing, stage: { type: 'verifying', suspects, clusters } } }
}

const verified = (
  routing: Routing,
  { suspects, clusters }: Extract<Stage, { type: 'verifying' }>,
  reply: Reply,
): RoutingStep => {
  if (reply.type === 'failed') return notTold(routing, suspects, reply.failure, clusters)
  const found = foundBySweep(routing, suspects[0] as Suspect, reply.at, clusters)
  return goOn({ ...routing, mail: [...routing.mail, found] }, suspects, clusters)
}

const notTold = (
  routing: Routing,
  suspects: ReadonlyArray<Suspect>,
  failure: Failure,
  clusters: ReadonlyArray<ClusterName> = [],
): RoutingStep => {
  if (isNotActive(failure) || failure.type === 'NotFound') return goOn(routing, suspects, clusters)
  // One that is not allowed keeps no other from being found. Where AWS is not well, the drains that are open do not wait for the
  // others: the next sweep asks again.
  const isRefused = failure.type === 'AccessDenied' || failure.type === 'Rejected'
  return isRefused ? goOn(withFailedSweep(routing, failure), suspects, clusters) : arrive(routing)
}

/** The next of them. Of those that wait for the same hook the clusters are known, or that there are none. */
const goOn = (
  routing: Routing,
  [asked, ...others]: ReadonlyArray<Suspect>,
  clusters: ReadonlyArray<ClusterName>,
): RoutingStep => {
  const [next] = others
  const isSameHook = next?.action.hook === asked?.action.hook && next?.action.group === asked?.action.group
  return isSameHook ? verify(routing, others, clusters) : askNext(routing, others)
}

const foundBySweep = (routing: Routing, suspect: Suspect, at: Instant, clusters: ReadonlyArray<ClusterName>): Mail => ({
  stream: streamOf(suspect.action.instance),
  observation: { type: 'TerminationAnnounced', ...suspect, clusters, announcedAt: at },
  hops: 0,
  from: routing.sweeps[0] as number,
})

const sweepFailed = (routing: Routing, failure: Failure): RoutingStep => arrive(withFailedSweep(routing, failure))

const withFailedSweep = (routing: Routing, failure: Failure): Routing => {
  const failed = routing.sweeps.map((from) => ({ from, failure }))
  return { ...routing, failed: [...routing.failed, ...failed] }
}

/** What becomes a `Routed`, while it is put together. */
interface Route {
  readonly assignment: { readonly stream: StreamId; readonly observations: Array<Observation>; hops: number }
  readonly from: Array<number>
}

/** Grouped by stream, in the order in which each stream was first spoken of. */
const arrive = ({ mail, ignored, failed }: Routing): RoutingStep => {
  const routes = new Map<StreamId, Route>()
  for (const { stream, observation, hops, from } of mail) {
    const route = routes.get(stream)
    if (route === undefined) {
      routes.set(stream, { assignment: { stream, observations: [observation], hops }, from: [from] })
      continue
    }
    const { assignment } = route
    assignment.observations.push(observation)
    // A message that nobody of ours sent begins a new chain, whatever else is in its batch.
    assignment.hops = Math.min(assignment.hops, hops)
    if (route.from.at(-1) !== from) route.from.push(from)
  }
  return { type: 'done', itinerary: { routed: [...routes.values()], ignored, failed } }
}
