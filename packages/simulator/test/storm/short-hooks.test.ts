// Between two sweeps nothing but a chain of wake-ups keeps a short hook waiting, and the chain has an end (decision 4).
import { expect, test } from 'vitest'
import type { Plan } from '../../src/plan/plan.ts'
import { simulate } from '../../src/simulate.ts'
import { stormOf } from '../../src/storm/storm-plan.ts'

const seeds = Array.from({ length: 400 }, (_, index) => 31_000_000 + index)

/** The storm's cluster and what is done to it, where nothing goes wrong; its hooks time out `times` a sweep's period. */
const withShortHooks = (seed: number, times: number): Plan => {
  const { plan } = stormOf(seed)
  const heartbeatTimeoutSeconds = Math.max(30, plan.controller.sweepEverySeconds / times)
  const groups = plan.groups.map((group) => ({
    ...group,
    hooks: group.hooks.map((hook) => (hook.owner === 'controller' ? { ...hook, heartbeatTimeoutSeconds } : hook)),
  }))
  const controller = { ...plan.controller, policy: { deadline: plan.controller.policy.deadline ?? null } }
  return { ...plan, groups, controller, parameters: {}, faults: { ...plan.faults, perMille: {} } }
}

const timedOut = (times: number): ReadonlyArray<string> =>
  seeds.flatMap((seed) => {
    const { promises } = simulate(withShortHooks(seed, times), { wire: 'direct', texts: false })
    const { witness } = promises.find(({ name }) => name.startsWith('L3 ')) ?? {}
    return witness === undefined ? [] : [`seed ${seed}: ${witness}`]
  })

test('a hook of a quarter of the period of the sweep does not time out', { timeout: 60_000 }, () => {
  expect(timedOut(4)).toEqual([])
})

test('these drains last long enough for that to matter: one of a sixth does', { timeout: 60_000 }, () => {
  expect(timedOut(6).length).toBeGreaterThan(5)
})
