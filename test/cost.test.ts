// What a drain costs, held to what was promised; docs/cost.md has the figures.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { costOf, deploymentOnly, drainsAtOnce, oneDrain } from './support/cost-study.ts'
import { repositoryRoot } from './support/repository.ts'

/** ECS's and Auto Scaling's calls for one drain, heartbeats apart, for terminations at different times between two sweeps. */
const callsBetweenSweeps = (tasks: number, takes: number, delay: number): ReadonlyArray<number> =>
  Array.from({ length: 15 }, (_, phase) => {
    const cost = costOf(oneDrain(tasks, delay, 60 + 20 * phase), 'ecs-drain')
    expect(cost.drains).toBe(1)
    expect(Math.abs(cost.toLastStopped / 1000 - takes)).toBeLessThan(10)
    expect(cost.promisesBroken).toEqual([])
    return cost.calls - cost.heartbeats - cost.sweepCalls
  })

describe('one drain', () => {
  test.each([
    [1, 100, 59],
    [1, 610, 569],
    [10, 100, 59],
    [10, 610, 569],
    [100, 610, 569],
  ])('of %i tasks that take %i s: at most ten calls to ECS and Auto Scaling', (tasks, takes, delay) => {
    expect(Math.max(...callsBetweenSweeps(tasks, takes, delay))).toBeLessThanOrEqual(10)
  })

  test('of 100 tasks that take 100 s: at most ten, unless a sweep falls into the second in which all stop', () => {
    const calls = callsBetweenSweeps(100, 100, 59).toSorted((one, other) => one - other)
    expect(calls.at(-2)).toBeLessThanOrEqual(10)
    // It sees that they have stopped before their events come, and whoever brings these confirms it as well.
    expect(calls.at(-1)).toBeLessThanOrEqual(25)
  })

  test('completes within one delivery of the last STOPPED', () => {
    const { worstSeconds } = costOf(oneDrain(10, 569), 'ecs-drain')
    expect(worstSeconds).toBeGreaterThanOrEqual(0)
    expect(worstSeconds).toBeLessThan(5)
  })
})

describe('tasks that stop while nothing drains', () => {
  test('cost no call to ECS and none to Auto Scaling but the sweep', () => {
    const cost = costOf(deploymentOnly(), 'ecs-drain')
    expect(cost.stoppedEvents).toBeGreaterThanOrEqual(20)
    expect(cost.invocations).toBeGreaterThan(0)
    expect(cost.calls).toBe(cost.sweepCalls)
  })
})

describe('a hundred drains at once, ten tasks each, within the token buckets of an account', () => {
  const cost = costOf(drainsAtOnce(100), 'ecs-drain')

  test('all are right', () => {
    expect(cost.drains).toBe(100)
    expect(cost.promisesBroken).toEqual([])
  })

  test('the last completes at most 60 s after its last STOPPED', () => {
    expect(cost.worstSeconds).toBeLessThanOrEqual(60)
  })

  test('at most 5 percent of the calls are throttled', () => {
    expect(cost.throttled / cost.calls).toBeLessThanOrEqual(0.05)
  })
})

test("the README's rows are those of docs/cost.md", () => {
  const rowsOf = (page: string) =>
    readFileSync(join(repositoryRoot, page), 'utf8')
      .split('\n')
      .filter((line) => /^\| .* ms \| .* s \|$/.test(line))
  expect(rowsOf('README.md').length).toBeGreaterThanOrEqual(4)
  expect(rowsOf('docs/cost.md')).toEqual(expect.arrayContaining(rowsOf('README.md')))
})
