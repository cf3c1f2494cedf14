import { describe, expect, test } from 'vitest'
import { at, ScriptedWorld, task, taskNumber } from '../../src/testing/index.ts'

describe('an instance with two tasks', () => {
  const world = new ScriptedWorld()
  world.addInstance(1, [task(1), task(2)])
  world.terminate(1)
  world.settle()

  test('is asked about, found, set DRAINING, its hook described and its running tasks listed, in this order', () => {
    expect(world.callsToAws()).toEqual([
      'RecordLifecycleActionHeartbeat',
      'ListContainerInstances',
      'UpdateContainerInstancesState',
      'SendWakeUp',
      'DescribeLifecycleHooks',
      'ListTasks',
    ])
    expect(world.drain()).toMatchObject({ phase: 'draining', remaining: 2, readSince: at(5) })
  })

  test('is let go by the STOPPED event of the last of them, after one more reading', () => {
    world.advance(6_000)
    world.ledger.length = 0
    world.stop(taskNumber(1))
    world.settle()
    expect(world.callsToAws()).toEqual([])
    world.stop(taskNumber(2))
    world.settle()
    expect(world.callsToAws()).toEqual([
      'ListTasks',
      'ListTasks',
      'DescribeContainerInstances',
      'CompleteLifecycleAction',
    ])
    expect(world.drain()).toMatchObject({ phase: 'ended', ending: 'completed', decision: { because: 'drained' } })
    expect(world.actions).toMatchObject([{ ended: 'CONTINUE', killed: [] }])
    expect(world.watched()).toEqual([])
  })
})
