// Whatever comes in, a notice or a short report comes out, record by record.
import fc from 'fast-check'
import * as E from 'fp-ts/Either'
import { describe, expect, test } from 'vitest'
import { type Delivery, decodeEnvelope } from '../../src/envelope/decode-envelope.ts'
import { encodeWakeUp } from '../../src/envelope/wake-up.ts'
import type { StreamId } from '../../src/identity/ids.ts'
import { fixture, withDetail } from '../support/fixtures.ts'
import { snsBatch, sqsBatch, ways } from '../support/ways.ts'

const eventNames = [
  'auto-scaling-direct',
  'eventbridge-terminate-action',
  'eventbridge-launch-action-from-warm-pool',
  'eventbridge-launch-successful-from-warm-pool',
  'task-state-change-stopped',
  'container-instance-state-change-short-arn',
  'scheduled-event',
]

/** Keys that mean something to us, or to JavaScript. */
const keys = fc.constantFrom(
  ...['Records', 'body', 'Sns', 'Message', 'messageId', 'Type', 'detail-type', 'source', 'detail', 'time', 'account'],
  ...['ecs-drain', 'stream', 'hops', 'Event', 'LifecycleTransition', 'LifecycleHookName', 'EC2InstanceId', 'Time'],
  ...['__proto__', 'constructor', 'prototype', 'hasOwnProperty', 'toString', 'valueOf', 'length', 'then', ''],
)
const words = fc.constantFrom(
  ...['Notification', 'wake-up', 'sweep', 'aws.ecs', 'aws.autoscaling', 'ECS Task State Change', 'aws:sqs'],
  ...['autoscaling:TEST_NOTIFICATION', 'autoscaling:EC2_INSTANCE_TERMINATING', '2026-03-05T07:21:36Z', '123456789012'],
)
const { json } = fc.letrec((tie) => ({
  leaf: fc.oneof(fc.constant(null), fc.boolean(), fc.double(), fc.string(), words),
  list: fc.array(tie('json'), { maxLength: 4 }),
  object: fc
    .array(fc.tuple(fc.oneof(keys, fc.string()), tie('json')), { maxLength: 6 })
    // As JSON.parse does it: every key an own one, __proto__ too.
    .map((entries) =>
      JSON.parse(`{${entries.map(([key, value]) => `${JSON.stringify(key)}:${asText(value)}`).join(',')}}`),
    ),
  text: tie('json').map(asText),
  json: fc.oneof({ depthSize: 'small', withCrossShrink: true }, tie('leaf'), tie('object'), tie('list'), tie('text')),
}))

function asText(value: unknown): string {
  return JSON.stringify(value) ?? 'null'
}

/** A real payload with one of its fields, at any depth, replaced by anything, or with one more. */
const mutated: fc.Arbitrary<unknown> = fc
  .record({
    name: fc.constantFrom(...eventNames),
    inDetail: fc.boolean(),
    key: keys,
    pick: fc.nat(),
    value: json,
    add: fc.boolean(),
  })
  .map(({ name, inDetail, key, pick, value, add }) => {
    const document = fixture(name)
    const target = (inDetail ? (document['detail'] ?? document) : document) as object
    const ownKeys = Object.keys(target)
    const replaced = add ? key : (ownKeys[pick % Math.max(ownKeys.length, 1)] ?? key)
    Object.defineProperty(target, replaced, { value, enumerable: true, configurable: true, writable: true })
    return document
  })

/** A left is at most twenty lines of bounded length, each with a path; a right is a notice. */
const isWellFormed = ({ id, notice }: Delivery): boolean =>
  (id === null || typeof id === 'string') &&
  (E.isRight(notice)
    ? typeof notice.right.type === 'string'
    : notice.left.length > 0 &&
      notice.left.length <= 20 &&
      notice.left.every((line) => line.length <= 600 && line.includes(': ')))

