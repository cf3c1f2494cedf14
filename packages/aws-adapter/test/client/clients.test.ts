// What the clients do when the network, the service or the environment is not as one would wish.
import dns from 'node:dns'
import { createServer } from 'node:http'
import { DeleteMessageCommand } from '@aws-sdk/client-sqs'
import type { ClusterName } from '@ecs-drain/core'
import { at, event, id, lifecycleAction, theStream } from '@ecs-drain/core/testing'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { QueueingHandler } from '../../src/client/queueing-handler.ts'
import {
  autoScalingCalls,
  autoScalingLifecycleHooks,
  awsClients,
  type CallReport,
  type ClientOptions,
  type Clients,
  dynamoCalls,
  dynamoEventStore,
  ecsCalls,
  ecsCluster,
  sqsCalls,
  sqsWakeUps,
} from '../../src/index.ts'
import '../support/credentials.ts'
import { closed, listening } from '../support/listening.ts'
import { answerOf, failureFrom } from '../support/ran.ts'
import { answered, messageSent, refused, type WireServer, wireServer } from '../support/wire.ts'

const queueUrl = 'https://sqs.eu-west-1.amazonaws.com/111122223333/drain-inbox'
const stopped = answered('json-1.1', '{"task":{}}')
const completed = answered(
  'query',
  '<CompleteLifecycleActionResponse xmlns="http://autoscaling.amazonaws.com/doc/2011-01-01/">' +
    '<CompleteLifecycleActionResult/></CompleteLifecycleActionResponse>',
)

let server: WireServer
let calls: Array<CallReport>
const made: Array<Clients> = []
beforeEach(async () => {
  server = await wireServer()
  calls = []
})
afterEach(async () => {
  for (const clients of made.splice(0)) for (const client of Object.values(clients)) client.destroy()
  await server.close()
})

const clientsWith = (options: Partial<ClientOptions> = {}): Clients => {
  const onCall = (call: CallReport) => void calls.push(call)
  const clients = awsClients({ region: 'eu-west-1', endpoint: server.endpoint, onCall, ...options })
  made.push(clients)
  return clients
}

const stopTask = ({ ecs }: Clients) =>
  ecsCluster(ecsCalls(ecs)).stopTask({
    type: 'StopTask',
    cluster: id<ClusterName>('web'),
    task: 'arn:aws:ecs:eu-west-1:111122223333:task/web/1' as never,
    reason: 'r',
  })
const complete = ({ autoScaling }: Clients) =>
  autoScalingLifecycleHooks(autoScalingCalls(autoScaling)).complete({
    type: 'CompleteLifecycleAction',
    action: lifecycleAction(),
    result: 'CONTINUE',
  })
const wakeUp = ({ sqs }: Clients) =>
  sqsWakeUps(sqsCalls(sqs), queueUrl, { now: () => at(0) }).send({
    type: 'SendWakeUp',
    stream: theStream,
    at: at(0),
    hops: 0,
  })
const load = ({ dynamodb }: Clients) =>
  dynamoEventStore(dynamoCalls(dynamodb), 'streams').load({ type: 'LoadStream', stream: theStream, after: 0 })

