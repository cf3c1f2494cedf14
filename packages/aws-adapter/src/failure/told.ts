/** What AWS must have said: the SDK's types call every member optional, and a gap must not become a wrong drain. */
import type * as t from 'io-ts'
import { AdapterFailure } from './failure.ts'

/** A member that has to be there. */
export const told = <Value>(path: string, value: Value | undefined): Value => {
  if (value === undefined) throw unlikeAws(`${path} is missing`)
  return value
}

/** An id as AWS gave it, if it is one. */
export const decoded = <Id>(codec: t.Type<Id, string, unknown>, value: unknown): Id => {
  if (codec.is(value)) return value
  throw unlikeAws(`expected ${codec.name}, got ${JSON.stringify(value) ?? 'nothing'}`)
}

const unlikeAws = (what: string): AdapterFailure =>
  new AdapterFailure({ type: 'Unavailable', message: `an answer that AWS does not give: ${what}` })
