/** A notice is one decoded AWS message. What an envelope holds besides is dropped here. */
import type { AutoScalingGroupName, ContainerInstanceArn, Ec2InstanceId, StreamId } from '../identity/ids.ts'
import type { LifecycleAction } from '../identity/lifecycle-action.ts'
import type { TaskSighting } from '../observation/task-sighting.ts'
import type { Instant } from '../time/instant.ts'

/** Where an instance is from or going, as Auto Scaling says since warm pools exist. */
export type Place = 'EC2' | 'AutoScalingGroup' | 'WarmPool'

/** One message of AWS, or of ours, reduced to what a drain can use. Instants are in milliseconds since the epoch. */
export type Notice =
  /** A terminating lifecycle action began: the instance waits for its hook. */
  | {
      readonly type: 'InstanceTerminating'
      readonly action: LifecycleAction
      /** `WarmPool`: it will be stopped and may come back with the same id. EC2 where the message does not say. */
      readonly destination: Place
      readonly account: string | null
      readonly metadata: string | null
      /** When the action began, by Auto Scaling's clock. */
      readonly at: Instant
    }
  /** A launching lifecycle action began. Only one from a warm pool means anything to us (R14). */
  | {
      readonly type: 'InstanceLaunching'
      readonly instance: Ec2InstanceId
      readonly group: AutoScalingGroupName
      readonly origin: Place
      readonly account: string | null
      readonly at: Instant
    }
  | { readonly type: 'TestNotification'; readonly group: AutoScalingGroupName | null }
  | {
      readonly type: 'TaskStateChanged'
      readonly task: TaskSighting
      /** Null for a task that runs on Fargate. */
      readonly containerInstance: ContainerInstanceArn | null
      readonly at: Instant
    }
  | {
      readonly type: 'ContainerInstanceStateChanged'
      readonly containerInstance: ContainerInstanceArn
      readonly agentConnected: boolean
    }
  /** The schedule's tick: look at every group that is ours. */
  | { readonly type: 'SweepDue' }
  /** A message we sent ourselves, delayed. */
  | { readonly type: 'WokenUp'; readonly stream: StreamId; readonly hops: number }
  /** A message of a kind we do not read: acknowledged, counted, and that is all. */
  | { readonly type: 'Unsubscribed'; readonly what: string }
