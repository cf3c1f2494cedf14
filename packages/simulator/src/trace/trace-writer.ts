/** Writes a run's records, hashes them, and lets the observers see each one. */
import { type Cast, type Kind, kinds, type Trace, type TraceObserver } from './trace.ts'

export interface TraceWriter {
  write(at: number, kind: number, a: number, b: number): void
  /** A longer account of the next record; it is asked for only if somebody reads it. */
  account(text: () => string): void
  observe(observer: TraceObserver): void
  readonly length: () => number
  /** The trace so far; what is written later does not change it. */
  trace(cast: Cast): Trace
}

/** The number of a kind, for `write`. */
export const kindNumber = (kind: Kind): number => kinds.indexOf(kind)

const hex = (word: number): string => (word >>> 0).toString(16).padStart(8, '0')

export const createTraceWriter = (keepsTexts: boolean, initialCapacity = 4096): TraceWriter => {
  let capacity = initialCapacity
  let ats = new Int32Array(capacity)
  let kindsWritten = new Uint8Array(capacity)
  let as = new Int32Array(capacity)
  let bs = new Int32Array(capacity)
  let length = 0
  let one = 0x2545f491
  let other = 0x3c6ef372
  const observers: TraceObserver[] = []
  const accounts: Array<{ readonly at: number; readonly text: () => string }> = []

  const grow = (): void => {
    capacity *= 2
    const [oldAts, oldKinds, oldAs, oldBs] = [ats, kindsWritten, as, bs]
    ats = new Int32Array(capacity)
    kindsWritten = new Uint8Array(capacity)
    as = new Int32Array(capacity)
    bs = new Int32Array(capacity)
    ats.set(oldAts)
    kindsWritten.set(oldKinds)
    as.set(oldAs)
    bs.set(oldBs)
  }

  const write = (at: number, kind: number, a: number, b: number): void => {
    if (length === capacity) grow()
    ats[length] = at
    kindsWritten[length] = kind
    as[length] = a
    bs[length] = b
    length += 1
    // Two lanes of 32 bits, each fed with both halves of the record.
    one = Math.imul(one ^ at, 0x85ebca6b)
    one = (one << 13) | (one >>> 19)
    one = Math.imul((one + b) ^ kind, 0x9e3779b1)
    other = Math.imul(other ^ a, 0xc2b2ae35)
    other = (other << 15) | (other >>> 17)
    other = Math.imul((other + at) ^ Math.imul(b, 31) ^ kind, 0x27d4eb2f)
    one ^= other >>> 16
    for (let index = 0; index < observers.length; index += 1) (observers[index] as TraceObserver)(at, kind, a, b)
  }

  const trace = (cast: Cast): Trace => {
    const told = accounts.slice()
    let texts: ReadonlyMap<number, string> | undefined
    return {
      length,
      at: ats.subarray(0, length),
      kind: kindsWritten.subarray(0, length),
      a: as.subarray(0, length),
      b: bs.subarray(0, length),
      cast,
      get texts() {
        texts ??= new Map(told.map(({ at, text }) => [at, text()]))
        return texts
      },
      hash: hex(one) + hex(other),
    }
  }

  return {
    write,
    account: (text) => {
      if (keepsTexts) accounts.push({ at: length, text })
    },
    observe: (observer) => {
      observers.push(observer)
    },
    length: () => length,
    trace,
  }
}
