import type { Answer, ContainerInstanceArn, EcsTaskArn } from '@ecs-drain/core'
import { describe, expect, test } from 'vitest'
import type { Execution } from '../../src/controller/controller.ts'
import { countersOf } from '../../src/controller/counted-container-instance.ts'
import { createNone } from '../../src/controller/none.ts'
import { completePlan, type HappeningSketch, type PlanSketch, type ServiceSketch } from '../../src/plan/defaults.ts'
import type { MessageKind } from '../../src/plan/plan.ts'
import { type Kind, messageKinds, placementFailures, type TaskStatus, taskStatuses } from '../../src/trace/trace.ts'
import { view } from '../../src/world/api.ts'
import type { Task } from '../../src/world/state.ts'
import { driveWorld } from '../../src/world/world.ts'
import { calling, onlyDrains, runOf } from './running.ts'

const status = (name: TaskStatus): number => taskStatuses.indexOf(name)
type Run = ReturnType<typeof runOf>

const statusesOf = (run: Run, task: number) =>
  run
    .of('task-last-status')
    .filter(({ a }) => a === task)
    .map(({ b }) => taskStatuses[b])
const at = (run: Run, task: number, name: TaskStatus) =>
  run.of('task-last-status').find(({ a, b }) => a === task && b === status(name))?.at ?? Number.NaN

/** One of two instances is set DRAINING by hand; no host goes away. */
const drainOne = (service: ServiceSketch, cpu = 4096) =>
  runOf(
    completePlan({ groups: [{ cpu }], services: [service], happenings: [{ do: 'set-draining' }], untilSeconds: 3600 }),
    createNone(),
  )

/** When and of which kind messages were sent about the container instance that is drained. */
const eventsOf = (plan: PlanSketch) => {
  const run = runOf(
    completePlan({ groups: [{ cpu: 4096 }], services: [{ desired: 4 }], ...plan, untilSeconds: 3600 }),
    calling(['container-instance', 'agent-disconnected'], () => []),
  )
  const sent = run.of('message-sent').map(({ at: when, b }) => [messageKinds[b], when] as const)
  const ofKind = (kind: MessageKind) => sent.filter(([each]) => each === kind).map(([, when]) => when)
  return { run, whole: ofKind('container-instance'), disconnected: ofKind('agent-disconnected') }
}

/** Tasks of the instance drained that were told to stop, and when. */
const toldToStop = (run: Run) => run.of('task-desired-status')

describe('a task', () => {
  // AWS: task-lifecycle-explanation.
  test('takes every step, in order, and each in its own time', () => {
    const plan = completePlan({
      groups: [{ cpu: 4096 }],
      services: [{ desired: 2, awsvpc: true, loadBalancer: {}, pullSeconds: 5, startSeconds: 3, exitSeconds: 17 }],
      happenings: [{ do: 'set-draining' }],
      parameters: { 'task.provisioning': 11, 'task.pending': 7, 'task.deprovisioning': 13, 'agent.report': 0 },
    })
    const run = runOf(plan, createNone())
    const stages = (task: number) => {
      const each = run.of('task-last-status').filter(({ a }) => a === task)
      return each.map(({ at: when, b }, index) => [taskStatuses[b], ((each[index + 1]?.at ?? when) - when) / 1000])
    }
    const starting = [
      ['PROVISIONING', 11],
      ['PENDING', 7],
      ['ACTIVATING', 8],
      ['RUNNING', 0],
    ]
    const stopping = [
      ['DEACTIVATING', 300],
      ['STOPPING', 17],
      ['DEPROVISIONING', 13],
      ['STOPPED', 0],
    ]
    expect([stages(2), stages(0).slice(1)]).toEqual([starting, stopping])
  })

  test('that no load balancer knows of is stopped at once', () => {
    expect(statusesOf(drainOne({ desired: 2 }), 0)).toEqual(['RUNNING', 'STOPPING', 'STOPPED'])
  })

  // AWS: API reference, ContainerDefinition, stopTimeout.
  test('has its whole time to exit, however far its start had come', () => {
    const plan = completePlan({
      groups: [{ cpu: 4096 }],
      services: [{ desired: 2, pullSeconds: 60, startSeconds: 0, exitSeconds: 50, stopTimeoutSeconds: 120 }],
      happenings: [
        { do: 'set-desired-count', desired: 6, atSeconds: 10 },
        { do: 'set-draining', atSeconds: 60 },
      ],
    })
    const run = runOf(plan, createNone())
    const [pulling] = toldToStop(run)
    expect(statusesOf(run, pulling?.a ?? -1)).toEqual(['PENDING', 'ACTIVATING', 'STOPPING', 'STOPPED'])
    expect(at(run, pulling?.a ?? -1, 'STOPPED') - at(run, pulling?.a ?? -1, 'STOPPING')).toBeGreaterThanOrEqual(50_000)
  })

  // AWS: API reference, DeploymentConfiguration.
  test('is never counted as healthy when it was told to stop before it was', () => {
    const plan = completePlan({
      groups: [{ cpu: 4096 }],
      services: [{ desired: 2, loadBalancer: { healthyAfterSeconds: 60 } }],
      happenings: [
        { do: 'set-desired-count', desired: 4, atSeconds: 10 },
        { do: 'set-draining', atSeconds: 60 },
      ],
    })
    const run = runOf(plan, createNone())
    const [early] = toldToStop(run)
    expect(at(run, early?.a ?? -1, 'DEACTIVATING') - at(run, early?.a ?? -1, 'RUNNING')).toBeLessThan(60_000)
    expect(run.of('task-healthy').filter(({ a }) => a === early?.a)).toEqual([])
  })

  test('counts as healthy 40 s after RUNNING where nobody checks it', () => {
    const run = drainOne({ desired: 2 })
    const healthy = run.of('task-healthy').find(({ a }) => a === 2)
    expect((healthy?.at ?? 0) - at(run, 2, 'RUNNING')).toBe(40_000)
  })

  test('counts as healthy when its own check says so', () => {
    const run = drainOne({ desired: 2, healthCheckSeconds: 7 })
    const healthy = run.of('task-healthy').find(({ a }) => a === 2)
    expect((healthy?.at ?? 0) - at(run, 2, 'RUNNING')).toBe(7_000)
  })

  test.each([
    [7, 20],
    [20, 7],
  ])(
    'counts as healthy behind a load balancer when both have said so: its own check after %i s, the other after %i s',
    (own, other) => {
      const run = drainOne({ desired: 2, healthCheckSeconds: own, loadBalancer: { healthyAfterSeconds: other } })
      const healthy = run.of('task-healthy').find(({ a }) => a === 2)
      expect((healthy?.at ?? 0) - at(run, 2, 'RUNNING')).toBe(20_000)
    },
  )

  test('of RunTask starts as quickly as the plan says', () => {
    const plan = completePlan({ services: [], standaloneTasks: [{}], parameters: { 'task.standaloneStart': 100 } })
    const run = runOf(plan, createNone())
    expect(at(run, 0, 'RUNNING') - at(run, 0, 'ACTIVATING')).toBe(100_000)
  })

  test('is killed at its stop timeout', () => {
    const run = drainOne({ desired: 2, exitSeconds: 500, stopTimeoutSeconds: 30 })
    const took = at(run, 0, 'STOPPED') - at(run, 0, 'STOPPING')
    expect(took).toBeGreaterThanOrEqual(30_000)
    expect(took).toBeLessThan(30_600)
  })
})

