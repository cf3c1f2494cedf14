import { describe, expect, test } from 'vitest'
import { createDrainController } from '../../src/application/drain-controller.ts'
import { drainIdOf } from '../../src/drain/drain.ts'
import { type DrainPolicy, drainPolicy, type OwnedHook } from '../../src/drain/drain-policy.ts'
import { encodeWakeUp } from '../../src/envelope/wake-up.ts'
import type { PortOptions } from '../../src/port/promise-lifting.ts'
import {
  accessDenied,
  at,
  event,
  given,
  id,
  lifecycleAction,
  ScriptedWorld,
  stoppedTask,
  task,
  taskNumber,
  theCluster,
  theGroup,
  theHook,
  theInstance,
  theStream,
  throttled,
  tokenNumber,
  unavailable,
} from '../../src/testing/index.ts'
import { minutes } from '../../src/time/instant.ts'
import { taskStateChange, termination } from '../support/payloads.ts'
import { portsOver, promisesOver } from '../support/ports-over.ts'
import { sqsBatch } from '../support/ways.ts'

const policy = { hooks: [{ name: theHook, groups: [theGroup] }], clusters: [theCluster], spreadReads: 0 }

const styles = [
  ['promises', (world: ScriptedWorld) => promisesOver(world)],
  ['TaskEithers', (world: ScriptedWorld) => portsOver(world)],
  [
    'both, mixed function by function',
    (world: ScriptedWorld) => {
      const promises = promisesOver(world)
      const { cluster, wakeUps } = portsOver(world)
      return { ...promises, wakeUps, cluster: { ...promises.cluster, listTasks: cluster.listTasks } }
    },
  ],
] as const

describe.each(styles)('a controller over ports made of %s', (_title, portsOf) => {
  test('drains an instance from the notice of its hook to the STOPPED event of its last task', async () => {
    const world = new ScriptedWorld()
    world.addInstance(1, [task(1), task(2)])
    world.terminate(1)
    const controller = createDrainController({ ...portsOf(world), policy })

    const first = await controller.handle(sqsBatch(termination(lifecycleAction(), at(0))))
    expect(first).toMatchObject({ failed: [], ignored: [], undecodable: [], batchItemFailures: [] })
    expect(world.instances[0]?.status).toBe('DRAINING')

    world.advance(6_000)
    await controller.handle(sqsBatch(encodeWakeUp(theStream, 1)))
    world.advance(6_000)
    for (const n of [1, 2]) {
      world.stop(taskNumber(n))
      const version = task(n).version + 1
      const report = await controller.handle(sqsBatch(taskStateChange(stoppedTask(n, { version }))))
      expect(report.batchItemFailures).toEqual([])
    }
    expect(world.actions).toMatchObject([{ ended: 'CONTINUE', killed: [] }])
    expect(world.drain()).toMatchObject({ phase: 'ended', ending: 'completed' })
  })
})

