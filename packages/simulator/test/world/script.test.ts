// Misfortunes that a plan puts at exact places, as a replayed counterexample needs them: this call or message, and no other.
import { streamOf } from '@ecs-drain/core'
import { describe, expect, test } from 'vitest'
import { completePlan, type PlanSketch } from '../../src/plan/defaults.ts'
import {
  containerInstanceStates,
  failureKinds,
  faultSites,
  invocationEndings,
  messageKinds,
  plannedFault,
} from '../../src/trace/trace.ts'
import { calling, draining, runOf } from './running.ts'

type Script = NonNullable<NonNullable<PlanSketch['faults']>['script']>

const update = 'UpdateContainerInstancesState'

const drainingOf = (run: ReturnType<typeof runOf>) =>
  run.of('container-instance').filter(({ b }) => containerInstanceStates[b] === 'DRAINING')

/** Two instances terminate, and to the notice of each its function answers with DRAINING, twice over. */
const runWith = (script: Script) => {
  const replies: Array<unknown> = []
  const controller = calling(
    ['termination'],
    (message, execution) => [draining(message, execution), draining(message, execution)],
    (_, heard) => {
      replies.push(heard.map(({ failure }) => failure?.type ?? 'answered'))
    },
  )
  const plan = completePlan({
    groups: [{ desired: 2 }],
    services: [],
    parameters: { 'function.redelivery': 30, 'queue.window': 0 },
    happenings: [
      { do: 'terminate-instance', old: 0, atSeconds: 10 },
      { do: 'terminate-instance', old: 1, atSeconds: 60 },
    ],
    untilSeconds: 200,
    faults: { script },
  })
  const run = runOf(plan, controller)
  const endings = run.of('invocation-ended').map(({ b }) => invocationEndings[b])
  const faults = run.of('fault').map(({ a }) => faultSites[a])
  return { run, replies, endings, faults, drained: drainingOf(run) }
}

const answered = ['answered', 'answered']

describe('a call', () => {
  test('without a script nothing goes wrong', () => {
    expect(runWith([])).toMatchObject({ replies: [answered, answered], endings: ['done', 'done'], faults: [] })
  })

  test.each([0, 1, 2, 3])('fails and does nothing, number %i of its kind over all functions', (nth) => {
    const { replies, faults } = runWith([{ do: 'fail-call', call: update, nth }])
    const expected = [[...answered], [...answered]]
    const row = expected[nth >> 1] as Array<string>
    row[nth % 2] = 'Unavailable'
    expect(replies).toEqual(expected)
    expect(faults).toEqual(['api.unavailable'])
  })

  test.each([
    ['takes effect, and its answer is lost', 'lose-answer', 1, 'api.timeout.applied'],
    ['is lost on its way, so it has no effect', 'lose-request', 0, 'api.timeout.lost'],
  ] as const)('%s: the caller waits in vain', (_, fate, effects, fault) => {
    const once = calling(['termination'], (message, execution) => [draining(message, execution)])
    const plan = completePlan({
      services: [],
      happenings: [{ do: 'terminate-instance' }],
      faults: { script: [{ do: fate, call: update, nth: 0 }] },
    })
    const run = runOf(plan, once)
    expect(run.of('api-failed').map(({ b }) => failureKinds[b])).toEqual(['TimedOut'])
    expect(drainingOf(run)).toHaveLength(effects)
    expect(run.of('fault').map(({ a }) => faultSites[a])).toEqual([fault])
  })

  test.each([
    ['crash-before', 1],
    ['crash-after', 1],
  ] as const)('%s: the function dies there and its message comes back, %i time', (fate, times) => {
    const { endings, replies, faults } = runWith([{ do: fate, call: update, nth: 1 }])
    expect(endings.filter((ending) => ending === 'crashed')).toHaveLength(times)
    expect(replies).toEqual([answered, answered])
    expect(faults).toEqual(['function.crash'])
  })

  test.each([
    ['crash-before', false],
    ['crash-after', true],
  ] as const)('%s: whether it had taken effect when the function died: %s', (fate, takesEffect) => {
    const { run, drained } = runWith([{ do: fate, call: update, nth: 0 }])
    const crashed = run.of('invocation-ended').find(({ b }) => invocationEndings[b] === 'crashed')
    const again = run.of('invocation-started').find(({ at }) => at > (crashed?.at ?? Number.POSITIVE_INFINITY))
    expect(again).toBeDefined()
    expect((drained[0]?.at ?? Number.POSITIVE_INFINITY) < (again?.at ?? 0)).toBe(takesEffect)
    // What AWS was asked counts, also where nobody waits for the answer.
    expect(run.of('api-call')).toHaveLength(takesEffect ? 5 : 4)
  })

  test.each([
    ['is refused and writes nothing', 'fail-call', 'Unavailable', 0, 'store.unavailable'],
    ['is lost on its way, so it writes nothing', 'lose-request', 'TimedOut', 0, 'api.timeout.lost'],
    ['writes, and its answer is lost', 'lose-answer', 'TimedOut', 1, 'api.timeout.applied'],
  ] as const)('to the event store %s', (_, fate, failure, written, fault) => {
    const heard: Array<unknown> = []
    const controller = calling(
      ['termination'],
      ({ instance }, { directory }) => [
        {
          type: 'AppendToStream',
          stream: streamOf(directory.instanceId(instance)),
          expectedVersion: 0,
          events: [{ type: 'Swept', at: 0 }],
          index: { watched: false, containerInstances: [] },
        },
      ],
      (_message, [reply]) => heard.push(reply?.failure?.type ?? 'answered'),
    )
    const script: Script = [{ do: fate, call: 'AppendToStream', nth: 0 }]
    const happenings = [{ do: 'terminate-instance' as const }]
    const run = runOf(completePlan({ services: [], happenings, faults: { script } }), controller)
    expect(heard).toEqual([failure])
    expect(run.of('decision')).toHaveLength(written)
    expect(run.of('fault').map(({ a }) => faultSites[a])).toEqual([fault])
  })

  test('of another kind or number goes well', () => {
    const { faults, replies } = runWith([
      { do: 'fail-call', call: update, nth: 4 },
      { do: 'fail-call', call: 'StopTask', nth: 0 },
    ])
    expect([faults, replies]).toEqual([[], [answered, answered]])
  })
})

