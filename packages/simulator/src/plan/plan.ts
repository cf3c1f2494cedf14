/**
 * A plan is the only input of a run: plain data, so that it can be written as YAML, sent to someone, and shrunk.
 * All durations are in seconds, because people write them; the world turns them into integer milliseconds.
 */
import type { CallType, DrainPolicy } from '@ecs-drain/core'

/** Seconds: a fixed number, or an inclusive range `[least, most]` from which each occurrence draws its own value. */
export type Span = number | readonly [number, number]

/** Everything a run depends on. Two runs of equal plans give equal traces, on any machine. */
export interface Plan {
  readonly name: string
  /** What a reader learns from it. */
  readonly teaches: string
  readonly seed: number
  /** The instant of virtual second zero, ISO-8601. */
  readonly start: string
  /** Virtual seconds after which a run that has not settled is stopped. */
  readonly untilSeconds: number
  readonly cluster: ClusterPlan
  readonly groups: ReadonlyArray<GroupPlan>
  readonly services: ReadonlyArray<ServicePlan>
  readonly standaloneTasks: ReadonlyArray<StandaloneTaskPlan>
  /** What people and AWS do to the cluster, and when. */
  readonly happenings: ReadonlyArray<Happening>
  /** How AWS behaves where no source states it, and how long things take. Omitted ones have the documented default. */
  readonly parameters: Readonly<Partial<Record<ParameterName, Span>>>
  readonly faults: FaultPlan
  readonly controller: ControllerPlan
}

/** Where the cluster is and what it is called. */
export interface ClusterPlan {
  readonly name: string
  readonly region: string
  readonly account: string
}

/** An Auto Scaling group and the instances it starts with, all InService and registered at second zero. */
export interface GroupPlan {
  readonly name: string
  readonly desired: number
  readonly min: number
  readonly max: number
  readonly availabilityZones: number
  /** CPU units (1024 = one vCPU) and MiB that one instance offers to tasks. */
  readonly cpu: number
  readonly memory: number
  /** False: the instances run no ECS agent, so no container instance exists for them. */
  readonly registers: boolean
  readonly hooks: ReadonlyArray<HookPlan>
  /** InstanceLifecyclePolicy RetentionTriggers.TerminateHookAbandon: what ABANDON does to the host. */
  readonly terminateHookAbandon: 'terminate' | 'retain'
  /** An instance reuse policy: scale-in returns instances to the warm pool, and what the group lacks comes from there first. */
  readonly reuseOnScaleIn: boolean
  /** No further instance can be launched: the zone has none left. */
  readonly launchable: number
}

/** A terminating lifecycle hook of a group. */
export interface HookPlan {
  readonly name: string
  readonly heartbeatTimeoutSeconds: number
  readonly defaultResult: 'CONTINUE' | 'ABANDON'
  /** `controller`: ours to answer. `other`: somebody else's, who answers after `answersAfterSeconds`. */
  readonly owner: 'controller' | 'other'
  readonly answersAfterSeconds: number
  /** The way the notification takes, besides EventBridge when `alsoEventBridge`. */
  readonly notifies: 'sns-json' | 'sns-text' | 'sqs' | 'eventbridge' | 'lambda' | 'sns-in-sqs'
  /** A hook always emits to EventBridge as well; true: a rule forwards that too, so each action is announced twice. */
  readonly alsoEventBridge: boolean
  readonly notificationMetadata: string | null
}

