/**
 * Decides what goes wrong. Every place that can fail asks with a key of its own; a "yes" is a decision with a stable id,
 * so that a run can be repeated with some of its faults taken away and all others left as they were.
 */
import type { FaultPlan, FaultSite } from '../plan/plan.ts'
import { faultSites } from '../trace/trace.ts'
import { mix32 } from './mix32.ts'

export interface Faults {
  /** Whether this one fails. A key is asked about once. */
  strikes(site: number, key: number, n: number): boolean
}

/** The number of a fault site, for `strikes`. */
export const faultNumber = (site: FaultSite): number => faultSites.indexOf(site)

// Ids don't depend on the seed: they name the place, the seed decides whether it fails.
const idSeed = 0x51ed270b
const chanceSite = 0x4661756c

export const createFaults = (
  plan: FaultPlan,
  seed: number,
  clock: { readonly now: number },
  struck: (site: number, id: number) => void,
): Faults => {
  const perMille = faultSites.map((site) => plan.perMille[site] ?? 0)
  const untilMs = Math.round(plan.untilSeconds * 1000)
  const only = plan.only === null ? null : new Set(plan.only)
  if (perMille.every((chance) => chance === 0)) return { strikes: () => false }
  return {
    strikes: (site, key, n) => {
      const chance = perMille[site] as number
      if (chance === 0 || clock.now >= untilMs) return false
      if (mix32(seed ^ chanceSite, site, key, n) % 1000 >= chance) return false
      const id = mix32(idSeed, site, key, n) >>> 1
      if (only !== null && !only.has(id)) return false
      struck(site, id)
      return true
    },
  }
}
