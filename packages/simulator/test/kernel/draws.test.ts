import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createDraws, mix32 } from '../../src/kernel/draws.ts'

describe('draws', () => {
  test('are the same on every machine', () => {
    // Written down once: a change here changes every recorded run.
    expect([mix32(0, 0, 0, 0), mix32(1, 2, 3, 4), mix32(-1, 7, 0x7fffffff, 0)]).toMatchInlineSnapshot(`
      [
        1562918124,
        4045334291,
        1412911563,
      ]
    `)
  })

  test('are spread evenly over sixteen classes', () => {
    const counts = new Array<number>(16).fill(0)
    for (let subject = 0; subject < 16_000; subject += 1) {
      const index = mix32(1, 2, subject, 0) & 15
      counts[index] = (counts[index] ?? 0) + 1
    }
    for (const count of counts) expect(Math.abs(count - 1000)).toBeLessThan(160)
  })

  test('stay within their bounds, both included', () => {
    const bounds = fc.tuple(fc.integer({ min: 0, max: 50 }), fc.integer({ min: 0, max: 50 }))
    fc.assert(
      fc.property(bounds, fc.integer(), fc.nat({ max: 5000 }), ([from, length], seed, subject) => {
        const drawn = createDraws(seed).between(9, subject, from, from + length)
        expect(drawn).toBeGreaterThanOrEqual(from)
        expect(drawn).toBeLessThanOrEqual(from + length)
      }),
      { seed: 2 },
    )
    const draws = createDraws(1)
    expect(
      [...new Set(Array.from({ length: 200 }, () => draws.between(1, 0, 1, 2)))].toSorted((one, other) => one - other),
    ).toEqual([1, 2])
  })

  test('go on from where they were, however many subjects there turn out to be', () => {
    const seed = 5
    const draws = createDraws(seed, 1)
    for (let count = 0; count < 2; count += 1) {
      for (let subject = -1; subject < 40; subject += 1) {
        expect([subject, draws.next(1, subject)]).toEqual([subject, mix32(seed, 1, subject, count)])
      }
    }
    // One that comes after a table had to grow has been drawn for before.
    draws.next(2, 0)
    draws.next(2, 1000)
    expect(draws.next(2, 0)).toBe(mix32(seed, 2, 0, 1))
  })

  test("leave everybody else's luck alone", () => {
    fc.assert(
      fc.property(
        fc.integer(),
        fc.nat({ max: 20 }),
        fc.nat({ max: 1000 }),
        fc.nat({ max: 9 }),
        (seed, purpose, subject, others) => {
          const alone = createDraws(seed)
          const crowded = createDraws(seed)
          for (let other = 0; other < others; other += 1) {
            crowded.next(purpose + 1, subject)
            crowded.next(purpose, subject + 1 + other)
          }
          expect(crowded.next(purpose, subject)).toBe(alone.next(purpose, subject))
        },
      ),
      { seed: 3 },
    )
  })
})
