/**
 * What is stored. The names and fields below are in people's tables: add, never rename. How older shapes are read is said in
 * `port/stored-commit.ts`, whose codec a new field or event needs as well.
 */
import type { ClusterName, ContainerInstanceArn, EcsTaskArn, LifecycleActionToken } from '../identity/ids.ts'
import type { LifecycleAction, LifecycleActionResult } from '../identity/lifecycle-action.ts'
import type { Failure } from '../observation/failure.ts'
import type { EffectType, ReadScope } from '../observation/observation.ts'
import type { TaskSighting } from '../observation/task-sighting.ts'
import type { Duration, Instant } from '../time/instant.ts'

/** Why the lifecycle action may be completed. */
export type Because =
  /** No task that was ever on the instance has not stopped. */
  | 'drained'
  /** The deadline the user set, and the user's choice at it. */
  | 'deadline'
  /** No cluster of ours knows the instance, and still none after the grace. */
  | 'not-a-container-instance'
  /** It was a container instance and is none any more; every task known of it has stopped. */
  | 'container-instance-gone'

/** What the user chose to happen at the deadline (R9). */
export type AtDeadline = 'continue' | 'stop-tasks' | 'abandon' | 'wait'

/** Something that was seen, decided or done, as it is stored. `at` is when, in milliseconds since the epoch. */
export type DrainEvent = { readonly at: Instant } & (
  | {
      readonly type: 'DrainRequested'
      readonly action: LifecycleAction
      readonly toWarmPool: boolean
      readonly clusters: ReadonlyArray<ClusterName>
      readonly announcedAt: Instant
    }
  /** The notice of a termination that the sweep had found came after all. */
  | { readonly type: 'LifecycleActionTokenLearned'; readonly token: LifecycleActionToken }
  | {
      readonly type: 'LifecycleHookDescribed'
      readonly heartbeatTimeout: Duration
      readonly globalTimeout: Duration
      readonly defaultResult: LifecycleActionResult
    }
  | {
      readonly type: 'ContainerInstanceFound'
      readonly cluster: ClusterName
      readonly arn: ContainerInstanceArn
      /** Container instances that the agent of this one was before it lost its state. */
      readonly leftBehind: ReadonlyArray<ContainerInstanceArn>
    }
  | { readonly type: 'ContainerInstanceNotFound' }
  | { readonly type: 'ContainerInstanceDraining' }
  /** Somebody has set it ACTIVE since: it is to be set DRAINING once more, and its tasks are to be read anew. */
  | { readonly type: 'DrainingUndone' }
  | {
      readonly type: 'ContainerInstanceLost'
      readonly reason: string
      /** Lists lag: it may still be found for a while, so it is looked for only from this instant on. */
      readonly retryAt: Instant
    }
  | { readonly type: 'AgentConnectionChanged'; readonly connected: boolean }
  | {
      readonly type: 'TasksRead'
      readonly scope: ReadScope
      readonly since: Instant
      /** Only what the reading added to what was known. */
      readonly tasks: ReadonlyArray<TaskSighting>
      readonly forgotten: ReadonlyArray<EcsTaskArn>
    }
  | { readonly type: 'TaskSeen'; readonly task: TaskSighting }
  /** The sweep came by: an event may have been lost, so the tasks are to be read once more. */
  | { readonly type: 'Swept' }
  /**
   * The sweep no longer saw the instance waiting, or saw it waiting after its drain had ended: a heartbeat will tell. Of an ended
   * drain and without a state: no group has shown the instance for so long that the sweep looks for it no longer.
   */
  | { readonly type: 'WaitDoubted'; readonly lifecycleState: string | null }
  | { readonly type: 'DeadlineReached'; readonly choice: AtDeadline }
  | { readonly type: 'TaskToldToStop'; readonly task: EcsTaskArn }
  | { readonly type: 'LifecycleActionHeartbeatRecorded' }
  | { readonly type: 'CompletionDecided'; readonly result: LifecycleActionResult; readonly because: Because }
  | { readonly type: 'LifecycleActionCompleted'; readonly result: LifecycleActionResult }
  /** The action was over before, or without, an answer of ours that we know of. */
  | { readonly type: 'LifecycleActionOver'; readonly of: 'heartbeat' | 'completion' }
  /** Another termination of the same instance began before this one was answered. */
  | { readonly type: 'DrainSuperseded' }
  | { readonly type: 'InstanceReturnedToService' }
  | { readonly type: 'ContainerInstanceActivated' }
  | { readonly type: 'WakeUpSent'; readonly wakeAt: Instant; readonly hops: number }
  | {
      readonly type: 'EffectFailed'
      readonly effect: EffectType
      readonly task: EcsTaskArn | null
      readonly failure: Failure
      /** The effect is owed again from this instant on. */
      readonly retryAt: Instant
    }
)

/** The names of stored events. */
export type DrainEventType = DrainEvent['type']

/** What one append writes. */
export type StoredEvents = ReadonlyArray<DrainEvent>
