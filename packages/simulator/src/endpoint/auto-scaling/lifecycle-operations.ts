/** Operations of Auto Scaling on lifecycle hooks and actions. */
import { arnIn, roleArn } from '../../plan/arn.ts'
import { globalTimeoutMs } from '../../plan/limits.ts'
import type { HookPlan } from '../../plan/plan.ts'
import { topicArn } from '../../wire/arns.ts'
import { testNotificationText } from '../../wire/envelope-text.ts'
import { activeAction, notActive } from '../../world/api.ts'
import { end, heartbeat } from '../../world/auto-scaling/lifecycle.ts'
import type { Action, Hook } from '../../world/state.ts'
import { operation } from '../operation.ts'
import { deadLettersName, type HookTarget, inboxName, type Session } from '../session.ts'
import { AwsError } from '../wire/aws-error.ts'
import { integer, listOf, textOf, textUpTo, word } from '../wire/shape.ts'
import { actionToken, groupName, groupNamed, hookName, instanceId } from './names.ts'

const actionInput = {
  AutoScalingGroupName: groupName,
  LifecycleHookName: hookName,
  LifecycleActionToken: actionToken,
  InstanceId: instanceId,
}

interface ActionInput {
  readonly AutoScalingGroupName: string
  readonly LifecycleHookName: string
  readonly LifecycleActionToken?: string
  readonly InstanceId?: string
}

/** By token, by instance id, or both; throws AwsError where no such action is waiting. */
const actionOf = ({ world }: Session, input: ActionInput): Action => {
  const { LifecycleActionToken: token = null, InstanceId } = input
  if (token === null && InstanceId === undefined) {
    throw new AwsError('ValidationError', 'Either a lifecycle action token or an instance ID must be specified')
  }
  const byToken = world.actions.find(({ lifecycleAction }) => lifecycleAction.token === token)
  const asked = {
    group: input.AutoScalingGroupName,
    hook: input.LifecycleHookName,
    instance: InstanceId ?? byToken?.instance.id ?? '',
    token,
  }
  const action = activeAction(world, asked)
  if (action !== null) return action
  const { failure } = notActive(asked)
  throw new AwsError('ValidationError', failure.message)
}

const subjectOf = ({ world }: Session, { InstanceId, LifecycleActionToken }: ActionInput): number =>
  world.instances.findIndex(
    ({ id, actions }) =>
      id === InstanceId || actions.some(({ lifecycleAction: { token } }) => token === LifecycleActionToken),
  ) + 1

export const completeLifecycleAction = operation({
  name: 'CompleteLifecycleAction',
  says: 'CONTINUE lets the other hooks finish, ABANDON skips them. Once: afterwards no action is active any more.',
  input: { ...actionInput, LifecycleActionResult: word('CONTINUE', 'ABANDON') },
  needed: ['AutoScalingGroupName', 'LifecycleHookName', 'LifecycleActionResult'],
  errors: ['ResourceContention'],
  isWrite: true,
  subject: subjectOf,
  answer: ({ session }, input) => {
    end(session.world, actionOf(session, input), input.LifecycleActionResult)
    return {}
  },
})

export const recordLifecycleActionHeartbeat = operation({
  name: 'RecordLifecycleActionHeartbeat',
  says: 'The timeout starts anew, and never lasts past the global one.',
  input: actionInput,
  needed: ['AutoScalingGroupName', 'LifecycleHookName'],
  errors: ['ResourceContention'],
  subject: subjectOf,
  answer: ({ session }, input) => {
    heartbeat(session.world, actionOf(session, input), session.invocation)
    return {}
  },
})

