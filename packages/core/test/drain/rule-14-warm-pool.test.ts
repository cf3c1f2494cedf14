import { describe, expect, test } from 'vitest'
import { awaitsActivation, isWatched } from '../../src/drain/drain.ts'
import { effectsOwed } from '../../src/effect/effects-owed.ts'
import { beginRouting, resumeRouting } from '../../src/invocation/routing.ts'
import {
  at,
  event,
  given,
  id,
  instanceNumber,
  lifecycleAction,
  noActiveAction,
  notice,
  observation,
  policy,
  ScriptedWorld,
  task,
  taskNumber,
  theCluster,
  theContainerInstance,
  theGroup,
  throttled,
  tokenNumber,
} from '../../src/testing/index.ts'
import { hours, minutes, seconds } from '../../src/time/instant.ts'
import { cordoning, draining } from '../support/histories.ts'

const setActive = { type: 'SetActive', cluster: theCluster, containerInstance: theContainerInstance } as const

const warmed = [
  event('DrainRequested', 0, { toWarmPool: true }),
  event('ContainerInstanceFound', 1),
  event('ContainerInstanceDraining', 2),
  event('CompletionDecided', 30),
  event('LifecycleActionCompleted', 31),
]

const returned = observation('ReturnedToService', { returnedAt: at(3_600) })

/** An instance that was drained on its way into the warm pool. */
const inWarmPool = () => {
  const world = new ScriptedWorld()
  world.addInstance(1, [task(1)])
  world.terminate(1, { toWarmPool: true })
  world.settle({ until: at(20) })
  world.stop(taskNumber(1))
  world.settle({ until: at(3_600) })
  return world
}

const comesBack = (world: ScriptedWorld) => {
  world.lifecycleStates.set(instanceNumber(1), { group: theGroup, state: 'InService' })
  return notice('InstanceLaunching', { origin: 'WarmPool', at: world.now })
}

describe('R14: an instance on its way into a warm pool is drained like any other', () => {
  test('it is DRAINING, completed when its tasks have stopped, and looked at by the sweep from then on', () => {
    const world = inWarmPool()
    expect(world.actions).toMatchObject([{ ended: 'CONTINUE', killed: [] }])
    expect(world.instances).toMatchObject([{ status: 'DRAINING' }])
    expect(world.watched()).toHaveLength(1)
    expect(world.drain()).toMatchObject({ phase: 'ended', toWarmPool: true, returned: false })
  })

  test('when it comes back into service it is set ACTIVE, once', () => {
    const world = inWarmPool()
    const back = comesBack(world)
    world.deliver([back])
    world.deliver([back])
    expect(world.instances).toMatchObject([{ status: 'ACTIVE' }])
    expect(world.calls('UpdateContainerInstancesState').map(({ status }) => status)).toEqual(['DRAINING', 'ACTIVE'])
    expect(world.watched()).toEqual([])
  })

  test('the rule: returned, then ACTIVE is owed until it is confirmed', () => {
    given(...warmed).owes([], { at: at(3_000) })
    given(...warmed)
      .when(returned, { at: at(3_600) })
      .then(event('InstanceReturnedToService', 3_600))
      .owing(setActive)
    given(...warmed, event('InstanceReturnedToService', 3_600))
      .when(observation('ContainerInstanceActive'), { at: at(3_601) })
      .then(event('ContainerInstanceActivated', 3_601))
      .owing()
  })

  test('a sweep that saw it wait, and took longer than its whole drain, does not make it forgotten', () => {
    const world = new ScriptedWorld()
    world.addInstance(1)
    const announced = world.terminate(1, { toWarmPool: true, lost: true })
    world.advance(seconds(1))
    let sweep = beginRouting([notice('SweepDue')], world.policy)
    while (sweep.type === 'call') sweep = resumeRouting(sweep.routing, world.answer(sweep.call), world.policy)
    world.deliver([announced])
    world.settle()
    for (const { assignment } of sweep.itinerary.routed) world.handle(assignment).run()
    expect(world.watched()).toHaveLength(1)
    world.deliver([comesBack(world)])
    expect(world.instances).toMatchObject([{ status: 'ACTIVE' }])
  })

  test('a lost notice of its return is made good by the sweep', () => {
    const world = inWarmPool()
    world.sweep()
    expect(world.instances).toMatchObject([{ status: 'DRAINING' }])
    comesBack(world)
    world.sweep()
    expect(world.instances).toMatchObject([{ status: 'ACTIVE' }])
    expect(world.watched()).toEqual([])
  })

  test('setting it ACTIVE is tried again until it succeeds', () => {
    const world = inWarmPool()
    world.fail('UpdateContainerInstancesState', throttled, { times: 4 })
    world.deliver([comesBack(world)])
    world.settle()
    expect(world.instances).toMatchObject([{ status: 'ACTIVE' }])
  })

  test('a container instance that ECS no longer knows has nothing to be set', () => {
    const world = inWarmPool()
    world.instances.length = 0
    world.deliver([comesBack(world)])
    world.settle()
    expect(world.drain()).toMatchObject({ phase: 'ended', activated: true })
    expect(world.watched()).toEqual([])
  })

  test('a waiting instance that the sweep found on its way there is drained as well', () => {
    const world = new ScriptedWorld()
    world.addInstance(1, [task(1)])
    world.terminate(1, { toWarmPool: true, lost: true })
    world.sweep()
    expect(world.drain()).toMatchObject({ toWarmPool: true })
  })
})

