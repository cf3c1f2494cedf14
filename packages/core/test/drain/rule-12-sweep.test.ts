import { describe, expect, test } from 'vitest'
import { effectsOwed } from '../../src/effect/effects-owed.ts'
import { type AutoScalingGroupName, type Ec2InstanceId, type StreamId, streamOf } from '../../src/identity/ids.ts'
import type { CallType } from '../../src/invocation/call.ts'
import type { Itinerary } from '../../src/invocation/routing.ts'
import {
  accessDenied,
  at,
  event,
  given,
  id,
  instanceNumber,
  lifecycleAction,
  notice,
  observation,
  policy,
  ScriptedWorld,
  stoppedTask,
  task,
  taskNumber,
  theHook,
  throttled,
  tokenNumber,
  unavailable,
} from '../../src/testing/index.ts'
import { minutes, seconds } from '../../src/time/instant.ts'
import { cordoning, draining, locating, settling } from '../support/histories.ts'
import { readTasks } from '../support/read-tasks.ts'

const stream = (n: number): StreamId => id(`ec2-instance/${instanceNumber(n)}`)

const streamsIn = (itinerary: Itinerary | null): ReadonlyArray<StreamId> | undefined =>
  itinerary?.routed.map(({ assignment }) => assignment.stream)

const heartbeats = (world: ScriptedWorld) => world.calls('RecordLifecycleActionHeartbeat').map(({ action }) => action)

