/** Watches one run: the figures and all promises, in one pass over its records. */
import { createFiguresObserver, endOf, type Figures } from '../measure/figures.ts'
import { createLedger } from '../measure/ledger.ts'
import type { Plan } from '../plan/plan.ts'
import { type Cast, kinds, type Trace, type TraceObserver } from '../trace/trace.ts'
import { createDrains } from './drains.ts'
import { noEarlyCompletion } from './early-completion.ts'
import { floorIsKept } from './floor.ts'
import { foreignIsLeftAlone } from './foreign.ts'
import { boundsOf, completesWhenStopped, everyDrainEnds, hookDoesNotTimeOut } from './liveness.ts'
import { oneCompletionPerAction } from './one-completion.ts'
import { type Evidence, type PromiseResult, promiseNames, type Watch } from './promise.ts'

/** What a run came to. */
export interface Verdict {
  readonly figures: Figures
  readonly promises: ReadonlyArray<PromiseResult>
}

export interface Judge {
  readonly observe: TraceObserver
  /**
   * The verdict if the run ended at `endMs`; ask once, when it has. `others` are promises that a trace cannot show
   * (S5: a controller checks its own streams); they take their place in the list.
   */
  verdict(endMs: number, others?: ReadonlyArray<PromiseResult>): Verdict
}

const promises: ReadonlyArray<(evidence: Evidence) => Watch> = [
  noEarlyCompletion,
  floorIsKept,
  foreignIsLeftAlone,
  oneCompletionPerAction,
  completesWhenStopped,
  everyDrainEnds,
  hookDoesNotTimeOut,
]

/** `cast` is that of a run that is over. */
export const createJudge = (plan: Plan, cast: Cast, openDrains: ReadonlyArray<string> = []): Judge => {
  const ledger = createLedger(plan, cast)
  const drains = createDrains(plan, cast, boundsOf(plan))
  const figures = createFiguresObserver(cast, ledger)
  const watches = promises.map((promise) => promise({ plan, cast, ledger, drains, openDrains }))
  const interested = kinds.map((kind) => watches.filter((watch) => watch.kinds.includes(kind)))
  const none: ReadonlyArray<Watch> = []
  const ofDrains = maskOf(drains.kinds)
  const ofFigures = maskOf(figures.kinds)

  return {
    observe: (at, kind, a, b) => {
      // The ledger sees every record, since it also forgets what the last one changed.
      ledger.see(at, kind, a, b)
      const bit = 1 << kind
      if ((ofDrains & bit) !== 0) drains.see(at, kind, a, b)
      if ((ofFigures & bit) !== 0) figures.see(at, kind, a, b)
      const watching = interested[kind] ?? none
      for (let i = 0; i < watching.length; i++) watching[i]?.see(at, kind, a, b)
    },
    verdict: (endMs, others = []) => ({
      figures: figures.figures(endMs),
      promises: inOrder([...watches.map((watch) => watch.result(endMs)), ...others]),
    }),
  }
}

/** Kinds as bits: there is room for 32, and there are 31. */
const maskOf = (numbers: ReadonlyArray<number>): number => numbers.reduce((mask, kind) => mask | (1 << kind), 0)

/** As results list them. */
const inOrder = (results: ReadonlyArray<PromiseResult>): ReadonlyArray<PromiseResult> =>
  results.toSorted((x, y) => promiseNames.indexOf(x.name) - promiseNames.indexOf(y.name))

/** The verdict over a finished run, read from its trace. `openDrains`: instances of whose drain the end was not stored by then. */
export const judgeTrace = (
  plan: Plan,
  trace: Trace,
  others: ReadonlyArray<PromiseResult> = [],
  openDrains: ReadonlyArray<string> = [],
): Verdict => {
  const judge = createJudge(plan, trace.cast, openDrains)
  for (let i = 0; i < trace.length; i++) {
    judge.observe(trace.at[i] ?? 0, trace.kind[i] ?? 0, trace.a[i] ?? 0, trace.b[i] ?? 0)
  }
  return judge.verdict(endOf(trace), others)
}

/** One controller's part of `--json`: exactly these names, which people's scripts read. */
export const controllerResult = (name: string, { figures, promises: results }: Verdict) => ({
  name,
  services: figures.services.map((service) => ({
    name: service.name,
    desired: service.desired,
    floor: service.floor,
    leastRunning: service.leastRunning,
    secondsAtZero: service.secondsAtZero,
    secondsBelowFloor: service.secondsBelowFloor,
  })),
  tasksKilled: figures.tasksKilled,
  movesPerTask: figures.movesPerTask,
  lambdaInvocations: figures.lambdaInvocations,
  apiCalls: figures.apiCalls,
  apiCallsByOperation: figures.apiCallsByOperation,
  secondsFromLastStoppedToCompletion: figures.secondsFromLastStoppedToCompletion,
  totalSeconds: figures.totalSeconds,
  promises: results.map(({ name: promise, held, witness, excluded }) => ({
    name: promise,
    held,
    ...(witness === undefined ? {} : { witness }),
    ...(excluded.length === 0 ? {} : { excluded }),
  })),
})
