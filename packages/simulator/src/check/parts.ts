/** A model made ready to be explored: core interned, and the graphs that it spans. */
import { type DrainPolicy, uncheckedPolicy } from '@ecs-drain/core'
import { type Horizons, horizonsOf } from './core/abstract-time.ts'
import { type CoreUnderCheck, shippedCore } from './core/core-under-check.ts'
import { createInternedCore, type InternedCore } from './core/interned-core.ts'
import { createShareGraph, type ShareGraph } from './graph/share-graph.ts'
import { createStateGraph, type StateGraph } from './graph/state-graph.ts'
import { type FirstStatus, type Model, patienceOf, sweepEveryTicks, tickMs } from './model.ts'
import { deadlineTicks } from './moves/excuse.ts'
import { createIsPassed, createReducedSteps } from './moves/reduction.ts'
import { createShareSteps } from './moves/share-steps.ts'
import { costs } from './state/cluster-state.ts'
import { cluster, group, hook } from './state/names.ts'
import { renamingsOf } from './state/renaming.ts'
import { handlersMost, Share, taskSlotsMost } from './state/share.ts'
import { inFlight, running } from './state/task-position.ts'

/** The policy that a model is explored under. */
export const policyOfModel = (model: Model): DrainPolicy =>
  uncheckedPolicy({
    hooks: [{ name: hook, groups: [group] }],
    clusters: [cluster],
    sweepEvery: sweepEveryTicks * tickMs,
    ...patienceOf(model),
  })

/** The parts of an exploration, for those who want to look inside. */
export interface Parts {
  readonly core: InternedCore
  readonly shares: ShareGraph
  readonly graph: StateGraph
  readonly wakeUpsForgone: () => number
}

/** What makes a state graph smaller and leaves its verdict. */
export interface Reductions {
  /** Interchangeable instances and tasks are not told apart. */
  readonly symmetry?: boolean
  /** Calls of a function that nobody else can tell from each other are made at once. */
  readonly reduction?: boolean
}

/** What there is room for in the bits of a state; more would run into its neighbour, and the verdict be about another model. */
const limitsOf = (
  model: Model,
  { start }: Horizons,
): ReadonlyArray<readonly [what: string, is: number, most: number]> => [
  ['instances', model.instances, 2],
  ['tasks', model.tasks.length, model.taskSlots],
  ['taskSlots', model.taskSlots, taskSlotsMost],
  ['service.desired', model.service.desired, 7],
  ['handlers', model.handlers, handlersMost],
  ['lifetime', model.lifetime, 1],
  // A reading can then be older than what is remembered of the time before it.
  ['lifetime beside another function', model.handlers > 1 ? model.lifetime : 0, 0],
  ['batch', model.batch, 2],
  ['hopsMax', model.hopsMax, 7],
  ['ticks of a deadline or heartbeat', Math.max(start, deadlineTicks(model)), 7],
  ['standalone.after', model.standalone?.after ?? 0, 7],
  ...costs.map((name) => [`misfortunes.${name}`, model.misfortunes[name], 3] as const),
  ['misfortunesInTotal', model.misfortunesInTotal, 3],
]

const isRunning = (status: FirstStatus): boolean => status === 'RUNNING'

export const partsOf = (
  model: Model,
  core: CoreUnderCheck = shippedCore,
  { symmetry = true, reduction = false }: Reductions = {},
): Parts => {
  const policy = policyOfModel(model)
  const horizons = horizonsOf(policy, model)
  for (const [what, is, most] of limitsOf(model, horizons)) {
    if (is > most) throw new RangeError(`${what}: ${is} is more than can be explored, which is ${most}`)
  }
  const healthy = model.standalone === null ? model.instances * model.tasks.filter(isRunning).length : 0
  const { floor } = model.service
  if (floor > healthy)
    throw new RangeError(`service.floor: ${floor} is more than its tasks in the beginning, which are ${healthy}`)
  const interned = createInternedCore(core, model, policy, horizons, renamingsOf(model.taskSlots))
  const everyStep = createShareSteps(model, interned, horizons)
  const steps = reduction ? createReducedSteps(everyStep, createIsPassed(model, interned, horizons)) : everyStep
  const first = new Share()
  first.stream = interned.idle
  model.tasks.forEach((status, task) => {
    first.tasks[task] = status === 'RUNNING' ? running : inFlight
    first.shown[task] = first.tasks[task] as number
  })
  const shares = createShareGraph(model, interned, steps, first, symmetry)
  return {
    core: interned,
    shares,
    graph: createStateGraph(model, shares, symmetry),
    wakeUpsForgone: steps.wakeUpsForgone,
  }
}