describe('R12: the sweep finds what a lost event failed to say', () => {
  test('a lost termination: the instance waits, no drain knows of it, and it is drained all the same', () => {
    const world = new ScriptedWorld()
    world.addInstance(1, [task(1)])
    world.terminate(1, { lost: true })
    world.advance(minutes(2))
    world.sweep()
    world.settle({ until: at(200) })
    expect(world.drain()).toMatchObject({ phase: 'draining', remaining: 1, action: { token: null } })
    world.stop(taskNumber(1))
    world.settle()
    // By instance id, because nobody ever told the token.
    expect(world.calls('CompleteLifecycleAction')).toMatchObject([
      { action: { token: null, instance: instanceNumber(1) } },
    ])
    expect(world.actions).toMatchObject([{ ended: 'CONTINUE', killed: [] }])
  })

  test('its notice that comes after all only teaches the token', () => {
    const found = [event('DrainRequested', 120, { action: lifecycleAction({ token: null }) })]
    given(...found)
      .when(observation('TerminationAnnounced', { announcedAt: at(0) }), { at: at(130) })
      .then(event('LifecycleActionTokenLearned', 130, { token: tokenNumber(1) }))
    given(...found, event('LifecycleActionTokenLearned', 130))
      .when(observation('TerminationAnnounced', { announcedAt: at(0) }), { at: at(140) })
      .then()
  })

  test('the notice of another termination, which began after it was found, begins another drain', () => {
    const later = observation('TerminationAnnounced', { announcedAt: at(7_200) })
    given(event('DrainRequested', 120, { action: lifecycleAction({ token: null }) }))
      .when(later, { at: at(7_201) })
      .then(event('DrainSuperseded', 7_201), event('DrainRequested', 7_201, { announcedAt: at(7_200) }))
  })

  test('a lost STOPPED event: the known tasks are looked at, and one full reading confirms', () => {
    const world = new ScriptedWorld()
    world.addInstance(1, [task(1), task(2)])
    world.terminate(1)
    world.settle({ until: at(60) })
    world.stop(taskNumber(1), { lost: true })
    world.stop(taskNumber(2), { lost: true })
    world.advance(minutes(1))
    world.ledger.length = 0
    world.sweep()
    expect(world.callsToAws()).toEqual([
      'DescribeAutoScalingGroups',
      'DescribeTasks',
      'ListTasks',
      'ListTasks',
      'DescribeContainerInstances',
      'CompleteLifecycleAction',
    ])
    expect(world.actions).toMatchObject([{ ended: 'CONTINUE', killed: [] }])
  })

  test('a waiting drain is asked to look at the known tasks, once per sweep', () => {
    const read = readTasks('known', { remaining: [taskNumber(1)], stopped: [taskNumber(2)] })
    given(...draining(task(1), stoppedTask(2)))
      .when(observation('SweptWaiting'), { at: at(60) })
      .then(event('Swept', 60))
      .owing(read)
    const looked = [
      ...draining(task(1), stoppedTask(2)),
      event('Swept', 60),
      event('TasksRead', 61, { scope: 'known', since: at(60) }),
    ]
    given(...looked).owes([], { at: at(62) })
    given(...looked)
      .when(observation('SweptWaiting'), { at: at(60) })
      .then()
    given(...looked)
      .when(observation('SweptWaiting'), { at: at(120) })
      .owing(read)
  })

  test('one that comes while tasks are read asks for another look, because that reading began before it', () => {
    given(...draining(task(1)), event('Swept', 60), event('TasksRead', 61, { scope: 'known', since: at(59) })).owes(
      [readTasks('known', { remaining: [taskNumber(1)] })],
      { at: at(62) },
    )
  })

  test('a lost wake-up: the sweep is the passing of time', () => {
    const world = new ScriptedWorld()
    world.addInstance(1, [task(1)])
    world.terminate(1)
    world.settle({ until: at(4) })
    world.pending = []
    world.advance(minutes(1))
    world.sweep()
    expect(world.drain()).toMatchObject({ phase: 'draining', remaining: 1 })
  })

  test('an instance that a hook of ours and somebody else holds is not taken for ours', () => {
    const world = new ScriptedWorld()
    world.addInstance(1, [task(1)])
    world.terminate(1, { hook: id('backup'), lost: true })
    world.sweep()
    expect(heartbeats(world)).toMatchObject([{ hook: theHook, instance: instanceNumber(1), token: null }])
    expect(world.calls('UpdateContainerInstancesState')).toEqual([])
    expect(world.drain()).toMatchObject({ phase: 'idle' })
    expect(world.actions).toMatchObject([{ ended: null }])
  })

  test.each([
    ['NotFound', { type: 'NotFound', message: 'no such hook' } as const, true],
    ['Unavailable', unavailable, true],
    ['AccessDenied', accessDenied, false],
    ['Rejected', { type: 'Rejected', code: 'ValidationError', message: 'no such thing' } as const, false],
  ])(
    'a verification that fails with %s does not begin a drain, nor keep another from being found',
    (_kind, failure, handled) => {
      const world = new ScriptedWorld()
      world.addInstance(1, [task(1)])
      world.addInstance(2, [task(2)])
      world.terminate(1, { lost: true })
      world.terminate(2, { lost: true })
      world.fail('RecordLifecycleActionHeartbeat', failure)
      const { itinerary } = world.sweep()
      const asked = heartbeats(world).map(({ instance }) => instance)
      expect(new Set(asked)).toEqual(new Set([instanceNumber(1), instanceNumber(2)]))
      expect(itinerary?.routed.map(({ assignment }) => assignment.stream)).toEqual([
        streamOf(asked[1] as Ec2InstanceId),
      ])
      expect(itinerary?.failed).toEqual(handled ? [] : [{ from: 0, failure }])
      world.sweep()
      expect([1, 2].map((n) => world.drain(n).phase)).toEqual(['draining', 'draining'])
    },
  )

  test('where AWS is not well no more is asked, the drains that are open are looked at, and the next sweep asks again', () => {
    const world = new ScriptedWorld()
    world.addInstance(1, [task(1)])
    world.terminate(1)
    world.settle({ until: at(60) })
    for (const n of [2, 3]) {
      world.addInstance(n, [task(n)])
      world.terminate(n, { lost: true })
    }
    world.fail('RecordLifecycleActionHeartbeat', throttled)
    world.ledger.length = 0
    const { itinerary } = world.sweep()
    expect(itinerary).toMatchObject({ routed: [{ assignment: { stream: stream(1) } }], failed: [] })
    expect(heartbeats(world).filter(({ instance }) => instance !== instanceNumber(1))).toHaveLength(1)
    world.advance(300_000)
    world.sweep()
    expect([world.drain(2).phase, world.drain(3).phase]).toEqual(['draining', 'draining'])
  })

  test('of more than a hundred that nobody knows each sweep asks about others, until all are found', () => {
    const world = new ScriptedWorld()
    for (let n = 1; n <= 250; n += 1) {
      world.addInstance(n, [task(n)])
      world.terminate(n, { lost: true })
    }
    const found = () => world.watched().length
    world.sweep()
    expect(found()).toBe(100)
    for (let sweep = 2; sweep <= 4; sweep += 1) {
      world.advance(300_000)
      world.sweep()
    }
    expect(found()).toBe(250)
  })

  test('where none of more than a hundred is ours, each is asked about in its turn', () => {
    const world = new ScriptedWorld()
    for (let n = 1; n <= 250; n += 1) {
      world.addInstance(n)
      world.terminate(n, { hook: id('backup'), lost: true })
    }
    const asked = new Set<string>()
    for (let sweep = 1; sweep <= 3; sweep += 1) {
      world.ledger.length = 0
      world.sweep()
      expect(heartbeats(world)).toHaveLength(100)
      for (const { instance } of heartbeats(world)) asked.add(instance)
      world.advance(minutes(5))
    }
    expect(asked.size).toBe(250)
  })

  test('where Auto Scaling throttles after a few, the next sweeps begin with others, until the one that is ours is found', () => {
    const world = new ScriptedWorld()
    const granted = 6
    for (let n = 2; n <= 61; n += 1) {
      world.addInstance(n)
      world.terminate(n, { hook: id('backup'), lost: true })
    }
    world.addInstance(1, [task(1)])
    world.terminate(1, { lost: true })
    const asked = new Set<string>()
    for (let sweep = 1; sweep <= 2 * Math.ceil(61 / granted); sweep += 1) {
      world.ledger.length = 0
      world.fail('RecordLifecycleActionHeartbeat', throttled, { after: granted })
      world.sweep()
      for (const { instance } of heartbeats(world).slice(0, granted)) asked.add(instance)
      world.mend()
      world.advance(minutes(5))
    }
    expect(asked.size).toBe(61)
    expect(world.drain(1).phase).not.toBe('idle')
  })

  test('where each answer takes long, only a few are asked about before the drains that are open are looked at', () => {
    const world = new ScriptedWorld({ latency: 400 })
    for (let n = 2; n <= 101; n += 1) {
      world.addInstance(n)
      world.terminate(n, { hook: id('backup'), lost: true })
    }
    world.addInstance(1, [task(1)])
    world.terminate(1)
    world.settle({ until: at(60) })
    world.ledger.length = 0
    const began = world.now
    const { itinerary } = world.sweep()
    const asked = heartbeats(world).filter(({ instance }) => instance !== instanceNumber(1))
    expect(asked.length).toBeGreaterThan(3)
    expect(world.calls('DescribeTasks')).toHaveLength(1)
    const looked = world.ledger.find(({ call }) => call.type === 'LoadStream')
    expect((looked?.at ?? Number.POSITIVE_INFINITY) - began).toBeLessThan(seconds(23))
    expect(streamsIn(itinerary)).toEqual([stream(1)])
  })

  test('each hook of ours in its group is asked, and no other', () => {
    const two = policy({
      hooks: [
        { name: theHook, groups: [id('a')] },
        { name: id('drain-2'), groups: [id('a'), id('b')] },
        { name: id('drain-3'), groups: null },
      ],
    })
    const world = new ScriptedWorld({ policy: two })
    world.addInstance(1)
    world.terminate(1, { group: id('b'), hook: id('backup'), lost: true })
    world.sweep()
    expect(heartbeats(world).map(({ hook }) => hook)).toHaveLength(2)
    expect(new Set(heartbeats(world).map(({ hook }) => hook))).toEqual(new Set(['drain-2', 'drain-3']))
    expect(world.calls('DescribeAutoScalingGroups')).toMatchObject([{ groups: [] }])
  })

  test('an instance that two hooks of ours hold is told of both, and its message comes back once', () => {
    const second = id<typeof theHook>('drain-2')
    const hooks = [theHook, second].map((name) => ({ name, groups: null }))
    const world = new ScriptedWorld({ policy: policy({ hooks }) })
    world.hooks.push({ ...(world.hooks[0] as (typeof world.hooks)[number]), name: second })
    world.addInstance(1)
    for (const hook of [theHook, second]) world.terminate(1, { hook, lost: true })
    const routed = world.sweep().itinerary?.routed
    expect(routed).toMatchObject([{ assignment: { observations: [{}, {}] }, from: [0] }])
    expect(new Set(heartbeats(world).map(({ hook }) => hook))).toEqual(new Set([theHook, second]))
  })

  test('only our groups are asked for, every page of them', () => {
    const world = new ScriptedWorld({
      pageSize: 1,
      policy: policy({ hooks: [{ name: theHook, groups: [id('a'), id('b')] }] }),
    })
    for (const [n, group] of [
      [1, 'a'],
      [2, 'b'],
    ] as const) {
      world.addInstance(n)
      world.terminate(n, { group: id(group), lost: true })
      world.hooks.push({ ...(world.hooks[0] as (typeof world.hooks)[number]), group: id(group) })
    }
    const { itinerary } = world.sweep()
    expect(world.calls('DescribeAutoScalingGroups')).toMatchObject([
      { groups: ['a', 'b'], nextToken: null },
      { groups: ['a', 'b'], nextToken: '1' },
    ])
    expect(new Set(streamsIn(itinerary))).toEqual(new Set([stream(1), stream(2)]))
  })

  test('of 230 groups at most 50 are asked for at once, each once, every page of them, and none but ours', () => {
    const groups = Array.from({ length: 230 }, (_, n) => id<AutoScalingGroupName>(`hosts-${n}`))
    const world = new ScriptedWorld({ pageSize: 20, policy: policy({ hooks: [{ name: theHook, groups }] }) })
    for (const [n, group] of [...groups, id<AutoScalingGroupName>('batch')].entries()) {
      world.addInstance(n + 1)
      world.lifecycleStates.set(instanceNumber(n + 1), { group, state: 'InService' })
    }
    // The first and the last of a request, of a page, and of all.
    const waiting = [1, 20, 21, 50, 51, 100, 101, 200, 201, 230]
    for (const n of waiting) {
      world.hooks.push({
        ...(world.hooks[0] as (typeof world.hooks)[number]),
        group: groups[n - 1] as AutoScalingGroupName,
      })
      world.terminate(n, { group: groups[n - 1] as AutoScalingGroupName, lost: true })
    }
    world.terminate(231, { group: id('batch'), lost: true })
    const { itinerary } = world.sweep()
    const asked = world.calls('DescribeAutoScalingGroups')
    expect(asked.map((call) => [call.groups.length, call.nextToken])).toEqual([
      ...[1, 2, 3, 4].flatMap(() => [
        [50, null],
        [50, '20'],
        [50, '40'],
      ]),
      [30, null],
      [30, '20'],
    ])
    expect(asked.filter(({ nextToken }) => nextToken === null).flatMap((call) => call.groups)).toEqual(groups)
    expect(new Set(streamsIn(itinerary))).toEqual(new Set(waiting.map(stream)))
  })

  test('where a hook is ours in every group, every page of all groups is asked for', () => {
    const world = new ScriptedWorld({ pageSize: 2, policy: policy({ hooks: [{ name: theHook, groups: null }] }) })
    for (const n of [1, 2, 3, 4, 5]) {
      world.addInstance(n)
      world.lifecycleStates.set(instanceNumber(n), { group: id(`hosts-${n}`), state: 'InService' })
    }
    world.sweep()
    expect(world.calls('DescribeAutoScalingGroups').map(({ groups, nextToken }) => [groups, nextToken])).toEqual([
      [[], null],
      [[], '2'],
      [[], '4'],
    ])
  })

  test('of exactly 50 groups no more is asked: without a name it would be every group', () => {
    const groups = Array.from({ length: 50 }, (_, n) => id<AutoScalingGroupName>(`hosts-${n}`))
    const world = new ScriptedWorld({ policy: policy({ hooks: [{ name: theHook, groups }] }) })
    world.sweep()
    expect(world.calls('DescribeAutoScalingGroups')).toEqual([
      { type: 'DescribeAutoScalingGroups', groups, nextToken: null },
    ])
  })

  test('a request that fails halfway fails the sweep: instances of groups that were not described are not gone', () => {
    const groups = Array.from({ length: 60 }, (_, n) => id<AutoScalingGroupName>(`hosts-${n}`))
    const world = new ScriptedWorld({ policy: policy({ hooks: [{ name: theHook, groups }] }) })
    world.addInstance(1, [task(1)])
    const group = groups[59] as AutoScalingGroupName
    world.hooks.push({ ...(world.hooks[0] as (typeof world.hooks)[number]), group })
    world.terminate(1, { group })
    world.settle({ until: at(60) })
    const before = world.events()
    world.answerWith('DescribeAutoScalingGroups', () => {
      world.fail('DescribeAutoScalingGroups', throttled)
      return { items: [], nextToken: null }
    })
    const { itinerary } = world.sweep()
    expect(itinerary?.failed).toEqual([{ from: 0, failure: throttled }])
    expect(world.events()).toEqual(before)
  })

  test('instances in service, pending or terminated are nobody’s', () => {
    const world = new ScriptedWorld()
    for (const [n, state] of [
      'InService',
      'Pending:Wait',
      'Terminating:Proceed',
      'Warmed:Stopped',
      'Standby',
    ].entries()) {
      const { instance } = world.addInstance(n)
      world.lifecycleStates.set(instance, { group: id('web-hosts'), state })
    }
    world.sweep()
    expect(world.ledger.map(({ call }) => call.type)).toEqual(['ListWatchedStreams', 'DescribeAutoScalingGroups'])
  })
})

