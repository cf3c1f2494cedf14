import { describe, expect, test } from 'vitest'
import type { Plan } from '../../src/plan/plan.ts'
import { whyNoFloor } from '../../src/promise/floor.ts'
import { controllerResult, judgeTrace } from '../../src/promise/judge.ts'
import type { PromiseResult } from '../../src/promise/promise.ts'
import { messageKinds, plannedFault, type TaskStatus } from '../../src/trace/trace.ts'
import { aHook, amiUpdateStory, aPlan, aService, traceOf } from '../measure/trace-builder.ts'
import { comesBack, type Deadline, hookOf, judged, oneHost, setActiveAt, toWarmPool, withDeadline } from './one-host.ts'

test('a drain done right keeps all promises, each with an occasion', () => {
  const { promises } = judgeTrace(aPlan(), amiUpdateStory('drained'))
  expect(promises.filter(({ held }) => !held)).toEqual([])
  expect(promises.filter(({ occasions }) => occasions === 0)).toEqual([])
})

describe('S1 no early completion', () => {
  const name = 'S1 no early completion'

  test('is broken by a CONTINUE while a task is DEACTIVATING', () => {
    const { held, witness } = judged(name, aPlan(), amiUpdateStory('early'))
    expect(held).toBe(false)
    expect(witness).toMatch(/^at 149\.0 s CONTINUE took effect for i-0\w+ while task web\/\w+ on it was DEACTIVATING/)
  })

  const forcedAt = (at: number): PromiseResult => {
    const { plan, world, instance, action } = oneHost(withDeadline(hookOf(900), { after: 10_000, choice: 'continue' }))
    world.decide(at, instance, 'CompletionForced')
    world.end(at + 1, action)
    return judged(name, plan, world.trace())
  }

  test('excludes what a deadline forced, and says so', () => {
    const result = forcedAt(20)
    expect(result).toMatchObject({ held: true, occasions: 1 })
    expect(result.excluded).toEqual([expect.stringContaining('forced by its deadline at 21.0 s')])
  })

  test('is not broken by a task that comes to a host which a deadline let go', () => {
    const { plan, world, instance, task, action } = oneHost(
      withDeadline(hookOf(900), { after: 10_000, choice: 'continue' }),
    )
    world.stop(12, task, 14)
    world.decide(20, instance, 'CompletionForced')
    world.end(21, action)
    world.task(21.5, instance, { runningAt: null })
    expect(judged(name, plan, world.trace()).held).toBe(true)
  })

  test('counts no deadline that was decided upon when the host had been let go', () => {
    const { plan, world, instance, action } = oneHost(withDeadline(hookOf(900), { after: 10_000, choice: 'continue' }))
    world.end(21, action)
    world.decide(21.1, instance, 'CompletionForced')
    expect(judged(name, plan, world.trace()).held).toBe(false)
  })

  test('is broken by a deadline whose choice was another answer', () => {
    const answered = (choice: 'continue' | 'abandon', ending: 'CONTINUE' | 'ABANDON'): boolean => {
      const { plan, world, instance, action } = oneHost(withDeadline(hookOf(900), { after: 10_000, choice }))
      world.decide(20, instance, 'CompletionForced')
      world.end(21, action, ending)
      return judged(name, plan, world.trace()).held
    }
    expect([answered('continue', 'CONTINUE'), answered('abandon', 'ABANDON')]).toEqual([true, true])
    expect([answered('continue', 'ABANDON'), answered('abandon', 'CONTINUE')]).toEqual([false, false])
  })

  test('is broken by a deadline that had not come, or that nobody set', () => {
    expect(forcedAt(15).held).toBe(false)
    const { plan, world, instance, action } = oneHost()
    world.decide(1000, instance, 'CompletionForced')
    world.end(1001, action)
    expect(judged(name, plan, world.trace()).held).toBe(false)
  })

  test('is broken by an ABANDON as well, but where the group retains its hosts', () => {
    const abandoned = (terminateHookAbandon: 'terminate' | 'retain'): PromiseResult => {
      const { groups, ...rest } = hookOf(900)
      const { plan, world, action } = oneHost({
        ...rest,
        groups: groups.map((each) => ({ ...each, terminateHookAbandon })),
      })
      world.end(20, action, 'ABANDON')
      return judged(name, plan, world.trace())
    }
    expect(abandoned('terminate').witness).toMatch(/^at 20\.0 s ABANDON took effect/)
    expect(abandoned('retain').held).toBe(true)
  })

  test('names the first of several tasks, and says how many more there are', () => {
    const { plan, world, instance, action } = oneHost()
    world.task(0, instance)
    world.task(0, instance)
    world.task(0, world.instance(0))
    world.end(20, action)
    expect(judged(name, plan, world.trace()).witness).toMatch(
      / while task web\/000000task on it was RUNNING \(and 2 more\)$/,
    )
  })

  test('is not broken by a timeout, nor by an answer to a hook that is not ours: neither is an answer of ours', () => {
    const ended = (ending: 'timeout-CONTINUE' | 'CONTINUE', ours: boolean): PromiseResult => {
      const { plan, world, instance, action } = oneHost()
      world.end(20, ours ? action : world.action(10, instance, false, 'theirs'), ending)
      return judged(name, plan, world.trace())
    }
    expect(ended('CONTINUE', true).held).toBe(false)
    expect(ended('timeout-CONTINUE', true)).toMatchObject({ held: true, occasions: 0 })
    expect(ended('CONTINUE', false)).toMatchObject({ held: true, occasions: 0 })
  })

  test('goes by the last status of a task, and counts one again that runs after it had STOPPED', () => {
    const { plan, world, task, action } = oneHost()
    world.status(12, task, 'STOPPED')
    world.status(13, task, 'RUNNING')
    world.end(20, action)
    expect(judged(name, plan, world.trace()).held).toBe(false)
  })

  test('a deadline of an earlier action forces nothing later', () => {
    const { plan, world, instance, task, action } = oneHost()
    world.status(15, task, 'STOPPED')
    world.decide(20, instance, 'CompletionForced')
    world.end(21, action)
    world.lifecycle(30, instance, 'InService')
    world.task(40, instance)
    world.end(60, world.action(50, instance))
    expect(judged(name, plan, world.trace()).witness).toContain('at 60.0 s')
  })

  test('is broken by a task that was under way and comes to a host that was let go', () => {
    const { plan, world, instance, task, action } = oneHost()
    world.stop(12, task, 14)
    world.end(15, action)
    world.lifecycle(15, instance, 'Terminating:Proceed')
    world.task(15.5, instance, { runningAt: null })
    expect(judged(name, plan, world.trace()).witness).toMatch(/at 15\.5 s .* appeared on .* had let go at 15\.0 s/)
  })

  test.each([
    ['ABANDON', 'terminate', false],
    ['ABANDON', 'retain', true],
    ['timeout-CONTINUE', 'terminate', true],
  ] as const)('judges what comes to a host by who let it go: %s, %s', (ending, terminateHookAbandon, held) => {
    const { groups, ...rest } = hookOf(900)
    const { plan, world, instance, task, action } = oneHost({
      ...rest,
      groups: groups.map((each) => ({ ...each, terminateHookAbandon })),
    })
    world.stop(12, task, 14)
    world.end(15, action, ending)
    world.task(15.5, instance, { runningAt: null })
    const result = judged(name, plan, world.trace())
    expect(result.held).toBe(held)
    if (!held) expect(result.witness).toMatch(/which ABANDON had let go at 15\.0 s$/)
  })

  test('a host that leaves the warm pool again is not one that was let go', () => {
    const { plan, world, instance, task, action } = oneHost()
    world.stop(12, task, 14)
    world.end(15, action)
    world.lifecycle(16, instance, 'Pending')
    world.task(17, instance, { runningAt: null })
    expect(judged(name, plan, world.trace()).held).toBe(true)
  })

  test('excludes a container instance that came when its absence had been decided, and none that was found', () => {
    const registeredAt = (seconds: number, found = false): PromiseResult => {
      const { plan, world } = oneHost()
      const late = world.instance(0, true, 'Pending')
      const action = world.action(10, late)
      world.containerInstance(seconds, late, 'ACTIVE')
      if (found) world.decide(seconds + 1, late, 'ContainerInstanceFound')
      world.task(seconds + 2, late)
      world.end(seconds + 3, action)
      return judged(name, plan, world.trace())
    }
    expect(registeredAt(80)).toMatchObject({ held: true, excluded: [expect.stringContaining('registered only after')] })
    expect(registeredAt(80, true).held).toBe(false)
    expect(registeredAt(50).held).toBe(false)
  })

  test('is not broken by tasks on a container instance that came when its host had been let go without one', () => {
    const { plan, world } = oneHost()
    const late = world.instance(0, true, 'Pending')
    world.end(80, world.action(10, late))
    world.containerInstance(81, late, 'ACTIVE')
    world.task(82, late)
    expect(judged(name, plan, world.trace()).held).toBe(true)
  })

  describe('where its agent registers the host again', () => {
    const letGo = (
      registeredAt: number,
      stoppedAt: number,
      placedAt: number | null,
      parameters: Plan['parameters'] = {},
    ): PromiseResult => {
      const { plan, world, instance, task, action } = oneHost({ ...hookOf(900), parameters })
      world.containerInstance(11, instance, 'DRAINING')
      world.decide(11.1, instance, 'ContainerInstanceDraining')
      world.registerAgain(registeredAt, instance)
      world.stop(50, task, stoppedAt)
      world.decide(62, instance, 'TasksRead')
      world.decide(62, instance, 'CompletionDecided')
      if (placedAt !== null) world.task(placedAt, instance, { runningAt: null })
      world.end(70, action)
      return judged(name, plan, world.trace())
    }

    test('is broken by a task of either record', () => {
      expect(letGo(30, 60, 63).witness).toMatch(/^at 70\.0 s CONTINUE took effect .* was PENDING/)
      expect(letGo(30, 80, null).witness).toMatch(/^at 70\.0 s CONTINUE took effect .* was STOPPING/)
    })

    test('excludes tasks on a record that came after the last look', () => {
      expect(letGo(65, 60, 66)).toMatchObject({
        held: true,
        excluded: [expect.stringContaining('its agent registered it again, after the last look at it')],
      })
    })

    test('excludes them as well where the record had come before and no list had it yet', () => {
      const letGoWith = (listLag: number): boolean => letGo(60, 59, 66, { 'ecs.listLag': listLag }).held
      expect([letGoWith(3_000), letGoWith(1_000)]).toEqual([true, false])
    })
  })

  describe('where somebody sets the host ACTIVE', () => {
    const letGo = (activeAt: number, placedAt: number): PromiseResult => {
      const { plan, world, instance, action } = setActiveAt(activeAt)
      world.decide(62, instance, 'TasksRead')
      world.decide(62, instance, 'CompletionDecided')
      world.task(placedAt, instance, { runningAt: null })
      world.end(70, action)
      return judged(name, plan, world.trace())
    }

    test('is broken by a completion that was decided after it', () => {
      expect(letGo(61, 63).witness).toMatch(/^at 70\.0 s CONTINUE took effect .* was PENDING/)
    })

    test('excludes tasks that came after the last look, before and after the completion', () => {
      for (const placedAt of [66, 72]) {
        expect(letGo(65, placedAt)).toMatchObject({
          held: true,
          excluded: [expect.stringContaining('after the last look at it')],
        })
      }
    })

    test('excludes them as well where what the last look showed was old, by no more than the plan has it', () => {
      const letGoWith = (instanceLag: number): boolean => {
        const { plan, world, instance, action } = setActiveAt(61)
        world.decide(62, instance, 'TasksRead')
        world.decide(62, instance, 'CompletionDecided')
        world.task(63, instance, { runningAt: null })
        world.end(70, action)
        return judged(name, { ...plan, parameters: { 'ecs.instanceLag': instanceLag } }, world.trace()).held
      }
      expect([letGoWith(1_000), letGoWith(100)]).toEqual([true, false])
    })

    test('does not exclude a task that was there before', () => {
      expect(letGo(65, 64).held).toBe(false)
    })

    test('does not excuse one that was there before by another that came with it', () => {
      const { plan, world, instance, action } = setActiveAt(65)
      world.decide(62, instance, 'TasksRead')
      world.task(64, instance)
      world.task(66, instance)
      world.end(70, action)
      expect(judged(name, plan, world.trace()).held).toBe(false)
    })

    test('does not excuse one that came when it had been ACTIVE before, and was looked at since', () => {
      const happenings = [20, 65].map(
        (atSeconds) => ({ atSeconds, do: 'set-active', group: 'workers', old: 0 }) as const,
      )
      const { plan, world, instance, task, action } = oneHost(
        aPlan({ services: [aService({ desired: 1 })], happenings }),
      )
      world.stop(11, task, 12)
      happenings.forEach(({ atSeconds }, index) => {
        world.containerInstance(atSeconds - 5, instance, 'DRAINING')
        world.happening(atSeconds, index)
        world.containerInstance(atSeconds, instance, 'ACTIVE')
        world.task(atSeconds + 1, instance)
      })
      world.decide(15.1, instance, 'ContainerInstanceDraining')
      world.decide(40, instance, 'DrainingUndone')
      world.decide(62, instance, 'TasksRead')
      world.end(70, action)
      expect(judged(name, plan, world.trace()).held).toBe(false)
    })

    test('does not excuse a controller that records nothing of what it has seen, before it has let go', () => {
      const { plan, world, instance, action } = oneHost(
        aPlan({ happenings: [{ atSeconds: 20, do: 'set-active', group: 'workers', old: 0 }] }),
      )
      world.happening(20)
      world.containerInstance(20, instance, 'ACTIVE')
      world.end(30, action)
      expect(judged(name, plan, world.trace()).held).toBe(false)
    })
  })

  test('is not broken by tasks on a host that came back from the warm pool', () => {
    const { plan, world, instance, task, action } = oneHost()
    world.stop(12, task, 14)
    world.end(15, action)
    world.lifecycle(300, instance, 'InService')
    world.task(310, instance)
    expect(judged(name, plan, world.trace()).held).toBe(true)
  })
})

