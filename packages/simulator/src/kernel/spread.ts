/** How long things take: a range of whole milliseconds from which each occurrence draws its own value by key. */
import type { Span } from '../plan/plan.ts'
import { mix32 } from './mix32.ts'

export interface Spread {
  readonly least: number
  readonly most: number
  /** The value for this key; always the same one. `n` tells several draws for one key apart. */
  draw(key: number, n: number): number
}

/** `perUnit`: milliseconds in one unit of the span, 1000 for seconds. Both ends can be drawn. */
export const spreadOf = (span: Span, perUnit: number, seed: number, site: number): Spread => {
  const [from, to] = typeof span === 'number' ? [span, span] : span
  const least = Math.round(from * perUnit)
  const most = Math.max(least, Math.round(to * perUnit))
  const count = most - least + 1
  return {
    least,
    most,
    draw: count === 1 ? () => least : (key, n) => least + (mix32(seed, site, key, n) % count),
  }
}
