import { describe, expect, test } from 'vitest'
import {
  at,
  event,
  given,
  observation,
  ScriptedWorld,
  stoppedTask,
  stoppingTask,
  task,
  taskNumber,
  theCluster,
  theContainerInstance,
  theStream,
} from '../../src/testing/index.ts'
import { seconds } from '../../src/time/instant.ts'

const draining = [
  event('DrainRequested', 0),
  event('LifecycleHookDescribed', 0),
  event('ContainerInstanceFound', 1),
  event('ContainerInstanceDraining', 1),
]
const readAll = {
  type: 'ReadTasks',
  cluster: theCluster,
  containerInstance: theContainerInstance,
  scope: 'all',
} as const
const drained = (second: number) => event('CompletionDecided', second, { because: 'drained' })

describe('R4: a task counts as gone only at lastStatus STOPPED', () => {
  test.each([
    'PROVISIONING',
    'PENDING',
    'ACTIVATING',
    'RUNNING',
    'DEACTIVATING',
    'STOPPING',
    'DEPROVISIONING',
    'DELETED',
  ])('the hook is kept while a task is %s, whatever is desired of it', (lastStatus) => {
    const tasks = [task(1, { lastStatus, desiredStatus: 'STOPPED' })]
    given(...draining)
      .when(observation('TasksSeen', { since: at(6), tasks }), { at: at(7) })
      .then(event('TasksRead', 7, { since: at(6), tasks }))
      .owing()
  })

  test('both lists are read, because the plain one hides the tasks that are being stopped', () => {
    const world = new ScriptedWorld()
    world.addInstance(1, [stoppingTask(1), stoppedTask(2)])
    world.terminate(1)
    world.settle()
    expect(world.calls('ListTasks').map(({ desiredStatus }) => desiredStatus)).toEqual(['RUNNING', 'STOPPED'])
    expect(world.drain()).toMatchObject({ phase: 'draining', remaining: 1 })
    expect(world.actions).toMatchObject([{ ended: null }])
  })

  test('every page of both lists is read, and 250 tasks are described by hundreds', () => {
    const world = new ScriptedWorld()
    const running = Array.from({ length: 130 }, (_, n) => task(n))
    const stopping = Array.from({ length: 120 }, (_, n) => stoppingTask(n + 130))
    world.addInstance(1, [...running, ...stopping])
    world.terminate(1)
    world.settle()
    expect(world.calls('ListTasks').map(({ desiredStatus, nextToken }) => [desiredStatus, nextToken])).toEqual([
      ['RUNNING', null],
      ['RUNNING', '100'],
      ['STOPPED', null],
      ['STOPPED', '100'],
    ])
    expect(world.calls('DescribeTasks').map(({ tasks }) => tasks.length)).toEqual([100, 100, 50])
    expect(world.drain().remaining).toBe(250)
  })

  test('a task that a list holds and nobody can describe yet keeps the hook', () => {
    given(...draining)
      .when(observation('TasksSeen', { since: at(6), undescribed: [taskNumber(1)] }), { at: at(7) })
      .then(
        event('TasksRead', 7, {
          since: at(6),
          tasks: [{ arn: taskNumber(1), version: 0, lastStatus: 'UNKNOWN', desiredStatus: 'UNKNOWN', group: '' }],
        }),
      )
      .owing()
  })

  test('a task that was seen and that ECS has forgotten has stopped', () => {
    const forgotten = { since: at(9), forgotten: [taskNumber(1)] }
    given(...draining, event('TasksRead', 7, { tasks: [task(1)] }))
      .when(observation('TasksSeen', forgotten), { at: at(9) })
      .then(event('TasksRead', 9, forgotten), drained(9))
  })

  test('MISSING of a task that a list still holds is not forgetting', () => {
    const world = new ScriptedWorld()
    const host = world.addInstance(1, [task(1)])
    world.terminate(1)
    const handling = world.handle({ stream: theStream, observations: [observation('TerminationAnnounced')], hops: 0 })
    handling.run()
    world.advance(seconds(6))
    const reading = world.handle({ stream: theStream, observations: [observation('TimePassed')], hops: 1 })
    reading.run(({ type }) => type === 'DescribeTasks')
    host.tasks.clear()
    reading.run()
    expect(world.drain()).toMatchObject({ phase: 'draining', remaining: 1 })
  })
})

