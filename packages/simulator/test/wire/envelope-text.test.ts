// A template writes the very text that is written without one, whatever the message.
import { readFileSync } from 'node:fs'
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Directory, Message } from '../../src/controller/controller.ts'
import { taskStatuses } from '../../src/trace/trace.ts'
import { createEnvelopeWriter, envelopeText, functionText, queueText } from '../../src/wire/envelope-text.ts'
import { textTemplate } from '../../src/wire/text-template.ts'

const directory = {
  startMs: 1_767_225_600_000,
  region: 'eu-west-1',
  account: '123456789012',
  clusterName: 'main',
  instanceId: (instance: number) => `i-0${instance}`,
  containerInstanceArn: (instance: number) => `arn:aws:ecs:eu-west-1:123456789012:container-instance/main/${instance}`,
  taskArn: (task: number) => `arn:aws:ecs:eu-west-1:123456789012:task/main/${task}`,
  taskGroup: (task: number) => (task % 3 === 0 ? 'service:with "quotes" and \\ and é' : 'service:web'),
} as unknown as Directory

const messages: fc.Arbitrary<Message> = fc.record({
  kind: fc.constantFrom('task-stopped', 'container-instance', 'wake-up', 'sweep'),
  instance: fc.nat(300),
  task: fc.nat(3_000),
  action: fc.constant(-1),
  at: fc.nat(2_000_000_000),
  version: fc.nat(),
  status: fc.nat(taskStatuses.length),
  desiredStopped: fc.boolean(),
  agentConnected: fc.boolean(),
  hops: fc.nat(15),
  viaEventBridge: fc.constant(false),
  number: fc.nat(100_000),
  received: fc.nat(20),
})

test('the same text, with templates and without', () => {
  const write = createEnvelopeWriter(directory)
  let escaped = 0
  let plain = 0
  fc.assert(
    fc.property(messages, (message) => {
      const text = write(message, directory, 'eventbridge')
      expect(text).toBe(envelopeText(message, directory, 'eventbridge'))
      if (message.kind === 'task-stopped' && message.task % 3 === 0) escaped += 1
      else if (message.kind === 'task-stopped' || message.kind === 'container-instance') plain += 1
    }),
    { numRuns: 500 },
  )
  expect(escaped).toBeGreaterThan(10)
  expect(plain).toBeGreaterThan(10)
})

const hooked = {
  ...directory,
  action: () => ({ token: 't', group: 'g', hook: 'h', instance: 'i-0598c7d356eba48d7' }),
  metadata: () => null,
  destination: () => 'EC2',
} as unknown as Directory

const termination: Message = {
  ...(fc.sample(messages, { numRuns: 1, seed: 1 })[0] as Message),
  kind: 'termination',
  action: 0,
}

test('SNS names its certificate for a queue otherwise than for a function', () => {
  const inQueue = JSON.parse(queueText(termination, hooked, 'sns-in-sqs')) as object
  const { Records } = JSON.parse(functionText(termination, hooked, 'sns-json') ?? '') as {
    readonly Records: ReadonlyArray<{ readonly Sns: object }>
  }
  const urls = (fields: object): ReadonlyArray<string> => Object.keys(fields).filter((name) => /url$/i.test(name))
  expect(urls(inQueue)).toEqual(['SigningCertURL', 'UnsubscribeURL'])
  expect(urls(Records[0]?.Sns ?? {})).toEqual(['SigningCertUrl', 'UnsubscribeUrl'])
})

test('the subject of what a topic is told of a termination is that of the recorded ones', () => {
  const recorded = new URL('../../../core/test/fixtures/sns-lambda-json.json', import.meta.url)
  const { Records } = JSON.parse(readFileSync(recorded, 'utf8')) as {
    readonly Records: ReadonlyArray<{ readonly Sns: { readonly Subject: string } }>
  }
  const { Subject } = JSON.parse(queueText(termination, hooked, 'sns-in-sqs')) as { readonly Subject: string }
  expect(Subject).toBe(Records[0]?.Sns.Subject)
})

