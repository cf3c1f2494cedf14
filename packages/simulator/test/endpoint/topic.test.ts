// A function that publishes to its topic calls itself again: AWS's own sample and its many copies wait like that.
import { PublishCommand } from '@aws-sdk/client-sns'
import { ReceiveMessageCommand } from '@aws-sdk/client-sqs'
import { describe, expect, test } from 'vitest'
import { listen } from './function-behind-url.ts'
import { type Served, serve } from './served.ts'

const TopicArn = 'arn:aws:sns:eu-west-1:123456789012:ecs-drain'

const received = async ({ sqs, endpoint }: Served) => {
  const { Messages = [] } = await sqs.send(new ReceiveMessageCommand({ QueueUrl: endpoint.inboxUrl }))
  return Messages.map(({ Body = '' }) => JSON.parse(Body) as Readonly<Record<string, unknown>>)
}

describe('what is published', () => {
  test('comes to the inbox as SNS would put it there, after a while', async () => {
    const served = await serve({}, { subscribes: [] })
    const { MessageId } = await served.sns.send(new PublishCommand({ TopicArn, Message: '{"a":1}', Subject: 'again' }))
    expect(await received(served)).toEqual([])
    served.endpoint.advance(5)
    const [body, ...more] = await received(served)
    expect(more).toEqual([])
    expect(body).toMatchObject({ Type: 'Notification', MessageId, TopicArn, Subject: 'again', Message: '{"a":1}' })
  })

  test('has no subject where none was given', async () => {
    const served = await serve({}, { subscribes: [] })
    await served.sns.send(new PublishCommand({ TopicArn, Message: 'hello' }))
    served.endpoint.advance(5)
    const [body] = await received(served)
    expect(body).toMatchObject({ Message: 'hello' })
    expect(body).not.toHaveProperty('Subject')
  })

  test.each(['sns-json', 'eventbridge'] as const)(
    'calls the function, beside hooks that notify by %s',
    async (notifies) => {
      const { url, heard, calls } = await listen()
      const served = await serve({ groups: [{ hooks: [{ notifies }] }] }, { invoke: url, subscribes: [] })
      const { MessageId } = await served.sns.send(new PublishCommand({ TopicArn, Message: 'again' }))
      served.endpoint.advance(5)
      await calls(1)
      expect(JSON.parse(heard[0] ?? '')).toMatchObject({
        Records: [{ EventSource: 'aws:sns', Sns: { MessageId, TopicArn, Subject: null, Message: 'again' } }],
      })
      expect(await received(served)).toEqual([])
    },
  )

  test('goes to the queue that is behind the topic, although there is a function', async () => {
    const { url, heard } = await listen()
    const served = await serve({ groups: [{ hooks: [{ notifies: 'sns-in-sqs' }] }] }, { invoke: url, subscribes: [] })
    await served.sns.send(new PublishCommand({ TopicArn, Message: 'again' }))
    served.endpoint.advance(5)
    expect([await received(served), heard]).toMatchObject([[{ Message: 'again' }], []])
  })

  test('shares the luck of what the world sends', async () => {
    const served = await serve({ faults: { perMille: { 'bus.drop': 1000 } } }, { subscribes: [] })
    await served.sns.send(new PublishCommand({ TopicArn, Message: 'lost' }))
    served.endpoint.advance(60)
    expect(await received(served)).toEqual([])
  })
})

test.each([
  ['another topic', { TopicArn: `${TopicArn}-other`, Message: 'x' }, 'NotFoundException', 404],
  ['an empty message', { TopicArn, Message: '' }, 'InvalidParameterException', 400],
  ['a message that is too long', { TopicArn, Message: 'é'.repeat(131_073) }, 'InvalidParameterException', 400],
  ['a subject of two lines', { TopicArn, Message: 'x', Subject: 'a\nb' }, 'InvalidParameterException', 400],
] as const)('%s is refused', async (_, input, name, httpStatusCode) => {
  const { sns } = await serve()
  const refused = await sns.send(new PublishCommand(input)).catch((error: unknown) => error)
  expect(refused).toMatchObject({ name, $metadata: { httpStatusCode } })
})
