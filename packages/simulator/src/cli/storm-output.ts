/** The result of a storm for people. Its widest table takes 101 columns, more where a count has more digits than its heading. */

import Table from 'cli-table3'
import { grouped } from '../promise/promise.ts'
import type { ToldFailure } from '../report/storm-report.ts'
import {
  coverageTable,
  emptyCellsOf,
  faultsStruck,
  promiseTable,
  type StormTable,
  statesTable,
  unreachedOf,
  virtualTimeText,
} from '../report/storm-rows.ts'
import { type Campaign, seedsOfShard } from '../storm/campaign.ts'
import type { StormFailure } from '../storm/run-seed.ts'
import { campaignHash, failuresMost, type Tally } from '../storm/tally.ts'
import { stormProfiles } from '../storm/weather.ts'

/** What a seed came to that failed. */
export const failureText = ({ seed, profile, broke, witness }: StormFailure): string =>
  broke === 'threw'
    ? `seed ${seed} (${profile}) threw ${witness}`
    : `seed ${seed} (${profile}) broke ${broke}: ${witness}`

/** The same text for the same campaign, whoever ran it: how long it took is told elsewhere. */
export const stormOutput = (
  campaign: Campaign,
  tally: Tally,
  failures: ReadonlyArray<ToldFailure>,
  files: ReadonlyArray<string>,
): string => {
  const { firstSeed, shard } = campaign
  const part = shard.count === 1 ? '' : `, shard ${shard.index} of ${shard.count}`
  const profiles = stormProfiles.map((name, index) => `${grouped(tally.byProfile[index] ?? 0)} ${name}`).join(', ')
  const empty = emptyCellsOf(tally)
  const unreached = unreachedOf(tally)
  return [
    `storm, ${grouped(seedsOfShard(campaign))} seeds from ${firstSeed}${part}: ${profiles}`,
    `${grouped(faultsStruck(tally))} faults in ${grouped(tally.records)} records, ${virtualTimeText(tally)} of virtual time`,
    '',
    tableText(promiseTable(tally)),
    tableText(coverageTable(tally)),
    empty.length === 0 ? 'Every fault met every phase.' : `Never met: ${empty.join('; ')}`,
    '',
    tableText(statesTable(tally)),
    unreached.length === 0 ? 'Every state was reached.' : `Never reached: ${unreached.join(', ')}`,
    '',
    ...failures.flatMap(({ text, command }) => [text, `Again: ${command}`, '']),
    ...(tally.failures.length >= failuresMost
      ? [`Only the first ${failuresMost} failures are kept, and the first of each promise.`]
      : []),
    ...files,
    `Campaign hash: ${campaignHash(tally)}`,
    verdictText(campaign, failures),
    '',
  ].join('\n')
}

const verdictText = (campaign: Campaign, failures: ReadonlyArray<ToldFailure>): string => {
  if (failures.length > 0) return 'ecs-drain BROKE a promise.'
  return seedsOfShard(campaign) === 0 ? 'No seed was run.' : 'Every promise held.'
}

const tableText = ({ head, rows }: StormTable): string => {
  const table = new Table({
    head: [...head],
    colAligns: head.map((_, index) => (index === 0 ? 'left' : 'right')),
    style: { head: [], border: [], compact: true },
  })
  for (const { name, cells, bad } of rows) {
    table.push([name, ...cells.map((text, index) => (bad && index === cells.length - 1 ? `${text} !` : text))])
  }
  return `${table.toString()}\n`
}
