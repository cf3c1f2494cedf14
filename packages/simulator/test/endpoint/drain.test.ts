// A drain by hand: the SDK's clients, as anybody's function would use them, against a world whose time the test moves.
import { CompleteLifecycleActionCommand, RecordLifecycleActionHeartbeatCommand } from '@aws-sdk/client-auto-scaling'
import {
  DescribeContainerInstancesCommand,
  DescribeTasksCommand,
  ListContainerInstancesCommand,
  ListTasksCommand,
  UpdateContainerInstancesStateCommand,
} from '@aws-sdk/client-ecs'
import { DeleteMessageCommand, ReceiveMessageCommand, SendMessageCommand } from '@aws-sdk/client-sqs'
import { decodeEnvelope, type Notice } from '@ecs-drain/core'
import { describe, expect, test } from 'vitest'
import type { PlanSketch } from '../../src/plan/defaults.ts'
import type { PromiseResult } from '../../src/promise/promise.ts'
import { type Served, serve } from './served.ts'

const cluster = 'cluster'

type Termination = Extract<Notice, { readonly type: 'InstanceTerminating' }>

/** Whether the instance has nothing on it any more, asked in one way or another. */
type IsEmpty = (served: Served, containerInstance: string) => Promise<boolean>

/** As articles have it: no running task is counted. */
const countsNone: IsEmpty = async ({ ecs }, containerInstance) => {
  const { containerInstances = [] } = await ecs.send(
    new DescribeContainerInstancesCommand({ cluster, containerInstances: [containerInstance] }),
  )
  return containerInstances[0]?.runningTasksCount === 0
}

/** As it should be: every task in either list has lastStatus STOPPED. */
const allStopped: IsEmpty = async ({ ecs }, containerInstance) => {
  const taskArns: Array<string> = []
  for (const desiredStatus of ['RUNNING', 'STOPPED'] as const) {
    let nextToken: string | undefined
    do {
      const page = await ecs.send(
        new ListTasksCommand({ cluster, containerInstance, desiredStatus, nextToken, maxResults: 2 }),
      )
      taskArns.push(...(page.taskArns ?? []))
      nextToken = page.nextToken
    } while (nextToken !== undefined)
  }
  if (taskArns.length === 0) return true
  const { tasks = [] } = await ecs.send(new DescribeTasksCommand({ cluster, tasks: taskArns }))
  return tasks.every(({ lastStatus }) => lastStatus === 'STOPPED')
}

/** Takes what is in the inbox, and after each message asks of every instance that is held whether it may go. */
const drain = async (served: Served, isEmpty: IsEmpty): Promise<ReadonlyArray<string>> => {
  const { endpoint, ecs, autoScaling, sqs } = served
  const held = new Map<string, Termination>()
  const told: Array<string> = []
  const begin = async (notice: Termination): Promise<void> => {
    const { instance } = notice.action
    const { containerInstanceArns = [] } = await ecs.send(
      new ListContainerInstancesCommand({ cluster, filter: `ec2InstanceId == ${instance}` }),
    )
    const [arn] = containerInstanceArns
    if (arn === undefined) throw new Error(`no container instance of ${instance}`)
    const { failures } = await ecs.send(
      new UpdateContainerInstancesStateCommand({ cluster, containerInstances: [arn], status: 'DRAINING' }),
    )
    expect(failures).toEqual([])
    held.set(arn, notice)
  }
  const lookAll = async (): Promise<void> => {
    for (const [arn, { action }] of held) {
      const { group, hook, token } = action
      const names = { AutoScalingGroupName: group, LifecycleHookName: hook, LifecycleActionToken: token ?? undefined }
      if (!(await isEmpty(served, arn))) {
        await autoScaling.send(new RecordLifecycleActionHeartbeatCommand(names))
        continue
      }
      await autoScaling.send(new CompleteLifecycleActionCommand({ ...names, LifecycleActionResult: 'CONTINUE' }))
      held.delete(arn)
    }
  }
  for (let step = 0; step < 150 && !endpoint.isSettled(); step += 1) {
    endpoint.advance(10)
    const { Messages = [] } = await sqs.send(
      new ReceiveMessageCommand({ QueueUrl: endpoint.inboxUrl, MaxNumberOfMessages: 10 }),
    )
    for (const { Body, ReceiptHandle } of Messages) {
      const [delivery] = decodeEnvelope(JSON.parse(Body ?? ''))
      if (delivery?.notice._tag !== 'Right') throw new Error(`core cannot read ${Body}`)
      const notice = delivery.notice.right
      told.push(notice.type)
      if (notice.type === 'InstanceTerminating') await begin(notice)
      await sqs.send(new DeleteMessageCommand({ QueueUrl: endpoint.inboxUrl, ReceiptHandle }))
    }
    if (Messages.length > 0 || held.size > 0) await lookAll()
  }
  return told
}

const brokenOf = (promises: ReadonlyArray<PromiseResult>): ReadonlyArray<string> =>
  promises.filter(({ held }) => !held).map(({ name }) => name.slice(0, 2))

const behindLoadBalancer: PlanSketch = {
  services: [{ name: 'web', loadBalancer: { deregistrationDelaySeconds: 60 }, exitSeconds: [2, 25] }],
}

