import type { Answer, LifecycleAction } from '@ecs-drain/core'
import { describe, expect, test } from 'vitest'
import { createNone } from '../../src/controller/none.ts'
import {
  completePlan,
  type GroupSketch,
  type HappeningSketch,
  type HookSketch,
  type PlanSketch,
} from '../../src/plan/defaults.ts'
import { simulate } from '../../src/simulate.ts'
import {
  containerInstanceStates,
  hookEndings,
  lifecycleStates,
  messageKinds,
  taskStatuses,
} from '../../src/trace/trace.ts'
import { driveWorld } from '../../src/world/world.ts'
import { answersAtOnce, calling, completing, draining, runOf, silent } from './running.ts'

const ending = (name: (typeof hookEndings)[number]): number => hookEndings.indexOf(name)
const terminateFirst = (hooks: ReadonlyArray<HookSketch>, more: PlanSketch = {}) =>
  completePlan({
    groups: [{ hooks }],
    happenings: [{ do: 'terminate-instance', decrementDesired: true }],
    ...more,
  })
/** Of an instance that its hook held. */
const throughItsHook = ['InService', 'Terminating', 'Terminating:Wait', 'Terminating:Proceed', 'Terminated']

const statesOf = (run: ReturnType<typeof runOf>, instance: number) =>
  run
    .of('instance-state')
    .filter(({ a }) => a === instance)
    .map(({ b }) => lifecycleStates[b])

