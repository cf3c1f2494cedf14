/** EC2 Auto Scaling's API (AWS: EC2 Auto Scaling API reference). */
import type { AutoScalingGroupName, Calls, Failure, LifecycleAction, LifecycleHookName } from '@ecs-drain/core'
import { lifecycleStates } from '../trace/trace.ts'
import { answered, refused, type Served } from './api.ts'
import { Lifecycle, NONE } from './codes.ts'
import type { Core } from './core.ts'
import type { WorldDirectory } from './directory.ts'
import type { CallRecord } from './functions.ts'
import type { LifecycleActions } from './lifecycle-actions.ts'
import type { ActionRecord, GroupRecord, InstanceRecord } from './records.ts'

type Request<Type extends keyof Calls> = Calls[Type]['request']

export interface ServeAutoScaling {
  complete(call: Request<'CompleteLifecycleAction'>): Served
  heartbeat(call: Request<'RecordLifecycleActionHeartbeat'>, record: CallRecord): Served
  describeHooks(call: Request<'DescribeLifecycleHooks'>): Served
  describeGroups(call: Request<'DescribeAutoScalingGroups'>): Served
}

/** DescribeAutoScalingGroups, MaxRecords. */
const groupsOnPage = 50

const validation = (message: string): Failure => ({ type: 'Rejected', code: 'ValidationError', message })

/** AWS's own words, by which clients have to recognise it. */
const notActive = ({ token, instance }: LifecycleAction): Failure =>
  validation(
    token === null
      ? `No active Lifecycle Action found with instance ID ${instance}`
      : `No active Lifecycle Action found with token ${token}`,
  )

export const createServeAutoScaling = (
  { groups, instances }: Core,
  directory: WorldDirectory,
  actions: LifecycleActions,
): ServeAutoScaling => {
  const find = (action: LifecycleAction): ActionRecord | null => {
    const number = directory.instanceNumber(action.instance)
    const instance = number === NONE ? undefined : instances[number]
    if (instance === undefined || instance.group.plan.name !== action.group) return null
    const found = actions.find(instance, action.hook)
    if (found === null || action.token === null) return found
    return directory.action(found.number).token === action.token ? found : null
  }

  const isListed = ({ state }: InstanceRecord): boolean =>
    state !== Lifecycle.terminated && state !== Lifecycle.warmedStopped

  const describe = (group: GroupRecord) => ({
    name: group.plan.name as AutoScalingGroupName,
    instances: group.instances.filter(isListed).map(({ number, state }) => ({
      id: directory.instanceId(number),
      lifecycleState: lifecycleStates[state] as string,
    })),
  })

  return {
    complete: ({ action, result }) => {
      const found = find(action)
      if (found === null) return refused(notActive(action))
      actions.complete(found, result)
      return answered(null)
    },
    heartbeat: ({ action }, { execution }) => {
      const found = find(action)
      if (found === null) return refused(notActive(action))
      actions.heartbeat(found, execution.number)
      return answered(null)
    },
    describeHooks: ({ group: name, hook }) => {
      const group = groups.find(({ plan }) => plan.name === name)
      if (group === undefined) return refused(validation(`AutoScalingGroup name not found: ${name}`))
      return answered(
        group.hooks
          .filter((each) => each.plan.name === hook && !each.deleted)
          .map(({ plan, timeoutMs, globalMs }) => ({
            name: plan.name as LifecycleHookName,
            transition: 'autoscaling:EC2_INSTANCE_TERMINATING',
            heartbeatTimeout: timeoutMs,
            globalTimeout: globalMs,
            defaultResult: plan.defaultResult,
          })),
      )
    },
    describeGroups: ({ groups: names, nextToken }) => {
      const wanted =
        names.length === 0 ? groups : groups.filter(({ plan }) => (names as ReadonlyArray<string>).includes(plan.name))
      const from = nextToken === null ? 0 : Number(nextToken)
      const until = from + groupsOnPage
      return answered({
        items: wanted.slice(from, until).map(describe),
        nextToken: until < wanted.length ? String(until) : null,
      })
    },
  }
}