describe('draining', () => {
  /** All tasks are on the instance that is drained, and there is another: what starts (+), is healthy (!), is told to stop (-). */
  const moves = (desired: number, minimumHealthyPercent: number, maximumPercent: number): string => {
    const sign: Partial<Record<Kind, string>> = { 'task-placed': '+', 'task-desired-status': '-' }
    const plan = completePlan({
      groups: [{ desired: 1, cpu: 4096 }],
      services: [{ desired, minimumHealthyPercent, maximumPercent, pullSeconds: 5, startSeconds: 2 }],
      happenings: [
        { do: 'scale-out', atSeconds: 10 },
        { do: 'set-draining', atSeconds: 600 },
      ],
      parameters: { 'scheduler.placementInFlight': 0, 'task.pending': 1 },
    })
    return runOf(plan, createNone())
      .entries.filter((entry) => entry.at > 0)
      .map(({ kind, b }) => (kind === 'task-healthy' && b === 1 ? '!' : (sign[kind] ?? '')))
      .join('')
  }

  // AWS (container-instance-draining; API reference, DeploymentConfiguration): the minimum is rounded up, the maximum down.
  test.each([
    [4, 100, 200, '++++!!!!----'],
    [4, 50, 200, '--++++!!!!--'],
    [2, 75, 200, '++!!--'],
    [1, 50, 200, '+!-'],
    [2, 50, 100, '-+!-+!'],
    [3, 66, 133, '-+!-+!-+!'],
    [1, 0, 100, '-+!'],
    [1, 0, 200, '-+!'],
    // It cannot be drained.
    [1, 100, 150, ''],
    [4, 100, 100, ''],
  ])('moves %i tasks between %i and %i percent: %s', (desired, min, max, expected) => {
    expect(moves(desired, min, max)).toBe(expected)
  })

  test('is told of when it begins, and with each task that is told to stop', () => {
    const { run, whole, disconnected } = eventsOf({ happenings: [{ do: 'set-draining' }] })
    expect(whole).toEqual([60_000, ...toldToStop(run).map(({ at: when }) => when)])
    expect(whole).toHaveLength(3)
    expect(disconnected).toEqual([])
  })

  test('is told of with each task that is STOPPED, and not when it begins, where a plan says so', () => {
    const parameters = { 'ecs.tellsWhenTaskStopped': 1, 'ecs.drainingEmitsEvent': 0 }
    const { run, whole } = eventsOf({ parameters, happenings: [{ do: 'set-draining' }] })
    const stops = run.of('task-last-status').filter(({ b }) => b === status('STOPPED'))
    expect(whole).toEqual(stops.map(({ at: when }) => when))
    expect(whole).toHaveLength(2)
  })

  test('is told of by the rule for lost agents from the loss to the return', () => {
    const { run, whole, disconnected } = eventsOf({
      happenings: [
        { do: 'set-draining', atSeconds: 60 },
        { do: 'disconnect-agent', atSeconds: 70, forSeconds: 900 },
      ],
    })
    const stops = toldToStop(run).map(({ at: when }) => when)
    expect(stops).toHaveLength(2)
    expect(disconnected).toEqual([70_000, ...stops])
    expect(whole).toEqual([60_000, 70_000, ...stops, 970_000])
  })

  test.each([
    [0, [61, 61, 61]],
    [1, [61, 62, 63]],
    [2, [61, 61, 62]],
  ])('stops as many in one pass as the plan says (%i)', (perPass, seconds) => {
    const plan = completePlan({
      groups: [{ cpu: 4096 }],
      services: [{ desired: 6, minimumHealthyPercent: 0 }],
      happenings: [{ do: 'set-draining' }],
      parameters: { 'scheduler.reaction': 1, 'scheduler.stopsPerPass': perPass },
    })
    expect(toldToStop(runOf(plan, createNone())).map(({ at: when }) => when / 1000)).toEqual(seconds)
  })

  // AWS: service-event-messages-list.
  test.each([
    ['RESOURCE:CPU', { groups: [{ cpu: 512 }] }],
    ['RESOURCE:MEMORY', { groups: [{ memory: 1024 }] }],
    ['RESOURCE:PORTS', { services: [{ desired: 2, hostPort: 8080 }] }],
    ['AGENT', { happenings: [{ do: 'disconnect-agent', old: 1, forSeconds: 3600, atSeconds: 10 }] }],
    ['NONE-ACTIVE', { happenings: [{ do: 'set-draining', old: 1 }] }],
  ] as const)(
    'needs room: without it the old tasks stay, and what is missing is told: %s',
    (reason, sketch: PlanSketch) => {
      const happenings = [{ do: 'set-draining' } as const, ...(sketch.happenings ?? [])]
      const run = runOf(completePlan({ ...sketch, happenings, untilSeconds: 1200 }), createNone())
      expect(toldToStop(run)).toEqual([])
      expect(new Set(run.of('placement-failed').map(({ b }) => placementFailures[b]))).toEqual(new Set([reason]))
    },
  )

  test.each([{ cpu: 1024 }, { memory: 2048 }, { desired: 2, hostPort: 8080 }])(
    'the room of a task that has STOPPED is free again: %j',
    (service) => {
      const plan = completePlan({
        services: [{ minimumHealthyPercent: 0, maximumPercent: 100, ...service }],
        happenings: [
          { do: 'deploy', atSeconds: 60 },
          { do: 'deploy', atSeconds: 600 },
        ],
      })
      const run = runOf(plan, createNone())
      const healthy = run.of('task-healthy').reduce((sum, { b }) => sum + (b === 1 ? 1 : -1), 0)
      expect(healthy).toBe(service.desired ?? 4)
      expect(run.of('task-placed')).toHaveLength(3 * healthy)
    },
  )

  test('without room is tried again after ever longer, where the plan says so', () => {
    const failures = (growth: number, first = 10) =>
      runOf(
        completePlan({
          groups: [{ cpu: 512 }],
          happenings: [{ do: 'set-draining' }],
          parameters: { 'scheduler.reaction': 0, 'scheduler.backoff': first, 'scheduler.backoffGrowth': growth },
        }),
        createNone(),
      )
        .of('placement-failed')
        .slice(0, 4)
        .map(({ at: when }, index, all) => (when - (all[index - 1]?.at ?? when)) / 1000)
    expect(failures(1)).toEqual([0, 10, 10, 10])
    expect(failures(3)).toEqual([0, 10, 30, 90])
    expect(failures(10, 1000)).toEqual([0, 1000, 1620, 1620])
  })

  test('without room begins with the shortest delay again when a task has found some', () => {
    const plan = completePlan({
      groups: [{ cpu: 512 }],
      happenings: [
        { do: 'set-desired-count', desired: 6, atSeconds: 10 },
        { do: 'scale-out', atSeconds: 60 },
        { do: 'set-desired-count', desired: 8, atSeconds: 600 },
      ],
      parameters: { 'scheduler.reaction': 0, 'scheduler.backoff': 10, 'scheduler.backoffGrowth': 3 },
    })
    const failures = runOf(plan, createNone())
      .of('placement-failed')
      .map(({ at: when }) => when / 1000)
    expect(failures.slice(0, 3)).toEqual([10, 20, 50])
    expect(failures.filter((second) => second >= 600).slice(0, 3)).toEqual([600, 610, 640])
  })

  /** Six are wanted where four have room, and there will be no other try for 27 minutes. */
  const inBackoff = (happening: HappeningSketch, parameters: PlanSketch['parameters'] = {}) =>
    runOf(
      completePlan({
        groups: [{ cpu: 512 }],
        services: [{ minimumHealthyPercent: 25 }],
        happenings: [{ do: 'set-desired-count', desired: 6, atSeconds: 10 }, happening],
        parameters: { 'scheduler.reaction': 1, 'scheduler.backoff': 1620, ...parameters },
      }),
      createNone(),
    )

  test('stops what may stop though the scheduler is waiting to try again for room', () => {
    const run = inBackoff({ do: 'set-draining', atSeconds: 60 })
    expect(run.of('placement-failed').map(({ at: when }) => when / 1000)).toEqual([11, 1631, 3251, 4871, 6491])
    expect(toldToStop(run).map(({ at: when }) => when / 1000)).toEqual([61, 61])
  })

  test('stops what may stop though no more tasks may be launched in this minute', () => {
    const plan = completePlan({
      groups: [{ cpu: 4096 }],
      services: [{ minimumHealthyPercent: 25 }],
      happenings: [
        { do: 'set-desired-count', desired: 6, atSeconds: 10 },
        { do: 'set-draining', atSeconds: 20 },
      ],
      parameters: { 'scheduler.reaction': 1, 'scheduler.launchesPerMinute': 1 },
    })
    const run = runOf(plan, createNone())
    expect(toldToStop(run).map(({ at: when }) => when / 1000)[0]).toBe(21)
    const started = run.of('task-placed').flatMap(({ at: when }) => (when > 0 ? [Math.floor(when / 60_000)] : []))
    expect(started).toEqual([0, 1, 2, 3, 4])
  })

  // AWS: service-throttle-logic.
  test('a deployment is not made to wait for an earlier failure, and begins with the shortest delay', () => {
    const run = inBackoff({ do: 'deploy', atSeconds: 60 }, { 'scheduler.backoff': 100, 'scheduler.backoffGrowth': 3 })
    expect(
      run
        .of('placement-failed')
        .map(({ at: when }) => when / 1000)
        .slice(0, 3),
    ).toEqual([11, 61, 161])
  })

  test('stops tasks that are not yet RUNNING at once, whatever the minimum says', () => {
    const plan = completePlan({
      groups: [{ cpu: 4096 }],
      services: [{ desired: 2, pullSeconds: 300 }],
      happenings: [
        { do: 'set-desired-count', desired: 6, atSeconds: 10 },
        { do: 'set-draining', atSeconds: 60 },
      ],
    })
    const run = runOf(plan, createNone())
    const soon = toldToStop(run).filter((entry) => entry.at <= 60_500)
    expect(soon).toHaveLength(2)
  })

  test('does not call back a placement under way: the task is stopped when it is there', () => {
    const plan = completePlan({
      groups: [{ cpu: 4096 }],
      services: [{ desired: 2 }],
      // The scheduler looks at 15 s, and again at 21 s.
      parameters: { 'scheduler.placementInFlight': 3000, 'scheduler.reaction': 5 },
      happenings: [
        { do: 'set-desired-count', desired: 4, atSeconds: 10 },
        { do: 'set-draining', atSeconds: 16 },
      ],
    })
    const run = runOf(plan, createNone())
    const landed = run.of('task-placed').find(({ b, at: when }) => b === 0 && when > 0)
    expect(landed?.at).toBe(18_000)
    const stopped = toldToStop(run).find(({ a }) => a === landed?.a)?.at ?? Number.NaN
    expect(stopped).toBeGreaterThanOrEqual(18_000)
    expect(stopped).toBeLessThanOrEqual(18_500)
  })

  // AWS: container-instance-draining.
  test('ends when the instance is set ACTIVE: what still runs there stays, and new tasks come', () => {
    const plan = completePlan({
      groups: [{ cpu: 4096 }],
      happenings: [
        { do: 'set-draining', atSeconds: 60 },
        { do: 'set-active', atSeconds: 90 },
        { do: 'set-desired-count', desired: 8, atSeconds: 600 },
      ],
    })
    const run = runOf(plan, createNone())
    const host = run.of('task-placed').map(({ b }) => b)
    // The two that had come in place of its own are too many, where most are.
    expect(host.slice(4, 6)).toEqual([1, 1])
    expect(toldToStop(run).map(({ a }) => host[a])).toEqual([1, 1])
    expect(host.slice(6).filter((each) => each === 0)).toHaveLength(2)
  })

  // AWS: container-instance-draining.
  test('leaves standalone tasks alone, PENDING ones too, and has no more of them come', () => {
    const plan = completePlan({
      services: [{ name: 'agent', schedulingStrategy: 'DAEMON' }],
      standaloneTasks: [
        { count: 2, runsSeconds: 400 },
        { count: 2, runsSeconds: 400, startsAtSeconds: 99 },
        { count: 1, runsSeconds: 400, startsAtSeconds: 200 },
      ],
      happenings: [{ do: 'set-draining', atSeconds: 100 }],
      parameters: { 'task.pending': 5 },
    })
    const run = runOf(plan, createNone())
    expect(run.of('task-placed').map(({ b }) => b)).toEqual([0, 1, 0, 1, 0, 1, 1])
    // They stop by themselves, when they have run for as long as they do.
    expect(toldToStop(run).filter(({ at: when }) => when < 400_000)).toMatchObject([{ a: 0 }])
  })

  test('stops the daemon last', () => {
    const plan = completePlan({
      groups: [{ cpu: 4096 }],
      services: [{ name: 'agent', schedulingStrategy: 'DAEMON' }, { desired: 4 }],
      happenings: [{ do: 'set-draining' }],
    })
    const run = runOf(plan, createNone())
    const onFirst = run
      .of('task-placed')
      .filter(({ b }) => b === 0)
      .map(({ a }) => a)
    const daemon = onFirst.find((task) => run.trace.cast.tasks[task]?.service === 0) ?? -1
    const told = toldToStop(run).find(({ a }) => a === daemon)?.at ?? Number.NaN
    for (const task of onFirst) if (task !== daemon) expect(at(run, task, 'STOPPED')).toBeLessThanOrEqual(told)
    expect(run.of('task-placed').filter(({ a }) => run.trace.cast.tasks[a]?.service === 0)).toHaveLength(2)
  })
})

