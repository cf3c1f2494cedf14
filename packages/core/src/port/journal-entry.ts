import type { DrainEvent } from '../drain/drain-event.ts'
import type { StreamId } from '../identity/ids.ts'
import type { Failure } from '../observation/failure.ts'
import type { Ignored } from '../observation/observe.ts'

/** One line of the journal. It holds ids and reasons, never a payload; `message` is the id of an SQS message, null without one. */
export type JournalEntry =
  /**
   * Something was decided or done, and is in the stream, as its commit of that version. Noted before anything follows from it.
   * `drain` tells the drains of a stream apart (see `drainIdOf`).
   */
  | {
      readonly type: 'recorded'
      readonly stream: StreamId
      readonly drain: string | null
      readonly version: number
      readonly event: DrainEvent
    }
  /** A message that concerns no drain of ours. */
  | { readonly type: 'ignored'; readonly message: string | null; readonly why: Ignored }
  /** A message that cannot be read: where in it, and what was expected. */
  | { readonly type: 'undecodable'; readonly message: string | null; readonly report: ReadonlyArray<string> }
  /** Nothing could be recorded; the messages come back. */
  | { readonly type: 'failed'; readonly stream: StreamId | null; readonly failure: Failure }
