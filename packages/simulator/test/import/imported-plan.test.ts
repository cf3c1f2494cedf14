// What AWS says of a cluster becomes a plan; what of it the plan cannot have is said.
import { describe, expect, test } from 'vitest'
import type { ClusterAccount, Hook, Service, TaskDefinition } from '../../src/import/cluster-account.ts'
import { type Imported, importedPlan } from '../../src/import/imported-plan.ts'

const service: Service = {
  serviceName: 'web',
  desiredCount: 4,
  taskDefinition: 'web:7',
  schedulingStrategy: 'REPLICA',
  deploymentConfiguration: { minimumHealthyPercent: 50, maximumPercent: 150 },
}

const definition: TaskDefinition = { containerDefinitions: [{ cpu: 256, memory: 512 }], networkMode: 'bridge' }

const host = (n: number, cpu = 2048, memory = 3900) => ({
  containerInstanceArn: `arn:aws:ecs:eu-central-1:111122223333:container-instance/production/${n}`,
  ec2InstanceId: `i-${n}`,
  registeredResources: [
    { name: 'CPU', integerValue: cpu },
    { name: 'MEMORY', integerValue: memory },
    { name: 'PORTS' },
  ],
})

const group: ClusterAccount['groups'][number] = {
  AutoScalingGroupName: 'hosts',
  MinSize: 2,
  MaxSize: 6,
  DesiredCapacity: 2,
  AvailabilityZones: ['eu-central-1a', 'eu-central-1b', 'eu-central-1c'],
  Instances: [{ InstanceId: 'i-1' }, { InstanceId: 'i-2' }],
  hooks: [
    {
      LifecycleHookName: 'ecs-drain',
      LifecycleTransition: 'autoscaling:EC2_INSTANCE_TERMINATING',
      HeartbeatTimeout: 600,
      DefaultResult: 'CONTINUE',
      NotificationTargetARN: 'arn:aws:sns:eu-central-1:111122223333:terminations',
    },
  ],
}

const account: ClusterAccount = {
  cluster: 'production',
  services: [service],
  containerInstances: [host(1), host(2)],
  tasks: [],
  definitions: new Map([['web:7', definition]]),
  targetGroups: new Map(),
  groups: [group],
}

const imported = (change: Partial<ClusterAccount> = {}): Imported =>
  importedPlan({ ...account, ...change }, 'ecs-drain')

const withDefinition = (change: Partial<TaskDefinition>): Imported =>
  imported({ definitions: new Map([['web:7', { ...definition, ...change }]]) })

test('a plain cluster is imported as it is, with nothing to say about it, and with an update to rehearse', () => {
  expect(imported()).toEqual({
    plan: {
      name: 'production',
      cluster: { name: 'production', region: 'eu-central-1', account: '111122223333' },
      groups: [
        {
          name: 'hosts',
          desired: 2,
          min: 2,
          max: 6,
          availabilityZones: 3,
          cpu: 2048,
          memory: 3900,
          hooks: [{ name: 'ecs-drain', heartbeatTimeoutSeconds: 600, defaultResult: 'CONTINUE', owner: 'controller' }],
        },
      ],
      services: [{ name: 'web', desired: 4, minimumHealthyPercent: 50, maximumPercent: 150, cpu: 256, memory: 512 }],
      happenings: [{ atSeconds: 60, do: 'instance-refresh', group: 'hosts' }],
    },
    notes: [],
  })
})

test('a cluster without services is where it is all the same', () => {
  expect(imported({ services: [] }).plan.cluster).toEqual(imported().plan.cluster)
})

test('a cluster that was asked for by its ARN has its name', () => {
  expect(imported({ cluster: 'arn:aws:ecs:eu-central-1:111122223333:cluster/production' })).toEqual(imported())
})

