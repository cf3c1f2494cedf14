import { describe, expect, test } from 'vitest'
import { fold, type OpenDrain } from '../../src/drain/drain.ts'
import type { DrainEvent } from '../../src/drain/drain-event.ts'
import { retryAt } from '../../src/drain/retry.ts'
import type { CallType } from '../../src/invocation/call.ts'
import type { Failure } from '../../src/observation/failure.ts'
import {
  accessDenied,
  at,
  event,
  given,
  instanceNumber,
  lifecycleAction,
  observation,
  policy,
  ScriptedWorld,
  task,
  taskNumber,
  theCluster,
  theContainerInstance,
  theStream,
  throttled,
  unavailable,
} from '../../src/testing/index.ts'
import { seconds } from '../../src/time/instant.ts'
import { cordoning, locating, settling } from '../support/histories.ts'

const setDraining = { type: 'SetDraining', cluster: theCluster, containerInstance: theContainerInstance } as const
const failed = observation('EffectFailed', { effect: 'SetDraining' })

describe('R10: an API that fails means wait and try again', () => {
  test('a failure is recorded with its reason and the time of the next attempt', () => {
    const { events } = given(...cordoning).when(failed, { at: at(2) })
    expect(events).toMatchObject([{ type: 'EffectFailed', effect: 'SetDraining', failure: throttled }])
    const [recorded] = events
    if (recorded?.type !== 'EffectFailed') throw new Error('nothing recorded')
    expect(recorded.retryAt).toBeGreaterThanOrEqual(at(3))
    expect(recorded.retryAt).toBeLessThanOrEqual(at(3.5))
  })

  test('until then it is not owed, and a wake-up is; from then on it is owed', () => {
    const history = [...cordoning, event('LifecycleHookDescribed', 1), event('EffectFailed', 2, { retryAt: at(3) })]
    given(...history).owes([{ type: 'SendWakeUp', stream: theStream, at: at(3), hops: 1 }], { at: at(2) })
    given(...history).owes([setDraining], { at: at(3) })
  })

  test('another effect that is owed does not wait for it', () => {
    const history = [...cordoning, event('EffectFailed', 2, { retryAt: at(3) })]
    given(...history).owes([{ type: 'DescribeLifecycleHook', action: lifecycleAction() }], { at: at(2) })
  })

  test('two that wait for their next attempts are both not owed', () => {
    const history = [
      ...cordoning,
      event('EffectFailed', 2, { retryAt: at(9) }),
      event('EffectFailed', 2, { effect: 'DescribeLifecycleHook', retryAt: at(8) }),
    ]
    given(...history).owes([{ type: 'SendWakeUp', stream: theStream, at: at(8), hops: 1 }], { at: at(3) })
  })

  test('while the container instance cannot be looked for, the hook is asked about', () => {
    const history = [...locating, event('EffectFailed', 1, { effect: 'FindContainerInstance', retryAt: at(9) })]
    given(...history).owes([{ type: 'DescribeLifecycleHook', action: lifecycleAction() }], { at: at(2) })
  })

  test('one task that could not be stopped does not keep another from being told', () => {
    const history = [
      ...cordoning,
      event('ContainerInstanceDraining', 2),
      event('LifecycleHookDescribed', 2),
      event('TasksRead', 8, { tasks: [task(1), task(2)] }),
      event('DeadlineReached', 60, { choice: 'stop-tasks' }),
      event('EffectFailed', 61, { effect: 'StopTask', task: taskNumber(1), retryAt: at(90) }),
    ]
    const reason = 'ecs-drain: the deadline of the drain has passed'
    given(...history).owes([{ type: 'StopTask', cluster: theCluster, task: taskNumber(2), reason }], { at: at(61) })
  })

  test('each wait is twice the one before, up to the longest, and half as long again at most', () => {
    let history: ReadonlyArray<DrainEvent> = [...cordoning]
    const waits: Array<number> = []
    for (let attempt = 0; attempt < 12; attempt += 1) {
      const { events } = given(...history).when(failed, { at: at(1_000) })
      const [recorded] = events
      if (recorded?.type !== 'EffectFailed') throw new Error('nothing recorded')
      waits.push((recorded.retryAt - at(1_000)) / 1_000)
      history = [...history, recorded]
    }
    waits.forEach((wait, attempt) => {
      const least = Math.min(60, 2 ** attempt)
      expect(wait).toBeGreaterThanOrEqual(least)
      expect(wait).toBeLessThanOrEqual(least * 1.5)
    })
    expect(waits.at(-1)).toBeGreaterThanOrEqual(60)
  })

  test('only a heartbeat is tried again sooner where its hook is impatient', () => {
    const described = event('LifecycleHookDescribed', 7, { heartbeatTimeout: seconds(30) })
    const waitOf = (effect: 'RecordHeartbeat' | 'ReadTasks'): number => {
      const failedOften = Array.from({ length: 6 }, () => event('EffectFailed', 10, { effect }))
      const again = observation('EffectFailed', { effect, failure: unavailable })
      const [recorded] = given(...settling, described, ...failedOften).when(again, { at: at(20) }).events
      return recorded?.type === 'EffectFailed' ? recorded.retryAt - at(20) : 0
    }
    expect(waitOf('ReadTasks')).toBeGreaterThanOrEqual(seconds(60))
    expect(waitOf('RecordHeartbeat')).toBeGreaterThanOrEqual(seconds(30) / 8)
    expect(waitOf('RecordHeartbeat')).toBeLessThanOrEqual((seconds(30) / 8) * 1.5)
  })

  test('a success starts from the first wait again', () => {
    const failedReading = event('EffectFailed', 10, { effect: 'ReadTasks' })
    const history = [...settling, ...Array.from({ length: 6 }, () => failedReading)]
    const waitAfter = (events: ReadonlyArray<DrainEvent>): number => {
      const again = observation('EffectFailed', { effect: 'ReadTasks', failure: unavailable })
      const [recorded] = given(...events).when(again, { at: at(100) }).events
      return recorded?.type === 'EffectFailed' ? recorded.retryAt - at(100) : 0
    }
    expect(waitAfter(history)).toBeGreaterThanOrEqual(seconds(60))
    expect(waitAfter([...history, event('TasksRead', 60, { tasks: [task(1)] })])).toBeLessThanOrEqual(seconds(1.5))
    expect(waitAfter([...history, event('LifecycleActionHeartbeatRecorded', 60)])).toBeGreaterThanOrEqual(seconds(60))
  })

  test.each([
    ['FindContainerInstance', event('ContainerInstanceFound', 9)],
    ['FindContainerInstance', event('ContainerInstanceNotFound', 9)],
    ['SetDraining', event('ContainerInstanceDraining', 9)],
    ['DescribeLifecycleHook', event('LifecycleHookDescribed', 9)],
    ['ReadTasks', event('TasksRead', 9)],
    ['ReadTasks', event('DrainingUndone', 9)],
    ['StopTask', event('TaskToldToStop', 9, { task: taskNumber(1) })],
    ['RecordHeartbeat', event('LifecycleActionHeartbeatRecorded', 9)],
    ['SendWakeUp', event('WakeUpSent', 9)],
    ['SetActive', event('ContainerInstanceActivated', 9)],
  ] as const)('%s that succeeded (%o) has failed no more, and every other effect has', (effect, success) => {
    const of = effect === 'StopTask' ? taskNumber(1) : null
    const failures = [
      event('EffectFailed', 5, { effect, task: of }),
      event('EffectFailed', 5, { effect, task: taskNumber(2) }),
      event('EffectFailed', 5, { effect: 'CompleteLifecycleAction' }),
    ]
    expect(fold([...cordoning, ...failures, success]).failures).toMatchObject([
      { effect, task: taskNumber(2), attempts: 1 },
      { effect: 'CompleteLifecycleAction', attempts: 1 },
    ])
  })

  test('a container instance that is lost is looked for again after its grace, and not at once', () => {
    const history = [...settling, event('ContainerInstanceLost', 9, { retryAt: at(19) })]
    given(...history).owes([{ type: 'SendWakeUp', stream: theStream, at: at(19), hops: 1 }], { at: at(10) })
    expect(given(...history).drain.failures).toMatchObject([{ effect: 'FindContainerInstance', attempts: 1 }])
  })

  test('a throttled reading waits five times as long, and a throttled heartbeat does not', () => {
    const waitOf = (effect: 'ReadTasks' | 'RecordHeartbeat'): number => {
      const [recorded] = given(...settling).when(observation('EffectFailed', { effect, failure: throttled }), {
        at: at(100),
      }).events
      return recorded?.type === 'EffectFailed' ? recorded.retryAt - at(100) : 0
    }
    expect(waitOf('ReadTasks')).toBeGreaterThanOrEqual(seconds(5))
    expect(waitOf('RecordHeartbeat')).toBeLessThanOrEqual(seconds(1.5))
  })

  test('each effect, and each task that is to be stopped, waits by its own failures alone', () => {
    const reading = event('EffectFailed', 10, { effect: 'ReadTasks' })
    const stopping = event('EffectFailed', 10, { effect: 'StopTask', task: taskNumber(1) })
    const history = [...settling, ...Array.from({ length: 6 }, () => [reading, stopping]).flat()]
    const firstWaitOf = (
      effect: 'RecordHeartbeat' | 'StopTask',
      ofTask: ReturnType<typeof taskNumber> | null,
    ): number => {
      const again = observation('EffectFailed', { effect, task: ofTask })
      const [recorded] = given(...history).when(again, { at: at(100) }).events
      return recorded?.type === 'EffectFailed' ? recorded.retryAt - at(100) : 0
    }
    expect(firstWaitOf('RecordHeartbeat', null)).toBeLessThanOrEqual(seconds(1.5))
    expect(firstWaitOf('StopTask', taskNumber(2))).toBeLessThanOrEqual(seconds(1.5))
    expect(firstWaitOf('StopTask', taskNumber(1))).toBeGreaterThanOrEqual(seconds(60))
  })

  test('a hundred drains that were throttled together do not come back together', () => {
    const { drain } = given(...cordoning)
    const instants = Array.from({ length: 100 }, (_, n) => {
      const throttledOne = { ...drain, action: lifecycleAction({ instance: instanceNumber(n + 1) }) } as OpenDrain
      return retryAt(
        throttledOne,
        'SetDraining',
        null,
        throttled,
        0,
        policy({ retry: { first: seconds(20), most: seconds(60) } }),
      )
    })
    expect(Math.min(...instants)).toBeGreaterThanOrEqual(seconds(20))
    expect(Math.max(...instants)).toBeLessThanOrEqual(seconds(30))
    expect(new Set(instants).size).toBeGreaterThan(90)
    expect(Math.max(...instants) - Math.min(...instants)).toBeGreaterThan(seconds(8))
  })
})

