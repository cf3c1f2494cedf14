/** The metrics of the function as data: what is published, and what alarms, the dashboard and docs/lambda.md speak of. */

/** One metric as CloudWatch knows it. */
export interface MetricName {
  readonly name: string
  readonly unit: 'Count' | 'Seconds'
  /** The sets of dimensions under which it is published. */
  readonly dimensions: ReadonlyArray<ReadonlyArray<string>>
  /** What one value says. */
  readonly means: string
}

/** The namespace, where `POWERTOOLS_METRICS_NAMESPACE` names no other. */
export const metricNamespace = 'EcsDrain'

/** The value of the dimension `service`, where `POWERTOOLS_SERVICE_NAME` names no other. */
export const serviceName = 'ecs-drain'

const byService = [['service']]
/** The first set is what alarms watch, because an alarm cannot add up operations; the second is for looking closer. */
const byOperation = [['service'], ['service', 'operation']]

const count = (name: string, means: string, dimensions = byService): MetricName => ({
  name,
  unit: 'Count',
  dimensions,
  means,
})

const inSeconds = (name: string, means: string): MetricName => ({ name, unit: 'Seconds', dimensions: byService, means })

/** Every metric, by what it is for. A metric that counts is published only where there is something to count, unless said. */
export const metricNames = {
  drainsStarted: count('DrainsStarted', 'Drains that began.'),
  drainsCompleted: count(
    'DrainsCompleted',
    'Lifecycle actions that ended after we had decided to answer, forced ones included, and those where our answer was lost.',
  ),
  drainsForced: count(
    'DrainsForced',
    'Lifecycle actions that ended because the deadline had passed, including those where our answer was lost.',
  ),
  drainsExpired: count(
    'DrainsExpired',
    'Lifecycle actions that were over before we had decided to answer: timed out, answered by somebody else, or the instance died.',
  ),
  drainSeconds: inSeconds('DrainSeconds', 'From the start of the lifecycle action to its completion, per drain.'),
  secondsFromLastStopped: inSeconds(
    'SecondsFromLastStopped',
    'From the last task STOPPED to the completion, per drain that had tasks and was not forced.',
  ),
  openDrains: count(
    'OpenDrains',
    'At each sweep: open drains, and instances that are back from a warm pool and not ACTIVE yet. 0 is published too.',
  ),
  oldestOpenDrainSeconds: inSeconds(
    'OldestOpenDrainSeconds',
    'At each sweep: the age of the oldest of these; 0 if there is none. No data: no sweep came through.',
  ),
  undecodableMessages: count(
    'UndecodableMessages',
    'Messages that cannot be read, counted at each delivery. They go to the dead-letter queue.',
  ),
  failedMessages: count(
    'FailedMessages',
    'Messages that could not be recorded, or not be handled before the timeout; they are delivered again.',
  ),
  apiCalls: count('ApiCalls', 'Requests to ECS, Auto Scaling and SQS, including retries of the SDK.', byOperation),
  apiCallsThrottled: count(
    'ApiCallsThrottled',
    'Those among them that were throttled, even if a retry succeeded.',
    byOperation,
  ),
  apiCallsDenied: count(
    'ApiCallsDenied',
    'Calls that the role is not allowed to make, including those to DynamoDB.',
    byOperation,
  ),
  coldStart: {
    name: 'ColdStart',
    unit: 'Count',
    dimensions: [['service', 'function_name']],
    means: 'Starts of an execution environment. Powertools publishes it.',
  },
} as const satisfies Readonly<Record<string, MetricName>>

/** The names by which the code speaks of metrics. */
export type MetricKey = keyof typeof metricNames

/** One value to publish. */
export interface Measurement {
  readonly metric: Exclude<MetricKey, 'coldStart'>
  readonly value: number
  /** The value of the dimension `operation`, for metrics that have it. */
  readonly operation?: string
}
