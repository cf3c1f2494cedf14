// Who is in which list, and what is counted.
import {
  type ContainerInstanceField,
  DescribeContainerInstancesCommand,
  DescribeServicesCommand,
  DescribeTaskDefinitionCommand,
  DescribeTasksCommand,
  ListContainerInstancesCommand,
  type ListContainerInstancesCommandInput,
  ListTasksCommand,
  type ListTasksCommandInput,
  StopTaskCommand,
  UpdateContainerInstancesStateCommand,
} from '@aws-sdk/client-ecs'
import { ReceiveMessageCommand } from '@aws-sdk/client-sqs'
import { describe, expect, test } from 'vitest'
import { type Served, serve } from './served.ts'

const cluster = 'cluster'

const instancesIn = async ({ ecs }: Served, input: Partial<ListContainerInstancesCommandInput> = {}) => {
  const { containerInstanceArns = [] } = await ecs.send(new ListContainerInstancesCommand({ cluster, ...input }))
  return containerInstanceArns.map((arn) => arn.slice(-6))
}

const tasksIn = async ({ ecs }: Served, input: Partial<ListTasksCommandInput> = {}): Promise<number> =>
  (await ecs.send(new ListTasksCommand({ cluster, ...input }))).taskArns?.length ?? 0

describe('container instances', () => {
  test('are listed by status, all but the INACTIVE, which stay describable', async () => {
    const served = await serve({ groups: [{ hooks: [] }], services: [] })
    const [first = '', second = ''] =
      served.endpoint.state().clusters[0]?.containerInstances.map(({ arn }) => arn) ?? []
    await served.ecs.send(
      new UpdateContainerInstancesStateCommand({ cluster, containerInstances: [second], status: 'DRAINING' }),
    )
    expect(await instancesIn(served)).toEqual(['000000', '000001'])
    expect(await instancesIn(served, { status: 'DRAINING' })).toEqual(['000001'])
    expect(await instancesIn(served, { status: 'ACTIVE' })).toEqual(['000000'])
    expect(await instancesIn(served, { status: 'REGISTERING' })).toEqual([])
    served.endpoint.act({ do: 'terminate-instance', old: 0, decrementDesired: true })
    served.endpoint.advance(60)
    expect(await instancesIn(served)).toEqual(['000001'])
    const { containerInstances } = await served.ecs.send(
      new DescribeContainerInstancesCommand({ cluster, containerInstances: [first] }),
    )
    expect(containerInstances?.map(({ status, agentConnected }) => [status, agentConnected])).toEqual([
      ['INACTIVE', false],
    ])
  })

  test('have a new version when their agent is lost, and another when they are deregistered', async () => {
    const { endpoint, ecs } = await serve({ groups: [{ hooks: [] }], services: [] })
    const [first] = endpoint.state().clusters[0]?.containerInstances ?? []
    const version = async () => {
      const input = { cluster, containerInstances: [first?.arn ?? ''] }
      return (await ecs.send(new DescribeContainerInstancesCommand(input))).containerInstances?.[0]?.version ?? 0
    }
    const before = await version()
    endpoint.act({ do: 'terminate-instance', old: 0 })
    endpoint.advance(60)
    expect((await version()) - before).toBe(2)
  })

  test('are described with what is included, and without what is not', async () => {
    const { endpoint, ecs } = await serve()
    const [first] = endpoint.state().clusters[0]?.containerInstances ?? []
    const described = async (...include: Array<ContainerInstanceField>) => {
      const input = { cluster, containerInstances: [first?.arn ?? ''], include }
      return (await ecs.send(new DescribeContainerInstancesCommand(input))).containerInstances?.[0]
    }
    expect(await described('TAGS', 'CONTAINER_INSTANCE_HEALTH')).toMatchObject({
      tags: [],
      healthStatus: { overallStatus: 'OK' },
    })
    for (const field of ['tags', 'healthStatus']) expect(await described()).not.toHaveProperty(field)
  })

  test('appear in lists a moment after they have registered, and never before', async () => {
    const parameters = { 'ec2.boot': 10, 'agent.registration': 10, 'autoscaling.reaction': 1, 'ecs.listLag': 5000 }
    const served = await serve({ parameters })
    served.endpoint.act({ do: 'scale-out' })
    served.endpoint.advance(22)
    expect(served.endpoint.state().clusters[0]?.containerInstances).toHaveLength(3)
    expect(await instancesIn(served)).toHaveLength(2)
    served.endpoint.advance(5)
    expect(await instancesIn(served)).toHaveLength(3)
    expect(await instancesIn(served, { filter: 'runningTasksCount == 0' })).toEqual(['000002'])
  })

  test('count running tasks by desiredStatus: one that is being stopped is in no counter', async () => {
    const served = await serve({ parameters: { 'ecs.listLag': 0 } })
    const [instance] = served.endpoint.state().clusters[0]?.containerInstances ?? []
    const counts = async () => {
      const { containerInstances } = await served.ecs.send(
        new DescribeContainerInstancesCommand({ cluster, containerInstances: [instance?.arn ?? ''] }),
      )
      return [containerInstances?.[0]?.runningTasksCount, containerInstances?.[0]?.pendingTasksCount]
    }
    expect(await counts()).toEqual([2, 0])
    await served.ecs.send(new StopTaskCommand({ cluster, task: instance?.tasks[0]?.arn }))
    expect(await counts()).toEqual([1, 0])
    // While a service still counts it as running.
    const { services } = await served.ecs.send(new DescribeServicesCommand({ cluster, services: ['web'] }))
    expect(services?.[0]?.runningCount).toBe(4)
  })
})

