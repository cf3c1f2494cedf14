// The Cluster port with the real SDK on loopback: what is sent, and what is made of ECS's answers.
import type { ClusterName, ContainerInstanceArn, Ec2InstanceId, EcsTaskArn } from '@ecs-drain/core'
import { id } from '@ecs-drain/core/testing'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { awsClients, type Clients, ecsCalls, ecsCluster } from '../../src/index.ts'
import '../support/credentials.ts'
import { answerOf, failureFrom } from '../support/ran.ts'
import { answered, refused, type WireServer, wireServer } from '../support/wire.ts'

const of = 'arn:aws:ecs:eu-west-1:111122223333'
const cluster = id<ClusterName>('web')
const containerInstance = id<ContainerInstanceArn>(`${of}:container-instance/web/0aa1b2c3d4e5f60718293a4b5c6d7e8f`)
const other = id<ContainerInstanceArn>(`${of}:container-instance/web/1bb1b2c3d4e5f60718293a4b5c6d7e8f`)
const taskArn = id<EcsTaskArn>(`${of}:task/web/2cc1b2c3d4e5f60718293a4b5c6d7e8f`)
const goneArn = id<EcsTaskArn>(`${of}:task/web/3dd1b2c3d4e5f60718293a4b5c6d7e8f`)

/** As ECS shows it, members that nobody here reads included. */
const shown = (status: string) => ({
  agentConnected: true,
  attachments: [],
  attributes: [{ name: 'ecs.availability-zone', value: 'eu-west-1a' }],
  containerInstanceArn: containerInstance,
  ec2InstanceId: 'i-0123456789abcdef0',
  pendingTasksCount: 0,
  registeredAt: 1_762_000_000.25,
  registeredResources: [{ doubleValue: 0, integerValue: 2048, longValue: 0, name: 'CPU', type: 'INTEGER' }],
  runningTasksCount: 3,
  status,
  tags: [],
  version: 31,
  versionInfo: { agentHash: '3aadf16a', agentVersion: '1.99.0', dockerVersion: 'DockerVersion: 25.0.8' },
})

const task = {
  attachments: [],
  clusterArn: `${of}:cluster/web`,
  containerInstanceArn: containerInstance,
  containers: [{ containerArn: `${of}:container/web/x/y`, lastStatus: 'RUNNING', name: 'app', cpu: '0' }],
  cpu: '256',
  createdAt: 1_762_000_100.5,
  desiredStatus: 'STOPPED',
  group: 'service:shop',
  lastStatus: 'DEPROVISIONING',
  launchType: 'EC2',
  memory: '512',
  startedBy: 'ecs-svc/1234567890123456789',
  taskArn,
  taskDefinitionArn: `${of}:task-definition/shop:7`,
  version: 6,
}

let server: WireServer
let clients: Clients
let port: ReturnType<typeof ecsCluster>
beforeAll(async () => {
  server = await wireServer()
  clients = awsClients({ region: 'eu-west-1', endpoint: server.endpoint, attemptsMax: 1 })
  port = ecsCluster(ecsCalls(clients.ecs))
})
beforeEach(() => {
  server.requests.length = 0
})
afterAll(async () => {
  clients.ecs.destroy()
  await server.close()
})

const answers = (body: unknown) => {
  server.answers = [answered('json-1.1', JSON.stringify(body))]
}
const sent = () => server.requests.map(({ target, parameters }) => [target?.split('.')[1], parameters])

test('speaks AWS JSON 1.1', async () => {
  answers({ taskArns: [] })
  await port.listTasks({ type: 'ListTasks', cluster, containerInstance, desiredStatus: 'RUNNING', nextToken: null })()
  expect(server.requests).toMatchObject([
    { target: 'AmazonEC2ContainerServiceV20141113.ListTasks', contentType: 'application/x-amz-json-1.1', path: '/' },
  ])
})

describe('listContainerInstances', () => {
  const find = (nextToken: string | null) =>
    port.listContainerInstances({
      type: 'ListContainerInstances',
      cluster,
      ec2InstanceId: id<Ec2InstanceId>('i-0123456789abcdef0'),
      nextToken,
    })

  test('asks by the cluster query language, one page a call', async () => {
    answers({ containerInstanceArns: [containerInstance], nextToken: 'page-2' })
    expect(await answerOf(find(null))).toEqual({ items: [containerInstance], nextToken: 'page-2' })
    expect(sent()).toEqual([
      ['ListContainerInstances', { cluster: 'web', filter: 'ec2InstanceId == i-0123456789abcdef0' }],
    ])
    answers({ containerInstanceArns: [] })
    expect(await answerOf(find('page-2'))).toEqual({ items: [], nextToken: null })
    expect(sent()[1]?.[1]).toMatchObject({ nextToken: 'page-2' })
  })

  test('an ARN from before 2018 is taken as it is', async () => {
    const short = `${of}:container-instance/d1d84798-400f-49f3-b21c-b61610c1e000`
    answers({ containerInstanceArns: [short] })
    expect((await answerOf(find(null))).items).toEqual([short])
  })

  test('an answer that AWS does not give is a failure, not an instance that is not there', async () => {
    answers({ containerInstanceArns: ['something else'] })
    expect(await failureFrom(find(null))).toEqual({
      type: 'Unavailable',
      message:
        'an answer that AWS does not give: expected ContainerInstanceArn like ' +
        'arn:aws:ecs:REGION:ACCOUNT:container-instance/CLUSTER/ID, got "something else"',
    })
  })
})