describe('R12: a drain whose instance waits no longer', () => {
  test('is doubted, and a heartbeat settles it: not active, so the drain is over', () => {
    const world = new ScriptedWorld()
    world.addInstance(1, [task(1)])
    world.terminate(1)
    world.settle({ until: at(60) })
    const [waiting] = world.actions
    if (waiting !== undefined) waiting.ended = 'ABANDON'
    world.lifecycleStates.delete(instanceNumber(1))
    world.sweep()
    expect(heartbeats(world)).toHaveLength(2) // one that the drain began with, one in doubt
    expect(world.drain()).toMatchObject({ phase: 'ended', ending: 'over', decision: null })
    expect(world.watched()).toEqual([])
  })

  test('the list lagged: the heartbeat is accepted, and the tasks are looked at once more', () => {
    given(...draining(task(1)))
      .when(observation('SweptElsewhere', { lifecycleState: null }), { at: at(60) })
      .then(event('WaitDoubted', 60, { lifecycleState: null }))
      .owing(
        { type: 'RecordHeartbeat', action: lifecycleAction({ token: null }) },
        // The look at the tasks comes once the doubt is settled.
      )
    const settled = given(...draining(task(1)), event('WaitDoubted', 60)).when(observation('HeartbeatAccepted'), {
      at: at(61),
    })
    expect(settled.drain).toMatchObject({ phase: 'draining', doubted: false, sweptAt: at(61) })
  })

  test('does not keep a drain from its work, which the heartbeat goes before', () => {
    const doubted = given(...settling, event('WaitDoubted', 6))
    const heartbeat = { type: 'RecordHeartbeat', action: lifecycleAction({ token: null }) } as const
    const { events } = doubted.when(observation('TimePassed'), { at: at(7) })
    expect(events).toEqual([])
    expect(effectsOwed(doubted.drain, at(7), policy(), 0)).toMatchObject([
      heartbeat,
      { type: 'ReadTasks', scope: 'running' },
    ])
  })

  test('is doubted also where its container instance is found again meanwhile: that says nothing of the hook', () => {
    const found = [event('ContainerInstanceLost', 50), event('WaitDoubted', 60), event('ContainerInstanceFound', 71)]
    const { drain } = given(...draining(task(1)), ...found)
    expect(effectsOwed(drain, at(72), policy(), 0)).toMatchObject([
      { type: 'RecordHeartbeat', action: { token: null } },
      { type: 'SetDraining' },
    ])
  })

  test('a doubt that is not settled yet is not doubted again', () => {
    given(...draining(task(1)), event('WaitDoubted', 60))
      .when(observation('SweptElsewhere'), { at: at(120) })
      .then()
  })

  test('a doubt is settled also after the global limit, by the word of Auto Scaling alone', () => {
    const history = [...draining(task(1)), event('WaitDoubted', 200_000)]
    given(...history).owes([{ type: 'RecordHeartbeat', action: lifecycleAction({ token: null }) }], { at: at(200_000) })
  })
})

