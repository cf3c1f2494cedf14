/** What one invocation of `simulate` came to: for each variant, one run by each controller. */
import type { ControllerName } from '../plan/plan.ts'
import type { Variant } from '../scenario/read-scenario.ts'
import type { Simulation } from '../simulate.ts'

export interface ControllerRun extends Simulation {
  readonly controller: ControllerName
  /** What the scenario expects of it and it did not come to, one line each. */
  readonly unmet: ReadonlyArray<string>
}

export interface VariantRuns {
  readonly variant: Variant
  readonly runs: ReadonlyArray<ControllerRun>
}

/** At least one, the default variant first. */
export type Result = readonly [VariantRuns, ...ReadonlyArray<VariantRuns>]

export const isAsExpected = (result: Result): boolean =>
  result.every(({ runs }) => runs.every(({ unmet }) => unmet.length === 0))

/** Runs of ecs-drain in which a promise was broken. */
export const brokenBy = (result: Result): ReadonlyArray<{ readonly variant: Variant; readonly run: ControllerRun }> =>
  result.flatMap(({ variant, runs }) =>
    runs
      .filter(({ controller, promises }) => controller === 'ecs-drain' && promises.some(({ held }) => !held))
      .map((run) => ({ variant, run })),
  )
