/**
 * One handling of a batch of observations for one stream, without I/O: load, decide, append, carry out what is owed,
 * record what came of it, until nothing is owed. Production, the simulator and the model checker all run this machine;
 * one call is outstanding at a time, so a crash can fall between any two.
 */
import { decide } from '../drain/decide.ts'
import { type Drain, evolve, idle, isWatched } from '../drain/drain.ts'
import type { DrainEvent } from '../drain/drain-event.ts'
import type { DrainPolicy } from '../drain/drain-policy.ts'
import { effectsOwed } from '../effect/effects-owed.ts'
import type { StreamId } from '../identity/ids.ts'
import type { Failure } from '../observation/failure.ts'
import type { Observation } from '../observation/observation.ts'
import type { Instant } from '../time/instant.ts'
import type { Answer, Call, Commit, Reply } from './call.ts'
import { type Carrying, carryOn, carryOnAfter, startCarrying } from './carry-out.ts'

/** A stream as somebody knew it: `drain` is the fold of its first `version` commits. */
export interface Snapshot {
  readonly version: number
  readonly drain: Drain
}

/** What one invocation is about. */
export interface Assignment {
  readonly stream: StreamId
  readonly observations: ReadonlyArray<Observation>
  /** The shortest chain of self-sent messages that led here; 0 when any message came from somebody else. */
  readonly hops: number
}

/** Where an invocation stands between two calls. Plain data: it can be stored, copied and compared. */
export interface Invocation {
  readonly assignment: Assignment
  readonly known: Snapshot
  readonly stage: Stage
  /** The events this invocation wrote, in order. */
  readonly written: ReadonlyArray<DrainEvent>
  readonly effectsCarried: number
}

type Stage =
  | { readonly type: 'loading' }
  /** The events were decided on these observations; after a conflict they are decided anew. */
  | {
      readonly type: 'appending'
      readonly observations: ReadonlyArray<Observation>
      readonly events: ReadonlyArray<DrainEvent>
      /** The drain with these events. */
      readonly after: Drain
    }
  | { readonly type: 'carrying'; readonly carrying: Carrying }

/** What to do next: make this call and resume with its reply, or take the receipt. */
export type Step =
  | { readonly type: 'call'; readonly call: Call; readonly invocation: Invocation }
  | { readonly type: 'done'; readonly receipt: Receipt }

/** What became of the observations. */
export interface Receipt {
  readonly stream: StreamId
  /** Null: handled. Otherwise the messages must come back, because not all of this is in the stream. */
  readonly failure: Failure | null
  readonly written: ReadonlyArray<DrainEvent>
  readonly snapshot: Snapshot
}

/** A stream of which nothing is known. */
export const emptySnapshot: Snapshot = { version: 0, drain: idle }

/** No honest drain owes more in one go: two calls for each of a thousand tasks. Past it something is wrong, and is said. */
const effectsMax = 2_000

/** The first step. `known` may be old: only newer commits are loaded, and every write is conditional. */
export const begin = (assignment: Assignment, known: Snapshot = emptySnapshot): Step => ({
  type: 'call',
  call: { type: 'LoadStream', stream: assignment.stream, after: known.version },
  invocation: { assignment, known, stage: { type: 'loading' }, written: [], effectsCarried: 0 },
})

/** The next step after the reply to the outstanding call. */
export const resume = (invocation: Invocation, reply: Reply, policy: DrainPolicy): Step => {
  const { stage } = invocation
  if (stage.type === 'carrying') return resumeCarrying(invocation, stage.carrying, reply, policy)
  // Without the stream nothing can be recorded, so nothing may be done: the messages come back.
  if (reply.type === 'failed') return done(invocation, reply.failure)
  if (stage.type === 'loading') {
    const loaded = withNewer(invocation, reply.answer as Answer<'LoadStream'>)
    return decideOn(loaded, invocation.assignment.observations, reply.at, policy)
  }
  return resumeAppending(invocation, stage, reply.answer as Answer<'AppendToStream'>, reply.at, policy)
}

/** While something was appended a deadline may have come, which no wake-up is sent for any more. */
const timePassed: ReadonlyArray<Observation> = [{ type: 'TimePassed' }]

const resumeAppending = (
  invocation: Invocation,
  { observations, events, after }: Extract<Stage, { type: 'appending' }>,
  answer: Answer<'AppendToStream'>,
  at: Instant,
  policy: DrainPolicy,
): Step => {
  if (answer.type === 'conflict') {
    const informed = withNewer(invocation, answer.newer)
    // Decided anew on the same knowledge it would be the same append, without end: the messages come back instead.
    if (informed === invocation) return done(invocation, conflictWithoutNews)
    return decideOn(informed, isOutdated(invocation, observations, informed) ? timePassed : observations, at, policy)
  }
  const known = { version: invocation.known.version + 1, drain: after }
  return decideOn({ ...invocation, known, written: [...invocation.written, ...events] }, timePassed, at, policy)
}

