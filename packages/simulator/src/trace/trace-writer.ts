/** Writes a trace: four integers per record into arrays that grow, a hash over all of them, and observers that see each. */
import { giveBack, takeAny, widened } from '../kernel/recycled.ts'
import type { Cast, Trace, TraceObserver } from './trace.ts'

export interface TraceWriter {
  readonly write: (at: number, kind: number, a: number, b: number) => void
  /** Keeps a longer account of the record that was written last. */
  readonly annotate: (text: string) => void
  readonly observe: (observer: TraceObserver) => void
  /** The trace so far. What is written later changes none of its records; its cast and texts are those that grow on. */
  readonly finish: (cast: Cast) => Trace
  /** The run is over: the memory that its trace was written to is the next one's. */
  readonly release: () => void
}

/** What writers have whose trace is complete. */
const nothing = new Int32Array(0)

export const createTraceWriter = (firstCapacity: number): TraceWriter => {
  let capacity = firstCapacity
  let ats = takeAny(capacity)
  let kinds = takeAny(capacity)
  let as = takeAny(capacity)
  let bs = takeAny(capacity)
  let length = 0
  let high = 0x243f6a88
  let low = 0x13198a2e | 0
  const texts = new Map<number, string>()
  const observers: Array<TraceObserver> = []

  const grow = (): void => {
    capacity *= 2
    ats = widened(ats, capacity)
    kinds = widened(kinds, capacity)
    as = widened(as, capacity)
    bs = widened(bs, capacity)
  }

  return {
    write: (at, kind, a, b) => {
      if (length === capacity) grow()
      ats[length] = at
      kinds[length] = kind
      as[length] = a
      bs[length] = b
      length += 1
      // Two lanes of multiply and rotate, crossed: cheap enough to be always on.
      high = Math.imul(high ^ at, 0x9e3779b1)
      high = Math.imul(((high << 13) | (high >>> 19)) ^ a, 0x85ebca77)
      low = Math.imul(low ^ kind ^ (b << 8), 0xc2b2ae3d)
      low = Math.imul(((low << 17) | (low >>> 15)) ^ high, 0x27d4eb2f)
      for (let index = 0; index < observers.length; index += 1) (observers[index] as TraceObserver)(at, kind, a, b)
    },
    annotate: (text) => {
      texts.set(length - 1, text)
    },
    observe: (observer) => {
      observers.push(observer)
    },
    finish: (cast) => ({
      length,
      at: ats.slice(0, length),
      kind: new Uint8Array(kinds.subarray(0, length)),
      a: as.slice(0, length),
      b: bs.slice(0, length),
      cast,
      texts,
      hash: hex(high) + hex(low),
    }),
    release: () => {
      for (const array of [ats, kinds, as, bs]) giveBack(array)
      // What is written now is written nowhere.
      ats = nothing
      kinds = nothing
      as = nothing
      bs = nothing
    },
  }
}

const hex = (lane: number): string => (lane >>> 0).toString(16).padStart(8, '0')
