// What is in an item: large commits, many pages, and what somebody else wrote.
import { type AttributeValue, PutItemCommand } from '@aws-sdk/client-dynamodb'
import { type EventStore, type StoredEvents, streamOf } from '@ecs-drain/core'
import { event, instanceNumber, stoppedTask } from '@ecs-drain/core/testing'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { dynamoCalls, dynamoEventStore } from '../../src/index.ts'
import { type Dynamo, startDynamo } from '../support/dynamo.ts'
import { answerOf, failureFrom } from '../support/ran.ts'

const stream = streamOf(instanceNumber(1))

let dynamo: Dynamo
let table: string
let store: EventStore
beforeAll(async () => {
  dynamo = await startDynamo()
})
beforeEach(async () => {
  table = await dynamo.createTable()
  store = dynamoEventStore(dynamoCalls(dynamo.client), table)
  dynamo.served.length = 0
})
afterAll(() => dynamo.close())

const append = (expectedVersion: number, events: StoredEvents) =>
  store.append({
    type: 'AppendToStream',
    stream,
    expectedVersion,
    events,
    index: { watched: true, containerInstances: [] },
  })
const load = () => store.load({ type: 'LoadStream', stream, after: 0 })

const reading = (count: number): StoredEvents => [
  event('TasksRead', 1, { tasks: Array.from({ length: count }, (_, n) => stoppedTask(n)) }),
]

test('a reading of four thousand tasks is one commit', async () => {
  const events = reading(4_000)
  expect(JSON.stringify(events).length).toBeGreaterThan(400 * 1024)
  await answerOf(append(0, events))
  expect(await answerOf(load())).toEqual([{ version: 1, events }])
})

test('a commit that no item can hold is refused before anything is written, with its size', async () => {
  // Digits of a sequence that does not repeat: nothing that could be compressed away.
  let state = 1
  const digit = () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return (state >>> 8).toString(36)
  }
  const reason = Array.from({ length: 200_000 }, digit).join('')
  const failure = await failureFrom(append(0, [event('ContainerInstanceLost', 1, { reason, retryAt: 1 })]))
  expect(failure).toMatchObject({ type: 'Rejected', code: 'CommitTooLarge' })
  expect(failure.message).toMatch(
    /^ec2-instance\/i-\w+, version 1: \d{6,} bytes, and an item of DynamoDB takes 400 KB$/,
  )
  expect(dynamo.served).toEqual([])
})

test('a stream of more than a page is loaded whole', async () => {
  const events = reading(1_000)
  for (let version = 0; version < 8; version += 1) await answerOf(append(version, events))
  dynamo.served.length = 0
  const loaded = await answerOf(load())
  expect(loaded.map(({ version }) => version)).toEqual([1, 2, 3, 4, 5, 6, 7, 8])
  expect(loaded.every((commit) => JSON.stringify(commit.events) === JSON.stringify(events))).toBe(true)
  expect(dynamo.served.length).toBeGreaterThan(1)
})

const written = (item: Record<string, AttributeValue>) =>
  dynamo.client.send(new PutItemCommand({ TableName: table, Item: { pk: { S: stream }, ...item } }))

test.each([
  ['no JSON', { S: 'a note' }, /body: /],
  [
    'a wrong field',
    { S: JSON.stringify({ v: 1, events: [{ type: 'Swept', at: 'noon' }] }) },
    /body\.events\[0\]\.at: /,
  ],
  [
    'an unknown event',
    { S: JSON.stringify({ v: 1, events: [{ type: 'Rained', at: 1 }] }) },
    /body\.events\[0\]\.type: /,
  ],
  ['a newer shape', { S: JSON.stringify({ v: 99, events: [] }) }, /body\.v: /],
  ['no gzip', { B: new Uint8Array([1, 2, 3]) }, /body: /],
])('%s: the failure names table, key and path', async (_, body, path) => {
  await written({ sk: { S: '0000000001' }, version: { N: '1' }, body })
  const failure = await failureFrom(load())
  expect(failure).toMatchObject({ type: 'Rejected', code: 'UndecodableItem' })
  expect(failure.message).toContain(`table ${table}, pk ${stream}, sk 0000000001: `)
  expect(failure.message).toMatch(path)
})

test('an item whose version is not that of its key is refused', async () => {
  await written({ sk: { S: '0000000001' }, version: { N: '7' }, body: { S: '{"v":1,"events":[]}' } })
  expect((await failureFrom(load())).message).toMatch(/version: expected the number in sk, got 7$/)
})
