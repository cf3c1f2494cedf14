/** AWS writes the same instant in two ways: text in events, a number of seconds in awsJson1_1 answers. */
import * as t from 'io-ts'
import type { Instant } from '../time/instant.ts'

/** The range of a JavaScript date, so that an instant can always be written as text. */
const isInstant = (value: unknown): value is Instant => typeof value === 'number' && Math.abs(value) <= 8.64e15

const iso = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?(?:Z|[+-]\d{2}:\d{2})$/

/** ISO-8601 with a zone, as events have it, to milliseconds since the epoch. */
export const InstantFromIso: t.Type<Instant, string, unknown> = new t.Type<Instant, string, unknown>(
  'an ISO-8601 instant',
  isInstant,
  (value, context) => {
    const instant = typeof value === 'string' && iso.test(value) ? Date.parse(value) : Number.NaN
    return Number.isNaN(instant) ? t.failure(value, context) : t.success(instant)
  },
  (instant) => new Date(instant).toISOString(),
)

/** Seconds since the epoch, with a fraction, to milliseconds. */
export const InstantFromEpochSeconds: t.Type<Instant, number, unknown> = new t.Type<Instant, number, unknown>(
  'seconds since the epoch',
  isInstant,
  (value, context) => {
    const instant = typeof value === 'number' ? Math.round(value * 1_000) : Number.NaN
    return isInstant(instant) ? t.success(instant) : t.failure(value, context)
  },
  (instant) => instant / 1_000,
)