describe('the refresh, as it is without preferences of its own,', () => {
  const refreshed = (change: Partial<ClusterAccount['groups'][number]>) =>
    imported({ groups: [{ ...group, ...change }] }).plan.happenings?.[0]
  const plain = { atSeconds: 60, do: 'instance-refresh', group: 'hosts' }

  test("keeps between the bounds of the group's instance maintenance policy", () => {
    const policy = { MinHealthyPercentage: 100, MaxHealthyPercentage: 110 }
    expect(refreshed({ InstanceMaintenancePolicy: policy })).toEqual({
      ...plain,
      minHealthyPercentage: 100,
      maxHealthyPercentage: 110,
    })
  })

  test('knows no bounds of a policy that was taken away', () => {
    const none = { MinHealthyPercentage: -1, MaxHealthyPercentage: -1 }
    expect(refreshed({ InstanceMaintenancePolicy: none })).toEqual(plain)
  })

  test.each([
    [{ HealthCheckGracePeriod: 0 }, 0],
    [{ HealthCheckGracePeriod: 300, DefaultInstanceWarmup: 0 }, 0],
    [{ HealthCheckGracePeriod: 300, DefaultInstanceWarmup: -1 }, 300],
  ])('of a group with %j waits %i s after each new instance', (change, instanceWarmupSeconds) => {
    expect(refreshed(change)).toEqual({ ...plain, instanceWarmupSeconds })
  })
})

describe('a group', () => {
  test("without our hook gets it, since that is what is to be rehearsed, and its other hooks are others'", () => {
    const [other, launching] = [
      { LifecycleHookName: 'backup', LifecycleTransition: 'autoscaling:EC2_INSTANCE_TERMINATING' },
      { LifecycleHookName: 'warm-up', LifecycleTransition: 'autoscaling:EC2_INSTANCE_LAUNCHING' },
    ]
    const { plan, notes } = imported({ groups: [{ ...group, hooks: [other, launching] }] })
    expect(plan.groups?.[0]?.hooks).toEqual([
      {
        name: 'backup',
        heartbeatTimeoutSeconds: 3600,
        defaultResult: 'ABANDON',
        owner: 'other',
        notifies: 'eventbridge',
      },
      { name: 'ecs-drain', heartbeatTimeoutSeconds: 900, defaultResult: 'CONTINUE', owner: 'controller' },
    ])
    expect(notes).toEqual([
      'How long whoever answers hook backup of group hosts takes is not known; a minute here.',
      'Group hosts has no lifecycle hook ecs-drain; it has one here, with 15 minutes for a heartbeat.',
    ])
  })

  test('of different instances has the size of the smallest, which promises least', () => {
    const { plan, notes } = imported({ containerInstances: [host(1), host(2, 1024, 1900)] })
    expect(plan.groups?.[0]).toMatchObject({ cpu: 1024, memory: 1900 })
    expect(notes).toEqual(['Instances of group hosts differ in size; all have that of the smallest here.'])
  })

  test.each([
    ['CPU', host(2, 1024)],
    ['memory', host(2, 2048, 1900)],
  ])('whose instances differ in nothing but %s is said to be of different ones', (_, other) => {
    const { notes } = imported({ containerInstances: [host(1), other] })
    expect(notes).toEqual(['Instances of group hosts differ in size; all have that of the smallest here.'])
  })

  test('has the size of its own instances', () => {
    const other = { ...group, AutoScalingGroupName: 'large', Instances: [{ InstanceId: 'i-3' }] }
    const { plan, notes } = imported({
      groups: [group, other],
      containerInstances: [host(1), host(2), host(3, 8192, 15_000)],
    })
    expect(plan.groups).toMatchObject([
      { cpu: 2048, memory: 3900 },
      { cpu: 8192, memory: 15_000 },
    ])
    expect(notes).toEqual(['Only group hosts is updated here: add a happening for another.'])
  })

  test('keeps what decides the fate of a host: retention after ABANDON, and a warm pool that takes it back', () => {
    const kept = {
      ...group,
      WarmPoolConfiguration: { InstanceReusePolicy: { ReuseOnScaleIn: true } },
      InstanceLifecyclePolicy: { RetentionTriggers: { TerminateHookAbandon: 'retain' } },
    }
    expect(imported({ groups: [kept] }).plan.groups?.[0]).toMatchObject({
      reuseOnScaleIn: true,
      terminateHookAbandon: 'retain',
    })
  })

  test.each([
    [undefined, 'eventbridge'],
    ['arn:aws:sqs:eu-central-1:111122223333:terminations', 'sqs'],
    ['arn:aws:lambda:eu-central-1:111122223333:function:drain', 'lambda'],
    // Behind a topic may be a queue or a function.
    ['arn:aws-cn:sns:cn-north-1:111122223333:terminations', undefined],
  ])('whose hook has the target %s notifies %s, and keeps its metadata', (target, notifies) => {
    const [{ NotificationTargetARN: _, ...untargeted }] = group.hooks as [Hook]
    const NotificationMetadata = '{"cluster":"production"}'
    const hook = {
      ...untargeted,
      ...(target === undefined ? {} : { NotificationTargetARN: target }),
      NotificationMetadata,
    }
    const [made] = imported({ groups: [{ ...group, hooks: [hook] }] }).plan.groups?.[0]?.hooks ?? []
    expect(made).toMatchObject({ name: 'ecs-drain', notificationMetadata: NotificationMetadata })
    expect(made?.notifies).toBe(notifies)
  })

  test.each([
    ['weights', { Instances: ['1', '2'].map((id) => ({ InstanceId: `i-${id}`, WeightedCapacity: '4' })) }],
    ['vCPUs', { DesiredCapacityType: 'vcpu' }],
  ])('whose capacity is counted in %s has as many instances as there are', (_, counted) => {
    const weighted = { ...group, MinSize: 4, MaxSize: 40, DesiredCapacity: 8, ...counted }
    const { plan, notes } = imported({ groups: [weighted] })
    expect(plan.groups?.[0]).toMatchObject({ desired: 2, min: 1, max: 10 })
    expect(notes).toEqual([expect.stringMatching(/^Capacity of group hosts is not counted in instances/)])
  })

  test('that protects its instances from scale-in is said to be refreshed otherwise in reality', () => {
    const { notes } = imported({ groups: [{ ...group, NewInstancesProtectedFromScaleIn: true }] })
    expect(notes).toEqual([expect.stringMatching(/^Group hosts protects its instances from scale-in/)])
  })

  test('that is not the only one is the only one that is updated', () => {
    const spot = { ...group, AutoScalingGroupName: 'spot' }
    const { plan, notes } = imported({ groups: [group, spot] })
    expect(plan.happenings).toEqual([{ atSeconds: 60, do: 'instance-refresh', group: 'hosts' }])
    expect(notes).toEqual(['Only group hosts is updated here: add a happening for another.'])
  })

  test('is not made up for hosts that are in none', () => {
    const { plan, notes } = imported({ containerInstances: [host(1), host(2), host(9)] })
    expect(plan.groups).toHaveLength(1)
    expect(notes).toEqual([expect.stringMatching(/^Container instances of no Auto Scaling group are left out \(1\)/)])
  })
})

