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

const isPlainRecord = (value: object): boolean => {
  if (Object.getPrototypeOf(value) !== Object.prototype || 'toJSON' in value) return false
  for (const key in value) if (!isPlainData((value as Record<string, unknown>)[key])) return false
  return true
}

/** Whether two values say the same, whatever the order of their fields. */
export const isSameData = (one: unknown, other: unknown): boolean => {
  if (one === other) return true
  if (typeof one !== 'object' || typeof other !== 'object' || one === null || other === null) return Object.is(one, other)
  if (Array.isArray(one) !== Array.isArray(other)) return false
  let fields = 0
  for (const key in one) {
    fields += 1
    if (!isSameData((one as Record<string, unknown>)[key], (other as Record<string, unknown>)[key])) return false
  }
  for (const _ in other) fields -= 1
  return fields === 0
}
