import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createCalendarQueue, timeMax } from '../../src/kernel/calendar-queue.ts'
import { createReferenceQueue } from './reference-queue.ts'

/** Delays as the world has them: none, a few milliseconds, seconds, hours, and past a whole round of the buckets. */
const delay = fc.oneof(
  fc.constant(0),
  fc.nat({ max: 300 }),
  fc.nat({ max: 100_000 }),
  fc.nat({ max: 20_000_000 }),
  fc.constantFrom(255, 256, 257, 1_048_575, 1_048_576, 1_048_577),
)

describe('the calendar queue', () => {
  test('hands out what a binary heap hands out, in the same order', () => {
    const steps = fc.array(fc.oneof(fc.constant(null), fc.array(delay, { minLength: 1, maxLength: 6 })), {
      maxLength: 200,
    })
    fc.assert(
      fc.property(steps, (all) => {
        const queue = createCalendarQueue(2)
        const reference = createReferenceQueue()
        let id = 0
        const takeBoth = (): boolean => {
          const expected = reference.take()
          expect(queue.nextTime()).toBe(expected?.at ?? -1)
          expect(queue.take()).toBe(expected !== undefined)
          if (expected === undefined) return false
          expect([queue.time(), queue.subject()]).toEqual([expected.at, expected.id])
          return true
        }
        for (const step of all) {
          if (step === null) takeBoth()
          else {
            for (const each of step) {
              const at = queue.time() + each
              queue.schedule(at, 1, id)
              reference.schedule(at, id)
              id += 1
            }
          }
        }
        while (takeBoth());
        expect(queue.length()).toBe(0)
      }),
      { numRuns: 300, seed: 1 },
    )
  })

  test('grows, and drops nothing', () => {
    const queue = createCalendarQueue(1)
    for (let id = 0; id < 10_000; id += 1) queue.schedule(id % 7, 3, id)
    const seen = new Set<number>()
    while (queue.take()) {
      expect(queue.kind()).toBe(3)
      seen.add(queue.subject())
    }
    expect(seen.size).toBe(10_000)
  })

  test('refuses what lies in the past, and never comes to what lies past the end of virtual time', () => {
    const queue = createCalendarQueue()
    queue.schedule(1000, 0, 0)
    queue.take()
    expect(() => queue.schedule(999, 0, 0)).toThrow(RangeError)
    queue.schedule(timeMax + 1, 0, 0)
    expect([queue.length(), queue.nextTime(), queue.take()]).toEqual([0, -1, false])
    queue.schedule(timeMax, 0, 0)
    expect([queue.length(), queue.nextTime()]).toEqual([1, timeMax])
  })
})
