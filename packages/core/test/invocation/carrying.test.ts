// Which calls an effect takes, one after another, and what they come to.
import { describe, expect, test } from 'vitest'
import type { Effect } from '../../src/effect/effect.ts'
import type { ClusterName, ContainerInstanceArn } from '../../src/identity/ids.ts'
import type { Answer, Call, CallType } from '../../src/invocation/call.ts'
import { carryOn, carryOnAfter, startCarrying } from '../../src/invocation/carry-out.ts'
import type { Failure } from '../../src/observation/failure.ts'
import type { Outcome } from '../../src/observation/observation.ts'
import {
  at,
  containerInstanceNumber,
  id,
  stoppedTask,
  stoppingTask,
  task,
  taskNumber,
  theCluster,
  theContainerInstance,
  theInstance,
  throttled,
} from '../../src/testing/index.ts'
import { readTasks } from '../support/read-tasks.ts'

type Replies = { readonly [Type in CallType]?: (call: Extract<Call, { type: Type }>) => Answer<Type> | Failure }

const isFailure = (reply: unknown): reply is Failure =>
  typeof reply === 'object' && reply !== null && 'type' in reply && 'message' in reply

/** No effect here takes more. */
const callsMax = 20

/** Carries an effect out over these replies, whatever it asks for; a call that has none is unexpected. */
const carry = (
  effect: Effect,
  replies: Replies,
): { readonly calls: ReadonlyArray<Call>; readonly outcome: Outcome } => {
  const calls: Array<Call> = []
  let carrying = startCarrying(effect, at(0))
  while (calls.length < callsMax) {
    const { call } = carrying
    calls.push(call)
    const replyTo = replies[call.type] as ((call: Call) => unknown) | undefined
    if (replyTo === undefined) throw new Error(`unexpected ${call.type}`)
    const reply = replyTo(call)
    const carried = isFailure(reply) ? carryOnAfter(carrying, reply) : carryOn(carrying, reply as Answer<CallType>)
    if (carried.type === 'outcome') return { calls, outcome: carried.outcome }
    carrying = carried.carrying
  }
  throw new Error(`no outcome after ${callsMax} calls`)
}

const types = ({ calls }: { readonly calls: ReadonlyArray<Call> }) => calls.map(({ type }) => type)

const listing =
  (lists: { readonly RUNNING: ReadonlyArray<number>; readonly STOPPED: ReadonlyArray<number> }) =>
  ({ desiredStatus }: Extract<Call, { type: 'ListTasks' }>): Answer<'ListTasks'> => ({
    items: lists[desiredStatus].map((n) => taskNumber(n)),
    nextToken: null,
  })
const record = {
  arn: theContainerInstance,
  ec2InstanceId: theInstance,
  status: 'DRAINING',
  agentConnected: true,
  registeredAt: at(0),
}
const stillDrains = () => ({ containerInstances: [record], failures: [] })

