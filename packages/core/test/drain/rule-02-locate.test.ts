import { describe, expect, test } from 'vitest'
import type { ClusterName, EcsTaskArn } from '../../src/identity/ids.ts'
import {
  at,
  containerInstanceNumber,
  event,
  given,
  id,
  noActiveAction,
  observation,
  policy,
  ScriptedWorld,
  stoppedTask,
  task,
  taskNumber,
  theCluster,
  theGroup,
  theInstance,
  theStream,
  throttled,
} from '../../src/testing/index.ts'
import { minutes, seconds } from '../../src/time/instant.ts'
import { draining, locating } from '../support/histories.ts'
import { readTasks } from '../support/read-tasks.ts'
import { terminatedAgain } from '../support/terminated-again.ts'

const find = { type: 'FindContainerInstance', instance: theInstance, clusters: [theCluster] } as const
const absent = observation('ContainerInstanceAbsent')

/** Its container instance was lost with a task on it, and not found again. */
const gone = [
  ...draining(task(1)),
  event('ContainerInstanceLost', 10, { retryAt: at(30) }),
  event('ContainerInstanceNotFound', 30),
]
const askByName = readTasks('known', { containerInstance: null, remaining: [taskNumber(1)] })

const notFound = event('ContainerInstanceNotFound', 1)
const confirmed = event('LifecycleActionHeartbeatRecorded', 0)

