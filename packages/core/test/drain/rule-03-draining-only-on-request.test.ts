import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { fold } from '../../src/drain/drain.ts'
import type { Effect } from '../../src/effect/effect.ts'
import { effectsOwed } from '../../src/effect/effects-owed.ts'
import type { ClusterName } from '../../src/identity/ids.ts'
import {
  accessDenied,
  at,
  containerInstanceNumber,
  event,
  given,
  id,
  notice,
  observation,
  observations,
  policy,
  type ScriptedInstance,
  ScriptedWorld,
  stoppedTask,
  stoppingTask,
  task,
  taskNumber,
  theCluster,
  theContainerInstance,
  theGroup,
  theInstance,
  throttled,
} from '../../src/testing/index.ts'
import { minutes } from '../../src/time/instant.ts'
import { completing, cordoning, draining, ended, locating, settling } from '../support/histories.ts'
import { readTasks } from '../support/read-tasks.ts'

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

const sweepTwice = (world: ScriptedWorld): void => {
  world.sweep()
  world.advance(minutes(5))
  world.sweep()
}

describe('R3: a container instance that somebody set ACTIVE in mid-drain', () => {
  /** One that has drained for a minute, with one task that nobody has told to stop. */
  const undone = () => {
    const world = new ScriptedWorld()
    const host = world.addInstance(1, [task(1)])
    world.terminate(1)
    world.settle({ until: at(60) })
    host.status = 'ACTIVE'
    world.ledger.length = 0
    return { world, host }
  }
  const statusesSet = (world: ScriptedWorld) => world.calls('UpdateContainerInstancesState').map(({ status }) => status)

  test('is found out by the confirming reading, set DRAINING again and read anew, before it is let go', () => {
    const { world, host } = undone()
    world.stop(taskNumber(1))
    world.settle({ until: at(60) })
    expect(statusesSet(world)).toEqual(['DRAINING'])
    expect(world.drain()).toMatchObject({ phase: 'draining', drainingSince: at(60) })
    world.settle()
    expect(host.status).toBe('DRAINING')
    expect(world.events().map(({ type }) => type)).toContain('DrainingUndone')
    expect(world.actions).toMatchObject([{ ended: 'CONTINUE', endedAt: at(70), killed: [] }])
  })

  test('has not drained since then, until it is confirmed again', () => {
    const found = [...draining(task(1)), event('DrainingUndone', 70)]
    expect(fold(found)).toMatchObject({ phase: 'cordoning', drainingSince: null })
    expect(fold([...found, event('ContainerInstanceDraining', 71)])).toMatchObject({ drainingSince: at(71) })
  })

  test('is not let go while a task that was placed on it meanwhile runs', () => {
    const { world } = undone()
    world.place(1, task(2))
    world.stop(taskNumber(1))
    world.settle({ until: at(600) })
    expect(world.drain()).toMatchObject({ phase: 'draining', remaining: 1 })
    world.stop(taskNumber(2))
    world.settle()
    expect(world.actions).toMatchObject([{ ended: 'CONTINUE', killed: [] }])
  })

  test('is found out by the second sweep that sees a task wait that nobody has told to stop', () => {
    const { world, host } = undone()
    sweepTwice(world)
    expect(statusesSet(world)).toEqual(['DRAINING'])
    expect(host.status).toBe('DRAINING')
  })

  test('is not looked for while all its tasks are being stopped', () => {
    const { world } = undone()
    world.sweep()
    world.change({ ...task(1), version: 5, lastStatus: 'DEACTIVATING', desiredStatus: 'STOPPED' })
    world.settle()
    world.advance(minutes(5))
    world.sweep()
    expect(world.callsToAws().filter((type) => type === 'DescribeContainerInstances')).toEqual([])
    expect(world.calls('DescribeTasks').length).toBeGreaterThan(1)
  })

  test('cannot be let go by lists alone: a reading after which nobody looked at it confirms nothing', () => {
    const readBefore = [...draining(task(1)), event('TaskSeen', 30, { task: stoppedTask(1) })]
    const read = (agentConnected: boolean | null) => observation('TasksSeen', { since: at(40), agentConnected })
    given(...readBefore)
      .when(read(null), { at: at(41) })
      .then(event('TasksRead', 41, { since: at(40) }))
    given(...readBefore)
      .when(read(true), { at: at(41) })
      .then(event('TasksRead', 41, { since: at(40) }), event('CompletionDecided', 41))
  })

  test('is set DRAINING again when it was our own SetActive that came late', () => {
    given(...draining(task(1)))
      .when(observation('ContainerInstanceActive'), { at: at(30) })
      .then(event('DrainingUndone', 30))
      .owing(setDraining)
  })

  test('and was lost since, is looked for anew', () => {
    const { world, host } = undone()
    world.stop(taskNumber(1))
    host.status = 'INACTIVE'
    world.settle({ until: at(60) })
    expect(world.drain()).toMatchObject({ phase: 'locating' })
  })

  test('a description that fails, or does not tell, does not let it go, and keeps what was learned of its tasks', () => {
    const { world } = undone()
    world.answerWith('DescribeContainerInstances', () => ({ containerInstances: [], failures: [] }))
    sweepTwice(world)
    expect(world.drain()).toMatchObject({ phase: 'draining', tasks: [{ lastStatus: 'RUNNING' }] })
    world.stop(taskNumber(1))
    world.settle({ until: at(420) })
    expect(world.drain()).toMatchObject({ phase: 'draining', remaining: 0 })
    expect(world.drain().failures).toMatchObject([{ effect: 'ReadTasks' }])
  })
})

