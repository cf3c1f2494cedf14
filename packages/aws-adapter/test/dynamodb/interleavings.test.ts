// Processes that open and end drains of one instance while requests are lost, answers are lost, and writes land after
// their process has given up on them. Whatever happened, a drain that is open can be found.
import { QueryCommand, ScanCommand } from '@aws-sdk/client-dynamodb'
import { type EventStore, streamOf } from '@ecs-drain/core'
import { containerInstanceNumber, event, instanceNumber, task } from '@ecs-drain/core/testing'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { awsClients, type Clients, dynamoCalls, dynamoEventStore } from '../../src/index.ts'
import { type Dynamo, type Fate, startDynamo } from '../support/dynamo.ts'
import { answerOf } from '../support/ran.ts'

const stream = streamOf(instanceNumber(1))
const arns = [containerInstanceNumber(1), containerInstanceNumber(2)]

/** A process gives up on a request after so long. */
const patienceMs = 100

let dynamo: Dynamo
let impatient: Clients
beforeAll(async () => {
  dynamo = await startDynamo()
  const { endpoint } = dynamo
  impatient = awsClients({ region: 'eu-west-1', endpoint, attemptsMax: 1, requestTimeoutMs: patienceMs })
})
afterAll(async () => {
  impatient.dynamodb.destroy()
  await dynamo.close()
})

const slept = (milliseconds: number): Promise<void> =>
  new Promise((resolve) => {
    setTimeout(resolve, milliseconds)
  })

const trouble = fc.record({
  fate: fc.oneof({ weight: 12, arbitrary: fc.constant<Fate>('served') }, fc.constantFrom<Fate>('lost', 'answer-lost')),
  delayMs: fc.oneof({ weight: 12, arbitrary: fc.constantFrom(0, 0, 2, 8, 20) }, fc.constantFrom(150, 200)),
})

const step = fc.record({ watched: fc.boolean(), arn: fc.constantFrom(...arns), pauseMs: fc.constantFrom(0, 0, 5) })

/** Loads and appends, step by step; a failure is left to the next step. */
const run = async (store: EventStore, steps: ReadonlyArray<{ watched: boolean; arn: string; pauseMs: number }>) => {
  for (const { watched, arn, pauseMs } of steps) {
    await slept(pauseMs)
    const known = await store.load({ type: 'LoadStream', stream, after: 0 })()
    if (known._tag === 'Left') continue
    const expectedVersion = known.right.at(-1)?.version ?? 0
    const events = [event('TaskSeen', expectedVersion, { task: task(1) })]
    const index = { watched, containerInstances: [arn as (typeof arns)[number]] }
    const request = { type: 'AppendToStream', stream, expectedVersion, events, index } as const
    const result = await store.append(request)()
    if (result._tag === 'Left') reached.failed += 1
    else if (result.right.type === 'conflict') reached.conflict += 1
    else reached.appended += 1
  }
}

const reached = { appended: 0, conflict: 0, failed: 0, late: 0, open: 0, ended: 0 }

const commitsIn = async (table: string) => {
  const { Items = [] } = await dynamo.client.send(
    new QueryCommand({
      TableName: table,
      ConsistentRead: true,
      KeyConditionExpression: 'pk = :stream',
      ExpressionAttributeValues: { ':stream': { S: stream } },
    }),
  )
  return Items.map((item) => ({
    version: Number(item['version']?.N),
    watched: item['watched']?.BOOL === true,
    arn: item['containerInstances']?.L?.[0]?.S ?? '',
    expires: item['expiresAt'] !== undefined,
  }))
}

const entriesIn = async (table: string) => {
  const { Items = [] } = await dynamo.client.send(new ScanCommand({ TableName: table, ConsistentRead: true }))
  return Items.filter(({ pk }) => pk?.S !== stream).map(({ pk, expiresAt }) => ({
    pk: pk?.S,
    expires: expiresAt !== undefined,
  }))
}

test('a drain that is open is watched, its look-up stays, and nothing of it expires', async () => {
  const processes = fc.array(fc.array(step, { minLength: 2, maxLength: 6 }), { minLength: 2, maxLength: 4 })
  await fc.assert(
    fc.asyncProperty(processes, fc.array(trouble, { minLength: 20, maxLength: 60 }), async (plans, troubles) => {
      dynamo.fate = () => 'served'
      const table = await dynamo.createTable()
      const late: Array<Promise<void>> = []
      dynamo.fate = async (_, count) => {
        const { fate, delayMs } = troubles[count % troubles.length] ?? { fate: 'served', delayMs: 0 }
        const delay = slept(delayMs)
        late.push(delay)
        if (delayMs > patienceMs && fate !== 'lost') reached.late += 1
        await delay
        return fate
      }
      const stores = plans.map(() => dynamoEventStore(dynamoCalls(impatient.dynamodb), table))
      await Promise.all(plans.map((steps, index) => run(stores[index] as EventStore, steps)))
      await Promise.all(late)
      dynamo.fate = () => 'served'
      // What was forwarded last is through when a later request is.
      await slept(20)

      const commits = await commitsIn(table)
      const last = commits.at(-1)
      const isOpen = last?.watched ?? false
      const sweep = dynamoEventStore(dynamoCalls(dynamo.client), table)
      const listed = await answerOf(sweep.listWatched({ type: 'ListWatchedStreams' }))
      if (last !== undefined) reached[isOpen ? 'open' : 'ended'] += 1
      if (isOpen) {
        expect(listed).toEqual([stream])
        expect(await entriesIn(table)).toContainEqual({ pk: 'watched', expires: false })
        expect(await entriesIn(table)).toContainEqual({ pk: last?.arn, expires: false })
        const begun = commits.findLastIndex(({ watched }) => !watched) + 1
        expect(commits.slice(begun).filter(({ expires }) => expires)).toEqual([])
      }
      // The sweep leads to a load of each stream, and then the list is right.
      await answerOf(sweep.load({ type: 'LoadStream', stream, after: 0 }))
      const again = await answerOf(sweep.listWatched({ type: 'ListWatchedStreams' }))
      expect(again).toEqual(isOpen ? [stream] : [])
    }),
    // Its times are real, so a failure would not shrink.
    { numRuns: 20, seed: 8, endOnFailure: true },
  )
  for (const [what, count] of Object.entries(reached))
    expect({ what, reached: count > 0 }).toEqual({ what, reached: true })
}, 120_000)
