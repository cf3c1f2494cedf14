import * as t from 'io-ts'

/** The same, or null. */
export const nullOr = <Value, Written>(codec: t.Type<Value, Written, unknown>) =>
  new t.Type<Value | null, Written | null, unknown>(
    `${codec.name} or null`,
    (value): value is Value | null => value === null || codec.is(value),
    (value, context) => (value === null ? t.success(null) : codec.validate(value, context)),
    (value) => (value === null ? null : codec.encode(value)),
  )
