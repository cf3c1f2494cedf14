// Equal plans leave equal traces whatever runs them: this Node, another, or this one without its optimising compiler.
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { builtInNames, builtInSource, controllerNames, type Plan, readScenario, simulate } from '@ecs-drain/simulator'
import { arbitraryPlan } from '@ecs-drain/simulator/testing'
import * as fc from 'fast-check'
import { expect, inject, test } from 'vitest'
import { nodesAtHand } from './support/nodes.ts'
import { repositoryRoot } from './support/repository.ts'

/** Plans with faults, drawn; and scenarios, of which the biggest is too slow without a compiler. */
const plans: ReadonlyArray<Plan> = [
  ...fc.sample(arbitraryPlan({ hostDeaths: true }), { numRuns: 25, seed: 20_260_302 }),
  ...builtInNames
    .filter((name) => name !== 'hundred-instances')
    .flatMap((name) => {
      const read = readScenario(builtInSource(name) ?? { label: name, text: '' })
      return read._tag === 'Right' ? [read.right.variants[0].plan] : []
    }),
]

const entry = pathToFileURL(join(repositoryRoot, 'packages', 'simulator', 'dist', 'index.js')).href

/** Plans on stdin, a hash for each of them under each controller on stdout. */
const program = `
import { controllerNames, simulate } from ${JSON.stringify(entry)}
import { readFileSync } from 'node:fs'
const hashes = JSON.parse(readFileSync(0, 'utf8')).flatMap((plan) =>
  controllerNames.map((controller) => simulate(plan, { controller, texts: false }).trace.hash))
process.stdout.write(JSON.stringify(hashes))`

/** As printed by a Node of its own, from what is built. */
const hashesUnder = (node: string, ...flags: ReadonlyArray<string>): ReadonlyArray<string> => {
  if (!inject('built')) throw new Error('the build fails: see "pnpm build"')
  const { status, stdout, stderr } = spawnSync(node, [...flags, '--input-type=module', '-e', program], {
    input: JSON.stringify(plans),
    encoding: 'utf8',
    maxBuffer: 10_000_000,
  })
  if (status !== 0) throw new Error(`${node} ended with ${status}: ${stderr}`)
  return JSON.parse(stdout) as ReadonlyArray<string>
}

const here = plans.flatMap((plan) =>
  controllerNames.map((controller) => simulate(plan, { controller, texts: false }).trace.hash),
)

const [own, ...others] = nodesAtHand()
if (own === undefined) throw new Error('no Node at hand, though one runs this')

test('the plans are worth comparing: most have faults, and hardly two leave the same trace', () => {
  expect(plans.filter(({ faults }) => Object.keys(faults.perMille).length > 0).length).toBeGreaterThan(20)
  expect(new Set(here).size).toBeGreaterThan(here.length / 2)
})

test('what is built leaves the traces that the sources leave', () => {
  expect(hashesUnder(own.path)).toEqual(here)
})

test('and without the optimising compiler', () => {
  expect(hashesUnder(own.path, '--no-opt', '--no-maglev', '--no-sparkplug')).toEqual(here)
})

test.skipIf(others.length === 0)(
  others.length === 0
    ? `and under another Node (skipped: ${own.version} is the only one on PATH)`
    : `and under ${others.map(({ version }) => version).join(', ')}`,
  () => {
    for (const { path, version } of others) expect([version, hashesUnder(path)]).toEqual([version, here])
  },
)
