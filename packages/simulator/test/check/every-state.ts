/** The states of a model, as the checker finds them, without anything that is asked of them. */
import { everyStep } from '../../src/check/graph/state-graph.ts'
import { createWordsTable, type WordsTable } from '../../src/check/graph/words-table.ts'
import type { Parts } from '../../src/check/parts.ts'

/** All that follow from the first; `most`: from so many at most what follows is looked for. */
export const everyState = ({ graph }: Pick<Parts, 'graph'>, most = Number.POSITIVE_INFINITY): WordsTable => {
  const table = createWordsTable(graph.width)
  table.put(graph.first, 0)
  for (let state = 0; state < Math.min(table.size(), most); state += 1) {
    graph.expand(table.rows(), state * graph.width, everyStep, (next) => {
      table.put(next, 0)
      return false
    })
  }
  return table
}
