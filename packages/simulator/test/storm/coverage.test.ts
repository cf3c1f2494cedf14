// The table of faults by phases says where faults met drains. Where it says so wrongly, an empty cell is called full.
import { describe, expect, test } from 'vitest'
import type { FaultSite } from '../../src/plan/plan.ts'
import { createCoverage, faultKinds, phases, rareStates } from '../../src/storm/coverage.ts'
import { faultSites, kinds } from '../../src/trace/trace.ts'
import { aPlan, traceOf } from '../measure/trace-builder.ts'

type Kind = (typeof kinds)[number]

/** Two hosts, a lifecycle action of ours for the first and one of somebody else's for the second. */
const watched = () => {
  const plan = aPlan({ happenings: [{ atSeconds: 60, do: 'deploy', service: 'web' }] })
  const world = traceOf(plan)
  const hosts = [world.instance(0), world.instance(0)] as const
  world.action(1, hosts[0])
  world.action(1, hosts[1], false)
  const decisions: Array<string> = []
  const coverage = createCoverage(plan, { ...world.trace().cast, decisions })
  const see = (kind: Kind, a: number, b: number) => coverage.see(0, kinds.indexOf(kind), a, b)
  return {
    hosts,
    see,
    decide: (host: number, name: string) => see('decision', host, decisions.push(name) - 1),
    strike: (site: FaultSite, host: number) => coverage.struck(faultSites.indexOf(site), host),
    reached: () => rareStates.filter((_, at) => coverage.reached[at] === 1),
    /** The cells of a row that are not empty. */
    row: (kind: string) =>
      Object.fromEntries(
        phases
          .map((phase, at) => [phase, coverage.faults[faultKinds.indexOf(kind) * phases.length + at]] as const)
          .filter(([, count]) => count !== 0),
      ),
  }
}

/** How a drain comes to each phase, from the beginning of its lifecycle action. */
const ways: ReadonlyArray<readonly [phase: string, ...decisions: ReadonlyArray<string>]> = [
  ['announced'],
  ['locating', 'DrainRequested'],
  ['cordoning', 'DrainRequested', 'ContainerInstanceFound'],
  ['draining', 'DrainRequested', 'ContainerInstanceFound', 'ContainerInstanceDraining', 'TasksRead'],
  ['cordoning', 'DrainRequested', 'ContainerInstanceFound', 'ContainerInstanceDraining', 'DrainingUndone'],
  ['locating', 'DrainRequested', 'ContainerInstanceFound', 'ContainerInstanceDraining', 'ContainerInstanceLost'],
  ['completing', 'DrainRequested', 'CompletionDecided'],
  ['completing', 'DrainRequested', 'DeadlineReached', 'CompletionForced'],
  ['ended', 'DrainRequested', 'CompletionDecided', 'LifecycleActionCompleted'],
  ['ended', 'DrainRequested', 'LifecycleActionOver'],
  ['locating', 'DrainRequested', 'DrainSuperseded', 'DrainRequested'],
]

describe('a fault is counted in the phase that the drain of its instance is in', () => {
  test.each(
    ways.map(([phase, ...decisions]) => ({ phase, decisions, after: decisions.at(-1) ?? 'the action has begun' })),
  )('$phase after $after', ({ phase, decisions }) => {
    const { hosts, see, decide, strike, row } = watched()
    see('hook-started', 0, hosts[0])
    for (const name of decisions) decide(hosts[0], name)
    strike('function.crash', hosts[0])
    expect(row('function.crash')).toEqual({ [phase]: 1 })
  })

  test('no drain: before its action, of an instance that somebody else holds, and of nobody in particular', () => {
    const { hosts, see, strike, row } = watched()
    strike('bus.drop', hosts[0])
    see('hook-started', 1, hosts[1])
    strike('bus.drop', hosts[1])
    strike('bus.drop', -1)
    expect(row('bus.drop')).toEqual({ 'no drain': 3 })
  })
})

test('what people do meets the drains that are open, in each phase once', () => {
  const { hosts, see, decide, row } = watched()
  see('happening', 0, 0)
  expect(row('deploy')).toEqual({ 'no drain': 1 })
  decide(hosts[0], 'DrainRequested')
  decide(hosts[1], 'LifecycleActionCompleted')
  see('happening', 0, 0)
  // That it has ended is not counted again.
  see('happening', 0, 1)
  expect(row('deploy')).toEqual({ 'no drain': 1, locating: 1 })
})

describe('a rare state is reached', () => {
  test.each<readonly [state: string, kind: Kind, a: number, b: number]>([
    ['message lost', 'message-lost', 0, 0],
    ['message twice', 'message-duplicated', 0, 0],
    ['call failed', 'api-failed', 0, 0],
    ['store conflict', 'store-conflict', 0, 0],
    ['placement failed', 'placement-failed', 0, 0],
    ['task killed', 'task-killed', 0, 0],
    ['function crashed', 'invocation-ended', 0, 2],
  ])('%s: by %s', (state, kind, a, b) => {
    const { see, reached } = watched()
    see(kind, a, b)
    expect(reached()).toEqual([state])
  })

  test('not by a function that ends otherwise, nor by a task that is placed', () => {
    const { see, reached } = watched()
    for (const ending of [0, 1, 3]) see('invocation-ended', 0, ending)
    see('task-placed', 0, 0)
    expect(reached()).toEqual([])
  })

  const again = 'DRAINING again, and drained'
  const another = 'another container instance, and drained'
  const found = ['DrainRequested', 'ContainerInstanceFound', 'ContainerInstanceDraining']
  const drained = ['CompletionDecided', 'LifecycleActionCompleted']

  test.each<readonly [what: string, state: string, isReached: boolean, decisions: ReadonlyArray<string>]>([
    ['undone, and done again', again, true, [...found, 'DrainingUndone', 'ContainerInstanceDraining', ...drained]],
    [
      'undone once more, and let go like that',
      again,
      false,
      [...found, 'DrainingUndone', 'ContainerInstanceDraining', 'DrainingUndone', ...drained],
    ],
    ['never undone', again, false, [...found, ...drained]],
    ['undone in the drain before', again, false, [...found, 'DrainingUndone', ...found, ...drained]],
    ['found once more while it drains', another, true, [...found, 'ContainerInstanceFound', ...drained]],
    ['found once', another, false, [...found, ...drained]],
    ['found once more in the drain before', another, false, [...found, 'ContainerInstanceFound', ...found, ...drained]],
  ])('by its decisions in their order: %s', (_, state, isReached, decisions) => {
    const { hosts, decide, reached } = watched()
    for (const name of decisions) decide(hosts[1], name)
    expect(reached().includes(state as never)).toBe(isReached)
  })

  test('not by what two instances have decided between them', () => {
    const { hosts, decide, reached } = watched()
    for (const name of [...found, 'ContainerInstanceFound', 'DrainingUndone']) decide(hosts[0], name)
    for (const name of [...found, ...drained]) decide(hosts[1], name)
    expect(reached().filter((state) => state === again || state === another)).toEqual([])
  })
})
