import fc from 'fast-check'
import { expect, test } from 'vitest'
import { judgeTrace } from '../../src/promise/judge.ts'
import { hookEndings, kinds, type Trace, taskStatuses } from '../../src/trace/trace.ts'
import { aPlan, aService, traceOf } from '../measure/trace-builder.ts'

const floor = 2
const plan = aPlan({ services: [aService({ desired: floor })] })

type Step =
  | { readonly do: 'status'; readonly task: number; readonly status: (typeof taskStatuses)[number] }
  | { readonly do: 'healthy'; readonly task: number; readonly healthy: boolean }
  | { readonly do: 'kill'; readonly task: number }
  | { readonly do: 'place'; readonly instance: number }
  | { readonly do: 'continue'; readonly instance: number }

const task = fc.nat(3)
const instance = fc.nat(1)
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ do: fc.constant('status' as const), task, status: fc.constantFrom(...taskStatuses) }),
  fc.record({ do: fc.constant('status' as const), task, status: fc.constant('STOPPED' as const) }),
  fc.record({ do: fc.constant('healthy' as const), task, healthy: fc.boolean() }),
  fc.record({ do: fc.constant('kill' as const), task }),
  fc.record({ do: fc.constant('place' as const), instance }),
  fc.record({ do: fc.constant('continue' as const), instance }),
)
const steps = fc.array(fc.tuple(fc.constantFrom(0, 0, 1, 5), step), { maxLength: 30 })

/** Two hosts with two tasks each, both waiting for a hook of ours, and then whatever comes. */
const traceOfSteps = (list: ReadonlyArray<readonly [number, Step]>): Trace => {
  const world = traceOf(plan)
  const hosts = [world.instance(0), world.instance(0)]
  for (const host of [...hosts, ...hosts]) world.task(0, host)
  const actions = hosts.map((host) => world.action(1, host))
  let at = 2
  for (const [wait, each] of list) {
    at += wait
    if (each.do === 'status') world.status(at, each.task, each.status)
    else if (each.do === 'healthy') world.healthy(at, each.task, each.healthy)
    else if (each.do === 'kill') world.kill(at, each.task)
    else if (each.do === 'place') world.task(at, hosts[each.instance] ?? 0)
    else world.end(at, actions[each.instance] ?? 0)
  }
  world.write(at + 1, 'settled', 0, 0)
  return world.trace()
}

interface Seen {
  readonly at: number
  readonly kind: (typeof kinds)[number]
  readonly a: number
  readonly b: number
}

const recordsOf = (trace: Trace): ReadonlyArray<Seen> =>
  Array.from({ length: trace.length }, (_, i) => ({
    at: trace.at[i] ?? 0,
    kind: kinds[trace.kind[i] ?? 0] ?? 'settled',
    a: trace.a[i] ?? 0,
    b: trace.b[i] ?? 0,
  }))

const last = (records: ReadonlyArray<Seen>, kind: Seen['kind'], a: number): number =>
  records.findLast((each) => each.kind === kind && each.a === a)?.b ?? -1

const isStopped = (records: ReadonlyArray<Seen>, number: number): boolean =>
  last(records, 'task-last-status', number) === taskStatuses.indexOf('STOPPED')

const placedOn = (records: ReadonlyArray<Seen>, host: number): ReadonlyArray<number> =>
  records.filter(({ kind, b }) => kind === 'task-placed' && b === host).map(({ a }) => a)

const count = (records: ReadonlyArray<Seen>): number =>
  [...new Set(records.filter(({ kind }) => kind === 'task-placed').map(({ a }) => a))].filter(
    (number) =>
      last(records, 'task-healthy', number) === 1 &&
      last(records, 'task-last-status', number) === taskStatuses.indexOf('RUNNING') &&
      last(records, 'task-killed', number) === -1,
  ).length

/** S1 by its words: look at each first CONTINUE, and at what came to the host after it. */
const naiveS1 = (records: ReadonlyArray<Seen>): boolean =>
  [0, 1].every((host) => {
    const index = records.findIndex(({ kind, a }) => kind === 'hook-ended' && a === host)
    if (index < 0) return true
    const before = records.slice(0, index)
    const late = records.slice(index).some(({ kind, b }) => kind === 'task-placed' && b === host)
    const again = records.slice(index + 1).flatMap((each, offset) => {
      const isEnd = each.kind === 'hook-ended' && each.a === host && each.b === hookEndings.indexOf('CONTINUE')
      return isEnd ? [records.slice(0, index + 1 + offset)] : []
    })
    const allStopped = [before, ...again].every((seen) =>
      placedOn(seen, host).every((number) => isStopped(seen, number)),
    )
    return allStopped && !late
  })

/** S2 by its words: the count at the end of every instant, from the record on at which it first reached the floor. */
const naiveS2 = (records: ReadonlyArray<Seen>): boolean => {
  const armed = records.findIndex((_, index) => count(records.slice(0, index + 1)) >= floor)
  if (armed < 0) return true
  return records.every((each, index) => {
    const endsInstant = records[index + 1]?.at !== each.at
    return index < armed || !endsInstant || count(records.slice(0, index + 1)) >= floor
  })
}

test('S1 and S2 are what a naive reading of the trace finds', () => {
  const found = { s1Broken: 0, s1Held: 0, s2Broken: 0, s2Held: 0 }
  fc.assert(
    fc.property(steps, (list) => {
      const trace = traceOfSteps(list)
      const records = recordsOf(trace)
      const { promises } = judgeTrace(plan, trace)
      const held = (name: string): boolean | undefined => promises.find((each) => each.name.startsWith(name))?.held
      expect(held('S1')).toBe(naiveS1(records))
      expect(held('S2')).toBe(naiveS2(records))
      found[held('S1') === true ? 's1Held' : 's1Broken'] += 1
      found[held('S2') === true ? 's2Held' : 's2Broken'] += 1
    }),
    { numRuns: 400 },
  )
  // Agreement shows nothing unless both answers were given.
  expect(Math.min(...Object.values(found))).toBeGreaterThan(10)
})

test('a witness always names a time and an instance', () => {
  fc.assert(
    fc.property(steps, (list) => {
      const { promises } = judgeTrace(plan, traceOfSteps(list))
      for (const { held, witness } of promises) {
        expect(held).toBe(witness === undefined)
        if (witness !== undefined) expect(witness).toMatch(/^at \d+\.\d s .*i-0/)
      }
    }),
    { numRuns: 200 },
  )
})
