// What AWS refuses, in its own codes and statuses; what the plan's buckets and faults do to a caller.
import {
  AutoScalingServiceException,
  CompleteLifecycleActionCommand,
  DescribeAutoScalingGroupsCommand,
  DescribeAutoScalingInstancesCommand,
  DescribeLifecycleHooksCommand,
  PutLifecycleHookCommand,
  type RefreshPreferences,
  SetDesiredCapacityCommand,
  StartInstanceRefreshCommand,
  TerminateInstanceInAutoScalingGroupCommand,
} from '@aws-sdk/client-auto-scaling'
import { DescribeInstancesCommand } from '@aws-sdk/client-ec2'
import {
  ClusterNotFoundException,
  DescribeClustersCommand,
  DescribeContainerInstancesCommand,
  DescribeTasksCommand,
  ListContainerInstancesCommand,
  ListTasksCommand,
  RunTaskCommand,
  ServiceNotFoundException,
  StopTaskCommand,
  UpdateContainerInstancesStateCommand,
} from '@aws-sdk/client-ecs'
import { DeleteMessageCommand, GetQueueUrlCommand, QueueDoesNotExist, SendMessageCommand } from '@aws-sdk/client-sqs'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { endpointReference } from '../../src/endpoint.ts'
import { failureKinds } from '../../src/trace/trace.ts'
import { entriesOf } from '../world/running.ts'
import { parseXml } from './aws-model.ts'
import { type Answered, ecsTarget, serve } from './served.ts'

const cluster = 'cluster'

const jsonError = ({ status, text }: Answered) => ({ status, ...(JSON.parse(text) as { readonly __type: string }) })

const xmlError = ({ status, text }: Answered): readonly [status: number, code: unknown] => {
  const root = parseXml(text) as {
    readonly ErrorResponse?: { Error: { Code: string } }
    readonly Response?: { Errors: { Error: { Code: string } } }
  }
  return [status, root.ErrorResponse?.Error.Code ?? root.Response?.Errors.Error.Code]
}

const codeOf = async (promise: Promise<unknown>): Promise<string> => {
  try {
    await promise
  } catch (error) {
    return error instanceof Error ? error.name : String(error)
  }
  return 'no error'
}

