// docs/aws-adapter.md: how to use the ports over AWS, with the tables of errors, actions and defaults from the code.
import {
  clientDefaults,
  defaultRetention,
  type ErrorMeaning,
  errorMeanings,
  requiredActions,
  tableDefinition,
} from '@ecs-drain/aws-adapter'
import { hours } from '@ecs-drain/core'
import { generatedNote } from './generated-note.ts'

const code = (text: string): string => `\`${text}\``

/** What a failure of each type means for the call. */
const meanings: Readonly<Record<ErrorMeaning['meaning'], string>> = {
  Throttled: 'fewer calls are asked for',
  Unavailable: 'the service, or the way to it, is broken; something may have been done',
  TimedOut: 'no answer in time; something may have been done',
  NotFound: 'what was asked for does not exist',
  AccessDenied:
    'a permission or valid credentials are missing; the message says which action to allow on which resource, or which kind of policy refuses it',
  Rejected: "the request is refused as it is, in the service's own code and words",
}

const errorTable = (): ReadonlyArray<string> => {
  const codesOf = (type: ErrorMeaning['meaning']): string =>
    errorMeanings
      .filter(({ meaning }) => meaning === type)
      .map((row) =>
        row.message === undefined
          ? code(row.code)
          : `${code(row.code)} where the message matches ${code(String(row.message).replaceAll('|', '\\|'))}`,
      )
      .join(', ')
  return [
    '| failure | what it means | codes |',
    '| --- | --- | --- |',
    ...Object.entries(meanings).map(
      ([type, says]) => `| ${code(type)} | ${says} | ${codesOf(type as ErrorMeaning['meaning'])} |`,
    ),
  ]
}

const actionTable = (): ReadonlyArray<string> => [
  '| action | resource | narrowed by | called |',
  '| --- | --- | --- | --- |',
  ...requiredActions.map(
    ({ action, resourceType, conditionKeys, needed }) =>
      `| ${code(action)} | ${resourceType ?? code('*')} | ${conditionKeys.map(code).join(', ') || '-'} | ${needed} |`,
  ),
]

const [partitionKey, sortKey] = tableDefinition.KeySchema

