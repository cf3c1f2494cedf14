/** A campaign: so many seeds from the first one on, of which a shard takes every n-th. */
import { runSeed } from './run-seed.ts'
import { added, campaignHash, emptyTally, type Tally, tallyOf } from './tally.ts'

/** One of `count` parts of a campaign; `index` is from 1 to `count`. */
export interface Shard {
  readonly index: number
  readonly count: number
}

/** Which seeds are run. */
export interface Campaign {
  readonly firstSeed: number
  readonly seeds: number
  readonly shard: Shard
}

/** The whole of it. */
export const wholeCampaign: Shard = { index: 1, count: 1 }

/** How many of the campaign's seeds fall to its shard. */
export const seedsOfShard = ({ seeds, shard }: Campaign): number =>
  Math.max(0, Math.ceil((seeds - (shard.index - 1)) / shard.count))

/** The shard's n-th seed, from 0. */
export const seedAt = ({ firstSeed, shard }: Campaign, nth: number): number =>
  firstSeed + (shard.index - 1) + nth * shard.count

/** Runs the shard's seeds from the `from`-th up to and without the `to`-th. */
export const runSeeds = (campaign: Campaign, from = 0, to = seedsOfShard(campaign)): Tally => {
  let tally = emptyTally
  for (let nth = from; nth < Math.min(to, seedsOfShard(campaign)); nth += 1) {
    tally = added(tally, tallyOf(runSeed(seedAt(campaign, nth))))
  }
  return tally
}

/** Enough that a change of core, of the world or of chance shows in one of them; they take a moment. */
const sampled: Campaign = { firstSeed: 0, seeds: 12, shard: wholeCampaign }

/** How this program runs a few seeds, whatever the campaign: the results of two programs that differ in it cannot be added. */
export const sampleHash = (): string => campaignHash(runSeeds(sampled))
