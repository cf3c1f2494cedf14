// The LifecycleHooks port with the real SDK on loopback: Query requests out, XML answers in.
import type {
  AutoScalingGroupName,
  Ec2InstanceId,
  LifecycleAction,
  LifecycleActionToken,
  LifecycleHookName,
} from '@ecs-drain/core'
import { id } from '@ecs-drain/core/testing'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { autoScalingCalls, autoScalingLifecycleHooks, awsClients, type Clients } from '../../src/index.ts'
import '../support/credentials.ts'
import { answerOf, failureFrom } from '../support/ran.ts'
import { answered, refused, type WireServer, wireServer } from '../support/wire.ts'

const token = 'f1b2c3d4-0000-4000-8000-0123456789ab'
const action: LifecycleAction = {
  group: id<AutoScalingGroupName>('web group'),
  hook: id<LifecycleHookName>('drain'),
  instance: id<Ec2InstanceId>('i-0123456789abcdef0'),
  token: id<LifecycleActionToken>(token),
}

const xml = (operation: string, result: string) =>
  answered(
    'query',
    `<${operation}Response xmlns="http://autoscaling.amazonaws.com/doc/2011-01-01/">
  <${operation}Result>${result}</${operation}Result>
  <ResponseMetadata><RequestId>7c6e177f-f082-11e1-ac58-3714bEXAMPLE</RequestId></ResponseMetadata>
</${operation}Response>`,
  )

const hooks = `<LifecycleHooks>
    <member>
      <AutoScalingGroupName>web group</AutoScalingGroupName>
      <RoleARN>arn:aws:iam::111122223333:role/hooks</RoleARN>
      <LifecycleTransition>autoscaling:EC2_INSTANCE_TERMINATING</LifecycleTransition>
      <GlobalTimeout>90000</GlobalTimeout>
      <NotificationMetadata>{"cluster":"web"}</NotificationMetadata>
      <LifecycleHookName>drain</LifecycleHookName>
      <HeartbeatTimeout>900</HeartbeatTimeout>
      <DefaultResult>CONTINUE</DefaultResult>
    </member>
    <member>
      <AutoScalingGroupName>web group</AutoScalingGroupName>
      <LifecycleTransition>autoscaling:EC2_INSTANCE_TERMINATING</LifecycleTransition>
      <GlobalTimeout>172800</GlobalTimeout>
      <LifecycleHookName>other</LifecycleHookName>
      <HeartbeatTimeout>3600</HeartbeatTimeout>
      <DefaultResult>ABANDON</DefaultResult>
    </member>
  </LifecycleHooks>`

const instance = (instanceId: string, state: string) => `<member>
          <InstanceId>${instanceId}</InstanceId>
          <AvailabilityZone>eu-west-1a</AvailabilityZone>
          <HealthStatus>Healthy</HealthStatus>
          <LifecycleState>${state}</LifecycleState>
          <ProtectedFromScaleIn>false</ProtectedFromScaleIn>
        </member>`

const groups = `<AutoScalingGroups>
    <member>
      <AutoScalingGroupName>web group</AutoScalingGroupName>
      <CreatedTime>2026-01-01T00:00:00.000Z</CreatedTime>
      <DesiredCapacity>2</DesiredCapacity>
      <Instances>
        ${instance('i-0123456789abcdef0', 'Terminating:Wait')}
        ${instance('i-0123456789abcdef1', 'InService')}
      </Instances>
    </member>
    <member><AutoScalingGroupName>empty</AutoScalingGroupName><Instances/></member>
  </AutoScalingGroups>
  <NextToken>the next page</NextToken>`

let server: WireServer
let clients: Clients
let port: ReturnType<typeof autoScalingLifecycleHooks>
beforeAll(async () => {
  server = await wireServer()
  clients = awsClients({ region: 'eu-west-1', endpoint: server.endpoint, attemptsMax: 1 })
  port = autoScalingLifecycleHooks(autoScalingCalls(clients.autoScaling))
})
beforeEach(() => {
  server.requests.length = 0
})
afterAll(async () => {
  clients.autoScaling.destroy()
  await server.close()
})

const sent = () => server.requests.map(({ parameters }) => parameters)
const common = { AutoScalingGroupName: 'web group', LifecycleHookName: 'drain', Version: '2011-01-01' }

