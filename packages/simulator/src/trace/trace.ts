/**
 * The trace is what happened, and the only thing that measures, promises and reports read. One record is four
 * integers (at, kind, a, b), so that writing one is cheap and hashing all of them is cheaper than not to.
 */

export const kinds = [
  'happening', //            a = index into plan.happenings, b = 0 began, 1 finished
  'instance-launched', //    a = instance, b = group
  'instance-state', //       a = instance, b = index into lifecycleStates
  'container-instance', //   a = instance, b = index into containerInstanceStates
  'agent', //                a = instance, b = 1 connected, 0 disconnected
  'task-placed', //          a = task, b = instance
  'task-last-status', //     a = task, b = index into taskStatuses
  'task-desired-status', //  a = task, b = 0 RUNNING, 1 STOPPED
  'task-healthy', //         a = task, b = 1 counts towards the floor, 0 no longer does
  'task-killed', //          a = task, b = index into taskStatuses: its host went away before it had STOPPED
  'placement-failed', //     a = service, b = index into placementFailures
  'hook-started', //         a = action, b = instance
  'hook-heartbeat', //       a = action, b = invocation
  'hook-ended', //           a = action, b = index into hookEndings
  'message-sent', //         a = message, b = index into messageKinds
  'message-lost', //         a = message, b = index into messageKinds
  'message-duplicated', //   a = message, b = index into messageKinds
  'invocation-started', //   a = invocation, b = number of records in its batch
  'invocation-ended', //     a = invocation, b = index into invocationEndings
  'api-call', //             a = index into operations, b = invocation
  'api-failed', //           a = index into operations, b = index into failureKinds
  'store-conflict', //       a = instance, b = invocation
  'decision', //             a = instance, b = index into the trace's decision names (the controller's words)
  'fault', //                a = index into faultSites, b = its id, or plannedFault
  'settled', //              a = 0, b = 0: nothing is left to happen
  'stuck', //                a = 0, b = 0: the plan's time ran out first
  'message-dead-lettered', // a = message, b = index into messageKinds: it came back too often
  'host-died', //            a = instance, b = 0: the fault host.death took it
  'registered-again', //     a = instance, b = the number of its new container instance, an entry of the cast's instances as well
  'task-orphaned', //        a = task, b = index into taskStatuses: the agent of its host has forgotten it
  'task-stopped-by-hand', // a = task, b = 0: somebody had it stopped, not the controller
] as const
/** The name of a kind of record. */
export type Kind = (typeof kinds)[number]

/** Auto Scaling's lifecycle states that occur here, by index. */
export const lifecycleStates = [
  'Pending',
  'InService',
  'Terminating',
  'Terminating:Wait',
  'Terminating:Proceed',
  'Terminating:Retained',
  'Terminated',
  'Warmed:Pending',
  'Warmed:Pending:Wait',
  'Warmed:Pending:Proceed',
  'Warmed:Stopped',
  'Warmed:Pending:Retained',
] as const
/** The name of an instance's lifecycle state. */
export type LifecycleState = (typeof lifecycleStates)[number]

/** `ABSENT`: no container instance yet. INACTIVE: deregistered. */
export const containerInstanceStates = ['ABSENT', 'ACTIVE', 'DRAINING', 'INACTIVE'] as const
export type ContainerInstanceState = (typeof containerInstanceStates)[number]

/** A task's lastStatus in the order of its life, by index. */
export const taskStatuses = [
  'PROVISIONING',
  'PENDING',
  'ACTIVATING',
  'RUNNING',
  'DEACTIVATING',
  'STOPPING',
  'DEPROVISIONING',
  'STOPPED',
] as const
/** The name of a task's lastStatus. */
export type TaskStatus = (typeof taskStatuses)[number]

/** Why no instance could take a task, by index. */
export const placementFailures = ['RESOURCE:CPU', 'RESOURCE:MEMORY', 'RESOURCE:PORTS', 'AGENT', 'NONE-ACTIVE'] as const

/**
 * Who ended a lifecycle action: the controller, its timeout, the hook's deletion, somebody else whose hook it is, or another hook's
 * ABANDON.
 */
