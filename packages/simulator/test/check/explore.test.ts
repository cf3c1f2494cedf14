// Everything that can happen in small clusters, with the code that ships. Each model is explored to its end here; what a
// bound would cut is no proof.
import { readFileSync } from 'node:fs'
import { afterAll, describe, expect, test } from 'vitest'
import type { Exploration } from '../../src/check/explore.ts'
import { fairSteps } from '../../src/check/graph/state-graph.ts'
import type { Model } from '../../src/check/model.ts'
import { models } from '../../src/check/models.ts'
import { bitOf, type Sometimes } from '../../src/check/moves/occurrence.ts'
import { partsOf } from '../../src/check/parts.ts'
import { active, answered, inService, type Share } from '../../src/check/state/share.ts'
import { inFlight, running } from '../../src/check/state/task-position.ts'
import { exploringThread, modelNamed } from './bundled.ts'
import { everyState } from './every-state.ts'

const { explore, end } = await exploringThread()
afterAll(end)

const page = readFileSync(new URL('../../../../docs/model-checking.md', import.meta.url), 'utf8')

const verdictOf = ({ outcome, complete, cutBy, counterexample, reached, neverReached, liveness }: Exploration) => ({
  outcome,
  complete,
  cutBy,
  counterexample,
  reached,
  neverReached,
  doomed: liveness?.doomed,
})

/** What can only come of something that a model has or has not: elsewhere it would have been reached for another reason. */
const causes: ReadonlyArray<readonly [name: Sometimes, isThere: (model: Model) => boolean]> = [
  ['a message was lost', ({ misfortunes }) => misfortunes.lost > 0],
  ['a message came in two copies', ({ misfortunes }) => misfortunes.duplicated > 0],
  ['the sweep found a termination whose notice never came', ({ misfortunes }) => misfortunes.lost > 0],
  ['the sweep found a STOPPED task whose event never came', ({ misfortunes }) => misfortunes.lost > 0],
  ['a function crashed after an append and before its effect', ({ misfortunes }) => misfortunes.crashes > 0],
  ['a function crashed after a call had taken effect', ({ misfortunes }) => misfortunes.crashes > 0],
  ['a call failed and was made again', ({ misfortunes }) => misfortunes.failures + misfortunes.unanswered > 0],
  ['an instance that was in no list was found all the same', ({ misfortunes }) => misfortunes.failures > 0],
  ['a sweep was not told who waits, and said that time had passed', ({ misfortunes }) => misfortunes.failures > 0],
  ['a call took effect and its answer was lost', ({ misfortunes }) => misfortunes.unanswered > 0],
  ['the hook timed out', ({ misfortunes }) => misfortunes.hookTimeouts > 0],
  ['two functions were at work on one stream', ({ handlers }) => handlers > 1],
  ['two functions wrote to one stream, and the second met a conflict', ({ handlers }) => handlers > 1],
  [
    'a task appeared on the instance after DRAINING',
    ({ tasks, taskSlots }) => tasks.includes('in flight') || taskSlots > tasks.length,
  ],
  ['a list or description was out of date', ({ staleReads }) => staleReads],
  ['the deadline decided', ({ deadline }) => deadline !== null],
  ["another hook's notice was ignored", ({ foreignHook }) => foreignHook],
  [
    'a task was told to stop by us',
    ({ standalone, deadline }) => standalone !== null || deadline?.choice === 'stop-tasks',
  ],
  ['somebody set the instance ACTIVE, and it was set DRAINING again', ({ setActiveByOthers }) => setActiveByOthers],
]

const none: Model['misfortunes'] = { lost: 0, duplicated: 0, crashes: 0, failures: 0, unanswered: 0, hookTimeouts: 0 }

const isPossibleIn = (model: Model, name: Sometimes): boolean => {
  const has = model.misfortunesInTotal === 0 ? { ...model, misfortunes: none } : model
  return causes.find(([caused]) => caused === name)?.[1](has) ?? true
}

/** Where four wake-ups under way are not always enough; docs/model-checking.md names them. */
const wakeUpsForgoneIn = ['all-faults', 'set-active-by-others', 'sweep-and-handler', 'heartbeats', 'standalone-tasks']

