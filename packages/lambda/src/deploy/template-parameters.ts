/** A template's parameters, read from its text: enough to find a mistyped name or value before anything is uploaded. */

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

/** The parameters of a template in their order. Ours indent by two; a test compares this with what a YAML parser finds. */
export const parametersIn = (template: string): ReadonlyArray<TemplateParameter> => {
  const [, section = ''] = /^Parameters:\n((?: .*\n|\n)*)/m.exec(template) ?? []
  return section.split(/^(?= {2}\w)/m).flatMap((text) => {
    const [, name] = /^ {2}(\w+):/.exec(text) ?? []
    return name === undefined ? [] : [{ name, ...constraintsIn(text) }]
  })
}

const texts = [
  'Type',
  'Default',
  'AllowedPattern',
  'MinValue',
  'MaxValue',
  'MinLength',
  'ConstraintDescription',
  'Description',
] as const

const constraintsIn = (parameter: string): Omit<TemplateParameter, 'name'> => {
  // A text that is folded over lines of its own, on one.
  const unfolded = parameter.replace(
    /: >-((?:\n {6}.*)+)/,
    (_, lines: string) => `: ${lines.trim().replace(/\n +/g, ' ')}`,
  )
  const found = texts.flatMap((key) => {
    const [, value] = new RegExp(`^ {4}${key}: (.*)$`, 'm').exec(unfolded) ?? []
    return value === undefined ? [] : [[key, scalar(value)] as const]
  })
  const [, values] = /^ {4}AllowedValues:((?: \[.*\])|(?:\n {6}- .*)+)$/m.exec(unfolded) ?? []
  return {
    ...Object.fromEntries(found),
    ...(values === undefined ? {} : { AllowedValues: itemsOf(values) }),
  }
}

/** `[a, 'b']`, or an item on each line. No value of ours has a comma in it. */
const itemsOf = (list: string): ReadonlyArray<string> =>
  list
    .replace(/^ \[(.*)\]$/, '$1')
    .split(/,|\n {6}- /)
    .filter((item) => item.trim() !== '')
    .map((item) => scalar(item.trim()))

const scalar = (text: string): string => (/^'.*'$/.test(text) ? text.slice(1, -1).replaceAll("''", "'") : text)

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
