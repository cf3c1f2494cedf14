// Whoever may write to our queues, topics and key, or become our roles, is named; and nothing is kept in the clear.
import { tableDefinition } from '@ecs-drain/aws-adapter'
import { describe, expect, test } from 'vitest'
import { type Made, resolveTemplate, someParameters } from './resolve.ts'
import { isObject, type Json, type JsonObject, loadTemplate, textOf, valueAt } from './template.ts'

const names = ['template', 'attach', 'smallest'] as const

/** With an address for alarms, so that their topic is there too. */
const resourcesOf = (
  name: (typeof names)[number],
  given: Readonly<Record<string, string>> = {},
  place: Readonly<Record<string, string>> = {},
): Readonly<Record<string, Made>> => {
  const smallest = { ClusterName: 'production', GroupName: 'web', CodeBucket: 'code', CodeKey: 'zip' }
  const parameters = { AlarmEmail: 'us@example.com', ...{ ...someParameters, smallest }[name], ...given }
  return resolveTemplate(loadTemplate(name), parameters, place).resources
}

const ofType = (
  name: (typeof names)[number],
  type: string,
  given: Readonly<Record<string, string>> = {},
): ReadonlyArray<readonly [string, JsonObject]> =>
  Object.entries(resourcesOf(name, given))
    .filter(([, made]) => made.type === type)
    .map(([resource, { properties }]) => [resource, properties] as const)

interface Statement {
  readonly Sid?: string
  readonly Effect: string
  readonly Principal: string | Readonly<Record<string, string>>
  readonly Condition?: JsonObject
}

const statementsOf = (document: Json | undefined): ReadonlyArray<Statement> =>
  (isObject(document) ? document['Statement'] : []) as unknown as ReadonlyArray<Statement>

/** Where each kind of resource has the policy that says who may use it. */
const policyIn: Readonly<Record<string, string>> = {
  'AWS::SQS::QueuePolicy': 'PolicyDocument',
  'AWS::SNS::TopicPolicy': 'PolicyDocument',
  'AWS::KMS::Key': 'KeyPolicy',
  'AWS::IAM::Role': 'AssumeRolePolicyDocument',
}

/** What tells one caller of a service from another. Only Lambda and EC2 hand a role to nobody but what was given it by name. */
const namesSource = ({ Condition = {} }: Statement): boolean =>
  /"(aws:SourceArn|aws:SourceAccount|kms:EncryptionContext:aws:logs:arn)"/.test(JSON.stringify(Condition))
const givenByName = ['lambda.amazonaws.com', 'ec2.amazonaws.com']

