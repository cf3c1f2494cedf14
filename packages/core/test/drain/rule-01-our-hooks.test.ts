import { describe, expect, test } from 'vitest'
import {
  at,
  event,
  given,
  id,
  lifecycleAction,
  notice,
  observation,
  ScriptedWorld,
  task,
  taskNumber,
  theCluster,
  theStream,
  throttled,
  tokenNumber,
} from '../../src/testing/index.ts'
import { hours } from '../../src/time/instant.ts'
import { announced } from '../support/histories.ts'

// Which notices are of a hook that is ours is in `observation/observe.test.ts`.
describe('R1: only terminating actions of our own hooks are acted on', () => {
  test("the hook's own name, group, token and instance are stored, and no other are ever answered", () => {
    const action = lifecycleAction({ token: tokenNumber(7) })
    given()
      .when(observation('TerminationAnnounced', { action, announcedAt: at(0) }), { at: at(1) })
      .then({
        type: 'DrainRequested',
        at: at(1),
        action,
        toWarmPool: false,
        clusters: [id('web')],
        announcedAt: at(0),
      })

    const world = new ScriptedWorld()
    world.addInstance(1)
    world.terminate(1, { token: tokenNumber(7) })
    world.settle()
    expect(world.calls('CompleteLifecycleAction')).toMatchObject([{ action }])
    expect(world.calls('DescribeLifecycleHooks')).toMatchObject([{ group: action.group, hook: action.hook }])
  })

  test('a foreign hook holding an instance of ours costs no call at all', () => {
    const world = new ScriptedWorld()
    world.addInstance(1, [task(1)])
    world.terminate(1, { hook: id('backup') })
    world.settle()
    expect(world.ledger).toEqual([])
    expect(world.instances).toMatchObject([{ status: 'ACTIVE' }])
  })
})

describe('S3: a notice is a claim, and Auto Scaling is asked before anything is done', () => {
  const asked = { type: 'RecordHeartbeat', action: lifecycleAction({ token: null }) } as const

  test('first of all by a heartbeat, by the id of the instance: a token could be one of another', () => {
    given()
      .when(observation('TerminationAnnounced'), { at: at(0) })
      .owing(asked)
    given(...announced).owes([asked], { at: at(11) })
  })

  test('accepted: our hook holds the instance, and it is drained', () => {
    given(...announced)
      .when(observation('HeartbeatAccepted'), { at: at(1) })
      .then(event('LifecycleActionHeartbeatRecorded', 1))
      .owing({ type: 'FindContainerInstance', instance: lifecycleAction().instance, clusters: [theCluster] })
  })

  test('not active: it is not ours, and nothing was touched', () => {
    const world = new ScriptedWorld()
    world.addInstance(1, [task(1)])
    world.handle({ stream: theStream, observations: [observation('TerminationAnnounced')], hops: 0 }).run()
    expect(world.callsToAws()).toEqual(['RecordLifecycleActionHeartbeat'])
    expect(world.drain()).toMatchObject({ phase: 'ended', ending: 'over' })
  })

  test.each([
    ['before the instance is terminated', -60],
    ['while it drains', 30],
  ])('one of next year, told %s, does not make an old notice of every other', (_when, toldAt) => {
    const world = new ScriptedWorld({ now: at(-100) })
    world.addInstance(1, [task(1)])
    const forged = notice('InstanceTerminating', {
      action: lifecycleAction({ token: tokenNumber(99) }),
      at: at(0) + hours(24 * 365),
    })
    world.pending.push({ due: at(toldAt), notice: forged })
    world.settle({ until: at(0) })
    world.terminate(1)
    world.settle({ until: at(60) })
    world.stop(taskNumber(1))
    world.settle({ until: at(120) })
    for (const minute of [2, 3]) {
      world.sweep()
      world.settle({ until: at(minute * 60) })
    }
    expect(world.actions).toMatchObject([{ ended: 'CONTINUE', killed: [] }])
  })

  test('no answer: it is asked again, and until then nothing is done', () => {
    const failed = event('EffectFailed', 1, { effect: 'RecordHeartbeat', failure: throttled, retryAt: at(3) })
    given(...announced, failed).owes([{ type: 'SendWakeUp', stream: theStream, at: at(3), hops: 1 }], { at: at(2) })
    given(...announced, failed).owes([asked], { at: at(3) })
  })
})
