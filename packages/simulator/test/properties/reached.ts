/** What the runs of a property went through. A property that never reaches the interesting state proves nothing. */
import { createDrainedAgain } from '../../src/storm/coverage.ts'
import { invocationEndings, kinds, type Trace } from '../../src/trace/trace.ts'

export interface Reached {
  see(trace: Trace): void
  /** How many runs had such a record at all: a kind of the trace, a decision by its name, or a way through several. */
  runsWith(name: string): number
  readonly runs: () => number
}

export const createReached = (): Reached => {
  const counts = new Map<string, number>()
  let runs = 0
  return {
    see: (trace) => {
      runs += 1
      const seen = new Set<string>()
      const isDrainedAgain = createDrainedAgain()
      for (let index = 0; index < trace.length; index += 1) {
        const kind = kinds[trace.kind[index] ?? 0] ?? ''
        if (kind === 'decision') {
          const name = trace.cast.decisions[trace.b[index] ?? 0] ?? ''
          seen.add(name)
          if (isDrainedAgain(trace.a[index] ?? 0, name)) seen.add('DRAINING again, and drained')
        } else if (kind === 'invocation-ended') seen.add(`function ${invocationEndings[trace.b[index] ?? 0] ?? ''}`)
        else seen.add(kind)
      }
      for (const name of seen) counts.set(name, (counts.get(name) ?? 0) + 1)
    },
    runsWith: (name) => counts.get(name) ?? 0,
    runs: () => runs,
  }
}
