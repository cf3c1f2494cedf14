// The entries that streams are found by, where a process dies, is slow, or is told no, between two of its writes.
import { DeleteItemCommand, ScanCommand } from '@aws-sdk/client-dynamodb'
import { type EventStore, hours, minutes, type StreamIndex, streamOf } from '@ecs-drain/core'
import { at, containerInstanceNumber, event, instanceNumber, task } from '@ecs-drain/core/testing'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { sortKeyOf } from '../../src/dynamodb/commit-item.ts'
import { keyItem } from '../../src/dynamodb/table-requests.ts'
import { dynamoCalls, dynamoEventStore } from '../../src/index.ts'
import { type Dynamo, type Fate, startDynamo } from '../support/dynamo.ts'
import { answerOf, failureFrom } from '../support/ran.ts'

const stream = streamOf(instanceNumber(1))
const arn = containerInstanceNumber(1)
const now = at(0)
const retention = hours(24)

let dynamo: Dynamo
let table: string
beforeAll(async () => {
  dynamo = await startDynamo({ attemptsMax: 1 })
})
beforeEach(async () => {
  dynamo.fate = () => 'served'
  table = await dynamo.createTable()
  dynamo.served.length = 0
})
afterAll(() => dynamo.close())

const newProcess = (clock = now): EventStore =>
  dynamoEventStore(dynamoCalls(dynamo.client), table, { retention, clock: { now: () => clock } })

const open: StreamIndex = { watched: true, containerInstances: [arn] }
const over: StreamIndex = { watched: false, containerInstances: [arn] }

const append = (store: EventStore, expectedVersion: number, index: StreamIndex) =>
  store.append({
    type: 'AppendToStream',
    stream,
    expectedVersion,
    events: [event('TaskSeen', expectedVersion, { task: task(expectedVersion) })],
    index,
  })
const appended = async (store: EventStore, expectedVersion: number, index: StreamIndex): Promise<void> =>
  expect(await answerOf(append(store, expectedVersion, index))).toEqual({ type: 'appended' })
const watched = (store: EventStore) => answerOf(store.listWatched({ type: 'ListWatchedStreams' }))
const load = (store: EventStore, after = 0) => answerOf(store.load({ type: 'LoadStream', stream, after }))
const find = (store: EventStore) => answerOf(store.findStreams({ type: 'FindStreams', containerInstances: [arn] }))

const items = async () => {
  const { Items = [] } = await dynamo.client.send(new ScanCommand({ TableName: table, ConsistentRead: true }))
  return Items.map(({ pk, sk, expiresAt }) => ({
    key: `${pk?.S} ${sk?.S}`,
    expiresAt: expiresAt === undefined ? null : Number(expiresAt.N),
  }))
}

/** A drain that has ended, whose entries nobody could delete. */
const endedUntidied = async (): Promise<void> => {
  const store = newProcess()
  await appended(store, 0, open)
  dynamo.fate = (operation) => (operation === 'DeleteItem' ? 'throttled' : 'served')
  await appended(store, 1, over)
  dynamo.fate = () => 'served'
}

/** That request waits until the test says what becomes of it. */
const held = (which: (operation: string, body: string) => boolean) => {
  let decide: (fate: Fate) => void = () => undefined
  let reached: () => void = () => undefined
  const arrived = new Promise<void>((resolve) => {
    reached = resolve
  })
  const decided = new Promise<Fate>((resolve) => {
    decide = resolve
  })
  dynamo.fate = (operation, _, body) => {
    if (!which(operation, body)) return 'served'
    reached()
    return decided
  }
  return { arrived, release: () => decide('served') }
}

const isCommit = (body: string): boolean => body.includes('attribute_not_exists(pk)"')

test('an entry whose commit never came does not hide the instance from the sweep', async () => {
  dynamo.fate = (operation, _, body) => (operation === 'PutItem' && isCommit(body) ? 'lost' : 'served')
  expect(await failureFrom(append(newProcess(), 0, open))).toMatchObject({ type: 'TimedOut' })
  expect((await items()).map(({ key }) => key)).toContain(`watched ${stream}`)
  expect(await watched(newProcess())).toEqual([])
  dynamo.fate = () => 'served'
  await appended(newProcess(), 0, open)
  expect(await watched(newProcess())).toEqual([stream])
})

