// How long a reaction may take, and who is asked for it.
import { describe, expect, test } from 'vitest'
import type { Plan, PolicyOverrides } from '../../src/plan/plan.ts'
import { judgeTrace } from '../../src/promise/judge.ts'
import { allowanceOf, boundsOf } from '../../src/promise/liveness.ts'
import { aPlan, aService, traceOf } from '../measure/trace-builder.ts'
import { comesBack, hookOf, judged, oneHost, setActiveAt, toWarmPool } from './one-host.ts'

const l1 = 'L1 completes when the tasks have stopped'
const l2 = 'L2 every drain ends'
const l3 = 'L3 the hook does not time out'

type Changes = { -readonly [Key in keyof Plan]?: Plan[Key] }

const withPolicy = (policy: PolicyOverrides): Changes => ({
  controller: { ...aPlan().controller, policy },
})
const withFaults = (perMille: Plan['faults']['perMille']): Changes => ({
  faults: { ...aPlan().faults, perMille, untilSeconds: 1200 },
})

describe('what the plan makes slow is allowed for', () => {
  const base = aPlan({
    parameters: {
      'bus.event': 0,
      'bus.hook': 0,
      'queue.window': 0,
      'function.start': 0,
      'function.redelivery': 0,
      'bus.slow': 0,
      'api.latency': 0,
      'store.latency': 0,
      'ecs.listLag': 0,
      'ecs.instanceLag': 0,
    },
    ...withPolicy({ settle: 0, spreadReads: 0 }),
  })
  const more = (of: (plan: Plan) => number, changes: Changes): number =>
    of({ ...base, ...changes, parameters: { ...base.parameters, ...changes.parameters } }) - of(base)

  test.each<readonly [what: string, changes: Changes, leastMs: number]>([
    ['what events take', { parameters: { 'bus.event': [1, 7000] } }, 7000],
    ['what notices of hooks take', { parameters: { 'bus.hook': [1, 7000] } }, 7000],
    ['what the queue collects', { parameters: { 'queue.window': 7000 } }, 7000],
    ['what a function needs to start', { parameters: { 'function.start': 7000 } }, 7000],
    ['what its calls take', { parameters: { 'api.latency': 700 } }, 7000],
    ['what its writes take', { parameters: { 'store.latency': 700 } }, 7000],
    ['how old lists are', { parameters: { 'ecs.listLag': 7000 } }, 7000],
    ['how old what a look shows is', { parameters: { 'ecs.instanceLag': 7000 } }, 7000],
    ['the settle time, for each of two readings', withPolicy({ settle: 7000, spreadReads: 0 }), 14_000],
    ['what first readings are spread over', withPolicy({ settle: 0, spreadReads: 7000 }), 7000],
    ['sweeps, where no wake-up can be sent', withPolicy({ settle: 0, spreadReads: 0, hopsMax: 0 }), 120_000],
    [
      'clocks that are off',
      { ...withFaults({ 'clock.skew': 1 }), parameters: { 'function.clockSkew': [0, 7000] } },
      14_000,
    ],
  ])('in a delivery: %s', (_, changes, leastMs) => {
    expect(more((plan) => allowanceOf(plan).deliveryMs, changes)).toBeGreaterThanOrEqual(leastMs)
    expect(more((plan) => allowanceOf(plan).sweepMs, changes)).toBeGreaterThanOrEqual(leastMs)
  })

  test('but not clocks that are never off', () => {
    expect(more((plan) => allowanceOf(plan).deliveryMs, { parameters: { 'function.clockSkew': [0, 7000] } })).toBe(0)
  })

  test.each<readonly [what: string, parameters: Plan['parameters']]>([
    ['a message that comes back', { 'function.redelivery': [1, 7] }],
    ['a message that is slow', { 'bus.slow': [1, 7] }],
  ])('in a sweep: %s', (_, parameters) => {
    expect(more((plan) => allowanceOf(plan).sweepMs, { parameters })).toBe(7000)
  })

  test("a sweep and a calm have its period and core's longest backoff in them", () => {
    const { deliveryMs, sweepMs, calmMs } = allowanceOf(base)
    expect([sweepMs - deliveryMs, calmMs - deliveryMs]).toEqual([120_000, 120_000])
  })

  test('and where a policy waits longer after failed calls, that', () => {
    const patient = withPolicy({ settle: 0, spreadReads: 0, retry: { first: 1000, most: 67_000 } })
    expect(more((plan) => allowanceOf(plan).sweepMs, patient)).toBe(7000)
    expect(more((plan) => allowanceOf(plan).calmMs, patient)).toBe(7000)
  })

  test.each<readonly [what: string, policy: PolicyOverrides, leastMs: number]>([
    ['its settle time', { settle: 7000 }, 14_000],
    ['its spread of first readings', { spreadReads: 7000 }, 7000],
    ['its longest backoff', { retry: { first: 1000, most: 67_000 } }, 7000],
    ['its sweeps, where it can send no wake-up', { hopsMax: 0 }, 120_000],
  ])('and where the policy changes, the most patient of them: %s', (_, policy, leastMs) => {
    const changed: Changes = { happenings: [{ atSeconds: 5, do: 'change-policy', policy }] }
    expect(more((plan) => allowanceOf(plan).sweepMs, changed)).toBe(leastMs)
  })

  test('until what a look has shown is written down', () => {
    const { recordingMs } = boundsOf({ ...base, parameters: { 'api.latency': 700, 'store.latency': 100 } })
    expect(recordingMs).toBe(1000)
  })
})

