/**
 * Core, called once for each different question. Its functions are pure, so what follows from an invocation and a reply
 * is computed by the shipped code the first time and looked up ever after.
 */
import type {
  Assignment,
  Call,
  Commit,
  Drain,
  DrainEvent,
  DrainPolicy,
  Invocation,
  Notice,
  Reply,
  Routing,
  RoutingStep,
  Step,
} from '@ecs-drain/core'
import { idle } from '@ecs-drain/core'
import type { Model } from '../model.ts'
import { noticeOf } from '../state/message-code.ts'
import { group, instanceId, stream as streamName, withTasksRenamed } from '../state/names.ts'
import * as reply from '../state/reply-code.ts'
import {
  assignmentLater,
  drainLater,
  eventLater,
  type Horizons,
  invocationLater,
  now,
  remembered,
  rememberedInvocation,
  routingLater,
} from './abstract-time.ts'
import type { CoreUnderCheck } from './core-under-check.ts'
import { createInterned } from './interned.ts'
import { createPairMemo } from './pair-memo.ts'

/** What a function does next: it waits for the reply of invocation number n (0 or more), or it is over. */
export type Next = number
export const handled = -1
/** Its messages must come back. */
export const comesBack = -2

/** An invocation and the one call it waits for. */
export interface Asking {
  readonly invocation: Invocation
  readonly call: Call
}

export interface InternedCore {
  readonly idle: number
  readonly drain: (stream: number) => Drain
  readonly asking: (invocation: number) => Asking
  /** The drain an invocation knows, as a stream's number. */
  readonly knownBy: (invocation: number) => number
  /** A message, or several, handed to a function that loads the stream at once. */
  readonly delivered: (stream: number, isIndexed: boolean, startAge: number, codes: ReadonlyArray<number>) => Next
  readonly loaded: (assignment: number, stream: number) => Next
  readonly replied: (invocation: number, code: number) => Next
  /** The append was refused, and the answer shows what was written since. */
  readonly refused: (invocation: number, stream: number) => Next
  /** The stream after the commit of an invocation that appends. */
  readonly streamAfter: (invocation: number) => number
  /** Whoever knows `known` while the stream is `before` will be shown these events as well. */
  readonly noteNews: (known: number, before: number, after: number, events: ReadonlyArray<DrainEvent>) => void
  /** -1: it asks for no group, and ends. */
  readonly sweepBegins: (isWatched: boolean) => number
  readonly sweepCall: (sweep: number) => Call
  /** The sweep's next call, or an assignment (`-2 - its number`), or -1: it has nothing to say about the instance. */
  readonly sweepReplied: (sweep: number, code: number, lifecycleState: string | null) => number
  readonly assignment: (assignment: number) => Assignment
  /** One tick later; the pairs of `noteNews` move along. */
  readonly streamLater: (stream: number) => number
  readonly invocationLater: (invocation: number) => number
  readonly assignmentLater: (assignment: number) => number
  readonly sweepLater: (sweep: number) => number
  readonly newsLater: (known: number, stream: number) => void
  readonly streamRenamed: (stream: number, renaming: number) => number
  readonly invocationRenamed: (invocation: number, renaming: number) => number
  readonly newsRenamed: (known: number, stream: number, renaming: number) => void
  /** S5: the first stream whose held state was not the fold of its stored events. */
  readonly unfaithful: () => string | null
  readonly sizes: () => Readonly<Record<string, number>>
}

/** Streams, invocations and replies share a key: 27 bits for the second. */
const radix = 2 ** 27