describe('a request', () => {
  test('that is not answered is TimedOut after its time, as often as it is tried', async () => {
    server.answers = ['hang']
    const startedAt = performance.now()
    const failure = await failureFrom(stopTask(clientsWith({ requestTimeoutMs: 150, attemptsMax: 2 })))
    expect(failure).toMatchObject({ type: 'TimedOut' })
    expect(performance.now() - startedAt).toBeLessThan(5_000)
    expect(server.requests).toHaveLength(2)
    expect(calls).toMatchObject([
      { service: 'ecs', operation: 'StopTask', attempts: 2, throttled: 0, failure: 'TimedOut' },
    ])
    expect(calls[0]?.milliseconds).toBeGreaterThan(290)
  })

  test.each(['stall', 'drip', 'drip-body'] as const)(
    'whose answer begins and does not end is TimedOut too: %s',
    async (how) => {
      server.answers = [how]
      const failure = await failureFrom(stopTask(clientsWith({ requestTimeoutMs: 150, attemptsMax: 2 })))
      expect(failure).toMatchObject({ type: 'TimedOut' })
      if (how !== 'drip') expect(failure.message).toContain('the answer did not end within the time of a request')
      expect(server.requests).toHaveLength(2)
    },
  )

  test('whose connection breaks off is TimedOut: it may have been carried out', async () => {
    server.answers = ['reset']
    const failure = await failureFrom(stopTask(clientsWith({ attemptsMax: 1 })))
    expect(failure).toMatchObject({ type: 'TimedOut' })
    expect(failure.message).toContain('ecs:StopTask on arn:aws:ecs:eu-west-1:111122223333:task/web/1: ')
  })

  test('whose connection breaks off once is sent again', async () => {
    server.answers = ['reset', stopped]
    expect(await answerOf(stopTask(clientsWith()))).toBeNull()
    expect(calls).toMatchObject([{ attempts: 2, throttled: 0, failure: null }])
  })

  test.each([{ 'retry-after': '30' }, { 'x-amz-retry-after': '30000' }])(
    'is sent again in the time that the function counts with, whatever the answer asks for: %o',
    async (headers) => {
      server.answers = [{ ...refused('json-1.1', 'ServerException', 'words', 503), headers }, stopped]
      expect(await answerOf(stopTask(clientsWith()))).toBeNull()
      expect(calls).toMatchObject([{ attempts: 2 }])
      expect(calls[0]?.milliseconds).toBeLessThan(2_000)
    },
    20_000,
  )

  test('that somebody else answered is sent again', async () => {
    server.answers = [{ status: 200, contentType: 'text/html', body: '<html>Sign in</html>' }, stopped]
    expect(await answerOf(stopTask(clientsWith()))).toBeNull()
    expect(calls).toMatchObject([{ attempts: 2, failure: null }])
  })

  test.each(['', '[]', '"OK"', 'null'])('of a write that is answered with %j has written nothing', async (body) => {
    server.answers = [{ ...answered('json-1.0', body), headers: { 'content-length': `${body.length}` } }]
    const store = dynamoEventStore(dynamoCalls(clientsWith({ attemptsMax: 1 }).dynamodb), 'streams')
    const index = { watched: false, containerInstances: [] }
    const events = [event('Swept', 1)]
    const commit = { type: 'AppendToStream', stream: theStream, expectedVersion: 0, events, index } as const
    expect(await failureFrom(store.append(commit))).toMatchObject({ type: 'Unavailable' })
  })

  test('to nobody is Unavailable', async () => {
    const clients = clientsWith({ attemptsMax: 1 })
    await server.close()
    const failure = await failureFrom(stopTask(clients))
    expect(failure).toMatchObject({ type: 'Unavailable', message: expect.stringContaining('ECONNREFUSED') })
  })

  test('to a host of no name is Unavailable', async () => {
    const failure = await failureFrom(stopTask(clientsWith({ endpoint: 'http://nowhere.invalid', attemptsMax: 1 })))
    expect(failure).toMatchObject({ type: 'Unavailable' })
  })

  test('that cannot be connected is TimedOut after the time for that', async () => {
    // A name that is looked up for ever: the connection is under way, and never made.
    const lookup = vi.spyOn(dns, 'lookup').mockImplementation((() => undefined) as never)
    try {
      const options = { endpoint: 'http://slow.invalid', attemptsMax: 1, connectionTimeoutMs: 150 }
      const failure = await failureFrom(stopTask(clientsWith({ ...options, requestTimeoutMs: 60_000 })))
      expect(failure).toMatchObject({ type: 'TimedOut', message: expect.stringContaining('timeout of 150 ms') })
      expect(lookup).toHaveBeenCalled()
    } finally {
      lookup.mockRestore()
    }
  })

  test('is tried three times unless told otherwise, in mode standard, whatever the environment says', async () => {
    vi.stubEnv('AWS_MAX_ATTEMPTS', '9')
    vi.stubEnv('AWS_RETRY_MODE', 'adaptive')
    try {
      server.answers = [refused('json-1.1', 'ServerException', 'service unavailable', 500)]
      const clients = clientsWith()
      await failureFrom(stopTask(clients))
      for (const { config } of Object.values(clients)) expect((await config.retryStrategy()).mode).toBe('standard')
    } finally {
      vi.unstubAllEnvs()
    }
    expect(server.requests).toHaveLength(3)
  })

  test('of an operation that has nothing to say is answered with nothing: who uses a client for more gets that', async () => {
    const headers = { 'content-length': '0', 'x-amzn-requestid': '0d03a6c7-0d2a-4e6b-8a4c-2f5b2f1a7c11' }
    server.answers = [{ ...answered('json-1.0', ''), headers }]
    const deleted = new DeleteMessageCommand({ QueueUrl: queueUrl, ReceiptHandle: 'handle' })
    expect(await clientsWith().sqs.send(deleted)).toMatchObject({ $metadata: { httpStatusCode: 200 } })
  })

  test('in a protocol of its own is answered in that: a later SDK may speak another', async () => {
    server.answers = [{ ...stopped, contentType: 'application/cbor', body: '\u{a0}' }]
    const handler = new QueueingHandler(1000, 1000, () => undefined)
    const { hostname, port } = new URL(server.endpoint)
    const request = {
      method: 'POST',
      protocol: 'http:',
      hostname,
      port: Number(port),
      path: '/service/AutoScaling/operation/CompleteLifecycleAction',
      headers: { 'smithy-protocol': 'rpc-v2-cbor' },
      body: new Uint8Array([0xa0]),
    }
    const { response } = await handler.handle(request as unknown as Parameters<typeof handler.handle>[0])
    expect([response.statusCode, String(response.body)]).toEqual([200, '\u{a0}'])
    handler.destroy()
  })

  test('that is refused is not tried again', async () => {
    server.answers = [refused('json-1.1', 'InvalidParameterException', 'no')]
    await failureFrom(stopTask(clientsWith()))
    expect(calls).toMatchObject([{ attempts: 1, throttled: 0, failure: 'Rejected' }])
  })
})

