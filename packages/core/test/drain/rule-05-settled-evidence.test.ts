import { describe, expect, test } from 'vitest'
import { effectsOwed } from '../../src/effect/effects-owed.ts'
import {
  at,
  event,
  given,
  instanceNumber,
  lifecycleAction,
  observation,
  policy,
  ScriptedWorld,
  stoppingTask,
  task,
  taskNumber,
  theStream,
} from '../../src/testing/index.ts'
import { seconds } from '../../src/time/instant.ts'
import { draining, settling } from '../support/histories.ts'
import { readTasks } from '../support/read-tasks.ts'

const readRunning = readTasks('running')

const empty = (since: number) => observation('TasksSeen', { scope: 'all', since: at(since) })

describe('R5: the tasks are evidence only if read after DRAINING was confirmed plus a settle time', () => {
  test('nothing is read before the settle time; a wake-up is sent for its end', () => {
    given(...settling).owes([{ type: 'SendWakeUp', stream: theStream, at: at(7), hops: 1 }], { at: at(2) })
    given(...settling).owes([{ type: 'SendWakeUp', stream: theStream, at: at(7), hops: 1 }], { at: at(6) })
    given(...settling).owes([readRunning], { at: at(7) })
  })

  test('drains that began together are not read together: each has its own instant in the time they are spread over', () => {
    const together = policy({ spreadReads: seconds(15) })
    const dueOf = (number: number): number => {
      const action = lifecycleAction({ instance: instanceNumber(number) })
      const begun = given(event('DrainRequested', 0, { action }), ...settling.slice(1))
      const [wakeUp] = effectsOwed(begun.drain, at(2), together, 0)
      const due = wakeUp?.type === 'SendWakeUp' ? wakeUp.at : Number.NaN
      begun.owes([readRunning], { at: due, policy: together })
      return due
    }
    const dues = Array.from({ length: 100 }, (_, index) => dueOf(index + 1))
    expect(Math.min(...dues)).toBeGreaterThanOrEqual(at(7))
    expect(Math.max(...dues)).toBeLessThan(at(22))
    const perSecond = Array.from(
      { length: 15 },
      (_, second) => dues.filter((due) => Math.floor((due - at(7)) / 1000) === second).length,
    )
    expect(Math.max(...perSecond)).toBeLessThanOrEqual(20)
  })

  test('a reading that began before it is kept and decides nothing', () => {
    given(...settling)
      .when(empty(6), { at: at(9) })
      .then(event('TasksRead', 9, { since: at(6) }))
      .owing(readRunning)
  })

  test('a reading that began at it, and found none, waits for a second that is a settle time younger', () => {
    given(...settling)
      .when(empty(7), { at: at(9) })
      .then(event('TasksRead', 9, { since: at(7) }))
      .owing({ type: 'SendWakeUp', stream: theStream, at: at(14), hops: 1 })
    const readOnce = [...settling, event('TasksRead', 9, { since: at(7) })]
    given(...readOnce).owes([readTasks('all')], { at: at(14) })
    given(...readOnce)
      .when(empty(14), { at: at(15) })
      .then(event('TasksRead', 15, { since: at(14) }), event('CompletionDecided', 15))
    given(...readOnce)
      .when(empty(13), { at: at(15) })
      .then(event('TasksRead', 15, { since: at(13) }))
  })

  // Found by `ecs-drain check slow-functions`: both readings fell into the moment in which a task was told to stop.
  test('a reading whose calls took longer than the settle time is as young as its end', () => {
    const slow = [...settling, event('TasksRead', 15, { since: at(7) })]
    given(...slow)
      .when(empty(15), { at: at(16) })
      .then(event('TasksRead', 16, { since: at(15) }))
    given(...slow).owes([{ type: 'SendWakeUp', stream: theStream, at: at(20), hops: 1 }], { at: at(15) })
    given(...slow)
      .when(empty(20), { at: at(21) })
      .then(event('TasksRead', 21, { since: at(20) }), event('CompletionDecided', 21))
  })

  test('a reading that began before the last one had ended puts off nothing', () => {
    const overlapped = [
      ...settling,
      event('TasksRead', 15, { scope: 'running', since: at(7) }),
      event('TasksRead', 27, { since: at(16) }),
      event('TasksRead', 30, { since: at(17) }),
    ]
    given(...overlapped).owes([{ type: 'SendWakeUp', stream: theStream, at: at(32), hops: 1 }], { at: at(30) })
    given(...overlapped)
      .when(empty(32), { at: at(40) })
      .then(event('TasksRead', 40, { since: at(32) }), event('CompletionDecided', 40))
  })

  test('a task that is told to stop between the two lists, and is in neither, is found by the second reading', () => {
    const between = stoppingTask(1)
    given(...settling, event('TasksRead', 9, { since: at(7) }))
      .when(observation('TasksSeen', { scope: 'all', since: at(14), tasks: [between] }), { at: at(15) })
      .then(event('TasksRead', 15, { since: at(14), tasks: [between] }))
  })

  test('a reading of the known tasks alone decides nothing', () => {
    const { events } = given(...draining(task(1))).when(
      observation('TasksSeen', {
        scope: 'known',
        since: at(60),
        tasks: [{ ...task(1), version: 9, lastStatus: 'STOPPED' }],
      }),
      { at: at(60) },
    )
    expect(events.map(({ type }) => type)).toEqual(['TasksRead'])
  })

  test("the settle time is the policy's", () => {
    const patient = policy({ settle: seconds(30) })
    given(...settling)
      .when(empty(31), { at: at(33), policy: patient })
      .then(event('TasksRead', 33, { since: at(31) }))
    given(...settling).owes([readRunning], { at: at(32), policy: patient })
  })

  test('a task placed after the first look, while DRAINING settled, is found', () => {
    const world = new ScriptedWorld()
    world.addInstance(1)
    world.terminate(1)
    world.settle({ until: at(2) })
    expect(world.instances).toMatchObject([{ status: 'DRAINING' }])
    world.place(1, task(1, { lastStatus: 'PENDING' }))
    world.settle({ until: at(60) })
    expect(world.drain()).toMatchObject({ phase: 'draining', remaining: 1 })
    world.stop(taskNumber(1))
    world.settle()
    expect(world.actions).toMatchObject([{ ended: 'CONTINUE', killed: [] }])
  })

  test('a container instance that was lost and found again settles anew', () => {
    const again = [
      ...draining(task(1)),
      event('ContainerInstanceLost', 10, { retryAt: at(30) }),
      event('ContainerInstanceFound', 30),
      event('ContainerInstanceDraining', 31),
      event('LifecycleHookDescribed', 31),
    ]
    given(...again).owes([{ type: 'SendWakeUp', stream: theStream, at: at(36), hops: 1 }], { at: at(31) })
    given(...again)
      .when(empty(35), { at: at(35) })
      .then(event('TasksRead', 35, { since: at(35) }))
    given(...again).owes([{ ...readRunning, remaining: [taskNumber(1)] }], { at: at(36) })
  })
})
