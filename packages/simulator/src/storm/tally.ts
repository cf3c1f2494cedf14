/**
 * What a campaign has come to. Everything in it is a sum or a list in the order of the seeds, so it is the same however the
 * seeds were dealt to workers and machines.
 */
import { mix32 } from '../kernel/draws.ts'
import { type PromiseName, promiseNames } from '../promise/promise.ts'
import { faultKinds, phases, rareStates } from './coverage.ts'
import type { SeedOutcome, StormFailure } from './run-seed.ts'
import { stormProfiles } from './weather.ts'

/** Plain data; arrays are indexed like `stormProfiles`, `promiseNames`, `rareStates`, and `faultKinds` x `phases`. */
export interface Tally {
  readonly seeds: number
  readonly byProfile: ReadonlyArray<number>
  readonly records: number
  readonly virtualSeconds: number
  /** Runs whose time was over before the world had come to rest, which a service without room may prevent for ever. */
  readonly unsettled: number
  readonly faults: ReadonlyArray<number>
  /** Seeds that came through each state. */
  readonly reached: ReadonlyArray<number>
  /** How often each promise could have been broken, how often that was excluded with a reason, and the seeds that broke it. */
  readonly occasions: ReadonlyArray<number>
  readonly excluded: ReadonlyArray<number>
  readonly broken: ReadonlyArray<number>
  readonly threw: number
  /** Sums of one number per seed made from its trace's hash, in two lanes of 32 bits. */
  readonly hash: readonly [number, number]
  /** Those of the lowest seeds, and the lowest of each promise whatever its seed; `broken` and `threw` count all. */
  readonly failures: ReadonlyArray<StormFailure>
}

/** More failures are not listed; one is enough to begin with. */
export const failuresMost = 100

/** With the first of each kind that comes later: of all promises and what threw, one at least is among those. */
export const failuresListed: number = failuresMost + promiseNames.length

const zeros = (length: number): ReadonlyArray<number> => new Array<number>(length).fill(0)

export const emptyTally: Tally = {
  seeds: 0,
  byProfile: zeros(stormProfiles.length),
  records: 0,
  virtualSeconds: 0,
  unsettled: 0,
  faults: zeros(faultKinds.length * phases.length),
  reached: zeros(rareStates.length),
  occasions: zeros(promiseNames.length),
  excluded: zeros(promiseNames.length),
  broken: zeros(promiseNames.length),
  threw: 0,
  hash: [0, 0],
  failures: [],
}

/** One seed's share. */
export const tallyOf = (outcome: SeedOutcome): Tally => {
  const of = (name: PromiseName) => outcome.promises.find((promise) => promise.name === name)
  const high = Number.parseInt(outcome.traceHash.slice(0, 8), 16) | 0
  const low = Number.parseInt(outcome.traceHash.slice(8), 16) | 0
  const threw = outcome.failures.filter(({ broke }) => broke === 'threw').length
  return {
    seeds: 1,
    byProfile: stormProfiles.map((profile) => (profile === outcome.profile ? 1 : 0)),
    records: outcome.records,
    virtualSeconds: outcome.virtualSeconds,
    // What threw might have come to rest.
    unsettled: outcome.settled || threw > 0 ? 0 : 1,
    faults: outcome.faults,
    reached: outcome.reached,
    occasions: promiseNames.map((name) => of(name)?.occasions ?? 0),
    excluded: promiseNames.map((name) => of(name)?.excluded.length ?? 0),
    broken: promiseNames.map((name) => (of(name)?.held === false ? 1 : 0)),
    threw,
    hash: [mix32(outcome.seed, high, low, 0), mix32(outcome.seed, low, high, 1)],
    failures: outcome.failures,
  }
}

const sum = (one: ReadonlyArray<number>, other: ReadonlyArray<number>): ReadonlyArray<number> =>
  Array.from({ length: Math.max(one.length, other.length) }, (_, index) => (one[index] ?? 0) + (other[index] ?? 0))

/** Commutative and associative; nothing is lost but failures past the first hundred of a kind that is among them. */
export const added = (one: Tally, other: Tally): Tally => ({
  seeds: one.seeds + other.seeds,
  byProfile: sum(one.byProfile, other.byProfile),
  records: one.records + other.records,
  virtualSeconds: one.virtualSeconds + other.virtualSeconds,
  unsettled: one.unsettled + other.unsettled,
  faults: sum(one.faults, other.faults),
  reached: sum(one.reached, other.reached),
  occasions: sum(one.occasions, other.occasions),
  excluded: sum(one.excluded, other.excluded),
  broken: sum(one.broken, other.broken),
  threw: one.threw + other.threw,
  hash: [(one.hash[0] + other.hash[0]) >>> 0, (one.hash[1] + other.hash[1]) >>> 0],
  failures: listed([...one.failures, ...other.failures].sort(bySeed)),
})

/** However many others there are, the first of each kind is kept: an early completion must not drown among what is late. */
const listed = (failures: ReadonlyArray<StormFailure>): ReadonlyArray<StormFailure> =>
  failures.filter(
    ({ broke }, index) => index < failuresMost || failures.findIndex((other) => other.broke === broke) === index,
  )

const bySeed = (one: StormFailure, other: StormFailure): number =>
  one.seed - other.seed || (one.broke < other.broke ? -1 : one.broke > other.broke ? 1 : 0)

/** 16 hexadecimal digits over the traces of all seeds, in no order. */
export const campaignHash = ({ hash }: Tally): string => hash.map((lane) => lane.toString(16).padStart(8, '0')).join('')
