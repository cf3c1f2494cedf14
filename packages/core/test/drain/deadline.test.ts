import { describe, expect, test } from 'vitest'
import type { AtDeadline } from '../../src/drain/drain-event.ts'
import {
  at,
  event,
  given,
  observation,
  policy,
  ScriptedWorld,
  stoppedTask,
  task,
  taskNumber,
  theCluster,
  throttled,
} from '../../src/testing/index.ts'
import { minutes, seconds } from '../../src/time/instant.ts'

const choosing = (choice: AtDeadline) => policy({ deadline: { after: seconds(60), choice }, stopGrace: seconds(90) })
const standalone = task(2, { group: 'family:batch' })
const draining = [
  event('DrainRequested', 0),
  event('LifecycleHookDescribed', 0),
  event('ContainerInstanceFound', 1),
  event('ContainerInstanceDraining', 1),
  event('TasksRead', 6, { tasks: [task(1), standalone] }),
]
const passes = observation('TimePassed')
const stop = (n: number, reason: string) =>
  ({ type: 'StopTask', cluster: theCluster, task: taskNumber(n), reason }) as const
const stopped = 'ecs-drain: the deadline of the drain has passed'
const replaced = 'ecs-drain: the instance is being replaced'

describe('R9: a deadline, and what was chosen to happen at it', () => {
  test('nothing happens before it', () => {
    given(...draining)
      .when(passes, { at: at(59.999), policy: choosing('continue') })
      .then()
  })

  test('continue lets the instance go', () => {
    given(...draining)
      .when(passes, { at: at(60), policy: choosing('continue') })
      .then(
        event('DeadlineReached', 60, { choice: 'continue' }),
        event('CompletionDecided', 60, { result: 'CONTINUE', because: 'deadline' }),
      )
  })

  test('abandon says ABANDON', () => {
    given(...draining)
      .when(passes, { at: at(60), policy: choosing('abandon') })
      .then(
        event('DeadlineReached', 60, { choice: 'abandon' }),
        event('CompletionDecided', 60, { result: 'ABANDON', because: 'deadline' }),
      )
  })

  test('wait records it, and waits on', () => {
    given(...draining)
      .when(passes, { at: at(60), policy: choosing('wait') })
      .then(event('DeadlineReached', 60, { choice: 'wait' }))
      .owing()
    given(...draining, event('DeadlineReached', 60, { choice: 'wait' }))
      .when(passes, { at: at(99), policy: choosing('wait') })
      .then()
  })

  test('stop-tasks stops every task that has not stopped, the standalone ones too, each once', () => {
    const under = choosing('stop-tasks')
    given(...draining)
      .when(passes, { at: at(60), policy: under })
      .then(event('DeadlineReached', 60, { choice: 'stop-tasks' }))
      .owing(stop(1, stopped), stop(2, stopped))
    const reached = event('DeadlineReached', 60, { choice: 'stop-tasks' })
    given(...draining, reached, event('TaskToldToStop', 61)).owes([stop(2, stopped)], { at: at(61), policy: under })
  })

  test('stop-tasks lets the instance go when they have stopped', () => {
    const world = new ScriptedWorld({ policy: choosing('stop-tasks') })
    world.addInstance(1, [task(1), standalone])
    world.terminate(1)
    world.settle({ until: at(61) })
    expect(world.calls('StopTask').map(({ reason }) => reason)).toEqual([stopped, stopped])
    for (const n of [1, 2]) world.stop(taskNumber(n))
    world.settle()
    expect(world.actions).toMatchObject([{ ended: 'CONTINUE', killed: [] }])
    expect(world.drain()).toMatchObject({ deadline: { choice: 'stop-tasks' }, decision: { because: 'drained' } })
  })

  test('stop-tasks lets the instance go after the grace, whatever still runs', () => {
    const world = new ScriptedWorld({ policy: choosing('stop-tasks') })
    world.addInstance(1, [task(1)])
    world.terminate(1)
    world.settle()
    expect(world.actions).toMatchObject([{ ended: 'CONTINUE', endedAt: at(150), killed: [taskNumber(1)] }])
    expect(world.drain().decision).toEqual({ result: 'CONTINUE', because: 'deadline' })
  })

  test('a StopTask that fails is tried again, and keeps the others from nothing', () => {
    const world = new ScriptedWorld({ policy: choosing('stop-tasks') })
    world.addInstance(1, [task(1), standalone])
    world.terminate(1)
    world.fail('StopTask', throttled)
    world.settle({ until: at(70) })
    expect(world.calls('StopTask').map(({ task: arn }) => arn)).toEqual([taskNumber(1), taskNumber(2), taskNumber(1)])
  })

  test.each([
    ['it is being looked for', [event('DrainRequested', 0)]],
    ['DRAINING is not confirmed', draining.slice(0, 3)],
  ])('it holds also while %s', (_title, history) => {
    given(...history)
      .when(passes, { at: at(60), policy: choosing('continue') })
      .then(
        event('DeadlineReached', 60, { choice: 'continue' }),
        event('CompletionDecided', 60, { result: 'CONTINUE', because: 'deadline' }),
      )
  })

  test('it is kept by a wake-up, to the second', () => {
    const world = new ScriptedWorld({ policy: choosing('continue') })
    world.addInstance(1, [task(1)])
    world.terminate(1)
    world.settle()
    expect(world.actions).toMatchObject([{ ended: 'CONTINUE', endedAt: at(60) }])
  })

  test('one that is reached by the very reading that finds it drained forces nothing', () => {
    const gone = { since: at(61), tasks: [stoppedTask(1), { ...standalone, version: 9, lastStatus: 'STOPPED' }] }
    given(...draining)
      .when(observation('TasksSeen', gone), { at: at(61), policy: choosing('abandon') })
      .then(event('TasksRead', 61, gone), event('CompletionDecided', 61))
  })
})