describe('a lifecycle action', () => {
  test.each(['CONTINUE', 'ABANDON'] as const)('is completed with %s, by its token and nothing else', async (result) => {
    server.answers = [xml('CompleteLifecycleAction', '')]
    expect(await answerOf(port.complete({ type: 'CompleteLifecycleAction', action, result }))).toBeNull()
    const named = { Action: 'CompleteLifecycleAction', LifecycleActionToken: token, LifecycleActionResult: result }
    expect(sent()).toEqual([{ ...common, ...named }])
    expect(server.requests[0]?.contentType).toContain('application/x-www-form-urlencoded')
  })

  test('is completed by the instance id where no token is known', async () => {
    server.answers = [xml('CompleteLifecycleAction', '')]
    const withoutToken = { ...action, token: null }
    await answerOf(port.complete({ type: 'CompleteLifecycleAction', action: withoutToken, result: 'CONTINUE' }))
    const named = {
      Action: 'CompleteLifecycleAction',
      InstanceId: 'i-0123456789abcdef0',
      LifecycleActionResult: 'CONTINUE',
    }
    expect(sent()).toEqual([{ ...common, ...named }])
  })

  test.each([
    '<?xml version="1.0" encoding="UTF-8"?>\n<CompleteLifecycleActionResponse/>',
    '\n<CompleteLifecycleActionResponse>\n</CompleteLifecycleActionResponse>',
  ])('is completed whatever else is in the answer: %s', async (body) => {
    server.answers = [answered('query', body)]
    const complete = { type: 'CompleteLifecycleAction', action, result: 'CONTINUE' } as const
    expect(await answerOf(port.complete(complete))).toBeNull()
  })

  test('gets a heartbeat by its token, or by the instance id', async () => {
    server.answers = [xml('RecordLifecycleActionHeartbeat', '')]
    const heartbeat = { type: 'RecordLifecycleActionHeartbeat', action } as const
    expect(await answerOf(port.recordHeartbeat(heartbeat))).toBeNull()
    await answerOf(port.recordHeartbeat({ ...heartbeat, action: { ...action, token: null } }))
    expect(sent()).toEqual([
      { ...common, Action: 'RecordLifecycleActionHeartbeat', LifecycleActionToken: token },
      { ...common, Action: 'RecordLifecycleActionHeartbeat', InstanceId: 'i-0123456789abcdef0' },
    ])
  })

  test.each([
    `No active Lifecycle Action found with token ${token}`,
    'No active Lifecycle Action found with instance ID i-0123456789abcdef0',
  ])('that is over is refused in AWS\'s own words: "%s"', async (words) => {
    server.answers = [refused('query', 'ValidationError', words)]
    const over = { type: 'Rejected', code: 'ValidationError', message: words }
    const complete = { type: 'CompleteLifecycleAction', action, result: 'CONTINUE' } as const
    expect(await failureFrom(port.complete(complete))).toEqual(over)
    expect(await failureFrom(port.recordHeartbeat({ type: 'RecordLifecycleActionHeartbeat', action }))).toEqual(over)
  })

  test('whose group is being changed is Unavailable: ResourceContention, HTTP 500', async () => {
    server.answers = [refused('query', 'ResourceContention', 'You already have a pending update', 500)]
    const complete = { type: 'CompleteLifecycleAction', action, result: 'CONTINUE' } as const
    expect(await failureFrom(port.complete(complete))).toMatchObject({ type: 'Unavailable' })
  })
})

const describeHooks = { type: 'DescribeLifecycleHooks', group: action.group, hook: action.hook } as const
const describeGroups = { type: 'DescribeAutoScalingGroups', groups: [action.group], nextToken: null } as const
const ofGroup = 'arn:*:autoscaling:*:*:autoScalingGroup:*:autoScalingGroupName/web group'

test.each([
  [
    `CompleteLifecycleAction on ${ofGroup}`,
    () => port.complete({ type: 'CompleteLifecycleAction', action, result: 'CONTINUE' }),
  ],
  [
    `RecordLifecycleActionHeartbeat on ${ofGroup}`,
    () => port.recordHeartbeat({ type: 'RecordLifecycleActionHeartbeat', action }),
  ],
  ['DescribeLifecycleHooks on *', () => port.describeHooks(describeHooks)],
  ['DescribeAutoScalingGroups on *', () => port.describeGroups(describeGroups)],
])('a missing permission says: allow autoscaling:%s', async (says, call) => {
  server.answers = [refused('query', 'AccessDenied', 'User is not authorized', 403)]
  const message = `allow autoscaling:${says}; AWS said AccessDenied: User is not authorized`
  expect(await failureFrom(call())).toEqual({ type: 'AccessDenied', message })
})

