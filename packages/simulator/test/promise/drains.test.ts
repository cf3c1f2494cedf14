// What excuses a controller, and nothing beyond that: an excuse too many lets a broken promise pass.
import { describe, expect, test } from 'vitest'
import type { Plan } from '../../src/plan/plan.ts'
import { aHook, aPlan, aService, traceOf } from '../measure/trace-builder.ts'
import { type Deadline, hookOf, judged, oneHost, setActiveAt, toWarmPool, withDeadline } from './one-host.ts'

const s1 = 'S1 no early completion'
const s2 = 'S2 floor'
const l1 = 'L1 completes when the tasks have stopped'
const l3 = 'L3 the hook does not time out'

type Scene = ReturnType<typeof oneHost>

const isKept = (name: Parameters<typeof judged>[0], { plan, world }: Scene): boolean =>
  judged(name, plan, world.trace()).held

/** The host goes with its task, and the run ends. */
const isFloorKept = (scene: Scene, killedAt: number): boolean => {
  scene.world.kill(killedAt, scene.task)
  scene.world.write(killedAt + 100, 'settled', 0, 0)
  return isKept(s2, scene)
}

const changesPolicy = (plan: Plan, deadline: Deadline): Plan => ({
  ...plan,
  happenings: [{ atSeconds: 5, do: 'change-policy', policy: { deadline } }],
})

