/**
 * Chance by key: a draw depends on the seed, what it is for, whom it concerns, and the how-manieth of these it is. So
 * taking one fault away changes nobody else's luck, which is what makes a failing run shrink.
 */

/** A well-mixed 32-bit hash of four integers (the finaliser is MurmurHash3's). */
export const mix32 = (seed: number, purpose: number, subject: number, count: number): number => {
  let hash = (seed | 0) ^ Math.imul(purpose + 1, 0x9e3779b1)
  hash = scramble(hash ^ Math.imul(subject + 1, 0x85ebca77))
  hash = scramble(hash ^ Math.imul(count + 1, 0xc2b2ae3d))
  return hash >>> 0
}

const scramble = (value: number): number => {
  let hash = value
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return hash ^ (hash >>> 16)
}

export interface Draws {
  /** The next draw for this purpose and subject: 32 bits, unsigned. */
  readonly next: (purpose: number, subject: number) => number
  /** An integer from `from` to `to`, both included. */
  readonly between: (purpose: number, subject: number, from: number, to: number) => number
}

/** Subjects are numbered from -1 to 2^20 - 2, purposes from 0 to 2^11 - 1: together they make the key of a counter. */
const subjectBits = 20

export const createDraws = (seed: number): Draws => {
  // Open addressing over (key, count) pairs; a Map would allocate in the hottest place there is.
  let capacity = 4096
  let keys = new Int32Array(capacity).fill(-1)
  let counts = new Int32Array(capacity)
  let entries = 0

  const slotOf = (key: number): number => {
    let slot = Math.imul(key, 0x9e3779b1) >>> 0
    slot = (slot ^ (slot >>> 15)) & (capacity - 1)
    while (keys[slot] !== -1 && keys[slot] !== key) slot = (slot + 1) & (capacity - 1)
    return slot
  }

  const grow = (): void => {
    const oldKeys = keys
    const oldCounts = counts
    capacity *= 2
    keys = new Int32Array(capacity).fill(-1)
    counts = new Int32Array(capacity)
    for (let index = 0; index < oldKeys.length; index += 1) {
      const key = oldKeys[index] as number
      if (key === -1) continue
      const slot = slotOf(key)
      keys[slot] = key
      counts[slot] = oldCounts[index] as number
    }
  }

  const next = (purpose: number, subject: number): number => {
    const key = ((purpose << subjectBits) | (subject + 1)) & 0x7fffffff
    let slot = slotOf(key)
    if (keys[slot] === -1) {
      entries += 1
      if (entries * 2 > capacity) {
        grow()
        slot = slotOf(key)
      }
      keys[slot] = key
    }
    const count = counts[slot] as number
    counts[slot] = count + 1
    return mix32(seed, purpose, subject, count)
  }

  return {
    next,
    between: (purpose, subject, from, to) => {
      if (from === to) return from
      return from + Math.floor((next(purpose, subject) * (to - from + 1)) / 4_294_967_296)
    },
  }
}
