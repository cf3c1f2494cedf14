// A folder in which a page's commands run as they are written.
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { chmodSync, closeSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
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
  /** Runs lines of sh. `npx ecs-drain` is the one that was built here, any other npx the real one; npm and pnpm run in the repository. */
  run(command: string): Ran
  /** Starts a command that goes on until `remove`, and gives what it has printed when that has the text in it. */
  start(command: string, until: string): string
  remove(): void
}

/** Where there is no AWS CLI, its commands are carried out with the SDK. */
const awsBySdk = join(repositoryRoot, 'test', 'support', 'aws-by-sdk.mjs')

/** What a page has its reader export once: commands of a page are run one by one. */
const simulatedAws = {
  AWS_REGION: 'eu-west-1',
  AWS_DEFAULT_REGION: 'eu-west-1',
  AWS_ACCESS_KEY_ID: 'simulated',
  AWS_SECRET_ACCESS_KEY: 'simulated',
  AWS_PAGER: '',
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
    `#!/bin/sh\nif [ "$1" = ecs-drain ]; then shift; exec "${process.execPath}" "${main}" "$@"; fi\nPATH="\${PATH#*:}" exec npx "$@"\n`,
  )
  chmodSync(join(bin, 'npx'), 0o755)
  if (spawnSync('aws', ['--version']).status !== 0) {
    writeFileSync(join(bin, 'aws'), `#!/bin/sh\nexec "${process.execPath}" "${awsBySdk}" "$@"\n`)
    chmodSync(join(bin, 'aws'), 0o755)
  }
  const { PATH = '', ...rest } = process.env
  const environment = (isOurs: boolean): NodeJS.ProcessEnv => ({
    ...rest,
    ...simulatedAws,
    NO_COLOR: '1',
    PATH: [...(isOurs ? [] : [bin]), dirname(process.execPath), PATH].join(delimiter),
  })
  const started: Array<ChildProcess> = []
  return {
    path,
    write: (file, text) => writeFileSync(join(path, file), `${text}\n`),
    run: (command) => {
      const isOurs = /^p?npm /.test(command)
      const { status, stdout, stderr } = spawnSync('sh', ['-c', command], {
        cwd: isOurs ? repositoryRoot : path,
        encoding: 'utf8',
        env: environment(isOurs),
      })
      return { code: status, stdout, stderr }
    },
    start: (command, until) => {
      const printed = join(folder, `printed-${started.length}.txt`)
      const output = openSync(printed, 'w')
      started.push(
        spawn('sh', ['-c', `exec ${command}`], {
          cwd: path,
          env: environment(false),
          stdio: ['ignore', output, output],
        }),
      )
      closeSync(output)
      for (let waited = 0; waited < 60_000; waited += 50) {
        const text = readFileSync(printed, 'utf8')
        if (text.includes(until)) return text.trimEnd()
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 50)
      }
      throw new Error(`"${until}" was not printed: ${readFileSync(printed, 'utf8')}`)
    },
    remove: () => {
      for (const child of started) child.kill('SIGINT')
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