describe('an agent that lost its state while its instance drained, and registered as another container instance', () => {
  /** A minute into the drain of a host with one task; on the record it has now another task was placed. */
  const registeredAnew = (fields: Partial<ScriptedInstance> = {}) => {
    const world = new ScriptedWorld({ pageSize: 1 })
    const record = world.addInstance(1, [task(1)])
    world.terminate(1)
    world.settle({ until: at(60) })
    record.agentConnected = false
    const arn = containerInstanceNumber(9)
    const anew = world.addInstance(1, [task(2)], { arn, registeredAt: at(50), ...fields })
    world.ledger.length = 0
    return { world, record, anew }
  }

  test('is not let go before the tasks of that one have stopped as well', () => {
    const { world, anew } = registeredAnew()
    world.stop(taskNumber(1))
    world.settle({ until: at(600) })
    expect(anew.status).toBe('DRAINING')
    expect(world.drain()).toMatchObject({ phase: 'draining', containerInstance: { arn: anew.arn }, remaining: 1 })
    expect(world.drain().agentConnected).toBe(true)
    world.stop(taskNumber(2))
    world.settle()
    expect(world.actions).toMatchObject([{ ended: 'CONTINUE', killed: [] }])
  })

  test('is found by a sweep, where ECS tells the tasks of the old record to stop, and nobody is there to stop them', () => {
    const { world, record, anew } = registeredAnew()
    world.deliver([notice('ContainerInstanceStateChanged', { containerInstance: record.arn, agentConnected: false })])
    world.change({ ...task(1), version: 5, desiredStatus: 'STOPPED' })
    world.settle({ until: at(61) })
    sweepTwice(world)
    expect(anew.status).toBe('DRAINING')
  })

  test('is asked after with the tasks that are known, whatever became of them', () => {
    const look = { ...readTasks('known', { remaining: [taskNumber(1)] }), agentIsGone: true } as const
    given(...draining(stoppingTask(1)), event('AgentConnectionChanged', 50))
      .when(observation('SweptWaiting'), { at: at(60) })
      .owing(look)
  })

  test('is not let go before a task of the old record has stopped that was being stopped when the drain began', () => {
    const stopping = { ...task(3), lastStatus: 'STOPPING', desiredStatus: 'STOPPED' } as const
    const world = new ScriptedWorld({ pageSize: 1 })
    const record = world.addInstance(1, [task(1), stopping])
    world.terminate(1)
    world.settle({ until: at(60) })
    record.agentConnected = false
    world.addInstance(1, [task(2)], { arn: containerInstanceNumber(9), registeredAt: at(50) })
    sweepTwice(world)
    world.stop(taskNumber(1))
    world.stop(taskNumber(2))
    world.settle({ until: at(600) })
    expect(world.drain()).toMatchObject({ phase: 'draining', remaining: 1 })
    world.stop(taskNumber(3))
    world.settle()
    expect(world.actions).toMatchObject([{ ended: 'CONTINUE', killed: [] }])
  })

  test('is found by a sweep as well, while tasks of the old record are waited for', () => {
    const { world, anew } = registeredAnew()
    sweepTwice(world)
    expect(anew.status).toBe('DRAINING')
    world.settle({ until: at(400) })
    expect(world.drain()).toMatchObject({ remaining: 2, tasks: [{ arn: taskNumber(1) }, { arn: taskNumber(2) }] })
  })

  test('a record of before, whose agent is as long gone, is not taken for it', () => {
    const { world, anew } = registeredAnew({ agentConnected: false, registeredAt: at(-9_999) })
    world.stop(taskNumber(1))
    world.settle()
    expect(anew.status).toBe('ACTIVE')
    expect(world.events().filter(({ type }) => type === 'ContainerInstanceFound').length).toBe(1)
    expect(world.actions).toMatchObject([{ ended: 'CONTINUE' }])
  })

  test('nor does a list that shows nobody say that there is another', () => {
    const { world } = registeredAnew()
    world.answerWith('ListContainerInstances', () => ({ items: [], nextToken: null }))
    world.stop(taskNumber(1))
    world.settle()
    expect(world.events().filter(({ type }) => type === 'ContainerInstanceFound').length).toBe(1)
    expect(world.actions).toMatchObject([{ ended: 'CONTINUE' }])
  })

  test('is to be set DRAINING under its new ARN, and has not drained before', () => {
    const arn = containerInstanceNumber(9)
    const found = event('ContainerInstanceFound', 30, { arn, leftBehind: [theContainerInstance] })
    given(...draining(task(1)))
      .when(observation('ContainerInstanceReplaced', { replaced: theContainerInstance, arn }), { at: at(30) })
      .then(found)
      .owing({ ...setDraining, containerInstance: arn, leftBehind: [theContainerInstance] })
    expect(fold([...draining(task(1)), found])).toMatchObject({ phase: 'cordoning', drainingSince: null, remaining: 1 })
  })

  test('is not left again for a record that a slower function found, or found replaced', () => {
    for (const late of [
      observation('ContainerInstanceLocated', { arn: containerInstanceNumber(8) }),
      observation('ContainerInstanceReplaced', {
        replaced: containerInstanceNumber(8),
        arn: containerInstanceNumber(9),
      }),
    ]) {
      given(...draining(task(1)))
        .when(late, { at: at(30) })
        .then()
    }
  })

  test('while ECS does not say who it is now, it is not let go', () => {
    const { world } = registeredAnew()
    world.fail('ListContainerInstances', throttled, { times: 2 })
    world.stop(taskNumber(1))
    world.settle({ until: at(60) })
    expect(world.drain().failures).toMatchObject([{ effect: 'ReadTasks' }])
    world.settle()
    expect(world.drain()).toMatchObject({ phase: 'draining', remaining: 1 })
  })

  test('whose agent is connected is not asked for: an ordinary drain makes no call more', () => {
    const world = new ScriptedWorld()
    world.addInstance(1, [task(1)])
    world.terminate(1)
    world.settle({ until: at(60) })
    world.stop(taskNumber(1))
    world.settle()
    expect(world.calls('ListContainerInstances').length).toBe(1)
  })
})

