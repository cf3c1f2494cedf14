// Where things are in this repository.
import { readdirSync } from 'node:fs'
import { join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The repository's root folder. */
export const repositoryRoot = fileURLToPath(new URL('../..', import.meta.url))

/** The folders under packages/. */
export const packageFolders = (): ReadonlyArray<string> =>
  readdirSync(join(repositoryRoot, 'packages'), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name)

/** Every TypeScript file below a folder, as paths relative to the repository's root with forward slashes. */
export const typeScriptFilesBelow = (folder: string): ReadonlyArray<string> =>
  readdirSync(join(repositoryRoot, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
    .map((entry) => relative(repositoryRoot, join(entry.parentPath, entry.name)).replaceAll('\\', '/'))
    .filter((path) => !/\/(node_modules|dist)\//.test(path))
    .sort()
