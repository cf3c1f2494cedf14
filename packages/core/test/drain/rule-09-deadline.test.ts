import { describe, expect, test } from 'vitest'
import type { AtDeadline, DrainEvent } from '../../src/drain/drain-event.ts'
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
  theStream,
} from '../../src/testing/index.ts'
import { minutes, seconds } from '../../src/time/instant.ts'
import { completing, cordoning, draining, ended, locating } from '../support/histories.ts'

const afterAMinute = (choice: AtDeadline) =>
  policy({ deadline: { after: minutes(1), choice }, stopGrace: seconds(30), sweepEvery: minutes(5) })

const time = observation('TimePassed')
const reached = (choice: AtDeadline, when = 60) => event('DeadlineReached', when, { choice })
const stop = (n: number) =>
  ({
    type: 'StopTask',
    cluster: theCluster,
    task: taskNumber(n),
    reason: 'ecs-drain: the deadline of the drain has passed',
  }) as const

/** An instance whose task never stops by itself, an hour later. */
const stubborn = (choice: AtDeadline) => {
  const world = new ScriptedWorld({ policy: afterAMinute(choice), heartbeatTimeout: minutes(120) })
  world.addInstance(1, [task(1), task(2)])
  world.terminate(1)
  world.settle({ until: at(3_600) })
  return world
}

describe("R9: a deadline of the user's own, counted from the start of the lifecycle action", () => {
  test('without one nothing is ever forced', () => {
    given(...draining(task(1)))
      .when(time, { at: at(172_000) })
      .then()
  })

  test('nothing happens before it', () => {
    given(...draining(task(1)))
      .when(time, { at: at(59), policy: afterAMinute('continue') })
      .then()
  })

  test('whatever is observed after it, it is reached', () => {
    const seen = observation('TaskSeen', { task: stoppedTask(1) })
    const { events } = given(...draining(task(1), task(2))).when(seen, { at: at(61), policy: afterAMinute('continue') })
    expect(events.map(({ type }) => type)).toEqual(['TaskSeen', 'DeadlineReached', 'CompletionDecided'])
  })

  test('it is reached in every phase in which nothing is decided yet, and in no other', () => {
    const types = (history: ReadonlyArray<DrainEvent>) =>
      given(...history)
        .when(time, { at: at(61), policy: afterAMinute('continue') })
        .events.map(({ type }) => type)
    for (const history of [locating, cordoning, draining(task(1))]) {
      expect(types([...history])).toEqual(['DeadlineReached', 'CompletionDecided'])
    }
    for (const history of [[], completing, ended]) expect(types([...history])).toEqual([])
  })

  test('an announcement that comes after it reaches it at once', () => {
    const { drain } = given().when(observation('TerminationAnnounced', { announcedAt: at(-120) }), {
      at: at(0),
      policy: afterAMinute('continue'),
    })
    expect(drain).toMatchObject({ phase: 'completing', decision: { because: 'deadline' } })
  })

  test('one that passes while something else is being recorded is reached in the same handling', () => {
    const world = new ScriptedWorld({ policy: afterAMinute('continue') })
    world.addInstance(1, [task(1)])
    const late = world.terminate(1, { lost: true })
    world.advance(seconds(54.9))
    world.deliver([late])
    world.advance(seconds(5))
    world.pending = []
    const reading = world.handle({ stream: theStream, observations: [time], hops: 1 })
    reading.run((call) => call.type === 'AppendToStream' && call.events.some(({ type }) => type === 'TasksRead'))
    world.advance(seconds(0.2))
    reading.run()
    expect(world.events().at(-1)).toMatchObject({ type: 'LifecycleActionCompleted', at: at(60.1) })
    expect(world.actions).toMatchObject([{ ended: 'CONTINUE', endedAt: at(60.1) }])
  })

  test('of an action that ran out unnoticed is not one of the next that holds the same instance', () => {
    const world = new ScriptedWorld({ policy: policy({ deadline: { after: minutes(60), choice: 'continue' } }) })
    world.addInstance(1)
    world.terminate(1, { toWarmPool: true, lost: true })
    world.sweep()
    // Nobody is there to act for two hours; the hook lets the instance go, and it comes back into service.
    world.pending = []
    world.advance(minutes(120))
    world.place(1, task(1))
    world.terminate(1)
    world.settle({ until: world.now + minutes(5) })
    expect(world.actions).toMatchObject([{ ended: 'expired' }, { ended: null }])
    expect(world.drain()).toMatchObject({ phase: 'draining', remaining: 1, deadline: null })
  })

  test('a wake-up is sent for it where the sweep would come too late', () => {
    given(...draining(task(1))).owes(
      [{ type: 'SendWakeUp', stream: 'ec2-instance/i-00000000000000001' as never, at: at(60), hops: 1 }],
      { at: at(10), policy: afterAMinute('continue') },
    )
    const patient = policy({ deadline: { after: minutes(60), choice: 'continue' } })
    given(...draining(task(1))).owes([], { at: at(10), policy: patient })
  })
})