describe('a deadline', () => {
  const until20 = { after: 10_000, choice: 'continue' } as const
  const forcedAt = (at: number, plan: Plan = withDeadline(hookOf(900), until20)): Scene => {
    const scene = oneHost(plan)
    scene.world.decide(at, scene.instance, 'CompletionForced')
    return scene
  }

  test('may be a second early, since a notice tells its time in whole seconds', () => {
    const isKeptAt = (at: number): boolean => {
      const scene = forcedAt(at)
      scene.world.end(at + 1, scene.action)
      return isKept(s1, scene)
    }
    expect([isKeptAt(18.9), isKeptAt(19.1)]).toEqual([false, true])
  })

  test('may be early by as much as the clocks of functions may be off', () => {
    const isKeptAt = (at: number, perMille: Plan['faults']['perMille']): boolean => {
      const scene = forcedAt(at, {
        ...withDeadline(hookOf(900), until20),
        parameters: { 'function.clockSkew': [0, 2000] },
        faults: { perMille, untilSeconds: 100, only: null, lose: [] },
      })
      scene.world.end(at + 0.1, scene.action)
      return isKept(s1, scene)
    }
    const skewed = { 'clock.skew': 1 }
    expect([isKeptAt(14.9, skewed), isKeptAt(15.1, skewed), isKeptAt(15.1, {})]).toEqual([false, true, false])
  })

  test('at which the choice is to wait forces nothing', () => {
    const scene = forcedAt(500, withDeadline(hookOf(900), { after: 10_000, choice: 'wait' }))
    scene.world.end(501, scene.action)
    expect(isKept(s1, scene)).toBe(false)
  })

  test.each([
    ['six minutes', {}, {}, 379],
    ['what the policy says', { stopGrace: 60_000 }, {}, 79],
    ['the shortest of several policies', { stopGrace: 60_000 }, { stopGrace: 30_000 }, 49],
  ] as const)(
    'at which tasks are stopped lets the host go after the time that they have for it: %s',
    (_, policy, then, from) => {
      const plan = withDeadline(hookOf(900), { after: 10_000, choice: 'stop-tasks' })
      const isKeptAt = (at: number): boolean => {
        const scene = forcedAt(at, {
          ...plan,
          controller: { ...plan.controller, policy: { ...plan.controller.policy, ...policy } },
          happenings: [{ atSeconds: 5, do: 'change-policy', policy: then }],
        })
        scene.world.end(at + 0.1, scene.action)
        return isKept(s1, scene)
      }
      expect([isKeptAt(from - 0.1), isKeptAt(from)]).toEqual([false, true])
    },
  )

  test("excuses with somebody else's hook on the instance as well", () => {
    const scene = forcedAt(20)
    scene.world.action(10, scene.instance, false, 'theirs')
    scene.world.end(21, scene.action)
    expect(isKept(s1, scene)).toBe(true)
  })

  test('excuses what comes to a host that it let go, told once more or not, and only if it was why', () => {
    const cameAfter = (...decidedAt: ReadonlyArray<number>): boolean => {
      const scene = oneHost(withDeadline(hookOf(900), until20))
      scene.world.stop(12, scene.task, 14)
      for (const at of decidedAt) scene.world.decide(at, scene.instance, 'CompletionForced')
      scene.world.end(21, scene.action)
      scene.world.task(21.5, scene.instance, { runningAt: null })
      return isKept(s1, scene)
    }
    expect([cameAfter(20), cameAfter(20, 21.2), cameAfter(21.2)]).toEqual([true, true, false])
  })

  test.each([
    ['continue', 'CONTINUE', true],
    ['continue', 'ABANDON', false],
    ['abandon', 'ABANDON', true],
    ['abandon', 'CONTINUE', false],
    ['continue', 'timeout-CONTINUE', false],
  ] as const)(
    'whose choice is %s, and whose action ends with %s, excuses what is lost then: %s',
    (choice, ending, does) => {
      const scene = forcedAt(20, withDeadline(hookOf(900), { after: 10_000, choice }))
      scene.world.end(21, scene.action, ending)
      expect(isFloorKept(scene, 30)).toBe(does)
    },
  )

  test('excuses a timeout that comes before its choice takes effect', () => {
    const timedOut = (decidedAt: number): boolean => {
      const scene = forcedAt(decidedAt, withDeadline(hookOf(120), { after: 80_000, choice: 'continue' }))
      scene.world.end(130, scene.action, 'timeout-ABANDON')
      return isKept(l3, scene)
    }
    expect([timedOut(129), timedOut(50)]).toEqual([true, false])
  })

  test.each([
    ['stop-tasks', 'continue', true],
    ['continue', 'stop-tasks', true],
    ['continue', 'wait', false],
  ] as const)('excuses stopped tasks where one of the policies says so: %s, then %s', (choice, then, isExcused) => {
    const plan = withDeadline(hookOf(900), { after: 10_000, choice })
    const scene = oneHost(changesPolicy(plan, { after: 10_000, choice: then }))
    scene.world.decide(30, scene.instance, 'DeadlineReached')
    scene.world.stop(31, scene.task, 40)
    scene.world.write(100, 'settled', 0, 0)
    expect(isKept(s2, scene)).toBe(isExcused)
  })

  test('excuses no stopped task before that of the policy that stops them', () => {
    const isKeptAt = (at: number): boolean => {
      const plan = withDeadline(hookOf(900), { after: 10_000, choice: 'continue' })
      const scene = oneHost(changesPolicy(plan, { after: 60_000, choice: 'stop-tasks' }))
      scene.world.decide(at, scene.instance, 'DeadlineReached')
      scene.world.stop(at + 1, scene.task, at + 10)
      scene.world.write(200, 'settled', 0, 0)
      return isKept(s2, scene)
    }
    expect([isKeptAt(30), isKeptAt(70)]).toEqual([false, true])
  })

  test.each([
    ['wait', 'abandon', true],
    ['wait', 'wait', false],
  ] as const)('excuses a timeout where one of the policies does not wait: %s, then %s', (choice, then, isExcused) => {
    const plan = withDeadline(hookOf(120), { after: 80_000, choice })
    const scene = oneHost(changesPolicy(plan, { after: 80_000, choice: then }))
    scene.world.decide(100, scene.instance, 'DeadlineReached')
    scene.world.end(130, scene.action, 'timeout-ABANDON')
    expect(isKept(l3, scene)).toBe(isExcused)
  })
})

