/**
 * Lambda's SQS event source, by its documented rules: up to ten messages a batch, at most so many executions at once, what
 * the partial batch response does not name is deleted, the rest becomes visible again after the visibility timeout, and
 * the queue's redrive policy does the rest (AWS: Lambda developer guide, "Using Lambda with Amazon SQS").
 */
import { DeleteMessageBatchCommand, type Message, ReceiveMessageCommand, type SQSClient } from '@aws-sdk/client-sqs'
import type { Environment, Outcome } from './environment.ts'

export interface EventSourceOptions {
  readonly sqs: SQSClient
  readonly queueUrl: string
  readonly queueArn: string
  /** Starts an execution environment, when there are fewer than `concurrency`. */
  readonly coldStart: () => Promise<Environment>
  readonly concurrency: number
  readonly now: () => number
  /** Told of each invocation: that it begins, with the number it has from then on, and how it ended. */
  readonly began: (records: number) => Promise<number>
  readonly ended: (invocation: number, how: 'done' | 'failed' | 'crashed') => Promise<void>
  /** Lambda may invoke a function more than once with the same batch. */
  readonly everyBatchTwice?: boolean
}

export interface EventSource {
  /** Takes what is visible and begins to handle it, as far as there are executions left. False: there was nothing to take. */
  poll(): Promise<boolean>
  /** Executions under way. */
  readonly busy: () => number
  /** Resolves when one execution has ended, at once when none is under way. */
  oneEnds(): Promise<void>
  readonly counts: { invocations: number; coldStarts: number; died: number; threw: number; failedRecords: number }
  /** Everything that the functions wrote. */
  output(): string
  stop(): void
}

const batchMost = 10

export const createEventSource = (options: EventSourceOptions): EventSource => {
  const { sqs, queueUrl, concurrency, now } = options
  const counts = { invocations: 0, coldStarts: 0, died: 0, threw: 0, failedRecords: 0 }
  const all: Array<Environment> = []
  const idle: Array<Environment> = []
  const underWay = new Set<Promise<void>>()

  const environment = async (): Promise<Environment> => {
    const warm = idle.pop()
    if (warm !== undefined) return warm
    counts.coldStarts += 1
    const cold = await options.coldStart()
    all.push(cold)
    return cold
  }

  const handle = async (batch: ReadonlyArray<Message>): Promise<void> => {
    const event = { Records: batch.map((message) => recordOf(message, options.queueArn)) }
    let outcome: Outcome = { type: 'died' }
    for (let time = 0; time < (options.everyBatchTwice === true ? 2 : 1); time += 1) {
      const chosen = await environment()
      counts.invocations += 1
      const invocation = await options.began(batch.length)
      outcome = await chosen.invoke(event, now())
      if (outcome.type === 'died') {
        counts.died += 1
        return options.ended(invocation, 'crashed')
      }
      idle.push(chosen)
      if (outcome.type === 'threw') {
        counts.threw += 1
        return options.ended(invocation, 'failed')
      }
      await options.ended(invocation, failedIn(outcome, batch).size > 0 ? 'failed' : 'done')
    }
    const failed = failedIn(outcome, batch)
    counts.failedRecords += failed.size
    const done = batch.filter(({ MessageId }) => !failed.has(MessageId))
    if (done.length === 0) return
    const Entries = done.map(({ MessageId, ReceiptHandle }) => ({ Id: MessageId, ReceiptHandle }))
    await sqs.send(new DeleteMessageBatchCommand({ QueueUrl: queueUrl, Entries }))
  }

  return {
    counts,
    busy: () => underWay.size,
    poll: async () => {
      if (underWay.size >= concurrency) return false
      const { Messages: batch = [] } = await sqs.send(
        new ReceiveMessageCommand({
          QueueUrl: queueUrl,
          MaxNumberOfMessages: batchMost,
          MessageSystemAttributeNames: ['All'],
        }),
      )
      if (batch.length === 0) return false
      const execution: Promise<void> = handle(batch).finally(() => underWay.delete(execution))
      underWay.add(execution)
      return true
    },
    oneEnds: async () => {
      if (underWay.size > 0) await Promise.race(underWay)
    },
    output: () => all.map((each) => each.output()).join(''),
    stop: () => {
      for (const each of all) each.kill()
    },
  }
}

/** An SQS record as Lambda hands it over. */
const recordOf = ({ MessageId, ReceiptHandle, Body, Attributes, MD5OfBody }: Message, eventSourceARN: string) => ({
  messageId: MessageId,
  receiptHandle: ReceiptHandle,
  body: Body,
  attributes: Attributes ?? {},
  messageAttributes: {},
  md5OfMessageAttributes: null,
  md5OfBody: MD5OfBody,
  eventSource: 'aws:sqs',
  eventSourceARN,
  awsRegion: 'eu-west-1',
})

/**
 * The message ids of a partial batch response. With one that names none of the batch all of it has failed; an empty object is no
 * failure (github.com/localstack/localstack: tests/aws/services/lambda_/event_source_mapping/test_lambda_integration_sqs.snapshot.json).
 */
export const failedIn = (outcome: Outcome, batch: ReadonlyArray<Message>): ReadonlySet<string | undefined> => {
  if (outcome.type !== 'returned') return new Set()
  const { batchItemFailures = [] } = (outcome.response ?? {}) as {
    readonly batchItemFailures?: ReadonlyArray<{ readonly itemIdentifier?: string }>
  }
  const ids = batch.map(({ MessageId }) => MessageId)
  const named = batchItemFailures.map(({ itemIdentifier }) => itemIdentifier)
  return new Set(named.every((id) => ids.includes(id)) ? named : ids)
}
