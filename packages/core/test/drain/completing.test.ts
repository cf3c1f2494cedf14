import { describe, expect, test } from 'vitest'
import {
  accessDenied,
  at,
  event,
  given,
  lifecycleAction,
  observation,
  ScriptedWorld,
  stoppedTask,
  task,
  throttled,
  tokenNumber,
  unavailable,
} from '../../src/testing/index.ts'
import { minutes } from '../../src/time/instant.ts'

const draining = [
  event('DrainRequested', 0),
  event('LifecycleHookDescribed', 0),
  event('ContainerInstanceFound', 1),
  event('ContainerInstanceDraining', 1),
  event('TasksRead', 6, { tasks: [task(1)] }),
]
const completing = [...draining, event('TaskSeen', 10, { task: stoppedTask(1) }), event('CompletionDecided', 11)]
const complete = { type: 'CompleteLifecycleAction', action: lifecycleAction(), result: 'CONTINUE' } as const

describe('R7: the lifecycle action completes with CONTINUE and its own token', () => {
  test('once, and by hook, group, token and instance as they were announced', () => {
    const world = new ScriptedWorld()
    world.addInstance(1)
    world.terminate(1)
    world.settle()
    expect(world.calls('CompleteLifecycleAction')).toEqual([complete])
  })

  test('by instance id where the sweep found it and the token is not known', () => {
    given(event('DrainRequested', 0, { action: lifecycleAction({ token: null }) }), ...completing.slice(1)).owes(
      [{ ...complete, action: lifecycleAction({ token: null }) }],
      { at: at(12) },
    )
  })

  test('a completion that is repeated after a crash finds the action over, and knows it was its own', () => {
    const world = new ScriptedWorld()
    world.addInstance(1)
    world.terminate(1)
    // It takes effect, and the answer is lost; the next attempt hears "No active Lifecycle Action found".
    world.fail('CompleteLifecycleAction', { type: 'TimedOut', message: 'no answer' }, { takesEffect: true })
    world.settle()
    expect(world.actions).toMatchObject([{ ended: 'CONTINUE' }])
    expect(world.drain()).toMatchObject({ phase: 'ended', ending: 'over', decision: { because: 'drained' } })
    expect(world.watched()).toEqual([])
  })

  test('the answer to the first attempt, when it comes after the second heard that it is over, says whose it was', () => {
    given(...completing, event('LifecycleActionOver', 12))
      .when(observation('CompletionAccepted'), { at: at(13) })
      .then(event('LifecycleActionCompleted', 13))
      .owing()
  })

  test('and an action that was over before anything was decided is nobody’s', () => {
    given(...draining, event('LifecycleActionOver', 12, { of: 'heartbeat' }))
      .when(observation('CompletionAccepted'), { at: at(13) })
      .then()
  })

  test('what is decided stays decided, whatever is seen after it', () => {
    given(...completing)
      .when(observation('TaskSeen', { task: task(2) }), { at: at(12) })
      .then()
      .owing(complete)
    given(...completing)
      .when(observation('TasksSeen', { tasks: [task(2)] }), { at: at(12) })
      .then()
      .owing(complete)
  })
})

