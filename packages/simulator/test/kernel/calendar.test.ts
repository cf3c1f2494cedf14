import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createCalendar } from '../../src/kernel/calendar.ts'
import { createReferenceQueue } from './reference-queue.ts'

/** Delays as the world has them: none, a few milliseconds, seconds, hours, and past a whole round of the pages. */
const delay = fc.oneof(
  fc.constant(0),
  fc.nat({ max: 300 }),
  fc.nat({ max: 100_000 }),
  fc.nat({ max: 20_000_000 }),
  fc.constantFrom(255, 256, 257, 1_048_575, 1_048_576, 1_048_577),
)

describe('calendar', () => {
  test('hands out what a binary heap hands out, in the same order', () => {
    const steps = fc.array(fc.oneof(fc.constant(null), fc.array(delay, { minLength: 1, maxLength: 6 })), {
      maxLength: 200,
    })
    fc.assert(
      fc.property(steps, (all) => {
        const calendar = createCalendar(2)
        const reference = createReferenceQueue()
        let id = 0
        const takeBoth = (): boolean => {
          const expected = reference.take()
          expect(calendar.take()).toBe(expected !== undefined)
          if (expected === undefined) return false
          expect([calendar.at(), calendar.a()]).toEqual([expected.at, expected.id])
          return true
        }
        for (const step of all) {
          if (step === null) takeBoth()
          else {
            for (const each of step) {
              const at = calendar.at() + each
              calendar.schedule(at, 1, id, 0)
              reference.schedule(at, id)
              id += 1
            }
          }
        }
        while (takeBoth());
        expect(calendar.size()).toBe(0)
      }),
      { numRuns: 300, seed: 1 },
    )
  })

  test('grows, and drops nothing', () => {
    const calendar = createCalendar(1)
    for (let id = 0; id < 10_000; id += 1) calendar.schedule(id % 7, 3, id, -id)
    const seen: number[] = []
    while (calendar.take()) {
      expect(calendar.kind()).toBe(3)
      expect(calendar.b() + calendar.a()).toBe(0)
      seen.push(calendar.a())
    }
    expect(seen.length).toBe(10_000)
    expect(new Set(seen).size).toBe(10_000)
  })

  test('refuses the past, and what 32 bits cannot hold', () => {
    const calendar = createCalendar()
    calendar.schedule(10, 0, 0, 0)
    calendar.take()
    expect(() => calendar.schedule(9, 0, 0, 0)).toThrow(RangeError)
    expect(() => calendar.schedule(2 ** 31, 0, 0, 0)).toThrow(RangeError)
  })
})
