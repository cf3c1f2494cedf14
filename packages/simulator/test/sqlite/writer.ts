/** A writer in a thread of its own: appends so many commits to one stream and says which versions it was given. */
import { parentPort, workerData } from 'node:worker_threads'
import { streamOf } from '@ecs-drain/core'
import { event, instanceNumber, task } from '@ecs-drain/core/testing'
import { sqliteEventStore } from '../../src/sqlite.ts'

export interface Work {
  readonly path: string
  readonly writer: number
  readonly commits: number
}

const write = async ({ path, writer, commits }: Work): Promise<ReadonlyArray<number>> => {
  const store = sqliteEventStore(path, { busyTimeout: 30_000 })
  const stream = streamOf(instanceNumber(1))
  const acknowledged: Array<number> = []
  let version = 0
  while (acknowledged.length < commits) {
    const events = [event('TaskSeen', acknowledged.length, { task: task(writer) })]
    const index = { watched: true, containerInstances: [] }
    const answer = await store.append({ type: 'AppendToStream', stream, expectedVersion: version, events, index })()
    if (answer._tag === 'Left') throw new Error(`${answer.left.type}: ${answer.left.message}`)
    if (answer.right.type === 'appended') {
      version += 1
      acknowledged.push(version)
    } else version = answer.right.newer.at(-1)?.version ?? version
  }
  store.close()
  return acknowledged
}

parentPort?.postMessage(await write(workerData as Work))
