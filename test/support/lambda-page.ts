// docs/lambda.md, made from the function's own lists and from what it really writes.
import { encodeWakeUp, type Ports, seconds } from '@ecs-drain/core'
import {
  at,
  ScriptedWorld,
  stoppedTask,
  task,
  taskNumber,
  theCluster,
  theContainerInstance,
  theGroup,
  theHook,
  theInstance,
  theStream,
  tokenNumber,
} from '@ecs-drain/core/testing'
import {
  createHandler,
  environmentVariables,
  metricNames,
  metricNamespace,
  powertoolsLog,
  powertoolsMetrics,
  readEnvironment,
} from '@ecs-drain/lambda'
import { vi } from 'vitest'
import { portsOver } from '../../packages/core/test/support/ports-over.ts'
import { cutOffBefore, partMost } from '../../packages/lambda/src/time-limit.ts'
import { generatedNote } from './generated-note.ts'

/** The function's configuration, what it writes and what it is told, in one page. */
export const lambdaPage = async (): Promise<string> => {
  const { decision, metric } = await printedByADrain()
  return `${generatedNote}

# The function

What the deployed function is told, what it can be configured to do, and what it logs and measures. [Deploying](deploy.md) comes before this page.

| | |
| --- | --- |
| the zip | \`pnpm build\` makes \`dist/ecs-drain-lambda.zip\` in [packages/lambda](../packages/lambda): a few minified ES modules, with the SDK's clients in them |
| handler and runtime | The handler is \`index.handler\`, the runtime \`nodejs24.x\` |
| architecture | either; the templates take \`arm64\`, which costs less |
| the zip's hash | The same sources give the same bytes, so it changes when the function does |
| third-party code in it | [dependencies and their licences](reference/dependencies.md) |

If you define the function yourself and give it a queue, set \`RecursiveLoop: Allow\` as the templates do. The function sends itself messages
on purpose, and ends each chain of them itself ([decision 4](decisions/0004-wake-ups-and-the-sweep.md)).

## Events and answers

| source | event | answer | what could not be recorded | what cannot be read |
| --- | --- | --- | --- | --- |
| SQS, with \`ReportBatchItemFailures\` | a batch of any of the events below, each as it is or wrapped in an SNS document | \`batchItemFailures\` | that message alone comes back, and is tried again | comes back until the redrive policy moves it to the dead-letter queue |
| SNS | a hook's notification | the drains it was about | the function fails; Lambda tries it twice more, then it goes to the dead-letter queue or failure destination | the same |
| EventBridge | terminations, launches from a warm pool, task and container instance state changes, the schedule's tick | the same | the same | the same |
| Auto Scaling, directly | a hook's notification | the same | the same | the same |
| a schedule of your own | \`{"ecs-drain":"sweep"}\` | the same | the same | the same |

* The messages of a batch are grouped by EC2 instance, and each instance is handled once. A broken message does not disturb the others.
* Handling a message twice is harmless.
* If a call to AWS fails, that is recorded in the drain, and the call is made again later. The message does not come back for it. What a sweep asks
  about instances that have no drain is asked again by a later sweep.
* When the function has answered, nothing of it is still running.

The function answers before Lambda's timeout ends it, even if AWS does not answer:

| seconds before the timeout | what happens |
| --- | --- |
| ${cutOffBefore.calls / 1000} (a quarter of the timeout, if that is less than ${cutOffBefore.calls / 1000 / partMost} seconds) | No further call begins. Calls to ECS, Auto Scaling and SQS that are under way are cut off, and what is known is recorded. |
| ${cutOffBefore.eventStore / 1000} (or an eighth) | Calls to DynamoDB are cut off too. |

What is left undone stays owed, and does not count as a failed call. The messages of instances that were not finished come back; the others do not.

## Environment

${tableOf(
  ['variable', 'what it must be', 'default', ''],
  environmentVariables.map(({ name, required, expected, default: text, means }) => [
    `\`${name}\``,
    expected.replaceAll('|', '\\|'),
    required ? 'required' : text === null ? '' : `\`${text}\``,
    means,
  ]),
)}

