// The baselines are told apart from ecs-drain by what they do and leave undone. Each is checked against a scripted world.
import type { Call, CallType, Failure } from '@ecs-drain/core'
import { describe, expect, test } from 'vitest'
import { createArticle } from '../../src/controller/article.ts'
import type { Controller, Directory, Execution, Message } from '../../src/controller/controller.ts'
import { createCountingPoller } from '../../src/controller/counting-poller.ts'
import { createNone } from '../../src/controller/none.ts'
import type { Plan } from '../../src/plan/plan.ts'

const token = '00000000-0000-0000-0000-000000000001'
const directory = {
  startMs: 1_000_000,
  clusterName: 'main',
  instanceId: (instance: number) => `i-0000000${instance}`,
  containerInstanceArn: (instance: number) => `arn:container-instance/${instance}`,
  groupName: () => 'hosts',
  action: (action: number) => ({
    group: 'hosts',
    hook: action === 9 ? 'theirs' : 'drain',
    instance: 'i-00000000',
    token,
  }),
} as unknown as Directory

const plan = {
  groups: [
    {
      name: 'hosts',
      hooks: [
        { name: 'theirs', owner: 'other' },
        { name: 'drain', owner: 'controller' },
      ],
    },
  ],
  controller: { pollEverySeconds: 10 },
} as unknown as Plan

const message = (kind: Message['kind'], more: Partial<Message> = {}): Message => ({
  kind,
  number: 0,
  instance: 0,
  task: 0,
  action: 0,
  at: 0,
  version: 1,
  status: 0,
  desiredStopped: true,
  agentConnected: true,
  hops: 0,
  viaEventBridge: false,
  received: 0,
  ...more,
})

interface Script {
  readonly status?: string
  readonly running?: number
  readonly known?: boolean
  readonly fails?: CallType
}

const handled = (
  controller: Controller,
  batch: ReadonlyArray<Message>,
  { status = 'ACTIVE', running = 0, known = true, fails }: Script = {},
) => {
  const calls: Call[] = []
  let failed: ReadonlyArray<number> | undefined
  const answers: Readonly<Record<string, unknown>> = {
    ListContainerInstances: { items: known ? ['arn:container-instance/0'] : [], nextToken: null },
    DescribeContainerInstances: {
      containerInstances: [{ ec2InstanceId: 'i-00000000', status, runningTasksCount: running, pendingTasksCount: 0 }],
      failures: [],
    },
    UpdateContainerInstancesState: { containerInstances: [], failures: [] },
  }
  const execution: Execution = {
    id: 0,
    directory,
    policyChange: -1,
    now: () => 5_000,
    decided: () => {},
    end: (positions) => {
      failed = positions
    },
    call: (call: Call, reply: (answer: never) => void, fail: (failure: Failure) => void) => {
      calls.push(call)
      if (call.type === fails) fail({ type: 'Throttled', message: 'Rate exceeded' })
      else reply((answers[call.type] ?? null) as never)
    },
  }
  controller.handle(batch, execution)
  return { calls, names: calls.map(({ type }) => type), failed }
}

describe('none', () => {
  test('hears of nothing', () => {
    expect(createNone().subscribes).toEqual([])
  })
})

describe('the counting poller', () => {
  test('sets DRAINING and asks again as long as tasks are counted', () => {
    const { calls, names, failed } = handled(createCountingPoller(plan), [message('termination')], { running: 2 })
    expect(names).toEqual([
      'ListContainerInstances',
      'DescribeContainerInstances',
      'UpdateContainerInstancesState',
      'SendWakeUp',
    ])
    expect(calls.at(-1)).toEqual({ type: 'SendWakeUp', stream: 'ec2-instance/i-00000000', at: 1_015_000, hops: 1 })
    expect(failed).toEqual([])
  })

  test('completes by instance id as soon as no task is counted, whatever still stops', () => {
    const controller = createCountingPoller(plan)
    handled(controller, [message('termination')], { running: 1 })
    const { calls, names } = handled(controller, [message('wake-up', { action: -1, hops: 1 })], { status: 'DRAINING' })
    expect(names).toEqual(['ListContainerInstances', 'DescribeContainerInstances', 'CompleteLifecycleAction'])
    expect(calls.at(-1)).toMatchObject({ action: { hook: 'drain', token: null }, result: 'CONTINUE' })
  })

  test('completes at once where there is no container instance', () => {
    const { names } = handled(createCountingPoller(plan), [message('termination')], { known: false })
    expect(names).toEqual(['ListContainerInstances', 'CompleteLifecycleAction'])
  })

  test('has its message come back when a call fails', () => {
    const { failed } = handled(createCountingPoller(plan), [message('termination')], {
      fails: 'DescribeContainerInstances',
    })
    expect(failed).toEqual([0])
  })

  test('leaves another hook alone', () => {
    expect(handled(createCountingPoller(plan), [message('termination', { action: 9 })]).calls).toEqual([])
  })
})

describe('the article', () => {
  test('sets DRAINING on the notice, and nothing else', () => {
    const { names } = handled(createArticle(plan), [message('termination')])
    expect(names).toEqual(['ListContainerInstances', 'UpdateContainerInstancesState'])
  })

  test('never completes an instance that is not there', () => {
    expect(handled(createArticle(plan), [message('termination')], { known: false }).names).toEqual([
      'ListContainerInstances',
    ])
  })

  test('completes on a STOPPED event when the counter is at 0', () => {
    const { calls, names } = handled(createArticle(plan), [message('task-stopped')], { status: 'DRAINING' })
    expect(names).toEqual(['DescribeContainerInstances', 'CompleteLifecycleAction'])
    expect(calls.at(-1)).toMatchObject({
      action: { group: 'hosts', hook: 'drain', instance: 'i-00000000', token: null },
    })
  })

  test.each([[{ status: 'DRAINING', running: 1 }], [{ status: 'ACTIVE', running: 0 }]])(
    'looks and does nothing for %j',
    (script) => {
      expect(handled(createArticle(plan), [message('task-stopped')], script).names).toEqual([
        'DescribeContainerInstances',
      ])
    },
  )

  test('handles a batch message by message', () => {
    const { names, failed } = handled(createArticle(plan), [message('task-stopped'), message('task-stopped')], {
      fails: 'DescribeContainerInstances',
    })
    expect(names).toEqual(['DescribeContainerInstances', 'DescribeContainerInstances'])
    expect(failed).toEqual([0, 1])
  })
})