describe('S2 floor', () => {
  test('is broken when hosts go without a drain, with the task that was lost', () => {
    const { held, witness } = judged('S2 floor', aPlan(), amiUpdateStory('none'))
    expect(held).toBe(false)
    expect(witness).toMatch(
      /^at 98\.0 s web had 2 healthy tasks of at least 4: task web\/\w+ was killed with its host on i-0/,
    )
  })

  test('excludes tasks that ECS gives up with a record that their agent has left behind, and not what becomes of them otherwise', () => {
    const forgotten = () => {
      const before = oneHost()
      before.world.registerAgain(20, before.instance)
      before.world.write(20, 'task-orphaned', before.task, 3)
      return before
    }
    const givenUp = forgotten()
    givenUp.world.status(30, givenUp.task, 'STOPPED')
    expect(judged('S2 floor', givenUp.plan, givenUp.world.trace())).toMatchObject({
      held: true,
      excluded: [expect.stringContaining('ECS gave up on the container instance that it was before')],
    })
    const toldToStop = forgotten()
    toldToStop.world.healthy(30, toldToStop.task, false)
    expect(judged('S2 floor', toldToStop.plan, toldToStop.world.trace()).held).toBe(false)
    const killed = forgotten()
    killed.world.end(30, killed.action)
    killed.world.kill(40, killed.task)
    expect(judged('S2 floor', killed.plan, killed.world.trace()).held).toBe(false)
  })

  test('excludes a task that somebody stopped by hand', () => {
    const { plan, world, task } = oneHost()
    world.write(20, 'task-stopped-by-hand', task, 0)
    world.healthy(20, task, false)
    expect(judged('S2 floor', plan, world.trace())).toMatchObject({
      held: true,
      excluded: [expect.stringContaining('somebody stopped them by hand')],
    })
  })

  test('names what the last task became that was lost', () => {
    const { plan, world, task } = oneHost()
    world.stop(20, task, 30)
    expect(judged('S2 floor', plan, world.trace()).witness).toMatch(
      /^at 20\.0 s web had 0 healthy tasks of at least 1: task web\/000000task became STOPPED on i-0\w+$/,
    )
    const letGo = oneHost()
    letGo.world.end(20, letGo.action)
    letGo.world.kill(30, letGo.task)
    expect(judged('S2 floor', letGo.plan, letGo.world.trace()).witness).toMatch(
      / was killed with its host on i-0\w+ \(its lifecycle action had ended with CONTINUE\)$/,
    )
  })

  test('judges each service by its own floor, and by the desired count that it is given', () => {
    const lost = (service: number): PromiseResult => {
      const plan = aPlan({
        services: [
          aService({ name: 'batch', desired: 3, minimumHealthyPercent: 0 }),
          aService({ desired: 1 }),
          aService({ name: 'agent', schedulingStrategy: 'DAEMON', minimumHealthyPercent: 0, maximumPercent: 100 }),
        ],
        happenings: [{ atSeconds: 5, do: 'set-desired-count', service: 'web', desired: 2 }],
      })
      const world = traceOf(plan)
      const instance = world.instance(0)
      const tasks = [0, 1, 2].map((each) => world.task(0, instance, { service: each }))
      world.happening(5)
      world.task(10, instance, { service: 1 })
      world.stop(20, tasks[service] ?? 0, 30)
      return judged('S2 floor', plan, world.trace())
    }
    expect([0, 1, 2].map((service) => lost(service).held)).toEqual([true, false, true])
    expect(lost(1).witness).toContain('web had 1 healthy task of at least 2')
    expect(lost(1).excluded).toEqual([expect.stringContaining('batch: '), expect.stringContaining('agent: ')])
  })

  test('asks more of a service only when it has got to where its raised desired count wants it', () => {
    const lostWith = (more: number): boolean => {
      const plan = aPlan({
        services: [aService({ desired: 2 })],
        happenings: [{ atSeconds: 5, do: 'set-desired-count', service: 'web', desired: 4 }],
      })
      const world = traceOf(plan)
      const instance = world.instance(0)
      for (let task = 0; task < 2; task += 1) world.task(0, instance)
      world.happening(5)
      const grown = Array.from({ length: more }, () => world.task(10, instance))
      world.stop(20, grown[0] ?? 0, 30)
      return judged('S2 floor', plan, world.trace()).held
    }
    expect([lostWith(1), lostWith(2)]).toEqual([true, false])
  })

  test('asks more of a service at once where it has as many healthy tasks already', () => {
    const plan = aPlan({
      services: [aService({ desired: 4, minimumHealthyPercent: 50 })],
      happenings: [{ atSeconds: 5, do: 'set-desired-count', service: 'web', desired: 6 }],
    })
    const world = traceOf(plan)
    const instance = world.instance(0)
    const tasks = [0, 0, 0, 0].map((at) => world.task(at, instance))
    world.happening(5)
    for (const task of tasks.slice(0, 2)) world.stop(20, task, 30)
    expect(judged('S2 floor', plan, world.trace()).witness).toContain('web had 2 healthy tasks of at least 3')
  })

  test('goes by the latest desired count, also when an earlier one is said to be done', () => {
    const desired = [4, 2].map(
      (each) => ({ atSeconds: 5, do: 'set-desired-count', service: 'web', desired: each }) as const,
    )
    const plan = aPlan({ services: [aService({ desired: 2 })], happenings: desired })
    const world = traceOf(plan)
    const instance = world.instance(0)
    const tasks = [0, 0].map((at) => world.task(at, instance))
    world.happening(5, 0)
    world.happening(6, 1)
    world.happening(7, 0, true)
    for (const at of [10, 10]) world.task(at, instance)
    for (const task of tasks) world.stop(20, task, 30)
    expect(judged('S2 floor', plan, world.trace()).held).toBe(true)
  })

  test('judges an instant by its outcome', () => {
    const { plan, world, instance, task } = oneHost()
    world.healthy(20, task, false)
    world.task(20, instance)
    expect(judged('S2 floor', plan, world.trace())).toMatchObject({ held: true, occasions: 1 })
  })

  test('is judged from when a service first reached its floor', () => {
    const world = traceOf(aPlan())
    const instance = world.instance(0)
    const task = world.task(0, instance)
    world.stop(10, task, 12)
    expect(judged('S2 floor', aPlan(), world.trace()).held).toBe(true)
  })

  test('excludes a service that never reached its floor, and one that lost tasks before it had, and says so', () => {
    const plan = aPlan({ services: [aService({ desired: 3 })] })
    const grownBy = (more: number): PromiseResult => {
      const world = traceOf(plan)
      const instance = world.instance(0)
      const tasks = [world.task(0, instance), world.task(0, instance)]
      for (const task of tasks) world.kill(10, task)
      for (let task = 0; task < more; task += 1) world.task(20, instance)
      return judged('S2 floor', plan, world.trace())
    }
    const never = 'web never reached its floor of 3: it had at most 2 healthy tasks'
    expect(grownBy(0)).toMatchObject({ held: true, occasions: 0, excluded: [never] })
    const late = 'web lost tasks before it had reached its floor'
    expect(grownBy(3)).toMatchObject({ held: true, occasions: 0, excluded: [late] })
  })

  test.each([
    ['DAEMON', aService({ schedulingStrategy: 'DAEMON', minimumHealthyPercent: 0, maximumPercent: 100 }), /DAEMON/],
    ['a minimum of 0', aService({ minimumHealthyPercent: 0 }), /floor of 0/],
    ['minimum and maximum 100', aService({ maximumPercent: 100 }), /cannot drain/],
    ['one task at 100 and 150, rounded', aService({ desired: 1, maximumPercent: 150 }), /cannot drain/],
  ])('excludes %s by AWS rules, and says so', (_, service, reason) => {
    const plan = aPlan({ services: [service] })
    const result = judged('S2 floor', plan, amiUpdateStory('none', plan))
    expect(result.held).toBe(true)
    expect(result.excluded).toEqual([expect.stringMatching(reason)])
  })

  test.each([
    [4, 50, 100, null],
    [1, 50, 200, null],
    [3, 100, 133, expect.stringContaining('cannot drain')],
    [3, 66, 133, null],
  ])('desired %i at %i/%i', (desired, minimumHealthyPercent, maximumPercent, expected) => {
    const service = { schedulingStrategy: 'REPLICA' as const, desired, minimumHealthyPercent, maximumPercent }
    expect(whyNoFloor(service)).toEqual(expected)
  })

  test.each(['hook-deleted', 'skipped'] as const)('does not blame the controller for %s', (ending) => {
    const { plan, world, task, action } = oneHost()
    world.end(20, action, ending)
    world.kill(30, task)
    const result = judged('S2 floor', plan, world.trace())
    expect(result.held).toBe(true)
    expect(result.excluded).toHaveLength(1)
  })

  test('does not blame it for a host that was killed, but for another that goes at the same time', () => {
    const plan = aPlan({
      services: [aService({ desired: 2 })],
      happenings: [{ atSeconds: 20, do: 'kill-instance', group: 'workers', old: 1 }],
    })
    const scene = (alsoTheFirst: boolean) => {
      const world = traceOf(plan)
      const [first, second] = [world.instance(0), world.instance(0)]
      const [mine, killed] = [world.task(0, first ?? 0), world.task(0, second ?? 0)]
      world.happening(20)
      world.kill(20, killed ?? 0)
      if (alsoTheFirst) world.kill(25, mine ?? 0)
      world.write(100, 'settled', 0, 0)
      return judged('S2 floor', plan, world.trace())
    }
    expect(scene(false)).toMatchObject({ held: true, excluded: [expect.stringContaining('the host was killed')] })
    expect(scene(true).witness).toMatch(/^at 25\.0 s web had 0 healthy tasks of at least 2/)
  })

  test('blames it for tasks beyond those that a killed host took, once some of these are made good', () => {
    const plan = aPlan({
      services: [aService({ desired: 3 })],
      happenings: [{ atSeconds: 20, do: 'kill-instance', group: 'workers', old: 1 }],
    })
    const world = traceOf(plan)
    const [first, second] = [world.instance(0), world.instance(0)] as const
    const mine = world.task(0, first)
    const killed = [world.task(0, second), world.task(0, second)]
    world.happening(20)
    for (const task of killed) {
      world.kill(20, task)
      world.status(30, task, 'STOPPED')
    }
    world.task(60, first)
    world.kill(80, mine)
    world.write(100, 'settled', 0, 0)
    expect(judged('S2 floor', plan, world.trace()).witness).toMatch(/^at 80\.0 s web had 1 healthy task of at least 3/)
  })

  test('blames it for a task that it loses when the service has been whole again since a host was killed', () => {
    const plan = aPlan({
      services: [aService({ desired: 2 })],
      happenings: [{ atSeconds: 20, do: 'kill-instance', group: 'workers', old: 1 }],
    })
    const world = traceOf(plan)
    const [first, second] = [world.instance(0), world.instance(0)] as const
    const [mine, killed] = [world.task(0, first), world.task(0, second)] as const
    world.happening(20)
    world.kill(20, killed)
    world.status(30, killed, 'STOPPED')
    world.task(60, first)
    world.kill(80, mine)
    expect(judged('S2 floor', plan, world.trace()).witness).toMatch(/^at 80\.0 s web had 1 healthy task of at least 2/)
  })

  test('judges a service by the desired count that is in force', () => {
    const lostAfter = (before: number, after: number): PromiseResult => {
      const plan = aPlan({
        services: [aService({ desired: before, minimumHealthyPercent: 50, maximumPercent: 100 })],
        happenings: [{ atSeconds: 20, do: 'set-desired-count', service: 'web', desired: after }],
      })
      const world = traceOf(plan)
      const instance = world.instance(0)
      const tasks = [0, 0, 0, 0].slice(0, before).map(() => world.task(0, instance))
      world.happening(20)
      for (let more = before; more < after; more += 1) tasks.push(world.task(30, instance))
      for (const task of tasks) world.kill(50, task)
      world.write(100, 'settled', 0, 0)
      return judged('S2 floor', plan, world.trace())
    }
    expect(lostAfter(4, 4).held).toBe(false)
    expect(lostAfter(1, 4).held).toBe(false)
    // While it was to have no tasks there was nothing to exclude.
    expect(lostAfter(0, 4)).toMatchObject({ held: false, excluded: [] })
    expect(lostAfter(4, 1)).toMatchObject({ held: true, excluded: [expect.stringContaining('cannot drain')] })
  })

  test('judges a service whose desired count now gives it a floor from when it has got there', () => {
    const plan = aPlan({
      // Of two, ECS may neither stop one nor start one.
      services: [aService({ desired: 2, minimumHealthyPercent: 66, maximumPercent: 133 })],
      happenings: [
        { atSeconds: 20, do: 'kill-instance', group: 'workers', old: 1 },
        { atSeconds: 30, do: 'set-desired-count', service: 'web', desired: 3 },
      ],
    })
    const lostAfter = (replacements: number): boolean => {
      const world = traceOf(plan)
      const [first, second] = [world.instance(0), world.instance(0)] as const
      const mine = world.task(0, first)
      const killed = world.task(0, second)
      world.happening(20)
      world.kill(20, killed)
      world.happening(30, 1)
      for (let more = 0; more < replacements; more += 1) world.task(35, first)
      world.kill(40, mine)
      world.write(100, 'settled', 0, 0)
      return judged('S2 floor', plan, world.trace()).held
    }
    expect([lostAfter(0), lostAfter(1)]).toEqual([true, false])
  })

  test('does not blame it for what ECS stops while it counts the dead, down to the floor as ECS sees it, and for no more', () => {
    const plan = aPlan({
      services: [aService({ desired: 5, minimumHealthyPercent: 50, maximumPercent: 100 })],
      happenings: [{ atSeconds: 20, do: 'kill-instance', group: 'workers', old: 1 }],
    })
    /** Two of five tasks die with their host, and two are stopped; for one of these another comes, and then so many more are stopped. */
    const scene = (stops: number, diedAs: TaskStatus = 'RUNNING') => {
      const world = traceOf(plan)
      const [first, second] = [world.instance(0), world.instance(0)] as const
      const mine = [0, 0, 0].map(() => world.task(0, first))
      const killed = [0, 0].map(() => world.task(0, second, { healthyAt: diedAs === 'RUNNING' ? 0 : null }))
      if (diedAs !== 'RUNNING') for (const _ of killed) world.task(0, first)
      world.happening(20)
      for (const task of killed) world.kill(20, task, diedAs)
      for (const task of mine.slice(0, 2)) world.stop(25, task, 26)
      const more = [...mine.slice(2), world.task(40, first)]
      for (const task of more.slice(0, stops)) world.stop(50, task, 51)
      world.write(100, 'settled', 0, 0)
      return judged('S2 floor', plan, world.trace()).held
    }
    expect([scene(1), scene(2)]).toEqual([true, false])
    // Who died before it was healthy is counted by nobody.
    expect([scene(1, 'ACTIVATING'), scene(2, 'ACTIVATING')]).toEqual([true, false])
  })

  test('blames it for what ECS stops when it has learnt which tasks died', () => {
    const plan = aPlan({
      services: [aService({ desired: 4, minimumHealthyPercent: 50, maximumPercent: 100 })],
      happenings: [{ atSeconds: 20, do: 'kill-instance', group: 'workers', old: 1 }],
    })
    const learns = (diedAt: number): boolean => {
      const world = traceOf(plan)
      const [first, second] = [world.instance(0), world.instance(0)] as const
      const mine = [0, 0].map(() => world.task(0, first))
      const killed = [0, 0].map(() => world.task(0, second))
      world.happening(20)
      for (const task of killed) {
        world.kill(20, task)
        world.status(diedAt, task, 'STOPPED')
      }
      world.stop(50, mine[0] ?? 0, 55)
      return judged('S2 floor', plan, world.trace()).held
    }
    expect([learns(60), learns(40)]).toEqual([true, false])
  })

  test('goes by a lowered desired count at once, also of a service that the dead keep below it', () => {
    const plan = aPlan({
      services: [aService({ desired: 5 })],
      happenings: [
        { atSeconds: 20, do: 'kill-instance', group: 'workers', old: 1 },
        { atSeconds: 30, do: 'set-desired-count', service: 'web', desired: 3 },
      ],
    })
    /** To ECS two are too many. One that it has told to stop counts no more, dead or not. */
    const scene = ({ dead, living }: { readonly dead: number; readonly living: number }) => {
      const world = traceOf(plan)
      const [first, second] = [world.instance(0), world.instance(0)] as const
      const mine = [0, 0].map(() => world.task(0, first))
      const killed = [0, 0, 0].map(() => world.task(0, second))
      world.happening(20)
      for (const task of killed) world.kill(20, task)
      world.happening(30, 1)
      for (const task of killed.slice(0, dead)) world.write(34, 'task-desired-status', task, 1)
      for (const task of mine.slice(0, living)) world.stop(34, task, 35)
      world.write(100, 'settled', 0, 0)
      return judged('S2 floor', plan, world.trace()).held
    }
    expect(scene({ dead: 1, living: 1 })).toBe(true)
    expect(scene({ dead: 0, living: 2 })).toBe(true)
    expect(scene({ dead: 1, living: 2 })).toBe(false)
    expect(scene({ dead: 2, living: 1 })).toBe(false)
  })

  test('blames it for tasks that it stops, unless at a deadline that says so', () => {
    const stopped = (plan: Plan, at: number): boolean => {
      const { world, task, instance } = oneHost(plan)
      world.decide(at - 1, instance, 'DeadlineReached')
      world.decide(at, instance, 'TaskToldToStop')
      world.stop(at, task, at + 10)
      world.write(at + 100, 'settled', 0, 0)
      return judged('S2 floor', plan, world.trace()).held
    }
    const stops = withDeadline(hookOf(900), { after: 100_000, choice: 'stop-tasks' })
    expect(stopped(stops, 120)).toBe(true)
    expect(stopped(stops, 60)).toBe(false)
    expect(stopped(hookOf(900), 120)).toBe(false)
  })

  test('blames it for an answer before the grace, where an agent registers after it', () => {
    const answeredAfter = (seconds: number): boolean => {
      const { plan, world } = oneHost()
      const late = world.instance(0, true, 'Pending')
      const action = world.action(10, late)
      world.end(10 + seconds, action)
      world.containerInstance(100, late, 'ACTIVE')
      // The first of the tasks moves to it, and goes with it.
      const moved = world.task(101, late)
      world.stop(110, 0, 112)
      world.kill(120, moved)
      world.write(200, 'settled', 0, 0)
      return judged('S2 floor', plan, world.trace()).held
    }
    expect(answeredAfter(61)).toBe(true)
    expect(answeredAfter(20)).toBe(false)
  })

  test("blames it for the next action of an instance whose last one was nobody's fault", () => {
    const { plan, world, instance, task, action } = oneHost()
    world.end(20, action, 'hook-deleted')
    world.lifecycle(30, instance, 'InService')
    world.end(50, world.action(40, instance))
    world.kill(55, task)
    expect(judged('S2 floor', plan, world.trace()).held).toBe(false)
  })

  test('does not blame it where the group has no hook of ours', () => {
    const [group] = aPlan().groups
    if (group === undefined) throw new Error('no group')
    const plan = aPlan({ groups: [{ ...group, hooks: [aHook({ owner: 'other' })] }] })
    const result = judged('S2 floor', plan, amiUpdateStory('none', plan))
    expect(result.held).toBe(true)
    expect(result.excluded[0]).toContain('no lifecycle hook of ours')
  })

  test('does not blame it for what comes to a host that somebody set ACTIVE after the last look', () => {
    const lost = (activeAt: number): boolean => {
      const { plan, world, instance, action } = setActiveAt(activeAt)
      const moved = world.task(40, world.instance(0))
      world.decide(62, instance, 'TasksRead')
      world.end(70, action)
      const came = world.task(80, instance)
      world.stop(85, moved, 90)
      world.kill(100, came)
      world.write(200, 'settled', 0, 0)
      return judged('S2 floor', plan, world.trace()).held
    }
    expect([61, 65, 75].map(lost)).toEqual([false, true, true])
  })

  test('blames it for a timeout, unless the hook had reached its global limit', () => {
    const timedOutAt = (at: number): PromiseResult => {
      const { plan, world, task, action } = oneHost(hookOf(30))
      world.end(at, action, 'timeout-CONTINUE')
      world.kill(at + 10, task)
      world.write(at + 100, 'settled', 0, 0)
      return judged('S2 floor', plan, world.trace())
    }
    expect(timedOutAt(40).held).toBe(false)
    expect(timedOutAt(10 + 3000)).toMatchObject({ held: true, excluded: [expect.stringContaining('global limit')] })
  })
})

