// A folder in which a page's commands run as they are written.
import { spawnSync } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { inject } from 'vitest'
import { repositoryRoot } from './repository.ts'

/** What a command came to. */
export interface Ran {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

export interface ScratchFolder {
  readonly path: string
  write(file: string, text: string): void
  /** Runs lines of sh. `npx ecs-drain` is the one that was built here; npm and pnpm run in the repository. */
  run(command: string): Ran
  remove(): void
}

export const createScratchFolder = (): ScratchFolder => {
  if (!inject('built')) throw new Error('the build fails: see "pnpm build"')
  const folder = mkdtempSync(join(tmpdir(), 'ecs-drain-documentation-'))
  const path = join(folder, 'here')
  const bin = join(folder, 'bin')
  mkdirSync(path)
  mkdirSync(bin)
  const main = join(repositoryRoot, 'packages', 'simulator', 'dist', 'main.js')
  writeFileSync(
    join(bin, 'npx'),
    `#!/bin/sh\nif [ "$1" = ecs-drain ]; then shift; exec "${process.execPath}" "${main}" "$@"; fi\nexit 127\n`,
  )
  chmodSync(join(bin, 'npx'), 0o755)
  return {
    path,
    write: (file, text) => writeFileSync(join(path, file), `${text}\n`),
    run: (command) => {
      const isOurs = /^p?npm /.test(command)
      const { PATH = '', ...rest } = process.env
      const { status, stdout, stderr } = spawnSync('sh', ['-c', command], {
        cwd: isOurs ? repositoryRoot : path,
        encoding: 'utf8',
        env: {
          ...rest,
          NO_COLOR: '1',
          PATH: [...(isOurs ? [] : [bin]), dirname(process.execPath), PATH].join(delimiter),
        },
      })
      return { code: status, stdout, stderr }
    },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  }
}