describe('R10: no failure of any call gives up on the host', () => {
  const calls: ReadonlyArray<CallType> = [
    'ListContainerInstances',
    'UpdateContainerInstancesState',
    'DescribeLifecycleHooks',
    'SendWakeUp',
    'ListTasks',
    'DescribeTasks',
    'DescribeContainerInstances',
    'RecordLifecycleActionHeartbeat',
    'CompleteLifecycleAction',
  ]
  const failures: ReadonlyArray<Failure> = [
    throttled,
    unavailable,
    accessDenied,
    { type: 'TimedOut', message: 'no answer' },
  ]

  test.each(calls.flatMap((call) => failures.map((failure) => [call, failure.type, failure] as const)))(
    '%s %s seven times',
    (call, _kind, failure) => {
      const world = new ScriptedWorld({ policy: policy({ sweepEvery: seconds(60) }) })
      world.addInstance(1, [task(1)])
      world.fail(call, failure, { times: 7 })
      world.terminate(1)
      for (let minute = 1; minute <= 20; minute += 1) {
        world.settle({ until: at(minute * 60) })
        world.sweep()
      }
      expect(world.actions).toMatchObject([{ ended: null }])
      world.stop(taskNumber(1))
      for (let minute = 21; minute <= 30; minute += 1) {
        world.settle({ until: at(minute * 60) })
        world.sweep()
      }
      expect(world.actions).toMatchObject([{ ended: 'CONTINUE', killed: [] }])
      expect(world.drain()).toMatchObject({ phase: 'ended' })
    },
  )
})