describe('a service', () => {
  test.each([
    [{ launchType: 'FARGATE' }],
    [{ launchType: 'EXTERNAL' }],
    [{ launchType: 'MANAGED_INSTANCES' }],
    [{ capacityProviderStrategy: [{ capacityProvider: 'FARGATE' }] }],
    [{ capacityProviderStrategy: [{ capacityProvider: 'FARGATE_SPOT' }] }],
  ])('of %j has no task on these instances, and is left out', (change) => {
    const { plan, notes } = imported({ services: [{ ...service, ...change }] })
    expect(plan.services).toEqual([])
    expect(notes).toEqual(['Service web is left out: its tasks are not on these instances.'])
  })

  test.each([
    [{ launchType: 'EC2' }],
    [{ capacityProviderStrategy: [{ capacityProvider: 'NOT_FARGATE_SPOT_EITHER' }] }],
  ])('of %j is on these instances', (change) => {
    expect(imported({ services: [{ ...service, ...change }] })).toEqual(imported())
  })

  test('that is balanced across zones stays so', () => {
    const [made] = imported({ services: [{ ...service, availabilityZoneRebalancing: 'ENABLED' }] }).plan.services ?? []
    expect(made).toMatchObject({ availabilityZoneRebalancing: 'ENABLED' })
  })

  test('of daemons stays one, at the maximum that AWS allows it', () => {
    const daemon = { ...service, schedulingStrategy: 'DAEMON' }
    const [made] = imported({ services: [daemon] }).plan.services ?? []
    expect(made).toMatchObject({ schedulingStrategy: 'DAEMON', minimumHealthyPercent: 50 })
    expect(made).not.toHaveProperty('maximumPercent')
  })

  test('takes of an instance what its task definition says, for the whole task or for its containers', () => {
    expect(withDefinition({ cpu: '1024', memory: '2048' }).plan.services?.[0]).toMatchObject({
      cpu: 1024,
      memory: 2048,
    })
    const containers = [
      { cpu: 128, memory: 512, memoryReservation: 100 },
      { cpu: 64, memory: 50 },
    ]
    const summed = withDefinition({ containerDefinitions: containers }).plan.services?.[0]
    expect(summed).toMatchObject({ cpu: 192, memory: 150 })
  })

  test('has the health check and the stop timeout of its slowest container', () => {
    const containers = [
      { healthCheck: {}, stopTimeout: 20 },
      { healthCheck: { interval: 10 }, stopTimeout: 120 },
    ]
    expect(withDefinition({ containerDefinitions: containers }).plan.services?.[0]).toMatchObject({
      healthCheckSeconds: 30,
      stopTimeoutSeconds: 120,
    })
  })

  test('has half a minute to stop if one of its containers says nothing, and another says less', () => {
    const stopTimeoutOf = (...containers: TaskDefinition['containerDefinitions']) =>
      withDefinition({ containerDefinitions: containers }).plan.services?.[0]?.stopTimeoutSeconds
    expect(stopTimeoutOf({ stopTimeout: 5 }, {})).toBe(30)
    expect(stopTimeoutOf({ stopTimeout: 5 }, { stopTimeout: 8 })).toBe(8)
    // Then it is the plan's own.
    expect(stopTimeoutOf({}, {})).toBeUndefined()
  })

  test('whose containers depend on each other is said to stop them at once here', () => {
    const containerDefinitions = [{}, { dependsOn: [{ containerName: 'proxy', condition: 'START' }] }]
    expect(withDefinition({ containerDefinitions }).notes).toEqual([
      'Containers of service web that depend on each other stop one after another; all at once here.',
    ])
  })

  test('with a fixed host port is one to an instance, unless its tasks have addresses of their own', () => {
    const containerDefinitions = [{ portMappings: [{ hostPort: 0 }, { hostPort: 8080 }, { hostPort: 9090 }] }]
    const fixed = withDefinition({ containerDefinitions })
    expect(fixed.plan.services?.[0]).toMatchObject({ hostPort: 8080 })
    expect(fixed.notes).toEqual(['Of the fixed host ports of service web only 8080 is here.'])
    const own = withDefinition({ containerDefinitions, networkMode: 'awsvpc' }).plan.services?.[0]
    expect(own).toMatchObject({ awsvpc: true })
    expect(own).not.toHaveProperty('hostPort')
  })

  test('behind load balancers has the longest deregistration delay and health check interval of them', () => {
    const loadBalancers = [{ targetGroupArn: 'one' }, { targetGroupArn: 'other' }, {}]
    const { plan, notes } = imported({
      services: [{ ...service, loadBalancers }],
      targetGroups: new Map([
        ['one', { deregistrationDelay: 30, healthCheckInterval: 120 }],
        ['other', { deregistrationDelay: 300, healthCheckInterval: 5 }],
      ]),
    })
    expect(plan.services?.[0]?.loadBalancer).toEqual({
      deregistrationDelaySeconds: 300,
      healthyAfterSeconds: [10, 120],
    })
    expect(notes).toEqual([])
  })

  test('is healthy as soon as the one check that a new target needs', () => {
    const { plan } = imported({
      services: [{ ...service, loadBalancers: [{ targetGroupArn: 'one' }] }],
      targetGroups: new Map([['one', { deregistrationDelay: 30, healthCheckInterval: 5 }]]),
    })
    expect(plan.services?.[0]?.loadBalancer?.healthyAfterSeconds).toEqual([5, 5])
  })

  test('of whose target group nothing is told is behind a load balancer all the same, and that is said', () => {
    const { plan, notes } = imported({
      services: [{ ...service, loadBalancers: [{ targetGroupArn: 'one' }] }],
      targetGroups: new Map([['one', { notTold: 'aws elbv2 describe-target-groups: An error occurred' }]]),
    })
    expect(plan.services?.[0]?.loadBalancer).toEqual({})
    expect(notes).toEqual([
      'Of a target group of service web nothing is known, and a default is here: aws elbv2 describe-target-groups: An error occurred',
    ])
  })

  test('behind a Classic Load Balancer is said to be behind none here', () => {
    const { plan, notes } = imported({ services: [{ ...service, loadBalancers: [{ loadBalancerName: 'old' }] }] })
    expect(plan.services?.[0]).not.toHaveProperty('loadBalancer')
    expect(notes).toEqual(['The Classic Load Balancer of service web is left out: its tasks are behind none here.'])
  })

  test('takes as long to pull and to start as its running tasks took, whichever way the CLI prints time', () => {
    const tasks = [
      { group: 'service:web', pullStartedAt: 1000, pullStoppedAt: 1002.5, startedAt: 1003 },
      {
        group: 'service:web',
        pullStartedAt: '2026-03-02T08:00:00+01:00',
        pullStoppedAt: '2026-03-02T08:00:09+01:00',
        startedAt: '2026-03-02T08:00:11.24+01:00',
      },
      { group: 'service:api', pullStartedAt: 0, pullStoppedAt: 500 },
      // On its way, and by a clock that was set back.
      { group: 'service:web', pullStartedAt: 900 },
      { group: 'service:web', pullStartedAt: 1000, pullStoppedAt: 999, startedAt: 998 },
    ]
    expect(imported({ tasks }).plan.services?.[0]).toMatchObject({ pullSeconds: [2.5, 9], startSeconds: [0.5, 2.2] })
  })

  test('that is packed is said to be spread here', () => {
    const [packed, spread] = ['binpack', 'spread'].map((type) => ({ ...service, placementStrategy: [{ type }] }))
    expect(imported({ services: [packed as Service] }).notes).toEqual([
      'The placement strategy of service web is left out: its tasks are spread here.',
    ])
    expect(imported({ services: [spread as Service] }).notes).toEqual([])
  })

  test('with placement constraints is said to have none here', () => {
    const constrained = { ...service, placementConstraints: [{ type: 'distinctInstance' }] }
    expect(imported({ services: [constrained] }).notes).toEqual([
      'Placement constraints of service web are left out: any instance with room will do here.',
    ])
  })
})

