/** What the endpoint has, as data: the reference page is made from it, and so it cannot say anything else. */
import { actFields } from './act.ts'
import { controls } from './control.ts'
import { subjectOperators } from './ecs/cluster-query.ts'
import { type Service, services } from './service.ts'
import type { Schema } from './wire/shape.ts'

/** A parameter of an operation. */
export interface ReferenceParameter {
  readonly name: string
  /** `integer 1 to 100`, `list of string`, `RUNNING or PENDING or STOPPED`. */
  readonly type: string
  readonly needed: boolean
}

/** All of it. */
export interface EndpointReference {
  readonly services: ReadonlyArray<{
    readonly name: string
    readonly protocol: string
    /** Errors that every operation may answer with. */
    readonly errors: ReadonlyArray<string>
    readonly operations: ReadonlyArray<{
      readonly name: string
      readonly says: string
      readonly parameters: ReadonlyArray<ReferenceParameter>
      readonly errors: ReadonlyArray<string>
      /** Takes tokens and has the plan's luck. */
      readonly gated: boolean
    }>
  }>
  readonly controls: ReadonlyArray<{ readonly path: string; readonly method: string; readonly says: string }>
  /** The verbs of `act` and their fields. */
  readonly acts: Readonly<Record<string, ReadonlyArray<string>>>
  /** Subjects of the cluster query language and their operators. */
  readonly subjects: Readonly<Record<string, ReadonlyArray<string>>>
}

/** The operations, parameters, errors and controls that this version has. */
export const endpointReference = (): EndpointReference => ({
  services: services.map((service) => ({
    name: service.name,
    protocol: protocolText(service),
    errors: commonErrors(service),
    operations: service.operations.map(({ name, says, input, errors, isGated }) => ({
      name,
      says,
      parameters: parametersOf(input.schema),
      errors,
      gated: isGated,
    })),
  })),
  controls,
  acts: actFields,
  subjects: subjectOperators,
})

const protocolText = ({ protocol }: Service): string => {
  switch (protocol.type) {
    case 'json':
      return `AWS JSON ${protocol.version}, \`X-Amz-Target: ${protocol.target}.OPERATION\``
    case 'query':
      return `AWS Query, \`Version=${protocol.version}\``
    case 'ec2':
      return `EC2 Query, \`Version=${protocol.version}\``
  }
}

const commonErrors = (service: Service): ReadonlyArray<string> => [
  ...new Set([
    ...Object.values(service.complaints),
    service.unknownOperation('').code,
    service.throttled().code,
    service.unavailable().code,
  ]),
]

const parametersOf = (schema: Schema): ReadonlyArray<ReferenceParameter> =>
  schema.type === 'structure'
    ? Object.entries(schema.members).map(([name, member]) => ({
        name,
        type: typeText(member),
        needed: schema.needed.includes(name),
      }))
    : []

const lengthText = (shortest: number | undefined, longest: number): string =>
  shortest === undefined ? `at most ${longest}` : shortest === longest ? `${longest}` : `${shortest} to ${longest}`

const typeText = (schema: Schema): string => {
  switch (schema.type) {
    case 'string':
      if (schema.words !== undefined) return schema.words.join(' or ')
      return schema.longest === undefined ? 'string' : `string of ${lengthText(schema.shortest, schema.longest)}`
    case 'integer':
      return `integer ${schema.least} to ${schema.most}`
    case 'boolean':
      return 'boolean'
    case 'list':
      return `list of ${typeText(schema.of)}`
    case 'map':
      return `map to ${typeText(schema.of)}`
    case 'structure':
      return `{ ${Object.keys(schema.members).join(', ')} }`
  }
}
