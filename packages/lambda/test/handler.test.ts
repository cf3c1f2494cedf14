import {
  type DrainEvent,
  encodeWakeUp,
  type Failure,
  hours,
  type LifecycleHooks,
  minutes,
  type Ports,
  seconds,
} from '@ecs-drain/core'
import {
  accessDenied,
  at,
  event,
  eventTypes,
  id,
  lifecycleAction,
  ScriptedWorld,
  stoppedTask,
  task,
  taskNumber,
  theGroup,
  theInstance,
  theStream,
  throttled,
  tokenNumber,
  unavailable,
} from '@ecs-drain/core/testing'
import type { TaskEither } from 'fp-ts/TaskEither'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { fixture } from '../../core/test/support/fixtures.ts'
import { taskStateChange, termination } from '../../core/test/support/payloads.ts'
import { portsOver, promisesOver } from '../../core/test/support/ports-over.ts'
import { snsBatch, sqsBatch } from '../../core/test/support/ways.ts'
import { callTally, measurementsOfCalls } from '../src/call-tally.ts'
import { lineOf } from '../src/drain-line.ts'
import { lastStoppedOf } from '../src/drain-measurements.ts'
import { createHandler, type HandlerOptions } from '../src/handler.ts'
import { timeLimit } from '../src/time-limit.ts'
import { context, invokedOver, policy } from './support/invoked.ts'

const timedOut = { type: 'TimedOut', message: 'no answer' } as const

const notice = () => termination(lifecycleAction(), at(0))
const sweep = JSON.stringify({ ...fixture('scheduled-event'), time: new Date(at(60)).toISOString() })
const stopped = (n: number): string => taskStateChange(stoppedTask(n, { version: task(n).version + 1 }))

type Complete = LifecycleHooks['complete']

/** Ports that complete lifecycle actions otherwise. */
const withCompletion =
  (otherwise: (complete: Complete) => Complete) =>
  (ports: Ports): Ports => ({
    ...ports,
    lifecycleHooks: { ...ports.lifecycleHooks, complete: otherwise(ports.lifecycleHooks.complete) },
  })

/** A world in which the first instance waits for its hook, and a handler that has been told of it. */
const draining = async (tasks = [task(1)]) => {
  const world = new ScriptedWorld()
  world.addInstance(1, tasks)
  world.terminate(1)
  const invoked = invokedOver(world)
  await invoked.invoke(sqsBatch(notice()))
  world.advance(seconds(6))
  await invoked.invoke(sqsBatch(encodeWakeUp(theStream, 1)))
  world.advance(seconds(6))
  return { world, ...invoked }
}

/** A world whose first instance has gone to its warm pool, drained, and the handler that completed it. */
const drainedToWarmPool = async () => {
  const world = new ScriptedWorld()
  world.addInstance(1)
  world.terminate(1, { toWarmPool: true })
  const invoked = invokedOver(world)
  await invoked.invoke(sqsBatch(JSON.stringify({ ...JSON.parse(notice()), Destination: 'WarmPool' })))
  for (let hop = 1; hop < 5; hop += 1) {
    world.advance(seconds(6))
    await invoked.invoke(sqsBatch(encodeWakeUp(theStream, hop)))
  }
  return { world, ...invoked }
}

describe('an instance is drained', () => {
  test('over ports whose functions return promises', async () => {
    const world = new ScriptedWorld()
    world.addInstance(1, [task(1)])
    world.terminate(1)
    const { invoke, values } = invokedOver(world, { ports: () => promisesOver(world) })
    await invoke(sqsBatch(notice()))
    expect(world.instances[0]?.status).toBe('DRAINING')
    expect(values('apiCalls').length).toBeGreaterThan(0)
  })

  test.each([
    ['SQS', (text: string) => sqsBatch(text)],
    ['SNS', (text: string) => snsBatch(text)],
    ['EventBridge or Auto Scaling, directly', (text: string) => JSON.parse(text) as unknown],
  ])('told by %s', async (_source, wrap) => {
    const world = new ScriptedWorld()
    world.addInstance(1, [task(1)])
    world.terminate(1)
    const { invoke } = invokedOver(world)
    await invoke(wrap(notice()))
    expect(world.instances[0]?.status).toBe('DRAINING')
    world.advance(seconds(6))
    await invoke(wrap(encodeWakeUp(theStream, 1)))
    world.advance(seconds(6))
    world.stop(taskNumber(1))
    await invoke(wrap(stopped(1)))
    expect(world.actions).toMatchObject([{ ended: 'CONTINUE', killed: [] }])
  })
})