describe('R2: the container instance is looked for in the clusters that are ours', () => {
  test('once a termination is announced it is looked for first of all', () => {
    given(...locating).owes([find], { at: at(1) })
  })

  test('what was found is stored with its cluster', () => {
    given(...locating)
      .when(observation('ContainerInstanceLocated'), { at: at(1) })
      .then(event('ContainerInstanceFound', 1))
      .owing({ type: 'SetDraining', cluster: theCluster, containerInstance: containerInstanceNumber(1) })
  })

  test('not found once is not an answer yet: it is looked for again after the grace', () => {
    given(...locating)
      .when(absent, { at: at(1) })
      .then(notFound)
    const waiting = given(...locating, notFound, event('LifecycleHookDescribed', 1))
    waiting.owes([{ type: 'SendWakeUp', stream: id(`ec2-instance/${theInstance}`), at: at(21), hops: 1 }], {
      at: at(2),
    })
    waiting.owes([find], { at: at(21) })
    waiting.when(absent, { at: at(20) }).then()
  })

  test('not found twice, a grace apart, completes with that reason', () => {
    given(...locating, notFound)
      .when(absent, { at: at(21) })
      .then(
        event('ContainerInstanceNotFound', 21),
        event('CompletionDecided', 21, { result: 'CONTINUE', because: 'not-a-container-instance' }),
      )
  })

  test.each([20, 0])(
    'an instance that is no container instance is let go at the end of the grace, of %i s',
    (grace) => {
      const world = new ScriptedWorld({ policy: policy({ notFoundGrace: seconds(grace) }) })
      world.terminate(1)
      world.settle()
      expect(world.actions).toMatchObject([{ ended: 'CONTINUE', endedAt: at(grace) }])
      expect(world.drain()).toMatchObject({ decision: { because: 'not-a-container-instance' } })
    },
  )

  test('an instance that registers within the grace is drained', () => {
    const world = new ScriptedWorld()
    world.terminate(1)
    world.settle({ until: at(10) })
    world.addInstance(1, [task(1)])
    world.settle({ until: at(60) })
    expect(world.drain()).toMatchObject({ phase: 'draining', remaining: 1 })
    expect(world.actions).toMatchObject([{ ended: null }])
  })

  test('a cluster that does not exist does not hide the instance in another', () => {
    const world = new ScriptedWorld({ policy: policy({ clusters: [id('deleted'), theCluster] }) })
    world.addInstance(1, [task(1)])
    world.fail('ListContainerInstances', { type: 'NotFound', message: 'Cluster not found.' })
    world.terminate(1)
    world.settle({ until: at(60) })
    expect(world.drain()).toMatchObject({ phase: 'draining', remaining: 1 })
  })

  test('and where no other has it, nothing is concluded: a name may be mistyped', () => {
    const world = new ScriptedWorld({ policy: policy({ clusters: [id('mistyped'), theCluster] }) })
    world.fail('ListContainerInstances', { type: 'NotFound', message: 'Cluster not found.' }, { times: 2 })
    world.terminate(1)
    world.settle({ until: at(1) })
    expect(world.events().map(({ type }) => type)).toContain('EffectFailed')
    expect(world.events().map(({ type }) => type)).not.toContain('ContainerInstanceNotFound')
  })

  test('a drain that began with a mistyped name goes on when that has been put right', () => {
    const failed = event('EffectFailed', 1, { effect: 'FindContainerInstance', retryAt: at(2) })
    given(event('DrainRequested', 0, { clusters: [id<ClusterName>('mistyped')] }), confirmed, failed).owes(
      [{ ...find, dropped: [id<ClusterName>('mistyped')] }],
      { at: at(2) },
    )
  })

  test('and looks where it began when there are only patterns today, which name no cluster to look in', () => {
    const under = policy({ clusters: [], metadataClusters: ['prod-*'] })
    given(...locating).owes([find], { at: at(2), policy: under })
  })

  test('one that a pattern allows is looked for there alone', () => {
    const under = policy({ metadataClusters: ['prod-*'] })
    const clusters = [id<ClusterName>('prod-web')]
    given(event('DrainRequested', 0, { clusters }), confirmed).owes([{ ...find, clusters }], {
      at: at(2),
      policy: under,
    })
  })

  test.each([
    ['the policy has got since', [theCluster]],
    ['the metadata has not named', [id<ClusterName>('prod-web')]],
  ])('and before it is let go in every cluster of today, also one that %s', (_, clusters) => {
    const today = [theCluster, id<ClusterName>('batch')]
    const under = policy({ clusters: today, metadataClusters: ['prod-*'] })
    const requested = [event('DrainRequested', 0, { clusters }), confirmed, event('LifecycleHookDescribed', 1)]
    given(...requested).owes([{ ...find, clusters }], { at: at(1), policy: under })
    const all = [...new Set([...clusters, ...today])]
    given(...requested, notFound).owes([{ ...find, clusters: all }], { at: at(21), policy: under })
  })

  test('every cluster is asked, page by page, and the filter names the EC2 instance', () => {
    const world = new ScriptedWorld({ policy: policy({ clusters: [id('a'), id('b'), id('c')] }) })
    world.addInstance(1, [], { cluster: id('b') })
    world.terminate(1)
    world.settle()
    expect(world.calls('ListContainerInstances')).toMatchObject([
      { cluster: 'a', ec2InstanceId: theInstance },
      { cluster: 'b', ec2InstanceId: theInstance },
      { cluster: 'c', ec2InstanceId: theInstance },
    ])
    expect(world.instances).toMatchObject([{ status: 'DRAINING' }])
  })

  test('of several records of one instance the one whose agent is connected is the living one', () => {
    const world = new ScriptedWorld({ pageSize: 1 })
    const ghost = world.addInstance(1, [], { arn: containerInstanceNumber(8), agentConnected: false })
    const living = world.addInstance(1, [task(1)], { arn: containerInstanceNumber(9), registeredAt: at(-7_200) })
    world.terminate(1)
    world.settle({ until: at(10) })
    expect(world.drain()).toMatchObject({ containerInstance: { arn: living.arn } })
    // Both are this host, whose containers of before run on.
    expect(world.drain()).toMatchObject({ leftBehind: [ghost.arn] })
    expect([ghost.status, living.status]).toEqual(['DRAINING', 'DRAINING'])
  })

  test('a record that says it is another host is left alone, whatever list it is in', () => {
    const world = new ScriptedWorld()
    const mine = world.addInstance(1, [task(1)])
    const another = world.addInstance(2, [task(2)])
    world.answerWith('ListContainerInstances', () => ({ items: [another.arn, mine.arn], nextToken: null }))
    world.terminate(1)
    world.settle({ until: at(10) })
    expect(world.drain()).toMatchObject({ containerInstance: { arn: mine.arn }, leftBehind: [] })
    expect([mine.status, another.status]).toEqual(['DRAINING', 'ACTIVE'])
  })

  test('one that does not say which host it is counts as listed', () => {
    const world = new ScriptedWorld()
    const [ghost, living] = [containerInstanceNumber(8), containerInstanceNumber(9)]
    world.addInstance(1, [], { arn: ghost, agentConnected: false })
    world.addInstance(1, [task(1)], { arn: living })
    world.answerWith('DescribeContainerInstances', ({ containerInstances }) => ({
      containerInstances: containerInstances.map((arn) => ({
        arn,
        ec2InstanceId: null,
        status: 'ACTIVE',
        agentConnected: arn === living,
        registeredAt: at(-100),
      })),
      failures: [],
    }))
    world.terminate(1)
    world.settle({ until: at(10) })
    expect(world.drain()).toMatchObject({ containerInstance: { arn: living }, leftBehind: [ghost] })
  })

  test('with no agent connected the latest record is, also in another cluster', () => {
    const world = new ScriptedWorld({ policy: policy({ clusters: [id('a'), id('b')] }) })
    world.addInstance(1, [], { cluster: id('a'), agentConnected: false, registeredAt: at(-100) })
    const later = world.addInstance(1, [task(1)], { cluster: id('b'), agentConnected: false, registeredAt: at(-50) })
    world.terminate(1)
    world.settle({ until: at(10) })
    expect(world.drain()).toMatchObject({ containerInstance: { cluster: 'b', arn: later.arn } })
  })

  test('one that is listed twice is one, and nothing that its own agent has left behind', () => {
    const world = new ScriptedWorld({ policy: policy({ clusters: [theCluster, theCluster] }) })
    world.addInstance(1)
    world.terminate(1)
    const handling = world.handle({
      stream: theStream,
      observations: [observation('TerminationAnnounced', { clusters: [theCluster, theCluster] })],
      hops: 0,
    })
    handling.run(({ type }) => type === 'UpdateContainerInstancesState')
    expect(world.drain()).toMatchObject({ leftBehind: [] })
    // It is gone before it is set DRAINING.
    world.instances.length = 0
    handling.run()
    world.settle()
    expect(world.drain()).toMatchObject({ phase: 'ended', decision: { because: 'container-instance-gone' } })
  })

  test('and one that its agent has left behind, in a cluster that is named twice, is read once', () => {
    const world = new ScriptedWorld({ policy: policy({ clusters: [theCluster, theCluster] }) })
    const ghost = { arn: containerInstanceNumber(8), agentConnected: false, registeredAt: at(-7_200) }
    world.addInstance(1, [task(8)], ghost)
    world.addInstance(1, [task(1)])
    world.terminate(1)
    world.settle()
    expect(world.drain()).toMatchObject({ phase: 'draining', leftBehind: [ghost.arn], remaining: 2 })
  })

  test('records that are all INACTIVE are none', () => {
    const world = new ScriptedWorld()
    world.addInstance(1, [], { arn: containerInstanceNumber(8) })
    world.addInstance(1, [], { arn: containerInstanceNumber(9) })
    world.terminate(1)
    const handling = world.handle({
      stream: id(`ec2-instance/${theInstance}`),
      observations: [observation('TerminationAnnounced')],
      hops: 0,
    })
    handling.run((call) => call.type === 'DescribeContainerInstances')
    for (const instance of world.instances) instance.status = 'INACTIVE'
    handling.run()
    expect(world.events().map(({ type }) => type)).toContain('ContainerInstanceNotFound')
  })

  test('one that ECS no longer knows is looked for again, and not at once, because lists lag', () => {
    given(...draining(task(1)))
      .when(observation('ContainerInstanceLost', { reason: 'MISSING' }), { at: at(10) })
      .then({ type: 'ContainerInstanceLost', at: at(10), reason: 'MISSING', retryAt: at(30) })
    const lost = given(...draining(), event('ContainerInstanceLost', 10, { retryAt: at(30) }))
    lost.owes([find], { at: at(30) })
    expect(lost.drain).toMatchObject({ phase: 'locating', drainingSince: null, missingSince: null })
  })

  test('and not on and on while a list shows it all the same, also without any grace', () => {
    const world = new ScriptedWorld({ policy: policy({ notFoundGrace: 0 }), latency: 10 })
    world.addInstance(1)
    world.answerWith('UpdateContainerInstancesState', ({ containerInstances }) => ({
      containerInstances: [],
      failures: containerInstances.map((arn) => ({ arn, reason: 'MISSING' })),
    }))
    world.terminate(1)
    world.settle({ until: at(60) })
    expect(world.calls('ListContainerInstances').length).toBeLessThan(20)
  })

  test('one that is gone lets the instance go only when its tasks were seen to stop', () => {
    given(...gone)
      .when(absent, { at: at(50) })
      .then()
      .owing(askByName)
    const stopped = [...gone, event('TasksRead', 50, { scope: 'known', since: at(50), tasks: [stoppedTask(1)] })]
    given(...stopped)
      .when(absent, { at: at(51) })
      .then(
        event('ContainerInstanceNotFound', 51),
        event('CompletionDecided', 51, { result: 'CONTINUE', because: 'container-instance-gone' }),
      )
  })

  test('a failure to find it is not an absence', () => {
    const world = new ScriptedWorld()
    world.addInstance(1, [task(1)])
    world.fail('ListContainerInstances', noActiveAction, { times: 3 })
    world.terminate(1)
    world.settle({ until: at(60) })
    expect(world.drain()).toMatchObject({ phase: 'draining' })
  })

  test('a drain that has found it asks on where it was, also when that cluster has left the policy since', () => {
    const elsewhere = policy({ clusters: [id('batch')] })
    const stopped = [...gone, event('TaskSeen', 40, { task: stoppedTask(1) })]
    given(...stopped).owes([find], { at: at(50), policy: elsewhere })
    given(...stopped)
      .when(absent, { at: at(51), policy: elsewhere })
      .then(
        event('ContainerInstanceNotFound', 51),
        event('CompletionDecided', 51, { result: 'CONTINUE', because: 'container-instance-gone' }),
      )
  })
})