const inAllWays = (value: unknown): ReadonlyArray<Delivery> => {
  const text = asText(value)
  return ways.flatMap(({ wrap }) => decodeEnvelope(wrap(text)))
}

describe('never throws', () => {
  test('on any JSON value, in any way', () => {
    fc.assert(
      fc.property(json, (value) => inAllWays(value).every(isWellFormed)),
      { numRuns: 2_000 },
    )
  })

  test('on any payload with a field that is anything', () => {
    const reached = { notices: 0, reports: 0 }
    fc.assert(
      fc.property(mutated, (value) => {
        const deliveries = inAllWays(value)
        for (const { notice } of deliveries) reached[E.isRight(notice) ? 'notices' : 'reports'] += 1
        return deliveries.every(isWellFormed)
      }),
      { numRuns: 2_000 },
    )
    expect(Math.min(reached.notices, reached.reports)).toBeGreaterThan(100)
  })

  test('on any text', () => {
    const text = fc.oneof(
      fc.string({ unit: 'binary' }),
      json.map(asText),
      fc.mixedCase(fc.constantFrom('{"Records":[]}', 'null')),
    )
    fc.assert(
      fc.property(text, (value) =>
        [value, sqsBatch(value), snsBatch(value)].flatMap(decodeEnvelope).every(isWellFormed),
      ),
      { numRuns: 2_000 },
    )
  })

  test('on any value of JavaScript', () => {
    const value = fc.anything({
      withBigInt: true,
      withDate: true,
      withMap: true,
      withNullPrototype: true,
      withSparseArray: true,
    })
    fc.assert(fc.property(value, (anything) => decodeEnvelope(anything).every(isWellFormed)))
  })
})

describe('a batch', () => {
  const good = JSON.stringify(fixture('auto-scaling-direct'))
  const goodNotice = decodeEnvelope(good)[0]?.notice
  const garbage = fc.oneof(
    json,
    json.map(asText).map((body) => ({ messageId: 'garbage', body })),
  )

  test('is answered record by record, in its order, with its ids; garbage disturbs no other record', () => {
    const record = fc.oneof(
      fc.uuid().map((messageId) => ({ messageId, record: { messageId, body: good } })),
      garbage.map((record) => ({ messageId: null, record })),
    )
    fc.assert(
      fc.property(fc.array(record, { maxLength: 12 }), (records) => {
        const deliveries = decodeEnvelope({ Records: records.map((each) => each.record) })
        expect(deliveries.length).toBe(records.length)
        records.forEach(({ messageId }, index) => {
          if (messageId !== null) expect(deliveries[index]).toEqual({ id: messageId, notice: goodNotice })
        })
      }),
    )
  })
})

describe('keys that mean something to JavaScript', () => {
  const poisons = ['__proto__', 'constructor', 'hasOwnProperty', 'toString', 'then']

  test.each(eventNames.flatMap((name) => poisons.map((poison) => [name, poison] as const)))(
    '%s with %s',
    (name, poison) => {
      const poisoned = (document: object): string =>
        JSON.stringify(document).replace('{', `{${JSON.stringify(poison)}:{"polluted":true},`)
      const document = fixture(name)
      const outside = poisoned(document)
      const inside = JSON.stringify(document).replace(
        '"detail":{',
        `"detail":{${JSON.stringify(poison)}:{"polluted":true},`,
      )
      const expected = decodeEnvelope(document)
      expect(decodeEnvelope(outside)).toEqual(expected)
      // A scheduled event's detail is empty, so the comma would be one too many.
      if (name !== 'scheduled-event') expect(decodeEnvelope(inside)).toEqual(expected)
      expect(Object.hasOwn(Object.prototype, 'polluted')).toBe(false)
    },
  )

  test('a field is not taken from __proto__', () => {
    const { detail, ...around } = fixture('task-state-change-stopped')
    const text = JSON.stringify({ ...around, marker: 0 }).replace(
      '"marker":0',
      `"__proto__":${JSON.stringify({ detail })}`,
    )
    expect(decodeEnvelope(text)).toEqual([{ id: null, notice: E.left(['detail: expected an object, got nothing']) }])
  })

  test('of key-value text', () => {
    const text = 'hasOwnProperty: x\nconstructor: y\nEvent: autoscaling:TEST_NOTIFICATION\nAutoScalingGroupName: web'
    expect(decodeEnvelope(snsBatch(text))[0]?.notice).toEqual(E.right({ type: 'TestNotification', group: 'web' }))
    const terminating = Object.entries(fixture('auto-scaling-direct')).map(
      ([key, value]) => `${key}: ${value as string}`,
    )
    expect(decodeEnvelope(snsBatch(['hasOwnProperty: x', ...terminating].join('\n')))).toEqual(
      decodeEnvelope(fixture('sns-lambda-json')),
    )
  })
})

