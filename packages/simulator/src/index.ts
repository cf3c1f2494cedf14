/**
 * The simulator as a library, written name by name. `simulate(plan)` is where to begin: it runs a plan under a controller
 * and returns the trace, the figures and the promises.
 */

export type { CoreUnderCheck } from './check/core/core-under-check.ts'
export { shippedCore } from './check/core/core-under-check.ts'
export type {
  Counterexample,
  Exploration,
  ExploreOptions,
  Liveness,
  Outcome,
  ProgressFigures,
} from './check/explore.ts'
export { explore } from './check/explore.ts'
export type { FirstStatus, Misfortunes, Model } from './check/model.ts'
export { models } from './check/models.ts'
export type { Occurrence, Sometimes } from './check/moves/occurrence.ts'
export { sometimes } from './check/moves/occurrence.ts'
export type { StoryStep } from './check/story.ts'
export type { Controller, Directory, Execution, Message } from './controller/controller.ts'
export type { SnapshotObserver } from './controller/ecs-drain.ts'
export { createEcsDrainController, policyOf } from './controller/ecs-drain.ts'
export type { Figures, ServiceFigures } from './measure/figures.ts'
export { figuresOf } from './measure/figures.ts'
export type { GroupSketch, HappeningSketch, HookSketch, Loose, PlanSketch, ServiceSketch } from './plan/defaults.ts'
export { amiUpdatePlan, completePlan } from './plan/defaults.ts'
export type {
  ClusterPlan,
  ControllerName,
  ControllerPlan,
  FaultPlan,
  FaultSite,
  GroupPlan,
  Happening,
  HookPlan,
  MessageKind,
  Parameter,
  ParameterName,
  Plan,
  PolicyOverrides,
  ScriptedCall,
  ScriptedMessage,
  ServicePlan,
  Span,
  StandaloneTaskPlan,
} from './plan/plan.ts'
export { controllerNames, parameters } from './plan/plan.ts'
export type { Verdict } from './promise/judge.ts'
export { judgeTrace } from './promise/judge.ts'
export type { PromiseName, PromiseResult } from './promise/promise.ts'
export type { ReportedRun, ReportOptions } from './report/report.ts'
export { renderPicture, renderReport } from './report/report.ts'
export type { TerminalRun } from './report/terminal-table.ts'
export { renderTable } from './report/terminal-table.ts'
export { builtInNames, builtInSource } from './scenario/built-in.ts'
export type { Expectation } from './scenario/expectation.ts'
export type { Scenario, ScenarioSource, Setting, Variant } from './scenario/read-scenario.ts'
export { readScenario } from './scenario/read-scenario.ts'
export type { RunWatcher, SimulateOptions, Simulation } from './simulate.ts'
export { simulate } from './simulate.ts'
export type { StormFailure } from './storm/run-seed.ts'
export type { Shrunk } from './storm/shrink.ts'
export { shrinkPlan } from './storm/shrink.ts'
export type { Storm } from './storm/storm-plan.ts'
export { stormOf } from './storm/storm-plan.ts'
export type { StormProfile } from './storm/weather.ts'
export type { Cast, Kind, LifecycleState, Operation, TaskStatus, Trace, TraceObserver } from './trace/trace.ts'
export {
  containerInstanceStates,
  failureKinds,
  faultSites,
  hookEndings,
  kinds,
  lifecycleStates,
  messageKinds,
  operations,
  placementFailures,
  taskStatuses,
} from './trace/trace.ts'
export type { SimulatedWorld, WorldOptions } from './world/world.ts'
export { createWorld } from './world/world.ts'
