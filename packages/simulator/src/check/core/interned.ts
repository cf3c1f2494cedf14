/** Values as small numbers: equal data gets the same one, once and for all. */
export interface Interned<Value> {
  /** The number of this value; of equal data, as JSON, it is the same. */
  readonly idOf: (value: Value) => number
  readonly at: (id: number) => Value
  readonly size: () => number
}

/** Numbers are used in 26 bits of keys; past that something is wrong with the bounds, and is said. */
const mostValues = 1 << 26

export const createInterned = <Value>(what: string): Interned<Value> => {
  const values: Array<Value> = []
  const ids = new Map<string, number>()
  return {
    idOf: (value) => {
      const key = JSON.stringify(value)
      const known = ids.get(key)
      if (known !== undefined) return known
      if (values.length === mostValues) throw new RangeError(`more than ${mostValues} different ${what}`)
      ids.set(key, values.length)
      return values.push(value) - 1
    },
    at: (id) => {
      const value = values[id]
      if (value === undefined) throw new RangeError(`no ${what} number ${id}`)
      return value
    },
    size: () => values.length,
  }
}
