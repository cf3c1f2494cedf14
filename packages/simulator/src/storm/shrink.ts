/**
 * A failing plan made small. What breaks in a storm mostly breaks in a small world too: guesses at such worlds are tried, one kind
 * after another, the storm itself last. From the first of a kind that breaks the promise everything is left out that it breaks
 * without. Only the same promise counts: that another one breaks is another story.
 */
import type { ControllerName, Plan } from '../plan/plan.ts'
import { runPlan } from '../simulate.ts'
import { FAULT } from '../trace/kind-numbers.ts'
import { plannedFault } from '../trace/trace.ts'
import { disturbedDrains } from './disturbed-drains.ts'
import { pausesIn } from './drain-pauses.ts'
import { leaveOut } from './leave-out.ts'
import {
  allParts,
  classes,
  disturbances,
  type Failing,
  fewerOf,
  newsIsLate,
  type Part,
  withoutFaults,
  withStruck,
} from './reductions.ts'
import type { StormFailure } from './run-seed.ts'
import {
  calmWorlds,
  oneFault,
  oneFaultToWarmPool,
  oneSlip,
  otherLuck,
  rareMoments,
  silentWorlds,
  smallFleets,
  threeFaults,
  toWarmPool,
  weathers,
} from './small-worlds.ts'
import { longEnough } from './storm-plan.ts'

/** What a failing plan came down to. */
export interface Shrunk {
  readonly plan: Plan
  readonly witness: string
  /** Faults in it, and the instances that it begins with. */
  readonly faults: number
  readonly instances: number
  /** Runs that it took. */
  readonly replays: number
  /** Records that those runs wrote. */
  readonly records: number
}

/** Runs at most; past it the smallest plan so far is good enough. */
const replaysMost = 800

/** Of one kind of guess; of the last kind, as many as there are runs left. */
const guessesMost = 80

/** What a person can follow. */
const faultsEnough = 3
const instancesEnough = 2

type Broke = StormFailure['broke']

/** Null: under that controller the plan does not break that promise. Pure, and the same on every machine. */
export const shrinkPlan = (plan: Plan, broke: Broke, controller: ControllerName = 'ecs-drain'): Shrunk | null => {
  let replays = 0
  let records = 0
  const wrote = (written: number): void => {
    records += written
  }
  const tried = new Map<string, Failing | null>()
  const failingOf = (candidate: Plan): Failing | null => {
    const key = JSON.stringify(candidate)
    const known = tried.get(key)
    if (known !== undefined) return known
    if (replays >= replaysMost) return null
    replays += 1
    const failing = replay(candidate, broke, controller, wrote)
    tried.set(key, failing)
    return failing
  }

  /** From one failing plan to smaller ones, as long as they fail. */
  const walkFrom = (from: Failing) => {
    let best = from
    const accept = (candidate: Plan): boolean => {
      const failing = failingOf(candidate)
      if (failing !== null) best = failing
      return failing !== null
    }
    const shorten = <Item>(part: Part<Item>): void => {
      leaveOut(part.of(best), (left) => (accept(part.keep(best.plan, left)) ? part.of(best) : null))
    }
    return { best: () => best, accept, shorten }
  }

  /** Without anything that the promise breaks without. */
  const smallestOf = (from: Failing): Failing => {
    const { best, accept, shorten } = walkFrom(from)
    for (let before: Failing | null = null; before !== best(); ) {
      before = best()
      // Who waits too long waits until the end of the run, however long that is.
      if (broke === 'L1 completes when the tasks have stopped') {
        while (accept({ ...best().plan, untilSeconds: Math.floor(best().plan.untilSeconds / 2) }));
      }
      allParts.forEach(shorten)
      for (const fewer of fewerOf(best().plan)) accept(fewer(best().plan))
    }
    return best()
  }

  const first = failingOf(plan)
  if (first === null) return null
  const calm = failingOf(withoutFaults(plan))
  let needed: Failing | undefined
  /** The storm with no more classes of faults than it needs; only asked for where calm is not enough. */
  const storm = (): Failing => {
    if (needed !== undefined) return needed
    const { best, shorten } = walkFrom(first)
    shorten(classes)
    needed = best()
    return needed
  }
  /** What disturbs the drains in it, where it cannot do without. */
  const disturbing = (): Plan['happenings'] => {
    const { best, shorten } = walkFrom(storm())
    shorten(disturbances)
    return disturbances.of(best())
  }
  const pausesOf = (world: Plan): ReadonlyArray<number> => {
    if (replays >= replaysMost) return []
    replays += 1
    return pausesIn(world, controller, wrote)
  }
  const atDefaults: Plan = { ...plan, parameters: {} }
  const silent = (): Iterable<Plan> => silentWorlds(atDefaults)
  const anyLuck = (): Plan => ({ ...plan, faults: { ...storm().plan.faults, only: null } })
  const kinds: ReadonlyArray<() => Iterable<Plan>> = [
    () => calmWorlds(plan, calm !== null),
    () => toWarmPool(plan),
    () => (calm === null ? [] : [calm.plan]),
    () => (newsIsLate(storm()) ? silent() : []),
    () => oneFault(plan, storm().sites),
    () => oneFaultToWarmPool(plan, storm().sites),
    () => oneSlip(atDefaults),
    () => disturbedDrains(atDefaults, disturbing(), pausesOf),
    () => disturbedDrains(plan, disturbing(), pausesOf),
    () => smallFleets(anyLuck()),
    () => threeFaults(plan, storm().sites),
    () => (newsIsLate(storm()) ? [] : silent()),
    () => oneSlip(plan),
    () => calmWorlds(plan, true),
    () => weathers(plan, storm().sites),
    () => [storm().plan],
  ]

  const secondsMost = Math.max(shortest, 2 * first.plan.untilSeconds, calm?.plan.untilSeconds ?? 0)
  /** What the first of these guesses comes down to in which the promise is broken. */
  const smallestFrom = (guesses: Iterable<Plan>, most = guessesMost): Failing | null => {
    let tries = 0
    for (const guess of guesses) {
      if (tries >= most) break
      tries += 1
      const untilSeconds = Math.min(longEnough(guess.groups), secondsMost)
      const failing = failingOf({ ...guess, untilSeconds })
      if (failing !== null) return smallestOf(failing)
    }
    return null
  }
  const withOtherLuck = (found: Failing): Failing => smallerOf(found, smallestFrom(otherLuck(found.plan)))

  let best: Failing | null = null
  for (const kind of kinds) {
    const found = smallestFrom(kind())
    if (found === null) continue
    // Few faults on many instances lack nothing but luck; many faults are looked for elsewhere first.
    const luckiest = faultsOf(found) <= faultsEnough && !isSmall(found) ? withOtherLuck(found) : found
    best = best === null ? luckiest : smallerOf(best, luckiest)
    if (isSmall(best)) break
  }
  for (const lastResort of [otherLuck, rareMoments]) {
    if (best !== null && !isSmall(best)) best = smallerOf(best, smallestFrom(lastResort(best.plan), replaysMost))
  }
  best ??= first
  return {
    // A class of which nothing struck is only noise to a reader.
    plan: { ...classes.keep(best.plan, classes.of(best)), name: `${plan.name}-shrunk` },
    witness: best.witness,
    faults: faultsOf(best),
    instances: instancesOf(best),
    replays,
    records,
  }
}