describe('a reading of all tasks', () => {
  test('that finds none ends with a look at the container instance', () => {
    const ListTasks = listing({ RUNNING: [], STOPPED: [1] })
    const DescribeTasks = () => ({ tasks: [stoppedTask(1)], failures: [] })
    const carried = carry(readTasks('all'), { ListTasks, DescribeTasks, DescribeContainerInstances: stillDrains })
    expect(types(carried)).toEqual(['ListTasks', 'ListTasks', 'DescribeTasks', 'DescribeContainerInstances'])
    expect(carried.outcome).toMatchObject({ type: 'TasksSeen', agentConnected: true, undescribed: [] })
  })

  test('that finds one running asks no more', () => {
    const carried = carry(readTasks('all'), { ListTasks: listing({ RUNNING: [1], STOPPED: [] }) })
    expect(types(carried)).toEqual(['ListTasks', 'ListTasks'])
    expect(carried.outcome).toMatchObject({ agentConnected: null, undescribed: [taskNumber(1)] })
  })

  test('that finds one stopping asks no more', () => {
    const ListTasks = listing({ RUNNING: [], STOPPED: [1, 2] })
    const DescribeTasks = () => ({ tasks: [stoppedTask(1), stoppingTask(2)], failures: [] })
    const carried = carry(readTasks('all'), { ListTasks, DescribeTasks })
    expect(types(carried)).toEqual(['ListTasks', 'ListTasks', 'DescribeTasks'])
  })

  test('describes a hundred tasks at a time, each of them once', () => {
    const numbers = Array.from({ length: 250 }, (_, n) => n)
    const tasks = numbers.map((n) => stoppedTask(n))
    const { calls, outcome } = carry(readTasks('all', { remaining: tasks.slice(0, 50).map(({ arn }) => arn) }), {
      ListTasks: listing({ RUNNING: [], STOPPED: numbers }),
      DescribeTasks: ({ tasks: asked }) => ({ tasks: tasks.filter(({ arn }) => asked.includes(arn)), failures: [] }),
      DescribeContainerInstances: stillDrains,
    })
    const asked = calls.flatMap((call) => (call.type === 'DescribeTasks' ? [call.tasks] : []))
    expect(asked.map(({ length }) => length)).toEqual([100, 100, 50])
    expect(asked.flat().toSorted()).toEqual(tasks.map(({ arn }) => arn).toSorted())
    expect(outcome).toMatchObject({ forgotten: [] })
  })

  test.each([
    ['MISSING', [taskNumber(1)]],
    ['ACCESS', []],
  ])('a task that no list holds and whose description says %s is forgotten, or as it was', (reason, forgotten) => {
    const { outcome } = carry(readTasks('all', { remaining: [taskNumber(1)] }), {
      ListTasks: listing({ RUNNING: [], STOPPED: [] }),
      DescribeTasks: () => ({ tasks: [], failures: [{ arn: taskNumber(1), reason }] }),
      DescribeContainerInstances: stillDrains,
    })
    expect(outcome).toMatchObject({ type: 'TasksSeen', forgotten })
  })

  test('a task that is described is not forgotten, nor one of which nothing is said', () => {
    const { outcome } = carry(readTasks('all', { remaining: [taskNumber(1), taskNumber(2)] }), {
      ListTasks: listing({ RUNNING: [], STOPPED: [] }),
      DescribeTasks: () => ({ tasks: [stoppedTask(1)], failures: [{ arn: taskNumber(1), reason: 'MISSING' }] }),
      DescribeContainerInstances: stillDrains,
    })
    expect(outcome).toMatchObject({ type: 'TasksSeen', forgotten: [] })
  })
})

test('a first reading that finds none running takes the other list as well, and does not look at the container instance', () => {
  const ListTasks = listing({ RUNNING: [], STOPPED: [1] })
  const DescribeTasks = () => ({ tasks: [stoppedTask(1)], failures: [] })
  expect(types(carry(readTasks('running'), { ListTasks, DescribeTasks }))).toEqual([
    'ListTasks',
    'ListTasks',
    'DescribeTasks',
  ])
})

test.each(['DescribeContainerInstances', 'ListContainerInstances'] as const)(
  'a reading whose cluster is gone before its %s has lost its container instance',
  (call) => {
    const gone = (): Failure => ({ type: 'NotFound', message: 'Cluster not found.' })
    const { outcome } = carry(readTasks('all'), {
      ListTasks: listing({ RUNNING: [], STOPPED: [] }),
      DescribeContainerInstances: () => ({ containerInstances: [{ ...record, agentConnected: false }], failures: [] }),
      [call]: gone,
    })
    expect(outcome).toEqual({ type: 'ContainerInstanceLost', reason: 'Cluster not found.' })
  },
)

