/**
 * A failing plan made small: a guess at a small fleet, then faults, then the fleet, then what is slow, then classes of faults.
 * After each step the same promise must be broken; that another one breaks is another story.
 */
import type { ControllerName, GroupPlan, Happening, Plan } from '../plan/plan.ts'
import { simulate } from '../simulate.ts'
import { FAULT } from '../trace/kind-numbers.ts'
import { faultSites } from '../trace/trace.ts'
import { ddmin } from './ddmin.ts'
import type { StormFailure } from './run-seed.ts'
import { longEnough } from './storm-plan.ts'

/** What a failing plan came down to. */
export interface Shrunk {
  readonly plan: Plan
  readonly witness: string
  /** Faults that strike in it, and the instances that it begins with. */
  readonly faults: number
  readonly instances: number
  /** Runs that it took. */
  readonly replays: number
}

/** Runs at most; past it the smallest plan so far is good enough. */
const replaysMost = 800

/** A smaller world has other luck; so many seeds of it are tried. */
const seedsTried = 8
const seedsOfEach = 3

type Broke = StormFailure['broke']

interface Replay {
  readonly witness: string | null
  readonly faults: ReadonlyArray<number>
  readonly sites: ReadonlySet<number>
}

const replay = (plan: Plan, broke: Broke, controller: ControllerName): Replay => {
  const faults: number[] = []
  const sites = new Set<number>()
  const watch = () => ({
    see: (_at: number, kind: number, a: number, b: number) => {
      if (kind !== FAULT) return
      faults.push(b)
      sites.add(a)
    },
    struck: () => {},
  })
  try {
    const { promises } = simulate(plan, { controller, wire: 'direct', texts: false, watch })
    const broken = promises.find(({ name, held }) => name === broke && !held)
    return { witness: broken === undefined ? null : (broken.witness ?? ''), faults, sites }
  } catch (error) {
    return { witness: broke === 'threw' ? String(error) : null, faults, sites }
  }
}

/** Null: under that controller the plan does not break that promise. Pure, and the same on every machine. */
export const shrinkPlan = (plan: Plan, broke: Broke, controller: ControllerName = 'ecs-drain'): Shrunk | null => {
  const first = replay(plan, broke, controller)
  if (first.witness === null) return null
  let replays = 1
  let best = { plan: withOnly(plan, first.faults), ...first, witness: first.witness }

  const accept = (candidate: Plan): boolean => {
    if (replays >= replaysMost) return false
    replays += 1
    const result = replay(candidate, broke, controller)
    if (result.witness === null) return false
    best = { plan: withOnly(candidate, result.faults), ...result, witness: result.witness }
    return true
  }

  /** Whole classes first: of eighteen, most failures need one or two. */
  const fewerClasses = (): void => {
    for (const site of Object.keys(best.plan.faults.perMille)) {
      const { faults } = best.plan
      const perMille = Object.fromEntries(Object.entries(faults.perMille).filter(([each]) => each !== site))
      accept({ ...best.plan, faults: { ...faults, perMille } })
    }
  }

  const fewerFaults = (): void => {
    if (best.faults.length === 0 || accept(withOnly(best.plan, []))) return
    if (best.faults.length > faultsMany) fewerClasses()
    ddmin(best.faults, (some) => accept(withOnly(best.plan, some)))
  }

  const cut = (): void => {
    const end = endOf(broke, best.witness)
    if (end !== null && end < best.plan.untilSeconds) accept({ ...best.plan, untilSeconds: end })
    // Who waits too long waits until the end of the run, however long that is.
    if (broke !== 'L1 completes when the tasks have stopped') return
    while (accept({ ...best.plan, untilSeconds: Math.floor(best.plan.untilSeconds / 2) }));
  }

  /** Smaller worlds have other faults: those of before first, then all that strike there, then other luck. */
  const acceptSmaller = (candidate: Plan): boolean => {
    const timed = { ...candidate, untilSeconds: longEnough(candidate.groups) }
    if (accept(timed)) return true
    if (best.faults.length === 0 || isSmall(best)) return false
    const before = best
    for (let luck = 0; luck < seedsTried; luck += 1) {
      const seed = (timed.seed + luck) % 4_294_967_296
      if (!accept({ ...timed, seed, faults: { ...timed.faults, only: null } })) continue
      fewerFaults()
      if (best.faults.length <= Math.max(before.faults.length, faultsEnough)) return true
      best = before
    }
    return false
  }

  /** Most defects need a host or two: a guess that saves hundreds of runs of a large world, where it is right. */
  const guess = (worlds: Iterable<Plan>, faults: Plan['faults'], seeds: number): boolean => {
    for (const small of worlds) {
      for (let luck = 0; luck < seeds; luck += 1) {
        const seed = (plan.seed + luck) % 4_294_967_296
        if (accept({ ...small, seed, faults, untilSeconds: longEnough(small.groups) })) return true
      }
    }
    return false
  }

  /** A small world has few moments at which a fault can strike, so those that are left are made likelier there. */
  const guessLikelier = (): void => {
    const { sites } = best
    for (const perMille of likelier) {
      const before = best
      const faults = { ...plan.faults, perMille: allAt(perMille, sites), only: null }
      if (!guess(smallestWorlds(plan), faults, seedsOfEach)) continue
      cut()
      fewerFaults()
      if (isSmall(best)) return
      if (sizeOf(best) > sizeOf(before)) best = before
    }
  }

  if (instancesOf(plan) > smallFleet) guess(smallFleets(plan), plan.faults, seedsTried)
  cut()
  fewerFaults()
  if (!isSmall(best)) guessLikelier()
  for (let progress = true; progress; ) {
    progress = false
    for (const smaller of smallerFleets(best.plan)) {
      if (!acceptSmaller(smaller)) continue
      progress = true
      cut()
      break
    }
  }
  for (const calmer of plainerWorlds(best.plan)) accept(calmer(best.plan))
  fewerFaults()
  accept(withoutIdleClasses(best.plan, best.sites))
  return {
    plan: { ...best.plan, name: `${plan.name}-shrunk` },
    witness: best.witness,
    faults: best.faults.length,
    instances: instancesOf(best.plan),
    replays,
  }
}

