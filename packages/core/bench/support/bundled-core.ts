/**
 * The core as it is published: one file. From its sources vitest would reach every function of another file through a
 * getter, which costs as much as the functions do.
 */
import { rm } from 'node:fs/promises'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { build } from 'esbuild'

export type Core = typeof import('../../src/index.ts')

const entry = fileURLToPath(new URL('../../src/index.ts', import.meta.url))

/** Out of vitest's reach, like every dependency. */
const outfile = fileURLToPath(new URL(`../../node_modules/.cache/bench/core-${process.pid}.mjs`, import.meta.url))

export const bundledCore = async (): Promise<Core> => {
  await build({
    entryPoints: [entry],
    outfile,
    bundle: true,
    format: 'esm',
    target: 'es2023',
    mainFields: ['module', 'main'],
    logLevel: 'error',
  })
  try {
    return (await import(/* @vite-ignore */ pathToFileURL(outfile).href)) as Core
  } finally {
    await rm(outfile)
  }
}
