// What a person reads in the dead-letter queue: the exact line, with the path from the outermost document.
import * as E from 'fp-ts/Either'
import { describe, expect, test } from 'vitest'
import { decodeEnvelope } from '../../src/envelope/decode-envelope.ts'
import { fixture, type Json, withDetail } from '../support/fixtures.ts'
import { snsBatch, snsDocument, sqsBatch, ways } from '../support/ways.ts'

const reportsOf = (envelope: unknown): ReadonlyArray<ReadonlyArray<string>> =>
  decodeEnvelope(envelope).map(({ notice }) => (E.isLeft(notice) ? notice.left : []))

const notification = (fields: { readonly [key: string]: Json }): string =>
  JSON.stringify({ ...fixture('auto-scaling-direct'), ...fields })

const without = (name: string, ...keys: ReadonlyArray<string>): object =>
  Object.fromEntries(Object.entries(fixture(name)).filter(([key]) => !keys.includes(key)))

const unreadable =
  'is no message that ecs-drain reads: expected an SQS, SNS or EventBridge event, a lifecycle notification, or a wake-up'

describe('a bad field is named with its whole path', () => {
  test.each(ways)('$name', ({ wrap, at }) => {
    const path = at === null ? '' : `${at}.`
    expect(reportsOf(wrap(notification({ EC2InstanceId: 'x' })))).toEqual([
      [`${path}EC2InstanceId: expected Ec2InstanceId like i-0123456789abcdef0, got "x"`],
    ])
  })

  test('in key-value text', () => {
    const text = 'Time: 2026-03-05T07:21:36.533Z\nLifecycleTransition: autoscaling:EC2_INSTANCE_TERMINATING\n'
    expect(reportsOf(snsBatch(text))).toEqual([
      [
        'Records[0].Sns.Message.LifecycleActionToken: expected LifecycleActionToken, got nothing',
        'Records[0].Sns.Message.AutoScalingGroupName: expected AutoScalingGroupName, got nothing',
        'Records[0].Sns.Message.LifecycleHookName: expected LifecycleHookName, got nothing',
        'Records[0].Sns.Message.EC2InstanceId: expected Ec2InstanceId like i-0123456789abcdef0, got nothing',
      ],
    ])
  })

  test('in the detail of an event in the second record', () => {
    const bad = JSON.stringify(withDetail('task-state-change-stopped', { version: '7', taskArn: 'arn:aws:ecs' }))
    expect(reportsOf(sqsBatch(JSON.stringify(fixture('scheduled-event')), bad))).toEqual([
      [],
      [
        'Records[1].body.detail.taskArn: expected EcsTaskArn like arn:aws:ecs:REGION:ACCOUNT:task/CLUSTER/ID, got "arn:aws:ecs"',
        'Records[1].body.detail.version: expected an integer of at least 0, got "7"',
      ],
    ])
  })

  test('in an optional field', () => {
    expect(reportsOf(withDetail('task-state-change-stopped', { group: 7 }))).toEqual([
      ['detail.group: expected string, got 7'],
    ])
    expect(reportsOf(withDetail('eventbridge-launch-successful-from-warm-pool', { Origin: 7 }))).toEqual([
      ['detail.Origin: expected string, got 7'],
    ])
  })

  test('in the event around the detail', () => {
    expect(reportsOf({ ...fixture('task-state-change-stopped'), time: 'yesterday', detail: [] })).toEqual([
      ['time: expected an ISO-8601 instant, got "yesterday"', 'detail: expected an object, got a list of 0'],
    ])
  })

  test('in an event of a kind nobody reads, only its kind is looked at', () => {
    expect(reportsOf({ ...fixture('scheduled-event'), 'detail-type': 7 })).toEqual([
      ['detail-type: expected string, got 7'],
    ])
    expect(reportsOf({ 'detail-type': 'My Event', source: 'mine' })).toEqual([[]])
  })

  test('in our own wake-up', () => {
    expect(reportsOf({ 'ecs-drain': 'wake-up', stream: 'ec2-instance/x', hops: -1 })).toEqual([
      [
        'stream: expected StreamId like ec2-instance/i-0123456789abcdef0, got "ec2-instance/x"',
        'hops: expected an integer of at least 0, got -1',
      ],
    ])
  })

  test('in a message of our own of another kind: which kinds there are, and nothing of what a wake-up has', () => {
    for (const more of [{}, { stream: 'ec2-instance/i-0598c7d356eba48d7', hops: 0 }])
      expect(reportsOf({ 'ecs-drain': 'foo', ...more })).toEqual([
        ['ecs-drain: expected "sweep" or "wake-up", got "foo"'],
      ])
  })

  test('in a notification without its time', () => {
    expect(reportsOf(without('auto-scaling-direct', 'Time'))).toEqual([
      ['Time: expected an ISO-8601 instant, got nothing'],
    ])
  })
})