export const createInternedCore = (
  core: CoreUnderCheck,
  model: Model,
  policy: DrainPolicy,
  horizons: Horizons,
  renamings: ReadonlyArray<ReadonlyArray<number>>,
): InternedCore => {
  const drains = createInterned<Drain>('streams')
  const invocations = createInterned<Asking>('invocations')
  const assignments = createInterned<Assignment>('assignments')
  const routings = createInterned<{ readonly routing: Routing; readonly call: Call }>('sweeps')
  const known: Array<number> = []
  const after: Array<number> = []
  const news = new Map<number, ReadonlyArray<DrainEvent>>()
  let unfaithful: string | null = null

  const drainId = (drain: Drain): number => drains.idOf(remembered(drain, policy, horizons))

  const invocationId = (invocation: Invocation, call: Call): number => {
    const kept = rememberedInvocation(invocation, policy, horizons)
    const id = invocations.idOf({ invocation: kept, call })
    known[id] ??= drains.idOf(kept.known.drain)
    return id
  }

  const nextOf = (step: Step): Next => {
    if (step.type === 'done') return step.receipt.failure === null ? handled : comesBack
    return invocationId(step.invocation, step.call)
  }

  const answered = (answer: unknown): Reply => ({ type: 'answered', at: now, answer }) as Reply

  /** A function whose cache is as new as the stream; one that begins with nothing folds to the same (S5). */
  const loadedBy = (assignment: Assignment, stream: number): Next => {
    const step = core.begin(assignment, { version: 1, drain: drains.at(stream) })
    return step.type === 'done' ? nextOf(step) : nextOf(core.resume(step.invocation, answered([]), policy))
  }

  const routed = (notices: ReadonlyArray<Notice>, isIndexed: boolean): ReadonlyArray<Assignment> => {
    let step: RoutingStep = core.beginRouting(notices, policy)
    while (step.type === 'call') {
      if (step.call.type !== 'FindStreams') throw new Error(`routing asks for ${step.call.type} without a sweep`)
      const found = step.call.containerInstances.map(() => (isIndexed ? streamName : null))
      step = core.resumeRouting(step.routing, answered(found), policy)
    }
    return step.itinerary.routed.map(({ assignment }) => assignment)
  }

  const deliver = createPairMemo((stream, word) => {
    const codes = [(word >> 4) & 15, (word >> 8) & 15].filter((code) => code !== 0)
    const notices = codes.map((code) => noticeOf(code, (word >> 1) & 7, model))
    const [assignment] = routed(notices, (word & 1) === 1)
    return assignment === undefined ? handled : loadedBy(assignment, stream)
  })

  const load = createPairMemo((assignment, stream) => loadedBy(assignments.at(assignment), stream))

  const replied = createPairMemo((id, code) => {
    const { invocation, call } = invocations.at(id)
    return nextOf(core.resume(invocation, reply.replyOf(call, code, model), policy))
  })

  const refused = createPairMemo((id, stream) => {
    const { invocation } = invocations.at(id)
    const events = news.get((known[id] as number) * radix + stream)
    if (events === undefined) throw new Error('a conflict without anything new')
    const newer: ReadonlyArray<Commit> = [{ version: 2, events }]
    const next = nextOf(core.resume(invocation, answered({ type: 'conflict', newer }), policy))
    // S5, for a conflict: whoever was shown what is stored goes on from just that.
    if (next >= 0 && known[next] !== stream) {
      const held = JSON.stringify(drains.at(known[next] as number))
      unfaithful ??= `after a conflict it goes on from ${held}, stored is ${JSON.stringify(drains.at(stream))}`
    }
    return next
  })

  const streamAfter = (id: number): number => {
    const before = after[id]
    if (before !== undefined) return before
    const { stage, known: held } = invocations.at(id).invocation
    if (stage.type !== 'appending') throw new Error(`${stage.type}: not an append`)
    const stream = drainId(stage.after)
    after[id] = stream
    // S5, for this commit: what is held is what the stored events, read back from text, make of what was known.
    const stored = JSON.parse(JSON.stringify(stage.events)) as ReadonlyArray<DrainEvent>
    const rebuilt = drainId(stored.reduce(core.evolve, held.drain))
    if (rebuilt !== stream) {
      unfaithful ??= `held ${JSON.stringify(stage.after)}, the stored events give ${JSON.stringify(drains.at(rebuilt))}`
    }
    return stream
  }

  const startSweep = createPairMemo((isWatched) => {
    let step = core.beginRouting([{ type: 'SweepDue' }], policy)
    if (step.type === 'call') {
      step = core.resumeRouting(step.routing, answered(isWatched === 1 ? [streamName] : []), policy)
    }
    if (step.type === 'done') return -1
    return routings.idOf({ routing: step.routing, call: step.call })
  })

  const goOn = (sweep: number, next: Reply): number => {
    const step = core.resumeRouting(routings.at(sweep).routing, next, policy)
    if (step.type === 'call') return routings.idOf({ routing: step.routing, call: step.call })
    const [routedTo] = step.itinerary.routed
    return routedTo === undefined ? -1 : -2 - assignments.idOf(routedTo.assignment)
  }

  const renamed = createPairMemo((stream, renaming) =>
    drainId(withTasksRenamed(drains.at(stream), renamings[renaming] as ReadonlyArray<number>)),
  )
  const invocationRenamed = createPairMemo((id, renaming) => {
    const { invocation, call } = withTasksRenamed(invocations.at(id), renamings[renaming] as ReadonlyArray<number>)
    return invocationId(invocation, call)
  })
  const streamLater = createPairMemo((stream) => drainId(drainLater(drains.at(stream))))
  const later = createPairMemo((id) => {
    const { invocation, call } = invocations.at(id)
    const moved = invocationLater(invocation)
    const { stage } = moved
    if (stage.type === 'carrying') return invocationId(moved, stage.carrying.call)
    if (stage.type === 'appending' && call.type === 'AppendToStream') {
      return invocationId(moved, { ...call, events: stage.events })
    }
    return invocationId(moved, call)
  })

  const assignmentsLater = createPairMemo((id) => assignments.idOf(assignmentLater(assignments.at(id))))
  const sweepsLater = createPairMemo((sweep) => {
    const { routing, call } = routings.at(sweep)
    return routings.idOf({ routing: routingLater(routing), call })
  })
  const lifecycleStates: Array<string | null> = []
  const sweepReplied = createPairMemo((sweep, word) => {
    const { call } = routings.at(sweep)
    const code = word & 15
    if (call.type !== 'DescribeAutoScalingGroups' || code === reply.timedOut) {
      return goOn(sweep, reply.replyOf(call, code, model))
    }
    const lifecycleState = lifecycleStates[word >> 4] ?? null
    const instances = lifecycleState === null ? [] : [{ id: instanceId, lifecycleState }]
    return goOn(sweep, answered({ items: [{ name: group, instances }], nextToken: null }))
  })
  const stateNumber = (lifecycleState: string | null): number => {
    const known = lifecycleStates.indexOf(lifecycleState)
    return known === -1 ? lifecycleStates.push(lifecycleState) - 1 : known
  }

  const keepNews = (one: number, stream: number, events: () => ReadonlyArray<DrainEvent>): void => {
    const key = one * radix + stream
    if (!news.has(key)) news.set(key, events())
  }
  const newsOf = (one: number, stream: number): ReadonlyArray<DrainEvent> => news.get(one * radix + stream) ?? []

  return {
    idle: drains.idOf(idle),
    drain: drains.at,
    asking: invocations.at,
    knownBy: (id) => known[id] as number,
    delivered: (stream, isIndexed, startAge, [first = 0, second = 0]) =>
      deliver(stream, (isIndexed ? 1 : 0) | (startAge << 1) | (first << 4) | (second << 8)),
    loaded: load,
    replied,
    refused,
    streamAfter,
    noteNews: (one, before, next, events) => {
      keepNews(one, next, () => (one === before ? events : [...newsOf(one, before), ...events]))
    },
    sweepBegins: (isWatched) => startSweep(isWatched ? 1 : 0, 0),
    sweepCall: (sweep) => routings.at(sweep).call,
    sweepReplied: (sweep, code, lifecycleState) => sweepReplied(sweep, code | (stateNumber(lifecycleState) << 4)),
    assignment: assignments.at,
    streamLater: (stream) => streamLater(stream, 0),
    invocationLater: (id) => later(id, 0),
    assignmentLater: (id) => assignmentsLater(id, 0),
    sweepLater: (sweep) => sweepsLater(sweep, 0),
    newsLater: (one, stream) =>
      keepNews(streamLater(one, 0), streamLater(stream, 0), () => newsOf(one, stream).map(eventLater)),
    streamRenamed: renamed,
    invocationRenamed,
    newsRenamed: (one, stream, renaming) =>
      keepNews(renamed(one, renaming), renamed(stream, renaming), () =>
        withTasksRenamed(newsOf(one, stream), renamings[renaming] as ReadonlyArray<number>),
      ),
    unfaithful: () => unfaithful,
    sizes: () => ({
      streams: drains.size(),
      invocations: invocations.size(),
      coreCalls: deliver.runs() + load.runs() + replied.runs() + refused.runs() + sweepReplied.runs(),
    }),
  }
}
