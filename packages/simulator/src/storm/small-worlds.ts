/**
 * Small worlds in which the same promise may break as in a storm: a host or two of its groups, other luck, and no fault, or one at an
 * exact place, or the storm's. Each kind is a list of guesses, the smaller before the larger.
 */
import type { CallType } from '@ecs-drain/core'
import { toldToEcsDrain } from '../controller/ecs-drain.ts'
import type { FaultPlan, FaultSite, MessageKind, Plan, ScriptedCall } from '../plan/plan.ts'
import { callTypes } from '../plan/plan-codec.ts'
import { faultSites } from '../trace/trace.ts'
import { traitsOf } from '../world/lambda/call-traits.ts'
import { withDesired, withGroups, withoutFaults, withServices } from './reductions.ts'

type Guesses = Iterable<Plan>

/** So many seeds of a world are tried: a smaller one has other luck. */
const seedsTried = 8
const seedsTriedCalm = 4
const seedsTriedLast = 60

/** In 1,000; few faults are soon fewer, so weak weather comes first. */
const intensities = [20, 50, 200, 400] as const

/** Of a storm, in seconds. */
const earliestHappening = 60

const smallFleet = [1, 2] as const

/** The nth of its kind goes wrong: the first, or the first three, because what gives up does so after some. */
const once = [0] as const
const thrice = [0, 1, 2] as const

/** Nothing goes wrong but what the defect does. `isCalm`: that is enough in the storm's own world, so it is worth more seeds. */
export function* calmWorlds(plan: Plan, isCalm: boolean): Guesses {
  for (const each of withSeeds(withoutFaults(plan), isCalm ? seedsTriedCalm : 1)) yield* smallestWorlds(each)
}

/** One call or message goes wrong, of those classes of faults that the storm needs. */
export const oneFault = (plan: Plan, sites: ReadonlySet<number>): Guesses => faultsPlaced(replacing(plan), sites, once)

/** The same call or message goes wrong three times. */
export const threeFaults = (plan: Plan, sites: ReadonlySet<number>): Guesses =>
  faultsPlaced(replacing(plan), sites, thrice)

/** One call or message goes wrong while a host goes to its warm pool, where no sweep finds it and mends that. */
export const oneFaultToWarmPool = (plan: Plan, sites: ReadonlySet<number>): Guesses =>
  faultsPlaced(toWarmPool(plan), sites, once)

/** One of two hosts with one service is scaled in to its warm pool; and, in other worlds, comes back and is scaled in again. */
export const toWarmPool = (plan: Plan): ReadonlyArray<Plan> =>
  plan.groups
    .filter(({ reuseOnScaleIn }) => reuseOnScaleIn)
    .flatMap((each) => {
      const hooks = each.hooks.map((hook) => ({ ...hook, heartbeatTimeoutSeconds: longestTimeout }))
      const calm = withGroups({ ...calmAtDefaults(plan), standaloneTasks: [] }, [{ ...each, hooks }])
      const two = withDesired(calm, each.name, 2)
      const group = each.name
      const goes = { atSeconds: earliestHappening, do: 'scale-in', group, by: 1 } as const
      const returns = { atSeconds: whenInWarmPool, do: 'return-from-warm-pool', group } as const
      return [[goes], [goes, returns, { ...goes, atSeconds: whenBack }]].flatMap((happenings) =>
        plan.services.map((service) => ({ ...withServices(two, [service]), happenings })),
      )
    })

/** In seconds: how long somebody waits is not seen where a timeout ends that first. */
const longestTimeout = 7200

/** In seconds: by then most hosts have drained, and are in service again. */
const whenInWarmPool = 600
const whenBack = 720

/** The storm with a host or two: all services, all that happens, its faults. */
export function* smallFleets(plan: Plan): Guesses {
  for (const each of withSeeds(plan, seedsTried)) yield* fleets(each)
}

/** The same without faults, but for one function that dies as it begins, or one event that is lost: all comes a little later then. */
export function* oneSlip(plan: Plan): Guesses {
  const { faults } = withoutFaults(plan)
  for (let nth = 0; nth < slipsTried; nth += 1) {
    for (const small of fleets(plan)) {
      yield { ...small, faults: { ...faults, script: [{ do: 'crash-before', call: 'LoadStream', nth }] } }
      if (nth < eventsTried) yield { ...small, faults: { ...faults, lose: [{ message: 'task-stopped', nth }] } }
    }
  }
}

const slipsTried = 12
const eventsTried = 4

/** No message of a kind arrives: all that it tells is learned late. Most of these losses can be left out again. */
export function* silentWorlds(plan: Plan): Guesses {
  const { faults } = withoutFaults(plan)
  for (const small of fleets(plan)) {
    for (const message of toldToEcsDrain) {
      for (const world of [...terminated(small).slice(-1), small]) {
        yield { ...world, faults: { ...faults, lose: silenceOf(message) } }
      }
    }
  }
}

/** The first messages of a kind: in a small world all of them, but for sweeps. */
export const silenceOf = (message: MessageKind): FaultPlan['lose'] =>
  Array.from({ length: silence }, (_, nth) => ({ message, nth }))

const silence = 20

/** A world that breaks the promise, with a host or two and other luck: by its own, a moment may be rare that is common. */
export function* otherLuck(plan: Plan): Guesses {
  const anyFaults = { ...plan, faults: { ...plan.faults, only: null } }
  for (const each of withSeeds(anyFaults, 1 + seedsTried).slice(1)) yield* fleets(each)
}

