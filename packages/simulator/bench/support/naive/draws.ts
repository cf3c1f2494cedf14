/** Draws by key as one would write them first: a Map from a text. Same luck as src/kernel/draws.ts, in whose place benchmarks put it. */
import { type Draws, mix32 } from '../../../src/kernel/draws.ts'

export { mix32 }

export const createDraws = (seed: number): Draws => {
  const counts = new Map<string, number>()
  const next = (purpose: number, subject: number): number => {
    const key = `${purpose}/${subject}`
    const count = counts.get(key) ?? 0
    counts.set(key, count + 1)
    return mix32(seed, purpose, subject, count)
  }
  return {
    next,
    between: (purpose, subject, from, to) =>
      from === to ? from : from + Math.floor((next(purpose, subject) * (to - from + 1)) / 4_294_967_296),
    release: () => {},
  }
}
