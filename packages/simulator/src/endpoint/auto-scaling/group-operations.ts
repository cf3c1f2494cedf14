/** Operations of Auto Scaling on groups and their instances. */
import type { Ec2InstanceId } from '@ecs-drain/core'
import { roleArn } from '../../plan/arn.ts'
import { IN_SERVICE, TERMINATED, WARMED_STOPPED } from '../../trace/kind-numbers.ts'
import { lifecycleStates } from '../../trace/trace.ts'
import { groupArn } from '../../wire/arns.ts'
import { reactSoon } from '../../world/auto-scaling/groups-wake.ts'
import { isRetained, terminate } from '../../world/auto-scaling/lifecycle.ts'
import { wantedOf } from '../../world/happenings.ts'
import { isHost } from '../../world/instance.ts'
import type { Group, Instance } from '../../world/state.ts'
import { instanceType, zoneName } from '../ecs/instance-attributes.ts'
import { operation } from '../operation.ts'
import { pageOf } from '../page-token.ts'
import type { Session } from '../session.ts'
import { AwsError } from '../wire/aws-error.ts'
import type { Output } from '../wire/output.ts'
import { flag, integer, listOf, structure, text, textOf, word } from '../wire/shape.ts'
import type { Activity } from './activities.ts'
import { activityView, inSeconds } from './activity-operations.ts'
import { groupName, groupNamed, instanceId, launchTemplate, zonesOf } from './names.ts'

const filters = listOf(structure({ Name: text, Values: listOf(text) }, ['Name']))

export const describeAutoScalingGroups = operation({
  name: 'DescribeAutoScalingGroups',
  says: 'The groups of the plan, with the instances that are not in a warm pool. No group has tags, so a filter by tag finds none.',
  input: {
    AutoScalingGroupNames: listOf(groupName),
    IncludeInstances: flag,
    NextToken: text,
    MaxRecords: integer(1, 100),
    Filters: filters,
  },
  errors: ['InvalidNextToken'],
  answer: ({ session }, { AutoScalingGroupNames: names = [], IncludeInstances = true, ...paging }) => {
    const { NextToken, MaxRecords = 50, Filters = [] } = paging
    const strange = Filters.find(({ Name }) => !/^(tag-key|tag-value|tag:.+)$/.test(Name))
    if (strange !== undefined) throw new AwsError('ValidationError', `Invalid filter name: ${strange.Name}`)
    const groups = session.world.groups.filter(
      ({ plan }) => Filters.length === 0 && (names.length === 0 || names.includes(plan.name)),
    )
    const page = pageOf(groups, ({ number }) => number, {
      list: JSON.stringify(['DescribeAutoScalingGroups', names]),
      token: NextToken,
      size: MaxRecords,
      refusal: 'InvalidNextToken',
    })
    return {
      AutoScalingGroups: page.items.map((group) => groupView(session, group, IncludeInstances)),
      NextToken: page.nextToken,
    }
  },
})

const groupView = (session: Session, group: Group, withInstances: boolean): Output => {
  const { name, max, reuseOnScaleIn, terminateHookAbandon } = group.plan
  const instances = group.instances.filter(({ state }) => !stateName(state).startsWith('Warmed:'))
  return {
    AutoScalingGroupName: name,
    AutoScalingGroupARN: groupArn(session.world.directory, name),
    LaunchTemplate: templateOf(session, group),
    MinSize: group.min,
    MaxSize: max,
    DesiredCapacity: desiredCapacityOf(session, group),
    DefaultCooldown: 300,
    AvailabilityZones: zonesOf(session, group),
    LoadBalancerNames: [],
    TargetGroupARNs: [],
    HealthCheckType: 'EC2',
    HealthCheckGracePeriod: 0,
    Instances: withInstances ? instances.map((instance) => instanceView(session, instance)) : [],
    CreatedTime: session.dateOf(0),
    SuspendedProcesses: [],
    EnabledMetrics: [],
    Tags: [],
    ...(reuseOnScaleIn ? warmPoolOf(group) : {}),
    ...(terminateHookAbandon === 'retain' ? retaining : {}),
    TerminationPolicies: ['Default'],
    NewInstancesProtectedFromScaleIn: false,
    ServiceLinkedRoleARN: roleArn(
      session.world.directory,
      'aws-service-role/autoscaling.amazonaws.com/AWSServiceRoleForAutoScaling',
    ),
    TrafficSources: [],
  }
}

/**
 * Instances that a refresh launches first are beyond it (AWS: API reference, RefreshPreferences, MaxHealthyPercentage). Other updates raise
 * it for a while.
 */
const desiredCapacityOf = ({ plan, world }: Session, { plan: { name }, desired }: Group): number =>
  world.happenings.reduce((left, { surplus }, number) => {
    const happening = plan.happenings[number]
    return happening?.do === 'instance-refresh' && happening.group === name ? left - surplus : left
  }, desired)

const warmPoolOf = ({ instances }: Group): Output => ({
  WarmPoolConfiguration: { MinSize: 0, PoolState: 'Stopped', InstanceReusePolicy: { ReuseOnScaleIn: true } },
  WarmPoolSize: instances.filter(({ state }) => stateName(state).startsWith('Warmed:')).length,
})

