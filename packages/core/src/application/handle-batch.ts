/** Batch in, receipts out: runs routing and then an invocation per stream over the ports. */
import * as E from 'fp-ts/Either'
import type { IO } from 'fp-ts/IO'
import type * as T from 'fp-ts/Task'
import { drainIdOf } from '../drain/drain.ts'
import { type DrainPolicy, drainPolicy, type PolicyOptions } from '../drain/drain-policy.ts'
import type { Delivery } from '../envelope/decode-envelope.ts'
import type { Notice } from '../envelope/notice.ts'
import type { Call, Reply } from '../invocation/call.ts'
import {
  type Assignment,
  begin,
  type Invocation,
  type Receipt,
  receiptOf,
  resume,
  type Step,
} from '../invocation/invocation.ts'
import { beginRouting, type Itinerary, resumeRouting } from '../invocation/routing.ts'
import type { Failure } from '../observation/failure.ts'
import type { Ignored } from '../observation/observe.ts'
import type { Ports } from '../port/port.ts'
import { perform } from './perform.ts'

/** What became of a batch. Messages that are in none of the lists were handled. */
export interface Handled {
  /** One per EC2 instance that the batch was about. */
  readonly receipts: ReadonlyArray<Receipt>
  readonly ignored: ReadonlyArray<{ readonly id: string | null; readonly why: Ignored }>
  /** Unread for good: another delivery would not help. They belong in a dead-letter queue. */
  readonly undecodable: ReadonlyArray<{ readonly id: string | null; readonly report: ReadonlyArray<string> }>
  /** Not handled this time: they must be delivered again. */
  readonly failed: ReadonlyArray<{ readonly id: string | null; readonly failure: Failure }>
}

/** Who runs us may be about to be ended: from then on no call is begun but to record what is known already. */
export type IsTimeUp = IO<boolean>

const never: IsTimeUp = () => false

/**
 * Handles every delivery once, and never rejects: what went wrong is in the answer. What is left undone when `isTimeUp` says so
 * stays owed, and its messages are among the failed. Throws the TypeError of `drainPolicy` at once, before there is any delivery.
 */
export const handleBatch = (
  ports: Ports,
  options: PolicyOptions,
  isTimeUp: IsTimeUp = never,
): ((deliveries: ReadonlyArray<Delivery>) => T.Task<Handled>) => {
  const policy = drainPolicy(options)
  return (deliveries) => async () => {
    const { notices, undecodable } = separate(deliveries)
    const itinerary = await route(
      ports,
      policy,
      notices.map(({ notice }) => notice),
      isTimeUp,
    )
    const receipts = await Promise.all(
      itinerary.routed.map(({ assignment }) => runInvocation(ports, policy, assignment, isTimeUp)()),
    )
    const idAt = (position: number): string | null => notices[position]?.id ?? null
    const failedReceipts = itinerary.routed.flatMap(({ from }, index) => {
      const failure = receipts[index]?.failure ?? null
      return failure === null ? [] : from.map((position) => ({ from: position, failure }))
    })
    const handled: Handled = {
      receipts,
      ignored: itinerary.ignored.map(({ from, why }) => ({ id: idAt(from), why })),
      undecodable,
      failed: uniqueByPosition([...itinerary.failed, ...failedReceipts]).map(({ from, failure }) => ({
        id: idAt(from),
        failure,
      })),
    }
    note(ports, handled, itinerary.failed)
    return handled
  }
}

/** One invocation over the ports, to its receipt. */
export const runInvocation =
  (ports: Ports, policy: DrainPolicy, assignment: Assignment, isTimeUp: IsTimeUp = never): T.Task<Receipt> =>
  async () => {
    let step = begin(assignment)
    while (step.type === 'call') {
      const { invocation, call } = step
      if (isTimeUp() && call.type !== 'AppendToStream') return receiptOf(invocation, timeIsUp)
      const reply = await replyTo(ports, call)
      // It may have failed for want of time, which is not to be held against AWS.
      if (reply.type === 'failed' && isTimeUp()) return receiptOf(invocation, timeIsUp)
      step = resume(invocation, reply, policy)
      noteWritten(ports, invocation, step)
    }
    return step.receipt
  }

/** What a reply added to the stream, at once: whoever runs us may be ended before the batch is. */
const noteWritten = ({ journal }: Ports, { written: before }: Invocation, step: Step): void => {
  const { stream, written, snapshot } = step.type === 'call' ? receiptOf(step.invocation, null) : step.receipt
  if (written.length === before.length) return
  const events = written.slice(before.length)
  const begins = events.findLastIndex(({ type }) => type === 'DrainRequested')
  events.forEach((event, index) => {
    // What stands before a drain's beginning is about the one before it, whose id is in the entries of that one.
    const drain = index < begins ? null : drainIdOf(snapshot.drain)
    journal.note({ type: 'recorded', stream, drain, version: snapshot.version, event })()
  })
}

const timeIsUp: Failure = { type: 'TimedOut', message: 'the time for this batch was up; what is owed stays owed' }

const route = async (
  ports: Ports,
  policy: DrainPolicy,
  notices: ReadonlyArray<Notice>,
  isTimeUp: IsTimeUp,
): Promise<Itinerary> => {
  let step = beginRouting(notices, policy)
  while (step.type === 'call') {
    const reply: Reply = isTimeUp()
      ? { type: 'failed', at: ports.clock.now(), failure: timeIsUp }
      : await replyTo(ports, step.call)
    step = resumeRouting(step.routing, reply, policy)
  }
  return step.itinerary
}

const replyTo = async (ports: Ports, call: Call): Promise<Reply> => {
  const result = await perform(ports)(call)()
  const at = ports.clock.now()
  return E.isRight(result)
    ? { type: 'answered', at, answer: result.right }
    : { type: 'failed', at, failure: result.left }
}

interface Separated {
  readonly notices: ReadonlyArray<{ readonly id: string | null; readonly notice: Notice }>
  readonly undecodable: Handled['undecodable']
}

const separate = (deliveries: ReadonlyArray<Delivery>): Separated => {
  const notices: Array<Separated['notices'][number]> = []
  const undecodable: Array<Handled['undecodable'][number]> = []
  for (const { id, notice } of deliveries) {
    if (E.isRight(notice)) notices.push({ id, notice: notice.right })
    else undecodable.push({ id, report: notice.left })
  }
  return { notices, undecodable }
}

const uniqueByPosition = <Item extends { readonly from: number }>(items: ReadonlyArray<Item>): ReadonlyArray<Item> => [
  ...new Map(items.map((item) => [item.from, item])).values(),
]

const note = ({ journal }: Ports, { receipts, ignored, undecodable }: Handled, unrouted: Itinerary['failed']): void => {
  for (const { stream, failure } of receipts) {
    if (failure !== null) journal.note({ type: 'failed', stream, failure })()
  }
  for (const { id, why } of ignored) journal.note({ type: 'ignored', message: id, why })()
  for (const { id, report } of undecodable) journal.note({ type: 'undecodable', message: id, report })()
  // Those with a receipt are noted above, once for their stream.
  for (const { failure } of unrouted) journal.note({ type: 'failed', stream: null, failure })()
}