describe('an agent that lost its state while its instance drained, and registered in another cluster that is ours', () => {
  const batch: ClusterName = id('batch')
  const both = policy({ clusters: [theCluster, batch] })
  const stopping = { ...task(3), lastStatus: 'STOPPING', desiredStatus: 'STOPPED' } as const

  /** A minute into the drain of a host with a task that runs and one that is being stopped; another was placed since, in `batch`. */
  const registeredElsewhere = () => {
    const world = new ScriptedWorld({ policy: both, pageSize: 1 })
    const record = world.addInstance(1, [task(1), stopping])
    world.terminate(1)
    world.settle({ until: at(60) })
    record.agentConnected = false
    const placed = task(2, { arn: taskNumber(2, batch) })
    const anew = { cluster: batch, arn: containerInstanceNumber(9, batch), registeredAt: at(50) }
    const living = world.addInstance(1, [placed], anew)
    world.lifecycleStates.set(theInstance, { group: theGroup, state: 'Terminating:Wait' })
    return { world, living, placed }
  }

  test('is found by the last look, and the host is not let go before its tasks there have stopped', () => {
    const { world, living, placed } = registeredElsewhere()
    world.stop(taskNumber(1))
    world.stop(taskNumber(3))
    world.settle({ until: at(600) })
    expect(living.status).toBe('DRAINING')
    expect(world.drain()).toMatchObject({ phase: 'draining', containerInstance: { cluster: batch }, remaining: 1 })
    world.stop(placed.arn)
    world.settle()
    expect(world.actions).toMatchObject([{ ended: 'CONTINUE', killed: [] }])
  })

  test('is found by a sweep, and the tasks of the old record are waited for, in its own cluster', () => {
    const { world, living, placed } = registeredElsewhere()
    sweepTwice(world)
    expect(living.status).toBe('DRAINING')
    expect(world.calls('UpdateContainerInstancesState').at(-1)?.containerInstances).toEqual([living.arn])
    world.stop(placed.arn)
    world.stop(taskNumber(1), { lost: true })
    sweepTwice(world)
    world.settle({ until: world.now + minutes(1) })
    expect(world.drain()).toMatchObject({ phase: 'draining', remaining: 1, failures: [] })
    world.stop(taskNumber(3))
    world.settle()
    expect(world.actions).toMatchObject([{ ended: 'CONTINUE', killed: [] }])
  })

  test.each([
    ['a cluster that is gone is passed over', { type: 'NotFound', message: 'Cluster not found.' }, 'ended'],
    ['one that cannot be asked may hold it, so it is not let go', accessDenied, 'draining'],
  ] as const)('%s', (_, failure, phase) => {
    const world = new ScriptedWorld({ policy: both })
    const record = world.addInstance(1, [task(1)])
    world.terminate(1)
    world.settle({ until: at(60) })
    record.agentConnected = false
    const answer = world.answer.bind(world)
    world.answer = (call) =>
      call.type === 'ListContainerInstances' && call.cluster === batch
        ? { type: 'failed', at: world.now, failure }
        : answer(call)
    world.stop(taskNumber(1))
    world.settle({ until: at(120) })
    expect(world.drain().phase).toBe(phase)
  })

  test('is looked for where the drain looked for it, and not in a cluster that has left the policy since', () => {
    const look = readTasks('known', { remaining: [taskNumber(1)] })
    const clusters = [theCluster, batch]
    const [, ...others] = draining(task(1, { desiredStatus: 'RUNNING' }))
    const waiting = [event('DrainRequested', 0, { clusters }), ...others, event('AgentConnectionChanged', 50)]
    const swept = given(...waiting, event('Swept', 60))
    swept.owes([{ ...look, agentIsGone: true, elsewhere: [batch] } as Effect], { at: at(60), policy: both })
    swept.owes([{ ...look, agentIsGone: true } as Effect], { at: at(60) })
  })
})