describe('R9: the choice at it', () => {
  test('continue: the instance is let go with what runs on it', () => {
    given(...draining(task(1)))
      .when(time, { at: at(60), policy: afterAMinute('continue') })
      .then(reached('continue'), event('CompletionDecided', 60, { result: 'CONTINUE', because: 'deadline' }))
    const world = stubborn('continue')
    expect(world.actions).toMatchObject([
      { ended: 'CONTINUE', endedAt: at(60), killed: [taskNumber(1), taskNumber(2)] },
    ])
  })

  test('abandon: completed with ABANDON', () => {
    given(...draining(task(1)))
      .when(time, { at: at(60), policy: afterAMinute('abandon') })
      .then(reached('abandon'), event('CompletionDecided', 60, { result: 'ABANDON', because: 'deadline' }))
    expect(stubborn('abandon').actions).toMatchObject([{ ended: 'ABANDON', endedAt: at(60) }])
  })

  test('wait: recorded, and waited for all the same', () => {
    given(...draining(task(1)))
      .when(time, { at: at(60), policy: afterAMinute('wait') })
      .then(reached('wait'))
      .owing()
    const world = stubborn('wait')
    expect(world.actions).toMatchObject([{ ended: null }])
    world.stop(taskNumber(1))
    world.stop(taskNumber(2))
    world.settle()
    expect(world.drain()).toMatchObject({ decision: { result: 'CONTINUE', because: 'drained' } })
    expect(world.events().filter(({ type }) => type === 'DeadlineReached')).toHaveLength(1)
  })

  test('stop-tasks: every task that has not stopped is told to, once, with a reason', () => {
    given(...draining(task(1), stoppedTask(2), task(3)))
      .when(time, { at: at(60), policy: afterAMinute('stop-tasks') })
      .then(reached('stop-tasks'))
      .owing(stop(1), stop(3))
    given(...draining(task(1), task(3)), reached('stop-tasks'))
      .when(observation('TaskToldToStop', { task: taskNumber(1) }), { at: at(61), policy: afterAMinute('stop-tasks') })
      .then(event('TaskToldToStop', 61, { task: taskNumber(1) }))
      .owing(stop(3))
  })

  test('stop-tasks: then the grace, then CONTINUE', () => {
    const world = stubborn('stop-tasks')
    expect(world.calls('StopTask')).toHaveLength(2)
    expect(world.actions).toMatchObject([{ ended: 'CONTINUE', endedAt: at(90) }])
    expect(world.drain()).toMatchObject({ decision: { because: 'deadline' } })
    given(...draining(task(1)), reached('stop-tasks'))
      .when(time, { at: at(89), policy: afterAMinute('stop-tasks') })
      .then()
  })

  test('stop-tasks: tasks that stop within the grace let the instance go as drained', () => {
    const world = new ScriptedWorld({ policy: afterAMinute('stop-tasks') })
    world.addInstance(1, [task(1)])
    world.terminate(1)
    world.settle({ until: at(65) })
    world.stop(taskNumber(1))
    world.settle()
    expect(world.actions).toMatchObject([{ ended: 'CONTINUE', endedAt: at(65), killed: [] }])
    expect(world.drain()).toMatchObject({ decision: { because: 'drained' } })
  })

  test('stop-tasks: a task that is found later is told to stop as well', () => {
    given(...draining(task(1)), reached('stop-tasks'), event('TaskToldToStop', 60))
      .when(observation('TaskSeen', { task: task(2) }), { at: at(62), policy: afterAMinute('stop-tasks') })
      .owing(stop(2))
  })

  test('what was chosen when it was reached stays chosen', () => {
    const { drain } = given(...draining(task(1)), reached('stop-tasks')).when(time, {
      at: at(91),
      policy: policy({ stopGrace: seconds(30) }),
    })
    expect(drain).toMatchObject({ phase: 'completing', decision: { because: 'deadline' } })
  })
})
