/** The event store in memory: the reference that other stores are measured by. Its whole behaviour fits on a screen. */
import * as TE from 'fp-ts/TaskEither'
import type { ContainerInstanceArn, StreamId } from '../identity/ids.ts'
import type { AppendRequest, Commit } from '../invocation/call.ts'
import type { EventStore } from '../port/port.ts'

/** A store that lives as long as its process. Each call acts at once and whole, when its task is run. */
export const memoryEventStore = (): EventStore => {
  const streams = new Map<StreamId, ReadonlyArray<Commit>>()
  const streamOfArn = new Map<ContainerInstanceArn, StreamId>()
  const watched = new Set<StreamId>()

  const newerThan = (stream: StreamId, version: number): ReadonlyArray<Commit> =>
    (streams.get(stream) ?? []).filter((commit) => commit.version > version)

  const append = ({ stream, expectedVersion, events, index }: AppendRequest) => {
    for (const arn of index.containerInstances) streamOfArn.set(arn, stream)
    const commits = streams.get(stream) ?? []
    if (commits.length !== expectedVersion) {
      return { type: 'conflict', newer: newerThan(stream, expectedVersion) } as const
    }
    streams.set(stream, [...commits, { version: expectedVersion + 1, events }])
    if (index.watched) watched.add(stream)
    else watched.delete(stream)
    return { type: 'appended' } as const
  }

  return {
    load: ({ stream, after }) => TE.fromIO(() => newerThan(stream, after)),
    append: (request) => TE.fromIO(() => append(request)),
    findStreams: ({ containerInstances }) =>
      TE.fromIO(() => containerInstances.map((arn) => streamOfArn.get(arn) ?? null)),
    listWatched: () => TE.fromIO(() => [...watched]),
  }
}