describe('what is not known is refused', () => {
  test.each([
    [ecsTarget('CreateCluster'), '{}', 'UnknownOperationException'],
    ['DynamoDB_20120810.GetItem', '{}', 'UnknownOperationException'],
    [ecsTarget('ListTasks'), '{"cluster":"cluster","filter":"x"}', 'InvalidParameterException'],
    [ecsTarget('ListTasks'), '{"cluster":"cluster","__proto__":{"x":1}}', 'InvalidParameterException'],
    [ecsTarget('ListTasks'), '{"cluster":7}', 'SerializationException'],
    [ecsTarget('ListTasks'), '{"cluster":"cluster","maxResults":"10"}', 'SerializationException'],
    [ecsTarget('ListTasks'), '{"cluster":"cluster","maxResults":101}', 'InvalidParameterException'],
    [ecsTarget('ListTasks'), '{"cluster":"cluster","desiredStatus":"running"}', 'InvalidParameterException'],
    [ecsTarget('ListTasks'), '{"cluster":"cluster","nextToken":"bm9uZQ=="}', 'InvalidParameterException'],
    [ecsTarget('ListTasks'), '{"cluster":', 'SerializationException'],
    [ecsTarget('ListTasks'), '[]', 'SerializationException'],
    [ecsTarget('DescribeTasks'), '{"cluster":"cluster"}', 'InvalidParameterException'],
    [ecsTarget('DescribeTasks'), '{"cluster":"cluster","tasks":[]}', 'InvalidParameterException'],
    [ecsTarget('ListTasks'), '{}', 'ClusterNotFoundException'],
    [ecsTarget('RunTask'), '{"cluster":"cluster","taskDefinition":"none"}', 'ClientException'],
    [
      ecsTarget('UpdateContainerInstancesState'),
      '{"cluster":"cluster","containerInstances":["x"],"status":"REGISTERING"}',
      'InvalidParameterException',
    ],
    ['AmazonSQS.ListQueues.x', '{}', 'com.amazonaws.sqs#UnknownOperationException'],
    ['AmazonSQS.CreateQueue', '{"QueueName":"x"}', 'com.amazonaws.sqs#UnknownOperationException'],
    ['AmazonSQS.ReceiveMessage', '{"QueueUrl":"x/none"}', 'com.amazonaws.sqs#QueueDoesNotExist'],
    ['AmazonSQS.ReceiveMessage', '{}', 'com.amazonaws.sqs#MissingRequiredParameterException'],
  ])('%s %s', async (target, body, code) => {
    const { postJson } = await serve()
    const answered = await postJson(target, body)
    expect(jsonError(answered)).toMatchObject({ status: 400, __type: code, message: expect.stringMatching(/.../) })
    expect(answered.headers.get('x-amzn-requestid')).toMatch(/^[0-9a-f-]{36}$/)
  })

  test.each([
    [{ Action: 'CreateAutoScalingGroup', Version: '2011-01-01' }, 'InvalidAction'],
    [{ Action: 'DescribeAutoScalingGroups', Version: '2010-08-01' }, 'InvalidAction'],
    // Elastic Load Balancing.
    [{ Action: 'DescribeTargetGroups', Version: '2015-12-01' }, 'InvalidAction'],
    [{ Version: '2011-01-01' }, 'MissingAction'],
    [{ Action: 'DescribeAutoScalingGroups', Version: '2011-01-01', Colour: 'red' }, 'ValidationError'],
    [{ Action: 'DescribeAutoScalingGroups', Version: '2011-01-01', MaxRecords: 'many' }, 'ValidationError'],
    [{ Action: 'DescribeAutoScalingGroups', Version: '2011-01-01', NextToken: 'none' }, 'InvalidNextToken'],
    [
      { Action: 'DescribeAutoScalingGroups', Version: '2011-01-01', 'Filters.member.1.Name': 'colour' },
      'ValidationError',
    ],
    [
      { Action: 'DescribeAutoScalingGroups', Version: '2011-01-01', 'Filters.member.1.Name': 'tag-key', Filters: '' },
      'ValidationError',
    ],
    [
      { Action: 'DescribeAutoScalingGroups', Version: '2011-01-01', Filters: '', 'Filters.member.1.Name': 'tag-key' },
      'ValidationError',
    ],
    [{ Action: 'DescribeLifecycleHooks', Version: '2011-01-01', AutoScalingGroupName: 'none' }, 'ValidationError'],
    [
      {
        Action: 'PutLifecycleHook',
        Version: '2011-01-01',
        AutoScalingGroupName: 'group',
        LifecycleHookName: 'a hook',
        LifecycleTransition: 'autoscaling:EC2_INSTANCE_TERMINATING',
      },
      'ValidationError',
    ],
    [{ Action: 'DescribeInstances', Version: '2016-11-15', Colour: 'red' }, 'UnknownParameter'],
    [
      { Action: 'DescribeInstances', Version: '2016-11-15', 'Filter.1.Name': 'colour', 'Filter.1.Value.1': 'red' },
      'InvalidParameterValue',
    ],
    [
      { Action: 'DescribeInstances', Version: '2016-11-15', 'InstanceId.1': 'i-0123456789abcdef0' },
      'InvalidInstanceID.NotFound',
    ],
    [
      { Action: 'DescribeInstances', Version: '2016-11-15', 'InstanceId.1': 'i-0123456789abcdef0', MaxResults: '5' },
      'InvalidParameterCombination',
    ],
    [{ Action: 'RunInstances', Version: '2016-11-15' }, 'InvalidAction'],
  ])('%j', async (form, code) => {
    const { postForm } = await serve()
    expect(xmlError(await postForm(form as Readonly<Record<string, string>>))).toEqual([400, code])
  })

  test('an operation in JSON by another method than POST', async () => {
    const { endpoint } = await serve()
    const headers = { 'x-amz-target': ecsTarget('ListClusters') }
    const answered = await fetch(endpoint.url, { headers })
    expect([answered.status, await answered.json()]).toMatchObject([400, { __type: 'UnknownOperationException' }])
  })

  test('the SDK knows its own errors again', async () => {
    const { ecs, autoScaling, sqs, ec2 } = await serve()
    await expect(ecs.send(new ListTasksCommand({ cluster: 'none' }))).rejects.toBeInstanceOf(ClusterNotFoundException)
    await expect(ecs.send(new ListTasksCommand({ cluster, serviceName: 'none' }))).rejects.toBeInstanceOf(
      ServiceNotFoundException,
    )
    await expect(sqs.send(new GetQueueUrlCommand({ QueueName: 'none' }))).rejects.toBeInstanceOf(QueueDoesNotExist)
    const QueueUrl = 'http://127.0.0.1/123456789012/ecs-drain-inbox'
    expect(await codeOf(sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle: 'x' })))).toBe(
      'ReceiptHandleIsInvalid',
    )
    expect(await codeOf(ec2.send(new DescribeInstancesCommand({ InstanceIds: ['x'] })))).toBe(
      'InvalidInstanceID.Malformed',
    )
    expect(await codeOf(ecs.send(new StopTaskCommand({ cluster, task: 'none' })))).toBe('InvalidParameterException')
    const token = '87654321-4321-4321-4321-210987654321'
    const none = { AutoScalingGroupName: 'group', LifecycleHookName: 'ecs-drain', LifecycleActionToken: token }
    const error = await autoScaling
      .send(new CompleteLifecycleActionCommand({ ...none, LifecycleActionResult: 'CONTINUE' }))
      .catch((reason: unknown) => reason)
    expect(error).toBeInstanceOf(AutoScalingServiceException)
    expect(error).toMatchObject({
      name: 'ValidationError',
      message: `No active Lifecycle Action found with token ${token}`,
    })
  })

  test('a token or an id that cannot be one is not an action that has ended', async () => {
    const { endpoint, autoScaling } = await serve()
    endpoint.act({ do: 'terminate-instance' })
    const action = { AutoScalingGroupName: 'group', LifecycleHookName: 'ecs-drain', LifecycleActionResult: 'CONTINUE' }
    for (const malformed of [
      { LifecycleActionToken: 'a-token' },
      { InstanceId: '' },
      { InstanceId: 'i-'.repeat(10) },
    ]) {
      const refused = autoScaling.send(new CompleteLifecycleActionCommand({ ...action, ...malformed }))
      await expect(refused).rejects.toMatchObject({
        name: 'ValidationError',
        message: expect.not.stringContaining('No active Lifecycle Action found'),
      })
    }
  })

  test('Auto Scaling keeps to the bounds of a group and to one refresh at a time', async () => {
    const { endpoint, autoScaling } = await serve({ groups: [{ min: 2, max: 3 }] })
    const AutoScalingGroupName = 'group'
    const set = (DesiredCapacity: number) =>
      autoScaling.send(new SetDesiredCapacityCommand({ AutoScalingGroupName, DesiredCapacity }))
    expect(await codeOf(set(4))).toBe('ValidationError')
    expect(await codeOf(set(1))).toBe('ValidationError')
    const InstanceId = endpoint.state().groups[0]?.instances[0]?.instanceId
    const end = (ShouldDecrementDesiredCapacity: boolean) =>
      autoScaling.send(new TerminateInstanceInAutoScalingGroupCommand({ InstanceId, ShouldDecrementDesiredCapacity }))
    expect(await codeOf(end(true))).toBe('ValidationError')
    expect(await codeOf(end(false))).toBe('no error')
    expect(await codeOf(end(false))).toBe('ScalingActivityInProgressFault')
    const refresh = (Preferences?: RefreshPreferences) =>
      autoScaling.send(new StartInstanceRefreshCommand({ AutoScalingGroupName, Preferences }))
    expect(await codeOf(refresh({ MaxHealthyPercentage: 150 }))).toBe('ValidationError')
    expect(await codeOf(refresh({ MaxHealthyPercentage: 150, MinHealthyPercentage: 49 }))).toBe('ValidationError')
    expect(await codeOf(refresh())).toBe('no error')
    expect(await codeOf(refresh())).toBe('InstanceRefreshInProgressFault')
  })
})

