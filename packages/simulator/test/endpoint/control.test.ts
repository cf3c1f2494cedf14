import {
  CompleteLifecycleActionCommand,
  DeleteLifecycleHookCommand,
  DescribeAutoScalingGroupsCommand,
  DescribeAutoScalingInstancesCommand,
  DescribeInstanceRefreshesCommand,
  DescribeLifecycleHooksCommand,
  PutLifecycleHookCommand,
  StartInstanceRefreshCommand,
  TerminateInstanceInAutoScalingGroupCommand,
} from '@aws-sdk/client-auto-scaling'
import { DescribeInstanceAttributeCommand, DescribeInstancesCommand } from '@aws-sdk/client-ec2'
import {
  DescribeContainerInstancesCommand,
  DescribeServicesCommand,
  ListContainerInstancesCommand,
  RunTaskCommand,
  StopTaskCommand,
} from '@aws-sdk/client-ecs'
import { DeleteMessageCommand, ReceiveMessageCommand, SendMessageCommand } from '@aws-sdk/client-sqs'
import { describe, expect, test } from 'vitest'
import { amiUpdatePlan } from '../../src/plan/defaults.ts'
import { simulate } from '../../src/simulate.ts'
import { kinds } from '../../src/trace/trace.ts'
import { type Served, serve } from './served.ts'

const json = async <Body>(served: Served, path: string, body?: unknown): Promise<Body> => {
  const { status, text } = await served.control(path, body)
  expect([path, status]).toEqual([path, 200])
  return JSON.parse(text) as Body
}

interface Clock {
  readonly now: string
  readonly seconds: number
  readonly nextAt: string | null
  readonly settled: boolean
}

describe('the clock', () => {
  test('moves time by seconds and their fractions, and answers with the present', async () => {
    const served = await serve()
    expect(await json<Clock>(served, 'clock', { seconds: 1.25, colour: 'ignored' })).toMatchObject({
      now: '2026-03-02T08:00:01.250Z',
      seconds: 1.25,
    })
    expect((await json<Clock>(served, 'clock', { seconds: 0 })).seconds).toBe(1.25)
    expect((await json<Clock>(served, 'clock')).now).toBe('2026-03-02T08:00:01.250Z')
  })

  test('goes to the next moment at which anything happens, hidden messages included', async () => {
    const served = await serve({ controller: { sweepEverySeconds: 1_000_000 } }, { visibilityTimeoutSeconds: 10 })
    await served.sqs.send(new SendMessageCommand({ QueueUrl: served.endpoint.inboxUrl, MessageBody: 'x' }))
    const { now, nextAt } = await json<Clock>(served, 'clock')
    expect(Date.parse(nextAt ?? '')).toBeGreaterThan(Date.parse(now))
    expect((await json<Clock>(served, 'clock', { toNext: true })).now).toBe(nextAt)
    const receive = () => served.sqs.send(new ReceiveMessageCommand({ QueueUrl: served.endpoint.inboxUrl }))
    expect((await receive()).Messages).toHaveLength(1)
    const hidden = (await json<Clock>(served, 'clock', { toNext: true })).seconds
    expect((await receive()).Messages).toHaveLength(1)
    expect(hidden - (Date.parse(nextAt ?? '') - Date.parse('2026-03-02T08:00:00Z')) / 1000).toBe(10)
  })

  test('stands still at the end of virtual time, after which nothing happens any more', async () => {
    const served = await serve()
    const end = 0x7fffffff / 1000
    expect(await json<Clock>(served, 'clock', { seconds: end - 10 })).toMatchObject({ seconds: end - 10 })
    served.endpoint.act({ do: 'terminate-instance', old: 0 })
    served.endpoint.advance(3600)
    await served.sqs.send(
      new SendMessageCommand({ QueueUrl: served.endpoint.inboxUrl, MessageBody: 'x', DelaySeconds: 60 }),
    )
    expect(await json<Clock>(served, 'clock', { toNext: true })).toMatchObject({ seconds: end, nextAt: null })
    expect(await json<Clock>(served, 'clock', { seconds: 0 })).toMatchObject({ seconds: end })
  })

  test.each([-1, Number.NaN])('is not moved by %d seconds', async (seconds) => {
    const { endpoint } = await serve()
    expect(() => endpoint.advance(seconds)).toThrow(RangeError)
    endpoint.advance(1)
    expect(endpoint.seconds()).toBe(1)
  })

  test.each([
    [{ seconds: -1 }, 'seconds'],
    [{ seconds: '10' }, 'seconds'],
    [{ seconds: 1e9 }, 'seconds'],
    [{}, 'seconds'],
    [{ toNext: 'yes' }, 'toNext'],
    [{ toNext: true, seconds: 10 }, 'seconds'],
    [[], '(body)'],
    ['no JSON', '(body)'],
  ])('stands still for %j', async (body, path) => {
    const served = await serve()
    const { status, text } = await served.control('clock', body)
    expect(status).toBe(400)
    expect((JSON.parse(text) as { errors: ReadonlyArray<string> }).errors[0]).toMatch(`${path}: expected`)
    expect(served.endpoint.seconds()).toBe(0)
  })
})