/** An ECS service, with AWS's own settings and the durations of its tasks. */
export interface ServicePlan {
  readonly name: string
  readonly schedulingStrategy: 'REPLICA' | 'DAEMON'
  readonly desired: number
  readonly minimumHealthyPercent: number
  readonly maximumPercent: number
  readonly cpu: number
  readonly memory: number
  /** A fixed host port: at most one such task per instance. */
  readonly hostPort: number | null
  readonly loadBalancer: { readonly deregistrationDelaySeconds: number; readonly healthyAfterSeconds: Span } | null
  /** Seconds until a container health check says HEALTHY; null: no health check (then the 40-second rule counts). */
  readonly healthCheckSeconds: Span | null
  readonly pullSeconds: Span
  readonly startSeconds: Span
  /** Seconds the container takes to exit after SIGTERM; SIGKILL comes at `stopTimeoutSeconds`. */
  readonly exitSeconds: Span
  readonly stopTimeoutSeconds: number
  /** awsvpc: PROVISIONING and DEPROVISIONING of an ENI take time. */
  readonly awsvpc: boolean
  /** ENABLED: in steady state tasks move until the zones are even. AWS's default for new services since September 2025. */
  readonly availabilityZoneRebalancing: 'ENABLED' | 'DISABLED'
}

/** Tasks of RunTask, which no service owns and ECS never stops for a drain. */
export interface StandaloneTaskPlan {
  readonly family: string
  readonly count: number
  readonly startsAtSeconds: number
  readonly runsSeconds: Span
  readonly cpu: number
  readonly memory: number
  readonly stopTimeoutSeconds: number
  readonly exitSeconds: Span
}

/** Instances are named by position: `old` means those of second zero, 0-based, in the order of their launch. */
export type Happening =
  /**
   * Launch as many new instances as there are old ones, wait until all are InService and registered, terminate the old
   * ones, `batch` at a time.
   */
  | { readonly atSeconds: number; readonly do: 'ami-update'; readonly group: string; readonly batch: number }
  /**
   * `maxHealthyPercentage: null` is omitted: then Auto Scaling terminates and launches at the same time, at a minimum of 100 as
   * `refresh.launchesFirstAtMinimum100` says.
   */
  | {
      readonly atSeconds: number
      readonly do: 'instance-refresh'
      readonly group: string
      readonly minHealthyPercentage: number
      readonly maxHealthyPercentage: number | null
      readonly instanceWarmupSeconds: number
    }
  | {
      readonly atSeconds: number
      readonly do: 'cloudformation-rolling-update'
      readonly group: string
      readonly minInstancesInService: number
      readonly maxBatchSize: number
      readonly pauseSeconds: number
    }
  /** Lower the desired capacity; Auto Scaling's default termination policy chooses who goes. */
  | { readonly atSeconds: number; readonly do: 'scale-in'; readonly group: string; readonly by: number }
  | { readonly atSeconds: number; readonly do: 'scale-out'; readonly group: string; readonly by: number }
  | {
      readonly atSeconds: number
      readonly do: 'terminate-instance'
      readonly group: string
      readonly old: number
      readonly decrementDesired: boolean
    }
  /**
   * The host dies at once: `ec2:TerminateInstances`. Its hooks hold what is left of it, after `autoscaling.healthCheck`, or go on
   * holding it.
   */
  | { readonly atSeconds: number; readonly do: 'kill-instance'; readonly group: string; readonly old: number }
  | {
      readonly atSeconds: number
      readonly do: 'disconnect-agent'
      readonly group: string
      readonly old: number
      readonly forSeconds: number
    }
  /**
   * The agent loses its state (its data directory is wiped) and registers its host as another container instance, after
   * `agent.registration`. The old one stays, its agent disconnected for good, with its tasks as ECS last saw them, until
   * `ecs.givesUpOnRecord`.
   */
  | { readonly atSeconds: number; readonly do: 're-register-agent'; readonly group: string; readonly old: number }
  /** A new deployment of the service: all its tasks are replaced, within minimum and maximum percent. */
  | { readonly atSeconds: number; readonly do: 'deploy'; readonly service: string }
  | { readonly atSeconds: number; readonly do: 'set-desired-count'; readonly service: string; readonly desired: number }
  | { readonly atSeconds: number; readonly do: 'delete-hook'; readonly group: string; readonly hook: string }
  /** Somebody else's UpdateContainerInstancesState. */
  | {
      readonly atSeconds: number
      readonly do: 'set-draining' | 'set-active'
      readonly group: string
      readonly old: number
    }
  /**
   * UpdateTaskProtection: as many RUNNING tasks of the service, the oldest first, are protected for `expiresInMinutes`
   * from scale-in and deployments; from a drain as `protection.blocksDrain` says. Standalone tasks cannot be protected.
   */
  | {
      readonly atSeconds: number
      readonly do: 'update-task-protection'
      readonly service: string
      readonly tasks: number
      readonly expiresInMinutes: number
    }
  /** Scale out from the warm pool: the pooled instance comes back with the same instance id. */
  | { readonly atSeconds: number; readonly do: 'return-from-warm-pool'; readonly group: string }
  /** The user deploys the controller with another policy: functions that start later have `policy` over the plan's own. */
  | { readonly atSeconds: number; readonly do: 'change-policy'; readonly policy: PolicyOverrides }

