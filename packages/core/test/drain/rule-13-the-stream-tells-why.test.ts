import { describe, expect, test } from 'vitest'
import type { DrainEvent } from '../../src/drain/drain-event.ts'
import {
  at,
  observation,
  policy,
  ScriptedWorld,
  task,
  taskNumber,
  theStream,
  throttled,
} from '../../src/testing/index.ts'
import { minutes } from '../../src/time/instant.ts'

const types = (events: ReadonlyArray<DrainEvent>) => events.map(({ type }) => type)

describe('R13: what was seen, decided and done is in the stream', () => {
  test('a whole drain can be read from its stream', () => {
    const world = new ScriptedWorld()
    world.addInstance(1, [task(1)])
    world.fail('UpdateContainerInstancesState', throttled)
    world.terminate(1)
    world.settle({ until: at(60) })
    world.stop(taskNumber(1))
    world.settle()
    expect(types(world.events())).toEqual([
      'DrainRequested',
      'LifecycleActionHeartbeatRecorded',
      'ContainerInstanceFound',
      'EffectFailed',
      'LifecycleHookDescribed',
      'WakeUpSent',
      'ContainerInstanceDraining',
      'WakeUpSent',
      'TasksRead',
      'TaskSeen',
      'TasksRead',
      'CompletionDecided',
      'LifecycleActionCompleted',
    ])
    const instants = world.events().map((event) => event.at)
    expect(instants).toEqual(instants.toSorted((one, other) => one - other))
  })

  test.each([
    ['drained', policy(), [], 'drained'],
    ['the deadline', policy({ deadline: { after: minutes(1), choice: 'continue' } }), [task(1)], 'deadline'],
  ] as const)('why it was let go: %s', (_title, under, tasks, because) => {
    const world = new ScriptedWorld({ policy: under })
    world.addInstance(1, tasks)
    world.terminate(1)
    world.settle()
    expect(world.events().find(({ type }) => type === 'CompletionDecided')).toMatchObject({
      result: 'CONTINUE',
      because,
    })
  })

  test('a decision is in the stream before anything is done about it', () => {
    const world = new ScriptedWorld()
    world.addInstance(1)
    world.terminate(1)
    world.settle()
    const position = (type: string) => world.ledger.findIndex(({ call }) => call.type === type)
    const written = (type: DrainEvent['type']) =>
      world.ledger.findIndex(({ call }) => call.type === 'AppendToStream' && types(call.events).includes(type))
    expect(written('DrainRequested')).toBeLessThan(position('ListContainerInstances'))
    expect(written('ContainerInstanceFound')).toBeLessThan(position('UpdateContainerInstancesState'))
    expect(written('CompletionDecided')).toBeLessThan(position('CompleteLifecycleAction'))
  })

  test('the container instance can be looked up from the commit that found it on', () => {
    const world = new ScriptedWorld()
    const { arn } = world.addInstance(1, [task(1)])
    world.terminate(1)
    world.settle({ until: at(10) })
    const appends = world.calls('AppendToStream')
    expect(appends.map(({ index }) => index.containerInstances)).toEqual([[], [], ...appends.slice(2).map(() => [arn])])
    expect(appends.every(({ index }) => index.watched)).toBe(true)
  })

  test('a store that reports a conflict and shows nothing newer is a failure, not a reason to try for ever', () => {
    const world = new ScriptedWorld()
    world.addInstance(1)
    const ahead = { version: 7, drain: world.drain() }
    const observations = [observation('TerminationAnnounced')]
    const handling = world.handle({ stream: theStream, observations, hops: 0 }, ahead)
    handling.step()
    handling.step()
    expect(handling.receipt()).toMatchObject({ failure: { type: 'Unavailable' }, written: [] })
    expect(world.callsToAws()).toEqual([])
  })
})
