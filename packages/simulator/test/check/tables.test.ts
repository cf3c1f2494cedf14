// Nothing that was found is lost or taken for something else, whatever its hash.
import { describe, expect, test } from 'vitest'
import { createInterned } from '../../src/check/core/interned.ts'
import { createPairMemo } from '../../src/check/core/pair-memo.ts'
import { createWordsTable, OutOfMemory } from '../../src/check/graph/words-table.ts'

/** So many that nine of them have the same hash of 32 bits as another. */
const rowsMost = 300_000

/** Different from every other, and scattered. */
const rowOf = (each: number): Int32Array =>
  Int32Array.of(Math.imul(each, 0x85ebca6b), Math.imul(each, 0xc2b2ae35), each)

describe('a table of rows', () => {
  const table = createWordsTable(3)
  const isAdded = Array.from({ length: rowsMost }, (_, each) => table.put(rowOf(each), 0) === each && table.isNew())

  test('has each of them, under the number that it was given', () => {
    expect(isAdded.every((each) => each)).toBe(true)
    expect(table.size()).toBe(rowsMost)
    const isThere = isAdded.map((_, each) => table.find(rowOf(each), 0) === each)
    expect(isThere.every((each) => each)).toBe(true)
    expect([...table.rows().slice(3 * 299_999, 3 * 300_000)]).toEqual([...rowOf(299_999)])
  })

  test('knows again what it has, and has nothing else', () => {
    expect([table.put(rowOf(123_456), 0), table.isNew(), table.size()]).toEqual([123_456, false, rowsMost])
    for (let word = 0; word < 3; word += 1) {
      const other = rowOf(123_456)
      other[word] = -1
      expect(table.find(other, 0)).toBe(-1)
    }
    expect(table.find(Int32Array.of(9, ...rowOf(77)), 1)).toBe(77)
  })

  test('throws where it would take more memory than it may, and keeps what it has', () => {
    const small = createWordsTable(3, 200_000)
    const fill = (): void => {
      for (let each = 0; each < 10_000; each += 1) small.put(rowOf(each), 0)
    }
    expect(fill).toThrow(OutOfMemory)
    expect(small.size()).toBeGreaterThan(1_000)
    for (let each = 0; each < small.size(); each += 1) expect(small.find(rowOf(each), 0)).toBe(each)
    expect(small.bytes()).toBeLessThanOrEqual(200_000)
  })
})

test('an answer is remembered for its own question, and asked for once', () => {
  const answerTo = (one: number, other: number): number => (one * 31 + other) | 0
  const memo = createPairMemo(answerTo)
  for (let round = 0; round < 2; round += 1) {
    for (let one = -3; one < 300; one += 1) {
      for (let other = -2; other < 100; other += 1) {
        if (memo(one, other << 12) !== answerTo(one, other << 12)) throw new Error(`wrong for ${one}, ${other}`)
      }
    }
  }
  expect(memo.runs()).toBe(303 * 102)
})

test('equal data has one number, and a number that was given to nothing is refused', () => {
  const interned = createInterned<{ readonly of: string }>('things')
  expect([interned.idOf({ of: 'one' }), interned.idOf({ of: 'other' }), interned.idOf({ of: 'one' })]).toEqual([
    0, 1, 0,
  ])
  expect([interned.at(1), interned.size()]).toEqual([{ of: 'other' }, 2])
  expect(() => interned.at(2)).toThrow('no things number 2')
})
