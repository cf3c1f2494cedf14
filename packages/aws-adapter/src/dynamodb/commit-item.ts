/** A commit as an item: `pk` the stream, `sk` the version, the events as JSON text that people can read in the console. */
import { gunzipSync, gzipSync } from 'node:zlib'
import type { AttributeValue } from '@aws-sdk/client-dynamodb'
import {
  type AppendRequest,
  type Commit,
  ContainerInstanceArn,
  decodeCommit,
  encodeCommit,
  type Instant,
  type StreamId,
  type StreamIndex,
} from '@ecs-drain/core'
import * as E from 'fp-ts/Either'
import { AdapterFailure } from '../failure/failure.ts'
import type { Item } from './table-requests.ts'

/** What an item tells besides the commit itself. */
export interface StoredItem extends StreamIndex {
  readonly commit: Commit
  /** Whose append it was. */
  readonly writer: string
  /** Null: its drain is open. */
  readonly expiry: Instant | null
}

/** Ten digits, so that text sorts like numbers. */
export const sortKeyOf = (version: number): string => `${version}`.padStart(10, '0')

/** An item takes 400 KB, names included; text beyond this is stored compressed. */
const textBytesMax = 256 * 1024
const itemBytesMax = 399 * 1024

/** DynamoDB's time to live knows nothing finer than seconds. */
export const inSeconds = (at: Instant): AttributeValue => ({ N: `${Math.ceil(at / 1_000)}` })

/** The item of the commit that a request asks for. Throws where it does not fit. */
export const commitItem = (request: AppendRequest, writer: string, expiry: Instant | null): Item => {
  const { stream, expectedVersion, events, index } = request
  const version = expectedVersion + 1
  const text = JSON.stringify(encodeCommit(events))
  const item: Item = {
    pk: { S: stream },
    sk: { S: sortKeyOf(version) },
    version: { N: `${version}` },
    writer: { S: writer },
    watched: { BOOL: index.watched },
    containerInstances: { L: index.containerInstances.map((arn) => ({ S: arn })) },
    body: Buffer.byteLength(text) <= textBytesMax ? { S: text } : { B: gzipSync(text) },
    ...(expiry === null ? {} : { expiresAt: inSeconds(expiry) }),
  }
  const bytes = Buffer.byteLength(item['body']?.S ?? item['body']?.B ?? '') + index.containerInstances.join().length
  if (bytes <= itemBytesMax) return item
  const message = `${stream}, version ${version}: ${bytes} bytes, and an item of DynamoDB takes 400 KB`
  throw new AdapterFailure({ type: 'Rejected', code: 'CommitTooLarge', message })
}

/**
 * What an item holds. A commit that has expired, and that DynamoDB has not got round to deleting, has no events: of a
 * stream that is being deleted item by item nothing is read as if it were all there was.
 */
export const readCommitItem = (table: string, stream: StreamId, item: Item, now: Instant): StoredItem => {
  const wrong = (why: string): AdapterFailure => {
    const message = `table ${table}, pk ${stream}, sk ${item['sk']?.S}: ${why}`
    return new AdapterFailure({ type: 'Rejected', code: 'UndecodableItem', message })
  }
  const version = Number(item['version']?.N)
  if (item['sk']?.S !== sortKeyOf(version)) throw wrong(`version: expected the number in sk, got ${item['version']?.N}`)
  return {
    commit: { version, events: isExpired(item, now) ? [] : eventsOf(item, wrong) },
    writer: item['writer']?.S ?? '',
    watched: isWatched(item, now),
    containerInstances: containerInstancesOf(item),
    expiry: expiryOf(item),
  }
}

const expiryOf = ({ expiresAt }: Item): Instant | null =>
  expiresAt?.N === undefined ? null : Number(expiresAt.N) * 1_000

const isExpired = (item: Item, now: Instant): boolean => (expiryOf(item) ?? Infinity) <= now

/** Whether its stream is watched by this, its newest commit. Of one that has expired the end of its drain may be deleted already. */
export const isWatched = (item: Item, now: Instant): boolean => !isExpired(item, now) && item['watched']?.BOOL === true

/** The container instances that a commit's item names. */
export const containerInstancesOf = (item: Item): ReadonlyArray<ContainerInstanceArn> =>
  (item['containerInstances']?.L ?? []).map(({ S }) => S).filter(ContainerInstanceArn.is)

const eventsOf = (item: Item, wrong: (why: string) => AdapterFailure): Commit['events'] => {
  let stored: unknown
  try {
    const { S, B } = item['body'] ?? {}
    stored = JSON.parse(S ?? (B === undefined ? '' : gunzipSync(B).toString('utf8')))
  } catch (thrown) {
    throw wrong(`body: ${thrown instanceof Error ? thrown.message : String(thrown)}`)
  }
  const events = decodeCommit(stored)
  if (E.isRight(events)) return events.right
  throw wrong(events.left.map((line) => `body.${line}`).join('; '))
}
