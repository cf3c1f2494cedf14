/** The event store that the controller writes to, as data: streams of commits and the two indexes beside them. */
import type { Answer, AppendRequest, Calls, Commit, ContainerInstanceArn, StreamId } from '@ecs-drain/core'

export interface WorldEventStore {
  load(stream: StreamId, after: number): ReadonlyArray<Commit>
  append(request: AppendRequest): Answer<'AppendToStream'>
  find(request: Calls['FindStreams']['request']): ReadonlyArray<StreamId | null>
  watched(): ReadonlyArray<StreamId>
}

interface Stream {
  readonly id: StreamId
  readonly commits: Commit[]
  watched: boolean
}

const nothing: ReadonlyArray<Commit> = []

export const createEventStore = (): WorldEventStore => {
  const streams = new Map<StreamId, Stream>()
  /** In the order of their first commit. */
  const inOrder: Stream[] = []
  const byContainerInstance = new Map<ContainerInstanceArn, StreamId>()

  return {
    load: (id, after) => {
      const stream = streams.get(id)
      if (stream === undefined || after >= stream.commits.length) return nothing
      return stream.commits.slice(after)
    },
    append: ({ stream: id, expectedVersion, events, index }) => {
      let stream = streams.get(id)
      const version = stream === undefined ? 0 : stream.commits.length
      // The look-up is put just before the commit; it is harmless when the commit then loses.
      for (const arn of index.containerInstances) byContainerInstance.set(arn, id)
      if (version !== expectedVersion) {
        return { type: 'conflict', newer: stream === undefined ? nothing : stream.commits.slice(expectedVersion) }
      }
      if (stream === undefined) {
        stream = { id, commits: [], watched: false }
        streams.set(id, stream)
        inOrder.push(stream)
      }
      stream.commits.push({ version: version + 1, events })
      stream.watched = index.watched
      return { type: 'appended' }
    },
    find: ({ containerInstances }) => containerInstances.map((arn) => byContainerInstance.get(arn) ?? null),
    watched: () => inOrder.filter(({ watched }) => watched).map(({ id }) => id),
  }
}
