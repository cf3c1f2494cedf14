/** Streams and their index as plain maps: what the event store in memory wraps, and test worlds use as it is. */
import type { ContainerInstanceArn, StreamId } from '../identity/ids.ts'
import type { Answer, AppendRequest, Commit } from '../invocation/call.ts'

/** An event store without tasks: each function acts at once and whole. */
export interface MemoryStreams {
  readonly newerThan: (stream: StreamId, version: number) => ReadonlyArray<Commit>
  readonly append: (request: AppendRequest) => Answer<'AppendToStream'>
  readonly streamOfContainerInstance: (arn: ContainerInstanceArn) => StreamId | null
  readonly watched: () => ReadonlyArray<StreamId>
}

export const memoryStreams = (): MemoryStreams => {
  const streams = new Map<StreamId, ReadonlyArray<Commit>>()
  const streamOfArn = new Map<ContainerInstanceArn, StreamId>()
  const watched = new Set<StreamId>()

  const newerThan = (stream: StreamId, version: number): ReadonlyArray<Commit> =>
    (streams.get(stream) ?? []).filter((commit) => commit.version > version)

  return {
    newerThan,
    append: ({ stream, expectedVersion, events, index }) => {
      for (const arn of index.containerInstances) streamOfArn.set(arn, stream)
      const commits = streams.get(stream) ?? []
      if (commits.length !== expectedVersion) return { type: 'conflict', newer: newerThan(stream, expectedVersion) }
      streams.set(stream, [...commits, { version: expectedVersion + 1, events }])
      if (index.watched) watched.add(stream)
      else watched.delete(stream)
      return { type: 'appended' }
    },
    streamOfContainerInstance: (arn) => streamOfArn.get(arn) ?? null,
    watched: () => [...watched],
  }
}
