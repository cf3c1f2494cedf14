import { describe, expect, test } from 'vitest'
import { expectBoth, isWithin } from '../../src/scenario/expectation.ts'

describe('a bound', () => {
  test.each([
    [4, 4],
    ['>= 4', 4],
    ['<= 4', 4],
    ['> 3.5', 4],
    ['<5', 4],
    ['4..4', 4],
    ['-2..2', -1],
  ])('%j holds for %d', (bound, actual) => {
    expect(isWithin(bound, actual)).toBe(true)
  })

  test.each([
    [4, 4.1],
    ['>= 4', 3],
    ['<= 4', 5],
    ['> 4', 4],
    ['< 4', 4],
    ['3..5', 5.1],
    ['3..5', 2.9],
    ['>= 0', null],
    ['>= 0', undefined],
  ])('%j does not hold for %j', (bound, actual) => {
    expect(isWithin(bound, actual)).toBe(false)
  })
})

test('what a variant expects of promises takes the place of what its scenario does, in whichever way it is said', () => {
  const general = { 'ecs-drain': { promises: 'all' as const, tasksKilled: 0 } }
  const special = { 'ecs-drain': { brokenPromises: ['L2' as const] } }
  expect(expectBoth(general, special)).toEqual({ 'ecs-drain': { tasksKilled: 0, brokenPromises: ['L2'] } })
})
