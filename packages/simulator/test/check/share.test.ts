// A state is its words: two situations that differ must not become one, and what does not fit must be said.
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { none, taskStopped, termination, wakeUp } from '../../src/check/state/message-code.ts'
import { addWakeUp, giveBack, pack, Share, unpack, wordsPerShare } from '../../src/check/state/share.ts'

const two = fc.nat({ max: 3 })
const three = fc.nat({ max: 7 })
const four = fc.nat({ max: 15 })
const ofEachTask = (bits: fc.Arbitrary<number>): fc.Arbitrary<Array<number>> =>
  fc.array(bits, { minLength: 4, maxLength: 4 })

const handlers = fc.record({
  invocation: fc.nat({ max: 2 ** 26 }),
  loading: fc.boolean(),
  age: two,
  outdated: fc.boolean(),
  held: fc.tuple(four, four),
})

/** Every field over all the values that it has room for. */
const shares: fc.Arbitrary<Share> = fc
  .record({
    life: two,
    ourAction: two,
    foreignAction: two,
    status: fc.nat({ max: 2 }),
    wasSetActive: fc.boolean(),
    listing: two,
    indexed: fc.boolean(),
    watched: fc.boolean(),
    startAge: three,
    deadlineAge: three,
    tasks: ofEachTask(four),
    shown: ofEachTask(four),
    terminations: two,
    foreignTerminations: two,
    drainingEvents: two,
    stoppedEvents: ofEachTask(two),
    wakeUps: ofEachTask(fc.nat({ max: 63 })),
    stream: fc.nat({ max: 2 ** 26 }),
    handlers: fc.tuple(handlers, handlers),
    sweep: fc.nat({ max: 2 ** 26 }),
    sweepAge: two,
  })
  .map((fields) => Object.assign(new Share(), fields))

const packed = (share: Share): Int32Array => {
  const words = new Int32Array(wordsPerShare)
  pack(share, words, 0)
  return words
}

describe('a share', () => {
  test('is read as it was written, whatever is in it', () => {
    fc.assert(
      fc.property(shares, (share) => {
        const words = packed(share)
        // What is written is tidied first.
        expect(unpack(new Share(), words, 0)).toEqual(share)
        expect(new Share().copyFrom(share)).toEqual(share)
      }),
      { numRuns: 500, seed: 20260302 },
    )
  })

  test('is the same in whichever order wake-ups are under way and functions have begun', () => {
    fc.assert(
      fc.property(shares, (share) => {
        const other = new Share().copyFrom(share)
        other.wakeUps.reverse()
        const [one, two] = share.handlers
        Object.assign(other, { handlers: [two, one] })
        expect(packed(other)).toEqual(packed(share))
      }),
      { numRuns: 500, seed: 20260302 },
    )
  })

  test('forgets when its action began as soon as no message is left that would say so', () => {
    const begun = Object.assign(new Share(), { startAge: 3 })
    expect(packed(begun)).toEqual(packed(new Share()))
    const announced = Object.assign(new Share(), { startAge: 3, terminations: 1 })
    expect(packed(announced)).not.toEqual(packed(Object.assign(new Share(), { terminations: 1 })))
    const held = new Share()
    for (const handler of held.handlers) handler.held[1] = termination
    expect(packed(Object.assign(new Share().copyFrom(held), { startAge: 3 }))).not.toEqual(packed(held))
  })
})

describe('a wake-up', () => {
  test('that there is no room for is refused, since it would become another message', () => {
    expect(addWakeUp(new Share(), 7, 6)).toBe(true)
    expect(() => addWakeUp(new Share(), 8, 1)).toThrow('wake-up 1 in a row, in 8 ticks: more than a state has room for')
    expect(() => addWakeUp(new Share(), 7, 7)).toThrow(RangeError)
  })

  test('is the fifth under way, and is left out', () => {
    const share = new Share()
    for (let each = 0; each < 4; each += 1) expect(addWakeUp(share, 1, each)).toBe(true)
    expect(addWakeUp(share, 1, 1)).toBe(false)
    expect(giveBack(share, wakeUp + 2)).toBe(false)
  })
})

test('a message that comes back is under way again', () => {
  const share = new Share()
  for (const code of [none, termination, taskStopped + 2, wakeUp + 3]) expect(giveBack(share, code)).toBe(true)
  expect(share.terminations).toBe(1)
  expect(share.stoppedEvents).toEqual([0, 0, 1, 0])
  expect(share.wakeUps).toEqual([4, 0, 0, 0])
})
