/** A template's parameters, read from its text: enough to find a mistyped name or value before anything is uploaded. */
import { parse } from 'yaml'

/** One parameter of a template, by the keys that CloudFormation has for it; what the template leaves out is missing. */
export interface TemplateParameter {
  readonly name: string
  readonly Type?: string
  readonly Default?: string
  readonly AllowedPattern?: string
  readonly AllowedValues?: ReadonlyArray<string>
  readonly MinValue?: string
  readonly MaxValue?: string
  readonly MinLength?: string
  readonly ConstraintDescription?: string
  readonly Description?: string
}

/** The parameters of a template in their order. */
export const parametersIn = (template: string): ReadonlyArray<TemplateParameter> => {
  // Every scalar as its text, which is what --parameter gives; CloudFormation's own tags are not looked at here.
  const { Parameters } = parse(template, { schema: 'failsafe', logLevel: 'error' }) as TemplateText
  return Object.entries(Parameters).map(([name, parameter]) => ({ name, ...parameter }))
}

interface TemplateText {
  readonly Parameters: Readonly<Record<string, Omit<TemplateParameter, 'name'>>>
}

/** What a value must be that CloudFormation would refuse for its parameter, as a noun; null: it would not. */
export const expectedOf = (parameter: TemplateParameter, value: string): string | null => {
  const { Type, AllowedValues, AllowedPattern, MinLength, ConstraintDescription, Description } = parameter
  if (AllowedValues !== undefined && !AllowedValues.includes(value)) return `one of ${AllowedValues.join(', ')}`
  // It must match as a whole (AWS: CloudFormation user guide, "CloudFormation template Parameters syntax").
  if (AllowedPattern !== undefined && !new RegExp(`^(?:${AllowedPattern})$`).test(value))
    return ConstraintDescription ?? `text that matches ${AllowedPattern} (${Description})`
  if (value.length < Number(MinLength ?? 0)) return `text with a length of at least ${MinLength}`
  return Type === 'Number' && !isInRange(parameter, value) ? rangeOf(parameter) : null
}

const isInRange = ({ MinValue = '-Infinity', MaxValue = 'Infinity' }: TemplateParameter, value: string): boolean =>
  /^-?\d+(\.\d+)?$/.test(value) && Number(value) >= Number(MinValue) && Number(value) <= Number(MaxValue)

const rangeOf = ({ MinValue, MaxValue }: TemplateParameter): string =>
  [
    'a number',
    ...(MinValue === undefined ? [] : [`from ${MinValue}`]),
    ...(MaxValue === undefined ? [] : [`to ${MaxValue}`]),
  ].join(' ')
