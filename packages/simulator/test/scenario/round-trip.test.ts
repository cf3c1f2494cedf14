// A plan is data: whatever a property test draws can be written to a file, sent to someone, and read again.
import * as fc from 'fast-check'
import * as E from 'fp-ts/Either'
import { expect, test } from 'vitest'
import { stringify } from 'yaml'
import { arbitraryPlan } from '../../src/arbitrary/arbitrary-plan.ts'
import { readScenario } from '../../src/scenario/read-scenario.ts'

test.each([
  ['JSON', (plan: unknown) => JSON.stringify(plan)],
  ['YAML', (plan: unknown) => stringify(plan)],
])('every plan can be written as %s and read again', (_, write) => {
  fc.assert(
    fc.property(arbitraryPlan({ hostDeaths: true }), (plan) => {
      const read = readScenario({ label: 'drawn', text: write(plan) })
      expect(E.isLeft(read) ? read.left : read.right.variants[0].plan).toEqual(plan)
    }),
    { numRuns: 200, seed: 1 },
  )
})