describe('a daemon', () => {
  /** Three instances in the end, one of them new, and the services of the tasks that came to each of them. */
  const withDaemon = (daemon: ServiceSketch, web: ServiceSketch, more: PlanSketch = {}) => {
    const plan = completePlan({
      groups: [{ cpu: 1024, memory: 1024 }],
      services: [web, { name: 'agent', schedulingStrategy: 'DAEMON', ...daemon }],
      happenings: [{ do: 'scale-out' }],
      ...more,
    })
    const run = runOf(plan, createNone())
    const onEach = [0, 1, 2].map((instance) =>
      run
        .of('task-placed')
        .filter(({ b }) => b === instance)
        .map(({ a }) => run.trace.cast.services[run.trace.cast.tasks[a]?.service ?? -1]?.name),
    )
    return { run, onEach }
  }

  test.each([
    ['RESOURCE:CPU', { cpu: 512 }, { cpu: 768 }],
    ['RESOURCE:MEMORY', { memory: 512 }, { memory: 768 }],
    ['RESOURCE:PORTS', { hostPort: 8080 }, { hostPort: 8080 }],
  ] as const)('finds its room kept on each instance, whoever else needs it: %s', (reason, daemon, web) => {
    const { run, onEach } = withDaemon(daemon, { desired: 2, ...web })
    expect(onEach).toEqual([['agent'], ['agent'], ['agent']])
    expect(run.of('placement-failed').map(({ b }) => placementFailures[b])).toContain(reason)
  })

  test.each([1, 2, 3, 4])('is the first on a new instance, whoever passes first (%i)', (seed) => {
    const { onEach } = withDaemon(
      { memory: 256 },
      { desired: 9, memory: 256 },
      { seed, parameters: { 'scheduler.placementInFlight': 0 } },
    )
    expect(onEach[2]).toEqual(['agent', 'web', 'web', 'web'])
  })

  test.each([
    [0, 'STOPPED'],
    [1, 'DEACTIVATING'],
  ] as const)(
    'stops when the last replica is no longer there: with stopsWhenReplicasNotRunning %i, %s',
    (merely, when) => {
      const plan = completePlan({
        groups: [{ cpu: 4096 }],
        services: [
          { name: 'agent', schedulingStrategy: 'DAEMON' },
          { desired: 2, loadBalancer: { deregistrationDelaySeconds: 300 } },
        ],
        happenings: [{ do: 'set-draining' }, later],
        parameters: { 'daemon.stopsWhenReplicasNotRunning': merely },
      })
      const run = runOf(plan, createNone())
      const [daemon, replica] = [0, 1].map((service) =>
        run.of('task-desired-status').find(({ a }) => run.trace.cast.tasks[a]?.service === service),
      )
      const late = (daemon?.at ?? Number.NaN) - at(run, replica?.a ?? -1, when)
      expect(late).toBeGreaterThanOrEqual(0)
      expect(late).toBeLessThan(10_000)
    },
  )

  // AWS: ecs_services, daemon.
  test('is on each ACTIVE instance, and on no other: it goes with DRAINING and comes with ACTIVE', () => {
    const happenings = [
      { do: 'set-draining', atSeconds: 60 },
      { do: 'set-active', atSeconds: 600 },
    ] as const
    const { run, onEach } = withDaemon({}, { desired: 0 }, { happenings })
    expect(onEach).toEqual([['agent', 'agent'], ['agent'], []])
    expect(run.of('task-placed').at(-1)?.at).toBeGreaterThan(600_000)
  })

  test('finds its room kept from standalone tasks too', () => {
    const standaloneTasks = [{ startsAtSeconds: 250, memory: 768 }]
    const parameters = { 'scheduler.reaction': 300 }
    const { onEach } = withDaemon({ memory: 512 }, { desired: 0 }, { standaloneTasks, parameters })
    expect(onEach[2]).toEqual(['agent'])
  })

  test.each([
    [{ memory: 2048 }, { memory: 768 }],
    [{ cpu: 2048 }, { cpu: 768 }],
  ])('keeps no room where it is too big to come: %j', (daemon, web) => {
    expect(withDaemon(daemon, { desired: 2, ...web }).onEach).toEqual([['web'], ['web'], []])
  })

  test.each([
    [0, 2],
    [50, 1],
  ])(
    'is deployed anew with a minimum of %i percent: all are replaced, %i at a time',
    (minimumHealthyPercent, atOnce) => {
      const happenings = [{ do: 'deploy', service: 'agent' }] as const
      const { run, onEach } = withDaemon({ minimumHealthyPercent }, { desired: 0 }, { happenings })
      expect(onEach.slice(0, 2)).toEqual([
        ['agent', 'agent'],
        ['agent', 'agent'],
      ])
      let running = 0
      let least = Number.POSITIVE_INFINITY
      for (const { at: when, b } of run.of('task-healthy')) {
        running += b === 1 ? 1 : -1
        if (when > 0) least = Math.min(least, running)
      }
      expect(least).toBe(2 - atOnce)
    },
  )
})

