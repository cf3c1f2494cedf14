/**
 * AWS's models as the SDK carries them (its `schemas`), read strictly: every member of an answer must be in the model, with the
 * model's type, and every member that the model requires must be in the answer.
 */
import * as autoScalingModule from '@aws-sdk/client-auto-scaling'
import * as ec2Module from '@aws-sdk/client-ec2'
import * as ecsModule from '@aws-sdk/client-ecs'
import * as snsModule from '@aws-sdk/client-sns'
import * as sqsModule from '@aws-sdk/client-sqs'
import { XMLParser } from 'fast-xml-parser'

export type Type =
  | { readonly type: 'string' | 'number' | 'boolean' | 'timestamp' | 'blob' }
  | { readonly type: 'list'; readonly of: () => Type; readonly itemName: string }
  | { readonly type: 'map'; readonly of: () => Type }
  | { readonly type: 'structure'; readonly members: ReadonlyMap<string, Member> }

interface Member {
  readonly of: () => Type
  /** As the member is called in XML, and in a query to EC2. */
  readonly xmlName: string
  readonly queryName: string
  readonly isRequired: boolean
}

const modules: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  ECS: ecsModule,
  'Auto Scaling': autoScalingModule,
  SQS: sqsModule,
  SNS: snsModule,
  EC2: ec2Module,
}

/** Input and output of an operation in the model. */
export const operationModel = (service: string, operation: string): { readonly input: Type; readonly output: Type } => {
  const schema = modules[service]?.[`${operation}$`]
  if (!Array.isArray(schema)) throw new Error(`${service} has no operation ${operation} in its model`)
  return { input: typeOf(schema[4]), output: typeOf(schema[5]) }
}

/** An error as the model has it: its status, and its code in the Query protocol. What the model does not say is 400, and the same. */
export const errorModel = (service: string, code: string): { readonly status: number; readonly queryCode: string } => {
  const schema = modules[service]?.[`${code}$`]
  const traits = (Array.isArray(schema) ? schema[3] : 0) as {
    readonly httpError?: number
    readonly awsQueryError?: readonly [code: string, status: number]
  }
  return { status: traits.httpError ?? 400, queryCode: traits.awsQueryError?.[0] ?? code }
}

const simple: Readonly<Record<number, Type>> = {
  0: { type: 'string' },
  1: { type: 'number' },
  2: { type: 'boolean' },
  4: { type: 'timestamp' },
  5: { type: 'timestamp' },
  6: { type: 'timestamp' },
  7: { type: 'timestamp' },
  17: { type: 'number' },
  21: { type: 'blob' },
}

const typeOf = (schema: unknown): Type => {
  if (typeof schema === 'function') return typeOf((schema as () => unknown)())
  if (typeof schema === 'number') return typeOfNumber(schema)
  if (schema === 'unit') return { type: 'structure', members: new Map() }
  if (!Array.isArray(schema)) throw new Error(`a schema that is not known: ${String(schema)}`)
  // [schema, traits] of a member, against [kind, namespace, name, traits, ...] of a shape.
  if (schema.length === 2) return typeOf(schema[0])
  const [kind, , , , fourth, fifth, required = 0] = schema as ReadonlyArray<unknown>
  switch (kind) {
    case 0:
      return typeOf(fourth)
    case 1:
      return { type: 'list', of: () => typeOf(fourth), itemName: traitsOf(fourth)['xmlName'] ?? 'member' }
    case 2:
      return { type: 'map', of: () => typeOf(fifth) }
    case 3:
      return {
        type: 'structure',
        members: new Map(
          (fourth as ReadonlyArray<string>).map((name, index) => {
            const member = (fifth as ReadonlyArray<unknown>)[index]
            const { xmlName = name, ec2QueryName } = traitsOf(member)
            const queryName = ec2QueryName ?? xmlName.charAt(0).toUpperCase() + xmlName.slice(1)
            return [name, { of: () => typeOf(member), xmlName, queryName, isRequired: index < Number(required) }]
          }),
        ),
      }
    default:
      throw new Error(`a kind of schema that is not known: ${String(kind)}`)
  }
}

const typeOfNumber = (schema: number): Type => {
  if ((schema & 64) !== 0) return { type: 'list', of: () => typeOfNumber(schema & 63), itemName: 'member' }
  if ((schema & 128) !== 0) return { type: 'map', of: () => typeOfNumber(schema & 127) }
  const type = simple[schema]
  if (type === undefined) throw new Error(`a schema that is not known: ${schema}`)
  return type
}

const traitsOf = (schema: unknown): Readonly<Partial<Record<string, string>>> =>
  Array.isArray(schema) && schema.length === 2 && typeof schema[1] === 'object' && schema[1] !== null
    ? (schema[1] as Readonly<Record<string, string>>)
    : {}

