// What requests that come too late, or name what is not there, are answered: as the ports in production know it.
import type { Answer, AutoScalingGroupName, Call, Failure, LifecycleHookName } from '@ecs-drain/core'
import { expect, test } from 'vitest'
import type { Directory } from '../../src/controller/controller.ts'
import { completePlan } from '../../src/plan/defaults.ts'
import { taskStatuses } from '../../src/trace/trace.ts'
import { countsOf } from '../../src/world/api.ts'
import type { Instance } from '../../src/world/state.ts'
import { driveWorld } from '../../src/world/world.ts'
import { calling, runOf, silent } from './running.ts'

type Replies = ReadonlyArray<{ readonly answer?: unknown; readonly failure?: Failure }>

/** The first notice of a termination is answered with these calls; the first instance is long dead by then. */
const repliesTo = (calls: (task: string, directory: Directory) => ReadonlyArray<object>): Replies => {
  let heard: Replies = []
  const plan = completePlan({
    untilSeconds: 8000,
    groups: [{ hooks: [{ heartbeatTimeoutSeconds: 60 }] }],
    happenings: [
      { do: 'kill-instance', old: 0, atSeconds: 10 },
      { do: 'terminate-instance', old: 1, atSeconds: 5000 },
    ],
  })
  const controller = calling(
    ['termination'],
    ({ instance }, { directory }) =>
      instance === 1 ? (calls(directory.taskArn(0), directory) as ReadonlyArray<Call>) : [],
    ({ instance }, replies) => {
      if (instance === 1) heard = replies
    },
  )
  runOf(plan, controller)
  return heard
}

test('what is not there is not found', () => {
  const missing = { type: 'NotFound', message: expect.stringMatching(/not found/i) }
  const replies = repliesTo((task, { clusterName: cluster }) => [
    { type: 'StopTask', cluster, task: task.replace(/.$/, 'f'), reason: 'test' },
    { type: 'ListTasks', cluster, containerInstance: 'none', desiredStatus: 'RUNNING', nextToken: null },
    { type: 'ListContainerInstances', cluster: 'none', ec2InstanceId: 'i-0', nextToken: null },
    { type: 'DescribeLifecycleHooks', group: 'none', hook: 'ecs-drain' },
  ])
  expect(replies).toEqual(replies.map(() => ({ failure: missing })))
  expect(replies).toHaveLength(4)
})

test('a task that ECS has forgotten is no more to be stopped than to be described', () => {
  const [stopped, described] = repliesTo((task, { clusterName: cluster }) => [
    { type: 'StopTask', cluster, task, reason: 'test' },
    { type: 'DescribeTasks', cluster, tasks: [task] },
  ])
  expect(stopped?.failure).toMatchObject({ type: 'NotFound' })
  expect(described?.answer).toMatchObject({ tasks: [], failures: [{ reason: 'MISSING' }] })
})

test('a request that names nothing, or more than AWS takes, is refused', () => {
  const refused = { failure: { type: 'Rejected', code: 'InvalidParameterException', message: expect.anything() } }
  const replies = repliesTo((task, { clusterName: cluster }) => {
    const times = (count: number) => Array.from({ length: count }, () => task)
    return [
      { type: 'DescribeTasks', cluster, tasks: times(101) },
      { type: 'DescribeTasks', cluster, tasks: [] },
      { type: 'DescribeContainerInstances', cluster, containerInstances: times(101) },
      { type: 'UpdateContainerInstancesState', cluster, containerInstances: times(11), status: 'DRAINING' },
      { type: 'DescribeTasks', cluster, tasks: times(100) },
    ]
  })
  expect(replies.slice(0, 4)).toEqual([refused, refused, refused, refused])
  expect(replies[4]?.failure).toBeUndefined()
})

// AWS: API reference, ListContainerInstances and UpdateContainerInstancesState.
test('a deregistered instance is in no list, can be described, and is no more set DRAINING than one that never was', () => {
  const [listed, described, updated] = repliesTo((_, directory) => {
    const cluster = directory.clusterName
    const dead = directory.containerInstanceArn(0)
    const containerInstances = [dead, dead.replace(/.$/, 'f'), directory.containerInstanceArn(1)]
    return [
      { type: 'ListContainerInstances', cluster, ec2InstanceId: directory.instanceId(0), nextToken: null },
      { type: 'DescribeContainerInstances', cluster, containerInstances },
      { type: 'UpdateContainerInstancesState', cluster, containerInstances, status: 'DRAINING' },
    ]
  })
  expect(listed?.answer).toEqual({ items: [], nextToken: null })
  expect(described?.answer).toMatchObject({
    containerInstances: [
      { status: 'INACTIVE', agentConnected: false },
      { status: 'ACTIVE', agentConnected: true },
    ],
    failures: [{ reason: 'MISSING' }],
  })
  expect(updated?.answer).toMatchObject({
    containerInstances: [{ status: 'DRAINING' }],
    failures: [{ reason: 'INACTIVE' }, { reason: 'MISSING' }],
  })
})