const containerInstanceArn = host(1).containerInstanceArn
const arnOf = (family: string, revision = 1) =>
  `arn:aws:ecs:eu-central-1:111122223333:task-definition/${family}:${revision}`

test('tasks of no service come along by family, whatever group they were run in', () => {
  const tasks = [
    { group: 'family:report', taskDefinitionArn: arnOf('report') },
    { group: 'nightly', taskDefinitionArn: arnOf('report', 2) },
    { group: 'family:unknown', taskDefinitionArn: arnOf('unknown') },
    { group: 'service:web', taskDefinitionArn: arnOf('web') },
  ].map((task) => ({ ...task, containerInstanceArn }))
  const definitions = new Map([
    [arnOf('report'), { containerDefinitions: [{ cpu: 64, memory: 128, stopTimeout: 60 }] }],
  ])
  const { plan, notes } = imported({ tasks, definitions })
  expect(plan.standaloneTasks).toEqual([
    { family: 'report', count: 2, cpu: 64, memory: 128, stopTimeoutSeconds: 60 },
    { family: 'unknown', count: 1 },
  ])
  expect(notes).toHaveLength(2)
})

test('tasks of RunTask on Fargate are on no instance', () => {
  const { plan, notes } = imported({ tasks: [{ group: 'family:report', taskDefinitionArn: arnOf('report') }] })
  expect(plan).not.toHaveProperty('standaloneTasks')
  expect(notes).toEqual([])
})
