// What is counted of a seed, and that adding loses nothing of it.
import { describe, expect, test } from 'vitest'
import { promiseNames } from '../../src/promise/promise.ts'
import { faultKinds, phases, rareStates } from '../../src/storm/coverage.ts'
import type { SeedOutcome, StormFailure } from '../../src/storm/run-seed.ts'
import { added, campaignHash, emptyTally, failuresListed, type Tally, tallyOf } from '../../src/storm/tally.ts'
import { stormProfiles } from '../../src/storm/weather.ts'

const numbered = (length: number, from: number): ReadonlyArray<number> =>
  Array.from({ length }, (_, index) => from + index)

const faults = numbered(faultKinds.length * phases.length, 100)
const reached = numbered(rareStates.length, 10)

const broken: StormFailure = { seed: 7, profile: 'weak', broke: 'S2 floor', witness: 'planted' }

const outcome: SeedOutcome = {
  seed: 7,
  profile: 'weak',
  records: 300,
  virtualSeconds: 20,
  settled: true,
  traceHash: '0123456789abcdef',
  faults,
  reached,
  // As if the judge had them in another order.
  promises: promiseNames
    .map((name, index) => ({
      name,
      says: '',
      held: name !== 'S2 floor',
      occasions: 50 + index,
      excluded: new Array<string>(index).fill('why'),
      witness: 'planted',
    }))
    .reverse(),
  failures: [broken],
}

describe('of a seed', () => {
  test('everything is counted', () => {
    expect(tallyOf(outcome)).toEqual({
      seeds: 1,
      byProfile: stormProfiles.map((each) => (each === 'weak' ? 1 : 0)),
      records: 300,
      virtualSeconds: 20,
      unsettled: 0,
      faults,
      reached,
      occasions: promiseNames.map((_, index) => 50 + index),
      excluded: promiseNames.map((_, index) => index),
      broken: promiseNames.map((name) => (name === 'S2 floor' ? 1 : 0)),
      threw: 0,
      hash: [expect.any(Number), expect.any(Number)],
      failures: [broken],
    })
    expect(tallyOf({ ...outcome, settled: false }).unsettled).toBe(1)
  })

  test('that threw it is not said that the world never came to rest', () => {
    const threw = { ...broken, broke: 'threw' as const }
    expect(tallyOf({ ...outcome, settled: false, failures: [threw] })).toMatchObject({ unsettled: 0, threw: 1 })
  })

  test('that threw no promise is counted as broken', () => {
    const failures = [{ ...broken, broke: 'threw' } as const]
    expect(tallyOf({ ...outcome, promises: [], failures })).toMatchObject({
      threw: 1,
      occasions: emptyTally.occasions,
      broken: emptyTally.broken,
      failures,
    })
  })

  test('the hash is another where any digit of its trace is, or the seed', () => {
    const hashes = Array.from(outcome.traceHash, (digit, index) => {
      const other = digit === '0' ? '1' : '0'
      const traceHash = outcome.traceHash.slice(0, index) + other + outcome.traceHash.slice(index + 1)
      return tallyOf({ ...outcome, traceHash }).hash
    })
    const all = [tallyOf(outcome).hash, tallyOf({ ...outcome, seed: 8 }).hash, ...hashes]
    for (const lane of [0, 1]) expect(new Set(all.map((hash) => hash[lane])).size).toBe(18)
    for (const [one, other] of all) expect(one).not.toBe(other)
  })
})

describe('what is added', () => {
  const listed = (from: number): Tally => ({
    seeds: from,
    byProfile: numbered(stormProfiles.length, from),
    records: from + 1,
    virtualSeconds: from + 2,
    unsettled: from + 3,
    faults: numbered(faults.length, from),
    reached: numbered(reached.length, from),
    occasions: numbered(promiseNames.length, from),
    excluded: numbered(promiseNames.length, from + 1),
    broken: numbered(promiseNames.length, from + 2),
    threw: from + 4,
    hash: [0xffff_fff0 + from, from],
    failures: [{ ...broken, seed: from }],
  })

  test('are all counts, whichever is first', () => {
    const sum = {
      ...listed(3),
      byProfile: numbered(stormProfiles.length, 0).map((index) => 3 + 2 * index),
      records: 5,
      virtualSeconds: 7,
      unsettled: 9,
      faults: numbered(faults.length, 0).map((index) => 3 + 2 * index),
      reached: numbered(reached.length, 0).map((index) => 3 + 2 * index),
      occasions: numbered(promiseNames.length, 0).map((index) => 3 + 2 * index),
      excluded: numbered(promiseNames.length, 0).map((index) => 5 + 2 * index),
      broken: numbered(promiseNames.length, 0).map((index) => 7 + 2 * index),
      threw: 11,
      hash: [0xffff_ffe3, 3],
      failures: [1, 2].map((seed) => ({ ...broken, seed })),
    }
    expect(added(listed(1), listed(2))).toEqual(sum)
    expect(added(listed(2), listed(1))).toEqual(sum)
  })

  test('is nothing where a run threw before anybody could count, and nothing is lost', () => {
    const uncounted: Tally = { ...listed(0), faults: [], reached: [] }
    for (const sum of [added(uncounted, listed(1)), added(listed(1), uncounted)]) {
      expect([sum.faults, sum.reached]).toEqual([listed(1).faults, listed(1).reached])
    }
  })

  test('is a hash of 16 digits', () => {
    expect(campaignHash({ ...emptyTally, hash: [0x1a, 0xffff_ffff] })).toBe('0000001affffffff')
    expect(campaignHash(added({ ...emptyTally, hash: [1, 0xffff_ffff] }, { ...emptyTally, hash: [2, 2] }))).toBe(
      '0000000300000001',
    )
  })

  test('are failures, of one seed in the order of their names, and of each kind at least the first', () => {
    const failing = (seed: number, broke: StormFailure['broke']): Tally => ({
      ...emptyTally,
      failures: [{ ...broken, seed, broke }],
    })
    const names = [...promiseNames, 'threw'] as const
    const ofOne = names.map((broke) => failing(200, broke))
    const many = numbered(failuresListed, 0).map((seed) => failing(seed, 'S2 floor'))
    const { failures } = [...ofOne, ...ofOne.toReversed(), ...many].reduce(added, emptyTally)
    expect(failures.map(({ seed }) => seed)).toEqual([...numbered(100, 0), ...names.slice(1).map(() => 200)])
    expect(failures).toHaveLength(failuresListed)
    const last = failures.slice(100).map(({ broke }) => broke)
    expect(last).toEqual(names.filter((name) => name !== 'S2 floor').toSorted())
  })
})
