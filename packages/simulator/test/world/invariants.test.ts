// What holds in every world, whatever is done to it and whatever goes wrong.
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { arbitraryPlan } from '../../src/arbitrary/arbitrary-plan.ts'
import type { Controller } from '../../src/controller/controller.ts'
import { createEcsDrainController } from '../../src/controller/ecs-drain.ts'
import { completePlan } from '../../src/plan/defaults.ts'
import { type ParameterName, type Plan, parameters } from '../../src/plan/plan.ts'
import { lifecycleStates, type Trace, taskStatuses } from '../../src/trace/trace.ts'
import { createWorld } from '../../src/world/world.ts'
import { entriesOf } from './running.ts'

const RUNNING = taskStatuses.indexOf('RUNNING')
const STOPPED = taskStatuses.indexOf('STOPPED')
const plans = arbitraryPlan({ hostDeaths: true })
const runs = { numRuns: 60, seed: 3 }
const simulated = (plan: Plan): Trace => createWorld(plan, createEcsDrainController(plan)).run()

/** Also small hosts, fixed ports and daemons, which the shared arbitrary leaves out. */
const crowded: fc.Arbitrary<Plan> = fc
  .record({
    plan: plans,
    cpu: fc.constantFrom(512, 1024, 2048),
    hostPort: fc.constantFrom(null, 8080),
    daemon: fc.boolean(),
  })
  .map(({ plan, cpu, hostPort, daemon }) => ({
    ...plan,
    groups: plan.groups.map((group) => ({ ...group, cpu, memory: 2 * cpu })),
    services: plan.services.map((service, index) => {
      if (daemon && index === 1)
        return { ...service, schedulingStrategy: 'DAEMON' as const, maximumPercent: 100, minimumHealthyPercent: 0 }
      return { ...service, hostPort: index === 0 && !service.awsvpc ? hostPort : null }
    }),
  }))

/** Follows a trace and looks at it after each record. */
const follow = (plan: Plan) => {
  const trace = simulated(plan)
  const { cast } = trace
  const status = new Map<number, number>()
  const host = new Map<number, number>()
  const planOf = (task: number) => plan.services[cast.tasks[task]?.service ?? -1] ?? plan.standaloneTasks[0]
  const open = (instance: number) =>
    [...host].filter(([task, on]) => on === instance && status.get(task) !== STOPPED).map(([task]) => task)
  return { trace, cast, status, host, planOf, open }
}

describe('every world', () => {
  test('keeps within an instance’s room, and one task to a host port', () => {
    fc.assert(
      fc.property(crowded, (plan) => {
        const { trace, host, status, planOf, open } = follow(plan)
        const [group] = plan.groups
        for (const { kind, a, b } of entriesOf(trace)) {
          if (kind === 'task-last-status') status.set(a, b)
          if (kind !== 'task-placed') continue
          host.set(a, b)
          status.set(a, 0)
          const tasks = open(b).map(planOf)
          expect(tasks.reduce((sum, task) => sum + (task?.cpu ?? 0), 0)).toBeLessThanOrEqual(group?.cpu ?? 0)
          expect(tasks.reduce((sum, task) => sum + (task?.memory ?? 0), 0)).toBeLessThanOrEqual(group?.memory ?? 0)
          const ports = tasks.flatMap((task) =>
            task !== undefined && 'hostPort' in task && task.hostPort !== null ? [task.hostPort] : [],
          )
          expect(new Set(ports).size).toBe(ports.length)
        }
      }),
      runs,
    )
  })

  test('never has more tasks RUNNING and PENDING than maximumPercent allows', () => {
    fc.assert(
      fc.property(plans, (plan) => {
        const { trace, cast, status } = follow(plan)
        const occupying = plan.services.map(() => 0)
        for (const { kind, a, b } of entriesOf(trace)) {
          if (kind !== 'task-last-status') continue
          const service = cast.tasks[a]?.service ?? -1
          const before = status.get(a)
          status.set(a, b)
          if (service < 0) continue
          const was = before !== undefined && before <= RUNNING ? 1 : 0
          const now = b <= RUNNING ? 1 : 0
          occupying[service] = (occupying[service] ?? 0) + now - was
          const { desired, maximumPercent } = plan.services[service] ?? { desired: 0, maximumPercent: 0 }
          expect(occupying[service]).toBeLessThanOrEqual(Math.floor((desired * maximumPercent) / 100))
        }
      }),
      runs,
    )
  })

  test('moves a task’s status only forward, and places it once', () => {
    fc.assert(
      fc.property(crowded, (plan) => {
        const last = new Map<number, number>()
        const placed = new Set<number>()
        for (const { kind, a, b } of entriesOf(simulated(plan))) {
          if (kind === 'task-placed') {
            expect(placed.has(a)).toBe(false)
            placed.add(a)
          } else if (kind === 'task-last-status') {
            expect(placed.has(a)).toBe(true)
            expect(b).toBeGreaterThan(last.get(a) ?? -1)
            last.set(a, b)
          }
        }
      }),
      runs,
    )
  })

  test('places nothing on an instance that is DRAINING, but what was under way', () => {
    fc.assert(
      fc.property(plans, (plan) => {
        const drainedAt = new Map<number, number>()
        for (const { at, kind, a, b } of entriesOf(simulated(plan))) {
          if (kind === 'container-instance') {
            if (b === 2) drainedAt.set(a, at)
            else drainedAt.delete(a)
          }
          const since = drainedAt.get(b)
          if (kind === 'task-placed' && since !== undefined) expect(at - since).toBeLessThanOrEqual(800)
        }
      }),
      runs,
    )
  })

  test('ends each lifecycle action once, and lets no host go while one is open', () => {
    fc.assert(
      fc.property(plans, (plan) => {
        const openOn = new Map<number, Set<number>>()
        const instanceOf = new Map<number, number>()
        for (const { kind, a, b } of entriesOf(simulated(plan))) {
          if (kind === 'hook-started') {
            instanceOf.set(a, b)
            openOn.set(b, (openOn.get(b) ?? new Set()).add(a))
          } else if (kind === 'hook-ended') {
            expect(openOn.get(instanceOf.get(a) ?? -1)?.delete(a)).toBe(true)
          } else if (kind === 'instance-state' && lifecycleStates[b] === 'Terminating:Proceed') {
            expect(openOn.get(a)?.size ?? 0).toBe(0)
          }
        }
      }),
      runs,
    )
  })

  test('goes forward in time and ends, once', () => {
    fc.assert(
      fc.property(crowded, (plan) => {
        const entries = entriesOf(simulated(plan))
        let before = 0
        for (const { at } of entries) {
          expect(at).toBeGreaterThanOrEqual(before)
          before = at
        }
        expect(entries.filter(({ kind }) => kind === 'settled' || kind === 'stuck')).toHaveLength(1)
        expect(['settled', 'stuck']).toContain(entries.at(-1)?.kind)
        expect(before).toBeLessThanOrEqual(plan.untilSeconds * 1000)
      }),
      runs,
    )
  })
})