// A sweep asks about every open drain at once.
test.each(['head', 'body'] as const)(
  'more requests than there are connections wait for one, and none takes its wait for a connection that fails: slow %s',
  async (slowPart) => {
    let answering = 0
    let answeringMost = 0
    const slow = createServer((request, response) => {
      answering += 1
      answeringMost = Math.max(answeringMost, answering)
      request.resume()
      if (slowPart === 'body') response.writeHead(stopped.status, { 'content-type': stopped.contentType }).write('{')
      setTimeout(() => {
        answering -= 1
        if (slowPart === 'body') response.end('"task":{}}')
        else response.writeHead(stopped.status, { 'content-type': stopped.contentType }).end(stopped.body)
      }, 400)
    })
    const clients = clientsWith({ endpoint: await listening(slow), connectionTimeoutMs: 300, attemptsMax: 1 })
    const failures = await Promise.all(
      Array.from({ length: 200 }, async () => {
        const result = await stopTask(clients)()
        return result._tag === 'Left' ? [result.left] : []
      }),
    )
    await closed(slow)
    expect(failures.flat()).toEqual([])
    expect(answeringMost).toBe(50)
  },
  20_000,
)

describe('when a service is cut off', () => {
  test('requests under way and those that wait for a connection end at once, TimedOut, and none is sent again', async () => {
    server.answers = ['hang']
    let controller = new AbortController()
    const clients = clientsWith({ cutOff: () => controller.signal, requestTimeoutMs: 60_000 })
    const asked = Promise.all(Array.from({ length: 60 }, () => failureFrom(stopTask(clients))))
    await vi.waitFor(() => expect(server.requests).toHaveLength(50), 10_000)
    const cutAt = performance.now()
    controller.abort()
    const failures = await asked
    expect(performance.now() - cutAt).toBeLessThan(2_000)
    expect(new Set(failures.map(({ type }) => type))).toEqual(new Set(['TimedOut']))
    expect(server.requests).toHaveLength(50)
    // Every connection is there again.
    server.answers = [stopped]
    controller = new AbortController()
    await Promise.all(Array.from({ length: 60 }, () => answerOf(stopTask(clients))))
  }, 20_000)

  test.each(['stall', 'drip', 'drip-body'] as const)('an answer that has begun ends at once too: %s', async (how) => {
    server.answers = [how]
    const controller = new AbortController()
    const clients = clientsWith({ cutOff: () => controller.signal, requestTimeoutMs: 60_000 })
    const asked = failureFrom(stopTask(clients))
    await vi.waitFor(() => expect(server.requests).toHaveLength(1), 10_000)
    await new Promise((resolve) => setTimeout(resolve, 50))
    const cutAt = performance.now()
    controller.abort()
    expect(await asked).toMatchObject({ type: 'TimedOut' })
    expect(performance.now() - cutAt).toBeLessThan(2_000)
    expect(server.requests).toHaveLength(1)
  })

  test('nothing is sent until its signal is another', async () => {
    server.answers = [stopped]
    let controller = new AbortController()
    controller.abort()
    const clients = clientsWith({ cutOff: () => controller.signal })
    expect(await failureFrom(stopTask(clients))).toMatchObject({ type: 'TimedOut' })
    expect(server.requests).toHaveLength(0)
    controller = new AbortController()
    expect(await answerOf(stopTask(clients))).toBeNull()
  })

  test('the others go on', async () => {
    server.answers = [stopped]
    const over = AbortSignal.abort()
    const running = new AbortController().signal
    const asked: Array<string> = []
    const cutOff = (service: string) => {
      asked.push(service)
      return service === 'ecs' ? running : over
    }
    const clients = clientsWith({ cutOff })
    expect(await answerOf(stopTask(clients))).toBeNull()
    for (const call of [complete, wakeUp, load])
      expect(await failureFrom(call(clients))).toMatchObject({ type: 'TimedOut' })
    expect(asked).toEqual(['ecs', 'autoscaling', 'sqs', 'dynamodb'])
  })
})