describe('R12: what a sweep that fails leaves', () => {
  test.each(['ListWatchedStreams', 'DescribeAutoScalingGroups'] as const)('%s fails: the tick comes back', (call) => {
    const world = new ScriptedWorld()
    world.addInstance(1, [task(1)])
    world.terminate(1, { lost: true })
    world.fail(call, unavailable)
    expect(world.sweep().itinerary).toEqual({ routed: [], ignored: [], failed: [{ from: 0, failure: unavailable }] })
    world.sweep()
    expect(world.drain()).toMatchObject({ phase: 'draining' })
  })

  test('two ticks in one batch are one sweep, and both come back', () => {
    const world = new ScriptedWorld()
    world.fail('DescribeAutoScalingGroups', unavailable)
    const tick = { type: 'SweepDue' } as const
    const { itinerary } = world.deliver([tick, tick])
    expect(world.callsToAws()).toEqual(['DescribeAutoScalingGroups'])
    expect(itinerary?.failed.map(({ from }) => from)).toEqual([0, 1])
  })

  test('the hooks of the drains that are open are kept waiting, however long no group can be described', () => {
    const world = new ScriptedWorld({ heartbeatTimeout: minutes(15) })
    world.addInstance(1, [task(1)])
    world.terminate(1)
    world.fail('DescribeAutoScalingGroups', accessDenied, { times: Number.POSITIVE_INFINITY })
    for (let minute = 0; minute < 60; minute += 5) {
      world.settle({ until: at(minute * 60) })
      world.sweep()
    }
    expect(world.actions).toMatchObject([{ ended: null }])
  })

  test('the other messages of the batch are handled', () => {
    const world = new ScriptedWorld()
    world.addInstance(1, [task(1)])
    world.fail('ListWatchedStreams', unavailable)
    const { itinerary } = world.deliver([world.terminate(1), { type: 'SweepDue' }])
    expect(itinerary?.failed).toEqual([{ from: 1, failure: unavailable }])
    expect(world.drain()).toMatchObject({ phase: 'draining' })
  })

  test('what it leads to is its own message to bring back, wherever it stands in the batch', () => {
    const world = new ScriptedWorld()
    for (const n of [1, 2, 3]) world.addInstance(n, [task(n)])
    world.terminate(1)
    world.settle({ until: at(60) })
    world.terminate(2, { lost: true })
    const { itinerary } = world.deliver([world.terminate(3), { type: 'SweepDue' }])
    const from = Object.fromEntries(itinerary?.routed.map(({ assignment, from }) => [assignment.stream, from]) ?? [])
    // No drain knows of the third yet, so the sweep finds it as well.
    expect(from).toEqual({ [stream(1)]: [1], [stream(2)]: [1], [stream(3)]: [0, 1] })
  })

  test('with every event lost, sweeps alone bring each instance to its end', () => {
    const world = new ScriptedWorld({ policy: policy({ sweepEvery: seconds(60) }) })
    for (const n of [1, 2, 3]) {
      world.addInstance(n, [task(n)])
      world.terminate(n, { lost: true })
    }
    for (let minute = 1; minute <= 10; minute += 1) {
      world.pending = []
      world.advance(minutes(1))
      world.sweep()
      if (minute === 4) for (const n of [1, 2, 3]) world.stop(taskNumber(n), { lost: true })
    }
    expect(world.actions.map(({ ended, killed }) => [ended, killed])).toEqual(
      Array.from({ length: 3 }, () => ['CONTINUE', []]),
    )
    expect(world.watched()).toEqual([])
  })
})

