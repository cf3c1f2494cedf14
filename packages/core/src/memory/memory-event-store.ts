/** The event store in memory: the reference that other stores are measured by. Its whole behaviour fits on a screen. */
import * as E from 'fp-ts/Either'
import type { TaskEither } from 'fp-ts/TaskEither'
import type { EventStore } from '../port/port.ts'
import { memoryStreams } from './memory-streams.ts'

/** A store that lives as long as its process. Each call acts at once and whole, when its task is run. */
export const memoryEventStore = (): EventStore => {
  const streams = memoryStreams()
  return {
    load: ({ stream, after }) => atOnce(() => streams.newerThan(stream, after)),
    append: (request) => atOnce(() => streams.append(request)),
    findStreams: ({ containerInstances }) => atOnce(() => containerInstances.map(streams.streamOfContainerInstance)),
    listWatched: () => atOnce(() => streams.watched()),
  }
}

// Written out, because fp-ts's own way to lift a function is a twentieth of the whole library's size.
const atOnce =
  <Answer>(act: () => Answer): TaskEither<never, Answer> =>
  async () =>
    E.right(act())
