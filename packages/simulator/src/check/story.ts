import type { Explored, Parts } from './explore.ts'
import type { Model } from './model.ts'

/** One step of a counterexample. */
export interface StoryStep {
  readonly text: string
}

export const storyOf = (
  _model: Model,
  _parts: Parts,
  explored: Explored,
  state: number,
  _last: number | null,
): ReadonlyArray<StoryStep> => {
  const path: Array<StoryStep> = []
  for (let each = state; each > 0; each = explored.parents[each] as number)
    path.unshift({ text: String(explored.actions[each]) })
  return path
}
