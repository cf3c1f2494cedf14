// What a failing plan is tried without, and with fewer of.
import { describe, expect, test } from 'vitest'
import { contradictionsIn } from '../../src/plan/contradictions.ts'
import { amiUpdatePlan } from '../../src/plan/defaults.ts'
import type { Plan } from '../../src/plan/plan.ts'
import { PlanDocument } from '../../src/plan/plan-codec.ts'
import { allParts, disturbances, type Failing, fewerOf, withGroups, withServices } from '../../src/storm/reductions.ts'
import { stormOf } from '../../src/storm/storm-plan.ts'
import { faultSites } from '../../src/trace/trace.ts'

const plan = amiUpdatePlan({
  groups: [
    { name: 'one', desired: 5, hooks: [{ name: 'ours' }, { name: 'theirs', owner: 'other' }] },
    { name: 'other', desired: 1 },
  ],
  services: [
    { name: 'web', desired: 4 },
    { name: 'api', desired: 1 },
  ],
  happenings: [
    { do: 'terminate-instance', atSeconds: 60, group: 'one', old: 4 },
    { do: 'scale-in', atSeconds: 70, group: 'one', by: 3 },
    { do: 'terminate-instance', atSeconds: 80, group: 'other', old: 0 },
    { do: 'deploy', atSeconds: 90, service: 'web' },
    { do: 'deploy', atSeconds: 95, service: 'api' },
    { do: 'change-policy', atSeconds: 99, policy: {} },
  ],
  parameters: { 'ec2.shutdown': [1, 9], 'agent.away': 3 },
})

const failing = (of: Plan): Failing => ({ plan: of, witness: '', struck: [1, 2], sites: new Set(faultSites.keys()) })

/** What the plans have of one thing, each once. */
const each = <Thing>(plans: ReadonlyArray<Plan>, of: (one: Plan) => Thing): ReadonlyArray<Thing> => [
  ...new Map(plans.map((one) => [JSON.stringify(of(one)), of(one)])).values(),
]

describe('fewer', () => {
  const fewer = () => fewerOf(plan).map((reduced) => reduced(plan))

  test('are instances of one group, at least one, and the happenings then are of those that are left', () => {
    const sizes = each(fewer(), ({ groups }) => groups.map(({ desired }) => desired))
    expect(sizes).toEqual(
      expect.arrayContaining([
        [4, 1],
        [2, 1],
        [1, 1],
        [5, 1],
      ]),
    )
    expect(sizes).toHaveLength(4)
    const ofTwo = fewer().find(({ groups }) => groups[0]?.desired === 2)
    expect(ofTwo?.happenings).toEqual([
      { ...plan.happenings[0], old: 1 },
      { ...plan.happenings[1], by: 2 },
      ...plan.happenings.slice(2),
    ])
  })

  test('are hooks: none of others', () => {
    const hooks = each(fewer(), ({ groups }) => groups.map((group) => group.hooks.map(({ name }) => name)))
    expect(hooks).toHaveLength(2)
    expect(hooks).toContainEqual([['ours'], plan.groups[1]?.hooks.map(({ name }) => name)])
  })

  test('are tasks of one service, at least one', () => {
    const sizes = each(fewer(), ({ services }) => services.map(({ desired }) => desired))
    expect(sizes).toEqual(
      expect.arrayContaining([
        [3, 1],
        [2, 1],
        [1, 1],
        [4, 1],
      ]),
    )
    expect(sizes).toHaveLength(4)
  })

  test('are the milliseconds of a delay: the shortest', () => {
    expect(each(fewer(), ({ parameters }) => parameters)).toEqual([
      plan.parameters,
      { 'ec2.shutdown': 1, 'agent.away': 3 },
    ])
  })
})

test('with a group or a service goes what happens to it, and nothing else', () => {
  const [one, other] = plan.groups
  if (one === undefined || other === undefined) throw new Error('there are two')
  expect(withGroups(plan, [other]).happenings).toEqual(plan.happenings.slice(2))
  expect(withServices(plan, plan.services.slice(1)).happenings).toEqual(plan.happenings.filter((_, nth) => nth !== 3))
})

test('of what happens besides the replacements some is left out, and no replacement', () => {
  const besides = disturbances.of(failing(plan))
  expect(besides).toEqual(plan.happenings.slice(3))
  expect(disturbances.keep(plan, besides.slice(2)).happenings).toEqual([
    ...plan.happenings.slice(0, 3),
    ...besides.slice(2),
  ])
})

// It is saved as a plan that somebody is to replay.
test('a plan without any one of its things, or with fewer, is one that AWS would take', () => {
  for (let seed = 0; seed < 60; seed += 1) {
    const { plan: storm } = stormOf(seed)
    const smaller = [
      ...fewerOf(storm).map((reduced) => reduced(storm)),
      ...allParts.flatMap((part) => {
        const items = part.of(failing(storm))
        return items.map((_, index) => part.keep(storm, items.toSpliced(index, 1)))
      }),
    ].filter(({ groups }) => groups.some(({ registers }) => registers))
    const refused = smaller.filter((one) => contradictionsIn(one).length > 0 || !PlanDocument.is(one))
    expect([seed, refused]).toEqual([seed, []])
  }
})