describe('a batch of SQS', () => {
  test('is answered with nothing where all of it was handled', async () => {
    const { world, invoke } = await draining()
    world.stop(taskNumber(1))
    expect(await invoke(sqsBatch(stopped(1), sweep, JSON.stringify({ 'detail-type': 'x', source: 'y' })))).toEqual({
      batchItemFailures: [],
    })
  })

  test('about one instance is handled once', async () => {
    const { world, invoke } = await draining([task(1), task(2)])
    world.ledger.length = 0
    await invoke(sqsBatch(stopped(1), stopped(1), stopped(2)))
    expect(world.calls('LoadStream')).toHaveLength(1)
  })

  test('gives back what nobody can read, with its report in the log, and handles the others', async () => {
    const { world, invoke, lines } = await draining()
    world.stop(taskNumber(1))
    const answer = await invoke(sqsBatch('{"half', stopped(1), '{"detail-type":7,"source":"aws.ecs"}'))
    expect(answer).toEqual({ batchItemFailures: [{ itemIdentifier: 'message-0' }, { itemIdentifier: 'message-2' }] })
    expect(world.actions).toMatchObject([{ ended: 'CONTINUE' }])
    expect(lines.filter(({ level }) => level === 'error')).toEqual([
      {
        level: 'error',
        message: 'Undecodable',
        fields: { messageId: 'message-0', report: ['Records[0].body: is not JSON'] },
      },
      {
        level: 'error',
        message: 'Undecodable',
        fields: {
          messageId: 'message-2',
          report: ['Records[2].body.detail-type: expected string, got a number'],
        },
      },
    ])
  })

  test('gives back only what could not be recorded, each message once', async () => {
    const { world, invoke, lines } = await draining()
    world.addInstance(2, [task(2)])
    world.terminate(2)
    world.fail('LoadStream', unavailable)
    const other = termination(lifecycleAction({ instance: world.instances[1]?.instance ?? theInstance }), at(13))
    const answer = await invoke(sqsBatch(encodeWakeUp(theStream, 1), other, stopped(1)))
    expect(answer).toEqual({ batchItemFailures: [{ itemIdentifier: 'message-0' }, { itemIdentifier: 'message-2' }] })
    expect(world.instances[1]?.status).toBe('DRAINING')
    expect(lines.filter(({ message }) => message === 'NotHandled')).toEqual(
      ['message-0', 'message-2'].map((messageId) => ({
        level: 'warn',
        message: 'NotHandled',
        fields: { messageId, failure: 'Unavailable', reason: unavailable.message },
      })),
    )
  })

  test('a failed call to AWS gives nothing back: it is recorded and tried again', async () => {
    const world = new ScriptedWorld()
    world.addInstance(1, [task(1)])
    world.terminate(1)
    world.fail('UpdateContainerInstancesState', throttled)
    const { invoke, lines } = invokedOver(world)
    expect(await invoke(sqsBatch(notice()))).toEqual({ batchItemFailures: [] })
    expect(lines.find(({ message }) => message === 'EffectFailed')).toMatchObject({
      level: 'warn',
      fields: { effect: 'SetDraining', failure: 'Throttled', reason: throttled.message },
    })
  })

  test('a message without an id that failed takes the batch back with it', async () => {
    const { world, handler } = await draining()
    world.fail('LoadStream', unavailable)
    const { Records } = sqsBatch(stopped(1))
    const nameless = { Records: Records.map(({ body, eventSource }) => ({ body, eventSource })) }
    await expect(handler(nameless, context)).rejects.toThrow('Unavailable')
  })

  test('so does one that nobody can read: it is not taken from the queue as if it had been handled', async () => {
    const { world, handler } = await draining()
    world.stop(taskNumber(1))
    const { Records } = sqsBatch('hunter2', stopped(1))
    const nameless = { Records: Records.map(({ body, eventSource }) => ({ body, eventSource })) }
    await expect(handler(nameless, context)).rejects.toThrow(
      /^1 not handled:\nRecords\[0\]\.body: .* got a string of 7 characters$/,
    )
    expect(world.actions).toMatchObject([{ ended: 'CONTINUE' }])
  })
})

