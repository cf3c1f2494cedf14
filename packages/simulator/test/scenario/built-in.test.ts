// Every built-in scenario teaches something, and is held to it under each of the four controllers.
import { readdirSync } from 'node:fs'
import * as E from 'fp-ts/Either'
import { describe, expect, test } from 'vitest'
import type { ControllerName } from '../../src/plan/plan.ts'
import { controllerNames } from '../../src/plan/plan.ts'
import { builtInNames, builtInSource } from '../../src/scenario/built-in.ts'
import { unmetBy } from '../../src/scenario/expectation.ts'
import { readScenario, type Scenario } from '../../src/scenario/read-scenario.ts'
import { simulate } from '../../src/simulate.ts'

const builtIn = (name: string): Scenario => {
  const read = readScenario(builtInSource(name) ?? { label: name, text: '' })
  if (E.isLeft(read)) throw new Error(read.left.join('\n'))
  return read.right
}

test('every file in scenarios/ is built in', () => {
  const files = readdirSync(new URL('../../scenarios', import.meta.url)).filter((name) => name.endsWith('.yaml'))
  expect(builtInNames.map((name) => `${name}.yaml`).toSorted()).toEqual(files.toSorted())
})

describe.each(builtInNames)('%s', (name) => {
  const { name: inDocument, teaches, variants } = builtIn(name)

  test('has its file’s name, and a paragraph on what it teaches', () => {
    expect(inDocument).toBe(name)
    expect(teaches.length).toBeGreaterThan(200)
    expect(teaches).toMatch(/\.$/)
    expect(new Set(variants.map((variant) => variant.name)).size).toBe(variants.length)
  })

  const cases = variants.flatMap((variant) =>
    controllerNames.map((controller) => ({ controller, variant, label: variant.name ?? 'as it is' })),
  )

  test.each(cases)('$label, under $controller, comes to what is expected', ({ controller, variant }) => {
    const expectation = variant.expect[controller]
    const outcome = simulate(variant.plan, { controller })
    expect(unmetBy(expectation ?? {}, outcome)).toEqual([])
  })

  test.each(variants.map((variant) => ({ variant, label: variant.name ?? 'as it is' })))(
    '$label is the same run with notices handed over and with messages as JSON text',
    ({ variant: { plan } }) => {
      expect(simulate(plan, { wire: 'direct' }).trace.hash).toBe(simulate(plan, { wire: 'text' }).trace.hash)
    },
  )

  test.each(variants.map((variant) => ({ variant, label: variant.name ?? 'as it is' })))(
    '$label says what ecs-drain makes of it',
    ({ variant }) => {
      const expected: ControllerName = 'ecs-drain'
      expect(Object.keys(variant.expect[expected] ?? {}).length).toBeGreaterThan(1)
    },
  )
})