describe('what a batch reports', () => {
  const draining = async (secondInstance = false) => {
    const world = new ScriptedWorld()
    world.addInstance(1, [task(1)])
    if (secondInstance) world.addInstance(2, [task(2)])
    const controller = createDrainController({ ...promisesOver(world), policy })
    world.terminate(1)
    await controller.handle(termination(lifecycleAction(), at(0)))
    world.ledger.length = 0
    return { world, controller }
  }

  test('an unreadable record comes back alone, and the others are handled', async () => {
    const { world, controller } = await draining()
    const report = await controller.handle(sqsBatch('{"half', taskStateChange(stoppedTask(1)), '{"detail-type":7}'))
    expect(report.batchItemFailures).toEqual([{ itemIdentifier: 'message-0' }, { itemIdentifier: 'message-2' }])
    expect(report.receipts).toMatchObject([{ stream: theStream, failure: null }])
    expect(world.drain().remaining).toBe(0)
  })

  test('R6: STOPPED events of instances that are not draining cost one look-up and nothing else', async () => {
    const { world, controller } = await draining()
    const elsewhere = 'arn:aws:ecs:eu-west-1:111122223333:container-instance/web/ffff'
    const bodies = [3, 4, 5].map((n) => taskStateChange(stoppedTask(n), elsewhere))
    const report = await controller.handle(sqsBatch(...bodies))
    expect(report.ignored).toEqual(
      ['message-0', 'message-1', 'message-2'].map((each) => ({ id: each, why: 'no-drain' })),
    )
    expect(world.ledger.map(({ call }) => call)).toEqual([{ type: 'FindStreams', containerInstances: [elsewhere] }])
  })

  test('a batch about one instance is handled once', async () => {
    const { world, controller } = await draining()
    world.change(stoppedTask(1))
    const stops = [1, 1, 1].map((n) => taskStateChange(stoppedTask(n)))
    const report = await controller.handle(sqsBatch(...stops))
    expect(report.receipts).toHaveLength(1)
    expect(world.calls('LoadStream')).toHaveLength(1)
    expect(world.calls('AppendToStream')[0]?.events).toHaveLength(1)
  })

  test('only the records of an instance whose stream cannot be written come back', async () => {
    const { world, controller } = await draining(true)
    world.fail('LoadStream', unavailable)
    const report = await controller.handle(
      sqsBatch(
        taskStateChange(stoppedTask(1)),
        termination(lifecycleAction({ hook: id('foreign') }), at(0)),
        taskStateChange(stoppedTask(1)),
      ),
    )
    expect(report.batchItemFailures).toEqual([{ itemIdentifier: 'message-0' }, { itemIdentifier: 'message-2' }])
    expect(report.ignored).toEqual([{ id: 'message-1', why: 'hook-not-ours' }])
    expect(report.failed).toMatchObject([{ failure: unavailable }, { failure: unavailable }])
  })

  test('a look-up that fails brings back the events, and not the terminations of the same batch', async () => {
    const { world, controller } = await draining(true)
    const { action } = world.terminate(2) as Extract<
      ReturnType<ScriptedWorld['terminate']>,
      { type: 'InstanceTerminating' }
    >
    world.fail('FindStreams', throttled)
    const report = await controller.handle(sqsBatch(taskStateChange(stoppedTask(1)), termination(action, at(0))))
    expect(report.batchItemFailures).toEqual([{ itemIdentifier: 'message-0' }])
    expect(world.drain(2).phase).toBe('draining')
  })

  test('what has no message id fails without one, and it is the caller who must see it', async () => {
    const { world, controller } = await draining()
    world.fail('FindStreams', throttled)
    const report = await controller.handle(taskStateChange(stoppedTask(1)))
    expect(report).toMatchObject({ batchItemFailures: [], failed: [{ id: null, failure: throttled }] })
  })

  test.each([undefined, null, 7, '', 'hello', [], {}, { Records: 7 }, { Records: [null] }])(
    'nothing makes it reject: %j',
    async (envelope) => {
      const { controller } = await draining()
      const report = await controller.handle(envelope)
      expect(report.undecodable).toHaveLength(1)
    },
  )

  test('a port that throws is a failure, not an exception', async () => {
    const world = new ScriptedWorld()
    const { eventStore, ...ports } = promisesOver(world)
    const load = () => Promise.reject(new Error('socket hang up'))
    const controller = createDrainController({ ...ports, eventStore: { ...eventStore, load }, policy })
    const report = await controller.handle(sqsBatch(termination(lifecycleAction(), at(0))))
    const failure = { type: 'Unavailable', message: 'the port eventStore.load: socket hang up' }
    expect(report.failed).toEqual([{ id: 'message-0', failure }])
  })
})

test('an answer of another shape is a failure, not an exception: of the batch only what it was about comes back', async () => {
  const world = new ScriptedWorld()
  world.addInstance(1, [task(1)])
  world.terminate(1)
  const { eventStore, ...ports } = promisesOver(world)
  const findStreams = async () => undefined as never
  const controller = createDrainController({ ...ports, eventStore: { ...eventStore, findStreams }, policy })
  const stopped = taskStateChange(stoppedTask(1))
  const report = await controller.handle(sqsBatch(termination(lifecycleAction(), at(0)), stopped))
  expect(report.batchItemFailures).toEqual([{ itemIdentifier: 'message-1' }])
  expect(world.drain().phase).toBe('draining')
})

