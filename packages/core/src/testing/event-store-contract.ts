/**
 * What an event store must do, as named cases for any test runner: `test.each(eventStoreContract)`, or a loop. The
 * memory store is the reference; a case that it passes and another store fails has found a defect of that store.
 */
import * as E from 'fp-ts/Either'
import type { TaskEither } from 'fp-ts/TaskEither'
import type { DrainEvent, StoredEvents } from '../drain/drain-event.ts'
import { type ContainerInstanceArn, type StreamId, streamOf } from '../identity/ids.ts'
import type { Answer, AppendRequest, Commit, StreamIndex } from '../invocation/call.ts'
import type { Failure } from '../observation/failure.ts'
import type { EventStore } from '../port/port.ts'
import { type EitherStyle, liftedEventStore } from '../port/promise-lifting.ts'
import { at, containerInstanceNumber, event, instanceNumber, stoppedTask, task } from './builders.ts'
import { canonical, difference, same } from './difference.ts'

/** Makes an empty store, in either style. Cases may run at the same time, each with a store of its own. */
export type MakeStore = () => EitherStyle<EventStore> | Promise<EitherStyle<EventStore>>

/** One thing that a port must do. */
export interface ContractCase {
  readonly title: string
  /** Rejects with an Error that says what the store did otherwise. */
  readonly run: (makeStore: MakeStore) => Promise<void>
}

const stream = (n: number): StreamId => streamOf(instanceNumber(n))

const events = (n: number): StoredEvents => [event('TaskSeen', n, { task: task(n) })]

const unwatched: StreamIndex = { watched: false, containerInstances: [] }

const attempt = <A>(task: TaskEither<Failure, A>, what: string): Promise<A> =>
  task().then((result) => {
    if (E.isRight(result)) return result.right
    throw new Error(`${what} failed: ${canonical(result.left)}`)
  })

interface Store {
  load(of: StreamId, after?: number): Promise<ReadonlyArray<Commit>>
  append(
    of: StreamId,
    expectedVersion: number,
    written: StoredEvents,
    index?: StreamIndex,
  ): Promise<Answer<'AppendToStream'>>
  findStreams(containerInstances: ReadonlyArray<ContainerInstanceArn>): Promise<ReadonlyArray<StreamId | null>>
  listWatched(): Promise<ReadonlyArray<StreamId>>
}

const plain = (store: EventStore): Store => ({
  load: (of, after = 0) => attempt(store.load({ type: 'LoadStream', stream: of, after }), 'load'),
  append: (of, expectedVersion, written, index = unwatched) => {
    const request: AppendRequest = { type: 'AppendToStream', stream: of, expectedVersion, events: written, index }
    return attempt(store.append(request), 'append')
  },
  findStreams: (containerInstances) =>
    attempt(store.findStreams({ type: 'FindStreams', containerInstances }), 'findStreams'),
  listWatched: () => attempt(store.listWatched({ type: 'ListWatchedStreams' }), 'listWatched'),
})

const contractCase = (title: string, check: (store: Store) => Promise<void>): ContractCase => ({
  title,
  run: async (makeStore) => check(plain(liftedEventStore(await makeStore()))),
})

const expectSame = (what: string, actual: unknown, expected: unknown): void => {
  if (same(actual, expected)) return
  const lists = Array.isArray(actual) && Array.isArray(expected) ? difference(actual, expected) : null
  throw new Error(`${what}:\n${lists ?? `  - ${canonical(expected)}\n  + ${canonical(actual)}`}`)
}

const expectThat = (holds: boolean, what: string): void => {
  if (!holds) throw new Error(what)
}

const appended = { type: 'appended' } as const

const appendInOrder = async (store: Store, of: StreamId, count: number): Promise<void> => {
  for (let version = 0; version < count; version += 1) {
    expectSame(`append at version ${version}`, await store.append(of, version, events(version + 1)), appended)
  }
}

const commits = (from: number, to: number): ReadonlyArray<Commit> =>
  Array.from({ length: to - from + 1 }, (_, index) => ({ version: from + index, events: events(from + index) }))

const writers = [1, 2, 3, 4, 5, 6, 7, 8]

const race = async (store: Store): Promise<void> => {
  const winners: Array<Commit> = []
  for (let version = 0; version < 6; version += 1) {
    const offers = writers.map((writer) => [event('TaskSeen', version, { task: task(writer) })])
    const answers = await Promise.all(offers.map((offer) => store.append(stream(1), version, offer)))
    const won = answers.flatMap((answer, index) => (answer.type === 'appended' ? [offers[index] ?? []] : []))
    expectSame(`winners at version ${version}`, won.length, 1)
    winners.push({ version: version + 1, events: won[0] ?? [] })
    for (const answer of answers) {
      if (answer.type === 'conflict') expectSame('what a loser is told', answer.newer, winners.slice(-1))
    }
  }
  expectSame('the stream after the races', await store.load(stream(1)), winners)
}

