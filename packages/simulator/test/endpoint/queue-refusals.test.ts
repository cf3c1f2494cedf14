// What SQS refuses, each with the status and the codes that its model has for it.
import {
  ChangeMessageVisibilityCommand,
  DeleteMessageCommand,
  ReceiveMessageCommand,
  SendMessageBatchCommand,
  SendMessageCommand,
} from '@aws-sdk/client-sqs'
import { describe, expect, test } from 'vitest'
import { errorModel } from './aws-model.ts'
import { serve } from './served.ts'

const mebibyte = 1_048_576

const attribute = (given: object, name = 'a') => ({ MessageBody: 'x', MessageAttributes: { [name]: given } })

const entries = (...ids: ReadonlyArray<string>) => ({ Entries: ids.map((Id) => ({ Id, MessageBody: 'x' })) })

const elevenAttributes = Object.fromEntries(
  Array.from({ length: 11 }, (_, number) => [`a${number}`, { DataType: 'String', StringValue: 'x' }]),
)

describe('is refused', () => {
  test.each<readonly [operation: string, body: object, code: string]>([
    ['SendMessage', { MessageBody: 'x'.repeat(mebibyte + 1) }, 'InvalidParameterValueException'],
    ['SendMessage', { MessageBody: '\u0000' }, 'InvalidMessageContents'],
    ['SendMessage', attribute({ DataType: 'Colour', StringValue: 'red' }), 'InvalidParameterValueException'],
    ['SendMessage', attribute({ DataType: 'String' }), 'InvalidParameterValueException'],
    ['SendMessage', attribute({ DataType: 'String', StringValue: '' }), 'InvalidParameterValueException'],
    ['SendMessage', attribute({ DataType: 'Binary', StringValue: 'x' }), 'InvalidParameterValueException'],
    [
      'SendMessage',
      attribute({ DataType: 'String', StringValue: 'x', BinaryValue: 'eA==' }),
      'InvalidParameterValueException',
    ],
    ['SendMessage', attribute({ DataType: 'String', StringValue: '\u0000' }), 'InvalidParameterValueException'],
    [
      'SendMessage',
      attribute({ DataType: `String.${'x'.repeat(250)}`, StringValue: 'x' }),
      'InvalidParameterValueException',
    ],
    ['SendMessage', attribute({ DataType: 'Number', StringValue: 'x' }), 'InvalidParameterValueException'],
    ['SendMessage', attribute({ DataType: 'String', StringValue: 'x' }, 'a b'), 'InvalidParameterValueException'],
    ['SendMessage', attribute({ DataType: 'String', StringValue: 'x' }, 'AWS.a'), 'InvalidParameterValueException'],
    ['SendMessage', { MessageBody: 'x', MessageAttributes: elevenAttributes }, 'InvalidParameterValueException'],
    ['SendMessage', attribute({ DataType: 'String', StringListValues: ['x'] }), 'UnsupportedOperation'],
    ['SendMessageBatch', entries(), 'EmptyBatchRequest'],
    ['SendMessageBatch', entries('a', 'a'), 'BatchEntryIdsNotDistinct'],
    ['SendMessageBatch', entries('a.b'), 'InvalidBatchEntryId'],
    ['SendMessageBatch', entries('a'.repeat(81)), 'InvalidBatchEntryId'],
    ['SendMessageBatch', entries(...Array.from({ length: 11 }, (_, n) => `${n}`)), 'TooManyEntriesInBatchRequest'],
    [
      'SendMessageBatch',
      { Entries: ['a', 'b'].map((Id) => ({ Id, MessageBody: 'x'.repeat(mebibyte / 2 + 1) })) },
      'BatchRequestTooLong',
    ],
    ['DeleteMessage', { ReceiptHandle: 'none' }, 'ReceiptHandleIsInvalid'],
    ['DeleteMessage', { QueueUrl: 'http://127.0.0.1/123456789012/none', ReceiptHandle: 'none' }, 'QueueDoesNotExist'],
    ['GetQueueAttributes', { AttributeNames: ['Colour'] }, 'InvalidAttributeName'],
    ['GetQueueUrl', { QueueName: 'ecs-drain-inbox', QueueOwnerAWSAccountId: '210987654321' }, 'QueueDoesNotExist'],
  ])('%s %o', async (operation, body, code) => {
    const { endpoint, postJson } = await serve()
    const ofQueue = operation === 'GetQueueUrl' ? {} : { QueueUrl: endpoint.inboxUrl }
    const { status, headers, text } = await postJson(`AmazonSQS.${operation}`, { ...ofQueue, ...body })
    const { __type } = JSON.parse(text) as { readonly __type: string }
    const model = errorModel('SQS', code)
    expect([__type, status]).toEqual([`com.amazonaws.sqs#${code}`, model.status])
    if (model.queryCode !== code) expect(headers.get('x-amzn-query-error')).toBe(`${model.queryCode};Sender`)
  })

  test('to hide what was deleted for longer', async () => {
    const { endpoint, sqs } = await serve()
    const QueueUrl = endpoint.inboxUrl
    await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: 'x' }))
    endpoint.advance(2)
    const { Messages } = await sqs.send(new ReceiveMessageCommand({ QueueUrl }))
    const received = { QueueUrl, ReceiptHandle: Messages?.[0]?.ReceiptHandle }
    await sqs.send(new DeleteMessageCommand(received))
    const hide = sqs.send(new ChangeMessageVisibilityCommand({ ...received, VisibilityTimeout: 60 }))
    await expect(hide).rejects.toMatchObject({ Code: 'InvalidParameterValue' })
  })

  test('to purge a queue again within a minute', async () => {
    const { endpoint, postJson } = await serve()
    const purge = () => postJson('AmazonSQS.PurgeQueue', { QueueUrl: endpoint.inboxUrl })
    expect((await purge()).status).toBe(200)
    const { status, headers, text } = await purge()
    const { queryCode, status: refused } = errorModel('SQS', 'PurgeQueueInProgress')
    expect([status, headers.get('x-amzn-query-error')]).toEqual([refused, `${queryCode};Sender`])
    expect(JSON.parse(text)).toHaveProperty('__type', 'com.amazonaws.sqs#PurgeQueueInProgress')
    endpoint.advance(60)
    expect((await purge()).status).toBe(200)
  })

  test('a request too many, in the status that the model has for it', async () => {
    const { endpoint, postJson } = await serve({ faults: { perMille: { 'api.throttle': 1000 } } })
    const { status } = await postJson('AmazonSQS.SendMessage', { QueueUrl: endpoint.inboxUrl, MessageBody: 'x' })
    expect(status).toBe(errorModel('SQS', 'RequestThrottled').status)
  })
})