test('an instance in a warm pool is not terminated from there, and nothing of it is in progress', async () => {
  const { endpoint, autoScaling } = await serve({ groups: [{ hooks: [], reuseOnScaleIn: true }] })
  endpoint.act({ do: 'scale-in' })
  endpoint.advance(60)
  const { AutoScalingInstances = [] } = await autoScaling.send(new DescribeAutoScalingInstancesCommand({}))
  const pooled = AutoScalingInstances.find(({ LifecycleState }) => LifecycleState === 'Warmed:Stopped')
  const end = new TerminateInstanceInAutoScalingGroupCommand({
    InstanceId: pooled?.InstanceId ?? 'none is there',
    ShouldDecrementDesiredCapacity: false,
  })
  await expect(autoScaling.send(end)).rejects.toMatchObject({
    name: 'ValidationError',
    message: expect.stringContaining('warm pool'),
  })
})

test('an instance that is gone is not found, however many container instances it was', async () => {
  const { endpoint, autoScaling } = await serve({ groups: [{ hooks: [] }] })
  const InstanceId = endpoint.state().groups[0]?.instances[0]?.instanceId
  const end = new TerminateInstanceInAutoScalingGroupCommand({ InstanceId, ShouldDecrementDesiredCapacity: false })
  endpoint.act({ do: 're-register-agent', old: 0 })
  endpoint.advance(60)
  expect(await codeOf(autoScaling.send(end))).toBe('no error')
  endpoint.advance(60)
  await expect(autoScaling.send(end)).rejects.toMatchObject({
    name: 'ValidationError',
    message: expect.stringContaining('not found'),
  })
})

