/** Plain data compared and shown: what the kit needs of an assertion library, without depending on one. */

/** Whether two pieces of plain data are the same. A field that is undefined counts as missing. */
export const same = (one: unknown, other: unknown): boolean => canonical(one) === canonical(other)

/** Data as text, the same for the same data, whatever the order of its keys. */
export const canonical = (data: unknown): string => JSON.stringify(data, sortedKeys) ?? 'undefined'

/** What two lists do not share, a line each: `-` expected and missing, `+` there and not expected; null: the same. */
export const difference = (actual: ReadonlyArray<unknown>, expected: ReadonlyArray<unknown>): string | null => {
  if (same(actual, expected)) return null
  const lines: Array<string> = []
  const length = Math.max(actual.length, expected.length)
  for (let index = 0; index < length; index += 1) {
    const was = index < actual.length ? canonical(actual[index]) : null
    const should = index < expected.length ? canonical(expected[index]) : null
    if (was === should) lines.push(`    ${was}`)
    else {
      if (should !== null) lines.push(`  - ${should}`)
      if (was !== null) lines.push(`  + ${was}`)
    }
  }
  return lines.join('\n')
}

const sortedKeys = (_key: string, value: unknown): unknown => {
  if (typeof value === 'number' && !Number.isFinite(value)) return String(value)
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value
  const entries = Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1))
  // `type` first: it says what the rest of the line is about. A key stays where it comes first.
  return Object.fromEntries([...entries.filter(([key]) => key === 'type'), ...entries])
}