describe('a run', () => {
  test('is the same again, whatever ran in between', () => {
    fc.assert(
      fc.property(fc.tuple(plans, plans), ([one, other]) => {
        const first = simulated(one).hash
        simulated(other)
        expect(simulated(one).hash).toBe(first)
      }),
      { numRuns: 30, seed: 4 },
    )
  })

  test('is the same when another world runs at the same time', () => {
    const [one, other] = fc.sample(plans, { numRuns: 2, seed: 5 })
    if (one === undefined || other === undefined) throw new Error('no plans')
    const apart = [simulated(one).hash, simulated(other).hash]
    let within = ''
    const nested: Controller = createEcsDrainController(one)
    const world = createWorld(one, {
      ...nested,
      handle: (batch, execution) => {
        within ||= simulated(other).hash
        nested.handle(batch, execution)
      },
    })
    expect([world.run().hash, within]).toEqual(apart)
  })

  test('is the only one of its world: a second is refused', () => {
    const plan = completePlan({})
    const world = createWorld(plan, createEcsDrainController(plan))
    world.run()
    expect(() => world.run()).toThrow('this world has run to its end: another run takes another world')
  })

  test('differs with the seed', () => {
    const hashes = [1, 2, 3, 4, 5].map(
      (seed) => simulated(completePlan({ seed, happenings: [{ do: 'ami-update' }] })).hash,
    )
    expect(new Set(hashes).size).toBe(5)
  })

  test('is the same with all of its fault decisions named, and calm with none of them', () => {
    let faulty = 0
    fc.assert(
      fc.property(plans, (plan) => {
        const trace = simulated(plan)
        const ids = entriesOf(trace)
          .filter(({ kind }) => kind === 'fault')
          .map(({ b }) => b)
        faulty += ids.length
        expect(simulated({ ...plan, faults: { ...plan.faults, only: ids } }).hash).toBe(trace.hash)
        const calm = simulated({ ...plan, faults: { ...plan.faults, only: [] } })
        expect(entriesOf(calm).filter(({ kind }) => kind === 'fault')).toEqual([])
      }),
      { numRuns: 40, seed: 6 },
    )
    expect(faulty).toBeGreaterThan(100)
  })
})

test.each(Object.keys(parameters) as ReadonlyArray<ParameterName>)('%s can be at either end of its range', (name) => {
  const { range } = parameters[name]
  for (const value of range) {
    const plan = completePlan({
      happenings: [{ do: 'ami-update' }],
      parameters: { [name]: value },
      untilSeconds: 20_000,
    })
    const entries = entriesOf(simulated(plan))
    expect(['settled', 'stuck']).toContain(entries.at(-1)?.kind)
  }
})
