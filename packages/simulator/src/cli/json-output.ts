/** The result as the JSON of `--json`. Scripts read it: keys are added, never renamed. */
import { createHash } from 'node:crypto'
import { hasSettled } from '../measure/figures.ts'
import { controllerResult } from '../promise/judge.ts'
import type { ControllerRun, Result, VariantRuns } from './result.ts'

/**
 * The result, pretty-printed. Where a scenario has several variants, the first is told as if it were alone, and all
 * others under `variants`.
 */
export const jsonOutput = (scenario: string, [first, ...others]: Result): string => {
  const told = { scenario, ...variantOutput(first) }
  const all =
    others.length === 0
      ? told
      : {
          ...told,
          variant: first.variant.name,
          variants: Object.fromEntries(others.map((each) => [each.variant.name ?? '', variantOutput(each)])),
        }
  return `${JSON.stringify(all, null, 2)}\n`
}

const variantOutput = ({ variant, runs }: VariantRuns) => ({
  seed: variant.plan.seed,
  controllers: runs.map((run) => ({
    ...controllerResult(run.controller, run),
    ...(hasSettled(run.trace) ? {} : { settled: false }),
    ...(run.unmet.length === 0 ? {} : { unmet: run.unmet }),
  })),
  traceHash: traceHashOf(runs),
})

/** One run's trace hash; of several runs the hash over theirs, in the order in which they are listed. */
export const traceHashOf = (runs: ReadonlyArray<ControllerRun>): string => {
  const [only, ...more] = runs.map(({ trace }) => trace.hash)
  if (only === undefined || more.length === 0) return only ?? ''
  return createHash('sha256')
    .update([only, ...more].join('\n'))
    .digest('hex')
    .slice(0, 16)
}
