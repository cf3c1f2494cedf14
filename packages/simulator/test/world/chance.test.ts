// Faults strike as often as the plan says, and oftener at the delicate moments.
import type { Call, StreamId } from '@ecs-drain/core'
import { describe, expect, test } from 'vitest'
import type { Execution, Message } from '../../src/controller/controller.ts'
import { completePlan, type PlanSketch } from '../../src/plan/defaults.ts'
import { FAULT } from '../../src/trace/kind-numbers.ts'
import { faultSites } from '../../src/trace/trace.ts'
import { strikes } from '../../src/world/chance.ts'
import { createWorld, driveWorld } from '../../src/world/world.ts'
import { calling, completing, draining, silent } from './running.ts'

const worldWith = (faults: PlanSketch['faults']) =>
  driveWorld(completePlan({ services: [], untilSeconds: 1000, faults: { untilSeconds: 500, ...faults } }), silent())

const times = 20_000

/** In how many of a thousand cases it struck. */
const perMilleOf = ({ world }: ReturnType<typeof worldWith>, delicate = false): number => {
  let struck = 0
  for (let each = 0; each < times; each += 1) if (strikes(world, 'bus.drop', each % 7, -1, delicate)) struck += 1
  return (struck * 1000) / times
}

describe('a fault of so many per mille', () => {
  test.each([
    ['0', 0, false, 0, 0],
    ['20', 20, false, 15, 25],
    ['300', 300, false, 285, 315],
    ['1000', 1000, false, 1000, 1000],
    ['0, at a delicate moment', 0, true, 0, 0],
    ['20, ten times likelier at a delicate moment', 20, true, 185, 215],
    ['300, but not likelier than half there', 300, true, 480, 520],
    ['700, nor less likely than elsewhere', 700, true, 680, 720],
  ])('of %s', (_what, perMille, delicate, least, most) => {
    const struck = perMilleOf(worldWith({ perMille: { 'bus.drop': perMille } }), delicate)
    expect(struck).toBeGreaterThanOrEqual(least)
    expect(struck).toBeLessThanOrEqual(most)
  })

  test('strikes no more from the moment on at which the faults are over', () => {
    const driven = worldWith({ perMille: { 'bus.drop': 1000 } })
    driven.advanceTo(499_999)
    expect(perMilleOf(driven)).toBe(1000)
    driven.advanceTo(500_000)
    expect(perMilleOf(driven)).toBe(0)
  })
})

test('of the faults that strike a plan may keep some: those strike again, and no other', () => {
  const struckOf = (faults: PlanSketch['faults']): ReadonlyArray<number> => {
    const driven = worldWith({ perMille: { 'bus.drop': 20 }, ...faults })
    perMilleOf(driven)
    const { length, kind, b } = driven.world.trace.finish(driven.world.cast)
    return Array.from({ length }, (_, at) => at).flatMap((at) => (kind[at] === FAULT ? [b[at] as number] : []))
  }
  const all = struckOf({})
  const kept = [all[3], all[8], all[9]] as Array<number>
  expect(struckOf({ only: kept })).toEqual(kept)
  expect(struckOf({ only: [] })).toEqual([])
})

describe('whom a fault of a call hits', () => {
  const callsOf = (message: Message, execution: Execution): Readonly<Record<string, Call>> => {
    const { directory } = execution
    const { clusterName: cluster } = directory
    const stream = `ec2-instance/${directory.instanceId(message.instance)}` as StreamId
    const containerInstance = directory.containerInstanceArn(message.instance)
    const ofInstance = { cluster, containerInstance, desiredStatus: 'RUNNING', nextToken: null } as const
    // Tasks are spread: the n-th of them is on the n-th instance.
    const task = directory.taskArn(message.instance)
    return {
      load: { type: 'LoadStream', stream, after: 0 },
      list: {
        type: 'ListContainerInstances',
        cluster,
        ec2InstanceId: directory.instanceId(message.instance),
        nextToken: null,
      },
      describe: { type: 'DescribeContainerInstances', cluster, containerInstances: [containerInstance] },
      update: draining(message, execution),
      tasks: { type: 'ListTasks', ...ofInstance },
      describeTasks: { type: 'DescribeTasks', cluster, tasks: [task] },
      stopTask: { type: 'StopTask', cluster, task, reason: 'test' },
      heartbeat: { type: 'RecordLifecycleActionHeartbeat', action: directory.action(message.action) },
      complete: completing(message, execution),
      wakeUp: { type: 'SendWakeUp', stream, at: execution.now(), hops: 1 },
      find: { type: 'FindStreams', containerInstances: [containerInstance] },
    }
  }

  test.each([
    [
      'api.throttle',
      ['list', 'describe', 'update', 'tasks', 'describeTasks', 'stopTask', 'heartbeat', 'complete', 'wakeUp'],
    ],
    ['api.unavailable', ['list', 'heartbeat']],
    ['api.timeout.applied', ['update', 'complete']],
    ['api.timeout.lost', ['list', 'stopTask']],
    ['read.stale', ['tasks', 'describeTasks']],
    ['store.unavailable', ['load', 'find']],
    ['store.outage', ['load']],
    ['function.crash', ['update', 'load']],
  ] as const)('%s: the instance that the call is about, whatever the call: %j', (site, names) => {
    for (const name of names) {
      const hit: Array<number> = []
      const controller = calling(['termination'], (message, execution) => [callsOf(message, execution)[name] as Call])
      const plan = completePlan({
        groups: [{ desired: 3 }],
        services: [{ desired: 9 }],
        happenings: [{ do: 'terminate-instance', old: 2, atSeconds: 10 }],
        untilSeconds: 100,
        faults: { perMille: { [site]: 1000 }, untilSeconds: 100 },
      })
      createWorld(plan, controller, { struck: (number, host) => hit.push(number, host) }).run()
      expect([name, ...hit.slice(0, 2)]).toEqual([name, faultSites.indexOf(site), 2])
    }
  })
})
