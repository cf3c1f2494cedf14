// Everything that can happen in small clusters, with the code that ships. Each model is explored to its end here; what a
// bound would cut is no proof.
import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import type { Exploration } from '../../src/check/explore.ts'
import type { Model } from '../../src/check/model.ts'
import { models } from '../../src/check/models.ts'
import { partsOf } from '../../src/check/parts.ts'
import { everyStep } from '../../src/check/state-graph.ts'
import { createWordsTable } from '../../src/check/words-table.ts'
import { bundledExplorer } from './bundled.ts'

const { explore, modelNamed } = await bundledExplorer()

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

/** Where four wake-ups under way are not always enough; docs/model-checking.md names them. */
const wakeUpsForgoneIn = ['all-faults', 'set-active-by-others', 'sweep-and-handler', 'heartbeats']

describe('S1 to S5, L1 and L2 hold in every state of', () => {
  test.each(models.map(({ name }) => name))('%s', { timeout: 240_000 }, (name) => {
    const whole = explore(modelNamed(name))
    const { outcome, complete, counterexample, neverReached, liveness, states, transitions, depth } = whole
    expect(counterexample).toBeNull()
    expect({ outcome, complete, neverReached }).toEqual({ outcome: 'holds', complete: true, neverReached: [] })
    const { sweeps, setActiveByOthers } = modelNamed(name)
    const asked = sweeps ? (setActiveByOthers ? [0, 0] : [0, 0, 0]) : [0]
    expect(Object.values(liveness?.doomed ?? { unchecked: 1 })).toEqual(asked)
    expect(whole.wakeUpsForgone > 0).toBe(wakeUpsForgoneIn.includes(name))
    const reduced = explore(modelNamed(name), { reduction: true })
    expect(verdictOf(reduced)).toEqual(verdictOf(whole))
    expect(reduced.states).toBeLessThanOrEqual(states)
    const figures = [states, transitions].map((figure) => figure.toLocaleString('en-US'))
    expect(page, 'docs/model-checking.md').toContain(`| \`${name}\` | ${figures.join(' | ')} | ${depth} |`)
  })
})

describe('what is not looked at is said', () => {
  test.each([
    ['depth', { depth: 10 }],
    ['states', { states: 500 }],
    ['memory', { memory: 1 }],
  ] as const)('a bound on %s', (cutBy, bound) => {
    const { outcome, complete, counterexample } = explore(modelNamed('calm'), bound)
    expect({ outcome, complete, counterexample }).toEqual({ outcome: 'bounded', complete: false, counterexample: null })
    expect(explore(modelNamed('calm'), bound).cutBy).toBe(cutBy)
  })

  test('a model in which nothing happens proves nothing', () => {
    // By AWS's own rules: with two tasks of two at least, and two at most, ECS may neither stop one nor start one.
    const stuck: Model = { ...modelNamed('calm'), service: { desired: 2, floor: 2, ceiling: 2 } }
    const { outcome, neverReached } = explore(stuck, { liveness: false })
    expect(outcome).toBe('never-reached')
    expect(neverReached).toEqual([
      'a lifecycle action was completed because the last task had stopped',
      'a drain waited for a STOPPED event',
    ])
    expect(explore(stuck).outcome).toBe('liveness')
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
  ])('symmetry of %s', (_, model) => {
    const reduced = explore(model)
    const whole = explore(model, { symmetry: false })
    expect(reduced.outcome).toBe('holds')
    expect(whole.outcome).toBe('holds')
    expect(whole.reached).toEqual(reduced.reached)
    expect(whole.states).toBeGreaterThan(reduced.states * 1.5)
    expect(whole.states).toBeLessThanOrEqual(reduced.states * 2)
  })

  // It did, for the few shares at which a table had just grown.
  test('no tick of the clock leads back to the beginning', () => {
    const { shares, graph } = partsOf(modelNamed('calm'))
    const table = createWordsTable(graph.width)
    table.put(graph.first, 0)
    for (let state = 0; state < table.size(); state += 1) {
      graph.expand(table.rows(), state * graph.width, everyStep, (next) => {
        table.put(next, 0)
        return false
      })
    }
    const workedOut = Array.from({ length: shares.size() }, (_, share) => share).filter(
      (share) => share !== shares.first && shares.from(share, 0) !== -1,
    )
    expect(workedOut.length).toBeGreaterThan(1 << 14)
    expect(workedOut.filter((share) => shares.tickOf(share) < -1)).toEqual([])
    expect(workedOut.filter((share) => shares.tickOf(share) === shares.first)).toEqual([])
  })

  test('the same exploration twice is the same', () => {
    const [one, other] = [explore(small), explore(small)]
    for (const each of ['states', 'transitions', 'depth', 'reached', 'interned'] as const) {
      expect(other[each]).toEqual(one[each])
    }
  })
})
