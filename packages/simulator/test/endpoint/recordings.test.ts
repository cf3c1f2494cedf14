// The endpoint answers as AWS itself was recorded to answer. Each test names the public recording or report that has the fact.
import {
  ChangeMessageVisibilityCommand,
  ReceiveMessageCommand,
  SendMessageBatchCommand,
  SendMessageCommand,
} from '@aws-sdk/client-sqs'
import { describe, expect, test } from 'vitest'
import { serve } from './served.ts'

describe('SQS', () => {
  // github.com/aws/aws-sdk/issues/657, localstack/localstack/pull/9998, open-telemetry/opentelemetry-python-contrib/issues/4744
  test('leaves out of the answer to a batch the list that is empty', async () => {
    const { endpoint, postJson } = await serve()
    const batch = async (MessageBody: string): Promise<ReadonlyArray<string>> => {
      const Entries = [{ Id: 'a', MessageBody }]
      const { text } = await postJson('AmazonSQS.SendMessageBatch', { QueueUrl: endpoint.inboxUrl, Entries })
      return Object.keys(JSON.parse(text) as object)
    }
    expect([await batch('x'), await batch('\u0000')]).toEqual([['Successful'], ['Failed']])
  })

  // localstack/localstack/pull/9632 and tests/aws/services/sqs/test_sqs.snapshot.json
  test('succeeds at hiding for longer what is visible again, and leaves it visible', async () => {
    const { endpoint, sqs } = await serve()
    const QueueUrl = endpoint.inboxUrl
    await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: 'x' }))
    endpoint.advance(2)
    const { Messages } = await sqs.send(new ReceiveMessageCommand({ QueueUrl, VisibilityTimeout: 5 }))
    endpoint.advance(5)
    const received = { QueueUrl, ReceiptHandle: Messages?.[0]?.ReceiptHandle }
    await sqs.send(new ChangeMessageVisibilityCommand({ ...received, VisibilityTimeout: 60 }))
    expect((await sqs.send(new ReceiveMessageCommand({ QueueUrl }))).Messages).toHaveLength(1)
  })

  // localstack/localstack: tests/aws/services/sqs/test_sqs.snapshot.json
  test('says what the id of an entry may be', async () => {
    const { endpoint, sqs } = await serve()
    const Entries = [{ Id: 'invalid:id', MessageBody: 'x' }]
    const send = sqs.send(new SendMessageBatchCommand({ QueueUrl: endpoint.inboxUrl, Entries }))
    await expect(send).rejects.toMatchObject({
      Code: 'AWS.SimpleQueueService.InvalidBatchEntryId',
      message:
        'A batch entry id can only contain alphanumeric characters, hyphens and underscores. It can be at most 80 letters long.',
    })
  })

  // github.com/localstack/localstack/issues/3956, aws/aws-sdk-net/issues/1927
  test('names the value of a parameter that it refuses', async () => {
    const { endpoint, sqs } = await serve()
    const QueueUrl = endpoint.inboxUrl
    await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: 'x' }))
    endpoint.advance(2)
    const { Messages } = await sqs.send(new ReceiveMessageCommand({ QueueUrl }))
    endpoint.advance(1)
    const received = { QueueUrl, ReceiptHandle: Messages?.[0]?.ReceiptHandle }
    const hide = sqs.send(new ChangeMessageVisibilityCommand({ ...received, VisibilityTimeout: 43_200 }))
    await expect(hide).rejects.toThrow(
      'Value 43200 for parameter VisibilityTimeout is invalid. ' +
        'Reason: Total VisibilityTimeout for the message is beyond the limit [43200 seconds]',
    )
  })
})