test.each(['{}', ''])(
  'an answer without what was asked for is a failure, not an instance that is not there, has no tasks, or stops one: "%s"',
  async (body) => {
    const headers = { 'x-amzn-requestid': '0d03a6c7-0d2a-4e6b-8a4c-2f5b2f1a7c11' }
    server.answers = [{ ...answered('json-1.1', body), headers }]
    const ec2InstanceId = id<Ec2InstanceId>('i-0123456789abcdef0')
    const find = { type: 'ListContainerInstances', cluster, ec2InstanceId, nextToken: null } as const
    const list = { type: 'ListTasks', cluster, containerInstance, desiredStatus: 'RUNNING', nextToken: null } as const
    const stop = { type: 'StopTask', cluster, task: taskArn, reason: 'r' } as const
    for (const [call, member] of [
      [port.listContainerInstances(find), 'containerInstanceArns'],
      [port.listTasks(list), 'taskArns'],
      [port.stopTask(stop), 'task'],
    ] as const)
      expect(await failureFrom(call)).toMatchObject({
        type: 'Unavailable',
        message: `an answer that AWS does not give: ${member} is missing`,
      })
  },
)

describe('container instances', () => {
  const told = {
    arn: containerInstance,
    ec2InstanceId: 'i-0123456789abcdef0',
    status: 'DRAINING',
    agentConnected: true,
    registeredAt: 1_762_000_000_250,
  }

  test('are described with their time in milliseconds, the missing among the failures', async () => {
    answers({ containerInstances: [shown('DRAINING')], failures: [{ arn: other, reason: 'MISSING' }] })
    const asked = [containerInstance, other]
    const describe = { type: 'DescribeContainerInstances', cluster, containerInstances: asked } as const
    expect(await answerOf(port.describeContainerInstances(describe))).toEqual({
      containerInstances: [told],
      failures: [{ arn: other, reason: 'MISSING' }],
    })
    expect(sent()).toEqual([['DescribeContainerInstances', { cluster: 'web', containerInstances: asked }]])
  })

  const describeOne = {
    type: 'DescribeContainerInstances',
    cluster,
    containerInstances: [containerInstance],
  } as const

  test.each(['status', 'containerInstanceArn'])(
    'one without %s is a failure, never one that drains',
    async (member) => {
      answers({ containerInstances: [{ ...shown('DRAINING'), [member]: undefined }], failures: [] })
      expect(await failureFrom(port.describeContainerInstances(describeOne))).toMatchObject({ type: 'Unavailable' })
    },
  )

  test('a failure without a reason does not say that one is missing, and of one without a date every other is younger', async () => {
    answers({ containerInstances: [{ ...shown('ACTIVE'), registeredAt: undefined }], failures: [{ arn: other }] })
    expect(await answerOf(port.describeContainerInstances(describeOne))).toEqual({
      containerInstances: [{ ...told, status: 'ACTIVE', registeredAt: 0 }],
      failures: [{ arn: other, reason: 'UNKNOWN' }],
    })
  })

  test('one that is no EC2 instance has no EC2 instance id', async () => {
    answers({ containerInstances: [{ ...shown('ACTIVE'), ec2InstanceId: 'mi-0123456789abcdef0' }], failures: [] })
    expect(
      (await answerOf(port.describeContainerInstances(describeOne))).containerInstances[0]?.ec2InstanceId,
    ).toBeNull()
  })

  test('whether its agent is there is told, and one of which nothing is said is not', async () => {
    const { agentConnected: _, ...unsaid } = shown('DRAINING')
    answers({ containerInstances: [shown('DRAINING'), { ...unsaid, agentConnected: false }, unsaid] })
    const { containerInstances } = await answerOf(port.describeContainerInstances(describeOne))
    expect(containerInstances.map(({ agentConnected }) => agentConnected)).toEqual([true, false, false])
  })

  test('are set DRAINING, and failures in an answer of HTTP 200 are told', async () => {
    answers({ containerInstances: [shown('DRAINING')], failures: [{ arn: other, reason: 'INACTIVE' }] })
    const asked = [containerInstance, other]
    const update = {
      type: 'UpdateContainerInstancesState',
      cluster,
      containerInstances: asked,
      status: 'DRAINING',
    } as const
    expect(await answerOf(port.updateContainerInstancesState(update))).toEqual({
      containerInstances: [told],
      failures: [{ arn: other, reason: 'INACTIVE' }],
    })
    expect(sent()).toEqual([
      ['UpdateContainerInstancesState', { cluster: 'web', containerInstances: asked, status: 'DRAINING' }],
    ])
  })
})

