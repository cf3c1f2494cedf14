/**
 * Breadth first through everything that can happen in a model, with the code that ships. The first state that breaks a
 * promise is therefore one that takes the fewest steps.
 */
import type { Plan } from '../plan/plan.ts'
import { type CoreUnderCheck, shippedCore } from './core/core-under-check.ts'
import type { Explored } from './explored.ts'
import { everyStep } from './graph/state-graph.ts'
import { createWordsTable, OutOfMemory } from './graph/words-table.ts'
import { type Doomed, findDoomed } from './liveness.ts'
import type { Model } from './model.ts'
import {
  completedTwice,
  earlyCompletion,
  floorBroken,
  foreignTouched,
  kept,
  type Sometimes,
  sometimes,
  unfaithfulStream,
  type Violation,
} from './moves/occurrence.ts'
import { type Parts, partsOf } from './parts.ts'
import { replayPlan } from './replay-plan.ts'
import { type StoryStep, storyOf } from './story.ts'

/** How far to go, and what to check. Without bounds everything that can be reached is explored. */
export interface ExploreOptions {
  /** Steps from the beginning. */
  readonly depth?: number
  readonly states?: number
  /** Megabytes for the table of states; how each was reached and the interned core come on top. */
  readonly memory?: number
  /** The functions under check; a test plants a defect here. */
  readonly core?: CoreUnderCheck
  /** False: interchangeable instances and tasks are told apart. The verdict must be the same. */
  readonly symmetry?: boolean
  /** True: calls of a function that nobody else can tell from later ones are made at once. The verdict must be the same. */
  readonly reduction?: boolean
  /** False: only safety is looked at. */
  readonly liveness?: boolean
  /** Told now and then how far it has come. */
  readonly progress?: (figures: ProgressFigures) => void
}

/** How far an exploration has come. */
export interface ProgressFigures {
  readonly states: number
  readonly depth: number
  readonly statesPerSecond: number
}

/** Which promise was broken, and how it came to that. */
export interface Counterexample {
  readonly promise: string
  readonly says: string
  readonly story: ReadonlyArray<StoryStep>
  /** The same cluster and the same misfortunes for `simulate`, in its own time. */
  readonly plan: Plan
}

/** `bounded`: nothing was found, and not everything was looked at. */
export type Outcome = 'holds' | 'safety' | 'liveness' | 'never-reached' | 'bounded'

/** What an exploration came to. */
export interface Exploration {
  readonly model: string
  /** Its states are those of a reduction; the verdict is that of all. */
  readonly reduction: boolean
  readonly outcome: Outcome
  /** The shortest one that breaks a promise; null where none was found. */
  readonly counterexample: Counterexample | null
  /** Everything reachable was visited. */
  readonly complete: boolean
  /** What cut the exploration short; null: nothing did. */
  readonly cutBy: 'depth' | 'states' | 'memory' | null
  readonly states: number
  readonly transitions: number
  readonly depth: number
  readonly seconds: number
  readonly statesPerSecond: number
  /** Null: not looked at, or safety was broken before. */
  readonly liveness: Liveness | null
  /** Interesting things that did happen, and those that never did. */
  readonly reached: ReadonlyArray<Sometimes>
  readonly neverReached: ReadonlyArray<Sometimes>
  /** Different situations of one instance, drains, and calls of an invocation; and how often core really ran. */
  readonly interned: Readonly<Record<string, number>>
  /** Wake-ups that were not sent since four of one stream were under way: a bound of the model that was met. */
  readonly wakeUpsForgone: number
  readonly megabytes: number
}

/** What became of the promises that say that something happens in the end. */
export interface Liveness {
  /** By promise, states from which it can no longer be kept. */
  readonly doomed: Readonly<Record<string, number>>
  /** Passes over all states, for all promises together. */
  readonly passes: number
  readonly seconds: number
  /** States judged, by all promises and in as many passes as it took. */
  readonly statesPerSecond: number
}

