/** Storms on worker threads, as `ecs-drain storm --workers` runs them. Loaded in a worker, it is one of them. */
import { isMainThread, parentPort, workerData } from 'node:worker_threads'
import { runOnWorkers, type StormWork, workThroughSeeds } from '../../src/cli/storm-workers.ts'
import { wholeCampaign } from '../../src/storm/campaign.ts'
import type { Tally } from '../../src/storm/tally.ts'

export const stormOn = (workers: number, firstSeed: number, seeds: number): Promise<Tally> =>
  runOnWorkers({ firstSeed, seeds, shard: wholeCampaign }, workers, new URL(import.meta.url), () => {}).finished

if (!isMainThread && parentPort !== null && workerData?.next instanceof BigInt64Array) {
  workThroughSeeds(workerData as StormWork, parentPort)
}