describe('R10: an API that fails means wait and try again', () => {
  test('with waits that double up to a minute, a little different for each instance', () => {
    const world = new ScriptedWorld()
    world.addInstance(1)
    world.terminate(1)
    world.fail('ListTasks', throttled, { times: 9 })
    for (let minute = 1; minute <= 30; minute += 1) {
      world.settle({ until: at(minute * 60) })
      if (minute % 5 === 0) world.sweep()
    }
    const attempts = world.ledger.flatMap(({ at: when, call, reply }) =>
      call.type === 'ListTasks' && reply.type === 'failed' ? [(when - at(0)) / 1_000] : [],
    )
    const waits = attempts.slice(1).map((when, index) => when - (attempts[index] ?? 0))
    expect(attempts).toHaveLength(9)
    waits.forEach((wait, index) => {
      const least = Math.min(60, 2 ** index)
      expect(wait).toBeGreaterThanOrEqual(least)
      expect(wait).toBeLessThanOrEqual(least * 1.5)
    })
    expect(world.drain().phase).toBe('ended')
  })

  test('and success starts the waits from the beginning', () => {
    const failed = [1, 2, 3].map((second) => event('EffectFailed', second, { effect: 'ReadTasks' }))
    expect(given(...draining, ...failed).drain.failures).toMatchObject([{ effect: 'ReadTasks', attempts: 3 }])
    expect(given(...draining, ...failed, event('TasksRead', 9)).drain.failures).toEqual([])
  })

  test.each([throttled, unavailable, accessDenied])(
    'no failure of any call ever completes the action: $type',
    (failure) => {
      const world = new ScriptedWorld()
      world.addInstance(1, [task(1)])
      world.terminate(1)
      for (const type of [
        'ListTasks',
        'DescribeTasks',
        'ListContainerInstances',
        'UpdateContainerInstancesState',
      ] as const) {
        world.fail(type, failure, { times: Number.POSITIVE_INFINITY })
      }
      while (world.now < at(0) + minutes(120)) {
        world.settle({ until: world.now + minutes(5) })
        world.sweep()
      }
      expect(world.calls('CompleteLifecycleAction')).toEqual([])
      expect(world.actions).toMatchObject([{ ended: null }])
      world.mend()
      world.stop(task(1).arn)
      world.settle({ until: world.now + minutes(5) })
      world.sweep()
      world.settle({ until: world.now + minutes(5) })
      expect(world.actions).toMatchObject([{ ended: 'CONTINUE', killed: [] }])
    },
  )
})

describe('S4: one answer per action, and stale notices change nothing', () => {
  const again = (token: number, announced: number) =>
    observation('TerminationAnnounced', {
      action: lifecycleAction({ token: tokenNumber(token) }),
      announcedAt: at(announced),
    })

  test('the same notice again is nothing while the drain is open', () => {
    given(...draining)
      .when(again(1, 0), { at: at(20) })
      .then()
  })

  test('the same notice again is nothing after it ended', () => {
    given(...completing, event('LifecycleActionCompleted', 12))
      .when(again(1, 0), { at: at(20) })
      .then()
      .owing()
  })

  test('a newer termination of the same instance supersedes an open drain', () => {
    given(...draining)
      .when(again(2, 50), { at: at(51) })
      .then(
        event('DrainSuperseded', 51),
        event('DrainRequested', 51, { action: lifecycleAction({ token: tokenNumber(2) }), announcedAt: at(50) }),
      )
  })

  test('and nothing of the old one is left in the new one', () => {
    const superseded = given(...draining, event('DeadlineReached', 20)).when(again(2, 50), { at: at(51) }).drain
    expect(superseded).toMatchObject({
      phase: 'locating',
      tasks: [],
      remaining: 0,
      deadline: null,
      containerInstance: null,
    })
  })

  test('a newer termination after the end begins another drain', () => {
    given(...completing, event('LifecycleActionCompleted', 12))
      .when(again(2, 50), { at: at(51) })
      .then(event('DrainRequested', 51, { action: lifecycleAction({ token: tokenNumber(2) }), announcedAt: at(50) }))
  })

  test('a late duplicate of an old notice does not supersede the newer drain', () => {
    const second = event('DrainRequested', 51, {
      action: lifecycleAction({ token: tokenNumber(2) }),
      announcedAt: at(50),
    })
    given(...completing, event('LifecycleActionCompleted', 12), second)
      .when(again(1, 0), { at: at(60) })
      .then()
  })

  test('an unknown token that was announced earlier is an old one', () => {
    given(event('DrainRequested', 50))
      .when(again(9, 10), { at: at(60) })
      .then()
  })

  test('a notice of another hook of ours does not supersede', () => {
    const other = lifecycleAction({ hook: 'other' as never, token: tokenNumber(2) })
    given(...draining)
      .when(observation('TerminationAnnounced', { action: other, announcedAt: at(50) }), { at: at(51) })
      .then()
  })
})
