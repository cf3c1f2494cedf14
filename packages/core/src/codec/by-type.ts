import * as E from 'fp-ts/Either'
import * as t from 'io-ts'
import { objectOf } from './object-of.ts'

type CodecsOf<Fields> = { readonly [Key in keyof Fields]: t.Type<Fields[Key], unknown, unknown> }

/**
 * An object of one of several kinds, which the field `type` tells apart. Only the codec of its own kind is asked, so the report is
 * about what was meant. `name` is what they are kinds of: `type: expected a type of event, got "Drained"`. Fields that all kinds have
 * are in `shared`, and in `fields` what each has besides.
 */
export const byType = <Kind extends { readonly type: string }>(
  name: string,
  shared: CodecsOf<Omit<Kind, 'type'>>,
  fields: { readonly [Type in Kind['type']]: CodecsOf<Omit<Extract<Kind, { readonly type: Type }>, keyof Kind>> },
): t.Type<Kind, unknown, unknown> => {
  const type = t.keyof(fields, `a type of ${name}`)
  const Typed = objectOf({ type })
  const codecs = Object.fromEntries(
    Object.entries<t.Props>(fields).map(([kind, others]) => [kind, objectOf({ type, ...shared, ...others })]),
  )
  const codecOf = (kind: string) => codecs[kind] as unknown as t.Type<Kind, unknown, unknown>
  return new t.Type(
    name,
    (value): value is Kind => Typed.is(value) && codecOf(value.type).is(value),
    (value, context) => {
      const typed = Typed.validate(value, context)
      return E.isLeft(typed) ? typed : codecOf(typed.right.type).validate(value, context)
    },
    (value) => codecOf(value.type).encode(value),
  )
}
