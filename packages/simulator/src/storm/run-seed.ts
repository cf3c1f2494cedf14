/** One seed: its world, run to the end with every promise watched, and what is counted of it. */
import type { Plan } from '../plan/plan.ts'
import type { PromiseName, PromiseResult } from '../promise/promise.ts'
import { type Simulation, simulate } from '../simulate.ts'
import { SETTLED } from '../trace/kind-numbers.ts'
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
  try {
    const { trace, promises } = runWatched(plan, seed % textEvery === 0 ? 'text' : 'direct', (created) => {
      coverage = created
    })
    const failures = promises
      .filter(({ held }) => !held)
      .map(({ name, witness = '' }): StormFailure => ({ seed, profile, broke: name, witness }))
    const last = trace.length - 1
    return {
      seed,
      profile,
      records: trace.length,
      virtualSeconds: Math.floor((trace.at[last] ?? 0) / 1000),
      settled: trace.kind[last] === SETTLED,
      traceHash: trace.hash,
      faults: coverage?.faults ?? [],
      reached: coverage?.reached ?? [],
      promises,
      failures,
    }
  } catch (error) {
    const witness = error instanceof Error ? (error.stack ?? error.message) : String(error)
    return {
      seed,
      profile,
      records: 0,
      virtualSeconds: 0,
      settled: false,
      traceHash: '0'.repeat(16),
      faults: coverage?.faults ?? [],
      reached: coverage?.reached ?? [],
      promises: [],
      failures: [{ seed, profile, broke: 'threw', witness }],
    }
  }
}

const runWatched = (plan: Plan, wire: 'text' | 'direct', watching: (coverage: Coverage) => void): Simulation =>
  simulate(plan, {
    wire,
    texts: false,
    watch: (cast) => {
      const coverage = createCoverage(plan, cast)
      watching(coverage)
      return coverage
    },
  })
