// Each fault strikes where it should, does what it says, and ends when the storm does.
import type { Answer, Call, StreamId } from '@ecs-drain/core'
import { describe, expect, test } from 'vitest'
import type { Message } from '../../src/controller/controller.ts'
import { completePlan, type PlanSketch } from '../../src/plan/defaults.ts'
import type { FaultSite } from '../../src/plan/plan.ts'
import { simulate } from '../../src/simulate.ts'
import { DECISION, FAULT } from '../../src/trace/kind-numbers.ts'
import { faultSites, messageKinds } from '../../src/trace/trace.ts'
import { createWorld } from '../../src/world/world.ts'
import { calling, draining, onlyDrains, runOf, silent } from './running.ts'

const always = (site: FaultSite, sketch: PlanSketch = {}, perMille = 1000) =>
  completePlan({
    groups: [{ desired: 2 }],
    happenings: [{ do: 'terminate-instance' }],
    untilSeconds: 1200,
    ...sketch,
    faults: { perMille: { [site]: perMille }, untilSeconds: 600, ...sketch.faults },
  })

const strikesOf = (run: ReturnType<typeof runOf>, site: FaultSite) =>
  run.of('fault').filter(({ a }) => a === faultSites.indexOf(site))

/** To the notice of a termination its function answers with a wake-up for itself. */
const wakesItselfAfter = (ms: number, hops = 1) =>
  calling(['termination', 'wake-up'], ({ kind, instance }, execution) => {
    const { directory } = execution
    const stream = `ec2-instance/${directory.instanceId(instance)}` as StreamId
    return kind === 'wake-up'
      ? []
      : [{ type: 'SendWakeUp', stream, at: directory.startMs + execution.now() + ms, hops }]
  })

// A queue delays a message by 900 s at most, and Lambda stops a chain of messages to oneself after 16 (AWS: SQS, DelaySeconds; Lambda,
// recursive loop detection).
test.each([
  [2000, 16, [900]],
  [2000, 17, []],
  [1.2, 1, [2]],
])('a wake-up in %d s, the %i. of its chain, arrives after %j s', (seconds, hops, arrivals) => {
  const parameters = { 'bus.event': 0, 'queue.window': 0, 'function.start': 0 }
  const run = runOf(always('clock.skew', { parameters }, 0), wakesItselfAfter(seconds * 1000, hops))
  const sent = run.of('message-sent').find(({ b }) => messageKinds[b] === 'wake-up')?.at ?? Number.NaN
  const woken = run.of('invocation-started').slice(1)
  expect(woken.map(({ at }) => (at - sent) / 1000)).toEqual(arrivals)
})

describe('clock.skew', () => {
  const clocks = (plan: ReturnType<typeof always>) => {
    const seen: number[] = []
    const world = createWorld(plan, {
      subscribes: ['sweep'],
      handle: (batch, execution) => {
        seen.push(execution.now() - (batch[0] as Message).at)
        execution.end([])
      },
    })
    world.run()
    return seen
  }

  test('makes the clocks of functions wrong, either way, and only while faults strike', () => {
    const plan = always('clock.skew', {
      parameters: { 'function.clockSkew': 30_000, 'bus.event': 0, 'queue.window': 0, 'function.start': 0 },
      controller: { sweepEverySeconds: 10 },
      faults: { untilSeconds: 60 },
    })
    const offsets = clocks(plan)
    expect(new Set(offsets)).toEqual(new Set([30_000, -30_000, 0]))
    expect(offsets.lastIndexOf(30_000)).toBeLessThan(offsets.lastIndexOf(0))
  })

  test('does not touch the delay of a wake-up, which a queue measures', () => {
    const plan = always('clock.skew', {
      parameters: { 'function.clockSkew': 30_000, 'bus.event': 0, 'queue.window': 0, 'function.start': 0 },
    })
    const run = runOf(plan, wakesItselfAfter(60_000))
    const [sent] = run.of('message-sent').filter(({ b }) => messageKinds[b] === 'wake-up')
    const [, woken] = run.of('invocation-started')
    expect((woken?.at ?? Number.NaN) - (sent?.at ?? Number.NaN)).toBe(60_000)
  })
})

test('placement.fail: no instance has room, though there is some, until the storm is over', () => {
  const run = runOf(always('placement.fail', { parameters: { 'scheduler.backoff': [10, 20] } }), onlyDrains())
  const placed = run.of('task-placed').filter(({ at }) => at > 0)
  expect(strikesOf(run, 'placement.fail').length).toBeGreaterThan(5)
  expect(run.of('placement-failed').every(({ at }) => at < 600_000)).toBe(true)
  expect(placed.length).toBeGreaterThan(0)
  expect(placed.every(({ at }) => at >= 600_000)).toBe(true)
})