describe('R2: a container instance that is gone, with a task in a cluster, and is found again in another', () => {
  const batch: ClusterName = id('batch')
  const inBatch = { cluster: batch, arn: containerInstanceNumber(2, batch) }

  test('is not let go before the task has stopped, which its own cluster is asked for', () => {
    const world = new ScriptedWorld({ policy: policy({ clusters: [theCluster, batch] }) })
    const inWeb = world.addInstance(1, [task(1)])
    world.terminate(1)
    world.settle({ until: at(20) })
    world.sweep()
    world.settle({ until: at(30) })
    inWeb.status = 'INACTIVE'
    world.addInstance(1, [task(2, { arn: taskNumber(2, batch) })], inBatch)
    world.lifecycleStates.set(theInstance, { group: theGroup, state: 'Terminating:Wait' })
    world.sweep()
    world.settle({ until: at(120) })
    expect(world.drain()).toMatchObject({ phase: 'draining', containerInstance: inBatch, remaining: 2, failures: [] })
    world.stop(taskNumber(2, batch))
    world.settle({ until: at(180) })
    expect(world.actions).toMatchObject([{ ended: null }])
    world.stop(taskNumber(1), { lost: true })
    world.sweep()
    world.settle({ until: at(240) })
    expect(world.actions).toMatchObject([{ ended: 'CONTINUE', killed: [] }])
    expect(world.drain()).toMatchObject({ decision: { because: 'drained' } })
  })

  test('has the task told to stop in the cluster that it is in', () => {
    const again = given(
      ...draining(task(1, { group: 'family:batch' })),
      event('ContainerInstanceLost', 10, { retryAt: at(30) }),
      event('ContainerInstanceFound', 30, inBatch),
      event('ContainerInstanceDraining', 30),
      event('TasksRead', 36, { since: at(35) }),
    )
    const standaloneAfter = seconds(30)
    const reason = 'ecs-drain: the instance is being replaced'
    again.owes([{ type: 'StopTask', cluster: theCluster, task: taskNumber(1), reason }], {
      at: at(61),
      policy: policy({ clusters: [theCluster, batch], standaloneAfter }),
    })
  })
})

