// The pages and pictures that are made from the code, so that they cannot say anything else.
import {
  builtInNames,
  builtInSource,
  controllerNames,
  parameters,
  type ReportedRun,
  readScenario,
  renderPicture,
  type Scenario,
  simulate,
  type Variant,
} from '@ecs-drain/simulator'
import { generatedNote } from './generated-note.ts'

const builtIn = (name: string): Scenario => {
  const source = builtInSource(name)
  if (source === undefined) throw new Error(`no scenario ${name}`)
  const scenario = readScenario(source)
  if (scenario._tag === 'Left') throw new Error(scenario.left.join('\n'))
  return scenario.right
}

/** The AMI update, without and with. */
export const drawnPicture = async (): Promise<string> => {
  const { plan } = builtIn('ami-update').variants[0]
  const runs = (['none', 'ecs-drain'] as const).map(
    (controller): ReportedRun => ({ controller, ...simulate(plan, { controller }) }),
  )
  return renderPicture({ plan, runs, titles: ['without a lifecycle hook', 'with ecs-drain'] })
}

/** References to notes that readers do not have. */
const notes = / \((?:[A-QS-Z]\.?\d*(?:, )?)+\)$/

/** Every behaviour that AWS does not document, and every duration. */
export const parametersPage = (): string => {
  const shown = (value: number | readonly [number, number]): string =>
    typeof value === 'number' ? `${value}` : `${value[0]} to ${value[1]}`
  const rows = Object.entries(parameters).map(
    ([name, { default: usual, range, unit, says, isFixed }]) =>
      `| \`${name}\` | ${shown(usual)} | ${shown(range)}${isFixed && unit !== 'switch' ? ', one number' : ''} | ${unit} | ${says.replace(notes, '')} |`,
  )
  return [
    '# Parameters of the simulated world',
    '',
    generatedNote,
    '',
    'Every behaviour that AWS does not document is a parameter, and so is every duration that differs between accounts. A default is a guess',
    'unless its row names a source. That is why you can set it, and why the tests do not only run with the defaults.',
    '',
    'A plan sets parameters under `parameters`. A value is a number, or a range `[least, most]` from which each occurrence draws its own value. Where',
    'the table says "one number", a range is not allowed. A switch is 0 or 1.',
    '',
    '```yaml',
    'name: a-slow-scheduler',
    'happenings: [{ do: ami-update }]',
    'parameters: { scheduler.reaction: [10, 60], ecs.listLag: 3000 }',
    '```',
    '',
    '| name | default | range | unit | what it is |',
    '| --- | --- | --- | --- | --- |',
    ...rows,
    '',
  ].join('\n')
}

/** What each built-in scenario teaches, and what became of it. */
export const scenariosPage = (): string =>
  [
    '# Built-in scenarios',
    '',
    generatedNote,
    '',
    'Each scenario is a file in [packages/simulator/scenarios](../packages/simulator/scenarios), with an expectation that a test checks.',
    '`npx ecs-drain simulate NAME` runs one under all four controllers, and `--report FILE` draws it.',
    '',
    '| scenario | what it shows |',
    '| --- | --- |',
    ...builtInNames.map((name) => `| [${name}](#${name}) | ${builtIn(name).summary} |`),
    '',
    'The tables below show the results with the seed of the file. Another seed gives other seconds. All figures are computed from the trace of the',
    'run, never by the controller.',
    '',
    '| column | meaning |',
    '| --- | --- |',
    "| least | the fewest running (healthy) tasks at any time; several services in the plan's order, separated by commas |",
    '| at zero, below floor | seconds without a running task, and below the floor |',
    '| killed | tasks whose host was terminated before they had stopped |',
    '| late | seconds from the last STOPPED on an instance to the completion of its lifecycle action, the worst of the run; negative: too early |',
    '| calls | calls to ECS and Auto Scaling |',
    '| total | seconds of the whole update |',
    '| broken | [promises](../ARCHITECTURE.md#the-rules-of-a-drain) that were broken |',
    '',
    ...builtInNames.flatMap(scenarioSection),
  ].join('\n')

const scenarioSection = (name: string): ReadonlyArray<string> => {
  const { teaches, variants } = builtIn(name)
  return [`## ${name}`, '', ...wrapped(teaches.trim()), '', ...variants.flatMap(variantTable)]
}

const exclusionsMost = 3

/** What AWS's own rules or somebody else took away from a promise: it is not held against ecs-drain. */
const exclusions = (promises: ReturnType<typeof simulate>['promises']): ReadonlyArray<string> => {
  const all = promises.flatMap(({ name, excluded }) => excluded.map((why) => `* ${name.split(' ')[0]}: ${why}`))
  if (all.length === 0) return []
  const more = all.length > exclusionsMost ? [`* and ${all.length - exclusionsMost} more`] : []
  return ['Not held against ecs-drain:', '', ...all.slice(0, exclusionsMost), ...more, '']
}

const variantTable = ({ name, plan }: Variant): ReadonlyArray<string> => {
  const runs = controllerNames.map((controller) => ({ controller, ...simulate(plan, { controller }) }))
  const rows = runs.map(({ controller, figures, promises }) => {
    const each = (pick: (service: (typeof figures.services)[number]) => string): string =>
      figures.services.map(pick).join(', ')
    const broken = promises.filter(({ held }) => !held).map(({ name: promise }) => promise.split(' ')[0])
    const late = figures.secondsFromLastStoppedToCompletion
    return `| ${[
      controller,
      each(({ leastRunning }) => String(leastRunning)),
      each(({ secondsAtZero }) => secondsAtZero.toFixed(1)),
      each(({ secondsBelowFloor }) => secondsBelowFloor.toFixed(1)),
      figures.tasksKilled,
      late === null ? '-' : late.toFixed(1),
      figures.apiCalls,
      figures.totalSeconds.toFixed(1),
      broken.length === 0 ? 'none' : broken.join(' '),
    ].join(' | ')} |`
  })
  return [
    ...(name === null ? [] : [`\`${name}\`:`, '']),
    '| controller | least | at zero | below floor | killed | late | calls | total | broken |',
    '| --- | --- | --- | --- | --- | --- | --- | --- | --- |',
    ...rows,
    '',
    ...exclusions(runs.find(({ controller }) => controller === 'ecs-drain')?.promises ?? []),
  ]
}

const columns = 130

const wrapped = (text: string): ReadonlyArray<string> => {
  const lines: Array<string> = []
  for (const word of text.split(/\s+/)) {
    const last = lines.at(-1)
    if (last === undefined || last.length + word.length >= columns) lines.push(word)
    else lines[lines.length - 1] = `${last} ${word}`
  }
  return lines
}
