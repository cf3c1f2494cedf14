// Threads share nothing but a counter, and it counts as far as seeds go.
import type { MessagePort } from 'node:worker_threads'
import { expect, test } from 'vitest'
import { workThroughSeeds } from '../../src/cli/storm-workers.ts'
import { type Campaign, wholeCampaign } from '../../src/storm/campaign.ts'
import type { Tally } from '../../src/storm/tally.ts'

test.each([2 ** 31, 2 ** 32])('the last of %d seeds are run once, and no others after them', (seeds) => {
  const campaign: Campaign = { firstSeed: 0, seeds, shard: wholeCampaign }
  const next = new BigInt64Array(new SharedArrayBuffer(8))
  next[0] = BigInt(seeds - 24)
  let run = 0
  const postMessage = (tally: Tally): void => {
    run += tally.seeds
    if (run > 24) throw new Error('seeds are run that the campaign does not have')
  }
  workThroughSeeds({ campaign, next }, { postMessage } as MessagePort)
  expect(run).toBe(24)
})
