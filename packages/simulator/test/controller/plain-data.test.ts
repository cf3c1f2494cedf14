// S5 is judged fast where a value comes back from text as it is. What is taken for such a value has to be one.
import { isDeepStrictEqual } from 'node:util'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { isPlainData, isSameData } from '../../src/controller/plain-data.ts'

const readBack = (value: unknown): unknown => {
  const text = JSON.stringify(value)
  return text === undefined ? undefined : JSON.parse(text)
}

test('what is taken for plain comes back from text as it is', () => {
  const plain = { values: 0 }
  fc.assert(
    fc.property(fc.anything({ withDate: true, withMap: true, withSet: true, withSparseArray: true }), (value) => {
      if (!isPlainData(value)) return
      plain.values += 1
      expect(isDeepStrictEqual(readBack(value), value)).toBe(true)
    }),
    { numRuns: 1000 },
  )
  expect(plain.values).toBeGreaterThan(100)
})

describe('what comes back as something else is not', () => {
  class Event {
    readonly type = 'Swept'
  }
  test.each<[string, unknown]>([
    ['undefined', undefined],
    ['no number', Number.NaN],
    ['a number without end', Infinity],
    ['minus zero', -0],
    ['a date', new Date(0)],
    ['a map', new Map([[1, 2]])],
    ['an object of a class', new Event()],
    ['an object with a text of its own', { toJSON: () => 'else' }],
    ['a function', () => undefined],
  ])('%s', (_, value) => {
    expect([value, { value }, [value], { list: [{ value }] }].map(isPlainData)).toEqual([false, false, false, false])
  })
})

test('what has come back from text is plain, which makes the judging fast', () => {
  fc.assert(fc.property(fc.jsonValue().map(readBack), isPlainData))
})

describe('two values say the same', () => {
  /** Of a few, so that two that are drawn are often alike. */
  const few = fc.letrec((tie) => ({
    value: fc.oneof(
      { maxDepth: 2 },
      fc.constantFrom(null, 0, 1, 'a', true),
      fc.array(tie('value'), { maxLength: 2 }),
      fc.dictionary(fc.constantFrom('a', 'b'), tie('value'), { maxKeys: 2, noNullPrototype: true }),
    ),
  })).value

  test('exactly where Node says so', () => {
    const same = { alike: 0, different: 0 }
    fc.assert(
      fc.property(few, few, (one, other) => {
        const isSame = isSameData(one, other)
        same[isSame ? 'alike' : 'different'] += 1
        expect(isSame).toBe(isDeepStrictEqual(one, other))
      }),
      { numRuns: 2000 },
    )
    expect(same.alike).toBeGreaterThan(50)
    expect(same.different).toBeGreaterThan(50)
  })

  test('in whatever order their fields are', () => {
    expect(isSameData({ a: 1, b: [{ c: 2, d: 3 }] }, { b: [{ d: 3, c: 2 }], a: 1 })).toBe(true)
    expect(isSameData({ a: 1, b: undefined }, { a: 1, c: undefined })).toBe(false)
  })
})
