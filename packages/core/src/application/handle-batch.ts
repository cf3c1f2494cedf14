/** Batch in, receipts out: runs routing and then an invocation per stream over the ports. */
import * as E from 'fp-ts/Either'
import type * as T from 'fp-ts/Task'
import type { DrainPolicy } from '../drain/drain-policy.ts'
import type { Delivery } from '../envelope/decode-envelope.ts'
import type { Notice } from '../envelope/notice.ts'
import type { Call, Reply } from '../invocation/call.ts'
import { type Assignment, begin, type Receipt, resume } from '../invocation/invocation.ts'
import { beginRouting, type Itinerary, resumeRouting } from '../invocation/routing.ts'
import type { Failure } from '../observation/failure.ts'
import type { Ports } from '../port/port.ts'
import { perform } from './perform.ts'

/** What became of a batch. Messages that are in none of the lists were handled. */
export interface Handled {
  /** One per EC2 instance that the batch was about. */
  readonly receipts: ReadonlyArray<Receipt>
  readonly ignored: ReadonlyArray<{ readonly id: string | null; readonly why: string }>
  /** Unread for good: another delivery would not help. They belong in a dead-letter queue. */
  readonly undecodable: ReadonlyArray<{ readonly id: string | null; readonly report: ReadonlyArray<string> }>
  /** Not handled this time: they must be delivered again. */
  readonly failed: ReadonlyArray<{ readonly id: string | null; readonly failure: Failure }>
}

/** Handles every delivery once, and never rejects: what went wrong is in the answer. */
export const handleBatch =
  (ports: Ports, policy: DrainPolicy) =>
  (deliveries: ReadonlyArray<Delivery>): T.Task<Handled> =>
  async () => {
    const { notices, undecodable } = separate(deliveries)
    const itinerary = await route(
      ports,
      policy,
      notices.map(({ notice }) => notice),
    )
    const receipts = await Promise.all(
      itinerary.routed.map(({ assignment }) => runInvocation(ports, policy, assignment)()),
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

/** One invocation over the ports, to its receipt. */
export const runInvocation =
  (ports: Ports, policy: DrainPolicy, assignment: Assignment): T.Task<Receipt> =>
  async () => {
    let step = begin(assignment)
    while (step.type === 'call') step = resume(step.invocation, await replyTo(ports, step.call), policy)
    return step.receipt
  }

const route = async (ports: Ports, policy: DrainPolicy, notices: ReadonlyArray<Notice>): Promise<Itinerary> => {
  let step = beginRouting(notices, policy)
  while (step.type === 'call') step = resumeRouting(step.routing, await replyTo(ports, step.call), policy)
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
  for (const { stream, written, failure, snapshot } of receipts) {
    for (const event of written) journal.note({ type: 'recorded', stream, version: snapshot.version, event })()
    if (failure !== null) journal.note({ type: 'failed', stream, failure })()
  }
  for (const { id, why } of ignored) journal.note({ type: 'ignored', message: id, why })()
  for (const { id, report } of undecodable) journal.note({ type: 'undecodable', message: id, report })()
  // Those with a receipt are noted above, once for their stream.
  for (const { failure } of unrouted) journal.note({ type: 'failed', stream: null, failure })()
}
