/** What the world needs to know of each kind of request before it looks into one. */
import type { CallType } from '@ecs-drain/core'
import { type Operation, operations } from '../../trace/trace.ts'

/** Requests that the event store serves. */
export type StoreCallType = 'LoadStream' | 'AppendToStream' | 'FindStreams' | 'ListWatchedStreams'

export interface CallTraits {
  /** Served by the event store and not by AWS. */
  readonly isStore: boolean
  /** It changes something, so that losing its answer is worse than losing a read's. */
  readonly isWrite: boolean
  /** Its number among the operations that are counted; -1: it is not an operation of ECS or Auto Scaling. */
  readonly operation: number
}

const store = (isWrite: boolean): CallTraits => ({ isStore: true, isWrite, operation: -1 })
const operation = (name: Operation, isWrite: boolean): CallTraits => ({
  isStore: false,
  isWrite,
  operation: operations.indexOf(name),
})

export const traitsOf: { readonly [Type in CallType]: CallTraits } = {
  LoadStream: store(false),
  AppendToStream: store(true),
  FindStreams: store(false),
  ListWatchedStreams: store(false),
  ListContainerInstances: operation('ListContainerInstances', false),
  DescribeContainerInstances: operation('DescribeContainerInstances', false),
  UpdateContainerInstancesState: operation('UpdateContainerInstancesState', true),
  ListTasks: operation('ListTasks', false),
  DescribeTasks: operation('DescribeTasks', false),
  StopTask: operation('StopTask', true),
  CompleteLifecycleAction: operation('CompleteLifecycleAction', true),
  RecordLifecycleActionHeartbeat: operation('RecordLifecycleActionHeartbeat', false),
  DescribeLifecycleHooks: operation('DescribeLifecycleHooks', false),
  DescribeAutoScalingGroups: operation('DescribeAutoScalingGroups', false),
  SendWakeUp: { isStore: false, isWrite: true, operation: -1 },
}