test('R14: an instance that is terminated in its warm pool is found by the sweep, and is not expected back', () => {
  const world = new ScriptedWorld()
  const { instance } = world.addInstance(1)
  world.terminate(1, { lost: true })
  world.lifecycleStates.set(instance, { group: theGroup, state: 'Warmed:Terminating:Wait' })
  world.sweep()
  world.settle()
  expect(world.actions).toMatchObject([{ ended: 'CONTINUE' }])
  expect(world.drain()).toMatchObject({ phase: 'ended', toWarmPool: false })
  expect(world.watched()).toEqual([])
})

describe('R14: an instance that was drained on its way into its warm pool, and is terminated there', () => {
  /** Its notice is lost. */
  const terminatedThere = () => {
    const world = inWarmPool()
    world.terminate(1, { lost: true })
    world.lifecycleStates.set(instanceNumber(1), { group: theGroup, state: 'Warmed:Terminating:Wait' })
    return world
  }

  test('is found by the sweep, though its stream is watched for the return', () => {
    const world = terminatedThere()
    expect(world.watched()).toHaveLength(1)
    world.sweep()
    world.settle()
    expect(world.actions.map(({ ended }) => ended)).toEqual(['CONTINUE', 'CONTINUE'])
    expect(world.watched()).toEqual([])
  })

  test('is not begun again where somebody else’s hook holds it', () => {
    const world = terminatedThere()
    world.fail('RecordLifecycleActionHeartbeat', noActiveAction)
    world.sweep()
    expect(world.drain()).toMatchObject({ phase: 'ended', ending: 'completed', toWarmPool: true })
  })
})

