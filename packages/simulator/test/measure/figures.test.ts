import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { figuresOf } from '../../src/measure/figures.ts'
import { kinds, type Trace, taskStatuses } from '../../src/trace/trace.ts'
import { amiUpdateStory, aPlan, aService, traceOf } from './trace-builder.ts'

const RUNNING = taskStatuses.indexOf('RUNNING')
const STOPPED = taskStatuses.indexOf('STOPPED')

describe('a service', () => {
  test('is measured by tasks that are healthy, RUNNING, and on a living host', () => {
    const world = traceOf()
    const instance = world.instance(0)
    const [first, second, , fourth] = [0, 0, 0, 0].map((at) => world.task(at, instance))
    world.healthy(10, first ?? 0, false)
    world.status(20, second ?? 0, 'DEACTIVATING')
    world.kill(30, fourth ?? 0)
    world.write(50, 'settled', 0, 0)
    const [service] = figuresOf(aPlan(), world.trace()).services
    expect(service).toEqual({
      name: 'web',
      desired: 4,
      floor: 4,
      leastRunning: 1,
      secondsAtZero: 0,
      secondsBelowFloor: 40,
    })
  })

  test('is at zero from the last task lost to the first one back', () => {
    const { services, tasksKilled } = figuresOf(aPlan(), amiUpdateStory('none'))
    expect(services[0]).toMatchObject({ leastRunning: 0, secondsAtZero: 109.5, secondsBelowFloor: 114 })
    expect(tasksKilled).toBe(4)
  })

  test('is not at zero for what came and went within a millisecond', () => {
    const world = traceOf(aPlan({ services: [aService({ desired: 1 })] }))
    const instance = world.instance(0)
    const first = world.task(0, instance)
    world.healthy(10, first, false)
    world.task(10, instance)
    world.write(20, 'settled', 0, 0)
    expect(figuresOf(aPlan(), world.trace()).services[0]).toMatchObject({ leastRunning: 1, secondsAtZero: 0 })
  })

  test('is not healed by a flag that is raised for a killed task', () => {
    const world = traceOf(aPlan({ services: [aService({ desired: 1 })] }))
    const task = world.task(0, world.instance(0), { healthyAt: null })
    world.kill(10, task)
    world.healthy(12, task, true)
    world.write(20, 'settled', 0, 0)
    expect(figuresOf(aPlan(), world.trace()).services[0]).toMatchObject({ leastRunning: 0, secondsAtZero: 20 })
  })

  test('is not at zero where zero is what was asked for', () => {
    const plan = aPlan({
      services: [aService({ desired: 1 })],
      happenings: [
        { atSeconds: 10, do: 'set-desired-count', service: 'web', desired: 0 },
        { atSeconds: 30, do: 'set-desired-count', service: 'web', desired: 1 },
      ],
    })
    const world = traceOf(plan)
    const instance = world.instance(0)
    const first = world.task(0, instance)
    world.happening(10)
    world.stop(11, first, 12)
    world.happening(30, 1)
    world.healthy(60, world.task(40, instance), false)
    world.write(65, 'settled', 0, 0)
    expect(figuresOf(plan, world.trace()).services[0]).toMatchObject({ leastRunning: 0, secondsAtZero: 5 })
  })

  test('has a higher floor only when it has got there', () => {
    const plan = aPlan({ happenings: [{ atSeconds: 10, do: 'set-desired-count', service: 'web', desired: 5 }] })
    const world = traceOf(plan)
    const instance = world.instance(0)
    const tasks = [0, 0, 0, 0].map((at) => world.task(at, instance))
    world.happening(10)
    tasks.push(world.task(40, instance))
    world.healthy(60, tasks[0] ?? 0, false)
    world.write(70, 'settled', 0, 0)
    expect(figuresOf(plan, world.trace()).services[0]).toMatchObject({ floor: 4, secondsBelowFloor: 10 })
  })
})

test('moves per task counts replacements that had to move again', () => {
  const world = traceOf(
    aPlan({ services: [aService({ desired: 2 }), aService({ name: 'agent', schedulingStrategy: 'DAEMON' })] }),
  )
  const [a, b, c] = [world.instance(0), world.instance(0), world.instance(5, false)]
  const [first, second] = [world.task(0, a ?? 0), world.task(0, b ?? 0)]
  world.task(0, a ?? 0, { service: 1 })
  const third = world.task(10, b ?? 0)
  world.stop(12, first ?? 0, 14)
  world.task(20, c ?? 0)
  world.task(21, c ?? 0)
  world.task(22, c ?? 0, { service: 1 })
  world.stop(30, second ?? 0, 32)
  world.stop(31, third, 33)
  expect(figuresOf(aPlan(), world.trace()).movesPerTask).toBe(1.5)
})