describe('a lifecycle hook', () => {
  test('holds the instance until it is answered, then the host goes', () => {
    const run = runOf(terminateFirst([{}]), answersAtOnce())
    expect(statesOf(run, 0)).toEqual(throughItsHook)
    expect(run.of('hook-ended').map(({ b }) => b)).toEqual([ending('CONTINUE')])
  })

  // AWS: API reference, DeregisterContainerInstance; ecs_task_events.
  test('answered at once takes the tasks with it that still run, and ECS deregisters the instance', () => {
    const run = runOf(terminateFirst([{}]), answersAtOnce())
    const gone = run.of('instance-state').find(({ b }) => lifecycleStates[b] === 'Terminated')?.at ?? Number.NaN
    expect(run.of('task-killed').map(({ at }) => at)).toEqual([gone, gone])
    const stopped = run.of('task-last-status').filter(({ b }) => taskStatuses[b] === 'STOPPED')
    expect(stopped.map(({ a }) => a)).toEqual(run.of('task-killed').map(({ a }) => a))
    expect(Math.min(...stopped.map(({ at }) => at))).toBeGreaterThan(gone)
    expect(containerInstanceStates[run.of('container-instance').at(-1)?.b ?? -1]).toBe('INACTIVE')
  })

  test('does not exist for a controller that subscribes to nothing', () => {
    const run = runOf(terminateFirst([{}]), createNone())
    expect(run.of('hook-started')).toEqual([])
    expect(statesOf(run, 0)).toEqual(['InService', 'Terminating', 'Terminating:Proceed', 'Terminated'])
  })

  test.each(['CONTINUE', 'ABANDON'] as const)('times out with its default result %s', (defaultResult) => {
    const run = runOf(terminateFirst([{ heartbeatTimeoutSeconds: 300, defaultResult }]), silent())
    const [started] = run.of('hook-started')
    const [ended] = run.of('hook-ended')
    expect(ended?.b).toBe(ending(`timeout-${defaultResult}`))
    expect((ended?.at ?? 0) - (started?.at ?? 0)).toBe(300_000)
  })

  test('is restarted by a heartbeat, not lengthened', () => {
    const beating = calling(['termination'], ({ action }, { directory }) => [
      { type: 'RecordLifecycleActionHeartbeat', action: directory.action(action) },
    ])
    const run = runOf(terminateFirst([{ heartbeatTimeoutSeconds: 300 }]), beating)
    const [beat] = run.of('hook-heartbeat')
    const [ended] = run.of('hook-ended')
    expect((ended?.at ?? 0) - (beat?.at ?? 0)).toBe(300_000)
  })

  test('ends at a hundred times its timeout, whatever heartbeats say', () => {
    // A heartbeat now and one with each sweep: every 20 s, so only the global limit ends it.
    let action = -1
    const beating = calling(['termination', 'sweep'], (message, { directory }) => {
      if (message.kind === 'termination') action = message.action
      return action < 0 ? [] : [{ type: 'RecordLifecycleActionHeartbeat', action: directory.action(action) }]
    })
    const plan = terminateFirst([{ heartbeatTimeoutSeconds: 30 }], {
      controller: { sweepEverySeconds: 20 },
      untilSeconds: 9000,
    })
    const run = runOf(plan, beating)
    const [started] = run.of('hook-started')
    const [ended] = run.of('hook-ended')
    expect(ended?.b).toBe(ending('timeout-CONTINUE'))
    expect((ended?.at ?? 0) - (started?.at ?? 0)).toBe(3_000_000)
  })

  test('waits for the other hooks, which answer for themselves', () => {
    const run = runOf(
      terminateFirst([{}, { name: 'other', owner: 'other', answersAfterSeconds: 200 }]),
      answersAtOnce(),
    )
    expect(run.of('hook-ended').map(({ b }) => b)).toEqual([ending('CONTINUE'), ending('other-CONTINUE')])
    const proceeded = run.of('instance-state').find(({ b }) => lifecycleStates[b] === 'Terminating:Proceed')
    expect(proceeded?.at).toBe(run.of('hook-ended')[1]?.at)
  })

  test('answered with ABANDON skips the other hooks', () => {
    const run = runOf(
      terminateFirst([{}, { name: 'other', owner: 'other', answersAfterSeconds: 200 }]),
      answersAtOnce('ABANDON'),
    )
    expect(run.of('hook-ended').map(({ b }) => b)).toEqual([ending('ABANDON'), ending('skipped')])
    expect(statesOf(run, 0).at(-1)).toBe('Terminated')
  })

  // AWS: API reference, RetentionTriggers.
  test.each([
    ['answered with ABANDON', answersAtOnce('ABANDON')],
    ['that nobody answers, with that default result,', silent()],
  ])('%s keeps the host where the group retains', (_, controller) => {
    const plan = completePlan({
      groups: [{ terminateHookAbandon: 'retain', hooks: [{ defaultResult: 'ABANDON' }] }],
      happenings: [{ do: 'terminate-instance' }],
    })
    const run = runOf(plan, controller)
    expect(statesOf(run, 0).at(-1)).toBe('Terminating:Retained')
    expect(run.of('task-killed')).toEqual([])
    // It no longer counts: a replacement is launched.
    expect(run.of('instance-launched').length).toBe(3)
  })

  test.each([true, false])(
    'answered so keeps it until somebody terminates it, and then does not hold it again (decrements: %s)',
    (decrementDesired) => {
      const plan = completePlan({
        groups: [{ terminateHookAbandon: 'retain' }],
        happenings: [{ do: 'terminate-instance' }, { do: 'terminate-instance', atSeconds: 600, decrementDesired }],
      })
      const run = runOf(plan, answersAtOnce('ABANDON'))
      expect(statesOf(run, 0).slice(-3)).toEqual(['Terminating:Retained', 'Terminating:Proceed', 'Terminated'])
      expect(run.of('hook-started')).toHaveLength(1)
      // It did not count, so nothing takes its place, and nothing goes with it.
      expect(run.of('instance-launched')).toHaveLength(3)
      expect(run.of('instance-state').filter(({ b }) => lifecycleStates[b] === 'Terminated')).toHaveLength(1)
    },
  )

  // AWS: API reference, DeleteLifecycleHook.
  test('deleted in the middle lets the instance go as far as it is concerned, and holds no other', () => {
    const happenings = [
      { do: 'terminate-instance' },
      { do: 'delete-hook', atSeconds: 100 },
      { do: 'terminate-instance', old: 1, atSeconds: 500 },
    ] as const
    const run = runOf(terminateFirst([{}, { name: 'other', owner: 'other' }], { happenings }), silent())
    expect(run.of('hook-ended').map(({ at, b }) => [at, hookEndings[b]])).toEqual([
      [100_000, 'hook-deleted'],
      [120_000, 'other-CONTINUE'],
      [560_000, 'other-CONTINUE'],
    ])
    const proceeded = run.of('instance-state').filter(({ b }) => lifecycleStates[b] === 'Terminating:Proceed')
    expect(proceeded.map(({ at }) => at)).toEqual([120_000, 560_000])
  })

  // github.com/cattle-ops/terraform-aws-gitlab-runner/pull/1117
  test('goes on holding what is left of the host when that is killed', () => {
    const happenings = [{ do: 'terminate-instance' }, { do: 'kill-instance', atSeconds: 100 }] as const
    const run = runOf(terminateFirst([{ heartbeatTimeoutSeconds: 300 }], { happenings }), silent())
    expect(run.of('task-killed').map(({ at }) => at)).toEqual([100_000, 100_000])
    expect(run.of('hook-started')).toHaveLength(1)
    expect(run.of('hook-ended').map(({ at, b }) => [at, b])).toEqual([[360_000, ending('timeout-CONTINUE')]])
    const gone = run.of('instance-state').find(({ b }) => lifecycleStates[b] === 'Terminated')
    // There is nothing to shut down.
    expect(gone?.at).toBe(360_000)
  })

  // AWS: gracefully-handle-instance-termination; github.com/getsocial-rnd/ecs-drain-lambda/issues/6
  test('holds what is left of a host that died, once the EC2 health check has found it', () => {
    const plan = completePlan({
      groups: [{ hooks: [{}, { name: 'other', owner: 'other' }] }],
      happenings: [{ do: 'kill-instance' }],
      parameters: { 'autoscaling.healthCheck': 100, 'autoscaling.reaction': 5, 'ecs.noticesDeadHost': 20 },
    })
    const run = runOf(plan, answersAtOnce())
    expect(statesOf(run, 0)).toEqual(throughItsHook)
    expect(run.of('hook-started').map(({ at, b }) => [at, b])).toEqual([
      [160_000, 0],
      [160_000, 0],
    ])
    expect(run.of('instance-launched').filter(({ at }) => at > 0)).toMatchObject([{ at: 165_000 }])
    // ECS has known it for long.
    expect(run.of('task-last-status').filter(({ a, b, at }) => a === 0 && b === 7 && at < 100_000)).toHaveLength(1)
    expect(run.of('settled')).toHaveLength(1)
  })

  test('keeps no dead host, whatever it is answered', () => {
    const plan = completePlan({
      groups: [{ reuseOnScaleIn: true, terminateHookAbandon: 'retain' }],
      happenings: [{ do: 'kill-instance' }, { do: 'scale-in', atSeconds: 70 }],
      parameters: { 'autoscaling.healthCheck': 600 },
    })
    const run = runOf(plan, answersAtOnce('ABANDON'))
    expect(statesOf(run, 0).slice(1)).toEqual(['Terminating', 'Terminating:Wait', 'Terminating:Proceed', 'Terminated'])
  })

  test('that was answered does not end again when the host dies on its way out', () => {
    const plan = terminateFirst([{}], {
      happenings: [{ do: 'terminate-instance' }],
      faults: { perMille: { 'host.death': 1000 }, untilSeconds: 70 },
      parameters: { 'ec2.shutdown': 200 },
    })
    const run = runOf(plan, answersAtOnce())
    expect(run.of('hook-ended').map(({ b }) => hookEndings[b])).toEqual(['CONTINUE'])
    expect(statesOf(run, 0).slice(-2)).toEqual(['Terminating:Proceed', 'Terminated'])
    expect(run.of('host-died').map(({ a }) => a)).toEqual([0])
  })

  test.each([true, false])(
    'answered twice is not active any more, in the words of AWS (with token: %s)',
    (withToken) => {
      const messages: string[] = []
      const twice = calling(
        ['termination'],
        (message, execution) => {
          const call = completing(message, execution)
          if (call.type !== 'CompleteLifecycleAction') return []
          const again = withToken ? call : { ...call, action: { ...call.action, token: null } }
          return [call, again]
        },
        (_, [first, second]) => {
          expect(first?.failure).toBeUndefined()
          expect(second?.failure).toMatchObject({ type: 'Rejected', code: 'ValidationError' })
          if (second?.failure !== undefined) messages.push(second.failure.message)
        },
      )
      runOf(terminateFirst([{}]), twice)
      const words = withToken
        ? /^No active Lifecycle Action found with token [-\w]{36}$/
        : /^No active Lifecycle Action found with instance ID i-/
      expect(messages).toHaveLength(1)
      expect(messages[0]).toMatch(words)
    },
  )

  // AWS: API reference, CompleteLifecycleAction.
  test.each([{ hook: 'other' }, { group: 'other' }, { token: '00000000-0000-4000-8000-000000000000' }])(
    'is not answered by what is meant for another: %j',
    (wrong) => {
      const codes: Array<string | undefined> = []
      const answers = calling(
        ['termination'],
        (message, { directory }) => {
          const action = { ...directory.action(message.action), ...wrong } as LifecycleAction
          return [
            { type: 'RecordLifecycleActionHeartbeat', action },
            { type: 'CompleteLifecycleAction', action, result: 'CONTINUE' },
          ]
        },
        (_, replies) => {
          for (const { failure } of replies) codes.push(failure?.type === 'Rejected' ? failure.code : failure?.type)
        },
      )
      const run = runOf(terminateFirst([{}]), answers)
      expect(codes).toEqual(['ValidationError', 'ValidationError'])
      expect(run.of('hook-heartbeat')).toEqual([])
      expect(run.of('hook-ended').map(({ b }) => hookEndings[b])).toEqual(['timeout-CONTINUE'])
    },
  )

  // AWS: Auto Scaling notifies of the actions of each hook.
  test.each([
    [{}, 1],
    [{ alsoEventBridge: true }, 2],
    [{ owner: 'other' }, 0],
    [{ owner: 'other', alsoEventBridge: true }, 1],
  ] as const)('is announced by its own target, and once more where a rule forwards all: %j', (hook, times) => {
    const run = runOf(terminateFirst([hook]), silent())
    expect(run.of('message-sent').filter(({ b }) => messageKinds[b] === 'termination')).toHaveLength(times)
  })
})