describe('R5: the reading is evidence only after DRAINING and its settle time', () => {
  test('it is not owed before', () => {
    const { drain } = given(...draining)
    expect(drain).toMatchObject({ phase: 'draining', drainingSince: at(1) })
    given(...draining, event('WakeUpSent', 1, { wakeAt: at(6) })).owes([], { at: at(5.999) })
    given(...draining).owes([{ ...readAll, remaining: [], stopped: [] }], { at: at(6) })
  })

  test('an empty one that began before is not believed', () => {
    const early = { since: at(5.999) }
    given(...draining)
      .when(observation('TasksSeen', early), { at: at(7) })
      .then(event('TasksRead', 7, early))
      .owing({ ...readAll, remaining: [], stopped: [] })
  })

  test('a task that was placed while DRAINING was set is waited for', () => {
    const world = new ScriptedWorld()
    world.addInstance(1)
    world.terminate(1)
    world.settle({ until: at(2) })
    world.place(1, task(1))
    world.settle()
    expect(world.drain()).toMatchObject({ phase: 'draining', remaining: 1 })
  })

  test('an instance without tasks is let go after it', () => {
    const world = new ScriptedWorld()
    world.addInstance(1)
    world.terminate(1)
    world.settle()
    expect(world.actions).toMatchObject([{ ended: 'CONTINUE', endedAt: at(5) }])
  })

  test('a reading from before the instance was lost and found again does not count', () => {
    const again = [
      event('TasksRead', 6, { tasks: [task(1)] }),
      event('ContainerInstanceLost', 30),
      event('ContainerInstanceFound', 50),
      event('ContainerInstanceDraining', 51),
    ]
    given(...draining, ...again).owes([{ ...readAll, remaining: [taskNumber(1)], stopped: [] }], { at: at(56) })
  })
})

describe('R6: events shrink the known set, and one fresh reading confirms that it is empty', () => {
  const known = [...draining, event('TasksRead', 6, { tasks: [task(1), task(2)] })]
  const seen = (sighting: ReturnType<typeof task>) => observation('TaskSeen', { task: sighting })

  test('a STOPPED event of one of two owes nothing', () => {
    given(...known)
      .when(seen(stoppedTask(1)), { at: at(20) })
      .then(event('TaskSeen', 20, { task: stoppedTask(1) }))
      .owing()
  })

  test('that of the last owes a full reading, not yet the completion', () => {
    given(...known, event('TaskSeen', 20, { task: stoppedTask(1) }))
      .when(seen(stoppedTask(2)), { at: at(30) })
      .then(event('TaskSeen', 30, { task: stoppedTask(2) }))
      .owing({ ...readAll, remaining: [], stopped: [taskNumber(1), taskNumber(2)] })
  })

  test('a task that only the confirming reading finds keeps the hook', () => {
    const world = new ScriptedWorld()
    world.addInstance(1, [task(1)])
    world.terminate(1)
    world.settle()
    world.place(1, task(2))
    world.stop(taskNumber(1))
    world.settle()
    expect(world.drain()).toMatchObject({ phase: 'draining', remaining: 1 })
    world.stop(taskNumber(2))
    world.settle()
    expect(world.actions).toMatchObject([{ ended: 'CONTINUE', killed: [] }])
  })

  test('the same event again decides nothing', () => {
    given(...known, event('TaskSeen', 20, { task: stoppedTask(1) }))
      .when(seen(stoppedTask(1)), { at: at(21) })
      .then()
  })

  test('an older event that comes later changes nothing', () => {
    given(...known, event('TaskSeen', 20, { task: stoppedTask(1) }))
      .when(seen(stoppingTask(1)), { at: at(21) })
      .then()
  })

  test('a stale reading does not bring a stopped task back', () => {
    const stale = { since: at(19), tasks: [task(1), task(2)] }
    given(...known, event('TaskSeen', 20, { task: stoppedTask(1) }))
      .when(observation('TasksSeen', stale), { at: at(21) })
      .then(event('TasksRead', 21, { since: at(19), tasks: [] }))
  })

  test('a newer reading overrules an older event', () => {
    const newer = { since: at(21), tasks: [stoppedTask(1)] }
    given(...known, event('TaskSeen', 20, { task: stoppingTask(1) }))
      .when(observation('TasksSeen', newer), { at: at(21) })
      .then(event('TasksRead', 21, newer))
    expect(given(...known, event('TasksRead', 21, newer)).drain.remaining).toBe(1)
  })

  test('events that come before the first reading count', () => {
    const world = new ScriptedWorld()
    world.addInstance(1, [task(1)])
    world.terminate(1)
    world.settle({ until: at(2) })
    world.stop(taskNumber(1))
    world.settle()
    expect(world.drain()).toMatchObject({ phase: 'ended', tasks: [{ lastStatus: 'STOPPED' }] })
  })

  test('an agent that disconnects is recorded and keeps the hook', () => {
    given(...known)
      .when(observation('AgentSeen'), { at: at(20) })
      .then(event('AgentConnectionChanged', 20))
      .owing()
  })
})
