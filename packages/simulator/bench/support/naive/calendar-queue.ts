/**
 * The event list as one would write it first: a binary heap of objects. Same order, so a run over it has the same trace;
 * benchmarks put it in the place of src/kernel/calendar-queue.ts.
 */
import type { CalendarQueue } from '../../../src/kernel/calendar-queue.ts'

export const timeMax = 0x7fffffff

interface Occurrence {
  readonly time: number
  readonly order: number
  readonly kind: number
  readonly subject: number
}

const isBefore = (one: Occurrence, other: Occurrence): boolean =>
  one.time < other.time || (one.time === other.time && one.order < other.order)

export const createCalendarQueue = (): CalendarQueue => {
  const heap: Array<Occurrence> = []
  let scheduled = 0
  let taken: Occurrence = { time: 0, order: 0, kind: 0, subject: 0 }

  const up = (occurrence: Occurrence): void => {
    let at = heap.length
    heap.push(occurrence)
    while (at > 0) {
      const parent = (at - 1) >> 1
      const above = heap[parent] as Occurrence
      if (isBefore(above, occurrence)) break
      heap[at] = above
      at = parent
    }
    heap[at] = occurrence
  }

  const down = (occurrence: Occurrence): void => {
    let at = 0
    for (let child = 1; child < heap.length; child = 2 * at + 1) {
      if (child + 1 < heap.length && isBefore(heap[child + 1] as Occurrence, heap[child] as Occurrence)) child += 1
      if (isBefore(occurrence, heap[child] as Occurrence)) break
      heap[at] = heap[child] as Occurrence
      at = child
    }
    heap[at] = occurrence
  }

  return {
    length: () => heap.length,
    nextTime: () => heap[0]?.time ?? -1,
    schedule: (time, kind, subject) => {
      if (time < taken.time || time > timeMax) throw new RangeError(`no occurrence at ${time}: it is ${taken.time}`)
      scheduled += 1
      up({ time, order: scheduled, kind, subject })
    },
    take: () => {
      const first = heap[0]
      const last = heap.pop()
      if (first === undefined || last === undefined) return false
      if (heap.length > 0) down(last)
      taken = first
      return true
    },
    time: () => taken.time,
    kind: () => taken.kind,
    subject: () => taken.subject,
    release: () => {
      heap.length = 0
    },
  }
}