describe('R11: a standalone task is never stopped by ECS', () => {
  test('it is waited for unless the policy says otherwise', () => {
    given(...draining, event('TaskSeen', 8, { task: stoppedTask(1) })).owes([], { at: at(90) })
    const world = new ScriptedWorld()
    world.addInstance(1, [standalone])
    world.terminate(1)
    for (let sweep = 1; sweep <= 24; sweep += 1) {
      world.settle({ until: at(sweep * 300) })
      world.sweep()
    }
    expect(world.calls('StopTask')).toEqual([])
    expect(world.actions).toMatchObject([{ ended: null }])
  })

  test('it is stopped after the time the policy gives it, and no task of a service is', () => {
    const under = policy({ standaloneAfter: seconds(30) })
    given(...draining, event('WakeUpSent', 8, { wakeAt: at(31) })).owes([], { at: at(30.999), policy: under })
    given(...draining).owes([stop(2, replaced)], { at: at(31), policy: under })
  })

  test('a task of which nothing is known but its name is not taken for one', () => {
    const unknown = { ...task(3), version: 0, lastStatus: 'UNKNOWN', group: '' }
    const under = policy({ standaloneAfter: 0 })
    const history = [...draining.slice(0, 4), event('TasksRead', 6, { tasks: [unknown] })]
    given(...history).owes([], { at: at(40), policy: under })
  })

  test('the instance goes when it has stopped', () => {
    const world = new ScriptedWorld({ policy: policy({ standaloneAfter: minutes(2) }) })
    world.addInstance(1, [standalone])
    world.terminate(1)
    world.settle({ until: at(121) })
    expect(world.calls('StopTask')).toEqual([stop(2, replaced)])
    world.stop(taskNumber(2))
    world.settle()
    expect(world.actions).toMatchObject([{ ended: 'CONTINUE', killed: [] }])
  })
})
