/** The event store as the world keeps it: real versions, so that a conflict is one. */
import {
  type Answer,
  type Call,
  type CallType,
  type Commit,
  type DrainEvent,
  type Ec2InstanceId,
  fold,
  instanceOf,
  type StreamId,
} from '@ecs-drain/core'
import { STORE_CONFLICT } from '../../trace/kind-numbers.ts'
import type { Run, World } from '../state.ts'
import type { StoreCallType } from './call-traits.ts'
import { decided } from './decisions.ts'

/** Requests that the event store serves. */
export type StoreCall = Extract<Call, { readonly type: StoreCallType }>

const noCommits: ReadonlyArray<Commit> = []

export const applyStoreCall = (world: World, run: Run, call: StoreCall, subject: number): Answer<CallType> => {
  switch (call.type) {
    case 'LoadStream':
      return newerThan(world.streams.get(call.stream) ?? noCommits, call.after)
    case 'AppendToStream':
      return append(world, run, call, subject)
    case 'FindStreams':
      return call.containerInstances.map((arn) => world.streamOfArn.get(arn) ?? null)
    case 'ListWatchedStreams':
      return [...world.watched]
  }
}

/** Those of whose drain the end is not stored. What no sweep looks at any more is over, so only the rest is read. */
export const openDrains = ({ streams, watched }: World): ReadonlyArray<Ec2InstanceId> =>
  [...watched].filter((stream) => !isOver(streams.get(stream) ?? noCommits)).map(instanceOf)

/** One that may come back from its warm pool is watched, and over. */
const isOver = (commits: ReadonlyArray<Commit>): boolean =>
  fold(commits.flatMap(({ events }) => events)).phase === 'ended'

const newerThan = (commits: ReadonlyArray<Commit>, version: number): ReadonlyArray<Commit> =>
  commits.length <= version ? noCommits : commits.slice(version)

const append = (
  world: World,
  run: Run,
  { stream, expectedVersion, events, index }: Extract<StoreCall, { type: 'AppendToStream' }>,
  subject: number,
): Answer<'AppendToStream'> => {
  for (const arn of index.containerInstances) world.streamOfArn.set(arn, stream)
  const commits = commitsOf(world, stream)
  if (commits.length !== expectedVersion) {
    world.trace.write(world.now, STORE_CONFLICT, subject - 1, run.number)
    return { type: 'conflict', newer: newerThan(commits, expectedVersion) }
  }
  commits.push({ version: expectedVersion + 1, events })
  // Whether or not its function ever hears of it: what is stored is decided.
  for (const event of events) decided(world, nameOf(event), subject - 1, () => JSON.stringify(event))
  if (index.watched) world.watched.add(stream)
  else world.watched.delete(stream)
  return { type: 'appended' }
}

/** A completion that the deadline forced has a name of its own. */
const nameOf = (event: DrainEvent): string =>
  event.type === 'CompletionDecided' && event.because === 'deadline' ? 'CompletionForced' : event.type

const commitsOf = ({ streams }: World, stream: StreamId): Array<Commit> => {
  const known = streams.get(stream)
  if (known !== undefined) return known
  const none: Array<Commit> = []
  streams.set(stream, none)
  return none
}
