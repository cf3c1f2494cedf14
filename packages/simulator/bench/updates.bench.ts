/**
 * Updates per second of `hundred-instances` (100 instances, 1,000 tasks, batches of 10), on one core, and occurrences
 * per second beside what a TypeScript user would take instead: fast-check's scheduler. At least 200 updates/s with
 * notices handed over, 20 through JSON text. The scheduler's occurrences do nothing, ours do the work of the whole cluster.
 *
 * Whoever simulates a cluster with that scheduler schedules each occurrence when it comes to be, as the world does. So as
 * many wait in it at a time as wait in the world's own queue, which is measured first. How many that are decides how fast it is
 * (it keeps them in a list and takes one out of the middle), so there are also rows for a few and for all at once.
 */
import { readFileSync } from 'node:fs'
import { cpus } from 'node:os'
import * as fc from 'fast-check'
import { isLeft } from 'fp-ts/Either'
import { test } from 'vitest'
import { bundledSimulator } from './support/bundled-simulator.ts'
import { type Rate, rateOf } from './support/rate.ts'

const { createCalendarQueue, createEcsDrainController, createNone, createWorld, readScenario, simulate } =
  await bundledSimulator()

const text = readFileSync(new URL('../scenarios/hundred-instances.yaml', import.meta.url), 'utf8')
const scenario = readScenario({ label: 'hundred-instances', text })
if (isLeft(scenario)) throw new Error(scenario.left.join('\n'))
const [{ plan }] = scenario.right.variants

/** Seeds are never the same twice, so that no run profits from the one before. */
let seed = 1_000
const another = (): typeof plan => {
  seed += 1
  return { ...plan, seed }
}

const judged = (wire: 'direct' | 'text') => (): void => {
  const { promises } = simulate(another(), { wire, texts: false })
  const broken = promises.find(({ held }) => !held)
  if (broken !== undefined) throw new Error(`${broken.name}: ${broken.witness}`)
}

const unjudged = (controller: 'ecs-drain' | 'none') => (): number => {
  const chosen = another()
  const world = createWorld(chosen, controller === 'none' ? createNone() : createEcsDrainController(chosen), {
    texts: false,
  })
  world.run()
  return world.occurrences()
}

/** How many occurrences wait in the world's queue, as the median over the records of a run. */
const waitingInWorld = (): number => {
  const chosen = another()
  const world = createWorld(chosen, createEcsDrainController(chosen), { texts: false })
  const waiting: Array<number> = []
  world.observe(() => {
    waiting.push(world.waiting())
  })
  world.run()
  waiting.sort((one, other) => one - other)
  return waiting[waiting.length >> 1] ?? 0
}

/** So few that the scheduler's list costs nothing. */
const aFew = 10

/** `chains` wait at a time: each that has happened schedules the next. */
const withFastCheck = async (occurrences: number, chains: number): Promise<void> => {
  const [scheduler] = fc.sample(fc.scheduler(), { numRuns: 1, seed })
  if (scheduler === undefined) throw new Error('no scheduler')
  let happened = 0
  const chain = async (length: number): Promise<void> => {
    for (let each = 0; each < length; each += 1) {
      await scheduler.schedule(Promise.resolve(each))
      happened += 1
    }
  }
  const all = Array.from({ length: chains }, () => chain(Math.ceil(occurrences / chains)))
  await scheduler.waitAll()
  await Promise.all(all)
  if (happened < occurrences) throw new Error(`only ${happened} occurrences happened`)
}

/** The simulator's own event list with nothing in its occurrences either. */
const withOurQueue = (occurrences: number, chains: number): void => {
  const queue = createCalendarQueue()
  for (let each = 0; each < chains; each += 1) queue.schedule(each, 0, each)
  for (let happened = 0; happened < occurrences; happened += 1) {
    if (!queue.take()) throw new Error('nothing left to take')
    queue.schedule(queue.time() + 100 + ((queue.subject() * 7919) % 1_000), 0, queue.subject())
  }
}

const lines: Array<string> = []
const line = (what: string, { median, best }: Rate, each = 1): void => {
  const shown = (rate: number): string => Math.round(rate * each).toLocaleString('en')
  lines.push(`${what.padEnd(60)} ${shown(median).padStart(10)} ${shown(best).padStart(10)}`)
}

const ratio = (what: string, one: Rate, other: Rate): void => {
  lines.push(`${what.padEnd(60)} ${(one.median / other.median).toFixed(1).padStart(6)} times`)
}

test('updates of a hundred instances', { timeout: 300_000 }, async () => {
  const occurrences = unjudged('ecs-drain')()
  const bare = unjudged('none')()
  // The engine has compiled everything for good after some two hundred runs: until then they get faster by a third.
  const rounds = { warmUp: 200, rounds: 7, perRound: 20 }
  const direct = await rateOf(judged('direct'), rounds)
  const inText = await rateOf(judged('text'), { warmUp: 60, rounds: 5, perRound: 10 })
  const world = await rateOf(unjudged('ecs-drain'), rounds)
  const alone = await rateOf(unjudged('none'), { ...rounds, warmUp: 400 })
  const few = { warmUp: 3, rounds: 5, perRound: 3 }
  const waiting = waitingInWorld()
  const ofFastCheck = await rateOf(() => withFastCheck(occurrences, waiting), few)
  const fewWaiting = await rateOf(() => withFastCheck(occurrences, aFew), few)
  const allAtOnce = await rateOf(() => withFastCheck(occurrences, occurrences), few)
  const ofOurs = await rateOf(() => withOurQueue(occurrences, waiting), rounds)

  lines.push(`${cpus()[0]?.model ?? 'unknown processor'}, Node ${process.version}, CPU time of one thread`)
  lines.push(`${occurrences} occurrences in an update; ${waiting} wait in the world's queue at a time (median)`)
  lines.push(`${''.padEnd(60)} ${'median'.padStart(10)} ${'best'.padStart(10)}`)
  line('updates/s, direct, promises judged', direct)
  line('updates/s, text, promises judged', inText)
  line('updates/s, direct, not judged', world)
  line('updates/s, no controller', alone)
  line('occurrences/s, direct, promises judged', direct, occurrences)
  line('occurrences/s, no controller', alone, bare)
  line(`empty occurrences/s, our queue, ${waiting} waiting`, ofOurs, occurrences)
  line(`empty occurrences/s, fast-check's scheduler, ${waiting} waiting`, ofFastCheck, occurrences)
  line(`empty occurrences/s, fast-check's scheduler, ${aFew} waiting`, fewWaiting, occurrences)
  line("empty occurrences/s, fast-check's scheduler, all at once", allAtOnce, occurrences)
  ratio(`a judged update to the scheduler, ${waiting} waiting (aim: 10)`, direct, ofFastCheck)
  ratio(`a judged update to the scheduler, ${aFew} waiting`, direct, fewWaiting)
  ratio('a judged update to the scheduler, all at once', direct, allAtOnce)
  ratio(`our queue to the scheduler, ${waiting} waiting`, ofOurs, ofFastCheck)
  console.log(lines.join('\n'))
})
