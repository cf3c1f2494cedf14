/**
 * The names that core sees. Every instance is explored under the same ones, because a stream is about one instance
 * alone: so two instances in equal situations are one interned value, and nothing has to be renamed to see it.
 */
import {
  type AutoScalingGroupName,
  type ClusterName,
  type ContainerInstanceArn,
  type Ec2InstanceId,
  type EcsTaskArn,
  type LifecycleAction,
  type LifecycleActionToken,
  type LifecycleHookName,
  type StreamId,
  streamOf,
} from '@ecs-drain/core'
import type { Model } from '../model.ts'

export const instanceId = 'i-00000001' as Ec2InstanceId
export const stream: StreamId = streamOf(instanceId)
export const cluster = 'cluster' as ClusterName
export const group = 'group' as AutoScalingGroupName
export const hook = 'ecs-drain' as LifecycleHookName
export const foreignHook = 'somebody-else' as LifecycleHookName
export const containerInstanceArn =
  'arn:aws:ecs:eu-west-1:123456789012:container-instance/cluster/c1' as ContainerInstanceArn
export const groupOfTasks = ({ standalone }: Pick<Model, 'standalone'>): string =>
  standalone === null ? 'service:web' : 'family:batch'

const taskPrefix = 'arn:aws:ecs:eu-west-1:123456789012:task/cluster/t'

export const taskArn = (task: number): EcsTaskArn => `${taskPrefix}${task}` as EcsTaskArn

/** The number of a task in its instance. */
export const taskOf = (arn: string): number => arn.charCodeAt(arn.length - 1) - 48

/** The same data with its tasks renamed: task n becomes `renaming[n]`. */
export const withTasksRenamed = <Data>(data: Data, renaming: ReadonlyArray<number>): Data =>
  JSON.parse(
    JSON.stringify(data).replaceAll(/task\/cluster\/t(\d)/g, (_, task) => `task/cluster/t${renaming[Number(task)]}`),
  ) as Data

export const action: LifecycleAction = {
  group,
  hook,
  instance: instanceId,
  token: '00000000-0000-0000-0000-000000000001' as LifecycleActionToken,
}

export const foreignAction: LifecycleAction = {
  group,
  hook: foreignHook,
  instance: instanceId,
  token: '00000000-0000-0000-0000-000000000002' as LifecycleActionToken,
}
