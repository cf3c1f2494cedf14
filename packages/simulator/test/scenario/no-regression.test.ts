// Behaviour across releases: every built-in scenario, seed by seed, leaves the trace it left before. A change of a hash is
// a change of the world or of ecs-drain, and belongs into the changeset; `vitest -u` writes the new ones down.
import { expect, test } from 'vitest'
import { controllerNames } from '../../src/plan/plan.ts'
import { builtInNames, builtInSource } from '../../src/scenario/built-in.ts'
import { readScenario } from '../../src/scenario/read-scenario.ts'
import { simulate } from '../../src/simulate.ts'

test.each(builtInNames)('%s leaves the traces it left before', (name) => {
  const source = builtInSource(name)
  const scenario = source === undefined ? undefined : readScenario(source)
  if (scenario?._tag !== 'Right') throw new Error(`no scenario ${name}`)
  const hashes = scenario.right.variants.flatMap((variant) =>
    controllerNames.map((controller) => {
      const { trace } = simulate(variant.plan, { controller, wire: 'direct', texts: false })
      return `${variant.name ?? name} ${controller}: ${trace.hash}`
    }),
  )
  expect(hashes).toMatchSnapshot()
})
