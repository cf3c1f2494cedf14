/**
 * Runs that go round for ever and never come to their end, although nobody is passed over: whatever is possible again and again is
 * done again and again, only never so that it leads out. The end stays within reach all the time, so no state on the way is doomed.
 */
import type { CoreUnderCheck } from '../../src/check/core/core-under-check.ts'
import { costOf, fairnessOf, isHappening, ordinalOf, stepWidth } from '../../src/check/graph/share-graph.ts'
import { actionsOfInstance, everyStep } from '../../src/check/graph/state-graph.ts'
import type { WordsTable } from '../../src/check/graph/words-table.ts'
import type { Model } from '../../src/check/model.ts'
import { type Parts, partsOf } from '../../src/check/parts.ts'
import { isAnyLeft } from '../../src/check/state/cluster-state.ts'
import { everyState } from './every-state.ts'

/** A step without a misfortune. */
interface Edge {
  readonly to: number
  /** What happens and to whom, however it turns out; null: nobody has to do it. */
  readonly what: () => string | null
}

type EdgesOf = (state: number) => ReadonlyArray<Edge>

/** Sets of states of which a run need never leave any, although everybody gets his turn. Interchangeable tasks are told apart. */
export const circlesIn = (model: Model, core?: CoreUnderCheck): ReadonlyArray<ReadonlySet<number>> => {
  const parts = partsOf(model, core, { symmetry: false })
  const table = everyState(parts)
  const edgesOf = edgesIn(parts, table)
  const circles: Array<ReadonlySet<number>> = []
  const open = componentsOf(
    Array.from({ length: table.size() }, (_, state) => state),
    edgesOf,
  )
  for (let component = open.pop(); component !== undefined; component = open.pop()) {
    const left = leadingOut(component, edgesOf)
    if (left.size === 0) circles.push(component)
    // To stay for ever, a run has to keep away from where that is possible.
    else
      open.push(
        ...componentsOf(
          [...component].filter((state) => !left.has(state)),
          edgesOf,
        ),
      )
  }
  return circles
}

/** From where the end is reached no edge leads on. */
const edgesIn =
  ({ graph, shares }: Parts, table: WordsTable): EdgesOf =>
  (state) => {
    const { width } = graph
    const row = table.rows().slice(state * width, (state + 1) * width)
    const edges: Array<Edge> = []
    if (graph.areHooksClosed(row, 0)) return edges
    const misfortunes = isAnyLeft(row[width - 1] as number) ? 1 : 0
    graph.expand(row, 0, everyStep, (next, action) => {
      const to = table.find(next, 0)
      if (action < 0) {
        edges.push({ to, what: () => `${action}` })
        return false
      }
      const instance = Math.floor(action / actionsOfInstance)
      const share = row[instance] as number
      const step = shares.from(share, misfortunes) + (action % actionsOfInstance) * stepWidth
      const terms = shares.steps()[step + 1] as number
      if (costOf(terms) !== 0) return false
      const what = (): string | null => {
        if (fairnessOf(terms) === isHappening) return null
        const happened = shares.happenedIn(share, misfortunes, ordinalOf(terms))[0]?.occurrence
        return `${instance} ${happened?.type} ${happened?.subject}`
      }
      edges.push({ to, what })
      return false
    })
    return edges
  }

/** The states in which something is possible that is never done without leaving the component. */
const leadingOut = (component: ReadonlySet<number>, edgesOf: EdgesOf): ReadonlySet<number> => {
  const done = new Set<string>()
  const possible = new Map<string, Array<number>>()
  for (const state of component) {
    for (const { to, what } of edgesOf(state)) {
      const whose = what()
      if (whose === null) continue
      if (component.has(to)) done.add(whose)
      possible.set(whose, [...(possible.get(whose) ?? []), state])
    }
  }
  return new Set([...possible].flatMap(([whose, states]) => (done.has(whose) ? [] : states)))
}

/** Tarjan's strongly connected components among these states, without those of a state that does not lead to itself. */
const componentsOf = (states: ReadonlyArray<number>, edgesOf: EdgesOf): Array<ReadonlySet<number>> => {
  const among = new Set(states)
  const order = new Map<number, number>()
  const lowest = new Map<number, number>()
  const stack: Array<number> = []
  const isOnStack = new Set<number>()
  const components: Array<ReadonlySet<number>> = []
  const enter = (state: number) => {
    order.set(state, order.size)
    lowest.set(state, order.get(state) as number)
    stack.push(state)
    isOnStack.add(state)
    const targets = edgesOf(state).flatMap(({ to }) => (among.has(to) ? [to] : []))
    return { state, targets, at: 0 }
  }
  const lower = (state: number, to: number): void => {
    lowest.set(state, Math.min(lowest.get(state) as number, to))
  }
  const leave = (state: number, isOwn: boolean): void => {
    if (lowest.get(state) !== order.get(state)) return
    const component = new Set(stack.splice(stack.lastIndexOf(state)))
    for (const each of component) isOnStack.delete(each)
    if (component.size > 1 || isOwn) components.push(component)
  }
  for (const root of states) {
    if (order.has(root)) continue
    const path = [enter(root)]
    for (let last = path.at(-1); last !== undefined; last = path.at(-1)) {
      const to = last.targets[last.at]
      last.at += 1
      if (to === undefined) {
        path.pop()
        leave(last.state, last.targets.includes(last.state))
        const before = path.at(-1)
        if (before !== undefined) lower(before.state, lowest.get(last.state) as number)
      } else if (!order.has(to)) path.push(enter(to))
      else if (isOnStack.has(to)) lower(last.state, order.get(to) as number)
    }
  }
  return components
}
