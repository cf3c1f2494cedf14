// Task scale-in protection: what leaves a protected task alone, and what does not.
import { describe, expect, test } from 'vitest'
import { createNone } from '../../src/controller/none.ts'
import { completePlan, type HappeningSketch, type PlanSketch } from '../../src/plan/defaults.ts'
import { calling, runOf } from './running.ts'

/** Two tasks of two minutes' protection from second zero: task 0 is on the first instance, task 1 on the second. */
const runAfter = (happening: HappeningSketch, sketch: PlanSketch = {}) =>
  runOf(
    completePlan({
      services: [{ desired: 4 }],
      happenings: [{ do: 'update-task-protection', atSeconds: 0, tasks: 2, expiresInMinutes: 10 }, happening],
      untilSeconds: 3600,
      ...sketch,
    }),
    createNone(),
  )

/** When each task of second zero was told to stop, in seconds; undefined: never. */
const toldAt = (run: ReturnType<typeof runOf>) =>
  [0, 1, 2, 3].map((task) => {
    const told = run.of('task-desired-status').find(({ a }) => a === task)
    return told === undefined ? undefined : told.at / 1000
  })

describe('a drain', () => {
  const drained = (blocks: 0 | 1) =>
    toldAt(runAfter({ do: 'set-draining', atSeconds: 60 }, { parameters: { 'protection.blocksDrain': blocks } }))

  test('stops a protected task like any other where protection is ignored', () => {
    const [protectedTask = 0, , other = 0] = drained(0)
    expect(protectedTask).toBe(other)
    expect(protectedTask).toBeLessThan(200)
  })

  test('waits for the protection where it blocks, and only for that task', () => {
    const [protectedTask = 0, elsewhere, other = 0, last] = drained(1)
    expect(other).toBeLessThan(200)
    expect(protectedTask).toBeGreaterThanOrEqual(600)
    expect(protectedTask).toBeLessThan(606)
    expect([elsewhere, last]).toEqual([undefined, undefined])
  })

  test('is not called settled while a protected task has yet to leave', () => {
    const run = runAfter({ do: 'set-draining', atSeconds: 60 }, { parameters: { 'protection.blocksDrain': 1 } })
    expect(run.entries.at(-1)?.kind).toBe('settled')
    expect(run.of('task-last-status').filter(({ a, b }) => a === 0 && b === 7)).toHaveLength(1)
  })
})

test.each([0, 1] as const)('a deployment waits for it, whatever a drain would do (%i)', (blocks) => {
  const [one = 0, two = 0, three = 0, four = 0] = toldAt(
    runAfter({ do: 'deploy', atSeconds: 60 }, { parameters: { 'protection.blocksDrain': blocks } }),
  )
  expect(Math.max(three, four)).toBeLessThan(200)
  expect(Math.min(one, two)).toBeGreaterThanOrEqual(600)
})

describe('scale-in of the service', () => {
  test('takes others', () => {
    const told = toldAt(runAfter({ do: 'set-desired-count', atSeconds: 60, desired: 2 }))
    expect(told.slice(0, 2)).toEqual([undefined, undefined])
    expect(Math.max(...told.slice(2).map((at) => at ?? Number.NaN))).toBeLessThan(70)
  })

  test('waits where there are no others', () => {
    const told = toldAt(runAfter({ do: 'set-desired-count', atSeconds: 60, desired: 1 }))
    const late = told.filter((at) => at !== undefined && at >= 600)
    expect(late).toHaveLength(1)
    expect(told.filter((at) => at !== undefined && at < 70)).toHaveLength(2)
  })
})

test('protecting a task again begins its time anew', () => {
  const run = runOf(
    completePlan({
      services: [{ desired: 2 }],
      parameters: { 'protection.blocksDrain': 1 },
      happenings: [
        { do: 'update-task-protection', atSeconds: 0, tasks: 1, expiresInMinutes: 5 },
        { do: 'update-task-protection', atSeconds: 240, tasks: 1, expiresInMinutes: 5 },
        { do: 'set-draining', atSeconds: 60 },
      ],
    }),
    createNone(),
  )
  const told = run.of('task-desired-status').find(({ a }) => a === 0)?.at ?? 0
  expect(told).toBeGreaterThanOrEqual(540_000)
  expect(told).toBeLessThan(546_000)
})

test('StopTask stops it', () => {
  const plan = completePlan({
    services: [{ desired: 2 }],
    parameters: { 'protection.blocksDrain': 1 },
    happenings: [
      { do: 'update-task-protection', atSeconds: 0, tasks: 2, expiresInMinutes: 10 },
      { do: 'terminate-instance', atSeconds: 60 },
    ],
  })
  const stops = calling(['termination'], ({ instance }, { directory }) => [
    { type: 'StopTask', cluster: directory.clusterName, task: directory.taskArn(instance), reason: 'now' },
  ])
  const told = runOf(plan, stops).of('task-desired-status')[0]
  expect(told?.a).toBe(0)
  expect(told?.at).toBeLessThan(70_000)
})
