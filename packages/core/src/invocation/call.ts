/**
 * What an invocation may ask of the world: one request to AWS or to the event store each, as plain data, in the words
 * of the API that answers. A crash can fall between any two calls, so each is either a read or safe to repeat.
 */
import type { StoredEvents } from '../drain/drain-event.ts'
import type {
  AutoScalingGroupName,
  ClusterName,
  ContainerInstanceArn,
  Ec2InstanceId,
  EcsTaskArn,
  LifecycleHookName,
  StreamId,
} from '../identity/ids.ts'
import type { LifecycleAction, LifecycleActionResult } from '../identity/lifecycle-action.ts'
import type { Failure } from '../observation/failure.ts'
import type { TaskSighting } from '../observation/task-sighting.ts'
import type { Duration, Instant } from '../time/instant.ts'

/** A page of a list; `nextToken` null on the last one. */
export interface Page<Item> {
  readonly items: ReadonlyArray<Item>
  readonly nextToken: string | null
}

/** One id that a call over several ids could not serve (HTTP 200 with `failures[]`). */
export interface ItemFailure {
  readonly arn: string
  /** AWS's word, `MISSING` for an unknown id. */
  readonly reason: string
}

/** A container instance as DescribeContainerInstances and UpdateContainerInstancesState show it. */
export interface ContainerInstance {
  readonly arn: ContainerInstanceArn
  readonly ec2InstanceId: Ec2InstanceId | null
  readonly status: string
  readonly agentConnected: boolean
  readonly registeredAt: Instant
}

/** A terminating hook's settings, as DescribeLifecycleHooks tells them. */
export interface LifecycleHook {
  readonly name: LifecycleHookName
  readonly transition: string
  readonly heartbeatTimeout: Duration
  readonly globalTimeout: Duration
  readonly defaultResult: LifecycleActionResult
  /** Absent where the hook has none. */
  readonly notificationMetadata?: string | null
}

/** A group and its instances with their lifecycle states, as DescribeAutoScalingGroups shows them. */
export interface AutoScalingGroup {
  readonly name: AutoScalingGroupName
  readonly instances: ReadonlyArray<{ readonly id: Ec2InstanceId; readonly lifecycleState: string }>
}

/** What a commit's index entries should say after it; see `EventStore`. */
export interface StreamIndex {
  /** The sweep must look at this stream: a drain is open, or an instance may come back from its warm pool. */
  readonly watched: boolean
  /** Container instances whose events belong to this stream. */
  readonly containerInstances: ReadonlyArray<ContainerInstanceArn>
}

/** A commit to be written at exactly one version of a stream. */
export interface AppendRequest {
  readonly type: 'AppendToStream'
  readonly stream: StreamId
  /** The number of commits the writer has seen; the commit becomes number `expectedVersion + 1`. */
  readonly expectedVersion: number
  readonly events: StoredEvents
  readonly index: StreamIndex
}

/** One append to a stream: several events, one write. Versions count commits from 1. */
export interface Commit {
  readonly version: number
  readonly events: StoredEvents
}

