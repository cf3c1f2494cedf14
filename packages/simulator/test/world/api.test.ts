// What requests that come too late, or name what is not there, are answered: as the ports in production know it.
import type { Call, Failure } from '@ecs-drain/core'
import { expect, test } from 'vitest'
import type { Directory } from '../../src/controller/controller.ts'
import { completePlan } from '../../src/plan/defaults.ts'
import { calling, runOf } from './running.ts'

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
    (_, { directory }) => calls(directory.taskArn(0), directory) as ReadonlyArray<Call>,
    (_, replies) => {
      heard = replies
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
