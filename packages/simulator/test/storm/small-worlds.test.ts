// Guesses at small worlds: what each kind has in it that another has not.
import { describe, expect, test } from 'vitest'
import { amiUpdatePlan } from '../../src/plan/defaults.ts'
import { otherLuck, otherWorlds, silentWorlds } from '../../src/storm/small-worlds.ts'
import { messageKinds } from '../../src/trace/trace.ts'

const plan = amiUpdatePlan({ seed: 7, groups: [{ name: 'group', desired: 6 }] })

describe('a small world', () => {
  test('in which a kind of message never arrives is tried for each kind, with a host and with two', () => {
    for (const desired of [1, 2]) {
      const silent = [...silentWorlds(plan)].filter(({ groups }) => groups[0]?.desired === desired)
      const kinds = silent.map(({ faults }) => [...new Set(faults.lose.map(({ message }) => message))])
      expect(new Set(kinds.flat())).toEqual(new Set(messageKinds))
      for (const kind of kinds) expect(kind).toHaveLength(1)
    }
  })

  test('that fails on many hosts is tried on one and two, with other luck than it had', () => {
    const lucky = [...otherLuck({ ...plan, faults: { ...plan.faults, only: [1, 2, 3] } })]
    expect(new Set(lucky.map(({ groups }) => groups[0]?.desired))).toEqual(new Set([1, 2]))
    expect(lucky.map(({ seed }) => seed)).not.toContain(7)
    expect(lucky.every(({ faults }) => faults.only === null)).toBe(true)
  })

  test('of other storms is tried without faults, with the parameters of this one', () => {
    const parameters = { 'ecs.listPage': 2 }
    const others = [...otherWorlds({ ...plan, parameters })]
    expect(new Set(others.map(({ services }) => JSON.stringify(services))).size).toBeGreaterThan(4)
    for (const other of others) {
      expect([other.parameters, other.faults.perMille, other.groups.length]).toEqual([parameters, {}, 1])
      expect(other.seed).not.toBe(plan.seed)
    }
  })
})