test('the trace is the one of a run, line by line, as long as nobody interferes', async () => {
  const served = await serve(amiUpdatePlan())
  served.endpoint.advance(100)
  const lines = (await served.control('trace')).text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>)
  const { trace } = simulate(amiUpdatePlan(), { controller: 'ecs-drain' })
  const expected = Array.from({ length: trace.length }, (_, i) => (trace.at[i] ?? 0) / 1000).filter((at) => at < 60)
  expect(expected.length).toBeGreaterThanOrEqual(20)
  expect(lines.slice(0, 20).map(({ seconds }) => seconds)).toEqual(expected.slice(0, 20))
  expect(lines[0]).toEqual({
    controller: 'endpoint',
    seconds: 0,
    kind: 'instance-launched',
    instance: expect.any(String),
    group: 'group',
  })
  expect(lines.some(({ kind, happening }) => kind === 'happening' && happening === 'ami-update')).toBe(true)
})

describe('act', () => {
  test.each([
    [{ do: 'ami-updat' }, 'do: expected one of', 'did you mean ami-update?'],
    [{}, 'do: expected one of', 'got nothing'],
    [[], '(body): expected an object', '[]'],
    [{ do: 'scale-in', group: 'none' }, 'group: there is no group "none"', 'expected one of group'],
    [{ do: 'scale-in', by: 'two' }, 'by: expected an integer', 'got "two"'],
    [{ do: 'kill-instance', old: 7 }, 'old: expected an instance of second zero', '0 to 1'],
    [{ do: 'kill-instance', instance: 'i-none' }, 'instance: there is no instance', 'i-none'],
    [{ do: 'stop-tasks', tasks: ['x'] }, 'tasks[0]: there is no task x', ''],
    [{ do: 'run-tasks', runsSeconds: 'long' }, 'runsSeconds: expected', 'got "long"'],
    [{ do: 'deploy', service: 'wob' }, 'service: there is no service "wob"', ''],
  ])('refuses %j, with the path to what is wrong', async (body, path, why) => {
    const served = await serve()
    const before = served.endpoint.trace().hash
    const { status, text } = await served.control('act', body)
    expect(status).toBe(400)
    const { errors } = JSON.parse(text) as { readonly errors: ReadonlyArray<string> }
    expect(errors[0]?.startsWith(path)).toBe(true)
    expect(errors[0]).toContain(why)
    expect(served.endpoint.trace().hash).toBe(before)
  })

  test.each([
    ['scale-in', 'min (2)'],
    ['scale-out', 'max (3)'],
  ])('refuses to %s further than the group goes', async (verb, bound) => {
    const served = await serve({ groups: [{ desired: verb === 'scale-in' ? 2 : 3, min: 2, max: 3 }] })
    const { status, text } = await served.control('act', { do: verb })
    const errors = [`group: its desired capacity is at its ${bound} already`]
    expect([status, JSON.parse(text)]).toMatchObject([400, { errors }])
  })

  test('does what a happening of a plan does, now; other fields are ignored', async () => {
    const served = await serve({ groups: [{ min: 0 }] })
    served.endpoint.advance(5)
    expect(await json(served, 'act', { do: 'scale-in', by: 1, atSeconds: 900, colour: 'red' })).toEqual({
      now: '2026-03-02T08:00:05.000Z',
      happening: 0,
    })
    served.endpoint.advance(10)
    expect(
      served.endpoint
        .state()
        .groups[0]?.instances.map(({ lifecycleState }) => lifecycleState)
        .sort(),
    ).toEqual(['InService', 'Terminating:Wait'])
  })

  test('names an instance by its id, also one that was launched later', async () => {
    const served = await serve()
    served.endpoint.act({ do: 'scale-out', by: 1 })
    served.endpoint.advance(120)
    const newest = served.endpoint.state().groups[0]?.instances.at(-1)?.instanceId
    const connected = () =>
      served.endpoint.state().clusters[0]?.containerInstances.find(({ ec2InstanceId }) => ec2InstanceId === newest)
        ?.agentConnected
    expect(connected()).toBe(true)
    served.endpoint.act({ do: 'disconnect-agent', instance: newest, forSeconds: 30 })
    expect(connected()).toBe(false)
    served.endpoint.advance(31)
    expect(connected()).toBe(true)
    // Killing it, with tasks on it, is nobody's fault, whichever instance it was.
    served.endpoint.act({ do: 'deploy' })
    served.endpoint.advance(200)
    served.endpoint.act({ do: 'kill-instance', instance: newest })
    served.endpoint.advance(20)
    expect(served.endpoint.state().killed).not.toEqual([])
    expect(served.endpoint.verdict().promises.filter(({ held }) => !held)).toEqual([])
    // What has gone is no longer there to be acted on; nobody has answered its hook.
    served.endpoint.advance(1200)
    const { status, text } = await served.control('act', { do: 'kill-instance', instance: newest })
    expect([status, JSON.parse(text)]).toEqual([400, { errors: [`instance: ${newest} is terminated`] }])
  })

  test('has an agent register its host again: two container instances of one EC2 instance', async () => {
    const served = await serve({ parameters: { 'agent.registration': 5 } })
    const [group] = served.endpoint.state().groups
    const id = group?.instances[0]?.instanceId ?? ''
    served.endpoint.act({ do: 're-register-agent', instance: id })
    served.endpoint.advance(10)
    const { containerInstanceArns = [] } = await served.ecs.send(
      new ListContainerInstancesCommand({ cluster: 'cluster', filter: `ec2InstanceId == ${id}` }),
    )
    const described = await served.ecs.send(
      new DescribeContainerInstancesCommand({ cluster: 'cluster', containerInstances: containerInstanceArns }),
    )
    expect(
      described.containerInstances?.map(({ ec2InstanceId, agentConnected }) => [ec2InstanceId, agentConnected]),
    ).toEqual([
      [id, false],
      [id, true],
    ])
    const records = served.endpoint.state().clusters[0]?.containerInstances ?? []
    expect(records.map(({ ec2InstanceId }) => ec2InstanceId).filter((each) => each === id).length).toBe(2)
    const machines = await served.ec2.send(new DescribeInstancesCommand({}))
    expect(machines.Reservations?.flatMap(({ Instances }) => Instances ?? []).length).toBe(2)
    const { AutoScalingInstances } = await served.autoScaling.send(new DescribeAutoScalingInstancesCommand({}))
    expect(AutoScalingInstances?.length).toBe(2)
    // A position is that of a host.
    served.endpoint.act({ do: 'scale-out', by: 1 })
    served.endpoint.advance(120)
    const newest = served.endpoint.state().groups[0]?.instances.at(-1)?.instanceId
    served.endpoint.act({ do: 'terminate-instance', instance: newest })
    const states = served.endpoint.state().groups[0]?.instances.map(({ lifecycleState }) => lifecycleState)
    expect(states).toEqual(['InService', 'InService', 'Terminating:Wait'])
  })

  test('an instance is named as the state names it, and no other is meant', async () => {
    const served = await serve()
    const { instanceId } = served.endpoint.state().groups[0]?.instances[1] ?? {}
    await json(served, 'act', { do: 'terminate-instance', instanceId })
    const states = served.endpoint.state().groups[0]?.instances.map(({ lifecycleState }) => lifecycleState)
    expect(states).toEqual(['InService', 'Terminating:Wait', ...(states ?? []).slice(2).map(() => 'InService')])
    expect(() => served.endpoint.act({ do: 'kill-instance', instanceId: 'i-none' })).toThrow(
      'instanceId: there is no instance "i-none"',
    )
  })

  test('runs tasks and stops them', async () => {
    const served = await serve()
    const ran = await json<{ tasks: ReadonlyArray<string>; withoutRoom: number }>(served, 'act', {
      do: 'run-tasks',
      count: 30,
      memory: 1024,
    })
    expect([ran.tasks.length, ran.withoutRoom]).toEqual([6, 24])
    served.endpoint.advance(10)
    await json(served, 'act', { do: 'stop-tasks', tasks: ran.tasks.slice(0, 1), reason: 'enough' })
    served.endpoint.advance(60)
    const tasks = served.endpoint.state().clusters[0]?.containerInstances.flatMap((each) => each.tasks) ?? []
    const ofBatch = tasks.filter(({ group }) => group === 'family:batch').map(({ lastStatus }) => lastStatus)
    expect(ofBatch.sort()).toEqual(['RUNNING', 'RUNNING', 'RUNNING', 'RUNNING', 'RUNNING', 'STOPPED'])
  })

  test('a task that it stops is nothing the controller has done; StopTask is', async () => {
    const floorAfter = async (stop: (served: Served, task: string) => Promise<unknown>) => {
      const served = await serve()
      const tasks = served.endpoint.state().clusters[0]?.containerInstances.flatMap((each) => each.tasks) ?? []
      for (const { arn } of tasks) await stop(served, arn)
      served.endpoint.advance(60)
      return served.endpoint.verdict().promises.find(({ name }) => name === 'S2 floor')
    }
    const byHand = await floorAfter((served, task) => json(served, 'act', { do: 'stop-tasks', tasks: [task] }))
    expect(byHand).toMatchObject({ held: true })
    const byStopTask = await floorAfter((served, task) =>
      served.ecs.send(new StopTaskCommand({ task, cluster: 'cluster' })),
    )
    expect(byStopTask).toMatchObject({ held: false })
  })
})

