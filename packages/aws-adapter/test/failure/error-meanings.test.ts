// Each spelling of each error goes over HTTP, in each protocol, to the SDK's parser and to the table.
import type { ClusterName } from '@ecs-drain/core'
import { at, id, lifecycleAction, theStream } from '@ecs-drain/core/testing'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  autoScalingCalls,
  autoScalingLifecycleHooks,
  awsClients,
  type Clients,
  ecsCalls,
  ecsCluster,
  errorMeanings,
  failureOf,
  sqsCalls,
  sqsWakeUps,
} from '../../src/index.ts'
import '../support/credentials.ts'
import { failureFrom } from '../support/ran.ts'
import { answered, type Protocol, refused, type WireServer, wireServer } from '../support/wire.ts'

let server: WireServer
let clients: Clients
beforeAll(async () => {
  server = await wireServer()
  clients = awsClients({ region: 'eu-west-1', endpoint: server.endpoint, attemptsMax: 1 })
})
afterAll(async () => {
  for (const client of Object.values(clients)) client.destroy()
  await server.close()
})

const calls: Readonly<Record<Protocol, () => ReturnType<ReturnType<typeof sqsWakeUps>['send']>>> = {
  'json-1.0': () =>
    sqsWakeUps(sqsCalls(clients.sqs), 'https://sqs.eu-west-1.amazonaws.com/1/q', { now: () => at(0) }).send({
      type: 'SendWakeUp',
      stream: theStream,
      at: at(0),
      hops: 0,
    }),
  'json-1.1': () =>
    ecsCluster(ecsCalls(clients.ecs)).stopTask({
      type: 'StopTask',
      cluster: id<ClusterName>('web'),
      task: 'arn:aws:ecs:eu-west-1:111122223333:task/web/1' as never,
      reason: 'r',
    }),
  query: () =>
    autoScalingLifecycleHooks(autoScalingCalls(clients.autoScaling)).complete({
      type: 'CompleteLifecycleAction',
      action: lifecycleAction(),
      result: 'CONTINUE',
    }),
}

/** Codes that a socket or the SDK itself gives; those are made by breaking things, in client/clients.test.ts. */
const isLocal = (code: string): boolean =>
  /^E[A-Z_]+$/.test(code) || ['TimeoutError', 'AbortError', 'CredentialsProviderError'].includes(code)

const wordsFor = (code: string, message: RegExp | undefined): string => {
  if (message === undefined) return `what AWS says with ${code}`
  return code === 'ValidationError' ? 'AutoScalingGroup name not found' : 'The referenced task was not found.'
}

const onTheWire = errorMeanings.filter(({ code }) => !isLocal(code))
const protocols: ReadonlyArray<Protocol> = ['json-1.0', 'json-1.1', 'query']