describe('a message', () => {
  const arrivals = (script: Script) => {
    const { run } = runWith(script)
    const sizes = run.of('invocation-started').map(({ b }) => b)
    return {
      copies: run.of('message-duplicated').map(({ b }) => messageKinds[b]),
      faults: run.of('fault').map(({ a }) => faultSites[a]),
      arrived: sizes.reduce((a, b) => a + b, 0),
    }
  }

  test.each([0, 1])('arrives twice, number %i of its kind', (nth) => {
    expect(arrivals([{ do: 'deliver-twice', message: 'termination', nth }])).toEqual({
      copies: ['termination'],
      faults: ['bus.duplicate'],
      arrived: 3,
    })
  })

  test('of another kind or number arrives once', () => {
    const script: Script = [
      { do: 'deliver-twice', message: 'termination', nth: 2 },
      { do: 'deliver-twice', message: 'wake-up', nth: 0 },
      { do: 'fail-call', call: 'StopTask', nth: 0 },
    ]
    expect(arrivals(script)).toEqual({ copies: [], faults: [], arrived: 2 })
  })

  test('each of several that are named arrives twice', () => {
    const script: Script = [0, 1].map((nth) => ({ do: 'deliver-twice', message: 'termination', nth }))
    expect(arrivals(script)).toEqual({
      copies: ['termination', 'termination'],
      faults: ['bus.duplicate', 'bus.duplicate'],
      arrived: 4,
    })
  })

  test.each([0, 1])('is lost, number %i of its kind', (nth) => {
    const lose = [{ message: 'termination', nth }] as const
    const plan = completePlan({
      groups: [{ desired: 2 }],
      services: [],
      happenings: [
        { do: 'terminate-instance', old: 0, atSeconds: 10 },
        { do: 'terminate-instance', old: 1, atSeconds: 60 },
      ],
      untilSeconds: 200,
      faults: { lose },
    })
    const told: Array<number> = []
    const run = runOf(
      plan,
      calling(['termination'], ({ instance }) => {
        told.push(instance)
        return []
      }),
    )
    expect(told).toEqual([1 - nth])
    expect(run.of('message-lost').map(({ b }) => messageKinds[b])).toEqual(['termination'])
    expect(run.of('fault').map(({ a, b }) => [faultSites[a], b])).toEqual([['bus.drop', plannedFault]])
  })
})
