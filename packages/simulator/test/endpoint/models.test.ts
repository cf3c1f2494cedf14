import { describe, expect, test } from 'vitest'
import { endpointReference } from '../../src/endpoint.ts'
import { operations } from '../../src/trace/trace.ts'
import { jsonFaults, operationModel, parameterFaults, parseXml, xmlFaults } from './aws-model.ts'
import { ecsTarget, type Served, serve } from './served.ts'

const { services } = endpointReference()

const operationsOf = (name: string): ReadonlyArray<string> =>
  services.find((service) => service.name === name)?.operations.map((operation) => operation.name) ?? []

/** A cluster in the middle of an update: tasks of every status, an agent that is away, a host killed, tasks stopped. */
const busy = async (): Promise<Served> => {
  const served = await serve({
    groups: [
      { name: 'group', desired: 3, hooks: [{ notificationMetadata: 'web' }, { name: 'other', owner: 'other' }] },
      { name: 'pooled', desired: 0, reuseOnScaleIn: true, terminateHookAbandon: 'retain' },
    ],
    services: [
      { name: 'web', desired: 4, healthCheckSeconds: 2 },
      { name: 'api', desired: 2, loadBalancer: {}, awsvpc: true },
      { name: 'agent', schedulingStrategy: 'DAEMON', hostPort: 8080 },
    ],
    standaloneTasks: [{ family: 'batch', runsSeconds: 30 }],
  })
  served.endpoint.advance(50)
  served.endpoint.act({ do: 'run-tasks', family: 'report' })
  served.endpoint.act({ do: 'terminate-instance', old: 2 })
  for (const old of [1, 2]) served.endpoint.act({ do: 'set-draining', old })
  served.endpoint.advance(120)
  served.endpoint.act({ do: 'deploy', service: 'web' })
  served.endpoint.advance(20)
  const [cluster] = served.endpoint.state().clusters
  const [first] = cluster?.containerInstances ?? []
  served.endpoint.act({ do: 'stop-tasks', tasks: [first?.tasks.at(-1)?.arn], reason: 'test' })
  served.endpoint.act({ do: 'kill-instance', old: 0 })
  served.endpoint.advance(30)
  served.endpoint.act({ do: 'disconnect-agent', old: 1 })
  served.endpoint.advance(15)
  return served
}

const firstArns = (served: Served) => {
  const instances = served.endpoint.state().clusters[0]?.containerInstances ?? []
  return {
    containerInstances: instances.map(({ arn }) => arn),
    tasks: instances.flatMap(({ tasks }) => tasks.map(({ arn }) => arn)),
  }
}

const ecsBodies = (served: Served): Readonly<Record<string, ReadonlyArray<object>>> => {
  const { containerInstances, tasks } = firstArns(served)
  const cluster = 'cluster'
  const none = '0'.repeat(32)
  const unknown = `arn:aws:ecs:eu-west-1:123456789012:task/cluster/${none}`
  return {
    ListContainerInstances: [
      { cluster },
      { cluster, maxResults: 1 },
      { cluster, filter: 'runningTasksCount > 0 and attribute:ecs.os-type == linux', status: 'ACTIVE' },
    ],
    DescribeContainerInstances: [{ cluster, containerInstances: [...containerInstances, none], include: ['TAGS'] }],
    UpdateContainerInstancesState: [{ cluster, containerInstances: [none, containerInstances[0]], status: 'DRAINING' }],
    ListTasks: [{ cluster }, { cluster, desiredStatus: 'STOPPED', maxResults: 2 }],
    DescribeTasks: [{ cluster, tasks: [...tasks, unknown], include: ['TAGS'] }],
    StopTask: [{ cluster, task: tasks[0] }],
    RunTask: [{ cluster, taskDefinition: 'batch', count: 10 }],
    ListServices: [{ cluster, maxResults: 1 }],
    DescribeServices: [{ cluster, services: ['web', 'api', 'agent', 'unknown'], include: ['TAGS'] }],
    ListClusters: [{}],
    DescribeClusters: [{ clusters: [cluster, 'unknown'] }],
    DescribeTaskDefinition: [{ taskDefinition: 'web' }, { taskDefinition: 'batch:1', include: ['TAGS'] }],
  }
}

