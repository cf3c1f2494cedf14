/** Milliseconds since the epoch. The core is told the time; it never reads a clock. */
export type Instant = number

/** Milliseconds. */
export type Duration = number

/** A duration of so many seconds. */
export const seconds = (count: number): Duration => count * 1_000

/** A duration of so many minutes. */
export const minutes = (count: number): Duration => count * 60_000

/** A duration of so many hours. */
export const hours = (count: number): Duration => count * 3_600_000