describe('R12: what a sweep that finds the instance waiting is good for', () => {
  const waits = observation('SweptWaiting')
  const short = event('LifecycleHookDescribed', 2, { heartbeatTimeout: seconds(60), globalTimeout: minutes(100) })
  const lost = [...draining(task(1)), event('ContainerInstanceLost', 10)]

  test.each([
    ['a look at tasks that are waited for', draining(task(1)), true],
    ['a look at tasks of a container instance that was lost', lost, true],
    ['nothing before the tasks were read', settling, false],
    [
      'nothing where the container instance is still looked for',
      [...locating, event('LifecycleHookDescribed', 1)],
      false,
    ],
    ['nothing where it is decided, whatever still runs', [...draining(task(1)), event('CompletionDecided', 30)], false],
    ['the heartbeats of a hook that wake-ups keep alive, in any phase', [...cordoning, short], true],
  ])('%s', (_, history, isRecorded) => {
    given(...history)
      .when(waits, { at: at(300) })
      .then(...(isRecorded ? [event('Swept', 300)] : []))
  })

  test('the heartbeat of such a hook is sent early, so that what is due next is later than the wake-up under way', () => {
    const heartbeat = { type: 'RecordHeartbeat', action: lifecycleAction() } as const
    const history = [...cordoning, short, event('LifecycleActionHeartbeatRecorded', 299)]
    expect(effectsOwed(given(...history).drain, at(301), policy(), 0)).not.toContainEqual(heartbeat)
    expect(effectsOwed(given(...history, event('Swept', 300)).drain, at(301), policy(), 0)).toContainEqual(heartbeat)
    const patient = [...cordoning, event('LifecycleHookDescribed', 2), event('LifecycleActionHeartbeatRecorded', 299)]
    expect(effectsOwed(given(...patient, event('Swept', 300)).drain, at(301), policy(), 0)).not.toContainEqual(
      heartbeat,
    )
  })
})

