// The checker's environment and the simulator's world must not drift apart: every run is a path of the environment.
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createEcsDrainController } from '../../src/controller/ecs-drain.ts'
import { completePlan } from '../../src/plan/defaults.ts'
import type { Plan } from '../../src/plan/plan.ts'
import { createWorld } from '../../src/world/world.ts'
import { type Defect, mutatedSimulator } from './bundled.ts'
import { type Simulator, walk } from './world-path.ts'

const seed = 20260302
const world: Simulator = { createWorld, createEcsDrainController }

/** Plans of the models' size: one or two instances, few tasks, and every fault that the environment knows. */
const plans = (hasFaults: boolean): fc.Arbitrary<Plan> =>
  fc
    .record({
      seed: fc.noShrink(fc.integer({ min: 1, max: 2 ** 31 - 1 })),
      desired: fc.integer({ min: 1, max: 2 }),
      tasks: fc.integer({ min: 1, max: 2 }),
      minimum: fc.constantFrom(100, 50),
      hasLoadBalancer: fc.boolean(),
      hasForeignHook: fc.boolean(),
      standaloneRuns: fc.constantFrom(null, null, 60, 100_000),
      both: fc.boolean(),
      chance: fc.constantFrom(20, 80, 200),
      after: fc.integer({ min: 1, max: 40 }),
      isSetActive: fc.boolean(),
    })
    // An instance that is ACTIVE again gets new tasks, and the environment has four places for those there ever were.
    .map((plan) => (plan.isSetActive ? { ...plan, tasks: 1, standaloneRuns: null } : plan))
    .map(
      ({
        seed: luck,
        desired,
        tasks,
        minimum,
        hasLoadBalancer,
        hasForeignHook,
        standaloneRuns,
        both,
        chance,
        after,
        isSetActive,
      }) => {
        const other = { name: 'other', owner: 'other' as const, answersAfterSeconds: 30 }
        const perMille = Object.fromEntries(
          [
            'bus.drop',
            'bus.duplicate',
            'bus.delay',
            'api.throttle',
            'api.timeout.applied',
            'api.timeout.lost',
            'read.stale',
            'store.conflict',
            'function.crash',
          ].map((site) => [site, chance]),
        )
        return completePlan({
          name: 'walked',
          seed: luck,
          groups: [
            {
              desired: desired,
              // Room for one more: a replacement may come to the other instance, and be on its way when that drains.
              cpu: 256 * (tasks + 1 + (standaloneRuns === null ? 0 : 1)),
              hooks: hasForeignHook ? [{ name: 'ecs-drain' }, other] : [{ name: 'ecs-drain' }],
            },
          ],
          services: [
            {
              desired: desired * tasks,
              minimumHealthyPercent: minimum,
              loadBalancer: hasLoadBalancer ? { deregistrationDelaySeconds: 10 } : null,
            },
          ],
          standaloneTasks:
            standaloneRuns === null ? [] : [{ count: desired, startsAtSeconds: 0, runsSeconds: standaloneRuns }],
          happenings: [
            ...Array.from({ length: both ? desired : 1 }, (_, old) => ({
              atSeconds: 30 + old * after,
              do: 'terminate-instance' as const,
              old,
              decrementDesired: false,
            })),
            ...(isSetActive ? [{ atSeconds: 30 + 2 * after, do: 'set-active' as const, old: 0 }] : []),
          ],
          parameters: { 'read.staleBy': [1, 4] },
          faults: hasFaults ? { perMille, untilSeconds: 900 } : {},
          controller: { sweepEverySeconds: 60, policy: { standaloneAfter: 30_000 } },
        } as never)
      },
    )

const walkAll = (hasFaults: boolean, numRuns: number, simulator: Simulator = world): ReadonlyMap<string, number> => {
  const walked = new Map<string, number>()
  fc.assert(
    fc.property(plans(hasFaults), (plan) => {
      const path = walk(plan, simulator)
      for (const [what, times] of path.walked) walked.set(what, (walked.get(what) ?? 0) + times)
      expect(path.drifts).toEqual([])
    }),
    { numRuns, seed, endOnFailure: true },
  )
  return walked
}

