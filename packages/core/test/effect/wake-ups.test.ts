import { describe, expect, test } from 'vitest'
import { decide } from '../../src/drain/decide.ts'
import type { Effect } from '../../src/effect/effect.ts'
import {
  at,
  event,
  given,
  notice,
  observation,
  policy,
  ScriptedWorld,
  task,
  theStream,
} from '../../src/testing/index.ts'
import { minutes, seconds } from '../../src/time/instant.ts'
import { cordoning } from '../support/histories.ts'

const wakeUp = (second: number, hops: number): Effect => ({
  type: 'SendWakeUp',
  stream: theStream,
  at: at(second),
  hops,
})

/** DRAINING since second 1 under a patient hook: the tasks are read from second 6 on. */
const settling = [...cordoning, event('ContainerInstanceDraining', 1), event('LifecycleHookDescribed', 1)]
const waiting = [...settling, event('TasksRead', 6, { tasks: [task(1)] })]
const short = event('LifecycleHookDescribed', 1, { heartbeatTimeout: seconds(30), globalTimeout: minutes(50) })

describe('a wake-up', () => {
  test('is not sent where only an event can bring news', () => {
    given(...waiting).owes([], { at: at(7) })
  })

  test('is not sent again while one is on its way', () => {
    given(...settling, event('WakeUpSent', 2, { wakeAt: at(6), hops: 1 })).owes([], { at: at(3) })
  })

  test('is sent again when it should have come and did not', () => {
    const sent = event('WakeUpSent', 2, { wakeAt: at(11), hops: 1 })
    given(...waiting, short, sent, event('LifecycleActionHeartbeatRecorded', 12)).owes([wakeUp(23.25, 1)], {
      at: at(13),
    })
  })

  test('is sent for something that is due before the one on its way', () => {
    given(...settling, event('WakeUpSent', 2, { wakeAt: at(200), hops: 1 })).owes([wakeUp(6, 1)], { at: at(3) })
  })

  test('is not sent for a deadline that has been reached, though the policy puts it later now', () => {
    const later = policy({ deadline: { after: minutes(4), choice: 'wait' } })
    given(...waiting).owes([wakeUp(240, 1)], { at: at(101), policy: later })
    given(...waiting, event('DeadlineReached', 100, { choice: 'wait' })).owes([], { at: at(101), policy: later })
  })

  test('that could not be sent is tried again on the spot, twice, and then left to the sweep', () => {
    const policyOfAll = policy()
    let history = [...settling]
    for (const isOwedAtOnce of [true, true, false]) {
      const { drain } = given(...history)
      const failure = { type: 'Throttled', message: 'Rate exceeded' } as const
      const failed = { type: 'EffectFailed', effect: 'SendWakeUp', task: null, failure } as const
      history = [...history, ...decide(failed, drain, at(2), policyOfAll)] as typeof history
      given(...history).owes(isOwedAtOnce ? [wakeUp(6, 1)] : [], { at: at(2) })
    }
  })

  test('continues the chain of the message that led to it', () => {
    given(...settling).owes([wakeUp(6, 8)], { at: at(2), hops: 7 })
  })

  test('is not sent when the chain is as long as it may get', () => {
    given(...settling).owes([], { at: at(2), hops: 12 })
    given(...settling).owes([wakeUp(6, 12)], { at: at(2), hops: 11 })
  })

  test('of a long chain is replaced by one of a new chain when somebody else sends a message', () => {
    const long = event('WakeUpSent', 2, { wakeAt: at(6), hops: 4 })
    given(...settling, long).owes([wakeUp(6, 1)], { at: at(3), hops: 0 })
    const shorter = event('WakeUpSent', 2, { wakeAt: at(6), hops: 3 })
    given(...settling, shorter).owes([], { at: at(3), hops: 0 })
  })

  test('that comes a moment before its time, by the clock of whom it wakes, is sent once more', () => {
    const sent = event('WakeUpSent', 2, { wakeAt: at(6), hops: 3 })
    given(...settling, sent).owes([wakeUp(6, 4)], { at: at(5.999), hops: 3 })
    // The length of its chain does not tell who leads here: it may have come together with a message that began a chain of its own.
    given(...settling, sent).owes([wakeUp(6, 3)], { at: at(5.999), hops: 2 })
    given(...settling, sent).owes([], { at: at(4.999), hops: 3 })
  })

  test('is sent once by a handling, however soon it is due', () => {
    const world = new ScriptedWorld()
    world.addInstance(1)
    world.terminate(1, { lost: true })
    world.handle({ stream: theStream, observations: [observation('TerminationAnnounced')], hops: 0 }).run()
    world.pending = []
    world.advance(seconds(4.9))
    world.ledger.length = 0
    world.handle({ stream: theStream, observations: [observation('TimePassed')], hops: 1 }).run()
    expect(world.calls('SendWakeUp')).toMatchObject([{ at: at(5) }])
  })

  test.each([
    ['a message of somebody else', notice('InstanceTerminating')],
    ['the sweep', notice('SweepDue')],
    ['a wake-up of a shorter chain', notice('WokenUp', { hops: 1 })],
  ])('and also where %s comes with it', (_what, other) => {
    const world = new ScriptedWorld()
    world.addInstance(1)
    world.terminate(1, { lost: true })
    world.handle({ stream: theStream, observations: [observation('TerminationAnnounced')], hops: 2 }).run()
    const wakeUp = world.pending.filter(({ notice: { type } }) => type === 'WokenUp').map(({ notice }) => notice)
    expect(wakeUp).toHaveLength(1)
    world.pending = []
    world.advance(seconds(4.9))
    world.ledger.length = 0
    world.deliver([...wakeUp, other])
    expect(world.calls('SendWakeUp')).toMatchObject([{ at: at(5) }])
    world.settle()
    expect(world.actions).toMatchObject([{ ended: 'CONTINUE' }])
  })

  test('is not sent for what the sweep will be there for first', () => {
    const deadline = policy({ deadline: { after: minutes(60), choice: 'continue' } })
    given(...waiting).owes([], { at: at(7), policy: deadline })
    const later = event('LifecycleActionHeartbeatRecorded', 3_300)
    given(...waiting, later).owes([wakeUp(3_600, 1)], { at: at(3_301), policy: deadline })
  })

  test('is sent in steps of 15 minutes, the longest delay of a queue, where sweeps are further apart', () => {
    const rare = policy({ sweepEvery: minutes(60), deadline: { after: minutes(40), choice: 'continue' } })
    const patient = event('LifecycleHookDescribed', 1, {
      heartbeatTimeout: minutes(120),
      globalTimeout: minutes(2_880),
    })
    const drain = [...waiting, patient, event('LifecycleActionHeartbeatRecorded', 7)]
    given(...drain).owes([wakeUp(907, 1)], { at: at(7), policy: rare })
    const sent = event('WakeUpSent', 7, { wakeAt: at(907), hops: 1 })
    given(...drain, sent).owes([], { at: at(8), policy: rare })
    given(...drain, sent).owes([wakeUp(1_807, 2)], { at: at(907), hops: 1, policy: rare })
  })

  test('is not sent for the confirming reading while the instance is to be set DRAINING again', () => {
    const failed = event('EffectFailed', 8, { effect: 'SetDraining', retryAt: at(20) })
    given(...settling, event('TasksRead', 6), event('DrainingUndone', 8), failed).owes([wakeUp(20, 1)], { at: at(9) })
  })

  test('is not sent for a deadline once it is decided how the action completes', () => {
    const deadline = policy({ deadline: { after: seconds(90), choice: 'continue' } })
    const decided = [...waiting, event('CompletionDecided', 60)]
    given(...decided, event('EffectFailed', 60, { effect: 'CompleteLifecycleAction', retryAt: at(100) })).owes(
      [wakeUp(100, 1)],
      { at: at(61), policy: deadline },
    )
  })

  test('is sent for the end of the settle time also when the instance was lost and found again', () => {
    const again = [
      event('ContainerInstanceLost', 30),
      event('ContainerInstanceFound', 50),
      event('ContainerInstanceDraining', 51),
    ]
    given(
      ...waiting,
      event('TaskSeen', 20, { task: { ...task(1), version: 9, lastStatus: 'STOPPED' } }),
      ...again,
    ).owes([wakeUp(56, 1)], { at: at(52) })
  })

  test('is not sent for a drain that has ended', () => {
    given(...settling, event('CompletionDecided', 7), event('LifecycleActionCompleted', 8)).owes([], { at: at(9) })
  })
})