test('no more does one whose commit would have begun the next drain', async () => {
  const store = newProcess()
  await appended(store, 0, open)
  await appended(store, 1, over)
  dynamo.fate = (operation, _, body) => (operation === 'PutItem' && isCommit(body) ? 'lost' : 'served')
  expect(await failureFrom(append(store, 2, open))).toMatchObject({ type: 'TimedOut' })
  expect((await items()).map(({ key }) => key)).toContain(`watched ${stream}`)
  expect(await watched(newProcess())).toEqual([])
})

test('a commit whose entry was not confirmed is watched, and the entry is confirmed then', async () => {
  dynamo.fate = (operation) => (operation === 'UpdateItem' ? 'lost' : 'served')
  await appended(newProcess(), 0, open)
  dynamo.fate = () => 'served'
  expect(await items()).toContainEqual({ key: `watched ${stream}`, expiresAt: (now + retention) / 1_000 })
  expect(await watched(newProcess())).toEqual([stream])
  expect(await items()).toContainEqual({ key: `watched ${stream}`, expiresAt: null })
  dynamo.served.length = 0
  expect(await watched(newProcess())).toEqual([stream])
  expect(dynamo.served).toEqual(['Query'])
})

test('an entry that outlived its drain goes when the sweep has looked', async () => {
  await endedUntidied()
  const sweep = newProcess()
  expect(await watched(sweep)).toEqual([stream])
  await load(sweep)
  expect(await watched(sweep)).toEqual([])
})

test('a drain that is still open when the sweep has looked keeps all that it has', async () => {
  const sweep = newProcess()
  await appended(newProcess(), 0, open)
  expect(await watched(sweep)).toEqual([stream])
  await load(sweep)
  expect((await items()).map(({ key, expiresAt }) => [key, expiresAt])).toEqual(
    expect.arrayContaining([
      [`${stream} 0000000001`, null],
      [`watched ${stream}`, null],
      [`${arn} stream`, null],
    ]),
  )
})

test('a drain whose end could not be tidied up expires all the same, once the sweep has looked', async () => {
  const store = newProcess()
  await appended(store, 0, open)
  dynamo.fate = (operation) => (operation === 'UpdateItem' ? 'throttled' : 'served')
  await appended(store, 1, over)
  dynamo.fate = () => 'served'
  const sweep = newProcess(now + minutes(5))
  expect(await watched(sweep)).toEqual([stream])
  await load(sweep)
  expect(await watched(sweep)).toEqual([])
  expect((await items()).map(({ expiresAt }) => expiresAt)).toEqual(Array(3).fill((now + retention) / 1_000))
  // Without its end a drain would seem to be open.
  expect((await load(newProcess(now + retention))).flatMap(({ events }) => events)).toEqual([])
})

test('a process that ends a drain slowly does not end the watch of the next', async () => {
  const slow = newProcess()
  await appended(slow, 0, open)
  const deletion = held((operation) => operation === 'DeleteItem')
  const ending = append(slow, 1, over)()
  await deletion.arrived
  const quick = newProcess()
  await load(quick)
  await appended(quick, 2, open)
  deletion.release()
  await ending
  expect(await watched(newProcess())).toEqual([stream])
})

test('a process that ends a drain slowly does not let the look-up of the next expire', async () => {
  const slow = newProcess()
  await appended(slow, 0, open)
  const expiry = held((operation, body) => operation === 'UpdateItem' && body.includes(arn))
  const ending = append(slow, 1, over)()
  await expiry.arrived
  const quick = newProcess()
  await load(quick)
  await appended(quick, 2, open)
  expiry.release()
  await ending
  expect(await items()).toContainEqual({ key: `${arn} stream`, expiresAt: null })
})

