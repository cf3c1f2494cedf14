// Every way a message can come in, crossed with every message that means something.
import * as E from 'fp-ts/Either'
import { describe, expect, test } from 'vitest'
import { decodeEnvelope } from '../../src/envelope/decode-envelope.ts'
import type { Notice } from '../../src/envelope/notice.ts'
import type {
  AutoScalingGroupName,
  ContainerInstanceArn,
  Ec2InstanceId,
  EcsTaskArn,
  LifecycleActionToken,
  LifecycleHookName,
  StreamId,
} from '../../src/identity/ids.ts'
import { fixture, withDetail } from '../support/fixtures.ts'
import { ways } from '../support/ways.ts'

const instance = 'i-0598c7d356eba48d7' as Ec2InstanceId
const group = 'web' as AutoScalingGroupName
const account = '123456789012'
const inMilliseconds = Date.parse('2026-03-05T07:21:36.533Z')
const inSeconds = Date.parse('2026-03-05T07:21:36Z')

const terminating = (at: number): Notice => ({
  type: 'InstanceTerminating',
  action: {
    group,
    hook: 'ecs-drain' as LifecycleHookName,
    instance,
    token: '71514b9d-6a40-4b26-8523-05e7ee35fa40' as LifecycleActionToken,
  },
  destination: 'EC2',
  account,
  metadata: '{"cluster":"production"}',
  at,
})

const launchingFromWarmPool = (at: string): Notice => ({
  type: 'InstanceLaunching',
  instance,
  group,
  origin: 'WarmPool',
  account,
  at: Date.parse(at),
})

const stopped: Notice = {
  type: 'TaskStateChanged',
  task: {
    arn: 'arn:aws:ecs:eu-central-1:123456789012:task/production/c1ffa94f19a540ed8d9f7e1d2a5db6a8' as EcsTaskArn,
    version: 7,
    lastStatus: 'STOPPED',
    desiredStatus: 'STOPPED',
    group: 'service:web',
  },
  containerInstance:
    'arn:aws:ecs:eu-central-1:123456789012:container-instance/production/d1d84798400f49f3b21cb61610c1e6b0' as ContainerInstanceArn,
  at: Date.parse('2026-03-05T07:23:18Z'),
}

const wokenUp: Notice = { type: 'WokenUp', stream: `ec2-instance/${instance}` as StreamId, hops: 3 }

const notices: Readonly<Record<string, Notice>> = {
  'eventbridge-terminate-action': terminating(inSeconds),
  'eventbridge-terminate-action-to-warm-pool': {
    ...terminating(inSeconds),
    destination: 'WarmPool',
  } as Notice,
  'eventbridge-terminate-action-before-warm-pools': { ...terminating(inSeconds), metadata: null } as Notice,
  'eventbridge-launch-action-from-warm-pool': launchingFromWarmPool('2026-03-05T09:02:11Z'),
  'eventbridge-launch-successful-from-warm-pool': launchingFromWarmPool('2026-03-05T09:02:47Z'),
  'auto-scaling-direct': terminating(inMilliseconds),
  'task-state-change-stopped': stopped,
  'task-state-change-fargate': {
    type: 'TaskStateChanged',
    task: {
      arn: 'arn:aws:ecs:eu-central-1:123456789012:task/production/03ebf1c3b7e94ac8a9b5b0c1d2e3f405' as EcsTaskArn,
      version: 3,
      lastStatus: 'RUNNING',
      desiredStatus: 'RUNNING',
      group: '',
    },
    containerInstance: null,
    at: Date.parse('2026-03-05T07:25:02Z'),
  },
  'container-instance-state-change-short-arn': {
    type: 'ContainerInstanceStateChanged',
    containerInstance:
      'arn:aws:ecs:eu-central-1:123456789012:container-instance/b54a2a04-046f-4331-9d74-3f6d7f6ca315' as ContainerInstanceArn,
    agentConnected: true,
  },
  'scheduled-event': { type: 'SweepDue' },
  'scheduler-event': { type: 'SweepDue' },
}

