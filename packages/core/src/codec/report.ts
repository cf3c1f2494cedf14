/**
 * What is wrong with a document, one line per error, each with the whole path from the outermost document to the field:
 * `Records[0].body.detail.version: expected an integer, got "7"`.
 */
import type * as t from 'io-ts'

/** Lines beyond this add nothing for a reader, and a hostile document could ask for millions. */
const linesMax = 20
const previewMax = 60
const keyMax = 60

/** One line per error, at most twenty, each of bounded length. */
export const report = (errors: t.Errors): ReadonlyArray<string> => {
  const lines = new Set<string>()
  for (const error of errors) {
    if (lines.size === linesMax) break
    lines.add(line(error))
  }
  return [...lines]
}

const line = ({ context, message, value }: t.ValidationError): string => {
  const expected = context.at(-1)?.type.name ?? 'something else'
  return `${pathOf(context) || '(root)'}: ${message ?? `expected ${expected}, got ${preview(value)}`}`
}

/** `a.b[2].c`. Members of unions and intersections are steps of the context, but not of the document. */
const pathOf = (context: t.Context): string => {
  let path = ''
  context.forEach(({ key }, index) => {
    const parent = context[index - 1]
    if (parent === undefined || isComposite(parent)) return
    // A dictionary's keys are the document's own, and may be as long as the document.
    const step = key.slice(0, keyMax)
    if (Array.isArray(parent.actual)) path += `[${step}]`
    else path += path === '' ? step : `.${step}`
  })
  return path
}

/** By tag, not by class: a codec may come from another copy of io-ts. */
const isComposite = ({ type }: t.ContextEntry): boolean => {
  const tag: unknown = (type as { readonly _tag?: unknown })._tag
  return tag === 'UnionType' || tag === 'IntersectionType'
}

/** A value in a few characters; a megabyte is described, not printed. */
export const preview = (value: unknown): string => {
  if (typeof value === 'string') {
    return value.length > previewMax ? `a string of ${value.length} characters` : JSON.stringify(value)
  }
  if (value === undefined) return 'nothing'
  if (Array.isArray(value)) return `a list of ${value.length}`
  if (typeof value === 'object' && value !== null) return 'an object'
  return String(value as bigint | boolean | null | number | symbol).slice(0, previewMax)
}
