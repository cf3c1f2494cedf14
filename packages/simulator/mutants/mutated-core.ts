/** Core with a mutant in it, as build tools see it: the files themselves stay as they are. */
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { Plugin } from 'esbuild'
import type { Edit, Mutant } from './mutants.ts'

/** Ends with a slash. */
export const coreSources: string = fileURLToPath(new URL('../../core/src/', import.meta.url))

/** The file with its edits; throws where a text to find is not there exactly once. */
export const mutated = (source: string, edits: ReadonlyArray<Edit>): string =>
  edits.reduce((text, { file, find, put }) => {
    const parts = text.split(find)
    if (parts.length !== 2) throw new Error(`${file}: found ${parts.length - 1} times: ${find}`)
    return parts.join(put)
  }, source)

/** The mutant's files by absolute path, with what they become. */
export const filesOf = ({ edits }: Mutant): ReadonlyMap<string, string> => filesWith(edits)

/** The same for any edits. */
export const filesWith = (edits: ReadonlyArray<Edit>): ReadonlyMap<string, string> => {
  const files = new Map<string, string>()
  for (const file of new Set(edits.map((each) => each.file))) {
    const source = readFileSync(coreSources + file, 'utf8')
    files.set(
      coreSources + file,
      mutated(
        source,
        edits.filter((each) => each.file === file),
      ),
    )
  }
  return files
}

/** For esbuild: core's files with those in `files` in their place. */
export const mutantPlugin = (files: ReadonlyMap<string, string>): Plugin => ({
  name: 'mutant',
  setup: (build) => {
    build.onLoad({ filter: /\.ts$/ }, ({ path }) => {
      const contents = files.get(path)
      return contents === undefined ? undefined : { contents, loader: 'ts' }
    })
  },
})
