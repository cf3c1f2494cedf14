/** Core with one defect planted: its sources, bundled with one piece of text replaced. */
import { mkdtempSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, sep } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { build } from 'esbuild'
import type { CoreUnderCheck } from '../../src/check/core-under-check.ts'

const source = fileURLToPath(new URL('../../../core/src', import.meta.url))

export interface Defect {
  /** A file below core/src. */
  readonly file: string
  readonly replace: string
  readonly by: string
}

/** Throws where the text is not in the file: a defect that is not planted must not count as found. */
export const mutatedCore = async ({ file, replace, by }: Defect): Promise<CoreUnderCheck> => {
  const path = join(source, ...file.split('/'))
  const outfile = join(mkdtempSync(join(tmpdir(), 'ecs-drain-core-')), 'core.mjs')
  await build({
    entryPoints: [join(source, 'index.ts')],
    outfile,
    bundle: true,
    format: 'esm',
    platform: 'neutral',
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
  return (await import(pathToFileURL(outfile).href)) as CoreUnderCheck
}
