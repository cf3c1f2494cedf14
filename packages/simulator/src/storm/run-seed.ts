/** One seed: its world, run to the end with every promise watched, and what is counted of it. */
import { endOf, hasSettled } from '../measure/figures.ts'
import type { PromiseName, PromiseResult } from '../promise/promise.ts'
import { runPlan } from '../simulate.ts'
import type { Cast } from '../trace/trace.ts'
import { type Coverage, createCoverage } from './coverage.ts'
import { stormOf } from './storm-plan.ts'
import type { StormProfile } from './weather.ts'

/** A promise that a run broke, or the exception that ended it. */
export interface StormFailure {
  readonly seed: number
  readonly profile: StormProfile
  /** An exception is a defect of the program itself: `threw`. */
  readonly broke: PromiseName | 'threw'
  readonly witness: string
}

/** What one seed adds to a campaign. */
export interface SeedOutcome {
  readonly seed: number
  readonly profile: StormProfile
  readonly records: number
  readonly virtualSeconds: number
  readonly settled: boolean
  readonly traceHash: string
  readonly faults: ReadonlyArray<number>
  readonly reached: ReadonlyArray<number>
  readonly promises: ReadonlyArray<PromiseResult>
  readonly failures: ReadonlyArray<StormFailure>
}

/** Every so many seeds the messages are written and read as AWS's JSON. The trace is the same, the codecs are run. */
const textEvery = 16

export const runSeed = (seed: number): SeedOutcome => {
  const { plan, profile } = stormOf(seed)
  let coverage: Coverage | undefined
  const watch = (cast: Cast): Coverage => {
    coverage = createCoverage(plan, cast)
    return coverage
  }
  const outcome = (run: Omit<SeedOutcome, 'seed' | 'profile' | 'faults' | 'reached'>): SeedOutcome => ({
    seed,
    profile,
    faults: coverage?.faults ?? [],
    reached: coverage?.reached ?? [],
    ...run,
  })
  try {
    const wire = seed % textEvery === 0 ? 'text' : 'direct'
    const { trace, promises } = runPlan(plan, { wire, texts: false, watch })
    return outcome({
      records: trace.length,
      virtualSeconds: Math.floor(endOf(trace) / 1000),
      settled: hasSettled(trace),
      traceHash: trace.hash,
      promises,
      failures: promises
        .filter(({ held }) => !held)
        .map(({ name, witness = '' }): StormFailure => ({ seed, profile, broke: name, witness })),
    })
  } catch (error) {
    const witness = error instanceof Error ? (error.stack ?? error.message) : String(error)
    return outcome({
      records: 0,
      virtualSeconds: 0,
      settled: false,
      traceHash: '0'.repeat(16),
      promises: [],
      failures: [{ seed, profile, broke: 'threw', witness }],
    })
  }
}