describe('a lifecycle action', () => {
  test('is judged by its first end', () => {
    const { plan, world, task, action } = oneHost()
    world.stop(50, task, 60)
    world.end(61, action)
    world.end(700, action, 'timeout-CONTINUE')
    for (const name of [l1, l3] as const)
      expect(judged(name, plan, world.trace())).toMatchObject({ held: true, occasions: 1 })
  })

  test.each([null, 'timeout-CONTINUE', 'CONTINUE'] as const)("of somebody else's is not judged: %s", (ending) => {
    const { plan, world, task, action, instance } = oneHost()
    world.stop(12, task, 14)
    world.end(15, action)
    const theirs = world.action(10, instance, false, 'theirs')
    if (ending !== null) world.end(3000, theirs, ending)
    world.write(3600, 'stuck', 0, 0)
    for (const name of [l1, l2, l3] as const)
      expect(judged(name, plan, world.trace())).toMatchObject({ held: true, occasions: 1 })
  })
})

describe('L1', () => {
  test('is not put off by faults that might have struck', () => {
    const endedWith = (strikes: boolean): boolean => {
      const { plan, world, task, action } = oneHost({ ...hookOf(900), ...withFaults({ 'api.unavailable': 1 }) })
      world.stop(50, task, 60)
      if (strikes) for (let at = 60; at < 600; at += 50) world.write(at, 'fault', 0, 1)
      world.end(600, action)
      return judged(l1, plan, world.trace()).held
    }
    expect([endedWith(true), endedWith(false)]).toEqual([true, false])
  })

  test('asks more of a calm in the midst of faults where more had to be done in it', () => {
    const plan: Plan = {
      ...hookOf(7200),
      faults: { ...aPlan().faults, perMille: { 'api.unavailable': 1 }, untilSeconds: 3000 },
      parameters: { 'function.concurrency': 1 },
    }
    const calmS = allowanceOf(plan).sweepMs / 1000 + 20
    const endedWith = (then: (scene: ReturnType<typeof oneHost>) => void): boolean => {
      const scene = oneHost(plan)
      const { world, task, action } = scene
      world.stop(50, task, 60)
      for (let at = 60; at <= 1500; at += 10) if (at <= 100 || at >= 100 + calmS) world.write(at, 'fault', 0, 1)
      then(scene)
      world.end(1500, action)
      return judged(l1, plan, world.trace()).held
    }
    expect(endedWith(() => {})).toBe(false)
    expect(endedWith(({ world, instance }) => world.containerInstance(60, instance, 'INACTIVE'))).toBe(true)
    const isBusy = ({ world }: ReturnType<typeof oneHost>): void => {
      world.write(110, 'invocation-started', 0, 1)
      world.write(170, 'invocation-ended', 0, 0)
    }
    expect(endedWith(isBusy)).toBe(true)
  })

  test('names no task that had stopped before the action began, and tells what is allowed', () => {
    const { plan, world, task, action } = oneHost()
    world.stop(4, task, 5)
    world.end(600, action)
    expect(judged(l1, plan, world.trace()).witness).toMatch(/\(it had no task, at 10\.0 s\); \d\d\.\d s are allowed$/)
  })

  test('counts from the action, whenever that began', () => {
    const endedAfter = (seconds: number): boolean => {
      const { plan, world, instance, task, action } = oneHost(aPlan({ parameters: { 'queue.window': 5000 } }))
      world.stop(12, task, 14)
      world.end(15, action)
      world.lifecycle(30, instance, 'InService')
      world.end(1000 + seconds, world.action(1000, instance))
      return judged(l1, plan, world.trace()).held
    }
    expect([endedAfter(40), endedAfter(60)]).toEqual([true, false])
  })

  test('allows a host that cannot be found the grace of the policy', () => {
    const endedAfter = (seconds: number, policy: PolicyOverrides): boolean => {
      const plan = aPlan(withPolicy(policy))
      const world = traceOf(plan)
      world.end(10 + seconds, world.action(10, world.instance(0, true, 'Pending')))
      return judged(l1, plan, world.trace()).held
    }
    expect([endedAfter(150, { notFoundGrace: 120_000 }), endedAfter(150, {})]).toEqual([true, false])
  })

  test('allows a host that is registered again that grace as well, until it is looked for', () => {
    const endedAfter = (seconds: number, policy: PolicyOverrides): boolean => {
      const scene = setActiveAt(60)
      const { world, instance, action } = scene
      world.containerInstance(65, world.registerAgain(61, instance), 'DRAINING')
      world.end(61 + seconds, action)
      return judged(l1, { ...scene.plan, ...withPolicy(policy) }, world.trace()).held
    }
    expect([endedAfter(150, { notFoundGrace: 120_000 }), endedAfter(150, {})]).toEqual([true, false])
  })
})