test('a new hook that notifies a topic or a queue needs a role', async () => {
  const { autoScaling } = await serve()
  const put = (LifecycleHookName: string, more: object) =>
    codeOf(
      autoScaling.send(
        new PutLifecycleHookCommand({
          AutoScalingGroupName: 'group',
          LifecycleHookName,
          LifecycleTransition: 'autoscaling:EC2_INSTANCE_TERMINATING',
          ...more,
        }),
      ),
    )
  const topic = { NotificationTargetARN: 'arn:aws:sns:eu-west-1:123456789012:topic' }
  const queue = { NotificationTargetARN: 'arn:aws:sqs:eu-west-1:123456789012:ecs-drain-inbox' }
  const code = { NotificationTargetARN: 'arn:aws:lambda:eu-west-1:123456789012:function:drain' }
  const RoleARN = 'arn:aws:iam::123456789012:role/hooks'
  expect([await put('a', topic), await put('a', queue)]).toEqual(['ValidationError', 'ValidationError'])
  // A function needs none, a hook without a target neither, and one that has it already need not say it again.
  expect([await put('b', code), await put('c', {}), await put('d', { ...topic, RoleARN })]).toEqual(
    Array(3).fill('no error'),
  )
  expect(await put('d', queue)).toBe('no error')
})

test('items that cannot be served are told one by one, and limits are kept', async () => {
  const { endpoint, ecs } = await serve()
  const [first] = endpoint.state().clusters[0]?.containerInstances ?? []
  const arn = first?.arn ?? ''
  const unknown = arn.replace(/.$/, 'f')
  const set = (containerInstances: ReadonlyArray<string>) =>
    ecs.send(
      new UpdateContainerInstancesStateCommand({
        cluster,
        containerInstances: [...containerInstances],
        status: 'DRAINING',
      }),
    )
  const { containerInstances, failures } = await set([arn, unknown])
  expect(containerInstances?.map(({ status }) => status)).toEqual(['DRAINING'])
  expect(failures).toEqual([{ arn: unknown, reason: 'MISSING' }])
  expect(await codeOf(set(Array.from({ length: 11 }, () => arn)))).toBe('InvalidParameterException')
  const many = ecs.send(new DescribeTasksCommand({ cluster, tasks: Array.from({ length: 101 }, () => 'x') }))
  expect(await codeOf(many)).toBe('InvalidParameterException')
  const tooMany = ecs.send(new DescribeClustersCommand({ clusters: Array.from({ length: 101 }, () => cluster) }))
  expect(await codeOf(tooMany)).toBe('InvalidParameterException')
  const { clusters, failures: others } = await ecs.send(new DescribeClustersCommand({ clusters: [cluster, 'none'] }))
  expect([clusters?.length, others?.[0]?.reason]).toEqual([1, 'MISSING'])
})

test('who names no cluster asks for the one called default', async () => {
  const { ecs } = await serve({ cluster: { name: 'default' } })
  for (const clusters of [undefined, []]) {
    const { clusters: [found] = [] } = await ecs.send(new DescribeClustersCommand({ clusters }))
    expect(found?.clusterName).toBe('default')
  }
})

describe('what cannot name anything in the cluster is refused as a whole, and not told as missing', () => {
  const hostId = 'i-0123456789abcdef0'
  const id = 'f'.repeat(32)
  const arnOf = (kind: string, where = cluster) => `arn:aws:ecs:eu-west-1:123456789012:${kind}/${where}/${id}`

  test.each<readonly [operation: string, body: object, message: string]>([
    ['DescribeContainerInstances', { containerInstances: [id, hostId] }, 'instanceId length should be one of [32,36]'],
    ['DescribeContainerInstances', { containerInstances: [''] }, 'instanceId length should be one of [32,36]'],
    [
      'UpdateContainerInstancesState',
      { containerInstances: [hostId], status: 'DRAINING' },
      'instanceId length should be one of [32,36]',
    ],
    ['ListTasks', { containerInstance: hostId }, 'instanceId length should be one of [32,36]'],
    ['DescribeTasks', { tasks: ['None'] }, 'taskId length should be one of [32,36]'],
    ['StopTask', { task: 'None' }, 'taskId length should be one of [32,36]'],
    ['DescribeTasks', { tasks: [arnOf('container-instance')] }, 'Task Identifier is invalid'],
    ['ListTasks', { serviceName: arnOf('task') }, 'Service Identifier is invalid'],
    [
      'DescribeContainerInstances',
      { containerInstances: [arnOf('container-instance', 'other')] },
      'Invalid identifier: Identifier is for cluster other. Your cluster is cluster',
    ],
    [
      'StopTask',
      { task: arnOf('task', 'other') },
      'Invalid identifier: Identifier is for cluster other. Your cluster is cluster',
    ],
    [
      'DescribeServices',
      { cluster: undefined, services: [arnOf('service')] },
      'Invalid identifier: Identifier is for cluster cluster. Your cluster is default',
    ],
    ['ListTasks', { cluster: '' }, 'Cluster must match ^[a-zA-Z0-9\\-_]{1,255}$'],
    ['DescribeServices', { cluster: '"cluster"', services: ['web'] }, 'Cluster must match ^[a-zA-Z0-9\\-_]{1,255}$'],
    [
      'DescribeClusters',
      { cluster: undefined, clusters: [cluster, ''] },
      'Cluster must match ^[a-zA-Z0-9\\-_]{1,255}$',
    ],
  ])('%s %j', async (operation, body, message) => {
    const { postJson } = await serve()
    const answered = await postJson(ecsTarget(operation), { cluster, ...body })
    expect(jsonError(answered)).toEqual({ status: 400, __type: 'InvalidParameterException', message })
  })

  test('an id of either length and an ARN can be missing', async () => {
    const { ecs } = await serve()
    const tasks = [id, '01234567-89ab-cdef-0123-456789abcdef', arnOf('task')]
    const { failures } = await ecs.send(
      new DescribeTasksCommand({ cluster: arnOf('cluster').split('/', 2).join('/'), tasks }),
    )
    expect(failures?.map(({ reason }) => reason)).toEqual(['MISSING', 'MISSING', 'MISSING'])
  })
})

