import { describe, expect, test } from 'vitest'
import {
  at,
  event,
  given,
  givenDrain,
  id,
  observation,
  ScriptedWorld,
  stoppedTask,
  stoppingTask,
  task,
  taskNumber,
  taskStatuses,
} from '../../src/testing/index.ts'
import { draining, settling } from '../support/histories.ts'

describe('R4: a task has gone when its lastStatus is STOPPED, and not before', () => {
  test.each(taskStatuses.filter((status) => status !== 'STOPPED'))('a task that is %s remains', (lastStatus) => {
    const seen = task(1, { lastStatus, desiredStatus: 'STOPPED' })
    const { events, drain } = given(...settling).when(
      observation('TasksSeen', { since: at(7), tasks: [seen, stoppedTask(2)] }),
      { at: at(8) },
    )
    expect(events.map(({ type }) => type)).toEqual(['TasksRead'])
    expect(drain.remaining).toBe(1)
  })

  test('a status that nobody has heard of remains as well', () => {
    const seen = task(1, { lastStatus: 'HIBERNATING', version: 9 })
    expect(given(...draining(seen)).drain.remaining).toBe(1)
  })

  test('one that is DELETED, which comes after STOPPED, has gone as well, and is not back', () => {
    const deleted = task(1, { lastStatus: 'DELETED', desiredStatus: 'STOPPED', version: 9 })
    expect(given(...draining(task(1)), event('TaskSeen', 20, { task: deleted })).drain.remaining).toBe(0)
    const known = given(...draining(stoppedTask(1), task(2)), event('TaskSeen', 20, { task: deleted }))
    expect(known.drain.remaining).toBe(1)
  })

  test('none left lets the instance go', () => {
    const both = [stoppedTask(1), stoppedTask(2)]
    given(...settling, event('TasksRead', 8, { since: at(7), tasks: [task(1), task(2)] }))
      .when(observation('TasksSeen', { since: at(13), tasks: both }), { at: at(14) })
      .then(
        event('TasksRead', 14, { since: at(13), tasks: both }),
        event('CompletionDecided', 14, { result: 'CONTINUE', because: 'drained' }),
      )
  })

  test('a task that is being stopped is in the STOPPED list only, and holds the instance', () => {
    const world = new ScriptedWorld()
    world.addInstance(1, [stoppingTask(1)])
    world.terminate(1)
    world.settle({ until: at(60) })
    expect(world.calls('ListTasks').map(({ desiredStatus }) => desiredStatus)).toEqual(['RUNNING', 'STOPPED'])
    expect(world.drain()).toMatchObject({ phase: 'draining', remaining: 1 })
    world.stop(taskNumber(1))
    world.settle()
    expect(world.actions).toMatchObject([{ ended: 'CONTINUE', killed: [] }])
  })

  test('every page of both lists is read, and who is being stopped is described, by the hundred', () => {
    const world = new ScriptedWorld({ pageSize: 100 })
    const running = Array.from({ length: 130 }, (_, n) => task(n + 1))
    const stopping = Array.from({ length: 120 }, (_, n) => stoppingTask(n + 131))
    world.addInstance(1, [...running, ...stopping])
    world.terminate(1)
    world.settle({ until: at(60) })
    expect(world.drain()).toMatchObject({ phase: 'draining', remaining: 130 })
    for (const { arn } of running) world.stop(arn)
    world.settle({ until: at(90) })
    expect(world.calls('ListTasks')).toMatchObject([
      { desiredStatus: 'RUNNING', nextToken: null },
      { desiredStatus: 'RUNNING', nextToken: '100' },
      { desiredStatus: 'RUNNING', nextToken: null },
      { desiredStatus: 'STOPPED', nextToken: null },
      { desiredStatus: 'STOPPED', nextToken: '100' },
      { desiredStatus: 'STOPPED', nextToken: '200' },
    ])
    expect(world.calls('DescribeTasks').map(({ tasks }) => tasks.length)).toEqual([100, 20])
    expect(world.drain()).toMatchObject({ phase: 'draining', remaining: 120 })
    for (const { arn } of stopping) world.stop(arn)
    world.settle()
    expect(world.actions).toMatchObject([{ ended: 'CONTINUE', killed: [] }])
    // The confirming reading describes none of those that are known to have stopped.
    expect(world.calls('DescribeTasks')).toHaveLength(2)
  })

  test('a task that nobody has told to stop holds the instance without a description, until its own STOPPED event', () => {
    const world = new ScriptedWorld()
    world.addInstance(1, [task(1)])
    world.terminate(1)
    world.settle({ until: at(60) })
    expect(world.calls('DescribeTasks')).toEqual([])
    expect(world.drain()).toMatchObject({
      phase: 'draining',
      remaining: 1,
      tasks: [{ arn: taskNumber(1), version: 0 }],
    })
    world.stop(taskNumber(1))
    world.settle()
    expect(world.actions).toMatchObject([{ ended: 'CONTINUE', killed: [] }])
  })

  test('a task on the last page of the last list holds the instance', () => {
    const world = new ScriptedWorld({ pageSize: 2 })
    world.addInstance(1, [
      ...[1, 2, 3].map((n) => stoppedTask(n)),
      stoppingTask(4),
      ...[5, 6].map((n) => stoppedTask(n)),
      stoppingTask(7),
    ])
    world.terminate(1)
    world.settle({ until: at(60) })
    expect(world.drain()).toMatchObject({ phase: 'draining', remaining: 2 })
  })

  test('a task that a list holds and DescribeTasks does not know remains, until it is described', () => {
    const undescribed = given(...settling).when(
      observation('TasksSeen', { since: at(7), undescribed: [taskNumber(1)] }),
      { at: at(8) },
    )
    expect(undescribed.drain).toMatchObject({ phase: 'draining', remaining: 1 })
    const known = given(...settling, ...undescribed.events)
    expect(known.when(observation('TaskSeen', { task: task(1) }), { at: at(9) }).drain.remaining).toBe(1)
    expect(known.when(observation('TaskSeen', { task: stoppedTask(1) }), { at: at(9) }).drain.remaining).toBe(0)
  })

  test('a task that ECS has forgotten has stopped, an hour or more ago', () => {
    const { drain } = given(...draining(task(1))).when(
      observation('TasksSeen', { scope: 'known', since: at(9_000), forgotten: [taskNumber(1)] }),
      { at: at(9_000) },
    )
    expect(drain.remaining).toBe(0)
    // It is not believed for ever: a later reading may list it again.
    const again = observation('TasksSeen', { since: at(9_010), undescribed: [taskNumber(1)] })
    const { events } = givenDrain(drain).when(again, { at: at(9_010) })
    expect(events.map(({ type }) => type)).toEqual(['TasksRead'])
  })

  test('a task that an answer leaves out, for another reason than MISSING or for none, is as it was', () => {
    for (const failures of [[], [{ arn: taskNumber(1), reason: 'ACCESS_DENIED' }]]) {
      const world = new ScriptedWorld()
      world.addInstance(1, [stoppingTask(1)])
      world.terminate(1)
      world.settle({ until: at(60) })
      world.answerWith('DescribeTasks', () => ({ tasks: [], failures }))
      world.advance(300_000)
      world.sweep()
      world.settle({ until: at(500) })
      expect(world.drain()).toMatchObject({ phase: 'draining', remaining: 1 })
      expect(world.actions).toMatchObject([{ ended: null }])
    }
  })

  test('a task that one description has not found, and that a list still holds, is found again before anything is let go', () => {
    const world = new ScriptedWorld()
    world.addInstance(1, [task(1)])
    world.terminate(1)
    world.settle({ until: at(60) })
    world.answerWith('DescribeTasks', ({ tasks }) => ({
      tasks: [],
      failures: tasks.map((arn) => ({ arn, reason: 'MISSING' })),
    }))
    world.advance(300_000)
    world.sweep()
    world.settle({ until: at(500) })
    expect(world.drain()).toMatchObject({ phase: 'draining', remaining: 1 })
    expect(world.actions).toMatchObject([{ ended: null }])
  })

  test('a version of 0, from which ECS counts, is a description like any other', () => {
    const first = { ...task(1), version: 0 }
    const listed = given(...settling).when(observation('TasksSeen', { since: at(7), undescribed: [taskNumber(1)] }), {
      at: at(8),
    })
    const seen = givenDrain(listed.drain).when(observation('TaskSeen', { task: first }), { at: at(9) })
    expect(seen.drain.tasks).toMatchObject([{ lastStatus: 'RUNNING', group: 'service:web' }])
    givenDrain(seen.drain)
      .when(observation('TaskSeen', { task: first }), { at: at(9) })
      .then()
    const stopped = { ...stoppedTask(1), version: 0 }
    expect(
      givenDrain(listed.drain).when(observation('TaskSeen', { task: stopped }), { at: at(9) }).drain.remaining,
    ).toBe(0)
  })

  test('a task that was never described and is in no list any more is dropped', () => {
    const history = [...draining(), event('TasksRead', 8, { tasks: [undescribedTask] })]
    const { drain } = given(...history).when(observation('TasksSeen', { since: at(9), forgotten: [taskNumber(1)] }), {
      at: at(9),
    })
    expect(drain.tasks).toEqual([])
  })

  test('a task that is forgotten and was not known takes no other with it', () => {
    const { drain } = given(...draining(task(1), task(2))).when(
      observation('TasksSeen', { scope: 'known', since: at(9_000), forgotten: [taskNumber(3)] }),
      { at: at(9_000) },
    )
    expect(drain).toMatchObject({ remaining: 2, tasks: [{ arn: taskNumber(1) }, { arn: taskNumber(2) }] })
  })

  test('an event that another, later one has overtaken changes nothing, wherever it stands in the stream', () => {
    const late = event('TaskSeen', 9, { task: task(1) })
    expect(given(...draining(stoppedTask(1)), late).drain.remaining).toBe(0)
  })

  test('a task that is MISSING and that a list holds is not forgotten', () => {
    const world = new ScriptedWorld()
    world.addInstance(1, [stoppingTask(1)])
    world.answerWith('DescribeTasks', ({ tasks }) => ({
      tasks: [],
      failures: tasks.map((arn) => ({ arn, reason: 'MISSING' })),
    }))
    world.terminate(1)
    world.settle({ until: at(60) })
    expect(world.drain()).toMatchObject({ phase: 'draining', remaining: 1, tasks: [{ lastStatus: 'UNKNOWN' }] })
  })

  test('what is MISSING and in no list is forgotten', () => {
    const world = new ScriptedWorld()
    const host = world.addInstance(1, [task(1), task(2)])
    world.terminate(1)
    world.settle({ until: at(60) })
    host.tasks.delete(taskNumber(1))
    world.advance(300_000)
    world.sweep()
    expect(world.drain()).toMatchObject({ phase: 'draining', remaining: 1 })
    host.tasks.delete(taskNumber(2))
    world.advance(300_000)
    world.sweep()
    expect(world.drain()).toMatchObject({ phase: 'ended', ending: 'completed' })
  })
})

const undescribedTask = {
  arn: taskNumber(1),
  version: 0,
  lastStatus: 'UNKNOWN',
  desiredStatus: 'UNKNOWN',
  group: id<string>(''),
}