describe('R14: an instance that came back and is terminated, both notices lost between two sweeps', () => {
  const terminatedAgain = (fields: Parameters<ScriptedWorld['terminate']>[1] = {}) => {
    const world = inWarmPool()
    world.place(1, task(2))
    world.terminate(1, { lost: true, ...fields })
    return world
  }

  test('is drained: the sweep sees it wait, and Auto Scaling says that it waits for our hook', () => {
    const world = terminatedAgain()
    world.sweep()
    world.settle({ until: at(3_700) })
    expect(world.drain()).toMatchObject({ phase: 'draining', remaining: 1, action: { token: null }, toWarmPool: false })
    world.stop(taskNumber(2))
    world.settle()
    expect(world.actions.map(({ ended, killed }) => [ended, killed])).toEqual([
      ['CONTINUE', []],
      ['CONTINUE', []],
    ])
    expect(world.watched()).toEqual([])
  })

  test('is left alone where somebody else’s hook holds it, and is watched as before', () => {
    const world = terminatedAgain({ hook: id('backup') })
    const before = world.drain()
    world.sweep()
    expect(world.calls('UpdateContainerInstancesState').map(({ status }) => status)).toEqual(['DRAINING'])
    expect(world.drain()).toEqual(before)
    expect(world.watched()).toHaveLength(1)
  })

  test('is asked about until Auto Scaling answers, without the next sweep', () => {
    const world = terminatedAgain()
    world.fail('RecordLifecycleActionHeartbeat', throttled, { times: 3 })
    world.sweep()
    expect(world.drain().phase).toBe('ended')
    world.settle({ until: world.now + minutes(2) })
    expect(world.drain().phase).toBe('draining')
  })

  test.each(['RecordHeartbeat', 'SendWakeUp'] as const)('is doubted once, and a failed %s is tried again', (effect) => {
    const doubted = [...warmed, event('WaitDoubted', 3_600, { lifecycleState: 'Terminating:Wait' })]
    given(...doubted)
      .when(observation('SweptWaiting'), { at: at(3_900) })
      .then()
      .owing({ type: 'RecordHeartbeat', action: lifecycleAction({ token: null }) })
    const { events } = given(...doubted).when(observation('EffectFailed', { effect }), { at: at(3_601) })
    expect(events).toMatchObject([{ type: 'EffectFailed', effect }])
  })

  test('is not set ACTIVE any more, if it was still to be', () => {
    const world = inWarmPool()
    world.fail('UpdateContainerInstancesState', throttled)
    world.deliver([comesBack(world)])
    world.pending = []
    world.terminate(1, { lost: true })
    world.advance(minutes(5))
    world.sweep()
    world.settle()
    expect(world.calls('UpdateContainerInstancesState').map(({ status }) => status)).toEqual([
      'DRAINING',
      'ACTIVE',
      'DRAINING',
    ])
    expect(world.actions).toMatchObject([{ ended: 'CONTINUE' }, { ended: 'CONTINUE' }])
  })

  test.each(['HeartbeatAccepted', 'LifecycleActionNotActive'] as const)(
    '%s says nothing where nobody doubts',
    (type) => {
      given(...warmed)
        .when(observation(type), { at: at(3_600) })
        .then()
    },
  )

  test('is not taken for one that was seen on its way to the pool, a moment before its drain ended', () => {
    given(...warmed)
      .when(observation('SweptWaiting', { lifecycleState: 'Warmed:Pending:Wait' }), { at: at(32) })
      .then()
      .owing()
  })

  test('is not expected of a drain that nobody watches', () => {
    given(...warmed, event('InstanceReturnedToService', 3_600), event('ContainerInstanceActivated', 3_601))
      .when(observation('SweptWaiting'), { at: at(4_000) })
      .then()
  })
})

describe('R14: an instance that no group shows, as those in a warm pool', () => {
  const inNoGroup = () => {
    const world = inWarmPool()
    world.lifecycleStates.delete(instanceNumber(1))
    return world
  }

  const sweepDaily = (world: ScriptedWorld, days: number) => {
    for (let day = 1; day <= days; day += 1) {
      world.advance(hours(24))
      world.sweep()
    }
  }

  test('is looked for by every sweep for a year, and set ACTIVE when one finds it in service', () => {
    const world = inNoGroup()
    const stored = world.events().length
    sweepDaily(world, 364)
    expect(world.watched()).toHaveLength(1)
    expect(world.events()).toHaveLength(stored)
    comesBack(world)
    world.sweep()
    expect(world.instances).toMatchObject([{ status: 'ACTIVE' }])
  })

  test('is not looked for without end: it may have been terminated there, and nobody was told', () => {
    const world = inNoGroup()
    sweepDaily(world, 366)
    expect(world.watched()).toEqual([])
    world.ledger.length = 0
    world.sweep()
    expect(world.calls('LoadStream')).toEqual([])
  })

  test('is set ACTIVE after that as well, on the notice of its return', () => {
    const world = inNoGroup()
    sweepDaily(world, 366)
    world.fail('UpdateContainerInstancesState', throttled)
    world.deliver([comesBack(world)])
    expect(world.watched()).toHaveLength(1)
    world.settle()
    expect(world.instances).toMatchObject([{ status: 'ACTIVE' }])
    expect(world.watched()).toEqual([])
  })

  test('is not given up where one shows it in its pool', () => {
    given(...warmed)
      .when(observation('SweptElsewhere', { lifecycleState: 'Warmed:Stopped' }), { at: at(366 * 86_400) })
      .then()
  })

  test('is given up once', () => {
    const year = 365 * 86_400
    const elsewhere = observation('SweptElsewhere', { lifecycleState: null })
    given(...warmed)
      .when(elsewhere, { at: at(year - 1) })
      .then()
    given(...warmed)
      .when(elsewhere, { at: at(year) })
      .then(event('WaitDoubted', year, { lifecycleState: null }))
      .owing()
    given(...warmed, event('WaitDoubted', year, { lifecycleState: null }))
      .when(elsewhere, { at: at(year + 300) })
      .then()
  })
})

