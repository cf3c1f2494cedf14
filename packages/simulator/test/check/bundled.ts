/**
 * Our own sources bundled into one file, as they are or with one piece of text replaced. From its sources vitest would
 * reach every function of another file through a getter, which makes an exploration several times slower.
 */
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, relative, sep } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { Worker } from 'node:worker_threads'
import { build, type Plugin } from 'esbuild'
import { onTestFinished } from 'vitest'
import type { Exploration, ExploreOptions } from '../../src/check/explore.ts'
import type { Model } from '../../src/check/model.ts'
import { models } from '../../src/check/models.ts'
import type { simulate } from '../../src/simulate.ts'
import type { Simulator } from './world-path.ts'

const coreFolder = fileURLToPath(new URL('../../../core/src', import.meta.url))
const simulatorFolder = fileURLToPath(new URL('../../src', import.meta.url))

export interface Defect {
  /** A file below the package's src. */
  readonly file: string
  readonly replace: string
  readonly by: string
  /** What has to be wrong as well. */
  readonly and?: Defect
}

const editsOf = (defect: Defect): ReadonlyArray<Defect> =>
  defect.and === undefined ? [defect] : [defect, ...editsOf(defect.and)]

/** Throws where the text is not in the file: a defect that is not planted must not count as found. */
const planting = (folder: string, defect: Defect): Plugin => ({
  name: 'defect',
  setup: (plugins) => {
    const edits = editsOf(defect)
    plugins.onLoad({ filter: /\.ts$/ }, async (args) => {
      const file = relative(folder, args.path).split(sep).join('/')
      const here = edits.filter((each) => each.file === file)
      if (here.length === 0) return undefined
      let contents = await readFile(args.path, 'utf8')
      for (const { replace, by } of here) {
        if (!contents.includes(replace)) throw new Error(`${file} does not contain: ${replace}`)
        contents = contents.replace(replace, () => by)
      }
      return { contents, loader: 'ts' }
    })
  },
})

interface BundledFile {
  readonly url: URL
  readonly remove: () => void
}

const bundledFile = async (
  folder: string,
  contents: string,
  defect: Defect | null,
  defectFolder = folder,
): Promise<BundledFile> => {
  const temporary = mkdtempSync(join(tmpdir(), 'ecs-drain-defect-'))
  const outfile = join(temporary, 'planted.mjs')
  await build({
    stdin: { contents, resolveDir: folder, loader: 'ts' },
    outfile,
    bundle: true,
    format: 'esm',
    platform: 'neutral',
    external: ['node:*'],
    conditions: ['@ecs-drain/source'],
    mainFields: ['module', 'main'],
    logLevel: 'error',
    plugins: defect === null ? [] : [planting(defectFolder, defect)],
  })
  return { url: pathToFileURL(outfile), remove: () => rmSync(temporary, { recursive: true }) }
}

const bundled = async (...args: Parameters<typeof bundledFile>): Promise<unknown> => {
  const { url, remove } = await bundledFile(...args)
  try {
    return await import(url.href)
  } finally {
    remove()
  }
}

/** A core with a defect, for a thread to load before the test is over. */
export const mutatedCore = async (defect: Defect): Promise<URL> => {
  const exported = "export { begin, resume, beginRouting, resumeRouting, evolve } from './index.ts'"
  const { url, remove } = await bundledFile(coreFolder, exported, defect)
  onTestFinished(remove)
  return url
}

export const mutatedSimulator = async (defect: Defect): Promise<Simulator> =>
  (await bundled(
    simulatorFolder,
    "export { createWorld } from './world/world.ts'; export { createEcsDrainController } from './controller/ecs-drain.ts'",
    defect,
  )) as Simulator

/** The simulator with a defect in core. */
export const simulateWithDefect = async (defect: Defect): Promise<typeof simulate> =>
  (
    (await bundled(simulatorFolder, "export { simulate } from './simulate.ts'", defect, coreFolder)) as Pick<
      typeof import('../../src/simulate.ts'),
      'simulate'
    >
  ).simulate

/** A storm's seeds, with a defect in core or in the world. */
export const stormWithDefect = async (
  defect: Defect,
  where: 'core' | 'world',
): Promise<typeof import('../../src/storm/run-seed.ts').runSeed> =>
  (
    (await bundled(
      simulatorFolder,
      "export { runSeed } from './storm/run-seed.ts'",
      defect,
      where === 'core' ? coreFolder : simulatorFolder,
    )) as Pick<typeof import('../../src/storm/run-seed.ts'), 'runSeed'>
  ).runSeed

export const bundledExplorer = async (): Promise<typeof import('../../src/check/explore.ts').explore> =>
  (
    (await bundled(simulatorFolder, "export { explore } from './check/explore.ts'", null)) as Pick<
      typeof import('../../src/check/explore.ts'),
      'explore'
    >
  ).explore

/** What a thread is asked to explore. */
interface ThreadOptions extends Omit<ExploreOptions, 'core' | 'progress'> {
  /** Where its core is, if not the one that ships. */
  readonly core?: URL
}

interface Answer {
  readonly exploration?: Exploration
  readonly error?: unknown
}

export interface ExploringThread {
  /** One at a time: a question that a test gave up on is answered before the next. */
  readonly explore: (model: Model, options?: ThreadOptions) => Promise<Exploration>
  readonly end: () => Promise<unknown>
}

const threadSource = `
import { parentPort } from 'node:worker_threads'
import { explore } from './check/explore.ts'
parentPort.on('message', async ({ model, options, core }) => {
  try {
    const exploration = explore(model, core === undefined ? options : { ...options, core: await import(core) })
    parentPort.postMessage({ exploration })
  } catch (error) {
    parentPort.postMessage({ error })
  }
})`

/**
 * The explorer, or one with a defect, in a thread of its own. There nobody counts what is run: in a thread whose coverage is
 * taken an exploration takes two to four times as long, and of a bundle that would count nothing.
 */
export const exploringThread = async (defect: Defect | null = null): Promise<ExploringThread> => {
  const { url, remove } = await bundledFile(simulatorFolder, threadSource, defect)
  const thread = new Worker(url, { execArgv: [] })
  let ended: unknown = null
  thread.once('error', (error) => {
    ended = error
  })
  const answered = async (question: unknown): Promise<Exploration> => {
    // A thread that is out of memory is gone.
    if (ended !== null) throw ended
    thread.postMessage(question)
    const [{ exploration, error }] = (await once(thread, 'message')) as [Answer]
    if (exploration === undefined) throw error
    return exploration
  }
  let last: Promise<unknown> = Promise.resolve()
  return {
    explore: (model, { core, ...options } = {}) => {
      const exploration = last.then(() => answered({ model, options, core: core?.href }))
      last = exploration.catch(() => {})
      return exploration
    },
    end: async () => {
      await thread.terminate()
      remove()
    },
  }
}

/** A model that comes with the checker. */
export const modelNamed = (name: string): Model => {
  const model = models.find((each) => each.name === name)
  if (model === undefined) throw new Error(`no model ${name}`)
  return model
}
