/** What a seed decides, without fast-check: the same choices on every machine, in the order in which they are asked for. */
import { mix32 } from '../kernel/draws.ts'

export interface Luck {
  /** An integer from `from` to `to`, both included. */
  between(from: number, to: number): number
  /** True in `percent` of 100 cases. */
  happens(percent: number): boolean
  /** One of them, all equally likely. */
  oneOf<Item>(items: ReadonlyArray<Item>): Item
}

/** Apart from the purposes of a run's own draws, which begin at 0. */
const purpose = 3001

/** `about` keeps the choices for one thing apart from those for another: more of these change none of those. */
export const createLuck = (seed: number, about: number): Luck => {
  let asked = 0
  const below = (bound: number): number => {
    asked += 1
    return Math.floor((mix32(seed, purpose, about, asked) * bound) / 4_294_967_296)
  }
  return {
    between: (from, to) => from + below(to - from + 1),
    happens: (percent) => below(100) < percent,
    oneOf: (items) => {
      const item = items[below(items.length)]
      if (item === undefined) throw new Error('nothing to choose from')
      return item
    },
  }
}
