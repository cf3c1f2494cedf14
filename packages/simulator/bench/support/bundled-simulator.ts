/**
 * The simulator as it is published: one file. From its sources vitest would reach every function of another file through
 * a getter, which costs as much as the functions do.
 */
import { rm } from 'node:fs/promises'
import { basename } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { build, type Plugin } from 'esbuild'

export type Simulator = typeof import('./entry.ts')

const here = (file: string): string => fileURLToPath(new URL(file, import.meta.url))

/** Out of vitest's reach, like every dependency, and where Node finds this package's own ones. */
const cache = here('../../node_modules/.cache/bench/')

/** Files of `src/kernel` for which `naive` has another. */
export type NaiveFile = 'calendar-queue.ts' | 'draws.ts'

const naively = (files: ReadonlyArray<NaiveFile>): Plugin => ({
  name: 'naive',
  setup: (plugins) => {
    plugins.onResolve({ filter: /\/kernel\/[^/]+\.ts$/ }, ({ path, importer }) => {
      const name = files.find((file) => path.endsWith(`/kernel/${file}`))
      // The naive one itself may use what is in ours.
      const isOurs = name === undefined || importer.includes('/naive/')
      return isOurs ? undefined : { path: here(`./naive/${name}`) }
    })
  },
})

/** Bundles a program of this folder, some files of the kernel replaced; whoever asks for it removes the file. */
export const bundledFile = async (entry: string, naive: ReadonlyArray<NaiveFile> = []): Promise<string> => {
  const outfile = `${cache}${[entry, ...naive].map((file) => basename(file, '.ts')).join('-')}-${process.pid}.mjs`
  await build({
    entryPoints: [here(entry)],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'es2023',
    conditions: ['@ecs-drain/source'],
    mainFields: ['module', 'main'],
    external: ['yaml'],
    logLevel: 'error',
    plugins: [naively(naive)],
  })
  return outfile
}

export const bundledSimulator = async (naive: ReadonlyArray<NaiveFile> = []): Promise<Simulator> => {
  const outfile = await bundledFile('./entry.ts', naive)
  try {
    return (await import(/* @vite-ignore */ pathToFileURL(outfile).href)) as Simulator
  } finally {
    await rm(outfile)
  }
}
