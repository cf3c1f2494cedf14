/** Writes a trace: four integers per record into arrays that grow, a hash over all of them, and observers that see each. */
import type { Cast, Trace, TraceObserver } from './trace.ts'

export interface TraceWriter {
  readonly write: (at: number, kind: number, a: number, b: number) => void
  /** Keeps a longer account of the record that was written last. */
  readonly annotate: (text: string) => void
  readonly observe: (observer: TraceObserver) => void
  readonly finish: (cast: Cast) => Trace
}

export const createTraceWriter = (firstCapacity: number): TraceWriter => {
  let capacity = firstCapacity
  let ats = new Int32Array(capacity)
  let kinds = new Uint8Array(capacity)
  let as = new Int32Array(capacity)
  let bs = new Int32Array(capacity)
  let length = 0
  let high = 0x243f6a88
  let low = 0x13198a2e | 0
  const texts = new Map<number, string>()
  const observers: Array<TraceObserver> = []

  const grow = (): void => {
    capacity *= 2
    const widen = <Numbers extends Int32Array | Uint8Array>(old: Numbers, wide: Numbers): Numbers => {
      wide.set(old)
      return wide
    }
    ats = widen(ats, new Int32Array(capacity))
    kinds = widen(kinds, new Uint8Array(capacity))
    as = widen(as, new Int32Array(capacity))
    bs = widen(bs, new Int32Array(capacity))
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
      kind: kinds.slice(0, length),
      a: as.slice(0, length),
      b: bs.slice(0, length),
      cast,
      texts,
      hash: hex(high) + hex(low),
    }),
  }
}

const hex = (lane: number): string => (lane >>> 0).toString(16).padStart(8, '0')