test('of two hooks of an instance each event has an id of its own, which its copies share', () => {
  const idOf = (message: Message): string =>
    (JSON.parse(queueText(message, hooked, 'eventbridge')) as { readonly id: string }).id
  const ofOther: Message = { ...termination, action: 1, number: termination.number + 1 }
  expect(idOf(ofOther)).not.toBe(idOf(termination))
  expect(idOf({ ...termination, received: termination.received + 1 })).toBe(idOf(termination))
  expect(idOf(termination)).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-8[0-9a-f]{3}-[0-9a-f]{12}$/)
})

test('a schedule says which rule it is of', () => {
  const sweep: Message = { ...termination, kind: 'sweep' }
  const { resources } = JSON.parse(queueText(sweep, directory, 'eventbridge')) as { readonly resources: unknown }
  expect(resources).toEqual(['arn:aws:events:eu-west-1:123456789012:rule/ecs-drain-sweep'])
})

test('what leaves the world has its time in whole seconds, as EventBridge writes it', () => {
  for (const kind of ['sweep', 'task-stopped', 'container-instance', 'termination'] as const) {
    const message: Message = { ...termination, kind, task: 1, at: 1234, viaEventBridge: kind === 'termination' }
    for (const write of [queueText, functionText]) {
      const { time } = JSON.parse(write(message, hooked, 'sns-in-sqs') ?? '') as { readonly time: string }
      expect(time, kind).toBe('2026-01-01T00:00:01Z')
    }
  }
})

test('a return from the warm pool is told as the recorded one was, without a lifecycle action that no hook has begun', () => {
  const recorded = new URL(
    '../../../core/test/fixtures/eventbridge-launch-successful-from-warm-pool.json',
    import.meta.url,
  )
  const expected = JSON.parse(readFileSync(recorded, 'utf8')) as { readonly detail: object }
  const place = { ...hooked, groupName: () => 'web' } as unknown as Directory
  const told = JSON.parse(queueText({ ...termination, kind: 'launch' }, place, 'eventbridge')) as typeof expected
  expect(told).toMatchObject({ 'detail-type': 'EC2 Instance Launch Successful', source: 'aws.autoscaling' })
  expect(told.detail).toMatchObject({ Origin: 'WarmPool', Destination: 'AutoScalingGroup' })
  expect(Object.keys(told.detail).toSorted()).toEqual(Object.keys(expected.detail).toSorted())
  expect(Object.keys(told).toSorted()).toEqual(Object.keys(expected).toSorted())
})

test('numbers lose the quotes of their marks, in a document within a document, too', () => {
  const write = (values: { readonly name: string; readonly count: number }): string =>
    JSON.stringify({ ...values, within: JSON.stringify({ again: values, deeper: JSON.stringify(values) }) })
  const fill = textTemplate({ name: 'a', count: 1 }, write)
  const values = { name: 'b c', count: 27 }
  expect(fill(values)).toBe(write(values))
})

test('what would have to be escaped is not filled in', () => {
  const fill = textTemplate({ name: 'a' }, JSON.stringify)
  expect(['"', '\\', '\n', 'é', '\u2028'].map((name) => fill({ name }))).toEqual([null, null, null, null, null])
})

test('the queue is of the Region and the account of the cluster', () => {
  const abroad = { ...directory, region: 'us-east-1', account: '999988887777' } as Directory
  for (const kind of ['task-stopped', 'sweep'] as const) {
    const message: Message = { ...(fc.sample(messages, { numRuns: 1, seed: 1 })[0] as Message), kind, task: 1 }
    const { Records } = JSON.parse(createEnvelopeWriter(abroad)(message, abroad, 'eventbridge')) as {
      readonly Records: ReadonlyArray<object>
    }
    expect(Records[0]).toMatchObject({
      awsRegion: 'us-east-1',
      eventSourceARN: expect.stringContaining('arn:aws:sqs:us-east-1:999988887777:'),
    })
  }
})