describe('is taken', () => {
  test('a message of the full length, however it is written in JSON', async () => {
    const { endpoint, sqs, postJson } = await serve()
    const QueueUrl = endpoint.inboxUrl
    await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: '"'.repeat(mebibyte) }))
    const escaped = `{"QueueUrl":"${QueueUrl}","MessageBody":"${'\\u0061'.repeat(mebibyte)}"}`
    expect((await postJson('AmazonSQS.SendMessage', escaped)).status).toBe(200)
  })

  test('every kind of attribute, with the digest that the SDK checks', async () => {
    const { endpoint, sqs } = await serve()
    const QueueUrl = endpoint.inboxUrl
    const MessageAttributes = {
      'text.of-mine': { DataType: 'String.colour', StringValue: 'red' },
      number: { DataType: 'Number', StringValue: '-1.5e3' },
      bytes: { DataType: 'Binary', BinaryValue: Uint8Array.of(0, 255) },
    }
    const Entries = [{ Id: 'a', MessageBody: 'x', MessageAttributes }]
    expect((await sqs.send(new SendMessageBatchCommand({ QueueUrl, Entries }))).Failed).toBeUndefined()
    endpoint.advance(2)
    const { Messages } = await sqs.send(new ReceiveMessageCommand({ QueueUrl, MessageAttributeNames: ['All'] }))
    expect(Messages?.[0]?.MessageAttributes).toEqual(MessageAttributes)
  })

  test('names of attributes that a queue or a message has no value for: they are left out', async () => {
    const { endpoint, postJson } = await serve()
    const ask = async (operation: string, body: object): Promise<unknown> =>
      JSON.parse((await postJson(`AmazonSQS.${operation}`, body)).text)
    const AttributeNames = ['Policy', 'DelaySeconds', 'SqsManagedSseEnabled']
    expect(await ask('GetQueueAttributes', { QueueUrl: endpoint.inboxUrl, AttributeNames })).toEqual({
      Attributes: { DelaySeconds: '0', SqsManagedSseEnabled: 'true' },
    })
    // A dead letter says from where it comes, and goes on counting.
    const MessageSystemAttributeNames = ['AWSTraceHeader', 'DeadLetterQueueSourceArn', 'ApproximateReceiveCount']
    await ask('SendMessage', { QueueUrl: endpoint.inboxUrl, MessageBody: 'x' })
    endpoint.advance(2)
    const receive = { QueueUrl: endpoint.inboxUrl, MessageSystemAttributeNames, VisibilityTimeout: 0 }
    const first = (await ask('ReceiveMessage', receive)) as { readonly Messages: ReadonlyArray<object> }
    expect(first.Messages[0]).toHaveProperty('Attributes', { ApproximateReceiveCount: '1' })
    for (let receives = 0; receives < 5; receives += 1) await ask('ReceiveMessage', receive)
    expect(await ask('ReceiveMessage', { ...receive, QueueUrl: endpoint.deadLettersUrl })).toMatchObject({
      Messages: [
        {
          Attributes: {
            DeadLetterQueueSourceArn: 'arn:aws:sqs:eu-west-1:123456789012:ecs-drain-inbox',
            ApproximateReceiveCount: '6',
          },
        },
      ],
    })
  })
})
