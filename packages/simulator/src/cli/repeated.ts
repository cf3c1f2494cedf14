import type { Plan } from '../plan/plan.ts'
import { simulate } from '../simulate.ts'

/** How many seeds are tried; a small cluster takes some milliseconds. */
export const seedsTried = 200

/**
 * A story's plan, with the first seed from its own on under which the simulator, whose durations are its own, breaks the promise as well;
 * null: none of them is one. A story's promise may say more, as "by events alone".
 */
export const repeated = (plan: Plan, promise: string): Plan | null => {
  for (let seed = plan.seed; seed < plan.seed + seedsTried; seed += 1) {
    const each = { ...plan, seed }
    const { promises } = simulate(each, { wire: 'direct', texts: false })
    if (promises.some(({ name, held }) => !held && promise.startsWith(name))) return each
  }
  return null
}
