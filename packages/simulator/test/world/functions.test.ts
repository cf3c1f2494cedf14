// Runs that take too long, and messages that come back too often.
import type { Call, StreamId } from '@ecs-drain/core'
import { describe, expect, test } from 'vitest'
import { completePlan, type PlanSketch } from '../../src/plan/defaults.ts'
import { simulate } from '../../src/simulate.ts'
import { invocationEndings, messageKinds } from '../../src/trace/trace.ts'
import { calling, completing, draining, entriesOf, runOf } from './running.ts'

const endedWith = (run: Pick<ReturnType<typeof runOf>, 'of'>) =>
  run.of('invocation-ended').map(({ a, b }) => [a, invocationEndings[b]])

const plan = (sketch: PlanSketch = {}) => completePlan({ happenings: [{ do: 'terminate-instance' }], ...sketch })

describe('a run that takes longer than the function may', () => {
  /** The first run would need ten seconds for its calls, the second one. */
  const slow = (timeout: number) => {
    let tries = 0
    const controller = calling(['termination'], (message, execution) => {
      tries += 1
      return tries > 1
        ? [completing(message, execution)]
        : Array.from({ length: 10 }, () => draining(message, execution))
    })
    return runOf(plan({ parameters: { 'api.latency': 1000, 'function.timeout': timeout } }), controller)
  }

  test('is cut at that second, and its batch comes back', () => {
    const run = slow(5)
    expect(endedWith(run)).toEqual([
      [0, 'timed out'],
      [1, 'done'],
    ])
    const [started, again] = run.of('invocation-started')
    const [cut] = run.of('invocation-ended')
    expect((cut?.at ?? 0) - (started?.at ?? 0)).toBe(5_000)
    // After the visibility timeout.
    expect((again?.at ?? 0) - (cut?.at ?? 0)).toBeGreaterThanOrEqual(30_000)
    // Five answers had come, the sixth call was about to go out; nothing is called after the end.
    expect(run.of('api-call').filter(({ b }) => b === 0)).toHaveLength(5)
    expect(run.of('hook-ended')).toHaveLength(1)
  })

  test('has what was on its way take effect, and hears of it no more', () => {
    let heard = 0
    const drains = calling(
      ['termination'],
      (message, execution) => [draining(message, execution)],
      () => {
        heard += 1
      },
    )
    const run = runOf(plan({ parameters: { 'api.latency': 6000, 'function.timeout': 2 } }), drains)
    expect(heard).toBe(0)
    const [cut] = run.of('invocation-ended')
    const drained = run.of('container-instance').find(({ b }) => b === 2)
    expect(drained?.at).toBeGreaterThan(cut?.at ?? Number.NaN)
  })

  test('is left alone when it is done in time', () => {
    expect(endedWith(slow(11))[0]).toEqual([0, 'done'])
  })
})

describe('a batch', () => {
  /** So many messages arrive at the same moment. */
  const batches = (messages: number) => {
    const run = runOf(
      completePlan({
        groups: [{ desired: messages }],
        happenings: [{ do: 'ami-update', batch: messages }],
        parameters: { 'bus.hook': 500, 'function.start': 0, 'queue.window': 4_000 },
      }),
      calling(['termination'], () => []),
    )
    const sentAt = run.of('message-sent')[0]?.at ?? Number.NaN
    const [first] = run.of('invocation-started')
    return { records: first?.b, waited: (first?.at ?? Number.NaN) - sentAt }
  }

  test('waits for its window, unless it is full', () => {
    expect(batches(9)).toEqual({ records: 9, waited: 4_500 })
    expect(batches(10)).toEqual({ records: 10, waited: 500 })
  })
})

describe('where no further function may begin', () => {
  test('what waits longer than its window begins as soon as one ends, though more has come meanwhile', () => {
    // Thirty instances go at once. While the first ten are set DRAINING, that is told, and waits for a window of its own.
    const run = runOf(
      completePlan({
        groups: [{ desired: 30, max: 60 }],
        happenings: [{ do: 'ami-update', batch: 30 }],
        parameters: { 'function.concurrency': 1, 'function.start': 0, 'queue.window': 4_000, 'api.latency': 500 },
      }),
      calling(['termination', 'container-instance'], (message, execution) =>
        message.kind === 'termination' ? [draining(message, execution)] : [],
      ),
    )
    const began = run.of('invocation-started')
    const first = began.findIndex(({ b }) => b === 10)
    expect(began.slice(first, first + 3).map(({ b }) => b)).toEqual([10, 10, 10])
    const ended = run.of('invocation-ended').slice(first, first + 2)
    expect(began.slice(first + 1, first + 3).map(({ at }) => at)).toEqual(ended.map(({ at }) => at))
  })
})