describe('the log names the instance of a termination', () => {
  const held = { ec2Instance: theInstance, group: theGroup, hook: 'foreign' }

  test('that nobody here answers: its hook or its group may be mistyped, here or there', async () => {
    const { invoke, lines } = invokedOver(new ScriptedWorld())
    const foreign = termination(lifecycleAction({ hook: id('foreign') }), at(0))
    await invoke(sqsBatch(stopped(1), foreign))
    expect(lines).toEqual([
      { level: 'info', message: 'Ignored', fields: { messageId: 'message-1', why: 'hook-not-ours', ...held } },
      { level: 'debug', message: 'Ignored', fields: { messageId: 'message-0', why: 'no-drain' } },
    ])
  })

  test('that could not be recorded, so that no drain of it is there to be explained', async () => {
    const world = new ScriptedWorld()
    world.fail('LoadStream', unavailable)
    const { invoke, lines } = invokedOver(world)
    await invoke(sqsBatch(notice()))
    const failure = { failure: unavailable.type, reason: unavailable.message }
    expect(lines).toEqual([
      {
        level: 'warn',
        message: 'NotHandled',
        fields: { messageId: 'message-0', ...failure, ...held, hook: lifecycleAction().hook },
      },
    ])
  })

  test('that no cluster knew, as a warning: its cluster may be one that nobody has named', async () => {
    const world = new ScriptedWorld()
    world.terminate(1)
    const { invoke, lines } = invokedOver(world)
    await invoke(sqsBatch(notice()))
    world.advance(minutes(2))
    await invoke(sqsBatch(encodeWakeUp(theStream, 1)))
    expect(lines.find(({ message }) => message === 'CompletionDecided')).toMatchObject({
      level: 'warn',
      fields: { stream: theStream, because: 'not-a-container-instance' },
    })
  })
})

describe('any other event', () => {
  test('is answered with the drains it was about', async () => {
    const { invoke } = await draining()
    expect(await invoke(JSON.parse(notice()))).toEqual({
      drains: [{ stream: theStream, version: expect.any(Number), phase: 'draining' }],
      ignored: [],
    })
    const foreign = termination(lifecycleAction({ hook: id('foreign') }), at(0))
    expect(await invoke(snsBatch(foreign))).toEqual({ drains: [], ignored: ['hook-not-ours'] })
  })

  test('rejects where it could not be recorded, so that Lambda tries it again', async () => {
    const { world, invoke } = await draining()
    world.fail('LoadStream', unavailable)
    await expect(invoke(JSON.parse(stopped(1)))).rejects.toThrow(`1 not handled:\nUnavailable: ${unavailable.message}`)
  })

  test('rejects where nobody can read it, with no word of what is in it, after handling the rest', async () => {
    const { world, invoke } = await draining()
    world.stop(taskNumber(1))
    await expect(invoke(snsBatch('hunter2', stopped(1)))).rejects.toThrow(
      /^1 not handled:\nRecords\[0\]\.Sns\.Message: .* got a string of 7 characters$/,
    )
    expect(world.actions).toMatchObject([{ ended: 'CONTINUE' }])
  })
})

describe('the log', () => {
  test('has a line for each decision, with the stream, the version and the id of the drain', async () => {
    const { world, invoke, lines } = await draining()
    world.stop(taskNumber(1))
    await invoke(sqsBatch(stopped(1)))
    expect(lines.map(({ message }) => message)).toEqual(world.events().map(({ type }) => type))
    expect(lines.length).toBeGreaterThan(8)
    for (const { fields } of lines) expect(fields).toMatchObject({ stream: theStream, drain: tokenNumber(1) })
    const versions = lines.map(({ fields }) => Number(fields['version']))
    expect(versions).toEqual(versions.toSorted((a, b) => a - b))
    expect(versions[0]).toBeGreaterThan(0)
  })

  test('a drain that the sweep found is told apart by its instance and its beginning', async () => {
    const world = new ScriptedWorld()
    world.addInstance(1, [task(1)])
    world.terminate(1, { lost: true })
    world.advance(seconds(60))
    const { invoke, lines } = invokedOver(world)
    await invoke(sqsBatch(sweep))
    expect(lines[0]).toMatchObject({
      message: 'DrainRequested',
      fields: { drain: `${theInstance}@2026-01-01T00:01:00.000Z`, ec2Instance: theInstance },
    })
  })

  test('what needs attention is a warning, and nothing else', () => {
    const levelOf = (recorded: DrainEvent): string =>
      lineOf({ type: 'recorded', stream: theStream, drain: null, version: 1, event: recorded }).level
    const levels = Map.groupBy(eventTypes, (type) => levelOf(event(type, 0)))
    expect([...levels.keys()].toSorted()).toEqual(['info', 'warn'])
    expect(levels.get('warn')?.toSorted()).toEqual([
      'DeadlineReached',
      'DrainingUndone',
      'EffectFailed',
      'LifecycleActionOver',
    ])
    expect(levelOf(event('CompletionDecided', 0, { because: 'not-a-container-instance' }))).toBe('warn')
  })

  test('of what AWS said about a call the beginning is enough', async () => {
    const world = new ScriptedWorld()
    world.fail('LoadStream', { ...unavailable, message: 'x'.repeat(5_000) })
    const { invoke, lines } = invokedOver(world)
    await invoke(sqsBatch(notice()))
    expect(lines[0]?.fields['reason']).toBe('x'.repeat(500))
  })

  test('what ends a drain is not told under the name of the one that follows', async () => {
    const { world, invoke, lines } = await draining()
    lines.length = 0
    world.terminate(1, { token: tokenNumber(9) })
    await invoke(sqsBatch(termination(lifecycleAction({ token: tokenNumber(9) }), at(12))))
    expect(lines.slice(0, 2).map(({ message, fields }) => [message, fields['drain']])).toEqual([
      ['DrainSuperseded', undefined],
      ['DrainRequested', tokenNumber(9)],
    ])
  })
})

