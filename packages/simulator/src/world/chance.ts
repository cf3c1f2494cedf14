/** Luck and misfortune: durations from the plan's spans, and faults that strike or don't. */
import { mix32 } from '../kernel/draws.ts'
import { FAULT } from '../trace/kind-numbers.ts'
import { faultSites } from '../trace/trace.ts'
import { type Bounds, purposeOfSite } from './parameters.ts'
import type { World } from './state.ts'

/** A value of a span, for whom it concerns. */
export const drawn = (world: World, bounds: Bounds, subject: number): number =>
  bounds.from === bounds.to ? bounds.from : world.draws.between(bounds.purpose, subject, bounds.from, bounds.to)

/** It occurs after a time of a span. */
export const occursAfter = (world: World, bounds: Bounds, kind: number, subject: number): void =>
  world.queue.schedule(world.now + drawn(world, bounds, subject), kind, subject)

export type SiteName = (typeof faultSites)[number]

/** The delicate moments, at which a fault of these sites is this many times likelier (`delicate`). */
const delicateTimes = 10
/** But not likelier than this: something has to succeed now and then. */
const delicateMost = 500

/** Whether any fault may strike now: most runs have none at all, and a call would ask about each of them. */
export const faultsStrike = (world: World): boolean => world.now < world.faultsUntil

/**
 * Whether a fault strikes here. The draw is keyed by site and subject; a fault that strikes has an id that depends on
 * nothing else, so that a plan may keep just some of them. `instance`: whom it hits, -1 for nobody in particular.
 */
export const strikes = (world: World, site: SiteName, subject: number, instance: number, delicate = false): boolean => {
  if (!faultsStrike(world)) return false
  const number = faultSites.indexOf(site)
  const chance = world.faultChance[number] as number
  if (chance === 0) return false
  const luck = world.draws.next(purposeOfSite(number), subject)
  const perMille = delicate ? Math.max(chance, Math.min(chance * delicateTimes, delicateMost)) : chance
  if (luck % 1000 >= perMille) return false
  const id = mix32(world.plan.seed, number, subject, luck) >>> 1
  if (world.faultsKept !== null && !world.faultsKept.has(id)) return false
  world.trace.write(world.now, FAULT, number, id)
  world.struck(number, world.instances[instance]?.host.number ?? -1)
  return true
}

/** How old the answer of a List or Describe is, in milliseconds. */
export const staleness = (world: World, subject: number): number =>
  strikes(world, 'read.stale', subject, subject - 1) ? drawn(world, world.settings['read.staleBy'], subject) : 0