export const describeLifecycleHooks = operation({
  name: 'DescribeLifecycleHooks',
  says: 'The hooks of a group, or those named.',
  input: { AutoScalingGroupName: groupName, LifecycleHookNames: listOf(hookName, 50) },
  needed: ['AutoScalingGroupName'],
  answer: ({ session }, { AutoScalingGroupName, LifecycleHookNames = [] }) => {
    const group = groupNamed(session, AutoScalingGroupName)
    return {
      LifecycleHooks: group.hooks
        .filter(
          ({ plan, deleted }) =>
            !deleted && (LifecycleHookNames.length === 0 || LifecycleHookNames.includes(plan.name)),
        )
        .map((hook) => ({
          LifecycleHookName: hook.plan.name,
          AutoScalingGroupName,
          LifecycleTransition: 'autoscaling:EC2_INSTANCE_TERMINATING',
          ...targetOf(session, hook),
          NotificationMetadata: hook.plan.notificationMetadata ?? undefined,
          HeartbeatTimeout: hook.plan.heartbeatTimeoutSeconds,
          GlobalTimeout: globalTimeoutMs(hook.plan) / 1000,
          DefaultResult: hook.plan.defaultResult,
        })),
    }
  },
})

/** As it was put, or as a hook of the plan would say it; nothing where only EventBridge hears of it. */
const targetOf = (session: Session, hook: Hook): HookTarget =>
  session.hookTargets.get(hook) ?? targetInPlan(session, hook.plan)

const targetInPlan = ({ world, queues: [inbox] }: Session, { notifies }: HookPlan): HookTarget => {
  const RoleARN = roleArn(world.directory, 'ecs-drain-hook')
  switch (notifies) {
    case 'eventbridge':
      return {}
    case 'sqs':
      return { NotificationTargetARN: inbox.settings.arn, RoleARN }
    case 'lambda':
      return { NotificationTargetARN: arnIn(world.directory, 'lambda', 'function:ecs-drain'), RoleARN }
    case 'sns-json':
    case 'sns-text':
    case 'sns-in-sqs':
      return { NotificationTargetARN: topicArn(world.directory), RoleARN }
  }
}

export const putLifecycleHook = operation({
  name: 'PutLifecycleHook',
  says:
    'A terminating hook, new or changed. Its notices reach the inbox, whatever topic, queue or function is its target. ' +
    'A new one sends a topic or queue its TEST_NOTIFICATION first, and needs a role for it.',
  input: {
    AutoScalingGroupName: groupName,
    LifecycleHookName: hookName,
    LifecycleTransition: word('autoscaling:EC2_INSTANCE_TERMINATING'),
    RoleARN: textOf(1, 255),
    NotificationTargetARN: textUpTo(255),
    NotificationMetadata: textOf(1, 4000, /^[\t\n\r\x20-\x7e]+$/),
    HeartbeatTimeout: integer(30, 7200),
    DefaultResult: word('CONTINUE', 'ABANDON'),
  },
  needed: ['AutoScalingGroupName', 'LifecycleHookName'],
  errors: ['LimitExceeded', 'ResourceContention'],
  isWrite: true,
  answer: ({ session }, input) => {
    const group = groupNamed(session, input.AutoScalingGroupName)
    const there = group.hooks.find(({ plan, deleted }) => plan.name === input.LifecycleHookName && !deleted)
    if (there === undefined && input.LifecycleTransition === undefined) {
      throw new AwsError('ValidationError', 'A new lifecycle hook needs the parameter LifecycleTransition')
    }
    // 50 hooks in a group (AWS: Auto Scaling user guide, quotas).
    if (there === undefined && group.hooks.filter(({ deleted }) => !deleted).length >= 50) {
      throw new AwsError('LimitExceeded', 'A group cannot have more than 50 lifecycle hooks.')
    }
    const plan = hookPlan(input, there?.plan)
    // Auto Scaling publishes to a topic or queue as this role (AWS: API reference, PutLifecycleHook).
    const needsRole = there === undefined && (plan.notifies === 'sns-in-sqs' || plan.notifies === 'sqs')
    if (needsRole && input.RoleARN === undefined) {
      throw new AwsError('ValidationError', 'A new lifecycle hook that notifies a topic or a queue needs a RoleARN')
    }
    const before: HookTarget = there === undefined ? {} : targetOf(session, there)
    const { NotificationTargetARN = before.NotificationTargetARN, RoleARN = before.RoleARN } = input
    const hook: Hook = there ?? { plan, deleted: false }
    hook.plan = plan
    session.hookTargets.set(hook, plan.notifies === 'eventbridge' ? {} : { NotificationTargetARN, RoleARN })
    if (there === undefined) {
      group.hooks.push(hook)
      tellTarget(session, input.AutoScalingGroupName, plan)
    }
    session.putHook(input.AutoScalingGroupName, plan)
    return {}
  },
})

