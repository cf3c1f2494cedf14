/** The result for people at a terminal. */
import { styleText } from 'node:util'
import { headlineOf, promisesText } from '../report/headline.ts'
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

/** Text that fits a terminal of 100 columns; coloured where stdout is a terminal and NO_COLOR is not set. */
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
  renderTable(runs, { colours: bold('x') !== 'x' }).trimEnd(),
  '',
  ...runs.map((run) => `${bold(run.controller)}: ${headlineOf(run.figures)}; ${promisesText(run.promises)}.`),
  '',
  ...runs.flatMap(witnessLines),
  `Trace hash: ${traceHashOf(runs)}`,
  '',
]

const witnessLines = ({ controller, promises }: ControllerRun): ReadonlyArray<string> => {
  const broken = promises.filter(({ held }) => !held)
  const exclusions = promises.flatMap(({ name, excluded }) =>
    excluded.map((reason) => `  ${name.split(' ')[0]} excluded: ${reason}`),
  )
  if (controller !== 'ecs-drain') {
    return broken
      .map(({ name, witness }) => `${controller} broke ${name}: ${witness ?? ''}`)
      .concat(broken.length > 0 ? [''] : [])
  }
  const lines = broken.map(({ name, witness }) => `${red('ecs-drain BROKE')} ${name}: ${witness ?? ''}`)
  const shown = exclusions.slice(0, exclusionsMost)
  if (exclusions.length > exclusionsMost) shown.push(`  and ${exclusions.length - exclusionsMost} more`)
  const all = [...lines, ...shown.map((line) => line.replace(/^ {2}/, 'ecs-drain, '))]
  return all.length > 0 ? [...all, ''] : []
}

const exclusionsMost = 5

const bold = (text: string): string => styleText('bold', text, { stream: process.stdout })
const red = (text: string): string => styleText(['bold', 'red'], text, { stream: process.stdout })

const columns = 100

const wrapped = (text: string): ReadonlyArray<string> => {
  const lines: string[] = []
  for (const word of text.split(/\s+/)) {
    const last = lines.at(-1)
    if (last === undefined || last.length + word.length >= columns) lines.push(word)
    else lines[lines.length - 1] = `${last} ${word}`
  }
  return lines
}
