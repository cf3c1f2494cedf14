// Everything wired: what a configuration must say, and one handling through all four services.
import { ScanCommand } from '@aws-sdk/client-dynamodb'
import { createDrainController, hours, type JournalEntry, memoryEventStore } from '@ecs-drain/core'
import { at, theStream } from '@ecs-drain/core/testing'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type AwsConfig, awsPorts, type CallReport } from '../src/index.ts'
import './support/credentials.ts'
import { type Dynamo, startDynamo } from './support/dynamo.ts'
import { answerOf } from './support/ran.ts'
import { answered, type Behaviour, messageSent, type WireRequest, type WireServer, wireServer } from './support/wire.ts'

const config: AwsConfig = { region: 'eu-west-1', table: 'streams', queueUrl: null }

describe('a configuration', () => {
  test('of three members is enough, and sends nothing', () => {
    expect(Object.keys(awsPorts(config)).toSorted()).toEqual([
      'clock',
      'cluster',
      'eventStore',
      'journal',
      'lifecycleHooks',
      'wakeUps',
    ])
  })

  test('without a table has no event store, which is then given besides', () => {
    const ports = awsPorts({ region: 'eu-west-1', queueUrl: null })
    expect(ports).not.toHaveProperty('eventStore')
    const policy = { hooks: [{ name: 'ecs-drain', groups: null }], clusters: ['web'] }
    expect(createDrainController({ ...ports, eventStore: memoryEventStore(), policy })).toHaveProperty('handle')
    // @ts-expect-error: whoever forgets the event store is told so, by the compiler and at start.
    expect(() => createDrainController({ ...ports, policy })).toThrow('the port eventStore lacks the function load')
  })

  test.each([
    ['region', { region: 'Dublin' }],
    ['region', { region: '' }],
    ['table', { table: '' }],
    ['table', { table: 'ab' }],
    ['table', { table: undefined as never }],
    ['region', { region: undefined as never }],
    ['queueUrl', { queueUrl: undefined as never }],
    ['queueUrl', { queueUrl: 'inbox' }],
    ['queueUrl', { queueUrl: 'https://sqs.eu-west-1.amazonaws.com/111122223333/inbox.fifo' }],
    ['endpoint', { endpoint: 'localhost:8000' }],
    ['attemptsMax', { attemptsMax: 0 }],
    ['attemptsMax', { attemptsMax: 1.5 }],
    ['connectionTimeoutMs', { connectionTimeoutMs: 0 }],
    ['requestTimeoutMs', { requestTimeoutMs: Number.NaN }],
    ['retention', { retention: -1 }],
    ['retention', { retention: Number.POSITIVE_INFINITY }],
    // Days, and seconds.
    ['retention', { retention: 30 }],
    ['retention', { retention: 2_592_000 }],
    ['queueUrl', { queueUrl: 7 as never }],
    ['requestTimeoutMs', { requestTimeoutMs: null as never }],
    ['requestTimeoutMs', { requestTimeoutMs: '5000' as never }],
    ['requestTimeout', { requestTimeout: 5000 } as object],
    ['journal', { journal: {} as never }],
    ['clock', { clock: null as never }],
    ['onCall', { onCall: true as never }],
    ['cutOff', { cutOff: new AbortController().signal as never }],
  ] as const)('with a wrong %s is refused at once: %o', (name, wrong) => {
    expect(() => awsPorts({ ...config, ...wrong })).toThrow(new RegExp(`^awsPorts:\\n${name}: `))
  })

  test('may say undefined where it may say nothing', () => {
    const nothing = { attemptsMax: undefined, retention: undefined, journal: undefined } as object
    expect(() => awsPorts({ ...config, ...nothing })).not.toThrow()
  })

  test('that is missing is told what is needed', () => {
    expect(() => awsPorts(undefined as never)).toThrow(
      /region: expected .*, got undefined\nqueueUrl: expected .*, got undefined/,
    )
  })

  test('is told everything that is wrong with it at once', () => {
    expect(() => awsPorts({ ...config, region: '', table: '' })).toThrow(/region: .*\ntable: /)
  })
})

