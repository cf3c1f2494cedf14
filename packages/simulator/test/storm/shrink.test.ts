// A controller that is wrong is found by storms, and what it does wrong is made small enough to read.
import { describe, expect, test } from 'vitest'
import { simulate } from '../../src/simulate.ts'
import { shrinkPlan } from '../../src/storm/shrink.ts'
import { stormOf } from '../../src/storm/storm-plan.ts'

const broke = 'S1 no early completion'

const failing = Array.from({ length: 60 }, (_, seed) => stormOf(seed).plan).filter((plan) =>
  simulate(plan, { controller: 'article', wire: 'direct', texts: false }).promises.some(
    ({ name, held }) => name === broke && !held,
  ),
)

describe('a failing plan', () => {
  test('shrinks to at most 3 faults and 2 instances', { timeout: 60_000 }, () => {
    expect(failing.length).toBeGreaterThan(5)
    for (const plan of failing.slice(0, 6)) {
      const shrunk = shrinkPlan(plan, broke, 'article')
      if (shrunk === null) throw new Error('it failed before')
      expect([plan.name, shrunk.faults <= 3, shrunk.instances <= 2]).toEqual([plan.name, true, true])
      expect(shrunk.plan.faults.only?.length ?? 0).toBe(shrunk.faults)
    }
  })

  test('still breaks the same promise when it is replayed, with the same witness', () => {
    const [plan] = failing
    const shrunk = plan === undefined ? null : shrinkPlan(plan, broke, 'article')
    if (shrunk === null) throw new Error('it failed before')
    const saved = JSON.parse(JSON.stringify(shrunk.plan)) as typeof shrunk.plan
    const { promises } = simulate(saved, { controller: 'article' })
    expect(promises.find(({ name }) => name === broke)).toMatchObject({ held: false, witness: shrunk.witness })
  })

  test('is not one where that promise holds', () => {
    expect(shrinkPlan(stormOf(0).plan, broke)).toBeNull()
  })
})