describe('a warm pool', () => {
  test('takes the instance back, and gives it back as it was: DRAINING', () => {
    const plan = completePlan({
      groups: [{ desired: 2, reuseOnScaleIn: true }],
      services: [{ desired: 2 }],
      happenings: [{ do: 'scale-in' }, { do: 'return-from-warm-pool', atSeconds: 600 }],
    })
    const controller = calling(['termination', 'launch'], (message, execution) =>
      message.kind === 'launch' ? [] : [draining(message, execution), completing(message, execution)],
    )
    const run = runOf(plan, controller)
    const instance = run.of('hook-started')[0]?.b ?? -1
    expect(statesOf(run, instance)).toEqual([
      'InService',
      'Warmed:Pending',
      'Warmed:Pending:Wait',
      'Warmed:Pending:Proceed',
      'Warmed:Stopped',
      'Pending',
      'InService',
    ])
    expect(
      run
        .of('container-instance')
        .filter(({ a }) => a === instance)
        .map(({ b }) => b),
    ).toEqual([1, 2])
    expect(
      run
        .of('agent')
        .filter(({ a }) => a === instance)
        .map(({ b }) => b),
    ).toEqual([1, 0, 1])
    const told = run.of('message-sent').filter(({ b }) => messageKinds[b] === 'launch')
    const isInService = run.of('instance-state').findLast((each) => each.a === instance)
    expect(told.map(({ at }) => at)).toEqual([isInService?.at])
  })

  test.each([
    ['a scale-out', { do: 'scale-out', by: 2 }, 1],
    ['the replacement of an instance', { do: 'terminate-instance', old: 2 }, 0],
    ['an AMI update', { do: 'ami-update' }, 2],
    ['an instance refresh', { do: 'instance-refresh' }, 2],
  ] as const)('is what %s takes instances from first', (_, happening, launched) => {
    const plan = completePlan({
      groups: [{ desired: 3, max: 6, reuseOnScaleIn: true }],
      happenings: [{ do: 'scale-in' }, { ...happening, atSeconds: 900 }],
    })
    const run = runOf(plan, answersAtOnce())
    const pooled = run.of('hook-started')[0]?.b ?? -1
    expect(statesOf(run, pooled).slice(4, 7)).toEqual(['Warmed:Stopped', 'Pending', 'InService'])
    expect(run.of('instance-launched').length - 3).toBe(launched)
    expect(run.of('settled')).toHaveLength(1)
  })

  test('is what a group has left where nothing more can be launched', () => {
    const plan = completePlan({
      groups: [{ desired: 3, launchable: 0, reuseOnScaleIn: true }],
      happenings: [{ do: 'scale-in' }, { do: 'cloudformation-rolling-update', atSeconds: 70 }],
      parameters: { 'warmPool.stop': 300 },
    })
    const run = runOf(plan, answersAtOnce())
    const pooled = run.of('hook-started')[0]?.b ?? -1
    expect(statesOf(run, pooled).slice(4, 7)).toEqual(['Warmed:Stopped', 'Pending', 'InService'])
    // The update waits for it, and goes on with the next.
    expect(run.of('hook-started')).toHaveLength(3)
    expect(run.of('settled')).toHaveLength(1)
  })
})

