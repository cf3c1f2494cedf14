import { describe, expect, test } from 'vitest'
import type { ClusterName } from '../../src/identity/ids.ts'
import { resume } from '../../src/invocation/invocation.ts'
import {
  at,
  containerInstanceNumber,
  event,
  given,
  id,
  observation,
  policy,
  ScriptedWorld,
  task,
  taskNumber,
  theCluster,
  theContainerInstance,
  theInstance,
  throttled,
  unavailable,
} from '../../src/testing/index.ts'
import { upTo } from '../support/up-to.ts'

const batch: ClusterName = id('batch')
const find = { type: 'FindContainerInstance', instance: theInstance, clusters: [theCluster] } as const

describe('R2: the container instance is found by its EC2 instance id', () => {
  test('in the clusters that the announcement is about, asked in order and all of them', () => {
    const world = new ScriptedWorld({ policy: policy({ clusters: [theCluster, batch] }) })
    world.addInstance(1, [task(1)])
    world.terminate(1)
    world.settle()
    expect(world.calls('ListContainerInstances').map(({ cluster, ec2InstanceId }) => [cluster, ec2InstanceId])).toEqual(
      [
        [theCluster, theInstance],
        [batch, theInstance],
      ],
    )
    expect(world.drain().containerInstance).toEqual({ cluster: theCluster, arn: theContainerInstance })
  })

  test('of two records of one instance the one whose agent is connected is the living one', () => {
    const world = new ScriptedWorld()
    world.addInstance(1, [], { arn: containerInstanceNumber(7), agentConnected: false, registeredAt: at(-10) })
    world.addInstance(1, [task(1)])
    world.terminate(1)
    world.settle()
    expect(world.drain().containerInstance?.arn).toBe(theContainerInstance)
    expect(world.instances.map(({ status }) => status)).toEqual(['ACTIVE', 'DRAINING'])
  })

  test('of two connected records the later one is the living one', () => {
    const world = new ScriptedWorld()
    world.addInstance(1, [], { arn: containerInstanceNumber(7), registeredAt: at(-9_000) })
    world.addInstance(1, [task(1)])
    world.terminate(1)
    world.settle()
    expect(world.drain().containerInstance?.arn).toBe(theContainerInstance)
  })

  test('a ghost in one cluster does not hide the instance in another', () => {
    const world = new ScriptedWorld({ policy: policy({ clusters: [theCluster, batch] }) })
    world.addInstance(1, [], { arn: containerInstanceNumber(7), agentConnected: false })
    world.addInstance(1, [task(1)], { cluster: batch })
    world.terminate(1)
    world.settle()
    expect(world.calls('DescribeContainerInstances').map(({ cluster }) => cluster)).toEqual([theCluster, batch])
    expect(world.drain().containerInstance?.cluster).toBe(batch)
  })

  test('a list in pages is read to its end', () => {
    const world = new ScriptedWorld({ pageSize: 1 })
    for (const n of [7, 8]) {
      world.addInstance(1, [], { arn: containerInstanceNumber(n), agentConnected: false })
    }
    world.addInstance(1, [task(1)])
    world.terminate(1)
    world.settle()
    expect(world.calls('ListContainerInstances').map(({ nextToken }) => nextToken)).toEqual([null, '1', '2'])
    expect(world.drain().containerInstance?.arn).toBe(theContainerInstance)
  })
})

describe('R2: an instance that no cluster knows', () => {
  test('is looked for once more after the grace, and only then let go, with the reason recorded', () => {
    const world = new ScriptedWorld()
    world.terminate(1)
    world.settle({ until: at(19) })
    expect(world.actions).toMatchObject([{ ended: null }])
    world.settle()
    expect(world.calls('ListContainerInstances')).toHaveLength(2)
    expect(world.actions).toMatchObject([{ ended: 'CONTINUE', endedAt: at(20) }])
    expect(world.drain().decision).toEqual({ result: 'CONTINUE', because: 'not-a-container-instance' })
  })

  test('that is found the second time is drained like any other', () => {
    const world = new ScriptedWorld()
    world.terminate(1)
    world.settle({ until: at(19) })
    world.addInstance(1, [task(1)])
    world.settle()
    expect(world.drain()).toMatchObject({ phase: 'draining', remaining: 1, missingSince: null })
  })

  test('is not let go by a second answer that comes before the grace is over', () => {
    given(event('DrainRequested', 0), event('ContainerInstanceNotFound', 1))
      .when(observation('ContainerInstanceAbsent'), { at: at(20) })
      .then()
  })

  test('is not let go because the search fails', () => {
    const world = new ScriptedWorld()
    world.addInstance(1, [task(1)])
    world.terminate(1)
    world.fail('ListContainerInstances', { type: 'NotFound', message: 'ClusterNotFoundException' }, { times: 4 })
    world.settle({ until: at(600) })
    expect(world.drain()).toMatchObject({ phase: 'draining' })
  })
})