describe.each(names)('%s.yaml', (name) => {
  const policies = Object.entries(resourcesOf(name)).flatMap(([resource, { type, properties }]) => {
    const key = policyIn[type]
    return key === undefined ? [] : statementsOf(properties[key]).map((statement) => ({ resource, statement }))
  })

  test('lets a service in only on behalf of what is ours', () => {
    const toServices = policies.flatMap(({ resource, statement }) => {
      const { Principal } = statement
      const service = typeof Principal === 'object' ? Principal['Service'] : undefined
      return service === undefined || givenByName.includes(service) ? [] : [{ resource, statement }]
    })
    expect(toServices.length).toBeGreaterThan(0)
    const open = toServices.filter(({ statement }) => statement.Effect !== 'Deny' && !namesSource(statement))
    expect(open).toEqual([])
  })

  test('lets nobody in at large', () => {
    const open = policies.filter(({ statement: { Effect, Principal } }) => Effect !== 'Deny' && Principal === '*')
    expect(open).toEqual([])
  })

  test('queues and the topic of the hook refuse what is not encrypted on the way', () => {
    const refused = policies.filter(
      ({ statement: { Effect, Condition } }) =>
        Effect === 'Deny' && JSON.stringify(Condition) === '{"Bool":{"aws:SecureTransport":"false"}}',
    )
    const expected = name === 'smallest' ? [] : ['InboxPolicy', 'UndeliverablePolicy']
    expect(refused.map(({ resource }) => resource).toSorted()).toEqual(
      [...expected, 'NotificationTopicPolicy'].toSorted(),
    )
  })

  const ruleArns = () =>
    ofType(name, 'AWS::Events::Rule').map(
      ([, { Name }]) => `arn:aws:events:eu-central-1:123456789012:rule/${textOf(Name)}`,
    )

  test('every rule, topic and subscription of it may send to where it sends', () => {
    for (const policy of name === 'smallest' ? [] : ['InboxPolicy', 'UndeliverablePolicy']) {
      const statements = statementsOf(resourcesOf(name)[policy]?.properties['PolicyDocument'])
      const [hook, rules] = ['Hook', 'Rules'].map((sid) => statements.find(({ Sid }) => Sid === sid)?.Condition)
      expect(hook).toEqual({ ArnEquals: { 'aws:SourceArn': '<NotificationTopic>' } })
      const [start, end, ...more] = textOf(valueAt(rules, 'ArnLike', 'aws:SourceArn')).split('*')
      expect(more).toEqual([])
      for (const arn of ruleArns())
        expect([arn.startsWith(start ?? '-'), arn.endsWith(end ?? '-')]).toEqual([true, true])
    }
    if (name !== 'smallest') return
    const sources = ofType(name, 'AWS::Lambda::Permission').map(([, { SourceArn }]) => textOf(SourceArn))
    expect(sources.toSorted()).toEqual([...ruleArns(), '<NotificationTopic>'].toSorted())
  })

  // AWS: EventBridge API reference, "PutRule". A rule of the same name in another stack would be the same rule.
  test('each of its rules has a name of this stack alone, which fits', () => {
    for (const [, { Name }] of ofType(name, 'AWS::Events::Rule')) {
      expect(textOf(Name)).toMatch(/^[.\-_A-Za-z0-9]{1,64}$/)
      expect(textOf(Name)).toContain('1c2fa620-982a-11e3-aff7-50e2416294e0')
    }
  })

  // AWS: IAM user guide, "ARNs". Of the services that we let in, EC2 and CloudWatch Logs have names of their own in China.
  test.each([
    ['aws-cn', 'cn-north-1', 'amazonaws.com.cn'],
    ['aws-us-gov', 'us-gov-west-1', 'amazonaws.com'],
  ])('in the partition %s every ARN is one of it', (partition, region, suffix) => {
    const place = { 'AWS::Partition': partition, 'AWS::Region': region, 'AWS::URLSuffix': suffix }
    const text = JSON.stringify(resourcesOf(name, { PermissionsBoundary: 'boundary' }, place))
    expect(new Set(text.match(/arn:[^:]*:/g))).toEqual(new Set([`arn:${partition}:`]))
    const regions = text.match(/arn:[^:]*:(autoscaling|cloudwatch|ecs|logs):[^:]*/g) ?? []
    for (const each of regions) expect(each).toContain(region)
    for (const own of text.match(/"(ec2|logs\.[a-z0-9-]*)\.[a-z.]*"/g) ?? []) expect(own).toContain(`.${suffix}"`)
  })

  // AWS: EventBridge user guide, "Troubleshooting": EventBridge does not send it to Lambda, so the call would be refused.
  test('no permission of a function asks for SourceAccount', () => {
    for (const [, permission] of ofType(name, 'AWS::Lambda::Permission')) {
      expect(Object.keys(permission)).not.toContain('SourceAccount')
    }
  })

  test('is encrypted at rest', () => {
    const queues = ofType(name, 'AWS::SQS::Queue')
    expect(queues.every(([, queue]) => queue['SqsManagedSseEnabled'] === true)).toBe(true)
    const topics = ofType(name, 'AWS::SNS::Topic')
    expect(topics.map(([topic, { KmsMasterKeyId }]) => [topic, KmsMasterKeyId])).toEqual(
      name === 'smallest'
        ? [['NotificationTopic', 'alias/aws/sns']]
        : [
            ['NotificationTopic', '<Key.Arn>'],
            ['AlarmTopic', '<Key.Arn>'],
          ],
    )
    const tables = ofType(name, 'AWS::DynamoDB::Table')
    expect(tables.map(([, { SSESpecification }]) => SSESpecification)).toEqual([{ SSEEnabled: true }])
    // Without a key of ours CloudWatch encrypts with its own.
    const keys = ofType(name, 'AWS::Logs::LogGroup').map(([, { KmsKeyId }]) => KmsKeyId)
    expect(new Set(keys)).toEqual(new Set([name === 'smallest' ? undefined : '<Key.Arn>']))
  })

  test('the key lets in the logs that are encrypted with it, by the names that they have', () => {
    const [key] = ofType(name, 'AWS::KMS::Key')
    const [, { KeyPolicy } = {}] = key ?? []
    const pattern = JSON.stringify(KeyPolicy ?? '').match(/log-group:([^"*]+)\*/)?.[1]
    for (const [, { LogGroupName, KmsKeyId }] of ofType(name, 'AWS::Logs::LogGroup')) {
      if (KmsKeyId !== undefined) expect(textOf(LogGroupName).startsWith(textOf(pattern))).toBe(true)
    }
  })

  test('the table is the one that the event store reads', () => {
    const [, table] = ofType(name, 'AWS::DynamoDB::Table')[0] ?? []
    expect(table).toMatchObject(tableDefinition)
    expect(table?.['PointInTimeRecoverySpecification']).toEqual({ PointInTimeRecoveryEnabled: true })
  })

  test('each of its roles has the permissions boundary that is given, and none where none is', () => {
    const boundaries = (given: Readonly<Record<string, string>> = {}) =>
      ofType(name, 'AWS::IAM::Role', given).map(([, role]) => role['PermissionsBoundary'])
    const count = { template: 4, attach: 2, smallest: 2 }[name]
    expect(boundaries()).toEqual(Array.from({ length: count }))
    expect(boundaries({ PermissionsBoundary: 'teams/boundary' })).toEqual(
      Array.from({ length: count }, () => 'arn:aws:iam::123456789012:policy/teams/boundary'),
    )
  })

  const trustOf = (given: Readonly<Record<string, string>> = {}) =>
    resourcesOf(name, given)['NotificationRole']?.properties['AssumeRolePolicyDocument']

  test('the role that tells of lifecycle actions is for groups of this account and Region alone', () => {
    const group = name === 'template' ? 'drain-instances' : '*'
    const [statement] = statementsOf(trustOf())
    expect(statement?.Condition).toEqual({
      StringEquals: { 'aws:SourceAccount': '123456789012' },
      ArnLike: {
        'aws:SourceArn': `arn:aws:autoscaling:eu-central-1:123456789012:autoScalingGroup:*:autoScalingGroupName/${group}`,
      },
    })
  })

  // IAM is eventually consistent, and PutLifecycleHook fails if Auto Scaling cannot become the role at once.
  test('a group more does not change the role that its hook is put with', () => {
    expect(trustOf({ GroupName: 'other', GroupNames: 'web,workers,batch,other' })).toEqual(trustOf())
  })
})

test('an instance asks for its metadata with a token, keeps it from its tasks, and encrypts its disk', () => {
  const data = valueAt(resourcesOf('template')['LaunchTemplate']?.properties, 'LaunchTemplateData')
  expect(valueAt(data, 'MetadataOptions')).toMatchObject({ HttpTokens: 'required', HttpPutResponseHopLimit: 1 })
  expect(JSON.stringify(valueAt(data, 'BlockDeviceMappings'))).toContain('"Encrypted":true')
  expect(JSON.stringify(valueAt(data, 'UserData'))).toContain('ECS_CLUSTER=<Cluster>')
})

// AWS: ECS developer guide, using-warm-pool: otherwise an agent registers on the way into the pool.
test('an instance of a warm pool joins the cluster when it comes into service', () => {
  const data = valueAt(resourcesOf('template')['LaunchTemplate']?.properties, 'LaunchTemplateData', 'UserData')
  expect(textOf(data)).toMatch(/^ECS_WARM_POOLS_CHECK=true$/m)
})

test('an image of a repository of this account can be pulled, with whichever role the agent pulls', () => {
  const { InstanceRole, ExecutionRole } = resourcesOf('template')
  expect(JSON.stringify(InstanceRole?.properties)).toContain('/AmazonEC2ContainerServiceforEC2Role"')
  const text = JSON.stringify(ExecutionRole?.properties['Policies'])
  for (const action of [
    'GetAuthorizationToken',
    'BatchCheckLayerAvailability',
    'GetDownloadUrlForLayer',
    'BatchGetImage',
  ])
    expect(text).toContain(`"ecr:${action}"`)
  expect(text).toContain('"arn:aws:ecr:*:123456789012:repository/*"')
})

test('a rolling update has room for the new instance beside the old ones', () => {
  const { InstanceCount, InstancesMost } = loadTemplate('template').Parameters
  expect(Number(InstancesMost?.Default)).toBeGreaterThan(Number(InstanceCount?.Default))
  const { UpdatePolicy, Properties } = loadTemplate('template').Resources['Group'] ?? {}
  const rolling = valueAt(UpdatePolicy, 'AutoScalingRollingUpdate')
  expect(valueAt(rolling, 'MinInstancesInService')).toEqual({ Ref: 'InstanceCount' })
  expect([Properties?.['DesiredCapacity'], Properties?.['MaxSize']]).toEqual([
    { Ref: 'InstanceCount' },
    { Ref: 'InstancesMost' },
  ])
  // AWS: CloudFormation template reference, "UpdatePolicy": MinInstancesInService must be less than MaxSize.
  const without = { ...someParameters.template, InstanceCount: '5' }
  expect(() => resolveTemplate(loadTemplate('template'), without)).toThrow('InstancesMost has to be more')
})

// Two files have the same parts, because CloudFormation has no way to share them. So they must be the same.
describe('attach.yaml has the parts of template.yaml', () => {
  const [full, attach] = [loadTemplate('template').Resources, loadTemplate('attach').Resources]
  const both = Object.keys(attach).filter((name) => Object.hasOwn(full, name))
  /** These speak of the cluster and the group, or of several. */
  const different = [
    'AgentDisconnectedRule',
    'Function',
    'FunctionRole',
    'NotificationRole',
    'SilenceAlarm',
    'TaskStoppedRule',
    'WarmPoolReturnRule',
  ]

  test('all but its hooks', () => {
    const own = Object.keys(attach).filter((name) => !Object.hasOwn(full, name))
    expect(own).toEqual(['Hook1', 'Hook2', 'Hook3', 'Hook4', 'Hook5'])
  })

  test.each(both.filter((name) => !different.includes(name)))('%s is the same', (name) => {
    expect(attach[name]).toEqual(full[name])
  })

  test('and the function is, but for its environment', () => {
    const without = (resources: typeof full) => ({ ...resources['Function']?.Properties, Environment: null })
    expect(without(attach)).toEqual(without(full))
  })
})

// With the account in the template the same parameter does for each account of a stack set.
test.each([
  ['none', true],
  ['boundary', true],
  ['teams/boundary', true],
  // As IAM writes a path; the ARN would have two slashes, and no policy has that one.
  ['/teams/boundary', false],
  ['', false],
  ['arn:aws:iam::123456789012:policy/boundary', false],
])('a permissions boundary named %j may be given: %s', (text, allowed) => {
  for (const name of names) {
    const pattern = loadTemplate(name).Parameters['PermissionsBoundary']?.AllowedPattern
    expect(new RegExp(`^(?:${pattern})$`).test(text)).toBe(allowed)
  }
})