test('decisions and invocations of a controller are noted', async () => {
  const served = await serve()
  const { invocation } = await json<{ invocation: number }>(served, 'invocation', { records: 3 })
  await served.ecs.send(new DescribeServicesCommand({ cluster: 'cluster', services: ['web'] }))
  await json(served, 'invocation', { invocation, ended: 'done' })
  expect((await served.control('invocation', { invocation, ended: 'done' })).status).toBe(400)
  const instance = served.endpoint.state().groups[0]?.instances[0]?.instanceId
  await json(served, 'decision', { instance, name: 'DrainRequested', text: 'because' })
  expect((await served.control('decision', { instance: 'i-none', name: 'x' })).status).toBe(400)
  expect(served.endpoint.verdict().figures.lambdaInvocations).toBe(1)
  const { text } = await served.control('trace')
  expect(text).toContain(`"kind":"decision","instance":"${instance}","decision":"DrainRequested","text":"because"`)
})

test.each([
  ['invocation', { records: -1 }, 'records: expected a number of records, got -1'],
  ['invocation', { invocation: 7, ended: 'done' }, 'invocation: expected one that is under way, got 7'],
  ['decision', { instance: 'i-none', name: 'x' }, 'instance: there is no instance "i-none"'],
])('%s refuses %j', async (path, body, error) => {
  const { control } = await serve()
  expect(await control(path, body)).toMatchObject({ status: 400, text: `${JSON.stringify({ errors: [error] })}\n` })
})