describe('S1 to S5, L1 and L2 hold in every state of', () => {
  test.each(models.map(({ name }) => name))('%s', { timeout: 240_000 }, async (name) => {
    const whole = await explore(modelNamed(name))
    const { outcome, complete, counterexample, neverReached, liveness, states, transitions, depth } = whole
    expect(counterexample).toBeNull()
    expect({ outcome, complete, neverReached }).toEqual({ outcome: 'holds', complete: true, neverReached: [] })
    const { sweeps, setActiveByOthers } = modelNamed(name)
    const asked = sweeps ? (setActiveByOthers ? [0, 0] : [0, 0, 0]) : [0]
    expect(Object.values(liveness?.doomed ?? { unchecked: 1 })).toEqual(asked)
    expect(whole.wakeUpsForgone > 0).toBe(wakeUpsForgoneIn.includes(name))
    const reduced = await explore(modelNamed(name), { reduction: true })
    expect(verdictOf(reduced)).toEqual(verdictOf(whole))
    expect(reduced.states).toBeLessThanOrEqual(states)
    const { instances, taskSlots } = modelNamed(name)
    if (instances * taskSlots > 1) {
      const told = await explore(modelNamed(name), { symmetry: false })
      expect(verdictOf(told)).toEqual(verdictOf(whole))
      expect(told.states).toBeGreaterThan(states)
    }
    expect(whole.reached.filter((each) => !isPossibleIn(modelNamed(name), each))).toEqual([])
    const figures = [states, transitions].map((figure) => figure.toLocaleString('en-US'))
    expect(page, 'docs/model-checking.md').toContain(`| \`${name}\` | ${figures.join(' | ')} | ${depth} |`)
  })
})

describe('what is not looked at is said', () => {
  test.each([
    ['depth', { depth: 10 }],
    ['states', { states: 500 }],
    ['memory', { memory: 1 }],
  ] as const)('a bound on %s', async (cutBy, bound) => {
    const { outcome, complete, counterexample } = await explore(modelNamed('calm'), bound)
    expect({ outcome, complete, counterexample }).toEqual({ outcome: 'bounded', complete: false, counterexample: null })
    expect((await explore(modelNamed('calm'), bound)).cutBy).toBe(cutBy)
  })

  // With a fourth misfortune on a path there was none, and a replacement that nobody had started.
  test.each<readonly [what: string, change: Partial<Model>]>([
    ['instances', { instances: 3 }],
    ['tasks', { tasks: ['RUNNING', 'RUNNING', 'RUNNING'] }],
    ['taskSlots', { taskSlots: 5 }],
    ['service.desired', { service: { desired: 8, floor: 1, ceiling: 9 } }],
    ['handlers', { handlers: 3 }],
    ['lifetime', { lifetime: 2 }],
    ['lifetime beside another function', { lifetime: 1, handlers: 2 }],
    ['batch', { batch: 3 }],
    ['hopsMax', { hopsMax: 8 }],
    ['ticks of a deadline or heartbeat', { deadline: { after: 8, choice: 'wait', stopGrace: 0 } }],
    ['standalone.after', { standalone: { after: 8 } }],
    ['misfortunes.lost', { misfortunes: { ...none, lost: 4 } }],
    ['misfortunesInTotal', { misfortunesInTotal: 4 }],
  ])('more %s than a state has room for', (what, change) => {
    expect(() => partsOf({ ...modelNamed('calm'), ...change })).toThrow(`${what}: `)
  })

  test.each<Partial<Model>>([{ tasks: [] }, { tasks: ['RUNNING', 'in flight'] }, { standalone: { after: 1 } }])(
    'a floor that is broken before anything happens has no counterexample: %o',
    (change) => {
      expect(() => partsOf({ ...modelNamed('calm'), ...change })).toThrow('service.floor: 2 is more than ')
    },
  )

  test('a model in which nothing happens proves nothing', async () => {
    // By AWS's own rules: with two tasks of two at least, and two at most, ECS may neither stop one nor start one.
    const stuck: Model = { ...modelNamed('calm'), service: { desired: 2, floor: 2, ceiling: 2 } }
    const { outcome, neverReached } = await explore(stuck, { liveness: false })
    expect(outcome).toBe('never-reached')
    expect(neverReached).toEqual([
      'a lifecycle action was completed because the last task had stopped',
      'a drain waited for a STOPPED event',
    ])
    expect((await explore(stuck)).outcome).toBe('liveness')
  })
})