describe('a host that its agent had registered again before it was to be terminated', () => {
  /** The record that was left behind has a task that runs and one that is being stopped, and the new one a task as well. */
  const registeredBefore = (left: Partial<ScriptedInstance> = {}) => {
    const stopping = { ...task(3), lastStatus: 'STOPPING', desiredStatus: 'STOPPED' } as const
    const world = new ScriptedWorld({ pageSize: 1 })
    const record = world.addInstance(1, [task(1), stopping], { agentConnected: false, ...left })
    const arn = containerInstanceNumber(9)
    const living = world.addInstance(1, [task(2)], { arn, registeredAt: at(-100) })
    world.terminate(1)
    return { world, record, living }
  }

  test('is set DRAINING under both ARNs, by one call', () => {
    const { world, record, living } = registeredBefore()
    world.settle({ until: at(10) })
    expect([record.status, living.status]).toEqual(['DRAINING', 'DRAINING'])
    expect(world.calls('UpdateContainerInstancesState').length).toBe(1)
  })

  test.each([
    [1, 2, 3],
    [2, 3, 1],
    [3, 1, 2],
  ])('is not let go before the tasks of both have stopped: %i, %i, and %i last', (first, second, last) => {
    const { world } = registeredBefore()
    world.settle({ until: at(60) })
    for (const stops of [first, second]) world.stop(taskNumber(stops))
    world.settle({ until: at(600) })
    expect(world.drain()).toMatchObject({ phase: 'draining', remaining: 1 })
    world.stop(taskNumber(last))
    world.settle()
    expect(world.actions).toMatchObject([{ ended: 'CONTINUE', killed: [] }])
  })

  test('hears of the tasks of either by their events', () => {
    const { world, record, living } = registeredBefore()
    world.settle({ until: at(60) })
    const indexed = world.calls('AppendToStream').flatMap(({ index }) => index.containerInstances)
    expect(new Set(indexed)).toEqual(new Set([record.arn, living.arn]))
  })

  test('is let go where the record of before is gone meanwhile, and its tasks have stopped', () => {
    const { world, record } = registeredBefore()
    world.settle({ until: at(60) })
    for (const n of [1, 2, 3]) world.stop(taskNumber(n))
    record.status = 'INACTIVE'
    world.settle()
    expect(world.actions).toMatchObject([{ ended: 'CONTINUE', killed: [] }])
  })

  test('is drained also where the record of before cannot be set DRAINING any more', () => {
    const { world, record, living } = registeredBefore()
    world.answerWith('UpdateContainerInstancesState', () => {
      living.status = 'DRAINING'
      const { arn, agentConnected, registeredAt } = living
      return {
        containerInstances: [{ arn, ec2InstanceId: null, status: 'DRAINING', agentConnected, registeredAt }],
        failures: [{ arn: record.arn, reason: 'INACTIVE' }],
      }
    })
    world.settle({ until: at(60) })
    expect(world.drain()).toMatchObject({ phase: 'draining', containerInstance: { arn: living.arn }, remaining: 2 })
  })
})

describe('the agent of an instance that drains', () => {
  test('is known to be gone from the answer that sets DRAINING, or from a later look, and its return as well', () => {
    const world = new ScriptedWorld()
    const host = world.addInstance(1, [task(1)], { agentConnected: false })
    world.terminate(1)
    world.settle({ until: at(60) })
    expect(world.drain().agentConnected).toBe(false)
    host.agentConnected = true
    sweepTwice(world)
    expect(world.drain().agentConnected).toBe(true)
    host.agentConnected = false
    world.stop(taskNumber(1))
    world.settle()
    const changes = world.events().filter(({ type }) => type === 'AgentConnectionChanged')
    expect(changes).toMatchObject([{ connected: false }, { connected: true }, { connected: false }])
    expect(world.actions).toMatchObject([{ ended: 'CONTINUE' }])
  })
})
