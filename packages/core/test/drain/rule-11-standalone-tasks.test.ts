import { describe, expect, test } from 'vitest'
import { isStandalone, undescribed } from '../../src/drain/known-tasks.ts'
import {
  at,
  event,
  given,
  policy,
  ScriptedWorld,
  stoppedTask,
  stoppingTask,
  task,
  taskNumber,
  theCluster,
} from '../../src/testing/index.ts'
import { minutes } from '../../src/time/instant.ts'
import { draining } from '../support/histories.ts'
import { readTasks } from '../support/read-tasks.ts'

const batch = task(1, { group: 'family:batch' })
const stop = {
  type: 'StopTask',
  cluster: theCluster,
  task: taskNumber(1),
  reason: 'ecs-drain: the instance is being replaced',
} as const

describe('R11: tasks of no service are never stopped by ECS', () => {
  test('they are waited for, unless the policy says otherwise', () => {
    given(...draining(batch)).owes([], { at: at(100) })
    const world = new ScriptedWorld()
    world.addInstance(1, [batch])
    world.terminate(1)
    world.settle({ until: at(600) })
    expect(world.calls('StopTask')).toEqual([])
    expect(world.drain()).toMatchObject({ phase: 'draining', remaining: 1 })
  })

  test('one that a list holds and nothing describes yet may be a service’s', () => {
    expect(isStandalone(undescribed(taskNumber(1)))).toBe(false)
    expect(isStandalone(batch)).toBe(true)
  })

  test('after the time that the policy gives them they are told to stop, counted from DRAINING', () => {
    const after = policy({ standaloneAfter: minutes(1) })
    given(...draining(batch)).owes(
      [{ type: 'SendWakeUp', stream: 'ec2-instance/i-00000000000000001' as never, at: at(62), hops: 1 }],
      { at: at(10), policy: after },
    )
    given(...draining(batch)).owes([stop], { at: at(62), policy: after })
  })

  test('who is standalone, the lists do not say: the tasks are described before any is told to stop', () => {
    const after = policy({ standaloneAfter: minutes(1) })
    const listed = given(...draining(task(2), undescribed(taskNumber(1))))
    listed.owes([], { at: at(61), policy: policy() })
    listed.owes([readTasks('known', { remaining: [taskNumber(2), taskNumber(1)] })], { at: at(62), policy: after })
    given(
      ...draining(task(2), undescribed(taskNumber(1))),
      event('TasksRead', 62, { scope: 'known', tasks: [batch] }),
    ).owes([stop], { at: at(62), policy: after })
  })

  test.each([
    ['for no reason', []],
    ['for a reason that says nothing', [{ arn: taskNumber(1), reason: 'ACCESS' }]],
  ])(
    'one that a description leaves out, %s, is described again by the next sweep, and not on and on',
    (_why, failures) => {
      const world = new ScriptedWorld({ policy: policy({ standaloneAfter: minutes(1) }) })
      world.addInstance(1, [batch])
      world.answerWith('DescribeTasks', () => ({ tasks: [], failures }))
      world.terminate(1)
      world.settle({ until: at(120) })
      expect(world.calls('DescribeTasks').length).toBe(1)
      world.answerWith('DescribeTasks', () => ({ tasks: [batch], failures: [] }))
      world.sweep()
      expect(world.calls('StopTask')).toEqual([stop])
    },
  )

  test("a service's tasks are not, nor is one that has stopped or was told", () => {
    const after = policy({ standaloneAfter: 0 })
    const others = [task(2), stoppedTask(3, { group: 'family:batch' })]
    given(...draining(...others)).owes([], { at: at(100), policy: after })
    given(...draining(batch, ...others)).owes([stop], { at: at(100), policy: after })
    given(...draining(batch), event('TaskToldToStop', 60)).owes([], { at: at(100), policy: after })
  })

  test('one that was told is not told again when it is seen on its way', () => {
    const after = policy({ standaloneAfter: 0 })
    const told = [...draining(batch), event('TaskToldToStop', 60)]
    const onItsWay = stoppingTask(1, { group: 'family:batch' })
    given(...told, event('TaskSeen', 61, { task: onItsWay })).owes([], { at: at(100), policy: after })
    const read = event('TasksRead', 61, { scope: 'known', tasks: [onItsWay] })
    given(...told, read).owes([], { at: at(100), policy: after })
  })

  test('the instance waits until they have stopped', () => {
    const world = new ScriptedWorld({ policy: policy({ standaloneAfter: minutes(1) }) })
    world.addInstance(1, [batch, task(2)])
    world.terminate(1)
    world.settle({ until: at(120) })
    expect(world.calls('StopTask').map(({ task: told }) => told)).toEqual([taskNumber(1)])
    expect(world.actions).toMatchObject([{ ended: null }])
    world.stop(taskNumber(2))
    world.stop(taskNumber(1))
    world.settle()
    expect(world.actions).toMatchObject([{ ended: 'CONTINUE', killed: [] }])
  })
})
