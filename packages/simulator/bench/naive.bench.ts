/**
 * What the kernel's typed arrays are worth: the same updates of a hundred instances, with the same traces, over an event list that is a
 * heap of objects, and over draws that are counted in a Map as well. Then the event lists alone.
 */
import { test } from 'vitest'
import { bundledSimulator, type Simulator } from './support/bundled-simulator.ts'
import { inTurn, machine, median, ratePerSecond, ratio, row } from './support/rounds.ts'

const ours = await bundledSimulator()
const heap = await bundledSimulator(['calendar-queue.ts'])
const objects = await bundledSimulator(['calendar-queue.ts', 'draws.ts'])

const perRound = 20
const instances = 100

const planOf = (seed: number) => ours.fleetPlan({ instances, batch: 10, seed })

const updates =
  (simulator: Simulator) =>
  (round: number): number =>
    ratePerSecond(
      (seed) => simulator.simulate(planOf(seed), { wire: 'direct', texts: false }),
      1 + round * perRound,
      perRound,
    )

const worlds =
  (simulator: Simulator) =>
  (round: number): number =>
    ratePerSecond(
      (seed) => simulator.createWorld(planOf(seed), simulator.createNone(), { texts: false }).run(),
      1 + round * perRound,
      perRound,
    )

const occurrences = 200_000

/** So many wait at a time as in the world. */
const waiting = 243

const empty = (simulator: Simulator) => (): number => {
  const run = (): void => {
    const queue = simulator.createCalendarQueue()
    for (let each = 0; each < waiting; each += 1) queue.schedule(each, 0, each)
    for (let happened = 0; happened < occurrences; happened += 1) {
      if (!queue.take()) throw new Error('nothing left to take')
      queue.schedule(queue.time() + 100 + ((queue.subject() * 7919) % 1_000), 0, queue.subject())
    }
  }
  return occurrences * ratePerSecond(run, 0, 1)
}

test('all objects', { timeout: 300_000 }, async () => {
  const hashes = [ours, heap, objects].map(({ simulate }) => simulate(planOf(1), { wire: 'direct' }).trace.hash)
  if (new Set(hashes).size > 1) throw new Error(`not the same runs: ${hashes.join(', ')}`)
  const judged = { warmUp: 10, rounds: 7 }
  const whole = await inTurn({ ours: updates(ours), heap: updates(heap), objects: updates(objects) }, judged)
  const world = await inTurn({ ours: worlds(ours), heap: worlds(heap), objects: worlds(objects) }, judged)
  const alone = await inTurn({ ours: empty(ours), heap: empty(heap) }, { warmUp: 3, rounds: 7 })
  const lines = [
    `${machine()}, CPU time of one thread, medians of rounds in turn; every trace is the same`,
    row('updates/s, ecs-drain judged', median(whole.ours), 1),
    row('updates/s, ecs-drain judged, event list a heap of objects', median(whole.heap), 1),
    row('updates/s, ecs-drain judged, and draws counted in a Map', median(whole.objects), 1),
    row('  ours to the heap', ratio(whole.ours, whole.heap), 2),
    row('  ours to heap and Map', ratio(whole.ours, whole.objects), 2),
    row('updates/s, world without a controller', median(world.ours), 1),
    row('updates/s, world without a controller, event list a heap of objects', median(world.heap), 1),
    row('updates/s, world without a controller, and draws counted in a Map', median(world.objects), 1),
    row('  ours to the heap', ratio(world.ours, world.heap), 2),
    row('  ours to heap and Map', ratio(world.ours, world.objects), 2),
    row(`empty occurrences/s, our queue, ${waiting} waiting`, median(alone.ours)),
    row(`empty occurrences/s, heap of objects, ${waiting} waiting`, median(alone.heap)),
    row('  ours to the heap', ratio(alone.ours, alone.heap), 2),
  ]
  console.log(lines.join('\n'))
})