describe('R14: a drain that has ended', () => {
  const back = [...warmed, event('InstanceReturnedToService', 3_600)]

  test('records the wake-up that it sent itself', () => {
    given(...back)
      .when(observation('WakeUpSent', { at: at(3_605), hops: 2 }), { at: at(3_601) })
      .then(event('WakeUpSent', 3_601, { wakeAt: at(3_605), hops: 2 }))
  })

  test.each(['SetActive', 'SendWakeUp'] as const)('tries %s again where it failed', (effect) => {
    const { events } = given(...back).when(observation('EffectFailed', { effect }), { at: at(3_601) })
    expect(events).toMatchObject([{ type: 'EffectFailed', effect }])
  })

  test('does not try again what its end made pointless', () => {
    given(...back)
      .when(observation('EffectFailed', { effect: 'RecordHeartbeat' }), { at: at(3_601) })
      .then()
    for (const effect of ['SetActive', 'SendWakeUp'] as const) {
      given(...warmed)
        .when(observation('EffectFailed', { effect }), { at: at(3_601) })
        .then()
    }
    given(...warmed, event('WaitDoubted', 3_600, { lifecycleState: 'Terminating:Wait' }))
      .when(observation('EffectFailed', { effect: 'CompleteLifecycleAction' }), { at: at(3_601) })
      .then()
  })

  test('still expects the instance back where a look from before its end has found it ACTIVE', () => {
    given(...warmed)
      .when(observation('ContainerInstanceActive'), { at: at(32) })
      .then()
  })

  test('does not mind that its container instance is gone, unless it is to be set ACTIVE', () => {
    const gone = observation('ContainerInstanceLost')
    given(...warmed)
      .when(gone, { at: at(3_601) })
      .then()
    given(...back, event('ContainerInstanceActivated', 3_602))
      .when(gone, { at: at(3_603) })
      .then()
    const failed = event('EffectFailed', 3_601, { effect: 'SetActive', retryAt: at(3_620) })
    given(...back, failed)
      .when(gone, { at: at(3_603) })
      .then(event('ContainerInstanceLost', 3_603, { retryAt: at(3_623) }))
      .owing()
  })
})

describe('R14: an instance that is back in service before its drain has ended', () => {
  const early = observation('ReturnedToService', { returnedAt: at(40) })

  test('is doubted: the lifecycle action is over, or will be', () => {
    given(...warmed.slice(0, 3))
      .when(early, { at: at(41) })
      .then(event('InstanceReturnedToService', 41))
    const { drain } = given(...warmed.slice(0, 3), event('InstanceReturnedToService', 41))
    const [first] = effectsOwed(drain, at(41), policy(), 0)
    expect(first).toEqual({ type: 'RecordHeartbeat', action: lifecycleAction({ token: null }) })
    expect(awaitsActivation(drain)).toBe(false)
  })

  test('is left alone until Auto Scaling has said whether it waits, also where it does not answer at once', () => {
    const stopped = policy({ deadline: { after: seconds(30), choice: 'stop-tasks' } })
    const silent = [
      event('InstanceReturnedToService', 41),
      event('EffectFailed', 41, { effect: 'RecordHeartbeat', retryAt: at(45) }),
    ]
    for (const history of [cordoning, [...draining(task(1)), event('DeadlineReached', 40, { choice: 'stop-tasks' })]]) {
      const { drain } = given(...history, ...silent)
      expect(effectsOwed(drain, at(42), stopped, 0)).toMatchObject([{ type: 'SendWakeUp', at: at(45) }])
      expect(effectsOwed(drain, at(45), stopped, 0)).toMatchObject([
        { type: 'RecordHeartbeat', action: { token: null } },
      ])
    }
  })

  test('is not back where Auto Scaling says that our hook still holds it: it is not set ACTIVE while it goes', () => {
    const world = new ScriptedWorld()
    world.addInstance(1, [task(1)])
    world.terminate(1)
    world.settle({ until: at(20) })
    world.deliver([notice('InstanceLaunching', { origin: 'WarmPool', at: world.now })])
    world.stop(taskNumber(1))
    world.settle()
    expect(world.actions).toMatchObject([{ ended: 'CONTINUE' }])
    expect(world.instances).toMatchObject([{ status: 'DRAINING' }])
  })

  test('is told so once, and not by a notice from before', () => {
    given(...warmed.slice(0, 3), event('InstanceReturnedToService', 41))
      .when(early, { at: at(42) })
      .then()
    given(...warmed.slice(0, 3))
      .when(observation('ReturnedToService', { returnedAt: at(-1) }), { at: at(41) })
      .then()
  })
})