test('a task that ECS has forgotten is no more to be stopped than to be described', async () => {
  const { endpoint, ecs } = await serve()
  const task = endpoint.state().clusters[0]?.containerInstances[0]?.tasks[0]?.arn
  const stop = () => codeOf(ecs.send(new StopTaskCommand({ cluster, task })))
  expect(await stop()).toBe('no error')
  endpoint.advance(120)
  expect(await stop()).toBe('no error')
  endpoint.advance(3700)
  expect(await stop()).toBe('InvalidParameterException')
})

test('the trace tells of a refusal what a port would make of it', async () => {
  const { endpoint, postJson, postForm } = await serve()
  await postJson(ecsTarget('ListTasks'), { cluster: 'none' })
  const unknown = 'f'.repeat(32)
  await postJson(ecsTarget('ListTasks'), { cluster, containerInstance: unknown })
  await postJson(ecsTarget('StopTask'), { cluster, task: unknown })
  await postForm({ Action: 'DescribeLifecycleHooks', Version: '2011-01-01', AutoScalingGroupName: 'none' })
  await postJson(ecsTarget('ListContainerInstances'), { cluster, filter: 'colour == red' })
  const told = entriesOf(endpoint.trace()).flatMap(({ kind, b }) => (kind === 'api-failed' ? [failureKinds[b]] : []))
  expect(told).toEqual(['NotFound', 'NotFound', 'NotFound', 'NotFound', 'Rejected'])
})

test('RunTask knows one revision of a family, and starts nothing else with a token that is taken', async () => {
  const { endpoint, ecs } = await serve({ standaloneTasks: [{ family: 'batch', startsAtSeconds: 1000 }] })
  const run = (taskDefinition: string, more: object = {}) =>
    codeOf(ecs.send(new RunTaskCommand({ cluster, taskDefinition, ...more })))
  expect(await run('batch:2')).toBe('ClientException')
  expect(await run('arn:aws:ecs:eu-west-1:123456789012:service/batch')).toBe('ClientException')
  expect(await run('arn:aws:ecs:us-east-1:123456789012:task-definition/batch:1')).toBe('ClientException')
  expect(await run('arn:aws:ecs:eu-west-1:123456789012:task-definition/batch:1', { clientToken: 'x' })).toBe('no error')
  expect(await run('batch:1', { clientToken: 'x', count: 2 })).toBe('ConflictException')
  endpoint.advance(10)
  const { taskArns } = await ecs.send(new ListTasksCommand({ cluster, family: 'batch' }))
  expect(taskArns).toHaveLength(1)
})

test('RunTask is refused where no container instance is ACTIVE, but not what it has started before', async () => {
  const { endpoint, ecs } = await serve({ standaloneTasks: [{ family: 'batch', startsAtSeconds: 1000 }] })
  const run = (clientToken: string) => ecs.send(new RunTaskCommand({ cluster, taskDefinition: 'batch', clientToken }))
  const before = await run('before')
  for (const old of [0, 1]) endpoint.act({ do: 'set-draining', old })
  await expect(run('after')).rejects.toMatchObject({
    name: 'InvalidParameterException',
    message: 'No Container Instances were found in your cluster.',
  })
  expect((await run('before')).tasks?.[0]?.taskArn).toBe(before.tasks?.[0]?.taskArn)
})

