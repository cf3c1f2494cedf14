// A controller that is wrong is found by storms, and what it does wrong is made small enough to read.
import { describe, expect, test } from 'vitest'
import { mutants } from '../../mutants/mutants.ts'
import { stormNet } from '../../mutants/nets.ts'
import { contradictionsIn } from '../../src/plan/contradictions.ts'
import type { ControllerName, FaultPlan, Plan } from '../../src/plan/plan.ts'
import { PlanDocument } from '../../src/plan/plan-codec.ts'
import type { PromiseName } from '../../src/promise/promise.ts'
import { simulate } from '../../src/simulate.ts'
import { shrinkPlan } from '../../src/storm/shrink.ts'
import { stormOf } from '../../src/storm/storm-plan.ts'

const broke = 'S1 no early completion'

const failing = Array.from({ length: 60 }, (_, seed) => stormOf(seed).plan).filter((plan) =>
  simulate(plan, { controller: 'article', wire: 'direct', texts: false }).promises.some(
    ({ name, held }) => name === broke && !held,
  ),
)

const brokenIn = (plan: Plan, controller: ControllerName): ReadonlyArray<PromiseName> =>
  simulate(plan, { controller, wire: 'direct', texts: false }).promises.flatMap(({ name, held }) =>
    held ? [] : [name],
  )

/** The plan without one of its things, each in turn, where that is still a plan. */
const oneLess = (plan: Plan): ReadonlyArray<Plan> => {
  const { faults, parameters } = plan
  const each = <Item>(
    items: ReadonlyArray<Item>,
    keep: (left: ReadonlyArray<Item>) => Partial<Plan>,
  ): ReadonlyArray<Plan> => items.map((_, index) => ({ ...plan, ...keep(items.toSpliced(index, 1)) }))
  const ofFaults = <Item>(items: ReadonlyArray<Item>, keep: (left: ReadonlyArray<Item>) => Partial<FaultPlan>) =>
    each(items, (left) => ({ faults: { ...faults, ...keep(left) } }))
  return [
    ...each(plan.groups, (groups) => ({ groups })),
    ...each(plan.services, (services) => ({ services })),
    ...each(plan.happenings, (happenings) => ({ happenings })),
    ...each(plan.standaloneTasks, (standaloneTasks) => ({ standaloneTasks })),
    ...each(Object.entries(parameters), (left) => ({ parameters: Object.fromEntries(left) })),
    ...ofFaults(Object.entries(faults.perMille), (left) => ({ perMille: Object.fromEntries(left) })),
    ...ofFaults(faults.only ?? [], (only) => ({ only })),
    ...ofFaults(faults.lose, (lose) => ({ lose })),
    ...ofFaults(faults.script ?? [], (script) => ({ script })),
  ].filter((less) => contradictionsIn(less).length === 0)
}

describe('a failing plan', () => {
  test('shrinks to at most 3 faults and 2 instances', { timeout: 60_000 }, () => {
    expect(failing.length).toBeGreaterThan(5)
    for (const plan of failing.slice(0, 6)) {
      const shrunk = shrinkPlan(plan, broke, 'article')
      if (shrunk === null) throw new Error('it failed before')
      expect([plan.name, shrunk.faults <= 3, shrunk.instances <= 2]).toEqual([plan.name, true, true])
      const { only, lose, script } = shrunk.plan.faults
      expect((only?.length ?? 0) + lose.length + (script?.length ?? 0)).toBe(shrunk.faults)
      expect(contradictionsIn(shrunk.plan)).toEqual([])
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

  test('shrinks to the same, whenever it is asked', () => {
    const [plan] = failing
    if (plan === undefined) throw new Error('some fail')
    expect(shrinkPlan(plan, broke, 'article')).toEqual(shrinkPlan(plan, broke, 'article'))
  })

  // 1: a class of faults, what struck and a parameter. 5: a call that fails. 6: messages that are lost. 7: two happenings.
  test.each([1, 5, 6, 7])(
    'has nothing left in it without which the promise still breaks: whatever breaks in storm %i',
    { timeout: 60_000 },
    (seed) => {
      const { plan } = stormOf(seed)
      const broken = brokenIn(plan, 'counting-poller')
      expect(broken).not.toEqual([])
      for (const name of broken) {
        const shrunk = shrinkPlan(plan, name, 'counting-poller')
        if (shrunk === null) throw new Error('it failed before')
        expect(brokenIn(shrunk.plan, 'counting-poller')).toContain(name)
        const failing = oneLess(shrunk.plan).filter((less) => brokenIn(less, 'counting-poller').includes(name))
        expect([name, failing]).toEqual([name, []])
      }
    },
  )

  test('is not one where that promise holds', () => {
    expect(shrinkPlan(stormOf(0).plan, broke)).toBeNull()
  })
})

/**
 * What each needs: nothing but itself, a rare moment, a fault that strikes once, the same fault three times, other luck where there
 * are fewer instances, or an agent that registers again while the drain pauses, of which no event tells.
 */
const planted = {
  'no-heartbeat': 40,
  'sets-active-again': 60,
  'no-settle-time': 500,
  'failure-is-final': 250,
  'gives-up-after-three': 300,
  'known-tasks-are-all-tasks': 320,
  'draining-taken-for-granted': 350,
}

/** The last two are found after a while. */
const seedsMost = 300

/** One seed in some thousand fails of the first; the lowest of the second disturbs a small drain at the right moment as it is. */
const firstSeeds: Readonly<Record<string, number>> = { 'no-settle-time': 13_000, 'draining-taken-for-granted': 200 }

describe('a storm over a planted defect', () => {
  test.each(Object.entries(planted))(
    '%s becomes at most 3 faults and 2 instances in at most %i runs, and core as it is keeps the promise there',
    { timeout: 120_000 },
    async (name, replaysMost) => {
      const mutant = mutants.find((each) => each.name === name)
      if (mutant === undefined) throw new Error(`no mutant is called ${name}`)
      const { storm } = await stormNet(seedsMost, 100, firstSeeds[name]).cast(mutant)
      const found = storm?.found
      const shrunk = found?.shrunk
      if (shrunk === undefined || shrunk === null) throw new Error('it was found before')
      const { faults, instances, replays, plan } = shrunk
      expect([faults <= 3, instances <= 2, replays <= replaysMost]).toEqual([true, true, true])
      expect(PlanDocument.is(plan)).toBe(true)
      expect(simulate(plan).promises.find((each) => each.name === found?.broke)?.held).toBe(true)
    },
  )
})
