/** The one place where clients are built, with everything said that the SDK would otherwise take from its surroundings. */
import { AutoScalingClient } from '@aws-sdk/client-auto-scaling'
import { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { ECSClient } from '@aws-sdk/client-ecs'
import { SQSClient } from '@aws-sdk/client-sqs'
import { type AwsService, type CallReport, callReporting } from './call-report.ts'
import { QueueingHandler } from './queueing-handler.ts'

/** How the clients behave. */
export interface ClientOptions {
  readonly region: string
  /** Sent at most so often, the first time included; `clientDefaults` says why 3. */
  readonly attemptsMax?: number
  readonly connectionTimeoutMs?: number
  readonly requestTimeoutMs?: number
  /** One endpoint for every service; null: AWS's, or what AWS_ENDPOINT_URL and AWS_ENDPOINT_URL_ECS and the like say. */
  readonly endpoint?: string | null
  /** Told of every request once it is over. It must not throw. */
  readonly onCall?: (call: CallReport) => void
  /**
   * Asked at each attempt: while the signal is aborted none is sent, and one under way is cut off when it is. Both end in
   * `TimedOut`, at once.
   */
  readonly cutOff?: (service: AwsService) => AbortSignal
}

/** The clients of the four services. */
export interface Clients {
  readonly ecs: ECSClient
  readonly autoScaling: AutoScalingClient
  readonly dynamodb: DynamoDBClient
  readonly sqs: SQSClient
}

/** What is not said is so. */
export const clientDefaults = {
  /**
   * Two more tries get over a lost connection and a short throttle without an invocation more; what takes longer is
   * written down and left to the drain's own waits, which cost nothing.
   */
  attemptsMax: 3,
  /** An endpoint in the same Region answers within a few milliseconds. */
  connectionTimeoutMs: 1_000,
  /** These calls take tens of milliseconds; a description of a hundred tasks has been seen to take a second. */
  requestTimeoutMs: 5_000,
} as const

/** Clients for one Region, retry mode `standard`. The options are taken as they are: it is `awsPorts` that refuses what cannot be meant. */
export const awsClients = (options: ClientOptions): Clients => {
  const { region, endpoint = null, onCall = () => undefined, cutOff } = options
  const attemptsMax = options.attemptsMax ?? clientDefaults.attemptsMax
  const connectionTimeout = options.connectionTimeoutMs ?? clientDefaults.connectionTimeoutMs
  const requestTimeout = options.requestTimeoutMs ?? clientDefaults.requestTimeoutMs
  const common = (service: AwsService) => ({
    region,
    retryMode: 'standard',
    maxAttempts: attemptsMax,
    requestHandler: new QueueingHandler(connectionTimeout, requestTimeout, () => cutOff?.(service)),
    ...(endpoint === null ? {} : { endpoint }),
  })
  const ecs = new ECSClient(common('ecs'))
  const autoScaling = new AutoScalingClient(common('autoscaling'))
  const dynamodb = new DynamoDBClient(common('dynamodb'))
  // The queue's URL names the queue. It does not say where requests go.
  const sqs = new SQSClient({ ...common('sqs'), useQueueUrlAsEndpoint: false })
  ecs.middlewareStack.use(callReporting('ecs', onCall))
  autoScaling.middlewareStack.use(callReporting('autoscaling', onCall))
  dynamodb.middlewareStack.use(callReporting('dynamodb', onCall))
  sqs.middlewareStack.use(callReporting('sqs', onCall))
  return { ecs, autoScaling, dynamodb, sqs }
}
