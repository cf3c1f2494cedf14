/** DynamoDB, as a server that speaks its protocol, with the table of the event store in it. */
import type { AddressInfo } from 'node:net'
import { CreateTableCommand, DynamoDBClient, paginateScan } from '@aws-sdk/client-dynamodb'
import { dynamoCalls, dynamoEventStore, tableDefinition } from '@ecs-drain/aws-adapter'
import { type DrainEvent, type Instant, instanceOf, StreamId } from '@ecs-drain/core'
import dynalite from 'dynalite'
import * as E from 'fp-ts/Either'

export interface StreamTable {
  /** host:port */
  readonly address: string
  readonly client: DynamoDBClient
  readonly name: string
  /** The events of every stream, in order, by the instance's id. */
  streams(): Promise<ReadonlyMap<string, ReadonlyArray<DrainEvent>>>
  stop(): Promise<void>
}

export const startStreamTable = async (): Promise<StreamTable> => {
  const server = dynalite({ createTableMs: 0 })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = `127.0.0.1:${(server.address() as AddressInfo).port}`
  const client = new DynamoDBClient({
    region: 'eu-west-1',
    endpoint: `http://${address}`,
    credentials: { accessKeyId: 'simulated', secretAccessKey: 'simulated' },
  })
  const name = 'ecs-drain-streams'
  const { KeySchema, AttributeDefinitions, BillingMode } = tableDefinition
  await client.send(
    new CreateTableCommand({
      TableName: name,
      KeySchema: [...KeySchema],
      AttributeDefinitions: [...AttributeDefinitions],
      BillingMode,
    }),
  )
  // What is written lives by virtual time, so nothing of it may seem expired here.
  const store = dynamoEventStore(dynamoCalls(client), name, { clock: { now: () => 0 as Instant } })
  return {
    address,
    client,
    name,
    streams: async () => {
      const streams = new Map<string, ReadonlyArray<DrainEvent>>()
      for (const stream of await streamIds(client, name)) {
        const commits = await store.load({ type: 'LoadStream', stream, after: 0 })()
        if (E.isLeft(commits)) throw new Error(JSON.stringify(commits.left))
        streams.set(
          instanceOf(stream),
          commits.right.flatMap(({ events }) => events),
        )
      }
      return streams
    },
    stop: () =>
      new Promise((resolve) => {
        client.destroy()
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

/** Partitions that are streams; the others hold what streams are found by. */
const streamIds = async (client: DynamoDBClient, table: string): Promise<ReadonlySet<StreamId>> => {
  const ids = new Set<StreamId>()
  for await (const { Items = [] } of paginateScan({ client }, { TableName: table })) {
    for (const { pk } of Items) if (StreamId.is(pk?.S)) ids.add(pk.S)
  }
  return ids
}