/** What in a JSON answer is not as the model has it, each with its path. */
export const jsonFaults = (type: Type, value: unknown, path = ''): ReadonlyArray<string> => {
  const wrong = [`${path}: ${JSON.stringify(value)} is no ${type.type}`]
  switch (type.type) {
    case 'string':
    case 'blob':
      return typeof value === 'string' ? [] : wrong
    case 'number':
    case 'timestamp':
      return typeof value === 'number' ? [] : wrong
    case 'boolean':
      return typeof value === 'boolean' ? [] : wrong
    case 'list':
      return Array.isArray(value)
        ? value.flatMap((item: unknown, index) => jsonFaults(type.of(), item, `${path}[${index}]`))
        : wrong
    case 'map':
      return isRecord(value)
        ? Object.entries(value).flatMap(([key, item]) => jsonFaults(type.of(), item, `${path}.${key}`))
        : wrong
    case 'structure':
      return isRecord(value) ? structureFaults(type.members, value, path, ([name]) => name, jsonFaults) : wrong
  }
}

type Faults = (type: Type, value: unknown, path: string) => ReadonlyArray<string>

const structureFaults = (
  members: ReadonlyMap<string, Member>,
  value: Readonly<Record<string, unknown>>,
  path: string,
  nameOf: (member: readonly [string, Member]) => string,
  faults: Faults,
): ReadonlyArray<string> => {
  const byName = new Map([...members].map((member) => [nameOf(member), member[1]]))
  const missing = [...byName].filter(([name, { isRequired }]) => isRequired && value[name] === undefined)
  return [
    ...missing.map(([name]) => `${path}.${name}: missing`),
    ...Object.entries(value).flatMap(([name, member]) => {
      const known = byName.get(name)
      return known === undefined ? [`${path}.${name}: not in the model`] : faults(known.of(), member, `${path}.${name}`)
    }),
  ]
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** Everything is text, an empty element too, and what occurs several times is a list. */
const parser = new XMLParser({ parseTagValue: false, ignoreAttributes: true, ignoreDeclaration: true })

export const parseXml = (text: string): Readonly<Record<string, unknown>> =>
  parser.parse(text) as Readonly<Record<string, unknown>>

/** The same of XML as `parseXml` gives it. */
export const xmlFaults: Faults = (type, value, path) => {
  const wrong = [`${path}: ${JSON.stringify(value)} is no ${type.type}`]
  const like = (pattern: RegExp): ReadonlyArray<string> =>
    typeof value === 'string' && pattern.test(value) ? [] : wrong
  switch (type.type) {
    case 'string':
    case 'blob':
      return like(/^[\s\S]*$/)
    case 'number':
      return like(/^-?\d+(\.\d+)?$/)
    case 'boolean':
      return like(/^(true|false)$/)
    case 'timestamp':
      return like(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/)
    case 'list': {
      if (value === '') return []
      if (!isRecord(value) || Object.keys(value).join() !== type.itemName) return wrong
      const items = value[type.itemName]
      return (Array.isArray(items) ? items : [items]).flatMap((item: unknown, index) =>
        xmlFaults(type.of(), item, `${path}[${index}]`),
      )
    }
    case 'map':
      return wrong
    case 'structure': {
      if (value !== '' && !isRecord(value)) return wrong
      return structureFaults(type.members, value === '' ? {} : value, path, ([, { xmlName }]) => xmlName, xmlFaults)
    }
  }
}

/** What of a reference's parameters is not as the model has it. */
export const parameterFaults = (
  type: Type,
  parameters: ReadonlyArray<{ readonly name: string; readonly type: string; readonly needed: boolean }>,
  isEc2: boolean,
): ReadonlyArray<string> => {
  if (type.type !== 'structure') return ['not a structure']
  const byName = new Map([...type.members].map(([name, member]) => [isEc2 ? member.queryName : name, member]))
  const unknown = parameters.flatMap((parameter) => {
    const member = byName.get(parameter.name)
    if (member === undefined) return [`${parameter.name}: not in the model`]
    const modelType = member.of().type
    return kindOf(parameter.type) === modelType
      ? []
      : [`${parameter.name}: ${parameter.type}, in the model ${modelType}`]
  })
  const optional = [...byName].filter(
    ([name, { isRequired }]) =>
      isRequired && !parameters.some((parameter) => parameter.name === name && parameter.needed),
  )
  return [...unknown, ...optional.map(([name]) => `${name}: required in the model`)]
}

const kindOf = (text: string): Type['type'] => {
  if (text.startsWith('list of')) return 'list'
  if (text.startsWith('map to')) return 'map'
  if (text.startsWith('integer')) return 'number'
  if (text.startsWith('{')) return 'structure'
  return text === 'boolean' ? 'boolean' : 'string'
}