describe("the plan's buckets", () => {
  const parameters = {
    'api.ecsReadBurst': 5,
    'api.ecsReadRefill': 2,
    'api.autoscalingBurst': 3,
    'api.autoscalingRefill': 1,
  }

  test('ECS throttles when they are empty, and takes calls again when they refill', async () => {
    const { endpoint, ecs, postJson } = await serve({ parameters })
    const list = () => codeOf(ecs.send(new ListContainerInstancesCommand({ cluster })))
    for (let calls = 0; calls < 5; calls += 1) expect(await list()).toBe('no error')
    expect(await list()).toBe('ThrottlingException')
    const raw = await postJson(ecsTarget('ListTasks'), { cluster })
    expect(jsonError(raw)).toEqual({ status: 400, __type: 'ThrottlingException', message: 'Rate exceeded' })
    // Another category has another bucket.
    expect(await codeOf(ecs.send(new DescribeClustersCommand({ clusters: [cluster] })))).toBe('no error')
    endpoint.advance(1)
    expect([await list(), await list(), await list()]).toEqual(['no error', 'no error', 'ThrottlingException'])
    expect(endpoint.verdict().figures.apiCallsByOperation).toMatchObject({ ListContainerInstances: 9, ListTasks: 1 })
  })

  test('Auto Scaling has one for everything', async () => {
    const { autoScaling } = await serve({ parameters })
    const describe = () => codeOf(autoScaling.send(new DescribeAutoScalingGroupsCommand({})))
    const hooks = () => codeOf(autoScaling.send(new DescribeLifecycleHooksCommand({ AutoScalingGroupName: 'group' })))
    expect([await describe(), await hooks(), await describe(), await hooks()]).toEqual([
      'no error',
      'no error',
      'no error',
      'Throttling',
    ])
  })

  test('what is malformed costs no token', async () => {
    const { ecs, postJson } = await serve({ parameters })
    for (let calls = 0; calls < 20; calls += 1) await postJson(ecsTarget('ListTasks'), { cluster, filter: 'x' })
    expect(await codeOf(ecs.send(new ListTasksCommand({ cluster })))).toBe('no error')
  })
})