describe.each(protocols)('over %s', (protocol) => {
  test.each(onTheWire)('$code is $meaning', async ({ code, meaning, message }) => {
    const words = wordsFor(code, message)
    server.answers = [refused(protocol, code, words)]
    const failure = await failureFrom(calls[protocol]())
    expect(failure.type).toBe(meaning)
    expect(failure.message).toContain(words)
    if (failure.type === 'Rejected') expect(failure).toEqual({ type: 'Rejected', code, message: words })
  })

  test.each([
    [429, 'Throttled'],
    [403, 'AccessDenied'],
    [401, 'AccessDenied'],
    [400, 'Rejected'],
    [404, 'Rejected'],
    [500, 'Unavailable'],
    [503, 'Unavailable'],
  ] as const)('a code that nobody knows is judged by its status: %d is %s', async (status, meaning) => {
    server.answers = [refused(protocol, 'NobodyKnowsThis', 'words', status)]
    expect(await failureFrom(calls[protocol]())).toMatchObject({ type: meaning })
  })

  test.each([200, 403, 502, 503])('a page of a proxy (%d, HTML) is no answer of AWS: Unavailable', async (status) => {
    const contentType = 'text/html; charset=utf-8'
    server.answers = [{ status, contentType, body: '<html><body>Bad Gateway</body></html>' }]
    expect(await failureFrom(calls[protocol]())).toMatchObject({
      type: 'Unavailable',
      message: expect.stringContaining(`somebody else than AWS answered: HTTP ${status}, ${contentType}`),
    })
  })

  test.each(['so to speak <OK>', '{"MessageId":', '<CompleteLifecycleActionResponse></Sequel>'])(
    'an answer that nobody can read is none: Unavailable (%s)',
    async (body) => {
      server.answers = [answered(protocol, body)]
      expect(await failureFrom(calls[protocol]())).toMatchObject({ type: 'Unavailable' })
    },
  )

  test.each([{ 'content-length': '0' }, { 'transfer-encoding': 'chunked' }])(
    'an answer with nothing in it is none of AWS, and nothing was accepted: Unavailable (%o)',
    async (headers) => {
      server.answers = [{ status: 200, contentType: 'text/plain', body: '', headers }]
      expect(await failureFrom(calls[protocol]())).toMatchObject({ type: 'Unavailable' })
    },
  )

  test.each([
    '<Response/>',
    '<?xml version="1.0"?>\n<RecordLifecycleActionHeartbeatResponse/>',
    '<Response><CompleteLifecycleActionResponse/></Response>',
    '[]',
    '"OK"',
    'null',
  ])('what has not the form of the answer to what was asked is none: Unavailable (%s)', async (body) => {
    server.answers = [answered(protocol, body)]
    expect(await failureFrom(calls[protocol]())).toMatchObject({ type: 'Unavailable' })
  })
})

test('with the same code other words mean something else', async () => {
  server.answers = [refused('json-1.1', 'InvalidParameterException', 'Reason too long')]
  expect(await failureFrom(calls['json-1.1']())).toMatchObject({ type: 'Rejected', code: 'InvalidParameterException' })
  server.answers = [refused('query', 'ValidationError', 'Launch configuration name not found')]
  expect(await failureFrom(calls.query())).toMatchObject({ type: 'Rejected', code: 'ValidationError' })
})

test("SQS's code with the prefix of old is read", async () => {
  const answer = refused('json-1.0', 'RequestThrottled', 'Request is throttled.', 400)
  server.answers = [{ ...answer, body: '{"message":"Request is throttled."}' }]
  expect(await failureFrom(calls['json-1.0']())).toMatchObject({ type: 'Throttled' })
})

test.each([
  [
    'KmsAccessDenied',
    'KMS.AccessDeniedException',
    'AccessDenied',
    'the role may not use the key of an encrypted queue',
  ],
  ['KmsThrottled', 'KMS.ThrottlingException', 'Throttled', ''],
  ['KmsDisabled', 'KMS.DisabledException', 'Rejected', ''],
])("$0, with SQS's code of old for it, is $2", async (shape, code, type, words) => {
  const answer = refused('json-1.0', shape, 'what KMS says')
  server.answers = [{ ...answer, headers: { 'x-amzn-query-error': `${code};Sender` } }]
  expect(await failureFrom(calls['json-1.0']())).toMatchObject({ type, message: expect.stringContaining(words) })
})

test('every code is there once, or once for each wording', () => {
  const seen = new Set<string>()
  for (const { code, message } of errorMeanings) {
    expect(seen.has(`${code} ${message}`)).toBe(false)
    seen.add(`${code} ${message}`)
  }
})

test('without credentials nothing was sent: no permission is missing, so none is named to allow', () => {
  const thrown = Object.assign(new Error('Could not load credentials'), { name: 'CredentialsProviderError' })
  expect(failureOf(thrown, { action: 'ecs:ListTasks', resource: 'web' })).toEqual({
    type: 'Unavailable',
    message: 'no credentials for ecs:ListTasks on web: Could not load credentials',
  })
})