describe('a look at known tasks', () => {
  const look = readTasks('known', { remaining: [taskNumber(1), taskNumber(2)] })

  test('of which one is still told to run looks at the container instance as well', () => {
    const DescribeTasks = () => ({ tasks: [task(1), stoppingTask(2)], failures: [] })
    const carried = carry(look, { DescribeTasks, DescribeContainerInstances: stillDrains })
    expect(types(carried)).toEqual(['DescribeTasks', 'DescribeContainerInstances'])
  })

  test('describes all of them, and knows which ECS has forgotten', () => {
    const remaining = Array.from({ length: 150 }, (_, n) => taskNumber(n))
    const { calls, outcome } = carry(readTasks('known', { remaining }), {
      DescribeTasks: ({ tasks }) => ({ tasks: [], failures: tasks.map((arn) => ({ arn, reason: 'MISSING' })) }),
    })
    expect(calls).toMatchObject([{ tasks: remaining.slice(0, 100) }, { tasks: remaining.slice(100) }])
    expect(outcome).toMatchObject({ type: 'TasksSeen', forgotten: remaining })
  })

  test('asks each cluster for its own, as of a host that was in another before', () => {
    const batch: ClusterName = id('batch')
    const inBatch = Array.from({ length: 101 }, (_, n) => taskNumber(n, batch))
    const remaining = [taskNumber(1), ...inBatch, taskNumber(2)]
    const { calls, outcome } = carry(readTasks('known', { remaining }), {
      DescribeTasks: ({ tasks }) => ({ tasks: tasks.map((arn) => stoppedTask(1, { arn })), failures: [] }),
    })
    expect(calls).toEqual([
      { type: 'DescribeTasks', cluster: theCluster, tasks: [taskNumber(1), taskNumber(2)] },
      { type: 'DescribeTasks', cluster: batch, tasks: inBatch.slice(0, 100) },
      { type: 'DescribeTasks', cluster: batch, tasks: inBatch.slice(100) },
    ])
    expect(outcome).toMatchObject({ type: 'TasksSeen', forgotten: [] })
  })

  test('that have all been told to stop asks no more', () => {
    const DescribeTasks = () => ({ tasks: [stoppingTask(1), stoppedTask(2)], failures: [] })
    expect(types(carry(look, { DescribeTasks }))).toEqual(['DescribeTasks'])
  })

  test('keeps what it has learned of them where the container instance cannot be looked at', () => {
    const DescribeTasks = () => ({ tasks: [task(1), stoppedTask(2)], failures: [] })
    const DescribeContainerInstances = () => ({ containerInstances: [], failures: [] })
    expect(carry(look, { DescribeTasks, DescribeContainerInstances }).outcome).toMatchObject({
      type: 'TasksSeen',
      tasks: [task(1), stoppedTask(2)],
      agentConnected: null,
    })
  })
})

describe('a reading that finds the agent gone', () => {
  const other = containerInstanceNumber(9)
  /** A reading of an instance without tasks; the list of the EC2 instance's records has these. */
  const readWith = (
    records: ReadonlyArray<ContainerInstanceArn>,
    ec2InstanceId: typeof theInstance | null = theInstance,
  ) =>
    carry(readTasks('all'), {
      ListTasks: listing({ RUNNING: [], STOPPED: [] }),
      DescribeContainerInstances: ({ containerInstances }) => ({
        containerInstances: containerInstances.map((arn) => ({
          ...record,
          arn,
          ec2InstanceId,
          agentConnected: arn === other,
        })),
        failures: [],
      }),
      ListContainerInstances: () => ({ items: records, nextToken: null }),
    })

  test('says which record the EC2 instance has now, and which it had', () => {
    expect(readWith([theContainerInstance, other]).outcome).toEqual({
      type: 'ContainerInstanceReplaced',
      replaced: theContainerInstance,
      cluster: theCluster,
      arn: other,
      leftBehind: [theContainerInstance],
    })
  })

  test.each([
    ['the same record', [theContainerInstance]],
    ['nobody', []],
  ])('is a reading like another where the list shows %s', (_, records) => {
    const carried = readWith(records)
    expect(types(carried).at(-1)).toBe('ListContainerInstances')
    expect(carried.outcome).toMatchObject({ type: 'TasksSeen', agentConnected: false })
  })

  test('asks for no other record of a host that is no EC2 instance', () => {
    const carried = readWith([other], null)
    expect(types(carried).at(-1)).toBe('DescribeContainerInstances')
    expect(carried.outcome).toMatchObject({ type: 'TasksSeen', agentConnected: false })
  })
})

test('a host that has been registered more often than can be changed at once has its first ten records set DRAINING', () => {
  const leftBehind = Array.from({ length: 12 }, (_, n) => containerInstanceNumber(10 + n))
  const { calls } = carry(
    { type: 'SetDraining', cluster: theCluster, containerInstance: theContainerInstance, leftBehind },
    { UpdateContainerInstancesState: stillDrains },
  )
  expect(calls).toMatchObject([{ containerInstances: [theContainerInstance, ...leftBehind.slice(0, 9)] }])
})