Log and metrics are written by [Powertools for AWS Lambda](https://docs.aws.amazon.com/powertools/typescript/latest/). Its own variables work
as well:

| variable | effect |
| --- | --- |
| \`POWERTOOLS_SERVICE_NAME\` | the dimension \`service\` of the metrics; \`ecs-drain\` without it |
| \`POWERTOOLS_METRICS_NAMESPACE\` | \`${metricNamespace}\` without it |
| \`POWERTOOLS_LOG_LEVEL\` | the level, where \`ECS_DRAIN_LOG_LEVEL\` is empty |
| \`POWERTOOLS_METRICS_DISABLED\` | Do not set it: alarms lose their metrics, and \`silence\` goes off. |

Leave the function's log format at Text, as the templates do; the lines are JSON all the same. With log format JSON Lambda sets its own level
(\`AWS_LAMBDA_LOG_LEVEL\`), which overrides the others, and above INFO it drops the metrics as well.

With a wrong environment the function does not start, and lists everything that is wrong:

<!-- not run: it is what the code says to such an environment -->

\`\`\`
${problemsOf({
  AWS_REGION: 'eu-west-1',
  ECS_DRAIN_CLUSTERS: 'web',
  ECS_DRAIN_HOOK: 'drain',
  ECS_DRAIN_TABLE: 'ecs-drain',
  ECS_DRAIN_DEADLINE_SECONDS: 'an hour',
  ECS_DRAIN_SETTLE_SECOND: '5',
  ECS_DRAIN_SWEEP_SECONDS: '0',
})}
\`\`\`

Without a queue (\`ECS_DRAIN_QUEUE_URL\` empty) the function cannot wake itself up. Whatever waits for a time, such as the first reading of the
tasks after DRAINING, then happens with the next event or sweep. So sweep every minute. The sweep also sends the heartbeats, so give the hook a
\`HeartbeatTimeout\` of at least three sweep periods.

## Log

There is one line of JSON per decision. It is written as soon as the decision is stored, so the log has it even if Lambda ends the invocation.

| level | what |
| --- | --- |
| INFO | every other stored event; a termination that is not ours, with its instance, group and hook, because nobody here answers it |
| WARN | a call or a message that failed and will be tried again; a deadline that was reached; a lifecycle action that was over before our answer; an instance that no cluster knew; an instance that somebody has set ACTIVE again |
| ERROR | a message that cannot be read, with the place in the message and what was expected there |
| DEBUG | everything else that is not for us |

| field | what it is |
| --- | --- |
| \`message\` | the name of the stored event |
| \`stream\`, \`version\` | where it is stored: the stream, and the commit in it |
| \`drain\` | the lifecycle action's token; for a drain that the sweep found, its instance and its beginning |
| \`reason\` | what AWS said about a call of ours that failed |

<!-- not run: printed by the handler when this page is made -->

\`\`\`json
${decision}
\`\`\`

Lines hold ids, numbers and known words only. Whatever else a message contains (metadata, overrides, reasons, names of task groups) is not
logged, nor is the value of a field that cannot be read. A test sends secrets through every one of them.

## Metrics

The namespace is \`${metricNamespace}\`. Metrics are log lines in CloudWatch's embedded metric format, so publishing them takes no API call.

${tableOf(
  ['metric', 'unit', 'dimensions', ''],
  Object.values(metricNames).map(({ name, unit, dimensions, means }) => [
    `\`${name}\``,
    unit,
    dimensions.map((set) => set.join(', ')).join('; '),
    means,
  ]),
)}

Counts are published only when there is something to count, so no data means zero. \`OpenDrains\` and \`OldestOpenDrainSeconds\` are
published by each sweep, so no data means that no sweep came through. They cover the drains that the sweep asked about: all open ones.

<!-- not run: printed by the handler when this page is made -->

\`\`\`json
${metric}
\`\`\`

## Which messages it trusts

The function drains, stops and completes nothing but what belongs to the hooks, groups and clusters in its environment. A test sends a hundred
thousand forged messages, in batches with genuine ones: of other accounts, groups, hooks and clusters, with keys that mean something to
JavaScript, broken, nested, megabytes long. None leads to a call that writes anywhere else, and the genuine ones are acted on.

| a message says | is it believed? |
| --- | --- |
| our hook holds an instance of our group | Not by itself. First Auto Scaling is asked, with a heartbeat by the instance's id, whether our hook in that group holds it ([decision 3](decisions/0003-heartbeat-as-proof.md)). If not, nothing is touched. |
| a task on a draining instance has stopped | Yes, if its version is higher than the one known. Two readings of ECS confirm it before the instance is let go. |

## A function of your own

The package is a library too: \`createHandler\` takes ports (in either style, as \`createDrainController\` does), a policy, and where to write.

\`\`\`ts
import { awsPorts } from '@ecs-drain/aws-adapter'
import { callTally, createHandler, powertoolsLog, powertoolsMetrics, readEnvironment, timeLimit } from '@ecs-drain/lambda'

const configuration = readEnvironment({
  AWS_REGION: 'eu-west-1',
  ECS_DRAIN_CLUSTERS: 'web',
  ECS_DRAIN_HOOK: 'drain',
  ECS_DRAIN_GROUPS: 'web-hosts',
  ECS_DRAIN_TABLE: 'ecs-drain',
})
if (configuration._tag === 'Left') throw new Error(configuration.left.join('\\n'))
const { policy, logLevel, ...places } = configuration.right
const calls = callTally()
const time = timeLimit()
const handler = createHandler({
  ports: awsPorts({ ...places, onCall: calls.note, cutOff: time.signalOf }),
  policy,
  log: powertoolsLog({ logLevel }),
  metrics: powertoolsMetrics(),
  calls,
  time,
})

const context = { functionName: 'my-function', getRemainingTimeInMillis: () => 45_000 } as Parameters<typeof handler>[1]
console.log(await handler({ source: 'aws.health', 'detail-type': 'AWS Health Event' }, context))
// => { drains: [], ignored: [ 'unsubscribed' ] }
\`\`\`

With an event store of your own: \`ports: { ...awsPorts({ region, queueUrl }), eventStore: myStore }\`.
`
}