describe("the chain of wake-ups under Lambda's recursion guard", () => {
  const longest = (world: ScriptedWorld) => Math.max(...world.calls('SendWakeUp').map(({ hops }) => hops))

  test('ends after twelve hops, and the sweep begins a new one', () => {
    const world = new ScriptedWorld({ heartbeatTimeout: seconds(30) })
    world.addInstance(1, [task(1)])
    world.terminate(1)
    world.settle({ until: at(150) })
    expect(longest(world)).toBe(12)
    expect(world.pending).toEqual([])
  })

  test.each([1, 2, 3, 15])(
    'of at most %i is begun by one wake-up, and no other is sent while it is on its way',
    (hopsMax) => {
      const world = new ScriptedWorld({ policy: policy({ hopsMax }) })
      world.addInstance(1, [task(1)])
      world.terminate(1)
      world.settle({ until: at(1) })
      expect(world.calls('SendWakeUp').map(({ hops }) => hops)).toEqual([1])
    },
  )

  test('is renewed by the sweep before it ends, so that a hook of 30 s lives under a sweep of one minute', () => {
    const world = new ScriptedWorld({ heartbeatTimeout: seconds(30), policy: policy({ sweepEvery: minutes(1) }) })
    world.addInstance(1, [task(1)])
    world.terminate(1)
    for (let minute = 1; minute <= 45; minute += 1) {
      world.settle({ until: at(minute * 60) })
      world.sweep()
    }
    expect(world.actions).toMatchObject([{ ended: null }])
    expect(longest(world)).toBeLessThanOrEqual(12)
  })
})