describe('an EC2 instance with more records than can be described at once', () => {
  test('has the first hundred of them described', () => {
    const items = Array.from({ length: 101 }, (_, n) => containerInstanceNumber(n))
    const { calls } = carry(
      { type: 'FindContainerInstance', instance: theInstance, clusters: [theCluster] },
      {
        ListContainerInstances: () => ({ items, nextToken: null }),
        DescribeContainerInstances: stillDrains,
      },
    )
    expect(calls.at(-1)).toMatchObject({ containerInstances: items.slice(0, 100) })
  })
})

describe('a reading of a host that its agent has registered again', () => {
  const leftBehind = [containerInstanceNumber(2), containerInstanceNumber(3)]
  const effect = { ...readTasks('all'), containerInstance: theContainerInstance, leftBehind } as Effect
  const notFound: Failure = { type: 'NotFound', message: 'The container instance was not found.' }
  /** One running task on the first that was left behind, one stopping on the second. */
  const ListTasks = ({ containerInstance, desiredStatus }: Extract<Call, { type: 'ListTasks' }>) => {
    const of = desiredStatus === 'RUNNING' ? leftBehind[0] : leftBehind[1]
    return { items: containerInstance === of ? [taskNumber(desiredStatus === 'RUNNING' ? 1 : 2)] : [], nextToken: null }
  }
  const DescribeTasks = () => ({ tasks: [stoppingTask(2)], failures: [] })

  test('takes each list of each of them, that it is now first', () => {
    const { calls, outcome } = carry(effect, { ListTasks, DescribeTasks })
    const lists = calls.flatMap((call) =>
      call.type === 'ListTasks' ? [[call.desiredStatus, call.containerInstance]] : [],
    )
    const all = [theContainerInstance, ...leftBehind]
    expect(lists).toEqual([...all.map((arn) => ['RUNNING', arn]), ...all.map((arn) => ['STOPPED', arn])])
    expect(outcome).toMatchObject({
      type: 'TasksSeen',
      tasks: [{ arn: taskNumber(2) }],
      undescribed: [taskNumber(1)],
    })
  })

  test('goes on where one that was left behind is gone, and not where it is gone itself', () => {
    const gone = (arn: string) =>
      carry(effect, {
        ListTasks: (call) => (call.containerInstance === arn ? notFound : ListTasks(call)),
        DescribeTasks,
      }).outcome
    expect(leftBehind.map((arn) => gone(arn).type)).toEqual(['TasksSeen', 'TasksSeen'])
    expect(gone(theContainerInstance).type).toBe('ContainerInstanceLost')
  })
})