describe('what is no message at all', () => {
  test.each<[string, unknown, string]>([
    ['text that is not JSON', 'hello', '(root): is not JSON'],
    ['half a document', '{"Records":[', '(root): is not JSON'],
    ['nothing', undefined, `(root): ${unreadable}, got nothing`],
    ['null', null, `(root): ${unreadable}, got null`],
    ['a number', 7, `(root): ${unreadable}, got 7`],
    ['a list', [], `(root): ${unreadable}, got a list of 0`],
    ['another object', { a: 1 }, `(root): ${unreadable}, got an object with other keys`],
    ['records that are no list', { Records: {} }, 'Records: expected a list, got an object'],
    ['a record that is no object', { Records: [7] }, 'Records[0]: expected an object, got 7'],
    ['a record without a body', { Records: [{ messageId: 'a' }] }, 'Records[0].body: expected a string, got nothing'],
    ['a body that is no text', { Records: [{ body: {} }] }, 'Records[0].body: expected a string, got an object'],
    ['a message that is no text', { Records: [{ Sns: {} }] }, 'Records[0].Sns.Message: expected a string, got nothing'],
    ['an empty body', sqsBatch(''), `Records[0].body: ${unreadable}, got ""`],
    ['a body of prose', sqsBatch('hello there'), `Records[0].body: ${unreadable}, got "hello there"`],
    ['a torn body', sqsBatch('{"detail'), 'Records[0].body: is not JSON'],
    ['a torn SNS message', sqsBatch(JSON.stringify(snsDocument('{"Event'))), 'Records[0].body.Message: is not JSON'],
    [
      'an SNS document without its message',
      sqsBatch('{"Type":"Notification"}'),
      'Records[0].body.Message: expected a string, got nothing',
    ],
    [
      'a megabyte of text',
      sqsBatch('x'.repeat(1e6)),
      `Records[0].body: ${unreadable}, got a string of 1000000 characters`,
    ],
  ])('%s', (_, envelope, line) => {
    expect(reportsOf(envelope)).toEqual([[line]])
  })

  test('a notification that has lost its transition is not taken for one that is for somebody else', () => {
    const torn = without('auto-scaling-direct', 'LifecycleTransition')
    expect(reportsOf(torn)).toEqual([['LifecycleTransition: expected string, got nothing']])
  })

  test('a notification that has lost its hook is known by its transition', () => {
    expect(reportsOf(without('auto-scaling-direct', 'LifecycleHookName'))).toEqual([
      ['LifecycleHookName: expected LifecycleHookName, got nothing'],
    ])
  })

  test('documents inside documents, without end', () => {
    let text = notification({})
    for (let depth = 0; depth < 6; depth += 1) text = JSON.stringify(snsDocument(text))
    expect(reportsOf(sqsBatch(text))).toEqual([
      ['Records[0].body.Message.Message.Message.Message: too many documents inside one another'],
    ])
  })
})

