// A seed's world is one that AWS would take, is always the same, and between them the seeds have everything in them.
import { describe, expect, test } from 'vitest'
import { readScenario } from '../../src/scenario/read-scenario.ts'
import { stormOf } from '../../src/storm/storm-plan.ts'
import { profileShares, stormProfiles } from '../../src/storm/weather.ts'
import { faultSites } from '../../src/trace/trace.ts'

const seeds = Array.from({ length: 1000 }, (_, seed) => seed)
const storms = seeds.map(stormOf)

describe('the storm of a seed', () => {
  test('is a plan that can be saved, read and found without contradictions', { timeout: 60_000 }, () => {
    for (const { plan } of storms.slice(0, 150)) {
      const read = readScenario({ label: plan.name, text: JSON.stringify(plan) })
      expect(read).toMatchObject({ _tag: 'Right' })
      if (read._tag === 'Right') expect(read.right.variants[0].plan).toEqual(plan)
    }
  })

  test('is the same each time, and another for another seed', () => {
    expect(stormOf(7)).toEqual(stormOf(7))
    expect(new Set(storms.map(({ plan }) => JSON.stringify({ ...plan, name: '', seed: 0 }))).size).toBe(seeds.length)
  })

  test.each([-1, 1.5, Number.NaN, 2 ** 32, '7'])('is not there for %s, which is no seed', (seed) => {
    expect(() => stormOf(seed as number)).toThrow(/^seed: expected an integer from 0 to 4294967295, got /)
  })

  test('has the weather in the shares that are promised', () => {
    for (const profile of stormProfiles) {
      const share = storms.filter((storm) => storm.profile === profile).length / 10
      expect(Math.abs(share - profileShares[profile])).toBeLessThan(5)
    }
  })

  test('leaves each class of faults out of about half of the swarms', () => {
    const swarms = storms.filter(({ profile }) => profile === 'swarm')
    for (const site of faultSites) {
      const share = swarms.filter(({ plan }) => (plan.faults.perMille[site] ?? 0) > 0).length / swarms.length
      expect([site, share > 0.4 && share < 0.6]).toEqual([site, true])
    }
  })

  test('is calm without faults and disturbances, and strong with all of them', () => {
    for (const { profile, plan } of storms) {
      const classes = Object.keys(plan.faults.perMille).length
      if (profile === 'calm') expect([plan.seed, classes]).toEqual([plan.seed, 0])
      if (profile === 'strong') expect([plan.seed, classes]).toEqual([plan.seed, faultSites.length])
    }
  })

  test('draws every happening that can disturb', () => {
    const drawn = new Set(storms.flatMap(({ plan }) => plan.happenings.map((happening) => happening.do)))
    for (const verb of [
      'kill-instance',
      'delete-hook',
      'change-policy',
      'set-draining',
      'disconnect-agent',
      'deploy',
      'set-active',
      're-register-agent',
    ]) {
      expect([verb, drawn.has(verb as never)]).toEqual([verb, true])
    }
  })

  test('draws every setting of a policy, and leaves most of them at their defaults', () => {
    for (const name of ['standaloneAfter', 'spreadReads', 'notFoundGrace', 'stopGrace', 'retry', 'hopsMax']) {
      const share = storms.filter(({ plan }) => Object.hasOwn(plan.controller.policy, name)).length / seeds.length
      expect([name, share > 0.1 && share < 0.3]).toEqual([name, true])
    }
  })
})
