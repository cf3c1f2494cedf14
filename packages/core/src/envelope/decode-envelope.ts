/**
 * From whatever a function was invoked with to one notice per message. A batch is taken apart here, so that a record
 * nobody can read disturbs no other.
 */
import * as E from 'fp-ts/Either'
import { isPlain, own, type Plain } from '../codec/object-of.ts'
import { preview } from '../codec/report.ts'
import { type Decoded, within } from './decoded.ts'
import { decodeEventBridgeEvent } from './event-bridge-event.ts'
import { fieldsOf } from './key-value-text.ts'
import { decodeNotification } from './lifecycle-action.ts'
import { decodeWakeUp } from './wake-up.ts'

/** One message of an envelope. */
export interface Delivery {
  /** The SQS message id, by which a batch says what must come back; null where the envelope has none. */
  readonly id: string | null
  /** Left: what is wrong, a line per error with its path from the outermost document. */
  readonly notice: Decoded
}

/** SNS inside SQS holding JSON is three documents deep; nothing honest is deeper. */
const depthMax = 4

/** Never throws, whatever JSON or text it is given; the deliveries are in the order of the records. */
export const decodeEnvelope = (raw: unknown): ReadonlyArray<Delivery> => {
  const envelope = typeof raw === 'string' ? parsed(raw) : E.right(raw)
  if (E.isLeft(envelope)) return [{ id: null, notice: envelope }]
  const payload = envelope.right
  if (!isPlain(payload) || !Object.hasOwn(payload, 'Records')) return [{ id: null, notice: decodeDocument(payload, 1) }]
  const records: unknown = payload['Records']
  if (!Array.isArray(records)) return [{ id: null, notice: unexpected('Records', 'a list', records) }]
  return records.map((record: unknown, index) => decodeRecord(record, `Records[${index}]`))
}

const decodeRecord = (record: unknown, path: string): Delivery => {
  if (!isPlain(record)) return { id: null, notice: unexpected(path, 'an object', record) }
  const id = own(record, 'messageId')
  const { at, text } = contentOf(record)
  return { id: typeof id === 'string' ? id : null, notice: within(path + at, decodeText(text, 1)) }
}

/** SQS puts the message into `body`, SNS into `Sns.Message`. */
const contentOf = (record: Plain): { readonly at: string; readonly text: unknown } => {
  const sns = own(record, 'Sns')
  if (isPlain(sns)) return { at: '.Sns.Message', text: own(sns, 'Message') }
  return { at: '.body', text: own(record, 'body') }
}

const decodeText = (text: unknown, depth: number): Decoded => {
  if (typeof text !== 'string') return unexpected('(root)', 'a string', text)
  if (isJson(text)) {
    const payload = parsed(text)
    return E.isLeft(payload) ? payload : decodeDocument(payload.right, depth)
  }
  const fields = fieldsOf(text)
  return fields === null ? noMessage(preview(text)) : decodeNotification(fields)
}

const decodeDocument = (payload: unknown, depth: number): Decoded => {
  if (depth > depthMax) return E.left(['(root): too many documents inside one another'])
  if (!isPlain(payload)) return noMessage(preview(payload))
  if (Object.hasOwn(payload, 'detail-type')) return decodeEventBridgeEvent(payload)
  if (Object.hasOwn(payload, 'ecs-drain')) return decodeOwn(payload)
  if (own(payload, 'Type') === 'Notification') return within('Message', decodeText(own(payload, 'Message'), depth + 1))
  if (isAboutSubscription(payload)) return E.right({ type: 'Unsubscribed', what: 'a subscription of SNS' })
  if (['LifecycleTransition', 'LifecycleHookName', 'Event'].some((key) => Object.hasOwn(payload, key))) {
    return decodeNotification(payload)
  }
  return noMessage('an object with other keys')
}

/** A schedule of the user's may send `{"ecs-drain":"sweep"}` instead of EventBridge's scheduled event. */
const decodeOwn = (payload: Plain): Decoded => {
  const word = own(payload, 'ecs-drain')
  if (word === 'wake-up') return decodeWakeUp(payload)
  return word === 'sweep' ? E.right({ type: 'SweepDue' }) : unexpected('ecs-drain', '"sweep" or "wake-up"', word)
}

/** A queue of another account gets these two kinds of document as well (AWS: SNS developer guide, "Parsing message formats"). */
const isAboutSubscription = (payload: Plain): boolean =>
  ['SubscriptionConfirmation', 'UnsubscribeConfirmation'].some((type) => own(payload, 'Type') === type)

const unexpected = (path: string, expected: string, value: unknown): Decoded =>
  E.left([`${path}: expected ${expected}, got ${preview(value)}`])

const wanted = 'an SQS, SNS or EventBridge event, a lifecycle notification, or a wake-up'

const noMessage = (got: string): Decoded =>
  E.left([`(root): is no message that ecs-drain reads: expected ${wanted}, got ${got}`])

const isJson = (text: string): boolean => /^\s*[{["]/.test(text)

const parsed = (text: string): E.Either<ReadonlyArray<string>, unknown> => {
  try {
    return E.right(JSON.parse(text) as unknown)
  } catch {
    return E.left(['(root): is not JSON'])
  }
}
