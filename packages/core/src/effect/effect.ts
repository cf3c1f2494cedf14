/** What may be asked of the world, as data. Each effect is safe to repeat: a crash may hide that it was done. */
import type { ClusterName, ContainerInstanceArn, Ec2InstanceId, EcsTaskArn, StreamId } from '../identity/ids.ts'
import type { LifecycleAction, LifecycleActionResult } from '../identity/lifecycle-action.ts'
import type { Instant } from '../time/instant.ts'

interface OfContainerInstance {
  readonly cluster: ClusterName
  readonly containerInstance: ContainerInstanceArn
}

/** Of all that ECS has the host for. */
interface OfHost extends OfContainerInstance {
  /** Those that its agent has left behind, in whichever cluster; absent: there are none, as nearly always. */
  readonly leftBehind?: ReadonlyArray<ContainerInstanceArn>
}

interface Elsewhere {
  /** Other clusters in which an agent that is gone may have registered its host anew; absent: there are none. */
  readonly elsewhere?: ReadonlyArray<ClusterName>
}

/** What is to be read; the container instance is null where it need not be looked at, or ECS knows it no longer. */
export type ToRead =
  | ({ readonly scope: 'running' } & OfHost)
  | ({ readonly scope: 'all' } & OfHost & Elsewhere)
  | ({
      readonly scope: 'known'
      readonly cluster: ClusterName
      readonly containerInstance: ContainerInstanceArn | null
      /** It is looked at whatever becomes of the tasks; absent: only where nobody tells one of them to stop. */
      readonly agentIsGone?: true
    } & Elsewhere)

/** One thing a drain may owe the world. Carrying it out twice is harmless. */
export type Effect =
  | {
      readonly type: 'FindContainerInstance'
      readonly instance: Ec2InstanceId
      readonly clusters: ReadonlyArray<ClusterName>
      /** What the drain began with and the policy has no more. Not asked: where no other has the instance, nothing is concluded. */
      readonly dropped?: ReadonlyArray<ClusterName>
    }
  | ({ readonly type: 'SetDraining' } & OfHost)
  | ({ readonly type: 'SetActive' } & OfContainerInstance)
  | { readonly type: 'DescribeLifecycleHook'; readonly action: LifecycleAction }
  | ({
      readonly type: 'ReadTasks'
      /** Known and not stopped: looked at even where no list holds them any more. */
      readonly remaining: ReadonlyArray<EcsTaskArn>
      /** Known to have stopped, which nothing undoes: not looked at again. */
      readonly stopped: ReadonlyArray<EcsTaskArn>
    } & ToRead)
  | { readonly type: 'StopTask'; readonly cluster: ClusterName; readonly task: EcsTaskArn; readonly reason: string }
  | { readonly type: 'RecordHeartbeat'; readonly action: LifecycleAction }
  | {
      readonly type: 'CompleteLifecycleAction'
      readonly action: LifecycleAction
      readonly result: LifecycleActionResult
    }
  | { readonly type: 'SendWakeUp'; readonly stream: StreamId; readonly at: Instant; readonly hops: number }

/** The task that an effect is about, where it is about a single one. */
export const taskOf = (effect: Effect): EcsTaskArn | null => (effect.type === 'StopTask' ? effect.task : null)

const none: ReadonlyArray<never> = []

/** The container instances that an agent has left behind and that an effect is about as well. */
export const leftBehindOf = (effect: Effect): ReadonlyArray<ContainerInstanceArn> =>
  'leftBehind' in effect ? (effect.leftBehind ?? none) : none

/** The other clusters in which a host is looked for whose agent is gone. */
export const elsewhereOf = (effect: Effect): ReadonlyArray<ClusterName> =>
  'elsewhere' in effect ? (effect.elsewhere ?? none) : none