/** Each writer appends five commits of its own, and tries again after each conflict with what the conflict told it. */
const persist = async (store: Store, writer: number): Promise<ReadonlyArray<string>> => {
  const acknowledged: Array<string> = []
  let version = 0
  while (acknowledged.length < 5) {
    const written: StoredEvents = [event('TaskSeen', acknowledged.length, { task: task(writer) })]
    const answer = await store.append(stream(1), version, written)
    if (answer.type === 'appended') {
      version += 1
      acknowledged.push(`${version} ${canonical(written)}`)
    } else {
      const newest = answer.newer.at(-1)?.version ?? version
      expectThat(newest > version, `a conflict at version ${version} brought nothing newer`)
      version = newest
    }
  }
  return acknowledged
}

/** The cases, each independent of the others. */
export const eventStoreContract: ReadonlyArray<ContractCase> = [
  contractCase('a stream nobody wrote to is empty', async (store) => {
    expectSame('load', await store.load(stream(1)), [])
  }),

  contractCase('what was appended is loaded, in order, numbered from 1', async (store) => {
    await appendInOrder(store, stream(1), 5)
    expectSame('load', await store.load(stream(1)), commits(1, 5))
  }),

  contractCase('load brings only commits newer than the version it is told', async (store) => {
    await appendInOrder(store, stream(1), 12)
    expectSame('after 9', await store.load(stream(1), 9), commits(10, 12))
    expectSame('after 12', await store.load(stream(1), 12), [])
    expectSame('after 40', await store.load(stream(1), 40), [])
  }),

  contractCase('an append at an old version changes nothing and brings the newer commits', async (store) => {
    await appendInOrder(store, stream(1), 3)
    const answer = await store.append(stream(1), 1, events(99))
    expectSame('the answer', answer, { type: 'conflict', newer: commits(2, 3) })
    expectSame('the stream', await store.load(stream(1)), commits(1, 3))
  }),

  contractCase(
    'repeating an append that was acknowledged is a conflict that brings that very commit',
    async (store) => {
      await appendInOrder(store, stream(1), 1)
      expectSame('again', await store.append(stream(1), 0, events(1)), { type: 'conflict', newer: commits(1, 1) })
      expectSame('the stream', await store.load(stream(1)), commits(1, 1))
    },
  ),

  contractCase('of eight writers at one version exactly one wins', race),

  contractCase('of eight writers that try until they succeed no acknowledged commit is lost', async (store) => {
    const acknowledged = (await Promise.all(writers.map((writer) => persist(store, writer)))).flat()
    const loaded = (await store.load(stream(1))).map((commit) => `${commit.version} ${canonical(commit.events)}`)
    expectSame('the stream', loaded.toSorted(), acknowledged.toSorted())
    expectSame('the number of commits', loaded.length, 40)
  }),

  contractCase('streams know nothing of each other', async (store) => {
    await appendInOrder(store, stream(1), 2)
    expectSame('the other', await store.load(stream(2)), [])
    expectSame('its first append', await store.append(stream(2), 0, events(7)), appended)
    expectSame('the first', await store.load(stream(1)), commits(1, 2))
    expectSame('the other', await store.load(stream(2)), [{ version: 1, events: events(7) }])
  }),

  contractCase('streams whose names begin alike are different streams', async (store) => {
    const short = streamOf('i-00000001' as Parameters<typeof streamOf>[0])
    const long = streamOf('i-000000010' as Parameters<typeof streamOf>[0])
    await store.append(short, 0, events(1), { watched: true, containerInstances: [containerInstanceNumber(1)] })
    await store.append(long, 0, events(2), { watched: true, containerInstances: [containerInstanceNumber(2)] })
    expectSame('the shorter', await store.load(short), [{ version: 1, events: events(1) }])
    expectSame('the longer', await store.load(long), [{ version: 1, events: events(2) }])
    const found = await store.findStreams([containerInstanceNumber(1), containerInstanceNumber(2)])
    expectSame('findStreams', found, [short, long])
  }),

  contractCase('findStreams answers in the order asked, with null for the unknown', async (store) => {
    for (const n of [1, 2, 3]) {
      const index = { watched: true, containerInstances: [containerInstanceNumber(n)] }
      await store.append(stream(n), 0, events(n), index)
    }
    const asked = [3, 9, 1, 2, 8].map((n) => containerInstanceNumber(n))
    const found = await store.findStreams(asked)
    expectSame('findStreams', found, [stream(3), null, stream(1), stream(2), null])
    expectSame('of nothing', await store.findStreams([]), [])
  }),

  contractCase(
    'findStreams answers for 250 container instances at once, also for one that is named twice',
    async (store) => {
      const index = { watched: true, containerInstances: [containerInstanceNumber(200)] }
      await store.append(stream(1), 0, events(1), index)
      const asked = Array.from({ length: 250 }, (_, n) => containerInstanceNumber(n))
      const found = await store.findStreams([...asked, containerInstanceNumber(200)])
      expectSame('length', found.length, 251)
      expectSame('position 200', found[200], stream(1))
      expectSame('the repeated one', found[250], stream(1))
      expectSame('the others', new Set(found).size, 2)
    },
  ),

  contractCase('a stream is found by every container instance it ever had', async (store) => {
    const first = { watched: true, containerInstances: [containerInstanceNumber(1)] }
    const second = { watched: true, containerInstances: [containerInstanceNumber(2)] }
    await store.append(stream(1), 0, events(1), first)
    await store.append(stream(1), 1, events(2), second)
    const found = await store.findStreams([containerInstanceNumber(1), containerInstanceNumber(2)])
    expectSame('findStreams', found, [stream(1), stream(1)])
  }),

  contractCase('the look-up of a commit that lost is harmless', async (store) => {
    await appendInOrder(store, stream(1), 1)
    const lost = await store.append(stream(1), 0, events(2), {
      watched: true,
      containerInstances: [containerInstanceNumber(1)],
    })
    expectSame('the answer', lost, { type: 'conflict', newer: commits(1, 1) })
    const [found] = await store.findStreams([containerInstanceNumber(1)])
    expectThat(
      found === null || found === stream(1),
      `findStreams: neither null nor its stream, but ${canonical(found)}`,
    )
    expectSame('the stream', await store.load(stream(1)), commits(1, 1))
  }),

  contractCase('the watched streams are those whose latest commit says so', async (store) => {
    const watched = { watched: true, containerInstances: [] }
    expectSame('at first', await store.listWatched(), [])
    for (const n of [1, 2, 3]) await store.append(stream(n), 0, events(n), watched)
    await store.append(stream(4), 0, events(4), unwatched)
    await store.append(stream(2), 1, events(5), unwatched)
    expectSame('two of four', (await store.listWatched()).toSorted(), [stream(1), stream(3)])
    await store.append(stream(2), 2, events(6), watched)
    await store.append(stream(2), 3, events(7), watched)
    expectSame('one again, named once', (await store.listWatched()).toSorted(), [stream(1), stream(2), stream(3)])
  }),

  contractCase('a commit that lost does not end the watch', async (store) => {
    await store.append(stream(1), 0, events(1), { watched: true, containerInstances: [] })
    await store.append(stream(1), 0, events(2), unwatched)
    expectSame('watched', await store.listWatched(), [stream(1)])
  }),

  contractCase('three hundred watched streams are all listed', async (store) => {
    const numbers = Array.from({ length: 300 }, (_, n) => n)
    for (const n of numbers) await store.append(stream(n), 0, events(n), { watched: true, containerInstances: [] })
    expectSame('watched', (await store.listWatched()).toSorted(), numbers.map(stream).toSorted())
  }),

  contractCase('a commit holds the reading of a thousand tasks', async (store) => {
    const tasks = Array.from({ length: 1_000 }, (_, n) =>
      stoppedTask(n, { group: `service:a-long-name-of-a-service-${n}` }),
    )
    const big: StoredEvents = [event('TasksRead', 1, { tasks })]
    expectSame('append', await store.append(stream(1), 0, big), appended)
    expectSame('load', await store.load(stream(1)), [{ version: 1, events: big }])
  }),

  contractCase('two hundred commits are all loaded', async (store) => {
    await appendInOrder(store, stream(1), 200)
    expectSame('load', await store.load(stream(1)), commits(1, 200))
  }),

  contractCase('any text comes back as it was', async (store) => {
    const texts = ['žluťoučký kůň 🐎', '排水', '"\\\n\t\u0001', '', '\u2028 \u0000', 'null', '{"a":1}']
    const written: StoredEvents = texts.map(
      (reason): DrainEvent => event('ContainerInstanceLost', 1, { reason, retryAt: at(2) }),
    )
    await store.append(stream(1), 0, written)
    expectSame('load', await store.load(stream(1)), [{ version: 1, events: written }])
  }),

  contractCase('nulls, false, zero and empty lists come back as they were', async (store) => {
    const written: StoredEvents = [
      event('DrainRequested', 0, { clusters: [], toWarmPool: false, announcedAt: 0 }),
      event('EffectFailed', 1, { task: null, retryAt: 0 }),
      event('TasksRead', 2, { tasks: [], forgotten: [], since: 0 }),
    ]
    await store.append(stream(1), 0, written)
    expectSame('load', await store.load(stream(1)), [{ version: 1, events: written }])
  }),
]
