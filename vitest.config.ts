import { writeFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { fileURLToPath } from 'node:url'
import { defineConfig, type TestProjectInlineConfiguration } from 'vitest/config'
import type { Reporter } from 'vitest/node'
import { mutants } from './packages/simulator/mutants/mutants.ts'
import { filesOf } from './packages/simulator/mutants/mutated-core.ts'

const builtFirst = fileURLToPath(new URL('test/support/built.ts', import.meta.url))

const ofPackage = (name: string, globalSetup: Array<string> = []): TestProjectInlineConfiguration => ({
  extends: true,
  test: {
    name,
    root: `packages/${name}`,
    globalSetup,
    include: ['test/**/*.test.ts', 'src/**/*.test.ts'],
    benchmark: { include: ['bench/**/*.bench.ts'] },
  },
})

/** What holds for the repository as a whole: dependency rules, what is published, size, where it runs. */
const ofRepository: TestProjectInlineConfiguration = {
  extends: true,
  test: {
    name: 'repo',
    include: ['test/**/*.test.ts'],
    globalSetup: [builtFirst],
    benchmark: { include: [] },
    testTimeout: 120_000,
  },
}

/** For scripts/verify.mjs, which adds these counts to its own checks'. A file that does not load is a failure. */
const countsToFile = (file: string): Reporter => ({
  onTestRunEnd(modules, unhandledErrors) {
    const states = modules.flatMap((module) => [...module.children.allTests()]).map((test) => test.result().state)
    const brokenModules = modules.filter((module) => module.errors().length > 0).length
    const count = (state: string) => states.filter((each) => each === state).length
    writeFileSync(
      file,
      JSON.stringify({
        passed: count('passed'),
        failed: count('failed') + brokenModules + unhandledErrors.length,
        skipped: count('skipped'),
      }),
    )
  },
})

const countsFile = process.env['ECS_DRAIN_COUNTS']

/** `pnpm mutants` runs tests over core with a defect in it; the files stay as they are. */
const mutantName = process.env['ECS_DRAIN_MUTANT']
const mutantPlugins = () => {
  if (mutantName === undefined) return []
  const mutant = mutants.find(({ name }) => name === mutantName)
  if (mutant === undefined) throw new Error(`there is no mutant ${mutantName}`)
  const files = filesOf(mutant)
  return [{ name: 'mutant', enforce: 'pre' as const, load: (id: string) => files.get(id) ?? null }]
}

export default defineConfig({
  plugins: mutantPlugins(),
  // Tests run against the packages' sources, so they need no build.
  resolve: { conditions: ['@ecs-drain/source'] },
  ssr: { resolve: { conditions: ['@ecs-drain/source'] } },
  test: {
    isolate: false,
    // Many tests wait for processes and servers of their own, so even two cores are not idle with one worker each.
    maxWorkers: Math.max(2, availableParallelism()),
    // A busy machine is no failure: nothing here is a test of speed.
    testTimeout: 60_000,
    hookTimeout: 120_000,
    // A cache of transformed modules goes by the files, and a mutant leaves those as they are.
    fsModuleCache: mutantName === undefined,
    projects: [
      ofPackage('core'),
      ofPackage('aws-adapter'),
      ofPackage('simulator'),
      // The bundle is run end to end, against the simulator's command.
      ofPackage('lambda', [builtFirst]),
      ofRepository,
    ],
    coverage: {
      provider: 'v8',
      // Looked for in the folder of each project.
      include: ['**/src/**/*.ts'],
      reporter: ['text', 'html'],
      reportOnFailure: true,
    },
    reporters: countsFile === undefined ? ['default'] : ['default', countsToFile(countsFile)],
  },
})
