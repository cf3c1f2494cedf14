/**
 * A second opinion on a template, by AWS's service specification: unknown resource types, properties and attributes,
 * missing and mistyped properties, values that an enumeration lacks, and references that lead nowhere. What only
 * CloudFormation can know (the value of an intrinsic function) is not judged; both branches of an `Fn::If` are.
 */
import { loadAwsServiceSpecSync } from '@aws-cdk/aws-service-spec'
import type { PropertyType, Resource, ResourceProperties, SpecDatabase } from '@aws-cdk/service-spec-types'
import { isObject, type Json, type JsonObject, type Template, textOf } from './template.ts'

let loaded: SpecDatabase | undefined

/** It takes half a second to load. */
const specification = (): SpecDatabase => {
  loaded ??= loadAwsServiceSpecSync()
  return loaded
}

/** What is wrong, a line each: `Inbox.Properties.VisibilityTimeout: expected integer, got "soon"`. */
export const problemsOf = (template: Template): ReadonlyArray<string> => {
  const problems: Array<string> = []
  const types = new Map<string, Resource>()
  for (const [name, { Type }] of Object.entries(template.Resources)) {
    const [resource] = specification().lookup('resource', 'cloudFormationType', 'equals', Type)
    if (resource === undefined) problems.push(`${name}: no resource type ${Type}`)
    else types.set(name, resource)
  }
  const checkReferences = referenceCheck(template, types, problems)
  for (const [name, resource] of types) {
    const { Properties = {}, DependsOn = [], Condition, UpdatePolicy = {} } = template.Resources[name] ?? { Type: '' }
    checkProperties(`${name}.Properties`, Properties, resource.properties, problems)
    checkReferences(`${name}.Properties`, Properties)
    checkUpdatePolicy(`${name}.UpdatePolicy`, UpdatePolicy, problems)
    checkReferences(`${name}.UpdatePolicy`, UpdatePolicy)
    for (const each of typeof DependsOn === 'string' ? [DependsOn] : DependsOn) {
      if (!types.has(each)) problems.push(`${name}.DependsOn: no resource ${each}`)
    }
    if (Condition !== undefined && template.Conditions[Condition] === undefined) {
      problems.push(`${name}.Condition: no condition ${Condition}`)
    }
  }
  checkReferences('Conditions', template.Conditions)
  checkReferences('Outputs', template.Outputs)
  return problems
}

/** Neither opinion knows this attribute (AWS: CloudFormation template reference, "UpdatePolicy"); we use one kind of it. */
const rollingUpdate = [
  'MaxBatchSize',
  'MinActiveInstancesPercent',
  'MinInstancesInService',
  'MinSuccessfulInstancesPercent',
  'PauseTime',
  'SuspendProcesses',
  'WaitOnResourceSignals',
]

const checkUpdatePolicy = (path: string, policy: JsonObject, problems: Array<string>): void => {
  for (const [kind, settings] of Object.entries(policy)) {
    if (kind !== 'AutoScalingRollingUpdate') problems.push(`${path}: no kind ${kind}`)
    for (const key of isObject(settings) ? Object.keys(settings) : []) {
      if (!rollingUpdate.includes(key)) problems.push(`${path}.${kind}: no property ${key}`)
    }
  }
}

const checkProperties = (
  path: string,
  given: JsonObject,
  properties: ResourceProperties,
  problems: Array<string>,
): void => {
  for (const [key, { required, type }] of Object.entries(properties)) {
    const value = given[key]
    if (value !== undefined) check(`${path}.${key}`, value, type, problems)
    else if (required === true) problems.push(`${path}: ${key} is missing`)
  }
  for (const key of Object.keys(given)) {
    if (!Object.hasOwn(properties, key)) problems.push(`${path}: no property ${key}`)
  }
}