describe('throttling', () => {
  test.each(['RateExceeded', 'LimitExceeded', 'Throttling', 'ThrottlingException'])(
    '%s of Auto Scaling is waited out',
    async (code) => {
      server.answers = [refused('query', code, 'Rate exceeded'), completed]
      expect(await answerOf(complete(clientsWith()))).toBeNull()
      expect(calls).toMatchObject([{ service: 'autoscaling', attempts: 2, throttled: 1, failure: null }])
    },
    10_000,
  )

  test('of the key of a queue is waited out', async () => {
    const wire = refused('json-1.0', 'KmsThrottled', 'The request was denied due to request throttling.')
    const throttle = { ...wire, headers: { 'x-amzn-query-error': 'KMS.ThrottlingException;Sender' } }
    server.respond = (request) => (server.requests.length === 1 ? throttle : messageSent(request))
    expect(await answerOf(wakeUp(clientsWith()))).toBeNull()
    expect(calls).toMatchObject([{ service: 'sqs', attempts: 2, throttled: 1, failure: null }])
  }, 10_000)

  test('that does not end is Throttled, each attempt counted', async () => {
    server.answers = [refused('json-1.1', 'ThrottlingException', 'Rate exceeded')]
    expect(await failureFrom(stopTask(clientsWith({ attemptsMax: 2 })))).toMatchObject({ type: 'Throttled' })
    expect(calls).toMatchObject([{ attempts: 2, throttled: 2, failure: 'Throttled' }])
  }, 10_000)
})

describe('where requests go', () => {
  const services = [
    ['AWS_ENDPOINT_URL_ECS', stopTask, () => stopped],
    ['AWS_ENDPOINT_URL_AUTO_SCALING', complete, () => completed],
    ['AWS_ENDPOINT_URL_SQS', wakeUp, messageSent],
    ['AWS_ENDPOINT_URL_DYNAMODB', load, () => answered('json-1.0', '{"Items":[],"Count":0,"ScannedCount":0}')],
  ] as const

  test.each(services)('%s is honoured, and AWS_ENDPOINT_URL', async (name, call, respond) => {
    server.respond = respond
    for (const variable of [name, 'AWS_ENDPOINT_URL']) {
      process.env[variable] = server.endpoint
      try {
        await answerOf<unknown>(call(clientsWith({ endpoint: null, attemptsMax: 1 })))
      } finally {
        delete process.env[variable]
      }
    }
    expect(server.requests).toHaveLength(2)
  })

  test('an endpoint that is named comes before the environment', async () => {
    server.answers = [stopped]
    process.env['AWS_ENDPOINT_URL_ECS'] = 'http://127.0.0.1:9'
    try {
      await answerOf(stopTask(clientsWith({ attemptsMax: 1 })))
    } finally {
      delete process.env['AWS_ENDPOINT_URL_ECS']
    }
    expect(server.requests).toHaveLength(1)
  })

  test('the Region is the one that is named, not that of the environment', async () => {
    server.answers = [stopped]
    process.env['AWS_REGION'] = 'us-east-1'
    try {
      await answerOf(stopTask(clientsWith()))
    } finally {
      delete process.env['AWS_REGION']
    }
    expect(server.requests[0]?.authorization).toContain('/eu-west-1/ecs/aws4_request')
  })
})

test('every call is reported, by its service and operation', async () => {
  const clients = clientsWith({ attemptsMax: 1 })
  server.answers = [stopped]
  await answerOf(stopTask(clients))
  server.answers = [completed]
  await answerOf(complete(clients))
  server.respond = messageSent
  await answerOf(wakeUp(clients))
  server.respond = null
  server.answers = [answered('json-1.0', '{"Items":[]}')]
  await answerOf(load(clients))
  expect(calls.map(({ service, operation, attempts, failure }) => [service, operation, attempts, failure])).toEqual([
    ['ecs', 'StopTask', 1, null],
    ['autoscaling', 'CompleteLifecycleAction', 1, null],
    ['sqs', 'SendMessage', 1, null],
    ['dynamodb', 'Query', 1, null],
  ])
})