/** Requests and their answers, by name. The names are those of the AWS operation that serves them. */
export interface Calls {
  LoadStream: {
    request: {
      readonly type: 'LoadStream'
      readonly stream: StreamId
      /** Only commits newer than this. */
      readonly after: number
    }
    answer: ReadonlyArray<Commit>
  }
  AppendToStream: {
    request: AppendRequest
    answer: { readonly type: 'appended' } | { readonly type: 'conflict'; readonly newer: ReadonlyArray<Commit> }
  }
  FindStreams: {
    request: { readonly type: 'FindStreams'; readonly containerInstances: ReadonlyArray<ContainerInstanceArn> }
    /** Same length and order as asked; null where no drain knows that container instance. */
    answer: ReadonlyArray<StreamId | null>
  }
  ListWatchedStreams: {
    request: { readonly type: 'ListWatchedStreams' }
    answer: ReadonlyArray<StreamId>
  }
  ListContainerInstances: {
    request: {
      readonly type: 'ListContainerInstances'
      readonly cluster: ClusterName
      /** Served by the cluster query language filter `ec2InstanceId == i-...`. */
      readonly ec2InstanceId: Ec2InstanceId
      readonly nextToken: string | null
    }
    answer: Page<ContainerInstanceArn>
  }
  DescribeContainerInstances: {
    request: {
      readonly type: 'DescribeContainerInstances'
      readonly cluster: ClusterName
      /** At most 100. */
      readonly containerInstances: ReadonlyArray<ContainerInstanceArn>
    }
    answer: {
      readonly containerInstances: ReadonlyArray<ContainerInstance>
      readonly failures: ReadonlyArray<ItemFailure>
    }
  }
  UpdateContainerInstancesState: {
    request: {
      readonly type: 'UpdateContainerInstancesState'
      readonly cluster: ClusterName
      /** At most 10. */
      readonly containerInstances: ReadonlyArray<ContainerInstanceArn>
      readonly status: 'DRAINING' | 'ACTIVE'
    }
    answer: {
      readonly containerInstances: ReadonlyArray<ContainerInstance>
      readonly failures: ReadonlyArray<ItemFailure>
    }
  }
  ListTasks: {
    request: {
      readonly type: 'ListTasks'
      readonly cluster: ClusterName
      readonly containerInstance: ContainerInstanceArn
      /** AWS's default is RUNNING, which hides every task that is being stopped; so it is always said. */
      readonly desiredStatus: 'RUNNING' | 'STOPPED'
      readonly nextToken: string | null
    }
    answer: Page<EcsTaskArn>
  }
  DescribeTasks: {
    request: {
      readonly type: 'DescribeTasks'
      readonly cluster: ClusterName
      /** At most 100. */
      readonly tasks: ReadonlyArray<EcsTaskArn>
    }
    answer: { readonly tasks: ReadonlyArray<TaskSighting>; readonly failures: ReadonlyArray<ItemFailure> }
  }
  StopTask: {
    request: {
      readonly type: 'StopTask'
      readonly cluster: ClusterName
      readonly task: EcsTaskArn
      readonly reason: string
    }
    answer: null
  }
  CompleteLifecycleAction: {
    request: {
      readonly type: 'CompleteLifecycleAction'
      /** By token, or by instance id where the token is null. */
      readonly action: LifecycleAction
      readonly result: LifecycleActionResult
    }
    answer: null
  }
  RecordLifecycleActionHeartbeat: {
    request: { readonly type: 'RecordLifecycleActionHeartbeat'; readonly action: LifecycleAction }
    answer: null
  }
  DescribeLifecycleHooks: {
    request: {
      readonly type: 'DescribeLifecycleHooks'
      readonly group: AutoScalingGroupName
      readonly hook: LifecycleHookName
    }
    answer: ReadonlyArray<LifecycleHook>
  }
  DescribeAutoScalingGroups: {
    request: {
      readonly type: 'DescribeAutoScalingGroups'
      /** At most 50. Empty: every group of the account and Region. */
      readonly groups: ReadonlyArray<AutoScalingGroupName>
      readonly nextToken: string | null
    }
    answer: Page<AutoScalingGroup>
  }
  SendWakeUp: {
    request: {
      readonly type: 'SendWakeUp'
      readonly stream: StreamId
      readonly at: Instant
      /** How many self-sent messages this one follows without a break; Lambda's recursion guard cuts such chains. */
      readonly hops: number
    }
    answer: null
  }
}

/** The names of the calls. */
export type CallType = keyof Calls
/** One request, as plain data. */
export type Call = Calls[CallType]['request']
/** What a call of that name is answered with. */
export type Answer<Type extends CallType> = Calls[Type]['answer']

/** What came back, and when. */
export type Reply =
  | { readonly type: 'answered'; readonly at: Instant; readonly answer: Answer<CallType> }
  | { readonly type: 'failed'; readonly at: Instant; readonly failure: Failure }