/**
 * A fault class is off (0) or fires with a chance of `n` in 1,000 at each site that asks. Chance is drawn by key
 * (seed, occurrence, site, n), so that taking one fault away changes nobody else's luck.
 */
export type FaultSite =
  | 'bus.drop'
  | 'bus.duplicate'
  | 'bus.delay'
  | 'bus.reorder'
  | 'api.throttle'
  | 'api.timeout.applied'
  | 'api.timeout.lost'
  | 'api.unavailable'
  | 'read.stale'
  | 'store.conflict'
  | 'store.unavailable'
  | 'function.crash'
  | 'agent.disconnect'
  | 'clock.skew'
  | 'placement.fail'
  | 'host.death'
  | 'queue.twice'
  | 'store.outage'

/** Which faults strike, how often, and until when. */
export interface FaultPlan {
  readonly perMille: Readonly<Partial<Record<FaultSite, number>>>
  /** Faults are injected up to this second; after it everything must settle. */
  readonly untilSeconds: number
  /** Keep only the fault decisions with these ids (how a failure shrinks); null: keep all. */
  readonly only: ReadonlyArray<number> | null
  /** Exact messages that are lost, whatever the chances: the n-th (0-based) of its kind. */
  readonly lose: ReadonlyArray<{ readonly message: MessageKind; readonly nth: number }>
  /** Exact misfortunes of calls and messages, whatever the chances: how a counterexample of `ecs-drain check` is replayed. */
  readonly script?: ReadonlyArray<ScriptedCall | ScriptedMessage>
}

/** What becomes of the n-th (0-based) call of its kind, counted over all functions of the run. */
export interface ScriptedCall {
  /**
   * The function dies before the call is out, or when it has taken effect; the call is refused and does nothing; or the caller waits
   * in vain, because the request is lost and does nothing, or because the answer is lost.
   */
  readonly do: 'crash-before' | 'crash-after' | 'fail-call' | 'lose-request' | 'lose-answer'
  readonly call: CallType
  readonly nth: number
}

/** The n-th (0-based) message of its kind arrives twice. */
export interface ScriptedMessage {
  readonly do: 'deliver-twice'
  readonly message: MessageKind
  readonly nth: number
}

/** The kinds of messages that the bus carries. */
export type MessageKind =
  | 'termination'
  | 'launch'
  | 'task-stopped'
  | 'container-instance'
  | 'wake-up'
  | 'sweep'
  | 'agent-disconnected'

/** The controllers that come with the simulator. */
export type ControllerName = 'none' | 'counting-poller' | 'article' | 'ecs-drain'

/** The controllers that can be named, in the order in which they are compared. */
export const controllerNames: ReadonlyArray<ControllerName> = ['none', 'counting-poller', 'article', 'ecs-drain']