describe('an end that nobody could prevent', () => {
  test('excuses nothing when it is the second one, or that of another hook', () => {
    const ended = (alsoEnds: (scene: Scene) => void): boolean => {
      const scene = oneHost()
      scene.world.end(20, scene.action)
      alsoEnds(scene)
      return isFloorKept(scene, 30)
    }
    expect(ended(({ world, action }) => world.end(21, action, 'hook-deleted'))).toBe(false)
    const another = ({ world, instance }: Scene): void =>
      world.end(15, world.action(10, instance, false, 'theirs'), 'hook-deleted')
    expect(ended(another)).toBe(false)
  })

  test('is the global limit of a hook, which comes up to a second early, and excuses no CONTINUE', () => {
    const endedAt = (at: number, ending: 'timeout-CONTINUE' | 'CONTINUE'): boolean => {
      const scene = oneHost(hookOf(30))
      scene.world.end(at, scene.action, ending)
      return isFloorKept(scene, at + 10)
    }
    expect([endedAt(3009.5, 'timeout-CONTINUE'), endedAt(3008.5, 'timeout-CONTINUE')]).toEqual([true, false])
    expect(endedAt(3010, 'CONTINUE')).toBe(false)
  })

  test('is the death of the host, without any lifecycle action', () => {
    const dies = (isTold: boolean): boolean => {
      const plan = aPlan({ services: [aService({ desired: 1 })] })
      const world = traceOf(plan)
      const instance = world.instance(0)
      const task = world.task(0, instance)
      if (isTold) world.write(20, 'host-died', instance, 0)
      return isFloorKept({ plan, world, instance, task, action: -1 }, 20)
    }
    expect([dies(true), dies(false)]).toEqual([true, false])
  })

  test('is one without a hook, since it was deleted, of instances on their way to a warm pool as well', () => {
    const goes = (state: 'Terminating' | 'Warmed:Pending', deletesHook: boolean): boolean => {
      const plan = aPlan({
        services: [aService({ desired: 1 })],
        happenings: [{ atSeconds: 5, do: 'delete-hook', group: 'workers', hook: 'drain' }],
      })
      const world = traceOf(plan)
      const instance = world.instance(0)
      const task = world.task(0, instance)
      if (deletesHook) world.happening(5)
      world.lifecycle(10, instance, state)
      return isFloorKept({ plan, world, instance, task, action: -1 }, 20)
    }
    expect([goes('Terminating', true), goes('Warmed:Pending', true), goes('Terminating', false)]).toEqual([
      true,
      true,
      false,
    ])
  })
})

describe('of several groups and hooks each counts for its own', () => {
  const [workers] = aPlan().groups
  if (workers === undefined) throw new Error('no group')
  const others = { ...workers, name: 'others', hooks: [] }
  const service = aService({ desired: 1 })

  test('a group without a hook of ours excuses no host of another', () => {
    const goesIn = (group: 0 | 1): boolean => {
      const plan = aPlan({ services: [service], groups: [workers, others] })
      const world = traceOf(plan)
      const instance = world.instance(0, true, 'InService', group)
      const task = world.task(0, instance)
      world.lifecycle(10, instance, 'Terminating')
      return isFloorKept({ plan, world, instance, task, action: -1 }, 20)
    }
    expect([goesIn(0), goesIn(1)]).toEqual([false, true])
  })

  test("somebody else's hook beside ours does not mean that ours is not there", () => {
    const goesWith = (...owners: ReadonlyArray<'controller' | 'other'>): boolean => {
      const hooks = owners.map((owner) => aHook({ owner, name: owner }))
      const plan = aPlan({ services: [service], groups: [{ ...workers, hooks }] })
      const world = traceOf(plan)
      const instance = world.instance(0)
      const task = world.task(0, instance)
      world.lifecycle(10, instance, 'Terminating')
      return isFloorKept({ plan, world, instance, task, action: -1 }, 20)
    }
    expect([goesWith('other', 'controller'), goesWith('other')]).toEqual([false, true])
  })

  test('who is killed is named by group', () => {
    const killed = (group: string): boolean => {
      const plan = aPlan({
        services: [service],
        groups: [workers, others],
        happenings: [{ atSeconds: 20, do: 'kill-instance', group, old: 0 }],
      })
      const world = traceOf(plan)
      world.instance(0)
      const instance = world.instance(0, true, 'InService', 1)
      const task = world.task(0, instance)
      world.happening(20)
      return isFloorKept({ plan, world, instance, task, action: -1 }, 20)
    }
    expect([killed('workers'), killed('others')]).toEqual([false, true])
  })

  test('the global limit is that of the hook that timed out', () => {
    const timedOut = (heartbeatTimeoutSeconds: number): boolean => {
      const hooks = [
        aHook({ name: 'theirs', owner: 'other', heartbeatTimeoutSeconds: 30 }),
        aHook({ heartbeatTimeoutSeconds }),
      ]
      const scene = oneHost(aPlan({ services: [service], groups: [{ ...workers, hooks }] }))
      scene.world.end(3010, scene.action, 'timeout-CONTINUE')
      return isFloorKept(scene, 3020)
    }
    expect([timedOut(30), timedOut(60)]).toEqual([true, false])
  })
})

