/**
 * Two kinds of item that streams are found by: the look-up of a container instance, and the entry of a watched stream. An
 * entry is written before the commit that needs it, so one may be there without its commit; never the other way round.
 *
 * An entry carries the version of that commit. It is replaced only by a newer one, and taken away only by the end of a
 * drain whose last commit is not older. So a slow writer whose drain has ended cannot take away what the next drain just
 * wrote. A stream that has expired begins again at version 1, so an entry that expires is replaced by any.
 */
import { type ContainerInstanceArn, type Instant, StreamId } from '@ecs-drain/core'
import { inSeconds, sortKeyOf } from './commit-item.ts'
import { allOver, type Item, type Key, keyItem, type TableRequests } from './table-requests.ts'

/** All watched streams are in one partition, where one consistent query lists them. */
const watchedPartition = 'watched'
const watchedKey = (stream: StreamId): Key => ({ pk: watchedPartition, sk: stream })
const lookUpKey = (arn: ContainerInstanceArn): Key => ({ pk: arn, sk: 'stream' })

const isNewer = 'attribute_not_exists(pk) OR version < :version'
/** A look-up that has been released is nobody's. */
const isNewerOrReleased = `${isNewer} OR attribute_exists(expiresAt)`
/** An entry that is not confirmed may still be its writer's, until it has expired. */
const isNewerOrExpired = `${isNewer} OR expiresAt < :now`
const isNotNewer = 'version <= :version'
const atVersion = (version: number): Item => ({ ':version': { N: `${version}` } })

/** A stream as the partition of watched ones has it. */
export interface WatchedEntry {
  readonly stream: StreamId
  readonly version: number
  /** False until the commit that the entry was written for is known to be there. */
  readonly confirmed: boolean
}

/** Puts the look-up of a container instance, for the commit of this version. Null: for as long as the drain lasts. */
export const putLookUp = async (
  table: TableRequests,
  arn: ContainerInstanceArn,
  stream: StreamId,
  version: number,
  expiry: Instant | null,
): Promise<void> => {
  const item = { ...keyItem(lookUpKey(arn)), stream: { S: stream }, version: { N: `${version}` } }
  await table.put(
    { ...item, ...(expiry === null ? {} : { expiresAt: inSeconds(expiry) }) },
    isNewerOrReleased,
    atVersion(version),
  )
}

/** Lets a look-up expire, unless a newer commit needs it. */
export const releaseLookUp = async (
  table: TableRequests,
  arn: ContainerInstanceArn,
  version: number,
  expiry: Instant,
): Promise<void> => {
  const values = { ...atVersion(version), ':expiry': inSeconds(expiry) }
  await table.update(lookUpKey(arn), 'SET expiresAt = :expiry', isNotNewer, values)
}

/** The stream of each container instance that has one. */
export const readLookUps = async (
  table: TableRequests,
  arns: ReadonlySet<ContainerInstanceArn>,
): Promise<ReadonlyMap<string, StreamId>> => {
  const streams = new Map<string, StreamId>()
  for (const item of await table.batchGet([...arns].map(lookUpKey))) {
    const stream = item['stream']?.S
    const arn = item['pk']?.S
    if (arn !== undefined && StreamId.is(stream)) streams.set(arn, stream)
  }
  return streams
}

/** Begins to watch. Unconfirmed it expires, because the commit may never come. */
export const putWatched = async (
  table: TableRequests,
  stream: StreamId,
  version: number,
  now: Instant,
  expiry: Instant,
): Promise<void> => {
  const item = { ...keyItem(watchedKey(stream)), version: { N: `${version}` }, expiresAt: inSeconds(expiry) }
  const values = { ...atVersion(version), ':now': inSeconds(now) }
  await table.put(item, isNewerOrExpired, values)
}

/** The commit is there: the entry stays until it is taken away. */
export const confirmWatched = async (table: TableRequests, stream: StreamId, version: number): Promise<void> => {
  await table.update(watchedKey(stream), 'REMOVE expiresAt', isNotNewer, atVersion(version))
}

/** Ends the watch, unless a newer commit began another. */
export const deleteWatched = async (table: TableRequests, stream: StreamId, version: number): Promise<void> => {
  await table.delete(watchedKey(stream), isNotNewer, atVersion(version))
}

/** Every entry of a watched stream. */
export const readWatched = async (table: TableRequests): Promise<ReadonlyArray<WatchedEntry>> => {
  const items = await table.query({
    KeyConditionExpression: 'pk = :pk',
    ExpressionAttributeValues: { ':pk': { S: watchedPartition } },
  })
  return items.flatMap((item) => {
    const stream = item['sk']?.S
    if (!StreamId.is(stream)) return []
    return [{ stream, version: Number(item['version']?.N), confirmed: item['expiresAt'] === undefined }]
  })
}

/** Lets the commits before a version expire. Those of a drain before have had their time set by then. */
export const releaseCommits = async (
  table: TableRequests,
  stream: StreamId,
  before: number,
  expiry: Instant,
): Promise<ReadonlyArray<Item>> => {
  const items = await table.query({
    KeyConditionExpression: 'pk = :stream AND sk < :before',
    FilterExpression: 'attribute_not_exists(expiresAt)',
    ProjectionExpression: 'sk, containerInstances',
    ExpressionAttributeValues: { ':stream': { S: stream }, ':before': { S: sortKeyOf(before) } },
  })
  const values = { ':expiry': inSeconds(expiry) }
  await allOver(
    items.map(({ sk }) =>
      table.update({ pk: stream, sk: sk?.S ?? '' }, 'SET expiresAt = :expiry', 'attribute_exists(pk)', values),
    ),
  )
  return items
}
