/**
 * Branded strings: a container instance's ARN can't be passed where a task's is expected. Each brand has its codec,
 * so an id is checked once, where it comes in, and trusted from there on.
 */
import * as t from 'io-ts'

/** A string of a known kind. At run time it is a plain string. */
export type Branded<Name extends string> = string & { readonly __brand: Name }

/** A codec for strings that match `pattern`; the decode report says `expected <name>`, or `expected <name> like <like>`. */
export const branded = <Name extends string>(
  name: Name,
  pattern: RegExp,
  like = '',
): t.Type<Branded<Name>, string, unknown> => {
  const is = (value: unknown): value is Branded<Name> => typeof value === 'string' && pattern.test(value)
  return new t.Type<Branded<Name>, string, unknown>(
    like === '' ? name : `${name} like ${like}`,
    is,
    (value, context) => (is(value) ? t.success(value) : t.failure(value, context)),
    (id) => id,
  )
}
