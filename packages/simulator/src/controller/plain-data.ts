/** Data that JSON can say: what is stored as text and read back is the same. */

/** Whether the value comes back from JSON text as it is. */
export const isPlainData = (value: unknown): boolean => {
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return true
    case 'number':
      return Number.isFinite(value)
    case 'object':
      return value === null || (Array.isArray(value) ? value.every(isPlainData) : isPlainRecord(value))
    default:
      return false
  }
}

const isPlainRecord = (value: object): boolean =>
  Object.getPrototypeOf(value) === Object.prototype &&
  !('toJSON' in value) &&
  // Most fields are text, and a call for each would cost more than looking at it.
  Object.values(value).every((field) => typeof field === 'string' || isPlainData(field))

/** Whether two values say the same, whatever the order of their fields. */
export const isSameData = (one: unknown, other: unknown): boolean => {
  if (typeof one !== 'object' || typeof other !== 'object' || one === null || other === null) {
    return Object.is(one, other)
  }
  if (Array.isArray(one) !== Array.isArray(other)) return false
  // Not for-in: over records of many shapes the engine optimises that loop again and again, and never for long.
  const fields = Object.keys(one)
  return (
    fields.length === Object.keys(other).length &&
    fields.every((field) => isSameField(field, one as Record<string, unknown>, other as Record<string, unknown>))
  )
}

const isSameField = (
  name: string,
  one: Readonly<Record<string, unknown>>,
  other: Readonly<Record<string, unknown>>,
): boolean => Object.hasOwn(other, name) && (one[name] === other[name] || isSameData(one[name], other[name]))
