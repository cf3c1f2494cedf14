/**
 * A folder with an `aws` in it that writes down how it was called, and a copy of the package as a user has it installed; or as it is in a
 * checkout of the repository, with a build that numbers what it makes.
 */
import { type SpawnSyncReturns, spawnSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const sources = fileURLToPath(new URL('../..', import.meta.url))

/** The package in a checkout, where nothing of it is built yet. */
export interface FakeCheckout {
  readonly zip: string
  readonly sources: string
  /** Runs `bin/ecs-drain-<command>`. */
  readonly run: (command: string, ...args: ReadonlyArray<string>) => SpawnSyncReturns<string>
}

/** Where a deployment can be tried without an account. */
export interface FakeAccount {
  /** Of the package that is installed: `deploy`, `dist` and what the command is made of, and no more. */
  readonly zip: string
  /** Made at its first call; from then on its build does this. */
  readonly checkout: (build?: { readonly builds: boolean }) => FakeCheckout
  readonly run: (...args: ReadonlyArray<string>) => SpawnSyncReturns<string>
  /** As on a machine without the AWS CLI. */
  readonly runWithoutAws: (...args: ReadonlyArray<string>) => SpawnSyncReturns<string>
  /** Gives a text to a shell that finds the same commands. */
  readonly runShell: (text: string) => void
  /** The arguments of each call, first to last. */
  readonly calls: () => ReadonlyArray<ReadonlyArray<string>>
  /** Of each call, the pager that it was told to show its output in; null: the one that it has by itself. */
  readonly pagers: () => ReadonlyArray<string | null>
  /** From now on `aws` says that there is no such bucket, and ends with this code, where its first argument is `service`. */
  readonly failAt: (service: string, code: number) => void
  readonly remove: () => void
}

export const createFakeAccount = (): FakeAccount => {
  const folder = mkdtempSync(join(tmpdir(), 'ecs-drain-deploy-'))
  const [bin, packageFolder, log] = [join(folder, 'bin'), join(folder, 'package'), join(folder, 'calls.jsonl')]
  mkdirSync(bin)
  const fake = [
    '#!/usr/bin/env node',
    `const { appendFileSync, existsSync, readFileSync } = require('node:fs')`,
    'const args = process.argv.slice(2)',
    `appendFileSync(${JSON.stringify(log)}, JSON.stringify({ args, pager: process.env.AWS_PAGER ?? null }) + '\\n')`,
    `const failing = ${JSON.stringify(join(folder, 'failing.json'))}`,
    `const [service, code] = existsSync(failing) ? JSON.parse(readFileSync(failing, 'utf8')) : [null, 0]`,
    'if (args[0] === service) {',
    `  console.error('no such bucket')`,
    '  process.exitCode = code',
    '}',
  ]
  writeFileSync(join(bin, 'aws'), fake.join('\n'), { mode: 0o755 })
  copyTo(packageFolder, ['deploy', 'src/command-line.ts', 'src/deploy', 'src/deploy.ts', 'package.json'])
  const zip = join(packageFolder, 'dist', 'ecs-drain-lambda.zip')
  mkdirSync(dirname(zip))
  writeFileSync(zip, 'not really a zip')
  const path = `${bin}:${dirname(process.execPath)}:/usr/bin:/bin`
  const runWith =
    (pathOfRun: string) =>
    (...args: ReadonlyArray<string>) =>
      spawnSync(process.execPath, [join(packageFolder, 'src', 'deploy.ts'), ...args], {
        cwd: folder,
        encoding: 'utf8',
        env: { ...process.env, PATH: pathOfRun },
      })
  return {
    zip,
    checkout: ({ builds } = { builds: true }) => createCheckout(join(folder, 'checkout'), path, builds),
    run: runWith(path),
    runWithoutAws: runWith(join(folder, 'nothing')),
    runShell: (text) => {
      const env = { ...process.env, PATH: path }
      const { status, stderr } = spawnSync('/bin/sh', ['-e'], { cwd: folder, encoding: 'utf8', env, input: text })
      if (status !== 0) throw new Error(stderr)
    },
    calls: () => logged(log).map(({ args }) => args),
    pagers: () => logged(log).map(({ pager }) => pager),
    failAt: (service, code) => writeFileSync(join(folder, 'failing.json'), JSON.stringify([service, code])),
    remove: () => rmSync(folder, { recursive: true }),
  }
}

/** With what the package needs, which an installation brings. */
const copyTo = (packageFolder: string, names: ReadonlyArray<string>): void => {
  for (const name of names) cpSync(join(sources, name), join(packageFolder, name), { recursive: true })
  const installed = join(packageFolder, 'node_modules')
  if (!existsSync(installed)) symlinkSync(join(sources, 'node_modules'), installed)
}

interface LoggedCall {
  readonly args: ReadonlyArray<string>
  readonly pager: string | null
}

const logged = (log: string): ReadonlyArray<LoggedCall> =>
  existsSync(log)
    ? readFileSync(log, 'utf8')
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line) as LoggedCall)
    : []

const createCheckout = (root: string, path: string, builds: boolean): FakeCheckout => {
  const packageFolder = join(root, 'packages', 'lambda')
  copyTo(packageFolder, ['bin', 'deploy', 'src', 'package.json'])
  cpSync(join(sources, 'test', 'deploy', 'fake-build.mjs'), join(root, 'scripts', 'run.mjs'))
  const env = { ...process.env, PATH: path, FAKE_BUILD_FAILS: builds ? 'no' : 'yes' }
  return {
    zip: join(packageFolder, 'dist', 'ecs-drain-lambda.zip'),
    sources: join(packageFolder, 'src'),
    run: (command, ...args) => {
      const bin = join(packageFolder, 'bin', `ecs-drain-${command}.js`)
      return spawnSync(process.execPath, [bin, ...args], { cwd: root, encoding: 'utf8', env })
    },
  }
}
