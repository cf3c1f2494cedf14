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

\`pnpm build\` makes \`dist/ecs-drain-lambda.zip\` in [packages/lambda](../packages/lambda): everything that is deployed, the SDK's clients
included, in a few minified ES modules. The handler is \`index.handler\`, the runtime \`nodejs24.x\`, and the architecture is up to
you; the templates take \`arm64\`, which costs less. The same sources give the same bytes, so the zip's hash changes when the function does.
[reference/dependencies.md](reference/dependencies.md) says whose code is in it. A function of your own, with a queue, wants \`RecursiveLoop: Allow\` as in the templates
([decision 4](decisions/0004-wake-ups-and-the-sweep.md)): it sends itself messages on purpose, and ends each chain of them itself.

## What it is told, and what it answers

| source | event | answer | what could not be recorded | what nobody can read |
| --- | --- | --- | --- | --- |
| SQS, with \`ReportBatchItemFailures\` | a batch of any of the below, each as it is or inside of an SNS document | \`batchItemFailures\` | comes back alone, and is tried again | comes back, until the redrive policy moves it to the dead-letter queue |
| SNS | a hook's notification | the drains it was about | the function fails, so Lambda tries it twice more, then its dead-letter queue or failure destination has it | the same |
| EventBridge | terminations, launches from a warm pool, task and container instance state changes, the schedule's tick | the same | the same | the same |
| Auto Scaling, directly | a hook's notification | the same | the same | the same |
| a schedule of your own | \`{"ecs-drain":"sweep"}\` | the same | the same | the same |

The messages of a batch are grouped by EC2 instance, and each instance is handled once; one message that is broken disturbs no other.
Handling anything twice is harmless. A call to AWS that fails is recorded in the drain and tried again at the next occasion: no
message comes back for it. When the function answers, nothing of it is still running.

It answers before Lambda ends it, even where AWS does not. ${cutOffBefore.calls / 1000} seconds before its end no call is begun any more, and those to ECS, Auto
Scaling and SQS that are under way are cut off; what is known is recorded, until those to DynamoDB are cut off ${cutOffBefore.eventStore / 1000} seconds before
the end. What is left undone stays owed and counts as no failure of AWS's; its messages come back, and those of instances that were
handled do not. (A function with less than ${cutOffBefore.calls / 1000 / partMost} seconds keeps a quarter of them, and an eighth.)

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

Log and metrics are written by [Powertools for AWS Lambda](https://docs.aws.amazon.com/powertools/typescript/latest/), whose own variables
hold as well: \`POWERTOOLS_SERVICE_NAME\` (the dimension \`service\`; \`ecs-drain\` without it), \`POWERTOOLS_METRICS_NAMESPACE\`
(\`${metricNamespace}\` without it), \`POWERTOOLS_LOG_LEVEL\`. Where Lambda's own log level is set (\`AWS_LAMBDA_LOG_LEVEL\`), that one rules,
and above INFO Lambda drops the metrics as well. It is set wherever the function's log format is JSON, so the templates leave it at Text;
the lines are JSON all the same. \`POWERTOOLS_METRICS_DISABLED\` takes the alarms their metrics away, and \`silence\` goes off.

With a wrong environment the function does not start, and says all that is wrong:

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

Without a queue (\`ECS_DRAIN_QUEUE_URL\` empty) the function cannot wake itself. What time brings, such as the first reading of the tasks
a settle time after DRAINING, then comes with the next event or sweep. So sweep every minute, and give the hook a
\`HeartbeatTimeout\` of at least three periods of the sweep: its heartbeats are left to it.

## Log

A line of JSON per decision, at the level INFO; what failed and is tried again, a deadline that was reached, a lifecycle action that
was over before our answer, an instance that no cluster knew and one that somebody has set ACTIVE again are WARN; what nobody can read
is ERROR, with the place in the message and what was expected there; what is not for us is DEBUG, but for a termination, which is INFO with its instance, group and hook: nobody
here answers it. \`message\` is the name of the stored event, \`stream\` where it is stored, and \`version\` as which of its commits.
\`drain\` is the lifecycle action's token, or, for a drain that the sweep found, its instance and its beginning. A line is written as
soon as what it says is stored, so those of an invocation that Lambda ends are there as well.

<!-- not run: printed by the handler when this page is made -->

\`\`\`json
${decision}
\`\`\`

Lines hold ids, numbers and known words. What else a message says (metadata, overrides, reasons, names of task groups) is not written, nor is
the value of a field that cannot be read: a test sends secrets through every one of them. What AWS said about a failed call of ours is
in \`reason\`.

## Metrics

Namespace \`${metricNamespace}\`, in CloudWatch's embedded metric format: they are lines of the log, and cost no call.

${tableOf(
  ['metric', 'unit', 'dimensions', ''],
  Object.values(metricNames).map(({ name, unit, dimensions, means }) => [
    `\`${name}\``,
    unit,
    dimensions.map((set) => set.join(', ')).join('; '),
    means,
  ]),
)}

What counts is published where there is something to count, so no data means zero. \`OpenDrains\` and \`OldestOpenDrainSeconds\` are
published by each sweep: no data means that no sweep came through. They are measured on the drains that the sweep asked about, which are
all that are open.

<!-- not run: printed by the handler when this page is made -->

\`\`\`json
${metric}
\`\`\`

## What a message is believed

Nothing is drained, stopped or completed but for hooks, groups and clusters that the environment names. A test sends a hundred thousand
forged messages, in batches with genuine ones: of other accounts, groups, hooks and clusters, with keys that mean something to JavaScript,
broken, nested, megabytes long. None leads to a call that writes anywhere else, and the genuine ones are acted on.

That a message names our hook and our group is not enough. Before anything else Auto Scaling is asked, with a heartbeat by the
instance's id, whether our hook in that group holds that instance ([decision 3](decisions/0003-heartbeat-as-proof.md)); where it does not, nothing is touched.

That a task on a draining instance has stopped is believed, if the message has a higher version than what was known; two readings
of ECS then confirm it before the instance is let go.

## A function of your own

The package is a library too: \`createHandler\` takes ports, a policy, and where to write.

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