describe('S3 foreign hooks and instances', () => {
  const name = 'S3 foreign hooks and instances'

  test('is held while others answer their own hooks', () => {
    const world = traceOf()
    world.end(40, world.action(10, world.instance(0), false, 'theirs'), 'other-CONTINUE')
    expect(judged(name, aPlan(), world.trace())).toMatchObject({ held: true, occasions: 1 })
  })

  test('has nothing to show where all hooks are ours and nobody is drained', () => {
    const { plan, world } = oneHost()
    expect(judged(name, plan, world.trace())).toMatchObject({ held: true, occasions: 0 })
  })

  test.each(['before', 'after'] as const)('judges each record of an instance: %s its lifecycle action', (when) => {
    const world = traceOf()
    const instance = world.instance(0)
    const record = world.registerAgain(5, instance)
    world.action(when === 'before' ? 30 : 10, instance)
    world.containerInstance(20, record, 'DRAINING')
    expect(judged(name, aPlan(), world.trace()).held).toBe(when === 'after')
  })

  test.each(['CONTINUE', 'ABANDON'] as const)("is broken by a %s to somebody else's hook", (ending) => {
    const world = traceOf()
    world.end(40, world.action(10, world.instance(0), false, 'theirs'), ending)
    expect(judged(name, aPlan(), world.trace()).witness).toMatch(
      new RegExp(`at 40\\.0 s the hook theirs of i-0\\w+ got a ${ending};`),
    )
  })

  test("is broken by a heartbeat for somebody else's hook", () => {
    const world = traceOf()
    world.heartbeat(20, world.action(10, world.instance(0), false, 'theirs'))
    expect(judged(name, aPlan(), world.trace()).witness).toMatch(
      /^at 20\.0 s the hook theirs of i-0\w+ got a heartbeat;/,
    )
  })

  test('is broken by DRAINING where nothing was announced, but not if somebody else did it', () => {
    const drained = (plan: Plan, ...at: ReadonlyArray<number>): PromiseResult => {
      const world = traceOf(plan)
      const instance = world.instance(0)
      if (plan.happenings[0]?.do === 'set-draining') world.happening(10)
      for (const each of at) {
        world.containerInstance(each, instance, 'DRAINING')
        world.containerInstance(each + 1, instance, 'ACTIVE')
      }
      return judged(name, plan, world.trace())
    }
    expect(drained(aPlan(), 20).witness).toContain('was set DRAINING')
    const others = aPlan({ happenings: [{ atSeconds: 10, do: 'set-draining', group: 'workers', old: 0 }] })
    expect(drained(others, 10)).toMatchObject({ held: true, excluded: [expect.stringContaining('somebody else')] })
    expect(drained(others, 10, 20).witness).toMatch(/^at 20\.0 s i-0\w+ was set DRAINING/)
  })

  test('is broken by DRAINING when the warm pool has given the instance back, until it is to go again', () => {
    const drainedAt = (at: number, ending: 'CONTINUE' | 'timeout-CONTINUE' = 'CONTINUE'): PromiseResult => {
      const { plan, world, instance, task, action } = oneHost()
      world.stop(12, task, 14)
      world.end(15, action, ending)
      world.lifecycle(30, instance, 'Pending')
      world.lifecycle(40, instance, 'InService')
      if (at > 60) world.action(60, instance)
      world.containerInstance(at, instance, 'DRAINING')
      return judged(name, plan, world.trace())
    }
    expect(drainedAt(20).held).toBe(true)
    expect(drainedAt(50).witness).toMatch(/^at 50\.0 s i-0\w+ was set DRAINING/)
    expect(drainedAt(70).held).toBe(true)
    // Of a timeout nobody tells the controller.
    expect(drainedAt(50, 'timeout-CONTINUE').held).toBe(true)
  })
})