describe('the metrics', () => {
  const forcing = { ...policy, deadline: { after: minutes(10), choice: 'continue' as const } }

  test('of a drain from its beginning to its end', async () => {
    const { world, invoke, values } = await draining()
    expect(values('drainsStarted')).toEqual([1])
    expect(values('drainsCompleted')).toEqual([])
    world.stop(taskNumber(1))
    // The fixture's event is from another year; its time is what the delay is measured from.
    const delayed = { ...JSON.parse(stopped(1)), time: new Date(world.now - 1_500).toISOString() }
    await invoke(sqsBatch(JSON.stringify(delayed)))
    expect(values('drainsCompleted')).toEqual([1])
    expect(values('drainSeconds')).toEqual([12])
    expect(values('secondsFromLastStopped')).toEqual([1.5])
    expect([...values('drainsForced'), ...values('drainsExpired')]).toEqual([])
  })

  test('the seconds from the last STOPPED are known where its event came in an earlier batch', async () => {
    const world = new ScriptedWorld()
    world.addInstance(1, [task(1)])
    world.terminate(1)
    const { invoke, values } = invokedOver(world)
    await invoke(sqsBatch(notice()))
    world.advance(seconds(6))
    await invoke(sqsBatch(encodeWakeUp(theStream, 1)))
    // Sooner than a settle time after the first reading, so that another has to wait.
    world.advance(seconds(1))
    world.stop(taskNumber(1))
    await invoke(sqsBatch(stopped(1)))
    expect(values('drainsCompleted')).toEqual([])
    world.advance(seconds(4))
    await invoke(sqsBatch(encodeWakeUp(theStream, 2)))
    expect(values('drainsCompleted')).toEqual([1])
    expect(values('secondsFromLastStopped')).toEqual([4])
  })

  test('the seconds from the last STOPPED are 0 where its event is of a clock that is ahead of ours', async () => {
    const { world, invoke, values } = await draining()
    world.stop(taskNumber(1))
    const ahead = { ...JSON.parse(stopped(1)), time: new Date(world.now + 1_500).toISOString() }
    await invoke(sqsBatch(JSON.stringify(ahead)))
    expect(values('secondsFromLastStopped')).toEqual([0])
  })

  test('the seconds from the last STOPPED are not counted from one before it whose event is delivered once more', async () => {
    const { world, invoke, values } = await draining([task(1), task(2)])
    const delivered = (n: number) =>
      JSON.stringify({ ...JSON.parse(stopped(n)), time: new Date(world.now).toISOString() })
    world.stop(taskNumber(2))
    const first = delivered(2)
    await invoke(sqsBatch(first))
    world.advance(minutes(2))
    world.stop(taskNumber(1))
    world.fail('ListTasks', throttled)
    await invoke(sqsBatch(delivered(1)))
    expect(values('drainsCompleted')).toEqual([])
    world.advance(seconds(30))
    await invoke(sqsBatch(encodeWakeUp(theStream, 2), first))
    expect(values('drainsCompleted')).toEqual([1])
    expect(values('secondsFromLastStopped')).toEqual([30])
  })

  test("the seconds from the last STOPPED are counted from the last, also where its event comes before an earlier one's", async () => {
    const { world, invoke, values } = await draining([task(1), task(2)])
    const delivered = (n: number) =>
      JSON.stringify({ ...JSON.parse(stopped(n)), time: new Date(world.now).toISOString() })
    world.stop(taskNumber(1))
    const first = delivered(1)
    world.advance(seconds(40))
    world.stop(taskNumber(2))
    await invoke(sqsBatch(delivered(2)))
    world.advance(seconds(2))
    await invoke(sqsBatch(first))
    expect(values('drainsCompleted')).toEqual([1])
    expect(values('secondsFromLastStopped')).toEqual([2])
  })

  test('a drain without tasks has no last one, whatever was on the instance before', () => {
    const first = [
      event('DrainRequested', 0),
      event('TasksRead', 5, { tasks: [task(1)] }),
      event('TaskSeen', 9, { task: stoppedTask(1) }),
    ]
    expect(lastStoppedOf(first, new Map())).toBe(at(9))
    expect(lastStoppedOf([...first, event('DrainRequested', 20), event('TasksRead', 25)], new Map())).toBe(null)
  })

  test('a deadline that decided, and a hook that did not wait', async () => {
    const world = new ScriptedWorld({ heartbeatTimeout: minutes(15) })
    for (const n of [1, 2]) {
      world.addInstance(n, [task(n)])
      world.terminate(n)
    }
    const { invoke, values } = invokedOver(world, { policy: forcing })
    await invoke(sqsBatch(notice()))
    world.advance(minutes(11))
    await invoke(sqsBatch(encodeWakeUp(theStream, 1)))
    expect(values('drainsForced')).toEqual([1])
    expect(values('drainsCompleted')).toEqual([1])
    expect(values('secondsFromLastStopped')).toEqual([])

    const patient = invokedOver(world)
    const second = world.actions[1]?.action ?? lifecycleAction()
    await patient.invoke(sqsBatch(termination(second, at(0))))
    world.advance(minutes(20))
    await patient.invoke(sqsBatch(sweep))
    expect(patient.values('drainsExpired')).toEqual([1])
    expect(patient.values('drainsCompleted')).toEqual([])
  })

  test('a deadline that decided is told too where the answer to our own completion was lost', async () => {
    const world = new ScriptedWorld()
    world.addInstance(1, [task(1)])
    world.terminate(1)
    const { invoke, values } = invokedOver(world, { policy: forcing })
    await invoke(sqsBatch(notice()))
    world.advance(minutes(11))
    world.fail('CompleteLifecycleAction', timedOut, { takesEffect: true })
    world.fail('RecordLifecycleActionHeartbeat', timedOut)
    await invoke(sqsBatch(encodeWakeUp(theStream, 1)))
    expect(world.actions).toMatchObject([{ ended: 'CONTINUE' }])
    expect(values('drainsForced')).toEqual([])
    world.advance(seconds(2))
    await invoke(sqsBatch(encodeWakeUp(theStream, 2)))
    expect(world.events().at(-1)).toMatchObject({ type: 'LifecycleActionOver', of: 'completion' })
    expect(values('drainsForced')).toEqual([1])
    expect(values('drainsCompleted')).toEqual([1])
    expect(values('drainsExpired')).toEqual([])
  })

  test('a drain whose own completion ended it is completed and has not expired, whichever call is told so', async () => {
    const { world, invoke, values } = await draining()
    world.stop(taskNumber(1))
    world.fail('CompleteLifecycleAction', timedOut, { takesEffect: true })
    await invoke(sqsBatch(stopped(1)))
    expect(values('drainsCompleted')).toEqual([])
    // It is gone, and the completion is not due again yet: the sweep asks with a heartbeat.
    await invoke(sqsBatch(sweep))
    expect(world.events().at(-1)).toMatchObject({ type: 'LifecycleActionOver', of: 'heartbeat' })
    expect(values('drainsCompleted')).toEqual([1])
    expect(values('drainsExpired')).toEqual([])
  })

  test('an instance that another hook holds after its return from the warm pool is no drain that expired', async () => {
    const { world, invoke, values } = await drainedToWarmPool()
    expect(values('drainsCompleted')).toEqual([1])
    world.lifecycleStates.set(theInstance, { group: theGroup, state: 'Terminating:Wait' })
    await invoke(sqsBatch(sweep))
    expect(world.events().at(-1)).toMatchObject({ type: 'LifecycleActionOver', of: 'heartbeat' })
    expect(values('drainsExpired')).toEqual([])
  })

  test('a drain to the warm pool that expired is counted once, however many sweeps find its instance held by another hook', async () => {
    const world = new ScriptedWorld({ heartbeatTimeout: minutes(15) })
    world.addInstance(1, [task(1)])
    world.terminate(1, { toWarmPool: true })
    const { invoke, values } = invokedOver(world)
    await invoke(sqsBatch(JSON.stringify({ ...JSON.parse(notice()), Destination: 'WarmPool' })))
    world.advance(minutes(20))
    await invoke(sqsBatch(sweep))
    expect(values('drainsExpired')).toEqual([1])
    world.lifecycleStates.set(theInstance, { group: theGroup, state: 'Terminating:Wait' })
    await invoke(sqsBatch(sweep))
    world.advance(minutes(5))
    await invoke(sqsBatch(sweep))
    expect(world.events().slice(-2)).toMatchObject([{ type: 'WaitDoubted' }, { type: 'LifecycleActionOver' }])
    expect(values('drainsExpired')).toEqual([1])
  })

  test('each sweep says how many drains are open and how old the oldest is', async () => {
    const { world, invoke, values } = await draining()
    expect(values('openDrains')).toEqual([])
    world.advance(seconds(48))
    await invoke(sqsBatch(sweep))
    expect(values('openDrains')).toEqual([1])
    expect(values('oldestOpenDrainSeconds')).toEqual([60])
    const quiet = invokedOver(new ScriptedWorld())
    await quiet.invoke(sqsBatch(sweep))
    expect(quiet.values('openDrains')).toEqual([0])
    expect(quiet.values('oldestOpenDrainSeconds')).toEqual([0])
  })

  test('an instance that is back from its warm pool and cannot be set ACTIVE is an open one, as old as its return', async () => {
    const { world, invoke, values } = await drainedToWarmPool()
    expect(values('drainsCompleted')).toEqual([1])
    world.advance(hours(24))
    await invoke(sqsBatch(sweep))
    expect(values('oldestOpenDrainSeconds')).toEqual([0])
    world.lifecycleStates.set(theInstance, { group: theGroup, state: 'InService' })
    world.fail('UpdateContainerInstancesState', unavailable, { times: 99 })
    await invoke(sqsBatch(sweep))
    world.advance(minutes(61))
    await invoke(sqsBatch(sweep))
    expect(values('openDrains')).toEqual([0, 1, 1])
    expect(values('oldestOpenDrainSeconds')).toEqual([0, 0, 61 * 60])
    world.mend()
    world.advance(minutes(5))
    await invoke(sqsBatch(sweep))
    expect(world.instances[0]?.status).toBe('ACTIVE')
    expect(values('openDrains')).toEqual([0, 1, 1, 0])
  })

  test('a sweep that did not come through says nothing of the oldest drain', async () => {
    const { world, invoke, values } = await draining()
    world.fail('DescribeAutoScalingGroups', unavailable)
    await invoke(sqsBatch(sweep))
    expect(values('oldestOpenDrainSeconds')).toEqual([])
    expect(values('failedMessages')).toEqual([1])
  })

  test('nor does a second one in the same batch, where a drain could not be looked at', async () => {
    const { world, invoke, values } = await draining()
    world.fail('LoadStream', unavailable)
    expect(await invoke(sqsBatch(sweep, sweep))).toEqual({ batchItemFailures: [{ itemIdentifier: 'message-0' }] })
    expect(values('openDrains')).toEqual([])
  })

  test('a drain whose stream cannot be read for a figure is handled all the same, without it', async () => {
    const world = new ScriptedWorld()
    world.addInstance(1, [task(1)])
    world.terminate(1)
    const { invoke, values } = invokedOver(world, {
      ports: withCompletion((complete) => (request) => {
        world.fail('LoadStream', unavailable)
        return complete(request)
      }),
    })
    await invoke(sqsBatch(notice()))
    world.advance(seconds(6))
    await invoke(sqsBatch(encodeWakeUp(theStream, 1)))
    world.advance(seconds(6))
    world.stop(taskNumber(1))
    expect(await invoke(sqsBatch(stopped(1)))).toEqual({ batchItemFailures: [] })
    expect(world.actions).toMatchObject([{ ended: 'CONTINUE' }])
    expect(values('drainsCompleted')).toEqual([1])
    expect(values('secondsFromLastStopped')).toEqual([])
  })

  test('calls that the ports count themselves are counted once', async () => {
    const world = new ScriptedWorld()
    world.addInstance(1, [task(1)])
    world.terminate(1)
    const calls = callTally()
    const { invoke, values } = invokedOver(world, { calls })
    calls.note({ service: 'ecs', operation: 'ListTasks', attempts: 3, throttled: 0, failure: null })
    await invoke(sqsBatch(notice()))
    expect(values('apiCalls')).toEqual([3])
  })

  test('calls are counted by operation, throttled and denied ones too', async () => {
    const world = new ScriptedWorld()
    world.addInstance(1, [task(1)])
    world.terminate(1)
    world.fail('UpdateContainerInstancesState', throttled)
    world.fail('DescribeLifecycleHooks', accessDenied)
    const { invoke, measurements } = invokedOver(world)
    await invoke(sqsBatch(notice()))
    const counted = (metric: string) =>
      measurements.flatMap((each) => (each.metric === metric ? [[each.operation, each.value]] : []))
    const made = new Map<string, number>()
    for (const type of world.callsToAws()) {
      const operation = type === 'SendWakeUp' ? 'SendMessage' : type
      made.set(operation, (made.get(operation) ?? 0) + 1)
    }
    expect(made.size).toBeGreaterThanOrEqual(4)
    expect(counted('apiCalls')).toEqual([...made])
    expect(counted('apiCallsThrottled')).toEqual([['UpdateContainerInstancesState', 1]])
    expect(counted('apiCallsDenied')).toEqual([['DescribeLifecycleHooks', 1]])
  })

  test('of the calls to DynamoDB, which counts its own, only those that are denied are counted', () => {
    const calls = callTally()
    const answered = { attempts: 2, throttled: 1, failure: null }
    calls.note({ ...answered, service: 'dynamodb', operation: 'Query' })
    calls.note({ service: 'dynamodb', operation: 'PutItem', attempts: 1, throttled: 0, failure: 'AccessDenied' })
    calls.note({ ...answered, service: 'ecs', operation: 'ListTasks' })
    expect(measurementsOfCalls(calls.take())).toEqual([
      { metric: 'apiCallsDenied', value: 1, operation: 'PutItem' },
      { metric: 'apiCalls', value: 2, operation: 'ListTasks' },
      { metric: 'apiCallsThrottled', value: 1, operation: 'ListTasks' },
    ])
  })

  test('a batch that concerns nobody makes no call and publishes nothing', async () => {
    const { world, invoke, measurements } = await draining()
    world.ledger.length = 0
    measurements.length = 0
    const elsewhere = 'arn:aws:ecs:eu-west-1:111122223333:container-instance/web/ffff'
    await invoke(sqsBatch(taskStateChange(stoppedTask(3), elsewhere)))
    expect(world.callsToAws()).toEqual([])
    expect(measurements).toEqual([])
  })
})

