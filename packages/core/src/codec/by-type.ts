import * as E from 'fp-ts/Either'
import { pipe } from 'fp-ts/function'
import * as t from 'io-ts'
import { objectOf } from './object-of.ts'

/** A codec for each kind of object that the field `type` tells apart. */
export type CodecsByType<Kind extends { readonly type: string }> = {
  readonly [Type in Kind['type']]: t.Type<Extract<Kind, { readonly type: Type }>, unknown, unknown>
}

/**
 * An object of one of several kinds. Only the codec of its own kind is asked, so the report is about what was meant. `name`
 * is what they are kinds of: `type: expected a type of event, got "Drained"`.
 */
export const byType = <Kind extends { readonly type: string }>(
  name: string,
  codecs: CodecsByType<Kind>,
): t.Type<Kind, unknown, unknown> => {
  const Typed = objectOf({ type: t.keyof(codecs, `a type of ${name}`) })
  const codecOf = (type: Kind['type']) => codecs[type] as unknown as t.Type<Kind, unknown, unknown>
  return new t.Type(
    name,
    (value): value is Kind => Typed.is(value) && codecOf(value.type).is(value),
    (value, context) =>
      pipe(
        Typed.validate(value, context),
        E.flatMap(({ type }) => codecOf(type).validate(value, context)),
      ),
    (value) => codecOf(value.type).encode(value),
  )
}
