/** AWS writes the same instant in two ways: text in events, a number of seconds in awsJson1_1 answers. */
import * as t from 'io-ts'
import type { Instant } from '../time/instant.ts'

/** The range of a JavaScript date, so that an instant can always be written as text. */
const isInstant = (value: unknown): value is Instant => typeof value === 'number' && Math.abs(value) <= 8.64e15

const instantFrom = <Written>(
  name: string,
  read: (value: unknown) => number,
  write: (instant: Instant) => Written,
): t.Type<Instant, Written, unknown> =>
  new t.Type(
    name,
    isInstant,
    (value, context) => {
      const instant = read(value)
      return isInstant(instant) ? t.success(instant) : t.failure(value, context)
    },
    write,
  )

const iso = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?(?:Z|[+-]\d{2}:\d{2})$/

/** ISO-8601 with a zone, as events have it, to milliseconds since the epoch. */
export const InstantFromIso: t.Type<Instant, string, unknown> = instantFrom(
  'an ISO-8601 instant',
  (value) => (typeof value === 'string' && iso.test(value) ? Date.parse(value) : Number.NaN),
  (instant) => new Date(instant).toISOString(),
)

/** Seconds since the epoch, with a fraction, to milliseconds. */
export const InstantFromEpochSeconds: t.Type<Instant, number, unknown> = instantFrom(
  'seconds since the epoch',
  (value) => (typeof value === 'number' ? Math.round(value * 1_000) : Number.NaN),
  (instant) => instant / 1_000,
)
