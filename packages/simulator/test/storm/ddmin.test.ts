import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ddmin } from '../../src/storm/ddmin.ts'

describe('ddmin', () => {
  test('finds exactly what a failure needs, whatever else there is', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.nat(500), { minLength: 1, maxLength: 60 }),
        fc.infiniteStream(fc.nat(99)),
        (items, picks) => {
          const needed = new Set(items.filter(() => (picks.next().value as number) < 8))
          const fails = (some: ReadonlyArray<number>) => [...needed].every((item) => some.includes(item))
          expect([...ddmin(items, fails)].sort((a, b) => a - b)).toEqual([...needed].sort((a, b) => a - b))
        },
      ),
    )
  })

  test('leaves nothing that could be left out, where parts stand in for each other', () => {
    const fails = (some: ReadonlyArray<number>) => some.filter((item) => item % 3 === 0).length >= 2
    const left = ddmin([1, 2, 3, 4, 5, 6, 7, 8, 9], fails)
    expect(left).toHaveLength(2)
    expect(fails(left)).toBe(true)
  })

  test('asks rarely: two of a thousand take fewer than two hundred tries', () => {
    let asked = 0
    const items = Array.from({ length: 1000 }, (_, index) => index)
    ddmin(items, (some) => {
      asked += 1
      return some.includes(17) && some.includes(901)
    })
    expect(asked).toBeLessThan(200)
  })
})