describe('a dead host', () => {
  const killed = () =>
    runOf(
      completePlan({ happenings: [{ do: 'kill-instance' }], parameters: { 'ecs.noticesDeadHost': [50, 70] } }),
      createNone(),
    )

  test('kills its tasks now, and ECS learns of it later', () => {
    const run = killed()
    expect(run.of('task-killed').map((entry) => entry.at)).toEqual([60_000, 60_000])
    const stopped = run.of('task-last-status').filter(({ b }) => b === status('STOPPED'))
    for (const each of stopped) {
      expect(each.at).toBeGreaterThanOrEqual(110_000)
      expect(each.at).toBeLessThanOrEqual(130_000)
    }
    const down = run.of('task-healthy').filter(({ b }) => b === 0)
    expect(down.map((entry) => entry.at)).toEqual([60_000, 60_000])
    expect(run.of('container-instance').some(({ a, b }) => a === 0 && b === 3)).toBe(true)
  })

  test('is given tasks until ECS has noticed, and never again', () => {
    const run = runOf(
      completePlan({
        groups: [{ launchable: 0 }],
        happenings: [
          { do: 'kill-instance' },
          { do: 'set-desired-count', desired: 6, atSeconds: 70 },
          { do: 'set-desired-count', desired: 8, atSeconds: 200 },
        ],
        parameters: { 'ecs.noticesDeadHost': 60 },
      }),
      createNone(),
    )
    const there = run.of('task-placed').filter(({ at: when, b }) => when > 60_000 && b === 0)
    expect(there).toHaveLength(1)
    expect(there[0]?.at).toBeLessThan(80_000)
    // It never runs; another takes its place.
    expect(statusesOf(run, there[0]?.a ?? -1)).toEqual(['PENDING', 'STOPPED'])
    expect(at(run, there[0]?.a ?? -1, 'STOPPED')).toBe(120_000)
    expect(run.of('task-last-status').filter(({ b }) => b === status('RUNNING'))).toHaveLength(4 + 2 + 2 + 2)
  })

  test('leaves a ghost when its agent was away already', () => {
    const happenings = [
      { do: 'disconnect-agent', atSeconds: 30, forSeconds: 600 },
      { do: 'kill-instance', atSeconds: 60 },
    ] as const
    const run = runOf(completePlan({ happenings }), createNone())
    expect(
      run
        .of('container-instance')
        .filter(({ a }) => a === 0)
        .map(({ b }) => b),
    ).toEqual([1])
  })
})

