/** The command line as a process: its sources in one file, made once, so that these tests need no build. */
import { type ChildProcess, spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { renameSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import type { Edit } from '../../mutants/mutants.ts'
import { filesWith, mutantPlugin } from '../../mutants/mutated-core.ts'
import { rawText } from '../../raw-text.config.ts'

const packageFolder = fileURLToPath(new URL('../..', import.meta.url))

/**
 * Makes the command, over core with these edits, and gives its file. Inside the package, so that Node finds the package's
 * dependencies from there.
 */
export const buildCommand = async (edits: ReadonlyArray<Edit> = [], name = 'main'): Promise<string> => {
  const outfile = `${packageFolder}node_modules/.cache/ecs-drain-test/${name}.js`
  // Under a name of its own first: another test may be starting the one that is there.
  const made = `${outfile}.${randomUUID()}.js`
  await build({
    entryPoints: [`${packageFolder}src/main.ts`],
    outfile: made,
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node22',
    conditions: ['@ecs-drain/source'],
    mainFields: ['module', 'main'],
    external: ['cli-table3', 'commander', 'fast-xml-parser', 'ora', 'vega', 'vega-lite', 'yaml'],
    plugins: [rawText, mutantPlugin(filesWith(edits))],
    logLevel: 'silent',
  })
  renameSync(made, outfile)
  return outfile
}

/** How a process ended and what it said. */
export interface Ended {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly stdout: string
  readonly stderr: string
}

/** Starts the command; colours off, as in a pipe. */
export const start = (
  file: string,
  args: ReadonlyArray<string>,
  cwd: string,
  environment: Readonly<Record<string, string>> = {},
): ChildProcess =>
  spawn(process.execPath, [file, ...args], {
    cwd,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, NO_COLOR: '1', ...environment },
  })

/** Waits for its end. */
export const ended = (child: ChildProcess): Promise<Ended> =>
  new Promise((resolve) => {
    let stdout = ''
    let stderr = ''
    child.stdout?.on('data', (chunk: Buffer) => {
      stdout += chunk.toString('utf8')
    })
    child.stderr?.on('data', (chunk: Buffer) => {
      stderr += chunk.toString('utf8')
    })
    child.once('close', (code, signal) => resolve({ code, signal, stdout, stderr }))
  })