test('why a task stops is told as soon as it was told to, and that its host went when ECS knows', async () => {
  const { endpoint, ecs } = await serve({
    services: [{ desired: 3, minimumHealthyPercent: 0, exitSeconds: 50, stopTimeoutSeconds: 60 }],
    parameters: { 'ecs.listLag': 0, 'ecs.noticesDeadHost': 10 },
  })
  endpoint.advance(10)
  const [first, other] = endpoint.state().clusters[0]?.containerInstances ?? []
  const [task = '', killed = ''] = first?.tasks.map(({ arn }) => arn) ?? []
  const stopped = await ecs.send(new StopTaskCommand({ cluster, task, reason: 'too old' }))
  expect(stopped.task).toMatchObject({
    lastStatus: 'RUNNING',
    desiredStatus: 'STOPPED',
    stopCode: 'UserInitiated',
    stoppedReason: 'too old',
    stoppingAt: new Date('2026-03-02T08:00:10.000Z'),
  })
  endpoint.act({ do: 'deploy' })
  endpoint.advance(10)
  const stopCodes = async () => {
    const tasks = [killed, other?.tasks[0]?.arn ?? '']
    return (await ecs.send(new DescribeTasksCommand({ cluster, tasks }))).tasks?.map(({ stopCode }) => stopCode)
  }
  endpoint.act({ do: 'kill-instance', old: 0 })
  expect(await stopCodes()).toEqual(['ServiceSchedulerInitiated', 'ServiceSchedulerInitiated'])
  endpoint.advance(20)
  expect(await stopCodes()).toEqual(['TerminationNotice', 'ServiceSchedulerInitiated'])
})

test('events tell of tasks and container instances what describing them tells', async () => {
  const { endpoint, ecs, sqs } = await serve(
    {
      groups: [{ desired: 2, cpu: 4096, hooks: [] }],
      services: [{ name: 'web', desired: 2, cpu: 300, memory: 400 }],
    },
    { subscribes: ['task-stopped', 'container-instance'] },
  )
  endpoint.advance(10)
  const { arn: container = '', tasks: [{ arn = '' } = {}] = [] } =
    endpoint.state().clusters[0]?.containerInstances[1] ?? {}
  await ecs.send(new StopTaskCommand({ cluster, task: arn, reason: 'too old' }))
  endpoint.act({ do: 'set-draining', old: 1 })
  endpoint.advance(60)
  const { Messages = [] } = await sqs.send(
    new ReceiveMessageCommand({ QueueUrl: endpoint.inboxUrl, MaxNumberOfMessages: 10 }),
  )
  const events = Messages.map(({ Body = '' }) => JSON.parse(Body) as { readonly detail: Record<string, unknown> })
  const { tasks = [] } = await ecs.send(new DescribeTasksCommand({ cluster, tasks: [arn] }))
  const [task] = JSON.parse(JSON.stringify(tasks)) as ReadonlyArray<Record<string, unknown>>
  const ofTask = events.find(({ detail }) => detail['taskArn'] === arn)?.detail
  for (const field of ['availabilityZone', 'cpu', 'memory', 'taskDefinitionArn', 'startedBy', 'createdAt', 'startedAt'])
    expect({ [field]: ofTask?.[field] }).toEqual({ [field]: task?.[field] })
  expect(ofTask).toMatchObject({ stopCode: 'UserInitiated', stoppedReason: 'too old', lastStatus: 'STOPPED' })
  // Only describing a task tells its health (AWS: ecs_task_events).
  expect(ofTask).not.toHaveProperty('healthStatus')
  const { containerInstances = [] } = await ecs.send(
    new DescribeContainerInstancesCommand({ cluster, containerInstances: [container] }),
  )
  const ofInstance = events.find(
    ({ detail }) => detail['containerInstanceArn'] === container && 'status' in detail,
  )?.detail
  expect(ofInstance).toMatchObject({ status: 'DRAINING', attributes: containerInstances[0]?.attributes })
  expect(ofInstance?.['registeredResources']).toEqual(containerInstances[0]?.registeredResources)
})

