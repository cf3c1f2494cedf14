/**
 * Occurrences per second beside SimPy, on an update of a hundred instances with a thousand tasks, ten at a time: support/simpy_model.py.
 * Both have the hosts, the tasks with all their steps, the scheduler between its bounds, the bus, the controller's calls there and back,
 * and its store. Ours has besides: core's own decisions, faults, eight promises, the trace with its hash, buckets that
 * throttle, sweeps, timeouts, wake-ups. Every event that SimPy schedules is counted for it, the beginnings and ends of its processes
 * included. CPU time, in turn. Needs `apt-get install python3-simpy3`.
 */
import { execFileSync, spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { test } from 'vitest'
import { bundledSimulator } from './support/bundled-simulator.ts'
import { inTurn, machine, median, ratePerSecond, ratio, row } from './support/rounds.ts'

const model = fileURLToPath(new URL('./support/simpy_model.py', import.meta.url))

/** Debian's own Python is the one that Debian's package is for. */
const python = ['/usr/bin/python3', 'python3'].find(
  (program) => spawnSync(program, ['-c', 'import simpy']).status === 0,
)

const { createCalendarQueue, createEcsDrainController, createWorld, fleetPlan, simulate, stormUpdate } =
  await bundledSimulator()

const perRound = 20
const rounds = { warmUp: 8, rounds: 7 }

const planOf = (seed: number) => fleetPlan({ instances: 100, batch: 10, seed })

const occurrencesOf = (plan: ReturnType<typeof planOf>): number => {
  const world = createWorld(plan, createEcsDrainController(plan), { texts: false })
  world.run()
  return world.occurrences()
}

/** The last line of the model. */
interface Printed {
  readonly events: number
  readonly seconds: number
  readonly simpy: string
}

/** So many wait at a time in the world's queue. */
const waiting = 243
const empties = 1_000_000

const emptyQueue = (): void => {
  const queue = createCalendarQueue()
  for (let each = 0; each < waiting; each += 1) queue.schedule(each, 0, each)
  for (let happened = 0; happened < empties; happened += 1) {
    if (!queue.take()) throw new Error('nothing left to take')
    queue.schedule(queue.time() + 100 + ((queue.subject() * 7919) % 1_000), 0, queue.subject())
  }
}

test.skipIf(python === undefined)('beside SimPy', { timeout: 300_000 }, async () => {
  const each = occurrencesOf(planOf(1))
  let version = ''
  let perUpdate = 0
  const printedBy = (...args: ReadonlyArray<string | number>): Printed =>
    JSON.parse(execFileSync(python as string, [model, ...args.map(String)], { encoding: 'utf8' })) as Printed
  const simpy = (round: number): number => {
    const printed = printedBy('updates', 1 + round * perRound, perRound)
    version = printed.simpy
    perUpdate = printed.events / perRound
    return perRound / printed.seconds
  }
  const updates = await inTurn(
    {
      simpy,
      calm: (round) =>
        ratePerSecond(
          (seed) => simulate(planOf(seed), { wire: 'direct', texts: false }),
          1 + round * perRound,
          perRound,
        ),
      storm: (round) => ratePerSecond((seed) => stormUpdate(seed, 20), 1 + round * perRound, perRound),
    },
    rounds,
  )
  const alone = await inTurn(
    {
      simpy: () => {
        const { events, seconds } = printedBy('empty', waiting, empties)
        return events / seconds
      },
      ours: () => empties * ratePerSecond(emptyQueue, 0, 1),
    },
    { warmUp: 2, rounds: 5 },
  )
  const lines = [
    `${machine()}, SimPy ${version}, CPU time of one thread, medians of rounds in turn`,
    `occurrences in an update: ours ${each.toLocaleString('en')}, SimPy's ${Math.round(perUpdate).toLocaleString('en')}`,
    row('occurrences/s, SimPy', median(updates.simpy) * perUpdate),
    row('occurrences/s, ours, judged, without faults', median(updates.calm) * each),
    row("ours to SimPy's, occurrences/s (aim: 15)", (ratio(updates.calm, updates.simpy) * each) / perUpdate, 1),
    row('updates/s, SimPy', median(updates.simpy), 1),
    row('updates/s, ours, judged, without faults', median(updates.calm), 1),
    row('updates/s, ours, judged, all faults at 2 %', median(updates.storm), 1),
    row("ours to SimPy's, updates/s", ratio(updates.calm, updates.simpy), 1),
    row("ours with all faults to SimPy's, updates/s", ratio(updates.storm, updates.simpy), 1),
    row(`empty occurrences/s, SimPy, ${waiting} waiting`, median(alone.simpy)),
    row(`empty occurrences/s, our queue, ${waiting} waiting`, median(alone.ours)),
    row("ours to SimPy's, empty", ratio(alone.ours, alone.simpy), 1),
  ]
  console.log(lines.join('\n'))
})

test.runIf(python === undefined)('SimPy is not installed: no ratio', () => {
  console.log('SimPy is not installed (apt-get install python3-simpy3): no ratio')
})
