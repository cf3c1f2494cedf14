/**
 * The public entry, written name by name: what is not here is not promised.
 */

export type { DrainController, DrainControllerOptions, DrainReport } from './application/drain-controller.ts'
export { createDrainController } from './application/drain-controller.ts'
export type { Handled, IsTimeUp } from './application/handle-batch.ts'
export { handleBatch, runInvocation } from './application/handle-batch.ts'
export { perform } from './application/perform.ts'
export { InstantFromEpochSeconds, InstantFromIso } from './codec/instants.ts'
export { report } from './codec/report.ts'
export { decide } from './drain/decide.ts'
export type {
  CompletingDrain,
  CordoningDrain,
  Drain,
  DrainingDrain,
  EndedDrain,
  Ending,
  FailedEffect,
  IdleDrain,
  LocatingDrain,
  OpenDrain,
  Phase,
} from './drain/drain.ts'
export { awaitsActivation, drainIdOf, evolve, fold, idle, isWatched } from './drain/drain.ts'
export type { AtDeadline, Because, DrainEvent, DrainEventType, StoredEvents } from './drain/drain-event.ts'
export type { DrainPolicy, OwnedHook, PolicyOptions } from './drain/drain-policy.ts'
export { contradictionsOf, drainPolicy, uncheckedPolicy } from './drain/drain-policy.ts'
export type { KnownTask } from './drain/known-tasks.ts'
export { hasStopped } from './drain/known-tasks.ts'
export type { Effect } from './effect/effect.ts'
export { effectsOwed } from './effect/effects-owed.ts'
export type { Delivery } from './envelope/decode-envelope.ts'
export { decodeEnvelope } from './envelope/decode-envelope.ts'
export type { Decoded } from './envelope/decoded.ts'
export type { Notice, Place } from './envelope/notice.ts'
export { encodeWakeUp } from './envelope/wake-up.ts'
export type { Branded } from './identity/brand.ts'
export {
  AutoScalingGroupName,
  ClusterName,
  ContainerInstanceArn,
  clusterIn,
  Ec2InstanceId,
  EcsTaskArn,
  instanceOf,
  LifecycleActionToken,
  LifecycleHookName,
  StreamId,
  streamOf,
} from './identity/ids.ts'
export type { LifecycleAction, LifecycleActionResult } from './identity/lifecycle-action.ts'
export type {
  Answer,
  AppendRequest,
  AutoScalingGroup,
  Call,
  Calls,
  CallType,
  Commit,
  ContainerInstance,
  ItemFailure,
  LifecycleHook,
  Page,
  Reply,
  StreamIndex,
} from './invocation/call.ts'
export type { Assignment, Invocation, Receipt, Snapshot, Step } from './invocation/invocation.ts'
export { begin, emptySnapshot, resume } from './invocation/invocation.ts'
export type { Itinerary, Routed, Routing, RoutingStep } from './invocation/routing.ts'
export { beginRouting, resumeRouting } from './invocation/routing.ts'
export { memoryEventStore } from './memory/memory-event-store.ts'
export type { Failure } from './observation/failure.ts'
export type {
  Addressed,
  Announcement,
  EffectType,
  Observation,
  Outcome,
  Passing,
  ReadScope,
  Sighting,
} from './observation/observation.ts'
export type { Ignored, Observed } from './observation/observe.ts'
export { isOurs, observe } from './observation/observe.ts'
export type { TaskSighting } from './observation/task-sighting.ts'
export type { JournalEntry } from './port/journal-entry.ts'
export type { Clock, Cluster, EventStore, Journal, LifecycleHooks, PortFunction, Ports, WakeUps } from './port/port.ts'
export type { EitherStyle, EitherStyleJournal, PortOptions, Promised } from './port/promise-lifting.ts'
export { lifted, PortFailure } from './port/promise-lifting.ts'
export type { StoredCommit } from './port/stored-commit.ts'
export { decodeCommit, encodeCommit } from './port/stored-commit.ts'
export type { Duration, Instant } from './time/instant.ts'
export { hours, minutes, seconds } from './time/instant.ts'
