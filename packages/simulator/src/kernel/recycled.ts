/**
 * Integers that a finished run has done with, for the next run. Memory from the system comes in pages that are cleared and
 * mapped one by one, which cost a run as much as everything it writes into them.
 */

/** A handful of runs may be under way at once; what they give back beyond this is the collector's. */
const keptMost = 64

const kept = new Map<number, Array<Int32Array<ArrayBuffer>>>()

/** So many integers, of any value. */
export const takeAny = (length: number): Int32Array<ArrayBuffer> => kept.get(length)?.pop() ?? new Int32Array(length)

/** So many zeros. */
export const takeZeros = (length: number): Int32Array<ArrayBuffer> => {
  const used = kept.get(length)?.pop()
  return used === undefined ? new Int32Array(length) : used.fill(0)
}

/** The same integers in an array of this greater length, any value behind them; the old one is given back. */
export const widened = (array: Int32Array<ArrayBuffer>, length: number): Int32Array<ArrayBuffer> => {
  const wide = takeAny(length)
  wide.set(array)
  giveBack(array)
  return wide
}

/** Whoever gives an array back must not touch it again. */
export const giveBack = (array: Int32Array<ArrayBuffer>): void => {
  const same = kept.get(array.length)
  if (same === undefined) kept.set(array.length, [array])
  else if (same.length < keptMost) same.push(array)
}