describe('a process that puts a look-up slowly, and loses', () => {
  /** The others take over, as far as they get, before it arrives. */
  const losing = async (...commits: ReadonlyArray<StreamIndex>) => {
    await appended(newProcess(), 0, { watched: true, containerInstances: [] })
    const lookUp = held((operation, body) => operation === 'PutItem' && body.includes(`"pk":{"S":"${arn}"}`))
    const slow = append(newProcess(), 1, open)()
    await lookUp.arrived
    dynamo.fate = () => 'served'
    const quick = newProcess()
    for (const [n, index] of commits.entries()) await appended(quick, n + 1, index)
    lookUp.release()
    expect(await slow).toMatchObject({ right: { type: 'conflict' } })
    return (await items()).filter(({ key }) => key.endsWith(' stream'))
  }

  test('leaves none that never expires of a drain that has ended', async () => {
    expect(await losing(open, over)).toEqual([{ key: `${arn} stream`, expiresAt: (now + retention) / 1_000 }])
  })

  test('leaves the one that the next drain needs', async () => {
    expect(await losing(open, over, open)).toEqual([{ key: `${arn} stream`, expiresAt: null }])
  })
})

describe('a process that confirms slowly', () => {
  const confirmingSlowly = async () => {
    const confirmation = held((operation, body) => operation === 'UpdateItem' && body.includes('REMOVE'))
    const opening = append(newProcess(), 0, open)()
    await confirmation.arrived
    const quick = newProcess()
    await load(quick)
    await appended(quick, 1, over)
    const confirmed = () => {
      confirmation.release()
      return opening
    }
    return { quick, confirmed }
  }

  test('does not bring back the entry of a drain that has ended', async () => {
    const { confirmed } = await confirmingSlowly()
    await confirmed()
    expect((await items()).map(({ key }) => key)).not.toContain(`watched ${stream}`)
  })

  test('does not confirm the entry of the next, whose commit never came', async () => {
    const { quick, confirmed } = await confirmingSlowly()
    const { fate } = dynamo
    dynamo.fate = (operation, count, body) =>
      operation === 'PutItem' && isCommit(body) ? 'lost' : fate(operation, count, body)
    expect(await failureFrom(append(quick, 2, open))).toMatchObject({ type: 'TimedOut' })
    await confirmed()
    expect(await items()).toContainEqual({ key: `watched ${stream}`, expiresAt: (now + retention) / 1_000 })
    expect(await watched(newProcess())).toEqual([])
  })
})

test('what a process remembers of an older commit is not believed', async () => {
  const first = newProcess()
  await appended(first, 0, open)
  await appended(newProcess(), 1, over)
  await appended(first, 2, open)
  expect(await watched(newProcess())).toEqual([stream])
  expect(await items()).toContainEqual({ key: `${arn} stream`, expiresAt: null })
})

test('a late writer that loses does not put an older entry over a newer, for the slow one to take away', async () => {
  const slow = newProcess()
  await appended(slow, 0, open)
  const deletion = held((operation) => operation === 'DeleteItem')
  const ending = append(slow, 1, over)()
  await deletion.arrived
  const quick = newProcess()
  await load(quick)
  await appended(quick, 2, open)
  expect((await answerOf(append(newProcess(), 0, open))).type).toBe('conflict')
  deletion.release()
  await ending
  expect(await watched(newProcess())).toEqual([stream])
})

test('an open drain expires never; with its end all that is kept of it does', async () => {
  const store = newProcess()
  await appended(store, 0, open)
  await appended(store, 1, open)
  expect((await items()).filter(({ expiresAt }) => expiresAt !== null)).toEqual([])
  await appended(store, 2, over)
  const kept = await items()
  // Seconds since the epoch, as DynamoDB's time to live wants them.
  expect(kept.map(({ expiresAt }) => expiresAt)).toEqual(Array(4).fill((now + retention) / 1_000))
  expect(kept.map(({ key }) => key)).not.toContain(`watched ${stream}`)
  expect(await find(store)).toEqual([stream])
})

test('the look-up of a container instance that its agent replaced meanwhile expires with the drain as well', async () => {
  const store = newProcess()
  const replacement = containerInstanceNumber(2)
  await appended(store, 0, open)
  await appended(store, 1, { watched: true, containerInstances: [replacement] })
  await appended(store, 2, { watched: false, containerInstances: [replacement] })
  const lookUps = (await items()).filter(({ key }) => key.endsWith(' stream'))
  expect(lookUps.map(({ key }) => key).sort()).toEqual([`${arn} stream`, `${replacement} stream`])
  expect(lookUps.every(({ expiresAt }) => expiresAt === (now + retention) / 1_000)).toBe(true)
})