describe('L2', () => {
  const oneAtATime = { 'function.concurrency': 1 }
  const isBusy = ({ world }: Pick<ReturnType<typeof oneHost>, 'world'>, from: number, to: number): void => {
    world.write(from, 'invocation-started', 0, 1)
    world.write(to, 'invocation-ended', 0, 0)
  }
  const heldWith = (open: boolean, { plan, world }: ReturnType<typeof oneHost>): boolean => {
    const trace = world.trace()
    const { promises } = judgeTrace(plan, trace, [], open ? [trace.cast.instances[0]?.id ?? ''] : [])
    return promises.find(({ name }) => name === l2)?.held === true
  }

  test('excludes a drain by what its own tasks find no place for', () => {
    const { world, plan } = oneHost(
      aPlan({ services: [aService({ desired: 0 }), aService({ name: 'other', desired: 1 })] }),
    )
    const instance = world.instance(0)
    world.task(0, instance, { service: 1 })
    world.stop(12, 0, 14)
    world.end(15, 0)
    world.action(20, instance)
    world.write(3500, 'placement-failed', 1, 0)
    world.write(3600, 'stuck', 0, 0)
    expect(judged(l2, plan, world.trace()).held).toBe(true)
  })

  test('does not ask of a stream how a drain ended that has not', () => {
    const scene = oneHost()
    scene.world.write(3500, 'placement-failed', 0, 0)
    scene.world.write(3600, 'stuck', 0, 0)
    expect(heldWith(true, scene)).toBe(true)
  })

  test('waits for messages that had to wait for a function to end', () => {
    const ended = (busy: boolean): boolean => {
      const scene = oneHost({ ...hookOf(900), parameters: oneAtATime })
      scene.world.stop(50, scene.task, 60)
      scene.world.end(61, scene.action)
      if (busy) isBusy(scene, 62, 900)
      scene.world.write(950, 'stuck', 0, 0)
      return heldWith(true, scene)
    }
    expect([ended(true), ended(false)]).toEqual([true, false])
  })

  describe('of an instance that is back from its warm pool', () => {
    const returned = (endsAt: number, then: (scene: ReturnType<typeof oneHost>) => void, drainingAt = 11): boolean => {
      const scene = oneHost(aPlan({ services: [aService({ desired: 1 })], parameters: oneAtATime }))
      comesBack(scene, drainingAt)
      then(scene)
      scene.world.write(endsAt, 'settled', 0, 0)
      return heldWith(false, scene)
    }

    test('waits for messages that had to wait for a function to end', () => {
      expect(returned(950, (scene) => isBusy(scene, 41, 945))).toBe(true)
      expect(returned(950, () => {})).toBe(false)
    })

    test('asks for nothing to be undone that was not done by the drain', () => {
      expect(returned(950, () => {}, 5)).toBe(true)
    })

    test('asks for that as well of a drain that had not heard that its hook timed out', () => {
      const drainedAt = (at: number, endsAt: number, then: (scene: ReturnType<typeof oneHost>) => void = () => {}) => {
        const scene = oneHost(hookOf(900))
        const { world, instance, task, action } = scene
        world.stop(12, task, 14)
        world.end(15, action, 'timeout-CONTINUE')
        world.lifecycle(40, instance, 'InService')
        world.containerInstance(at, instance, 'DRAINING')
        then(scene)
        world.write(endsAt, 'settled', 0, 0)
        return heldWith(false, scene)
      }
      expect(drainedAt(50, 3600)).toBe(false)
      expect(drainedAt(50, 3600, ({ world, instance }) => world.containerInstance(60, instance, 'ACTIVE'))).toBe(true)
      expect(drainedAt(3590, 3600)).toBe(true)
    })

    test('waits for the sweep after what was disturbed last', () => {
      expect(returned(3600, ({ world }) => world.loses(3500, 'launch'))).toBe(true)
      expect(returned(3600, ({ world }) => world.loses(3000, 'launch'))).toBe(false)
    })
  })
})

