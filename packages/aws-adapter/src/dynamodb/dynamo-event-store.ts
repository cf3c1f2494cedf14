/**
 * The event store in one DynamoDB table: an item per commit, written on the condition that there is none at its version.
 * Single-item writes only, so there is no transaction to fail halfway.
 */
import {
  type Answer,
  type AppendRequest,
  type Clock,
  type ContainerInstanceArn,
  type Duration,
  type EventStore,
  hours,
  type Instant,
  type StreamId,
  type StreamIndex,
} from '@ecs-drain/core'
import { AdapterFailure, attempt } from '../failure/failure.ts'
import { systemClock } from '../system-clock.ts'
import {
  commitItem,
  containerInstancesOf,
  isWatched,
  readCommitItem,
  type StoredItem,
  sortKeyOf,
} from './commit-item.ts'
import type { DynamoCalls } from './dynamo-calls.ts'
import {
  confirmWatched,
  deleteWatched,
  putLookUp,
  putWatched,
  readLookUps,
  readWatched,
  releaseCommits,
  releaseLookUp,
} from './index-entries.ts'
import { allOver, type TableRequests, tableRequests } from './table-requests.ts'

/** How long streams are kept, and by whose time. */
export interface DynamoEventStoreOptions {
  /** How long a stream is kept once its drain has ended; `defaultRetention` unless told otherwise. */
  readonly retention?: Duration
  /** The machine's, unless told otherwise. */
  readonly clock?: Clock
}

/** Thirty days in which it can be looked up why an instance was let go. */
export const defaultRetention: Duration = hours(24 * 30)

/**
 * The store in `table`, made as `tableDefinition` says. Any number of processes may share a table. What is left behind
 * where tidying up fails after a commit is harmless, costs the commit nothing, and is left to the next sweep.
 */
export const dynamoEventStore = (
  dynamo: DynamoCalls,
  table: string,
  { retention = defaultRetention, clock = systemClock }: DynamoEventStoreOptions = {},
): EventStore => {
  const store: Store = {
    name: table,
    table: tableRequests(dynamo, table),
    newest: newestCommits(),
    listed: new Set(),
    now: () => clock.now(),
    expiry: () => clock.now() + retention,
  }
  const asked = { action: 'dynamodb:*', resource: `arn:*:dynamodb:*:*:table/${table}` }
  return {
    load: ({ stream, after }) => attempt(asked, async () => (await load(store, stream, after)).map(commitOf)),
    append: (request) => attempt(asked, () => append(store, request)),
    findStreams: ({ containerInstances }) =>
      attempt(asked, async () => {
        const streams = await readLookUps(store.table, new Set(containerInstances))
        return containerInstances.map((arn) => streams.get(arn) ?? null)
      }),
    listWatched: () => attempt(asked, () => listWatched(store)),
  }
}

interface Store {
  readonly name: string
  readonly table: TableRequests
  readonly newest: NewestCommits
  /** Streams that the last sweep was told of. */
  readonly listed: Set<StreamId>
  readonly now: () => number
  readonly expiry: () => number
}

/** What the newest commit of a stream says of its entries: what need not be written again. */
interface Newest extends StreamIndex {
  readonly version: number
}

interface NewestCommits {
  at(stream: StreamId, version: number): Newest | null
  learn(stream: StreamId, newest: Newest): void
}

/** Streams that are remembered. Of one that is not, the entries are written once more, which does no harm. */
const rememberedMax = 1_000

const newestCommits = (): NewestCommits => {
  const streams = new Map<StreamId, Newest>()
  return {
    at: (stream, version) => {
      const newest = streams.get(stream)
      return newest?.version === version ? newest : null
    },
    learn: (stream, newest) => {
      streams.delete(stream)
      streams.set(stream, newest)
      const [oldest] = streams.keys()
      if (streams.size > rememberedMax && oldest !== undefined) streams.delete(oldest)
    },
  }
}

const commitOf = ({ commit }: StoredItem): StoredItem['commit'] => commit