test('a decision has a name of one word', async () => {
  const { control, endpoint } = await serve()
  const instance = endpoint.state().groups[0]?.instances[0]?.instanceId
  const { status, text } = await control('decision', { instance, name: 'two words' })
  expect([status, text]).toEqual([400, expect.stringContaining('name: expected a name of 1 to 100 letters')])
})

test('the world is settled when a sweep has found it at rest and nobody has a message to deal with', async () => {
  const served = await serve({}, { subscribes: ['wake-up'] })
  const QueueUrl = served.endpoint.inboxUrl
  await served.sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: 'x' }))
  expect(await json<Clock>(served, 'clock', { seconds: 1000 })).toMatchObject({ settled: false })
  const { Messages } = await served.sqs.send(new ReceiveMessageCommand({ QueueUrl }))
  await served.sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle: Messages?.[0]?.ReceiptHandle }))
  expect(await json<Clock>(served, 'clock')).toMatchObject({ settled: true })
  served.endpoint.act({ do: 'scale-out' })
  expect(await json<Clock>(served, 'clock')).toMatchObject({ settled: false })
})

test('a call counts as one of the function that began last and has not ended', async () => {
  const served = await serve()
  const begin = async () => (await json<{ invocation: number }>(served, 'invocation', { records: 1 })).invocation
  const end = (invocation: number) => json(served, 'invocation', { invocation, ended: 'done' })
  const call = () => served.ecs.send(new DescribeServicesCommand({ cluster: 'cluster', services: ['web'] }))
  const [first, second, third] = [await begin(), await begin(), await begin()]
  await call()
  await end(first)
  await call()
  await end(third)
  await call()
  await end(second)
  await call()
  const trace = served.endpoint.trace()
  const calls = Array.from(trace.b).filter((_, i) => kinds[trace.kind[i] ?? -1] === 'api-call')
  expect(calls).toEqual([third, third, second, -1])
})

