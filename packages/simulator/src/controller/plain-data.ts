/** Data that JSON can say: what is stored as text and read back is the same. */

type Fields = Readonly<Record<string, unknown>>

/** Whether the value comes back from JSON text as it is. */
export const isPlainData = (value: unknown): boolean => {
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return true
    case 'number':
      return Number.isFinite(value) && !Object.is(value, -0)
    case 'object':
      return value === null || (Array.isArray(value) ? isPlainList(value) : isPlainRecord(value as Fields))
    default:
      return false
  }
}

const isPlainList = (values: ReadonlyArray<unknown>): boolean => {
  for (let at = 0; at < values.length; at += 1) if (!isPlainData(values[at])) return false
  return true
}

// Every stored event comes by here. The keys of records of one shape are one list, which the engine keeps; for-in and
// the list of values cost several times as much over records of many shapes.
const isPlainRecord = (value: Fields): boolean => {
  if (Object.getPrototypeOf(value) !== Object.prototype || value['toJSON'] !== undefined) return false
  const keys = Object.keys(value)
  for (let at = 0; at < keys.length; at += 1) {
    const field = value[keys[at] as string]
    // Most fields are text, and a call for each would cost more than looking at it.
    if (typeof field !== 'string' && !isPlainData(field)) return false
  }
  return true
}

/** Whether two values say the same, whatever the order of their fields. */
export const isSameData = (one: unknown, other: unknown): boolean => {
  if (typeof one !== 'object' || typeof other !== 'object' || one === null || other === null) {
    return Object.is(one, other)
  }
  if (Array.isArray(one) !== Array.isArray(other)) return false
  const keys = Object.keys(one)
  const others = Object.keys(other)
  if (keys.length !== others.length) return false
  for (let at = 0; at < keys.length; at += 1) {
    const key = keys[at] as string
    // Two records of one shape have their keys in one order.
    if (key !== others[at] && !Object.hasOwn(other, key)) return false
    const field = (one as Fields)[key]
    const otherField = (other as Fields)[key]
    if (field !== otherField && !isSameData(field, otherField)) return false
  }
  return true
}
