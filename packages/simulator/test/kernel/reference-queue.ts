/** The plainest correct queue: a binary heap of objects, ordered by time and then by arrival. */
interface Entry {
  readonly at: number
  readonly id: number
  readonly arrival: number
}

export const createReferenceQueue = () => {
  const heap: Entry[] = []
  let arrivals = 0
  const isBefore = (one: number, other: number): boolean => {
    const [x, y] = [heap[one] as Entry, heap[other] as Entry]
    return x.at === y.at ? x.arrival < y.arrival : x.at < y.at
  }
  const swap = (one: number, other: number): void => {
    const kept = heap[one] as Entry
    heap[one] = heap[other] as Entry
    heap[other] = kept
  }
  return {
    schedule: (at: number, id: number): void => {
      heap.push({ at, id, arrival: arrivals })
      arrivals += 1
      for (let child = heap.length - 1; child > 0; ) {
        const parent = (child - 1) >> 1
        if (!isBefore(child, parent)) return
        swap(child, parent)
        child = parent
      }
    },
    take: (): { readonly at: number; readonly id: number } | undefined => {
      const top = heap[0]
      const last = heap.pop()
      if (top === undefined || last === undefined || heap.length === 0) return top
      heap[0] = last
      for (let parent = 0; ; ) {
        let child = 2 * parent + 1
        if (child >= heap.length) return top
        if (child + 1 < heap.length && isBefore(child + 1, child)) child += 1
        if (!isBefore(child, parent)) return top
        swap(child, parent)
        parent = child
      }
    },
  }
}