describe('tasks', () => {
  test.each(['RUNNING', 'STOPPED'] as const)('are listed with desiredStatus %s, one page a call', async (status) => {
    answers({ taskArns: [taskArn], nextToken: 'more' })
    const list = { type: 'ListTasks', cluster, containerInstance, desiredStatus: status, nextToken: null } as const
    expect(await answerOf(port.listTasks(list))).toEqual({ items: [taskArn], nextToken: 'more' })
    await answerOf(port.listTasks({ ...list, nextToken: 'more' }))
    const parameters = { cluster: 'web', containerInstance, desiredStatus: status }
    expect(sent()).toEqual([
      ['ListTasks', parameters],
      ['ListTasks', { ...parameters, nextToken: 'more' }],
    ])
  })

  test('are described with both statuses, their version and group', async () => {
    answers({ tasks: [task], failures: [{ arn: goneArn, reason: 'MISSING' }] })
    const describe = { type: 'DescribeTasks', cluster, tasks: [taskArn, goneArn] } as const
    expect(await answerOf(port.describeTasks(describe))).toEqual({
      tasks: [
        { arn: taskArn, version: 6, lastStatus: 'DEPROVISIONING', desiredStatus: 'STOPPED', group: 'service:shop' },
      ],
      failures: [{ arn: goneArn, reason: 'MISSING' }],
    })
    expect(sent()).toEqual([['DescribeTasks', { cluster: 'web', tasks: [taskArn, goneArn] }]])
  })

  test.each(['version', 'lastStatus', 'desiredStatus', 'taskArn'])(
    'one without %s is a failure, never a task that has gone',
    async (member) => {
      answers({ tasks: [{ ...task, [member]: undefined }], failures: [] })
      const describe = { type: 'DescribeTasks', cluster, tasks: [taskArn] } as const
      expect(await failureFrom(port.describeTasks(describe))).toMatchObject({ type: 'Unavailable' })
    },
  )

  test('one that was started by itself, of no group, is in none', async () => {
    answers({ tasks: [{ ...task, group: undefined }], failures: [] })
    const { tasks } = await answerOf(port.describeTasks({ type: 'DescribeTasks', cluster, tasks: [taskArn] }))
    expect(tasks.map(({ group }) => group)).toEqual([''])
  })

  test('are stopped with a reason, cut at the 255 characters that ECS takes', async () => {
    answers({ task })
    const stop = { type: 'StopTask', cluster, task: taskArn, reason: 'x'.repeat(300) } as const
    expect(await answerOf(port.stopTask(stop))).toBeNull()
    expect(sent()).toEqual([['StopTask', { cluster: 'web', task: taskArn, reason: 'x'.repeat(255) }]])
  })
})

describe('a missing permission', () => {
  const words = 'User: arn:aws:sts::111122223333:assumed-role/drain/f is not authorized to perform this on resource: *'

  const container = `${of}:container-instance/web/0aa1b2c3d4e5f60718293a4b5c6d7e8f`
  test.each([
    [
      'ecs:ListContainerInstances on arn:*:ecs:*:*:cluster/web;',
      () =>
        port.listContainerInstances({
          type: 'ListContainerInstances',
          cluster,
          ec2InstanceId: id<Ec2InstanceId>('i-0123456789abcdef0'),
          nextToken: null,
        }),
    ],
    [
      `ecs:DescribeContainerInstances on arn:*:ecs:*:*:container-instance/web/*;`,
      () =>
        port.describeContainerInstances({
          type: 'DescribeContainerInstances',
          cluster,
          containerInstances: [containerInstance, other],
        }),
    ],
    [
      `ecs:UpdateContainerInstancesState on ${container};`,
      () =>
        port.updateContainerInstancesState({
          type: 'UpdateContainerInstancesState',
          cluster,
          containerInstances: [containerInstance],
          status: 'ACTIVE',
        }),
    ],
    [
      `ecs:ListTasks on ${container};`,
      () =>
        port.listTasks({ type: 'ListTasks', cluster, containerInstance, desiredStatus: 'RUNNING', nextToken: null }),
    ],
    [
      'ecs:DescribeTasks on arn:*:ecs:*:*:task/web/*;',
      () => port.describeTasks({ type: 'DescribeTasks', cluster, tasks: [taskArn] }),
    ],
    [`ecs:StopTask on ${taskArn};`, () => port.stopTask({ type: 'StopTask', cluster, task: taskArn, reason: 'r' })],
  ])('says: allow %s', async (says, call) => {
    server.answers = [refused('json-1.1', 'AccessDeniedException', words)]
    const failure = await failureFrom(call())
    expect(failure).toMatchObject({ type: 'AccessDenied' })
    expect(failure.message).toBe(`allow ${says} AWS said AccessDeniedException: ${words}`)
  })
})