/** What a person can follow: fewer is better, and not worth looking for other luck. */
const faultsEnough = 3
const faultsMany = 12
const smallFleet = 2
const likelier = [0, 50, 100, 200, 400, 800]
/** Of a storm, in seconds. */
const earliestHappening = 60

const instancesOf = ({ groups }: Plan): number => groups.reduce((sum, { desired }) => sum + desired, 0)

interface Smallness {
  readonly plan: Plan
  readonly faults: ReadonlyArray<number>
}

const sizeOf = ({ plan, faults }: Smallness): number => faults.length + instancesOf(plan)

const isSmall = ({ plan, faults }: Smallness): boolean =>
  faults.length <= faultsEnough && instancesOf(plan) <= smallFleet

/** A host or two of each group, with what happens to them. */
function* smallFleets(plan: Plan): Iterable<Plan> {
  for (const size of [1, smallFleet]) for (const group of plan.groups) yield withFleetOf(plan, group, size)
}

/** A host or two and one service, with what happens to the group; with nothing but a termination; and with two at once. */
function* smallestWorlds(plan: Plan): Iterable<Plan> {
  for (const small of smallFleets(plan)) {
    for (const service of plan.services) {
      yield { ...small, services: [service], standaloneTasks: [] }
      for (let hosts = 1; hosts <= instancesOf(small); hosts += 1) {
        yield { ...small, services: [service], happenings: terminations(small, hosts), standaloneTasks: [] }
      }
    }
  }
}

const terminations = ({ groups, happenings }: Plan, hosts: number): Plan['happenings'] => {
  const atSeconds = Math.min(...happenings.map((happening) => happening.atSeconds), earliestHappening)
  return Array.from({ length: hosts }, (_, old) => ({
    atSeconds,
    do: 'terminate-instance',
    group: groups[0]?.name ?? '',
    old,
    decrementDesired: false,
  }))
}

const allAt = (perMille: number, sites: ReadonlySet<number>): Plan['faults']['perMille'] =>
  Object.fromEntries([...sites].map((site) => [faultSites[site], perMille]))

