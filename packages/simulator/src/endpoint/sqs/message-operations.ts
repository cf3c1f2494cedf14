/** Operations of SQS on messages: what delayed messages and Lambda's event source need. */
import { operation } from '../operation.ts'
import type { Session } from '../session.ts'
import { AwsError } from '../wire/aws-error.ts'
import type { Output } from '../wire/output.ts'
import { integer, listOf, structure, text, word } from '../wire/shape.ts'
import { isXmlText } from '../wire/xml-characters.ts'
import { digestOf, digestOfAttributes } from './digest.ts'
import { bytesMost, visibilitySecondsMost } from './limits.ts'
import { attributes, attributesLength, checkAttributes, type GivenAttributes } from './message-attributes.ts'
import { queryCodes } from './query-codes.ts'
import type { Queue, Received } from './queue.ts'
import { queueAt } from './queue-names.ts'

// SQS's own bound (AWS: SQS developer guide, quotas-messages).
const delaySecondsMost = 900

/** A number in an entry of a batch. One that is out of bounds must not stop the other entries, so it is looked at with its entry. */
const anyInteger = integer(-(2 ** 31), 2 ** 31 - 1)

const checkBounds = (name: string, value: number, most: number): void => {
  if (value >= 0 && value <= most) return
  throw new AwsError('InvalidParameterValueException', `${name} must be between 0 and ${most}, not ${value}.`)
}

interface Given {
  readonly MessageBody: string
  readonly DelaySeconds?: number
  readonly MessageAttributes?: GivenAttributes
}

const lengthOf = ({ MessageBody, MessageAttributes = {} }: Given): number =>
  Buffer.byteLength(MessageBody, 'utf8') + attributesLength(MessageAttributes)

/** What every send answers about a message that was taken. */
const sent = (session: Session, queue: Queue, given: Given): Output => {
  const { MessageBody: body, DelaySeconds: delaySeconds = 0, MessageAttributes: ofMessage = {} } = given
  if (body === '')
    throw new AwsError('MissingRequiredParameterException', 'The request must contain the parameter MessageBody.')
  if (lengthOf(given) > bytesMost) {
    throw new AwsError(
      'InvalidParameterValueException',
      `One or more parameters are invalid. Reason: Message must be shorter than ${bytesMost} bytes.`,
    )
  }
  if (!isXmlText(body)) {
    throw new AwsError('InvalidMessageContents', 'The message contains characters outside the allowed set.')
  }
  checkAttributes(ofMessage)
  checkBounds('DelaySeconds', delaySeconds, delaySecondsMost)
  return {
    MessageId: put(session, queue, { body, attributes: ofMessage, delaySeconds }),
    MD5OfMessageBody: digestOf(body),
    MD5OfMessageAttributes: digestOfAttributes(ofMessage),
  }
}

const put = (session: Session, queue: Queue, mail: Parameters<Session['sendToInbox']>[0]): string => {
  if (queue === session.queues[0]) return session.sendToInbox(mail)
  const { now } = session.world
  const id = session.newId()
  queue.put(
    { id, body: mail.body, attributes: mail.attributes, sentAt: now, done: () => {} },
    now + mail.delaySeconds * 1000,
  )
  return id
}

export const sendMessage = operation({
  name: 'SendMessage',
  says:
    'To the inbox it takes the way of a wake-up: late by `bus.event`, and with the luck of the plan. ' +
    'To the dead-letter queue it goes at once.',
  input: {
    QueueUrl: text,
    MessageBody: text,
    DelaySeconds: integer(0, delaySecondsMost),
    MessageAttributes: attributes,
  },
  needed: ['QueueUrl', 'MessageBody'],
  errors: ['QueueDoesNotExist', 'InvalidMessageContents', 'UnsupportedOperation'],
  isWrite: true,
  answer: ({ session }, { QueueUrl, ...given }) => sent(session, queueAt(session, QueueUrl), given),
})

/** Batches have 1 to 10 entries, and each an id of its own. */
const checkBatch = (entries: ReadonlyArray<{ readonly Id: string }>): void => {
  if (entries.length === 0)
    throw new AwsError('EmptyBatchRequest', 'There should be at least one entry in the request.')
  if (entries.length > 10) {
    throw new AwsError(
      'TooManyEntriesInBatchRequest',
      `Maximum number of entries per request are 10. You have sent ${entries.length}.`,
    )
  }
  const ids = entries.map(({ Id }) => Id)
  if (!ids.every((id) => /^[\w-]{1,80}$/.test(id))) {
    throw new AwsError(
      'InvalidBatchEntryId',
      'A batch entry id can only contain alphanumeric characters, hyphens and underscores. It can be at most 80 letters long.',
    )
  }
  const again = ids.find((id, index) => ids.indexOf(id) !== index)
  if (again !== undefined) throw new AwsError('BatchEntryIdsNotDistinct', `Id ${again} repeated.`)
}

