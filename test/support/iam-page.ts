// docs/iam.md: what the role of the function may do, made of the data that the role is tested against.
import { type RequiredAction, requiredActions } from '@ecs-drain/aws-adapter'
import { type PlatformAction, platformActions } from '@ecs-drain/lambda'
import { generatedNote } from './generated-note.ts'

type ResourceType = RequiredAction['resourceType'] | PlatformAction['resourceType']

/** What a policy names, and why it names no less. */
const resources: Readonly<Record<NonNullable<ResourceType> | '*', { readonly arn: string; readonly why: string }>> = {
  cluster: {
    arn: 'arn:aws:ecs:REGION:ACCOUNT:cluster/CLUSTER',
    why: 'Exactly the clusters that are configured.',
  },
  'container-instance': {
    arn: 'arn:aws:ecs:REGION:ACCOUNT:container-instance/CLUSTER/*',
    why: 'Ids of container instances are not known beforehand. The cluster is named twice, in the ARN and by `ecs:cluster`.',
  },
  task: {
    arn: 'arn:aws:ecs:REGION:ACCOUNT:task/CLUSTER/*',
    why: 'Ids of tasks are not known beforehand. The cluster is named twice, in the ARN and by `ecs:cluster`.',
  },
  autoScalingGroup: {
    arn: 'arn:aws:autoscaling:REGION:ACCOUNT:autoScalingGroup:*:autoScalingGroupName/GROUP',
    why: 'The ARN of a group has an id that its name does not tell. `*` stands for that id; the name is given.',
  },
  table: { arn: 'arn:aws:dynamodb:REGION:ACCOUNT:table/TABLE', why: 'Exactly the table of the event store.' },
  queue: { arn: 'arn:aws:sqs:REGION:ACCOUNT:QUEUE', why: 'Exactly the inbox.' },
  'log-group': {
    arn: 'arn:aws:logs:REGION:ACCOUNT:log-group:LOG_GROUP:*',
    why: 'Exactly the log group of the function. `*` stands for its log streams, which Lambda names.',
  },
  '*': {
    arn: '*',
    why:
      'Auto Scaling knows no resource for its Describe actions, so IAM takes nothing narrower. They read names, sizes, hooks and ' +
      'instances of all groups of the Region, and change nothing.',
  },
}

interface Action {
  readonly action: string
  readonly resource: keyof typeof resources
  readonly byCluster: boolean
  readonly needed: string
}

const actions: ReadonlyArray<Action> = [
  ...requiredActions.map(({ action, resourceType, conditionKeys, needed }) => ({
    action,
    resource: resourceType ?? ('*' as const),
    byCluster: conditionKeys.includes('ecs:cluster'),
    needed,
  })),
  ...platformActions.map(({ action, resourceType, needed }) => ({
    action,
    resource: resourceType,
    byCluster: false,
    needed,
  })),
]

const used = Object.keys(resources).filter((resource) =>
  actions.some((action) => action.resource === resource),
) as ReadonlyArray<keyof typeof resources>

/** One statement for each kind of resource. */
const policy = () => ({
  Version: '2012-10-17',
  Statement: used.map((resource) => {
    const named = actions.filter((action) => action.resource === resource)
    const cluster = { ArnEquals: { 'ecs:cluster': resources.cluster.arn } }
    return {
      Effect: 'Allow',
      Action: named.map(({ action }) => action),
      Resource: resources[resource].arn,
      ...(named.some(({ byCluster }) => byCluster) ? { Condition: cluster } : {}),
    }
  }),
})

/** The page. */
export const iamPage = (): string =>
  [
    '# What the function may do',
    '',
    generatedNote,
    '',
    'The role in the templates has exactly these actions, on exactly these resources. A test compares it with the data behind this page, and',
    'fails if a template grants more or less. `ecs:StopTask` is granted only where `AtDeadline` or `StopStandaloneAfterSeconds` says that tasks are',
    'stopped, so never in `smallest.yaml`. The source for resources and conditions is the Service Authorization Reference of ECS, EC2 Auto',
    'Scaling, DynamoDB, SQS and CloudWatch Logs.',
    '',
    '| action | resource type | why it is needed |',
    '| --- | --- | --- |',
    ...actions.map(
      ({ action, resource, needed }) => `| \`${action}\` | ${resource === '*' ? '`*`' : resource} | ${needed} |`,
    ),
    '',
    'Why DynamoDB needs these: [decision 8](decisions/0008-dynamodb-items.md).',
    '',
    '## Why the resources are no narrower',
    '',
    '| resource type | what the policy names | why |',
    '| --- | --- | --- |',
    ...used.map((resource) => {
      const { arn, why } = resources[resource]
      return `| ${resource === '*' ? '`*`' : resource} | \`${arn}\` | ${why} |`
    }),
    '',
    '`autoscaling:CompleteLifecycleAction` could be limited to groups with a tag. But whoever may tag groups can set a tag, and nobody can change',
    'a name. So the policy uses the name.',
    '',
    'The role is one line of defence. The other is that the function acts only on the groups, hooks and clusters of its configuration, [whatever a',
    'message says](lambda.md#which-messages-it-trusts).',
    '',
    '## As a policy',
    '',
    'Use this if you write the role with another tool. `ecs:StopTask` is needed only if the policy of the drain stops tasks, `sqs:SendMessage` only',
    'with a queue. In GovCloud replace `arn:aws` by `arn:aws-us-gov`, in China by `arn:aws-cn`.',
    '',
    '<!-- not run: a policy with names to fill in -->',
    '',
    '```json',
    JSON.stringify(policy(), null, 2),
    '```',
    '',
  ].join('\n')