/** One group alone, with so many instances at most. */
const withFleetOf = (plan: Plan, group: GroupPlan, size: number): Plan => {
  const ofGroup = plan.happenings.filter((happening) => !('group' in happening) || happening.group === group.name)
  return {
    ...plan,
    groups: [{ ...group, desired: Math.min(group.desired, size) }],
    happenings: ofGroup.map((happening) => within(happening, group.name, size)),
  }
}

const withOnly = (plan: Plan, only: ReadonlyArray<number>): Plan =>
  Object.keys(plan.faults.perMille).length === 0 ? plan : { ...plan, faults: { ...plan.faults, only } }

/** What a witness tells happened then, so the rest of the run need not be seen. That a drain never ends is seen at the end. */
const endOf = (broke: Broke, witness: string): number | null => {
  if (broke === 'L2 every drain ends') return null
  const seconds = /^at (\d+(?:\.\d+)?) s/.exec(witness)?.[1]
  return seconds === undefined ? null : Math.ceil(Number(seconds)) + 1
}

/** One thing less each, the greatest steps first. */
function* smallerFleets(plan: Plan): Iterable<Plan> {
  const { groups, services, standaloneTasks, happenings } = plan
  if (groups.length > 1) {
    for (const { name } of groups) {
      const left = happenings.filter((happening) => !('group' in happening) || happening.group !== name)
      yield { ...plan, groups: groups.filter((group) => group.name !== name), happenings: left }
    }
  }
  for (const { name, desired } of groups) {
    for (const size of new Set([1, Math.floor(desired / 2), desired - 1])) {
      if (size < 1 || size >= desired) continue
      yield {
        ...plan,
        groups: groups.map((group) => (group.name === name ? { ...group, desired: size } : group)),
        happenings: happenings.map((happening) => within(happening, name, size)),
      }
    }
  }
  for (let index = 0; index < happenings.length; index += 1) {
    yield { ...plan, happenings: happenings.filter((_, each) => each !== index) }
  }
  if (services.length > 1) {
    for (const { name } of services) {
      const left = happenings.filter((happening) => !('service' in happening) || happening.service !== name)
      yield { ...plan, services: services.filter((service) => service.name !== name), happenings: left }
    }
  }
  if (standaloneTasks.length > 0) yield { ...plan, standaloneTasks: [] }
  for (const { name, desired } of services) {
    for (const fewer of new Set([1, Math.floor(desired / 2)])) {
      if (fewer < 1 || fewer >= desired) continue
      yield {
        ...plan,
        services: services.map((service) => (service.name === name ? { ...service, desired: fewer } : service)),
      }
    }
  }
  for (const { name, hooks } of groups) {
    if (hooks.length < 2) continue
    const ours = hooks.filter(({ owner }) => owner === 'controller')
    yield { ...plan, groups: groups.map((group) => (group.name === name ? { ...group, hooks: ours } : group)) }
  }
}

/** A happening that still makes sense in a group of that size. */
const within = (happening: Happening, group: string, size: number): Happening => {
  if (!('group' in happening) || happening.group !== group) return happening
  if ('old' in happening) return { ...happening, old: Math.min(happening.old, size - 1) }
  return happening.do === 'scale-in' ? { ...happening, by: Math.min(happening.by, size) } : happening
}

/** Everything at once, then one after another: delays as short as they can be, behaviours as they usually are. */
const plainerWorlds = ({ parameters }: Plan): ReadonlyArray<(plan: Plan) => Plan> => [
  (plan) => ({ ...plan, parameters: {} }),
  ...Object.keys(parameters).map((name) => (plan: Plan) => ({
    ...plan,
    parameters: Object.fromEntries(Object.entries(plan.parameters).filter(([each]) => each !== name)),
  })),
  ...Object.keys(parameters).map((name) => (plan: Plan) => ({
    ...plan,
    parameters: Object.fromEntries(
      Object.entries(plan.parameters).map(([each, span]) => [
        each,
        each === name && typeof span === 'object' ? span[0] : span,
      ]),
    ),
  })),
]

const withoutIdleClasses = (plan: Plan, sites: ReadonlySet<number>): Plan => ({
  ...plan,
  faults: {
    ...plan.faults,
    perMille: Object.fromEntries(
      Object.entries(plan.faults.perMille).filter(([site]) =>
        sites.has((faultSites as ReadonlyArray<string>).indexOf(site)),
      ),
    ),
  },
})