const check = (path: string, value: Json, type: PropertyType, problems: Array<string>): void => {
  const branches = branchesOf(value)
  if (branches !== null) {
    for (const branch of branches) check(path, branch, type, problems)
    return
  }
  if (isFunction(value)) return
  const expected = (what: string): void => {
    problems.push(`${path}: expected ${what}, got ${JSON.stringify(value)}`)
  }
  switch (type.type) {
    case 'string':
      if (typeof value !== 'string') expectedScalar(value, expected)
      if (type.allowedValues !== undefined && !type.allowedValues.includes(textOf(value))) {
        expected(`one of ${type.allowedValues.join(', ')}`)
      }
      return
    case 'integer':
      if (!Number.isInteger(Number(value)) || value === '') expected('an integer')
      return
    case 'number':
      if (!Number.isFinite(Number(value)) || value === '') expected('a number')
      return
    case 'boolean':
      if (!['true', 'false'].includes(textOf(value))) expected('a boolean')
      return
    case 'array':
      if (!Array.isArray(value)) return expected('a list')
      for (const [index, item] of (value as ReadonlyArray<Json>).entries()) {
        check(`${path}[${index}]`, item, type.element, problems)
      }
      return
    case 'map':
      if (!isObject(value)) return expected('a mapping')
      for (const [key, item] of Object.entries(value)) check(`${path}.${key}`, item, type.element, problems)
      return
    case 'ref':
      if (!isObject(value)) return expected('an object')
      checkProperties(path, value, specification().get('typeDefinition', type.reference.$ref).properties, problems)
      return
    case 'union': {
      const attempts = type.types.map((each) => {
        const found: Array<string> = []
        check(path, value, each, found)
        return found
      })
      if (!attempts.some((found) => found.length === 0)) problems.push(...(attempts[0] ?? []))
      return
    }
    case 'tag':
      if (!isObject(value) || value['Key'] === undefined || value['Value'] === undefined) expected('a Key and a Value')
      return
    case 'json':
    case 'date-time':
    case 'null':
      return
  }
}

/** CloudFormation turns a number or a boolean into a text where it needs one, and nothing else. */
const expectedScalar = (value: Json, expected: (what: string) => void): void => {
  if (typeof value === 'object') expected('a text')
}

const isFunction = (value: Json): boolean => {
  const [key, ...more] = isObject(value) ? Object.keys(value) : []
  return key !== undefined && more.length === 0 && (key === 'Ref' || key.startsWith('Fn::'))
}

const branchesOf = (value: Json): ReadonlyArray<Json> | null => {
  const branches: Json | undefined = isObject(value) ? value['Fn::If'] : undefined
  return Array.isArray(branches) ? branches.slice(1) : null
}

const pseudoParameters = ['AccountId', 'NoValue', 'Partition', 'Region', 'StackId', 'StackName', 'URLSuffix']

const referenceCheck = (template: Template, types: ReadonlyMap<string, Resource>, problems: Array<string>) => {
  const checkRef = (path: string, name: string): void => {
    if (name.startsWith('AWS::') && pseudoParameters.includes(name.slice('AWS::'.length))) return
    if (!types.has(name) && template.Parameters[name] === undefined)
      problems.push(`${path}: Ref to ${name}, which is not there`)
  }
  const checkAttribute = (path: string, name: string, attribute: string): void => {
    const resource = types.get(name)
    if (resource === undefined) problems.push(`${path}: GetAtt of ${name}, which is not there`)
    else if (!Object.hasOwn(resource.attributes, attribute))
      problems.push(`${path}: ${name} has no attribute ${attribute}`)
  }
  const checkCondition = (path: string, name: string): void => {
    if (template.Conditions[name] === undefined) problems.push(`${path}: no condition ${name}`)
  }
  const visit = (path: string, node: Json): void => {
    if (Array.isArray(node)) for (const [index, each] of node.entries()) visit(`${path}[${index}]`, each)
    if (!isObject(node)) return
    for (const [key, argument] of Object.entries(node)) {
      const list: ReadonlyArray<Json> = Array.isArray(argument) ? argument : [argument]
      const [first = null, second = null] = list
      if (key === 'Ref') checkRef(path, textOf(argument))
      else if (key === 'Fn::GetAtt') checkAttribute(path, textOf(first), textOf(second))
      else if (key === 'Fn::Sub') checkText(path, textOf(first), isObject(second) ? second : {})
      else if (key === 'Condition' && typeof argument === 'string') checkCondition(path, argument)
      if (key === 'Fn::If') checkCondition(path, textOf(first))
      visit(`${path}.${key}`, argument)
    }
  }
  const checkText = (path: string, text: string, own: JsonObject): void => {
    for (const [, name = ''] of text.matchAll(/\$\{([^!}]+)\}/g)) {
      const dot = name.indexOf('.')
      if (Object.hasOwn(own, name)) continue
      if (dot < 0) checkRef(path, name)
      else checkAttribute(path, name.slice(0, dot), name.slice(dot + 1))
    }
  }
  return visit
}
