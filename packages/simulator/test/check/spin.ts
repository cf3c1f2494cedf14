/** Spin, where it is installed: `apt-get install spin`, and a C compiler. */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import type { Promela } from './promela.ts'

const runs = (command: string, args: ReadonlyArray<string>): boolean => spawnSync(command, args).status === 0

export const hasSpin = (): boolean => runs('spin', ['-V']) && runs('gcc', ['--version'])

export interface SpinFigures {
  readonly states: number
  readonly transitions: number
  /** Seconds of the processor. */
  readonly seconds: number
}

/**
 * A verifier for a Promela program: exact storage, no partial-order reduction (there is one process), optimised. It is gone
 * when the test is over.
 */
export const verifierOf = ({ program, tables }: Promela): (() => SpinFigures) => {
  const folder = mkdtempSync(join(tmpdir(), 'ecs-drain-spin-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  writeFileSync(join(folder, 'model.pml'), program)
  writeFileSync(join(folder, 'tables.h'), tables)
  run(folder, 'spin', ['-a', 'model.pml'])
  run(folder, 'gcc', ['-O3', '-w', '-DSAFETY', '-DNOREDUCE', '-DMEMLIM=8000', '-o', 'pan', 'pan.c'])
  return () => {
    // Spin's own "elapsed time" is the clock's, which measures everybody else on the machine as well.
    const text = run(folder, 'bash', ['-c', 'TIMEFORMAT="CPU %U %S"; { time ./pan -m4000000 -w24 -E; } 2>&1'])
    return {
      states: figure(text, /^\s*(\S+) states, stored/m),
      transitions: figure(text, /^\s*(\S+) transitions/m),
      seconds: figure(text, /^CPU (\S+) /m) + figure(text, /^CPU \S+ (\S+)/m),
    }
  }
}

const run = (cwd: string, command: string, args: ReadonlyArray<string>): string => {
  const { status, stdout, stderr } = spawnSync(command, args, { cwd, encoding: 'utf8', maxBuffer: 1 << 26 })
  if (status !== 0) throw new Error(`${command} ${args.join(' ')}: ${stderr}${stdout}`)
  return stdout
}

const figure = (text: string, pattern: RegExp): number => {
  const found = pattern.exec(text)?.[1]
  if (found === undefined) throw new Error(`no ${pattern} in:\n${text}`)
  return Number(found)
}
