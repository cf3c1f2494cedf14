import type { Failure } from '@ecs-drain/core'

/** SQLite's primary result codes (sqlite.org, rescode): another connection holds the lock. */
const busy = 5
const locked = 6

/** What SQLite threw, as the failure of a port. Nothing was written: a statement or transaction that throws is undone. */
export const failureOf = (thrown: unknown): Failure => {
  const message = thrown instanceof Error ? thrown.message : String(thrown)
  const code = primaryCodeOf(thrown)
  if (code === busy || code === locked) return { type: 'Throttled', message: `the database is in use: ${message}` }
  return { type: 'Unavailable', message }
}

/** The lowest byte; the rest of an extended code says more than we need. */
const primaryCodeOf = (thrown: unknown): number | null => {
  const code: unknown = (thrown as { readonly errcode?: unknown } | null)?.errcode
  return typeof code === 'number' ? code & 0xff : null
}