describe('size', () => {
  const megabyte = 'x'.repeat(1_000_000)
  /** What takes more than linear time takes minutes here. The processor's time, since by the clock others are measured too. */
  const inTime = (envelope: unknown): ReadonlyArray<Delivery> => {
    const began = process.cpuUsage()
    const deliveries = decodeEnvelope(envelope)
    expect(process.cpuUsage(began).user).toBeLessThan(1_000_000)
    return deliveries
  }

  test('a megabyte in a field is described, not printed', () => {
    const fields = {
      taskArn: megabyte,
      containerInstanceArn: `arn:aws:ecs:${megabyte}`,
      lastStatus: 7,
      version: megabyte,
    }
    expect(inTime(withDetail('task-state-change-stopped', fields))[0]?.notice).toEqual(
      E.left([
        'detail.taskArn: expected EcsTaskArn like arn:aws:ecs:REGION:ACCOUNT:task/CLUSTER/ID, got a string of 1000000 characters',
        'detail.lastStatus: expected string, got 7',
        'detail.version: expected an integer of at least 0, got a string of 1000000 characters',
        'detail.containerInstanceArn: expected ContainerInstanceArn like ' +
          'arn:aws:ecs:REGION:ACCOUNT:container-instance/CLUSTER/ID, got a string of 1000012 characters',
      ]),
    )
  })

  test.each<[string, string]>([
    ['white space', ' '.repeat(1_000_000)],
    ['rows', 'a: b\n'.repeat(200_000)],
    ['colons', ': '.repeat(500_000)],
    ['opening brackets', '['.repeat(1_000_000)],
    ['nested lists', '['.repeat(100_000) + ']'.repeat(100_000)],
    ['nested objects', `${'{"detail":'.repeat(50_000)}0${'}'.repeat(50_000)}`],
    ['quotation marks', '"'.repeat(1_000_000)],
    ['backslashes', '\\'.repeat(1_000_000)],
  ])('a body of %s', (_, body) => {
    expect([...inTime(sqsBatch(body)), ...inTime(body)].every(isWellFormed)).toBe(true)
  })

  test('a deep detail', () => {
    let text = '0'
    for (let depth = 0; depth < 10_000; depth += 1) text = `{"a":${text}}`
    const document = JSON.stringify(fixture('task-state-change-stopped')).replace(
      '"detail":{',
      `"detail":{"deep":${text},`,
    )
    expect(inTime(document)).toEqual(decodeEnvelope(fixture('task-state-change-stopped')))
  })
})

test('a wake-up comes back as it was sent', () => {
  const stream = fc.stringMatching(/^[0-9a-f]{8,17}$/).map((hex) => `ec2-instance/i-${hex}` as StreamId)
  fc.assert(
    fc.property(stream, fc.nat(), fc.constantFrom(...ways), (to, hops, { wrap }) => {
      expect(decodeEnvelope(wrap(encodeWakeUp(to, hops))).map(({ notice }) => notice)).toEqual([
        E.right({ type: 'WokenUp', stream: to, hops }),
      ])
    }),
  )
})
