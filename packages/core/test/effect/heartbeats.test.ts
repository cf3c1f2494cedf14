import { describe, expect, test } from 'vitest'
import type { Drain } from '../../src/drain/drain.ts'
import type { DrainPolicy } from '../../src/drain/drain-policy.ts'
import { effectsOwed } from '../../src/effect/effects-owed.ts'
import {
  at,
  event,
  given,
  lifecycleAction,
  noActiveAction,
  observation,
  policy,
  ScriptedWorld,
  task,
  throttled,
} from '../../src/testing/index.ts'
import { minutes, seconds } from '../../src/time/instant.ts'

const heartbeat = { type: 'RecordHeartbeat', action: lifecycleAction() } as const

/** DRAINING since second 1, all tasks read at second 6, one of them still running. */
const waiting = (heartbeatTimeout: number, globalTimeout = heartbeatTimeout * 100) => [
  event('DrainRequested', 0),
  event('ContainerInstanceFound', 1),
  event('ContainerInstanceDraining', 1),
  event('LifecycleHookDescribed', 1, { heartbeatTimeout, globalTimeout }),
  event('TasksRead', 6, { tasks: [task(1)] }),
]

const isOwed = (drain: Drain, second: number, under: DrainPolicy): boolean =>
  effectsOwed(drain, at(second), under, 0).some(({ type }) => type === 'RecordHeartbeat')

describe('R8: a heartbeat comes no later than half the timeout after the last', () => {
  test.each([
    // [hook's timeout, sweep's period, the second from which a heartbeat is owed]
    ['30 s, by wake-ups', seconds(30), minutes(5), 11.25],
    ['900 s, by the sweep that comes before the half is over', minutes(15), minutes(5), 150],
    ['3600 s, by the sweep', minutes(60), minutes(5), 1_500],
    ['600 s, which sweeps of 300 s would serve only just, by wake-ups', minutes(10), minutes(5), 225],
  ])('a hook of %s', (_title, timeout, sweepEvery, from) => {
    const { drain } = given(...waiting(timeout))
    const under = policy({ sweepEvery })
    expect(isOwed(drain, from - 0.001, under)).toBe(false)
    expect(isOwed(drain, from, under)).toBe(true)
    expect(isOwed(drain, timeout / 2_000, under)).toBe(true)
  })

  test.each([
    ['30 s', seconds(30), minutes(1)],
    ['60 s', seconds(60), minutes(4)],
    ['70 s', seconds(70), minutes(5)],
    ['300 s', minutes(5), minutes(5)],
    ['600 s', minutes(10), minutes(5)],
    ['601 s', seconds(601), minutes(5)],
    ['899 s', seconds(899), minutes(5)],
    ['900 s', minutes(15), minutes(5)],
    ['3600 s', minutes(60), minutes(5)],
    ['7200 s', minutes(120), minutes(1)],
  ])('a hook of %s is never left alone for more than half its timeout, nor flooded', (_title, timeout, sweepEvery) => {
    const world = new ScriptedWorld({ heartbeatTimeout: timeout, policy: policy({ sweepEvery }), latency: 40 })
    world.addInstance(1, [task(1)])
    world.terminate(1)
    const until = world.now + timeout * 6
    while (world.now < until) {
      world.settle({ until: Math.min(until, world.now + sweepEvery) })
      world.sweep()
    }
    const beats = world.ledger.flatMap(({ at: when, call }) =>
      call.type === 'RecordLifecycleActionHeartbeat' ? [when] : [],
    )
    const gaps = beats.map((beat, index) => beat - (beats[index - 1] ?? at(0)))
    // The calls before it in the same handling take their time as well.
    expect(Math.max(...gaps)).toBeLessThanOrEqual(timeout / 2 + 200)
    // Each sweep may send one early, to begin a new chain of wake-ups; otherwise they keep their distance.
    expect(gaps.filter((gap) => gap < timeout / 8).length).toBeLessThanOrEqual(Math.ceil((timeout * 6) / sweepEvery))
    expect(world.actions).toMatchObject([{ ended: null }])
  })

  test('before the hook has been described the shortest timeout is assumed', () => {
    const { drain } = given(event('DrainRequested', 0), event('ContainerInstanceFound', 1))
    expect(isOwed(drain, 11, policy())).toBe(false)
    expect(isOwed(drain, 12, policy())).toBe(true)
  })

  test('it counts from the last one that was accepted', () => {
    const { drain } = given(...waiting(seconds(30)), event('LifecycleActionHeartbeatRecorded', 12))
    expect(isOwed(drain, 23, policy())).toBe(false)
    expect(isOwed(drain, 23.25, policy())).toBe(true)
  })

  test('after the global limit none is sent, because none would help', () => {
    const { drain } = given(...waiting(seconds(30), seconds(120)))
    expect(isOwed(drain, 119.999, policy())).toBe(true)
    expect(isOwed(drain, 120, policy())).toBe(false)
  })

  test('one that failed is owed again after its wait, and not before', () => {
    const { drain } = given(...waiting(seconds(30)), event('EffectFailed', 12, { effect: 'RecordHeartbeat' }))
    expect(isOwed(drain, 12.9, policy())).toBe(false)
    expect(isOwed(drain, 13, policy())).toBe(true)
  })

  test('while the completion fails, heartbeats go on', () => {
    const failed = event('EffectFailed', 12, { effect: 'CompleteLifecycleAction', retryAt: at(60) })
    given(...waiting(seconds(30)), event('CompletionDecided', 11), failed).owes([heartbeat], { at: at(13) })
  })

  test('when the completion is owed it goes first', () => {
    const complete = { type: 'CompleteLifecycleAction', action: lifecycleAction(), result: 'CONTINUE' } as const
    given(...waiting(seconds(30)), event('CompletionDecided', 12)).owes([complete, heartbeat], { at: at(13) })
  })
})

describe('R7: "No active Lifecycle Action found" is an outcome', () => {
  test('for a heartbeat it ends the drain', () => {
    given(...waiting(seconds(30)))
      .when(observation('LifecycleActionNotActive', { of: 'heartbeat' }), { at: at(12) })
      .then(event('LifecycleActionOver', 12, { of: 'heartbeat' }))
      .owing()
  })

  test('for a completion it ends the drain', () => {
    given(...waiting(seconds(30)), event('CompletionDecided', 12))
      .when(observation('LifecycleActionNotActive'), { at: at(13) })
      .then(event('LifecycleActionOver', 13))
      .owing()
  })

  test('in the words of Auto Scaling, for either call', () => {
    for (const call of ['RecordLifecycleActionHeartbeat', 'CompleteLifecycleAction'] as const) {
      const world = new ScriptedWorld({ heartbeatTimeout: seconds(30) })
      world.addInstance(1, call === 'CompleteLifecycleAction' ? [] : [task(1)])
      world.terminate(1)
      world.fail(call, noActiveAction)
      world.settle({ until: at(60) })
      expect(world.drain()).toMatchObject({ phase: 'ended', ending: 'over' })
      expect(world.calls(call)).toHaveLength(1)
    }
  })

  test.each([
    ['another refusal', { type: 'Rejected', code: 'ValidationError', message: 'The token is not valid' } as const],
    ['a throttled call', throttled],
  ])('%s is a failure to try again', (_title, failure) => {
    const world = new ScriptedWorld()
    world.addInstance(1)
    world.terminate(1)
    world.fail('CompleteLifecycleAction', failure)
    world.settle()
    expect(world.calls('CompleteLifecycleAction')).toHaveLength(2)
    expect(world.drain()).toMatchObject({ phase: 'ended', ending: 'completed' })
  })
})