describe('nobody is counted on who need not do anything', () => {
  const statesMost = 20_000

  test.each(['set-active-by-others', 'two-handlers', 'late-placement', 'foreign-hook', 'standalone-tasks'])(
    '%s',
    (name) => {
      const { standalone } = modelNamed(name)
      const parts = partsOf(modelNamed(name))
      const table = everyState(parts, statesMost)
      const { shares, graph } = parts
      const common = graph.width - 1
      const voluntary: Array<string> = []
      const countIn = (share: Share | undefined, position: number): number =>
        share?.tasks.filter((at) => at === position).length ?? 0
      for (let state = 0; state < Math.min(table.size(), statesMost); state += 1) {
        const before = table.rows().slice(state * graph.width, (state + 1) * graph.width)
        graph.expand(before, 0, fairSteps, (next, _action, _violation, reached) => {
          const [was, is] = [before[0] ?? 0, next[0] ?? 0].map((share) => shares.unpacked(share))
          if (was?.life !== is?.life && was?.life === inService) voluntary.push('a termination')
          if (was?.wasSetActive !== is?.wasSetActive) voluntary.push('somebody sets it ACTIVE')
          if (was?.status === active && countIn(is, running) < countIn(was, running))
            voluntary.push('a task too many is stopped')
          const isOurs = was?.handlers[0]?.invocation !== is?.handlers[0]?.invocation
          if (standalone !== null && !isOurs && countIn(is, running) < countIn(was, running))
            voluntary.push('a task ends')
          if (countIn(is, inFlight) > countIn(was, inFlight)) voluntary.push('a task is placed just there')
          if (was?.foreignAction !== is?.foreignAction && is?.foreignAction === answered)
            voluntary.push('others answer')
          if ((reached & bitOf('a list or description was out of date')) !== 0)
            voluntary.push('an answer is out of date')
          if (((before[common] ?? 0) >> 12) % 4 !== ((next[common] ?? 0) >> 12) % 4) voluntary.push('a misfortune')
          return false
        })
      }
      expect(voluntary).toEqual([])
    },
  )

  test('events alone bring the completion about, whatever goes wrong but the loss of a message', {
    timeout: 60_000,
  }, async () => {
    const patient: Model = { ...modelNamed('two-instances-with-faults'), hopsMax: 3 }
    const { outcome, complete, liveness } = await explore(patient)
    expect({ outcome, complete }).toEqual({ outcome: 'holds', complete: true })
    expect(Object.values(liveness?.doomed ?? {})).toEqual([0])
  })

  test('nor on a wake-up that was left out because as many were under way as are told apart', {
    timeout: 60_000,
  }, async () => {
    const { misfortunes } = modelNamed('slow-functions')
    const crashing: Model = {
      ...modelNamed('slow-functions'),
      misfortunes: { ...misfortunes, crashes: 2 },
      misfortunesInTotal: 2,
    }
    const { outcome, complete, liveness, wakeUpsForgone } = await explore(crashing, { reduction: true })
    expect({ outcome, complete }).toEqual({ outcome: 'holds', complete: true })
    expect(Object.values(liveness?.doomed ?? {})).toEqual([0, 0, 0])
    expect(wakeUpsForgone).toBeGreaterThan(0)
  })
})

describe('reductions change the number of states and not the verdict', () => {
  const small: Model = { ...modelNamed('calm'), stopping: 'fewest', sweeps: false }
  const pair: Model = {
    ...small,
    instances: 2,
    tasks: ['RUNNING'],
    taskSlots: 1,
    service: { desired: 2, floor: 2, ceiling: 4 },
  }

  test.each([
    ['tasks', small],
    ['instances', pair],
  ])('symmetry of %s', async (_, model) => {
    const reduced = await explore(model)
    const whole = await explore(model, { symmetry: false })
    expect(reduced.outcome).toBe('holds')
    expect(whole.outcome).toBe('holds')
    expect(whole.reached).toEqual(reduced.reached)
    expect(whole.states).toBeGreaterThan(reduced.states * 1.5)
    expect(whole.states).toBeLessThanOrEqual(reduced.states * 2)
  })

  // It did, for the few shares at which a table had just grown.
  test('no tick of the clock leads back to the beginning', () => {
    const parts = partsOf(modelNamed('calm'))
    everyState(parts)
    const { shares } = parts
    const workedOut = Array.from({ length: shares.size() }, (_, share) => share).filter(
      (share) => share !== shares.first && shares.from(share, 0) !== -1,
    )
    expect(workedOut.length).toBeGreaterThan(1 << 14)
    expect(workedOut.filter((share) => shares.tickOf(share) < -1)).toEqual([])
    expect(workedOut.filter((share) => shares.tickOf(share) === shares.first)).toEqual([])
  })

  test('the same exploration twice is the same', async () => {
    const [one, other] = [await explore(small), await explore(small)]
    for (const each of ['states', 'transitions', 'depth', 'reached', 'interned'] as const) {
      expect(other[each]).toEqual(one[each])
    }
  })
})
