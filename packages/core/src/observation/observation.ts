/**
 * Everything a drain can be told: what AWS announced, what its effects came back with, and that time went by. An
 * observation is a present fact about one EC2 instance; it carries no instant, because `decide` is told the time.
 */
import type { ClusterName, ContainerInstanceArn, EcsTaskArn, StreamId } from '../identity/ids.ts'
import type { LifecycleAction, LifecycleActionResult } from '../identity/lifecycle-action.ts'
import type { Duration, Instant } from '../time/instant.ts'
import type { Failure } from './failure.ts'
import type { TaskSighting } from './task-sighting.ts'

/** Anything a drain can be told. */
export type Observation = Announcement | Sighting | Passing | Outcome

/** The hook has spoken, or should have. */
export type Announcement =
  /** A hook of ours holds the instance. */
  | {
      readonly type: 'TerminationAnnounced'
      readonly action: LifecycleAction
      readonly toWarmPool: boolean
      /** Where to look for the container instance, in this order. */
      readonly clusters: ReadonlyArray<ClusterName>
      /** When the action began; the sweep does not know and says when it saw it. */
      readonly announcedAt: Instant
    }
  /** The instance is in service again, after a stay in its warm pool. */
  | {
      readonly type: 'ReturnedToService'
      /** By Auto Scaling's clock: an old notice that comes late, or again, is not a return from a newer drain. */
      readonly returnedAt: Instant
    }

/** ECS told something about the instance without being asked. */
export type Sighting =
  | { readonly type: 'TaskSeen'; readonly task: TaskSighting }
  | { readonly type: 'AgentSeen'; readonly containerInstance: ContainerInstanceArn; readonly connected: boolean }

/** Time went by, and somebody says so. */
export type Passing =
  | { readonly type: 'TimePassed' }
  /** The sweep found the instance still waiting: look again at what an event may have failed to say. */
  | { readonly type: 'SweptWaiting'; readonly lifecycleState: string }
  /** The sweep found that the instance waits no longer. Lists lag, so this is a doubt to settle, not yet a fact. */
  | { readonly type: 'SweptElsewhere'; readonly lifecycleState: string | null }

/** Who an EC2 instance is in ECS. */
interface WhoItIs {
  readonly cluster: ClusterName
  readonly arn: ContainerInstanceArn
  /** Who it was in that cluster before its agent lost its state, and still is in ECS's eyes: their containers run on the host as well. */
  readonly leftBehind: ReadonlyArray<ContainerInstanceArn>
}

/** What an effect came back with. */
export type Outcome =
  | ({ readonly type: 'ContainerInstanceLocated' } & WhoItIs)
  /** The agent has lost its state, and registered the EC2 instance as another container instance. */
  | ({ readonly type: 'ContainerInstanceReplaced'; readonly replaced: ContainerInstanceArn } & WhoItIs)
  /** No container instance of this EC2 instance in any of the clusters. */
  | { readonly type: 'ContainerInstanceAbsent' }
  | { readonly type: 'ContainerInstanceDrains'; readonly agentConnected: boolean }
  /** ECS does not know the container instance any more: deregistered, or its host is gone. */
  | { readonly type: 'ContainerInstanceLost'; readonly reason: string }
  /** It was set ACTIVE by us (R14), or was seen to be: somebody has undone DRAINING. */
  | { readonly type: 'ContainerInstanceActive' }
  | {
      readonly type: 'LifecycleHookSeen'
      readonly heartbeatTimeout: Duration
      readonly globalTimeout: Duration
      readonly defaultResult: LifecycleActionResult
    }
  | {
      readonly type: 'TasksSeen'
      readonly scope: ReadScope
      /** When the reading began; what happened on the instance later may not be in it. */
      readonly since: Instant
      readonly tasks: ReadonlyArray<TaskSighting>
      /** Tasks we asked for that ECS no longer knows and no list holds: stopped more than an hour ago. */
      readonly forgotten: ReadonlyArray<EcsTaskArn>
      /** Tasks that a list holds, and no more is known of them: nobody has told them to stop, or DescribeTasks does not know them yet. */
      readonly undescribed: ReadonlyArray<EcsTaskArn>
      /** Whether the agent of the container instance, which was DRAINING, was connected; null where it was not looked at. */
      readonly agentConnected: boolean | null
    }
  | { readonly type: 'TaskToldToStop'; readonly task: EcsTaskArn }
  | { readonly type: 'HeartbeatAccepted' }
  | { readonly type: 'CompletionAccepted'; readonly result: LifecycleActionResult }
  /** "No active Lifecycle Action found": completed already, timed out, or the instance is gone. */
  | { readonly type: 'LifecycleActionNotActive'; readonly of: 'heartbeat' | 'completion' }
  | { readonly type: 'WakeUpSent'; readonly at: Instant; readonly hops: number }
  | {
      readonly type: 'EffectFailed'
      readonly effect: EffectType
      readonly task: EcsTaskArn | null
      readonly failure: Failure
    }

/**
 * What a reading looked at. `running`: the list of the tasks that are to run, and the other one only where that is empty.
 * `all`: both lists, every page, and where they hold nothing, whether the container instance is DRAINING still.
 * `known`: only the tasks that were known and not yet stopped.
 */
export type ReadScope = 'running' | 'all' | 'known'

/** The names of what may be asked of the world; see `effect/`. */
export type EffectType =
  | 'FindContainerInstance'
  | 'SetDraining'
  | 'SetActive'
  | 'DescribeLifecycleHook'
  | 'ReadTasks'
  | 'StopTask'
  | 'RecordHeartbeat'
  | 'CompleteLifecycleAction'
  | 'SendWakeUp'

/** An observation and the stream it belongs to. */
export interface Addressed {
  readonly stream: StreamId
  readonly observation: Observation
}