const promiseOf: Readonly<Record<Exclude<Violation, typeof kept>, readonly [string, string]>> = {
  [earlyCompletion]: [
    'S1 no early completion',
    'an answer took effect, no deadline forced it, and a task that was on the instance or came to it had not stopped',
  ],
  [foreignTouched]: [
    'S3 foreign hooks and instances',
    "somebody else's hook was answered, or an unannounced instance was drained",
  ],
  [completedTwice]: ['S4 one completion per action', 'a lifecycle action was recorded as completed a second time'],
  [unfaithfulStream]: ['S5 the stream is enough', 'the drain that was held is not what its stored events give'],
  [floorBroken]: ['S2 floor', 'a service had fewer healthy tasks than its floor'],
}

interface Found {
  readonly state: number
  readonly action: number
  readonly violation: Violation
}

/** Explores a model. Deterministic: the same model and options give the same verdict, times apart. */
export const explore = (model: Model, options: ExploreOptions = {}): Exploration => {
  const { core = shippedCore, symmetry = true, reduction = false, liveness = true } = options
  const parts = partsOf(model, core, { symmetry, reduction })
  const startedAt = performance.now()
  const search = breadthFirst(parts, options, startedAt)
  const seconds = (performance.now() - startedAt) / 1000
  const { explored, found } = search
  const states = explored.table.size()
  const doomed = liveness && found === null ? findDoomed(parts.graph, explored, model) : null
  const counterexample = counterexampleOf(model, parts, explored, found, doomed)
  const complete = search.cutBy === null && found === null
  const neverReached = expectedOf(model).filter((name) => (search.reached & (1 << sometimes.indexOf(name))) === 0)
  return {
    model: model.name,
    reduction,
    outcome: outcomeOf(counterexample !== null, found !== null, complete, neverReached.length),
    counterexample,
    complete,
    cutBy: search.cutBy,
    states,
    transitions: search.transitions,
    depth: search.depth,
    seconds,
    statesPerSecond: Math.round(states / seconds),
    liveness: doomed === null ? null : livenessOf(doomed, states),
    reached: sometimes.filter((_, bit) => (search.reached & (1 << bit)) !== 0),
    neverReached,
    interned: { situations: parts.shares.size(), steps: parts.shares.stepCount(), ...parts.core.sizes() },
    wakeUpsForgone: parts.wakeUpsForgone(),
    megabytes: Math.round((explored.table.bytes() + states * 8 + parts.shares.bytes()) / 1e6),
  }
}

const outcomeOf = (isBroken: boolean, isSafety: boolean, complete: boolean, missing: number): Outcome => {
  if (isBroken) return isSafety ? 'safety' : 'liveness'
  if (!complete) return 'bounded'
  return missing > 0 ? 'never-reached' : 'holds'
}

const livenessOf = (doomed: Doomed, states: number): Liveness => ({
  doomed: Object.fromEntries(doomed.promises.map(({ promise, count }) => [promise, count])),
  passes: doomed.passes,
  seconds: doomed.seconds,
  statesPerSecond: Math.round(states / Math.max(doomed.seconds, 1e-9)),
})

const counterexampleOf = (
  model: Model,
  parts: Parts,
  explored: Explored,
  found: Found | null,
  doomed: Doomed | null,
): Counterexample | null => {
  const counterexample = (promise: string, says: string, story: ReadonlyArray<StoryStep>): Counterexample => ({
    promise,
    says,
    story,
    plan: replayPlan(model, story),
  })
  if (found !== null && found.violation !== kept) {
    const [promise, says] = promiseOf[found.violation]
    return counterexample(promise, says, storyOf(model, parts, explored, found.state, found.action))
  }
  const first = doomed?.promises.find(({ count }) => count > 0)
  if (first === undefined) return null
  return counterexample(first.promise, first.says, storyOf(model, parts, explored, first.first, null))
}

