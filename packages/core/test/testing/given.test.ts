// A rule that is told wrongly must not hold: where given/when/then let anything pass, every test of a rule would.
import { describe, expect, test } from 'vitest'
import { at, difference, event, given, observation, policy, same, stoppedTask, task } from '../../src/testing/index.ts'

const begun = [event('DrainRequested', 0), event('ContainerInstanceFound', 1)]
const drains = observation('ContainerInstanceDrains')
const draining = event('ContainerInstanceDraining', 2)

const messagesOf = (check: () => void): ReadonlyArray<string> => {
  try {
    check()
    return []
  } catch (error) {
    return [(error as Error).message]
  }
}

describe('what is decided', () => {
  test('is exactly what was said, or the difference is told', () => {
    const decided = given(...begun).when(drains, { at: at(2) })
    expect(decided.then(draining)).toBeDefined()
    const line = `{"type":"ContainerInstanceDraining","at":${at(2)}}`
    expect(() => decided.then()).toThrow(`after ContainerInstanceDrains, cordoning decides otherwise:\n  + ${line}`)
    expect(() => decided.then(draining, event('Swept', 2))).toThrow(
      `decides otherwise:\n    ${line}\n  - {"type":"Swept","at":${at(2)}}`,
    )
    expect(() => decided.then({ ...draining, at: at(3) })).toThrow(
      `decides otherwise:\n  - {"type":"ContainerInstanceDraining","at":${at(3)}}\n  + ${line}`,
    )
  })

  test('on what is no news is nothing, and not what somebody thought', () => {
    const decided = given(...begun, draining).when(drains, { at: at(3) })
    decided.then()
    expect(() => decided.then(draining)).toThrow(/^after ContainerInstanceDrains, draining decides otherwise:\n {2}- /)
  })

  test('depends on the policy that was said', () => {
    const choice = { after: 1_000, choice: 'wait' } as const
    const late = { at: at(10), policy: policy({ deadline: choice }) }
    given(...begun, draining)
      .when(observation('TimePassed'), late)
      .then(event('DeadlineReached', 10, { choice: 'wait' }))
  })
})

describe('what is owed', () => {
  test('is exactly what was said, or the difference is told', () => {
    const setDraining = given(...begun).when(observation('TimePassed'), { at: at(2) })
    const [owed] = messagesOf(() => setDraining.owing())
    expect(owed).toMatch(/^a drain that is cordoning owes otherwise:\n {2}\+ /)
    expect(owed).toContain('"type":"SetDraining"')
    expect(() => setDraining.then().owing()).toThrow(owed)
    expect(() => given(...begun).owes([], { at: at(2) })).toThrow(owed)
  })
})

describe('plain data', () => {
  test('is the same in any order of its keys, and a field that is undefined is missing', () => {
    expect(same({ a: 1, b: [{ c: 2, d: undefined }] }, { b: [{ c: 2 }], a: 1 })).toBe(true)
    expect(same([task(1)], [task(1, { version: 9 })])).toBe(false)
    expect(same({ a: null }, {})).toBe(false)
    expect([same([1, 2], [2, 1]), same(Number.NaN, null), same(Number.POSITIVE_INFINITY, Number.NaN)]).toEqual([
      false,
      false,
      false,
    ])
  })

  test('that differs is shown line by line, the type first', () => {
    expect(difference([1, 2], [1, 2])).toBeNull()
    expect(difference([stoppedTask(1).version, { b: 1, type: 'x' }], [8, { b: 2, type: 'x' }, 3])).toBe(
      '    8\n  - {"type":"x","b":2}\n  + {"type":"x","b":1}\n  - 3',
    )
  })
})
