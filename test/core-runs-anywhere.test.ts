import { copyFileSync } from 'node:fs'
import { join } from 'node:path'
import vm from 'node:vm'
import { build } from 'esbuild'
import { chromium } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { findChromium } from '../scripts/install-chromium.mjs'
import { type PackedRepository, packRepository } from './support/packed.ts'
import { repositoryRoot } from './support/repository.ts'

// The scenario is in fixtures/drain-one-instance.ts; here it is only carried to the places where core must run.
const scenarioFile = 'drain-one-instance.ts'

const quietBrowser = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

const browser = findChromium()

let packed: PackedRepository
let script: string

beforeAll(async () => {
  packed = packRepository()
  script = await bundledForNoPlatform(packed.folder)
})
// Not there when the build failed.
afterAll(() => (packed as PackedRepository | undefined)?.remove())

test('the packed core drains an instance in a context that has nothing but the language', async () => {
  const context = vm.createContext({})
  vm.runInContext(script, context)
  const result: unknown = await vm.runInContext('result', context)
  expect(plain(result)).toEqual(expectedResult())
})

// Where a developer has no browser this is skipped; the continuous build must have one.
test.skipIf(browser === undefined && process.env['CI'] === undefined)(
  'the packed core drains an instance in a browser page',
  async () => {
    if (browser === undefined) throw new Error('no Chromium: run scripts/install-chromium.mjs, or set CHROME_PATH')
    const running = await chromium.launch({ executablePath: browser, args: quietBrowser })
    try {
      const page = await running.newPage()
      await page.addScriptTag({ content: script })
      expect(await page.evaluate('result')).toEqual(expectedResult())
    } finally {
      await running.close()
    }
  },
)

const expectedResult = (): unknown => ({
  phases: ['draining', 'draining', 'draining', 'ended'],
  completions: 1,
  calls: [
    'RecordLifecycleActionHeartbeat',
    'ListContainerInstances',
    'UpdateContainerInstancesState',
    'SendWakeUp',
    'DescribeLifecycleHooks',
    'ListTasks',
    'ListTasks',
    'DescribeTasks',
    'ListTasks',
    'ListTasks',
    'DescribeContainerInstances',
    'CompleteLifecycleAction',
  ],
})

/** The scenario and the packed core in one script. An import of anything that a platform provides fails the build. */
const bundledForNoPlatform = async (folder: string): Promise<string> => {
  const entry = join(folder, scenarioFile)
  copyFileSync(join(repositoryRoot, 'test', 'fixtures', scenarioFile), entry)
  const result = await build({
    entryPoints: [entry],
    bundle: true,
    write: false,
    format: 'iife',
    platform: 'neutral',
    target: 'es2023',
    logLevel: 'silent',
  })
  return result.outputFiles.map((file) => file.text).join('')
}

/** Objects of another context have other prototypes: compare them as the data they are. */
const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value))