test('an instance in the warm pool, or on its way there, is not among those of its group', () => {
  const listed: string[] = []
  const asks = calling(
    ['termination', 'sweep'],
    () => [{ type: 'DescribeAutoScalingGroups', groups: [], nextToken: null }],
    ({ at }, [reply]) => {
      const groups = (reply?.answer as Answer<'DescribeAutoScalingGroups'> | undefined)?.items ?? []
      const states = groups.flatMap(({ instances }) => instances.map(({ lifecycleState }) => lifecycleState))
      if (at > 60_000) listed.push(String(states))
    },
  )
  const plan = completePlan({ groups: [{ reuseOnScaleIn: true }], services: [], happenings: [{ do: 'scale-in' }] })
  runOf(plan, asks)
  expect(listed.length).toBeGreaterThan(2)
  expect(new Set(listed)).toEqual(new Set(['InService']))
})

test('an instance on its way to the warm pool is retained there, where the group retains', () => {
  const plan = completePlan({
    groups: [{ reuseOnScaleIn: true, terminateHookAbandon: 'retain' }],
    happenings: [{ do: 'scale-in' }],
  })
  const run = runOf(plan, answersAtOnce('ABANDON'))
  const instance = run.of('hook-started')[0]?.b ?? -1
  expect(statesOf(run, instance).slice(1)).toEqual(['Warmed:Pending', 'Warmed:Pending:Wait', 'Warmed:Pending:Retained'])
  expect(run.of('settled')).toHaveLength(1)
})

test('an instance stays in the warm pool where its group is as large as it may be', () => {
  const plan = completePlan({
    groups: [{ desired: 2, max: 2, reuseOnScaleIn: true }],
    happenings: [
      { do: 'scale-in' },
      // It is not there yet, so another comes.
      { do: 'scale-out', atSeconds: 70 },
      { do: 'return-from-warm-pool', atSeconds: 600 },
    ],
    parameters: { 'warmPool.stop': 300 },
  })
  const run = runOf(plan, answersAtOnce())
  const instance = run.of('hook-started')[0]?.b ?? -1
  expect(statesOf(run, instance).at(-1)).toBe('Warmed:Stopped')
  expect(run.of('settled')).toHaveLength(1)
})

test('nobody waits for an instance to come back from the warm pool that will never be there', () => {
  const plan = completePlan({
    groups: [{ reuseOnScaleIn: true }],
    services: [{ desired: 2 }],
    happenings: [
      { do: 'scale-in' },
      { do: 'kill-instance', old: 0, atSeconds: 70 },
      { do: 'return-from-warm-pool', atSeconds: 65 },
    ],
    untilSeconds: 86_400,
  })
  // It waits for its hook when its host dies.
  const run = runOf(plan, silent())
  expect(statesOf(run, 0).slice(-3)).toEqual(['Warmed:Pending:Wait', 'Terminating:Proceed', 'Terminated'])
  expect(run.of('settled')).toHaveLength(1)
  expect(run.of('happening').filter(({ a, b }) => a === 2 && b === 0)).toHaveLength(1)
})

test('what ran on an instance when it went to the warm pool has stopped when it is back, though ECS had not noticed its end', () => {
  const plan = completePlan({
    groups: [{ reuseOnScaleIn: true }],
    services: [{ desired: 2 }],
    parameters: { 'ecs.noticesDeadHost': 600 },
    happenings: [
      { do: 'scale-in' },
      { do: 'return-from-warm-pool', atSeconds: 90 },
      { do: 'set-desired-count', desired: 4, atSeconds: 300 },
    ],
  })
  const run = runOf(plan, answersAtOnce())
  const [killed] = run.of('task-killed')
  const ended = run.of('task-last-status').filter(({ b }) => taskStatuses[b] === 'STOPPED')
  // And when ECS would have noticed, nothing is lost of what is there now.
  expect(ended.map(({ a }) => a)).toEqual([killed?.a])
  expect(run.of('agent').at(-1)?.b).toBe(1)
})

test('an instance that is terminated on its way to the warm pool is gone, and ECS deregisters it', () => {
  const plan = completePlan({
    groups: [{ reuseOnScaleIn: true }],
    happenings: [{ do: 'scale-in' }, { do: 'kill-instance', atSeconds: 90 }],
    parameters: { 'warmPool.stop': 300 },
  })
  const run = runOf(plan, answersAtOnce())
  expect(run.of('hook-started')[0]?.b).toBe(0)
  expect(statesOf(run, 0).slice(-2)).toEqual(['Warmed:Pending:Proceed', 'Terminated'])
  const [inactive] = run
    .of('container-instance')
    .filter(({ a, b }) => a === 0 && containerInstanceStates[b] === 'INACTIVE')
  expect(inactive?.at).toBeGreaterThan(90_000)
})

