import {
  SendMessageCommand,
  type SendMessageCommandInput,
  type SendMessageCommandOutput,
  type SQSClient,
} from '@aws-sdk/client-sqs'

/** The one operation of SQS that is used. The SDK's `SQS` has it too. */
export interface SqsCalls {
  /** Delayed by at most 900 seconds. */
  sendMessage(input: SendMessageCommandInput): Promise<SendMessageCommandOutput>
}

/** The operation over a client of the SDK. */
export const sqsCalls = (client: SQSClient): SqsCalls => ({
  sendMessage: (input) => client.send(new SendMessageCommand(input)),
})
