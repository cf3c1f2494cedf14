// The point of it all: whatever the world does, ecs-drain keeps its promises. Every property says what it must have
// met on the way, and a failure prints the shrunk plan and the command that replays it.
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { arbitraryPlan, type PlanConstraints } from '../../src/arbitrary/arbitrary-plan.ts'
import type { FaultPlan, Plan } from '../../src/plan/plan.ts'
import { callTypes } from '../../src/plan/plan-codec.ts'
import { simulate } from '../../src/simulate.ts'
import { kinds, messageKinds } from '../../src/trace/trace.ts'
import { createReached, type Reached } from './reached.ts'

const seed = 20260302

/** Plans that fail are saved, so that they can be replayed and sent to someone. */
const replayOf = (plan: Plan): string => {
  const file = join(mkdtempSync(join(tmpdir(), 'ecs-drain-')), 'plan.json')
  writeFileSync(file, `${JSON.stringify(plan, null, 2)}\n`)
  return `npx ecs-drain simulate ${file} --controller ecs-drain`
}

const promisesHold = (plan: Plan, reached: Reached): void => {
  const { trace, promises } = simulate(plan, { wire: 'direct' })
  reached.see(trace)
  const broken = promises.filter(({ held }) => !held)
  if (broken.length === 0) return
  throw new Error([...broken.map(({ name, witness }) => `${name}: ${witness}`), replayOf(plan)].join('\n'))
}

/** Somebody set an instance ACTIVE, the drain set it DRAINING again, and drained it. */
const setActiveInMidDrain = 'DRAINING again, and drained'

const holdOver = (constraints: PlanConstraints, numRuns: number): Reached => {
  const reached = createReached()
  fc.assert(
    fc.property(arbitraryPlan(constraints), (plan) => promisesHold(plan, reached)),
    { numRuns, seed, endOnFailure: false },
  )
  return reached
}

describe('S1 to S5 and L1 to L3 hold', () => {
  test('when nothing goes wrong', { timeout: 120_000 }, () => {
    const reached = holdOver({ faults: false }, 150)
    for (const name of [
      'TaskSeen',
      'Swept',
      'CompletionDecided',
      'DeadlineReached',
      'placement-failed',
      'store-conflict',
      setActiveInMidDrain,
    ]) {
      expect([name, reached.runsWith(name)]).not.toEqual([name, 0])
    }
  })

  test('through faults, and everything settles when they stop', { timeout: 240_000 }, () => {
    const reached = holdOver({}, 800)
    const met = [
      'TaskSeen', // a drain that waited
      'store-conflict',
      'message-duplicated',
      'message-lost',
      'function crashed',
      'function timed out',
      'message-dead-lettered',
      'api-failed',
      'EffectFailed',
      'DeadlineReached',
      'CompletionForced',
      'TaskToldToStop',
      'LifecycleActionHeartbeatRecorded',
      'LifecycleActionOver', // completed already, by an answer of ours that got lost
      'LifecycleActionTokenLearned', // found by the sweep before its notice came
      'WaitDoubted',
      'AgentConnectionChanged',
      'ContainerInstanceNotFound',
      setActiveInMidDrain,
    ]
    for (const name of met) expect([name, reached.runsWith(name)]).not.toEqual([name, 0])
  })

  test('where hosts die and hooks are deleted under it', { timeout: 240_000 }, () => {
    const reached = holdOver({ hostDeaths: true }, 200)
    for (const name of ['task-killed', 'LifecycleActionOver', setActiveInMidDrain]) {
      expect([name, reached.runsWith(name)]).not.toEqual([name, 0])
    }
  })
})

const nth = fc.nat(8)
const someMessage = fc.constantFrom(...messageKinds)

/** A few misfortunes at exact places: the n-th message of a kind or the n-th call of an operation. */
const misfortunes: fc.Arbitrary<Pick<FaultPlan, 'lose' | 'script'>> = fc.record({
  lose: fc.array(fc.record({ message: someMessage, nth }), { maxLength: 3 }),
  script: fc.array(
    fc.oneof(
      fc.record({
        do: fc.constantFrom('crash-before', 'crash-after', 'fail-call', 'lose-request', 'lose-answer'),
        call: fc.constantFrom(...callTypes),
        nth,
      }),
      fc.record({ do: fc.constant('deliver-twice'), message: someMessage, nth }),
    ),
    { maxLength: 3 },
  ),
})

