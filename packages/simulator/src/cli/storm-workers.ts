/** The seeds of a storm on several threads. Who runs which makes no difference to what they come to. */
import { type MessagePort, Worker } from 'node:worker_threads'
import { type Campaign, runSeeds, seedsOfShard } from '../storm/campaign.ts'
import { added, emptyTally, type Tally } from '../storm/tally.ts'

/** What a worker is given. `next`, which all of them share: which of the shard's seeds comes next. A campaign may have 2^32. */
export interface StormWork {
  readonly campaign: Campaign
  readonly next: BigInt64Array
}

/** Seeds taken at once: few enough that a stop is soon, many enough that nobody waits for the counter. */
const chunk = 16

/** Runs in a worker until no seed is left. */
export const workThroughSeeds = ({ campaign, next }: StormWork, port: MessagePort): void => {
  const total = seedsOfShard(campaign)
  const take = (): number => Number(Atomics.add(next, 0, BigInt(chunk)))
  for (let from = take(); from < total; from = take()) port.postMessage(runSeeds(campaign, from, from + chunk))
}

/** Where the workers of a storm stand, and the way to stop them. */
export interface StormRun {
  /** All that was run. */
  readonly finished: Promise<Tally>
  /** No more seeds are begun; `finished` comes with those that were. */
  stop(): void
}

/** `file`: the module that calls `workThroughSeeds` when it is loaded in a worker. */
export const runOnWorkers = (
  campaign: Campaign,
  workers: number,
  file: URL,
  progressed: (tally: Tally) => void,
): StormRun => {
  const next = new BigInt64Array(new SharedArrayBuffer(8))
  let tally = emptyTally
  const work: StormWork = { campaign, next }
  const threads = Array.from({ length: workers }, () => new Worker(file, { workerData: work }))
  const ends = threads.map(
    (thread) =>
      new Promise<void>((resolve, reject) => {
        thread.on('message', (part: Tally) => {
          tally = added(tally, part)
          progressed(tally)
        })
        thread.once('error', reject)
        thread.once('exit', (code) => (code === 0 ? resolve() : reject(new Error(`a worker ended with ${code}`))))
      }),
  )
  const stop = (): void => {
    Atomics.store(next, 0, BigInt(seedsOfShard(campaign)))
  }
  const finished = Promise.all(ends).then(
    () => tally,
    async (error: unknown) => {
      stop()
      await Promise.all(threads.map((thread) => thread.terminate()))
      throw error
    },
  )
  return { finished, stop }
}