describe('R14: what a return is not', () => {
  test('of one that was never a container instance, which no sweep looks for either', () => {
    const stranger = given(event('DrainRequested', 0, { toWarmPool: true }), event('LifecycleActionCompleted', 31))
    expect(isWatched(stranger.drain)).toBe(false)
    stranger.when(returned, { at: at(3_600) }).then()
    // Its return was told before the end, while it was still looked for.
    const early = [event('InstanceReturnedToService', 20), event('LifecycleActionOver', 21)]
    given(event('DrainRequested', 0, { toWarmPool: true }), ...early).owes([], { at: at(22) })
  })

  test('of an instance that was terminated, not warmed', () => {
    const [requested, ...others] = warmed
    const terminated = [{ ...requested, toWarmPool: false } as typeof requested, ...others]
    given(...(terminated as typeof warmed))
      .when(returned, { at: at(3_600) })
      .then()
    given(...(terminated as typeof warmed))
      .when(observation('SweptElsewhere', { lifecycleState: 'InService' }), { at: at(3_600) })
      .then()
  })

  test('of one that nobody ever drained, which no sweep looks for', () => {
    expect(isWatched(given().drain)).toBe(false)
    const world = new ScriptedWorld()
    world.addInstance(1)
    world.deliver([comesBack(world)])
    expect(world.callsToAws()).toEqual([])
  })

  test('of an earlier stay, told late', () => {
    given(...warmed)
      .when(observation('ReturnedToService', { returnedAt: at(-60) }), { at: at(60) })
      .then()
  })

  test('of one that is still in its pool', () => {
    given(...warmed)
      .when(observation('SweptElsewhere', { lifecycleState: 'Warmed:Stopped' }), { at: at(3_600) })
      .then()
  })

  test('a second one', () => {
    const back = [...warmed, event('InstanceReturnedToService', 3_600)]
    given(...back)
      .when(returned, { at: at(3_601) })
      .then()
    given(...back, event('ContainerInstanceActivated', 3_602))
      .when(returned, { at: at(3_603) })
      .then()
      .owing()
  })
})

describe('R14: a stream holds the drains of an instance one after another', () => {
  test('into the pool and back three times, each time with its own token', () => {
    const world = new ScriptedWorld()
    world.addInstance(1, [task(1)])
    for (let round = 1; round <= 3; round += 1) {
      if (round > 1) world.place(1, task(round))
      world.terminate(1, { toWarmPool: true })
      world.settle({ until: world.now + minutes(1) })
      world.stop(taskNumber(round))
      world.settle({ until: world.now + minutes(1) })
      expect(world.instances).toMatchObject([{ status: 'DRAINING' }])
      world.deliver([comesBack(world)])
      expect(world.instances).toMatchObject([{ status: 'ACTIVE' }])
      world.advance(minutes(10))
    }
    expect(world.actions.map(({ ended, killed }) => [ended, killed])).toEqual(
      Array.from({ length: 3 }, () => ['CONTINUE', []]),
    )
    expect(world.drain().tokens).toEqual([1, 2, 3].map(tokenNumber))
    expect(world.calls('CompleteLifecycleAction').map(({ action }) => action.token)).toEqual([1, 2, 3].map(tokenNumber))
  })

  test('terminated for good before it was set ACTIVE: the return no longer matters', () => {
    const world = inWarmPool()
    world.fail('UpdateContainerInstancesState', throttled)
    world.deliver([comesBack(world)])
    world.terminate(1)
    world.settle()
    expect(world.drain()).toMatchObject({ phase: 'ended', toWarmPool: false, decision: { because: 'drained' } })
    expect(world.watched()).toEqual([])
    expect(world.instances).toMatchObject([{ status: 'DRAINING' }])
  })
})
