import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { fold } from '../../src/drain/drain.ts'
import { effectsOwed } from '../../src/effect/effects-owed.ts'
import {
  accessDenied,
  at,
  event,
  given,
  observation,
  observations,
  policy,
  ScriptedWorld,
  task,
  taskNumber,
  theCluster,
  theContainerInstance,
  theStream,
} from '../../src/testing/index.ts'
import { completing, cordoning, draining, ended, locating, settling } from '../support/histories.ts'

const setDraining = { type: 'SetDraining', cluster: theCluster, containerInstance: theContainerInstance } as const

describe('R3: DRAINING is set only where a termination was requested', () => {
  test('whatever else is heard of an instance that nobody terminates decides nothing and asks for nothing', () => {
    fc.assert(
      fc.property(observations(), (heard) => {
        if (heard.type === 'TerminationAnnounced') return
        given()
          .when(heard, { at: at(1) })
          .then()
          .owing()
      }),
    )
  })

  test('it is asked for as soon as the container instance is found', () => {
    given(...cordoning).owes([setDraining], { at: at(1) })
  })

  test('not before it is found, and not again once it is confirmed or all is over', () => {
    for (const history of [[], locating, settling, draining(task(1)), completing, ended]) {
      const owed = effectsOwed(fold(history), at(60), policy(), 0)
      expect(owed.map(({ type }) => type)).not.toContain('SetDraining')
    }
  })

  test('ECS saying that it is DRAINING confirms it, from that moment on', () => {
    given(...cordoning)
      .when(observation('ContainerInstanceDrains'), { at: at(2) })
      .then(event('ContainerInstanceDraining', 2))
  })

  test('an event of an instance that nobody terminates costs one look-up and no call to AWS', () => {
    const world = new ScriptedWorld()
    world.addInstance(1, [task(1)])
    world.stop(taskNumber(1))
    world.settle()
    expect(world.ledger.map(({ call }) => call.type)).toEqual(['FindStreams'])
    expect(world.instances).toMatchObject([{ status: 'ACTIVE' }])
  })

  test('an instance that somebody else set DRAINING is drained the same way', () => {
    const world = new ScriptedWorld()
    world.addInstance(1, [task(1)], { status: 'DRAINING' })
    world.terminate(1)
    world.settle()
    world.stop(taskNumber(1))
    world.settle()
    expect(world.actions).toMatchObject([{ ended: 'CONTINUE', killed: [] }])
  })
})

describe('R3: HTTP 200 may still mean no', () => {
  /** What is recorded when UpdateContainerInstancesState answers so. */
  const answeredWith = (reason: string | null, status: string | null) => {
    const world = new ScriptedWorld()
    const { arn } = world.addInstance(1, [task(1)])
    const containerInstance = { arn, ec2InstanceId: null, agentConnected: true, registeredAt: at(0) }
    world.answerWith('UpdateContainerInstancesState', () => ({
      containerInstances: status === null ? [] : [{ ...containerInstance, status }],
      failures: reason === null ? [] : [{ arn, reason }],
    }))
    world.terminate(1, { lost: true })
    const handling = world.handle({ stream: theStream, observations: [observation('TerminationAnnounced')], hops: 0 })
    handling.run((call) => call.type === 'UpdateContainerInstancesState')
    handling.step()
    handling.step()
    return world.events().at(-1)
  }

  test('MISSING: the container instance is lost', () => {
    expect(answeredWith('MISSING', null)).toMatchObject({ type: 'ContainerInstanceLost', reason: 'MISSING' })
  })

  test('INACTIVE, as a failure or as a status: the container instance is lost', () => {
    expect(answeredWith('INACTIVE', 'INACTIVE')).toMatchObject({ type: 'ContainerInstanceLost', reason: 'INACTIVE' })
    expect(answeredWith(null, 'INACTIVE')).toMatchObject({ type: 'ContainerInstanceLost', reason: 'INACTIVE' })
  })

  test('any other reason is a failure, to be tried again', () => {
    expect(answeredWith('LOCKED', 'ACTIVE')).toMatchObject({ type: 'EffectFailed', effect: 'SetDraining' })
  })

  test('an answer without the container instance is a failure, to be tried again', () => {
    expect(answeredWith(null, null)).toMatchObject({ type: 'EffectFailed', effect: 'SetDraining' })
  })

  test('a status that is not the one asked for is a failure, to be tried again', () => {
    expect(answeredWith(null, 'ACTIVE')).toMatchObject({ type: 'EffectFailed', effect: 'SetDraining' })
    expect(answeredWith(null, 'REGISTERING')).toMatchObject({ type: 'EffectFailed', effect: 'SetDraining' })
  })

  test('DRAINING is believed', () => {
    expect(answeredWith(null, 'DRAINING')).toMatchObject({ type: 'ContainerInstanceDraining' })
  })

  test('a role that may not set DRAINING is tried again until it may', () => {
    const world = new ScriptedWorld()
    world.addInstance(1, [task(1)])
    world.fail('UpdateContainerInstancesState', accessDenied, { times: 3 })
    world.terminate(1)
    world.settle({ until: at(120) })
    expect(world.drain()).toMatchObject({ phase: 'draining' })
    expect(world.events().filter(({ type }) => type === 'EffectFailed')).toHaveLength(3)
  })
})
