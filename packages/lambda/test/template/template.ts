/** A CloudFormation template as data: its YAML with the short tags written out, as CloudFormation reads it. */
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { isScalar, parse, type ScalarTag, type Tags } from 'yaml'

/** Anything that a template can hold. */
export type Json = string | number | boolean | null | ReadonlyArray<Json> | JsonObject
export interface JsonObject {
  readonly [key: string]: Json
}

/** One entry under Resources. */
export interface TemplateResource {
  readonly Type: string
  readonly Condition?: string
  readonly DependsOn?: string | ReadonlyArray<string>
  readonly DeletionPolicy?: string
  readonly UpdateReplacePolicy?: string
  readonly UpdatePolicy?: JsonObject
  readonly Properties?: JsonObject
}

/** One entry under Parameters. */
export interface TemplateParameter {
  readonly Type: string
  readonly Description?: string
  readonly Default?: string | number
  readonly AllowedValues?: ReadonlyArray<string | number>
  readonly AllowedPattern?: string
  readonly MinValue?: number
  readonly MaxValue?: number
}

/** One entry under Rules: which parameters go together. */
export interface TemplateRule {
  readonly RuleCondition?: Json
  readonly Assertions: ReadonlyArray<{ readonly Assert: Json; readonly AssertDescription: string }>
}

/** The sections that our templates have. */
export interface Template {
  readonly Metadata: JsonObject
  readonly Parameters: Readonly<Record<string, TemplateParameter>>
  readonly Rules: Readonly<Record<string, TemplateRule>>
  readonly Mappings: Readonly<Record<string, Readonly<Record<string, Readonly<Record<string, string>>>>>>
  readonly Conditions: Readonly<Record<string, Json>>
  readonly Resources: Readonly<Record<string, TemplateResource>>
  readonly Outputs: Readonly<Record<string, JsonObject>>
}

const names = ['Base64', 'FindInMap', 'GetAtt', 'If', 'Join', 'Select', 'Split', 'Sub', 'And', 'Equals', 'Not', 'Or']

const longName = (name: string): string => (name === 'Ref' || name === 'Condition' ? name : `Fn::${name}`)

/** `!Sub text`, `!Join [...]`: a tag on a scalar and on a list. `!GetAtt A.B` is a list of two in the long form. */
const tags: Tags = [...names, 'Ref', 'Condition'].flatMap((name) => [
  {
    tag: `!${name}`,
    resolve: (text: string) => (name === 'GetAtt' ? { 'Fn::GetAtt': splitOnce(text) } : { [longName(name)]: text }),
  } satisfies ScalarTag,
  {
    tag: `!${name}`,
    collection: 'seq' as const,
    resolve: (seq: { toJSON: () => unknown }) => ({ [longName(name)]: seq.toJSON() }),
  },
])

const splitOnce = (text: string): ReadonlyArray<string> => {
  const dot = text.indexOf('.')
  return [text.slice(0, dot), text.slice(dot + 1)]
}

/** The template that a text is. */
export const parseTemplate = (text: string): Template => {
  const parsed: unknown = parse(text, { customTags: tags, merge: false })
  if (isScalar(parsed)) throw new Error('a template is a mapping')
  const sections = parsed as Partial<Template>
  return {
    Metadata: sections.Metadata ?? {},
    Parameters: sections.Parameters ?? {},
    Rules: sections.Rules ?? {},
    Mappings: sections.Mappings ?? {},
    Conditions: sections.Conditions ?? {},
    Resources: sections.Resources ?? {},
    Outputs: sections.Outputs ?? {},
  }
}

/** Where our templates are. */
export const templateFile = (name: TemplateName): string =>
  fileURLToPath(new URL(`../../deploy/${name}.yaml`, import.meta.url))

export type TemplateName = 'template' | 'attach' | 'smallest'

/** One of our templates. */
export const loadTemplate = (name: TemplateName): Template => parseTemplate(readFileSync(templateFile(name), 'utf8'))

/** What is at the end of a path of keys; undefined where the path breaks off. */
export const valueAt = (value: Json | undefined, ...path: ReadonlyArray<string>): Json | undefined =>
  path.reduce<Json | undefined>((at, key) => (isObject(at) ? at[key] : undefined), value)

/** A value as a text: a list or an object as JSON. */
export const textOf = (value: Json | undefined): string =>
  typeof value === 'object' ? JSON.stringify(value) : String(value)

/** Whether a value is an object with keys, not a list. */
export const isObject = (value: Json | undefined): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