describe('every simulated run is a path of the environment', () => {
  test('when nothing goes wrong', { timeout: 120_000 }, () => {
    const walked = walkAll(false, 60)
    for (const what of [
      'termination',
      'DRAINING',
      'task told to stop',
      'task STOPPED',
      'task ended',
      'STOPPED delivered',
      'hook CONTINUE',
      'hook other-CONTINUE',
      'host stopped',
      'deregistered',
      'ACTIVE',
      'task placed',
      'answer to ListTasks',
      'answer to DescribeTasks',
      'answer to DescribeContainerInstances',
    ]) {
      expect([what, walked.get(what) ?? 0]).not.toEqual([what, 0])
    }
  })

  test('through faults', { timeout: 120_000 }, () => {
    const walked = walkAll(true, 100)
    for (const what of ['crash', 'came back', 'call failed', 'message lost', 'task DEACTIVATING']) {
      expect([what, walked.get(what) ?? 0]).not.toEqual([what, 0])
    }
  })
})

describe('a world that drifts is noticed:', () => {
  const drifts: ReadonlyArray<Defect & { readonly name: string; readonly says: RegExp }> = [
    {
      name: 'the scheduler ignores the floor',
      file: 'world/ecs/scheduler.ts',
      replace: 'if (task.healthy && spare <= 0) continue',
      by: '',
      says: /the floor is/,
    },
    {
      name: 'a list ignores the desired status it was asked for',
      file: 'world/api.ts',
      replace: 'if ((asBefore ? task.shownDesiredStopped : task.desiredStopped) !== wantsStopped) continue',
      by: '',
      says: /ListTasks was answered/,
    },
    {
      name: 'the host goes while another hook holds it',
      file: 'world/auto-scaling/lifecycle.ts',
      replace: 'if (instance.actions.every(({ open }) => !open)) proceed(world, instance)',
      by: 'proceed(world, instance)',
      says: /while a hook held it/,
    },
    {
      name: 'a stale read is older than any',
      file: 'world/api.ts',
      replace: 'world.now - changedAt < staleMs',
      by: 'world.now - changedAt < staleMs * 100',
      says: /Tasks was answered/,
    },
    {
      name: 'tasks are placed on an instance that drains',
      file: 'world/ecs/candidates.ts',
      replace: 'status === ACTIVE && agentConnected',
      by: 'agentConnected',
      says: /takes none/,
    },
    {
      name: 'who sets an instance ACTIVE sets it DRAINING',
      file: 'world/happenings.ts',
      replace: "happening.do === 'set-draining' ? DRAINING : ACTIVE",
      by: 'DRAINING',
      says: /nobody asked for DRAINING/,
    },
    {
      name: 'the last look finds an instance DRAINING that somebody has set ACTIVE',
      file: 'world/api.ts',
      replace: 'shown(world, instance, seenNow(world, instance))',
      by: 'shown(world, instance, { ...seenNow(world, instance), status: 2 })',
      says: /DescribeContainerInstances was answered/,
    },
    {
      name: 'the STOPPED event goes out when the task is told to stop',
      file: 'world/ecs/tasks.ts',
      replace: 'agentMayGo(world, task.instance)',
      by: 'sendTaskStopped(world, task)',
      says: /before the task had stopped/,
    },
  ]
  test.each(drifts)('$name', { timeout: 120_000 }, async ({ says, file, replace, by }) => {
    const drifted = await mutatedSimulator({ file, replace, by })
    const noticed = fc.sample(plans(true), { numRuns: 100, seed }).flatMap((plan) => walk(plan, drifted).drifts)
    expect(noticed.find((each) => says.test(each))).toBeDefined()
  })
})
