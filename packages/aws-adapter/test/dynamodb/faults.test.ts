// A table that is throttled, out of reach or slow, and eight writers on a bad network.
import { type EventStore, type StoredEvents, streamOf } from '@ecs-drain/core'
import { canonical, containerInstanceNumber, event, instanceNumber, task } from '@ecs-drain/core/testing'
import fc from 'fast-check'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { awsClients, type CallReport, type DynamoCalls, dynamoCalls, dynamoEventStore } from '../../src/index.ts'
import { type Dynamo, type Fate, startDynamo } from '../support/dynamo.ts'
import { answerOf, failureFrom } from '../support/ran.ts'
import { answered, refused, wireServer } from '../support/wire.ts'

const stream = streamOf(instanceNumber(1))
const eventsOf = (writer: number, n: number): StoredEvents => [event('TaskSeen', n, { task: task(writer) })]
const append = (store: EventStore, expectedVersion: number, events: StoredEvents) =>
  store.append({
    type: 'AppendToStream',
    stream,
    expectedVersion,
    events,
    index: { watched: true, containerInstances: [] },
  })
const load = (store: EventStore) => store.load({ type: 'LoadStream', stream, after: 0 })

describe('a table', () => {
  let dynamo: Dynamo
  const calls: Array<CallReport> = []
  beforeAll(async () => {
    dynamo = await startDynamo({ onCall: (call) => calls.push(call) })
  })
  beforeEach(() => {
    dynamo.fate = () => 'served'
    calls.length = 0
  })
  afterAll(() => dynamo.close())

  test('that is throttled for a moment is asked again', async () => {
    const table = await dynamo.createTable()
    const store = dynamoEventStore(dynamoCalls(dynamo.client), table)
    let first = true
    dynamo.fate = () => {
      const fate: Fate = first ? 'throttled' : 'served'
      first = false
      return fate
    }
    calls.length = 0
    expect(await answerOf(load(store))).toEqual([])
    expect(calls).toMatchObject([{ service: 'dynamodb', operation: 'Query', attempts: 2, throttled: 1, failure: null }])
  })

  test('that stays throttled fails as Throttled, and says which action on which table', async () => {
    const table = await dynamo.createTable()
    const store = dynamoEventStore(dynamoCalls(dynamo.client), table)
    dynamo.fate = () => 'throttled'
    calls.length = 0
    const failure = await failureFrom(load(store))
    expect(failure.type).toBe('Throttled')
    expect(failure.message).toContain(`dynamodb:Query on arn:*:dynamodb:*:*:table/${table}: `)
    expect(calls).toMatchObject([{ attempts: 3, throttled: 3, failure: 'Throttled' }])
  }, 20_000)

  test('that is not there is NotFound, by its name', async () => {
    const failure = await failureFrom(load(dynamoEventStore(dynamoCalls(dynamo.client), 'nowhere')))
    expect(failure.type).toBe('NotFound')
    expect(failure.message).toContain('table/nowhere')
  })

  test('that cannot be reached is Unavailable', async () => {
    const nobody = await wireServer()
    await nobody.close()
    const { dynamodb } = awsClients({ region: 'eu-west-1', endpoint: nobody.endpoint, attemptsMax: 2 })
    const failure = await failureFrom(load(dynamoEventStore(dynamoCalls(dynamodb), 'streams')))
    expect(failure).toMatchObject({ type: 'Unavailable', message: expect.stringContaining('ECONNREFUSED') })
    dynamodb.destroy()
  })

  test('whose answer is without what was asked for is Unavailable, not one that holds nothing', async () => {
    const server = await wireServer()
    server.answers = [answered('json-1.0', '{"status":"ok"}')]
    const { dynamodb } = awsClients({ region: 'eu-west-1', endpoint: server.endpoint, attemptsMax: 1 })
    const store = dynamoEventStore(dynamoCalls(dynamodb), 'streams')
    const find = store.findStreams({ type: 'FindStreams', containerInstances: [containerInstanceNumber(1)] })
    for (const [ask, member] of [
      [load(store), 'Items'],
      [store.listWatched({ type: 'ListWatchedStreams' }), 'Items'],
      [find, 'Responses'],
    ] as const)
      expect(await failureFrom(ask)).toMatchObject({
        type: 'Unavailable',
        message: `an answer that AWS does not give: ${member} is missing`,
      })
    dynamodb.destroy()
    await server.close()
  })

  test('that the role may not use is AccessDenied, and says which action to allow', async () => {
    const server = await wireServer()
    server.answers = [refused('json-1.0', 'AccessDeniedException', 'not authorized')]
    const { dynamodb } = awsClients({ region: 'eu-west-1', endpoint: server.endpoint, attemptsMax: 1 })
    const store = dynamoEventStore(dynamoCalls(dynamodb), 'streams')
    const find = store.findStreams({ type: 'FindStreams', containerInstances: [containerInstanceNumber(1)] })
    for (const [ask, action] of [
      [load(store), 'Query'],
      [append(store, 0, eventsOf(1, 1)), 'PutItem'],
      [find, 'BatchGetItem'],
    ] as const)
      expect(await failureFrom(ask)).toMatchObject({
        type: 'AccessDenied',
        message: expect.stringContaining(`allow dynamodb:${action} on arn:*:dynamodb:*:*:table/streams; `),
      })
    dynamodb.destroy()
    await server.close()
  })

  test('a conflict is an answer, not a failed call', async () => {
    const store = dynamoEventStore(dynamoCalls(dynamo.client), await dynamo.createTable())
    await answerOf(append(store, 0, eventsOf(1, 1)))
    calls.length = 0
    expect((await answerOf(append(store, 0, eventsOf(2, 1)))).type).toBe('conflict')
    expect(calls.map(({ failure }) => failure).filter((failure) => failure !== null)).toEqual([])
  })

  test('keys that a batch left over are asked for again', async () => {
    const server = await wireServer()
    const { dynamodb } = awsClients({ region: 'eu-west-1', endpoint: server.endpoint })
    const [arn, late] = [containerInstanceNumber(1), containerInstanceNumber(2)]
    const key = { pk: { S: late }, sk: { S: 'stream' } }
    const found = (pk: string) => ({ pk: { S: pk }, sk: { S: 'stream' }, stream: { S: stream } })
    const answer = (body: unknown) => answered('json-1.0', JSON.stringify(body))
    const leftOver = { streams: { Keys: [key], ConsistentRead: true } }
    server.answers = [
      answer({ Responses: { streams: [found(arn)] }, UnprocessedKeys: leftOver }),
      answer({ Responses: { streams: [found(late)] } }),
    ]
    const store = dynamoEventStore(dynamoCalls(dynamodb), 'streams')
    const ask = store.findStreams({ type: 'FindStreams', containerInstances: [late, arn] })
    expect(await answerOf(ask)).toEqual([stream, stream])
    expect(server.requests[1]?.parameters).toMatchObject({ RequestItems: { streams: { Keys: [key] } } })

    server.answers = [answer({ Responses: {}, UnprocessedKeys: leftOver })]
    expect(await failureFrom(ask)).toMatchObject({ type: 'Throttled' })
    dynamodb.destroy()
    await server.close()
  }, 20_000)
})

