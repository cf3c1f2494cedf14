// A plan is data: whatever a property test draws can be written to a file, sent to someone, and read again.
import * as fc from 'fast-check'
import * as E from 'fp-ts/Either'
import { describe, expect, test } from 'vitest'
import { stringify } from 'yaml'
import { arbitraryPlan } from '../../src/arbitrary/arbitrary-plan.ts'
import { createEndpoint } from '../../src/endpoint.ts'
import { amiUpdatePlan } from '../../src/plan/defaults.ts'
import { readScenario } from '../../src/scenario/read-scenario.ts'
import { simulate } from '../../src/simulate.ts'

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

test('a name that a policy has not is refused by the type of a plan, as it is in a file', () => {
  // @ts-expect-error: a letter of `settle` is wrong, and with the default in its place a test would show less than it says
  const plan = amiUpdatePlan({ controller: { policy: { settel: 10_000 } } })
  const read = readScenario({ label: 'written', text: JSON.stringify(plan) })
  expect(E.isLeft(read) && read.left.join()).toMatch(/^written:1: controller\.policy\.settel: /)
})

test('a controller that there is not is refused by its name', () => {
  expect(() => simulate(amiUpdatePlan(), { controller: 'ecsdrain' as 'ecs-drain' })).toThrow(
    'controller: expected one of none, counting-poller, article, ecs-drain, got "ecsdrain"',
  )
})

describe('a plan that contradicts itself', () => {
  const plan = amiUpdatePlan({
    happenings: [
      { atSeconds: 60, do: 'ami-update', group: 'webb', batch: 2 },
      { atSeconds: 70, do: 'deploy', service: 'api' },
    ],
  })
  const told = /^the plan contradicts itself:\nhappenings\[0\]\.group: .*"webb".*\nhappenings\[1\]\.service: .*"api"/

  test('is refused where it would be run, with each path', () => {
    expect(() => simulate(plan)).toThrow(told)
  })

  test('is refused where it would be served', async () => {
    await expect(createEndpoint(plan)).rejects.toThrow(told)
  })
})
