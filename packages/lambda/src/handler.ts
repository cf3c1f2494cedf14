/**
 * What the function does with an event, as a function of its arguments. Everything is awaited before it answers, because
 * what is left running stands still with its environment and goes on in the middle of another invocation.
 */
import {
  contradictionsOf,
  type Delivery,
  type DrainPolicy,
  decodeEnvelope,
  drainPolicy,
  type Handled,
  handleBatch,
  type PolicyOptions,
  type Ports,
  type Receipt,
} from '@ecs-drain/core'
import type { Context, SQSBatchResponse } from 'aws-lambda'
import * as E from 'fp-ts/Either'
import { type DirectAnswer, directAnswer, isFromQueue, queueAnswer } from './answer.ts'
import { type CallTally, callTally, countedPorts, measurementsOfCalls } from './call-tally.ts'
import { lineOf, linesOf } from './drain-line.ts'
import { completedAt, inSeconds, isForced, lastStoppedOf, measurementsOfDrains, stopsIn } from './drain-measurements.ts'
import type { FunctionLog } from './function-log.ts'
import type { FunctionMetrics } from './function-metrics.ts'
import type { Measurement } from './metric-names.ts'
import { type TimeLimit, timeLimit } from './time-limit.ts'

/** What a handler is made of. */
export interface HandlerOptions {
  readonly ports: Ports
  readonly policy: PolicyOptions
  readonly log: FunctionLog
  readonly metrics: FunctionMetrics
  /**
   * Where the ports count the requests they send, as those of `awsPorts` do through `onCall`. Without it every call of a
   * port counts as one request.
   */
  readonly calls?: CallTally
  /**
   * Whose signals cut off the requests of the ports, as those of `awsPorts` do through `cutOff`. Without it no call is begun when the
   * time is nearly up, and one that is under way may outlast it.
   */
  readonly time?: TimeLimit
}

/** A Lambda handler for everything that ecs-drain is told: see docs/lambda.md. */
export type DrainHandler = (event: unknown, context: Context) => Promise<SQSBatchResponse | DirectAnswer>

/**
 * A handler over the given ports. A batch of SQS is answered with what must come back; any other event rejects with a
 * `NotHandledError` where something must be delivered again or cannot be read, after all else was handled. Handling anything
 * twice is harmless. Throws at once where the policy contradicts itself.
 */
export const createHandler = (options: HandlerOptions): DrainHandler => {
  const { log, metrics, calls, time = timeLimit() } = options
  const complete: DrainPolicy = drainPolicy(options.policy)
  const contradictions = contradictionsOf(complete)
  if (contradictions.length > 0) throw new TypeError(`the policy contradicts itself:\n${contradictions.join('\n')}`)
  const tally = calls ?? callTally()
  const ports = logged(calls === undefined ? countedPorts(options.ports, tally) : options.ports, log)
  const handle = handleBatch(ports, complete, time.isUp)
  return async (event, context) => {
    time.begin(context.getRemainingTimeInMillis())
    log.begin(context)
    metrics.begin(context)
    const deliveries = decodeEnvelope(event)
    const handled = await handle(deliveries)()
    for (const line of linesOf(handled, deliveries)) log.write(line)
    metrics.publish([
      ...measurementsOfDrains(handled, deliveries, ports.clock.now()),
      ...(time.isUp() ? [] : await measurementsOfCompletions(handled.receipts, deliveries, ports)),
      ...measurementsOfCalls(tally.take()),
    ])
    return isFromQueue(event) ? queueAnswer(handled) : directAnswer(handled)
  }
}

/** What is recorded is in the log at once: what Lambda cuts off is there as far as it came. */
const logged = (ports: Ports, log: FunctionLog): Ports => ({
  ...ports,
  journal: {
    note: (entry) => () => {
      if (entry.type === 'recorded') log.write(lineOf(entry))
      ports.journal.note(entry)()
    },
  },
})

const measurementsOfCompletions = async (
  receipts: Handled['receipts'],
  deliveries: ReadonlyArray<Delivery>,
  ports: Ports,
): Promise<ReadonlyArray<Measurement>> => {
  const stops = stopsIn(deliveries)
  const measured = await Promise.all(receipts.map((receipt) => secondsFromLastStopped(receipt, stops, ports)))
  return measured.flatMap((value) => (value === null ? [] : [{ metric: 'secondsFromLastStopped', value }]))
}

/** Costs one reading of the stream. */
const secondsFromLastStopped = async (
  receipt: Receipt,
  stops: ReturnType<typeof stopsIn>,
  { eventStore }: Ports,
): Promise<number | null> => {
  const at = completedAt(receipt)
  if (at === null || isForced(receipt)) return null
  const commits = await eventStore.load({ type: 'LoadStream', stream: receipt.stream, after: 0 })()
  // It is a figure, and not worth a failure.
  if (E.isLeft(commits)) return null
  const events = commits.right.flatMap((commit) => commit.events)
  const stoppedAt = lastStoppedOf(events, stops)
  return stoppedAt === null ? null : inSeconds(at - stoppedAt)
}
