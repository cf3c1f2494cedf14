import { describe, expect, test } from 'vitest'
import { fold } from '../../src/drain/drain.ts'
import {
  at,
  event,
  given,
  id,
  lifecycleAction,
  noActiveAction,
  observation,
  ScriptedWorld,
  task,
  taskNumber,
  throttled,
  tokenNumber,
} from '../../src/testing/index.ts'
import { completing, draining, ended, locating } from '../support/histories.ts'

const complete = { type: 'CompleteLifecycleAction', action: lifecycleAction(), result: 'CONTINUE' } as const

/** An instance whose only task stops at 30 s. */
const aboutToComplete = () => {
  const world = new ScriptedWorld()
  world.addInstance(1, [task(1)])
  world.terminate(1)
  world.settle({ until: at(30) })
  world.stop(taskNumber(1))
  return world
}

describe('R7: the lifecycle action is completed with CONTINUE and its own token', () => {
  test('what is decided is owed until it is answered', () => {
    given(...completing).owes([complete], { at: at(30) })
    given(...completing).owes([complete], { at: at(149) })
  })

  test('an answer ends the drain', () => {
    given(...completing)
      .when(observation('CompletionAccepted'), { at: at(31) })
      .then(event('LifecycleActionCompleted', 31))
      .owing()
  })

  test('no answer where nothing was decided ends anything, nor says that an action which is over was completed', () => {
    for (const more of [[], [event('LifecycleActionOver', 30, { of: 'heartbeat' })]]) {
      given(...draining(task(1)), ...more)
        .when(observation('CompletionAccepted'), { at: at(31) })
        .then()
    }
  })
})

describe("R7: 'No active Lifecycle Action found' is an outcome", () => {
  test('of a completion: the action is over', () => {
    given(...completing)
      .when(observation('LifecycleActionNotActive', { of: 'completion' }), { at: at(31) })
      .then(event('LifecycleActionOver', 31, { of: 'completion' }))
      .owing()
  })

  test('of a heartbeat: the action is over, and nothing more is done to the instance', () => {
    given(...draining(task(1)))
      .when(observation('LifecycleActionNotActive', { of: 'heartbeat' }), { at: at(31) })
      .then(event('LifecycleActionOver', 31, { of: 'heartbeat' }))
      .owing()
  })

  test.each([
    'No active Lifecycle Action found with token 00000000-0000-4000-8000-000000000001',
    'No active Lifecycle Action found with instance ID i-00000000000000001',
  ])('%s', (message) => {
    const world = aboutToComplete()
    world.fail('CompleteLifecycleAction', { type: 'Rejected', code: 'ValidationError', message })
    world.settle()
    expect(world.drain()).toMatchObject({ phase: 'ended', ending: 'over', decision: { because: 'drained' } })
    expect(world.calls('CompleteLifecycleAction')).toHaveLength(1)
  })

  test('other rejections are failures, to be tried again', () => {
    const world = aboutToComplete()
    const message = 'AutoScalingGroup name not found. No active Lifecycle Action found'
    world.fail('CompleteLifecycleAction', { type: 'Rejected', code: 'ValidationError', message })
    world.settle()
    expect(world.drain()).toMatchObject({ phase: 'ended', ending: 'completed' })
    expect(world.calls('CompleteLifecycleAction')).toHaveLength(2)
  })

  test('of any other call it is a failure like another', () => {
    const world = new ScriptedWorld()
    world.addInstance(1, [task(1)])
    world.fail('DescribeLifecycleHooks', noActiveAction)
    world.terminate(1)
    world.settle({ until: at(60) })
    expect(world.drain()).toMatchObject({ phase: 'draining' })
  })
})

describe('R7: completing twice is harmless', () => {
  test('an answer that was lost: the second attempt hears that nothing is active, and the drain ends', () => {
    const world = aboutToComplete()
    world.fail('CompleteLifecycleAction', { type: 'TimedOut', message: 'no answer' }, { takesEffect: true })
    world.settle()
    expect(world.actions).toMatchObject([{ ended: 'CONTINUE', killed: [] }])
    expect(world.drain()).toMatchObject({ phase: 'ended', ending: 'over', decision: { result: 'CONTINUE' } })
  })

  test('two that complete at once: one of them hears that nothing is active, and it is known whose answer it was', () => {
    const world = aboutToComplete()
    const stopped = world.pending.map(({ notice }) => notice)
    const assignment = {
      stream: id<Parameters<typeof world.handle>[0]['stream']>('ec2-instance/i-00000000000000001'),
      observations: [observation('TaskSeen', { task: { ...task(1), version: 9, lastStatus: 'STOPPED' } })],
      hops: 0,
    }
    expect(stopped).toHaveLength(1)
    const first = world.handle(assignment)
    first.run((call) => call.type === 'CompleteLifecycleAction')
    const second = world.handle({ ...assignment, observations: [observation('TimePassed')] })
    first.step()
    second.run()
    expect(world.drain()).toMatchObject({ ending: 'over' })
    first.run()
    expect(world.drain()).toMatchObject({ phase: 'ended', ending: 'completed' })
    expect(world.calls('CompleteLifecycleAction')).toHaveLength(2)
    expect(world.actions).toMatchObject([{ ended: 'CONTINUE', killed: [] }])
  })

  test('nothing is completed again once the drain has ended', () => {
    given(...ended).owes([], { at: at(3_600) })
    given(...ended)
      .when(observation('CompletionAccepted'), { at: at(60) })
      .then()
    given(...ended)
      .when(observation('LifecycleActionNotActive'), { at: at(60) })
      .then()
  })

  test('throttled completions are tried again until one is answered', () => {
    const world = aboutToComplete()
    world.fail('CompleteLifecycleAction', throttled, { times: 5 })
    world.settle()
    expect(world.actions).toMatchObject([{ ended: 'CONTINUE', killed: [] }])
    expect(world.calls('CompleteLifecycleAction')).toHaveLength(6)
  })
})