test('where there were credentials nobody is told to look for them', () => {
  const thrown = Object.assign(new Error('Rate exceeded'), { name: 'ThrottlingException' })
  expect(failureOf(thrown, { action: 'ecs:ListTasks', resource: 'web' })).toEqual({
    type: 'Throttled',
    message: 'ecs:ListTasks on web: ThrottlingException: Rate exceeded',
  })
})

test.each([
  ['AccessDeniedException', 'allow ecs:ListTasks on web; AWS said AccessDeniedException: words'],
  [
    'ExpiredTokenException',
    'the credentials have expired: ecs:ListTasks on web; AWS said ExpiredTokenException: words',
  ],
  [
    'UnrecognizedClientException',
    'the credentials are not valid: ecs:ListTasks on web; AWS said UnrecognizedClientException: words',
  ],
])('with %s it is said to allow an action only where that would help', (name, message) => {
  const thrown = Object.assign(new Error('words'), { name })
  const asked = { action: 'ecs:ListTasks', resource: 'web' }
  expect(failureOf(thrown, asked)).toEqual({ type: 'AccessDenied', message })
})

// AWS: IAM user guide, "Troubleshoot access denied error messages".
test.each([
  ['because no identity-based policy allows the ecs:ListTasks action', 'allow'],
  ['because no permissions boundary allows the ecs:ListTasks action', 'no permissions boundary allows'],
  ['because no service control policy allows the ecs:ListTasks action', 'no service control policy allows'],
  ['because no VPC endpoint policy allows the ecs:ListTasks action', 'no VPC endpoint policy allows'],
  ['with an explicit deny in a service control policy', 'a service control policy denies'],
  ['with an explicit deny in an identity-based policy', 'an identity-based policy denies'],
  [
    'with an explicit deny in a permissions boundary: arn:aws:iam::111122223333:policy/boundary',
    'a permissions boundary denies',
  ],
])('a permission that is refused %s is not said to be missing in the role where it is not', (why, advice) => {
  const words = `User: arn:aws:sts::111122223333:assumed-role/drain/function is not authorized to perform: ecs:ListTasks ${why}`
  const thrown = Object.assign(new Error(words), { name: 'AccessDeniedException' })
  const message = `${advice} ecs:ListTasks on web; AWS said AccessDeniedException: ${words}`
  expect(failureOf(thrown, { action: 'ecs:ListTasks', resource: 'web' })).toEqual({ type: 'AccessDenied', message })
})

test('a refusal that nobody knows may well be a permission', () => {
  const thrown = Object.assign(new Error('words'), { name: 'New', $metadata: { httpStatusCode: 403 } })
  expect(failureOf(thrown, { action: 'ecs:ListTasks', resource: 'web' }).message).toMatch(
    /^allow ecs:ListTasks on web; /,
  )
})

test('no meaning is without a code', () => {
  expect([...new Set(errorMeanings.map(({ meaning }) => meaning))].toSorted()).toEqual([
    'AccessDenied',
    'NotFound',
    'Rejected',
    'Throttled',
    'TimedOut',
    'Unavailable',
  ])
})

test.each([undefined, null, 'text', 7, {}, new Error(''), Object.assign(new Error('x'), { cause: null })])(
  'whatever is thrown becomes a failure: %o',
  (thrown) => {
    expect(failureOf(thrown, { action: 'ecs:ListTasks', resource: '*' }).type).toBe('Unavailable')
  },
)

test('what names an error may be in its cause, or in the cause of that, and a cause may be its own', () => {
  const broken = Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' })
  const wrapped = new Error('no answer', { cause: new TypeError('fetch failed', { cause: broken }) })
  expect(failureOf(wrapped, { action: 'ecs:ListTasks', resource: '*' }).type).toBe('TimedOut')
  const own = new Error('round and round')
  own.cause = own
  expect(failureOf(own, { action: 'ecs:ListTasks', resource: '*' }).type).toBe('Unavailable')
})