const load = async (store: Store, stream: StreamId, after: number): Promise<ReadonlyArray<StoredItem>> => {
  const items = await store.table.query({
    KeyConditionExpression: 'pk = :stream AND sk > :after',
    ExpressionAttributeValues: { ':stream': { S: stream }, ':after': { S: sortKeyOf(after) } },
  })
  const now = store.now()
  const stored = items.map((item) => readCommitItem(store.name, stream, item, now))
  const last = stored.at(-1)
  if (last === undefined) return stored
  const { watched, containerInstances, commit, expiry } = last
  store.newest.learn(stream, { version: commit.version, watched, containerInstances })
  // Listed, and its drain has ended: whoever ended it did not get to all of it.
  if (expiry !== null && store.listed.delete(stream))
    await tidied(() => release(store, stream, commit.version, containerInstances, expiry))
  return stored
}

const append = async (store: Store, request: AppendRequest): Promise<Answer<'AppendToStream'>> => {
  const { stream, expectedVersion, index } = request
  const version = expectedVersion + 1
  const before = store.newest.at(stream, expectedVersion)
  // Before the commit, so that it is never there without them.
  const arns = index.containerInstances.filter((arn) => !(before?.watched && before.containerInstances.includes(arn)))
  const expiry = index.watched ? null : store.expiry()
  const writer = crypto.randomUUID()
  const item = commitItem(request, writer, expiry)
  const isNewlyWatched = index.watched && !before?.watched
  await allOver([
    ...arns.map((arn) => putLookUp(store.table, arn, stream, version, expiry)),
    ...(isNewlyWatched ? [putWatched(store.table, stream, version, store.now(), store.expiry())] : []),
  ])

  if (!(await store.table.put(item, 'attribute_not_exists(pk)'))) {
    const newer = await load(store, stream, expectedVersion)
    // The answer to our own write was lost on its way, and the SDK wrote once more.
    if (newer[0]?.writer !== writer) {
      await tidied(() => releaseLate(store, arns, newer.at(-1)))
      return { type: 'conflict', newer: newer.map(commitOf) }
    }
  }
  store.newest.learn(stream, { version, ...index })
  if (isNewlyWatched) await tidied(() => confirmWatched(store.table, stream, version))
  const isEnd = expiry !== null && before?.watched !== false
  if (isEnd) await tidied(() => release(store, stream, version, index.containerInstances, expiry))
  return { type: 'appended' }
}

/**
 * The drain has ended: all that is kept of it expires with its last commit, and nothing is watched. The entry goes last: while it is
 * there, whatever failed before is done once more.
 */
const release = async (
  { table }: Store,
  stream: StreamId,
  version: number,
  current: ReadonlyArray<ContainerInstanceArn>,
  expiry: Instant,
): Promise<void> => {
  const released = await releaseCommits(table, stream, version, expiry)
  const arns = new Set([...current, ...released.flatMap(containerInstancesOf)])
  await allOver([...arns].map((arn) => releaseLookUp(table, arn, version, expiry)))
  await deleteWatched(table, stream, version)
}

/** Look-ups of a commit that lost: where the drain has ended meanwhile, its end may have released them before they were put. */
const releaseLate = async (
  { table }: Store,
  arns: ReadonlyArray<ContainerInstanceArn>,
  last: StoredItem | undefined,
): Promise<void> => {
  const { commit, expiry = null } = last ?? {}
  if (commit === undefined || expiry === null) return
  await allOver(arns.map((arn) => releaseLookUp(table, arn, commit.version, expiry)))
}

/** An entry whose commit never came must not hide an instance from the sweep, so it is looked at. */
const listWatched = async (store: Store): Promise<ReadonlyArray<StreamId>> => {
  const watched: Array<StreamId> = []
  for (const { stream, version, confirmed } of await readWatched(store.table)) {
    if (confirmed || (await isWatchedIndeed(store, stream, version))) watched.push(stream)
  }
  store.listed.clear()
  for (const stream of watched) store.listed.add(stream)
  return watched
}

const isWatchedIndeed = async (store: Store, stream: StreamId, version: number): Promise<boolean> => {
  const last = await store.table.last(stream)
  if (last === null || !isWatched(last, store.now())) return false
  await tidied(() => confirmWatched(store.table, stream, version))
  return true
}

/** What has been acknowledged is not taken back because something less important fails; the clients' reports show it. */
const tidied = async (work: () => Promise<void>): Promise<void> => {
  try {
    await work()
  } catch (thrown) {
    if (!(thrown instanceof AdapterFailure)) throw thrown
  }
}
