// Other people's code in what we publish: under terms that we agreed to, and all of it written down.
import { describe, expect, test } from 'vitest'
import {
  bundledInLambda,
  type Dependency,
  keyOf,
  notAllowed,
  productionDependencies,
} from './support/installed-dependencies.ts'

test('every package that is installed with ours is under a licence that was agreed to', () => {
  const dependencies = productionDependencies()
  expect(dependencies.length).toBeGreaterThan(30)
  expect(notAllowed(dependencies)).toEqual([])
})

test('what is in the zip is needed by the function, and nothing else', () => {
  const ofLambda = productionDependencies().filter(({ neededBy }) => neededBy.includes('lambda'))
  const known = new Set(ofLambda.map(keyOf))
  const bundled = [...bundledInLambda()]
  expect(bundled.length).toBeGreaterThan(10)
  expect(bundled.filter((each) => !known.has(each))).toEqual([])
})

test('core needs fp-ts and io-ts and nothing else', () => {
  const ofCore = productionDependencies().filter(({ neededBy }) => neededBy.includes('core'))
  expect(ofCore.map(({ name }) => name)).toEqual(['fp-ts', 'io-ts'])
})

describe('a licence', () => {
  const under = (license: string): ReadonlyArray<Dependency> => [
    { name: 'x', version: '1.0.0', license, neededBy: ['core'] },
  ]

  test.each(['MIT', '(MIT OR GPL-3.0-only)', '(BSD-2-Clause OR MIT OR Apache-2.0)', 'MIT AND ISC'])(
    '%s is fine',
    (license) => {
      expect(notAllowed(under(license))).toEqual([])
    },
  )

  test.each(['GPL-3.0-only', 'MIT AND GPL-3.0-only', 'SEE LICENSE IN LICENSE.md', 'UNLICENSED', 'mit', ''])(
    '"%s" has to be agreed to first',
    (license) => {
      expect(notAllowed(under(license))).toEqual([`x 1.0.0: ${license === '' ? 'says nothing' : license}`])
    },
  )
})