test('a drain whose replacements are not healthy yet is not at rest', () => {
  const run = drainOne({ healthCheckSeconds: 1000 })
  expect(toldToStop(run).map(({ at: when }) => when > 1_000_000)).toEqual([true, true])
  expect(run.entries.at(-1)?.kind).toBe('settled')
})

// AWS: ecs_service-options.
test('tasks that are placed at once are spread over the zones, and in each over its instances', () => {
  const plan = completePlan({
    groups: [{ desired: 25, cpu: 4096 }],
    services: [{ desired: 0 }],
    happenings: [{ do: 'set-desired-count', desired: 48 }],
  })
  const { world, advanceTo } = driveWorld(plan, createNone())
  advanceTo(300_000)
  const counts = (zone: number) => world.instances.filter((each) => each.zone === zone).map(({ tasks }) => tasks.length)
  // Thirteen instances share 24 tasks, and twelve share as many.
  expect([...counts(0)].sort((one, other) => one - other)).toEqual([1, 1, ...Array.from({ length: 11 }, () => 2)])
  expect(counts(1)).toEqual(Array.from({ length: 12 }, () => 2))
})

describe('scale-in of a service', () => {
  /** How many tasks each of three instances has in the end, the second of them alone in its zone. */
  const left = (desired: number) => {
    const plan = completePlan({
      groups: [{ desired: 3, cpu: 4096 }],
      services: [{ desired: 3, minimumHealthyPercent: 0 }],
      happenings: [
        { do: 'set-desired-count', desired: 8, atSeconds: 10 },
        { do: 'set-desired-count', desired, atSeconds: 300 },
      ],
    })
    const run = runOf(plan, createNone())
    const gone = new Set(toldToStop(run).map(({ a }) => a))
    return [0, 1, 2].map(
      (instance) => run.of('task-placed').filter(({ a, b }) => b === instance && !gone.has(a)).length,
    )
  }

  test('takes from the zone with most of its tasks', () => {
    expect(left(8)).toEqual([2, 4, 2])
    const [one = 0, alone, other = 0] = left(6)
    expect([alone, one + other]).toEqual([3, 3])
  })

  test('takes first from the zone with most of its tasks, though an instance elsewhere was there before', () => {
    const plan = completePlan({
      groups: [
        { name: 'small', desired: 1, cpu: 512 },
        { name: 'large', cpu: 4096 },
      ],
      services: [{ desired: 4, minimumHealthyPercent: 0 }],
      happenings: [
        // Of the large ones that in the other zone is left.
        { do: 'terminate-instance', group: 'large', decrementDesired: true, atSeconds: 10 },
        { do: 'set-desired-count', desired: 6, atSeconds: 300 },
        { do: 'set-desired-count', desired: 5, atSeconds: 600 },
      ],
    })
    const run = runOf(plan, createNone())
    const host = run.of('task-placed').map(({ b }) => b)
    expect(toldToStop(run).flatMap(({ a, at: when }) => (when > 600_000 ? [host[a]] : []))).toEqual([2])
  })

  test('takes no healthy task that the minimum needs', () => {
    const plan = completePlan({
      groups: [{ cpu: 4096 }],
      services: [{ healthCheckSeconds: 600, minimumHealthyPercent: 75 }],
      happenings: [
        { do: 'set-desired-count', desired: 10, atSeconds: 10 },
        { do: 'set-desired-count', desired: 4, atSeconds: 120 },
      ],
    })
    const told = toldToStop(runOf(plan, createNone())).map(({ a }) => a)
    expect(told).toHaveLength(6)
    // Four are healthy, and three have to be.
    expect(told.filter((task) => task < 4)).toHaveLength(1)
  })

  test('takes in a zone from the instance with most of its tasks', () => {
    const plan = completePlan({
      groups: [
        { name: 'small', desired: 1, cpu: 512 },
        { name: 'large', desired: 1 },
      ],
      services: [{ desired: 6 }],
      happenings: [{ do: 'set-desired-count', desired: 4 }],
    })
    const run = runOf(plan, createNone())
    const host = run.of('task-placed').map(({ b }) => b)
    expect(host.filter((each) => each === 1)).toHaveLength(4)
    expect(toldToStop(run).map(({ a }) => host[a])).toEqual([1, 1])
  })
})

