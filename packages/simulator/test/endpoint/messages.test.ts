// What SQS answers of messages and queues, value by value.
import { describe, expect, test } from 'vitest'
import { type Served, serve } from './served.ts'

const asking =
  ({ postJson, endpoint }: Served) =>
  async <Answer>(operation: string, body: object): Promise<Answer> =>
    JSON.parse((await postJson(`AmazonSQS.${operation}`, { QueueUrl: endpoint.inboxUrl, ...body })).text) as Answer

const text = (StringValue: string) => ({ DataType: 'String', StringValue })

interface ReceivedMessages {
  readonly Messages?: ReadonlyArray<{
    readonly ReceiptHandle: string
    readonly MessageAttributes?: object
    readonly Attributes: Readonly<Record<string, string>>
  }>
}

describe('a message', () => {
  test.each([
    [['All'], ['app.id', 'app.name', 'other']],
    [['.*'], ['app.id', 'app.name', 'other']],
    [['app.*'], ['app.id', 'app.name']],
    [['other', 'none'], ['other']],
    [['app'], []],
    [[], []],
  ])('comes with the attributes that %j names', async (MessageAttributeNames, names) => {
    const served = await serve()
    const ask = asking(served)
    const MessageAttributes = { 'app.id': text('1'), 'app.name': text('x'), other: text('y') }
    await ask('SendMessage', { MessageBody: 'x', MessageAttributes })
    served.endpoint.advance(2)
    const { Messages } = await ask<ReceivedMessages>('ReceiveMessage', { MessageAttributeNames })
    expect(Object.keys(Messages?.[0]?.MessageAttributes ?? {})).toEqual(names)
  })

  test('tells when it was sent and received as milliseconds of the calendar', async () => {
    const served = await serve()
    const ask = asking(served)
    const queue = { QueueUrl: served.endpoint.deadLettersUrl }
    served.endpoint.advance(10)
    await ask('SendMessage', { ...queue, MessageBody: 'x', DelaySeconds: 5 })
    served.endpoint.advance(4)
    expect(await ask('ReceiveMessage', queue)).toEqual({})
    served.endpoint.advance(1)
    const { Messages } = await ask<ReceivedMessages>('ReceiveMessage', { ...queue, AttributeNames: ['All'] })
    const zero = Date.parse('2026-03-02T08:00:00Z')
    expect(Messages?.[0]?.Attributes).toMatchObject({
      SentTimestamp: String(zero + 10_000),
      ApproximateFirstReceiveTimestamp: String(zero + 15_000),
    })
  })
})

describe('an entry that is refused', () => {
  test('is told to be the fault of its sender, in the code that SQS had for it before JSON', async () => {
    const ask = asking(await serve())
    const Entries = [{ Id: 'a', ReceiptHandle: 'none' }]
    expect(await ask('ChangeMessageVisibilityBatch', { Entries })).toEqual({
      Failed: [expect.objectContaining({ Id: 'a', SenderFault: true, Code: 'MissingParameter' })],
    })
  })

  test('leaves the others alone, also where a number in it is out of bounds', async () => {
    const served = await serve()
    const ask = asking(served)
    const failed = [expect.objectContaining({ Id: 'far', Code: 'InvalidParameterValue' })]
    const messages = { near: 900, far: 901 }
    const sent = Object.entries(messages).map(([Id, DelaySeconds]) => ({ Id, MessageBody: 'x', DelaySeconds }))
    expect(await ask('SendMessageBatch', { Entries: sent })).toMatchObject({
      Successful: [{ Id: 'near' }],
      Failed: failed,
    })
    served.endpoint.advance(902)
    const { Messages } = await ask<ReceivedMessages>('ReceiveMessage', {})
    const hidden = { near: 43_200, far: 43_201 }
    const Entries = Object.entries(hidden).map(([Id, VisibilityTimeout]) => ({
      Id,
      ReceiptHandle: Messages?.[0]?.ReceiptHandle,
      VisibilityTimeout,
    }))
    expect(await ask('ChangeMessageVisibilityBatch', { Entries })).toMatchObject({
      Successful: [{ Id: 'near' }],
      Failed: failed,
    })
  })
})

test('queues are listed by the beginning of their names, and were created with the world', async () => {
  const { endpoint, postJson } = await serve()
  const list = await postJson('AmazonSQS.ListQueues', { QueueNamePrefix: 'ecs-drain-d' })
  expect(JSON.parse(list.text)).toEqual({ QueueUrls: [endpoint.deadLettersUrl] })
  const none = await postJson('AmazonSQS.ListQueues', { QueueNamePrefix: 'other' })
  expect(JSON.parse(none.text)).toEqual({})
  const queue = { QueueUrl: endpoint.inboxUrl, AttributeNames: ['CreatedTimestamp'] }
  const { text: answer } = await postJson('AmazonSQS.GetQueueAttributes', queue)
  const seconds = Date.parse('2026-03-02T08:00:00Z') / 1000
  expect(JSON.parse(answer)).toEqual({ Attributes: { CreatedTimestamp: String(seconds) } })
})
