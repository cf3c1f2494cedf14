/** Everything wired: the core's ports over the four services. */
import { type Clock, type Duration, hours, type Journal, type Ports } from '@ecs-drain/core'
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

const isLike = (value: unknown, pattern: RegExp): value is string => typeof value === 'string' && pattern.test(value)

const isAtLeast = (least: number, value: unknown): boolean => Number.isFinite(value) && Number(value) >= least

const isFunction = (value: unknown): boolean => typeof value === 'function'

const has = (value: unknown, name: string): boolean => isFunction((value as Record<string, unknown> | null)?.[name])

const isHttp = (value: unknown): value is string =>
  typeof value === 'string' && URL.canParse(value) && /^https?:$/.test(new URL(value).protocol)

type Expected = readonly [expected: string, holds: (value: unknown) => boolean]

/** What each option has to be. Whoever writes JavaScript may give anything, or something by another name. */
const expectations: { readonly [Name in keyof AwsConfig]-?: Expected } = {
  region: ['a Region like eu-west-1', (value) => isLike(value, /^[a-z][a-z0-9-]+$/)],
  table: ['the name of a table', (value) => isLike(value, /^[\w.-]{3,255}$/)],
  queueUrl: [
    'the URL of a standard queue (a FIFO queue knows no delay of a single message), or null',
    (value) => value === null || (isHttp(value) && !value.endsWith('.fifo')),
  ],
  endpoint: ['a URL, or null', (value) => value === null || isHttp(value)],
  attemptsMax: ['an integer of at least 1', (value) => Number.isInteger(value) && isAtLeast(1, value)],
  // Without a limit a call may never end.
  connectionTimeoutMs: ['milliseconds, at least 1', (value) => isAtLeast(1, value)],
  requestTimeoutMs: ['milliseconds, at least 1', (value) => isAtLeast(1, value)],
  // Whoever gives days or seconds would lose what a drain did before anybody has asked.
  retention: ['milliseconds, at least an hour', (value) => isAtLeast(hours(1), value)],
  journal: ['a journal', (value) => has(value, 'note')],
  clock: ['a clock', (value) => has(value, 'now')],
  onCall: ['a function', isFunction],
  cutOff: ['a function', isFunction],
}

/** Those of which undefined is a mistake, of the table as well: elsewhere it means that an option is left out. */
const neverUndefined: ReadonlyArray<string> = ['region', 'table', 'queueUrl']

const mistakesIn = (config: object): ReadonlyArray<string> =>
  Object.entries<unknown>({ region: undefined, queueUrl: undefined, ...config }).flatMap(([name, value]) => {
    if (!Object.hasOwn(expectations, name)) return [`${name}: expected one of ${Object.keys(expectations).join(', ')}`]
    if (value === undefined && !neverUndefined.includes(name)) return []
    const [expected, holds] = expectations[name as keyof AwsConfig]
    const got = typeof value === 'string' ? JSON.stringify(value) : String(value)
    return holds(value) ? [] : [`${name}: expected ${expected}, got ${got}`]
  })