test.each([
  ['bus.drop', 0, [1]],
  ['bus.drop', 1000, []],
  ['bus.duplicate', 1000, [1, 1]],
  ['bus.delay', 1000, [51]],
  ['bus.reorder', 1000, [8]],
] as const)('%s, %i times in 1000: the notice of a termination arrives after %j seconds', (site, perMille, seconds) => {
  const arrivals: number[] = []
  const parameters = { 'bus.hook': 1000, 'bus.slow': 50, 'bus.behind': 7, 'queue.window': 0, 'function.start': 0 }
  const hears = calling(['termination'], (message, execution) => {
    arrivals.push((execution.now() - message.at) / 1000)
    return []
  })
  runOf(always(site, { parameters }, perMille), hears)
  expect(arrivals).toEqual(seconds)
})

test.each([
  ['api.throttle', 'Throttled', 1, false],
  ['api.unavailable', 'Unavailable', 1, false],
  ['api.timeout.lost', 'TimedOut', 5, false],
  ['api.timeout.applied', 'TimedOut', 5.5, true],
] as const)(
  '%s: who asks hears %s after %d s, and what he asked for takes effect: %s',
  (site, type, after, takesEffect) => {
    const failures: Array<string | undefined> = []
    const asks = calling(
      ['termination'],
      (message, execution) => [draining(message, execution)],
      (_, replies) => failures.push(...replies.map(({ failure }) => failure?.type)),
    )
    const run = runOf(always(site, { parameters: { 'api.latency': 1000, 'api.timeout': 5 } }), asks)
    expect(failures).toEqual([type])
    const [ended] = run.of('invocation-ended')
    expect((ended?.at ?? Number.NaN) - (run.of('api-call')[0]?.at ?? Number.NaN)).toBe(after * 1000)
    expect(run.of('container-instance').some(({ b, at }) => b === 2 && at < 100_000)).toBe(takesEffect)
    expect(run.of('api-failed')).toHaveLength(1)
  },
)

test.each([
  ['store.unavailable', 'Unavailable', 0],
  ['store.conflict', 'TimedOut', 1],
] as const)('%s: who appends hears %s, and so many commits are there: %i', (site, type, commits) => {
  const heard: Array<unknown> = []
  const asks = calling(
    ['termination', 'sweep'],
    (message, { directory }): ReadonlyArray<Call> => {
      const stream = `ec2-instance/${directory.instanceId(0)}` as StreamId
      const index = { containerInstances: [], watched: false }
      return message.kind === 'termination'
        ? [{ type: 'AppendToStream', stream, expectedVersion: 0, events: [], index }]
        : [{ type: 'LoadStream', stream, after: 0 }]
    },
    ({ kind }, [reply]) => {
      if (kind === 'termination') heard.push(reply?.failure?.type)
      else if (heard.length === 1) heard.push((reply?.answer as Answer<'LoadStream'>)?.length)
    },
  )
  runOf(always(site, { faults: { untilSeconds: 100 } }), asks)
  expect(heard).toEqual([type, commits])
})

test('read.stale: what has just changed is shown as it was', () => {
  const shown: Array<string | undefined> = []
  const asks = calling(
    ['termination'],
    (_, { directory }): ReadonlyArray<Call> => {
      const cluster = directory.clusterName
      const task = directory.taskArn(0)
      const stop: Call = { type: 'StopTask', cluster, task, reason: 'test' }
      return [stop, { type: 'DescribeTasks', cluster, tasks: [task] }]
    },
    (_, [, described]) =>
      shown.push((described?.answer as Answer<'DescribeTasks'> | undefined)?.tasks[0]?.desiredStatus),
  )
  for (const perMille of [1000, 0]) runOf(always('read.stale', { parameters: { 'ecs.listLag': 0 } }, perMille), asks)
  expect(shown).toEqual(['RUNNING', 'STOPPED'])
})

test('agent.disconnect: a task is told to stop when its agent goes, and stops when that is back', () => {
  const plan = always('agent.disconnect', { parameters: { 'agent.away': 200 }, faults: { untilSeconds: 300 } })
  const run = runOf(plan, onlyDrains())
  const agent = run.of('agent').filter(({ a, at }) => a === 0 && at > 0)
  const [told] = run.of('task-desired-status')
  expect(agent.slice(0, 2)).toMatchObject([
    { at: told?.at, b: 0 },
    { at: (told?.at ?? Number.NaN) + 200_000, b: 1 },
  ])
  const stopped = run.of('task-last-status').find(({ a, b }) => a === told?.a && b === 7)
  expect(stopped?.at).toBeGreaterThan(agent[1]?.at ?? Number.NaN)
})

