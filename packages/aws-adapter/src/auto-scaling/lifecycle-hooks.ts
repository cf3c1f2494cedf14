/** The core's LifecycleHooks port over EC2 Auto Scaling. Its seconds become milliseconds here and nowhere else. */
import type { AutoScalingGroup as SdkGroup, LifecycleHook as SdkHook } from '@aws-sdk/client-auto-scaling'
import {
  type AutoScalingGroup,
  AutoScalingGroupName,
  Ec2InstanceId,
  type LifecycleAction,
  type LifecycleHook,
  LifecycleHookName,
  type LifecycleHooks,
  seconds,
} from '@ecs-drain/core'
import { attempt } from '../failure/failure.ts'
import { decoded, told } from '../failure/told.ts'
import type { AutoScalingCalls } from './auto-scaling-calls.ts'

/** Over the SDK's calls; every failure is a `Failure`, and nothing throws. */
export const autoScalingLifecycleHooks = (autoScaling: AutoScalingCalls): LifecycleHooks => ({
  complete: ({ action, result }) =>
    attempt({ action: 'autoscaling:CompleteLifecycleAction', resource: groupArn(action.group) }, async () => {
      await autoScaling.completeLifecycleAction({ ...named(action), LifecycleActionResult: result })
      return null
    }),

  recordHeartbeat: ({ action }) =>
    attempt({ action: 'autoscaling:RecordLifecycleActionHeartbeat', resource: groupArn(action.group) }, async () => {
      await autoScaling.recordLifecycleActionHeartbeat(named(action))
      return null
    }),

  describeHooks: ({ group, hook }) =>
    attempt({ action: 'autoscaling:DescribeLifecycleHooks', resource: '*' }, async () => {
      const answer = await autoScaling.describeLifecycleHooks({
        AutoScalingGroupName: group,
        LifecycleHookNames: [hook],
      })
      return told('LifecycleHooks', answer.LifecycleHooks).map(hookOf)
    }),

  describeGroups: ({ groups, nextToken }) =>
    attempt({ action: 'autoscaling:DescribeAutoScalingGroups', resource: '*' }, async () => {
      const answer = await autoScaling.describeAutoScalingGroups({
        ...(groups.length === 0 ? {} : { AutoScalingGroupNames: [...groups] }),
        ...(nextToken === null ? {} : { NextToken: nextToken }),
        MaxRecords: groupsAtOnce,
      })
      const described = told('AutoScalingGroups', answer.AutoScalingGroups)
      return { items: described.filter(canBeOurs).map(groupOf), nextToken: answer.NextToken ?? null }
    }),
})

/** The most that DescribeAutoScalingGroups answers at once (`MaxRecords`); unasked it answers 50. */
const groupsAtOnce = 100

/** The group's ARN has an id of its own in the middle, which nobody knows beforehand. */
const groupArn = (group: AutoScalingGroupName): string =>
  `arn:*:autoscaling:*:*:autoScalingGroup:*:autoScalingGroupName/${group}`

/** By the token, or by the instance where there is none; what AWS does when it gets both is not documented. */
const named = ({ group, hook, instance, token }: LifecycleAction) => ({
  AutoScalingGroupName: group,
  LifecycleHookName: hook,
  ...(token === null ? { InstanceId: instance } : { LifecycleActionToken: token }),
})

const hookOf = (hook: SdkHook): LifecycleHook => ({
  name: decoded(LifecycleHookName, hook.LifecycleHookName),
  transition: told('LifecycleHooks[].LifecycleTransition', hook.LifecycleTransition),
  heartbeatTimeout: seconds(told('LifecycleHooks[].HeartbeatTimeout', hook.HeartbeatTimeout)),
  globalTimeout: seconds(told('LifecycleHooks[].GlobalTimeout', hook.GlobalTimeout)),
  // ABANDON is Auto Scaling's own default.
  defaultResult: hook.DefaultResult === 'CONTINUE' ? 'CONTINUE' : 'ABANDON',
  notificationMetadata: hook.NotificationMetadata ?? null,
})

/** Where every group is asked for, one may have a name that no policy and no notice can have: it must not hide the others. */
const canBeOurs = ({ AutoScalingGroupName: name }: SdkGroup): boolean =>
  AutoScalingGroupName.is(told('AutoScalingGroups[].AutoScalingGroupName', name))

const groupOf = (group: SdkGroup): AutoScalingGroup => ({
  name: decoded(AutoScalingGroupName, group.AutoScalingGroupName),
  instances: (group.Instances ?? []).map((instance) => ({
    id: decoded(Ec2InstanceId, instance.InstanceId),
    lifecycleState: told('AutoScalingGroups[].Instances[].LifecycleState', instance.LifecycleState),
  })),
})
