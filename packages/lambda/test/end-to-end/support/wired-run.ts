/**
 * A whole run of the deployed bundle against the simulated AWS: processes and HTTP in between, nothing else. Virtual time goes on
 * while the function's requests are under way, and while nothing is, by a second or to the next thing that happens.
 */
import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs'
import { type DrainEvent, fold } from '@ecs-drain/core'
import { type Environment, startEnvironment } from './environment.ts'
import { createEventSource, type EventSource } from './event-source.ts'
import { type Fate, type Passing, type Relay, startRelay } from './relay.ts'
import { type SimulatedAws, type State, startSimulatedAws, type Verdict } from './simulated-aws.ts'
import { type StreamTable, startStreamTable } from './stream-table.ts'
import { unpackedBundle } from './unpacked-bundle.ts'

/** What a test may want to be different. */
export interface WiredOptions {
  readonly scenario: string
  readonly seed: number
  /** `path=value`, as `ecs-drain simulate --set` takes them. */
  readonly settings?: ReadonlyArray<string>
  /** The function's variables, besides and instead of the usual ones. */
  readonly variables?: Readonly<Record<string, string>>
  readonly everyBatchTwice?: boolean
  /** Messages that lie in the inbox from the start. */
  readonly alsoInInbox?: ReadonlyArray<string>
  /** The fate of requests to AWS and to the table. */
  readonly awsFate?: (passing: Passing) => Fate
  readonly storeFate?: (passing: Passing) => Fate
  /** Before these requests of the function, counted over the whole run, its process is killed. */
  readonly killedAt?: ReadonlySet<number>
}

export interface WiredRun {
  readonly verdict: Verdict
  readonly state: State
  /** Events of each instance that was drained, by its id. */
  readonly streams: ReadonlyMap<string, ReadonlyArray<DrainEvent>>
  /** Requests that left the function, by operation. */
  readonly requests: ReadonlyMap<string, number>
  readonly counts: EventSource['counts']
  readonly kills: number
  /** What the function logged. */
  readonly output: string
  /** Virtual seconds from the start. */
  readonly seconds: number
  /** Messages that lie in the dead-letter queue. */
  readonly deadLetters: number
}

/** How long one request is under way, in virtual milliseconds. */
const awsLatencyMs = 40
const storeLatencyMs = 8

const concurrency = 2
const stepsMost = 20_000

export const runWired = async (options: WiredOptions): Promise<WiredRun> => {
  const aws = await startSimulatedAws(options.scenario, options.seed, options.settings)
  const table = await startStreamTable()
  try {
    return await runOver(aws, table, options)
  } finally {
    aws.stop()
    await table.stop()
  }
}

const runOver = async (aws: SimulatedAws, table: StreamTable, options: WiredOptions): Promise<WiredRun> => {
  const clock = { now: Date.parse((await aws.moveClock(0)).now), settled: false, seconds: 0, idleMs: 0 }
  const pass = async (seconds: number | null): Promise<number> => {
    const { now, nextAt, settled, seconds: since } = await aws.moveClock(seconds)
    clock.now = Date.parse(now)
    clock.idleMs = nextAt === null ? 0 : Date.parse(nextAt) - clock.now
    clock.settled = settled
    clock.seconds = since
    return clock.now
  }

  const relays: Array<Relay> = []
  const bundle = unpackedBundle()
  let requestsPassed = 0
  let kills = 0

  const coldStart = async (): Promise<Environment> => {
    let environment: Environment | null = null
    const through = async (
      target: string,
      latencyMs: number,
      fateOf: (passing: Passing) => Fate = () => 'forward',
    ): Promise<Relay> => {
      const relay = await startRelay({
        target,
        arrive: () => pass(latencyMs / 1000),
        fateOf: (passing) => {
          const number = requestsPassed++
          if (options.killedAt?.has(number) !== true) return fateOf(passing)
          kills += 1
          environment?.kill()
          // Killed just before the request is out, or just after.
          return number % 2 === 0 ? 'lose-request' : 'lose-answer'
        },
      })
      relays.push(relay)
      return relay
    }
    const awsRelay = await through(aws.address, awsLatencyMs, options.awsFate)
    const storeRelay = await through(table.address, storeLatencyMs, options.storeFate)
    environment = await startEnvironment({
      bundle,
      variables: {
        AWS_ENDPOINT_URL: awsRelay.url,
        AWS_ENDPOINT_URL_DYNAMODB: storeRelay.url,
        ECS_DRAIN_CLUSTERS: 'cluster',
        ECS_DRAIN_HOOK: 'drain',
        ECS_DRAIN_GROUPS: '*',
        ECS_DRAIN_ACCOUNT: '123456789012',
        ECS_DRAIN_TABLE: table.name,
        ECS_DRAIN_QUEUE_URL: aws.inboxUrl,
        ...options.variables,
      },
    })
    return environment
  }

  const sqs = new SQSClient({
    region: 'eu-west-1',
    endpoint: aws.url,
    credentials: { accessKeyId: 'simulated', secretAccessKey: 'simulated' },
  })
  const source = createEventSource({
    sqs,
    queueUrl: aws.inboxUrl,
    queueArn: 'arn:aws:sqs:eu-west-1:123456789012:ecs-drain-inbox',
    coldStart,
    concurrency,
    now: () => clock.now,
    began: (records) => aws.invocationBegins(records),
    ended: (invocation, how) => aws.invocationEnds(invocation, how),
    ...(options.everyBatchTwice === undefined ? {} : { everyBatchTwice: options.everyBatchTwice }),
  })

  try {
    for (const MessageBody of options.alsoInInbox ?? []) {
      await sqs.send(new SendMessageCommand({ QueueUrl: aws.inboxUrl, MessageBody }))
    }
    await drive(source, pass, clock)
    const [state, verdict] = [await aws.state(), await aws.verdict()]
    return {
      verdict,
      state,
      streams: await table.streams(),
      requests: summed(relays),
      counts: source.counts,
      kills,
      output: source.output(),
      seconds: clock.seconds,
      deadLetters: state.queues.find(({ name }) => name.endsWith('dead-letters'))?.visible ?? 0,
    }
  } finally {
    source.stop()
    await Promise.all(relays.map((relay) => relay.close()))
  }
}

/** Until the world has come to rest. */
const drive = async (
  source: EventSource,
  pass: (seconds: number | null) => Promise<number>,
  clock: { readonly settled: boolean; readonly idleMs: number },
): Promise<void> => {
  for (let step = 0; step < stepsMost; step += 1) {
    if (clock.settled && source.busy() === 0) return
    const took = await source.poll()
    if (took) continue
    if (source.busy() > 0) await source.oneEnds()
    else await pass(clock.idleMs > 1_000 ? null : 1)
  }
  throw new Error(`the world has not come to rest in ${stepsMost} steps`)
}

const summed = (relays: ReadonlyArray<Relay>): ReadonlyMap<string, number> => {
  const sum = new Map<string, number>()
  for (const { calls } of relays) {
    for (const [operation, count] of calls) sum.set(operation, (sum.get(operation) ?? 0) + count)
  }
  return sum
}

/** The phase in which each drained instance's stream ends. */
export const phasesOf = ({ streams }: WiredRun): ReadonlyArray<string> =>
  [...streams.values()].map((events) => fold(events).phase)
