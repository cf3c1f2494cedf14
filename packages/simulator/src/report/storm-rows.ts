/** The tables of a storm as rows of text, which the terminal and the HTML report draw each in its own way. */

import { counted, grouped, promiseNames } from '../promise/promise.ts'
import { faultKinds, phases, rareStates } from '../storm/coverage.ts'
import type { Tally } from '../storm/tally.ts'

/** A table: its column heads, the first that of the row names, and rows of as many cells. In a bad row the last cell should be 0. */
export interface StormTable {
  readonly caption: string
  readonly head: ReadonlyArray<string>
  readonly rows: ReadonlyArray<{ readonly name: string; readonly cells: ReadonlyArray<string>; readonly bad: boolean }>
}

export const promiseTable = ({ occasions, excluded, broken, threw, seeds }: Tally): StormTable => ({
  caption: 'Promises',
  head: ['promise', 'occasions', 'excluded', 'seeds that broke it'],
  rows: [
    ...promiseNames.map((name, index) => ({
      name,
      cells: [occasions, excluded, broken].map((counts) => grouped(counts[index] ?? 0)),
      bad: (broken[index] ?? 0) > 0,
    })),
    { name: 'no exception', cells: [grouped(seeds), '0', grouped(threw)], bad: threw > 0 },
  ],
})

/** A cell that was never reached. */
export const emptyCell = '-'

export const coverageTable = ({ faults }: Tally): StormTable => ({
  caption: 'Faults, by the phase of the drain that they met',
  head: ['fault', ...phases],
  rows: faultKinds.map((name, row) => {
    const cells = phases.map((_, column) => faults[row * phases.length + column] ?? 0)
    return { name, cells: cells.map((count) => (count === 0 ? emptyCell : grouped(count))), bad: false }
  }),
})

export const statesTable = ({ reached }: Tally): StormTable => ({
  caption: 'States that the runs came through',
  head: ['state', 'seeds'],
  rows: rareStates.map((name, index) => ({ name, cells: [grouped(reached[index] ?? 0)], bad: false })),
})

/** Fault kinds with the phases that they never met: what this storm says nothing about. */
export const emptyCellsOf = ({ faults }: Tally): ReadonlyArray<string> =>
  faultKinds.flatMap((name, row) => {
    const never = phases.filter((_, column) => (faults[row * phases.length + column] ?? 0) === 0)
    if (never.length === 0) return []
    return [`${name}: ${never.length === phases.length ? 'never' : never.join(', ')}`]
  })

/** States that no run came through. */
export const unreachedOf = ({ reached }: Tally): ReadonlyArray<string> =>
  rareStates.filter((_, index) => (reached[index] ?? 0) === 0)

/** How many faults struck. */
export const faultsStruck = ({ faults }: Tally): number => faults.reduce((sum, count) => sum + count, 0)

/** `13 hours` or `1,204 days`. */
export const virtualTimeText = ({ virtualSeconds }: Tally): string => {
  const hours = virtualSeconds / 3600
  return hours < 72 ? counted(Math.round(hours), 'hour') : `${grouped(Math.floor(hours / 24))} days`
}

/** Each kind with how often it struck, those that never did left out. */
export const kindsStruck = ({ faults }: Tally): ReadonlyArray<string> =>
  faultKinds.flatMap((name, row) => {
    const count = phases.reduce((sum, _, column) => sum + (faults[row * phases.length + column] ?? 0), 0)
    return count === 0 ? [] : [`${name} ${count}`]
  })