describe('what a controller decides is taken for what it is', () => {
  test('a heartbeat after the deadline is no deadline that was noticed', () => {
    const decides = (name: string): boolean => {
      const scene = oneHost(withDeadline(hookOf(900), { after: 10_000, choice: 'stop-tasks' }))
      scene.world.decide(30, scene.instance, name)
      scene.world.stop(31, scene.task, 40)
      scene.world.write(100, 'settled', 0, 0)
      return isKept(s2, scene)
    }
    expect(['DeadlineReached', 'LifecycleActionHeartbeatRecorded'].map(decides)).toEqual([true, false])
  })

  test('a heartbeat is no look at the container instance', () => {
    const scene = setActiveAt(65)
    const { world, instance, action } = scene
    world.decide(62, instance, 'TasksRead')
    world.decide(67, instance, 'LifecycleActionHeartbeatRecorded')
    world.task(66, instance, { runningAt: null })
    world.end(70, action)
    expect(isKept(s1, scene)).toBe(true)
  })

  test('what is left to record of the drain before begins none', () => {
    const recorded = (name: string): boolean => {
      const scene = toWarmPool()
      scene.world.decide(20, scene.instance, name)
      scene.world.write(20_000, 'stuck', 0, 0)
      return isKept(l1, scene)
    }
    expect(['ContainerInstanceActivated', 'DrainRequested'].map(recorded)).toEqual([true, false])
  })
})

describe('a host that registers', () => {
  /** Registers and takes the task over, and is let go and gone with it. */
  const registered = (registeredAt: number, endedAt: number, killedAt: number): Scene => {
    const { plan, world, task } = oneHost()
    const late = world.instance(0, true, 'Pending')
    const action = world.action(10, late)
    world.decide(11, late, 'DrainRequested')
    world.containerInstance(registeredAt, late, 'ACTIVE')
    const moved = world.task(registeredAt + 1, late)
    world.stop(registeredAt + 2, task, registeredAt + 3)
    world.end(endedAt, action)
    world.kill(killedAt, moved)
    world.write(killedAt + 100, 'settled', 0, 0)
    return { plan, world, instance: late, task: moved, action }
  }

  test('after the grace, or up to a second before, came too late for who was to let it go', () => {
    expect([68.9, 69.1].map((at) => isKept(s1, registered(at, 80, 90)))).toEqual([false, true])
    expect([68.9, 69.1].map((at) => isKept(s2, registered(at, 80, 90)))).toEqual([false, true])
  })

  test('goes by the shortest grace of several policies', () => {
    const isKeptWith = (notFoundGrace: number): boolean => {
      const scene = registered(45, 80, 90)
      const happenings = [{ atSeconds: 5, do: 'change-policy', policy: { notFoundGrace } }] as const
      return isKept(s1, { ...scene, plan: { ...scene.plan, happenings } })
    }
    expect([isKeptWith(30_000), isKeptWith(90_000)]).toEqual([true, false])
  })

  test('after it was let go came too late as well, if that was after the grace, or up to a second before', () => {
    expect([68.9, 69.1].map((at) => isKept(s2, registered(80, at, 90)))).toEqual([false, true])
  })

  test('too late excuses tasks that come to it when it has been let go', () => {
    const cameTo = (registeredAt: number): boolean => {
      const { plan, world } = oneHost()
      const late = world.instance(0, true, 'Pending')
      const action = world.action(10, late)
      world.containerInstance(registeredAt, late, 'ACTIVE')
      world.end(80, action)
      const task = world.task(82, late)
      return isKept(s1, { plan, world, instance: late, task, action })
    }
    expect([79, 50].map(cameTo)).toEqual([true, false])
  })

  test('once more, out of the warm pool, is excused by nothing', () => {
    const scene = oneHost()
    const { world, instance, task, action } = scene
    const moved = world.task(11, world.instance(0))
    world.stop(12, task, 14)
    world.end(80, action)
    world.containerInstance(81, instance, 'INACTIVE')
    world.lifecycle(300, instance, 'Pending')
    world.lifecycle(310, instance, 'InService')
    world.containerInstance(320, instance, 'ACTIVE')
    const back = world.task(330, instance)
    world.stop(335, moved, 338)
    expect(isFloorKept({ ...scene, task: back }, 400)).toBe(false)
    expect(judged(s2, scene.plan, world.trace()).witness).toMatch(/^at 400\.0 s/)
  })

  test('again leaves its old record behind, and that ECS gives it up says nothing of the host', () => {
    const scene = oneHost()
    const { world, instance, task, action } = scene
    world.containerInstance(11, instance, 'DRAINING')
    world.decide(11.1, instance, 'ContainerInstanceDraining')
    world.registerAgain(30, instance)
    world.containerInstance(40, instance, 'INACTIVE')
    world.stop(50, task, 60)
    world.decide(62, instance, 'TasksRead')
    world.end(70, action)
    world.task(72, instance, { runningAt: null })
    expect(isKept(s1, scene)).toBe(false)
  })
})

