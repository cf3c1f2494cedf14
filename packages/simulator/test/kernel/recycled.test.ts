// What a finished run gives back is the next run's, and nobody else's.
import { describe, expect, test } from 'vitest'
import { createCalendarQueue } from '../../src/kernel/calendar-queue.ts'
import { createDraws } from '../../src/kernel/draws.ts'
import { giveBack, takeAny, takeZeros } from '../../src/kernel/recycled.ts'
import { createTraceWriter } from '../../src/trace/trace-writer.ts'

const cast = {} as Parameters<ReturnType<typeof createTraceWriter>['finish']>[0]

test('memory comes back, cleared where zeros are asked for, and is never two runs at once', () => {
  const first = takeZeros(1_237).fill(7)
  giveBack(first)
  const again = takeZeros(1_237)
  expect(again).toBe(first)
  expect(again.every((value) => value === 0)).toBe(true)
  expect(takeAny(1_237)).not.toBe(again)
})

test('what is given back beyond a handful of runs is not kept', () => {
  const given = Array.from({ length: 65 }, () => new Int32Array(1_236))
  for (const array of given) giveBack(array)
  const taken = Array.from({ length: 65 }, () => takeAny(1_236))
  expect(taken.filter((array) => given.includes(array))).toHaveLength(64)
})

describe('after its run', () => {
  /** How many there are of this length that somebody has written to. */
  const usedOf = (length: number): number => {
    for (let count = 0; ; count += 1) if (takeAny(length)[0] === 0) return count
  }

  test('the memory of a queue, of draws and of a trace is there for the next', () => {
    const queue = createCalendarQueue(1_238)
    queue.schedule(500, 1, 1)
    queue.release()
    const draws = createDraws(5, 1_237)
    draws.next(1, -1)
    draws.next(1, 3_000)
    draws.release()
    const writer = createTraceWriter(1_240)
    writer.write(1, 2, 3, 4)
    writer.release()
    expect([1_238, 1_239, 4 * 1_239, 1_240].map(usedOf)).toEqual([4, 1, 1, 4])
  })

  test('a queue schedules nowhere, not in the queue that has its memory now', () => {
    const old = createCalendarQueue(128)
    old.schedule(5, 1, 1)
    old.release()
    expect(old.length()).toBe(0)
    const next = createCalendarQueue(128)
    const scheduled = Array.from({ length: 100 }, (_, id) => [10 + id * 30, 2, id])
    for (const [time = 0, kind = 0, id = 0] of scheduled) {
      next.schedule(time, kind, id)
      old.schedule(time, 3, 99)
    }
    const taken: Array<ReadonlyArray<number>> = []
    while (taken.length < 200 && next.take()) taken.push([next.time(), next.kind(), next.subject()])
    expect(taken).toEqual(scheduled)
  })

  test('draws begin anew, and leave the counts of the next run alone', () => {
    const whole = createDraws(5)
    const [fresh, second] = [whole.next(1, 2), whole.next(1, 2)]
    const old = createDraws(5)
    old.next(1, 2)
    old.release()
    const next = createDraws(5)
    const first = next.next(1, 2)
    old.next(1, 2)
    expect([first, next.next(1, 2)]).toEqual([fresh, second])
  })

  test('a trace stays as it is, and so does the next one', () => {
    const old = createTraceWriter(2)
    old.write(1, 2, 3, 4)
    const trace = old.finish(cast)
    old.release()
    const next = createTraceWriter(2)
    next.write(10, 11, 12, 13)
    for (let late = 0; late < 10; late += 1) old.write(99, 99, 99, 99)
    next.write(20, 21, 22, 23)
    expect([...trace.at, ...trace.kind, ...trace.a, ...trace.b]).toEqual([1, 2, 3, 4])
    const second = next.finish(cast)
    expect([[...second.at], [...second.kind], [...second.a], [...second.b]]).toEqual([
      [10, 20],
      [11, 21],
      [12, 22],
      [13, 23],
    ])
  })
})
