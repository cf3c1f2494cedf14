// One seed: what is told of a run that has come to its end, and of one that has not.
import { describe, expect, test } from 'vitest'
import { promiseNames } from '../../src/promise/promise.ts'
import { simulate } from '../../src/simulate.ts'
import { runSeed } from '../../src/storm/run-seed.ts'
import { stormOf } from '../../src/storm/storm-plan.ts'
import { SETTLED } from '../../src/trace/kind-numbers.ts'
import { stormWithDefect } from '../check/bundled.ts'

describe('a seed', () => {
  test.each([3, 16])('is the run of its plan: %i', (seed) => {
    const { plan, profile } = stormOf(seed)
    const { trace, promises } = simulate(plan, { wire: 'direct' })
    const last = trace.length - 1
    expect(runSeed(seed)).toMatchObject({
      seed,
      profile,
      records: trace.length,
      virtualSeconds: Math.floor((trace.at[last] ?? 0) / 1000),
      settled: trace.kind[last] === SETTLED,
      traceHash: trace.hash,
      promises,
      failures: [],
    })
  })

  test('that does not come to rest is not settled', async () => {
    const runSeedCutShort = await stormWithDefect(
      { file: 'storm/storm-plan.ts', replace: 'untilSeconds: longEnough(groups)', by: 'untilSeconds: 100' },
      'world',
    )
    expect([runSeed(3).settled, runSeedCutShort(3).settled]).toEqual([true, false])
  })

  test('that throws says where, and what it had come through by then', async () => {
    const runSeedThrowing = await stormWithDefect(
      {
        file: 'world/auto-scaling/lifecycle.ts',
        replace: '  action.open = false\n  record(world, HOOK_ENDED, action.number',
        by: "  throw new Error('planted')\n  record(world, HOOK_ENDED, action.number",
      },
      'world',
    )
    const { faults, reached, failures, ...rest } = runSeedThrowing(3)
    expect(rest).toEqual({
      seed: 3,
      profile: stormOf(3).profile,
      records: 0,
      virtualSeconds: 0,
      settled: false,
      traceHash: '0000000000000000',
      promises: [],
    })
    expect(failures).toEqual([
      { seed: 3, profile: rest.profile, broke: 'threw', witness: expect.stringMatching(/^Error: planted\n +at /) },
    ])
    expect(faults.some((count) => count > 0)).toBe(true)
    expect(reached).toHaveLength(runSeed(3).reached.length)
  })

  test('of every sixteen has its messages written and read as AWS has them', async () => {
    const runSeedUnread = await stormWithDefect(
      {
        file: 'wire/read-text.ts',
        replace: 'export const readText = (plan: Plan) => {',
        by: "export const readText = (plan: Plan) => {\n  throw new Error('planted')",
      },
      'world',
    )
    const threw = (seed: number): boolean => runSeedUnread(seed).failures.some(({ broke }) => broke === 'threw')
    expect([15, 16, 17, 32].map(threw)).toEqual([false, true, false, true])
  })

  test('is judged by every promise', () => {
    expect(runSeed(3).promises.map(({ name }) => name)).toEqual(promiseNames)
  })
})