/** How to run the core on AWS in a runtime of one's own. */
export const awsAdapterPage = (): string =>
  [
    '# The ports over AWS',
    '',
    generatedNote,
    '',
    "`@ecs-drain/aws-adapter` is the core's ports over the AWS SDK: ECS, Auto Scaling, SQS for wake-ups, and an event store in DynamoDB.",
    'It runs wherever Node does. What AWS delivers is handed to `handle`, as it comes.',
    '',
    '<!-- not run: it prints nothing before AWS delivers something -->',
    '',
    '```ts',
    "import { awsPorts } from '@ecs-drain/aws-adapter'",
    "import { createDrainController } from '@ecs-drain/core'",
    '',
    'const ports = awsPorts({',
    "  region: 'eu-west-1',",
    "  table: 'ecs-drain',",
    "  queueUrl: 'https://sqs.eu-west-1.amazonaws.com/111122223333/ecs-drain',",
    '})',
    '',
    'const controller = createDrainController({',
    '  ...ports,',
    '  policy: {',
    "    hooks: [{ name: 'ecs-drain', groups: null }],",
    "    clusters: ['web'],",
    '  },',
    '})',
    '',
    'export const handler = async (event: unknown) => {',
    '  const { batchItemFailures } = await controller.handle(event)',
    '  return { batchItemFailures }',
    '}',
    '```',
    '',
    'The clients are built by `awsPorts`, once, and nothing is sent before the first call. An option that cannot be right is an error then:',
    '',
    '```ts',
    "import { awsPorts } from '@ecs-drain/aws-adapter'",
    '',
    'try {',
    "  awsPorts({ region: 'Dublin', table: 'ecs-drain', queueUrl: 'https://sqs.eu-west-1.amazonaws.com/111122223333/inbox.fifo' })",
    '} catch (error) {',
    '  console.log(String(error))',
    '}',
    '// => TypeError: awsPorts:',
    '// => region: expected a Region like eu-west-1, got "Dublin"',
    '// => queueUrl: a FIFO queue knows no delay of a single message',
    '```',
    '',
    '| option | default | what it is |',
    '| --- | --- | --- |',
    '| `region`, `table`, `queueUrl` | none | with `queueUrl: null` no wake-up can be sent; then the policy must say `hopsMax: 0`, and waiting is left to the sweep |',
    `| \`attemptsMax\` | ${clientDefaults.attemptsMax} | how often a request is sent, the first time included |`,
    `| \`connectionTimeoutMs\` | ${clientDefaults.connectionTimeoutMs} | |`,
    `| \`requestTimeoutMs\` | ${clientDefaults.requestTimeoutMs} | of each attempt; it ends in \`TimedOut\` |`,
    '| `endpoint` | `null` | one endpoint for all; null is AWS, or what `AWS_ENDPOINT_URL`, `AWS_ENDPOINT_URL_ECS`, `AWS_ENDPOINT_URL_AUTO_SCALING`, `AWS_ENDPOINT_URL_DYNAMODB` and `AWS_ENDPOINT_URL_SQS` say |',
    `| \`retention\` | ${defaultRetention / hours(24)} days | how long a stream is kept after the end of its drain, in milliseconds |`,
    '| `journal` | none | as in [ports.md](ports.md) |',
    "| `clock` | the machine's | what time it is where the endpoint is, in [a simulated cluster](endpoint.md) for one; wake-ups go by it as well |",
    '| `onCall` | none | told of each request: service, operation, attempts, how many were throttled, failure, milliseconds |',
    '| `cutOff` | none | the signal of a service, asked for at each attempt: what is under way when it is aborted ends at once, in `TimedOut`, and nothing is sent until it is another |',
    '',
    "Credentials are found as the SDK finds them. Region and attempts are the ones that are named, whatever the environment says. The queue's URL names",
    'the queue; requests go to the endpoint of the Region.',
    '',
    'Each part can be used alone: `ecsCluster`, `autoScalingLifecycleHooks`, `sqsWakeUps`, `dynamoEventStore`, `systemClock`. They take the few',
    "operations that they call, which the SDK's `ECS`, `AutoScaling`, `SQS` and `DynamoDB` have; `ecsCalls(client)` and its like make them of a",
    'bare client, which bundles smaller.',
    '',
    '## What the role must allow',
    '',
    'The same rows are `requiredActions` in the code. A test holds them to the operations that are called.',
    '',
    ...actionTable(),
    '',
    '## Errors',
    '',
    'A failed call is recorded and tried again later. It never lets an instance go. The same rows are `errorMeanings`; a test sends each code over',
    'HTTP, in the protocol of each service.',
    '',
    ...errorTable(),
    '',
    'A code that is not in the table is judged by its HTTP status: 429 is `Throttled`, 401 and 403 are `AccessDenied`, any other 4xx is `Rejected`,',
    'the rest is `Unavailable`. So is an answer of HTTP 200 that has not the form of one to what was asked (a page of a proxy, nothing at all,',
    "XML of another operation, a list that is missing); where it is none of AWS's at all, the message says `NotOfAws`.",
    '',
    '"No active Lifecycle Action found" (`ValidationError`) stays `Rejected` with its words: the core reads it as an outcome. Where an answer to',
    'CompleteLifecycleAction is lost and the SDK sends it again, this is what comes back.',
    '',
    'The SDK tries again by itself after throttling, HTTP 500 to 504 and broken connections. `RateExceeded`, `LimitExceeded` and `KmsThrottled` are not',
    'in its list of what is throttling; the clients here add them. What fails all the same is left to the waits of the drain, which are written',
    'down and cost no running time.',
    '',
    '## The table',
    '',
    `\`tableDefinition\` is the table, in CloudFormation's words: partition key \`${partitionKey.AttributeName}\`, sort key \`${sortKey.AttributeName}\`, both text, time to live in`,
    `\`${tableDefinition.TimeToLiveSpecification.AttributeName}\`, no index.`,
    '',
    '| item | `pk` | `sk` | besides |',
    '| --- | --- | --- | --- |',
    '| a commit | the stream, `ec2-instance/i-...` | the version, ten digits | `body`: the events as JSON text; over 256 KB compressed |',
    "| a look-up | the container instance's ARN | `stream` | `stream` |",
    '| a watched stream | `watched` | the stream | |',
    '',
    'A look-up and the entry of a watched stream carry the version of the commit that needs them.',
    '',
    'A commit is written on the condition that there is none at its version. Of any number of writers one wins; the others are told the newer',
    'commits. A commit carries a mark of its writer, so that a write which the SDK repeats because its answer was lost is known for what it is. All',
    'reads are strongly consistent.',
    '',
    'With the end of a drain all that is kept of it gets a time to live; an open drain has none. What has expired and is not deleted yet is read as',
    'a commit without events. A commit of more than 399 KB after compression (the reading of some eighteen thousand tasks) fails as `Rejected` with its',
    'size. An item that cannot be read fails as `Rejected`, naming table, key and the path of the wrong field; nothing is done for that instance',
    'until it is put right.',
    '',
    'Requests to DynamoDB, for orientation: an event that concerns no drain is part of one BatchGetItem per batch; a commit of an open drain is one',
    'PutItem. Why the items are as they are: [decision 8](decisions/0008-dynamodb-items.md).',
    '',
  ].join('\n')
