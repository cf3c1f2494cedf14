// A plan is data: whatever a property test draws can be written to a file, sent to someone, and read again.
import * as fc from 'fast-check'
import * as E from 'fp-ts/Either'
import { describe, expect, test } from 'vitest'
import { stringify } from 'yaml'
import { arbitraryPlan } from '../../src/arbitrary/arbitrary-plan.ts'
import { createEndpoint } from '../../src/endpoint.ts'
import { amiUpdatePlan, completePlan } from '../../src/plan/defaults.ts'
import type { Plan } from '../../src/plan/plan.ts'
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
    'controller: expected one of none, counting-poller, article, ecs-drain, or one of your own, got "ecsdrain"',
  )
  for (const none of [null, 7]) {
    const options = { controller: none as unknown as 'ecs-drain' }
    expect(() => simulate(amiUpdatePlan(), options)).toThrow(`or one of your own, got ${none}`)
  }
})

describe('a plan that contradicts itself', () => {
  const plan = amiUpdatePlan({
    happenings: [
      { atSeconds: 60, do: 'ami-update', group: 'webb', batch: 2 },
      { atSeconds: 70, do: 'deploy', service: 'api' },
    ],
  })
  const told = /^the plan cannot be run:\nhappenings\[0\]\.group: .*"webb".*\nhappenings\[1\]\.service: .*"api"/

  test('is refused where it would be run, with each path', () => {
    expect(() => simulate(plan)).toThrow(told)
  })

  test('is refused where it would be served', async () => {
    await expect(createEndpoint(plan)).rejects.toThrow(told)
  })
})

describe('a plan written without types', () => {
  const refusal = (plan: unknown): string => {
    try {
      simulate(plan as Plan)
      return 'run'
    } catch (thrown) {
      return String(thrown)
    }
  }
  const sound = amiUpdatePlan()

  test('tells each key that no plan has, each value that it cannot have, and what contradicts itself, at once', () => {
    const cluster = { ...sound.cluster, regoin: 'eu-west-1' }
    const happenings = [{ atSeconds: 60, do: 'ami-update', group: 'webb', batch: 2 }]
    expect(refusal({ ...sound, cluster, seed: -1, happenings }).split('\n')).toEqual([
      'TypeError: the plan cannot be run:',
      'seed: expected an integer from 0 to 4294967295, got -1',
      'cluster.regoin: unknown key; did you mean region?',
      'happenings[0].group: there is no group "webb": expected one of group',
    ])
  })

  test('keeps a key that no plan has when it is completed, so that its misspelt word does not become the default', () => {
    const sketch: object = { servics: [], controller: { pollEvrySeconds: 5 } }
    expect(refusal(completePlan(sketch)).split('\n').slice(1)).toEqual([
      'controller.pollEvrySeconds: unknown key; did you mean pollEverySeconds?',
      'servics: unknown key; did you mean services?',
    ])
  })

  test('tells what it leaves out and who gives that its default', () => {
    const { services: _, ...rest } = sound
    const groups = sound.groups.map(({ cpu: __, ...group }) => group)
    const missing = 'is missing; completePlan gives what a plan leaves out its default'
    expect(
      refusal({ ...rest, groups })
        .split('\n')
        .slice(1),
    ).toEqual([`groups[0].cpu: ${missing}`, `services: ${missing}`])
  })

  test.each([undefined, null, [], 'ami-update'])('%j is none', (plan) => {
    expect(refusal(plan)).toMatch(/^TypeError: the plan cannot be run:\nexpected a plan, got /)
  })
})
