/**
 * A standard queue: what is received is hidden for the visibility timeout and comes back unless it is deleted, and after so
 * many receives it goes to the dead-letter queue (AWS: SQS developer guide, sqs-visibility-timeout, sqs-dead-letter-queues).
 * Time is told to it, in milliseconds of the world.
 */
import { AwsError } from '../wire/aws-error.ts'
import { purgeEverySeconds, retentionSeconds, visibilitySecondsMost } from './limits.ts'

/** A message attribute as the API has it; binary values are base64. */
export interface MessageAttribute {
  readonly DataType: string
  readonly StringValue?: string
  readonly BinaryValue?: string
}

/** What is put into a queue. */
export interface Letter {
  readonly id: string
  readonly body: string
  readonly attributes: Readonly<Record<string, MessageAttribute>>
  readonly sentAt: number
  /** The queue in which it was received too often. */
  readonly deadFrom?: { readonly arn: string; readonly receives: number }
  /** It has left all queues: it was deleted. */
  readonly done: () => void
}

/** A letter as it is received. */
export interface Received {
  readonly letter: Letter
  readonly receipt: string
  /** In all queues (AWS: API reference, ReceiveMessage). */
  readonly receiveCount: number
  readonly firstReceivedAt: number
}

interface Place {
  readonly letter: Letter
  readonly number: number
  visibleAt: number
  receiveCount: number
  firstReceivedAt: number
  /** The last time. */
  receivedAt: number
}

export interface QueueSettings {
  readonly name: string
  readonly arn: string
  readonly visibilityTimeoutSeconds: number
  /** Where a letter goes that was received that often and still not deleted. */
  readonly redrive: { readonly to: Queue; readonly maxReceiveCount: number } | null
}

/** How many letters can be received, are hidden, and are not due yet. */
export interface QueueCounts {
  readonly visible: number
  readonly inFlight: number
  readonly delayed: number
}

export interface Queue {
  readonly settings: QueueSettings
  /** Again for one that comes from another queue: its time of sending stays. */
  readonly put: (letter: Letter, visibleAt: number) => void
  readonly receive: (now: number, most: number, visibilitySeconds: number | undefined) => ReadonlyArray<Received>
  /** Nothing happens where the letter has been received again since (AWS: API reference, DeleteMessage). */
  readonly remove: (receipt: string) => void
  /** Hidden from now on for so long, but in all no longer than 12 hours after it was received (AWS: API reference). */
  readonly changeVisibility: (receipt: string, seconds: number, now: number) => void
  readonly purge: (now: number) => void
  readonly counts: (now: number) => QueueCounts
  /** When a letter that cannot be received now can be; null: there is none. */
  readonly nextAt: (now: number) => number | null
}

export const createQueue = (settings: QueueSettings): Queue => {
  const places = new Map<number, Place>()
  let numbers = 0
  let purgedAt = Number.NEGATIVE_INFINITY

  const placeOf = (receipt: string): Place | undefined => {
    const [name, number, count] = receiptParts(receipt)
    if (name !== settings.name) {
      const message = `The input receipt handle "${receipt.slice(0, 40)}" is not valid.`
      throw new AwsError('ReceiptHandleIsInvalid', message, 404)
    }
    const place = places.get(number)
    return place?.receiveCount === count ? place : undefined
  }

  const redrive = (place: Place, now: number): boolean => {
    if (settings.redrive === null || place.receiveCount < settings.redrive.maxReceiveCount) return false
    places.delete(place.number)
    const deadFrom = { arn: settings.arn, receives: place.receiveCount }
    // Nobody waits any more for what lies there.
    place.letter.done()
    settings.redrive.to.put({ ...place.letter, deadFrom, done: () => {} }, now)
    return true
  }

  const expire = (now: number): void => {
    for (const { number, letter } of places.values()) {
      if (now - letter.sentAt < retentionSeconds * 1000) continue
      places.delete(number)
      letter.done()
    }
  }

  return {
    settings,
    put: (letter, visibleAt) => {
      places.set(numbers, { letter, number: numbers, visibleAt, receiveCount: 0, firstReceivedAt: 0, receivedAt: 0 })
      numbers += 1
    },
    receive: (now, most, visibilitySeconds = settings.visibilityTimeoutSeconds) => {
      const received: Array<Received> = []
      expire(now)
      for (const place of [...places.values()]) {
        if (received.length === most) break
        if (place.visibleAt > now || redrive(place, now)) continue
        if (place.receiveCount === 0) place.firstReceivedAt = now
        place.receiveCount += 1
        place.receivedAt = now
        place.visibleAt = now + visibilitySeconds * 1000
        const { letter, firstReceivedAt } = place
        const receiveCount = place.receiveCount + (letter.deadFrom?.receives ?? 0)
        received.push({ letter, receiveCount, firstReceivedAt, receipt: receiptFor(settings.name, place) })
      }
      return received
    },
    remove: (receipt) => {
      const place = placeOf(receipt)
      if (place === undefined) return
      places.delete(place.number)
      place.letter.done()
    },
    changeVisibility: (receipt, seconds, now) => {
      const place = placeOf(receipt)
      if (place === undefined) {
        throw invalid(
          receipt,
          'ReceiptHandle',
          'Message does not exist or is not available for visibility timeout change.',
        )
      }
      // It is no longer the caller's, and SQS neither hides it again nor says so (github.com/localstack/localstack/pull/9632).
      if (place.visibleAt <= now) return
      const visibleAt = now + seconds * 1000
      if (visibleAt - place.receivedAt > visibilitySecondsMost * 1000) {
        const most = `[${visibilitySecondsMost} seconds]`
        throw invalid(
          String(seconds),
          'VisibilityTimeout',
          `Total VisibilityTimeout for the message is beyond the limit ${most}`,
        )
      }
      place.visibleAt = visibleAt
    },
    purge: (now) => {
      if (now - purgedAt < purgeEverySeconds * 1000) {
        const message = `Only one PurgeQueue operation on ${settings.name} is allowed every ${purgeEverySeconds} seconds.`
        throw new AwsError('PurgeQueueInProgress', message, 403)
      }
      purgedAt = now
      for (const { letter } of places.values()) letter.done()
      places.clear()
    },
    counts: (now) => {
      expire(now)
      let visible = 0
      let inFlight = 0
      let delayed = 0
      for (const { visibleAt, receiveCount } of places.values()) {
        if (visibleAt <= now) visible += 1
        else if (receiveCount > 0) inFlight += 1
        else delayed += 1
      }
      return { visible, inFlight, delayed }
    },
    nextAt: (now) => {
      let next: number | null = null
      for (const { visibleAt } of places.values()) {
        if (visibleAt > now && (next === null || visibleAt < next)) next = visibleAt
      }
      return next
    },
  }
}

const invalid = (value: string, parameter: string, reason: string): AwsError => {
  const message = `Value ${value} for parameter ${parameter} is invalid. Reason: ${reason}`
  return new AwsError('InvalidParameterValueException', message)
}

const receiptFor = (name: string, { number, receiveCount }: Place): string =>
  Buffer.from(JSON.stringify([name, number, receiveCount]), 'utf8').toString('base64')

const receiptParts = (receipt: string): readonly [name: string, number: number, count: number] => {
  try {
    const read: unknown = JSON.parse(Buffer.from(receipt, 'base64').toString('utf8'))
    if (Array.isArray(read) && typeof read[1] === 'number') return [String(read[0]), read[1], Number(read[2])]
  } catch {
    // Told by the caller, like a receipt of another queue.
  }
  return ['', -1, -1]
}
