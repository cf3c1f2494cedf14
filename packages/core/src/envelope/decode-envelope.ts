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

const expectation =
  'is no message that ecs-drain reads: expected an SQS, SNS or EventBridge event, a lifecycle notification, or a wake-up'

/** Never throws, whatever JSON or text it is given; the deliveries are in the order of the records. */
export const decodeEnvelope = (raw: unknown): ReadonlyArray<Delivery> => {
  const envelope = typeof raw === 'string' ? parsed(raw) : E.right(raw)
  if (E.isLeft(envelope)) return [{ id: null, notice: envelope }]
  const payload = envelope.right
  if (!isPlain(payload) || !Object.hasOwn(payload, 'Records')) return [{ id: null, notice: decodeDocument(payload, 1) }]
  const records: unknown = payload['Records']
  if (!Array.isArray(records))
    return [{ id: null, notice: E.left([`Records: expected a list, got ${preview(records)}`]) }]
  return records.map((record: unknown, index) => decodeRecord(record, `Records[${index}]`))
}

const decodeRecord = (record: unknown, path: string): Delivery => {
  if (!isPlain(record)) return { id: null, notice: E.left([`${path}: expected an object, got ${preview(record)}`]) }
  const id = own(record, 'messageId')
  const { at, text } = contentOf(record)
  if (typeof text !== 'string') {
    return { id: idOf(id), notice: E.left([`${path}${at}: expected a string, got ${preview(text)}`]) }
  }
  const notice = decodeText(text, 1)
  return { id: idOf(id), notice: E.isLeft(notice) ? E.left(within(path + at, notice.left)) : notice }
}

const idOf = (id: unknown): string | null => (typeof id === 'string' ? id : null)

/** SQS puts the message into `body`, SNS into `Sns.Message`. */
const contentOf = (record: Plain): { readonly at: string; readonly text: unknown } => {
  const sns = own(record, 'Sns')
  if (isPlain(sns)) return { at: '.Sns.Message', text: own(sns, 'Message') }
  return { at: '.body', text: own(record, 'body') }
}

const decodeText = (text: string, depth: number): Decoded => {
  if (isJson(text)) {
    const payload = parsed(text)
    return E.isLeft(payload) ? payload : decodeDocument(payload.right, depth)
  }
  const fields = fieldsOf(text)
  return fields === null ? E.left([`(root): ${expectation}, got ${preview(text)}`]) : decodeNotification(fields)
}

const decodeDocument = (payload: unknown, depth: number): Decoded => {
  if (depth > depthMax) return E.left(['(root): too many documents inside one another'])
  if (!isPlain(payload)) return E.left([`(root): ${expectation}, got ${preview(payload)}`])
  if (Object.hasOwn(payload, 'detail-type')) return decodeEventBridgeEvent(payload)
  if (Object.hasOwn(payload, 'ecs-drain')) return decodeOwn(payload)
  if (own(payload, 'Type') === 'Notification') return decodeSns(payload, depth)
  if (isAboutSubscription(payload)) return E.right({ type: 'Unsubscribed', what: 'a subscription of SNS' })
  if (['LifecycleTransition', 'LifecycleHookName', 'Event'].some((key) => Object.hasOwn(payload, key))) {
    return decodeNotification(payload)
  }
  return E.left([`(root): ${expectation}, got an object with other keys`])
}

/** A schedule of the user's may send `{"ecs-drain":"sweep"}` instead of EventBridge's scheduled event; its time is now. */
const decodeOwn = (payload: Plain): Decoded =>
  own(payload, 'ecs-drain') === 'sweep' ? E.right({ type: 'SweepDue', at: 0 }) : decodeWakeUp(payload)

/** A queue of another account gets these two kinds of document as well (AWS: SNS developer guide, "Parsing message formats"). */
const isAboutSubscription = (payload: Plain): boolean =>
  ['SubscriptionConfirmation', 'UnsubscribeConfirmation'].some((type) => own(payload, 'Type') === type)

const decodeSns = (payload: Plain, depth: number): Decoded => {
  const message = own(payload, 'Message')
  if (typeof message !== 'string') return E.left([`Message: expected a string, got ${preview(message)}`])
  const notice = decodeText(message, depth + 1)
  return E.isLeft(notice) ? E.left(within('Message', notice.left)) : notice
}

const isJson = (text: string): boolean => /^\s*[{["]/.test(text)

const parsed = (text: string): E.Either<ReadonlyArray<string>, unknown> => {
  try {
    return E.right(JSON.parse(text) as unknown)
  } catch {
    return E.left(['(root): is not JSON'])
  }
}
