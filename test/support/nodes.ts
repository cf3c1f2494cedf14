// The Node executables at hand: the pinned one, and whatever else PATH offers.
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { repositoryRoot } from './repository.ts'

export interface Node {
  readonly path: string
  /** `v24.21.0`. */
  readonly version: string
}

/** Older ones do not know the syntax of what is built. */
const oldestMajor = 18

const versionOf = (path: string): string => spawnSync(path, ['--version'], { encoding: 'utf8' }).stdout?.trim() ?? ''

/** One of each version, the one that runs the tests first. */
export const nodesAtHand = (): ReadonlyArray<Node> => {
  const folders = [join(repositoryRoot, 'node_modules', '.bin'), ...(process.env['PATH'] ?? '').split(delimiter)]
  const paths = [process.execPath, ...folders.map((folder) => join(folder, 'node')).filter(existsSync)]
  const nodes = new Map<string, Node>()
  for (const path of new Set(paths)) {
    const version = versionOf(path)
    if (Number(/^v(\d+)\./.exec(version)?.[1] ?? 0) >= oldestMajor && !nodes.has(version))
      nodes.set(version, { path, version })
  }
  return [...nodes.values()]
}