// The server of these tests shows every write at once, whatever it is asked for. DynamoDB does not.
test('every read asks for what was acknowledged before it began', async () => {
  const reads: Array<{ readonly operation: string; readonly isConsistent: boolean }> = []
  dynamo.fate = (operation, _, body) => {
    if (['Query', 'BatchGetItem'].includes(operation)) {
      reads.push({ operation, isConsistent: body.includes('"ConsistentRead":true') })
    }
    return operation === 'UpdateItem' ? 'lost' : 'served'
  }
  const store = newProcess()
  await appended(store, 0, open)
  await find(store)
  await load(newProcess())
  expect(reads.map(({ operation }) => operation)).toEqual(['BatchGetItem', 'Query'])
  // Its entry is not confirmed, so its last commit is looked at.
  await watched(newProcess())
  await answerOf(append(newProcess(), 0, open))
  await appended(store, 1, over)
  expect(reads.filter(({ isConsistent }) => !isConsistent)).toEqual([])
  expect(reads.length).toBeGreaterThan(5)
})

test('the next drain of an instance keeps its look-up and its own commits, the former ones expire', async () => {
  const store = newProcess()
  await appended(store, 0, open)
  await appended(store, 1, over)
  await appended(store, 2, open)
  expect(await items()).toEqual(
    expect.arrayContaining([
      { key: `${arn} stream`, expiresAt: null },
      { key: `watched ${stream}`, expiresAt: null },
      { key: `${stream} 0000000001`, expiresAt: (now + retention) / 1_000 },
      { key: `${stream} 0000000003`, expiresAt: null },
    ]),
  )
  await appended(newProcess(now + hours(1)), 3, over)
  const times = (await items()).filter(({ key }) => key.startsWith(stream)).map(({ expiresAt }) => expiresAt)
  const [former, own] = [now, now + hours(1)].map((end) => (end + retention) / 1_000)
  expect(times).toEqual([former, former, own, own])
})

test('what has expired and is not deleted yet keeps its number and has no events', async () => {
  const store = newProcess()
  await appended(store, 0, open)
  await appended(store, 1, over)
  const later = newProcess(now + retention)
  expect(await load(newProcess(now + retention - 1_000))).toHaveLength(2)
  expect((await load(newProcess(now + retention - 1_000)))[1]?.events).toHaveLength(1)
  expect(await load(later)).toEqual([
    { version: 1, events: [] },
    { version: 2, events: [] },
  ])
  await appended(later, 2, open)
  expect((await load(later)).map(({ events }) => events.length)).toEqual([0, 0, 1])
})

test('a commit that DynamoDB deletes while it is to be given its time leaves nothing behind', async () => {
  const store = newProcess()
  await appended(store, 0, open)
  dynamo.fate = async (operation, _, body): Promise<Fate> => {
    if (operation === 'UpdateItem' && body.includes(`"${sortKeyOf(1)}"`)) {
      const Key = keyItem({ pk: stream, sk: sortKeyOf(1) })
      await dynamo.client.send(new DeleteItemCommand({ TableName: table, Key }))
    }
    return 'served'
  }
  await appended(store, 1, over)
  expect((await load(newProcess())).map(({ version }) => version)).toEqual([2])
})