describe('what is no error, though it is not for us', () => {
  const noticesOf = (envelope: unknown) => decodeEnvelope(envelope).map(({ notice }) => notice)

  test('a place that Auto Scaling did not have when this was written', () => {
    expect(
      noticesOf(withDetail('eventbridge-terminate-action', { Destination: 'Elsewhere', Origin: 'Elsewhere' })),
    ).toEqual(noticesOf(fixture('eventbridge-terminate-action')))
  })

  test('an Event besides the transition, which alone says what it is', () => {
    const both = JSON.parse(notification({ Event: 'autoscaling:EC2_INSTANCE_TERMINATE' })) as unknown
    expect(noticesOf(both)).toEqual(noticesOf(fixture('auto-scaling-direct')))
  })

  test("a group's notification that is not a lifecycle hook's, on the same topic", () => {
    const launched = {
      ...without('auto-scaling-direct', 'LifecycleTransition'),
      Event: 'autoscaling:EC2_INSTANCE_LAUNCH',
    }
    expect(noticesOf(snsBatch(JSON.stringify(launched)))).toEqual([
      E.right({ type: 'Unsubscribed', what: '"autoscaling:EC2_INSTANCE_LAUNCH"' }),
    ])
  })

  test.each(['SubscriptionConfirmation', 'UnsubscribeConfirmation'])(
    'what SNS says about a subscription: %s',
    (Type) => {
      const confirmation = JSON.stringify({ ...snsDocument('You have chosen to subscribe'), Type })
      expect(noticesOf(sqsBatch(confirmation))).toEqual([
        E.right({ type: 'Unsubscribed', what: 'a subscription of SNS' }),
      ])
    },
  )

  test('a lifecycle transition of another kind', () => {
    expect(noticesOf(JSON.parse(notification({ LifecycleTransition: 'autoscaling:EC2_INSTANCE_RESTING' })))).toEqual([
      E.right({ type: 'Unsubscribed', what: 'a lifecycle transition of another kind' }),
    ])
  })
})

describe('key-value text', () => {
  const rows = [
    'Time: 2026-03-05T07:21:36.533Z',
    'LifecycleActionToken: 71514b9d-6a40-4b26-8523-05e7ee35fa40',
    'AutoScalingGroupName: web',
    'LifecycleHookName: ecs-drain',
    'EC2InstanceId: i-0598c7d356eba48d7',
    'LifecycleTransition: autoscaling:EC2_INSTANCE_TERMINATING',
  ]
  const instanceOf = (text: string): unknown => {
    const notice = decodeEnvelope(snsBatch(text))[0]?.notice
    return notice !== undefined && E.isRight(notice) && notice.right.type === 'InstanceTerminating'
      ? notice.right.action.instance
      : notice
  }

  test('with the line ends of mail', () => {
    expect(instanceOf(rows.join('\r\n'))).toBe('i-0598c7d356eba48d7')
  })

  test('a later row does not replace an earlier one: metadata may hold any text, and comes last', () => {
    const metadata = 'NotificationMetadata: first\nEC2InstanceId: i-0000000000000000f'
    expect(instanceOf([...rows, metadata].join('\n'))).toBe('i-0598c7d356eba48d7')
  })

  test('metadata goes on over all the rows that follow and are no others of the text', () => {
    const [time = '', ...others] = rows
    const metadata = ['NotificationMetadata: {', '  "cluster": "team-a",', '  note: any', '}', '']
    for (const text of [
      [...rows, ...metadata],
      [...others, ...metadata, time],
    ]) {
      const notice = decodeEnvelope(snsBatch(text.join('\r\n')))[0]?.notice
      expect(notice).toMatchObject(E.right({ metadata: '{\r\n  "cluster": "team-a",\r\n  note: any\r\n}' }))
    }
  })

  test('longer than any notification is none', () => {
    const text = [...rows, `NotificationMetadata: ${'x'.repeat(64_000)}`].join('\n')
    expect(reportsOf(snsBatch(text))).toEqual([
      [`Records[0].Sns.Message: ${unreadable}, got a string of ${text.length} characters`],
    ])
  })

  test('a test notification', () => {
    const text = 'Service: AWS Auto Scaling\nEvent: autoscaling:TEST_NOTIFICATION\nAutoScalingGroupName: web\n'
    expect(decodeEnvelope(snsBatch(text))).toEqual([
      { id: null, notice: E.right({ type: 'TestNotification', group: 'web' }) },
    ])
  })
})
