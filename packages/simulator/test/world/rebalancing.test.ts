// Availability Zone rebalancing: what a drain leaves uneven becomes even again, a task at a time, and never at the floor's cost.
import { describe, expect, test } from 'vitest'
import { completePlan, type PlanSketch, type ServiceSketch } from '../../src/plan/defaults.ts'
import { simulate } from '../../src/simulate.ts'
import { type Entry, entriesOf } from './running.ts'

/** One of two instances, each in a zone of its own, is drained and replaced: its tasks go to the other and stay there. */
const replaced = (service: ServiceSketch = {}, sketch: PlanSketch = {}) => {
  const { trace, figures, promises } = simulate(
    completePlan({
      groups: [{ cpu: 4096, hooks: [{}] }],
      services: [{ desired: 4, availabilityZoneRebalancing: 'ENABLED', ...service }],
      happenings: [{ do: 'terminate-instance' }],
      untilSeconds: 20_000,
      ...sketch,
    }),
  )
  const entries = entriesOf(trace)
  const host = new Map<number, number>()
  const stopped = new Set<number>()
  for (const { kind, a, b } of entries) {
    if (kind === 'task-placed') host.set(a, b)
    if (kind === 'task-last-status' && b === 7) stopped.add(a)
  }
  const perInstance = [1, 2].map(
    (instance) => [...host].filter(([task, on]) => on === instance && !stopped.has(task)).length,
  )
  return { entries, figures, broken: promises.filter(({ held }) => !held), perInstance, placed: host.size }
}

describe('after a drain', () => {
  test('all tasks stay in one zone without it', () => {
    const { perInstance, placed, broken } = replaced({ availabilityZoneRebalancing: 'DISABLED' })
    expect([perInstance, placed, broken]).toEqual([[4, 0], 6, []])
  })

  test('the zones become even with it, and ecs-drain keeps its promises', () => {
    const { perInstance, placed, broken, figures, entries } = replaced()
    expect([perInstance, placed, broken]).toEqual([[2, 2], 8, []])
    expect(figures.services[0]).toMatchObject({ leastRunning: 4, secondsBelowFloor: 0 })
    expect(entries.at(-1)?.kind).toBe('settled')
  })

  test.each([100, 50])(
    'a task starts, is healthy, and only then one stops: one at a time, with a minimum of %i',
    (min) => {
      const { entries } = replaced(
        { minimumHealthyPercent: min },
        { parameters: { 'scheduler.reaction': 1, 'rebalancing.reaction': 0 } },
      )
      const when = (kind: Entry['kind'], task: number, b = -1) =>
        entries.find((entry) => entry.kind === kind && entry.a === task && (b < 0 || entry.b === b))?.at ?? Number.NaN
      // Tasks 0 to 3 are those of second zero, 4 and 5 replaced the drained ones, 6 and 7 are the moves.
      const told = entries.filter(({ kind }) => kind === 'task-desired-status')
      const [, , first, second] = told
      expect(told).toHaveLength(4)
      expect(first?.at).toBeGreaterThan(when('task-healthy', 6, 1))
      expect(when('task-placed', 7)).toBeGreaterThan(when('task-last-status', first?.a ?? -1, 7))
      expect(second?.at).toBeGreaterThan(when('task-healthy', 7, 1))
    },
  )

  test('zones that differ by one are even', () => {
    const { perInstance, placed, entries } = replaced({ desired: 5 })
    expect(perInstance.toSorted((one, other) => one - other)).toEqual([2, 3])
    expect([placed, entries.at(-1)?.kind]).toEqual([10, 'settled'])
  })

  test('it begins as long after steady state as the plan says', () => {
    const at = (reaction: number) => {
      const { entries } = replaced({}, { parameters: { 'rebalancing.reaction': reaction } })
      return (entries.find(({ kind, a }) => kind === 'task-placed' && a === 6)?.at ?? Number.NaN) / 1000
    }
    expect(at(600) - at(0)).toBeGreaterThan(590)
    expect(at(600) - at(0)).toBeLessThan(610)
  })
})

describe('no task moves', () => {
  test('where the other zone has no instance', () => {
    const { placed, entries } = replaced({}, { groups: [{ cpu: 4096, launchable: 0 }] })
    expect([placed, entries.at(-1)?.kind]).toEqual([6, 'settled'])
  })

  test('where the other zone is full', () => {
    const { placed, perInstance, entries } = replaced(
      {},
      {
        parameters: { 'rebalancing.reaction': 300 },
        standaloneTasks: [{ startsAtSeconds: 200, cpu: 4096, runsSeconds: 1000 }],
        // The second does nothing but keep the run from ending before.
        happenings: [{ do: 'terminate-instance' }, { do: 'set-desired-count', atSeconds: 2500, desired: 4 }],
      },
    )
    // The standalone task alone is on the new instance, and when it is done the zones are balanced after all.
    const fresh = entries.filter(({ kind, a }) => kind === 'task-placed' && a > 6).map(({ at }) => at)
    expect(Math.min(...fresh)).toBeGreaterThan(1_200_000)
    expect(Math.min(...fresh)).toBeLessThan(1_700_000)
    expect([placed, perInstance]).toEqual([9, [2, 2]])
    expect(entries.filter(({ kind }) => kind === 'placement-failed')).toEqual([])
  })

  test('where maximumPercent allows no more of them', () => {
    // floor(4 x 110 / 100) is 4; to be drained at all, the service may do without two.
    const { placed, perInstance, entries } = replaced({ minimumHealthyPercent: 50, maximumPercent: 110 })
    expect([perInstance[0], placed, entries.at(-1)?.kind]).toEqual([4, 6, 'settled'])
  })
})

test('a drain ends the move that is under way: as many tasks start as leave, and the one that has moved is one of theirs', () => {
  const { entries, placed, broken } = replaced(
    { maximumPercent: 400 },
    {
      happenings: [{ do: 'terminate-instance' }, { do: 'terminate-instance', atSeconds: 205, old: 1 }],
      parameters: { 'rebalancing.reaction': 60 },
    },
  )
  const moved = entries.find(({ kind, a }) => kind === 'task-placed' && a === 6)
  expect(moved?.at).toBeGreaterThan(150_000)
  expect(moved?.at).toBeLessThan(205_000)
  // Four of second zero, two that replaced the first drained ones, the one that moved, three more for the four of the second drain,
  // and two that moved when that zone had an instance again.
  expect([placed, broken]).toEqual([4 + 2 + 1 + 3 + 2, []])
})

test('protected tasks are not moved', () => {
  const protect = { do: 'update-task-protection', atSeconds: 300, tasks: 4, expiresInMinutes: 120 } as const
  const { entries, perInstance, broken } = replaced(
    {},
    { happenings: [{ do: 'terminate-instance' }, protect], parameters: { 'rebalancing.reaction': 240 } },
  )
  const moved = entries.filter(({ kind, a }) => kind === 'task-placed' && a >= 6).map(({ at }) => at)
  expect(moved.length).toBe(2)
  expect(Math.min(...moved)).toBeGreaterThan((300 + 7200) * 1000)
  expect([perInstance, broken]).toEqual([[2, 2], []])
})

test('a drain that comes in between ends the move, and the service keeps its count', () => {
  const { entries, broken, figures } = replaced(
    { healthCheckSeconds: 120 },
    { happenings: [{ do: 'terminate-instance' }, { do: 'set-draining', atSeconds: 420, old: 1 }] },
  )
  expect(broken).toEqual([])
  expect(figures.services[0]).toMatchObject({ leastRunning: 4 })
  expect(entries.at(-1)?.kind).toBe('settled')
})
