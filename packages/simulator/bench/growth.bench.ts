/**
 * How the cost of an update grows: with the fleet, ten tasks on each instance, and with the drains that are under way at once. What
 * a drain costs must stay the same. Each row is a process of its own, and its memory is what is left when garbage is collected.
 */
import { execFileSync } from 'node:child_process'
import { rmSync } from 'node:fs'
import { cpus } from 'node:os'
import { test } from 'vitest'
import { bundledFile } from './support/bundled-simulator.ts'
import type { GrowthFigures } from './support/growth-run.ts'

const fleets = [
  {
    title: 'instances, ten replaced at once',
    rows: [10, 100, 1000, 5000].map((instances) => ({ instances, batch: 10 })),
  },
  {
    title: 'drains at once, of a thousand instances',
    rows: [1, 10, 100, 1000].map((batch) => ({ instances: 1000, batch })),
  },
]

const columns = [
  'instances',
  'at once',
  'occurrences',
  'us each',
  'commits',
  'events',
  'tasks seen',
  'failed',
  'KB stored',
  'calls',
  'KB held',
  'virtual h',
]

const aligned = (cells: ReadonlyArray<string>): string => cells.map((cell) => cell.padStart(11)).join(' ')

test('growth', { timeout: 900_000 }, async () => {
  const program = await bundledFile('./growth-run.ts')
  const lines = [
    `${cpus()[0]?.model ?? 'unknown processor'}, Node ${process.version}, CPU time of one thread`,
    'from commits to KB held: of one drain, the mean; not judged, notices handed over',
  ]
  try {
    for (const { title, rows } of fleets) {
      lines.push('', title, aligned(columns))
      for (const { instances, batch } of rows) {
        const args = ['--expose-gc', '--max-old-space-size=8192', program, String(instances), String(batch)]
        const figures = JSON.parse(execFileSync(process.execPath, args, { encoding: 'utf8' })) as GrowthFigures
        if (figures.drains !== instances) throw new Error(`${figures.drains} of ${instances} instances were drained`)
        const each = (sum: number): string => (sum / figures.drains).toFixed(1)
        lines.push(
          aligned([
            instances.toLocaleString('en'),
            batch.toLocaleString('en'),
            figures.occurrences.toLocaleString('en'),
            ((figures.seconds / figures.occurrences) * 1e6).toFixed(2),
            each(figures.commits),
            each(figures.events),
            each(figures.tasksSeen),
            each(figures.failed),
            each(figures.storedBytes / 1024),
            each(figures.calls),
            each(figures.heapBytes / 1024),
            (figures.virtualSeconds / 3600).toFixed(1),
          ]),
        )
      }
    }
  } finally {
    rmSync(program)
  }
  console.log(lines.join('\n'))
})