test('S4 is broken when an action ends twice', () => {
  const { plan, world, task, action } = oneHost()
  world.stop(12, task, 14)
  world.end(15, action)
  expect(judged('S4 one completion per action', plan, world.trace())).toMatchObject({ held: true, occasions: 1 })
  world.end(18, action)
  expect(judged('S4 one completion per action', plan, world.trace()).witness).toMatch(
    /^at 18\.0 s the lifecycle action of i-0\w+ ended a second time, with CONTINUE; it had ended at 15\.0 s$/,
  )
})

test("S4 is not about somebody else's hook, however often that ends", () => {
  const { plan, world, instance } = oneHost()
  const theirs = world.action(10, instance, false, 'theirs')
  for (const at of [20, 30]) world.end(at, theirs, 'other-CONTINUE')
  expect(judged('S4 one completion per action', plan, world.trace())).toMatchObject({ held: true, occasions: 0 })
})

describe('L1 completes when the tasks have stopped', () => {
  const name = 'L1 completes when the tasks have stopped'

  const completed = (options: { after: number; lost?: boolean; forced?: boolean }): PromiseResult => {
    const { plan, world, instance, task, action } = oneHost()
    world.stop(50, task, 60)
    if (options.lost === true) world.loses(60, 'task-stopped')
    if (options.forced === true) world.decide(59, instance, 'CompletionForced')
    world.end(60 + options.after, action)
    return judged(name, plan, world.trace())
  }

  test('within one delivery', () => {
    expect(completed({ after: 3 })).toMatchObject({ held: true, occasions: 1 })
    expect(completed({ after: 40 }).witness).toMatch(
      /ended with CONTINUE, 40\.0 s after its last task had stopped \(task web\/000000task, at 60\.0 s\)/,
    )
  })

  test('within one delivery as well where functions have ended well', () => {
    const { plan, world, task, action } = oneHost()
    world.write(20, 'invocation-started', 0, 1)
    world.write(21, 'invocation-ended', 0, 0)
    world.stop(50, task, 60)
    world.end(100, action)
    expect(judged(name, plan, world.trace()).held).toBe(false)
  })

  test('within one sweep where the event was lost', () => {
    expect(completed({ after: 65, lost: true }).held).toBe(true)
    expect(completed({ after: 600, lost: true }).held).toBe(false)
  })

  test('within one sweep of a calm in the midst of faults', () => {
    /** A task that has stopped at second 60, and a completion at second 900; a fault every 50 s but in the calm. */
    const withCalm = (from: number, to: number): PromiseResult => {
      const faults = { perMille: { 'api.unavailable': 100 }, untilSeconds: 1200, only: null, lose: [] }
      const { plan, world, task, action } = oneHost({ ...hookOf(7200), faults })
      world.stop(50, task, 60)
      for (let at = 70; at < 900; at += 50) if (at <= from || at >= to) world.write(at, 'fault', 0, 1)
      world.end(900, action)
      return judged(name, plan, world.trace())
    }
    expect(withCalm(0, 0).held).toBe(true)
    expect(withCalm(100, 250).held).toBe(true)
    expect(withCalm(100, 850).witness).toMatch(/ended with CONTINUE, 840\.0 s after its last task had stopped/)
  })

  test('within one sweep of the last fault that the plan puts at an exact place', () => {
    /** A task that has stopped at second 60, and a completion at second 900 that a fault at second 800 delayed. */
    const disturbedBy = (id: number): boolean => {
      const { plan, world, task, action } = oneHost(hookOf(7200))
      world.stop(50, task, 60)
      for (let at = 70; at <= 800; at += 50) world.write(at, 'fault', 0, id)
      world.end(900, action)
      return judged(name, plan, world.trace()).held
    }
    expect([disturbedBy(plannedFault), disturbedBy(1)]).toEqual([true, false])
  })

  test('within one sweep of the one that Auto Scaling turned away before it had found the action', () => {
    /** A notice that was lost, a sweep at 400 s that is throttled, and a drain that another begins. */
    const foundAfter = (operation: 'RecordLifecycleActionHeartbeat' | 'DescribeTasks', heardOfAt: number): boolean => {
      const { plan, world, instance, task, action } = oneHost(hookOf(7200))
      world.loses(10, 'termination')
      world.stop(50, task, 60)
      world.callFails(400, operation)
      world.decide(heardOfAt, instance, 'DrainRequested')
      world.end(600, action)
      return judged(name, plan, world.trace()).held
    }
    expect(foundAfter('RecordLifecycleActionHeartbeat', 590)).toBe(true)
    expect(foundAfter('DescribeTasks', 590)).toBe(false)
    expect(foundAfter('RecordLifecycleActionHeartbeat', 300)).toBe(false)
  })

  test('after the grace, where there is no container instance to be found', () => {
    const endedAfter = (seconds: number): PromiseResult => {
      const world = traceOf()
      const instance = world.instance(0, true, 'Pending')
      world.end(10 + seconds, world.action(10, instance))
      return judged(name, aPlan(), world.trace())
    }
    expect(endedAfter(25).held).toBe(true)
    expect(endedAfter(120).held).toBe(false)
  })

  test('reads an instance without tasks twice, and is told to by two wake-ups', () => {
    const endedAfter = (seconds: number): PromiseResult => {
      const plan = aPlan({ parameters: { 'queue.window': 5000 } })
      const world = traceOf(plan)
      world.end(10 + seconds, world.action(10, world.instance(0)))
      return judged(name, plan, world.trace())
    }
    // Three windows, two times to settle, the spread of first readings, and a second or two for the calls of each.
    expect(endedAfter(40).held).toBe(true)
    expect(endedAfter(60).held).toBe(false)
  })

  test('allows the grace to one that registered a moment before and is in no list yet', () => {
    const endedAfter = (seconds: number): boolean => {
      const plan = aPlan({ parameters: { 'ecs.listLag': 4000 } })
      const world = traceOf(plan)
      const instance = world.instance(0, true, 'Pending')
      world.containerInstance(8, instance, 'ACTIVE')
      world.end(10 + seconds, world.action(10, instance))
      return judged(name, plan, world.trace()).held
    }
    expect(endedAfter(90)).toBe(true)
    expect(endedAfter(200)).toBe(false)
  })

  test('does not judge one of whose tasks ECS forgot while they were read, if the next sweep completes it', () => {
    const endedAfter = (seconds: number, remembers: number): PromiseResult => {
      const plan = aPlan({ services: [aService({ desired: 2 })], parameters: { 'ecs.remembersStopped': remembers } })
      const { world, task, instance, action } = oneHost(plan)
      world.stop(15, world.task(0, instance), 20)
      world.stop(3600, task, 3610)
      world.end(3610 + seconds, action)
      return judged(name, plan, world.trace())
    }
    expect(endedAfter(200, 3600)).toMatchObject({
      held: true,
      excluded: [expect.stringContaining('ECS forgot a task')],
    })
    expect([endedAfter(200, 7200).held, endedAfter(900, 3600).held]).toEqual([false, false])
  })

  test('judges one all the same whose tasks ECS forgot before they were read, and where it forgot those of another', () => {
    const forgets = (stoppedAt: number, ofAnother: boolean): boolean => {
      const plan = aPlan({ services: [aService({ desired: 2 })], parameters: { 'ecs.remembersStopped': 3600 } })
      const { world, task, instance, action } = oneHost(plan)
      world.stop(15, world.task(0, ofAnother ? world.instance(0) : instance), stoppedAt)
      world.stop(3700, task, 3710)
      world.end(3910, action)
      return judged(name, plan, world.trace()).held
    }
    expect([forgets(120, false), forgets(100, false), forgets(120, true)]).toEqual([true, false, false])
  })

  test('allows a look that still shows ACTIVE, after which everything is read once more', () => {
    const endedAfter = (seconds: number): boolean => {
      const plan = aPlan({ services: [aService({ desired: 1 })], parameters: { 'ecs.instanceLag': 15_000 } })
      const { world, task, action } = oneHost(plan)
      world.stop(100, task, 100)
      world.end(100 + seconds, action)
      return judged(name, plan, world.trace()).held
    }
    expect([endedAfter(40), endedAfter(60)]).toEqual([true, false])
  })

  test('allows a host that ECS has given up on the way to be looked for twice, a grace apart', () => {
    const endedAfter = (seconds: number, isGivenUp: boolean): boolean => {
      const { plan, world, instance, task, action } = oneHost()
      world.containerInstance(11, instance, 'DRAINING')
      world.stop(50, task, 60)
      if (isGivenUp) world.containerInstance(60, instance, 'INACTIVE')
      world.end(60 + seconds, action)
      return judged(name, plan, world.trace()).held
    }
    expect([endedAfter(125, true), endedAfter(170, true), endedAfter(125, false)]).toEqual([true, false, false])
  })

  test('allows tasks that stop before they are read for the first time the wake-up that an instance without tasks needs', () => {
    const endedAfter = (seconds: number, stoppedAt: number): boolean => {
      const plan = aPlan({ services: [aService({ desired: 1 })], parameters: { 'queue.window': 5000 } })
      const { world, task, action } = oneHost(plan)
      world.stop(stoppedAt, task, stoppedAt)
      world.end(stoppedAt + seconds, action)
      return judged(name, plan, world.trace()).held
    }
    expect(endedAfter(40, 11)).toBe(true)
    expect(endedAfter(40, 100)).toBe(false)
  })

  test('allows its tasks to be read from the beginning where somebody set it ACTIVE', () => {
    const endedAt = (at: number, activeAt: number, drainingAt: number): boolean => {
      const { plan, world, instance, action } = setActiveAt(activeAt)
      world.containerInstance(drainingAt, instance, 'DRAINING')
      world.end(at, action)
      return judged(name, plan, world.trace()).held
    }
    expect([90, 130].map((at) => endedAt(at, 55, 63))).toEqual([true, false])
    // Set DRAINING again before the last task had stopped, it takes no longer than else.
    expect([70, 90].map((at) => endedAt(at, 40, 45))).toEqual([true, false])
  })

  test('allows a host that its agent has registered again to be looked for, and read from the beginning', () => {
    const endedAt = (at: number, drainingAt: number): boolean => {
      const { plan, world, instance, task, action } = oneHost()
      world.containerInstance(11, instance, 'DRAINING')
      const record = world.registerAgain(30, instance)
      world.stop(50, task, 60)
      world.containerInstance(drainingAt, record, 'DRAINING')
      world.end(at, action)
      return judged(name, plan, world.trace()).held
    }
    expect([140, 190].map((at) => endedAt(at, 125))).toEqual([true, false])
    // Found before the last task had stopped, it takes no longer than else.
    expect([70, 90].map((at) => endedAt(at, 40))).toEqual([true, false])
  })

  test('allows for that as well where somebody else has set it DRAINING meanwhile', () => {
    const endedAt = (at: number): boolean => {
      const happenings = [{ atSeconds: 40, do: 'set-draining', group: 'workers', old: 0 }] as const
      const { plan, world, instance, task, action } = oneHost(
        aPlan({ services: [aService({ desired: 1 })], happenings }),
      )
      world.containerInstance(11, instance, 'DRAINING')
      const record = world.registerAgain(30, instance)
      world.happening(40)
      world.containerInstance(40, record, 'DRAINING')
      world.stop(50, task, 60)
      world.end(at, action)
      return judged(name, plan, world.trace()).held
    }
    expect([140, 190].map(endedAt)).toEqual([true, false])
  })

  test('is broken by an ABANDON that comes too late as well, also where a deadline forced it', () => {
    const abandoned = (after: number, decidesAt?: number): PromiseResult => {
      const { plan, world, instance, task, action } = oneHost(
        withDeadline(hookOf(900), { after: 60_000, choice: 'abandon' }),
      )
      world.stop(50, task, 60)
      if (decidesAt !== undefined) world.decide(decidesAt, instance, 'CompletionForced')
      world.end(60 + after, action, 'ABANDON')
      return judged(name, plan, world.trace())
    }
    expect(abandoned(3)).toMatchObject({ held: true, occasions: 1 })
    expect(abandoned(600).witness).toMatch(/ended with ABANDON, 600\.0 s after its last task had stopped/)
    expect(abandoned(600, 650).held).toBe(false)
  })

  test.each(['hook-deleted', 'skipped', 'other-CONTINUE'] as const)(
    'is not mended by an end that somebody else brings about, too late: %s',
    (ending) => {
      const endedAt = (at: number): boolean => {
        const { plan, world, task, action } = oneHost()
        world.stop(50, task, 60)
        world.end(at, action, ending)
        return judged(name, plan, world.trace()).held
      }
      expect([endedAt(63), endedAt(600)]).toEqual([true, false])
    },
  )

  test('allows the time in which a message had to wait for a function to end, and no more', () => {
    /** A task that has stopped at second 60, functions at work since, and a completion 3 s after the last of them. */
    const heldWith = (concurrency: number, ...runs: ReadonlyArray<readonly [from: number, to: number]>): boolean => {
      const parameters = { 'function.concurrency': concurrency }
      const { plan, world, task, action } = oneHost({ ...hookOf(7200), parameters })
      world.stop(50, task, 60)
      for (const [run, [from, to]] of runs.entries()) {
        world.write(from, 'invocation-started', run, 1)
        world.write(to, 'invocation-ended', run, 0)
      }
      world.end((runs.at(-1)?.[1] ?? 0) + 3, action)
      return judged(name, plan, world.trace()).held
    }
    expect([heldWith(1, [70, 400]), heldWith(2, [70, 400])]).toEqual([true, false])
    expect([heldWith(2, [70, 400], [80, 390]), heldWith(3, [70, 400], [80, 390])]).toEqual([true, false])
    expect(heldWith(2, [70, 400], [395, 399])).toBe(false)
    // Where there may be only one, each is as many as there may be.
    expect(heldWith(1, [100, 101], [200, 201], [400, 401])).toBe(false)
    // In between the next is about to begin.
    expect(heldWith(1, ...Array.from({ length: 600 }, (_, run) => [70 + run, 70.6 + run] as const))).toBe(true)
  })

  test('is broken by a timeout of the hook, long after the last task had stopped', () => {
    const { plan, world, instance, task, action } = oneHost()
    world.stop(50, task, 55)
    world.stop(50, world.task(0, instance), 60)
    world.end(910, action, 'timeout-CONTINUE')
    expect(judged(name, plan, world.trace()).witness).toMatch(
      /ended with timeout-CONTINUE, 850\.0 s after its last task had stopped \(task web\/000001task,/,
    )
  })

  test('excludes an instance on its way to a warm pool of which nobody heard, since its notice was lost', () => {
    const unheard = (lost: (typeof messageKinds)[number], isHeardOf = false): PromiseResult => {
      const { plan, world, instance } = toWarmPool(lost)
      if (isHeardOf) world.decide(20, instance, 'DrainRequested')
      world.write(20_000, 'stuck', 0, 0)
      return judged(name, plan, world.trace())
    }
    const excluded = [expect.stringContaining('does not list the instances of its warm pool')]
    expect(unheard('termination')).toMatchObject({ held: true, excluded })
    expect(unheard('termination', true).held).toBe(false)
    expect(unheard('task-stopped').held).toBe(false)
  })

  test('is broken by an action that never ends', () => {
    const { plan, world, task } = oneHost()
    world.stop(50, task, 60)
    world.write(3600, 'stuck', 0, 0)
    expect(judged(name, plan, world.trace()).witness).toContain('was still waiting')
  })

  test('has nothing to judge while a task has not stopped', () => {
    const { plan, world } = oneHost()
    world.write(3600, 'stuck', 0, 0)
    expect(judged(name, plan, world.trace())).toMatchObject({ held: true, occasions: 0 })
  })
})

test('L2 is broken by an action that is open at the end', () => {
  const { plan, world, action, task } = oneHost()
  world.write(3600, 'stuck', 0, 0)
  expect(judged('L2 every drain ends', plan, world.trace()).witness).toContain('1 task not STOPPED')
  world.stop(50, task, 60)
  world.end(61, action)
  expect(judged('L2 every drain ends', plan, world.trace()).held).toBe(true)
})

test('L2 is broken by a stream that does not say how a drain ended, where a sweep had the time to find out', () => {
  const l2 = (endsAt: number, isOpen: boolean, faults: Partial<Plan['faults']> = {}) => {
    const { plan, world, action, task } = oneHost(
      aPlan({ services: [aService({ desired: 1 })], faults: { ...aPlan().faults, ...faults } }),
    )
    world.stop(50, task, 60)
    world.end(61, action)
    world.write(endsAt, 'settled', 0, 0)
    const trace = world.trace()
    const open = isOpen ? [trace.cast.instances[0]?.id ?? ''] : []
    return judgeTrace(plan, trace, [], open).promises.find(({ name }) => name === 'L2 every drain ends')
  }
  expect(l2(3600, false)?.held).toBe(true)
  expect(l2(3600, true)?.witness).toMatch(/the stream of i-\w+ did not say that its drain is over/)
  expect(l2(90, true)?.held).toBe(true)
  // Until when faults are drawn is nothing to wait for where none is.
  expect(l2(3600, true, { untilSeconds: 3600 })?.held).toBe(false)
  expect(l2(3600, true, { untilSeconds: 3600, perMille: { 'bus.drop': 1 } })?.held).toBe(true)
})

test('L2 is broken by a stream that holds a drain open for which no lifecycle action of ours holds the instance', () => {
  const told = (whose: 'ours' | 'strange', ...requestedAt: ReadonlyArray<number>): PromiseResult | undefined => {
    const { plan, world, instance, task, action } = oneHost()
    world.stop(50, task, 60)
    world.end(61, action)
    const of = whose === 'ours' ? instance : world.instance(0)
    for (const at of requestedAt) world.decide(at, of, 'DrainRequested')
    world.decide(3590, of, 'EffectFailed')
    world.write(3600, 'settled', 0, 0)
    const trace = world.trace()
    const { promises } = judgeTrace(plan, trace, [], [trace.cast.instances[of]?.id ?? ''])
    return promises.find(({ name }) => name === 'L2 every drain ends')
  }
  for (const whose of ['ours', 'strange'] as const) {
    expect(told(whose, 100)?.witness).toMatch(/no lifecycle action of ours was open at 100\.0 s or later$/)
    // A notice that came late, or twice, has only just begun it.
    expect(told(whose, 3590)?.held).toBe(true)
    expect(told(whose, 100, 3590)?.held).toBe(true)
  }
})

test('L2 is broken by an instance that stays DRAINING when the warm pool has given it back, unless somebody else wanted that', () => {
  const name = 'L2 every drain ends'
  const returned = (
    endsAt: number,
    then: (told: ReturnType<typeof oneHost>) => unknown = () => {},
    byOthers = false,
  ) => {
    const told = oneHost(aPlan({ happenings: [{ atSeconds: 11, do: 'set-draining', group: 'workers', old: 0 }] }))
    const { world } = told
    if (byOthers) world.write(11, 'happening', 0, 0)
    comesBack(told)
    then(told)
    world.write(endsAt, 'settled', 0, 0)
    return judged(name, told.plan, world.trace())
  }
  expect(returned(3600).witness).toMatch(/^at 3600\.0 s .* i-\w+ was DRAINING still, .* from its warm pool at 40\.0 s$/)
  expect(returned(50).held).toBe(true)
  expect(returned(200).held).toBe(false)
  expect(returned(3600, ({ world, instance }) => world.containerInstance(44, instance, 'ACTIVE')).held).toBe(true)
  expect(returned(3600, () => {}, true).held).toBe(true)
  const drainedLater = ({ world, instance }: ReturnType<typeof oneHost>): void => {
    world.containerInstance(44, instance, 'ACTIVE')
    world.containerInstance(45, instance, 'DRAINING')
  }
  expect(returned(3600, drainedLater).held).toBe(true)
  expect(returned(3600, ({ world, instance }) => world.registerAgain(60, instance)).held).toBe(true)
  expect(returned(3600, ({ world, instance }) => world.lifecycle(60, instance, 'Terminating')).held).toBe(true)
  // A sweep has to find it, and is given the time.
  const lost = ({ world }: ReturnType<typeof oneHost>): void =>
    world.write(35, 'message-lost', 0, messageKinds.indexOf('launch'))
  expect(returned(200, lost).held).toBe(true)
  expect(returned(3600, lost).held).toBe(false)
})

test('L2 is broken by a drain that has no task left, and by one whose other tasks had a place to go', () => {
  const { plan, world, task } = oneHost()
  world.stop(50, task, 60)
  world.write(3500, 'placement-failed', 0, 0)
  world.write(3600, 'stuck', 0, 0)
  expect(judged('L2 every drain ends', plan, world.trace()).witness).toContain('no task on it')
  const two = oneHost(aPlan({ services: [aService({ desired: 1 }), aService({ name: 'other', desired: 1 })] }))
  two.world.task(0, two.instance, { service: 1 })
  two.world.write(3500, 'placement-failed', 0, 0)
  two.world.write(3600, 'stuck', 0, 0)
  expect(judged('L2 every drain ends', two.plan, two.world.trace()).witness).toContain('2 tasks not STOPPED')
})

test('L2 excludes a drain that is not late yet when the run is cut off', () => {
  const cutAfter = (seconds: number, lost: boolean): PromiseResult => {
    const { plan, world, task } = oneHost()
    world.stop(50, task, 60)
    if (lost) world.loses(60, 'task-stopped')
    world.write(60 + seconds, 'stuck', 0, 0)
    return judged('L2 every drain ends', plan, world.trace())
  }
  expect(cutAfter(5, false)).toMatchObject({
    held: true,
    excluded: [expect.stringContaining('the run ended when its drain was not late yet')],
  })
  expect([cutAfter(100, false).held, cutAfter(100, true).held, cutAfter(900, true).held]).toEqual([false, true, false])
})

test('L2 excludes a drain whose tasks find no place to go, as long as that is so', () => {
  const { plan, world } = oneHost()
  world.write(3500, 'placement-failed', 0, 0)
  world.write(3600, 'stuck', 0, 0)
  const { held, excluded } = judged('L2 every drain ends', plan, world.trace())
  expect([held, excluded[0]]).toEqual([true, expect.stringContaining('no instance has room')])
  // Tasks of a DAEMON service wait for the others.
  const beside = oneHost(
    aPlan({ services: [aService({ desired: 1 }), aService({ name: 'daemon', schedulingStrategy: 'DAEMON' })] }),
  )
  beside.world.task(0, beside.instance, { service: 1 })
  beside.world.write(3500, 'placement-failed', 0, 0)
  beside.world.write(3600, 'stuck', 0, 0)
  expect(judged('L2 every drain ends', beside.plan, beside.world.trace()).held).toBe(true)
  const earlier = oneHost()
  earlier.world.write(1000, 'placement-failed', 0, 0)
  earlier.world.write(3600, 'stuck', 0, 0)
  expect(judged('L2 every drain ends', earlier.plan, earlier.world.trace()).held).toBe(false)
})

describe('L3 the hook does not time out', () => {
  const name = 'L3 the hook does not time out'

  test('is broken by a timeout that a heartbeat would have prevented', () => {
    const { plan, world, action } = oneHost(hookOf(120))
    world.heartbeat(60, action)
    world.end(180, action, 'timeout-CONTINUE')
    expect(judged(name, plan, world.trace()).witness).toMatch(/at 180\.0 s .* timed out .* 120\.0 s after/)
  })

  test.each([
    ['global limit', 10 + 12_000, () => undefined],
    ['its notice was lost', 130, (scene: ReturnType<typeof oneHost>) => scene.world.loses(10.1, 'termination')],
    // Received too often without success: message 0, a termination.
    [
      'its notice was lost',
      130,
      (scene: ReturnType<typeof oneHost>) => scene.world.write(12, 'message-dead-lettered', 0, 0),
    ],
  ] as const)('excludes: %s', (reason, at, prepare) => {
    const scene = oneHost(hookOf(120))
    prepare(scene)
    scene.world.end(at, scene.action, 'timeout-ABANDON')
    const result = judged(name, scene.plan, scene.world.trace())
    expect(result.held).toBe(true)
    expect(result.excluded).toEqual([expect.stringContaining(reason)])
  })

  test('does not excuse it by a notice that was lost long before, where sweeps came by since', () => {
    const { plan, world, action } = oneHost(hookOf(7200))
    world.loses(10.1, 'termination')
    world.end(7210, action, 'timeout-ABANDON')
    expect(judged(name, plan, world.trace()).held).toBe(false)
  })

  test('does not excuse it by the loss of a message that is no notice', () => {
    const { plan, world, action } = oneHost(hookOf(120))
    world.loses(10.1, 'task-stopped')
    world.end(130, action, 'timeout-ABANDON')
    expect(judged(name, plan, world.trace()).held).toBe(false)
  })

  test('excludes what comes after a deadline that has passed, unless the choice was to wait', () => {
    const timedOut = (choice: Deadline['choice'], reachedAt: number): PromiseResult => {
      const scene = oneHost(withDeadline(hookOf(120), { after: 80_000, choice }))
      scene.world.decide(reachedAt, scene.instance, 'DeadlineReached')
      scene.world.end(130, scene.action, 'timeout-ABANDON')
      return judged(name, scene.plan, scene.world.trace())
    }
    expect(timedOut('abandon', 100)).toMatchObject({
      held: true,
      excluded: [expect.stringContaining('its deadline had passed')],
    })
    expect(timedOut('abandon', 50).held).toBe(false)
    expect(timedOut('wait', 100).held).toBe(false)
  })

  describe('while faults strike', () => {
    const drawn = { 'api.unavailable': 100 }
    /** A hook of 15 minutes that times out with its task; a fault every 100 s between these. */
    const timedOut = (
      faultsUntil: number,
      faultsFrom = 50,
      perMille: Plan['faults']['perMille'] = drawn,
      placed: Partial<Plan['faults']> = {},
    ) => {
      const faults = { perMille, untilSeconds: 1200, only: null, lose: [], ...placed }
      const plan: Plan = { ...hookOf(900), faults }
      const { world, action, task } = oneHost(plan)
      world.heartbeat(20, action)
      for (let at = faultsFrom; at <= faultsUntil; at += 100) world.write(at, 'fault', 0, 1)
      world.end(920, action, 'timeout-CONTINUE')
      world.kill(930, task)
      world.write(1000, 'settled', 0, 0)
      const trace = world.trace()
      return [judged(name, plan, trace), judged('S2 floor', plan, trace)]
    }

    test('is not blamed for a timeout that they brought about, nor for the tasks that went with it', () => {
      const lose = [{ message: 'sweep', nth: 3 }] as const
      const script = [{ do: 'fail-call', call: 'RecordLifecycleActionHeartbeat', nth: 1 }] as const
      const placed = [{ lose }, { script }].flatMap((each) => timedOut(950, 50, {}, each))
      for (const result of [...timedOut(950), ...timedOut(950, 350), ...placed]) {
        expect(result.held).toBe(true)
        expect(result.excluded).toEqual([expect.stringContaining('faults kept its heartbeats away')])
      }
    })

    test('is blamed where a heartbeat was due and nothing went wrong for a whole sweep', () => {
      expect(timedOut(500).map(({ held }) => held)).toEqual([false, false])
    })

    test('is blamed where the plan has no faults', () => {
      expect(timedOut(950, 50, {}).map(({ held }) => held)).toEqual([false, false])
    })
  })
})

test('what a trace cannot show takes its place in the list', () => {
  const s5: PromiseResult = { name: 'S5 the stream is enough', says: '', held: true, occasions: 1, excluded: [] }
  const { promises } = judgeTrace(aPlan(), amiUpdateStory('drained'), [s5])
  expect(promises.map((each) => each.name.slice(0, 2))).toEqual(['S1', 'S2', 'S3', 'S4', 'S5', 'L1', 'L2', 'L3'])
})

test('a witness names a task by its service, if it has one, and by the end of its id', () => {
  const named = (id: string, service: number): string | undefined => {
    const { plan, world, instance, task, action } = oneHost()
    world.stop(12, task, 14)
    world.task(10, instance, { service })
    world.end(20, action)
    const trace = world.trace()
    const tasks = trace.cast.tasks.map((each) => ({ ...each, id }))
    return judged('S1 no early completion', plan, { ...trace, cast: { ...trace.cast, tasks } }).witness
  }
  const arn = 'arn:aws:ecs:eu-central-1:111122223333:task/main'
  expect(named(`${arn}/0123456789abcdef`, 0)).toContain('while task web/89abcdef on it')
  expect(named(`${arn}/0123456789ab`, -1)).toContain('while task standalone/0123456789ab on it')
})

test('--json says what broke a promise', () => {
  const { promises } = controllerResult('none', judgeTrace(aPlan(), amiUpdateStory('none')))
  expect(promises.flatMap(({ name, witness }) => (witness === undefined ? [] : [[name, witness]]))).toEqual([
    ['S2 floor', expect.stringMatching(/^at 98\.0 s web had 2 healthy tasks/)],
  ])
})

test('--json says what was not counted against a promise that held', () => {
  const s5: PromiseResult = { name: 'S5 the stream is enough', says: '', held: true, occasions: 1, excluded: ['why'] }
  const { promises } = controllerResult('ecs-drain', judgeTrace(aPlan(), amiUpdateStory('drained'), [s5]))
  expect(promises.filter((each) => 'excluded' in each)).toEqual([{ name: s5.name, held: true, excluded: ['why'] }])
})

test("a controller's part of --json has exactly the documented names", () => {
  const verdict = judgeTrace(aPlan(), amiUpdateStory('none'))
  const result = controllerResult('none', verdict)
  expect(Object.keys(result)).toEqual([
    'name',
    'services',
    'tasksKilled',
    'movesPerTask',
    'lambdaInvocations',
    'apiCalls',
    'apiCallsByOperation',
    'secondsFromLastStoppedToCompletion',
    'totalSeconds',
    'promises',
  ])
  expect(Object.keys(result.services[0] ?? {})).toEqual([
    'name',
    'desired',
    'floor',
    'leastRunning',
    'secondsAtZero',
    'secondsBelowFloor',
  ])
  expect(result.promises.map((each) => Object.keys(each).join())).toContain('name,held,witness')
})