export const hookEndings = [
  'CONTINUE',
  'ABANDON',
  'timeout-CONTINUE',
  'timeout-ABANDON',
  'hook-deleted',
  'other-CONTINUE',
  'skipped',
] as const

/** Kinds of messages, by index. */
export const messageKinds = [
  'termination',
  'launch',
  'task-stopped',
  'container-instance',
  'wake-up',
  'sweep',
  'agent-disconnected',
] as const

/** How a function's run ended, by index. After all but the first something of its batch comes back. */
export const invocationEndings = ['done', 'failed', 'crashed', 'timed out'] as const

/** Operations of ECS and Auto Scaling that a drain calls. */
export const drainOperations = [
  'ListContainerInstances',
  'DescribeContainerInstances',
  'UpdateContainerInstancesState',
  'ListTasks',
  'DescribeTasks',
  'StopTask',
  'CompleteLifecycleAction',
  'RecordLifecycleActionHeartbeat',
  'DescribeLifecycleHooks',
  'DescribeAutoScalingGroups',
] as const

/** Operations that are counted as AWS API calls: those, and what only somebody outside calls, through the endpoint. */
export const operations = [
  ...drainOperations,
  'RunTask',
  'ListServices',
  'DescribeServices',
  'ListClusters',
  'DescribeClusters',
  'PutLifecycleHook',
  'DeleteLifecycleHook',
  'DescribeAutoScalingInstances',
  'TerminateInstanceInAutoScalingGroup',
  'SetDesiredCapacity',
  'StartInstanceRefresh',
  'DescribeInstanceRefreshes',
  'DescribeTaskDefinition',
  'DescribeScalingActivities',
] as const
/** The name of an AWS operation that is counted. */
export type Operation = (typeof operations)[number]

/** How a call failed, by index. */
export const failureKinds = ['Throttled', 'TimedOut', 'Unavailable', 'NotFound', 'Rejected'] as const

/** Where faults strike, by index. */
export const faultSites = [
  'bus.drop',
  'bus.duplicate',
  'bus.delay',
  'bus.reorder',
  'api.throttle',
  'api.timeout.applied',
  'api.timeout.lost',
  'api.unavailable',
  'read.stale',
  'store.conflict',
  'store.unavailable',
  'function.crash',
  'agent.disconnect',
  'clock.skew',
  'placement.fail',
  'host.death',
  'queue.twice',
  'store.outage',
] as const

/** The id of a fault that the plan puts at an exact place: chance has no part in it. */
export const plannedFault = 0

/** What the integers of a trace stand for. Index = the entity's number. */
export interface Cast {
  readonly startMs: number
  readonly services: ReadonlyArray<{
    readonly name: string
    readonly strategy: 'REPLICA' | 'DAEMON'
    /** 0 for a DAEMON. */
    readonly desired: number
    readonly floor: number
  }>
  readonly groups: ReadonlyArray<{ readonly name: string }>
  /**
   * The EC2 instances, and among them each further container instance as which an agent has registered its host again; `host` is that
   * EC2 instance's number. Only records of kind container-instance and agent speak of these: all others speak of hosts.
   */
  readonly instances: ReadonlyArray<{
    readonly id: string
    readonly group: number
    readonly old: boolean
    readonly host?: number
  }>
  /** `service` is -1 for a standalone task. */
  readonly tasks: ReadonlyArray<{ readonly id: string; readonly service: number }>
  readonly actions: ReadonlyArray<{ readonly instance: number; readonly hook: string; readonly ours: boolean }>
  readonly decisions: ReadonlyArray<string>
}

/** A run's trace, record by record. */
export interface Trace {
  readonly length: number
  readonly at: Int32Array
  readonly kind: Uint8Array
  readonly a: Int32Array
  readonly b: Int32Array
  readonly cast: Cast
  /** By a record's position a longer account of it, where there is one (a decision's event as JSON). Not hashed. */
  readonly texts: ReadonlyMap<number, string>
  /** 16 hexadecimal digits over all records, the same on every machine. */
  readonly hash: string
}

/** Sees each record as it is written. Measures and promises are observers; so none of them can slow a run by reading it twice. */
export type TraceObserver = (at: number, kind: number, a: number, b: number) => void