describe('somebody who sets it ACTIVE', () => {
  test.each([
    'LifecycleHookDescribed',
    'ContainerInstanceFound',
    'ContainerInstanceDraining',
    'DrainingUndone',
    'TasksRead',
    'TaskSeen',
  ])('was seen by a drain that had still to record %s', (decision) => {
    const scene = setActiveAt(61)
    const { world, instance, action } = scene
    world.decide(11, instance, 'ContainerInstanceFound')
    world.decide(62, instance, decision)
    world.decide(62, instance, 'CompletionDecided')
    world.task(63, instance, { runningAt: null })
    world.end(70, action)
    expect(isKept(s1, scene)).toBe(false)
  })

  test.each([
    ['the answer of the last look', { 'api.latency': 1200 }],
    ['what two writes delay', { 'store.latency': 400 }],
  ] as const)('is not seen by what is recorded later for %s', (_, parameters) => {
    const letGo = (slow: Plan['parameters']): boolean => {
      const scene = setActiveAt(61)
      const { world, instance, action } = scene
      world.decide(62, instance, 'TasksRead')
      world.task(63, instance, { runningAt: null })
      world.end(70, action)
      const fast = { 'ecs.instanceLag': 0, 'api.latency': 1, 'store.latency': 1 }
      return isKept(s1, { ...scene, plan: { ...scene.plan, parameters: { ...fast, ...slow } } })
    }
    expect([letGo(parameters), letGo({})]).toEqual([true, false])
  })

  test('after it was let go is not seen by a controller that records nothing either', () => {
    const cameTo = (activeAt: number): boolean => {
      const happenings = [{ atSeconds: activeAt, do: 'set-active', group: 'workers', old: 0 }] as const
      const scene = oneHost(aPlan({ services: [aService({ desired: 1 })], happenings }))
      const { world, instance, task, action } = scene
      world.stop(12, task, 14)
      world.end(30, action)
      world.happening(activeAt)
      world.containerInstance(activeAt, instance, 'ACTIVE')
      world.task(50, instance, { runningAt: null })
      return isKept(s1, scene)
    }
    expect([cameTo(40), cameTo(25)]).toEqual([true, false])
  })

  test('does not excuse a timeout', () => {
    const scene = setActiveAt(65)
    const { world, instance, action } = scene
    const moved = world.task(40, world.instance(0))
    world.decide(62, instance, 'TasksRead')
    const came = world.task(68, instance)
    world.stop(69, moved, 75)
    world.end(70, action, 'timeout-CONTINUE')
    expect(isFloorKept({ ...scene, task: came }, 100)).toBe(false)
  })

  test('excuses nothing once it is back from the warm pool', () => {
    const scene = setActiveAt(400)
    const { world, instance, action } = scene
    const moved = world.task(40, world.instance(0))
    world.end(70, action)
    world.lifecycle(300, instance, 'Pending')
    world.lifecycle(310, instance, 'InService')
    const back = world.task(320, instance)
    world.stop(330, moved, 340)
    expect(isFloorKept({ ...scene, task: back }, 410)).toBe(false)
    expect(judged(s2, scene.plan, world.trace()).witness).toMatch(/^at 410\.0 s/)
  })

  test('again has its tasks read again, also when it is not DRAINING yet', () => {
    const endedAt = (at: number): boolean => {
      const scene = setActiveAt(120)
      scene.world.end(at, scene.action)
      return isKept(l1, scene)
    }
    expect([150, 195].map(endedAt)).toEqual([true, false])
  })
})

test('a happening is what it is when it begins, and no more when it is over', () => {
  const drainedAt = (at: number): boolean => {
    const plan = aPlan({ happenings: [{ atSeconds: 10, do: 'set-draining', group: 'workers', old: 0 }] })
    const world = traceOf(plan)
    const instance = world.instance(0)
    world.happening(10)
    world.happening(20, 0, true)
    world.containerInstance(at, instance, 'DRAINING')
    return judged('S3 foreign hooks and instances', plan, world.trace()).held
  }
  expect([drainedAt(10), drainedAt(20)]).toEqual([true, false])
})

