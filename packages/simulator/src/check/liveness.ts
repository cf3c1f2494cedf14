/**
 * No state is doomed: from every state that can be reached, misfortunes included, steps that come about by themselves
 * lead to the end of every drain. On a finite graph under strong fairness that is what "eventually" means. Walked
 * backwards through the states, again and again until nothing changes.
 */

import type { Explored } from './explored.ts'
import { fairSteps, fairStepsWithoutSweeps, type StateGraph, type StepsLookedAt } from './graph/state-graph.ts'
import type { Model } from './model.ts'
import { isForgone, isUnharmed } from './state/cluster-state.ts'

export interface DoomedStates {
  readonly promise: string
  readonly says: string
  readonly count: number
  /** The one that takes the fewest steps; -1: there is none. */
  readonly first: number
}

export interface Doomed {
  readonly promises: ReadonlyArray<DoomedStates>
  /** Passes over the states, over all promises. */
  readonly passes: number
  readonly seconds: number
}

interface Goal {
  readonly promise: string
  readonly says: string
  readonly which: StepsLookedAt
  readonly isReached: (rows: Int32Array, at: number) => boolean
  /** Only states like this are asked about. Of others it is found out as well, because steps lead to them. */
  readonly concerns: (rows: Int32Array, at: number) => boolean
  /** But not of these: from none that is asked about do the steps that are looked at lead there. */
  readonly isApart: (rows: Int32Array, at: number) => boolean
}

/** What a model lets happen, as far as promises depend on it. */
type Lets = Pick<Model, 'sweeps' | 'setActiveByOthers' | 'misfortunes' | 'hopsMax'>

export const findDoomed = (graph: StateGraph, explored: Explored, model: Lets): Doomed => {
  const startedAt = performance.now()
  let passes = 0
  const promises = goalsOf(graph, model).map((goal) => {
    const good = new Uint8Array(explored.table.size())
    let changes = 1
    while (changes > 0) {
      changes = walkBack(graph, explored, goal, good)
      passes += 1
    }
    const first = firstDoomed(graph, explored, goal, good)
    return { promise: goal.promise, says: goal.says, ...first }
  })
  return { promises, passes, seconds: (performance.now() - startedAt) / 1000 }
}

/** Two wake-ups in a row lead to the end of a drain, a third makes up for a call that failed; a longer chain is left to the sweep. */
const hopsThatForgive = 3

/** Whatever can go wrong is told to somebody who comes back by himself. A message that is lost is not. */
const isForgiven = ({ misfortunes, hopsMax }: Lets): boolean => {
  const { lost, failures, unanswered } = misfortunes
  return lost === 0 && (failures + unanswered === 0 || hopsMax >= hopsThatForgive)
}

const fromEveryState: Pick<Goal, 'which' | 'concerns' | 'isApart'> = {
  which: fairSteps,
  concerns: () => true,
  isApart: () => false,
}

const goalsOf = (graph: StateGraph, lets: Lets): ReadonlyArray<Goal> => {
  const { sweeps, setActiveByOthers } = lets
  const common = graph.width - 1
  const forgiven = isForgiven(lets)
  /** A misfortune is no step that anybody can count on. */
  const isHarmed = (rows: Int32Array, at: number): boolean =>
    !forgiven && !isUnharmed(rows[at + common] as number, graph.first[common] as number)
  /** Nothing was lost, be it by misfortune or because the model has no room for it. */
  const nothingWasLost = (rows: Int32Array, at: number): boolean =>
    !isForgone(rows[at + common] as number) && !isHarmed(rows, at)
  const byEventsAlone: Goal = {
    promise: 'L1 completes when the tasks have stopped (by events alone)',
    says:
      `${forgiven ? 'no message was lost' : 'nothing had gone wrong'}, ` +
      'and without the sweep no delivery is left that could bring the completion about',
    which: fairStepsWithoutSweeps,
    isReached: graph.areHooksClosed,
    concerns: nothingWasLost,
    isApart: isHarmed,
  }
  // Without sweeps nothing makes up for a lost event, and only what events alone must bring about can be asked for.
  if (!sweeps) return [byEventsAlone]
  return [
    // ECS sends us no event of an instance that is set ACTIVE: while tasks wait there, a sweep finds that out.
    ...(setActiveByOthers ? [] : [byEventsAlone]),
    {
      promise: 'L1 completes when the tasks have stopped',
      says: 'whatever happens from here without another misfortune, the lifecycle action is never answered',
      isReached: graph.areHooksClosed,
      ...fromEveryState,
    },
    {
      promise: 'L2 every drain ends',
      says: 'whatever happens from here without another misfortune, the stream never says how the drain ended',
      isReached: graph.areStreamsSettled,
      ...fromEveryState,
    },
  ]
}

/** One pass from the last state to the first; how many turned out well that were not known to. */
const walkBack = (graph: StateGraph, { table, expanded }: Explored, goal: Goal, good: Uint8Array): number => {
  const rows = table.rows()
  const { width } = graph
  let changes = 0
  let isGood = false
  const seen = (next: Int32Array): boolean => {
    const number = table.find(next, 0)
    if (number === -1 && expanded === good.length) throw new Error('a step leads to a state that was not found')
    // What was not explored is not held against anybody: only what is known to be lost counts.
    isGood = number === -1 || good[number] === 1
    return isGood
  }
  for (let state = good.length - 1; state >= 0; state -= 1) {
    if (good[state] === 1) continue
    const at = state * width
    if (state >= expanded || goal.isApart(rows, at) || goal.isReached(rows, at)) isGood = true
    else {
      isGood = false
      graph.expand(rows, at, goal.which, seen)
    }
    if (!isGood) continue
    good[state] = 1
    changes += 1
  }
  return changes
}

const firstDoomed = (
  graph: StateGraph,
  { table, expanded }: Explored,
  { concerns }: Goal,
  good: Uint8Array,
): { readonly count: number; readonly first: number } => {
  const rows = table.rows()
  let count = 0
  let first = -1
  for (let state = 0; state < expanded; state += 1) {
    if (good[state] === 1 || !concerns(rows, state * graph.width)) continue
    count += 1
    if (first === -1) first = state
  }
  return { count, first }
}
