/** An update of a hundred instances with a thousand tasks as a storm runs its seeds: faults, promises, coverage, and the trace's hash. */
import { type Simulation, simulate } from '../../src/simulate.ts'
import { createCoverage } from '../../src/storm/coverage.ts'
import { faultSites } from '../../src/trace/trace.ts'
import { fleetPlan } from './fleet-plan.ts'

/** As the weather of storms has it: these leave nothing to test where they are as frequent as the rest. */
const scarce = new Set(['host.death', 'store.outage'])

const every = (perMille: number) =>
  Object.fromEntries(faultSites.map((site) => [site, scarce.has(site) ? Math.ceil(perMille / 20) : perMille]))

/** `perMille`: how often each of the eighteen classes strikes. Every settle time covers clocks that are wrong by half a second. */
export const stormPlan = (seed: number, perMille: number): ReturnType<typeof fleetPlan> => ({
  ...fleetPlan({ instances: 100, batch: 10, seed, perMille: every(perMille) }),
  controller: { sweepEverySeconds: 300, pollEverySeconds: 15, policy: { settle: 6000 } },
})

/** Throws when a promise is broken. */
export const stormUpdate = (seed: number, perMille: number): Simulation => {
  const plan = stormPlan(seed, perMille)
  const simulation = simulate(plan, { wire: 'direct', texts: false, watch: (cast) => createCoverage(plan, cast) })
  const broken = simulation.promises.find(({ held }) => !held)
  if (broken !== undefined) throw new Error(`seed ${seed}: ${broken.name}: ${broken.witness}`)
  return simulation
}
