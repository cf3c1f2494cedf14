/**
 * Storms: seeds per second on one worker and on two, and updates per second of a hundred instances with all classes of
 * faults, every promise, the coverage and the trace's hash. Workers are measured by the clock, since time is what they save: on a
 * machine that does something else as well two of them gain less. So the processor time that a seed costs is printed too.
 */
import { rm } from 'node:fs/promises'
import { pathToFileURL } from 'node:url'
import { test } from 'vitest'
import { bundledFile, bundledSimulator } from './support/bundled-simulator.ts'
import { inTurn, machine, median, ratePerSecond, ratio, row } from './support/rounds.ts'

const { createEcsDrainController, createWorld, fleetPlan, simulate, stormPlan, stormUpdate } = await bundledSimulator()

/** Many, because each worker compiles everything for itself. */
const seeds = 30_000
const perRound = 20

/** By the clock, and in seconds of all processors. */
interface Spent {
  readonly clock: number
  readonly processor: number
}

const spent = async (run: () => Promise<unknown>): Promise<Spent> => {
  const from = process.cpuUsage()
  const started = performance.now()
  await run()
  const { user, system } = process.cpuUsage(from)
  return { clock: (performance.now() - started) / 1e3, processor: (user + system) / 1e6 }
}

test('seeds per second', { timeout: 600_000 }, async () => {
  const file = await bundledFile('./storm-threads.ts')
  try {
    const { stormOn } = (await import(
      /* @vite-ignore */ pathToFileURL(file).href
    )) as typeof import('./support/storm-threads.ts')
    let hash = ''
    let records = 0
    const costs = { one: [] as Array<number>, two: [] as Array<number> }
    const got = { one: [] as Array<number>, two: [] as Array<number> }
    const on = (name: keyof typeof costs, workers: number) => async (): Promise<number> => {
      const { clock, processor } = await spent(async () => {
        const tally = await stormOn(workers, 0, seeds)
        if (tally.failures.length > 0) throw new Error(`a promise was broken: ${tally.failures[0]?.witness}`)
        const sum = tally.hash.join()
        if (hash !== '' && hash !== sum) throw new Error('two workers came to something else than one')
        hash = sum
        records = tally.records
      })
      costs[name].push((processor / seeds) * 1e3)
      got[name].push(processor / clock)
      return seeds / clock
    }
    const rates = await inTurn({ one: on('one', 1), two: on('two', 2) }, { warmUp: 0, rounds: 1 })
    const lines = [
      `${machine()}, clock, one after the other`,
      `${seeds.toLocaleString('en')} seeds of ecs-drain storm, ${records.toLocaleString('en')} records; both come to the same`,
      row('seeds/s, one worker', median(rates.one)),
      row('seeds/s, two workers', median(rates.two)),
      row('  two to one (aim: 1.8)', ratio(rates.two, rates.one), 2),
      row('  processors that one worker got', median(got.one), 2),
      row('  processors that two workers got', median(got.two), 2),
      row('  processor ms a seed, one worker', median(costs.one), 2),
      row('  processor ms a seed, two workers', median(costs.two), 2),
      row('  two to one where each has a processor to itself', 2 * ratio(costs.one, costs.two), 2),
    ]
    console.log(lines.join('\n'))
  } finally {
    await rm(file)
  }
})

const occurrencesOf = (plan: ReturnType<typeof stormPlan>): number => {
  const world = createWorld(plan, createEcsDrainController(plan), { texts: false })
  world.run()
  return world.occurrences()
}

const meanOccurrences = (planOf: (seed: number) => ReturnType<typeof stormPlan>): number => {
  let sum = 0
  for (let seed = 1; seed <= perRound; seed += 1) sum += occurrencesOf(planOf(seed))
  return sum / perRound
}

test('updates with all faults', { timeout: 600_000 }, async () => {
  const from = (round: number): number => 1 + round * perRound
  const calmPlan = (seed: number) => fleetPlan({ instances: 100, batch: 10, seed })
  const calm = (seed: number): unknown => simulate(calmPlan(seed), { wire: 'direct', texts: false })
  const rates = await inTurn(
    {
      calm: (round) => ratePerSecond(calm, from(round), perRound),
      weak: (round) => ratePerSecond((seed) => stormUpdate(seed, 20), from(round), perRound),
      strong: (round) => ratePerSecond((seed) => stormUpdate(seed, 150), from(round), perRound),
    },
    { warmUp: 8, rounds: 7 },
  )
  const occurrences = {
    calm: meanOccurrences(calmPlan),
    weak: meanOccurrences((seed) => stormPlan(seed, 20)),
    strong: meanOccurrences((seed) => stormPlan(seed, 150)),
  }
  const lines = [`${machine()}, CPU time of one thread, medians of rounds in turn`]
  for (const [name, what] of [
    ['calm', 'no faults'],
    ['weak', 'all classes at 2 %'],
    ['strong', 'all classes at 15 %'],
  ] as const) {
    lines.push(
      row(`occurrences in an update of 100 x 10, ${what}`, occurrences[name]),
      row('  updates/s (aim: 500)', median(rates[name]), 1),
      row('  occurrences/s (aim: 3,000,000)', median(rates[name]) * occurrences[name]),
    )
  }
  console.log(lines.join('\n'))
})