test('S1 to S5 and L1 to L3 hold whichever messages and calls go wrong', { timeout: 240_000 }, () => {
  const reached = createReached()
  fc.assert(
    fc.property(arbitraryPlan({ faults: false }), misfortunes, (plan, placed) =>
      promisesHold({ ...plan, faults: { ...plan.faults, ...placed } }, reached),
    ),
    { numRuns: 1000, seed, endOnFailure: false },
  )
  for (const name of [
    'message-lost',
    'message-duplicated',
    'function crashed',
    'api-failed',
    'LifecycleActionOver',
    'LifecycleActionTokenLearned',
    'WaitDoubted',
  ]) {
    expect([name, reached.runsWith(name)]).not.toEqual([name, 0])
  }
})

test('protected tasks hold a drain up or not: the promises hold both ways', { timeout: 120_000 }, () => {
  const lastEnd = ({ trace }: ReturnType<typeof simulate>): number => {
    const number = kinds.indexOf('hook-ended')
    return Math.max(0, ...Array.from(trace.at).filter((_, index) => trace.kind[index] === number))
  }
  let heldUp = 0
  fc.assert(
    fc.property(
      arbitraryPlan().filter(({ happenings }) => happenings.some((each) => each.do === 'update-task-protection')),
      (plan) => {
        const [ignored, blocking] = [0, 1].map((blocks) => {
          const which = { ...plan, parameters: { ...plan.parameters, 'protection.blocksDrain': blocks } }
          promisesHold(which, createReached())
          return simulate(which, { wire: 'direct' })
        })
        if (ignored === undefined || blocking === undefined) throw new Error('two runs')
        if (lastEnd(blocking) > lastEnd(ignored) + 60_000) heldUp += 1
      },
    ),
    { numRuns: 100, seed },
  )
  expect(heldUp).toBeGreaterThan(10)
})

test('the promises hold while services move tasks to balance their zones', { timeout: 120_000 }, () => {
  const placements = ({ trace }: ReturnType<typeof simulate>): number =>
    trace.kind.filter((kind) => kind === kinds.indexOf('task-placed')).length
  let moved = 0
  fc.assert(
    fc.property(
      arbitraryPlan().filter(({ services }) =>
        services.some(({ availabilityZoneRebalancing }) => availabilityZoneRebalancing === 'ENABLED'),
      ),
      (plan) => {
        promisesHold(plan, createReached())
        const services = plan.services.map((each) => ({ ...each, availabilityZoneRebalancing: 'DISABLED' as const }))
        const without = simulate({ ...plan, services }, { wire: 'direct' })
        if (placements(simulate(plan, { wire: 'direct' })) > placements(without)) moved += 1
      },
    ),
    { numRuns: 80, seed },
  )
  expect(moved).toBeGreaterThan(10)
})

test('the promises can be broken: a controller that counts running tasks breaks S1 in the same worlds', () => {
  const broken = new Set<string>()
  fc.assert(
    fc.property(arbitraryPlan({ faults: false }), (plan) => {
      for (const { name, held } of simulate(plan, { controller: 'article' }).promises) if (!held) broken.add(name)
    }),
    { numRuns: 60, seed },
  )
  expect([...broken].map((name) => name.slice(0, 2))).toContain('S1')
})

test('messages as JSON text and notices handed over give the same trace', { timeout: 120_000 }, () => {
  fc.assert(
    fc.property(arbitraryPlan(), (plan) => {
      expect(simulate(plan, { wire: 'text' }).trace.hash).toBe(simulate(plan, { wire: 'direct' }).trace.hash)
    }),
    { numRuns: 40, seed },
  )
})

test('a plan is all that a run depends on', { timeout: 120_000 }, () => {
  fc.assert(
    fc.property(arbitraryPlan(), arbitraryPlan(), (plan, other) => {
      const { hash } = simulate(plan, { wire: 'direct' }).trace
      simulate(other, { wire: 'direct' })
      const again = simulate(JSON.parse(JSON.stringify(plan)) as Plan, { wire: 'direct' }).trace
      expect(again.hash).toBe(hash)
    }),
    { numRuns: 30, seed },
  )
})