describe('R2: a container instance that is gone, with a task that was not seen to stop', () => {
  const stillThere = event('TasksRead', 51, { scope: 'known', since: at(50) })

  test('is asked for the task by its name, when it was not found a second time and not before', () => {
    given(...gone).owes([{ type: 'SendWakeUp', stream: theStream, at: at(50), hops: 1 }], { at: at(49) })
    given(...gone).owes([askByName], { at: at(50) })
  })

  test('once, and then again at each sweep', () => {
    given(...gone, stillThere).owes([], { at: at(51) })
    const swept = given(...gone, stillThere).when(observation('SweptWaiting'), { at: at(120) })
    swept.then(event('Swept', 120)).owing(askByName)
    given(...gone, stillThere, ...swept.events, event('TasksRead', 121, { scope: 'known', since: at(120) })).owes([], {
      at: at(121),
    })
  })

  test('what it is told is recorded, and the instance is let go when the task has stopped', () => {
    const told = observation('TasksSeen', { scope: 'known', since: at(50), tasks: [stoppedTask(1)] })
    const { events } = given(...gone).when(told, { at: at(51) })
    expect(events.map(({ type }) => type)).toEqual(['TasksRead'])
    given(...gone, ...events).owes([find], { at: at(51) })
    given(...gone, ...events)
      .when(absent, { at: at(52) })
      .then(
        event('ContainerInstanceNotFound', 52),
        event('CompletionDecided', 52, { result: 'CONTINUE', because: 'container-instance-gone' }),
      )
  })

  test('is asked for it also where this drain has not found it at all, and knows the task from an event', () => {
    const world = new ScriptedWorld()
    const host = world.addInstance(1)
    terminatedAgain(world, () => world.fail('ListContainerInstances', throttled))
    world.stop(taskNumber(1), { lost: true })
    host.status = 'INACTIVE'
    world.settle({ until: world.now + minutes(5) })
    expect(world.drain()).toMatchObject({ phase: 'ended', decision: { because: 'not-a-container-instance' } })
    expect(world.actions).toMatchObject([{ ended: 'CONTINUE' }, { ended: 'CONTINUE', killed: [] }])
  })

  test('by the short kind of ARN only in the one cluster it can be of', () => {
    const arn: EcsTaskArn = id('arn:aws:ecs:eu-west-1:111122223333:task/00000000-0000-4000-8000-000000000001')
    const found = event('LifecycleHookDescribed', 1)
    const seen = [event('TaskSeen', 1, { task: task(1, { arn }) }), event('ContainerInstanceNotFound', 1)]
    given(...locating, found, ...seen).owes([{ ...askByName, remaining: [arn] }], { at: at(21) })
    const clusters: ReadonlyArray<ClusterName> = [theCluster, id('batch')]
    const under = policy({ clusters })
    const inTwo = [
      event('DrainRequested', 0, { clusters }),
      event('LifecycleActionHeartbeatRecorded', 0),
      found,
      ...seen,
    ]
    given(...inTwo).owes([{ ...find, clusters }], { at: at(21), policy: under })
  })

  test('by the long kind of ARN in the cluster that it names, whichever of the drain’s that is', () => {
    const batch: ClusterName = id('batch')
    const clusters = [theCluster, batch]
    given(
      event('DrainRequested', 0, { clusters }),
      event('LifecycleActionHeartbeatRecorded', 0),
      event('LifecycleHookDescribed', 1),
      event('TaskSeen', 1, { task: task(1, { arn: taskNumber(1, batch) }) }),
      notFound,
    ).owes([{ ...askByName, cluster: batch, remaining: [taskNumber(1, batch)] }], {
      at: at(21),
      policy: policy({ clusters }),
    })
  })

  test('and is looked for all the same where it was never found: the list may be late', () => {
    const seen = event('TaskSeen', 1, { task: task(1) })
    const never = [...locating, event('LifecycleHookDescribed', 1), seen, event('ContainerInstanceNotFound', 1)]
    given(...never).owes([askByName], { at: at(21) })
    given(...never, event('TasksRead', 22, { scope: 'known', since: at(21) })).owes([find], { at: at(22) })
  })

  test('once, and then again at each sweep, also without any grace', () => {
    const world = new ScriptedWorld({ policy: policy({ notFoundGrace: 0 }), latency: 10 })
    const host = world.addInstance(1)
    terminatedAgain(world, () => {
      host.status = 'INACTIVE'
      world.ledger.length = 0
    })
    world.settle({ until: world.now + minutes(5) })
    const looks = () => [world.calls('DescribeTasks').length, world.calls('ListContainerInstances').length]
    expect(looks()).toEqual([1, 2])
    world.sweep()
    expect(looks()).toEqual([2, 3])
    world.advance(minutes(5))
    // The agent comes late: it is drained like any other.
    host.status = 'ACTIVE'
    world.sweep()
    expect(world.drain()).toMatchObject({ phase: 'draining' })
  })

  test('or as soon as an event says that the last of its tasks has stopped, once the grace is over', () => {
    const seen = event('TaskSeen', 1, { task: task(1) })
    const asked = event('TasksRead', 22, { scope: 'known', since: at(21) })
    const left = given(...locating, event('LifecycleHookDescribed', 1), notFound, seen, asked, {
      ...notFound,
      at: at(22),
    })
    left.owes([], { at: at(23) })
    const stopped = observation('TaskSeen', { task: stoppedTask(1) })
    left.when(stopped, { at: at(42) }).owing(find)
    left.when(stopped, { at: at(30) }).owing({ type: 'SendWakeUp', stream: theStream, at: at(42), hops: 1 })
  })

  test('and not without end where its tasks cannot be asked for either', () => {
    const world = new ScriptedWorld({ policy: policy({ notFoundGrace: 0 }), latency: 10 })
    const host = world.addInstance(1)
    terminatedAgain(world, () => {
      host.status = 'INACTIVE'
      world.ledger.length = 0
      world.fail('DescribeTasks', throttled, { times: Number.POSITIVE_INFINITY })
    })
    world.settle({ until: world.now + minutes(5) })
    expect(world.calls('ListContainerInstances').length).toBeLessThan(20)
  })

  test('and while ECS does not say what became of the task: its cluster may be gone', () => {
    const seen = event('TaskSeen', 1, { task: task(1) })
    const never = [...locating, event('LifecycleHookDescribed', 1), seen, event('ContainerInstanceNotFound', 1)]
    given(...never, event('EffectFailed', 22, { effect: 'ReadTasks', retryAt: at(23) })).owes([find], { at: at(22) })
  })

  test('of which every task has stopped there is nothing to ask but where it is', () => {
    given(...gone, event('TaskSeen', 40, { task: stoppedTask(1) })).owes([find], { at: at(50) })
  })
})
