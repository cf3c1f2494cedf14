/**
 * JSON text that is written once and filled in for each message. A thousand messages of a kind differ in a dozen short
 * texts, and writing all the rest of them anew was a third of what a run through text took.
 */

/** The text with these values in its holes; null if one of them would have to be escaped. */
export type TextTemplate<Values> = (values: Values) => string | null

/** Nothing that JSON escapes, were it in a document within a document. */
const plainText = /^[ !#-[\]-~]*$/

const mark = (name: string): string => `<<${name}>>`

/** A number's mark stands in quotes, which are not the document's. In a document within a document they are escaped. */
const markedAs = (name: string, value: unknown): RegExp =>
  typeof value === 'number' ? new RegExp(String.raw`\\*"${mark(name)}\\*"`, 'g') : new RegExp(mark(name), 'g')

/**
 * A template from one text, written with marks in place of the values. `example` says which values are numbers; a value
 * must be a text or a number, and used as a whole: what is computed from it is a value of its own.
 */
export const textTemplate = <Values extends { readonly [Name in keyof Values]: string | number }>(
  example: Values,
  write: (marks: Values) => string,
): TextTemplate<Values> => {
  const names = Object.keys(example) as ReadonlyArray<unknown> as ReadonlyArray<keyof Values & string>
  const marked = write(Object.fromEntries(names.map((name) => [name, mark(name)])) as unknown as Values)
  const separated = names.reduce(
    (text, name) => text.replace(markedAs(name, example[name]), `\u0000${name}\u0000`),
    marked,
  )
  const parts = separated.split('\u0000')
  return (values) => {
    for (const name of names) {
      const value = values[name]
      if (typeof value === 'string' && !plainText.test(value)) return null
    }
    let text = parts[0] as string
    for (let at = 1; at < parts.length; at += 2) {
      text += values[parts[at] as keyof Values]
      text += parts[at + 1] as string
    }
    return text
  }
}
