/**
 * The nets that a mutant has to pass: core's tests, the storm, and the exploration. Each in a process of its own, over a mutated
 * copy of core.
 */
import { spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { rawText } from '../raw-text.config.ts'
import type { ExplorationCatch } from './exploration-net.ts'
import type { Mutant } from './mutants.ts'
import { filesOf, mutantPlugin } from './mutated-core.ts'
import type { StormCatch } from './storm-net.ts'

/** What one net says of a mutant. */
export interface Catch {
  readonly caught: boolean
  readonly seconds: number
  /** The test, or the seed and the promise. */
  readonly by: string
  /** The same in a word or two, for a table. */
  readonly inShort: string
  readonly storm?: StormCatch
}

export interface Net {
  readonly name: string
  /** Null: core as it is, in which nothing must be caught. */
  readonly cast: (mutant: Mutant | null) => Promise<Catch>
}

const packageFolder = fileURLToPath(new URL('..', import.meta.url))
const repositoryFolder = fileURLToPath(new URL('../../..', import.meta.url))

interface Ended {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

const run = (
  command: string,
  args: ReadonlyArray<string>,
  env: Readonly<Record<string, string>>,
  secondsMost: number,
): Promise<Ended> =>
  new Promise((resolve) => {
    const child = spawn(command, args, {
      cwd: repositoryFolder,
      env: { ...process.env, NO_COLOR: '1', ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let stdout = ''
    let stderr = ''
    child.stdout.on('data', (chunk: Buffer) => {
      stdout += chunk.toString('utf8')
    })
    child.stderr.on('data', (chunk: Buffer) => {
      stderr += chunk.toString('utf8')
    })
    // A mutant may loop for ever; that is a way of being caught as well.
    const timer = setTimeout(() => child.kill('SIGKILL'), secondsMost * 1000)
    child.once('close', (code) => {
      clearTimeout(timer)
      resolve({ code, stdout, stderr })
    })
  })

/** Core's own tests, up to the first that fails. vitest.config.ts puts the mutant in. */
export const testsNet: Net = {
  name: 'core tests',
  cast: async (mutant) => {
    const started = performance.now()
    const vitest = join(repositoryFolder, 'node_modules', 'vitest', 'vitest.mjs')
    // A busy machine is no defect.
    const args = [vitest, 'run', '--project', 'core', '--bail', '1', '--testTimeout', '60000']
    const env: Readonly<Record<string, string>> = mutant === null ? {} : { ECS_DRAIN_MUTANT: mutant.name }
    const { code, stdout, stderr } = await run(process.execPath, args, env, 300)
    const seconds = (performance.now() - started) / 1000
    if (code === 0) return { caught: false, seconds, by: '', inShort: '' }
    const by = code === null ? 'did not end' : (firstFailed(stdout + stderr) ?? stderr.slice(0, 200))
    const file = /test\/([\w/-]+)\.test\.ts/.exec(by)?.[1]
    return { caught: true, seconds, by, inShort: file === undefined ? by : `\`${file}\`` }
  },
}

/** From the lines of vitest's own report. */
const firstFailed = (report: string): string | undefined => /^ FAIL +(?:core +)?(.*)$/m.exec(report)?.[1]

/** Runs one of the net's programs over the mutated core, and reads the line of JSON that it prints; null: it did not get so far. */
const printedBy = async (
  program: string,
  mutant: Mutant | null,
  args: ReadonlyArray<string>,
  secondsMost: number,
): Promise<{ readonly printed: unknown; readonly trouble: string; readonly seconds: number }> => {
  const parent = join(packageFolder, 'node_modules', '.cache')
  mkdirSync(parent, { recursive: true })
  const folder = mkdtempSync(join(parent, 'mutant-'))
  try {
    const file = join(folder, 'net.mjs')
    await bundle(program, mutant, file)
    const started = performance.now()
    const { code, stdout, stderr } = await run(process.execPath, [file, ...args], {}, secondsMost + 120)
    const seconds = (performance.now() - started) / 1000
    if (code === 0) return { printed: JSON.parse(stdout), trouble: '', seconds }
    return { printed: null, trouble: code === null ? 'did not end' : stderr.slice(0, 200), seconds }
  } finally {
    rmSync(folder, { recursive: true })
  }
}

/** So many seeds, or so many seconds, of storms. */
export const stormNet = (seedsMost: number, secondsMost: number, firstSeed = 0): Net => ({
  name: 'storm',
  cast: async (mutant) => {
    const args = [seedsMost, secondsMost, firstSeed].map(String)
    const { printed, trouble, seconds } = await printedBy('storm-net.ts', mutant, args, secondsMost)
    if (printed === null) return { caught: true, seconds, by: trouble, inShort: 'an exception' }
    const storm = printed as StormCatch
    const by = storm.found === null ? '' : `${storm.found.broke}, seed ${storm.found.seed}`
    const inShort = storm.found === null ? '' : `${promiseOf(storm.found.broke)} after ${storm.seconds.toFixed(1)} s`
    return { caught: storm.found !== null, seconds: storm.seconds, by, inShort, storm }
  },
})

/** The checker's models, each up to so many states, none begun after so many seconds. */
export const explorationNet = (statesMost: number, secondsMost: number): Net => ({
  name: 'exploration',
  cast: async (mutant) => {
    const args = [String(statesMost), String(secondsMost)]
    const { printed, trouble, seconds } = await printedBy('exploration-net.ts', mutant, args, secondsMost)
    if (printed === null) return { caught: true, seconds, by: trouble, inShort: 'an exception' }
    const { found, states, seconds: took } = printed as ExplorationCatch
    const by = found === null ? '' : `${found.broke}, in ${found.model} after ${found.steps} steps and ${states} states`
    const inShort = found === null ? '' : `${promiseOf(found.broke)} in ${found.model}`
    return { caught: found !== null, seconds: took, by, inShort }
  },
})

/** `S1 no early completion` is S1; an exception has no number, nor what a model never reached. */
const promiseOf = (name: string): string =>
  name === 'threw' ? 'an exception' : (/^[SL]\d/.exec(name)?.[0] ?? 'something missing')

const bundle = async (program: string, mutant: Mutant | null, outfile: string): Promise<void> => {
  await build({
    entryPoints: [join(packageFolder, 'mutants', program)],
    outfile,
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node22',
    conditions: ['@ecs-drain/source'],
    mainFields: ['module', 'main'],
    logLevel: 'silent',
    plugins: [rawText, mutantPlugin(mutant === null ? new Map() : filesOf(mutant))],
  })
}