test('an instance that is terminated in the warm pool leaves a ghost, since ECS deregisters none that was stopped', () => {
  const plan = completePlan({
    groups: [{ reuseOnScaleIn: true }],
    happenings: [{ do: 'scale-in' }, { do: 'kill-instance', atSeconds: 100 }],
    parameters: { 'ecs.noticesDeadHost': 300 },
  })
  const run = runOf(plan, answersAtOnce())
  expect(statesOf(run, 0).slice(-2)).toEqual(['Warmed:Stopped', 'Terminated'])
  expect(run.of('container-instance').filter(({ a, at }) => a === 0 && at > 0)).toEqual([])
})

test('the notice of an instance that went to the warm pool says so, however late it is read', () => {
  const plan = completePlan({
    groups: [{ reuseOnScaleIn: true }],
    services: [],
    happenings: [{ do: 'scale-in' }, { do: 'return-from-warm-pool', atSeconds: 600 }],
  })
  const { world, advanceTo } = driveWorld(plan, answersAtOnce())
  advanceTo(1_000_000)
  expect(lifecycleStates[world.actions[0]?.instance.state ?? -1]).toBe('InService')
  expect(world.directory.destination(0)).toBe('WarmPool')
})

// AWS: lifecycle states of a warm pool.
test('an instance that is terminated on its way back from the warm pool does not come into service', () => {
  const plan = completePlan({
    groups: [{ reuseOnScaleIn: true }],
    services: [],
    happenings: [
      { do: 'scale-in' },
      { do: 'return-from-warm-pool', atSeconds: 200 },
      { do: 'kill-instance', atSeconds: 250 },
    ],
    parameters: { 'ec2.boot': 100 },
  })
  expect(statesOf(runOf(plan, answersAtOnce()), 0).slice(-3)).toEqual(['Warmed:Stopped', 'Pending', 'Terminated'])
})

test('an agent that was away when its host was stopped is back when the host has started, and not before', () => {
  const plan = completePlan({
    groups: [{ desired: 1, reuseOnScaleIn: true }],
    services: [],
    happenings: [
      { do: 'disconnect-agent', atSeconds: 50, forSeconds: 170 },
      { do: 'scale-in' },
      { do: 'return-from-warm-pool', atSeconds: 200 },
    ],
    parameters: { 'ec2.boot': 300 },
  })
  const agent = runOf(plan, answersAtOnce()).of('agent')
  expect(agent.map(({ b }) => b)).toEqual([1, 0, 1])
  expect(agent.at(-1)?.at).toBeGreaterThan(500_000)
})

