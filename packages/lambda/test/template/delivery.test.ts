// From the hook, the rules and the alarms to where they are read, and what becomes of what cannot be delivered.
import { readFileSync } from 'node:fs'
import { uncheckedPolicy } from '@ecs-drain/core'
import { describe, expect, test } from 'vitest'
import { listOf, type Made, resolveTemplate, someParameters } from './resolve.ts'
import { type JsonObject, loadTemplate, type TemplateName, textOf, valueAt } from './template.ts'

const parametersOf = {
  ...someParameters,
  smallest: { ClusterName: 'production', GroupName: 'web', CodeBucket: 'code', CodeKey: 'zip' },
}

/** With an address for alarms, so that their topic is there too. */
const resourcesOf = (name: TemplateName): Readonly<Record<string, Made>> =>
  resolveTemplate(loadTemplate(name), { ...parametersOf[name], AlarmEmail: 'us@example.com' }).resources

const pageOf = (name: string): string => readFileSync(new URL(`../../../../docs/${name}.md`, import.meta.url), 'utf8')

describe.each(['template', 'attach', 'smallest'] as const)('%s.yaml', (name) => {
  const resources = resourcesOf(name)
  const ofType = (type: string): ReadonlyArray<JsonObject> =>
    Object.values(resources).flatMap((made) => (made.type === type ? [made.properties] : []))

  test('each hook tells the topic, as the role that may', () => {
    const inGroups = ofType('AWS::AutoScaling::AutoScalingGroup').flatMap((group) =>
      listOf(group['LifecycleHookSpecificationList']),
    )
    const hooks = [...ofType('AWS::AutoScaling::LifecycleHook'), ...inGroups]
    expect(hooks).toHaveLength({ template: 1, attach: 3, smallest: 1 }[name])
    for (const hook of hooks)
      expect(hook).toMatchObject({ NotificationTargetARN: '<NotificationTopic>', RoleARN: '<NotificationRole.Arn>' })
  })

  // AWS: SNS developer guide, "Key management": under a key of ours whoever publishes needs both. AWS's own key lets the account in.
  test('that role may publish, under the key of the topic', () => {
    const [policy] = listOf(resources['NotificationRole']?.properties['Policies'])
    const publish = { Effect: 'Allow', Action: 'sns:Publish', Resource: '<NotificationTopic>' }
    const encrypt = { Effect: 'Allow', Action: ['kms:Decrypt', 'kms:GenerateDataKey'], Resource: '<Key.Arn>' }
    expect(valueAt(policy, 'PolicyDocument', 'Statement')).toEqual(name === 'smallest' ? [publish] : [publish, encrypt])
  })

  test('the topic and every rule send to where the function reads, and elsewhere only what cannot be delivered there', () => {
    const inbox = { Id: 'inbox', Arn: '<Inbox.Arn>', DeadLetterConfig: { Arn: '<Undeliverable.Arn>' } }
    const target = name === 'smallest' ? { Id: 'function', Arn: '<Function.Arn>' } : inbox
    const rules = ofType('AWS::Events::Rule')
    expect(rules).toHaveLength(name === 'smallest' ? 2 : 4)
    for (const rule of rules) expect(rule['Targets']).toEqual([target])
    expect(resources['NotificationSubscription']?.properties).toEqual(
      name === 'smallest'
        ? { TopicArn: '<NotificationTopic>', Protocol: 'lambda', Endpoint: '<Function.Arn>' }
        : {
            TopicArn: '<NotificationTopic>',
            Protocol: 'sqs',
            Endpoint: '<Inbox.Arn>',
            RawMessageDelivery: true,
            RedrivePolicy: { deadLetterTargetArn: '<Undeliverable.Arn>' },
          },
    )
  })

  test('the function is what docs/lambda.md says of the zip', () => {
    const { Handler, Runtime, LoggingConfig } = resources['Function']?.properties ?? {}
    expect(pageOf('lambda')).toContain(`The handler is \`${textOf(Handler)}\`, the runtime \`${textOf(Runtime)}\``)
    expect(valueAt(LoggingConfig, 'LogGroup')).toBe('<FunctionLogGroup>')
  })
})

describe.each(['template', 'attach'] as const)('%s.yaml', (name) => {
  const resources = resourcesOf(name)

  test("Lambda's guard against loops does not stop the function, whose chains of wake-ups end by themselves", () => {
    expect(resources['Function']?.properties['RecursiveLoop']).toBe('Allow')
    expect(uncheckedPolicy({ hooks: [], clusters: [] }).hopsMax).toBeLessThan(16)
  })

  test('the function reads the queue, and what it cannot handle is kept after the fifth time', () => {
    const { Inbox, Events, Function: made } = resources
    expect(Events?.properties).toMatchObject({ EventSourceArn: '<Inbox.Arn>', FunctionName: '<Function>' })
    expect(valueAt(made?.properties, 'Environment', 'Variables', 'ECS_DRAIN_QUEUE_URL')).toBe('<Inbox>')
    expect(Inbox?.properties['RedrivePolicy']).toEqual({
      deadLetterTargetArn: '<Undeliverable.Arn>',
      maxReceiveCount: 5,
    })
    expect(pageOf('deploy')).toContain(
      '| `undeliverable` | a message could not be handled five times, or not be read |',
    )
  })

  // AWS: SNS developer guide, "Enable compatibility between event sources from AWS services and encrypted topics".
  test('each alarm may publish to the topic, and under its key', () => {
    const alarms = Object.values(resources).filter(({ type }) => type === 'AWS::CloudWatch::Alarm')
    const statementOf = (resource: string, policy: string, sid: string) =>
      listOf(valueAt(resources[resource]?.properties, policy, 'Statement')).find((each) => valueAt(each, 'Sid') === sid)
    const toTopic = statementOf('AlarmTopicPolicy', 'PolicyDocument', 'OnlyAlarmsOfThisStack')
    const underKey = statementOf('Key', 'KeyPolicy', 'AlarmsToTopic')
    expect(valueAt(underKey, 'Action')).toEqual(['kms:Decrypt', 'kms:GenerateDataKey*'])
    for (const statement of [toTopic, underKey]) {
      expect(valueAt(statement, 'Principal', 'Service')).toBe('cloudwatch.amazonaws.com')
      const pattern = textOf(valueAt(statement, 'Condition', 'ArnLike', 'aws:SourceArn'))
      expect(pattern).toMatch(/:alarm:[^*]+\*$/)
      for (const { properties } of alarms) {
        const arn = `arn:aws:cloudwatch:eu-central-1:123456789012:alarm:${textOf(properties['AlarmName'])}`
        expect(arn.startsWith(pattern.slice(0, -1)), arn).toBe(true)
      }
    }
  })
})
