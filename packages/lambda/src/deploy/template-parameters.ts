/** The names of a template's parameters, read from its text: enough to find a mistyped one before anything is uploaded. */

/** The parameters of a template. */
export interface TemplateParameters {
  readonly names: ReadonlyArray<string>
  /** Those without a default. */
  readonly required: ReadonlyArray<string>
}

/** Our templates indent by two; a test compares this with what a YAML parser finds. */
export const parametersIn = (template: string): TemplateParameters => {
  const names: Array<string> = []
  const withDefault = new Set<string>()
  let inParameters = false
  for (const line of template.split('\n')) {
    if (/^\S/.test(line)) inParameters = line.startsWith('Parameters:')
    if (!inParameters) continue
    const [, name] = /^ {2}(\w+):/.exec(line) ?? []
    if (name !== undefined) names.push(name)
    const last = names.at(-1)
    if (/^ {4}Default:/.test(line) && last !== undefined) withDefault.add(last)
  }
  return { names, required: names.filter((name) => !withDefault.has(name)) }
}
