/**
 * What a thing looked like a moment ago, for readers that see the past. A history is a flat list of (at, state) pairs, oldest
 * first; `state` is the thing packed into one integer.
 */

/** The state at `at`, -1 for a thing that did not exist yet. */
export const stateAt = (history: ReadonlyArray<number>, at: number): number => {
  let index = history.length - 2
  while (index >= 0 && (history[index] as number) > at) index -= 2
  return index < 0 ? -1 : (history[index + 1] as number)
}

/** Status in three bits, then one flag, then the version. */
export const packed = (status: number, flag: boolean, version: number): number =>
  (version << 4) | (flag ? 8 : 0) | status
export const statusIn = (state: number): number => state & 7
export const flagIn = (state: number): boolean => (state & 8) !== 0
export const versionIn = (state: number): number => state >> 4
