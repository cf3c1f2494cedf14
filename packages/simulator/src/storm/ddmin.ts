/** Delta debugging (Zeller and Hildebrandt): halves first, then what is left without each part, in ever smaller parts. */

/** The smallest part it finds of `items` for which `fails` still holds; `fails(items)` itself is taken for granted. */
export const ddmin = <Item>(
  items: ReadonlyArray<Item>,
  fails: (some: ReadonlyArray<Item>) => boolean,
): ReadonlyArray<Item> => {
  if (items.length > 0 && fails([])) return []
  let left = items
  let parts = 2
  while (left.length >= 2) {
    const size = Math.ceil(left.length / parts)
    const smaller = firstSmaller(left, size, fails)
    if (smaller === null) {
      if (size === 1) return left
      parts = Math.min(left.length, parts * 2)
      continue
    }
    parts = smaller.isPart ? 2 : Math.max(2, parts - 1)
    left = smaller.items
  }
  return left
}

const firstSmaller = <Item>(
  items: ReadonlyArray<Item>,
  size: number,
  fails: (some: ReadonlyArray<Item>) => boolean,
): { readonly items: ReadonlyArray<Item>; readonly isPart: boolean } | null => {
  for (let from = 0; from < items.length; from += size) {
    const part = items.slice(from, from + size)
    if (part.length < items.length && fails(part)) return { items: part, isPart: true }
  }
  // With two parts, one without the other is what was just tried.
  if (size * 2 >= items.length) return null
  for (let from = 0; from < items.length; from += size) {
    const rest = [...items.slice(0, from), ...items.slice(from + size)]
    if (fails(rest)) return { items: rest, isPart: false }
  }
  return null
}