describe('where AWS does not answer', () => {
  beforeEach(() => {
    vi.useFakeTimers()
  })
  afterEach(() => {
    vi.useRealTimers()
  })

  /** Three attempts of six seconds and the waits between them. */
  const callMost = seconds(21)

  test('it answers before Lambda ends it: what is owed stays owed, and its message comes back', async () => {
    const world = new ScriptedWorld()
    world.addInstance(1, [task(1)])
    world.terminate(1)
    const stuck = <Request, Answer>(ask: (request: Request) => TaskEither<Failure, Answer>) => {
      const late: typeof ask = (request) => async () => {
        await new Promise((resolve) => setTimeout(resolve, callMost))
        return ask(request)()
      }
      return late
    }
    // Three effects are owed one after another: 63 seconds.
    for (const type of ['UpdateContainerInstancesState', 'DescribeLifecycleHooks', 'SendWakeUp'] as const)
      world.fail(type, timedOut)
    const { handler, lines, measurements, values } = invokedOver(world, {
      ports: (ports) => ({
        ...ports,
        cluster: {
          ...ports.cluster,
          updateContainerInstancesState: stuck(ports.cluster.updateContainerInstancesState),
        },
        lifecycleHooks: { ...ports.lifecycleHooks, describeHooks: stuck(ports.lifecycleHooks.describeHooks) },
        wakeUps: { send: stuck(ports.wakeUps.send) },
      }),
    })
    const startedAt = Date.now()
    const endsAt = startedAt + seconds(45)
    const getRemainingTimeInMillis = () => endsAt - Date.now()
    const foreign = termination(lifecycleAction({ hook: id('foreign') }), at(0))
    const answered = handler(sqsBatch(notice(), foreign), { ...context, getRemainingTimeInMillis })
    await vi.runAllTimersAsync()
    expect(await answered).toEqual({ batchItemFailures: [{ itemIdentifier: 'message-0' }] })
    expect(Date.now() - startedAt).toBeLessThan(seconds(45))
    // The first has failed. Of the second it is not known.
    expect(lines.flatMap(({ message, fields }) => (message === 'EffectFailed' ? [fields['effect']] : []))).toEqual([
      'SetDraining',
    ])
    expect(lines.find(({ message }) => message === 'NotHandled')).toMatchObject({ fields: { failure: 'TimedOut' } })
    expect(values('failedMessages')).toEqual([1])
    expect(measurements.map(({ metric }) => metric)).toContain('apiCalls')
  })

  test('nothing is asked for a figure when the time is up', async () => {
    const world = new ScriptedWorld()
    world.addInstance(1, [task(1)])
    world.terminate(1)
    const { invoke, values } = invokedOver(world, {
      ports: withCompletion((complete) => (request) => async () => {
        await new Promise((resolve) => setTimeout(resolve, seconds(41)))
        return complete(request)()
      }),
    })
    await invoke(sqsBatch(notice()))
    world.advance(seconds(6))
    await invoke(sqsBatch(encodeWakeUp(theStream, 1)))
    world.advance(seconds(1))
    world.stop(taskNumber(1))
    await invoke(sqsBatch(stopped(1)))
    world.advance(seconds(4))
    world.ledger.length = 0
    const answered = invoke(sqsBatch(encodeWakeUp(theStream, 2)))
    await vi.runAllTimersAsync()
    await answered
    expect(values('drainsCompleted')).toEqual([1])
    expect(values('secondsFromLastStopped')).toEqual([])
    expect(world.calls('LoadStream')).toHaveLength(1)
  })

  test('what it decided is in the log, also where Lambda ends it', async () => {
    const world = new ScriptedWorld()
    world.addInstance(1, [task(1)])
    world.terminate(1)
    const never = () => () => new Promise<never>(() => undefined)
    const { invoke, lines } = invokedOver(world, {
      ports: (ports) => ({ ...ports, cluster: { ...ports.cluster, updateContainerInstancesState: never } }),
    })
    void invoke(sqsBatch(notice()))
    await vi.advanceTimersByTimeAsync(seconds(45))
    expect(lines.map(({ message }) => message)).toEqual(world.events().map(({ type }) => type))
    expect(lines.map(({ message }) => message)).toContain('ContainerInstanceFound')
  })
})

