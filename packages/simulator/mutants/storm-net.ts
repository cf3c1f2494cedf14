/**
 * The storm as a net for one mutant: seeds until one fails, then the shrinking. It is bundled together with the mutated core and
 * run in a process of its own. Prints one line of JSON.
 */
import type { Plan } from '../src/plan/plan.ts'
import { runSeed } from '../src/storm/run-seed.ts'
import { shrinkPlan } from '../src/storm/shrink.ts'
import { stormOf } from '../src/storm/storm-plan.ts'

/** What a failure came down to, and what that took. */
export interface Shrinking {
  readonly faults: number
  readonly instances: number
  readonly replays: number
  /** Records that those runs wrote. */
  readonly records: number
  readonly seconds: number
  readonly plan: Plan
}

/** What the storm came to; `null`: nothing was found. */
export interface StormCatch {
  readonly seeds: number
  readonly seconds: number
  readonly found: {
    readonly seed: number
    readonly broke: string
    readonly witness: string
    readonly shrunk: Shrinking | null
  } | null
}

const [seedsMost = 0, secondsMost = 0, firstSeed = 0] = process.argv.slice(2).map(Number)

const since = (started: number): number => (performance.now() - started) / 1000

const search = (): StormCatch => {
  const started = performance.now()
  let seed = firstSeed
  for (; seed < firstSeed + seedsMost && since(started) < secondsMost; seed += 1) {
    const [failure] = runSeed(seed).failures
    if (failure === undefined) continue
    const seconds = since(started)
    const shrinking = performance.now()
    const shrunk = shrinkPlan(stormOf(seed).plan, failure.broke)
    return {
      seeds: seed - firstSeed + 1,
      seconds,
      found: {
        seed,
        broke: failure.broke,
        witness: failure.witness.slice(0, 300),
        shrunk: shrunk === null ? null : { ...shrunk, seconds: since(shrinking) },
      },
    }
  }
  return { seeds: seed - firstSeed, seconds: since(started), found: null }
}

process.stdout.write(`${JSON.stringify(search())}\n`)