test('hooks are described with their seconds as milliseconds', async () => {
  server.answers = [xml('DescribeLifecycleHooks', hooks)]
  const transition = 'autoscaling:EC2_INSTANCE_TERMINATING'
  expect(await answerOf(port.describeHooks(describeHooks))).toEqual([
    {
      name: 'drain',
      transition,
      heartbeatTimeout: 900_000,
      globalTimeout: 90_000_000,
      defaultResult: 'CONTINUE',
      notificationMetadata: '{"cluster":"web"}',
    },
    {
      name: 'other',
      transition,
      heartbeatTimeout: 3_600_000,
      globalTimeout: 172_800_000,
      defaultResult: 'ABANDON',
      notificationMetadata: null,
    },
  ])
  expect(sent()).toMatchObject([{ AutoScalingGroupName: 'web group', 'LifecycleHookNames.member.1': 'drain' }])
})

test('a hook that does not say what happens at its timeout has the default of Auto Scaling', async () => {
  server.answers = [xml('DescribeLifecycleHooks', hooks.replaceAll(/<DefaultResult>.*<\/DefaultResult>/g, ''))]
  const described = await answerOf(port.describeHooks(describeHooks))
  expect(described.map(({ defaultResult }) => defaultResult)).toEqual(['ABANDON', 'ABANDON'])
})

test.each(['LifecycleHookName', 'LifecycleTransition', 'HeartbeatTimeout', 'GlobalTimeout'])(
  'a hook without %s is a failure',
  async (member) => {
    server.answers = [xml('DescribeLifecycleHooks', hooks.replaceAll(new RegExp(`<${member}>.*</${member}>`, 'g'), ''))]
    expect(await failureFrom(port.describeHooks(describeHooks))).toMatchObject({ type: 'Unavailable' })
  },
)

test.each(['', '<DescribeLifecycleHooksResult/>'])('an answer without its list is a failure: "%s"', async (result) => {
  server.answers = [answered('query', `<DescribeLifecycleHooksResponse>${result}</DescribeLifecycleHooksResponse>`)]
  expect(await failureFrom(port.describeHooks(describeHooks))).toMatchObject({ type: 'Unavailable' })
  server.answers = [
    answered('query', `<DescribeAutoScalingGroupsResponse>${result}</DescribeAutoScalingGroupsResponse>`),
  ]
  expect(await failureFrom(port.describeGroups(describeGroups))).toMatchObject({ type: 'Unavailable' })
})

describe('groups', () => {
  test.each(['AutoScalingGroupName', 'InstanceId', 'LifecycleState'])(
    'one without %s is a failure, not a group where nothing waits',
    async (member) => {
      const gap = groups.replaceAll(new RegExp(`<${member}>.*</${member}>`, 'g'), '')
      server.answers = [xml('DescribeAutoScalingGroups', gap)]
      expect(await failureFrom(port.describeGroups(describeGroups))).toMatchObject({ type: 'Unavailable' })
    },
  )

  test('are described with the states of their instances, one page a call', async () => {
    server.answers = [xml('DescribeAutoScalingGroups', groups)]
    expect(await answerOf(port.describeGroups(describeGroups))).toEqual({
      items: [
        {
          name: 'web group',
          instances: [
            { id: 'i-0123456789abcdef0', lifecycleState: 'Terminating:Wait' },
            { id: 'i-0123456789abcdef1', lifecycleState: 'InService' },
          ],
        },
        { name: 'empty', instances: [] },
      ],
      nextToken: 'the next page',
    })
    await answerOf(port.describeGroups({ ...describeGroups, nextToken: 'the next page' }))
    expect(sent()).toMatchObject([
      { 'AutoScalingGroupNames.member.1': 'web group', MaxRecords: '100' },
      { NextToken: 'the next page' },
    ])
  })

  test('one whose name cannot be that of a group of ours is left out, and hides none of the others', async () => {
    const foreign = `<member><AutoScalingGroupName>legacy 🚀</AutoScalingGroupName><Instances/></member>`
    server.answers = [xml('DescribeAutoScalingGroups', groups.replace('<member>', `${foreign}<member>`))]
    const { items } = await answerOf(port.describeGroups(describeGroups))
    expect(items.map(({ name }) => name)).toEqual(['web group', 'empty'])
  })

  test('none named: every group is asked for', async () => {
    server.answers = [xml('DescribeAutoScalingGroups', '<AutoScalingGroups/>')]
    const ask = { type: 'DescribeAutoScalingGroups', groups: [], nextToken: null } as const
    expect(await answerOf(port.describeGroups(ask))).toEqual({ items: [], nextToken: null })
    expect(Object.keys(sent()[0] ?? {}).toSorted()).toEqual(['Action', 'MaxRecords', 'Version'])
  })
})