test('a disconnected agent stops nothing until it is back', () => {
  const plan = completePlan({
    groups: [{ cpu: 4096 }],
    happenings: [
      { do: 'set-draining', atSeconds: 60 },
      { do: 'disconnect-agent', atSeconds: 61, forSeconds: 900 },
    ],
  })
  const run = runOf(plan, createNone())
  const onFirst = new Set(
    run
      .of('task-placed')
      .filter(({ b }) => b === 0)
      .map(({ a }) => a),
  )
  expect(toldToStop(run).filter(({ a, at: when }) => onFirst.has(a) && when < 300_000)).toHaveLength(2)
  for (const task of onFirst) expect(at(run, task, 'STOPPED')).toBeGreaterThan(961_000)
})

// The container exits while its agent is away, and ECS hears of that when the agent is back.
test.each([null, { deregistrationDelaySeconds: 100 }])(
  'an agent that is lost while a task is STOPPING: %j',
  (loadBalancer) => {
    const plan = completePlan({
      groups: [{ cpu: 4096 }],
      services: [{ desired: 2, minimumHealthyPercent: 0, exitSeconds: 20, loadBalancer }],
      happenings: [
        { do: 'set-draining', atSeconds: 60 },
        { do: 'disconnect-agent', atSeconds: loadBalancer === null ? 70 : 170, forSeconds: 900 },
      ],
      parameters: { 'scheduler.reaction': 1 },
    })
    const run = runOf(plan, createNone())
    const back = run.of('agent').at(-1)?.at ?? Number.NaN
    expect(back - at(run, 0, 'STOPPING')).toBeLessThan(910_000)
    expect(at(run, 0, 'STOPPED') - back).toBeGreaterThan(0)
    expect(at(run, 0, 'STOPPED') - back).toBeLessThanOrEqual(500)
  },
)

/** A run whose world has come to rest goes on until then. */
const later = { do: 'set-active', atSeconds: 1200 } as const

test('an agent that comes back does not cut a deregistration delay short', () => {
  const plan = completePlan({
    groups: [{ cpu: 4096 }],
    services: [{ desired: 2, healthCheckSeconds: 30, loadBalancer: { deregistrationDelaySeconds: 300 } }],
    happenings: [
      { do: 'set-desired-count', desired: 4, atSeconds: 10 },
      { do: 'disconnect-agent', atSeconds: 40, forSeconds: 60 },
      // A task that is not yet known to be healthy goes at once.
      { do: 'set-draining', atSeconds: 70 },
    ],
  })
  const run = runOf(plan, createNone())
  const early = toldToStop(run).find(({ at: when }) => when < 100_000)?.a ?? -1
  expect(at(run, early, 'STOPPING') - at(run, early, 'DEACTIVATING')).toBe(300_000)
})

test('that a task is done, ECS knows from the agent, when it is back', () => {
  const plan = completePlan({
    groups: [{ desired: 1 }],
    services: [],
    standaloneTasks: [{ runsSeconds: 100 }],
    happenings: [{ do: 'disconnect-agent', atSeconds: 60, forSeconds: 900 }, later],
  })
  const [told] = toldToStop(runOf(plan, createNone()))
  expect(told?.at).toBeGreaterThan(960_000)
  expect(told?.at).toBeLessThan(961_000)
})

test.each([
  [{ healthCheckSeconds: 30 }, true],
  [{ loadBalancer: { healthyAfterSeconds: 30 } }, false],
  [{}, false],
] as const)('that a task is healthy, ECS knows from the agent where its container says so: %j', (service, waits) => {
  const plan = completePlan({
    groups: [{ desired: 1, cpu: 4096 }],
    services: [{ desired: 1, ...service }],
    happenings: [
      { do: 'set-desired-count', atSeconds: 60, desired: 2 },
      { do: 'disconnect-agent', atSeconds: 90, forSeconds: 900 },
      later,
    ],
  })
  const run = runOf(plan, createNone())
  expect(at(run, 1, 'RUNNING')).toBeLessThan(90_000)
  const healthy = run.of('task-healthy').find(({ a }) => a === 1)
  expect((healthy?.at ?? Number.NaN) > 990_000).toBe(waits)
})