describe('a replacement', () => {
  test('comes in the zone that its predecessor leaves', () => {
    const plan = completePlan({ services: [], happenings: [{ do: 'terminate-instance', old: 1 }] })
    const { world, advanceTo } = driveWorld(plan, silent())
    advanceTo(600_000)
    expect(world.instances.map(({ zone, state }) => [zone, lifecycleStates[state]])).toEqual([
      [0, 'InService'],
      [1, 'Terminating:Wait'],
      [1, 'InService'],
    ])
  })

  test.each([
    [2, [0, 1]],
    [3, [0, 1, 0]],
  ])('is one of %i instances that come at once, and they are spread over the zones', (by, zones) => {
    const plan = completePlan({ services: [], happenings: [{ do: 'scale-out', by }] })
    const { world, advanceTo } = driveWorld(plan, silent())
    advanceTo(600_000)
    expect(world.instances.slice(2).map(({ zone }) => zone)).toEqual(zones)
  })

  const refresh = (maxHealthyPercentage: number | null, minHealthyPercentage = 90, seed = 1) => {
    const plan = completePlan({
      seed,
      groups: [{ desired: 3 }],
      happenings: [{ do: 'instance-refresh', minHealthyPercentage, maxHealthyPercentage, instanceWarmupSeconds: 30 }],
    })
    const run = runOf(plan, answersAtOnce())
    const launched = run.of('instance-launched')[3]?.at ?? 0
    const terminating = run.of('instance-state').find(({ b }) => lifecycleStates[b] === 'Terminating')?.at ?? 0
    return { run, gap: terminating - launched }
  }

  // AWS: API reference, RefreshPreferences.
  test('by instance refresh launches first with an explicit 100, and at the same time when it is left out', () => {
    for (let seed = 1; seed <= 8; seed += 1) expect(refresh(100, 90, seed).gap).toBeGreaterThan(30_000)
    expect(Math.abs(refresh(null).gap)).toBeLessThan(10_000)
    for (const max of [100, 110, null]) expect(refresh(max).run.of('instance-launched')).toHaveLength(6)
  })

  test('by CloudFormation never launches first, and a group of one has none for a while', () => {
    const plan = completePlan({ groups: [{ desired: 1 }], happenings: [{ do: 'cloudformation-rolling-update' }] })
    const run = runOf(plan, answersAtOnce())
    const gone = run.of('instance-state').find(({ b }) => lifecycleStates[b] === 'Terminated')?.at ?? 0
    const back = run.of('instance-state').filter(({ b }) => lifecycleStates[b] === 'InService')[1]?.at ?? 0
    expect(back).toBeGreaterThan(gone)
  })

  /** When the old instances of a group go, in seconds, and when a new one was there. */
  const goes = (group: GroupSketch, happening: HappeningSketch, parameters = {}, controller = answersAtOnce()) => {
    const plan = completePlan({
      groups: [group],
      services: [],
      happenings: [happening],
      parameters: { 'autoscaling.reaction': 1, 'ec2.boot': 30, 'agent.registration': 20, ...parameters },
    })
    const run = runOf(plan, controller)
    const when = (name: string, old: boolean) =>
      run
        .of('instance-state')
        .flatMap(({ at, a, b }) =>
          lifecycleStates[b] === name && a < (group.desired ?? 0) === old ? [Math.round(at / 1000)] : [],
        )
    return { leaving: when('Terminating', true), inService: when('InService', false) }
  }

  test.each([
    ['refresh.waitsForHook', { do: 'instance-refresh', instanceWarmupSeconds: 0 }],
    ['rollingUpdate.waitsForHook', { do: 'cloudformation-rolling-update' }],
  ] as const)('waits for the terminating hook only with %s', (name, happening) => {
    const second = (waits: number) => {
      const { leaving } = goes({ desired: 2 }, happening, { [name]: waits }, silent())
      return (leaving[1] ?? Number.NaN) - (leaving[0] ?? Number.NaN)
    }
    expect(second(0)).toBeLessThan(100)
    expect(second(1)).toBeGreaterThan(900)
  })

  test.each([
    [{ do: 'instance-refresh', instanceWarmupSeconds: 200 }, 200],
    [{ do: 'cloudformation-rolling-update', pauseSeconds: 200 }, 220],
  ] as const)('waits before it goes on: %j', (happening, seconds) => {
    const { leaving, inService } = goes({ desired: 2 }, happening)
    const waited = (leaving[1] ?? Number.NaN) - (inService[0] ?? Number.NaN)
    // It looks each second.
    expect(Math.abs(waited - seconds)).toBeLessThanOrEqual(2)
  })

  test('by ami-update waits for all new instances and their agents, and then for each batch to be gone', () => {
    const { leaving, inService } = goes({ desired: 4 }, { do: 'ami-update', batch: 2 }, {}, silent())
    const [first = 0, second, third = 0, fourth] = leaving
    expect([second, fourth]).toEqual([first, third])
    expect(first).toBeGreaterThanOrEqual(Math.max(...inService) + 20)
    expect(third).toBeGreaterThan(first + 900)
  })

  // AWS: instance refresh overview; UpdatePolicy attribute.
  test.each(['ami-update', 'instance-refresh', 'cloudformation-rolling-update'] as const)(
    'by %s is for every instance that is there when it begins, not only for those of second zero',
    (update) => {
      const plan = completePlan({
        groups: [{ desired: 1 }],
        services: [],
        happenings: [{ do: 'scale-out' }, { do: update, atSeconds: 600 }],
      })
      const run = runOf(plan, answersAtOnce())
      expect(run.of('hook-started').map(({ b }) => b)).toEqual([0, 1])
      expect(run.of('settled')).toHaveLength(1)
    },
  )

  // AWS: instance refresh overview.
  test('by instance refresh does not wait for its agent, of which Auto Scaling knows nothing', () => {
    const refresh = { do: 'instance-refresh', instanceWarmupSeconds: 0 } as const
    const { leaving, inService } = goes({ desired: 2 }, refresh, { 'agent.registration': 300 })
    expect((leaving[1] ?? Number.NaN) - (inService[0] ?? Number.NaN)).toBeLessThanOrEqual(2)
  })

  test.each([
    [{ do: 'ami-update', batch: 2 }, 2],
    [{ do: 'instance-refresh', minHealthyPercentage: 50 }, 2],
    [{ do: 'instance-refresh', minHealthyPercentage: 50, maxHealthyPercentage: 100 }, 2],
    [{ do: 'instance-refresh', minHealthyPercentage: 0 }, 4],
    [{ do: 'instance-refresh', minHealthyPercentage: 100, maxHealthyPercentage: 150 }, 2],
    [{ do: 'instance-refresh', minHealthyPercentage: 100, maxHealthyPercentage: 140 }, 1],
    [{ do: 'instance-refresh', minHealthyPercentage: 100, maxHealthyPercentage: 175 }, 3],
    [{ do: 'cloudformation-rolling-update', maxBatchSize: 3 }, 3],
    [{ do: 'cloudformation-rolling-update', maxBatchSize: 3, minInstancesInService: 2 }, 3],
  ] as const)('takes as many at once as it may: %j', (happening, atOnce) => {
    const { leaving, inService } = goes({ desired: 4 }, happening)
    expect(leaving.filter((second) => second === leaving[0])).toHaveLength(atOnce)
    expect([leaving.length, inService.length]).toEqual([4, 4])
  })

  // AWS: ec2-auto-scaling-instance-maintenance-policy: capacity goes up and down within the range, and a larger one replaces more at once.
  test('by instance refresh uses the whole range between the healthy minimum and maximum', () => {
    const refresh = { do: 'instance-refresh', minHealthyPercentage: 90, maxHealthyPercentage: 120 } as const
    const { leaving, inService } = goes({ desired: 10 }, refresh)
    const taken = new Map<number, number>()
    for (const second of leaving) taken.set(second, (taken.get(second) ?? 0) + 1)
    expect([...taken.values()]).toEqual([1, 3, 3, 3])
    expect(inService).toHaveLength(10)
  })

  // AWS: the instance refresh overview says the one, RefreshPreferences of the API reference the other.
  test.each([0, 1])(
    'by instance refresh at 100 percent without a maximum launches first, or at the same time: %i',
    (first) => {
      const refresh = { do: 'instance-refresh', minHealthyPercentage: 100, maxHealthyPercentage: null } as const
      const parameters = { 'refresh.launchesFirstAtMinimum100': first }
      const { leaving, inService } = goes({ desired: 3 }, refresh, parameters)
      expect(leaving.map((second) => inService.filter((each) => each < second).length)).toEqual(
        first === 1 ? [1, 2, 3] : [0, 1, 2],
      )
    },
  )

  test('by instance refresh is over when the new instances are warm, or with refresh.waitsForHook when no hook holds an old one', () => {
    const overAfter = (waits: number) => {
      const plan = completePlan({
        groups: [{ desired: 1 }],
        services: [],
        happenings: [{ do: 'instance-refresh', instanceWarmupSeconds: 100 }],
        parameters: { 'refresh.waitsForHook': waits },
      })
      const run = runOf(plan, silent())
      return (run.of('happening').find(({ b }) => b === 1)?.at ?? 0) - (run.of('hook-ended')[0]?.at ?? 0)
    }
    expect(overAfter(0)).toBeLessThan(-600_000)
    expect(overAfter(1)).toBeGreaterThan(0)
  })

  // As seen in github.com/guardian/testing-asg-rolling-update, observations: healthy-to-healthy and its -partially-scaled, -v2.
  describe('by CloudFormation', () => {
    const update = 'cloudformation-rolling-update'
    test.each([
      ['twice the group, then the old ones', { desired: 5, min: 5, max: 10 }, [5, 5], [5]],
      ['as many more as there may be, then as many at a time', { desired: 6, min: 3, max: 9 }, [6, 6], [3, 3]],
      ['as many more as the batch and the minimum ask for', { desired: 6, min: 3, max: 9 }, [3, 6], [6]],
      ['nothing more where there is no room', { desired: 4, min: 3, max: 4 }, [3, 4], [1, 1, 1, 1]],
      ['one more, then one at a time', { desired: 3, min: 3, max: 4 }, [3, 1], [1, 1, 1]],
    ] as const)('%s', (_, group, [minInstancesInService, maxBatchSize], batches) => {
      const { leaving, inService } = goes(group, { do: update, minInstancesInService, maxBatchSize })
      const taken = new Map<number, number>()
      for (const second of leaving) taken.set(second, (taken.get(second) ?? 0) + 1)
      expect([...taken.values()]).toEqual(batches)
      expect(inService).toHaveLength(group.desired)
    })

    test.each([
      { do: 'scale-in', by: 1 },
      { do: 'terminate-instance', old: 3, decrementDesired: true },
    ] as const)('nobody else takes an instance below the MinSize that it has raised: %j', (other) => {
      const plan = completePlan({
        groups: [{ desired: 4, min: 2, max: 5 }],
        services: [],
        happenings: [
          { do: update, minInstancesInService: 4 },
          { atSeconds: 100, ...other },
        ],
      })
      const run = runOf(plan, answersAtOnce())
      expect(run.of('instance-launched')).toHaveLength(8)
      expect(run.of('hook-started').map(({ b }) => b)).toEqual([0, 1, 2, 3])
    })

    test('the group can be scaled in again when it is over', () => {
      const plan = completePlan({
        groups: [{ desired: 3, min: 2, max: 4 }],
        services: [],
        happenings: [
          { do: update, minInstancesInService: 3 },
          { do: 'scale-in', atSeconds: 3000 },
        ],
      })
      expect(runOf(plan, answersAtOnce()).of('hook-started')).toHaveLength(4)
    })
  })

  test.each([0, 1, 2])('stops where nothing more can be launched: %i', (launchable) => {
    const happenings = [{ do: 'terminate-instance' } as const, { do: 'terminate-instance', old: 1 } as const]
    const plan = completePlan({ groups: [{ launchable }], happenings })
    expect(runOf(plan, answersAtOnce()).of('instance-launched')).toHaveLength(2 + launchable)
  })

  test('registers no container instance where its group runs no agent', () => {
    const plan = completePlan({ groups: [{ registers: false }], services: [], happenings: [{ do: 'scale-out' }] })
    const run = runOf(plan, createNone())
    expect(run.of('instance-launched')).toHaveLength(3)
    expect([...run.of('container-instance'), ...run.of('agent')]).toEqual([])
  })
})

