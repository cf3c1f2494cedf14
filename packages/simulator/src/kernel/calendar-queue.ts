/**
 * The event list: buckets of 256 ms, because a cluster's timeline is sparse and a heap pays for it. Occurrences come out
 * by time, and those of one millisecond in the order in which they were scheduled, so a run is the same on every machine.
 */
import { giveBack, takeAny, widened } from './recycled.ts'

const bucketBits = 8
const bucketCount = 4096
const bucketMask = bucketCount - 1
const nowhere = -1

/** Virtual time is a 32-bit number of milliseconds: 24 days, and far more than any update takes. What would come later never does. */
export const timeMax = 0x7fffffff

export interface CalendarQueue {
  readonly length: () => number
  /** `time` must not lie before the occurrence that was taken last. */
  readonly schedule: (time: number, kind: number, subject: number) => void
  /** Takes the next occurrence into `time`, `kind` and `subject`; false when there is none. */
  readonly take: () => boolean
  /** When the next occurrence is due, without taking it; -1 when there is none. It may look far, so a run never asks. */
  readonly nextTime: () => number
  readonly time: () => number
  readonly kind: () => number
  readonly subject: () => number
  /** The run is over, whatever is still in the queue: its memory is the next one's. */
  readonly release: () => void
}

export const createCalendarQueue = (capacity = 1024): CalendarQueue => {
  let size = capacity
  let times = takeAny(size)
  let kinds = takeAny(size)
  let subjects = takeAny(size)
  let links = takeAny(size)
  let free = nowhere
  let used = 0

  const heads = takeAny(bucketCount).fill(nowhere)
  const tails = takeAny(bucketCount).fill(nowhere)

  // The bucket that is being taken from, sorted; `position` is the next of it.
  let current = takeAny(256)
  let currentLength = 0
  let position = 0
  let currentNumber = 0

  let length = 0
  let last = timeMax
  let currentTime = 0
  let currentKind = 0
  let currentSubject = 0

  const grow = (): void => {
    size *= 2
    times = widened(times, size)
    kinds = widened(kinds, size)
    subjects = widened(subjects, size)
    links = widened(links, size)
  }

  const slotFor = (time: number, kind: number, subject: number): number => {
    let slot = free
    if (slot === nowhere) {
      if (used === size) grow()
      slot = used
      used += 1
    } else {
      free = links[slot] as number
    }
    times[slot] = time
    kinds[slot] = kind
    subjects[slot] = subject
    return slot
  }

  /** After everything of the same time or earlier: ties come out in the order they went in. */
  const insertIntoCurrent = (slot: number): void => {
    if (currentLength === current.length) current = widened(current, current.length * 2)
    const time = times[slot] as number
    let at = currentLength
    while (at > position && (times[current[at - 1] as number] as number) > time) {
      current[at] = current[at - 1] as number
      at -= 1
    }
    current[at] = slot
    currentLength += 1
  }

  const append = (slot: number, bucket: number): void => {
    links[slot] = nowhere
    const tail = tails[bucket] as number
    if (tail === nowhere) heads[bucket] = slot
    else links[tail] = slot
    tails[bucket] = slot
  }

  /** Moves what belongs to this current out of its bucket; later turns of the calendar stay behind. */
  const enterBucket = (): void => {
    position = 0
    currentLength = 0
    const bucket = currentNumber & bucketMask
    let slot = heads[bucket] as number
    if (slot === nowhere) return
    heads[bucket] = nowhere
    tails[bucket] = nowhere
    while (slot !== nowhere) {
      const next = links[slot] as number
      if ((times[slot] as number) >> bucketBits === currentNumber) insertIntoCurrent(slot)
      else append(slot, bucket)
      slot = next
    }
  }

  /** The earliest of a bucket's occurrences that `number` is the turn of; later than all time if there is none. */
  const earliestOf = (bucket: number, number: number): number => {
    let earliest = timeMax + 1
    for (let slot = heads[bucket] as number; slot !== nowhere; slot = links[slot] as number) {
      const time = times[slot] as number
      if (time < earliest && (number === nowhere || time >> bucketBits === number)) earliest = time
    }
    return earliest
  }

  const nextTime = (): number => {
    if (length === 0) return nowhere
    if (position < currentLength) return times[current[position] as number] as number
    for (let ahead = 1; ahead <= bucketCount; ahead += 1) {
      const number = currentNumber + ahead
      const time = earliestOf(number & bucketMask, number)
      if (time <= timeMax) return time
    }
    // Past a whole round of the calendar: the earliest of all.
    let earliest = timeMax + 1
    for (let bucket = 0; bucket < bucketCount; bucket += 1) earliest = Math.min(earliest, earliestOf(bucket, nowhere))
    return earliest
  }

  return {
    length: () => length,
    nextTime,
    schedule: (time, kind, subject) => {
      if (time > last) return
      if (time < currentTime) throw new RangeError(`no occurrence at ${time}: it is ${currentTime}`)
      const slot = slotFor(time, kind, subject)
      length += 1
      if (time >> bucketBits === currentNumber) insertIntoCurrent(slot)
      else append(slot, (time >> bucketBits) & bucketMask)
    },
    take: () => {
      if (length === 0) return false
      while (position === currentLength) {
        currentNumber += 1
        enterBucket()
      }
      const slot = current[position] as number
      position += 1
      currentTime = times[slot] as number
      currentKind = kinds[slot] as number
      currentSubject = subjects[slot] as number
      links[slot] = free
      free = slot
      length -= 1
      return true
    },
    time: () => currentTime,
    kind: () => currentKind,
    subject: () => currentSubject,
    release: () => {
      for (const array of [times, kinds, subjects, links, heads, tails, current]) giveBack(array)
      // Whoever still schedules something, schedules it nowhere: the memory is another's.
      last = -1
      length = 0
    },
  }
}
