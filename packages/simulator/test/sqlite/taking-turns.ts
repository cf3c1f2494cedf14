import type { EventStore } from '@ecs-drain/core'

/** One store made of several connections to one file: each call goes to the next of them. */
export const takingTurns = (connections: ReadonlyArray<EventStore>): EventStore => {
  let calls = 0
  const next = (): EventStore => {
    calls += 1
    return connections[calls % connections.length] as EventStore
  }
  // The turn comes when the task is run, so that repeating a task is another connection's.
  return {
    load: (request) => () => next().load(request)(),
    append: (request) => () => next().append(request)(),
    findStreams: (request) => () => next().findStreams(request)(),
    listWatched: (request) => () => next().listWatched(request)(),
  }
}
