// docs/reference/templates.md: the parameters of the templates, in their own words.
import { loadTemplate, type TemplateParameter } from '../../packages/lambda/test/template/template.ts'
import { generatedNote } from './generated-note.ts'

const templates = { full: 'template', attach: 'attach', smallest: 'smallest' } as const

/** Every parameter, with the templates that have it. One that is explained differently has a row for each. */
export const templatesPage = (): string => {
  const rows = new Map<string, { readonly row: string; readonly of: string[] }>()
  for (const [name, file] of Object.entries(templates)) {
    for (const [parameter, about] of Object.entries(loadTemplate(file).Parameters)) {
      const row = `${defaultOf(about)} | ${about.Description?.trim()}${takesOf(about)} |`
      const known = rows.get(`${parameter} ${row}`) ?? { row, of: [] }
      known.of.push(name)
      rows.set(`${parameter} ${row}`, known)
    }
  }
  const lines = [...rows].map(([key, { row, of }]) => `| \`${key.split(' ')[0]}\` | ${of.join(', ')} | ${row}`)
  return [
    '# Parameters of the templates',
    '',
    generatedNote,
    '',
    'Pass these to [`npx ecs-drain deploy`](../deploy.md) as `--parameter NAME=VALUE`. It sets `CodeBucket` and `CodeKey` by itself. A parameter',
    'without a default is required for a new stack. An update keeps the values that you do not give.',
    '',
    '| parameter | template | default | meaning |',
    '| --- | --- | --- | --- |',
    ...lines.toSorted(),
    '',
  ].join('\n')
}

const defaultOf = ({ Default: value }: TemplateParameter): string => {
  if (value === undefined) return ''
  return value === '' ? 'empty' : `\`${value}\``
}

const valuesMost = 5

const takesOf = ({ AllowedValues: values = [], MinValue, MaxValue }: TemplateParameter): string => {
  if (values.length > 0 && values.length <= valuesMost)
    return ` One of ${values.map((value) => `\`${value}\``).join(', ')}.`
  if (MinValue === undefined) return ''
  return MaxValue === undefined ? ` At least ${MinValue}.` : ` From ${MinValue} to ${MaxValue}.`
}
