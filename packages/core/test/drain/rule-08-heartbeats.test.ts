import { describe, expect, test } from 'vitest'
import type { DrainEvent } from '../../src/drain/drain-event.ts'
import { effectsOwed } from '../../src/effect/effects-owed.ts'
import {
  accessDenied,
  at,
  event,
  given,
  lifecycleAction,
  observation,
  policy,
  ScriptedWorld,
  task,
  taskNumber,
  theStream,
  throttled,
  unavailable,
} from '../../src/testing/index.ts'
import { minutes, seconds } from '../../src/time/instant.ts'
import { cordoning, draining } from '../support/histories.ts'
import { terminatedAgain } from '../support/terminated-again.ts'

const heartbeat = { type: 'RecordHeartbeat', action: lifecycleAction() } as const

/** A drain with one running task whose hook has this timeout. */
const withHook = (heartbeatTimeout: number, heartbeatAt: number | null = null) => [
  ...draining(task(1)),
  event('LifecycleHookDescribed', 8, {
    heartbeatTimeout: seconds(heartbeatTimeout),
    globalTimeout: seconds(heartbeatTimeout * 100),
  }),
  ...(heartbeatAt === null ? [] : [event('LifecycleActionHeartbeatRecorded', heartbeatAt)]),
]

describe('R8: a heartbeat comes no later than half the timeout after the last', () => {
  test('of a hook of 30 s at three quarters of the half: 11.25 s after the action began, by a wake-up', () => {
    given(...withHook(30)).owes([{ type: 'SendWakeUp', stream: theStream, at: at(11.25), hops: 1 }], { at: at(8) })
    given(...withHook(30)).owes([heartbeat], { at: at(11.25) })
    given(...withHook(30, 12)).owes([{ type: 'SendWakeUp', stream: theStream, at: at(23.25), hops: 1 }], { at: at(12) })
  })

  test('of a hook of 900 s one sweep early, and no wake-up is sent for it', () => {
    given(...withHook(900)).owes([], { at: at(149) })
    given(...withHook(900)).owes([heartbeat], { at: at(150) })
    given(...withHook(900, 300)).owes([], { at: at(449) })
    given(...withHook(900, 300)).owes([heartbeat], { at: at(450) })
  })

  test('of a hook of 3600 s as well', () => {
    given(...withHook(3_600)).owes([], { at: at(1_499) })
    given(...withHook(3_600)).owes([heartbeat], { at: at(1_500) })
  })

  test('before the hook is described the shortest timeout is assumed, and asking for it comes first', () => {
    const undescribed = [...cordoning, event('ContainerInstanceDraining', 2)]
    const late = policy({ spreadReads: minutes(1) })
    const describe = { type: 'DescribeLifecycleHook', action: lifecycleAction() } as const
    const owed = (when: number, ...more: ReadonlyArray<DrainEvent>) =>
      effectsOwed(given(...undescribed, ...more).drain, at(when), late, 0)
    expect(owed(11)).not.toContainEqual(describe)
    expect(owed(12)).toEqual([describe])
    const failed = event('EffectFailed', 12, { effect: 'DescribeLifecycleHook', failure: throttled, retryAt: at(20) })
    expect(owed(13, failed)).toEqual([heartbeat])
  })

  test('one that was accepted sets the clock again', () => {
    given(...withHook(900))
      .when(observation('HeartbeatAccepted'), { at: at(160) })
      .then(event('LifecycleActionHeartbeatRecorded', 160))
      .owing()
  })

  test('past the global limit none is sent', () => {
    given(...withHook(30, 2_985)).owes([heartbeat], { at: at(2_999) })
    given(...withHook(30, 2_985)).owes([], { at: at(3_000) })
  })

  test.each([
    [30, 60],
    [60, 60],
    [150, 300],
    [300, 300],
    [599, 300],
    [600, 300],
    [601, 300],
    [899, 300],
    [900, 300],
    [901, 300],
    [3_600, 300],
    [7_200, 300],
  ])('a hook of %i s never waits longer than half of it, with a sweep every %i s', (timeout, sweepEvery) => {
    const world = new ScriptedWorld({
      heartbeatTimeout: seconds(timeout),
      policy: policy({ sweepEvery: seconds(sweepEvery) }),
    })
    world.addInstance(1, [task(1)])
    world.terminate(1)
    const end = at(timeout * 20)
    for (let sweepAt = at(sweepEvery / 3); world.now < end; sweepAt += seconds(sweepEvery)) {
      world.settle({ until: sweepAt })
      world.sweep()
    }
    const beats = world.ledger.flatMap(({ call, at: when }) =>
      call.type === 'RecordLifecycleActionHeartbeat' ? [when] : [],
    )
    const gaps = [at(0), ...beats].map((beat, index) => (beats[index] ?? world.now) - beat)
    expect(Math.max(...gaps)).toBeLessThanOrEqual(seconds(timeout) / 2)
    // Where sweeps carry them, there are not many more than needed.
    if (timeout >= 900) expect(beats.length).toBeLessThanOrEqual(120)
    expect(world.actions).toMatchObject([{ ended: null }])
  })

  test('a heartbeat comes before the work of a drain, and after its completion', () => {
    const { action } = heartbeat
    const emptied = [
      ...withHook(900),
      event('TaskSeen', 160, { task: { ...task(1), version: 9, lastStatus: 'STOPPED' } }),
    ]
    const owed = given(...emptied).when(observation('TimePassed'), { at: at(160) })
    expect(owed.events).toEqual([])
    expect(effectsOwed(owed.drain, at(160), policy(), 0).map(({ type }) => type)).toEqual([
      'RecordHeartbeat',
      'ReadTasks',
    ])
    const decided = [...emptied, event('CompletionDecided', 161)]
    given(...decided).owes([{ type: 'CompleteLifecycleAction', action, result: 'CONTINUE' }, heartbeat], {
      at: at(161),
    })
  })

  test('a throttled heartbeat is tried again in time', () => {
    const world = new ScriptedWorld({ heartbeatTimeout: seconds(30) })
    world.addInstance(1, [task(1)])
    world.fail('RecordLifecycleActionHeartbeat', throttled, { times: 3 })
    world.terminate(1)
    world.settle({ until: at(120) })
    expect(world.actions).toMatchObject([{ ended: null }])
  })

  test('one that fails until shortly before its hook of 30 s would time out is tried again before that', () => {
    const world = new ScriptedWorld({ heartbeatTimeout: seconds(30) })
    world.addInstance(1, [task(1)])
    world.terminate(1)
    world.settle({ until: at(5) })
    world.fail('RecordLifecycleActionHeartbeat', unavailable, { times: 5 })
    world.settle({ until: at(60) })
    expect(world.actions).toMatchObject([{ ended: null }])
  })

  test('a completion that does not get through is waited for, also by a hook that could not be described', () => {
    const world = new ScriptedWorld()
    world.addInstance(1)
    world.fail('DescribeLifecycleHooks', accessDenied, { times: Number.POSITIVE_INFINITY })
    world.fail('CompleteLifecycleAction', unavailable, { times: Number.POSITIVE_INFINITY })
    world.terminate(1)
    for (let minute = 5; minute <= 60; minute += 5) {
      world.settle({ until: at(minute * 60) })
      world.sweep()
    }
    expect(world.drain()).toMatchObject({ phase: 'completing', hook: null })
    expect(world.actions).toMatchObject([{ ended: null }])
  })

  test('tasks of a container instance that is gone are waited for, also by a hook that could not be described', () => {
    const world = new ScriptedWorld()
    const host = world.addInstance(1, [task(1)])
    world.fail('DescribeLifecycleHooks', accessDenied, { times: Number.POSITIVE_INFINITY })
    world.terminate(1)
    world.settle({ until: at(10) })
    host.status = 'INACTIVE'
    for (let minute = 5; minute <= 60; minute += 5) {
      world.settle({ until: at(minute * 60) })
      world.sweep()
    }
    expect(world.drain()).toMatchObject({ phase: 'locating', remaining: 1, hook: null })
    expect(world.actions).toMatchObject([{ ended: null }])
  })

  test.each([120, 180, 240])(
    'a hook of %i s is kept waiting while an instance that was never found has tasks',
    (timeout) => {
      const world = new ScriptedWorld({ heartbeatTimeout: seconds(timeout) })
      const host = world.addInstance(1)
      terminatedAgain(world, () => world.fail('ListContainerInstances', throttled))
      host.status = 'INACTIVE'
      const begun = world.now
      for (let minute = 5; minute <= 30; minute += 5) {
        world.settle({ until: begun + minutes(minute) })
        world.sweep()
      }
      expect(world.drain()).toMatchObject({ phase: 'locating', containerInstance: null, remaining: 1 })
      expect(world.actions[1]).toMatchObject({ ended: null })
      world.stop(taskNumber(1), { lost: true })
      world.settle({ until: world.now + minutes(5) })
      world.sweep()
      world.settle({ until: world.now + minutes(2) })
      expect(world.actions[1]).toMatchObject({ ended: 'CONTINUE', killed: [] })
    },
  )

  test('the clock runs from the heartbeat that the drain begins with, however late its notice came', () => {
    const late = given(
      event('DrainRequested', 100, { announcedAt: at(0) }),
      event('LifecycleActionHeartbeatRecorded', 100),
    )
    expect(late.drain.heartbeatAt).toBe(at(100))
    const unproven = given(event('DrainRequested', 100, { announcedAt: at(0) }))
    expect(unproven.drain.heartbeatAt).toBe(at(0))
  })

  test('a hook of 30 s is kept by wake-ups alone up to the longest chain', () => {
    const world = new ScriptedWorld({ heartbeatTimeout: seconds(30), policy: policy({ hopsMax: 12 }) })
    world.addInstance(1, [task(1)])
    world.terminate(1)
    world.settle({ until: at(100) })
    expect(world.actions).toMatchObject([{ ended: null }])
    world.stop(taskNumber(1))
    world.settle()
    expect(world.actions).toMatchObject([{ ended: 'CONTINUE', killed: [] }])
  })
})