const batchErrors = [
  'QueueDoesNotExist',
  'EmptyBatchRequest',
  'TooManyEntriesInBatchRequest',
  'BatchEntryIdsNotDistinct',
  'InvalidBatchEntryId',
]

/** What became of each entry: one that is refused does not stop the others. */
const each = <Entry extends { readonly Id: string }>(
  entries: ReadonlyArray<Entry>,
  one: (entry: Entry) => Output,
): Output => {
  checkBatch(entries)
  const Successful: Array<Output> = []
  const Failed: Array<Output> = []
  for (const entry of entries) {
    try {
      Successful.push({ Id: entry.Id, ...one(entry) })
    } catch (error) {
      if (!(error instanceof AwsError)) throw error
      const { code, message } = error
      Failed.push({ Id: entry.Id, SenderFault: true, Code: queryCodes[code] ?? code, Message: message })
    }
  }
  // An empty list is left out, whatever the model says (github.com/aws/aws-sdk/issues/657).
  return Object.fromEntries(Object.entries({ Successful, Failed }).filter(([, list]) => list.length > 0))
}

export const sendMessageBatch = operation({
  name: 'SendMessageBatch',
  says: 'Up to 10 messages; see SendMessage.',
  input: {
    QueueUrl: text,
    Entries: listOf(
      structure(
        {
          Id: text,
          MessageBody: text,
          DelaySeconds: anyInteger,
          MessageAttributes: attributes,
        },
        ['Id', 'MessageBody'],
      ),
    ),
  },
  needed: ['QueueUrl', 'Entries'],
  errors: [...batchErrors, 'BatchRequestTooLong'],
  isWrite: true,
  answer: ({ session }, { QueueUrl, Entries }) => {
    const queue = queueAt(session, QueueUrl)
    const length = Entries.reduce((sum, entry) => sum + lengthOf(entry), 0)
    if (length > bytesMost) {
      const message = `Batch requests cannot be longer than ${bytesMost} bytes. You have sent ${length} bytes.`
      throw new AwsError('BatchRequestTooLong', message)
    }
    return each(Entries, (entry) => sent(session, queue, entry))
  },
})

/** Those of other queues, and those that nobody gave it, a message does not have (AWS: API reference, ReceiveMessage). */
const systemAttributes = word(
  'All',
  'SenderId',
  'SentTimestamp',
  'ApproximateReceiveCount',
  'ApproximateFirstReceiveTimestamp',
  'DeadLetterQueueSourceArn',
  'AWSTraceHeader',
  'SequenceNumber',
  'MessageDeduplicationId',
  'MessageGroupId',
)

export const receiveMessage = operation({
  name: 'ReceiveMessage',
  says: 'Oldest first, hidden for the visibility timeout. In stepped time nothing is waited for, since it is the caller who moves time.',
  input: {
    QueueUrl: text,
    MaxNumberOfMessages: integer(1, 10),
    VisibilityTimeout: integer(0, visibilitySecondsMost),
    WaitTimeSeconds: integer(0, 20),
    AttributeNames: listOf(systemAttributes),
    MessageSystemAttributeNames: listOf(systemAttributes),
    MessageAttributeNames: listOf(text),
    ReceiveRequestAttemptId: text,
  },
  needed: ['QueueUrl'],
  errors: ['QueueDoesNotExist'],
  isGated: false,
  answer: ({ session }, input) => {
    const { MaxNumberOfMessages = 1, VisibilityTimeout, AttributeNames = [], MessageSystemAttributeNames = [] } = input
    const queue = queueAt(session, input.QueueUrl)
    const received = queue.receive(session.world.now, MaxNumberOfMessages, VisibilityTimeout)
    const wanted = [...AttributeNames, ...MessageSystemAttributeNames]
    const messages = received.map((each) => messageView(session, each, wanted, input.MessageAttributeNames ?? []))
    // Nothing received: AWS leaves the member out.
    return messages.length === 0 ? {} : { Messages: messages }
  },
})

