import * as E from 'fp-ts/Either'
import { describe, expect, test } from 'vitest'
import { setValue } from '../../src/scenario/set-value.ts'

const document = { services: [{ name: 'web', desired: 4 }], faults: {} }

describe('sets', () => {
  test.each([
    ['services[0].desired', { services: [{ name: 'web', desired: 9 }], faults: {} }],
    ['services[web].desired', { services: [{ name: 'web', desired: 9 }], faults: {} }],
    [
      'services[0].loadBalancer.deregistrationDelaySeconds',
      { services: [{ name: 'web', desired: 4, loadBalancer: { deregistrationDelaySeconds: 9 } }], faults: {} },
    ],
    ['parameters.scheduler.reaction', { ...document, parameters: { 'scheduler.reaction': 9 } }],
    ['faults.perMille.bus.drop', { ...document, faults: { perMille: { 'bus.drop': 9 } } }],
    ['faults.untilSeconds', { ...document, faults: { untilSeconds: 9 } }],
    ['seed', { ...document, seed: 9 }],
    [
      'groups[0].hooks[0].heartbeatTimeoutSeconds',
      { ...document, groups: [{ hooks: [{ heartbeatTimeoutSeconds: 9 }] }] },
    ],
  ])('%s', (path, changed) => {
    expect(setValue(document, path, 9)).toEqual(E.right(changed))
  })
})

test('of several items only the one that is named is set, whose name may begin with a digit', () => {
  const services = [{ name: 'web' }, { name: '2nd' }, { desired: 1 }]
  expect(setValue({ services }, 'services[2nd].desired', 9)).toEqual(
    E.right({ services: [{ name: 'web' }, { name: '2nd', desired: 9 }, { desired: 1 }] }),
  )
  expect(setValue({ services }, 'services[3rd].desired', 9)).toEqual(
    E.left('services has nothing named 3rd: expected one of web, 2nd'),
  )
})

test('leaves the document as it was', () => {
  const before = JSON.stringify(document)
  setValue(document, 'services[0].desired', 9)
  expect(JSON.stringify(document)).toBe(before)
})

test('does not reach into prototypes', () => {
  const set = setValue(document, '__proto__.polluted', true)
  expect(E.isRight(set) && Object.keys(set.right as object)).toContain('__proto__')
  expect(({} as Record<string, unknown>)['polluted']).toBeUndefined()
})

describe('refuses', () => {
  test.each([
    ['', 'expected a path such as services[0].desired, got ""'],
    ['services.', 'expected a path such as services[0].desired, got "services."'],
    ['[0]', 'expected a path such as services[0].desired, got "[0]"'],
    ['services[1].desired', 'services[1] does not exist: services has 1'],
    ['services[api].desired', 'services has nothing named api: expected one of web'],
    ['faults[0]', 'faults is not a list'],
    ['standaloneTasks[1].count', 'standaloneTasks is left out, so only standaloneTasks[0] can be set'],
    ['groups[web].desired', 'groups is left out, so only groups[0] can be set'],
    ['services[0].name.first', 'services[0].name has no keys, it is "web"'],
    ['services.desired', 'services has no keys, it is [{"name":"web","desired":4}]'],
  ])('%j', (path, why) => {
    expect(setValue(document, path, 9)).toEqual(E.left(why))
  })
})
