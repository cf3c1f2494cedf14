import { describe, expect, test } from 'vitest'
import {
  at,
  containerInstanceNumber,
  event,
  given,
  notice,
  observation,
  ScriptedWorld,
  stoppedTask,
  stoppingTask,
  task,
  taskNumber,
} from '../../src/testing/index.ts'
import { completing, draining, ended, locating, settling } from '../support/histories.ts'
import { readTasks } from '../support/read-tasks.ts'

const seen = (sighting: ReturnType<typeof task>) => observation('TaskSeen', { task: sighting })

const confirm = (stopped: ReadonlyArray<number>) => readTasks('all', { stopped: stopped.map((n) => taskNumber(n)) })

describe('R6: STOPPED events shrink the known set without a call', () => {
  test('one of two stopped: it is recorded, and nothing is asked', () => {
    const after = given(...draining(task(1), task(2))).when(seen(stoppedTask(1)), { at: at(30) })
    after.then(event('TaskSeen', 30, { task: stoppedTask(1) })).owing()
    expect(after.drain.remaining).toBe(1)
  })

  test('when the set is empty one fresh reading confirms', () => {
    given(...draining(task(1)))
      .when(seen(stoppedTask(1)), { at: at(30) })
      .then(event('TaskSeen', 30, { task: stoppedTask(1) }))
      .owing(confirm([1]))
  })

  test('the confirming reading that finds one more waits for it', () => {
    const emptied = [...draining(task(1)), event('TaskSeen', 30, { task: stoppedTask(1) })]
    given(...emptied)
      .when(observation('TasksSeen', { since: at(30), tasks: [task(2)] }), { at: at(31) })
      .then(event('TasksRead', 31, { since: at(30), tasks: [task(2)] }))
      .owing()
  })

  test('the confirming reading that finds none lets the instance go', () => {
    const emptied = [...draining(task(1)), event('TaskSeen', 30, { task: stoppedTask(1) })]
    given(...emptied)
      .when(observation('TasksSeen', { since: at(30) }), { at: at(31) })
      .then(event('TasksRead', 31, { since: at(30) }), event('CompletionDecided', 31))
  })

  test('events that come before the first reading, or before DRAINING, count as well', () => {
    expect(given(...settling).when(seen(task(3)), { at: at(3) }).drain.remaining).toBe(1)
    expect(given(...locating).when(seen(task(3)), { at: at(1) }).drain.remaining).toBe(1)
  })

  test('an event of a completed or decided drain is nothing', () => {
    given(...completing)
      .when(seen(task(3)), { at: at(60) })
      .then()
    given(...ended)
      .when(seen(task(3)), { at: at(60) })
      .then()
      .owing()
  })
})

describe('R6: of two sightings of a task the higher version is the later one', () => {
  test('an event repeated is nothing', () => {
    const once = given(...draining(task(1), task(2)), event('TaskSeen', 30, { task: stoppedTask(1) }))
    once
      .when(seen(stoppedTask(1)), { at: at(31) })
      .then()
      .owing()
  })

  test('an older event that comes later is nothing', () => {
    const stopped = given(...draining(task(1), task(2)), event('TaskSeen', 30, { task: stoppedTask(1) }))
    stopped.when(seen(task(1)), { at: at(31) }).then()
    stopped.when(seen(task(1, { lastStatus: 'STOPPING' })), { at: at(31) }).then()
  })

  test('a reading that is older than an event brings nothing back', () => {
    const stopped = given(...draining(task(1), task(2)), event('TaskSeen', 30, { task: stoppedTask(1) }))
    const { drain } = stopped.when(observation('TasksSeen', { since: at(29), tasks: [task(1), task(2)] }), {
      at: at(31),
    })
    expect(drain.remaining).toBe(1)
  })

  test('a newer status that is not STOPPED is recorded and the task remains', () => {
    const { drain } = given(...draining(task(1))).when(seen(task(1, { lastStatus: 'DEPROVISIONING' })), { at: at(30) })
    expect(drain).toMatchObject({ remaining: 1, tasks: [{ lastStatus: 'DEPROVISIONING' }] })
  })

  test('only what a reading adds is stored', () => {
    given(...draining(task(1), task(2)))
      .when(observation('TasksSeen', { since: at(30), tasks: [task(1), stoppedTask(2)] }), { at: at(31) })
      .then(event('TasksRead', 31, { since: at(30), tasks: [stoppedTask(2)] }))
  })
})

describe('R6: what the events of a fleet cost', () => {
  test('a thousand events of instances that nobody terminates cost one look-up', () => {
    const world = new ScriptedWorld()
    const tasks = Array.from({ length: 1_000 }, (_, n) => task(n + 1))
    world.addInstance(1, tasks)
    for (const { arn } of tasks) world.stop(arn)
    const batch = world.pending.map(({ notice }) => notice)
    const { itinerary, receipts } = world.deliver(batch)
    expect(world.ledger.map(({ call }) => call.type)).toEqual(['FindStreams'])
    expect(receipts).toEqual([])
    expect(new Set(itinerary?.ignored.map(({ why }) => why))).toEqual(new Set(['no-drain']))
  })

  test('a hundred events of one draining instance in a batch are one commit and one confirming reading', () => {
    const world = new ScriptedWorld()
    const tasks = Array.from({ length: 100 }, (_, n) => task(n + 1))
    world.addInstance(1, tasks)
    world.terminate(1)
    world.settle()
    world.advance(6_000)
    world.ledger.length = 0
    for (const { arn } of tasks) world.stop(arn)
    world.deliver(world.pending.map(({ notice }) => notice))
    expect(world.ledger.map(({ call }) => call.type)).toEqual([
      'FindStreams',
      'LoadStream',
      'AppendToStream',
      'ListTasks',
      'ListTasks',
      'DescribeContainerInstances',
      'AppendToStream',
      'CompleteLifecycleAction',
      'AppendToStream',
    ])
    expect(world.actions).toMatchObject([{ ended: 'CONTINUE', killed: [] }])
  })

  test('a connection of the agent that is lost and found again is recorded once each, and asks for nothing', () => {
    const another = observation('AgentSeen', { containerInstance: containerInstanceNumber(2), connected: false })
    given(...draining(task(1)))
      .when(another, { at: at(30) })
      .then()
    const lost = observation('AgentSeen', { connected: false })
    given(...draining(task(1)))
      .when(lost, { at: at(30) })
      .then(event('AgentConnectionChanged', 30, { connected: false }))
      .owing()
    const disconnected = given(...draining(task(1)), event('AgentConnectionChanged', 30))
    disconnected.when(lost, { at: at(31) }).then()
    disconnected
      .when(observation('AgentSeen', { connected: true }), { at: at(32) })
      .then(event('AgentConnectionChanged', 32, { connected: true }))
  })
})

test('R6: a STOPPED that is not true is believed, but lets nothing go while the list of running tasks names its task', () => {
  const world = new ScriptedWorld()
  world.addInstance(1, [task(1)])
  world.terminate(1)
  world.settle({ until: at(20) })
  world.deliver([notice('TaskStateChanged', { task: stoppedTask(1, { version: 1_000 }) })])
  world.settle({ until: at(200) })
  expect(world.actions).toMatchObject([{ ended: null }])
  world.change(stoppingTask(1))
  world.sweep()
  world.settle({ until: at(400) })
  expect(world.actions).toMatchObject([{ ended: 'CONTINUE', killed: [taskNumber(1)] }])
})
