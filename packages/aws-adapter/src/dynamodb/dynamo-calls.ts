import {
  BatchGetItemCommand,
  type BatchGetItemCommandInput,
  type BatchGetItemCommandOutput,
  DeleteItemCommand,
  type DeleteItemCommandInput,
  type DeleteItemCommandOutput,
  type DynamoDBClient,
  PutItemCommand,
  type PutItemCommandInput,
  type PutItemCommandOutput,
  QueryCommand,
  type QueryCommandInput,
  type QueryCommandOutput,
  UpdateItemCommand,
  type UpdateItemCommandInput,
  type UpdateItemCommandOutput,
} from '@aws-sdk/client-dynamodb'

/** The operations of DynamoDB that are used. The SDK's `DynamoDB` has them too. */
export interface DynamoCalls {
  /** Writes an item on a condition. */
  putItem(input: PutItemCommandInput): Promise<PutItemCommandOutput>
  /** Changes an item on a condition. */
  updateItem(input: UpdateItemCommandInput): Promise<UpdateItemCommandOutput>
  /** Deletes an item on a condition. */
  deleteItem(input: DeleteItemCommandInput): Promise<DeleteItemCommandOutput>
  /** Items of one partition; one page of at most 1 MB. */
  query(input: QueryCommandInput): Promise<QueryCommandOutput>
  /** At most 100 items by their keys; those that were left over are in `UnprocessedKeys`. */
  batchGetItem(input: BatchGetItemCommandInput): Promise<BatchGetItemCommandOutput>
}

/** The operations over a client of the SDK. */
export const dynamoCalls = (client: DynamoDBClient): DynamoCalls => ({
  putItem: (input) => client.send(new PutItemCommand(input)),
  updateItem: (input) => client.send(new UpdateItemCommand(input)),
  deleteItem: (input) => client.send(new DeleteItemCommand(input)),
  query: (input) => client.send(new QueryCommand(input)),
  batchGetItem: (input) => client.send(new BatchGetItemCommand(input)),
})
