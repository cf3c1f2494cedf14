/** Results of a pure function of two small numbers. Every step of an exploration asks for several, so nothing is boxed. */
export interface PairMemo {
  (one: number, other: number): number
  /** How often the function itself ran. */
  readonly runs: () => number
}

const firstSize = 1 << 10

/** Remembers what `compute` returned. Its results are int32; so are the numbers it is asked about. */
export const createPairMemo = (compute: (one: number, other: number) => number): PairMemo => {
  let capacity = firstSize
  // Four integers a place: both numbers, the result, and whether the place is taken.
  let places = new Int32Array(capacity * 4)
  let size = 0

  const placeOf = (table: Int32Array, mask: number, one: number, other: number): number => {
    let hash = Math.imul(one, 0x9e3779b1) ^ Math.imul(other + 0x7f4a7c15, 0x85ebca6b)
    hash ^= hash >>> 15
    let place = hash & mask
    for (;;) {
      const at = place * 4
      if (table[at + 3] === 0 || (table[at] === one && table[at + 1] === other)) return at
      place = (place + 1) & mask
    }
  }

  const put = (table: Int32Array, mask: number, one: number, other: number, result: number): void => {
    const at = placeOf(table, mask, one, other)
    table[at] = one
    table[at + 1] = other
    table[at + 2] = result
    table[at + 3] = 1
  }

  const grow = (): void => {
    const wider = new Int32Array(capacity * 8)
    capacity *= 2
    for (let at = 0; at < places.length; at += 4) {
      if (places[at + 3] === 0) continue
      put(wider, capacity - 1, places[at] as number, places[at + 1] as number, places[at + 2] as number)
    }
    places = wider
  }

  const memo = (one: number, other: number): number => {
    const at = placeOf(places, capacity - 1, one, other)
    if (places[at + 3] === 1) return places[at + 2] as number
    const result = compute(one, other)
    size += 1
    if (size * 2 > capacity) grow()
    put(places, capacity - 1, one, other, result)
    return result
  }
  return Object.assign(memo, { runs: () => size })
}
