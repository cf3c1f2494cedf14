// decide and evolve, per event, with ids as AWS makes them. At most 1 microsecond an event.
import { test } from 'vitest'
import type { Drain } from '../src/drain/drain.ts'
import type { DrainEvent } from '../src/drain/drain-event.ts'
import type { Observation } from '../src/observation/observation.ts'
import {
  at,
  containerInstanceNumber,
  lifecycleAction,
  policy,
  stoppedTask,
  stoppingTask,
  task,
  theCluster,
} from '../src/testing/builders.ts'
import { bundledCore } from './support/bundled-core.ts'

const { decide, evolve, idle } = await bundledCore()

const rules = policy()

interface Told {
  readonly observation: Observation
  readonly now: number
}

/** The life of a drain of so many tasks, from the announcement to the completion. */
const lifeOf = (taskCount: number): ReadonlyArray<Told> => {
  const numbers = Array.from({ length: taskCount }, (_, n) => n)
  const reading = (now: number, tasks: Extract<Observation, { type: 'TasksSeen' }>['tasks']): Told => ({
    observation: {
      type: 'TasksSeen',
      scope: 'all',
      since: at(now),
      tasks,
      forgotten: [],
      undescribed: [],
      agentConnected: true,
    },
    now: at(now),
  })
  const told: ReadonlyArray<Told> = [
    {
      observation: {
        type: 'TerminationAnnounced',
        action: lifecycleAction(),
        toWarmPool: false,
        clusters: [theCluster],
        announcedAt: at(0),
      },
      now: at(1),
    },
    {
      observation: {
        type: 'ContainerInstanceLocated',
        cluster: theCluster,
        arn: containerInstanceNumber(1),
        leftBehind: [],
      },
      now: at(1),
    },
    { observation: { type: 'ContainerInstanceDrains', agentConnected: true }, now: at(2) },
    reading(
      60,
      numbers.map((n) => task(n)),
    ),
    ...numbers.map((n): Told => ({ observation: { type: 'TaskSeen', task: stoppingTask(n) }, now: at(61 + n) })),
    ...numbers.map((n): Told => ({ observation: { type: 'TaskSeen', task: stoppedTask(n) }, now: at(90 + n) })),
    reading(120 + taskCount, []),
    { observation: { type: 'CompletionAccepted', result: 'CONTINUE' }, now: at(122 + taskCount) },
  ]
  return told
}

const live = (life: ReadonlyArray<Told>): Drain => {
  let drain: Drain = idle
  for (const { observation, now } of life) {
    for (const event of decide(observation, drain, now, rules)) drain = evolve(drain, event)
  }
  return drain
}

const eventsOf = (life: ReadonlyArray<Told>): ReadonlyArray<DrainEvent> => {
  const events: Array<DrainEvent> = []
  let drain: Drain = idle
  for (const { observation, now } of life) {
    const decided = decide(observation, drain, now, rules)
    events.push(...decided)
    drain = decided.reduce(evolve, drain)
  }
  if (drain.phase !== 'ended') throw new Error(`the drain is ${drain.phase}, so this measures something else`)
  return events
}

for (const taskCount of [4, 10, 100]) {
  const life = lifeOf(taskCount)
  const events = eventsOf(life)
  test(`a drain of ${taskCount} tasks`, async ({ bench }) => {
    const decidedAndEvolved = bench(`decide and evolve ${events.length} events`, () => void live(life))
    const folded = bench(`evolve ${events.length} events`, () => void events.reduce(evolve, idle as Drain))
    await bench.compare(decidedAndEvolved, folded)
  })
}