test('the call at which a function dies takes effect, or does not', () => {
  const answers = calling(['termination'], (message, execution) => [completing(message, execution)])
  const tookEffect = Array.from({ length: 12 }, (_, seed) => {
    const faults = { perMille: { 'function.crash': 1000 }, untilSeconds: 70 }
    const run = runOf(plan({ seed, faults }), answers)
    expect(run.of('invocation-ended').map(({ b }) => invocationEndings[b])).toEqual(['crashed', 'done'])
    return (run.of('hook-ended')[0]?.at ?? Number.NaN) < (run.of('invocation-started')[1]?.at ?? Number.NaN)
  })
  expect(new Set(tookEffect)).toEqual(new Set([true, false]))
})

test('a bucket is emptied by calls, and filled again by time', () => {
  const refused: Array<boolean> = []
  const asking = calling(
    ['termination'],
    (message, execution) => Array.from({ length: 8 }, () => draining(message, execution)),
    (_, replies) => refused.push(...replies.map(({ failure }) => failure?.type === 'Throttled')),
  )
  // A call each half second, and a token each second.
  runOf(plan({ parameters: { 'api.latency': 500, 'api.ecsModifyBurst': 2, 'api.ecsModifyRefill': 1 } }), asking)
  expect(refused).toEqual([false, false, false, true, false, true, false, true])
})

// AWS: ECS API reference, request throttling.
test.each([false, true])(
  'the reads of ECS share one bucket, its changes another, and all that Auto Scaling is asked a third (backwards: %s)',
  (backwards) => {
    let refused: ReadonlyArray<boolean> = []
    const asking = calling(
      ['termination'],
      (message, execution) => {
        const { directory } = execution
        const cluster = directory.clusterName
        const containerInstance = directory.containerInstanceArn(0)
        const task = directory.taskArn(0)
        const action = directory.action(message.action)
        const stop: Call = { type: 'StopTask', cluster, task, reason: 'test' }
        const ofEach: ReadonlyArray<ReadonlyArray<Call>> = [
          [
            { type: 'ListTasks', cluster, containerInstance, desiredStatus: 'RUNNING', nextToken: null },
            { type: 'DescribeTasks', cluster, tasks: [task] },
            { type: 'ListContainerInstances', cluster, ec2InstanceId: action.instance, nextToken: null },
            { type: 'DescribeContainerInstances', cluster, containerInstances: [containerInstance] },
          ],
          [draining(message, execution), draining(message, execution), stop, stop],
          [
            { type: 'DescribeLifecycleHooks', group: action.group, hook: action.hook },
            { type: 'DescribeAutoScalingGroups', groups: [action.group], nextToken: null },
            { type: 'RecordLifecycleActionHeartbeat', action },
            completing(message, execution),
          ],
        ]
        return ofEach.flatMap((calls) => (backwards ? calls.toReversed() : calls))
      },
      (_, replies) => {
        refused = replies.map(({ failure }) => failure?.type === 'Throttled')
      },
    )
    const bursts = { 'api.ecsReadBurst': 2, 'api.ecsModifyBurst': 2, 'api.autoscalingBurst': 2 }
    runOf(plan({ parameters: { ...bursts, 'api.latency': 1 } }), asking)
    expect(refused).toEqual([1, 2, 3].flatMap(() => [false, false, true, true]))
  },
)