// AWS: ec2-auto-scaling-termination-policies.
describe('a scale-in', () => {
  /** The first instance is alone in its zone, two are in the other. */
  const leftAfter = (...scaling: ReadonlyArray<HappeningSketch>) => {
    const gone = [2, 4].map((old) => ({ do: 'terminate-instance', old, decrementDesired: true }) as const)
    const plan = completePlan({ groups: [{ desired: 5 }], services: [], happenings: [...gone, ...scaling] })
    const { world, advanceTo } = driveWorld(plan, createNone())
    advanceTo(1_000_000)
    return world.instances.filter(({ state }) => lifecycleStates[state] === 'InService')
  }

  test('takes from the zone with most instances', () => {
    expect(leftAfter({ do: 'scale-in', atSeconds: 300 }).map(({ zone }) => zone)).toEqual([0, 1])
  })

  test('takes the old ones of a zone before the new', () => {
    const left = leftAfter({ do: 'scale-out', atSeconds: 300 }, { do: 'scale-in', by: 2, atSeconds: 600 })
    expect(left.map(({ zone, old }) => [zone, old])).toEqual([
      [1, true],
      [0, false],
    ])
  })
})

describe('an update terminates no more than it can replace', () => {
  test.each([
    // The first goes while its replacement is asked for; those that launch first lose none.
    [{ do: 'instance-refresh', maxHealthyPercentage: null }, 1],
    [{ do: 'instance-refresh', minHealthyPercentage: 100, maxHealthyPercentage: 110 }, 0],
    [{ do: 'cloudformation-rolling-update' }, 1],
    [{ do: 'cloudformation-rolling-update', minInstancesInService: 3 }, 0],
    [{ do: 'ami-update' }, 0],
    // There is no room for new ones beside the old.
    [{ do: 'ami-update', batch: 1 }, 1, 3],
  ] as const)('%j', (happening, gone, max: number | undefined = 100) => {
    const plan = completePlan({ groups: [{ desired: 3, max, launchable: 0 }], services: [], happenings: [happening] })
    const { of, entries } = runOf(plan, answersAtOnce())
    const terminated = of('instance-state').filter(({ b }) => lifecycleStates[b] === 'Terminated')
    expect([terminated.length, entries.at(-1)?.kind]).toEqual([gone, 'settled'])
  })
})

