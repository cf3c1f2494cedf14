/** The event store in one SQLite file, for a single machine: what outlives a process. */
import { DatabaseSync } from 'node:sqlite'
import {
  type Answer,
  type AppendRequest,
  type Commit,
  type ContainerInstanceArn,
  decodeCommit,
  type EventStore,
  encodeCommit,
  type Failure,
  type StreamId,
} from '@ecs-drain/core'
import * as E from 'fp-ts/Either'
import { pipe } from 'fp-ts/function'
import * as J from 'fp-ts/Json'
import type * as TE from 'fp-ts/TaskEither'
import { prepareSchema } from './schema.ts'
import { failureOf } from './sqlite-failure.ts'

export interface SqliteOptions {
  /** How long, in milliseconds, a call waits for another connection's transaction; 5,000 unless told otherwise. */
  readonly busyTimeout?: number
}

export interface SqliteEventStore extends EventStore {
  /** Closes the file. Calls after it fail; closing again does nothing. */
  close(): void
}

/**
 * The store in the file at `path`, which is made if there is none; `:memory:` is a store that ends with its connection.
 * Any number of connections, threads and processes of one machine may share a file (not over a network file system).
 * Throws where the file cannot be opened or is not ours. A call that waits for a lock keeps its thread waiting.
 */
export const sqliteEventStore = (path: string, { busyTimeout = 5_000 }: SqliteOptions = {}): SqliteEventStore => {
  const database = new DatabaseSync(path, { timeout: busyTimeout })
  try {
    // Readers do not wait for writers. FULL: what was acknowledged outlives a power cut.
    database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL')
    prepareSchema(database)
  } catch (thrown) {
    database.close()
    throw thrown
  }
  const statements = prepare(database)
  return {
    load: ({ stream, after }) => attempt(() => newerThan(statements, stream, after)),
    append: (request) => attempt(() => inTransaction(database, () => append(statements, request))),
    findStreams: ({ containerInstances }) =>
      attempt(() => containerInstances.map((arn) => streamOfArn(statements, arn))),
    listWatched: () => attempt(() => statements.listWatched.all().map(({ stream }) => stream as StreamId)),
    close: () => {
      if (database.isOpen) database.close()
    },
  }
}

type Statements = ReturnType<typeof prepare>

const prepare = (database: DatabaseSync) => ({
  newerThan: database.prepare('SELECT version, body FROM commits WHERE stream = ? AND version > ? ORDER BY version'),
  versionOf: database.prepare('SELECT max(version) AS version FROM commits WHERE stream = ?'),
  insertCommit: database.prepare('INSERT INTO commits (stream, version, body) VALUES (?, ?, ?)'),
  putContainerInstance: database.prepare('INSERT OR REPLACE INTO container_instances (arn, stream) VALUES (?, ?)'),
  streamOfArn: database.prepare('SELECT stream FROM container_instances WHERE arn = ?'),
  watch: database.prepare('INSERT OR IGNORE INTO watched_streams (stream) VALUES (?)'),
  unwatch: database.prepare('DELETE FROM watched_streams WHERE stream = ?'),
  listWatched: database.prepare('SELECT stream FROM watched_streams ORDER BY stream'),
})

const append = (statements: Statements, request: AppendRequest): Answer<'AppendToStream'> => {
  const { stream, expectedVersion, events, index } = request
  for (const arn of index.containerInstances) statements.putContainerInstance.run(arn, stream)
  const version = Number(statements.versionOf.get(stream)?.['version'] ?? 0)
  if (version !== expectedVersion) return { type: 'conflict', newer: newerThan(statements, stream, expectedVersion) }
  statements.insertCommit.run(stream, version + 1, JSON.stringify(encodeCommit(events)))
  if (index.watched) statements.watch.run(stream)
  else statements.unwatch.run(stream)
  return { type: 'appended' }
}

const newerThan = ({ newerThan }: Statements, stream: StreamId, after: number): ReadonlyArray<Commit> =>
  newerThan.all(stream, after).map((row): Commit => {
    const version = Number(row['version'])
    const events = eventsIn(String(row['body']))
    if (E.isRight(events)) return { version, events: events.right }
    throw new Error(`commit ${version} of ${stream} cannot be read: ${events.left.join('; ')}`)
  })

const eventsIn = (body: string): E.Either<ReadonlyArray<string>, Commit['events']> =>
  pipe(
    J.parse(body),
    E.mapLeft((): ReadonlyArray<string> => ['(root): is not JSON']),
    E.flatMap(decodeCommit),
  )

const streamOfArn = ({ streamOfArn }: Statements, arn: ContainerInstanceArn): StreamId | null =>
  (streamOfArn.get(arn)?.['stream'] as StreamId | undefined) ?? null

/** IMMEDIATE: the version is read under the lock that the write needs, so no writer comes between. */
const inTransaction = <A>(database: DatabaseSync, work: () => A): A => {
  database.exec('BEGIN IMMEDIATE')
  try {
    const result = work()
    database.exec('COMMIT')
    return result
  } catch (thrown) {
    // SQLite has undone some failures by itself, and then there is nothing to roll back.
    if (database.isTransaction) database.exec('ROLLBACK')
    throw thrown
  }
}

const attempt =
  <A>(work: () => A): TE.TaskEither<Failure, A> =>
  async () => {
    try {
      return E.right(work())
    } catch (thrown) {
      return E.left(failureOf(thrown))
    }
  }
