/** The figures and promises of several runs, as HTML tables: one row each, one column per controller. */
import { type Figures, hasSettled, type ServiceFigures } from '../measure/figures.ts'
import { grouped, type PromiseResult } from '../promise/promise.ts'
import { operations, type Trace } from '../trace/trace.ts'
import { tenthsText } from './duration-text.ts'
import { escapeText } from './escape.ts'
import { leftOutText, worstServices } from './worst-services.ts'

/** What a table needs to know of a run. */
export interface TableRun {
  readonly controller: string
  readonly trace: Trace
  readonly figures: Figures
  readonly promises: ReadonlyArray<PromiseResult>
}

const servicesMax = 5

interface Cell {
  readonly text: string
  readonly bad?: boolean
  readonly good?: boolean
}

const row = (name: string, unit: string, cells: ReadonlyArray<Cell>): string =>
  `<tr><th scope="row">${escapeText(name)}${unit === '' ? '' : ` <span class="unit">${escapeText(unit)}</span>`}</th>` +
  `${cells.map(cell).join('')}</tr>`

// Never by colour alone: what is bad is bold and has a sign.
const cell = ({ text, bad, good }: Cell): string =>
  bad === true
    ? `<td class="bad"><span aria-hidden="true">▲&nbsp;</span>${escapeText(text)}</td>`
    : `<td${good === true ? ' class="good"' : ''}>${escapeText(text)}</td>`

const head = (caption: string, first: string, runs: ReadonlyArray<TableRun>): string =>
  `<caption>${escapeText(caption)}</caption><thead><tr><th scope="col">${escapeText(first)}</th>` +
  `${runs.map(({ controller }) => `<th scope="col">${escapeText(controller)}</th>`).join('')}</tr></thead>`

const scrolling = (name: string, table: string): string =>
  `<div class="scroll" role="region" aria-label="${escapeText(name)}" tabindex="0"><table>${table}</table></div>`

export const figuresTable = (runs: ReadonlyArray<TableRun>): string => {
  const services = worstServices(runs, servicesMax)
  const ofService = (index: number, pick: (service: ServiceFigures) => Cell): ReadonlyArray<Cell> =>
    runs.map(({ figures }) => {
      const service = figures.services[index]
      return service === undefined ? { text: '–' } : pick(service)
    })
  const rows = services.flatMap((index) => {
    const service = runs[0]?.figures.services[index]
    if (service === undefined) return []
    const { name, floor, desired } = service
    return [
      row(
        `${name}: least running`,
        `(of ${grouped(desired)}, floor ${grouped(floor)})`,
        ofService(index, (each) => ({
          text: grouped(each.leastRunning),
          bad: each.secondsBelowFloor > 0,
        })),
      ),
      row(
        `${name}: seconds at zero`,
        '',
        ofService(index, (each) => ({
          text: tenthsText(each.secondsAtZero),
          bad: each.secondsAtZero > 0,
        })),
      ),
      row(
        `${name}: seconds below the floor`,
        '',
        ofService(index, (each) => ({
          text: tenthsText(each.secondsBelowFloor),
          bad: each.secondsBelowFloor > 0,
        })),
      ),
    ]
  })
  const figure = (name: string, unit: string, pick: (figures: Figures) => Cell): string =>
    row(
      name,
      unit,
      runs.map(({ figures }) => pick(figures)),
    )
  rows.push(
    figure('tasks killed before they had stopped', '', ({ tasksKilled }) => ({
      text: grouped(tasksKilled),
      bad: tasksKilled > 0,
    })),
    figure('moves per task', '', ({ movesPerTask }) => ({ text: movesPerTask.toFixed(2) })),
    figure('Lambda invocations', '', ({ lambdaInvocations }) => ({ text: grouped(lambdaInvocations) })),
    figure('AWS API calls', '', ({ apiCalls }) => ({ text: grouped(apiCalls) })),
    figure('seconds from last STOPPED to completion, worst', '(negative: let go before)', (figures) =>
      lateness(figures),
    ),
    figure('total seconds of the update', '', ({ totalSeconds }) => ({ text: tenthsText(totalSeconds) })),
  )
  const settled = runs.map(({ trace }) => hasSettled(trace))
  if (settled.includes(false))
    rows.push(
      row(
        'settled in time',
        '',
        settled.map((each) => (each ? { text: 'yes' } : { text: 'no', bad: true })),
      ),
    )
  const hidden = (runs[0]?.figures.services.length ?? 0) - services.length
  const more = hidden > 0 ? `<p class="note">${leftOutText(hidden)}. <code>--json</code> has all.</p>` : ''
  return (
    scrolling(
      'Figures',
      `${head('Figures, computed from each run’s trace', 'Figure', runs)}<tbody>${rows.join('')}</tbody>`,
    ) + more
  )
}

const lateness = ({ secondsFromLastStoppedToCompletion: value }: Figures): Cell =>
  value === null ? { text: '–' } : { text: tenthsText(value), bad: value < 0 }

export const promisesTable = (runs: ReadonlyArray<TableRun>): string => {
  // The longest list has them all, in order: S5 is checked for ecs-drain alone.
  const longest = runs.reduce<TableRun['promises']>(
    (most, { promises }) => (promises.length > most.length ? promises : most),
    [],
  )
  const names = longest.map(({ name }) => name)
  const rows = names.map((name) =>
    row(
      name,
      '',
      runs.map(({ promises }) => {
        const result = promises.find((each) => each.name === name)
        if (result === undefined) return { text: '–' }
        if (!result.held) return { text: 'broken', bad: true }
        if (result.excluded.length > 0) return { text: 'not counted' }
        return result.occasions === 0 ? { text: '–' } : { text: 'held', good: true }
      }),
    ),
  )
  return (
    scrolling('Promises', `${head('Promises', 'Promise', runs)}<tbody>${rows.join('')}</tbody>`) +
    '<p class="note">–: the run gave it no occasion. What broke one, and what was not counted, stands with the run.</p>' +
    `<details><summary>What they promise</summary><ul class="witness">${longest
      .map(({ name, says }) => `<li><b>${escapeText(name)}.</b> ${escapeText(says)}</li>`)
      .join('')}</ul></details>`
  )
}

export const operationsTable = (runs: ReadonlyArray<TableRun>): string => {
  const called = operations.filter((operation) =>
    runs.some(({ figures }) => (figures.apiCallsByOperation[operation] ?? 0) > 0),
  )
  const rows = called.map((operation) =>
    row(
      operation,
      '',
      runs.map(({ figures }) => ({ text: grouped(figures.apiCallsByOperation[operation] ?? 0) })),
    ),
  )
  return scrolling(
    'AWS API calls',
    `${head('AWS API calls by operation, failed ones included', 'Operation', runs)}<tbody>${rows.join('')}</tbody>`,
  )
}