describe('L3', () => {
  test('excludes an instance on its way to a warm pool of which nobody heard, since its notice was lost', () => {
    const { plan, world, action } = toWarmPool()
    world.end(7210, action, 'timeout-CONTINUE')
    expect(judged(l3, plan, world.trace())).toMatchObject({
      held: true,
      excluded: [expect.stringContaining('does not list the instances of its warm pool')],
    })
  })

  test('is not excused by a notice that was lost, where a drain had begun all the same', () => {
    const timedOut = (heardOfAt: number): boolean => {
      const { plan, world, instance, action } = oneHost(hookOf(120))
      world.loses(10.1, 'termination')
      world.decide(heardOfAt, instance, 'DrainRequested')
      world.end(130, action, 'timeout-CONTINUE')
      return judged(l3, plan, world.trace()).held
    }
    expect([timedOut(11), timedOut(129)]).toEqual([false, true])
  })

  test('is excused by a notice that was lost, whenever the action began', () => {
    const { plan, world, instance, task, action } = oneHost(hookOf(120))
    world.stop(12, task, 14)
    world.end(15, action)
    const later = world.action(1000, instance)
    world.loses(1000.1, 'termination')
    world.end(1120, later, 'timeout-CONTINUE')
    expect(judged(l3, plan, world.trace()).held).toBe(true)
  })

  test('has nobody send a heartbeat in the first half of the timeout', () => {
    const timedOut = (...faultsAt: ReadonlyArray<number>): boolean => {
      const { plan, world, action } = oneHost({ ...hookOf(900), ...withFaults({ 'api.unavailable': 100 }) })
      world.heartbeat(20, action)
      for (const at of faultsAt) world.write(at, 'fault', 0, 1)
      world.end(920, action, 'timeout-CONTINUE')
      return judged(l3, plan, world.trace()).held
    }
    expect(timedOut(50, 150, 250, 450, 550, 650, 750, 850)).toBe(true)
    expect(timedOut(50, 150, 250, 450, 550, 750, 850)).toBe(false)
  })

  test('is not excused by faults that were long over, where half the timeout is shorter than a calm', () => {
    const timedOut = (faultAt: number): boolean => {
      const { plan, world, action } = oneHost({ ...hookOf(120), ...withFaults({ 'api.unavailable': 100 }) })
      for (let at = 60; at <= 600; at += 60) world.heartbeat(at, action)
      world.write(faultAt, 'fault', 0, 1)
      world.end(720, action, 'timeout-CONTINUE')
      return judged(l3, plan, world.trace()).held
    }
    expect([timedOut(50), timedOut(600)]).toEqual([false, true])
  })

  test('is not excused by faults that have struck nothing since it began', () => {
    const timedOut = (faultAt: number): boolean => {
      const { plan, world, action } = oneHost({ ...hookOf(120), ...withFaults({ 'api.unavailable': 100 }) })
      world.write(faultAt, 'fault', 0, 1)
      world.end(130, action, 'timeout-CONTINUE')
      return judged(l3, plan, world.trace()).held
    }
    expect([timedOut(20), timedOut(5)]).toEqual([true, false])
  })
})