describe('R7: a token tells one termination from another', () => {
  const again = (n: number, announcedAt: number) =>
    observation('TerminationAnnounced', {
      action: lifecycleAction({ token: tokenNumber(n) }),
      announcedAt: at(announcedAt),
    })

  test.each([
    ['once more', 0],
    ['with a later time, as another channel tells it', 1],
  ])('the same notice %s is nothing, in any phase', (_how, announcedAt) => {
    for (const history of [locating, draining(task(1)), completing, ended]) {
      given(...history)
        .when(again(1, announcedAt), { at: at(100) })
        .then()
    }
  })

  test('a new token, announced later, supersedes a drain that is open', () => {
    const after = given(...draining(task(1))).when(again(2, 90), { at: at(100) })
    expect(after.events.map(({ type }) => type)).toEqual(['DrainSuperseded', 'DrainRequested'])
    // explain tells how each of them ended.
    expect(fold([...completing, event('DrainSuperseded', 40)])).toMatchObject({ phase: 'ended', ending: 'superseded' })
    expect(after.drain).toMatchObject({ phase: 'locating', action: { token: tokenNumber(2) }, tasks: [] })
  })

  test('a new token of an action that began earlier is an old notice that comes late', () => {
    given(...draining(task(1)))
      .when(again(2, -60), { at: at(100) })
      .then()
    given(...ended)
      .when(again(2, -60), { at: at(100) })
      .then()
  })

  test('after the end a new token begins the next drain, in the same stream', () => {
    const after = given(...ended).when(again(2, 3_600), { at: at(3_601) })
    after.then(
      event('DrainRequested', 3_601, { action: lifecycleAction({ token: tokenNumber(2) }), announcedAt: at(3_600) }),
    )
    expect(after.drain.tokens).toEqual([tokenNumber(1), tokenNumber(2)])
  })

  test('the late duplicate of an earlier drain is known as one, also after the next has ended', () => {
    const second = [
      ...ended,
      event('DrainRequested', 3_600, { action: lifecycleAction({ token: tokenNumber(2) }), announcedAt: at(3_600) }),
    ]
    given(...second)
      .when(again(1, 0), { at: at(3_700) })
      .then()
    given(...second, event('LifecycleActionOver', 3_650))
      .when(again(1, 0), { at: at(3_700) })
      .then()
  })

  test('another hook of ours that holds the same instance meanwhile does not supersede', () => {
    const other = observation('TerminationAnnounced', {
      action: lifecycleAction({ hook: id('drain-too'), token: tokenNumber(5) }),
      announcedAt: at(50),
    })
    given(...draining(task(1)))
      .when(other, { at: at(60) })
      .then()
  })

  test('nor does a hook of the same name that holds it for another group', () => {
    const other = observation('TerminationAnnounced', {
      action: lifecycleAction({ group: id('other-hosts'), token: tokenNumber(5) }),
      announcedAt: at(50),
    })
    given(...draining(task(1)))
      .when(other, { at: at(60) })
      .then()
  })

  test('nor an announcement of the same moment, which is the same termination told by another channel', () => {
    const again = observation('TerminationAnnounced', {
      action: lifecycleAction({ token: tokenNumber(5) }),
      announcedAt: at(0),
    })
    given(...draining(task(1)))
      .when(again, { at: at(60) })
      .then()
  })

  test('only the last sixteen tokens are kept', () => {
    let history = [...ended]
    for (let n = 2; n <= 40; n += 1) {
      const action = lifecycleAction({ token: tokenNumber(n) })
      const when = n * 1_000
      history = [
        ...history,
        event('DrainRequested', when, { action, announcedAt: at(when) }),
        event('LifecycleActionOver', when + 1),
      ]
    }
    const { tokens } = given(...history).drain
    expect(tokens).toHaveLength(16)
    expect(tokens.at(-1)).toBe(tokenNumber(40))
  })
})
