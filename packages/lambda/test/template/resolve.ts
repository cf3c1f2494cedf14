/**
 * What CloudFormation would make of a template with these parameters: every intrinsic function that our templates use,
 * carried out. A resource's name and attributes become texts that say what they are (`<Inbox.Arn>`).
 */
import { isObject, type Json, type JsonObject, type Template, textOf } from './template.ts'

const pseudoParameters: Readonly<Record<string, Json>> = {
  'AWS::AccountId': '123456789012',
  'AWS::Partition': 'aws',
  'AWS::Region': 'eu-central-1',
  'AWS::StackId': 'arn:aws:cloudformation:eu-central-1:123456789012:stack/drain/1c2fa620-982a-11e3-aff7-50e2416294e0',
  'AWS::StackName': 'drain',
  'AWS::URLSuffix': 'amazonaws.com',
}

/** A resource as it would be made. */
export interface Made {
  readonly type: string
  readonly properties: JsonObject
}

/** A template with its parameters. */
export interface Resolved {
  readonly resources: Readonly<Record<string, Made>>
}

/**
 * Left out: what a condition leaves out, and `AWS::NoValue`. Throws on whatever CloudFormation would refuse. `pseudo`: what is another
 * elsewhere than in Frankfurt.
 */
export const resolveTemplate = (
  template: Template,
  given: Readonly<Record<string, string>> = {},
  pseudo: Readonly<Record<string, string>> = {},
): Resolved => {
  const parameters = new Map<string, Json>()
  for (const [name, { Type, Default }] of Object.entries(template.Parameters)) {
    const value = given[name] ?? Default
    if (value === undefined) continue
    parameters.set(name, Type.startsWith('List<') || Type === 'CommaDelimitedList' ? `${value}`.split(',') : `${value}`)
  }

  const condition = (name: string): boolean => {
    const expression = template.Conditions[name]
    if (expression === undefined) throw new Error(`no condition ${name}`)
    return holds(expression)
  }

  const holds = (expression: Json): boolean => {
    const [name, argument] = onlyEntry(expression)
    const list = Array.isArray(argument) ? (argument as ReadonlyArray<Json>) : []
    switch (name) {
      case 'Fn::Equals':
        return JSON.stringify(value(list[0] ?? null)) === JSON.stringify(value(list[1] ?? null))
      case 'Fn::Not':
        return !holds(list[0] ?? null)
      case 'Fn::And':
        return list.every(holds)
      case 'Fn::Or':
        return list.some(holds)
      case 'Condition':
        return condition(textOf(argument))
      default:
        throw new Error(`no condition function ${name}`)
    }
  }

  const ref = (name: string): Json | undefined => {
    if (name === 'AWS::NoValue') return undefined
    const known = pseudo[name] ?? pseudoParameters[name] ?? parameters.get(name)
    if (known !== undefined) return known
    if (template.Resources[name] !== undefined) return `<${name}>`
    throw new Error(`Ref to ${name}, which is not there or has no value`)
  }

  const getAtt = (name: string, attribute: string): string => {
    if (template.Resources[name] === undefined) throw new Error(`GetAtt of ${name}, which is not there`)
    return `<${name}.${attribute}>`
  }

  const substituted = (text: string, own: JsonObject): string =>
    text.replace(/\$\{([^!}]+)\}/g, (_, name: string) => {
      const local = own[name]
      if (local !== undefined) return textOf(value(local))
      const dot = name.indexOf('.')
      return dot < 0 ? textOf(ref(name)) : getAtt(name.slice(0, dot), name.slice(dot + 1))
    })

  const intrinsic = (name: string, argument: Json): Json | undefined => {
    const list: ReadonlyArray<Json> = Array.isArray(argument) ? argument : [argument]
    const [first = null, second = null, third = null] = list
    switch (name) {
      case 'Ref':
        return ref(textOf(argument))
      case 'Fn::GetAtt':
        return getAtt(textOf(first), textOf(second))
      case 'Fn::Sub':
        return substituted(textOf(first), isObject(second) ? second : {})
      case 'Fn::If':
        return value(condition(textOf(first)) ? second : third)
      case 'Fn::Select': {
        const items = value(second)
        const item: Json | undefined = Array.isArray(items) ? items[Number(value(first))] : undefined
        if (item === undefined) throw new Error(`Select ${textOf(first)} of too few`)
        return item
      }
      case 'Fn::Split':
        return textOf(value(second)).split(textOf(first))
      case 'Fn::Join':
        return listOf(value(second)).map(textOf).join(textOf(first))
      case 'Fn::FindInMap': {
        const found = template.Mappings[textOf(first)]?.[textOf(value(second))]?.[textOf(third)]
        if (found === undefined) throw new Error(`nothing in ${textOf(first)} for ${textOf(value(second))}`)
        return found
      }
      case 'Fn::Base64':
        return value(argument)
      default:
        throw new Error(`no function ${name}`)
    }
  }

  const value = (node: Json): Json | undefined => {
    if (Array.isArray(node)) return node.map(value).filter((item): item is Json => item !== undefined)
    if (!isObject(node)) return node
    const entries = Object.entries(node)
    const [only] = entries
    if (entries.length === 1 && only !== undefined && (only[0] === 'Ref' || only[0].startsWith('Fn::'))) {
      return intrinsic(only[0], only[1])
    }
    const kept = entries.flatMap(([key, each]) => {
      const made = value(each)
      return made === undefined ? [] : [[key, made] as const]
    })
    return Object.fromEntries(kept)
  }

  for (const { RuleCondition, Assertions } of Object.values(template.Rules)) {
    if (RuleCondition !== undefined && !holds(RuleCondition)) continue
    for (const { Assert, AssertDescription } of Assertions) if (!holds(Assert)) throw new Error(AssertDescription)
  }

  const resources: Record<string, Made> = {}
  for (const [name, { Type, Condition, Properties = {} }] of Object.entries(template.Resources)) {
    if (Condition !== undefined && !condition(Condition)) continue
    resources[name] = { type: Type, properties: value(Properties) as JsonObject }
  }
  return { resources }
}

/** A value that may be one or a list, as a list. */
export const listOf = (value: Json | undefined): ReadonlyArray<Json> =>
  value === undefined ? [] : Array.isArray(value) ? (value as ReadonlyArray<Json>) : [value]

const onlyEntry = (node: Json): readonly [string, Json] => {
  const [entry, ...more] = isObject(node) ? Object.entries(node) : []
  if (entry === undefined || more.length > 0) throw new Error(`not a function: ${JSON.stringify(node)}`)
  return entry
}

/** The parameters without a default, as somebody might give them. */
export const someParameters = {
  template: {
    VpcId: 'vpc-0123456789abcdef0',
    SubnetIds: 'subnet-0123456789abcdef0,subnet-0123456789abcdef1',
    CodeBucket: 'code',
    CodeKey: 'ecs-drain/function.zip',
  },
  attach: {
    ClusterNames: 'production,batch',
    GroupNames: 'web,workers,batch',
    CodeBucket: 'code',
    CodeKey: 'ecs-drain/function.zip',
  },
} as const