describe('a wrong wiring is an error at the start', () => {
  const world = new ScriptedWorld()

  test('the function that a port lacks is named', () => {
    const ports = promisesOver(world)
    const cluster = { ...ports.cluster, describeTasks: undefined } as unknown as PortOptions['cluster']
    expect(() => createDrainController({ ...ports, cluster, policy })).toThrow(
      'the port cluster lacks the function describeTasks',
    )
  })

  test.each([
    ['no hook', { hooks: [] }, 'hooks: name at least one'],
    ['a hook that is ours nowhere', { hooks: [{ name: theHook, groups: [] }] }, 'hooks[0]: must have a name'],
    ['a name that no hook has', { hooks: [{ name: 'drain hook', groups: null }] }, 'hooks[0]: must have a name'],
    ['a group by no name', { hooks: [{ name: theHook, groups: [''] }] }, 'hooks[0]: must have a name'],
    // The hook of a group `web` would be ours, too.
    [
      'groups that are a text',
      { hooks: [{ name: theHook, groups: 'web-hosts' as never }] },
      'hooks[0]: must have a name',
    ],
    ['a hook that says nothing of groups', { hooks: [{ name: theHook } as OwnedHook] }, 'hooks[0]: must have a name'],
    ['no cluster', { clusters: [] }, 'clusters: name at least one'],
    // ECS would take it, and what is stored with it could not be read again.
    [
      'a cluster by its ARN',
      { clusters: ['arn:aws:ecs:eu-west-1:111122223333:cluster/web'] },
      'clusters[0]: must be a short name',
    ],
    // A list that lags would be read on and on in one handling.
    ['no settle time', { settle: 0 }, 'settle: must be at least a second'],
    ['an endless settle time', { settle: Number.POSITIVE_INFINITY }, 'settle: must be at least a second'],
    ['readings spread over less than nothing', { spreadReads: -1 }, 'spreadReads: must be 0, or at least a second'],
    ['an endless grace', { notFoundGrace: Number.POSITIVE_INFINITY }, 'notFoundGrace: must be 0, or at least a second'],
    ['a retry without a wait', { retry: { first: 0, most: 10_000 } }, 'the first wait must be at least a second'],
    ['waits that shrink', { retry: { first: 20_000, most: 10_000 } }, 'must not be shorter'],
    ['no sweep', { sweepEvery: 0 }, 'sweepEvery: must be at least a second'],
    ["more hops than Lambda's guard allows", { hopsMax: 16 }, 'hopsMax: must be from 0 to 15'],
    // At the deadline no decision would follow from it, and its instances would be held until the hook gives up.
    [
      'a choice that there is not',
      { deadline: { after: minutes(60), choice: 'stop' as 'wait' } },
      'one of the choices continue',
    ],
    // YAML makes a number of it, and no message is of that account.
    ['an account that is a number', { account: 111122223333 as unknown as string }, 'account: must be 12 digits'],
    ['an account of another form', { account: '1111-2222-3333' }, 'account: must be 12 digits'],
    [
      'a deadline at the start',
      { deadline: { after: 0, choice: 'continue' } },
      'deadline: must be after a minute or more',
    ],
  ] as const)('%s', (_title, options, words) => {
    const wrong = { ...promisesOver(world), policy: { ...policy, ...options } }
    expect(() => createDrainController(wrong)).toThrow(words)
  })

  test('the time is not told by a function', () => {
    const told = { ...promisesOver(world), policy, isTimeUp: true as never }
    expect(() => createDrainController(told)).toThrow('isTimeUp: expected a function, got true')
  })

  test('what is undefined is left out, as an account from an environment that does not name one', () => {
    const { hooks, clusters } = policy
    const absent = { account: undefined, settle: undefined, deadline: undefined } as unknown as Partial<DrainPolicy>
    expect(drainPolicy({ hooks, clusters, ...absent })).toEqual(drainPolicy({ hooks, clusters }))
  })
})

