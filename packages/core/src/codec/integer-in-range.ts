import * as t from 'io-ts'

/** An integer from `least` to `most`, both included; the report says `expected an integer from 0 to 200`. */
export const integerInRange = (least: number, most: number): t.Type<number, number, unknown> => {
  const is = (value: unknown): value is number =>
    typeof value === 'number' && Number.isInteger(value) && value >= least && value <= most
  const name =
    most === Number.MAX_SAFE_INTEGER ? `an integer of at least ${least}` : `an integer from ${least} to ${most}`
  return new t.Type(
    name,
    is,
    (value, context) => (is(value) ? t.success(value) : t.failure(value, context)),
    t.identity,
  )
}

/** An integer that AWS counts something with: 0 or more. */
export const Count: t.Type<number, number, unknown> = integerInRange(0, Number.MAX_SAFE_INTEGER)
