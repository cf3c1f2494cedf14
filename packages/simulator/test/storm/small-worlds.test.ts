// Guesses at small worlds: what each kind has in it that another has not.
import type { CallType } from '@ecs-drain/core'
import { describe, expect, test } from 'vitest'
import { toldToEcsDrain } from '../../src/controller/ecs-drain.ts'
import { contradictionsIn } from '../../src/plan/contradictions.ts'
import { amiUpdatePlan } from '../../src/plan/defaults.ts'
import type { FaultSite } from '../../src/plan/plan.ts'
import { callTypes, PlanDocument } from '../../src/plan/plan-codec.ts'
import { disturbedDrains } from '../../src/storm/disturbed-drains.ts'
import {
  calmWorlds,
  oneFault,
  oneFaultToWarmPool,
  oneSlip,
  otherLuck,
  rareMoments,
  silentWorlds,
  smallFleets,
  threeFaults,
  toWarmPool,
  weathers,
} from '../../src/storm/small-worlds.ts'
import { stormOf } from '../../src/storm/storm-plan.ts'
import { faultSites } from '../../src/trace/trace.ts'

const plan = amiUpdatePlan({ seed: 7, groups: [{ name: 'group', desired: 6 }] })

describe('a small world', () => {
  test('in which a kind of message never arrives is tried for each kind, with a host and with two', () => {
    for (const desired of [1, 2]) {
      const silent = [...silentWorlds(plan)].filter(({ groups }) => groups[0]?.desired === desired)
      const kinds = silent.map(({ faults }) => [...new Set(faults.lose.map(({ message }) => message))])
      expect(new Set(kinds.flat())).toEqual(new Set(toldToEcsDrain))
      for (const kind of kinds) expect(kind).toHaveLength(1)
    }
  })

  test('that fails on many hosts is tried on one and two, with other luck than it had', () => {
    const lucky = [...otherLuck({ ...plan, faults: { ...plan.faults, only: [1, 2, 3] } })]
    expect(new Set(lucky.map(({ groups }) => groups[0]?.desired))).toEqual(new Set([1, 2]))
    expect(lucky.map(({ seed }) => seed)).not.toContain(7)
    expect(lucky.every(({ faults }) => faults.only === null)).toBe(true)
  })

  const ofStore: ReadonlyArray<CallType> = ['LoadStream', 'AppendToStream', 'FindStreams', 'ListWatchedStreams']
  const ofAws = callTypes.filter((call) => !ofStore.includes(call))

  test.each<[string, string, ReadonlyArray<string>]>([
    ['bus.drop', 'lose', toldToEcsDrain],
    ['bus.duplicate', 'deliver-twice', toldToEcsDrain],
    ['queue.twice', 'deliver-twice', toldToEcsDrain],
    ['function.crash', 'crash-after', callTypes],
    ['api.throttle', 'fail-call', ofAws],
    ['api.unavailable', 'fail-call', ofAws],
    ['api.timeout.lost', 'lose-request', ofAws],
    ['api.timeout.applied', 'lose-answer', ofAws],
    ['store.unavailable', 'fail-call', ofStore],
    ['store.outage', 'fail-call', ofStore],
    ['host.death', '', []],
  ])('in which the storm’s %s strikes once, or three times, has it at each exact place', (site, verb, places) => {
    const sites = new Set([faultSites.indexOf(site as FaultSite)])
    for (const [nths, worlds] of [
      [[0], [...oneFault(plan, sites)]],
      [[0, 1, 2], [...threeFaults(plan, sites)]],
    ] as const) {
      const placed = worlds.map(({ faults: { lose, script = [] } }) => [
        ...lose.map(({ message, nth }) => ({ verb: 'lose', place: message, nth })),
        ...script.map((each) => ({ verb: each.do, place: 'call' in each ? each.call : each.message, nth: each.nth })),
      ])
      const expected = places.map((place) => nths.map((nth) => ({ verb, place, nth })))
      // On one host, and on two.
      expect(placed).toEqual([...expected, ...expected])
      for (const { faults, groups, services, happenings } of worlds) {
        expect([faults.perMille, faults.only, services.length]).toEqual([{}, null, 1])
        expect(happenings.map((happening) => happening.do)).toEqual(
          new Array(groups[0]?.desired).fill('terminate-instance'),
        )
      }
    }
  })

  const [group] = plan.groups
  const warm = { ...plan, groups: [{ ...group, reuseOnScaleIn: true } as (typeof plan.groups)[number]] }

  test('of a storm with a warm pool has one of two hosts go there, and go there again', () => {
    const tried = toWarmPool(warm).map(({ groups, happenings }) => [
      groups[0]?.desired,
      happenings.map((happening) => happening.do),
    ])
    expect(tried).toEqual([
      [2, ['scale-in']],
      [2, ['scale-in', 'return-from-warm-pool', 'scale-in']],
    ])
    expect(toWarmPool(plan)).toEqual([])
  })

  test('in which a fault strikes on the way to a warm pool has it at each exact place', () => {
    const lost = new Set([faultSites.indexOf('api.timeout.lost')])
    const scripts = [...oneFaultToWarmPool(warm, lost)].map(({ faults }) => faults.script)
    const places = ofAws.map((call) => [{ do: 'lose-request', call, nth: 0 }])
    expect(scripts).toEqual([...places, ...places])
  })

  test('in which one of the storm’s classes strikes by chance is tried before all of them, weak weather first', () => {
    const sites = new Set([0, 1])
    const [one, other] = faultSites
    const drawn = [...weathers(plan, sites)].map(({ faults }) => JSON.stringify(faults.perMille))
    const expected = [20, 50, 200, 400].flatMap((perMille) => [
      { [one]: perMille },
      { [other]: perMille },
      { [one]: perMille, [other]: perMille },
    ])
    expect([...new Set(drawn)]).toEqual(expected.map((each) => JSON.stringify(each)))
  })

  // It is saved as a plan that somebody is to replay.
  test('of whatever kind is one that AWS would take', { timeout: 60_000 }, () => {
    const sites = new Set(faultSites.keys())
    for (let seed = 0; seed < 40; seed += 1) {
      const { plan: storm } = stormOf(seed)
      const guesses = [
        ...calmWorlds(storm, true),
        ...toWarmPool(storm),
        ...oneFault(storm, sites),
        ...threeFaults(storm, sites),
        ...oneFaultToWarmPool(storm, sites),
        ...oneSlip(storm),
        ...silentWorlds(storm),
        ...smallFleets(storm),
        ...otherLuck(storm),
        ...rareMoments(storm),
        ...weathers(storm, sites),
        ...disturbedDrains(storm, storm.happenings, () => [70]),
      ]
      const refused = guesses.filter((guess) => contradictionsIn(guess).length > 0 || !PlanDocument.is(guess))
      expect([seed, refused]).toEqual([seed, []])
    }
  })
})
