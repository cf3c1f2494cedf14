/**
 * A controller is what answers the lifecycle hook. The world hands it records, as Lambda's event source would, and
 * answers its calls late, out of luck, or not at all. Four of them live in the same world, so that they can be compared.
 */
import type {
  Answer,
  AutoScalingGroupName,
  Call,
  CallType,
  ClusterName,
  ContainerInstanceArn,
  Ec2InstanceId,
  EcsTaskArn,
  Failure,
  LifecycleAction,
} from '@ecs-drain/core'
import type { MessageKind } from '../plan/plan.ts'

/**
 * One message as the bus delivers it. `instance`, `task` and `action` are the entities' numbers in the trace's cast, -1
 * where it has none; the names that AWS has for them, and with them what a message of AWS says, are in the `Directory`.
 */
export interface Message {
  readonly kind: MessageKind
  /** In the trace; copies of one message share it. */
  readonly number: number
  readonly instance: number
  readonly task: number
  readonly action: number
  /** Virtual milliseconds at which the thing it tells of happened. */
  readonly at: number
  /** The version of the task or container instance, and its status then (index into the trace's lists). */
  readonly version: number
  readonly status: number
  readonly desiredStopped: boolean
  /** Of a container instance's agent; true for every other kind. */
  readonly agentConnected: boolean
  /** A wake-up's chain length; 0 for every other kind. */
  readonly hops: number
  /** True for the second announcement of a hook through EventBridge. */
  readonly viaEventBridge: boolean
  /** How often this copy was received before, and came back. */
  readonly received: number
}

/**
 * The names AWS would print for the world's numbers. Whoever writes an envelope or a notice needs them; they are made
 * once per entity, so that asking again costs nothing.
 */
export interface Directory {
  /** Milliseconds since the epoch at virtual time zero. */
  readonly startMs: number
  readonly region: string
  readonly account: string
  readonly clusterName: ClusterName
  /** The EC2 instance id, `i-...`. */
  instanceId(instance: number): Ec2InstanceId
  /** The number of an instance by its id; -1 for an id the world has never given. */
  instanceNumber(id: Ec2InstanceId): number
  /** The ARN its container instance has or would have. */
  containerInstanceArn(instance: number): ContainerInstanceArn
  /** The ARN of a task. */
  taskArn(task: number): EcsTaskArn
  /** `service:<name>` or `family:<name>`. */
  taskGroup(task: number): string
  /** A lifecycle action, its token included. */
  action(action: number): LifecycleAction
  /** Where the instance of an action goes: `WarmPool` means that it may come back. */
  destination(action: number): 'EC2' | 'WarmPool'
  /** The hook's NotificationMetadata. */
  metadata(action: number): string | null
  /** The name of an instance's group. */
  groupName(instance: number): AutoScalingGroupName
}

/** What a function sees of the world while it runs. */
export interface Execution {
  /** Its number in the trace. */
  readonly id: number
  readonly directory: Directory
  /** The policy this function was started with: a happening `change-policy` of the plan by its index, -1 for the plan's own. */
  readonly policyChange: number
  /** Virtual milliseconds since the run began, by this function's clock. */
  now(): number
  /** One request. The reply comes later, or never if the function crashes first. */
  call<Type extends CallType>(
    call: Extract<Call, { readonly type: Type }>,
    reply: (answer: Answer<Type>) => void,
    failed: (failure: Failure) => void,
  ): void
  /** Something the controller decided, for the trace: a short name, the instance, and a longer account. */
  decided(name: string, instance: number, text: () => string): void
  /** The function returns; `failed` are positions in the batch that come back. Called once. */
  end(failed: ReadonlyArray<number>): void
}

/** Whoever answers the lifecycle hook: a function with its queue. */
export interface Controller {
  /** The hook exists at all, and which messages reach its queue. */
  readonly subscribes: ReadonlyArray<MessageKind>
  /** Handles a batch; it must call `execution.end` once, unless it crashes first. */
  handle(batch: ReadonlyArray<Message>, execution: Execution): void
}