/** A moment that is rare in every world: a host or two are terminated, or replaced by an update, again and again. */
export function* rareMoments(plan: Plan): Guesses {
  for (const each of withSeeds(plan, seedsTriedLast)) {
    for (const small of fleets(each)) {
      yield* terminated(small)
      yield updated(small)
    }
  }
}

/** All of its hosts at once. */
const updated = (small: Plan): Plan => {
  const [{ name, desired } = { name: '', desired: 1 }] = small.groups
  return { ...small, happenings: [{ atSeconds: earliestHappening, do: 'ami-update', group: name, batch: desired }] }
}

/** One host with one service, and its termination. */
export const oneDrain = (plan: Plan): ReadonlyArray<Plan> =>
  plan.groups.flatMap((group) => {
    const alone = withDesired(withGroups(withoutFaults(plan), [group]), group.name, 1)
    return plan.services.flatMap((service) => terminated(withServices(alone, [service])))
  })

/** Faults by chance, of those classes, one class alone before all of them. */
export function* weathers(plan: Plan, sites: ReadonlySet<number>): Guesses {
  const alone = sites.size > 1 && sites.size <= classesAlone ? [...sites].map((site) => [site]) : []
  for (const perMille of intensities) {
    for (const some of [...alone, [...sites]]) {
      const faults = { ...plan.faults, perMille: Object.fromEntries(some.map((site) => [faultSites[site], perMille])) }
      yield* smallestWorlds({ ...plan, faults })
    }
  }
}

const classesAlone = 4

const withSeeds = (plan: Plan, most: number): ReadonlyArray<Plan> =>
  Array.from({ length: most }, (_, luck) => ({ ...plan, seed: (plan.seed + luck) % 4_294_967_296 }))

/** A host or two of each group, with what happens to them. */
function* fleets(plan: Plan): Guesses {
  for (const size of smallFleet) {
    for (const group of plan.groups) yield withDesired(withGroups(plan, [group]), group.name, size)
  }
}

/** A host or two and one service, with nothing but a termination, or two at once; with what happens to the group; with all services. */
function* smallestWorlds(plan: Plan): Guesses {
  for (const parameters of [{}, plan.parameters]) {
    for (const small of fleets({ ...plan, parameters })) {
      for (const service of plan.services) {
        const one = withServices(small, [service])
        yield* terminated(one)
        yield one
      }
      if (plan.services.length > 1) yield small
    }
  }
}

/** One host, or two at once. */
const terminated = (small: Plan): ReadonlyArray<Plan> => {
  const [group] = small.groups
  if (group === undefined) return []
  const atSeconds = Math.min(...small.happenings.map((happening) => happening.atSeconds), earliestHappening)
  const both = Array.from(
    { length: group.desired },
    (_, old) => ({ atSeconds, do: 'terminate-instance', group: group.name, old, decrementDesired: false }) as const,
  )
  return both.map((_, index) => ({ ...small, happenings: both.slice(0, index + 1), standaloneTasks: [] }))
}

function* faultsPlaced(worlds: ReadonlyArray<Plan>, sites: ReadonlySet<number>, nths: ReadonlyArray<number>): Guesses {
  const placed = new Map<string, Partial<FaultPlan>>()
  for (const site of sites) {
    for (const each of placesOf(faultSites[site] as FaultSite, nths)) placed.set(JSON.stringify(each), each)
  }
  for (const world of worlds) {
    for (const each of placed.values()) yield { ...world, faults: { ...world.faults, ...each } }
  }
}

const calmAtDefaults = (plan: Plan): Plan => ({ ...withoutFaults(plan), parameters: {} })

/** A host or two and one service, and all hosts go. */
const replacing = (plan: Plan): ReadonlyArray<Plan> =>
  [...fleets(calmAtDefaults(plan))].flatMap((small) =>
    plan.services.flatMap((service) => terminated(withServices(small, [service])).slice(-1)),
  )

/** What a class of faults does, done at exact places; nothing, where a plan cannot say it. */
const placesOf = (site: FaultSite, nths: ReadonlyArray<number>): ReadonlyArray<Partial<FaultPlan>> => {
  const onCalls = (fate: ScriptedCall['do'], calls: ReadonlyArray<CallType>) =>
    calls.map((call) => ({ script: nths.map((nth) => ({ do: fate, call, nth })) }))
  const onMessages = (place: (message: MessageKind) => Partial<FaultPlan>) => toldToEcsDrain.map(place)
  switch (site) {
    case 'bus.drop':
      return onMessages((message) => ({ lose: nths.map((nth) => ({ message, nth })) }))
    case 'bus.duplicate':
    case 'queue.twice':
      return onMessages((message) => ({ script: nths.map((nth) => ({ do: 'deliver-twice', message, nth })) }))
    case 'function.crash':
      return onCalls('crash-after', callTypes)
    case 'api.throttle':
    case 'api.unavailable':
      return onCalls('fail-call', apiCalls)
    case 'api.timeout.lost':
      return onCalls('lose-request', apiCalls)
    case 'api.timeout.applied':
      return onCalls('lose-answer', apiCalls)
    case 'store.unavailable':
    case 'store.outage':
      return onCalls('fail-call', storeCalls)
    default:
      return []
  }
}

const storeCalls = callTypes.filter((call) => traitsOf[call].isStore)
const apiCalls = callTypes.filter((call) => !traitsOf[call].isStore)