/**
 * What an effect came to says nothing of a drain that has begun since, but that its instance was set ACTIVE. And that no cluster knows
 * the instance may have been so only before somebody else found that, too: it is not the second answer that lets the instance go (R2).
 */
const isOutdated = (
  { effectsCarried, known }: Invocation,
  [observation]: ReadonlyArray<Observation>,
  informed: Invocation,
): boolean => {
  if (effectsCarried === 0 || observation?.type === 'ContainerInstanceActive') return false
  return observation?.type === 'ContainerInstanceAbsent' || informed.known.drain.announcedAt !== known.drain.announcedAt
}

const conflictWithoutNews: Failure = {
  type: 'Unavailable',
  message: 'a conflict that comes without a newer commit',
}

const resumeCarrying = (invocation: Invocation, carrying: Carrying, reply: Reply, policy: DrainPolicy): Step => {
  const carried = reply.type === 'failed' ? carryOnAfter(carrying, reply.failure) : carryOn(carrying, reply.answer)
  if (carried.type === 'next') return callFor(invocation, carried.carrying)
  // Where its outcome decides nothing, it is owed still, and would be carried out again and again.
  return appendDecided(invocation, [carried.outcome], reply.at, policy) ?? done(invocation, null)
}

/** What is decided is appended, and then what is owed is pursued; where nothing is decided, at once. */
const decideOn = (
  invocation: Invocation,
  observations: ReadonlyArray<Observation>,
  at: Instant,
  policy: DrainPolicy,
): Step => appendDecided(invocation, observations, at, policy) ?? pursue(invocation, at, policy)

/** Null where nothing is decided. */
const appendDecided = (
  invocation: Invocation,
  observations: ReadonlyArray<Observation>,
  at: Instant,
  policy: DrainPolicy,
): Step | null => {
  const { version, drain } = invocation.known
  let events: ReadonlyArray<DrainEvent> = []
  let after = drain
  for (const observation of observations) {
    const decided = decide(observation, after, at, policy)
    events = [...events, ...decided]
    after = decided.reduce(evolve, after)
  }
  if (events.length === 0) return null
  const { stream } = invocation.assignment
  const containerInstances = after.containerInstance === null ? [] : [after.containerInstance.arn, ...after.leftBehind]
  return {
    type: 'call',
    call: {
      type: 'AppendToStream',
      stream,
      expectedVersion: version,
      events,
      index: { watched: isWatched(after), containerInstances },
    },
    invocation: { ...invocation, stage: { type: 'appending', observations, events, after } },
  }
}

/** The most urgent effect that is owed, if one is. */
const pursue = (invocation: Invocation, at: Instant, policy: DrainPolicy): Step => {
  // A wake-up is owed where nothing else is.
  if (invocation.written.at(-1)?.type === 'WakeUpSent') return done(invocation, null)
  const [effect] = effectsOwed(invocation.known.drain, at, policy, invocation.assignment.hops)
  if (effect === undefined) return done(invocation, null)
  const effectsCarried = invocation.effectsCarried + 1
  if (effectsCarried > effectsMax) {
    return done(invocation, { type: 'Unavailable', message: `more than ${effectsMax} effects owed at once` })
  }
  return callFor(invocation, startCarrying(effect, at), effectsCarried)
}

const callFor = (
  invocation: Invocation,
  carrying: Carrying,
  effectsCarried: number = invocation.effectsCarried,
): Step => ({
  type: 'call',
  call: carrying.call,
  invocation: { ...invocation, effectsCarried, stage: { type: 'carrying', carrying } },
})

/** The same invocation where none of the commits is newer than what it knows. */
const withNewer = (invocation: Invocation, newer: ReadonlyArray<Commit>): Invocation => {
  let { version, drain } = invocation.known
  for (const commit of newer) {
    if (commit.version <= version) continue
    drain = commit.events.reduce(evolve, drain)
    version = commit.version
  }
  return version === invocation.known.version ? invocation : { ...invocation, known: { version, drain } }
}

const done = (invocation: Invocation, failure: Failure | null): Step => ({
  type: 'done',
  receipt: receiptOf(invocation, failure),
})

/** The receipt where it goes no further: what is written counts, and what the outstanding call came to is nobody's business. */
export const receiptOf = ({ assignment, written, known }: Invocation, failure: Failure | null): Receipt => ({
  stream: assignment.stream,
  failure,
  written,
  snapshot: known,
})
