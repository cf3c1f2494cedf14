/** Requests to one table. A condition that does not hold is an answer, not an error; every read is strongly consistent. */

import type { AttributeValue, QueryCommandInput } from '@aws-sdk/client-dynamodb'
import { isConditionNotHeld } from '../failure/error-meanings.ts'
import { AdapterFailure, failureOf } from '../failure/failure.ts'
import { told } from '../failure/told.ts'
import type { DynamoCalls } from './dynamo-calls.ts'

/** An item as DynamoDB keeps it. */
export type Item = Record<string, AttributeValue>

/** The two key attributes. */
export interface Key {
  readonly pk: string
  readonly sk: string
}

export interface TableRequests {
  /** Writes the item if the condition holds; whether it did. */
  put(item: Item, condition: string, values?: Item): Promise<boolean>
  /** Changes the item if the condition holds; whether it did. */
  update(key: Key, change: string, condition: string, values: Item): Promise<boolean>
  /** Deletes the item if the condition holds; whether it did. */
  delete(key: Key, condition: string, values: Item): Promise<boolean>
  /** Every page. */
  query(of: Pick<QueryCommandInput, QueryMembers>): Promise<ReadonlyArray<Item>>
  /** The item of highest sort key. */
  last(pk: string): Promise<Item | null>
  /** The items there are of these keys, in no order. Keys must be different. */
  batchGet(keys: ReadonlyArray<Key>): Promise<ReadonlyArray<Item>>
}

type QueryMembers = 'KeyConditionExpression' | 'ExpressionAttributeValues' | 'ProjectionExpression' | 'FilterExpression'

/** BatchGetItem takes at most 100 keys. */
const keysMax = 100

/** With waits of 50, 100, ... 800 ms in between: longer than a short throttle, shorter than an invocation. */
const batchRounds = 6
const firstWaitMs = 50

export const tableRequests = (dynamo: DynamoCalls, table: string): TableRequests => {
  const resource = `arn:*:dynamodb:*:*:table/${table}`
  const ask = async <Answer>(operation: string, request: () => Promise<Answer>): Promise<Answer> => {
    try {
      return await request()
    } catch (thrown) {
      throw new AdapterFailure(failureOf(thrown, { action: `dynamodb:${operation}`, resource }))
    }
  }
  /** Whether its condition held. */
  const write = (operation: string, request: () => Promise<unknown>): Promise<boolean> =>
    ask(operation, async () => {
      try {
        await request()
        return true
      } catch (thrown) {
        if (isConditionNotHeld(thrown)) return false
        throw thrown
      }
    })
  const batch = async (keys: ReadonlyArray<Item>): Promise<ReadonlyArray<Item>> => {
    const found: Array<Item> = []
    let left: Array<Item> = [...keys]
    for (let round = 0; round < batchRounds; round += 1) {
      if (round > 0) await waited(firstWaitMs * 2 ** (round - 1))
      const answer = await ask('BatchGetItem', () =>
        dynamo.batchGetItem({ RequestItems: { [table]: { Keys: left, ConsistentRead: true } } }),
      )
      found.push(...(told('Responses', answer.Responses)[table] ?? []))
      left = answer.UnprocessedKeys?.[table]?.Keys ?? []
      if (left.length === 0) return found
    }
    const message = `dynamodb:BatchGetItem on ${resource}: ${left.length} keys were left over ${batchRounds} times`
    throw new AdapterFailure({ type: 'Throttled', message })
  }
  return {
    put: (item, condition, values) =>
      write('PutItem', () =>
        dynamo.putItem({
          TableName: table,
          Item: item,
          ConditionExpression: condition,
          ...(values === undefined ? {} : { ExpressionAttributeValues: values }),
        }),
      ),
    update: (key, change, condition, values) =>
      write('UpdateItem', () =>
        dynamo.updateItem({
          TableName: table,
          Key: keyItem(key),
          UpdateExpression: change,
          ConditionExpression: condition,
          ExpressionAttributeValues: values,
        }),
      ),
    delete: (key, condition, values) =>
      write('DeleteItem', () =>
        dynamo.deleteItem({
          TableName: table,
          Key: keyItem(key),
          ConditionExpression: condition,
          ExpressionAttributeValues: values,
        }),
      ),
    query: async (of) => {
      const items: Array<Item> = []
      let from: Item | undefined
      do {
        const start = from === undefined ? {} : { ExclusiveStartKey: from }
        const page = await ask('Query', () => dynamo.query({ TableName: table, ConsistentRead: true, ...of, ...start }))
        items.push(...told('Items', page.Items))
        from = page.LastEvaluatedKey
      } while (from !== undefined)
      return items
    },
    last: async (pk) => {
      const { Items } = await ask('Query', () =>
        dynamo.query({
          TableName: table,
          ConsistentRead: true,
          KeyConditionExpression: 'pk = :pk',
          ExpressionAttributeValues: { ':pk': { S: pk } },
          ScanIndexForward: false,
          Limit: 1,
        }),
      )
      return told('Items', Items)[0] ?? null
    },
    batchGet: async (keys) => {
      const items: Array<Item> = []
      for (let from = 0; from < keys.length; from += keysMax) {
        items.push(...(await batch(keys.slice(from, from + keysMax).map(keyItem))))
      }
      return items
    },
  }
}

export const keyItem = ({ pk, sk }: Key): Item => ({ pk: { S: pk }, sk: { S: sk } })

/**
 * Waits for all of the writes, also where one fails: what is left under way when a Lambda function answers stands still
 * with it, and goes on in the middle of another invocation.
 */
export const allOver = async (writes: ReadonlyArray<Promise<unknown>>): Promise<void> => {
  const failed = (await Promise.allSettled(writes)).find(({ status }) => status === 'rejected')
  if (failed?.status === 'rejected') throw failed.reason
}

const waited = (milliseconds: number): Promise<void> =>
  new Promise((resolve) => {
    setTimeout(resolve, milliseconds)
  })