describe("the plan's faults", () => {
  const draining = async (site: string, seed = 1) => {
    const served = await serve({ seed, faults: { perMille: { [site]: 1000 } } })
    const { endpoint, ecs } = served
    const [first] = endpoint.state().clusters[0]?.containerInstances ?? []
    const containerInstances = [first?.arn ?? '']
    const code = await codeOf(
      ecs.send(new UpdateContainerInstancesStateCommand({ cluster, containerInstances, status: 'DRAINING' })),
    )
    const status = endpoint.state().clusters[0]?.containerInstances[0]?.status
    const lines = (await served.control('trace')).text
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>)
    return {
      code,
      status,
      told: lines
        .filter(({ kind }) => kind === 'api-failed' || kind === 'fault')
        .map(({ kind, site: at, failure }) => [kind, at ?? failure]),
    }
  }

  test('throttled: nothing was done', async () => {
    const { code, status, told } = await draining('api.throttle')
    expect([code, status]).toEqual(['ThrottlingException', 'ACTIVE'])
    expect(told).toEqual([
      ['fault', 'api.throttle'],
      ['api-failed', 'Throttled'],
    ])
  })

  test('unavailable: a fault of the server', async () => {
    const { code, status } = await draining('api.unavailable')
    expect([code, status]).toEqual(['ServerException', 'ACTIVE'])
  })

  test('unavailable: said to be the fault of the receiver in a form, and to clients that know the codes of one', async () => {
    const { endpoint, postForm, postJson } = await serve({ faults: { perMille: { 'api.unavailable': 1000 } } })
    const { status, text } = await postForm({ Action: 'DescribeAutoScalingGroups', Version: '2011-01-01' })
    expect([status, text]).toEqual([503, expect.stringContaining('<Type>Receiver</Type>')])
    const sent = await postJson('AmazonSQS.SendMessage', { QueueUrl: endpoint.inboxUrl, MessageBody: 'x' })
    expect(sent.headers.get('x-amzn-query-error')).toBe('ServiceUnavailable;Receiver')
  })

  test.each(['CompleteLifecycleAction', 'RecordLifecycleActionHeartbeat', 'PutLifecycleHook', 'DeleteLifecycleHook'])(
    'unavailable: %s says that an update of the group is under way',
    async (Action) => {
      const { postForm } = await serve({ faults: { perMille: { 'api.unavailable': 1000 } } })
      const hook = { AutoScalingGroupName: 'group', LifecycleHookName: 'ecs-drain' }
      const given = Action === 'CompleteLifecycleAction' ? { ...hook, LifecycleActionResult: 'CONTINUE' } : hook
      // A write is a delicate moment, at which no chance is above one half.
      const answers = new Set<string>()
      for (let calls = 0; calls < 20; calls += 1)
        answers.add(xmlError(await postForm({ Action, Version: '2011-01-01', ...given })).join(' '))
      expect([...answers].filter((each) => each.startsWith('5'))).toEqual(['500 ResourceContention'])
    },
  )

  test('a timeout after it was applied: the connection closes without an answer', async () => {
    // A write is a delicate moment, at which no chance is above one half.
    const { code, status, told } = await draining('api.timeout.applied', 2)
    expect([code, status]).toEqual(['TimeoutError', 'DRAINING'])
    expect(told).toEqual([
      ['fault', 'api.timeout.applied'],
      ['api-failed', 'TimedOut'],
    ])
  })

  test('a timeout on the way there: the same to see, and nothing was done', async () => {
    const { code, status } = await draining('api.timeout.lost')
    expect([code, status]).toEqual(['TimeoutError', 'ACTIVE'])
  })

  test('a host that dies under a request is gone a moment later', async () => {
    const { endpoint, ecs } = await serve({
      faults: { perMille: { 'host.death': 1000 } },
      groups: [{ hooks: [] }],
      parameters: { 'autoscaling.healthCheck': 0 },
    })
    const [first] = endpoint.state().clusters[0]?.containerInstances ?? []
    const containerInstances = [first?.arn ?? '']
    await ecs.send(new DescribeContainerInstancesCommand({ cluster, containerInstances }))
    endpoint.advance(0.001)
    expect(endpoint.state().groups[0]?.instances.map(({ instanceId }) => instanceId)).not.toContain(
      first?.ec2InstanceId,
    )
    expect(endpoint.state().killed).toHaveLength(2)
  })

  test('lists and descriptions are as late as the plan says', async () => {
    const { endpoint, ecs } = await serve({ parameters: { 'ecs.listLag': 5000 } })
    endpoint.advance(10)
    const [task] = endpoint.state().clusters[0]?.containerInstances[0]?.tasks ?? []
    await ecs.send(new StopTaskCommand({ cluster, task: task?.arn }))
    const desired = async () => {
      const { tasks } = await ecs.send(new DescribeTasksCommand({ cluster, tasks: [task?.arn ?? ''] }))
      const { taskArns = [] } = await ecs.send(new ListTasksCommand({ cluster, desiredStatus: 'STOPPED' }))
      return [tasks?.[0]?.desiredStatus, taskArns.length]
    }
    expect(await desired()).toEqual(['RUNNING', 0])
    endpoint.advance(5.5)
    expect(await desired()).toEqual(['STOPPED', 1])
  })

  test('a stale read shows the past that the world has left', async () => {
    const faults = { perMille: { 'read.stale': 1000 } }
    const { endpoint, ecs } = await serve({ faults, parameters: { 'read.staleBy': 60, 'ecs.listLag': 0 } })
    endpoint.advance(100)
    const [task] = endpoint.state().clusters[0]?.containerInstances[0]?.tasks ?? []
    await ecs.send(new StopTaskCommand({ cluster, task: task?.arn }))
    endpoint.advance(0.01)
    const { tasks } = await ecs.send(new DescribeTasksCommand({ cluster, tasks: [task?.arn ?? ''] }))
    expect(tasks?.[0]?.desiredStatus).toBe('RUNNING')
  })

  test('sending a message has them, receiving has not: that is Lambda, which tries again', async () => {
    const { endpoint, sqs, postJson } = await serve({ faults: { perMille: { 'api.throttle': 1000 } } })
    const QueueUrl = endpoint.inboxUrl
    expect(await codeOf(sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: 'x' })))).toBe('RequestThrottled')
    expect((await postJson('AmazonSQS.ReceiveMessage', { QueueUrl })).status).toBe(200)
  })
})

test('pages lead through a list, each item once, while the list changes', async () => {
  const { endpoint, ecs } = await serve({
    services: [{ desired: 12 }],
    groups: [{ desired: 3, cpu: 8192, memory: 16384 }],
  })
  const seen: Array<string> = []
  let nextToken: string | undefined
  let pages = 0
  do {
    const page = await ecs.send(new ListTasksCommand({ cluster, maxResults: 5, nextToken }))
    seen.push(...(page.taskArns ?? []))
    nextToken = page.nextToken
    pages += 1
    // One that was on the first page is told to stop, and a new one takes its place later.
    endpoint.act({ do: 'stop-tasks', tasks: [seen[pages - 1]] })
    endpoint.advance(20)
  } while (nextToken !== undefined)
  expect(pages).toBeGreaterThan(2)
  expect(new Set(seen).size).toBe(seen.length)
  expect(seen.length).toBeGreaterThanOrEqual(12)
})