test('a load balancer deregisters while the agent is away, and the agent is told to stop the task when it is back', () => {
  const plan = completePlan({
    groups: [{ cpu: 4096 }],
    services: [{ desired: 2, exitSeconds: 20, loadBalancer: { deregistrationDelaySeconds: 60 } }],
    happenings: [
      { do: 'disconnect-agent', atSeconds: 59, forSeconds: 900 },
      { do: 'set-draining', atSeconds: 60 },
    ],
  })
  const run = runOf(plan, createNone())
  expect(at(run, 0, 'STOPPING')).toBeLessThan(959_000)
  expect(at(run, 0, 'STOPPED')).toBeGreaterThan(979_000)
  expect(at(run, 0, 'STOPPED')).toBeLessThan(980_000)
})

test.each([
  [0, 'DEACTIVATING'],
  [1, 'STOPPED'],
] as const)('maximumPercent 100: with maximumCountsStopping %i a replacement waits for %s', (counts, name) => {
  const plan = completePlan({
    groups: [{ cpu: 4096 }],
    services: [{ desired: 2, minimumHealthyPercent: 50, maximumPercent: 100, loadBalancer: {} }],
    parameters: { 'scheduler.maximumCountsStopping': counts },
    happenings: [{ do: 'set-draining' }],
  })
  const run = runOf(plan, createNone())
  const waited = (run.of('task-placed')[2]?.at ?? Number.NaN) - at(run, 0, name)
  expect(waited).toBeGreaterThan(0)
  expect(waited).toBeLessThan(10_000)
})

// AWS: API reference, StopTask.
test('StopTask asks no minimum, and whoever asks twice has the task replaced once', () => {
  const stops = calling(['termination'], (_, { directory }) =>
    [0, 0, 1, 1].map((task) => ({
      type: 'StopTask' as const,
      cluster: directory.clusterName,
      task: directory.taskArn(task),
      reason: 'test',
    })),
  )
  const plan = completePlan({
    services: [{ desired: 2 }],
    happenings: [{ do: 'terminate-instance' }],
    untilSeconds: 600,
  })
  const run = runOf(plan, stops)
  expect(toldToStop(run).map(({ a }) => a)).toEqual([0, 1])
  expect(run.of('task-placed').map(({ a }) => a)).toEqual([0, 1, 2, 3])
  expect(run.of('task-placed')[2]?.at).toBeGreaterThan(toldToStop(run)[0]?.at ?? Number.NaN)
})