describe('nothing is under way any more when the store answers', () => {
  const throttled = Object.assign(new Error('too much'), { name: 'ThrottlingException' })

  /** Of the writes of each kind the first is refused at once, and the others take a while. */
  const unsteady = (items: ReadonlyArray<Record<string, { readonly S: string }>>) => {
    const seen = { writes: 0, underWay: 0 }
    const write = async (isRefused: boolean) => {
      seen.writes += 1
      if (isRefused) throw throttled
      seen.underWay += 1
      await new Promise((resolve) => setTimeout(resolve, 20))
      seen.underWay -= 1
      return { $metadata: {} }
    }
    let updates = 0
    const calls: DynamoCalls = {
      putItem: ({ Item }) => write(Item?.['stream'] !== undefined),
      updateItem: () => {
        updates += 1
        return write(updates % 2 === 1)
      },
      deleteItem: async () => ({ $metadata: {} }),
      query: async () => ({ $metadata: {}, Items: [...items] }),
      batchGetItem: async () => ({ $metadata: {}, Responses: {} }),
    }
    return { seen, store: dynamoEventStore(calls, 'streams') }
  }

  const commit = (watched: boolean) =>
    ({
      type: 'AppendToStream',
      stream,
      expectedVersion: 2,
      events: eventsOf(1, 1),
      index: { watched, containerInstances: [containerInstanceNumber(1)] },
    }) as const

  test('where an entry of a commit could not be written', async () => {
    const { store, seen } = unsteady([])
    expect(await failureFrom(store.append(commit(true)))).toMatchObject({ type: 'Throttled' })
    expect(seen).toEqual({ writes: 2, underWay: 0 })
  })

  test('where a commit of a drain that has ended could not be released', async () => {
    const { store, seen } = unsteady([{ sk: { S: '0000000001' } }, { sk: { S: '0000000002' } }])
    const end = { ...commit(false), index: { watched: false, containerInstances: [] } }
    expect(await answerOf(store.append(end))).toEqual({ type: 'appended' })
    expect(seen).toEqual({ writes: 3, underWay: 0 })
  })
})