describe.each(Object.keys(notices))('%s', (name) => {
  test.each(ways)('$name', ({ wrap }) => {
    const decoded = decodeEnvelope(wrap(JSON.stringify(fixture(name)))).map(({ notice }) => notice)
    expect(decoded).toEqual([E.right(notices[name])])
  })
})

describe('as AWS delivers it', () => {
  const delivered = (name: string) => decodeEnvelope(fixture(name))

  test('SNS to Lambda, JSON text', () => {
    expect(delivered('sns-lambda-json')).toEqual([{ id: null, notice: E.right(terminating(inMilliseconds)) }])
  })

  test('SNS to Lambda, the documented key-value text', () => {
    expect(delivered('sns-lambda-key-value')).toEqual([{ id: null, notice: E.right(terminating(inMilliseconds)) }])
  })

  test('SQS, three ways in one batch, in the order of the records', () => {
    expect(delivered('sqs-three-ways')).toEqual([
      { id: '059f36b4-87a3-44ab-83d2-661975981001', notice: E.right(terminating(inMilliseconds)) },
      { id: '059f36b4-87a3-44ab-83d2-661975981002', notice: E.right(terminating(inMilliseconds)) },
      { id: '059f36b4-87a3-44ab-83d2-661975981003', notice: E.right(terminating(inSeconds)) },
    ])
  })

  test('SQS, an SNS document with key-value text', () => {
    expect(delivered('sqs-sns-key-value')).toEqual([
      { id: '059f36b4-87a3-44ab-83d2-661975981004', notice: E.right(terminating(inMilliseconds)) },
    ])
  })

  test.each(['test-notification-sqs', 'test-notification-sns-lambda'])('%s', (name) => {
    expect(delivered(name).map(({ notice }) => notice)).toEqual([E.right({ type: 'TestNotification', group })])
  })

  test('a STOPPED record of SQS', () => {
    expect(delivered('task-state-change-stopped-sqs').map(({ notice }) => notice)).toEqual([E.right(stopped)])
  })

  test('a wake-up', () => {
    expect(delivered('wake-up').map(({ notice }) => notice)).toEqual([E.right(wokenUp)])
  })

  test("a sweep sent by the user's own schedule", () => {
    expect(decodeEnvelope({ 'ecs-drain': 'sweep' })).toEqual([{ id: null, notice: E.right({ type: 'SweepDue' }) }])
  })

  test('a task that is told to stop has not stopped: an event says where it is beside where it is to go', () => {
    const decoded = decodeEnvelope(withDetail('task-state-change-stopped', { lastStatus: 'DEACTIVATING' }))
    const task = { lastStatus: 'DEACTIVATING', desiredStatus: 'STOPPED' }
    expect(decoded).toMatchObject([{ notice: E.right({ type: 'TaskStateChanged', task }) }])
  })

  test('an agent that has lost its connection', () => {
    const name = 'container-instance-state-change-short-arn'
    const decoded = decodeEnvelope(withDetail(name, { agentConnected: false }))
    expect(decoded).toEqual([{ id: null, notice: E.right({ ...notices[name], agentConnected: false }) }])
  })

  test('an instance of ECS Anywhere, whose id is one of Systems Manager, is no error', () => {
    const name = 'container-instance-state-change-short-arn'
    const decoded = decodeEnvelope(withDetail(name, { ec2InstanceId: 'mi-0598c7d356eba48d7' }))
    expect(decoded).toEqual([{ id: null, notice: E.right(notices[name]) }])
  })

  test('an event of a kind nobody reads is no error', () => {
    const serviceAction = { ...fixture('scheduled-event'), source: 'aws.ecs', 'detail-type': 'ECS Service Action' }
    expect(decodeEnvelope(serviceAction)).toEqual([
      { id: null, notice: E.right({ type: 'Unsubscribed', what: '"ECS Service Action"' }) },
    ])
  })

  test('an empty batch holds no messages', () => {
    expect(decodeEnvelope({ Records: [] })).toEqual([])
  })
})
