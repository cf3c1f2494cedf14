/**
 * What the core needs of the world. Each function is one request; what makes it fail is in its `Failure`, and a failure
 * never ends a drain. Every write is safe to repeat.
 */
import type { IO } from 'fp-ts/IO'
import type { TaskEither } from 'fp-ts/TaskEither'
import type { Calls, CallType } from '../invocation/call.ts'
import type { Failure } from '../observation/failure.ts'
import type { Instant } from '../time/instant.ts'
import type { JournalEntry } from './journal-entry.ts'

/** A port's function: the request of a call to its answer. */
export type PortFunction<Type extends CallType> = (
  request: Calls[Type]['request'],
) => TaskEither<Failure, Calls[Type]['answer']>

/**
 * A stream per EC2 instance. `load` reads what was acknowledged before it began. `append` writes all events or none, at
 * exactly the expected version; of any number of writers at one version one is told `appended` and the others get the
 * newer commits. The index entries are written before the commit that needs them: one too many is harmless.
 */
export interface EventStore {
  readonly load: PortFunction<'LoadStream'>
  readonly append: PortFunction<'AppendToStream'>
  /** The stream of each container instance, in the order asked; one batch read, because most events concern no drain. */
  readonly findStreams: PortFunction<'FindStreams'>
  readonly listWatched: PortFunction<'ListWatchedStreams'>
}

/**
 * Amazon ECS. `NotFound` of what is asked about a container instance says that ECS does not know it, and the drain looks for it anew;
 * of a task it is a failure like another. Of several ids those that could not be served are in the answer's `failures`.
 */
export interface Cluster {
  readonly listContainerInstances: PortFunction<'ListContainerInstances'>
  readonly describeContainerInstances: PortFunction<'DescribeContainerInstances'>
  readonly updateContainerInstancesState: PortFunction<'UpdateContainerInstancesState'>
  readonly listTasks: PortFunction<'ListTasks'>
  readonly describeTasks: PortFunction<'DescribeTasks'>
  readonly stopTask: PortFunction<'StopTask'>
}

/**
 * EC2 Auto Scaling. "No active Lifecycle Action found" comes back as `Rejected` with AWS's own message: the core reads
 * it as an outcome. So it does `NotFound` of a heartbeat or a completion: a group that is gone holds nothing.
 */
export interface LifecycleHooks {
  readonly complete: PortFunction<'CompleteLifecycleAction'>
  readonly recordHeartbeat: PortFunction<'RecordLifecycleActionHeartbeat'>
  readonly describeHooks: PortFunction<'DescribeLifecycleHooks'>
  readonly describeGroups: PortFunction<'DescribeAutoScalingGroups'>
}

/** A message to ourselves, delivered at or soon after an instant that is at most 15 minutes away. May come twice. */
export interface WakeUps {
  readonly send: PortFunction<'SendWakeUp'>
}

/** The time in milliseconds since the epoch, read after every call. */
export interface Clock {
  readonly now: IO<Instant>
}

/** Where it is written down what was done and why, for people. It must not throw; `createDrainController` sees to that. */
export interface Journal {
  /** Writes one entry down. */
  readonly note: (entry: JournalEntry) => IO<void>
}

/** All that the core needs of the world. */
export interface Ports {
  readonly eventStore: EventStore
  readonly cluster: Cluster
  readonly lifecycleHooks: LifecycleHooks
  readonly wakeUps: WakeUps
  readonly clock: Clock
  readonly journal: Journal
}
