/** Form parameters as the structure they stand for: `Filters.member.1.Name=x` in Auto Scaling, `Filter.1.Name=x` in EC2. */
import { AwsError } from './aws-error.ts'
import type { Complaints, Schema, Shape } from './shape.ts'

/** What stands between a list's name and a position. */
export type ListStyle = 'member' | 'flat'

type Tree = Map<string, Tree | string>

/** Parameters that say what is called, or belong to the signature of a request in its URL. */
const ofTheProtocol = /^(Action|Version|AWSAccessKeyId|Signature.*|Timestamp|X-Amz-.*)$/

/** No parameter has more. A name of a hundred thousand would take more memory than there is. */
const stepsMost = 10

/** A structure for `readShape`: text is turned into numbers and truth values where the shape has them. */
export const queryInput = (
  parameters: URLSearchParams,
  { schema }: Shape<unknown>,
  style: ListStyle,
  complaints: Complaints,
): unknown => {
  const root: Tree = new Map()
  for (const [name, value] of parameters) {
    if (ofTheProtocol.test(name)) continue
    const path = name.split('.')
    if (path.length > stepsMost) {
      const message = `The parameter ${name.slice(0, 100)} is not recognized by this endpoint.`
      throw new AwsError(complaints.unknownParameter, message)
    }
    put(root, path, value, complaints)
  }
  return typed(root, schema, style)
}

const put = (tree: Tree, path: ReadonlyArray<string>, value: string, complaints: Complaints): void => {
  const [step = '', ...rest] = path
  const there = tree.get(step) ?? (rest.length === 0 ? value : new Map<string, Tree | string>())
  if ((typeof there === 'string') !== (rest.length === 0)) {
    throw new AwsError(complaints.invalid, `The parameter ${step} is given both as a value and as a structure.`)
  }
  tree.set(step, there)
  if (typeof there !== 'string') put(there, rest, value, complaints)
}

const typed = (value: Tree | string, schema: Schema, style: ListStyle): unknown => {
  switch (schema.type) {
    case 'string':
      return typeof value === 'string' ? value : untyped(value)
    case 'integer':
      return typeof value === 'string' && /^-?\d{1,15}$/.test(value) ? Number(value) : untyped(value)
    case 'boolean':
      return value === 'true' ? true : value === 'false' ? false : untyped(value)
    case 'list': {
      // An empty list is sent as a name without a value.
      if (value === '') return []
      const items = style === 'flat' || typeof value === 'string' ? value : value.get('member')
      return items === undefined || typeof items === 'string' ? untyped(value) : listed(items, schema.of, style)
    }
    case 'map':
      return untyped(value)
    case 'structure':
      if (typeof value === 'string') return value
      return Object.fromEntries(
        [...value].map(([name, member]) => {
          const of = Object.hasOwn(schema.members, name) ? schema.members[name] : undefined
          return [name, of === undefined ? untyped(member) : typed(member, of, style)]
        }),
      )
  }
}

/** Positions count from 1, and only their order matters. */
const listed = (items: Tree, of: Schema, style: ListStyle): unknown => {
  const positions = [...items.keys()]
  if (!positions.every((position) => /^\d{1,6}$/.test(position))) return untyped(items)
  return positions
    .sort((one, other) => Number(one) - Number(other))
    .map((position) => typed(items.get(position) ?? '', of, style))
}

/** What does not fit is left for `readShape` to complain of. */
const untyped = (value: Tree | string): unknown =>
  typeof value === 'string' ? value : Object.fromEntries([...value].map(([name, member]) => [name, untyped(member)]))
