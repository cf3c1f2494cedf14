/**
 * What the function does with an event, as a function of its arguments. Everything is awaited before it answers, because
 * what is left running stands still with its environment and goes on in the middle of another invocation.
 */
import {
  decodeEnvelope,
  type Handled,
  handleBatch,
  lifted,
  type PolicyOptions,
  type PortOptions,
  type Ports,
  type Receipt,
  type StoredEvents,
  type StreamId,
} from '@ecs-drain/core'
import type { Context, SQSBatchResponse } from 'aws-lambda'
import * as E from 'fp-ts/Either'
import { type DirectAnswer, directAnswer, isFromQueue, queueAnswer } from './answer.ts'
import { type CallTally, callTally, countedPorts, measurementsOfCalls } from './call-tally.ts'
import { lineOf, linesOf } from './drain-line.ts'
import { isReadToMeasure, measurementsOfDrains } from './drain-measurements.ts'
import type { FunctionLog } from './function-log.ts'
import type { FunctionMetrics } from './function-metrics.ts'
import { type TimeLimit, timeLimit } from './time-limit.ts'

/** What a handler is made of. */
export interface HandlerOptions {
  /** As `createDrainController` takes them. */
  readonly ports: PortOptions
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
 * twice is harmless. Throws a TypeError at once where an option or a port lacks a function or the policy contradicts itself.
 */
export const createHandler = (options: HandlerOptions): DrainHandler => {
  const wrong = mistakesIn(options)
  if (wrong.length > 0) throw new TypeError(`createHandler:\n${wrong.join('\n')}`)
  const { log, metrics, calls, time = timeLimit() } = options
  const tally = calls ?? callTally()
  const given = lifted(options.ports)
  const ports = logged(calls === undefined ? countedPorts(given, tally) : given, log)
  const handle = handleBatch(ports, options.policy, time.isUp)
  return async (event, context) => {
    time.begin(context.getRemainingTimeInMillis())
    log.begin(context)
    metrics.begin(context)
    const deliveries = decodeEnvelope(event)
    const handled = await handle(deliveries)()
    for (const line of linesOf(handled, deliveries)) log.write(line)
    const streams = time.isUp() ? new Map() : await streamsOf(handled.receipts.filter(isReadToMeasure), ports)
    metrics.publish([
      ...measurementsOfDrains(handled, deliveries, streams, ports.clock.now()),
      ...measurementsOfCalls(tally.take()),
    ])
    return isFromQueue(event) ? queueAnswer(handled) : directAnswer(handled)
  }
}

/** What each option does for a handler. What is in the ports and in the policy is core's to say. */
const functionsOf: { readonly [Option in keyof HandlerOptions]-?: ReadonlyArray<string> } = {
  ports: [],
  policy: [],
  log: ['begin', 'write'],
  metrics: ['begin', 'publish'],
  calls: ['note', 'take'],
  time: ['begin', 'isUp', 'signalOf'],
}

const needed = { ports: undefined, policy: undefined, log: undefined, metrics: undefined }

/** Whoever writes JavaScript may leave out what the type asks for, or give it by another name. */
const mistakesIn = (options: object): ReadonlyArray<string> =>
  Object.entries<unknown>({ ...needed, ...options }).flatMap(([name, value]) => {
    if (!Object.hasOwn(functionsOf, name)) return [`${name}: expected one of ${Object.keys(functionsOf).join(', ')}`]
    if (value === undefined && !Object.hasOwn(needed, name)) return []
    if (typeof value !== 'object' || value === null) return [`${name}: expected an object, got ${String(value)}`]
    return functionsOf[name as keyof HandlerOptions]
      .filter((each) => typeof (value as Record<string, unknown>)[each] !== 'function')
      .map((each) => `${name} lacks the function ${each}`)
  })

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

/** Their events; one that cannot be read is missing, because a figure is not worth a failure. */
const streamsOf = async (
  receipts: Handled['receipts'],
  { eventStore }: Ports,
): Promise<ReadonlyMap<StreamId, StoredEvents>> => {
  const streams = new Map<StreamId, StoredEvents>()
  const read = async ({ stream }: Receipt): Promise<void> => {
    const commits = await eventStore.load({ type: 'LoadStream', stream, after: 0 })()
    if (E.isLeft(commits)) return
    const events = commits.right.flatMap((commit) => commit.events)
    streams.set(stream, events)
  }
  await Promise.all(receipts.map(read))
  return streams
}