describe('R12: a sweep by a clock that is a minute ahead', () => {
  /** It swept, and was gone before it asked for anything; another function, whose clock is right, is told that time has passed. */
  const callsAfter = (call: CallType) => {
    const world = new ScriptedWorld()
    world.addInstance(1, [task(1)])
    world.terminate(1)
    world.settle({ until: at(20) })
    world.now += minutes(1)
    world
      .handle({ stream: stream(1), observations: [observation('SweptWaiting')], hops: 0 })
      .run((next) => next.type === call)
    world.now -= minutes(1)
    world.ledger.length = 0
    world.deliver([notice('WokenUp')])
    const early = world.calls(call).length
    world.advance(minutes(1))
    world.deliver([notice('WokenUp')])
    return [early, world.calls(call).length]
  }

  test('has the tasks looked at once, when its time has come', () => {
    expect(callsAfter('DescribeTasks')).toEqual([0, 1])
  })

  test('has the heartbeat of an impatient hook brought forward once', () => {
    const short = event('LifecycleHookDescribed', 2, { heartbeatTimeout: minutes(10), globalTimeout: minutes(1_000) })
    const history = [...cordoning, short, event('LifecycleActionHeartbeatRecorded', 10), event('Swept', 60)]
    const beats = (second: number) =>
      effectsOwed(given(...history).drain, at(second), policy(), 0).filter(({ type }) => type === 'RecordHeartbeat')
    expect(beats(59)).toEqual([])
    expect(beats(60)).toHaveLength(1)
  })
})
