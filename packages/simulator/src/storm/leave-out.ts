/**
 * The smallest part it finds of `items` that still fails. Ever smaller pieces are left out, the last first: what comes later in a run
 * changes nothing before it. `without` is asked with what would be left, and says what of that is still there; null: it fails no more.
 */
export const leaveOut = <Item>(
  items: ReadonlyArray<Item>,
  without: (left: ReadonlyArray<Item>) => ReadonlyArray<Item> | null,
): ReadonlyArray<Item> => {
  let left = items
  for (let size = left.length; size >= 1; size = Math.floor(size / 2)) {
    for (let before: ReadonlyArray<Item> | null = null; before !== left; ) {
      before = left
      for (let end = left.length; end > 0; end = Math.min(end - size, left.length)) {
        left = without([...left.slice(0, Math.max(0, end - size)), ...left.slice(end)]) ?? left
      }
      // Single ones are tried until none can go: one may be needed only as long as another is there.
      if (size > 1) break
    }
  }
  return left
}