describe('a stream that has expired and begins again', () => {
  const expired = async () => {
    for (const { key } of await items()) {
      const [pk = '', sk = ''] = key.split(' ')
      if (pk === stream) await dynamo.client.send(new DeleteItemCommand({ TableName: table, Key: keyItem({ pk, sk }) }))
    }
  }

  test('takes over its look-up, which was not deleted yet', async () => {
    const store = newProcess()
    await appended(store, 0, open)
    await appended(store, 1, open)
    await appended(store, 2, over)
    await expired()
    await appended(newProcess(now + retention), 0, open)
    expect(await items()).toContainEqual({ key: `${arn} stream`, expiresAt: null })
  })

  test('takes over an entry that was never confirmed', async () => {
    const store = newProcess()
    await appended(store, 0, open)
    await appended(store, 1, over)
    dynamo.fate = (operation, _, body) => (operation === 'PutItem' && isCommit(body) ? 'lost' : 'served')
    await append(store, 2, open)()
    dynamo.fate = () => 'served'
    await expired()
    await appended(newProcess(now + retention + 1_000), 0, open)
    expect(await items()).toContainEqual({ key: `watched ${stream}`, expiresAt: null })
  })

  describe('of which DynamoDB has deleted the newest commit first', () => {
    const halfDeleted = async (): Promise<EventStore> => {
      const store = newProcess()
      await appended(store, 0, open)
      await appended(store, 1, over)
      const end = keyItem({ pk: stream, sk: sortKeyOf(2) })
      await dynamo.client.send(new DeleteItemCommand({ TableName: table, Key: end }))
      const later = newProcess(now + retention)
      expect(await load(later)).toEqual([{ version: 1, events: [] }])
      return later
    }

    test('is watched and found', async () => {
      const later = await halfDeleted()
      await appended(later, 1, open)
      expect(await watched(later)).toEqual([stream])
      expect(await items()).toContainEqual({ key: `${arn} stream`, expiresAt: null })
    })

    test('is not hidden from the sweep by an entry whose commit never came', async () => {
      const later = await halfDeleted()
      dynamo.fate = (operation, _, body) => (operation === 'PutItem' && isCommit(body) ? 'lost' : 'served')
      await append(later, 1, open)()
      expect((await items()).map(({ key }) => key)).toContain(`watched ${stream}`)
      expect(await watched(later)).toEqual([])
    })
  })
})

test('an event of an instance that is not draining costs one read, a commit of an open drain one write', async () => {
  const store = newProcess()
  await appended(store, 0, open)
  dynamo.served.length = 0
  await answerOf(store.findStreams({ type: 'FindStreams', containerInstances: [containerInstanceNumber(7)] }))
  expect(dynamo.served).toEqual(['BatchGetItem'])
  await appended(store, 1, open)
  expect(dynamo.served).toEqual(['BatchGetItem', 'PutItem'])
  await appended(store, 2, open)
  const other = newProcess()
  await load(other)
  dynamo.served.length = 0
  await appended(other, 3, open)
  expect(dynamo.served).toEqual(['PutItem'])
})

test('a stream whose drain has ended costs one read and a commit to it two writes, once a sweep has tidied it up', async () => {
  await endedUntidied()
  const sweep = newProcess()
  await load(sweep)
  await watched(sweep)
  await load(sweep)
  dynamo.served.length = 0
  await load(sweep)
  await load(newProcess())
  expect(dynamo.served).toEqual(['Query', 'Query'])
  dynamo.served.length = 0
  // Its look-up has to last as long as this commit; the others were given their time by the end of the drain.
  await appended(sweep, 2, over)
  expect(dynamo.served).toEqual(['PutItem', 'PutItem'])
  expect((await items()).filter(({ expiresAt }) => expiresAt === null)).toEqual([])
})

test('what a sweep was told of is forgotten by the next: there is nothing to tidy up of a drain that ended meanwhile', async () => {
  const store = newProcess()
  await appended(store, 0, open)
  expect(await watched(store)).toEqual([stream])
  await appended(store, 1, over)
  expect(await watched(store)).toEqual([])
  dynamo.served.length = 0
  await load(store)
  expect(dynamo.served).toEqual(['Query'])
})

test('of more container instances than a request takes each is found, in the order asked', async () => {
  const store = newProcess()
  await appended(store, 0, open)
  const others = Array.from({ length: 249 }, (_, n) => containerInstanceNumber(n + 2))
  const containerInstances = [...others, arn]
  dynamo.served.length = 0
  const found = await answerOf(store.findStreams({ type: 'FindStreams', containerInstances }))
  expect(found).toEqual([...others.map(() => null), stream])
  expect(dynamo.served).toEqual(['BatchGetItem', 'BatchGetItem', 'BatchGetItem'])
})
