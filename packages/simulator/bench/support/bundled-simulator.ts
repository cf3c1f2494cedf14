/**
 * The simulator as it is published: one file. From its sources vitest would reach every function of another file through
 * a getter, which costs as much as the functions do.
 */
import { rm } from 'node:fs/promises'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { build } from 'esbuild'

export type Simulator = typeof import('./entry.ts')

const entry = fileURLToPath(new URL('./entry.ts', import.meta.url))

/** Out of vitest's reach, like every dependency, and where Node finds this package's own ones. */
const outfile = fileURLToPath(new URL(`../../node_modules/.cache/bench/simulator-${process.pid}.mjs`, import.meta.url))

export const bundledSimulator = async (): Promise<Simulator> => {
  await build({
    entryPoints: [entry],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'es2023',
    conditions: ['@ecs-drain/source'],
    mainFields: ['module', 'main'],
    external: ['yaml'],
    logLevel: 'error',
  })
  try {
    return (await import(/* @vite-ignore */ pathToFileURL(outfile).href)) as Simulator
  } finally {
    await rm(outfile)
  }
}