describe('reads', () => {
  /** What is read of the first instance at each sweep. */
  const watch = (service: ServiceSketch) => {
    const counts: Array<ReadonlyArray<unknown>> = []
    const versions = new Map<string, number[]>()
    const controller = calling(
      ['sweep'],
      (_, { directory }) => {
        const cluster = directory.clusterName
        const arn: ContainerInstanceArn = directory.containerInstanceArn(0)
        const tasks: EcsTaskArn[] = [directory.taskArn(0)]
        return [
          { type: 'DescribeContainerInstances', cluster, containerInstances: [arn] },
          { type: 'ListTasks', cluster, containerInstance: arn, desiredStatus: 'RUNNING', nextToken: null },
          { type: 'ListTasks', cluster, containerInstance: arn, desiredStatus: 'STOPPED', nextToken: null },
          { type: 'DescribeTasks', cluster, tasks },
        ]
      },
      (_, replies) => {
        const answers = replies.map(({ answer }) => answer)
        const { containerInstances } = answers[0] as Answer<'DescribeContainerInstances'>
        const listed = answers[1] as Answer<'ListTasks'>
        const stopping = answers[2] as Answer<'ListTasks'>
        const { tasks } = answers[3] as Answer<'DescribeTasks'>
        const running = containerInstances[0] === undefined ? -1 : countersOf(containerInstances[0]).runningTasksCount
        counts.push([tasks[0]?.lastStatus, running, listed.items.length, stopping.items.length])
        for (const { arn, version } of tasks) versions.set(arn, [...(versions.get(arn) ?? []), version])
      },
    )
    const plan = completePlan({
      groups: [{ cpu: 4096 }],
      services: [service],
      parameters: { 'ecs.listLag': 0 },
      happenings: [{ do: 'set-draining', atSeconds: 100 }],
      controller: { sweepEverySeconds: 20 },
    })
    runOf(plan, controller)
    return { counts, versions }
  }

  test('runningTasksCount is 0 while tasks still serve behind the load balancer', () => {
    const { counts } = watch({ desired: 4, loadBalancer: {} })
    expect(counts[0]).toEqual(['RUNNING', 2, 2, 0])
    expect(counts).toContainEqual(['DEACTIVATING', 0, 0, 2])
  })

  // AWS: API reference, ListTasks.
  test('of tasks come in pages, and one that stops between two of them takes no other with it', () => {
    const pages: Array<ReadonlyArray<string>> = []
    const list = (execution: Execution, nextToken: string | null): void => {
      const { directory } = execution
      const cluster = directory.clusterName
      const containerInstance = directory.containerInstanceArn(0)
      execution.call<'ListTasks'>(
        { type: 'ListTasks', cluster, containerInstance, desiredStatus: 'RUNNING', nextToken },
        ({ items, nextToken: next }) => {
          pages.push(items.map((arn) => arn.slice(-1)))
          if (next === null) execution.end([])
          else list(execution, next)
        },
        () => execution.end([]),
      )
    }
    const plan = completePlan({
      services: [],
      // The first is done while its page is on its way back.
      standaloneTasks: [11, 1000, 1000, 1000, 1000].map((runsSeconds) => ({ runsSeconds })),
      happenings: [{ do: 'terminate-instance' }],
      groups: [{ desired: 1 }],
      parameters: {
        'ecs.listPage': 2,
        'ecs.listLag': 0,
        'api.latency': 20_000,
        'task.standaloneStart': 70,
        'function.start': 0,
      },
      untilSeconds: 500,
    })
    runOf(plan, { subscribes: ['termination'], handle: (_, execution) => list(execution, null) })
    expect(pages).toEqual([['0', '1'], ['2', '3'], ['4']])
  })

  test('of a container instance may lag, but what answers a change shows it', () => {
    const seen: Array<string | undefined> = []
    const statusIn = (answer: unknown) => (answer as Answer<'DescribeContainerInstances'>).containerInstances[0]?.status
    const controller = calling(
      ['sweep'],
      (_, { directory }) => {
        const cluster = directory.clusterName
        const containerInstances = [directory.containerInstanceArn(0)]
        return [
          { type: 'UpdateContainerInstancesState', cluster, containerInstances, status: 'DRAINING' },
          { type: 'DescribeContainerInstances', cluster, containerInstances },
        ]
      },
      (_, replies) => {
        for (const { answer } of replies) seen.push(statusIn(answer))
      },
    )
    const plan = completePlan({
      services: [{ desired: 8 }],
      parameters: { 'ecs.instanceLag': 30_000 },
      // Nothing but a reason for the run to go on.
      happenings: [{ do: 'scale-out', atSeconds: 300 }],
      controller: { sweepEverySeconds: 20 },
    })
    runOf(plan, controller)
    expect(seen.slice(0, 6)).toEqual(['DRAINING', 'ACTIVE', 'DRAINING', 'ACTIVE', 'DRAINING', 'DRAINING'])
  })

  test.each([
    [3600, 0],
    [86_400, 1],
  ])('of a stopped task go on for %i s', (remembers, listed) => {
    let last = -1
    const controller = calling(
      ['sweep'],
      (_, { directory }) => [
        {
          type: 'ListTasks',
          cluster: directory.clusterName,
          containerInstance: directory.containerInstanceArn(0),
          desiredStatus: 'STOPPED',
          nextToken: null,
        },
      ],
      (_, replies) => {
        const [listing] = replies.map(({ answer }) => answer as Answer<'ListTasks'>)
        last = listing?.items.length ?? -1
      },
    )
    const plan = completePlan({
      services: [{ desired: 2 }],
      parameters: { 'ecs.remembersStopped': remembers },
      happenings: [{ do: 'set-draining' }, { do: 'scale-out', atSeconds: 7000 }],
      untilSeconds: 9000,
    })
    runOf(plan, controller)
    expect(last).toBe(listed)
  })

  test('of a task whose host is dead show it as it was, all of it, until they show it STOPPED', () => {
    const plan = completePlan({
      happenings: [{ do: 'kill-instance' }],
      parameters: { 'ecs.noticesDeadHost': 10, 'ecs.listLag': 5000 },
    })
    const { world, advanceTo } = driveWorld(plan, createNone())
    const seen = [69_000, 74_000, 76_000].map((ms) => {
      advanceTo(ms)
      return view(world, world.tasks[0] as Task, 0)
    })
    const running = { status: status('RUNNING'), desiredStopped: false, version: 1 }
    expect(seen).toEqual([running, running, { status: status('STOPPED'), desiredStopped: true, version: 2 }])
  })

  test('of a task show a change as late as the plan says, and then all of it', () => {
    const plan = completePlan({
      services: [{ desired: 2, minimumHealthyPercent: 0, exitSeconds: 20 }],
      happenings: [{ do: 'set-draining' }],
      parameters: { 'ecs.listLag': 5000, 'scheduler.reaction': 1, 'agent.report': 0 },
    })
    const { world, advanceTo } = driveWorld(plan, createNone())
    const seen = [65_999, 66_000, 85_999, 86_000].map((ms) => {
      advanceTo(ms)
      const { status: shown = -1, desiredStopped } = view(world, world.tasks[0] as Task, 0) ?? {}
      return [taskStatuses[shown], desiredStopped]
    })
    expect(seen).toEqual([
      ['RUNNING', false],
      ['STOPPING', true],
      ['STOPPING', true],
      ['STOPPED', true],
    ])
  })

  // AWS: API reference, Task, version.
  test('of a task have a higher version after each change, and the same without one', () => {
    const plan = completePlan({
      groups: [{ cpu: 4096 }],
      services: [{ awsvpc: true, loadBalancer: {} }],
      happenings: [{ do: 'set-draining' }, { do: 'kill-instance', old: 1, atSeconds: 200 }],
    })
    const { world, advanceTo, nextAt } = driveWorld(plan, createNone())
    const last = new Map<number, readonly [string, number]>()
    let changes = 0
    while (world.now < 1_000_000) {
      advanceTo(nextAt() ?? 0)
      for (const { number, status: now, desiredStopped, version, landed } of world.tasks) {
        if (!landed) continue
        const [before, versionBefore] = last.get(number) ?? ['', -1]
        const is = `${now} ${desiredStopped}`
        if (is === before) expect(version).toBe(versionBefore)
        else expect(version).toBeGreaterThan(versionBefore)
        changes += is === before ? 0 : 1
        last.set(number, [is, version])
      }
    }
    expect(changes).toBeGreaterThan(30)
  })
})

test('an instance that was set DRAINING by the controller keeps the run open until its hook ends', () => {
  const run = runOf(completePlan({ happenings: [{ do: 'terminate-instance' }] }), onlyDrains())
  expect(run.entries.at(-1)?.kind).toBe('settled')
  expect(run.entries.at(-1)?.at).toBeGreaterThan(960_000)
})

// AWS: API reference, StopTask; github.com/aws/amazon-ecs-agent/issues/2316
test.each([
  [0, ['RUNNING', 'STOPPING', 'STOPPED']],
  [1, ['RUNNING', 'DEACTIVATING', 'STOPPING', 'STOPPED']],
] as const)('StopTask waits for the deregistration of its target only with deregistersFirst: %i', (first, statuses) => {
  const stops = calling(['termination'], (_, { directory }) => [
    { type: 'StopTask', cluster: directory.clusterName, task: directory.taskArn(0), reason: 'test' },
  ])
  const plan = completePlan({
    services: [{ loadBalancer: { deregistrationDelaySeconds: 300 } }],
    happenings: [{ do: 'terminate-instance' }],
    parameters: { 'stopTask.deregistersFirst': first },
  })
  expect(statusesOf(runOf(plan, stops), 0)).toEqual(statuses)
})
