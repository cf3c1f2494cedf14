// A failure is read in the plan that it shrinks to, so that has to be small.
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { arbitraryPlan } from '../../src/arbitrary/arbitrary-plan.ts'
import type { Plan } from '../../src/plan/plan.ts'
import { runPlan } from '../../src/simulate.ts'

const completesInTime = (plan: Plan): boolean =>
  runPlan(plan, { controller: 'article', wire: 'direct', texts: false }).promises.every(
    ({ name, held }) => held || name !== 'S1 no early completion',
  )

test.each([1, 2, 3])(
  'a plan that fails shrinks towards a calm world with the default of everything, seed %i',
  (seed) => {
    const { counterexample } = fc.check(fc.property(arbitraryPlan(), completesInTime), { seed, numRuns: 200 })
    const [plan] = counterexample ?? []
    expect(plan).toBeDefined()
    expect(Object.keys(plan?.faults.perMille ?? {}).length).toBeLessThanOrEqual(2)
    expect(Object.keys(plan?.parameters ?? {}).length).toBeLessThanOrEqual(1)
  },
)
