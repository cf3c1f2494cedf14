// The endpoint answers as AWS itself was recorded to answer. Each test names the public recording or report that has the fact.
import { PutLifecycleHookCommand, TerminateInstanceInAutoScalingGroupCommand } from '@aws-sdk/client-auto-scaling'
import {
  DescribeContainerInstancesCommand,
  DescribeTasksCommand,
  StopTaskCommand,
  UpdateContainerInstancesStateCommand,
} from '@aws-sdk/client-ecs'
import {
  ChangeMessageVisibilityCommand,
  ReceiveMessageCommand,
  SendMessageBatchCommand,
  SendMessageCommand,
} from '@aws-sdk/client-sqs'
import { describe, expect, test } from 'vitest'
import { ecsTarget, serve } from './served.ts'

describe('SQS', () => {
  // github.com/aws/aws-sdk/issues/657, localstack/localstack/pull/9998, open-telemetry/opentelemetry-python-contrib/issues/4744
  test('leaves out of the answer to a batch the list that is empty', async () => {
    const { endpoint, postJson } = await serve()
    const batch = async (MessageBody: string): Promise<ReadonlyArray<string>> => {
      const Entries = [{ Id: 'a', MessageBody }]
      const { text } = await postJson('AmazonSQS.SendMessageBatch', { QueueUrl: endpoint.inboxUrl, Entries })
      return Object.keys(JSON.parse(text) as object)
    }
    expect([await batch('x'), await batch('\u0000')]).toEqual([['Successful'], ['Failed']])
  })

  // localstack/localstack/pull/9632 and tests/aws/services/sqs/test_sqs.snapshot.json
  test('succeeds at hiding for longer what is visible again, and leaves it visible', async () => {
    const { endpoint, sqs } = await serve()
    const QueueUrl = endpoint.inboxUrl
    await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: 'x' }))
    endpoint.advance(2)
    const { Messages } = await sqs.send(new ReceiveMessageCommand({ QueueUrl, VisibilityTimeout: 5 }))
    endpoint.advance(5)
    const received = { QueueUrl, ReceiptHandle: Messages?.[0]?.ReceiptHandle }
    await sqs.send(new ChangeMessageVisibilityCommand({ ...received, VisibilityTimeout: 60 }))
    expect((await sqs.send(new ReceiveMessageCommand({ QueueUrl }))).Messages).toHaveLength(1)
  })

  // localstack/localstack: tests/aws/services/sqs/test_sqs.snapshot.json
  test('says what the id of an entry may be', async () => {
    const { endpoint, sqs } = await serve()
    const Entries = [{ Id: 'invalid:id', MessageBody: 'x' }]
    const send = sqs.send(new SendMessageBatchCommand({ QueueUrl: endpoint.inboxUrl, Entries }))
    await expect(send).rejects.toMatchObject({
      Code: 'AWS.SimpleQueueService.InvalidBatchEntryId',
      message:
        'A batch entry id can only contain alphanumeric characters, hyphens and underscores. It can be at most 80 letters long.',
    })
  })

  // github.com/localstack/localstack/issues/3956, aws/aws-sdk-net/issues/1927
  test('names the value of a parameter that it refuses', async () => {
    const { endpoint, sqs } = await serve()
    const QueueUrl = endpoint.inboxUrl
    await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: 'x' }))
    endpoint.advance(2)
    const { Messages } = await sqs.send(new ReceiveMessageCommand({ QueueUrl }))
    endpoint.advance(1)
    const received = { QueueUrl, ReceiptHandle: Messages?.[0]?.ReceiptHandle }
    const hide = sqs.send(new ChangeMessageVisibilityCommand({ ...received, VisibilityTimeout: 43_200 }))
    await expect(hide).rejects.toThrow(
      'Value 43200 for parameter VisibilityTimeout is invalid. ' +
        'Reason: Total VisibilityTimeout for the message is beyond the limit [43200 seconds]',
    )
  })
})