describe('a message that comes back', () => {
  /** Every other answer kills its function until second 600. */
  const crashing = (maxReceives: number, untilSeconds = 600): PlanSketch => ({
    parameters: { 'queue.maxReceives': maxReceives },
    faults: { perMille: { 'function.crash': 1000 }, untilSeconds },
  })
  const answers = () => calling(['termination'], (message, execution) => [completing(message, execution)])

  test('is tried as often as it takes where there is no dead-letter queue', () => {
    const run = runOf(plan(crashing(0)), answers())
    expect(run.of('message-dead-lettered')).toEqual([])
    expect(run.of('invocation-ended').length).toBeGreaterThan(3)
    expect(run.of('invocation-ended').at(-1)?.b).toBe(0)
    expect(run.of('hook-ended')).toHaveLength(1)
  })

  test('goes to the dead-letter queue when it was received as often as is allowed', () => {
    const run = runOf(plan(crashing(3)), answers())
    const dead = run.of('message-dead-lettered')
    const [sent] = run.of('message-sent')
    expect(dead.map(({ a, b }) => [a, messageKinds[b]])).toEqual([[sent?.a, 'termination']])
    expect(endedWith(run).map(([, ending]) => ending)).toEqual(['crashed', 'crashed', 'crashed'])
    expect(dead[0]?.at).toBe(run.of('invocation-ended').at(-1)?.at)
  })

  test('is not waited for once it lies there', () => {
    const run = runOf(plan({ groups: [{ hooks: [{ heartbeatTimeoutSeconds: 300 }] }], ...crashing(1) }), answers())
    expect(run.of('message-dead-lettered')).toHaveLength(1)
    expect(run.entries.at(-1)?.kind).toBe('settled')
  })
})

test('a notice in the dead-letter queue costs a sweep, not the drain', () => {
  const { trace, promises } = simulate(
    plan({
      groups: [{ hooks: [{ heartbeatTimeoutSeconds: 3600 }] }],
      parameters: { 'queue.maxReceives': 2 },
      faults: { perMille: { 'function.crash': 1000 }, untilSeconds: 200 },
    }),
  )
  const entries = entriesOf(trace)
  const dead = entries.filter(({ kind }) => kind === 'message-dead-lettered')
  expect(dead.map(({ b }) => messageKinds[b])).toContain('termination')
  expect(entries.filter(({ kind }) => kind === 'hook-ended').map(({ b }) => b)).toEqual([0])
  expect(promises.filter(({ held }) => !held)).toEqual([])
})

test('who appends to a stream that has grown meanwhile is told what is new', () => {
  const replies: Array<unknown> = []
  const appends = calling(
    ['termination'],
    (_, { directory }): ReadonlyArray<Call> => {
      const stream = `ec2-instance/${directory.instanceId(0)}` as StreamId
      const index = { containerInstances: [], watched: false }
      return [0, 0, 1].map((expectedVersion) => ({
        type: 'AppendToStream',
        stream,
        expectedVersion,
        events: [],
        index,
      }))
    },
    (_, answered) => replies.push(...answered.map(({ answer }) => answer)),
  )
  const run = runOf(plan(), appends)
  const conflict = { type: 'conflict', newer: [{ version: 1, events: [] }] }
  expect(replies).toEqual([{ type: 'appended' }, conflict, { type: 'appended' }])
  expect(run.of('store-conflict')).toHaveLength(1)
})

describe('a decision', () => {
  test('is told when it is stored, whether or not its function hears of it', () => {
    const decided = (sketch: PlanSketch = {}): ReadonlyArray<string> => {
      const { trace, promises } = simulate(plan(sketch))
      expect(promises.filter(({ held }) => !held)).toEqual([])
      const numbers = entriesOf(trace).filter(({ kind }) => kind === 'decision')
      return numbers.map(({ b }) => trace.cast.decisions[b] ?? '')
    }
    const undisturbed = decided()
    const append = undisturbed.indexOf('CompletionDecided')
    expect(append).toBeGreaterThan(0)
    // Each of its appends in turn is the last thing that a function does.
    for (let nth = 0; nth < undisturbed.length - 1; nth += 1) {
      const told = decided({ faults: { script: [{ do: 'crash-after', call: 'AppendToStream', nth }] } })
      // Whoever comes back after the time of a wake-up needs none.
      const always = undisturbed.filter((name) => name !== 'WakeUpSent')
      expect(new Set(told)).toEqual(new Set([...always, ...told]))
      expect(told.filter((name) => name === 'CompletionDecided')).toHaveLength(1)
    }
  })
})
