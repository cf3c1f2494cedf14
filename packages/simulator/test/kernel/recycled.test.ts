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

describe('after its run', () => {
  test('a queue schedules nowhere, not in the queue that has its memory now', () => {
    const old = createCalendarQueue(8)
    old.schedule(5, 1, 1)
    old.release()
    const next = createCalendarQueue(8)
    next.schedule(10, 2, 20)
    for (let late = 0; late < 100; late += 1) old.schedule(10 + late * 300, 3, 99)
    expect([next.take(), next.time(), next.kind(), next.subject(), next.take()]).toEqual([true, 10, 2, 20, false])
  })

  test('draws begin anew, and leave the counts of the next run alone', () => {
    const fresh = createDraws(5).next(1, 2)
    const old = createDraws(5)
    old.next(1, 2)
    old.release()
    const next = createDraws(5)
    old.next(1, 2)
    expect(next.next(1, 2)).toBe(fresh)
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
