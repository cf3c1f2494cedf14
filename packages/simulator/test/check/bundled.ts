/**
 * Our own sources bundled into one file, as they are or with one piece of text replaced. From its sources vitest would
 * reach every function of another file through a getter, which makes an exploration several times slower.
 */
import { mkdtempSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, relative, sep } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { build, type Plugin } from 'esbuild'
import type { CoreUnderCheck } from '../../src/check/core-under-check.ts'
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

const bundled = async (
  folder: string,
  contents: string,
  defect: Defect | null,
  defectFolder = folder,
): Promise<unknown> => {
  const outfile = join(mkdtempSync(join(tmpdir(), 'ecs-drain-defect-')), 'planted.mjs')
  await build({
    stdin: { contents, resolveDir: folder, loader: 'ts' },
    outfile,
    bundle: true,
    format: 'esm',
    platform: 'neutral',
    conditions: ['@ecs-drain/source'],
    mainFields: ['module', 'main'],
    logLevel: 'error',
    plugins: defect === null ? [] : [planting(defectFolder, defect)],
  })
  return import(pathToFileURL(outfile).href)
}

export const mutatedCore = async (defect: Defect): Promise<CoreUnderCheck> =>
  (await bundled(
    coreFolder,
    "export { begin, resume, beginRouting, resumeRouting, evolve } from './index.ts'",
    defect,
  )) as CoreUnderCheck

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

/** The explorer, or one with a defect, and the models by name. */
export const bundledExplorer = async (
  defect: Defect | null = null,
): Promise<{
  readonly explore: typeof import('../../src/check/explore.ts').explore
  readonly modelNamed: (name: string) => Model
}> => {
  const contents = "export { explore } from './check/explore.ts'"
  const { explore } = (await bundled(simulatorFolder, contents, defect)) as Pick<
    typeof import('../../src/check/explore.ts'),
    'explore'
  >
  return { explore, modelNamed }
}

/** A model that comes with the checker. */
export const modelNamed = (name: string): Model => {
  const model = models.find((each) => each.name === name)
  if (model === undefined) throw new Error(`no model ${name}`)
  return model
}