describe('a handling', () => {
  let dynamo: Dynamo
  let aws: WireServer
  beforeAll(async () => {
    dynamo = await startDynamo()
    aws = await wireServer()
  })
  afterAll(async () => {
    await dynamo.close()
    await aws.close()
  })

  const operationOf = ({ target, parameters }: WireRequest): string =>
    target?.split('.')[1] ?? String(parameters['Action'])

  const respond = (request: WireRequest): Behaviour => {
    const operation = operationOf(request)
    if (operation === 'ListContainerInstances') return answered('json-1.1', '{"containerInstanceArns":[]}')
    return answered('query', `<${operation}Response><${operation}Result/></${operation}Response>`)
  }

  test('of a notice about an instance that no cluster knows lets it go, and says why', async () => {
    aws.respond = respond
    const table = await dynamo.createTable()
    const calls: Array<CallReport> = []
    const journal: Array<JournalEntry> = []
    process.env['AWS_ENDPOINT_URL_ECS'] = aws.endpoint
    process.env['AWS_ENDPOINT_URL_AUTO_SCALING'] = aws.endpoint
    process.env['AWS_ENDPOINT_URL_DYNAMODB'] = dynamo.endpoint
    const ports = awsPorts({
      ...config,
      table,
      retention: hours(1),
      journal: { note: (entry) => () => void journal.push(entry) },
      onCall: (call) => void calls.push(call),
    })
    const hooks = [{ name: 'drain', groups: null }] as never
    const policy = { hooks, clusters: ['web'] as never, notFoundGrace: 0, hopsMax: 0 }
    const controller = createDrainController({ ...ports, policy })
    const notice = {
      version: '0',
      id: '12345678-1234-1234-1234-123456789012',
      'detail-type': 'EC2 Instance-terminate Lifecycle Action',
      source: 'aws.autoscaling',
      account: '111122223333',
      time: '2026-11-25T12:00:00Z',
      region: 'eu-west-1',
      resources: [],
      detail: {
        LifecycleActionToken: '87654321-4321-4321-4321-210987654321',
        AutoScalingGroupName: 'web',
        LifecycleHookName: 'drain',
        EC2InstanceId: 'i-1234567890abcdef0',
        LifecycleTransition: 'autoscaling:EC2_INSTANCE_TERMINATING',
      },
    }
    const begunAt = Date.now()
    const report = await controller.handle(notice)
    // Never rejects, so this is always reached.
    for (const service of ['ECS', 'AUTO_SCALING', 'DYNAMODB']) delete process.env[`AWS_ENDPOINT_URL_${service}`]
    expect(report.failed).toEqual([])
    expect(report.receipts[0]?.snapshot.drain).toMatchObject({ phase: 'ended' })
    expect(aws.requests.map(operationOf).toSorted()).toEqual([
      'CompleteLifecycleAction',
      'ListContainerInstances',
      'ListContainerInstances',
      'RecordLifecycleActionHeartbeat',
    ])
    const decided = journal.flatMap((entry) => (entry.type === 'recorded' ? [entry.event] : []))
    expect(decided).toContainEqual(expect.objectContaining({ because: 'not-a-container-instance' }))
    expect(new Set(calls.map(({ service }) => service))).toEqual(new Set(['ecs', 'autoscaling', 'dynamodb']))
    expect(calls.filter(({ failure }) => failure !== null)).toEqual([])
    expect(await ports.eventStore.listWatched({ type: 'ListWatchedStreams' })()).toMatchObject({ right: [] })
    const { Items = [] } = await dynamo.client.send(new ScanCommand({ TableName: table }))
    const kept = Items.map(({ expiresAt }) => Number(expiresAt?.N) * 1_000 - begunAt)
    expect(kept.length).toBeGreaterThan(0)
    expect(kept.filter((milliseconds) => !(milliseconds >= hours(1) && milliseconds < hours(1.1)))).toEqual([])
  })

  test('may send wake-ups to the queue that is named', async () => {
    aws.respond = messageSent
    aws.requests.length = 0
    const queueUrl = 'https://sqs.eu-west-1.amazonaws.com/111122223333/inbox'
    const { wakeUps } = awsPorts({ ...config, queueUrl, endpoint: aws.endpoint })
    await answerOf(wakeUps.send({ type: 'SendWakeUp', stream: theStream, at: at(0), hops: 0 }))
    expect(aws.requests).toMatchObject([{ parameters: { QueueUrl: queueUrl } }])
  })

  test('goes by the clock it is given, its wake-ups included', async () => {
    aws.respond = messageSent
    aws.requests.length = 0
    const clock = { now: () => at(0) }
    const queueUrl = 'https://sqs.eu-west-1.amazonaws.com/111122223333/inbox'
    const ports = awsPorts({ ...config, queueUrl, endpoint: aws.endpoint, clock })
    await answerOf(ports.wakeUps.send({ type: 'SendWakeUp', stream: theStream, at: at(30), hops: 0 }))
    expect(aws.requests).toMatchObject([{ parameters: { DelaySeconds: 30 } }])
    expect(ports.clock).toBe(clock)
  })
})
