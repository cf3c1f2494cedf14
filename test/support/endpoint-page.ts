// The reference of the endpoint, from the tables by which it reads requests.
import { endpointReference } from '@ecs-drain/simulator/endpoint'
import { generatedNote } from './generated-note.ts'

type Reference = ReturnType<typeof endpointReference>
type Operation = Reference['services'][number]['operations'][number]

export const endpointPage = (): string => {
  const { services, controls, acts, subjects } = endpointReference()
  return [
    '# Reference of the endpoint',
    '',
    generatedNote,
    '',
    'What `ecs-drain serve` and `createEndpoint` have; [how to use them](../endpoint.md). An operation, a parameter or a filter that is not',
    'here is refused in the code that its service has for it. Required parameters are **bold**.',
    '',
    ...services.flatMap(({ name, protocol, errors, operations }) => [
      `## ${name}`,
      '',
      `${protocol}. Errors of every operation: ${codes(errors)}.`,
      '',
      '| operation | what it does here | parameters | its own errors |',
      '| --- | --- | --- | --- |',
      ...operations.map(operationRow),
      '',
    ]),
    'A \\* marks operations that take no tokens and have no faults: in the simulated world they are those of the event source.',
    '',
    '## The filter of ListContainerInstances',
    '',
    'The cluster query language: `subject operator [argument]`, joined by `and`, `or`, `not` and parentheses, or their signs. A pattern must',
    'match the whole value. NAME is one of the attributes that ECS gives by itself.',
    '',
    '| subject | operators |',
    '| --- | --- |',
    ...Object.entries(subjects).map(([subject, operators]) => `| \`${subject}\` | ${codes(operators)} |`),
    '',
    '## Control',
    '',
    'JSON below `/_ecs-drain/`. Fields that are not known are ignored; what is wrong is answered with 400 and `errors`, one line each.',
    '',
    '| request | what it does |',
    '| --- | --- |',
    ...controls.map(({ method, path, says }) => `| \`${method} /_ecs-drain/${path}\` | ${says} |`),
    '',
    '## What can be acted',
    '',
    'A verb in `do`, and its fields. What is left out has the default of a [plan](../plan-file.md); `instance` is an instance id, in the',
    'place of `group` and `old`.',
    '',
    '| `do` | fields |',
    '| --- | --- |',
    ...Object.entries(acts).map(([verb, fields]) => `| \`${verb}\` | ${codes(fields)} |`),
    '',
  ].join('\n')
}

const codes = (words: ReadonlyArray<string>): string => words.map((word) => `\`${word}\``).join(', ')

const operationRow = ({ name, says, parameters, errors, gated }: Operation): string => {
  const shown = parameters.map(
    ({ name: parameter, type, needed }) => `${needed ? `**${parameter}**` : parameter} (${type})`,
  )
  return `| \`${name}\`${gated ? '' : ' \\*'} | ${says} | ${shown.join(', ')} | ${codes(errors)} |`
}