test('what an update launches has the next version of the launch template, and another image', async () => {
  const { endpoint, autoScaling, ec2 } = await serve({ groups: [{ desired: 1, hooks: [] }] })
  const seen = async () => {
    const { AutoScalingInstances } = await autoScaling.send(new DescribeAutoScalingInstancesCommand({}))
    const { Reservations } = await ec2.send(
      new DescribeInstancesCommand({ InstanceIds: AutoScalingInstances?.map(({ InstanceId = '' }) => InstanceId) }),
    )
    return {
      versions: AutoScalingInstances?.map(({ LaunchTemplate }) => LaunchTemplate?.Version),
      images: Reservations?.flatMap(({ Instances }) => Instances?.map(({ ImageId }) => ImageId) ?? []),
    }
  }
  const before = await seen()
  endpoint.act({ do: 'ami-update' })
  endpoint.advance(600)
  const after = await seen()
  expect([before.versions, after.versions]).toEqual([['1'], ['2']])
  expect(after.images).toHaveLength(1)
  expect(after.images).not.toEqual(before.images)
})

test('what is not a control is told', async () => {
  const served = await serve()
  expect((await served.control('clocks')).text).toContain('there are clock, state, trace')
  for (const path of ['/_ecs-drain', '/_ecs-drain/', '/_ecs-drain?x']) {
    const answered = await fetch(served.endpoint.url + path)
    expect([answered.status, await answered.text()]).toEqual([404, expect.stringContaining('there are clock, state')])
  }
  expect([(await served.control('clocks')).status, (await served.control('state', {})).status]).toEqual([404, 405])
})

