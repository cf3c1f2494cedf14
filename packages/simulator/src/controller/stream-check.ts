/**
 * S5, the stream is enough: whoever has nothing but the stored commits, read back from text, knows what the controller
 * knew. Checked from outside, by listening to what the event store was told and what it answered.
 */
import {
  type Answer,
  type Commit,
  type Drain,
  type DrainEvent,
  evolve,
  idle,
  type KnownTask,
  type Snapshot,
  type StreamId,
} from '@ecs-drain/core'
import { createVerdict, type PromiseResult } from '../promise/promise.ts'
import type { AnswerListener, SnapshotObserver } from './ecs-drain.ts'
import { isPlainData, isSameData } from './plain-data.ts'

export interface StreamCheck {
  /** Hears every call that was answered; those to the event store matter. */
  readonly hear: AnswerListener
  readonly observe: SnapshotObserver
  result(): PromiseResult
}

/** One stream: what was heard of it, and what the controller held in the end. */
interface Overheard {
  /** By the version that each commit made, from 1. Commits may be heard of out of order, and some never. */
  readonly commits: Array<Commit['events'] | undefined>
  /** The fold of the first `version` commits, kept up while their events are still at hand. */
  drain: Drain
  version: number
  held: Snapshot | null
}

export const createStreamCheck = (): StreamCheck => {
  const streams = new Map<StreamId, Overheard>()

  const overheardOf = (stream: StreamId): Overheard => {
    const known = streams.get(stream)
    if (known !== undefined) return known
    const first: Overheard = { commits: [], drain: idle, version: 0, held: null }
    streams.set(stream, first)
    return first
  }

  const learn = (of: Overheard, version: number, events: Commit['events']): void => {
    of.commits[version] = events
    for (let next = of.commits[of.version + 1]; next !== undefined; next = of.commits[of.version + 1]) {
      of.drain = evolvedBy(of.drain, next)
      of.version += 1
    }
  }

  return {
    // A union of calls is not paired with the union of their answers: the type of the call says which answer it is.
    hear: (call, answer) => {
      if (call.type === 'LoadStream') {
        const commits = answer as Answer<'LoadStream'>
        if (commits.length === 0) return
        const of = overheardOf(call.stream)
        for (const { version, events } of commits) learn(of, version, events)
      } else if (call.type === 'AppendToStream') {
        const of = overheardOf(call.stream)
        const outcome = answer as Answer<'AppendToStream'>
        if (outcome.type === 'appended') learn(of, call.expectedVersion + 1, call.events)
        else for (const { version, events } of outcome.newer) learn(of, version, events)
      }
    },
    observe: (stream, snapshot) => {
      overheardOf(stream).held = snapshot
    },
    result: () => {
      const verdict = createVerdict(
        'S5 the stream is enough',
        'State rebuilt from the stored events equals the state that was held.',
      )
      for (const [stream, overheard] of streams) {
        const { held } = overheard
        if (held === null) continue
        verdict.occasion()
        const rebuilt = held.version === overheard.version ? overheard.drain : rebuiltFrom(overheard, held.version)
        if (isSameDrain(rebuilt, held.drain)) continue
        verdict.broken(() => {
          const given = JSON.stringify(rebuilt)
          return `${stream}: the first ${held.version} commits give ${given}, held was ${JSON.stringify(held.drain)}`
        })
      }
      return verdict.result()
    },
  }
}

/** For a snapshot older than the last commit that was heard of. */
const rebuiltFrom = ({ commits }: Overheard, version: number): Drain => {
  let drain: Drain = idle
  for (let each = 1; each <= version; each += 1) drain = evolvedBy(drain, commits[each] ?? [])
  return drain
}

const evolvedBy = (drain: Drain, events: Commit['events']): Drain => {
  let after = drain
  for (const event of events) after = evolve(after, readBack(event))
  return after
}

const fields = Object.keys(idle) as ReadonlyArray<keyof Drain>

/** A drain has the same fields in every phase, so they are listed once; most of what it holds are tasks. */
const isSameDrain = (one: Drain, other: Drain): boolean => {
  if (!isSameTasks(one.tasks, other.tasks)) return false
  for (const field of fields) if (field !== 'tasks' && !isSameData(one[field], other[field])) return false
  return true
}

const isSameTasks = (some: ReadonlyArray<KnownTask>, others: ReadonlyArray<KnownTask>): boolean => {
  if (some.length !== others.length) return false
  for (let at = 0; at < some.length; at += 1) {
    if (!isSameTask(some[at] as KnownTask, others[at] as KnownTask)) return false
  }
  return true
}

/** Field by field: there are thousands of these in a run. */
const isSameTask = (one: KnownTask, other: KnownTask): boolean => {
  const { arn, version, lastStatus, desiredStatus, group, toldToStop } = one
  return (
    arn === other.arn &&
    version === other.version &&
    lastStatus === other.lastStatus &&
    desiredStatus === other.desiredStatus &&
    group === other.group &&
    toldToStop === other.toldToStop
  )
}

/** A field that is compared nowhere above does not compile. */
type Compared = 'arn' | 'version' | 'lastStatus' | 'desiredStatus' | 'group' | 'toldToStop'
true satisfies Exclude<keyof KnownTask, Compared> extends never ? true : never

/** The event as it comes back from text. Plain data comes back as it was, which is seen much faster than done. */
const readBack = (event: DrainEvent): DrainEvent =>
  isPlainSighting(event) || isPlainData(event) ? event : (JSON.parse(JSON.stringify(event)) as DrainEvent)

/** Most events tell of one task. Of such a one these are all the fields that a drain could get to hold. */
const isPlainSighting = (event: DrainEvent): boolean => {
  if (event.type !== 'TaskSeen' || !Number.isFinite(event.at)) return false
  const { arn, version, lastStatus, desiredStatus, group } = event.task
  return (
    Number.isFinite(version) &&
    typeof arn === 'string' &&
    typeof lastStatus === 'string' &&
    typeof desiredStatus === 'string' &&
    typeof group === 'string'
  )
}
