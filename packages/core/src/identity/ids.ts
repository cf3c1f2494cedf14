/** The names AWS gives things, one brand and one codec each: lengths and alphabets of AWS's own models, where nothing else is said. */
import type * as t from 'io-ts'
import { type Branded, branded } from './brand.ts'

/** `i-0123456789abcdef0`. At most 19 characters (botocore, `InstanceId` of Auto Scaling). */
export type Ec2InstanceId = Branded<'Ec2InstanceId'>
/** Decodes an EC2 instance id; fails on anything else. */
export const Ec2InstanceId: t.Type<Ec2InstanceId, string, unknown> = branded(
  'Ec2InstanceId',
  /^i-[0-9a-f]{8,17}$/,
  'i-0123456789abcdef0',
)

/** `arn:aws:ecs:region:account:container-instance/cluster/id`, or the short form without the cluster (before 2018). */
export type ContainerInstanceArn = Branded<'ContainerInstanceArn'>
/** Decodes the ARN of a container instance; fails on anything else. */
export const ContainerInstanceArn: t.Type<ContainerInstanceArn, string, unknown> = branded(
  'ContainerInstanceArn',
  /^arn:[\w-]{1,20}:ecs:[\w-]{1,30}:\d{12}:container-instance\/(?:[\w-]{1,255}\/)?[\w-]{1,64}$/,
  'arn:aws:ecs:REGION:ACCOUNT:container-instance/CLUSTER/ID',
)

/** `arn:aws:ecs:region:account:task/cluster/id`, or the short form. */
export type EcsTaskArn = Branded<'EcsTaskArn'>
/** Decodes the ARN of a task; fails on anything else. */
export const EcsTaskArn: t.Type<EcsTaskArn, string, unknown> = branded(
  'EcsTaskArn',
  /^arn:[\w-]{1,20}:ecs:[\w-]{1,30}:\d{12}:task\/(?:[\w-]{1,255}\/)?[\w-]{1,64}$/,
  'arn:aws:ecs:REGION:ACCOUNT:task/CLUSTER/ID',
)

/** A cluster's short name: up to 255 letters, digits, hyphens and underscores. */
export type ClusterName = Branded<'ClusterName'>
/** Decodes a cluster's short name; fails on an ARN or anything else. */
export const ClusterName: t.Type<ClusterName, string, unknown> = branded('ClusterName', /^[A-Za-z0-9_-]{1,255}$/)

/** The cluster that an ARN names; null in the short form. */
export const clusterIn = (arn: ContainerInstanceArn | EcsTaskArn): ClusterName | null => {
  const first = arn.indexOf('/')
  const last = arn.lastIndexOf('/')
  return first === last ? null : (arn.slice(first + 1, last) as ClusterName)
}

/** An Auto Scaling group's name, up to 255 characters. Without tabs, line ends and those beyond U+FFFD, which AWS's model has as well. */
export type AutoScalingGroupName = Branded<'AutoScalingGroupName'>
/** Decodes a group's name; fails on anything else. */
export const AutoScalingGroupName: t.Type<AutoScalingGroupName, string, unknown> = branded(
  'AutoScalingGroupName',
  /^[\u0020-\uD7FF\uE000-\uFFFD]{1,255}$/,
)

/** A lifecycle hook's name: up to 255 of `A-Za-z0-9-_/`. */
export type LifecycleHookName = Branded<'LifecycleHookName'>
/** Decodes a hook's name; fails on anything else. */
export const LifecycleHookName: t.Type<LifecycleHookName, string, unknown> = branded(
  'LifecycleHookName',
  /^[A-Za-z0-9\-_/]{1,255}$/,
)

/** The 36 characters that name one lifecycle action. */
export type LifecycleActionToken = Branded<'LifecycleActionToken'>
/** Decodes a token of 36 characters; fails on anything else. */
export const LifecycleActionToken: t.Type<LifecycleActionToken, string, unknown> = branded(
  'LifecycleActionToken',
  /^[0-9A-Za-z-]{36}$/,
)

/** The stream that holds one EC2 instance's drains, one after another. */
export type StreamId = Branded<'StreamId'>
/** Decodes the name of a stream; fails on anything else. */
export const StreamId: t.Type<StreamId, string, unknown> = branded(
  'StreamId',
  /^ec2-instance\/i-[0-9a-f]{8,17}$/,
  'ec2-instance/i-0123456789abcdef0',
)

/** The stream of an EC2 instance. */
export const streamOf = (instance: Ec2InstanceId): StreamId => `ec2-instance/${instance}` as StreamId

/** The EC2 instance a stream is about. */
export const instanceOf = (stream: StreamId): Ec2InstanceId => stream.slice('ec2-instance/'.length) as Ec2InstanceId