test('moves per task leaves out the tasks by which a service grew', () => {
  const plan = aPlan({
    services: [aService({ desired: 2 })],
    happenings: [{ atSeconds: 5, do: 'set-desired-count', service: 'web', desired: 4 }],
  })
  const world = traceOf(plan)
  const [a, b] = [world.instance(0), world.instance(0)] as const
  const old = [world.task(0, a), world.task(0, a)]
  world.happening(5)
  for (let more = 0; more < 4; more += 1) world.task(10, b)
  for (const task of old) world.stop(20, task, 22)
  expect(figuresOf(plan, world.trace()).movesPerTask).toBe(1)
})

test('moves per task is 1 where a service grew, and each of its tasks was replaced once', () => {
  const plan = aPlan({
    services: [aService({ desired: 1 })],
    happenings: [{ atSeconds: 5, do: 'set-desired-count', service: 'web', desired: 3 }],
  })
  const world = traceOf(plan)
  const [a, b] = [world.instance(0), world.instance(0)] as const
  const first = world.task(0, a)
  world.happening(5)
  const old = [first, world.task(10, a), world.task(10, a)]
  for (const task of old) {
    world.task(20, b)
    world.stop(30, task, 32)
  }
  expect(figuresOf(plan, world.trace()).movesPerTask).toBe(1)
})

test('counts invocations and calls, by operation', () => {
  const world = traceOf()
  world.write(1, 'invocation-started', 0, 3)
  world.call(1, 'ListTasks')
  world.call(2, 'ListTasks')
  world.callFails(2, 'ListTasks')
  world.call(3, 'CompleteLifecycleAction')
  world.write(4, 'invocation-started', 1, 1)
  expect(figuresOf(aPlan(), world.trace())).toMatchObject({
    lambdaInvocations: 2,
    apiCalls: 3,
    apiCallsByOperation: { ListTasks: 2, CompleteLifecycleAction: 1 },
  })
})

describe('seconds from the last STOPPED to the completion', () => {
  const withHosts = (completions: ReadonlyArray<{ stoppedAt: number; completedAt: number }>) => {
    const world = traceOf()
    for (const { stoppedAt, completedAt } of completions) {
      const instance = world.instance(0)
      const task = world.task(0, instance)
      const action = world.action(10, instance)
      world.status(stoppedAt, task, 'STOPPED')
      world.end(completedAt, action)
    }
    return figuresOf(aPlan(), world.trace())
  }

  test('is the latest of all hosts, with the median beside it', () => {
    const figures = withHosts([
      { stoppedAt: 20, completedAt: 21 },
      { stoppedAt: 20, completedAt: 22.5 },
      { stoppedAt: 30, completedAt: 37 },
    ])
    expect(figures.secondsFromLastStoppedToCompletion).toBe(7)
    expect(figures.medianSecondsFromLastStoppedToCompletion).toBe(2.5)
  })

  test('is negative when any host was let go before', () => {
    const figures = withHosts([
      { stoppedAt: 20, completedAt: 60 },
      { stoppedAt: 50, completedAt: 45 },
    ])
    expect(figures.secondsFromLastStoppedToCompletion).toBe(-5)
  })

  test('is null where no action of ours waited for a task', () => {
    const world = traceOf()
    const instance = world.instance(0)
    const task = world.task(0, instance)
    world.stop(1, task, 5)
    world.end(20, world.action(10, instance))
    const foreign = world.instance(0)
    const other = world.action(10, foreign, false, 'theirs')
    world.status(12, world.task(0, foreign), 'STOPPED')
    world.end(14, other, 'other-CONTINUE')
    expect(figuresOf(aPlan(), world.trace()).secondsFromLastStoppedToCompletion).toBeNull()
  })
})

