/** The result for people at a terminal. */
import { styleText } from 'node:util'
import type { Plan } from '../plan/plan.ts'
import { headlineOf, promisesText, unsettledText, withoutRoomText } from '../report/headline.ts'
import { renderTable } from '../report/terminal-table.ts'
import type { Scenario } from '../scenario/read-scenario.ts'
import { traceHashOf } from './json-output.ts'
import type { ControllerRun, Result, VariantRuns } from './result.ts'

export interface HumanOutputOptions {
  readonly scenario: Scenario
  readonly result: Result
  readonly files: { readonly reports: ReadonlyArray<string>; readonly trace: string | null }
  /** What to type to see the same again. */
  readonly command: string
}

/**
 * Tables and what the scenario teaches fit the terminal; what a run came to is one line for each, which `grep` finds. Coloured
 * where stdout is a terminal and NO_COLOR is not set.
 */
export const humanOutput = ({ scenario, result, files, command }: HumanOutputOptions): string => {
  const seeds = [...new Set(result.map(({ variant }) => variant.plan.seed))].join(', ')
  return [
    `${bold(scenario.name)}, seed ${seeds}`,
    ...wrapped(scenario.teaches),
    '',
    ...result.flatMap((each) => variantLines(each)),
    ...files.reports.map((file) => `Report: ${file}`),
    ...(files.trace === null ? [] : [`Trace: ${files.trace}`]),
    `Again: ${command}`,
    '',
  ].join('\n')
}

const variantLines = ({ variant, runs }: VariantRuns): ReadonlyArray<string> => [
  ...(variant.name === null ? [] : [bold(`variant ${variant.name}`), '']),
  renderTable(runs, { colours: bold('x') !== 'x', ...terminal() }).trimEnd(),
  '',
  ...roomLines(variant.plan, runs),
  ...runs.map(
    (run) =>
      `${bold(run.controller)}: ${headlineOf(run.figures)}; ${promisesText(run.promises)}.${unsettledText(variant.plan, run.trace)}`,
  ),
  '',
  ...runs.flatMap(witnessLines),
  `Trace hash: ${traceHashOf(runs)}`,
  '',
]

/** The same for every controller: they begin in the same world. */
const roomLines = (plan: Plan, [run]: VariantRuns['runs']): ReadonlyArray<string> => {
  const text = run === undefined ? '' : withoutRoomText(plan, run.figures)
  return text === '' ? [] : [text, '']
}

/**
 * Promises that were broken, with their witnesses, what was not held against ecs-drain, with the reason, and what the scenario had
 * expected otherwise.
 */
const witnessLines = ({ controller, promises, unmet }: ControllerRun): ReadonlyArray<string> => {
  const isOurs = controller === 'ecs-drain'
  const verb = isOurs ? red('BROKE') : 'broke'
  const broken = promises.filter(({ held }) => !held)
  const lines = broken.map(({ name, witness }) => `${controller} ${verb} ${name}: ${witness ?? 'no witness'}`)
  if (isOurs) lines.push(...exclusionLines(controller, promises))
  lines.push(...unmet.map((line) => `${controller}, ${red('not as expected')}: ${line}`))
  return lines.length > 0 ? [...lines, ''] : []
}

const exclusionLines = (controller: string, promises: ControllerRun['promises']): ReadonlyArray<string> => {
  const all = promises.flatMap(({ name, excluded }) =>
    excluded.map((reason) => `${controller}, not counted in ${name}: ${reason}`),
  )
  return all.length > exclusionsMost
    ? [...all.slice(0, exclusionsMost), `${controller}, and ${all.length - exclusionsMost} more that are not counted`]
    : all
}

const exclusionsMost = 5

const bold = (text: string): string => styleText('bold', text, { stream: process.stdout })
const red = (text: string): string => styleText(['bold', 'red'], text, { stream: process.stdout })

/** Its width, where there is one and it is known. */
const terminal = (): { readonly columns?: number } =>
  process.stdout.columns > 0 ? { columns: process.stdout.columns } : {}

const columnsMost = 100

const wrapped = (text: string): ReadonlyArray<string> => {
  const lines: string[] = []
  const { columns = columnsMost } = terminal()
  for (const word of text.match(/\S+/g) ?? []) {
    const last = lines.at(-1)
    if (last === undefined || last.length + word.length >= Math.min(columns, columnsMost)) lines.push(word)
    else lines[lines.length - 1] = `${last} ${word}`
  }
  return lines
}
