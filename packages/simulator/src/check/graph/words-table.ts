/**
 * Rows of integers, each stored once and exactly: the row is its own fingerprint, so nothing is ever left out. Open
 * addressing with linear probing, at most half full; what does not fit is an error, never a silent loss.
 */
export interface WordsTable {
  /** The number of the row; `isNew` says whether it was added now. */
  readonly put: (row: Int32Array, at: number) => number
  /** The number of a row that may be there; -1: it is not. */
  readonly find: (row: Int32Array, at: number) => number
  readonly isNew: () => boolean
  /** All rows one after another. Grows: ask again after `put`. */
  readonly rows: () => Int32Array
  readonly size: () => number
  readonly bytes: () => number
}

/** How many bytes a table may take before it throws `OutOfMemory`. */
export class OutOfMemory extends Error {
  constructor(bytes: number) {
    super(`the table of states needs more than ${Math.round(bytes / 1e6)} MB`)
    this.name = 'OutOfMemory'
  }
}

const firstSize = 1 << 12

const hashOf = (row: Int32Array, at: number, width: number): number => {
  let hash = 0x2545f491
  for (let word = 0; word < width; word += 1) {
    hash = Math.imul(hash ^ (row[at + word] as number), 0x9e3779b1)
    hash ^= hash >>> 15
  }
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return hash ^ (hash >>> 16)
}

/** A table of rows of `width` integers that takes at most `bytesMost`. */
export const createWordsTable = (width: number, bytesMost = Number.POSITIVE_INFINITY): WordsTable => {
  let capacity = firstSize
  // Two integers per place: the row's hash, and its number plus one. Most probes end without a look at the row.
  let places = new Int32Array(capacity * 2)
  let rows = new Int32Array((capacity >> 1) * width)
  let size = 0
  let added = false

  const bytes = (): number => places.byteLength + rows.byteLength

  const isEqual = (number: number, row: Int32Array, at: number): boolean => {
    const from = number * width
    for (let word = 0; word < width; word += 1) if (rows[from + word] !== row[at + word]) return false
    return true
  }

  const grow = (): void => {
    // While it grows, old and new exist side by side.
    if (bytes() * 3 > bytesMost) throw new OutOfMemory(bytesMost)
    capacity *= 2
    const wider = new Int32Array(capacity * 2)
    const mask = capacity - 1
    for (let place = 0; place < places.length; place += 2) {
      const number = places[place + 1] as number
      if (number === 0) continue
      const hash = places[place] as number
      let to = hash & mask
      while (wider[to * 2 + 1] !== 0) to = (to + 1) & mask
      wider[to * 2] = hash
      wider[to * 2 + 1] = number
    }
    places = wider
    const longer = new Int32Array((capacity >> 1) * width)
    longer.set(rows)
    rows = longer
  }

  /** Where the row is, or where there is room for it. */
  const placeOf = (row: Int32Array, at: number, hash: number): number => {
    const mask = capacity - 1
    let place = hash & mask
    for (;;) {
      const number = places[place * 2 + 1] as number
      if (number === 0 || (places[place * 2] === hash && isEqual(number - 1, row, at))) return place
      place = (place + 1) & mask
    }
  }

  return {
    find: (row, at) => (places[placeOf(row, at, hashOf(row, at, width)) * 2 + 1] as number) - 1,
    put: (row, at) => {
      if (size >= capacity >> 1) grow()
      const hash = hashOf(row, at, width)
      const place = placeOf(row, at, hash)
      const number = places[place * 2 + 1] as number
      added = number === 0
      if (!added) return number - 1
      places[place * 2] = hash
      places[place * 2 + 1] = size + 1
      for (let word = 0; word < width; word += 1) rows[size * width + word] = row[at + word] as number
      size += 1
      return size - 1
    },
    isNew: () => added,
    rows: () => rows,
    size: () => size,
    bytes,
  }
}