test('total time goes from the first happening to its last effect', () => {
  const world = traceOf()
  const instance = world.instance(0)
  world.task(0, instance)
  world.happening(10)
  world.lifecycle(90, instance, 'Terminated')
  const standalone = world.task(0, instance, { service: -1 })
  world.status(200, standalone, 'STOPPED')
  world.write(500, 'settled', 0, 0)
  expect(figuresOf(aPlan(), world.trace()).totalSeconds).toBe(80)
})

describe('over random traces', () => {
  const interesting = [
    'task-placed',
    'task-last-status',
    'task-healthy',
    'task-killed',
    'api-call',
    'invocation-started',
  ] as const
  const record = fc.record({
    wait: fc.constantFrom(0, 0, 1, 250, 1000),
    kind: fc.constantFrom(...interesting),
    a: fc.nat(5),
    b: fc.nat(7),
  })

  const randomTrace = (
    records: ReadonlyArray<{ wait: number; kind: (typeof interesting)[number]; a: number; b: number }>,
  ): Trace => {
    const world = traceOf(aPlan({ services: [aService({ desired: 2 }), aService({ name: 'api', desired: 3 })] }))
    world.instance(0)
    world.instance(0)
    for (let task = 0; task < 6; task++) world.task(0, task % 2, { service: (task % 3) - 1 })
    let at = 0
    for (const { wait, kind, a, b } of records) {
      at += wait
      const second = kind === 'task-healthy' ? b % 2 : kind === 'task-placed' ? b % 2 : b
      world.write(at / 1000, kind, a, second)
    }
    world.write((at + 500) / 1000, 'settled', 0, 0)
    return world.trace()
  }

  /** The same by looking at every millisecond at which something changed, from the beginning each time. */
  const naive = (trace: Trace, service: number, floor: number) => {
    const ends = [...new Set(trace.at)]
    let least = Number.POSITIVE_INFINITY
    let zero = 0
    let below = 0
    ends.forEach((at, index) => {
      const count = countAt(trace, service, at)
      const ms = (ends[index + 1] ?? at) - at
      least = Math.min(least, count)
      if (count === 0) zero += ms
      if (count < floor) below += ms
    })
    return { leastRunning: least, secondsAtZero: zero / 1000, secondsBelowFloor: below / 1000 }
  }

  const countAt = (trace: Trace, service: number, at: number): number => {
    const last = (kind: (typeof kinds)[number], task: number): number => {
      let value = -1
      trace.at.forEach((when, i) => {
        if (when <= at && trace.kind[i] === kinds.indexOf(kind) && trace.a[i] === task) value = trace.b[i] ?? -1
      })
      return value
    }
    return trace.cast.tasks.filter(
      (task, number) =>
        task.service === service &&
        last('task-healthy', number) === 1 &&
        last('task-last-status', number) === RUNNING &&
        last('task-killed', number) === -1,
    ).length
  }

  test('the figures of a service are what a naive count finds', () => {
    fc.assert(
      fc.property(fc.array(record, { maxLength: 40 }), (records) => {
        const trace = randomTrace(records)
        const plan = aPlan({ services: [aService({ desired: 2 }), aService({ name: 'api', desired: 3 })] })
        const figures = figuresOf(plan, trace)
        expect(figures.services[0]).toMatchObject(naive(trace, 0, 2))
        expect(figures.services[1]).toMatchObject(naive(trace, 1, 3))
      }),
      { numRuns: 150 },
    )
  })

  test('killed tasks, calls and invocations are what a naive count finds', () => {
    fc.assert(
      fc.property(fc.array(record, { maxLength: 60 }), (records) => {
        const figures = figuresOf(aPlan(), randomTrace(records))
        const of = (kind: string) => records.filter((each) => each.kind === kind)
        expect(figures.tasksKilled).toBe(new Set(of('task-killed').map(({ a }) => a)).size)
        expect(figures.apiCalls).toBe(of('api-call').length)
        expect(figures.lambdaInvocations).toBe(of('invocation-started').length)
      }),
      { numRuns: 150 },
    )
  })
})

test('a status after STOPPED does not open the task again for the floor', () => {
  const world = traceOf(aPlan({ services: [aService({ desired: 1 })] }))
  const task = world.task(0, world.instance(0))
  world.status(5, task, 'STOPPED')
  world.write(10, 'settled', 0, 0)
  expect(taskStatuses[STOPPED]).toBe('STOPPED')
  expect(figuresOf(aPlan(), world.trace()).services[0]).toMatchObject({ secondsAtZero: 5 })
})
