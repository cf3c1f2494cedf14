/** The result of a campaign, or of a shard of one, as a file that another machine can read and add to others. */
import * as E from 'fp-ts/Either'
import { seedMost } from '../plan/plan-codec.ts'
import {
  closed,
  expected,
  integerFrom,
  listOf,
  oneOf,
  pathText,
  problemsOf,
  textLike,
  textUpTo,
} from '../plan/strict-codecs.ts'
import { promiseNames } from '../promise/promise.ts'
import { type Campaign, seedsOfShard } from './campaign.ts'
import { faultKinds, phases, rareStates } from './coverage.ts'
import { added, emptyTally, failuresListed, type Tally } from './tally.ts'
import { stormProfiles } from './weather.ts'

/** A campaign, or its shards together, and what they have come to. */
export interface CampaignResult {
  readonly campaign: Campaign
  /** `sampleHash` of the program that ran it. */
  readonly sample: string
  readonly tally: Tally
}

/** Changes when seeds mean other worlds or the counts mean something else; results of two formats cannot be added. */
const format = 'ecs-drain-storm/7'

const count = integerFrom(0, Number.MAX_SAFE_INTEGER)

const counts = (names: ReadonlyArray<string>) =>
  expected(
    `a list of ${names.length} counts`,
    (value): value is ReadonlyArray<number> =>
      Array.isArray(value) && value.length === names.length && value.every((each) => count.is(each)),
  )

const cells = faultKinds.flatMap((kind) => phases.map((phase) => `${kind} ${phase}`))
const lane = integerFrom(0, seedMost)

const broke = expected(
  'the name of a promise or threw',
  (value): value is Tally['failures'][number]['broke'] =>
    value === 'threw' || promiseNames.some((name) => name === value),
)
const profile = expected('a profile', (value): value is (typeof stormProfiles)[number] =>
  stormProfiles.some((each) => each === value),
)

const Failure = closed('a failure', { seed: lane, profile, broke, witness: textUpTo(100_000) }, [
  'seed',
  'profile',
  'broke',
  'witness',
])

const tallyProps = {
  seeds: count,
  byProfile: counts(stormProfiles),
  records: count,
  virtualSeconds: count,
  unsettled: count,
  faults: counts(cells),
  reached: counts(rareStates),
  occasions: counts(promiseNames),
  excluded: counts(promiseNames),
  broken: counts(promiseNames),
  threw: count,
  hash: expected(
    'two lanes of a hash',
    (value): value is readonly [number, number] =>
      Array.isArray(value) && value.length === 2 && value.every((each) => lane.is(each)),
  ),
  failures: listOf(Failure),
}
const tallyKeys = Object.keys(tallyProps) as ReadonlyArray<keyof typeof tallyProps>

const Document = closed(
  'the result of a storm',
  {
    format: oneOf(format),
    firstSeed: lane,
    seeds: count,
    shard: closed('a shard', { index: integerFrom(1, 1_000_000), count: integerFrom(1, 1_000_000) }, [
      'index',
      'count',
    ]),
    sample: textLike('a hash of 16 hexadecimal digits', /^[0-9a-f]{16}$/),
    tally: closed('a tally', tallyProps, [...tallyKeys]),
  },
  ['format', 'firstSeed', 'seeds', 'shard', 'sample', 'tally'],
)

/** As text with a line break at its end. */
export const campaignText = ({ campaign, sample, tally }: CampaignResult): string =>
  `${JSON.stringify({ format, ...campaign, sample, tally }, null, 2)}\n`

/** Reads such a text; Left: all that is wrong with it, one line each, beginning with `label`. */
export const readCampaign = (label: string, text: string): E.Either<ReadonlyArray<string>, CampaignResult> => {
  let document: unknown
  try {
    document = JSON.parse(text)
  } catch (error) {
    // It quotes the text, line breaks and all.
    return E.left([`${label}: expected JSON: ${String((error as Error).message).replaceAll(/\s+/g, ' ')}`])
  }
  const decoded = Document.decode(document)
  if (E.isLeft(decoded)) {
    return E.left(problemsOf(decoded.left).map(({ path, message }) => `${label}: ${pathText(path)}: ${message}`))
  }
  const { firstSeed, seeds, shard, sample, tally } = decoded.right
  const campaign: Campaign = { firstSeed, seeds, shard: { index: shard.index, count: shard.count } }
  if (shard.index > shard.count) {
    return E.left([`${label}: shard.index: expected at most ${shard.count}, got ${shard.index}`])
  }
  if (tally.seeds !== seedsOfShard(campaign)) {
    return E.left([
      `${label}: tally.seeds: expected the ${seedsOfShard(campaign)} seeds of this shard, got ${tally.seeds}`,
    ])
  }
  if (tally.failures.length > failuresListed) {
    return E.left([`${label}: tally.failures: expected at most ${failuresListed}, got ${tally.failures.length}`])
  }
  return E.right({ campaign, sample, tally: { ...tally, failures: [...tally.failures] } })
}

/** The shards of one campaign as the whole of it. Left: what does not fit together, or which shards are missing. */
export const mergeCampaigns = (
  results: ReadonlyArray<CampaignResult & { readonly label: string }>,
): E.Either<ReadonlyArray<string>, CampaignResult> => {
  const [first, ...others] = results
  if (first === undefined) return E.left(['nothing to merge'])
  const { firstSeed, seeds, shard } = first.campaign
  const problems: string[] = []
  for (const { label, campaign, sample } of others) {
    if (sample !== first.sample) {
      problems.push(
        `${label}: expected the same ecs-drain as that of ${first.label} (sample ${first.sample}), got another (${sample})`,
      )
    }
    if (campaign.firstSeed !== firstSeed || campaign.seeds !== seeds || campaign.shard.count !== shard.count) {
      problems.push(
        `${label}: expected a shard of the campaign of ${first.label} (${nameOf(first.campaign)}), got one of ${nameOf(campaign)}`,
      )
    }
  }
  const labels = new Map<number, string>()
  for (const { label, campaign } of results) {
    const twice = labels.get(campaign.shard.index)
    if (twice !== undefined) problems.push(`${label}: shard ${campaign.shard.index} is in ${twice} already`)
    labels.set(campaign.shard.index, label)
  }
  const missing = Array.from({ length: shard.count }, (_, index) => index + 1).filter((index) => !labels.has(index))
  if (problems.length === 0 && missing.length > 0) {
    problems.push(`expected all ${shard.count} shards, missing ${listed(missing)}`)
  }
  if (problems.length > 0) return E.left(problems)
  return E.right({
    campaign: { firstSeed, seeds, shard: { index: 1, count: 1 } },
    sample: first.sample,
    tally: results.reduce((sum, { tally }) => added(sum, tally), emptyTally),
  })
}

const listedMost = 20

const listed = (shards: ReadonlyArray<number>): string =>
  shards.length > listedMost
    ? `${shards.slice(0, listedMost).join(', ')} and ${shards.length - listedMost} more`
    : shards.join(', ')

const nameOf = ({ firstSeed, seeds, shard }: Campaign): string =>
  `${seeds} seeds from ${firstSeed} in ${shard.count} shards`