/** What of core's DrainPolicy does not follow from the rest of the plan, in its own field names and in milliseconds. */
export type PolicyOverrides = Partial<Omit<DrainPolicy, 'hooks' | 'clusters' | 'account' | 'sweepEvery'>>

/** What the controllers need to be told. */
export interface ControllerPlan {
  readonly sweepEverySeconds: number
  readonly pollEverySeconds: number
  readonly policy: PolicyOverrides
}

/** The names of all parameters. */
export type ParameterName = keyof typeof parameters

/** A behaviour of AWS that no source states, or a duration that depends on the account: name, default and sensible range. */
export interface Parameter {
  readonly default: Span
  /** Inclusive bounds for values in a plan. */
  readonly range: readonly [number, number]
  readonly unit: 's' | 'ms' | 'switch' | 'count' | 'per second'
  readonly says: string
  /** One value holds for the whole run, so a plan gives a number and not a range. */
  readonly isFixed: boolean
}

const parameter = (
  says: string,
  unit: Parameter['unit'],
  value: Span,
  range: readonly [number, number],
  isFixed = unit === 'switch' || unit === 'count' || unit === 'per second',
): Parameter => ({
  default: value,
  range,
  unit,
  says,
  isFixed,
})

/** Every parameter with its default, range, unit and meaning. */
export const parameters = {
  // ECS: the service scheduler
  'scheduler.reaction': parameter(
    "from a change (a stopped task, DRAINING, capacity) to the scheduler's next pass for the service",
    's',
    [1, 5],
    [0, 300],
  ),
  'scheduler.stopsPerPass': parameter(
    'draining tasks the scheduler stops in one pass; 0 = as many as the floor allows',
    'count',
    0,
    [0, 1000],
  ),
  'scheduler.healthyAfterRunning': parameter(
    'a task without a health check and load balancer counts as healthy this long after RUNNING',
    's',
    40,
    [0, 300],
  ),
  'scheduler.placementInFlight': parameter(
    "from the choice of an instance to the task's appearance on it; a DRAINING in between does not call it back (R5)",
    'ms',
    [0, 800],
    [0, 10_000],
  ),
  'scheduler.backoff': parameter(
    'delay before the scheduler tries again when no instance had room',
    's',
    [10, 20],
    [1, 1620],
  ),
  'scheduler.launchesPerMinute': parameter('tasks launched per service and minute', 'count', 500, [1, 10_000]),
  'protection.blocksDrain': parameter(
    '1: a drain stops no task while task scale-in protection lasts; 0: it ignores protection',
    'switch',
    0,
    [0, 1],
  ),
  'daemon.stopsWhenReplicasNotRunning': parameter(
    '1: the daemon stops when the last replica is no longer RUNNING; 0: when it has STOPPED',
    'switch',
    0,
    [0, 1],
  ),
  // ECS: tasks and container instances
  'task.provisioning': parameter('PROVISIONING of an awsvpc task', 's', [2, 6], [0, 120]),
  'task.pending': parameter("from placement to the agent's taking the task up", 's', [0.5, 2], [0, 120]),
  'task.deprovisioning': parameter('ENI detach of an awsvpc task', 's', [2, 8], [0, 120]),
  'agent.report': parameter("from a change on the host to ECS's knowing of it", 'ms', [50, 500], [0, 60_000]),
  'agent.away': parameter(
    'how long an agent stays away that the fault agent.disconnect took',
    's',
    [10, 120],
    [0, 86_400],
  ),
  'agent.registration': parameter(
    'from a running instance to a registered container instance',
    's',
    [20, 40],
    [1, 600],
  ),
  'ecs.noticesDeadHost': parameter(
    "from the end of an instance to its tasks' STOPPED in ECS; a container instance was seen to stay for 20 minutes " +
      '(bottlerocket-os/bottlerocket-test-system, issue 717)',
    's',
    [10, 20],
    [0, 3600],
  ),
  'ecs.drainingEmitsEvent': parameter(
    '1: ACTIVE to DRAINING emits a container instance event; its version, which counts these events, was recorded to rise by one ' +
      '(cloud-custodian/cloud-custodian, tests/data/placebo/test_ecs_container_instance_set_state)',
    'switch',
    1,
    [0, 1],
  ),
  'ecs.stopsPending': parameter(
    "from DRAINING, or a task's appearance after it, to the stop of PENDING service tasks",
    'ms',
    [0, 500],
    [0, 60_000],
  ),
  'ecs.listLag': parameter(
    'a change of a task, or a new container instance, is visible to List and Describe only after this',
    'ms',
    [0, 400],
    [0, 30_000],
  ),
  'read.staleBy': parameter(
    'how old an answer of ListTasks or DescribeTasks is when the fault read.stale strikes',
    's',
    [1, 4],
    [0, 60],
  ),
  // EC2 Auto Scaling
  'ec2.boot': parameter('from launch to InService', 's', [30, 50], [1, 900]),
  'ec2.shutdown': parameter('from Terminating:Proceed to a host that runs nothing', 's', [5, 15], [0, 300]),
  'warmPool.stop': parameter('from Warmed:Pending:Proceed to Warmed:Stopped', 's', [10, 20], [0, 300]),
  'autoscaling.reaction': parameter(
    "from a change of capacity to the first instance's change of state",
    's',
    [1, 5],
    [0, 300],
  ),
  'refresh.waitsForHook': parameter(
    '1: an instance refresh counts an instance in Terminating:Wait as in progress',
    'switch',
    0,
    [0, 1],
  ),
  'rollingUpdate.waitsForHook': parameter(
    '1: CloudFormation waits for the terminating hook before the next batch; it was seen not to ' +
      '(awslabs/amazon-eks-ami, issue 66; buildkite/elastic-ci-stack-for-aws, issue 130)',
    'switch',
    0,
    [0, 1],
  ),
  // Events and functions
  'bus.hook': parameter('delivery of a lifecycle notification', 'ms', [100, 800], [0, 60_000]),
  'bus.event': parameter('delivery of an EventBridge event', 'ms', [100, 900], [0, 60_000]),
  'bus.slow': parameter('the same, when the fault bus.delay strikes', 's', [5, 90], [0, 3600]),
  'bus.behind': parameter('how far a message falls behind when the fault bus.reorder strikes', 's', [1, 10], [0, 3600]),
  'queue.window': parameter(
    "the event source's batching window, for which a batch of ten does not wait",
    'ms',
    1000,
    [0, 300_000],
    true,
  ),
  'function.start': parameter('from delivery to the first instruction (warm and cold)', 'ms', [5, 400], [0, 10_000]),
  'function.concurrency': parameter('executions at once; more wait', 'count', 10, [1, 1000]),
  'function.redelivery': parameter(
    'a crashed or failed batch comes back after this (visibility timeout)',
    's',
    [30, 60],
    [1, 43_200],
  ),
  'function.selfMessages': parameter(
    "Lambda's guard stops a chain of self-sent messages after this many",
    'count',
    16,
    [1, 1_000_000],
  ),
  'api.latency': parameter('one call to ECS or Auto Scaling, there and back', 'ms', [20, 120], [1, 30_000]),
  'store.latency': parameter('one call to the event store, there and back', 'ms', [3, 15], [1, 30_000]),
  'api.timeout': parameter('a client gives a call up after this', 's', 3, [1, 60]),
  'api.ecsReadBurst': parameter('ECS cluster-resource read bucket', 'count', 100, [1, 10_000]),
  'api.ecsReadRefill': parameter('its refill', 'per second', 20, [1, 10_000]),
  'api.ecsModifyBurst': parameter('ECS cluster-resource modify bucket', 'count', 100, [1, 10_000]),
  'api.ecsModifyRefill': parameter('its refill', 'per second', 40, [1, 10_000]),
  'api.autoscalingBurst': parameter("Auto Scaling's one shared bucket", 'count', 100, [1, 10_000]),
  'api.autoscalingRefill': parameter('its refill', 'per second', 20, [1, 10_000]),
  // From here on numbered apart (world/parameters.ts), so that what is drawn for the others stays as it was.
  'function.timeout': parameter(
    "a run that takes longer is cut, and its batch comes back; Lambda's most is 900 s",
    's',
    900,
    [1, 900],
    true,
  ),
  'queue.maxReceives': parameter(
    'a message that came back this often goes to the dead-letter queue (maxReceiveCount); 0: there is none',
    'count',
    0,
    [0, 1000],
  ),
  'rebalancing.reaction': parameter(
    "from a service's steady state with uneven zones to the first task that moves (availabilityZoneRebalancing)",
    's',
    [30, 60],
    [0, 3600],
  ),
  'function.clockSkew': parameter(
    'how wrong the clock of a function is, either way, when the fault clock.skew strikes',
    'ms',
    [0, 500],
    [0, 60_000],
  ),
  'ecs.listPage': parameter(
    'most items on a page of ListTasks; AWS says 100, and that there may be fewer with more to come',
    'count',
    100,
    [1, 100],
  ),
  'store.outage': parameter(
    'how long the event store is away when the fault store.outage strikes',
    's',
    [5, 60],
    [0, 3600],
  ),
  'ecs.instanceLag': parameter(
    'a change of status or connection of a container instance is visible to List and Describe only after this',
    'ms',
    0,
    [0, 30_000],
  ),
  'ecs.remembersStopped': parameter(
    'a stopped task is listed and described for so long; AWS says at least an hour',
    's',
    3600,
    [3600, 86_400],
    true,
  ),
  'task.standaloneStart': parameter(
    'ACTIVATING of a standalone task, whose image is on the host',
    's',
    [0.5, 2],
    [0, 3600],
  ),
  'scheduler.backoffGrowth': parameter(
    'the delay before another try grows by this factor with each that fails in a row, up to 27 minutes',
    'count',
    1,
    [1, 10],
  ),
  'scheduler.maximumCountsStopping': parameter(
    '1: tasks that are told to stop count towards maximumPercent until they are STOPPED; 0: while they are RUNNING or PENDING',
    'switch',
    0,
    [0, 1],
  ),
  'ecs.givesUpOnRecord': parameter(
    "from an agent's loss of its state to the end of the container instance that it was (ECS gives up on it, or somebody " +
      'deregisters it by force), with which its tasks are STOPPED',
    's',
    [600, 1200],
    [0, 172_800],
  ),
  'ecs.tellsWhenTaskStopped': parameter(
    '0: a task that stops has its container instance event sent when it is told to; 1: when it is STOPPED, and its room is free',
    'switch',
    0,
    [0, 1],
  ),
  'autoscaling.healthCheck': parameter(
    "from the end of an instance that Auto Scaling did not bring about to the EC2 health check's finding it, with which the instance " +
      'goes to Terminating:Wait',
    's',
    [30, 180],
    [0, 3600],
  ),
  'refresh.launchesFirstAtMinimum100': parameter(
    'with MinHealthyPercentage 100 and MaxHealthyPercentage omitted, an instance refresh launches first (1, as the instance refresh ' +
      'overview says) or terminates and launches at the same time (0, as RefreshPreferences of the API reference says)',
    'switch',
    0,
    [0, 1],
  ),
  'stopTask.deregistersFirst': parameter(
    '1: StopTask on a task behind a load balancer waits for the deregistration of its target, as the scheduler does; 0: SIGTERM comes ' +
      'at once, as was seen (aws/amazon-ecs-agent, issue 2316; aws/containers-roadmap, issues 576 and 708)',
    'switch',
    0,
    [0, 1],
  ),
} as const satisfies Record<string, Parameter>
