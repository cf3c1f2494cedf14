/**
 * Chance by key: a draw depends on the seed, what it is for, whom it concerns, and the how-manieth of these it is. So
 * taking one fault away changes nobody else's luck, which is what makes a failing run shrink.
 */
import { giveBack, takeZeros } from './recycled.ts'

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
  /** The run is over: its memory is the next one's. */
  readonly release: () => void
}

/** How many draws there have been, by subject plus one (a subject may be -1: nobody in particular). */
type Counts = Int32Array<ArrayBuffer>

/** `subjects`: how many there will be, so that no count need be moved; more are no harm. */
export const createDraws = (seed: number, subjects = 254): Draws => {
  // Purposes and subjects are small numbers, so both index arrays: nothing is hashed in the hottest place there is.
  const countsOf: Array<Counts | undefined> = []

  const countsFor = (purpose: number, subject: number): Counts => {
    const narrow = countsOf[purpose]
    let length = narrow?.length ?? subjects + 2
    while (length < subject + 2) length *= 2
    const wide = takeZeros(length)
    if (narrow !== undefined) {
      wide.set(narrow)
      giveBack(narrow)
    }
    countsOf[purpose] = wide
    return wide
  }

  const next = (purpose: number, subject: number): number => {
    let counts = countsOf[purpose]
    if (counts === undefined || subject + 1 >= counts.length) counts = countsFor(purpose, subject)
    const count = counts[subject + 1] as number
    counts[subject + 1] = count + 1
    return mix32(seed, purpose, subject, count)
  }

  return {
    next,
    between: (purpose, subject, from, to) => {
      if (from === to) return from
      return from + Math.floor((next(purpose, subject) * (to - from + 1)) / 4_294_967_296)
    },
    release: () => {
      for (const counts of countsOf) if (counts !== undefined) giveBack(counts)
      countsOf.length = 0
    },
  }
}
