/** One plan, one controller, one run: what people call from their own tests. */

import { createArticle } from './controller/article.ts'
import type { Controller } from './controller/controller.ts'
import { createCountingPoller } from './controller/counting-poller.ts'
import { createEcsDrainController, type Wire } from './controller/ecs-drain.ts'
import { createNone } from './controller/none.ts'
import { createStreamCheck } from './controller/stream-check.ts'
import type { Figures } from './measure/figures.ts'
import { type ControllerName, controllerNames, type Plan } from './plan/plan.ts'
import { refuseUnsound } from './plan/read-plan.ts'
import { isRecord, preview } from './plan/strict-codecs.ts'
import { judgeTrace } from './promise/judge.ts'
import type { PromiseResult } from './promise/promise.ts'
import type { Cast, Trace, TraceObserver } from './trace/trace.ts'
import { readText } from './wire/read-text.ts'
import { createWorld } from './world/world.ts'

/** How to run a plan. */
export interface SimulateOptions {
  /** One of the four, or one of your own. */
  readonly controller?: ControllerName | Controller
  /**
   * How messages reach ecs-drain. `text`, the default: each is written as the JSON that AWS sends and read by core's codecs.
   * `direct`: its notice is handed over, which is faster and gives the same trace.
   */
  readonly wire?: Wire
  /** False: the longer accounts of decisions are not kept, which a search through many plans has no use for. */
  readonly texts?: boolean
  /** Somebody else who watches the run; called once, before it begins. */
  readonly watch?: (cast: Cast) => RunWatcher
}

/** Sees a run's records as they are written, and whom each fault hits. */
export interface RunWatcher {
  readonly see: TraceObserver
  /** `site`: index into `faultSites`; `instance`: the one it hits, -1 for nobody in particular. Comes after its record. */
  readonly struck: (site: number, instance: number) => void
}

/** A finished run: what happened, what it cost, and which promises held. */
export interface Simulation {
  readonly trace: Trace
  readonly figures: Figures
  /** S1 to S5 and L1 to L3, each with its witness where it was broken. S5 is about ecs-drain's streams: others are not held to it. */
  readonly promises: ReadonlyArray<PromiseResult>
}

/**
 * Runs a plan to its end. Pure: equal plans give equal traces, on any machine. Without a controller named, it is ecs-drain. Throws
 * a TypeError where the plan contradicts itself or, in JavaScript, is none, with the path of each value that is wrong
 * (`happenings[0].group: ...`), and where there is no such controller.
 */
export const simulate = (plan: Plan, options: SimulateOptions = {}): Simulation => {
  refuseUnsound(plan)
  const { controller = 'ecs-drain' } = options
  const isKnown = typeof controller === 'string' ? controllerNames.includes(controller) : isRecord(controller)
  if (!isKnown)
    throw new TypeError(
      `controller: expected one of ${controllerNames.join(', ')}, or one of your own, got ${preview(controller)}`,
    )
  return runPlan(plan, options)
}

/** For plans that are drawn or guessed in great numbers: one that contradicts itself is run for what it is worth. */
export const runPlan = (
  plan: Plan,
  { controller = 'ecs-drain', wire = 'text', texts = true, watch }: SimulateOptions = {},
): Simulation => {
  const { controller: chosen, others } =
    typeof controller === 'string' ? named(controller, plan, wire) : { controller, others: none }
  const watchers: RunWatcher[] = []
  const world = createWorld(plan, chosen, {
    texts,
    ...(watch === undefined ? {} : { struck: (site, instance) => watchers[0]?.struck(site, instance) }),
  })
  if (watch !== undefined) {
    const watcher = watch(world.cast)
    watchers.push(watcher)
    world.observe(watcher.see)
  }
  const trace = world.run()
  // Judged when the run is over, at one go: while it goes on its own data would be pushed out of the processor's cache.
  return { trace, ...judgeTrace(plan, trace, others(), world.openDrains()) }
}

const none = (): ReadonlyArray<PromiseResult> => []

const named = (
  name: ControllerName,
  plan: Plan,
  wire: Wire,
): { readonly controller: Controller; readonly others: () => ReadonlyArray<PromiseResult> } => {
  switch (name) {
    case 'none':
      return { controller: createNone(), others: none }
    case 'counting-poller':
      return { controller: createCountingPoller(plan), others: none }
    case 'article':
      return { controller: createArticle(plan), others: none }
    case 'ecs-drain': {
      const check = createStreamCheck()
      const read = wire === 'text' ? readText(plan) : undefined
      const controller = createEcsDrainController(plan, read, check.observe, check.hear)
      return { controller, others: () => [check.result()] }
    }
  }
}