describe('every answer is as the model of AWS has it', () => {
  test('ECS, in JSON', async () => {
    const served = await busy()
    const bodies = ecsBodies(served)
    expect(Object.keys(bodies).sort()).toEqual([...operationsOf('ECS')].sort())
    const seen = new Set<string>()
    for (const [operation, each] of Object.entries(bodies)) {
      for (const body of each) {
        const { status, text } = await served.postJson(ecsTarget(operation), body)
        expect([operation, status, text.length > 2]).toEqual([operation, 200, true])
        expect(jsonFaults(operationModel('ECS', operation).output, JSON.parse(text), operation)).toEqual([])
        for (const [, status_] of text.matchAll(/"lastStatus":"([A-Z]+)"/g)) seen.add(status_ ?? '')
      }
    }
    // The walk has met tasks that come, run, go and have gone, and what cannot be found.
    for (const status of ['PENDING', 'RUNNING', 'DEACTIVATING', 'STOPPED']) expect([...seen]).toContain(status)
  })

  test('Auto Scaling, in XML', async () => {
    const served = await busy()
    const AutoScalingGroupName = 'group'
    const state = served.endpoint.state()
    const waiting = state.groups[0]?.instances.find(({ lifecycleState }) => lifecycleState === 'Terminating:Wait')
    const inService = state.groups[0]?.instances.find(({ lifecycleState }) => lifecycleState === 'InService')
    const action = {
      AutoScalingGroupName,
      LifecycleHookName: 'ecs-drain',
      LifecycleActionToken: waiting?.lifecycleActionToken ?? 'none is waiting',
    }
    const forms: ReadonlyArray<readonly [string, Readonly<Record<string, string>>]> = [
      ['RecordLifecycleActionHeartbeat', action],
      ['CompleteLifecycleAction', { ...action, LifecycleActionResult: 'CONTINUE' }],
      ['DescribeLifecycleHooks', { AutoScalingGroupName, 'LifecycleHookNames.member.1': 'ecs-drain' }],
      ['DescribeAutoScalingGroups', { 'AutoScalingGroupNames.member.1': 'group', IncludeInstances: 'true' }],
      ['DescribeAutoScalingGroups', { 'Filters.member.1.Name': 'tag-key', 'Filters.member.1.Values.member.1': 'x' }],
      ['DescribeAutoScalingInstances', { MaxRecords: '2' }],
      [
        'PutLifecycleHook',
        {
          AutoScalingGroupName,
          LifecycleHookName: 'ecs-drain',
          NotificationMetadata: 'x'.repeat(4000),
          HeartbeatTimeout: '60',
        },
      ],
      ['DeleteLifecycleHook', { AutoScalingGroupName, LifecycleHookName: 'other' }],
      ['SetDesiredCapacity', { AutoScalingGroupName, DesiredCapacity: '4' }],
      ['StartInstanceRefresh', { AutoScalingGroupName, Strategy: 'Rolling', 'Preferences.MinHealthyPercentage': '50' }],
      ['DescribeInstanceRefreshes', { AutoScalingGroupName }],
      ['DescribeScalingActivities', { AutoScalingGroupName }],
      [
        'TerminateInstanceInAutoScalingGroup',
        { InstanceId: inService?.instanceId ?? 'none', ShouldDecrementDesiredCapacity: 'true' },
      ],
    ]
    expect([...new Set(forms.map(([operation]) => operation))].sort()).toEqual([...operationsOf('Auto Scaling')].sort())
    for (const [operation, form] of forms) {
      const { status, text } = await served.postForm({ Action: operation, Version: '2011-01-01', ...form })
      expect([operation, status, text]).toEqual([operation, 200, text])
      const root = parseXml(text)[`${operation}Response`] as Readonly<Record<string, unknown>>
      expect(Object.keys(root)).toEqual([`${operation}Result`, 'ResponseMetadata'])
      // Not in the SDK, but in the model: a text has one character at least. Empty here are lists and results.
      expect(text.match(/<(?!\w+(s|ARNs|Result)\/>)\w+\/>/g)).toBeNull()
      expect(
        xmlFaults(operationModel('Auto Scaling', operation).output, root[`${operation}Result`], operation),
      ).toEqual([])
    }
  })

  test('EC2, in XML', async () => {
    const served = await busy()
    const InstanceId = served.endpoint.state().groups[0]?.instances[0]?.instanceId ?? 'none'
    const forms: ReadonlyArray<readonly [string, Readonly<Record<string, string>>]> = [
      ['DescribeInstances', {}],
      ['DescribeInstances', { 'Filter.1.Name': 'instance-state-name', 'Filter.1.Value.1': 'run*' }],
      ['DescribeInstances', { MaxResults: '5' }],
      ['DescribeInstanceAttribute', { InstanceId, Attribute: 'userData' }],
    ]
    expect([...new Set(forms.map(([operation]) => operation))].sort()).toEqual([...operationsOf('EC2')].sort())
    for (const [operation, form] of forms) {
      const { status, text } = await served.postForm({ Action: operation, Version: '2016-11-15', ...form })
      expect([operation, status]).toEqual([operation, 200])
      const { requestId, ...output } = parseXml(text)[`${operation}Response`] as Readonly<Record<string, unknown>>
      expect(requestId).toMatch(/^[0-9a-f-]{36}$/)
      expect(xmlFaults(operationModel('EC2', operation).output, output, operation)).toEqual([])
    }
  })

  test('SNS, in XML', async () => {
    const { endpoint, postForm } = await serve()
    expect(operationsOf('SNS')).toEqual(['Publish'])
    const TopicArn = `arn:aws:sns:${endpoint.region}:123456789012:ecs-drain`
    const { status, text } = await postForm({ Action: 'Publish', Version: '2010-03-31', TopicArn, Message: 'hello' })
    const root = parseXml(text)['PublishResponse'] as Readonly<Record<string, unknown>>
    expect([status, Object.keys(root)]).toEqual([200, ['PublishResult', 'ResponseMetadata']])
    expect(xmlFaults(operationModel('SNS', 'Publish').output, root['PublishResult'], 'Publish')).toEqual([])
  })

  test('SQS, in JSON', async () => {
    const { endpoint, postJson } = await serve()
    const QueueUrl = endpoint.inboxUrl
    const ask = async (operation: string, body: object): Promise<Readonly<Record<string, unknown>>> => {
      const { status, text } = await postJson(`AmazonSQS.${operation}`, body)
      expect([operation, status]).toEqual([operation, 200])
      const answer = JSON.parse(text) as Readonly<Record<string, unknown>>
      const faults = jsonFaults(operationModel('SQS', operation).output, answer, operation)
      // The model requires both lists of a batch, and AWS leaves out the empty one (see recordings.test.ts).
      expect(faults.filter((fault) => !/\.(Successful|Failed): missing$/.test(fault))).toEqual([])
      asked.add(operation)
      return answer
    }
    const asked = new Set<string>()
    await ask('SendMessage', {
      QueueUrl,
      MessageBody: 'hello',
      MessageAttributes: { a: { DataType: 'String', StringValue: 'b' } },
    })
    const Entries = [
      { Id: 'good', MessageBody: 'hello' },
      { Id: 'bad', MessageBody: '\u0000' },
    ]
    const sent = await ask('SendMessageBatch', { QueueUrl, Entries })
    expect(sent['Failed']).toEqual([expect.objectContaining({ Id: 'bad', Code: 'InvalidMessageContents' })])
    endpoint.advance(2)
    const all = { QueueUrl, MaxNumberOfMessages: 10, AttributeNames: ['All'], MessageAttributeNames: ['All'] }
    const { Messages } = (await ask('ReceiveMessage', all)) as {
      readonly Messages: ReadonlyArray<{ ReceiptHandle: string }>
    }
    expect(Messages).toHaveLength(2)
    expect(JSON.stringify(Messages)).toContain('"StringValue":"b"')
    const [first, second] = Messages.map(({ ReceiptHandle }) => ReceiptHandle)
    const batch = await ask('ChangeMessageVisibilityBatch', {
      QueueUrl,
      Entries: [
        { Id: 'first', ReceiptHandle: first, VisibilityTimeout: 60 },
        { Id: 'none', ReceiptHandle: 'none', VisibilityTimeout: 60 },
      ],
    })
    expect(batch).toMatchObject({
      Successful: [{ Id: 'first' }],
      Failed: [{ Id: 'none', Code: 'ReceiptHandleIsInvalid' }],
    })
    await ask('ChangeMessageVisibility', { QueueUrl, ReceiptHandle: first, VisibilityTimeout: 5 })
    await ask('DeleteMessage', { QueueUrl, ReceiptHandle: first })
    await ask('DeleteMessageBatch', { QueueUrl, Entries: [{ Id: 'x', ReceiptHandle: second }] })
    await ask('GetQueueUrl', { QueueName: 'ecs-drain-inbox' })
    await ask('ListQueues', {})
    await ask('GetQueueAttributes', { QueueUrl, AttributeNames: ['All'] })
    await ask('PurgeQueue', { QueueUrl })
    expect([...asked].sort()).toEqual([...operationsOf('SQS')].sort())
  })
})