describe('R13: the journal', () => {
  test('names the drain that each entry is about, and none where one drain makes way for another', async () => {
    const world = new ScriptedWorld()
    world.addInstance(1, [task(1)])
    world.terminate(1, { lost: true })
    const unannounced = lifecycleAction({ token: null })
    const entries: Parameters<typeof portsOver>[1] & object = []
    const controller = createDrainController({ ...portsOver(world, entries), policy })
    await controller.handle(sqsBatch(termination(lifecycleAction(), at(0))))
    world.advance(minutes(1))
    await controller.handle(sqsBatch(termination(lifecycleAction({ token: tokenNumber(2) }), at(60))))
    const drains = entries.flatMap((entry) => (entry.type === 'recorded' ? [[entry.event.type, entry.drain]] : []))
    expect(drains).toContainEqual(['ContainerInstanceFound', tokenNumber(1)])
    expect(drains.slice(drains.findIndex(([type]) => type === 'DrainSuperseded')).slice(0, 2)).toEqual([
      ['DrainSuperseded', null],
      ['DrainRequested', tokenNumber(2)],
    ])
    expect(drainIdOf(given().drain)).toBe(null)
    // One that the sweep has found has no token: its instance and its beginning tell it from others.
    expect(drainIdOf(given(event('DrainRequested', 3, { action: unannounced })).drain)).toBe(
      `${theInstance}@${new Date(at(3)).toISOString()}`,
    )
  })

  test('names the drain of everything that is recorded at once', async () => {
    const world = new ScriptedWorld()
    world.addInstance(1, [])
    world.terminate(1)
    const entries: Parameters<typeof portsOver>[1] & object = []
    const controller = createDrainController({ ...portsOver(world, entries), policy })
    await controller.handle(sqsBatch(termination(lifecycleAction(), at(0))))
    for (const _ of [1, 2]) {
      world.advance(minutes(1))
      await controller.handle(sqsBatch(encodeWakeUp(theStream, 1)))
    }
    const recorded = entries.flatMap((entry) => (entry.type === 'recorded' ? [entry] : []))
    const decision = recorded.find(({ event: { type } }) => type === 'CompletionDecided')
    const together = recorded.filter(({ version }) => version === decision?.version)
    expect(together.map(({ event: { type }, drain }) => [type, drain])).toEqual([
      ['TasksRead', tokenNumber(1)],
      ['CompletionDecided', tokenNumber(1)],
    ])
  })

  test('says what was recorded, ignored, unreadable and failed', async () => {
    const world = new ScriptedWorld()
    world.addInstance(1, [task(1)])
    world.terminate(1)
    const entries: Parameters<typeof portsOver>[1] & object = []
    const controller = createDrainController({ ...portsOver(world, entries), policy })
    world.fail('UpdateContainerInstancesState', accessDenied)
    await controller.handle(
      sqsBatch(
        termination(lifecycleAction(), at(0)),
        termination(lifecycleAction({ hook: id('foreign') }), at(0)),
        'hello',
      ),
    )
    const summary = entries.map((entry) => (entry.type === 'recorded' ? entry.event.type : entry.type))
    expect(summary).toEqual([
      'DrainRequested',
      'LifecycleActionHeartbeatRecorded',
      'ContainerInstanceFound',
      'EffectFailed',
      'LifecycleHookDescribed',
      'WakeUpSent',
      'ignored',
      'undecodable',
    ])

    entries.length = 0
    world.fail('FindStreams', throttled)
    world.fail('LoadStream', unavailable)
    await controller.handle(sqsBatch(taskStateChange(stoppedTask(1)), encodeWakeUp(theStream, 1)))
    expect(entries).toEqual([
      { type: 'failed', stream: theStream, failure: unavailable },
      { type: 'failed', stream: null, failure: throttled },
    ])
  })
})