const messageView = (
  session: Session,
  { letter, receipt, receiveCount, firstReceivedAt }: Received,
  system: ReadonlyArray<string>,
  names: ReadonlyArray<string>,
): Output => {
  const known: Readonly<Record<string, string | undefined>> = {
    SenderId: 'AIDAIENQZJOLO23YVJ4VO',
    SentTimestamp: String(session.dateOf(letter.sentAt).getTime()),
    ApproximateReceiveCount: String(receiveCount),
    ApproximateFirstReceiveTimestamp: String(session.dateOf(firstReceivedAt).getTime()),
    DeadLetterQueueSourceArn: letter.deadFrom?.arn,
  }
  const isAsked = (name: string): boolean =>
    names.some(
      (asked) => asked === 'All' || asked === name || (asked.endsWith('.*') && name.startsWith(asked.slice(0, -2))),
    )
  const shown = Object.fromEntries(Object.entries(letter.attributes).filter(([name]) => isAsked(name)))
  const ofSystem = Object.entries(known).filter(
    ([name, value]) => value !== undefined && (system.includes('All') || system.includes(name)),
  )
  return {
    MessageId: letter.id,
    ReceiptHandle: receipt,
    MD5OfBody: digestOf(letter.body),
    Body: letter.body,
    Attributes: ofSystem.length === 0 ? undefined : Object.fromEntries(ofSystem),
    MD5OfMessageAttributes: digestOfAttributes(shown),
    MessageAttributes: Object.keys(shown).length === 0 ? undefined : attributesView(shown),
  }
}

const attributesView = (given: GivenAttributes): Output =>
  Object.fromEntries(
    Object.entries(given).map(([name, { DataType, StringValue, BinaryValue }]) => [
      name,
      { DataType, StringValue, BinaryValue },
    ]),
  )

export const deleteMessage = operation({
  name: 'DeleteMessage',
  says: 'By the newest receipt handle; with an older one it succeeds and the message stays, as in AWS.',
  input: { QueueUrl: text, ReceiptHandle: text },
  needed: ['QueueUrl', 'ReceiptHandle'],
  errors: ['QueueDoesNotExist', 'ReceiptHandleIsInvalid'],
  isWrite: true,
  isGated: false,
  answer: ({ session }, { QueueUrl, ReceiptHandle }) => {
    queueAt(session, QueueUrl).remove(ReceiptHandle)
    return {}
  },
})

/** What the batches about messages that were received have in common. */
const onReceipts = {
  needed: ['QueueUrl', 'Entries'],
  errors: batchErrors,
  isWrite: true,
  isGated: false,
} as const

export const deleteMessageBatch = operation({
  name: 'DeleteMessageBatch',
  says: 'Up to 10 receipt handles.',
  input: {
    QueueUrl: text,
    Entries: listOf(structure({ Id: text, ReceiptHandle: text }, ['Id', 'ReceiptHandle'])),
  },
  ...onReceipts,
  answer: ({ session }, { QueueUrl, Entries }) => {
    const queue = queueAt(session, QueueUrl)
    return each(Entries, ({ ReceiptHandle }) => {
      queue.remove(ReceiptHandle)
      return {}
    })
  },
})

export const changeMessageVisibilityBatch = operation({
  name: 'ChangeMessageVisibilityBatch',
  says: 'Up to 10 receipt handles; see ChangeMessageVisibility.',
  input: {
    QueueUrl: text,
    Entries: listOf(
      structure({ Id: text, ReceiptHandle: text, VisibilityTimeout: anyInteger }, ['Id', 'ReceiptHandle']),
    ),
  },
  ...onReceipts,
  answer: ({ session }, { QueueUrl, Entries }) => {
    const queue = queueAt(session, QueueUrl)
    return each(Entries, ({ ReceiptHandle, VisibilityTimeout }) => {
      if (VisibilityTimeout === undefined) {
        const message = 'The request must contain the parameter VisibilityTimeout.'
        throw new AwsError('MissingRequiredParameterException', message)
      }
      checkBounds('VisibilityTimeout', VisibilityTimeout, visibilitySecondsMost)
      queue.changeVisibility(ReceiptHandle, VisibilityTimeout, session.world.now)
      return {}
    })
  },
})

export const changeMessageVisibility = operation({
  name: 'ChangeMessageVisibility',
  says:
    'From now on, until 43,200 s after the receive at the latest; 0 shows the message again at once. ' +
    'Nothing happens where it is visible again already.',
  input: { QueueUrl: text, ReceiptHandle: text, VisibilityTimeout: integer(0, visibilitySecondsMost) },
  needed: ['QueueUrl', 'ReceiptHandle', 'VisibilityTimeout'],
  errors: ['QueueDoesNotExist', 'ReceiptHandleIsInvalid'],
  isWrite: true,
  isGated: false,
  answer: ({ session }, { QueueUrl, ReceiptHandle, VisibilityTimeout }) => {
    queueAt(session, QueueUrl).changeVisibility(ReceiptHandle, VisibilityTimeout, session.world.now)
    return {}
  },
})
