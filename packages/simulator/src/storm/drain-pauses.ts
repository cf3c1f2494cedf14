/** When drains wait. What somebody does in a pause finds the drain as its last decision left it, whenever in that pause it is. */
import type { ControllerName, Plan } from '../plan/plan.ts'
import { runPlan } from '../simulate.ts'
import { DECISION } from '../trace/kind-numbers.ts'

/** Shorter ones, between two calls, are not counted; in milliseconds. */
const shortestPause = 2000

/** The second in the middle of each pause between two decisions, in order. `wrote` is told the records of the run that this takes. */
export const pausesIn = (
  plan: Plan,
  controller: ControllerName,
  wrote: (records: number) => void,
): ReadonlyArray<number> => {
  const decided: number[] = []
  const see = (at: number, kind: number): void => {
    if (kind === DECISION) decided.push(at)
  }
  try {
    const watch = () => ({ see, struck: () => {} })
    wrote(runPlan(plan, { controller, wire: 'direct', texts: false, watch }).trace.length)
  } catch {
    // A controller that fails here has still paused until then.
  }
  return decided.flatMap((at, index) => {
    const next = decided[index + 1] ?? at
    return next - at < shortestPause ? [] : [Math.round((at + next) / 2000)]
  })
}