test('a token is good for its own list only', async () => {
  const { ecs } = await serve()
  const { nextToken } = await ecs.send(new ListContainerInstancesCommand({ cluster, maxResults: 1 }))
  const next = (more: object) =>
    codeOf(ecs.send(new ListContainerInstancesCommand({ cluster, nextToken, maxResults: 1, ...more })))
  expect(await next({})).toBe('no error')
  expect(await next({ status: 'ACTIVE' })).toBe('InvalidParameterException')
  expect(await codeOf(ecs.send(new ListTasksCommand({ cluster, nextToken })))).toBe('InvalidParameterException')
})

test('what a client leaves out may be null in JSON and empty in a form, and a URL may be signed', async () => {
  const { endpoint, postJson, postForm } = await serve()
  expect((await postJson(ecsTarget('ListTasks'), { cluster, family: null })).status).toBe(200)
  const groups = { Action: 'DescribeAutoScalingGroups', Version: '2011-01-01' }
  const { text } = await postForm({ ...groups, AutoScalingGroupNames: '' })
  expect(text).toContain('<AutoScalingGroupName>group<')
  const signed = new URLSearchParams({ ...groups, Timestamp: 'now', 'X-Amz-Signature': 'x', AWSAccessKeyId: 'x' })
  expect((await fetch(`${endpoint.url}/?${signed.toString()}`)).status).toBe(200)
})

test('whatever is sent, the answer is in the form of its protocol', async () => {
  const { endpoint, postJson, postForm } = await serve()
  const { services } = endpointReference()
  /** Codes that the reference says an operation may answer with. */
  const declared = (operation: string): ReadonlyArray<string> =>
    services.flatMap(({ errors, operations }) =>
      operations.flatMap((each) => (each.name === operation ? [...errors, ...each.errors] : [])),
    )
  const targets = services.flatMap(({ name, operations }) =>
    name === 'ECS'
      ? operations.map((each) => ecsTarget(each.name))
      : name === 'SQS'
        ? operations.map((each) => `AmazonSQS.${each.name}`)
        : [],
  )
  const names = [
    ...new Set(
      services.flatMap(({ operations }) => operations.flatMap(({ parameters }) => parameters.map(({ name }) => name))),
    ),
  ]
  const seen = new Set<number>()
  const codes = new Set<string>()
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...targets),
      fc.oneof(
        fc.string(),
        fc.json(),
        fc.dictionary(fc.constantFrom(...names), fc.jsonValue()).map((value) => JSON.stringify(value)),
      ),
      async (target, body) => {
        const { status, text } = await postJson(target, body)
        seen.add(status)
        if (status === 200) return JSON.parse(text) !== null
        const { __type, message } = JSON.parse(text) as { readonly __type?: string; readonly message?: string }
        const code = (__type ?? '').replace('com.amazonaws.sqs#', '')
        codes.add(code)
        expect(declared(target.split('.')[1] ?? '')).toContain(code)
        return status === 400 && (message ?? '') !== ''
      },
    ),
    { numRuns: 400, seed: 3 },
  )
  const actions = services.flatMap(({ name, operations }) =>
    name === 'Auto Scaling' || name === 'EC2' ? operations.map((each) => each.name) : [],
  )
  const key = fc.oneof(
    fc.constantFrom(...names),
    fc.constantFrom(...names).map((name) => `${name}.member.1`),
    fc.string(),
  )
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...actions),
      fc.constantFrom('2011-01-01', '2016-11-15', ''),
      fc.dictionary(key, fc.string()),
      async (Action, Version, rest) => {
        const { status, text } = await postForm({ ...rest, Action, Version })
        seen.add(status)
        if (status === 200) return Object.keys(parseXml(text)).length > 0
        const [, code] = xmlError({ status, text, headers: new Headers() })
        codes.add(String(code))
        // With the version of another service it is that service's to refuse.
        return code === 'InvalidAction' || declared(Action).includes(String(code))
      },
    ),
    { numRuns: 400, seed: 4 },
  )
  expect(seen).toEqual(new Set([200, 400]))
  expect(codes.size).toBeGreaterThan(8)
  expect(endpoint.state().groups).toHaveLength(1)
})

test('a request that is too long is refused, and the next one served', async () => {
  const { postJson } = await serve()
  expect((await postJson(ecsTarget('ListTasks'), 'x'.repeat(8_000_001))).status).toBe(413)
  expect((await postJson(ecsTarget('ListTasks'), { cluster })).status).toBe(200)
})

test('a parameter of more steps than there is memory for is refused, and the next request served', async () => {
  const { postForm } = await serve()
  const request = { Action: 'DescribeAutoScalingGroups', Version: '2011-01-01' }
  const [status, code] = xmlError(await postForm({ ...request, ['a.'.repeat(20_000)]: 'x' }))
  expect([status, code]).toEqual([400, 'ValidationError'])
  expect((await postForm(request)).status).toBe(200)
})