describe('a sweep is waited for', () => {
  const endedAfter = (seconds: number, disturbs: (scene: Scene) => void): boolean => {
    const scene = oneHost()
    scene.world.stop(50, scene.task, 60)
    disturbs(scene)
    scene.world.end(60 + seconds, scene.action)
    return isKept(l1, scene)
  }

  test('where a function ended badly, or a call failed', () => {
    const ends = (how: number) => (scene: Scene) => {
      scene.world.write(60.2, 'invocation-started', 0, 1)
      scene.world.write(60.4, 'invocation-ended', 0, how)
    }
    expect([endedAfter(65, ends(0)), endedAfter(65, ends(1))]).toEqual([false, true])
    const fails = (scene: Scene) => scene.world.callFails(60.2, 'DescribeTasks', 'Unavailable')
    expect(endedAfter(65, fails)).toBe(true)
  })

  test('and not where a call was answered: a sweep that asks whether our hook holds a stranger disturbs nobody', () => {
    const asks = (scene: Scene) => scene.world.callFails(60.2, 'RecordLifecycleActionHeartbeat', 'NotFound')
    expect(endedAfter(65, asks)).toBe(false)
  })

  test('that Auto Scaling has turned away, as long as nobody has heard of the action', () => {
    const stillWaits = (failure: 'Throttled' | 'Unavailable'): boolean => {
      const scene = oneHost(hookOf(7200))
      scene.world.loses(10, 'termination')
      scene.world.stop(50, scene.task, 60)
      scene.world.callFails(400, 'DescribeLifecycleHooks', failure)
      scene.world.write(560, 'stuck', 0, 0)
      return isKept(l1, scene)
    }
    expect([stillWaits('Throttled'), stillWaits('Unavailable')]).toEqual([true, false])
  })

  test('before the action was heard of, and not before it is heard of once more', () => {
    const scene = oneHost(hookOf(7200))
    const { world, instance, task, action } = scene
    world.loses(10, 'termination')
    world.stop(50, task, 60)
    world.decide(300, instance, 'DrainRequested')
    world.callFails(400, 'DescribeLifecycleHooks')
    world.decide(590, instance, 'DrainRequested')
    world.end(600, action)
    expect(isKept(l1, scene)).toBe(false)
  })

  test('by an instance that has left the warm pool again, since a sweep finds it', () => {
    const unheard = (leaves: boolean): boolean => {
      const scene = toWarmPool('termination', leaves)
      scene.world.write(20_000, 'stuck', 0, 0)
      return isKept(l1, scene)
    }
    expect([unheard(false), unheard(true)]).toEqual([true, false])
  })
})

describe('functions at work, as many as there may be', () => {
  const endedAt = (at: number, ...runs: ReadonlyArray<readonly [from: number, to: number]>): boolean => {
    const scene = oneHost({ ...hookOf(7200), parameters: { 'function.concurrency': 1 } })
    scene.world.stop(50, scene.task, 60)
    for (const [run, [from, to]] of runs.entries()) {
      scene.world.write(from, 'invocation-started', run, 1)
      scene.world.write(to, 'invocation-ended', run, 0)
    }
    scene.world.end(at, scene.action)
    return isKept(l1, scene)
  }

  test('are waited for while they are still at work', () => {
    expect(endedAt(300, [70, 400])).toBe(true)
  })

  test('before the last task had stopped were nothing to wait for, and cost nothing', () => {
    expect(endedAt(403, [11, 12], [70, 400])).toBe(true)
    expect(endedAt(121, [11, 62], [118, 118.1])).toBe(false)
  })
})

test('an agent that registered it again before the drain has nobody look for it', () => {
  const endedAt = (at: number, againAt: number): boolean => {
    const happenings = [{ atSeconds: 65, do: 'set-active', group: 'workers', old: 0 }] as const
    const scene = oneHost(aPlan({ services: [aService({ desired: 1 })], happenings }))
    const { world, instance, task, action } = scene
    const record = world.registerAgain(againAt, instance)
    world.containerInstance(40, record, 'DRAINING')
    world.stop(50, task, 60)
    world.happening(65)
    world.containerInstance(65, record, 'ACTIVE')
    world.end(at, action)
    return isKept(l1, scene)
  }
  expect([endedAt(135, 30), endedAt(135, 5)]).toEqual([true, false])
})
