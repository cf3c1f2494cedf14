/** All ways to name `count` tasks; the first leaves every name as it is. `renaming[n]` is what task n is called. */
export const renamingsOf = (count: number): ReadonlyArray<ReadonlyArray<number>> => {
  if (count === 0) return [[]]
  return renamingsOf(count - 1)
    .flatMap((rest) => Array.from({ length: count }, (_, at) => [...rest.slice(0, at), count - 1, ...rest.slice(at)]))
    .sort((one, other) => (one.join() < other.join() ? -1 : 1))
}