describe('ECS', () => {
  // github.com/traefik/traefik/issues/3625, minamijoyo/myaws/pull/25, sil-org/ecs-deploy/issues/266, structurely/ecs-autoscale/issues/32
  test.each([
    ['DescribeContainerInstances', { containerInstances: ids(101) }, 'instanceIds can have at most 100 items.'],
    [
      'UpdateContainerInstancesState',
      { containerInstances: ids(11), status: 'DRAINING' },
      'instanceIds can have at most 10 items.',
    ],
    ['DescribeTasks', { tasks: ids(101) }, 'taskIds can have at most 100 items.'],
    ['DescribeServices', { services: ids(11) }, 'service names can have at most 10 items.'],
  ])('%s says how many a request may name', async (operation, body, message) => {
    const { postJson } = await serve()
    const { status, text } = await postJson(ecsTarget(operation), { cluster: 'cluster', ...body })
    expect([status, JSON.parse(text)]).toEqual([400, expect.objectContaining({ message })])
  })

  // cloud-custodian/cloud-custodian: tests/data/placebo/test_ecs_container_instance_set_state
  test('a container instance has the next version when it is set DRAINING, and the answer has it already', async () => {
    const { endpoint, ecs } = await serve()
    const { arn = '' } = endpoint.state().clusters[0]?.containerInstances[0] ?? {}
    const named = { cluster: 'cluster', containerInstances: [arn] }
    const before = (await ecs.send(new DescribeContainerInstancesCommand(named))).containerInstances?.[0]
    const drain = new UpdateContainerInstancesStateCommand({ ...named, status: 'DRAINING' })
    const after = (await ecs.send(drain)).containerInstances?.[0]
    expect(after).toEqual({ ...before, status: 'DRAINING', version: (before?.version ?? 0) + 1 })
  })

  // cloud-custodian/cloud-custodian: tests/data/placebo/test_ecs_task_delete
  test('a task that is told to stop has the next version, still runs, and says when and why', async () => {
    const { endpoint, ecs } = await serve()
    const { arn = '' } = endpoint.state().clusters[0]?.containerInstances[0]?.tasks[0] ?? {}
    const described = await ecs.send(new DescribeTasksCommand({ cluster: 'cluster', tasks: [arn] }))
    const { version = 0 } = described.tasks?.[0] ?? {}
    const { task } = await ecs.send(new StopTaskCommand({ cluster: 'cluster', task: arn, reason: 'policy' }))
    expect(task).toMatchObject({
      lastStatus: 'RUNNING',
      desiredStatus: 'STOPPED',
      stoppedReason: 'policy',
      stoppingAt: new Date('2026-03-02T08:00:00Z'),
      version: version + 1,
    })
  })

  // cloud-custodian/cloud-custodian: tests/data/placebo/test_ecs_task
  test('a container that runs has its ports, or an empty list of them', async () => {
    const { endpoint, ecs } = await serve({ services: [{ name: 'web', desired: 2, hostPort: 8080 }, { name: 'api' }] })
    const tasks = endpoint.state().clusters[0]?.containerInstances.flatMap((each) => each.tasks.map(({ arn }) => arn))
    const described = await ecs.send(new DescribeTasksCommand({ cluster: 'cluster', tasks }))
    const bindings = Object.fromEntries(
      (described.tasks ?? []).map(({ group = '', containers = [] }) => [group, containers[0]?.networkBindings]),
    )
    expect(bindings).toEqual({
      'service:web': [{ bindIP: '0.0.0.0', containerPort: 8080, hostPort: 8080, protocol: 'tcp' }],
      'service:api': [],
    })
  })
})

describe('Auto Scaling', () => {
  // github.com/buildkite/elastic-ci-stack-for-aws/issues/1261, hashicorp/nomad-autoscaler/pull/1290
  test('says what a termination that would take the group below its minimum may do instead', async () => {
    const { endpoint, autoScaling } = await serve({ groups: [{ desired: 2, min: 2 }] })
    const InstanceId = endpoint.state().groups[0]?.instances[0]?.instanceId
    const input = { InstanceId, ShouldDecrementDesiredCapacity: true }
    await expect(autoScaling.send(new TerminateInstanceInAutoScalingGroupCommand(input))).rejects.toMatchObject({
      name: 'ValidationError',
      message:
        "Currently, desiredSize equals minSize (2). Terminating instance without replacement will violate group's min size " +
        "constraint. Either set shouldDecrementDesiredCapacity flag to false or lower group's min size.",
    })
  })

  // github.com/brendanhay/amazonka/pull/667
  test('tells why an instance is terminated with the time in whole seconds', async () => {
    const { endpoint, autoScaling } = await serve()
    endpoint.advance(1.234)
    const InstanceId = endpoint.state().groups[0]?.instances[0]?.instanceId
    const input = { InstanceId, ShouldDecrementDesiredCapacity: false }
    const { Activity } = await autoScaling.send(new TerminateInstanceInAutoScalingGroupCommand(input))
    expect(Activity?.Cause).toBe(
      `At 2026-03-02T08:00:01Z instance ${InstanceId} was taken out of service in response to a user request.`,
    )
    expect(Activity?.StartTime).toEqual(new Date('2026-03-02T08:00:01.234Z'))
  })

  // github.com/hashicorp/terraform/pull/3351
  test('names the target and the role of a hook whose target cannot be told', async () => {
    const { autoScaling } = await serve()
    const NotificationTargetARN = 'arn:aws:sqs:eu-west-1:123456789012:none'
    const RoleARN = 'arn:aws:iam::123456789012:role/hook'
    const hook = { AutoScalingGroupName: 'group', LifecycleHookName: 'new', NotificationTargetARN, RoleARN }
    const LifecycleTransition = 'autoscaling:EC2_INSTANCE_TERMINATING'
    await expect(autoScaling.send(new PutLifecycleHookCommand({ ...hook, LifecycleTransition }))).rejects.toMatchObject(
      {
        name: 'ValidationError',
        message:
          `Unable to publish test message to notification target ${NotificationTargetARN} using IAM role ${RoleARN}. ` +
          'Please check your target and role configuration and try to put lifecycle hook again.',
      },
    )
  })
})

function ids(length: number): ReadonlyArray<string> {
  return Array.from({ length }, (_, number) => String(number).padStart(32, '0'))
}
