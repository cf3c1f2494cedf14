/**
 * From a batch of notices to one assignment per stream, without I/O: a thousand stopped tasks become one look-up and as
 * many invocations as there are draining instances among them. The sweep is part of it, because it, too, only finds
 * out whom to tell.
 */
import type { DrainPolicy } from '../drain/drain-policy.ts'
import type { Notice } from '../envelope/notice.ts'
import type { ContainerInstanceArn, StreamId } from '../identity/ids.ts'
import type { Failure } from '../observation/failure.ts'
import type { Addressed, Observation } from '../observation/observation.ts'
import { type Ignored, observe } from '../observation/observe.ts'
import type { Answer, Call, Reply } from './call.ts'
import type { Assignment } from './invocation.ts'
import { beginSweep, resumeSweep, type Sweep, type SweepStep } from './sweep.ts'

/** An assignment and the positions of the notices it came from, which come back if it fails. */
export interface Routed {
  readonly assignment: Assignment
  readonly from: ReadonlyArray<number>
}

/** What the notices of a batch turned out to be. */
export interface Itinerary {
  readonly routed: ReadonlyArray<Routed>
  readonly ignored: ReadonlyArray<{ readonly from: number; readonly why: Ignored }>
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
  /** Null until the streams of `lookups` are found. */
  readonly sweep: Sweep | null
}

interface Mail extends Addressed {
  readonly hops: number
  readonly from: number
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
  const routing: Routing = { mail, lookups, sweeps, ignored, failed: [], sweep: null }
  if (lookups.length === 0) return sweepOrArrive(routing)
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
export const resumeRouting = (routing: Routing, reply: Reply, policy: DrainPolicy): RoutingStep =>
  routing.sweep === null ? streamsFound(routing, reply) : sweeping(routing, resumeSweep(routing.sweep, reply, policy))

const streamsFound = (routing: Routing, reply: Reply): RoutingStep => {
  if (reply.type === 'failed') {
    const failed = routing.lookups.map(({ from }) => ({ from, failure: reply.failure }))
    return sweepOrArrive({ ...routing, failed: [...routing.failed, ...failed] })
  }
  const streams = reply.answer as Answer<'FindStreams'>
  const mail = routing.mail.slice()
  const ignored = routing.ignored.slice()
  for (const { asked, observation, from } of routing.lookups) {
    const stream = streams[asked] ?? null
    if (stream === null) ignored.push({ from, why: 'no-drain' })
    else mail.push({ stream, observation, hops: 0, from })
  }
  return sweepOrArrive({ ...routing, mail, ignored })
}

const sweepOrArrive = (routing: Routing): RoutingStep =>
  routing.sweeps.length === 0 ? arrive(routing) : sweeping(routing, beginSweep())

/** One sweep does for all that a batch asks for; if it failed, all of them come back. */
const sweeping = (routing: Routing, step: SweepStep): RoutingStep => {
  if (step.type === 'call') return { type: 'call', call: step.call, routing: { ...routing, sweep: step.sweep } }
  const [first] = routing.sweeps
  const mail = step.told.map((addressed): Mail => ({ ...addressed, hops: 0, from: first as number }))
  const failed = step.failures.flatMap((failure) => routing.sweeps.map((from) => ({ from, failure })))
  return arrive({ ...routing, mail: [...routing.mail, ...mail], failed: [...routing.failed, ...failed] })
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