test.each(
  services.flatMap(({ name, operations }) =>
    operations.map((operation) => ({ service: name, operation, name: operation.name })),
  ),
)('$service $name takes what the model has, with its types', ({ service, operation }) => {
  const { input } = operationModel(service, operation.name)
  // An instance refresh without preferences and a group's name for hooks are required in the model as well.
  expect(parameterFaults(input, operation.parameters, service === 'EC2')).toEqual([])
})

test('every call to ECS and Auto Scaling is counted', () => {
  const served = services.flatMap(({ name, operations: each }) =>
    name === 'ECS' || name === 'Auto Scaling' ? each.map((operation) => operation.name) : [],
  )
  expect([...served].sort()).toEqual([...operations].sort())
})

test('a type, a name and a member too few would be seen', () => {
  const { output } = operationModel('ECS', 'DescribeTasks')
  expect(jsonFaults(output, { tasks: [{ cpu: 256 }] })).toEqual(['.tasks[0].cpu: 256 is no string'])
  expect(jsonFaults(output, { tasks: [{ createdAt: '2026-03-02T08:00:00Z' }] })).toHaveLength(1)
  expect(jsonFaults(output, { tasks: [{ Cpu: '256' }] })).toEqual(['.tasks[0].Cpu: not in the model'])
  const groups = operationModel('Auto Scaling', 'DescribeAutoScalingGroups').output
  const text = '<r><AutoScalingGroups><member><MinSize>two</MinSize></member></AutoScalingGroups></r>'
  const faults = xmlFaults(groups, parseXml(text)['r'], '')
  expect(faults).toContain('.AutoScalingGroups[0].MinSize: "two" is no number')
  expect(faults).toContain('.AutoScalingGroups[0].CreatedTime: missing')
})
