import * as E from 'fp-ts/Either'
import * as TE from 'fp-ts/TaskEither'
import { describe, expect, test } from 'vitest'
import { memoryEventStore } from '../../src/memory/memory-event-store.ts'
import { lifted, PortFailure, type PortOptions } from '../../src/port/promise-lifting.ts'
import {
  at,
  containerInstanceNumber,
  ScriptedWorld,
  task,
  theHook,
  theInstance,
  theStream,
  throttled,
} from '../../src/testing/index.ts'
import { portsOver } from '../support/ports-over.ts'

const send = { type: 'SendWakeUp', stream: theStream, at: at(5), hops: 1 } as const

const withWakeUps = (wakeUps: PortOptions['wakeUps']) => lifted({ ...portsOver(new ScriptedWorld()), wakeUps })

describe('a port function', () => {
  test.each<[string, PortOptions['wakeUps']['send']]>([
    ['that returns a TaskEither', () => TE.right(null)],
    ['that returns a promise', async () => null],
    ['that returns a plain value', () => null],
  ])('%s answers', async (_title, sent) => {
    expect(await withWakeUps({ send: sent }).wakeUps.send(send)()).toEqual(E.right(null))
  })

  test.each<[string, PortOptions['wakeUps']['send'], object]>([
    ['fails with what a TaskEither says', () => TE.left(throttled), throttled],
    [
      'fails with what a PortFailure says',
      async () => {
        throw new PortFailure(throttled)
      },
      throttled,
    ],
    [
      'fails with what a PortFailure of another copy of core says, as of one that is required where this one is imported',
      () =>
        Promise.reject(
          Object.assign(new Error('Throttled: Rate exceeded'), { name: 'PortFailure', failure: throttled }),
        ),
      throttled,
    ],
    [
      'is unavailable when it throws nothing',
      () => Promise.reject(null),
      { type: 'Unavailable', message: 'the port wakeUps.send: null' },
    ],
    [
      'is unavailable when it throws what cannot be made a text',
      () => Promise.reject(Object.create(null)),
      { type: 'Unavailable', message: 'the port wakeUps.send: an object' },
    ],
    [
      'is unavailable in the words of whatever it throws, if that has some',
      () => Promise.reject({ message: 'socket hang up' }),
      { type: 'Unavailable', message: 'the port wakeUps.send: socket hang up' },
    ],
    [
      'is unavailable when its promise rejects with anything else',
      () => Promise.reject(new Error('socket hang up')),
      { type: 'Unavailable', message: 'the port wakeUps.send: socket hang up' },
    ],
    [
      'is unavailable when it throws at once',
      () => {
        throw new Error('not connected')
      },
      { type: 'Unavailable', message: 'the port wakeUps.send: not connected' },
    ],
    [
      'is unavailable when its TaskEither rejects, which it should not',
      () => () => Promise.reject(new Error('never')),
      { type: 'Unavailable', message: 'the port wakeUps.send: never' },
    ],
    // What is stored of it could not be read again.
    [
      'is unavailable when what it fails with is no failure',
      () => Promise.reject(new PortFailure({ type: 'Throttle', message: 'slow down' } as never)),
      {
        type: 'Unavailable',
        message: 'the port wakeUps.send: type: expected a type of failure, got "Throttle"',
      },
    ],
    [
      'is unavailable when its TaskEither comes to an Error',
      () => TE.left(new Error('no route to host') as never),
      { type: 'Unavailable', message: 'the port wakeUps.send: no route to host' },
    ],
    [
      'is unavailable when it returns a function that is no TaskEither',
      () => (async () => undefined) as never,
      { type: 'Unavailable', message: 'the port wakeUps.send: expected an Either, got nothing' },
    ],
  ])('%s', async (_title, sent, failure) => {
    expect(await withWakeUps({ send: sent }).wakeUps.send(send)()).toEqual(E.left(failure))
  })

  test('does nothing before it is run, and all of it again each time: also one that does not wait to be run', async () => {
    const calls: Array<unknown> = []
    const eager: PortOptions['wakeUps']['send'] = (request) => {
      calls.push(request)
      return TE.right(null)
    }
    const sent = withWakeUps({ send: eager }).wakeUps.send(send)
    expect(calls).toEqual([])
    await sent()
    await sent()
    expect(calls).toEqual([send, send])
  })

  test('keeps its `this`', async () => {
    class Queue {
      sent = 0
      async send() {
        this.sent += 1
        return null
      }
    }
    const queue = new Queue()
    await withWakeUps(queue).wakeUps.send(send)()
    expect(queue.sent).toBe(1)
  })
})

