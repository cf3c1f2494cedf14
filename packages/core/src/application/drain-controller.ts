/** The front door for everyone who would rather not know fp-ts: promises in, promises out. */
import { preview } from '../codec/report.ts'
import type { PolicyOptions } from '../drain/drain-policy.ts'
import { decodeEnvelope } from '../envelope/decode-envelope.ts'
import { lifted, type PortOptions } from '../port/promise-lifting.ts'
import { type Handled, handleBatch, type IsTimeUp } from './handle-batch.ts'

/** What a controller is made of: the ports in either style, and what the user decides. */
export interface DrainControllerOptions extends PortOptions {
  readonly policy: PolicyOptions
  /** Whether whoever runs us is about to end us: then nothing more is begun. Never, if left out. */
  readonly isTimeUp?: IsTimeUp
}

/** Drains over promises. One may handle any number of envelopes at once, and so may any number of controllers over one store. */
export interface DrainController {
  /**
   * Handles whatever AWS delivered: an SQS or SNS batch, an EventBridge event, a lifecycle notification, as an object or
   * as JSON text. Resolves when everything that was owed at once is done and recorded; never rejects. What `failed` in
   * the answer must be delivered again; delivering anything twice is harmless.
   */
  handle(envelope: unknown): Promise<DrainReport>
}

/** What became of an envelope. */
export interface DrainReport extends Handled {
  /** Lambda's partial batch response for an SQS event source: the undecodable and the failed. */
  readonly batchItemFailures: ReadonlyArray<{ readonly itemIdentifier: string }>
}

/** A controller over the given ports. Throws at once where a port lacks a function or the policy contradicts itself. */
export const createDrainController = ({ policy, isTimeUp, ...ports }: DrainControllerOptions): DrainController => {
  if (isTimeUp !== undefined && typeof isTimeUp !== 'function')
    throw new TypeError(`isTimeUp: expected a function, got ${preview(isTimeUp)}`)
  const handle = handleBatch(lifted(ports), policy, isTimeUp)
  return {
    handle: async (envelope) => {
      const handled = await handle(decodeEnvelope(envelope))()
      const ids = [...handled.undecodable, ...handled.failed].flatMap(({ id }) => (id === null ? [] : [id]))
      return { ...handled, batchItemFailures: ids.map((itemIdentifier) => ({ itemIdentifier })) }
    },
  }
}