const tableOf = (head: ReadonlyArray<string>, rows: ReadonlyArray<ReadonlyArray<string>>): string =>
  [head, head.map(() => '---'), ...rows].map((row) => `| ${row.join(' | ')} |`).join('\n')

const problemsOf = (environment: Readonly<Record<string, string>>): string => {
  const configuration = readEnvironment(environment)
  return configuration._tag === 'Left' ? configuration.left.join('\n') : ''
}

const notification = JSON.stringify({
  Service: 'AWS Auto Scaling',
  Time: new Date(at(0)).toISOString(),
  AccountId: '111122223333',
  AutoScalingGroupName: theGroup,
  LifecycleHookName: theHook,
  EC2InstanceId: theInstance,
  LifecycleActionToken: tokenNumber(1),
  LifecycleTransition: 'autoscaling:EC2_INSTANCE_TERMINATING',
})

const lastStopped = (now: number): string => {
  const { arn, version } = stoppedTask(1)
  return JSON.stringify({
    'detail-type': 'ECS Task State Change',
    source: 'aws.ecs',
    account: '111122223333',
    time: new Date(now - 400).toISOString(),
    detail: {
      taskArn: arn,
      containerInstanceArn: theContainerInstance,
      version,
      lastStatus: 'STOPPED',
      desiredStatus: 'STOPPED',
      group: 'service:web',
    },
  })
}

/** The line of a decision, and the metrics of the batch that completed the drain, as they are written. */
const printedByADrain = async (): Promise<{ readonly decision: string; readonly metric: string }> => {
  const world = new ScriptedWorld()
  world.addInstance(1, [task(1)])
  world.terminate(1)
  const printed: Array<string> = []
  const write = vi.spyOn(process.stdout, 'write').mockImplementation((text) => printed.push(String(text)) > 0)
  vi.useFakeTimers({ now: world.now, toFake: ['Date'] })
  try {
    const ports: Ports = portsOver(world)
    const policy = { hooks: [{ name: theHook, groups: [theGroup] }], clusters: [theCluster], spreadReads: 0 }
    const handler = createHandler({
      ports,
      policy,
      log: powertoolsLog({ logLevel: 'INFO' }),
      metrics: powertoolsMetrics(),
    })
    const invoke = async (body: string): Promise<void> => {
      vi.setSystemTime(world.now)
      const Records = [{ messageId: 'a-message', eventSource: 'aws:sqs', body }]
      await handler({ Records }, {
        functionName: 'ecs-drain',
        awsRequestId: '8f507cfc-0000-4000-8000-c0ffee000001',
        invokedFunctionArn: 'arn:aws:lambda:eu-west-1:111122223333:function:ecs-drain',
        memoryLimitInMB: '256',
        getRemainingTimeInMillis: () => 45_000,
      } as Parameters<typeof handler>[1])
    }
    await invoke(notification)
    world.advance(seconds(6))
    await invoke(encodeWakeUp(theStream, 1))
    world.advance(seconds(66))
    world.stop(taskNumber(1))
    await invoke(lastStopped(world.now))
  } finally {
    vi.useRealTimers()
    write.mockRestore()
  }
  const lines = printed.join('').trimEnd().split('\n')
  const line = (words: string): string => lines.findLast((each) => each.includes(words)) ?? `nothing with ${words}`
  return { decision: line('"CompletionDecided"'), metric: line('"DrainsCompleted"') }
}