/** Of a guess, in seconds of virtual time; a storm that broke its promise soon breaks it later elsewhere. */
const shortest = 3600

/** Null: the promise holds. What comes after the witness is cut off, since nothing before it depends on that. */
const replay = (
  plan: Plan,
  broke: Broke,
  controller: ControllerName,
  wrote: (records: number) => void,
): Failing | null => {
  const faults: Array<{ readonly at: number; readonly site: number; readonly id: number }> = []
  const watch = () => ({
    see: (at: number, kind: number, site: number, id: number) => {
      if (kind === FAULT && id !== plannedFault) faults.push({ at, site, id })
    },
    struck: () => {},
  })
  const failing = (witness: string): Failing => {
    const untilSeconds = Math.min(plan.untilSeconds, endOf(broke, witness) ?? Number.POSITIVE_INFINITY)
    const before = faults.filter(({ at }) => at <= untilSeconds * 1000)
    const struck = before.map(({ id }) => id)
    return {
      plan: { ...withStruck(plan, struck), untilSeconds },
      witness,
      struck,
      sites: new Set(before.map(({ site }) => site)),
    }
  }
  try {
    const { promises, trace } = runPlan(plan, { controller, wire: 'direct', texts: false, watch })
    wrote(trace.length)
    const broken = promises.find(({ name, held }) => name === broke && !held)
    return broken === undefined ? null : failing(broken.witness ?? '')
  } catch (error) {
    return broke === 'threw' ? failing(String(error)) : null
  }
}

/** What a witness tells happened then, so the rest of the run need not be seen. That a drain never ends is seen at the end. */
const endOf = (broke: Broke, witness: string): number | null => {
  if (broke === 'L2 every drain ends') return null
  const seconds = /^at (\d+(?:\.\d+)?) s/.exec(witness)?.[1]
  return seconds === undefined ? null : Math.ceil(Number(seconds)) + 1
}

const faultsOf = ({ plan, struck }: Failing): number =>
  struck.length + plan.faults.lose.length + (plan.faults.script?.length ?? 0)

const instancesOf = ({ plan }: Failing): number => plan.groups.reduce((sum, { desired }) => sum + desired, 0)

const sizeOf = (failing: Failing): number => faultsOf(failing) + instancesOf(failing)

const smallerOf = (one: Failing, other: Failing | null): Failing =>
  other !== null && sizeOf(other) < sizeOf(one) ? other : one

const isSmall = (failing: Failing): boolean =>
  faultsOf(failing) <= faultsEnough && instancesOf(failing) <= instancesEnough