test('the events of a container instance tell how many tasks run there, as rules for empty ones ask', async () => {
  const { endpoint, ecs, sqs } = await serve(
    { groups: [{ desired: 2, hooks: [] }], services: [{ desired: 4 }], parameters: { 'bus.event': 1000 } },
    { subscribes: ['container-instance'] },
  )
  endpoint.advance(10)
  endpoint.act({ do: 'set-draining', old: 0 })
  endpoint.advance(120)
  const { Messages = [] } = await sqs.send(
    new ReceiveMessageCommand({ QueueUrl: endpoint.inboxUrl, MaxNumberOfMessages: 10 }),
  )
  const details = Messages.map(({ Body = '' }) => JSON.parse(Body) as { readonly detail: Record<string, unknown> })
    .map(({ detail }) => detail)
    .toSorted((one, other) => Number(one['version']) - Number(other['version']))
  // As it was when each was sent: both tasks are told to stop in one moment.
  expect(details).toMatchObject(
    [2, 1, 0].map((runningTasksCount) => ({ status: 'DRAINING', runningTasksCount, pendingTasksCount: 0 })),
  )
  const containerInstances = [String(details[0]?.['containerInstanceArn'])]
  const told = await ecs.send(new DescribeContainerInstancesCommand({ cluster, containerInstances }))
  expect(new Date(String(details[0]?.['registeredAt']))).toEqual(told.containerInstances?.[0]?.registeredAt)
  expect(told.containerInstances?.[0]?.version).toBe(details[2]?.['version'])
})

test('a daemon is wanted on each ACTIVE instance that it fits on, whatever number the plan has', async () => {
  const { endpoint, ecs } = await serve({
    groups: [{ desired: 3 }, { name: 'small', desired: 1, memory: 256 }],
    services: [{ schedulingStrategy: 'DAEMON', desired: 7 }],
  })
  const counts = async () => {
    const { services = [] } = await ecs.send(new DescribeServicesCommand({ cluster, services: ['web'] }))
    return services.map((each) => [each.desiredCount, each.deployments?.[0]?.desiredCount, each.runningCount])
  }
  expect(await counts()).toEqual([[3, 3, 3]])
  endpoint.act({ do: 'set-draining', old: 0 })
  endpoint.advance(120)
  expect(await counts()).toEqual([[2, 2, 2]])
  expect(endpoint.state().clusters[0]?.services).toMatchObject([{ desired: 2, running: 2 }])
})

test('a task definition says what the plan says that a task takes', async () => {
  const served = await serve({
    services: [
      { name: 'web', cpu: 512, memory: 300, hostPort: 8080, stopTimeoutSeconds: 90, healthCheckSeconds: [3, 12] },
      { name: 'api', awsvpc: true },
    ],
    standaloneTasks: [{ family: 'batch', memory: 64 }],
  })
  const described = async (taskDefinition: string) =>
    (await served.ecs.send(new DescribeTaskDefinitionCommand({ taskDefinition }))).taskDefinition
  const web = await described('web')
  expect(web).toMatchObject({
    family: 'web',
    revision: 1,
    networkMode: 'bridge',
    containerDefinitions: [
      { cpu: 512, memory: 300, stopTimeout: 90, portMappings: [{ hostPort: 8080 }], healthCheck: { interval: 12 } },
    ],
  })
  expect(await described(web?.taskDefinitionArn ?? '')).toEqual(web)
  expect((await described('api:1'))?.networkMode).toBe('awsvpc')
  expect((await described('batch'))?.containerDefinitions?.[0]?.memory).toBe(64)
  await expect(described('other')).rejects.toThrow('Unable to describe task definition.')
  await expect(described('web:2')).rejects.toThrow('Unable to describe task definition.')
})

