// The WakeUps port with the real SDK on loopback.
import { decodeEnvelope, minutes, seconds } from '@ecs-drain/core'
import { at, theStream } from '@ecs-drain/core/testing'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { awsClients, type Clients, sqsCalls, sqsWakeUps } from '../../src/index.ts'
import '../support/credentials.ts'
import { answerOf, failureFrom } from '../support/ran.ts'
import { messageSent, refused, type WireServer, wireServer } from '../support/wire.ts'

// Not where the requests go: it only says which queue.
const queueUrl = 'https://sqs.eu-west-1.amazonaws.com/111122223333/drain-inbox'
const clock = { now: () => at(0) }

let server: WireServer
let clients: Clients
beforeAll(async () => {
  server = await wireServer()
  clients = awsClients({ region: 'eu-west-1', endpoint: server.endpoint, attemptsMax: 1 })
})
beforeEach(() => {
  server.requests.length = 0
  server.respond = messageSent
})
afterAll(async () => {
  clients.sqs.destroy()
  await server.close()
})

const wakeUp = (after: number, hops = 3) =>
  ({ type: 'SendWakeUp', stream: theStream, at: at(0) + after, hops }) as const
const send = (after: number, hops?: number) =>
  sqsWakeUps(sqsCalls(clients.sqs), queueUrl, clock).send(wakeUp(after, hops))

test('a wake-up is a delayed message that the core reads as what it is', async () => {
  expect(await answerOf(send(seconds(90), 5))).toBeNull()
  expect(server.requests).toMatchObject([
    {
      target: 'AmazonSQS.SendMessage',
      contentType: 'application/x-amz-json-1.0',
      parameters: { QueueUrl: queueUrl, DelaySeconds: 90 },
    },
  ])
  const body = String(server.requests[0]?.parameters['MessageBody'])
  const [delivery] = decodeEnvelope({ Records: [{ messageId: 'm', eventSource: 'aws:sqs', body }] })
  expect(delivery?.notice).toEqual({ _tag: 'Right', right: { type: 'WokenUp', stream: theStream, hops: 5 } })
})

test.each([
  ['a moment that has passed', -seconds(30), 0],
  ['now', 0, 0],
  ['a part of a second, which is waited out', 1, 1],
  ['more than a second, rounded up', 1_001, 2],
  ['the longest that SQS knows', minutes(15), 900],
  ['longer than SQS knows', minutes(40), 900],
])('%s', async (_, after, delay) => {
  await answerOf(send(after))
  expect(server.requests[0]?.parameters['DelaySeconds']).toBe(delay)
})

test('without a queue every wake-up fails, and says what to set', async () => {
  const failure = await failureFrom(sqsWakeUps(sqsCalls(clients.sqs), null, clock).send(wakeUp(0)))
  expect(failure).toMatchObject({ type: 'Rejected', code: 'NoQueue' })
  expect(failure.message).toContain('queueUrl')
  expect(server.requests).toEqual([])
})

test('a queue that is not there is NotFound', async () => {
  server.respond = () => refused('json-1.0', 'QueueDoesNotExist', 'The specified queue does not exist.')
  expect(await failureFrom(send(0))).toMatchObject({ type: 'NotFound' })
})

test('a missing permission names the queue', async () => {
  server.respond = () => refused('json-1.0', 'AccessDeniedException', 'not authorized', 403)
  const { type, message } = await failureFrom(send(0))
  expect(type).toBe('AccessDenied')
  expect(message).toMatch(/^allow sqs:SendMessage on arn:\*:sqs:\*:\*:drain-inbox; AWS said /)
})