describe('eight writers on a bad network', () => {
  let dynamo: Dynamo
  beforeAll(async () => {
    // One attempt: every trouble reaches the writer, who has to find out by loading.
    dynamo = await startDynamo({ attemptsMax: 1 })
  })
  afterAll(() => dynamo.close())

  const reached = { conflict: 0, unknown: 0, throttled: 0 }

  const persist = async (store: EventStore, writer: number): Promise<ReadonlyArray<string>> => {
    const acknowledged: Array<string> = []
    let version = 0
    for (let n = 1; acknowledged.length < 3; n += 1) {
      if (n > 500) throw new Error('a writer never succeeds')
      const events = eventsOf(writer, n)
      const result = await append(store, version, events)()
      if (result._tag === 'Left') {
        if (result.left.type === 'Throttled') reached.throttled += 1
        else reached.unknown += 1
        const known = await load(store)()
        if (known._tag === 'Right') version = known.right.at(-1)?.version ?? 0
      } else if (result.right.type === 'appended') {
        version += 1
        acknowledged.push(`${version} ${canonical(events)}`)
      } else {
        reached.conflict += 1
        version = result.right.newer.at(-1)?.version ?? version
      }
    }
    return acknowledged
  }

  test('exactly one wins each version, and nothing acknowledged is lost', async () => {
    const fates = fc.array(fc.constantFrom<Fate>('served', 'served', 'served', 'throttled', 'lost', 'answer-lost'), {
      minLength: 5,
      maxLength: 40,
    })
    await fc.assert(
      fc.asyncProperty(fates, async (drawn) => {
        dynamo.fate = () => 'served'
        const table = await dynamo.createTable()
        // At least every fifth request is served, or no writer would ever come to its end.
        dynamo.fate = (_, count) => (count % 5 === 0 ? 'served' : (drawn[count % drawn.length] ?? 'served'))
        const writers = Array.from({ length: 8 }, (_, writer) =>
          persist(dynamoEventStore(dynamoCalls(dynamo.client), table), writer),
        )
        const acknowledged = (await Promise.all(writers)).flat()
        dynamo.fate = () => 'served'
        const stored = await answerOf(load(dynamoEventStore(dynamoCalls(dynamo.client), table)))
        const lines = stored.map(({ version, events }) => `${version} ${canonical(events)}`)
        expect(stored.map(({ version }) => version)).toEqual(stored.map((_, index) => index + 1))
        // What was acknowledged is there, each at a version of its own; more may be: writes whose answer was lost.
        expect(new Set(acknowledged.map((line) => line.split(' ')[0])).size).toBe(24)
        expect(acknowledged.filter((line) => !lines.includes(line))).toEqual([])
      }),
      { numRuns: 6, seed: 20_261_125 },
    )
    expect(reached.conflict).toBeGreaterThan(10)
    expect(reached.unknown).toBeGreaterThan(10)
    expect(reached.throttled).toBeGreaterThan(10)
  }, 120_000)
})