test('host.death: the host is gone with its tasks, and no promise counts it', () => {
  const run = runOf(always('host.death'), onlyDrains())
  const [died] = run.of('host-died')
  expect(died).toBeDefined()
  expect(run.of('task-killed').every(({ at }) => at === died?.at)).toBe(true)
  expect(run.of('task-killed').length).toBeGreaterThan(0)
  const { promises } = simulate(always('host.death'))
  expect(promises.filter(({ held }) => !held)).toEqual([])
  expect(promises.find(({ name }) => name === 'S2 floor')?.excluded.join()).toContain('the host died')
})

test.each([
  ['the first', 3, 0],
  ['the second', 2, 1],
])(
  'queue.twice: two functions get the same messages at once; where %s fails, there are %i handlings in all',
  (_which, times, failing) => {
    const batches: Array<ReadonlyArray<Message>> = []
    const world = createWorld(
      always('queue.twice', { faults: { untilSeconds: 62 }, parameters: { 'function.start': 0 } }),
      {
        subscribes: ['termination'],
        handle: (batch, execution) => {
          batches.push(batch)
          execution.end(batches.length - 1 === failing ? [0] : [])
        },
      },
    )
    world.run()
    // The queue goes by what became of the first receipt: of the second one a failure brings nothing back.
    expect(batches).toHaveLength(times)
    expect(batches[1]).toBe(batches[0])
    expect(batches.slice(2)).toEqual(
      batches.slice(2).map(() => batches[0]?.map((message) => ({ ...message, received: 1 }))),
    )
  },
)

test('store.outage: for a while nobody reaches the event store, whoever asks', () => {
  const replies: Array<{ readonly at: number; readonly failed: boolean }> = []
  const plan = always('store.outage', {
    parameters: { 'store.outage': 30 },
    faults: { untilSeconds: 62 },
    controller: { sweepEverySeconds: 5 },
  })
  const world = createWorld(plan, {
    subscribes: ['sweep'],
    handle: (_batch, execution) => {
      const reply = (failed: boolean) => () => {
        replies.push({ at: execution.now(), failed })
        execution.end([])
      }
      execution.call({ type: 'ListWatchedStreams' }, reply(false), reply(true))
    },
  })
  const trace = world.run()
  const strikes = Array.from(trace.kind).filter(
    (kind, index) => kind === FAULT && trace.a[index] === faultSites.indexOf('store.outage'),
  )
  expect(replies.filter(({ at, failed }) => failed !== at < 62_000)).toEqual([])
  expect(replies.filter(({ failed }) => failed).length).toBeGreaterThan(8)
  // One strike is one outage, however many calls fall into it.
  expect(strikes.length).toBeLessThan(4)
})

describe('change-policy', () => {
  const told = (policy: Readonly<Record<string, unknown>>) => {
    const plan = completePlan({
      happenings: [
        { do: 'terminate-instance', atSeconds: 60 },
        { do: 'change-policy', atSeconds: 63, policy },
      ],
      parameters: { 'scheduler.reaction': 200 },
    })
    const { trace } = simulate(plan)
    return Array.from(trace.kind).flatMap((kind, index) =>
      kind === DECISION ? [trace.cast.decisions[trace.b[index] as number] as string] : [],
    )
  }

  test('is what functions that start later go by', () => {
    expect(told({})).not.toContain('DeadlineReached')
    expect(told({ deadline: { after: 60_000, choice: 'continue' } })).toContain('CompletionForced')
  })

  test('leaves a function that has started with the policy it had', () => {
    const seen: number[] = []
    const plan = completePlan({
      happenings: [
        { do: 'terminate-instance', atSeconds: 60 },
        { do: 'change-policy', atSeconds: 62 },
      ],
      parameters: { 'api.latency': 5000, 'function.start': 0, 'bus.hook': 0, 'queue.window': 0 },
    })
    const world = createWorld(
      plan,
      calling(['termination', 'container-instance'], (message, execution) => {
        seen.push(execution.policyChange)
        return message.kind === 'termination' ? [draining(message, execution)] : []
      }),
    )
    world.run()
    expect(seen[0]).toBe(-1)
    expect(seen.at(-1)).toBe(1)
  })
})

test('a fault is told to who asks, with the instance that it hits', () => {
  const struck: Array<readonly [number, number]> = []
  createWorld(always('bus.duplicate'), silent(), { struck: (site, instance) => struck.push([site, instance]) }).run()
  expect(struck).toContainEqual([faultSites.indexOf('bus.duplicate'), 0])
})
