import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { arbitraryPlan } from '../../src/arbitrary/arbitrary-plan.ts'
import type { Message } from '../../src/controller/controller.ts'
import { createEcsDrainController } from '../../src/controller/ecs-drain.ts'
import { amiUpdatePlan, completePlan } from '../../src/plan/defaults.ts'
import { kinds, messageKinds, type Trace } from '../../src/trace/trace.ts'
import { heartbeat } from '../../src/world/auto-scaling/lifecycle.ts'
import { createWorld, driveWorld } from '../../src/world/world.ts'
import { silent } from './running.ts'

/** The records up to the one with which a run ends, and that ending left out: a driven world has none. */
const recordsOf = (trace: Trace): ReadonlyArray<string> =>
  Array.from({ length: trace.length }, (_, i) => `${trace.at[i]} ${trace.kind[i]} ${trace.a[i]} ${trace.b[i]}`)

const isEnding = (record: string): boolean => ['settled', 'stuck'].includes(kinds[Number(record.split(' ')[1])] ?? '')

describe('a driven world', () => {
  test('is the world of a run, however its time is moved', () => {
    const steps = fc.array(fc.nat({ max: 90_000 }), { minLength: 1, maxLength: 30 })
    fc.assert(
      fc.property(arbitraryPlan(), steps, (plan, all) => {
        const records = recordsOf(createWorld(plan, createEcsDrainController(plan)).run())
        const run = records.filter((record) => !isEnding(record))
        const { world, advanceTo } = driveWorld(plan, createEcsDrainController(plan))
        const endMs = Number(records.at(-1)?.split(' ')[0])
        for (let step = 0; world.now < endMs; step += 1) {
          advanceTo(Math.min(endMs, world.now + (all[step % all.length] ?? 0) + 1))
        }
        expect(recordsOf(world.trace.finish(world.cast)).slice(0, run.length)).toEqual(run)
      }),
      { numRuns: 25, seed: 5 },
    )
  })

  test('says when the next thing happens, and nothing happens before', () => {
    const plan = amiUpdatePlan()
    const { world, advanceTo, nextAt } = driveWorld(plan, createEcsDrainController(plan))
    for (let steps = 0; steps < 200; steps += 1) {
      const next = nextAt()
      if (next === null) throw new Error('a world with a sweep always has a next occurrence')
      const { length } = world.trace.finish(world.cast)
      advanceTo(next - 1)
      expect(world.trace.finish(world.cast).length).toBe(length)
      advanceTo(next)
      expect(world.now).toBe(next)
    }
    expect(world.instances.length).toBeGreaterThan(2)
  })

  test('hands its messages out where there is an outlet, and starts no function', () => {
    const plan = amiUpdatePlan()
    const sent: Array<Message> = []
    const told: Array<Message> = []
    const controller = { subscribes: messageKinds, handle: () => expect.unreachable() }
    const { advanceTo, isSettled, world } = driveWorld(plan, controller, {
      outlet: { sent: (message) => sent.push(message), arrived: (message) => told.push(message) },
    })
    advanceTo(1_000_000)
    expect(told.filter(({ kind }) => kind === 'termination')).toHaveLength(2)
    expect(told.some(({ kind }) => kind === 'sweep')).toBe(true)
    expect(new Set(told)).toEqual(new Set(sent.slice(0, told.length)))
    expect(world.runs).toEqual([])
    expect(isSettled()).toBe(false)
  })
})

test('a hook whose timeout somebody has made shorter times out by the shorter one, from the next heartbeat on', () => {
  const plan = completePlan({ services: [], happenings: [{ do: 'terminate-instance' }] })
  const { world, advanceTo } = driveWorld(plan, silent())
  advanceTo(100_000)
  const [action] = world.actions
  const [hook] = world.groups[0]?.hooks ?? []
  if (action === undefined || hook === undefined) throw new Error('no hook holds it')
  hook.plan = { ...hook.plan, heartbeatTimeoutSeconds: 60 }
  heartbeat(world, action, 0)
  advanceTo(159_000)
  expect(action.open).toBe(true)
  advanceTo(161_000)
  expect(action.open).toBe(false)
})
