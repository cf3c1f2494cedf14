// From which states the end cannot be reached any more, in graphs that are small enough to be written down.
import { expect, test } from 'vitest'
import { everyStep, fairStepsWithoutSweeps, type StateGraph } from '../../src/check/graph/state-graph.ts'
import { createWordsTable } from '../../src/check/graph/words-table.ts'
import { findDoomed } from '../../src/check/liveness.ts'
import { firstCommon, marked, pricesOf } from '../../src/check/state/cluster-state.ts'
import { modelNamed } from './bundled.ts'

const model = modelNamed('all-faults')
const unharmed = firstCommon(model)
const commons = {
  unharmed,
  'a message was lost': unharmed - (pricesOf(model)[1] as number),
  'a wake-up was left out': marked(unharmed, false, true),
  end: unharmed,
}

/** A step that nobody can count on costs a misfortune, or is somebody's choice. */
type By = 'itself' | 'sweep' | 'chance'

interface Written {
  readonly states: ReadonlyArray<keyof typeof commons>
  readonly steps: ReadonlyArray<readonly [from: number, to: number, by: By]>
  /** The states that are doomed, with sweeps and by events alone. */
  readonly doomed: ReadonlyArray<number>
  readonly byEventsAlone: ReadonlyArray<number>
}

const graphOf = ({ states, steps }: Written): StateGraph => {
  const isEnd = (row: Int32Array, at: number): boolean => states[row[at] as number] === 'end'
  return {
    width: 2,
    first: Int32Array.of(0, unharmed),
    expand: (rows, at, which, seen) => {
      for (const [from, to, by] of steps) {
        if (from !== rows[at] || (by === 'chance' && which !== everyStep)) continue
        if (by === 'sweep' && which === fairStepsWithoutSweeps) continue
        if (seen(rowOf(states, to), 0, 0, 0)) return
      }
    },
    isBelowFloor: () => false,
    areHooksClosed: isEnd,
    areStreamsSettled: isEnd,
  }
}

/** Its number stands for its instances. */
const rowOf = (states: Written['states'], state: number): Int32Array =>
  Int32Array.of(state, commons[states[state] as keyof typeof commons])

test.each<readonly [what: string, written: Written]>([
  [
    'a circle with a way out',
    {
      states: ['unharmed', 'unharmed', 'unharmed', 'end'],
      steps: [
        [0, 1, 'itself'],
        [1, 2, 'itself'],
        [2, 1, 'itself'],
        [2, 3, 'itself'],
      ],
      doomed: [],
      byEventsAlone: [],
    },
  ],
  [
    'a circle without one, into which a step leads that nobody has to take',
    {
      states: ['unharmed', 'unharmed', 'unharmed', 'end'],
      steps: [
        [0, 1, 'itself'],
        [1, 2, 'itself'],
        [2, 1, 'itself'],
        [0, 3, 'itself'],
      ],
      doomed: [1, 2],
      byEventsAlone: [1, 2],
    },
  ],
  [
    'an end that only chance leads to',
    { states: ['unharmed', 'end'], steps: [[0, 1, 'chance']], doomed: [0], byEventsAlone: [0] },
  ],
  [
    'an end that only a sweep leads to',
    { states: ['unharmed', 'end'], steps: [[0, 1, 'sweep']], doomed: [], byEventsAlone: [0] },
  ],
  [
    'the same after a message was lost, of which events alone need not know',
    {
      states: ['unharmed', 'a message was lost', 'end'],
      steps: [
        [0, 1, 'chance'],
        [0, 2, 'itself'],
        [1, 2, 'sweep'],
      ],
      doomed: [],
      byEventsAlone: [],
    },
  ],
  [
    'the same after a wake-up was left out, which is no end for those before it',
    {
      states: ['unharmed', 'a wake-up was left out', 'end'],
      steps: [
        [0, 1, 'itself'],
        [1, 2, 'sweep'],
      ],
      doomed: [],
      byEventsAlone: [0],
    },
  ],
])('%s', (_, written) => {
  const table = createWordsTable(2)
  written.states.forEach((_common, state) => {
    table.put(rowOf(written.states, state), 0)
  })
  const unknown = new Int32Array(written.states.length)
  const explored = { table, parents: unknown, actions: unknown, expanded: written.states.length }
  const { promises } = findDoomed(graphOf(written), explored, model)
  const told = ({ length, 0: first = -1 }: ReadonlyArray<number>) => ({ count: length, first })
  expect(promises).toMatchObject([told(written.byEventsAlone), told(written.doomed), told(written.doomed)])
})
