import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { leaveOut } from '../../src/storm/leave-out.ts'

const smallest = <Item>(items: ReadonlyArray<Item>, fails: (some: ReadonlyArray<Item>) => boolean) =>
  leaveOut(items, (left) => (fails(left) ? left : null))

describe('leaving out', () => {
  test('keeps exactly what a failure needs, whatever else there is', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.nat(500), { minLength: 1, maxLength: 60 }),
        fc.infiniteStream(fc.nat(99)),
        (items, picks) => {
          const needed = items.filter(() => (picks.next().value as number) < 8)
          const fails = (some: ReadonlyArray<number>) => needed.every((item) => some.includes(item))
          expect(smallest(items, fails)).toEqual(needed)
        },
      ),
    )
  })

  test('leaves nothing that could be left out, where one stands in for another', () => {
    const fails = (some: ReadonlyArray<number>) => some.filter((item) => item % 3 === 0).length >= 2
    const left = smallest([1, 2, 3, 4, 5, 6, 7, 8, 9], fails)
    expect(left).toHaveLength(2)
    expect(fails(left)).toBe(true)
  })

  test('leaves out one that was needed only as long as another was there', () => {
    const fails = (some: ReadonlyArray<number>) => some.includes(2) && (some.includes(9) || !some.includes(1))
    expect(smallest([1, 2, 9], fails)).toEqual([2])
  })

  test('what has gone by itself is not asked about again', () => {
    const asked: Array<ReadonlyArray<number>> = []
    // Without the third, the second does not strike.
    const left = leaveOut([1, 2, 3, 4], (some) => {
      asked.push(some)
      if (!some.includes(1)) return null
      return some.includes(3) ? some : some.filter((item) => item !== 2)
    })
    expect(left).toEqual([1])
    expect(asked.length).toBeLessThan(7)
  })

  test('asks rarely: two of a thousand take fewer than two hundred tries', () => {
    let asked = 0
    const items = Array.from({ length: 1000 }, (_, index) => index)
    smallest(items, (some) => {
      asked += 1
      return some.includes(17) && some.includes(901)
    })
    expect(asked).toBeLessThan(200)
  })
})
