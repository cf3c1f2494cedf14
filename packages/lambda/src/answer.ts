/** What Lambda is told after a batch: to SQS which messages come back, to everybody else whether the event does. */
import type { Handled, Phase, StreamId } from '@ecs-drain/core'
import type { SQSBatchResponse } from 'aws-lambda'
import { withoutPayload } from './drain-line.ts'

/** What became of an event that did not come from a queue. */
export interface DirectAnswer {
  /** The drains that it was about, as they are now. */
  readonly drains: ReadonlyArray<{ readonly stream: StreamId; readonly version: number; readonly phase: Phase }>
  /** Messages in it that concern no drain of ours, and why. */
  readonly ignored: ReadonlyArray<string>
}

/**
 * An event, or a part of it, that was not handled. Lambda tries an asynchronous event twice more and then hands it to the
 * function's dead-letter queue or failure destination.
 */
export class NotHandledError extends Error {
  constructor(reasons: ReadonlyArray<string>) {
    super(`${reasons.length} not handled:\n${reasons.join('\n')}`)
    this.name = 'NotHandledError'
  }
}

/** Whether Lambda's event source for SQS brought the event, which reads the answer. */
export const isFromQueue = (event: unknown): boolean => {
  if (typeof event !== 'object' || event === null || !('Records' in event)) return false
  const { Records: records } = event
  return Array.isArray(records) && records.some(isQueueRecord)
}

const isQueueRecord = (record: unknown): boolean =>
  typeof record === 'object' && record !== null && 'eventSource' in record && record.eventSource === 'aws:sqs'

/**
 * The ids of the messages that come back. Those that failed do so to be tried again; those that nobody can read, to be
 * moved to the dead-letter queue by the redrive policy.
 */
export const queueAnswer = ({ undecodable, failed }: Handled): SQSBatchResponse => {
  const isNameless = ({ id }: { readonly id: string | null }): boolean => id === null
  // SQS gives every message an id. Without one a single message cannot be asked for again, only the batch.
  const nameless = reasonsOf({ undecodable: undecodable.filter(isNameless), failed: failed.filter(isNameless) })
  if (nameless.length > 0) throw new NotHandledError(nameless)
  const ids = new Set([...undecodable, ...failed].flatMap(({ id }) => (id === null ? [] : [id])))
  return { batchItemFailures: [...ids].map((itemIdentifier) => ({ itemIdentifier })) }
}

/** The answer to an event of any other source. Throws where something in it must come back. */
export const directAnswer = ({ receipts, ignored, undecodable, failed }: Handled): DirectAnswer => {
  const reasons = reasonsOf({ undecodable, failed })
  if (reasons.length > 0) throw new NotHandledError(reasons)
  return {
    drains: receipts.map(({ stream, snapshot }) => ({
      stream,
      version: snapshot.version,
      phase: snapshot.drain.phase,
    })),
    ignored: ignored.map(({ why }) => why),
  }
}

/** Why each of them must come back, a line each. */
const reasonsOf = ({ undecodable, failed }: Pick<Handled, 'undecodable' | 'failed'>): ReadonlyArray<string> => [
  ...failed.map(({ failure }) => `${failure.type}: ${failure.message}`),
  ...undecodable.map(({ report }) => report.map(withoutPayload).join('; ')),
]
