import { describe, expect, test } from 'vitest'
import { isWithin } from '../../src/scenario/expectation.ts'

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