describe('R3: DRAINING is set where a termination was requested', () => {
  test('and nowhere before', () => {
    given().owes([], { at: at(0) })
    given(event('DrainRequested', 0)).owes([find], { at: at(0) })
  })

  test('also where somebody else had set it before', () => {
    const world = new ScriptedWorld()
    world.addInstance(1, [task(1)], { status: 'DRAINING' })
    world.terminate(1)
    world.settle()
    expect(world.drain()).toMatchObject({ phase: 'draining', drainingSince: at(0) })
  })

  const answered = (status: string, reason: string | null) => ({
    containerInstances: reason === null ? [{ ...described, status }] : [],
    failures: reason === null ? [] : [{ arn: theContainerInstance, reason }],
  })
  const described = { arn: theContainerInstance, ec2InstanceId: theInstance, agentConnected: true, registeredAt: at(0) }

  test.each([
    ['DRAINING', null, 'ContainerInstanceDraining'],
    ['ACTIVE', null, 'EffectFailed'],
    ['REGISTERING', null, 'EffectFailed'],
    ['INACTIVE', null, 'ContainerInstanceLost'],
    ['', 'MISSING', 'ContainerInstanceLost'],
    ['', 'INACTIVE', 'ContainerInstanceLost'],
    ['', 'SOMETHING_NEW', 'EffectFailed'],
  ])('an answer of status "%s" and failure %s means %s', (status, reason, type) => {
    const world = new ScriptedWorld()
    world.addInstance(1, [task(1)])
    const { invocation } = upTo('UpdateContainerInstancesState', world, [observation('TerminationAnnounced')])
    const step = resume(invocation, { type: 'answered', at: at(1), answer: answered(status, reason) }, world.policy)
    expect(step).toMatchObject({ call: { type: 'AppendToStream', events: [{ type }] } })
  })

  test('failures[] is read: MISSING means that it is looked for again, after a while', () => {
    const world = new ScriptedWorld()
    const host = world.addInstance(1, [])
    world.terminate(1)
    const notices = world.pending.splice(0).map(({ notice }) => notice)
    const moved = containerInstanceNumber(9)
    // It registers anew between the search and the update.
    const [found] = [host.arn]
    world.fail('UpdateContainerInstancesState', unavailable)
    world.deliver(notices)
    host.arn = moved
    world.settle()
    expect(world.events().flatMap((each) => (each.type === 'ContainerInstanceLost' ? [each.reason] : []))).toEqual([
      'MISSING',
    ])
    expect(world.events().flatMap((each) => (each.type === 'ContainerInstanceFound' ? [each.arn] : []))).toEqual([
      found,
      moved,
    ])
    expect(world.drain()).toMatchObject({ phase: 'ended', decision: { because: 'drained' } })
  })
})

describe('a container instance that ECS no longer knows', () => {
  const lost = (tasks: number) => {
    const world = new ScriptedWorld()
    const host = world.addInstance(
      1,
      Array.from({ length: tasks }, (_, n) => task(n + 1)),
    )
    world.terminate(1)
    world.settle()
    host.status = 'INACTIVE'
    return world
  }

  test('is let go once the tasks that were known of it are known to have stopped', () => {
    const world = lost(1)
    world.stop(taskNumber(1))
    world.settle()
    expect(world.drain()).toMatchObject({ phase: 'ended', decision: { because: 'container-instance-gone' } })
    expect(world.actions).toMatchObject([{ killed: [] }])
  })

  test('is not let go while a task that was known of it may still run', () => {
    const world = lost(2)
    world.stop(taskNumber(1))
    world.settle()
    for (const _ of [1, 2, 3]) {
      world.advance(300_000)
      world.sweep()
      world.settle()
    }
    expect(world.drain()).toMatchObject({ phase: 'draining', remaining: 1 })
    world.stop(taskNumber(2), { lost: true })
    world.advance(300_000)
    world.sweep()
    world.settle()
    expect(world.drain()).toMatchObject({ phase: 'ended', decision: { because: 'container-instance-gone' } })
  })
})

test('R10: whatever fails while it is looked for is tried again', () => {
  const world = new ScriptedWorld()
  world.addInstance(1, [task(1)])
  world.terminate(1)
  world.fail('ListContainerInstances', throttled, { times: 3 })
  world.fail('UpdateContainerInstancesState', unavailable, { times: 3 })
  world.fail('DescribeLifecycleHooks', throttled, { times: 2 })
  world.settle({ until: at(120) })
  expect(world.drain()).toMatchObject({ phase: 'draining', remaining: 1, hook: { heartbeatTimeout: 900_000 } })
})