describe('what changes the world through the API', () => {
  test('a hook that is put holds the next instance; deleted, it lets it go', async () => {
    const served = await serve({ groups: [{ hooks: [] }] })
    const names = { AutoScalingGroupName: 'group', LifecycleHookName: 'late' }
    const lifecycleStates = async () =>
      (await served.autoScaling.send(new DescribeAutoScalingInstancesCommand({}))).AutoScalingInstances?.map(
        (each) => each.LifecycleState,
      )
    await served.autoScaling.send(
      new PutLifecycleHookCommand({
        ...names,
        LifecycleTransition: 'autoscaling:EC2_INSTANCE_TERMINATING',
        HeartbeatTimeout: 60,
      }),
    )
    served.endpoint.act({ do: 'terminate-instance', old: 0, decrementDesired: true })
    served.endpoint.advance(5)
    expect(await lifecycleStates()).toEqual(['Terminating:Wait', 'InService'])
    await served.autoScaling.send(new DeleteLifecycleHookCommand(names))
    expect(await lifecycleStates()).toEqual(['Terminating:Proceed', 'InService'])
  })

  test('an instance that was retained is terminated by whoever asks for it, and takes no place with it', async () => {
    const { endpoint, autoScaling } = await serve({ groups: [{ terminateHookAbandon: 'retain' }] })
    endpoint.act({ do: 'terminate-instance', old: 0 })
    const [held] = endpoint.state().groups[0]?.instances ?? []
    const hook = { AutoScalingGroupName: 'group', LifecycleHookName: 'ecs-drain' }
    await autoScaling.send(
      new CompleteLifecycleActionCommand({
        ...hook,
        LifecycleActionToken: held?.lifecycleActionToken,
        LifecycleActionResult: 'ABANDON',
      }),
    )
    endpoint.advance(300)
    const request = { InstanceId: held?.instanceId, ShouldDecrementDesiredCapacity: true }
    await autoScaling.send(new TerminateInstanceInAutoScalingGroupCommand(request))
    endpoint.advance(300)
    const [group] = endpoint.state().groups
    expect(group).toMatchObject({
      desired: 2,
      instances: [{ lifecycleState: 'InService' }, { lifecycleState: 'InService' }],
    })
  })

  test('a hook tells the target and the role that it was put with, until it is put with others', async () => {
    const { autoScaling } = await serve({ groups: [{ hooks: [{ notifies: 'sns-in-sqs' }] }] })
    const AutoScalingGroupName = 'group'
    const put = (LifecycleHookName: string, more: object) =>
      autoScaling.send(new PutLifecycleHookCommand({ AutoScalingGroupName, LifecycleHookName, ...more }))
    const targets = async () =>
      (await autoScaling.send(new DescribeLifecycleHooksCommand({ AutoScalingGroupName }))).LifecycleHooks?.map(
        ({ NotificationTargetARN, RoleARN }) => [NotificationTargetARN, RoleARN],
      )
    const [ofPlan = []] = (await targets()) ?? []
    expect(ofPlan).toEqual([expect.stringMatching(/:ecs-drain$/), expect.stringMatching(/:role\/ecs-drain-hook$/)])
    const topic = 'arn:aws:sns:eu-west-1:123456789012:hosts-go'
    const code = 'arn:aws:lambda:eu-west-1:123456789012:function:drain'
    const role = 'arn:aws:iam::123456789012:role/hooks'
    const LifecycleTransition = 'autoscaling:EC2_INSTANCE_TERMINATING'
    await put('topic', { LifecycleTransition, NotificationTargetARN: topic, RoleARN: role })
    await put('code', { LifecycleTransition, NotificationTargetARN: code })
    await put('ecs-drain', { HeartbeatTimeout: 60 })
    expect(await targets()).toEqual([ofPlan, [topic, role], [code, undefined]])
    await put('topic', { HeartbeatTimeout: 60 })
    await put('code', { NotificationTargetARN: '' })
    await put('ecs-drain', { NotificationTargetARN: topic })
    expect(await targets()).toEqual([
      [topic, ofPlan[1]],
      [topic, role],
      [undefined, undefined],
    ])
  })

  test('a hook that is put says nothing of what was before it', async () => {
    const { endpoint, autoScaling } = await serve({
      groups: [
        { desired: 3, hooks: [] },
        { name: 'held', desired: 1, hooks: [{ heartbeatTimeoutSeconds: 3600 }] },
      ],
    })
    const hook = { LifecycleTransition: 'autoscaling:EC2_INSTANCE_TERMINATING', HeartbeatTimeout: 30 }
    endpoint.advance(10)
    endpoint.act({ do: 'terminate-instance', old: 0 })
    endpoint.act({ do: 'terminate-instance', group: 'held', old: 0 })
    endpoint.advance(3700)
    const judged = () => endpoint.verdict().promises.map(({ name, held, excluded }) => ({ name, held, excluded }))
    const before = judged()
    expect(before).toContainEqual({ name: 'L3 the hook does not time out', held: false, excluded: [] })
    expect(before.find(({ name }) => name === 'S2 floor')?.excluded).toEqual([
      expect.stringContaining('its group has no lifecycle hook of ours'),
    ])
    await autoScaling.send(
      new PutLifecycleHookCommand({ ...hook, AutoScalingGroupName: 'group', LifecycleHookName: 'late' }),
    )
    await autoScaling.send(
      new PutLifecycleHookCommand({ ...hook, AutoScalingGroupName: 'held', LifecycleHookName: 'ecs-drain' }),
    )
    expect(judged()).toEqual(before)
  })

  test('what runs on an instance that no hook holds any more is lost by whoever deleted the hook', async () => {
    const { endpoint, autoScaling } = await serve()
    endpoint.advance(10)
    const hook = { AutoScalingGroupName: 'group', LifecycleHookName: 'ecs-drain' }
    await autoScaling.send(new DeleteLifecycleHookCommand(hook))
    endpoint.act({ do: 'terminate-instance', old: 0 })
    endpoint.advance(300)
    expect(endpoint.state().killed).toHaveLength(2)
    expect(endpoint.verdict().promises.find(({ name }) => name === 'S2 floor')).toMatchObject({
      held: true,
      excluded: [expect.stringContaining('its group has no lifecycle hook of ours')],
    })
  })

  test.each([
    ['sns:eu-west-1:123456789012:topic', (body: string) => (JSON.parse(body) as { readonly Message: string }).Message],
    ['sqs:eu-west-1:123456789012:ecs-drain-inbox', (body: string) => body],
  ])('a new hook that notifies %s tells it so once, without an instance', async (target, notification) => {
    const { endpoint, autoScaling, sqs } = await serve({ groups: [{ hooks: [] }] })
    const hook = {
      AutoScalingGroupName: 'group',
      LifecycleHookName: 'late',
      LifecycleTransition: 'autoscaling:EC2_INSTANCE_TERMINATING',
      NotificationTargetARN: `arn:aws:${target}`,
      RoleARN: 'arn:aws:iam::123456789012:role/hooks',
    }
    for (let puts = 0; puts < 2; puts += 1) await autoScaling.send(new PutLifecycleHookCommand(hook))
    const { Messages = [] } = await sqs.send(
      new ReceiveMessageCommand({ QueueUrl: endpoint.inboxUrl, MaxNumberOfMessages: 10 }),
    )
    const told = Messages.map(({ Body = '' }) => JSON.parse(notification(Body)) as Record<string, string>)
    expect(told).toMatchObject([{ Event: 'autoscaling:TEST_NOTIFICATION', AutoScalingGroupName: 'group' }])
    expect(told[0]).not.toHaveProperty('LifecycleActionToken')
  })

  test('a refresh replaces the instances and says when it is done', async () => {
    const served = await serve({ groups: [{ hooks: [] }], parameters: { 'refresh.waitsForHook': 0 } })
    const status = async () =>
      (
        await served.autoScaling.send(new DescribeInstanceRefreshesCommand({ AutoScalingGroupName: 'group' }))
      ).InstanceRefreshes?.map(({ Status }) => Status)
    const before = served.endpoint.state().groups[0]?.instances.map(({ instanceId }) => instanceId) ?? []
    await served.autoScaling.send(
      new StartInstanceRefreshCommand({
        AutoScalingGroupName: 'group',
        Preferences: { MaxHealthyPercentage: 150, MinHealthyPercentage: 100 },
      }),
    )
    served.endpoint.advance(5)
    expect(await status()).toEqual(['InProgress'])
    served.endpoint.advance(1200)
    expect(await status()).toEqual(['Successful'])
    const after = served.endpoint.state().groups[0]?.instances.map(({ instanceId }) => instanceId) ?? []
    expect(after.filter((id) => before.includes(id))).toEqual([])
  })

  test('a refresh that launches first leaves the desired capacity alone, and tells when it ended', async () => {
    const { endpoint, autoScaling } = await serve({
      groups: [{ hooks: [], desired: 2, max: 2 }],
      parameters: { 'refresh.waitsForHook': 0 },
    })
    const AutoScalingGroupName = 'group'
    const instances = () => endpoint.state().groups[0]?.instances.length ?? 0
    const desired = async () => {
      const { AutoScalingGroups } = await autoScaling.send(new DescribeAutoScalingGroupsCommand({}))
      return AutoScalingGroups?.[0]?.DesiredCapacity
    }
    const refresh = async () =>
      (await autoScaling.send(new DescribeInstanceRefreshesCommand({ AutoScalingGroupName }))).InstanceRefreshes?.[0]
    // Longer than the 7200 seconds that other timeouts of Auto Scaling may have.
    const Preferences = { MaxHealthyPercentage: 150, MinHealthyPercentage: 100, InstanceWarmup: 7300 }
    await autoScaling.send(new StartInstanceRefreshCommand({ AutoScalingGroupName, Preferences }))
    endpoint.advance(60)
    expect([instances(), await desired()]).toEqual([3, 2])
    expect(await refresh()).not.toHaveProperty('EndTime')
    endpoint.advance(50_000)
    expect((await refresh())?.Status).toBe('Successful')
    const { StartTime, EndTime } = (await refresh()) ?? {}
    expect(Number(EndTime) - Number(StartTime)).toBeGreaterThan(2 * 7300 * 1000)
  })

  test('a refresh whose instances do not come has failed', async () => {
    const { endpoint, autoScaling } = await serve({ groups: [{ hooks: [], launchable: 0 }] })
    const group = { AutoScalingGroupName: 'group' }
    await autoScaling.send(new StartInstanceRefreshCommand(group))
    endpoint.advance(1200)
    const { InstanceRefreshes } = await autoScaling.send(new DescribeInstanceRefreshesCommand(group))
    expect(InstanceRefreshes?.map(({ Status }) => Status)).toEqual(['Failed'])
  })

  test('every refresh of a group is told, the newest first, page by page', async () => {
    const served = await serve({ groups: [{ hooks: [] }], parameters: { 'refresh.waitsForHook': 0 } })
    for (let refreshes = 0; refreshes < 3; refreshes += 1) {
      served.endpoint.act({ do: 'instance-refresh', minHealthyPercentage: 0 })
      served.endpoint.advance(refreshes === 2 ? 5 : 1200)
    }
    const page = async (NextToken?: string) => {
      const input = { AutoScalingGroupName: 'group', MaxRecords: 2, NextToken }
      const answer = await served.autoScaling.send(new DescribeInstanceRefreshesCommand(input))
      return { statuses: answer.InstanceRefreshes?.map(({ Status }) => Status), next: answer.NextToken }
    }
    const first = await page()
    expect(first.statuses).toEqual(['InProgress', 'Successful'])
    expect(await page(first.next)).toEqual({ statuses: ['Successful'], next: undefined })
  })

  test('RunTask starts tasks of a family that the plan has', async () => {
    const served = await serve({ standaloneTasks: [{ family: 'batch', startsAtSeconds: 1000 }] })
    const { tasks, failures } = await served.ecs.send(
      new RunTaskCommand({ cluster: 'cluster', taskDefinition: 'batch:1', count: 2, clientToken: 'once' }),
    )
    const again = await served.ecs.send(
      new RunTaskCommand({ cluster: 'cluster', taskDefinition: 'batch:1', count: 2, clientToken: 'once' }),
    )
    expect(again.tasks?.map(({ taskArn }) => taskArn)).toEqual(tasks?.map(({ taskArn }) => taskArn))
    expect([tasks?.map(({ lastStatus, group }) => [lastStatus, group]), failures]).toEqual([
      [
        ['PENDING', 'family:batch'],
        ['PENDING', 'family:batch'],
      ],
      [],
    ])
  })

  test('the user data names the cluster', async () => {
    const { endpoint, ec2 } = await serve()
    const InstanceId = endpoint.state().groups[0]?.instances[0]?.instanceId
    const { UserData } = await ec2.send(new DescribeInstanceAttributeCommand({ InstanceId, Attribute: 'userData' }))
    expect(Buffer.from(UserData?.Value ?? '', 'base64').toString()).toContain('ECS_CLUSTER=cluster')
  })
})