/** A new hook tells its target that it is there, without an instance. */
const tellTarget = (session: Session, group: string, { notifies }: HookPlan): void => {
  const { world, queues } = session
  const id = session.newId()
  const at = session.dateOf(world.now).toISOString()
  const body = testNotificationText(world.directory, notifies, { id, at, group })
  if (body !== null) queues[0].put({ id, body, attributes: {}, sentAt: world.now, done: () => {} }, world.now)
}

interface HookInput {
  readonly LifecycleHookName: string
  readonly RoleARN?: string
  readonly NotificationTargetARN?: string
  readonly NotificationMetadata?: string
  readonly HeartbeatTimeout?: number
  readonly DefaultResult?: 'CONTINUE' | 'ABANDON'
}

/** What is left out stays as it was, and of a new hook is AWS's default. */
const hookPlan = (input: HookInput, before: HookPlan | undefined): HookPlan => ({
  name: input.LifecycleHookName,
  heartbeatTimeoutSeconds: input.HeartbeatTimeout ?? before?.heartbeatTimeoutSeconds ?? 3600,
  defaultResult: input.DefaultResult ?? before?.defaultResult ?? 'ABANDON',
  owner: before?.owner ?? 'controller',
  answersAfterSeconds: before?.answersAfterSeconds ?? 0,
  notifies:
    input.NotificationTargetARN === undefined
      ? (before?.notifies ?? 'eventbridge')
      : notifiesBy(input.NotificationTargetARN, input.RoleARN),
  alsoEventBridge: before?.alsoEventBridge ?? false,
  notificationMetadata: input.NotificationMetadata ?? before?.notificationMetadata ?? null,
})

const notifiesBy = (target: string, role = 'null'): HookPlan['notifies'] => {
  const [, , service = '', , , name = ''] = target.split(':')
  if (target === '') return 'eventbridge'
  if (service === 'sqs' && (name === inboxName || name === deadLettersName)) return 'sqs'
  if (service === 'sns') return 'sns-in-sqs'
  if (service === 'lambda') return 'lambda'
  throw new AwsError(
    'ValidationError',
    `Unable to publish test message to notification target ${target} using IAM role ${role}. ` +
      'Please check your target and role configuration and try to put lifecycle hook again.',
  )
}

export const deleteLifecycleHook = operation({
  name: 'DeleteLifecycleHook',
  says: 'Outstanding actions of the hook end with CONTINUE.',
  input: { AutoScalingGroupName: groupName, LifecycleHookName: hookName },
  needed: ['AutoScalingGroupName', 'LifecycleHookName'],
  errors: ['ResourceContention'],
  isWrite: true,
  answer: ({ session }, { AutoScalingGroupName, LifecycleHookName }) => {
    const group = groupNamed(session, AutoScalingGroupName)
    if (!group.hooks.some(({ plan, deleted }) => plan.name === LifecycleHookName && !deleted)) {
      throw new AwsError('ValidationError', `No Lifecycle Hook found with name: ${LifecycleHookName}`)
    }
    const atSeconds = session.world.now / 1000
    session.act({ atSeconds, do: 'delete-hook', group: AutoScalingGroupName, hook: LifecycleHookName })
    return {}
  },
})
