// A server that speaks DynamoDB's protocol, and a proxy before it that makes it as unreliable as a test wants.
import { createServer, request as httpRequest, type IncomingMessage, type ServerResponse } from 'node:http'
import { CreateTableCommand, DescribeTableCommand, type DynamoDBClient } from '@aws-sdk/client-dynamodb'
import dynalite from 'dynalite'
import { awsClients, type ClientOptions, tableDefinition } from '../../src/index.ts'
import './credentials.ts'
import { closed, listening } from './listening.ts'

/** What becomes of a request: it is served; refused as too many; lost; or served and its answer lost. */
export type Fate = 'served' | 'throttled' | 'lost' | 'answer-lost'

export interface Dynamo {
  readonly client: DynamoDBClient
  readonly endpoint: string
  /** Operations that were served, in order. */
  readonly served: Array<string>
  /** What becomes of the n-th request of an operation; `served` unless set. `body` is the request's. */
  fate: (operation: string, count: number, body: string) => Fate | Promise<Fate>
  /** A new table, as `tableDefinition` says. */
  createTable(): Promise<string>
  close(): Promise<void>
}

const throttle = {
  __type: 'com.amazonaws.dynamodb.v20120810#ProvisionedThroughputExceededException',
  message: 'The level of configured provisioned throughput for the table was exceeded.',
}

export const startDynamo = async (options: Partial<ClientOptions> = {}): Promise<Dynamo> => {
  const database = dynalite({ createTableMs: 0 })
  const databaseUrl = await listening(database)
  const counts = new Map<string, number>()
  const proxy = createServer((request, response) => {
    const operation = String(request.headers['x-amz-target']).split('.')[1] ?? ''
    const chunks: Array<Buffer> = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const body = Buffer.concat(chunks)
      const count = (counts.get(operation) ?? 0) + 1
      counts.set(operation, count)
      void Promise.resolve(dynamo.fate(operation, count, body.toString('utf8'))).then((fate) =>
        serve(fate, operation, request, body, response),
      )
    })
  })
  const serve = (fate: Fate, operation: string, request: IncomingMessage, body: Buffer, response: ServerResponse) => {
    if (fate === 'lost') {
      request.socket.destroy()
      return
    }
    if (fate === 'throttled') {
      response.writeHead(400, { 'content-type': 'application/x-amz-json-1.0' })
      response.end(JSON.stringify(throttle))
      return
    }
    dynamo.served.push(operation)
    const { headers, method } = request
    const forwarded = httpRequest(databaseUrl, { method, headers }, (answer) => {
      const answerChunks: Array<Buffer> = []
      answer.on('data', (chunk: Buffer) => answerChunks.push(chunk))
      answer.on('end', () => {
        if (fate === 'answer-lost') {
          request.socket.destroy()
          return
        }
        response.writeHead(answer.statusCode ?? 500, answer.headers)
        response.end(Buffer.concat(answerChunks))
      })
    })
    // Who has given up waiting gets no answer; what was asked for is done all the same.
    response.on('error', () => undefined)
    forwarded.end(body)
  }
  const endpoint = await listening(proxy)
  const { dynamodb } = awsClients({ region: 'eu-west-1', endpoint, ...options })
  let tables = 0
  const dynamo: Dynamo = {
    client: dynamodb,
    endpoint,
    served: [],
    fate: () => 'served',
    createTable: async () => {
      tables += 1
      const { TimeToLiveSpecification: _, KeySchema, AttributeDefinitions, BillingMode } = tableDefinition
      const TableName = `streams-${tables}`
      await dynamodb.send(
        new CreateTableCommand({
          TableName,
          KeySchema: [...KeySchema],
          AttributeDefinitions: [...AttributeDefinitions],
          BillingMode,
        }),
      )
      const isActive = async () => {
        const { Table } = await dynamodb.send(new DescribeTableCommand({ TableName }))
        return Table?.TableStatus === 'ACTIVE'
      }
      while (!(await isActive()));
      return TableName
    },
    close: async () => {
      dynamodb.destroy()
      await closed(proxy)
      await closed(database)
    },
  }
  return dynamo
}