describe('a group stays within its bounds', () => {
  const rollingUpdate = { do: 'cloudformation-rolling-update', minInstancesInService: 2, maxBatchSize: 2 } as const
  const inServiceAfter = (...happenings: ReadonlyArray<HappeningSketch>): number => {
    const plan = completePlan({ groups: [{ desired: 3, min: 2, max: 4 }], services: [], happenings })
    const state = new Map<number, number>()
    for (const { a, b } of runOf(plan, answersAtOnce()).of('instance-state')) state.set(a, b)
    return [...state.values()].filter((each) => lifecycleStates[each] === 'InService').length
  }

  test('when it is scaled', () => {
    expect(inServiceAfter({ do: 'scale-in', by: 9 })).toBe(2)
    expect(inServiceAfter({ do: 'scale-in', by: 9 }, { do: 'scale-out', by: 1, atSeconds: 600 })).toBe(3)
    expect(inServiceAfter({ do: 'scale-out', by: 9 })).toBe(4)
  })

  test.each([
    [{ do: 'instance-refresh', minHealthyPercentage: 100, maxHealthyPercentage: 150 }, 2],
    // It has raised MinSize as well.
    [{ do: 'cloudformation-rolling-update', minInstancesInService: 3 }, 3],
  ] as const)('when it is scaled in during an update that has added instances for a while: %j', (update, left) => {
    const scaleIn = { do: 'scale-in', by: 9, atSeconds: 90 } as const
    expect(inServiceAfter(update, scaleIn)).toBe(left)
  })

  test('when an instance is terminated and its place with it', () => {
    const terminate = (old: number, atSeconds: number) =>
      ({ do: 'terminate-instance', old, atSeconds, decrementDesired: true }) as const
    expect(inServiceAfter(terminate(0, 60))).toBe(2)
    expect(inServiceAfter(terminate(0, 60), terminate(1, 600))).toBe(2)
  })

  test('when an instance is terminated that goes already: its place is given up once', () => {
    const plan = completePlan({
      groups: [{ desired: 4 }],
      services: [],
      happenings: [60, 61].map(
        (atSeconds) => ({ do: 'terminate-instance', atSeconds, decrementDesired: true }) as const,
      ),
      untilSeconds: 600,
    })
    expect(runOf(plan, silent()).of('hook-started')).toHaveLength(1)
  })

  test.each([
    ['CloudFormation has to add instances first', [rollingUpdate]],
    [
      'the new ones of an ami-update do not all have room',
      [
        { do: 'scale-out', by: 1 },
        { do: 'ami-update', atSeconds: 300 },
      ],
    ],
  ] as const)('when %s', (_, happenings) => {
    const plan = completePlan({ groups: [{ desired: 2, max: 3 }], services: [], happenings: [...happenings] })
    const run = runOf(plan, answersAtOnce())
    const inService = new Set<number>()
    let most = 0
    for (const { a, b } of run.of('instance-state')) {
      if (lifecycleStates[b] === 'InService') inService.add(a)
      else inService.delete(a)
      most = Math.max(most, inService.size)
    }
    expect(most).toBe(3)
    // All that there were have gone, and all is at rest.
    expect(run.of('hook-started').length).toBeGreaterThanOrEqual(2)
    expect(run.entries.at(-1)?.kind).toBe('settled')
  })
})

test('a world that has not come to rest ends with its last second, and what lasts then has lasted until then', () => {
  const { figures, trace } = simulate(
    completePlan({
      groups: [{ desired: 1, launchable: 0 }],
      services: [{ desired: 1 }],
      happenings: [{ do: 'kill-instance', atSeconds: 100 }],
      untilSeconds: 1234.5,
    }),
    { controller: 'none' },
  )
  expect(trace.at.at(-1)).toBe(1_234_500)
  expect(figures.services[0]?.secondsAtZero).toBe(1134.5)
})

describe('two updates of one group at once', () => {
  test.each([60, 94, 120, 150, 200])('leave it with its desired capacity, the second at %i s', (atSeconds) => {
    const plan = completePlan({
      groups: [{ name: 'hosts', desired: 1, max: 9 }],
      services: [],
      happenings: [
        {
          atSeconds: 60,
          do: 'instance-refresh',
          group: 'hosts',
          minHealthyPercentage: 50,
          maxHealthyPercentage: 100,
          instanceWarmupSeconds: 30,
        },
        { atSeconds, do: 'ami-update', group: 'hosts', batch: 4 },
      ],
    })
    const state = new Map<number, number>()
    for (const { a, b } of runOf(plan, createNone()).of('instance-state')) state.set(a, b)
    const inService = [...state.values()].filter((each) => lifecycleStates[each] === 'InService')
    expect(inService).toHaveLength(1)
  })
})