describe('an answer of another shape', () => {
  const containerInstance = { arn: containerInstanceNumber(1), ec2InstanceId: theInstance, status: 'ACTIVE' }
  const hook = { name: theHook, transition: 'autoscaling:EC2_INSTANCE_TERMINATING', defaultResult: 'CONTINUE' }

  // Whoever writes JavaScript hands on what an SDK or a database gave it.
  test.each<[keyof PortOptions, string, unknown, string]>([
    ['eventStore', 'load', undefined, '(root): expected a list, got nothing'],
    ['eventStore', 'load', [{ version: '1', events: [] }], '[0].version: expected an integer of at least 0, got "1"'],
    ['eventStore', 'append', {}, 'type: expected a type of answer, got nothing'],
    ['eventStore', 'append', { type: 'conflict' }, 'newer: expected a list, got nothing'],
    [
      'eventStore',
      'findStreams',
      [undefined],
      '[0]: expected StreamId like ec2-instance/i-0123456789abcdef0 or null, got nothing',
    ],
    ['eventStore', 'listWatched', {}, '(root): expected a list, got an object'],
    ['cluster', 'listContainerInstances', [], '(root): expected an object, got a list of 0'],
    [
      'cluster',
      'describeContainerInstances',
      { containerInstances: [{ ...containerInstance, registeredAt: 0 }], failures: [] },
      'containerInstances[0].agentConnected: expected boolean, got nothing',
    ],
    ['cluster', 'updateContainerInstancesState', null, '(root): expected an object, got null'],
    // The first page would be read again and again.
    ['cluster', 'listTasks', { items: [] }, 'nextToken: expected string or null, got nothing'],
    [
      'cluster',
      'describeTasks',
      { tasks: [{ ...task(1), group: undefined }], failures: [] },
      'tasks[0].group: expected string, got nothing',
    ],
    ['cluster', 'stopTask', { task: {} }, '(root): expected null, got an object'],
    // It says that nothing was completed.
    ['lifecycleHooks', 'complete', E.left(throttled), '(root): expected null, got an object'],
    [
      'lifecycleHooks',
      'describeHooks',
      [{ ...hook, heartbeatTimeout: 900, globalTimeout: 172_800_000 }],
      '[0].heartbeatTimeout: expected an integer of at least 30000, got 900',
    ],
    ['lifecycleHooks', 'describeGroups', { items: [{}], nextToken: null }, 'items[0].name: expected AutoScalingGroup'],
  ])('of %s.%s is a failure that says where and what: %j', async (port, name, answer, says) => {
    const options = portsOver(new ScriptedWorld())
    const broken = { ...options, [port]: { ...options[port], [name]: async () => answer } } as PortOptions
    const ask = lifted(broken)[port as 'wakeUps'][name as 'send'](send)
    const failure = { type: 'Unavailable', message: expect.stringContaining(`the port ${port}.${name}: ${says}`) }
    expect(await ask()).toEqual(E.left(failure))
  })

  test('is none where a function returns nothing that has nothing to say', async () => {
    expect(await withWakeUps({ send: async () => undefined as never }).wakeUps.send(send)()).toEqual(E.right(null))
  })
})

test.each([
  ['a Date', () => new Date(), 'an object'],
  ['a promise', async () => 0, 'an object'],
  ['nothing', () => undefined, 'nothing'],
])('a clock that tells the time as %s is an error at the start', (_what, now, got) => {
  const options = { ...portsOver(new ScriptedWorld()), clock: { now: now as never } }
  expect(() => lifted(options)).toThrow(`the port clock.now: expected milliseconds, got ${got}`)
})

test('both styles may be mixed within one port', async () => {
  const store = memoryEventStore()
  const mixed = lifted({
    ...portsOver(new ScriptedWorld()),
    eventStore: { ...store, listWatched: async () => [theStream], findStreams: () => [null] },
  })
  expect(await mixed.eventStore.listWatched({ type: 'ListWatchedStreams' })()).toEqual(E.right([theStream]))
  expect(await mixed.eventStore.load({ type: 'LoadStream', stream: theStream, after: 0 })()).toEqual(E.right([]))
})

test.each([
  ['eventStore', 'listWatched'],
  ['cluster', 'describeTasks'],
  ['lifecycleHooks', 'recordHeartbeat'],
  ['wakeUps', 'send'],
  ['clock', 'now'],
  ['journal', 'note'],
] as const)('a %s without %s is an error at the start', (port, name) => {
  const options = portsOver(new ScriptedWorld())
  const broken = { ...options, [port]: { ...options[port], [name]: undefined } } as PortOptions
  expect(() => lifted(broken)).toThrow(`the port ${port} lacks the function ${name}`)
})

test('a port that is left out is an error at the start, too, which names it', () => {
  const { cluster: _, ...broken } = portsOver(new ScriptedWorld())
  expect(() => lifted(broken as PortOptions)).toThrow('the port cluster lacks the function listContainerInstances')
})

test('a PortFailure says in its message what a log should show', () => {
  const thrown = new PortFailure({ type: 'NotFound', message: `no instance ${theInstance}` })
  expect(thrown).toMatchObject({ name: 'PortFailure', message: `NotFound: no instance ${theInstance}` })
})

describe('a journal', () => {
  const entry = { type: 'ignored', message: null, why: 'hook-not-ours' } as const
  const withJournal = (note: NonNullable<PortOptions['journal']>['note']) =>
    lifted({ ...portsOver(new ScriptedWorld()), journal: { note } }).journal

  test.each<[string, (noted: Array<unknown>) => NonNullable<PortOptions['journal']>['note']]>([
    ['writes when it is called', (noted) => (each) => noted.push(each)],
    ['gives back what writes', (noted) => (each) => () => noted.push(each)],
  ])('%s, and has written when the next thing is done', (_title, noteIn) => {
    const noted: Array<unknown> = []
    withJournal(noteIn(noted)).note(entry)()
    expect(noted).toEqual([entry])
  })

  test.each<[string, NonNullable<PortOptions['journal']>['note']]>([
    [
      'throws at once',
      () => {
        throw new Error('no space left on device')
      },
    ],
    [
      'throws as it writes',
      () => () => {
        throw new Error('no space left on device')
      },
    ],
    ['has a promise that rejects', () => Promise.reject(new Error('no space left on device'))],
  ])('that %s keeps nobody from going on', async (_title, note) => {
    expect(() => withJournal(note).note(entry)()).not.toThrow()
    // A rejection that nobody heard of would fail the run.
    await new Promise(setImmediate)
  })
})
