/** The same plan in one process, without HTTP: `ecs-drain simulate`. */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ecsDrain } from './simulated-aws.ts'

export interface SimulatedRun {
  readonly apiCallsByOperation: Readonly<Record<string, number>>
  /** What was decided for each instance, in order. */
  readonly decisions: ReadonlyMap<string, ReadonlyArray<string>>
}

export const simulated = (scenario: string, seed: number): SimulatedRun => {
  const folder = mkdtempSync(join(tmpdir(), 'ecs-drain-simulated-'))
  try {
    const trace = join(folder, 'trace.jsonl')
    const asked = [
      'simulate',
      scenario,
      '--controller',
      'ecs-drain',
      '--seed',
      String(seed),
      '--json',
      '--trace',
      trace,
    ]
    const { status, stdout, stderr } = spawnSync(process.execPath, [ecsDrain, ...asked], { encoding: 'utf8' })
    if (status !== 0) throw new Error(stderr)
    const { controllers } = JSON.parse(stdout) as {
      readonly controllers: ReadonlyArray<Pick<SimulatedRun, 'apiCallsByOperation'>>
    }
    return {
      apiCallsByOperation: controllers[0]?.apiCallsByOperation ?? {},
      decisions: decisionsIn(readFileSync(trace, 'utf8')),
    }
  } finally {
    rmSync(folder, { recursive: true })
  }
}

const decisionsIn = (lines: string): SimulatedRun['decisions'] => {
  const decisions = new Map<string, Array<string>>()
  for (const line of lines.trimEnd().split('\n')) {
    const { kind, instance, decision } = JSON.parse(line) as Readonly<Record<string, string>>
    if (kind !== 'decision' || instance === undefined || decision === undefined) continue
    decisions.set(instance, [...(decisions.get(instance) ?? []), decision])
  }
  return decisions
}
