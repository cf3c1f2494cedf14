/**
 * An object of which only the named fields are read. io-ts's own `type` and `intersection` keep what they were given and
 * copy it where a field changes in decoding: sixty fields for the five that are wanted, and a key `__proto__` becomes the
 * copy's prototype. This one takes a field from the object itself or not at all, and yields the named fields only.
 */
import * as E from 'fp-ts/Either'
import * as t from 'io-ts'

/** What `objectOf(required, optional)` yields. */
export type ObjectOf<Required extends t.Props, Optional extends t.Props> = {
  readonly [Key in keyof Required]: t.TypeOf<Required[Key]>
} & { readonly [Key in keyof Optional]?: t.TypeOf<Optional[Key]> }

/** An object of unknown fields. */
export type Plain = Readonly<Record<string, unknown>>

/** Whether a value is an object with keys: no list, not null. */
export const isPlain = (value: unknown): value is Plain =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** An object with any keys, as it is. */
export const AnyObject: t.Type<Plain, Plain, unknown> = new t.Type(
  'an object',
  isPlain,
  (value, context) => (isPlain(value) ? t.success(value) : t.failure(value, context)),
  t.identity,
)

/** A key of the object itself, never one of its prototype. */
export const own = (value: Plain, key: string): unknown => (Object.hasOwn(value, key) ? value[key] : undefined)

/** An object with all of `required`, and of `optional` what is there. */
export const objectOf = <Required extends t.Props, Optional extends t.Props = Record<never, never>>(
  required: Required,
  optional?: Optional,
): t.Type<ObjectOf<Required, Optional>, Plain, unknown> => {
  const fields = Object.entries({ ...required, ...optional }).map(([key, type]) => ({
    key,
    type,
    isRequired: Object.hasOwn(required, key),
  }))
  type Decoded = ObjectOf<Required, Optional>

  const is = (value: unknown): value is Decoded =>
    isPlain(value) &&
    fields.every(({ key, type, isRequired }) => {
      const field = own(value, key)
      return field === undefined && !isRequired ? true : type.is(field)
    })

  const validate = (value: unknown, context: t.Context): t.Validation<Decoded> => {
    if (!isPlain(value)) return t.failure(value, context)
    const decoded: Record<string, unknown> = {}
    const errors: Array<t.ValidationError> = []
    for (const { key, type, isRequired } of fields) {
      const field = own(value, key)
      if (field === undefined && !isRequired) continue
      const result = type.validate(field, t.appendContext(context, key, type, field))
      if (E.isRight(result)) decoded[key] = result.right
      else for (const error of result.left) errors.push(error)
    }
    return errors.length === 0 ? t.success(decoded as Decoded) : t.failures(errors)
  }

  const encode = (value: Decoded): Plain => {
    const encoded: Record<string, unknown> = {}
    for (const { key, type } of fields) {
      const field = own(value, key)
      if (field !== undefined) encoded[key] = type.encode(field)
    }
    return encoded
  }

  return new t.Type('an object', is, validate, encode)
}
