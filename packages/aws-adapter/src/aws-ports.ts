/** Everything wired: the core's ports over the four services. */
import type { Clock, Duration, Journal, Ports } from '@ecs-drain/core'
import { autoScalingCalls } from './auto-scaling/auto-scaling-calls.ts'
import { autoScalingLifecycleHooks } from './auto-scaling/lifecycle-hooks.ts'
import { awsClients, type ClientOptions } from './client/clients.ts'
import { dynamoCalls } from './dynamodb/dynamo-calls.ts'
import { defaultRetention, dynamoEventStore } from './dynamodb/dynamo-event-store.ts'
import { ecsCalls } from './ecs/ecs-calls.ts'
import { ecsCluster } from './ecs/ecs-cluster.ts'
import { sqsCalls } from './sqs/sqs-calls.ts'
import { sqsWakeUps } from './sqs/wake-ups.ts'
import { systemClock } from './system-clock.ts'

/** Where AWS is, and how patiently it is asked; events are stored elsewhere. */
export interface AwsConfigWithoutTable extends ClientOptions {
  /** The standard SQS queue that wake-ups are sent to; null: none can be sent, and the policy must have `hopsMax: 0`. */
  readonly queueUrl: string | null
  /** Without one nothing is noted; what was done is in the streams all the same. */
  readonly journal?: Journal
  /** The time of the world that the endpoint is of, where that is a simulated one; `systemClock` unless told otherwise. */
  readonly clock?: Clock
}

/** The same, with the event store in DynamoDB. */
export interface AwsConfig extends AwsConfigWithoutTable {
  /** The DynamoDB table of the event store, made as `tableDefinition` says. */
  readonly table: string
  /** How long a stream is kept once its drain has ended; `defaultRetention` unless told otherwise. */
  readonly retention?: Duration
}

const silent: Journal = { note: () => () => undefined }

/**
 * The core's ports over AWS. The clients are built here, once; credentials are found as the SDK finds them. Throws a
 * TypeError that names every option that cannot be meant; nothing is sent before the first call. Where `table` is left out, so is
 * the event store: add your own.
 */
export function awsPorts(config: AwsConfig): Ports
export function awsPorts(config: AwsConfigWithoutTable): Omit<Ports, 'eventStore'>
export function awsPorts(config: AwsConfig | AwsConfigWithoutTable): Ports | Omit<Ports, 'eventStore'> {
  const wrong = mistakesIn(config)
  if (wrong.length > 0) throw new TypeError(`awsPorts:\n${wrong.join('\n')}`)
  const { queueUrl, journal = silent, clock = systemClock } = config
  const { ecs, autoScaling, dynamodb, sqs } = awsClients(config)
  const others = {
    cluster: ecsCluster(ecsCalls(ecs)),
    lifecycleHooks: autoScalingLifecycleHooks(autoScalingCalls(autoScaling)),
    wakeUps: sqsWakeUps(sqsCalls(sqs), queueUrl, clock),
    clock,
    journal,
  }
  if (!hasTable(config)) return others
  const { table, retention = defaultRetention } = config
  return { ...others, eventStore: dynamoEventStore(dynamoCalls(dynamodb), table, { retention, clock }) }
}

/** A table that is given and undefined is a mistake, not none. */
const hasTable = (config: AwsConfig | AwsConfigWithoutTable): config is AwsConfig => 'table' in config

const mistakesIn = (config: AwsConfig | AwsConfigWithoutTable): ReadonlyArray<string> => {
  const found: Array<string> = []
  const must = (holds: boolean, sentence: string): void => {
    if (!holds) found.push(sentence)
  }
  const { region, queueUrl, endpoint = null, attemptsMax = 1 } = config
  must(isLike(region, /^[a-z][a-z0-9-]+$/), `region: expected a Region like eu-west-1, got ${JSON.stringify(region)}`)
  if (hasTable(config)) {
    const { table } = config
    must(isLike(table, /^[\w.-]{3,255}$/), `table: expected the name of a table, got ${JSON.stringify(table)}`)
  }
  must(queueUrl === null || isHttp(queueUrl), `queueUrl: expected the URL of a queue, got ${JSON.stringify(queueUrl)}`)
  must(queueUrl?.endsWith('.fifo') !== true, 'queueUrl: a FIFO queue knows no delay of a single message')
  must(endpoint === null || isHttp(endpoint), `endpoint: expected a URL, got ${JSON.stringify(endpoint)}`)
  must(Number.isInteger(attemptsMax) && attemptsMax >= 1, 'attemptsMax: must be 1 or more')
  for (const name of ['connectionTimeoutMs', 'requestTimeoutMs'] as const) {
    must(isPositive(config[name] ?? 1), `${name}: must be longer than 0, or a call may never end`)
  }
  if (hasTable(config)) must(isPositive(config.retention ?? 1), 'retention: must be longer than 0')
  return found
}

/** Whoever writes JavaScript may leave out what the type asks for. */
const isLike = (value: unknown, pattern: RegExp): boolean => typeof value === 'string' && pattern.test(value)

const isPositive = (duration: number): boolean => Number.isFinite(duration) && duration > 0

const isHttp = (text: string): boolean => URL.canParse(text) && /^https?:$/.test(new URL(text).protocol)