test('a journal that is given is told what the log is told', async () => {
  const world = new ScriptedWorld()
  world.addInstance(1, [task(1)])
  world.terminate(1)
  const told: Array<string> = []
  const { invoke, lines } = invokedOver(world, {
    ports: (ports) => ({
      ...ports,
      journal: { note: (entry) => () => void (entry.type === 'recorded' && told.push(entry.event.type)) },
    }),
  })
  await invoke(sqsBatch(notice()))
  expect(told.length).toBeGreaterThan(2)
  expect(told).toEqual(lines.map(({ message }) => message))
})

test('nothing is left running when it answers', async () => {
  const world = new ScriptedWorld()
  world.addInstance(1, [task(1)])
  world.terminate(1)
  let underWay = 0
  const { invoke } = invokedOver(world, {
    ports: (ports) => ({
      ...ports,
      cluster: {
        ...ports.cluster,
        listContainerInstances: (request) => async () => {
          underWay += 1
          await new Promise((resolve) => setTimeout(resolve, 20))
          underWay -= 1
          return ports.cluster.listContainerInstances(request)()
        },
      },
    }),
  })
  const answer = invoke(sqsBatch(notice()))
  await new Promise((resolve) => setTimeout(resolve, 5))
  expect(underWay).toBe(1)
  await answer
  expect(underWay).toBe(0)
  expect(world.instances[0]?.status).toBe('DRAINING')
})

