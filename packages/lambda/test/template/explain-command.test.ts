// Who is woken by an alarm, or looks at the stack's outputs, reads the command that says why.
import { describe, expect, test } from 'vitest'
import { readExplainOptions } from '../../src/explain/explain-options.ts'
import { metricNamespace } from '../../src/metric-names.ts'
import { loadTemplate, type TemplateName, textOf, valueAt } from './template.ts'

const names: ReadonlyArray<TemplateName> = ['template', 'attach', 'smallest']

/** What `ecs-drain` makes of the command at the end of a text, as CloudFormation would have filled it in. */
const understood = (text: string) => {
  const filled = text.replace(/\$\{Table\}/, 'drain-Table-1ABC').replace(/\$\{AWS::Region\}/, 'eu-central-1')
  const [, words] = /(?:^|: )npx ecs-drain explain (.*)$/.exec(filled) ?? []
  if (words === undefined) throw new Error(`no command in "${text}"`)
  return readExplainOptions(words.replace('INSTANCE', 'i-0a1b2c3d').split(' '), {})
}

const ofTable = { type: 'run', options: { table: { type: 'table', name: 'drain-Table-1ABC' }, region: 'eu-central-1' } }

describe.each(names)('%s.yaml', (name) => {
  const { Outputs, Resources } = loadTemplate(name)
  const alarms = Object.entries(Resources).filter(([, { Properties }]) => Properties?.['Namespace'] === metricNamespace)

  test('has the command among its outputs, and the name of the table', () => {
    expect(understood(textOf(valueAt(Outputs['Explain'], 'Value', 'Fn::Sub')))).toMatchObject(ofTable)
    expect(Outputs['TableName']?.['Value']).toEqual({ Ref: 'Table' })
  })

  test('has it in the description of every alarm about drains', () => {
    expect(alarms.map(([alarm]) => alarm).toSorted()).toEqual(
      name === 'smallest' ? [] : ['DeniedAlarm', 'ExpiredAlarm', 'ForcedAlarm', 'OldestDrainAlarm', 'SilenceAlarm'],
    )
    for (const [, { Properties }] of alarms) {
      expect(understood(textOf(valueAt(Properties, 'AlarmDescription', 'Fn::Sub')))).toMatchObject(ofTable)
    }
  })
})
