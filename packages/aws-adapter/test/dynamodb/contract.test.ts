// What core asks of every event store, over DynamoDB's protocol; and again over a network that loses answers.
import { eventStoreContract } from '@ecs-drain/core/testing'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { dynamoCalls, dynamoEventStore } from '../../src/index.ts'
import { type Dynamo, startDynamo } from '../support/dynamo.ts'

describe('the store in DynamoDB', () => {
  let dynamo: Dynamo
  beforeAll(async () => {
    dynamo = await startDynamo()
  })
  afterAll(() => dynamo.close())

  test.each(eventStoreContract)(
    '$title',
    ({ run }) => run(async () => dynamoEventStore(dynamoCalls(dynamo.client), await dynamo.createTable())),
    60_000,
  )
})

describe('where answers are lost after the write took effect', () => {
  let dynamo: Dynamo
  let lost = 0
  beforeAll(async () => {
    dynamo = await startDynamo()
  })
  afterAll(() => dynamo.close())

  // Its own write, which the SDK sent once more, must not be taken for another writer's.
  test.each(eventStoreContract)(
    '$title',
    async ({ run }) => {
      dynamo.fate = (operation, count) => {
        // Rarer than the SDK's budget of retries: it refunds those that end in success, which our own write's does not.
        if (/Table/.test(operation) || count % 19 !== 0) return 'served'
        lost += 1
        return 'answer-lost'
      }
      await run(async () => dynamoEventStore(dynamoCalls(dynamo.client), await dynamo.createTable()))
    },
    60_000,
  )

  test('answers were lost', () => expect(lost).toBeGreaterThan(25))
})
