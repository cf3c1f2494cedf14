/**
 * The core as it is published: one file. From its sources vitest would reach every function of another file through a
 * getter, which costs as much as the functions do.
 */
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

export type Core = typeof import('../../src/index.ts')

const entry = fileURLToPath(new URL('../../src/index.ts', import.meta.url))

/** A module of its own each time it is called. */
export const bundledCore = async (): Promise<Core> => {
  const { outputFiles } = await build({
    entryPoints: [entry],
    bundle: true,
    write: false,
    format: 'esm',
    target: 'es2023',
    mainFields: ['module', 'main'],
  })
  const text = outputFiles[0]?.text ?? ''
  return (await import(/* @vite-ignore */ `data:text/javascript;base64,${btoa(text)}`)) as Core
}