const retaining: Output = { InstanceLifecyclePolicy: { RetentionTriggers: { TerminateHookAbandon: 'retain' } } }

/** The newest instance has the newest version. */
const templateOf = (session: Session, group: Group): Output | undefined => {
  const newest = group.instances.at(-1)
  return newest === undefined ? undefined : { ...launchTemplate(session, newest), Version: '$Latest' }
}

const stateName = (state: number): string => lifecycleStates[state] ?? 'Unknown'

/** Of one that runs no more Auto Scaling knows once it has taken it out of service. */
const healthOf = ({ alive, state }: Instance): string =>
  alive || state === IN_SERVICE || state === WARMED_STOPPED ? 'Healthy' : 'Unhealthy'

const instanceView = (session: Session, instance: Instance): Output => ({
  InstanceId: instance.id,
  InstanceType: instanceType,
  AvailabilityZone: zoneName(session, instance.zone),
  LifecycleState: stateName(instance.state),
  HealthStatus: healthOf(instance),
  LaunchTemplate: launchTemplate(session, instance),
  ProtectedFromScaleIn: false,
})

export const describeAutoScalingInstances = operation({
  name: 'DescribeAutoScalingInstances',
  says: 'Instances by id, or all. An id that no group knows is left out without a word, as AWS does.',
  input: { InstanceIds: listOf(instanceId, 50), MaxRecords: integer(1, 50), NextToken: text },
  errors: ['InvalidNextToken'],
  answer: ({ session }, { InstanceIds = [], MaxRecords = 50, NextToken }) => {
    const instances = session.world.instances.filter(
      (each) =>
        isHost(each) && each.state !== TERMINATED && (InstanceIds.length === 0 || InstanceIds.includes(each.id)),
    )
    const page = pageOf(instances, ({ number }) => number, {
      list: JSON.stringify(['DescribeAutoScalingInstances', InstanceIds]),
      token: NextToken,
      size: MaxRecords,
      refusal: 'InvalidNextToken',
    })
    return {
      AutoScalingInstances: page.items.map((instance) => ({
        ...instanceView(session, instance),
        AutoScalingGroupName: instance.group.plan.name,
        HealthStatus: healthOf(instance).toUpperCase(),
      })),
      NextToken: page.nextToken,
    }
  },
})

export const setDesiredCapacity = operation({
  name: 'SetDesiredCapacity',
  says: 'Between the minimum and the maximum of the group; it reacts after `autoscaling.reaction`. There is no cooldown.',
  input: { AutoScalingGroupName: groupName, DesiredCapacity: integer(0, 1_000_000), HonorCooldown: flag },
  needed: ['AutoScalingGroupName', 'DesiredCapacity'],
  isWrite: true,
  answer: ({ session }, { AutoScalingGroupName, DesiredCapacity: desired }) => {
    const group = groupNamed(session, AutoScalingGroupName)
    const { min } = group
    const { max } = group.plan
    if (desired < min || desired > max) {
      const bound = desired < min ? `below min value ${min}` : `above max value ${max}`
      throw new AwsError(
        'ValidationError',
        `New SetDesiredCapacity value ${desired} is ${bound} for the AutoScalingGroup.`,
      )
    }
    group.desired += desired - wantedOf(session.world, group)
    reactSoon(session.world, group)
    return {}
  },
})

export const terminateInstance = operation({
  name: 'TerminateInstanceInAutoScalingGroup',
  says:
    'One instance that is InService. Its hooks hold it first; without a decrement the group replaces it. ' +
    'Or one that is retained, which does not count and goes at once. Not one in a warm pool.',
  input: { InstanceId: instanceId, ShouldDecrementDesiredCapacity: flag },
  needed: ['InstanceId', 'ShouldDecrementDesiredCapacity'],
  errors: ['ScalingActivityInProgress'],
  isWrite: true,
  subject: ({ world: { directory } }, { InstanceId }) => directory.instanceNumber(InstanceId as Ec2InstanceId) + 1,
  answer: ({ session }, { InstanceId, ShouldDecrementDesiredCapacity: decrements }) => {
    const { world } = session
    const instance = world.instances[world.directory.instanceNumber(InstanceId as Ec2InstanceId)]
    if (instance === undefined || instance.state === TERMINATED) {
      throw new AwsError(
        'ValidationError',
        `Instance Id not found - No managed instance found for instance ID ${InstanceId}`,
      )
    }
    if (instance.state === WARMED_STOPPED) {
      throw new AwsError(
        'ValidationError',
        `The instance ${InstanceId} is in a warm pool, and is not terminated from there`,
      )
    }
    const counts = !isRetained(instance)
    if (counts && instance.state !== IN_SERVICE) {
      const message = `The instance ${InstanceId} is ${stateName(instance.state)}, and its activity is in progress`
      throw new AwsError('ScalingActivityInProgress', message)
    }
    const { group } = instance
    const gives = decrements && counts
    if (gives && wantedOf(world, group) - 1 < group.min) {
      const message =
        `Currently, desiredSize equals minSize (${group.min}). ` +
        "Terminating instance without replacement will violate group's min size constraint. " +
        "Either set shouldDecrementDesiredCapacity flag to false or lower group's min size."
      throw new AwsError('ValidationError', message)
    }
    if (gives) group.desired -= 1
    terminate(world, instance)
    reactSoon(world, group)
    const begun = session.activities.all.findLast((activity) => activity.instance === instance.number) as Activity
    const at = inSeconds(session.dateOf(world.now))
    return {
      Activity: {
        ...activityView(session, begun),
        Cause: `At ${at} instance ${InstanceId} was taken out of service in response to a user request.`,
        // As it is before anybody looks further.
        StatusCode: 'InProgress',
        Progress: 0,
      },
    }
  },
})

