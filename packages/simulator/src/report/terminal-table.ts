/** The figures of several runs as a table for a terminal: one row each, one column per controller. */
import Table from 'cli-table3'
import { type Figures, hasSettled, type ServiceFigures } from '../measure/figures.ts'
import { grouped, type PromiseResult } from '../promise/promise.ts'
import type { Trace } from '../trace/trace.ts'
import { tenthsText } from './duration-text.ts'
import { leftOutText, worstServices } from './worst-services.ts'

/** What the table needs to know of a run. */
export interface TerminalRun {
  readonly controller: string
  readonly trace: Trace
  readonly figures: Figures
  readonly promises: ReadonlyArray<PromiseResult>
}

const servicesMax = 4

// SGR codes, written here because the text must be the same wherever it is made.
const red = (text: string): string => `\u001b[1;31m${text}\u001b[0m`

interface Cell {
  readonly text: string
  readonly bad: boolean
}

const cell = (content: string | number, bad = false): Cell => ({
  text: typeof content === 'number' ? grouped(content) : content,
  bad,
})

/** `S1 L3` */
const codesOf = (promises: ReadonlyArray<PromiseResult>): string =>
  promises.map(({ name }) => name.split(' ')[0] ?? name).join(' ')

interface TableOptions {
  readonly colours?: boolean
  readonly columns?: number
}

/**
 * Ends with a line break. Without `colours` there is nothing in it but text, and what is bad has an exclamation mark. Where it is wider
 * than `columns`, the names of the figures are wrapped; where that is not enough, the controllers are shared among several tables.
 */
export const renderTable = (runs: ReadonlyArray<TerminalRun>, options: TableOptions = {}): string => {
  const services = worstServices(runs, servicesMax)
  const hidden = (runs[0]?.figures.services.length ?? 0) - services.length
  return `${tableOf(runs, services, options)}\n${hidden > 0 ? `${leftOutText(hidden)}.\n` : ''}`
}

const tableOf = (runs: ReadonlyArray<TerminalRun>, services: ReadonlyArray<number>, options: TableOptions): string => {
  const rows: string[][] = []
  const widths = ['', ...runs.map(({ controller }) => controller)].map((head) => head.length)
  const row = (name: string, cells: ReadonlyArray<Cell>): void => {
    const texts = [name, ...cells.map(({ text, bad }) => (bad ? `${text} !` : text))]
    for (const [index, text] of texts.entries()) widths[index] = Math.max(widths[index] ?? 0, text.length)
    rows.push(
      texts.map((text, index) => (options.colours === true && cells[index - 1]?.bad === true ? red(text) : text)),
    )
  }
  const figure = (name: string, pick: (figures: Figures) => Cell): void =>
    row(
      name,
      runs.map(({ figures }) => pick(figures)),
    )

  for (const index of services) {
    const service = runs[0]?.figures.services[index]
    if (service === undefined) continue
    const ofService = (pick: (each: ServiceFigures) => Cell): ReadonlyArray<Cell> =>
      runs.map(({ figures }) => {
        const each = figures.services[index]
        return each === undefined ? cell('-') : pick(each)
      })
    const { name, desired, floor } = service
    row(
      `${name}: least running (of ${grouped(desired)}, floor ${grouped(floor)})`,
      ofService((each) => cell(each.leastRunning, each.secondsBelowFloor > 0)),
    )
    row(
      `${name}: seconds at zero`,
      ofService((each) => cell(tenthsText(each.secondsAtZero), each.secondsAtZero > 0)),
    )
    row(
      `${name}: seconds below the floor`,
      ofService((each) => cell(tenthsText(each.secondsBelowFloor), each.secondsBelowFloor > 0)),
    )
  }
  figure('tasks killed before they had stopped', ({ tasksKilled }) => cell(tasksKilled, tasksKilled > 0))
  figure('moves per task', ({ movesPerTask }) => cell(movesPerTask.toFixed(2)))
  figure('Lambda invocations', ({ lambdaInvocations }) => cell(lambdaInvocations))
  figure('AWS API calls', ({ apiCalls }) => cell(apiCalls))
  figure('seconds from last STOPPED to completion', ({ secondsFromLastStoppedToCompletion: late }) =>
    late === null ? cell('-') : cell(tenthsText(late), late < 0),
  )
  figure('total seconds of the update', ({ totalSeconds }) => cell(tenthsText(totalSeconds)))
  const settled = runs.map(({ trace }) => hasSettled(trace))
  if (settled.includes(false))
    row(
      'settled in time',
      settled.map((each) => (each ? cell('yes') : cell('no', true))),
    )
  row(
    'promises broken',
    runs.map(({ promises }) => {
      const broken = promises.filter(({ held }) => !held)
      return broken.length === 0 ? cell('none') : cell(codesOf(broken), true)
    }),
  )
  const uncounted = runs.map(({ promises }) => promises.filter(({ held, excluded }) => held && excluded.length > 0))
  // Nobody shall take for kept what was not counted.
  if (uncounted.some(({ length }) => length > 0))
    row(
      'promises not counted',
      uncounted.map((each) => cell(each.length === 0 ? 'none' : codesOf(each))),
    )
  const [names = 0, ...others] = widths
  // A border and two spaces for each column, and a border at the end.
  const room = (options.columns ?? Number.POSITIVE_INFINITY) - others.reduce((sum, width) => sum + width + 3, 4)
  // Never narrower than a word, which would be cut short.
  const wrapped = Math.max(room, ...rows.flatMap(([name = '']) => name.split(' ').map(({ length }) => length)))
  if (wrapped > room && runs.length > 1) {
    const half = Math.ceil(runs.length / 2)
    return [runs.slice(0, half), runs.slice(half)].map((some) => tableOf(some, services, options)).join('\n')
  }
  const table = new Table({
    head: ['', ...runs.map(({ controller }) => controller)],
    colAligns: ['left', ...runs.map(() => 'right' as const)],
    colWidths: [names > wrapped ? wrapped + 2 : null],
    wordWrap: true,
    style: { head: [], border: [], compact: true },
  })
  table.push(...rows)
  return table.toString()
}