describe('time that runs by itself', () => {
  test('goes so many times as fast, and control may still skip', async () => {
    const served = await serve({}, { pace: 1000 })
    const before = served.endpoint.seconds()
    await new Promise((done) => setTimeout(done, 30))
    expect(served.endpoint.seconds() - before).toBeGreaterThanOrEqual(25)
    const skipped = await json<Clock>(served, 'clock', { seconds: 5000 })
    expect(skipped.seconds).toBeGreaterThanOrEqual(before + 5000)
  })

  test('a receive waits for a message', async () => {
    const served = await serve({ controller: { sweepEverySeconds: 1_000_000 } }, { pace: 10 })
    const QueueUrl = served.endpoint.inboxUrl
    const waiting = served.sqs.send(new ReceiveMessageCommand({ QueueUrl, WaitTimeSeconds: 20 }))
    await served.sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: 'x' }))
    expect((await waiting).Messages?.map(({ Body }) => Body)).toEqual(['x'])
  })

  test('a receive waits no longer than its seconds of the world', async () => {
    const served = await serve({ controller: { sweepEverySeconds: 1_000_000 } }, { pace: 1000 })
    const receive = new ReceiveMessageCommand({ QueueUrl: served.endpoint.inboxUrl, WaitTimeSeconds: 20 })
    const before = served.endpoint.seconds()
    expect((await served.sqs.send(receive)).Messages).toBeUndefined()
    const waited = served.endpoint.seconds() - before
    // A slow machine takes its time: two real seconds are 2,000 of these.
    expect([waited >= 19, waited < 2000]).toEqual([true, true])
  })

  test('a client that hangs up while it waits takes no message with it', async () => {
    const served = await serve({ controller: { sweepEverySeconds: 1_000_000 } }, { pace: 10 })
    const QueueUrl = served.endpoint.inboxUrl
    const hangUp = new AbortController()
    const waiting = served.sqs.send(new ReceiveMessageCommand({ QueueUrl, WaitTimeSeconds: 20 }), {
      abortSignal: hangUp.signal,
    })
    // The first look into the queue is over when another request has been answered.
    await json<Clock>(served, 'clock')
    hangUp.abort()
    await expect(waiting).rejects.toThrow()
    await served.sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: 'x' }))
    const { Messages } = await served.sqs.send(
      new ReceiveMessageCommand({ QueueUrl, WaitTimeSeconds: 20, MessageSystemAttributeNames: ['All'] }),
    )
    expect(Messages?.map(({ Body, Attributes }) => [Body, Attributes?.['ApproximateReceiveCount']])).toEqual([
      ['x', '1'],
    ])
  })

  test('in stepped time nothing is waited for, and time stands still', async () => {
    const { endpoint, sqs } = await serve()
    const { Messages } = await sqs.send(new ReceiveMessageCommand({ QueueUrl: endpoint.inboxUrl, WaitTimeSeconds: 20 }))
    expect([Messages, endpoint.seconds()]).toEqual([undefined, 0])
  })
})