describe('an instance with records in two clusters', () => {
  const batch: ClusterName = id('batch')
  const find: Effect = { type: 'FindContainerInstance', instance: theInstance, clusters: [theCluster, batch] }
  const records = [
    { ...record, arn: containerInstanceNumber(1), agentConnected: false, registeredAt: at(2) },
    { ...record, arn: containerInstanceNumber(2, batch), registeredAt: at(1) },
    { ...record, arn: containerInstanceNumber(3, batch), agentConnected: false, registeredAt: at(3) },
  ]
  const clusterOf = (arn: string) => (arn.includes(`/${batch}/`) ? batch : theCluster)
  const gone = (...numbers: ReadonlyArray<number>) =>
    records.flatMap(({ arn }, n) => (numbers.includes(n + 1) ? [{ arn, reason: 'MISSING' }] : []))
  const ListContainerInstances = ({ cluster }: Extract<Call, { type: 'ListContainerInstances' }>) => ({
    items: records.map(({ arn }) => arn).filter((arn) => clusterOf(arn) === cluster),
    nextToken: null,
  })

  test('each cluster is asked for its own, and the living one is it', () => {
    const { calls, outcome } = carry(find, {
      ListContainerInstances,
      DescribeContainerInstances: ({ containerInstances }) => ({
        containerInstances: records.filter(({ arn }) => containerInstances.includes(arn)),
        failures: [],
      }),
    })
    expect(calls.slice(2)).toMatchObject([
      { type: 'DescribeContainerInstances', cluster: theCluster, containerInstances: [records[0]?.arn] },
      { type: 'DescribeContainerInstances', cluster: batch, containerInstances: [records[1]?.arn, records[2]?.arn] },
    ])
    expect(outcome).toEqual({
      type: 'ContainerInstanceLocated',
      cluster: batch,
      arn: records[1]?.arn,
      leftBehind: [records[2]?.arn],
    })
  })

  test.each([
    ['nothing', []],
    ['that it cannot tell', [{ arn: containerInstanceNumber(3, batch), reason: 'UNKNOWN' }]],
  ])('is looked for again where ECS says %s of a record that it lists: it is not taken for gone', (_, failures) => {
    const DescribeContainerInstances = ({ cluster }: Extract<Call, { type: 'DescribeContainerInstances' }>) =>
      cluster === batch ? { containerInstances: [], failures } : { containerInstances: [], failures: gone(1) }
    expect(carry(find, { ListContainerInstances, DescribeContainerInstances }).outcome).toMatchObject({
      type: 'EffectFailed',
      effect: 'FindContainerInstance',
      failure: { type: 'Unavailable' },
    })
  })

  test('is in neither where ECS says that all of them are gone', () => {
    const DescribeContainerInstances = ({ cluster }: Extract<Call, { type: 'DescribeContainerInstances' }>) =>
      cluster === batch
        ? { containerInstances: [], failures: gone(2, 3) }
        : { containerInstances: records.slice(0, 1).map((one) => ({ ...one, status: 'INACTIVE' })), failures: [] }
    expect(carry(find, { ListContainerInstances, DescribeContainerInstances }).outcome).toEqual({
      type: 'ContainerInstanceAbsent',
    })
  })

  test('of records that nothing tells apart it is the same one every time', () => {
    const twins = [3, 2].map((n) => ({ ...record, arn: containerInstanceNumber(n, batch) }))
    const outcomes = [twins, twins.toReversed()].map(
      (containerInstances) =>
        carry(find, {
          ListContainerInstances,
          DescribeContainerInstances: ({ cluster }) =>
            cluster === batch ? { containerInstances, failures: [] } : { containerInstances: [], failures: gone(1) },
        }).outcome,
    )
    expect(outcomes[0]).toMatchObject({ arn: containerInstanceNumber(2, batch) })
    expect(outcomes[1]).toEqual(outcomes[0])
  })

  test('a description that fails is a failure to find it, even where it says that a record is gone', () => {
    const DescribeContainerInstances = (): Failure => ({ type: 'NotFound', message: 'no such cluster' })
    const carried = carry(find, { ListContainerInstances, DescribeContainerInstances })
    expect(carried.outcome).toMatchObject({ type: 'EffectFailed', effect: 'FindContainerInstance' })
  })

  test('a cluster that does not exist is passed over, and one that cannot be asked is not', () => {
    const only = records.slice(1, 2).map(({ arn }) => arn)
    const answering = (failure: Failure) =>
      carry(find, {
        ListContainerInstances: ({ cluster }) => (cluster === batch ? { items: only, nextToken: null } : failure),
      })
    expect(answering({ type: 'NotFound', message: 'Cluster not found.' }).outcome).toMatchObject({ arn: only[0] })
    expect(answering(throttled).outcome).toMatchObject({ type: 'EffectFailed', failure: throttled })
  })

  test('a cluster that has left the policy is not asked, and where no other has the instance that is no absence', () => {
    const searched = (items: ReadonlyArray<ContainerInstanceArn>) =>
      carry(
        { ...find, clusters: [batch], dropped: [id('web')] },
        { ListContainerInstances: () => ({ items, nextToken: null }) },
      )
    const only = records.slice(1, 2).map(({ arn }) => arn)
    expect(searched(only)).toMatchObject({ calls: [{ cluster: batch }], outcome: { arn: only[0] } })
    expect(searched([]).outcome).toMatchObject({ type: 'EffectFailed', failure: { type: 'NotFound' } })
  })
})

describe('an answer that does not say what was asked for is not believed', () => {
  test('DRAINING where ACTIVE was', () => {
    const setActive: Effect = { type: 'SetActive', cluster: theCluster, containerInstance: theContainerInstance }
    expect(carry(setActive, { UpdateContainerInstancesState: stillDrains }).outcome).toMatchObject({
      type: 'EffectFailed',
      failure: { message: 'asked for ACTIVE, the answer says DRAINING' },
    })
  })
})
