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

/** The histories of all tasks in one array: a task has at most eight statuses and one change of its desired status. */
export interface TaskHistories {
  add(task: number, nth: number, at: number, state: number): void
  /** The state at `at` of a task with `count` entries, -1 if it did not exist yet. */
  stateAt(task: number, count: number, at: number): number
}

const entriesMost = 10
const wordsEach = 2 * entriesMost

export const createTaskHistories = (): TaskHistories => {
  let words = new Int32Array(64 * wordsEach)
  return {
    add: (task, nth, at, state) => {
      const index = task * wordsEach + 2 * nth
      if (nth >= entriesMost) throw new RangeError(`task ${task} changes too often`)
      if (index >= words.length) {
        const larger = new Int32Array(Math.max(2 * words.length, (task + 1) * wordsEach))
        larger.set(words)
        words = larger
      }
      words[index] = at
      words[index + 1] = state
    },
    stateAt: (task, count, at) => {
      const start = task * wordsEach
      let index = start + 2 * (count - 1)
      while (index >= start && (words[index] as number) > at) index -= 2
      return index < start ? -1 : (words[index + 1] as number)
    },
  }
}