// AWS: API reference, ContainerInstance: tasks whose desired status is RUNNING, and tasks that are in the PENDING status.
test.each([
  ['PROVISIONING', false, 0, 0],
  ['PENDING', false, 0, 1],
  ['PENDING', true, 0, 1],
  ['ACTIVATING', false, 1, 0],
  ['RUNNING', false, 1, 0],
  ['RUNNING', true, 0, 0],
  ['DEACTIVATING', true, 0, 0],
  ['STOPPING', true, 0, 0],
] as const)(
  'a task in %s, told to stop: %s, is %i of the running and %i of the pending tasks of its instance',
  (status, desiredStopped, runningTasksCount, pendingTasksCount) => {
    const task = { status: taskStatuses.indexOf(status), desiredStopped }
    expect(countsOf({ tasks: [task, task] } as unknown as Instance)).toEqual({
      runningTasksCount: 2 * runningTasksCount,
      pendingTasksCount: 2 * pendingTasksCount,
    })
  },
)

test('a container instance says when it registered, by the calendar', () => {
  const seen: Array<number> = []
  const plan = completePlan({ services: [], happenings: [{ do: 'ami-update' }], untilSeconds: 900 })
  const run = runOf(
    plan,
    calling(
      ['sweep'],
      (_, { directory }) => [
        {
          type: 'DescribeContainerInstances',
          cluster: directory.clusterName,
          containerInstances: [directory.containerInstanceArn(2)],
        },
      ],
      (_, [reply]) => {
        const { containerInstances } = (reply as { answer: Answer<'DescribeContainerInstances'> }).answer
        for (const { registeredAt } of containerInstances) seen.push(registeredAt as number)
      },
    ),
  )
  const registered = run.of('container-instance').find(({ a }) => a === 2)
  expect(seen.length).toBeGreaterThan(0)
  expect(new Set(seen)).toEqual(new Set([driveWorld(plan, silent()).world.startMs + (registered?.at ?? Number.NaN)]))
})

test('Auto Scaling tells of the hook that is asked for, while it is there, and of the groups that are asked for', () => {
  const heard: Array<unknown> = []
  const plan = completePlan({
    groups: [
      {
        name: 'one',
        hooks: [
          { name: 'ours', heartbeatTimeoutSeconds: 60 },
          { name: 'theirs', owner: 'other', heartbeatTimeoutSeconds: 90 },
        ],
      },
      { name: 'two' },
    ],
    services: [],
    happenings: [{ do: 'delete-hook', group: 'one', hook: 'theirs', atSeconds: 100 }],
    controller: { sweepEverySeconds: 90 },
    untilSeconds: 250,
  })
  const group = 'one' as AutoScalingGroupName
  const controller = calling(
    ['sweep'],
    () => [
      { type: 'DescribeLifecycleHooks', group, hook: 'ours' as LifecycleHookName },
      { type: 'DescribeLifecycleHooks', group, hook: 'theirs' as LifecycleHookName },
      { type: 'DescribeAutoScalingGroups', groups: ['two' as AutoScalingGroupName], nextToken: null },
      { type: 'DescribeAutoScalingGroups', groups: [], nextToken: null },
    ],
    (_, replies) => {
      heard.push(replies.map(({ answer }) => answer))
    },
  )
  runOf(plan, controller)
  const ours = [{ name: 'ours', transition: 'autoscaling:EC2_INSTANCE_TERMINATING', heartbeatTimeout: 60_000 }]
  const theirs = [{ name: 'theirs', transition: 'autoscaling:EC2_INSTANCE_TERMINATING', heartbeatTimeout: 90_000 }]
  const groups = [{ items: [{ name: 'two' }] }, { items: [{ name: 'one' }, { name: 'two' }] }]
  expect(heard).toHaveLength(2)
  expect(heard[0]).toMatchObject([ours, theirs, ...groups])
  expect(heard[1]).toMatchObject([ours, [], ...groups])
})
