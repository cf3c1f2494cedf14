/**
 * The queue of what is going to happen. Time is whole milliseconds; what falls on the same millisecond comes out in the
 * order in which it was put in.
 *
 * It is a calendar: 4,096 pages of 256 ms, each a list in the order of arrival, and one open page with a list for each
 * millisecond, so that opening a page sorts it by counting. Bitmaps skip what is empty. A page holds what is due in a later
 * round as well; it stays there when the page is opened.
 */
export interface Calendar {
  readonly size: () => number
  /** `at` is not before the occurrence taken last. */
  schedule(at: number, kind: number, a: number, b: number): void
  /** Takes the earliest occurrence; false when there is none. It can be read until the next one is taken. */
  take(): boolean
  readonly at: () => number
  readonly kind: () => number
  readonly a: () => number
  readonly b: () => number
}

const pageBits = 8
const pageMs = 1 << pageBits
const pageCount = 4096
const roundMask = pageCount - 1
const none = -1

/** Index of the lowest bit that is set. */
const lowestBit = (word: number): number => 31 - Math.clz32(word & -word)

export const createCalendar = (initialCapacity = 1024): Calendar => {
  let capacity = initialCapacity
  let time = new Int32Array(capacity)
  let kinds = new Int32Array(capacity)
  let as = new Int32Array(capacity)
  let bs = new Int32Array(capacity)
  let next = new Int32Array(capacity)
  const pageFirst = new Int32Array(pageCount).fill(none)
  const pageLast = new Int32Array(pageCount).fill(none)
  const pageBitmap = new Int32Array(pageCount >> 5)
  const first = new Int32Array(pageMs).fill(none)
  const last = new Int32Array(pageMs).fill(none)
  const bitmap = new Int32Array(pageMs >> 5)
  let free = none
  let used = 0
  let size = 0
  /** The open page, as a count of pages since time zero. */
  let page = 0
  let openCount = 0
  let takenAt = 0
  let takenKind = 0
  let takenA = 0
  let takenB = 0

  const grown = (array: Int32Array<ArrayBuffer>): Int32Array<ArrayBuffer> => {
    const larger = new Int32Array(capacity)
    larger.set(array)
    return larger
  }

  const allot = (): number => {
    if (free !== none) {
      const slot = free
      free = next[slot] as number
      return slot
    }
    if (used === capacity) {
      capacity *= 2
      time = grown(time)
      kinds = grown(kinds)
      as = grown(as)
      bs = grown(bs)
      next = grown(next)
    }
    return used++
  }

  /** Puts an occurrence of the open page into its millisecond's list. */
  const openAt = (slot: number, ms: number): void => {
    next[slot] = none
    const tail = last[ms] as number
    if (tail === none) {
      first[ms] = slot
      bitmap[ms >> 5] = (bitmap[ms >> 5] as number) | (1 << (ms & 31))
    } else next[tail] = slot
    last[ms] = slot
    openCount += 1
  }

  const keep = (slot: number, index: number): void => {
    next[slot] = none
    const tail = pageLast[index] as number
    if (tail === none) {
      pageFirst[index] = slot
      pageBitmap[index >> 5] = (pageBitmap[index >> 5] as number) | (1 << (index & 31))
    } else next[tail] = slot
    pageLast[index] = slot
  }

  const schedule = (at: number, kind: number, a: number, b: number): void => {
    if (at < takenAt || at > 0x7fffffff) throw new RangeError(`cannot schedule for ${at} at ${takenAt}`)
    const slot = allot()
    time[slot] = at
    kinds[slot] = kind
    as[slot] = a
    bs[slot] = b
    size += 1
    if (at >> pageBits === page) openAt(slot, at & (pageMs - 1))
    else keep(slot, (at >> pageBits) & roundMask)
  }

  /** Opens a page: what is due on it goes to its millisecond, what is due in a later round stays. */
  const open = (opened: number): void => {
    page = opened
    const index = opened & roundMask
    let slot = pageFirst[index] as number
    pageFirst[index] = none
    pageLast[index] = none
    pageBitmap[index >> 5] = (pageBitmap[index >> 5] as number) & ~(1 << (index & 31))
    while (slot !== none) {
      const following = next[slot] as number
      const at = time[slot] as number
      if (at >> pageBits === opened) openAt(slot, at & (pageMs - 1))
      else keep(slot, index)
      slot = following
    }
  }

  /** The distance to the next page with anything on it, from `distance` on; `pageCount` or more when there is none. */
  const nextPage = (distance: number): number => {
    let d = distance
    while (d <= pageCount) {
      const index = (page + d) & roundMask
      const word = (pageBitmap[index >> 5] as number) >>> (index & 31)
      if (word !== 0) return d + lowestBit(word)
      d += 32 - (index & 31)
    }
    return pageCount + 1
  }

  const earliest = (): number => {
    let least = 0x7fffffff
    for (let index = 0; index < pageCount; index += 1) {
      for (let slot = pageFirst[index] as number; slot !== none; slot = next[slot] as number) {
        if ((time[slot] as number) < least) least = time[slot] as number
      }
    }
    return least
  }

  const turnPages = (): void => {
    const from = page
    for (let distance = nextPage(1); distance <= pageCount; distance = nextPage(distance + 1)) {
      open(from + distance)
      if (openCount > 0) return
      page = from
    }
    open(earliest() >> pageBits)
  }

  const take = (): boolean => {
    if (size === 0) return false
    if (openCount === 0) turnPages()
    let word = 0
    while (bitmap[word] === 0) word += 1
    const ms = (word << 5) + lowestBit(bitmap[word] as number)
    const slot = first[ms] as number
    const following = next[slot] as number
    first[ms] = following
    if (following === none) {
      last[ms] = none
      bitmap[word] = (bitmap[word] as number) & ~(1 << (ms & 31))
    }
    openCount -= 1
    size -= 1
    takenAt = time[slot] as number
    takenKind = kinds[slot] as number
    takenA = as[slot] as number
    takenB = bs[slot] as number
    next[slot] = free
    free = slot
    return true
  }

  return {
    size: () => size,
    schedule,
    take,
    at: () => takenAt,
    kind: () => takenKind,
    a: () => takenA,
    b: () => takenB,
  }
}
