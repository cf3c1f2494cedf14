import type { WordsTable } from './graph/words-table.ts'

/** Every state that was found, and how: the parent's number and the action, by the state's number. */
export interface Explored {
  readonly table: WordsTable
  readonly parents: Int32Array
  readonly actions: Int32Array
  /** States from this number on were not expanded. */
  readonly expanded: number
}
