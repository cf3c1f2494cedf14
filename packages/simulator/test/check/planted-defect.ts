/** Our own sources with one defect planted: bundled with one piece of text replaced. */
import { mkdtempSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, sep } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { build } from 'esbuild'
import type { CoreUnderCheck } from '../../src/check/core-under-check.ts'
import type { Simulator } from './world-path.ts'

const coreFolder = fileURLToPath(new URL('../../../core/src', import.meta.url))
const simulatorFolder = fileURLToPath(new URL('../../src', import.meta.url))

export interface Defect {
  /** A file below the package's src. */
  readonly file: string
  readonly replace: string
  readonly by: string
}

/** Throws where the text is not in the file: a defect that is not planted must not count as found. */
const planted = async (folder: string, contents: string, { file, replace, by }: Defect): Promise<unknown> => {
  const path = join(folder, ...file.split('/'))
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
    plugins: [
      {
        name: 'defect',
        setup: ({ onLoad }) => {
          onLoad({ filter: /\.ts$/ }, async (args) => {
            if (args.path.split(sep).join('/') !== path.split(sep).join('/')) return undefined
            const text = await readFile(args.path, 'utf8')
            if (!text.includes(replace)) throw new Error(`${file} does not contain: ${replace}`)
            return { contents: text.replace(replace, () => by), loader: 'ts' }
          })
        },
      },
    ],
  })
  return import(pathToFileURL(outfile).href)
}

export const mutatedCore = async (defect: Defect): Promise<CoreUnderCheck> =>
  (await planted(
    coreFolder,
    "export { begin, resume, beginRouting, resumeRouting, evolve } from './index.ts'",
    defect,
  )) as CoreUnderCheck

export const mutatedSimulator = async (defect: Defect): Promise<Simulator> =>
  (await planted(
    simulatorFolder,
    "export { createWorld } from './world/world.ts'; export { createEcsDrainController } from './controller/ecs-drain.ts'",
    defect,
  )) as Simulator