test('a service behind a load balancer names its target group, and a port that its container has', async () => {
  const { ecs } = await serve({
    services: [
      { name: 'web', loadBalancer: {} },
      { name: 'own', loadBalancer: {}, awsvpc: true },
      { name: 'fixed', loadBalancer: {}, hostPort: 8080 },
      { name: 'worker' },
    ],
  })
  const names = ['web', 'own', 'fixed', 'worker']
  const { services = [] } = await ecs.send(new DescribeServicesCommand({ cluster, services: names }))
  const targetGroupArn = 'arn:aws:elasticloadbalancing:eu-west-1:123456789012:targetgroup/web/73e2d6bc24d8a067'
  expect(services[0]?.loadBalancers).toEqual([{ targetGroupArn, containerName: 'main', containerPort: 80 }])
  expect(services[3]?.loadBalancers).toEqual([])
  const portsOf = async (taskDefinition: string) => {
    const described = await ecs.send(new DescribeTaskDefinitionCommand({ taskDefinition }))
    const { portMappings = [] } = described.taskDefinition?.containerDefinitions?.[0] ?? {}
    return portMappings.map(({ containerPort, hostPort }) => [containerPort, hostPort])
  }
  expect(await Promise.all(names.map(portsOf))).toEqual([[[80, 0]], [[80, 80]], [[8080, 8080]], []])
  expect(services.map(({ loadBalancers }) => loadBalancers?.[0]?.containerPort)).toEqual([80, 80, 8080, undefined])
})

test('tasks are listed by what they belong to, and without a desired status those told to stop are left out', async () => {
  const served = await serve({
    services: [{ name: 'web' }, { name: 'api', desired: 2 }],
    standaloneTasks: [{ family: 'batch', count: 3 }],
    parameters: { 'ecs.listLag': 0, 'scheduler.reaction': 100 },
  })
  served.endpoint.advance(10)
  const [instance] = served.endpoint.state().clusters[0]?.containerInstances ?? []
  expect(await tasksIn(served)).toBe(9)
  expect(await tasksIn(served, { serviceName: 'api' })).toBe(2)
  expect(await tasksIn(served, { family: 'batch' })).toBe(3)
  expect(await tasksIn(served, { containerInstance: instance?.arn })).toBe(instance?.tasks.length)
  expect(await tasksIn(served, { launchType: 'FARGATE' })).toBe(0)
  expect(await tasksIn(served, { desiredStatus: 'PENDING' })).toBe(0)
  served.endpoint.act({ do: 'stop-tasks', tasks: [instance?.tasks[0]?.arn] })
  expect([await tasksIn(served), await tasksIn(served, { desiredStatus: 'STOPPED' })]).toEqual([8, 1])
  await expect(tasksIn(served, { containerInstance: '0'.repeat(32) })).rejects.toThrow('not found')
})

describe('of the filters of ListTasks', () => {
  const containerInstance = '0'.repeat(32)
  const [family, serviceName, startedBy, launchType] = ['web', 'web', 'ecs-svc/1', 'EC2'] as const

  test.each([
    ['serviceName', { serviceName, containerInstance }],
    ['serviceName', { serviceName, family }],
    ['startedBy', { startedBy, serviceName }],
    ['startedBy', { startedBy, containerInstance }],
    ['startedBy', { startedBy, family }],
    ['startedBy', { startedBy, launchType }],
  ])('AWS does not take %s with another: %j', async (refused, filters) => {
    const asked = tasksIn(await serve(), filters)
    await expect(asked).rejects.toThrow(`cannot specify ${refused} with other arguments`)
  })

  test('it takes a container instance with a family, and a desired status with any', async () => {
    const served = await serve()
    const [instance] = served.endpoint.state().clusters[0]?.containerInstances ?? []
    for (const filters of [
      { containerInstance: instance?.arn, family, launchType },
      { serviceName, launchType },
      { startedBy },
    ])
      await expect(tasksIn(served, { ...filters, desiredStatus: 'STOPPED' })).resolves.toBe(0)
  })
})

test('EC2 shows a terminated instance for an hour', async () => {
  const { endpoint, postForm } = await serve({ groups: [{ hooks: [] }], parameters: { 'autoscaling.healthCheck': 0 } })
  const id = endpoint.state().groups[0]?.instances[0]?.instanceId ?? ''
  endpoint.advance(5000)
  endpoint.act({ do: 'kill-instance', instance: id })
  const isShown = async () =>
    (await postForm({ Action: 'DescribeInstances', Version: '2016-11-15', 'InstanceId.1': id })).status === 200
  endpoint.advance(3599)
  expect(await isShown()).toBe(true)
  endpoint.advance(1)
  expect(await isShown()).toBe(false)
})

test('a hook tells its global timeout: a hundred heartbeats, or 48 hours', async () => {
  const { postForm } = await serve({
    groups: [{ hooks: [{ heartbeatTimeoutSeconds: 60 }, { name: 'other', heartbeatTimeoutSeconds: 7200 }] }],
  })
  const hooks = { Action: 'DescribeLifecycleHooks', Version: '2011-01-01', AutoScalingGroupName: 'group' }
  const { text } = await postForm(hooks)
  expect(text.match(/(?<=<GlobalTimeout>)\d+/g)).toEqual(['6000', '172800'])
})
