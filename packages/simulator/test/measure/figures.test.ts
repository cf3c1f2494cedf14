import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { figuresOf, hasSettled } from '../../src/measure/figures.ts'
import { judgeTrace } from '../../src/promise/judge.ts'
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
      runningAtStart: 4,
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

  test('is not at zero where none of its tasks was asked for from the beginning', () => {
    const plan = aPlan({
      services: [
        aService({ desired: 0 }),
        aService({ name: 'web-2', desired: 1 }),
        aService({ schedulingStrategy: 'DAEMON' }),
      ],
    })
    const world = traceOf(plan)
    const daemon = world.task(5, world.instance(0), { service: 2 })
    world.healthy(10, daemon, false)
    world.write(20, 'settled', 0, 0)
    // A DAEMON service is to have a task on each instance, whatever its desired count.
    const { services } = figuresOf(plan, world.trace())
    expect(services.map((each) => each.secondsAtZero)).toEqual([0, 20, 15])
    expect(services.map((each) => each.secondsBelowFloor)).toEqual([0, 20, 0])
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
  const daemon = world.task(0, a ?? 0, { service: 1 })
  const third = world.task(10, b ?? 0)
  world.stop(12, first ?? 0, 14)
  world.task(20, c ?? 0)
  world.task(21, c ?? 0)
  world.task(22, c ?? 0, { service: 1 })
  world.stop(30, second ?? 0, 32)
  world.stop(31, third, 33)
  world.stop(34, daemon, 35)
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

test('moves per task counts a replacement that had to move again after its service grew', () => {
  const plan = aPlan({
    services: [aService({ desired: 1 })],
    happenings: [{ atSeconds: 5, do: 'set-desired-count', service: 'web', desired: 2 }],
  })
  const world = traceOf(plan)
  const [a, b] = [world.instance(0), world.instance(0)] as const
  const first = world.task(0, a)
  world.happening(5)
  world.task(10, b)
  const again = world.task(20, a)
  world.stop(20, first, 22)
  world.task(30, b)
  world.stop(30, again, 32)
  expect(figuresOf(plan, world.trace()).movesPerTask).toBe(2)
})

test('moves per task takes what a service grows by for that, also where tasks had been replaced before', () => {
  const plan = aPlan({
    services: [aService({ desired: 1 })],
    happenings: [{ atSeconds: 15, do: 'set-desired-count', service: 'web', desired: 2 }],
  })
  const world = traceOf(plan)
  const [a, b] = [world.instance(0), world.instance(0)] as const
  const first = world.task(0, a)
  const replacement = world.task(10, b)
  world.stop(12, first, 14)
  world.happening(15)
  const more = world.task(20, b)
  for (const task of [replacement, more]) {
    world.task(30, a)
    world.stop(40, task, 42)
  }
  expect(figuresOf(plan, world.trace()).movesPerTask).toBe(1.5)
})

test('moves per task counts a task that goes with its host, once, and no task of RunTask', () => {
  const world = traceOf(aPlan({ services: [aService({ desired: 2 })] }))
  const [a, b] = [world.instance(0), world.instance(0)] as const
  const old = [world.task(0, a), world.task(0, a)]
  const standalone = world.task(0, a, { service: -1 })
  for (const task of old) world.kill(20, task)
  world.status(30, old[0] ?? 0, 'STOPPED')
  world.stop(20, standalone, 30)
  // One of the two is not replaced.
  world.task(25, b)
  world.task(40, b, { service: -1 })
  expect(figuresOf(aPlan(), world.trace()).movesPerTask).toBe(0.5)
})

test('counts invocations and calls, by operation', () => {
  const world = traceOf()
  world.write(1, 'invocation-started', 0, 3)
  world.call(1, 'ListTasks')
  world.call(2, 'ListTasks')
  world.callFails(2, 'ListTasks')
  world.call(3, 'CompleteLifecycleAction')
  world.write(4, 'invocation-started', 1, 1)
  const { lambdaInvocations, apiCalls, apiCallsByOperation } = figuresOf(aPlan(), world.trace())
  expect([lambdaInvocations, apiCalls]).toEqual([2, 3])
  expect(apiCallsByOperation).toEqual({ ListTasks: 2, CompleteLifecycleAction: 1 })
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

  test('goes by the number of seconds, which are not compared as text', () => {
    const figures = withHosts([
      { stoppedAt: 20, completedAt: 50 },
      { stoppedAt: 60, completedAt: 160 },
      { stoppedAt: 160, completedAt: 169 },
    ])
    expect(figures.secondsFromLastStoppedToCompletion).toBe(100)
    expect(figures.medianSecondsFromLastStoppedToCompletion).toBe(30)
  })

  test('goes on for a host that was let go before, until its last task has stopped or the run ends', () => {
    const letGo = (...stops: ReadonlyArray<number>): number | null => {
      const world = traceOf()
      const instance = world.instance(0)
      const tasks = [world.task(0, instance), world.task(0, instance)]
      world.end(20, world.action(10, instance))
      stops.forEach((at, index) => {
        world.stop(at, tasks[index] ?? 0, at)
      })
      // Another host, which nobody has let go.
      world.stop(25, world.task(0, world.instance(0)), 25)
      world.write(100, 'settled', 0, 0)
      const figures = figuresOf(aPlan(), world.trace())
      const median = figures.medianSecondsFromLastStoppedToCompletion
      expect(figures.secondsFromLastStoppedToCompletion).toBe(median)
      return median
    }
    expect([letGo(30, 50), letGo(30), letGo()]).toEqual([-30, -80, -80])
  })

  test.each([
    ['timeout-CONTINUE', true],
    ['CONTINUE', false],
  ] as const)('is about CONTINUE to a hook of ours: %s, %s', (ending, ours) => {
    const world = traceOf()
    const instance = world.instance(0)
    const task = world.task(0, instance)
    const action = world.action(10, instance, ours)
    world.stop(12, task, 14)
    world.end(20, action, ending)
    expect(figuresOf(aPlan(), world.trace()).secondsFromLastStoppedToCompletion).toBeNull()
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
    const figures = figuresOf(aPlan(), world.trace())
    expect(figures.secondsFromLastStoppedToCompletion).toBeNull()
    expect(figures.medianSecondsFromLastStoppedToCompletion).toBeNull()
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

test('total time is none where nothing happened, whatever instances and tasks did', () => {
  const world = traceOf()
  world.task(5, world.instance(0))
  expect(figuresOf(aPlan(), world.trace())).toMatchObject({ totalSeconds: 0, movesPerTask: 0 })
})

test.each<readonly [what: string, then: (world: ReturnType<typeof traceOf>, task: number, action: number) => void]>([
  ['the status of a task', (world, task) => world.status(90, task, 'STOPPED')],
  ['the health of a task', (world, task) => world.healthy(90, task, false)],
  ['the end of a hook', (world, _, action) => world.end(90, action, 'timeout-CONTINUE')],
])('total time goes to the last of all effects: %s', (_, then) => {
  const plan = aPlan({ services: [aService(), aService({ name: 'api' })] })
  for (const service of [0, 1]) {
    const world = traceOf(plan)
    const instance = world.instance(0)
    const task = world.task(0, instance, { service })
    const standalone = world.task(0, instance, { service: -1 })
    world.happening(0)
    world.happening(30, 1)
    then(world, task, world.action(40, instance))
    world.status(200, standalone, 'STOPPED')
    world.healthy(200, standalone, false)
    world.happening(300, 0, true)
    expect(figuresOf(plan, world.trace()).totalSeconds).toBe(90)
  }
})

test('a run has settled when that is the last that was written', () => {
  const ends = (...kindsAtEnd: ReadonlyArray<'settled' | 'stuck'>): boolean => {
    const world = traceOf()
    world.instance(0)
    for (const kind of kindsAtEnd) world.write(10, kind, 0, 0)
    return hasSettled(world.trace())
  }
  expect([ends(), ends('stuck'), ends('settled')]).toEqual([false, false, true])
})

test.each(['none', 'early', 'drained'] as const)('the figures beside the promises are the same: %s', (how) => {
  const trace = amiUpdateStory(how)
  expect(judgeTrace(aPlan(), trace).figures).toEqual(figuresOf(aPlan(), trace))
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