const refreshPreferences = structure({
  MinHealthyPercentage: integer(0, 100),
  MaxHealthyPercentage: integer(100, 200),
  InstanceWarmup: integer(0, 2_147_483_647),
})

export const startInstanceRefresh = operation({
  name: 'StartInstanceRefresh',
  says:
    'Replaces every instance between the healthy minimum (90) and maximum; a maximum needs a minimum beside it. ' +
    'There are no checkpoints and no rollback.',
  input: { AutoScalingGroupName: groupName, Strategy: word('Rolling'), Preferences: refreshPreferences },
  needed: ['AutoScalingGroupName'],
  errors: ['InstanceRefreshInProgress'],
  isWrite: true,
  answer: ({ session }, { AutoScalingGroupName, Preferences = {} }) => {
    groupNamed(session, AutoScalingGroupName)
    if (refreshesOf(session, AutoScalingGroupName).some(({ isFinished }) => !isFinished)) {
      throw new AwsError(
        'InstanceRefreshInProgress',
        'An Instance Refresh is already in progress and blocks the execution of this Instance Refresh.',
      )
    }
    const { MinHealthyPercentage, MaxHealthyPercentage: max = null, InstanceWarmup = 0 } = Preferences
    if (max !== null && MinHealthyPercentage === undefined) {
      throw new AwsError('ValidationError', 'MaxHealthyPercentage needs a MinHealthyPercentage beside it')
    }
    const min = MinHealthyPercentage ?? 90
    if (max !== null && max - min > 100) {
      throw new AwsError('ValidationError', 'MaxHealthyPercentage can be at most 100 more than MinHealthyPercentage')
    }
    const number = session.act({
      atSeconds: session.world.now / 1000,
      do: 'instance-refresh',
      group: AutoScalingGroupName,
      minHealthyPercentage: min,
      maxHealthyPercentage: max,
      instanceWarmupSeconds: InstanceWarmup,
    })
    return { InstanceRefreshId: refreshId(number) }
  },
})

export const describeInstanceRefreshes = operation({
  name: 'DescribeInstanceRefreshes',
  says: 'Refreshes of a group, the newest first: InProgress, Successful or Failed. What share is replaced is not told.',
  input: {
    AutoScalingGroupName: groupName,
    InstanceRefreshIds: listOf(textOf(1, 255)),
    NextToken: text,
    MaxRecords: integer(1, 100),
  },
  needed: ['AutoScalingGroupName'],
  errors: ['InvalidNextToken'],
  answer: ({ session }, { AutoScalingGroupName, InstanceRefreshIds: ids = [], NextToken, MaxRecords = 50 }) => {
    groupNamed(session, AutoScalingGroupName)
    const refreshes = refreshesOf(session, AutoScalingGroupName)
      .filter(({ number }) => ids.length === 0 || ids.includes(refreshId(number)))
      .reverse()
    const page = pageOf(refreshes, ({ number }) => -number, {
      list: JSON.stringify(['DescribeInstanceRefreshes', AutoScalingGroupName, ids]),
      token: NextToken,
      size: MaxRecords,
      refusal: 'InvalidNextToken',
    })
    return {
      InstanceRefreshes: page.items.map(({ number, isFinished, hasFailed, atSeconds, endedAt }) => ({
        InstanceRefreshId: refreshId(number),
        AutoScalingGroupName,
        Status: hasFailed ? 'Failed' : isFinished ? 'Successful' : 'InProgress',
        StartTime: session.dateOf(atSeconds * 1000),
        EndTime: endedAt === undefined ? undefined : session.dateOf(endedAt),
      })),
      NextToken: page.nextToken,
    }
  },
})

const refreshId = (number: number): string => `08b91cf7-8fa6-48af-b6a6-${number.toString(16).padStart(12, '0')}`

/** Those that have begun. */
const refreshesOf = ({ plan, world, diary }: Session, name: string) =>
  plan.happenings.flatMap((happening, number) => {
    const state = world.happenings[number]
    if (happening.do !== 'instance-refresh' || happening.group !== name || state?.begun !== true) return []
    const { atSeconds } = happening
    return [{ number, atSeconds, isFinished: state.finished, hasFailed: state.failed, endedAt: diary.overAt(number) }]
  })
