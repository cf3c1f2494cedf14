/** The event store in memory: the reference that other stores are measured by. Its whole behaviour fits on a screen. */
import * as TE from 'fp-ts/TaskEither'
import type { EventStore } from '../port/port.ts'
import { memoryStreams } from './memory-streams.ts'

/** A store that lives as long as its process. Each call acts at once and whole, when its task is run. */
export const memoryEventStore = (): EventStore => {
  const streams = memoryStreams()
  return {
    load: ({ stream, after }) => TE.fromIO(() => streams.newerThan(stream, after)),
    append: (request) => TE.fromIO(() => streams.append(request)),
    findStreams: ({ containerInstances }) => TE.fromIO(() => containerInstances.map(streams.streamOfContainerInstance)),
    listWatched: () => TE.fromIO(() => streams.watched()),
  }
}
