/**
 * Which faults exist in a seed's world and how often they strike. Swarm testing: classes are left out at random, because
 * where everything goes wrong at once, one fault hides another; beside it two fixed strengths, and calm.
 */
import { intensityChoices } from '../plan/choices.ts'
import type { FaultPlan, FaultSite } from '../plan/plan.ts'
import { faultSites } from '../trace/trace.ts'
import type { Luck } from './luck.ts'

/** The kinds of weather, in percent of the seeds. */
export const profileShares = { swarm: 60, strong: 15, weak: 15, calm: 10 } as const

/** What kind of weather a seed has. */
export type StormProfile = keyof typeof profileShares

/** The profiles in the order in which results list them. */
export const stormProfiles = Object.keys(profileShares) as ReadonlyArray<StormProfile>

/** From this share of a class's usual intensity on, nothing is left to test: every host would die, nothing would be stored. */
const scarce: Readonly<Partial<Record<FaultSite, number>>> = {
  'host.death': 20,
  'store.outage': 20,
}

/** In 1,000, where the strong and the weak profile say so. */
const strongPerMille = 150
const weakPerMille = 20

/** The storm ends somewhere here; then everything has to settle. */
const stormEnds = [600, 900, 1500] as const

export const profileFrom = (luck: Luck): StormProfile => {
  let drawn = luck.between(0, 99)
  for (const profile of stormProfiles) {
    drawn -= profileShares[profile]
    if (drawn < 0) return profile
  }
  return 'calm'
}

export const weatherFrom = (luck: Luck, profile: StormProfile): FaultPlan => {
  if (profile === 'calm') return { perMille: {}, untilSeconds: 0, only: null, lose: [] }
  const perMille: Partial<Record<FaultSite, number>> = {}
  for (const site of faultSites) {
    const intensity = intensityOf(luck, profile)
    if (intensity > 0) perMille[site] = Math.max(1, Math.floor(intensity / (scarce[site] ?? 1)))
  }
  return { perMille, untilSeconds: luck.oneOf(stormEnds), only: null, lose: [] }
}

const intensityOf = (luck: Luck, profile: Exclude<StormProfile, 'calm'>): number => {
  switch (profile) {
    case 'swarm':
      return luck.happens(50) ? luck.oneOf(intensityChoices) : 0
    case 'strong':
      return strongPerMille
    case 'weak':
      return weakPerMille
  }
}
