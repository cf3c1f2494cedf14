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
    'The operations of `ecs-drain serve` and `createEndpoint`; [how to use them](../endpoint.md). An operation, a parameter or a filter that is not',
    'listed here is refused, with the error code that its service has for that. Required parameters are **bold**.',
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
    'A \\* marks operations without throttling and without faults: in the simulated world it is the event source that calls them.',
    '',
    '## The filter of ListContainerInstances',
    '',
    'The [cluster query language](https://docs.aws.amazon.com/AmazonECS/latest/developerguide/cluster-query-language.html): `subject operator',
    '[argument]`, joined by `and`, `or`, `not` and parentheses, or by their signs. A pattern must match the whole value. NAME is one of the',
    'attributes that ECS sets by itself.',
    '',
    '| subject | operators |',
    '| --- | --- |',
    ...Object.entries(subjects).map(([subject, operators]) => `| \`${subject}\` | ${codes(operators)} |`),
    '',
    '## Control',
    '',
    'Requests with JSON, below `/_ecs-drain/`. Unknown fields are ignored. Wrong values are answered with 400 and `errors`, one line for each.',
    '',
    '| request | what it does |',
    '| --- | --- |',
    ...controls.map(({ method, path, says }) => `| \`${method} /_ecs-drain/${path}\` | ${says} |`),
    '',
    '## Happenings for `act`',
    '',
    'The body of `POST /_ecs-drain/act` has a verb in `do`, and the fields of that verb. Fields that you leave out have the defaults of a',
    '[plan](../plan-file.md). Instead of `group` and `old` you may give an id in `instanceId`, or `instance`.',
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
