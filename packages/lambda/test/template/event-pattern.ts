/**
 * Whether an event matches a pattern, as far as our rules go: a list means one of its values; a value is exact, or
 * `{ exists }` (AWS: EventBridge user guide, "Event patterns"). Anything else is an error, not a guess.
 */
import { isObject, type Json, type JsonObject } from './template.ts'

export const matchesPattern = (event: Json | undefined, pattern: JsonObject): boolean =>
  Object.entries(pattern).every(([key, expected]) => {
    const actual = isObject(event) && Object.hasOwn(event, key) ? event[key] : undefined
    if (Array.isArray(expected)) return expected.some((each) => matchesOne(actual, each))
    if (!isObject(expected)) throw new Error(`${key}: a pattern's leaf is a list`)
    return matchesPattern(actual, expected)
  })

/** An event's list matches where one of its items does, so an empty one has nothing that matches, and does not exist either. */
const matchesOne = (actual: Json | undefined, expected: Json): boolean => {
  const values: ReadonlyArray<Json | undefined> = Array.isArray(actual) ? actual : [actual]
  if (!isObject(expected)) return values.some((value) => value !== undefined && value === expected)
  const [[filter, argument] = ['', null], ...more] = Object.entries(expected)
  if (more.length > 0) throw new Error('one filter at a time')
  if (filter !== 'exists') throw new Error(`a filter that none of our rules has: ${filter}`)
  return values.some((value) => value !== undefined) === argument
}