test('a policy that contradicts itself is an error at start', () => {
  const world = new ScriptedWorld()
  expect(() => invokedOver(world, { policy: { hooks: [], clusters: [] } })).toThrow(/hooks: .*\nclusters: /)
})

test.each<[string, object]>([
  ['ports: expected an object, got undefined', { ports: undefined }],
  ['log lacks the function begin\nlog lacks the function write', { log: console }],
  ['metrics: expected an object, got undefined', { metrics: undefined }],
  ['calls lacks the function note\ncalls lacks the function take', { calls: {} }],
  ['time: expected an object, got 45000', { time: 45_000 }],
  ['timeLimit: expected one of ports, policy, log, metrics, calls, time', { timeLimit: timeLimit() }],
  // As `createDrainController` takes them.
  ['eventStore: expected one of ports, ', portsOver(new ScriptedWorld())],
])('an option that nothing could be done with is an error at start: %s', (says, wrong) => {
  const options: object = {
    ports: portsOver(new ScriptedWorld()),
    policy,
    log: { begin: () => undefined, write: () => undefined },
    metrics: { begin: () => undefined, publish: () => undefined },
    calls: undefined,
  }
  expect(() => createHandler({ ...options, ...wrong } as HandlerOptions)).toThrow(`createHandler:\n${says}`)
  expect(() => createHandler(options as HandlerOptions)).not.toThrow()
})
