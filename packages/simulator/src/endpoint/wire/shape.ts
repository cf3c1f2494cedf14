/**
 * What an operation takes: shapes with AWS's types, bounds and words, read from what either protocol brings. They are data, so
 * that the reference page is made from them, and a test holds them against the models of AWS.
 */
import { isRecord } from '../../plan/strict-codecs.ts'
import { AwsError } from './aws-error.ts'

/** A shape as data. Bounds are inclusive. */
export type Schema =
  | {
      readonly type: 'string'
      readonly words?: ReadonlyArray<string>
      /** The service's own code for what is none of the words. */
      readonly refusal?: string
      readonly shortest?: number
      readonly longest?: number
      readonly pattern?: RegExp
    }
  | { readonly type: 'integer'; readonly least: number; readonly most: number }
  | { readonly type: 'boolean' }
  | { readonly type: 'list'; readonly of: Schema; readonly most?: number }
  | { readonly type: 'map'; readonly of: Schema }
  | { readonly type: 'structure'; readonly members: Readonly<Record<string, Schema>>; readonly needed: Names }

type Names = ReadonlyArray<string>

/** A schema that knows the type of its values. */
export interface Shape<Value> {
  readonly schema: Schema
  /** Never there: it carries the type. */
  readonly value?: Value
}

export type ValueOf<Any> = Any extends Shape<infer Value> ? Value : never

export type Members = Readonly<Record<string, Shape<unknown>>>

/** Members that were given; those in `Needed` always are. */
export type StructureOf<Given extends Members, Needed extends keyof Given> = {
  readonly [Key in Exclude<keyof Given, Needed>]?: ValueOf<Given[Key]>
} & { readonly [Key in Needed]: ValueOf<Given[Key]> }

export const text: Shape<string> = { schema: { type: 'string' } }

export const textUpTo = (longest: number): Shape<string> => ({ schema: { type: 'string', longest } })

/** Lengths are inclusive; the whole text must match. */
export const textOf = (shortest: number, longest: number, pattern?: RegExp): Shape<string> => ({
  schema: { type: 'string', shortest, longest, ...(pattern === undefined ? {} : { pattern }) },
})

export const word = <Word extends string>(...words: ReadonlyArray<Word>): Shape<Word> => ({
  schema: { type: 'string', words },
})

/** Refused in a code of its own. */
export const wordElse = <Word extends string>(refusal: string, ...words: ReadonlyArray<Word>): Shape<Word> => ({
  schema: { type: 'string', words, refusal },
})

export const integer = (least: number, most: number): Shape<number> => ({ schema: { type: 'integer', least, most } })

export const flag: Shape<boolean> = { schema: { type: 'boolean' } }

export const listOf = <Value>({ schema }: Shape<Value>, most?: number): Shape<ReadonlyArray<Value>> => ({
  schema: { type: 'list', of: schema, ...(most === undefined ? {} : { most }) },
})

export const mapOf = <Value>({ schema }: Shape<Value>): Shape<Readonly<Record<string, Value>>> => ({
  schema: { type: 'map', of: schema },
})

export const structure = <Given extends Members, Needed extends keyof Given & string = never>(
  members: Given,
  needed: ReadonlyArray<Needed> = [],
): Shape<StructureOf<Given, Needed>> => ({
  schema: {
    type: 'structure',
    members: Object.fromEntries(Object.entries(members).map(([name, { schema }]) => [name, schema])),
    needed,
  },
})

/** The codes in which a service tells what is wrong with a request. */
export interface Complaints {
  /** A value of another JSON type than the model's. */
  readonly wrongType: string
  /** Out of bounds, not one of the words, too many. */
  readonly invalid: string
  readonly missing: string
  readonly unknownParameter: string
}

/** The value as the shape has it; throws AwsError in the service's own code, with the path to what is wrong. */
export const readShape = <Value>({ schema }: Shape<Value>, value: unknown, complaints: Complaints): Value =>
  read(schema, value, '', complaints) as Value

const read = (schema: Schema, value: unknown, path: string, complaints: Complaints): unknown => {
  const wrongType = (): AwsError =>
    new AwsError(complaints.wrongType, `${path || 'The request'} is not of type ${schema.type}, but ${typeOf(value)}.`)
  switch (schema.type) {
    case 'string':
      if (typeof value !== 'string') throw wrongType()
      return readText(schema, value, path, complaints)
    case 'integer': {
      if (typeof value !== 'number' || !Number.isInteger(value)) throw wrongType()
      if (value < schema.least || value > schema.most) {
        throw new AwsError(
          complaints.invalid,
          `${path} must be between ${schema.least} and ${schema.most}, not ${value}.`,
        )
      }
      return value
    }
    case 'boolean':
      if (typeof value !== 'boolean') throw wrongType()
      return value
    case 'list': {
      if (!Array.isArray(value)) throw wrongType()
      if (schema.most !== undefined && value.length > schema.most) {
        throw new AwsError(
          complaints.invalid,
          `${path} cannot have more than ${schema.most} elements, not ${value.length}.`,
        )
      }
      return value.map((item: unknown, index) => read(schema.of, item, `${path}[${index}]`, complaints))
    }
    case 'map': {
      if (!isRecord(value)) throw wrongType()
      return Object.fromEntries(
        Object.entries(value).map(([key, item]) => [key, read(schema.of, item, `${path}.${key}`, complaints)]),
      )
    }
    case 'structure':
      if (!isRecord(value)) throw wrongType()
      return readStructure(schema, value, path, complaints)
  }
}

const readText = (
  { words, refusal, shortest, longest, pattern }: Extract<Schema, { type: 'string' }>,
  value: string,
  path: string,
  { invalid }: Complaints,
): string => {
  if (words !== undefined && !words.includes(value)) {
    throw new AwsError(
      refusal ?? invalid,
      `${path} must be one of [${words.join(', ')}], not '${value.slice(0, 100)}'.`,
    )
  }
  if (longest !== undefined && value.length > longest) {
    throw new AwsError(invalid, `${path} must have a length of at most ${longest}, not ${value.length}.`)
  }
  if (shortest !== undefined && value.length < shortest) {
    throw new AwsError(invalid, `${path} must have a length of at least ${shortest}, not ${value.length}.`)
  }
  if (pattern !== undefined && !pattern.test(value)) {
    throw new AwsError(invalid, `${path} must match ${pattern.source}, not '${value.slice(0, 100)}'.`)
  }
  return value
}

const readStructure = (
  { members, needed }: Extract<Schema, { type: 'structure' }>,
  value: Readonly<Record<string, unknown>>,
  path: string,
  complaints: Complaints,
): unknown => {
  const given: Record<string, unknown> = {}
  for (const [name, member] of Object.entries(value)) {
    // JSON null is a member left out.
    if (member === null || member === undefined) continue
    const at = path === '' ? name : `${path}.${name}`
    const schema = Object.hasOwn(members, name) ? members[name] : undefined
    if (schema === undefined) {
      throw new AwsError(complaints.unknownParameter, `The parameter ${at} is not recognized by this endpoint.`)
    }
    given[name] = read(schema, member, at, complaints)
  }
  for (const name of needed) {
    if (Object.hasOwn(given, name)) continue
    const at = path === '' ? name : `${path}.${name}`
    throw new AwsError(complaints.missing, `The request must contain the parameter ${at}.`)
  }
  return given
}

const typeOf = (value: unknown): string => (value === null ? 'null' : Array.isArray(value) ? 'list' : typeof value)
