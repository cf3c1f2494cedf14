// What a drain costs, held to what was promised; docs/cost.md has the figures.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { costOf, deploymentOnly, drainsAtOnce, oneDrain } from './support/cost-study.ts'
import { repositoryRoot } from './support/repository.ts'

describe('one drain', () => {
  test.each([
    [1, 59],
    [10, 59],
    [100, 59],
  ])('of %i tasks that take 100 s to stop: at most ten calls to ECS and Auto Scaling', (tasks, delay) => {
    const cost = costOf(oneDrain(tasks, delay), 'ecs-drain')
    expect(cost.drains).toBe(1)
    expect(cost.toLastStopped).toBeGreaterThan(95_000)
    expect(cost.calls - cost.heartbeats - cost.sweepCalls).toBeLessThanOrEqual(10)
    expect(cost.promisesBroken).toEqual([])
  })

  test.each([10, 100])('of %i tasks that take 610 s: one call more for each sweep that finds it waiting', (tasks) => {
    const short = costOf(oneDrain(tasks, 59), 'ecs-drain')
    const long = costOf(oneDrain(tasks, 569), 'ecs-drain')
    expect(long.toLastStopped).toBeGreaterThan(600_000)
    const sweeps = long.sweepCalls - short.sweepCalls
    expect(sweeps).toBeGreaterThan(0)
    expect(long.calls - long.heartbeats - long.sweepCalls).toBe(
      short.calls - short.heartbeats - short.sweepCalls + sweeps,
    )
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