describe('an AMI update, drained by hand through the SDK', () => {
  test('by lastStatus: no task is killed, four run at all times, the old instances go', async () => {
    const served = await serve(behindLoadBalancer)
    const { endpoint } = served
    const old = endpoint.state().groups[0]?.instances.map(({ instanceId }) => instanceId) ?? []
    endpoint.act({ do: 'ami-update' })
    const told = await drain(served, allStopped)

    const { figures, promises } = endpoint.verdict()
    expect(figures.tasksKilled).toBe(0)
    expect(figures.services[0]?.leastRunning).toBe(4)
    expect(brokenOf(promises)).toEqual([])
    expect(promises.map(({ name }) => name.slice(0, 2))).toEqual(['S1', 'S2', 'S3', 'S4', 'L1', 'L2', 'L3'])
    // The promises were put to the test.
    for (const { name, occasions } of promises)
      if (!name.startsWith('S2')) expect([name, occasions > 0]).toEqual([name, true])
    expect(told.filter((type) => type === 'InstanceTerminating')).toHaveLength(2)
    expect(told.filter((type) => type === 'TaskStateChanged').length).toBeGreaterThanOrEqual(4)
    const state = endpoint.state()
    expect(state.killed).toEqual([])
    expect(state.clusters[0]?.services).toEqual([{ name: 'web', desired: 4, floor: 4, running: 4 }])
    const there = state.groups[0]?.instances ?? []
    expect(there).toHaveLength(2)
    expect(
      there.every(({ instanceId, lifecycleState }) => lifecycleState === 'InService' && !old.includes(instanceId)),
    ).toBe(true)
  })

  test('by runningTasksCount: tasks that are still being deregistered are killed, and S1 says so', async () => {
    const served = await serve(behindLoadBalancer)
    served.endpoint.act({ do: 'ami-update' })
    await drain(served, countsNone)
    const { figures, promises } = served.endpoint.verdict()
    expect(figures.tasksKilled).toBeGreaterThan(0)
    expect(served.endpoint.state().killed).toHaveLength(figures.tasksKilled)
    expect(brokenOf(promises)).toContain('S1')
  })

  test('the same seed gives the same world', async () => {
    const hashes: Array<string> = []
    for (let run = 0; run < 2; run += 1) {
      const served = await serve(behindLoadBalancer)
      served.endpoint.act({ do: 'ami-update' })
      await drain(served, allStopped)
      hashes.push(served.endpoint.trace().hash)
    }
    expect(hashes[0]).toBe(hashes[1])
  })
})

describe('a message to the inbox', () => {
  const bodies = async ({ endpoint, sqs }: Served): Promise<ReadonlyArray<string | undefined>> => {
    const { Messages = [] } = await sqs.send(
      new ReceiveMessageCommand({ QueueUrl: endpoint.inboxUrl, MaxNumberOfMessages: 10 }),
    )
    return Messages.map(({ Body }) => Body)
  }
  const quiet = { controller: { sweepEverySeconds: 100_000 }, parameters: { 'bus.event': 0.5 * 1000 } } as const

  test('comes back after its delay, word for word', async () => {
    const served = await serve(quiet)
    const MessageBody = '{"ecs-drain":"wake-up","stream":"ec2-instance/i-0123456789abcdef0","hops":1}'
    await served.sqs.send(new SendMessageCommand({ QueueUrl: served.endpoint.inboxUrl, MessageBody, DelaySeconds: 30 }))
    served.endpoint.advance(30)
    expect(await bodies(served)).toEqual([])
    served.endpoint.advance(1)
    expect(await bodies(served)).toEqual([MessageBody])
  })

  test('comes twice, or not at all, as the plan has it', async () => {
    const twice = await serve({ ...quiet, faults: { perMille: { 'bus.duplicate': 1000 } } })
    await twice.sqs.send(new SendMessageCommand({ QueueUrl: twice.endpoint.inboxUrl, MessageBody: 'x' }))
    twice.endpoint.advance(5)
    expect(await bodies(twice)).toEqual(['x', 'x'])

    const never = await serve({ ...quiet, faults: { lose: [{ message: 'wake-up', nth: 0 }] } })
    for (const MessageBody of ['lost', 'kept']) {
      await never.sqs.send(new SendMessageCommand({ QueueUrl: never.endpoint.inboxUrl, MessageBody }))
    }
    never.endpoint.advance(5)
    expect(await bodies(never)).toEqual(['kept'])
  })
})

test.each(['sns-json', 'sns-text', 'sqs', 'eventbridge', 'lambda', 'sns-in-sqs'] as const)(
  'core reads the notice of a hook that notifies by %s from the inbox',
  async (notifies) => {
    const { endpoint, sqs } = await serve({ groups: [{ hooks: [{ notifies, notificationMetadata: 'meta' }] }] })
    endpoint.act({ do: 'terminate-instance', old: 1 })
    endpoint.advance(10)
    const { Messages = [] } = await sqs.send(
      new ReceiveMessageCommand({ QueueUrl: endpoint.inboxUrl, MaxNumberOfMessages: 10 }),
    )
    const notices = Messages.flatMap(({ Body }) => decodeEnvelope(JSON.parse(Body ?? ''))).map(({ notice }) => notice)
    const held = endpoint
      .state()
      .groups[0]?.instances.find(({ lifecycleState }) => lifecycleState === 'Terminating:Wait')
    expect(notices).toContainEqual(
      expect.objectContaining({
        right: expect.objectContaining({
          type: 'InstanceTerminating',
          metadata: 'meta',
          action: expect.objectContaining({ instance: held?.instanceId, token: held?.lifecycleActionToken }),
        }),
      }),
    )
  },
)