/** What a model is bound to reach, given what is in it. */
const expectedOf = (model: Model): ReadonlyArray<Sometimes> => {
  const has = (kind: keyof Model['misfortunes']): boolean => model.misfortunesInTotal > 0 && model.misfortunes[kind] > 0
  const expected: Array<Sometimes> = ['a lifecycle action was completed because the last task had stopped']
  const when = (holds: boolean, ...names: ReadonlyArray<Sometimes>): void => {
    if (holds) expected.push(...names)
  }
  when(model.tasks.includes('RUNNING'), 'a drain waited for a STOPPED event')
  when(model.tasks.includes('in flight'), 'a task appeared on the instance after DRAINING')
  when(model.handlers > 1, 'two functions were at work on one stream')
  when(
    model.handlers > 1 && (model.sweeps || has('duplicated') || model.tasks.length > 1),
    'two functions wrote to one stream, and the second met a conflict',
  )
  when(model.staleReads, 'a list or description was out of date')
  when(model.setActiveByOthers, 'somebody set the instance ACTIVE, and it was set DRAINING again')
  when(model.foreignHook, "another hook's notice was ignored")
  when(model.deadline !== null && model.deadline.choice !== 'wait', 'the deadline decided')
  when(model.standalone !== null || model.deadline?.choice === 'stop-tasks', 'a task was told to stop by us')
  when(has('lost'), 'a message was lost')
  when(
    has('lost') && model.sweeps,
    'the sweep found a termination whose notice never came',
    'the sweep found a STOPPED task whose event never came',
  )
  when(has('duplicated'), 'a message came in two copies')
  when(
    has('crashes'),
    'a function crashed after an append and before its effect',
    'a function crashed after a call had taken effect',
  )
  when(has('failures'), 'a call failed and was made again', 'an instance that was in no list was found all the same')
  when(has('failures') && model.sweeps, 'a sweep was not told who waits, and said that time had passed')
  when(has('unanswered'), 'a call took effect and its answer was lost', 'an action was over before it was answered')
  when(has('hookTimeouts'), 'the hook timed out')
  when(model.heartbeatTimeout !== null, 'a heartbeat was recorded that time had made due')
  return expected
}

interface Search {
  readonly explored: Explored
  readonly found: Found | null
  readonly cutBy: Exploration['cutBy']
  readonly transitions: number
  readonly depth: number
  readonly reached: number
}

const progressEvery = 1 << 16

const breadthFirst = (parts: Parts, options: ExploreOptions, startedAt: number): Search => {
  const { graph } = parts
  const { depth: deepest = Infinity, states: most = Infinity, memory = Infinity, progress } = options
  const table = createWordsTable(graph.width, memory * 1e6)
  let parents = new Int32Array(1 << 12)
  let actions = new Int32Array(1 << 12)
  let transitions = 0
  let reached = 0
  let depth = 0
  let state = 0
  let levelEnds = 1
  let found: Found | null = null
  let cutBy: Exploration['cutBy'] = null

  const note = (number: number, parent: number, action: number): void => {
    if (number >= parents.length) {
      parents = twiceAsLong(parents)
      actions = twiceAsLong(actions)
    }
    parents[number] = parent
    actions[number] = action
  }

  const seen = (next: Int32Array, action: number, violation: number, bits: number): boolean => {
    transitions += 1
    reached |= bits
    const number = table.put(next, 0)
    if (table.isNew()) {
      note(number, state, action)
      if (violation === kept && graph.isBelowFloor(next, 0)) found ??= { state, action, violation: floorBroken }
    }
    if (violation !== kept) found ??= { state, action, violation: violation as Violation }
    return found !== null
  }

  table.put(graph.first, 0)
  note(0, -1, 0)
  try {
    while (state < table.size() && found === null && cutBy === null) {
      if (state === levelEnds) {
        depth += 1
        levelEnds = table.size()
      }
      if (depth >= deepest) cutBy = 'depth'
      else if (table.size() >= most) cutBy = 'states'
      else {
        graph.expand(table.rows(), state * graph.width, everyStep, seen)
        state += 1
        if (progress !== undefined && state % progressEvery === 0) {
          const states = table.size()
          progress({ states, depth, statesPerSecond: (states * 1000) / (performance.now() - startedAt) })
        }
      }
    }
  } catch (error) {
    if (!(error instanceof OutOfMemory)) throw error
    cutBy = 'memory'
  }
  return { explored: { table, parents, actions, expanded: state }, found, cutBy, transitions, depth, reached }
}

const twiceAsLong = (words: Int32Array): Int32Array<ArrayBuffer> => {
  const longer = new Int32Array(words.length * 2)
  longer.set(words)
  return longer
}
