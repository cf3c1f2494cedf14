import { failureOf } from '@ecs-drain/aws-adapter'
import {
  awaitsActivation,
  type ClusterName,
  type DrainEvent,
  type DrainPolicy,
  fold,
  hours,
  minutes,
  seconds,
  streamOf,
} from '@ecs-drain/core'
import {
  accessDenied,
  at,
  containerInstanceNumber,
  event,
  eventTypes,
  id,
  instanceNumber,
  lifecycleAction,
  policy,
  ScriptedWorld,
  stoppedTask,
  task,
  taskNumber,
  walks,
} from '@ecs-drain/core/testing'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { durationText } from '../../src/explain/duration-text.ts'
import { sentenceOf } from '../../src/explain/event-sentence.ts'
import { type Explanation, explain, explanationText, openDrainsText } from '../../src/explain/explanation.ts'
import { outputsShown } from './support/page.ts'
import { waiting } from './support/waiting.ts'

const stream = streamOf(instanceNumber(1))

const explained = (events: ReadonlyArray<DrainEvent>, now: number): Explanation => {
  const explanation = explain(stream, [{ version: 1, events }], now)
  if (explanation === null) throw new Error('nothing to explain')
  return explanation
}

describe('an instance that is still there', () => {
  test('is said to wait for the tasks that have not stopped, each with what is known of it', () => {
    const world = waiting()
    const { headline, waitsFor } = explained(world.events(), at(62))
    expect(headline).toMatch(/^DRAINING for 1 min \d+ s; waits for 2 of 2 tasks$/)
    expect(waitsFor).toEqual([
      expect.stringMatching(/^task \w+1: was listed, and nothing has told its status yet$/),
      expect.stringMatching(/^task \w+2: (DEACTIVATING|STOPPING|DEPROVISIONING), of service:\w+$/),
      'no longer than until the hook goes on with CONTINUE, at 2026-01-02 01:00:00 (UTC)',
    ])
    world.stop(taskNumber(2))
    world.settle({ until: at(70) })
    expect(outputsShown).toContain(explanationText(explained(world.events(), at(125)), null))
    expect(explained(world.events(), at(70)).waitsFor).toHaveLength(2)
  })

  test('is said where to look, or who has to act, for a task that nobody has told to stop', () => {
    const toldOf = (seen: ReturnType<typeof task>, more: ReadonlyArray<DrainEvent> = []): string | undefined => {
      const read = event('TasksRead', 10, { scope: 'known', tasks: [seen] })
      const events = [
        event('DrainRequested', 0),
        event('ContainerInstanceFound', 1),
        event('ContainerInstanceDraining', 2),
      ]
      return explained([...events, read, ...more], at(60)).waitsFor[0]?.replace(/^task \w+: /, '')
    }
    const standalone = task(1, { group: 'family:nightly' })
    expect(toldOf(task(1))).toBe('RUNNING, of service:web, whose events say why it is not replaced yet')
    expect(toldOf(standalone)).toBe('RUNNING, of family:nightly: of no service, so ECS does not stop it')
    const told = event('TaskToldToStop', 11, { task: taskNumber(1) })
    expect(toldOf(standalone, [told])).toBe('RUNNING, of family:nightly, told to stop')
  })

  test('of which nothing has been recorded for longer than sweeps take is said to need the function, and by when', () => {
    const events = waiting().events()
    const last = events.at(-1)?.at ?? 0
    const justYet = explained(events, last + minutes(10))
    expect(justYet.headline).not.toContain('recorded')
    expect(justYet.waitsFor.at(-1)).toMatch(/^no longer than/)
    const silent = explained(events, last + minutes(12))
    expect(silent.headline).toMatch(/; waits for 2 of 2 tasks; nothing has been recorded for 12 min$/)
    expect(silent.waitsFor.at(-1)).toBe(
      'the function, whose log may say why it records nothing; ' +
        'without its heartbeat the hook goes on with CONTINUE, at 2026-01-01 00:15:00 (UTC)',
    )
    // Whoever is asked in the morning must not wait for what is over.
    expect(explained(events, at(0) + minutes(90)).waitsFor.at(-1)).toBe(
      'the function, whose log may say why it records nothing; ' +
        'without its heartbeat the hook went on with CONTINUE, at 2026-01-01 00:15:00 (UTC): the instance may be gone',
    )
    const beat = event('LifecycleActionHeartbeatRecorded', 89_300)
    expect(explained([...events, beat], at(89_950)).waitsFor.at(-1)).toMatch(
      /goes on with CONTINUE, at 2026-01-02 01:00:00/,
    )
    const begun = explained([event('DrainRequested', 0)], at(0) + minutes(12))
    expect(begun.waitsFor).toEqual(['the function, whose log may say why it records nothing'])
    expect(openDrainsText([silent], [])).toContain('nothing has been recorded for 12 min')
  })

  test('whose heartbeats are refused is said to be held no longer than without one, and not for the hours of the hook', () => {
    const world = new ScriptedWorld({ heartbeatTimeout: hours(1) })
    world.addInstance(1, [task(1)])
    world.terminate(1)
    world.settle({ until: at(10) })
    world.fail('RecordLifecycleActionHeartbeat', accessDenied, { times: 1_000 })
    for (let minute = 5; minute <= 55; minute += 5) {
      world.settle({ until: at(60 * minute) })
      world.sweep()
    }
    expect(explained(world.events(), at(60 * 56)).waitsFor.at(-1)).toBe(
      'a heartbeat, without which the hook goes on with CONTINUE, at 2026-01-01 01:00:00 (UTC)',
    )
  })

  test('is said to end at its deadline at the latest, and how, where the policy has one', () => {
    const begun = [event('DrainRequested', 0)]
    const found = [event('ContainerInstanceFound', 1), event('ContainerInstanceDraining', 2)]
    const described = event('LifecycleHookDescribed', 3, { heartbeatTimeout: minutes(15), globalTimeout: hours(25) })
    const reached = event('DeadlineReached', 3_600, { choice: 'stop-tasks' })
    const stopGrace = minutes(6)
    const limit = (
      events: ReadonlyArray<DrainEvent>,
      deadline: DrainPolicy['deadline'],
      now = at(60),
    ): string | undefined =>
      explain(stream, [{ version: 1, events }], now, { deadline, stopGrace })?.waitsFor.find((line) =>
        line.startsWith('no longer'),
      )
    const letGo = 'then the instance is let go, whatever runs on it'
    const hourly = { after: hours(1), choice: 'continue' } as const
    expect(limit(begun, hourly)).toBe(`no longer than until its deadline, at 2026-01-01 01:00:00 (UTC): ${letGo}`)
    expect(limit([...begun, ...found, described], { ...hourly, choice: 'stop-tasks' })).toBe(
      'no longer than until its deadline, at 2026-01-01 01:00:00 (UTC): then its tasks are told to stop, and then it is let go',
    )
    expect(limit([...begun, ...found, described, reached], null, at(3_610))).toBe(
      'no longer than until 2026-01-01 01:06:00 (UTC): then it is let go, whatever runs on it',
    )
    const ofHook = 'no longer than until the hook goes on with CONTINUE, at 2026-01-02 01:00:00 (UTC)'
    const waitsOn = event('DeadlineReached', 3_600, { choice: 'wait' })
    expect(limit([...begun, ...found, described, waitsOn], hourly, at(3_610))).toBe(ofHook)
    const decided = event('CompletionDecided', 30, { result: 'CONTINUE', because: 'drained' })
    expect(limit([...begun, ...found, described, decided], hourly)).toBe(ofHook)
    const afterHook = { ...hourly, after: hours(26) }
    for (const other of [null, afterHook, { ...hourly, choice: 'wait' } as const])
      expect(limit([...begun, ...found, described], other)).toBe(ofHook)
  })

  test('is said to wait for tasks of a record that its agent has left behind, and what ends that', () => {
    const left = containerInstanceNumber(7)
    const events = (...tasks: ReadonlyArray<ReturnType<typeof task>>): ReadonlyArray<DrainEvent> => [
      event('DrainRequested', 0),
      event('ContainerInstanceFound', 1, { leftBehind: [left] }),
      event('ContainerInstanceDraining', 2),
      event('TasksRead', 10, { scope: 'running', tasks }),
    ]
    const line = expect.stringMatching(
      /^what ECS still shows of container instance \w+7, .* deregisters that one by force$/,
    )
    expect(explained(events(task(1)), at(60)).waitsFor).toEqual([expect.stringMatching(/^task \w+1: /), line])
    const deleted = task(1, { lastStatus: 'DELETED', desiredStatus: 'STOPPED', version: 9 })
    for (const gone of [stoppedTask(1), deleted]) expect(explained(events(gone), at(60)).waitsFor).toEqual([])
  })

  test('is said to wait for a call that failed, with what AWS said', () => {
    const world = new ScriptedWorld()
    world.addInstance(1, [task(1)])
    const message = 'allow ecs:UpdateContainerInstancesState on web/1; AWS said AccessDeniedException: no'
    world.fail('UpdateContainerInstancesState', { type: 'AccessDenied', message }, { times: 99 })
    world.terminate(1)
    world.settle({ until: at(5) })
    const { headline, waitsFor, events } = explained(world.events(), at(5))
    expect(headline).toBe(
      'its container instance is known, and not DRAINING yet; ' +
        'SetDraining fails (AccessDenied: allow ecs:UpdateContainerInstancesState on web/1)',
    )
    expect(waitsFor).toEqual([
      expect.stringMatching(/^SetDraining, which has failed (once|\d+ times): again /),
      expect.stringMatching(/^no longer than/),
    ])
    expect(events.map(({ sentence }) => sentence)).toContainEqual(
      expect.stringMatching(/^SetDraining failed \(AccessDenied: allow .*; AWS said .*: no\)\. Tried again from /),
    )
  })

  test('is told the reason of a call that fails on and on once, and again when it is another', () => {
    const failed = (seconds: number, message: string): DrainEvent =>
      event('EffectFailed', seconds, {
        effect: 'SetDraining',
        task: null,
        failure: { type: 'AccessDenied', message },
        retryAt: at(seconds + 1),
      })
    const begun = [event('DrainRequested', 0), event('ContainerInstanceFound', 1)]
    const { events } = explained([...begun, failed(2, 'a'), failed(4, 'a'), failed(8, 'b'), failed(16, 'a')], at(20))
    expect(events.slice(2).map(({ sentence }) => sentence)).toEqual([
      'SetDraining failed (AccessDenied: a). Tried again from 00:00:03.000 on.',
      'SetDraining failed as before. Tried again from 00:00:05.000 on.',
      'SetDraining failed (AccessDenied: b). Tried again from 00:00:09.000 on.',
      'SetDraining failed (AccessDenied: a). Tried again from 00:00:17.000 on.',
    ])
  })

  test('is told of each call that fails its own reason, and in the first line of none that has succeeded since', () => {
    const failed = (seconds: number, effect: 'SetDraining' | 'DescribeLifecycleHook'): DrainEvent =>
      event('EffectFailed', seconds, {
        effect,
        task: null,
        failure: { type: 'AccessDenied', message: 'no' },
        retryAt: at(seconds + 1),
      })
    const begun = [event('DrainRequested', 0), event('ContainerInstanceFound', 1)]
    const both = [...begun, failed(2, 'DescribeLifecycleHook'), failed(3, 'SetDraining')]
    const { headline, events } = explained(both, at(4))
    expect(events.slice(2).map(({ sentence }) => sentence)).toEqual([
      expect.stringMatching(/^DescribeLifecycleHook failed \(AccessDenied: no\)/),
      expect.stringMatching(/^SetDraining failed \(AccessDenied: no\)/),
    ])
    expect(headline).toMatch(/; SetDraining fails /)
    const drains = explained([...both, event('ContainerInstanceDraining', 4)], at(5))
    expect(drains.headline).toMatch(
      /^DRAINING for 1\.0 s; its tasks have not been listed yet; DescribeLifecycleHook fails /,
    )
  })

  test('is told of each task that cannot be stopped its own reason, and in the first line of none that could be', () => {
    const failed = (seconds: number, n: number, message: string): DrainEvent =>
      event('EffectFailed', seconds, {
        effect: 'StopTask',
        task: taskNumber(n),
        failure: { type: 'AccessDenied', message },
        retryAt: at(60),
      })
    const begun = [event('DrainRequested', 0), event('ContainerInstanceFound', 1)]
    const told = event('TaskToldToStop', 5, { task: taskNumber(1) })
    const { events, headline } = explained(
      [...begun, failed(2, 2, 'a'), failed(3, 1, 'a'), failed(4, 1, 'b'), told],
      at(6),
    )
    expect(events.slice(2, 4).map(({ sentence }) => sentence)).toEqual([
      expect.stringMatching(/^StopTask of task \w+2 failed \(AccessDenied: a\)/),
      expect.stringMatching(/^StopTask of task \w+1 failed \(AccessDenied: a\)/),
    ])
    expect(headline).toMatch(/; StopTask fails \(AccessDenied: a\)$/)
  })

  test('is said when a call that failed is made again', () => {
    const failed = event('EffectFailed', 2, { effect: 'SetDraining', task: null, retryAt: at(9) })
    const begun = [event('DrainRequested', 0), event('ContainerInstanceFound', 1)]
    expect(explained([...begun, failed], at(8)).waitsFor).toContain(
      'SetDraining, which has failed once: again at 00:00:09.000',
    )
    expect(explained([...begun, failed, failed], at(9)).waitsFor).toContain(
      'SetDraining, which has failed 2 times: again with the next message or sweep',
    )
  })

  test('is said to wait for its agent, where that has lost its connection', () => {
    const away = event('AgentConnectionChanged', 3, { connected: false })
    const events = [
      event('DrainRequested', 0),
      event('ContainerInstanceFound', 1),
      event('ContainerInstanceDraining', 2),
    ]
    const line = expect.stringMatching(
      /^the agent of its container instance, which was not connected when last heard of/,
    )
    expect(explained([...events, away], at(60)).waitsFor).toEqual([line])
    const back = event('AgentConnectionChanged', 30, { connected: true })
    expect(explained([...events, away, back], at(60)).waitsFor).toEqual([])
  })

  test('and has no task left is said to be looked at once more, and then to be let go', () => {
    const read = event('TasksRead', 10, { scope: 'running', tasks: [] })
    const events = [
      event('DrainRequested', 0),
      event('ContainerInstanceFound', 1),
      event('ContainerInstanceDraining', 2),
    ]
    expect(explained([...events, read], at(12)).headline).toBe(
      'DRAINING for 10.0 s; none of its tasks seems left, which one more reading confirms',
    )
    const decided = event('CompletionDecided', 15, { result: 'CONTINUE', because: 'drained' })
    expect(explained([...events, read, decided], at(16)).headline).toBe(
      'decided: CONTINUE, because all its tasks have stopped; that Auto Scaling took it is not recorded yet',
    )
  })

  test('is not said to wait for a call that has succeeded since', () => {
    const world = new ScriptedWorld()
    world.addInstance(1, [task(1)])
    world.fail('UpdateContainerInstancesState', { type: 'Throttled', message: 'Rate exceeded' }, { times: 2 })
    world.terminate(1)
    world.settle({ until: at(60) })
    const { headline, events } = explained(world.events(), at(60))
    expect(events.filter((each) => each.event.type === 'EffectFailed')).toHaveLength(2)
    expect(headline).toMatch(/^DRAINING for \d+\.\d s; waits for 1 of 1 task$/)
  })

  test('is told the reason of the look-up that fails now, not that of one which succeeded before', () => {
    const arn = containerInstanceNumber(1)
    const throttled = { type: 'Throttled', message: 'Rate exceeded' } as const
    const find = { effect: 'FindContainerInstance', task: null, failure: throttled, retryAt: at(3) } as const
    const events = [
      event('DrainRequested', 0),
      event('LifecycleActionHeartbeatRecorded', 1),
      event('EffectFailed', 2, find),
      event('ContainerInstanceFound', 3, { arn }),
      event('ContainerInstanceLost', 4, { retryAt: at(9) }),
    ]
    expect(explained(events, at(5)).headline).toBe('looking for its container instance for 5.0 s')
  })
})

const letGoToWarmPool = (): ReadonlyArray<DrainEvent> => {
  const world = waiting()
  for (const n of [1, 2]) world.stop(taskNumber(n))
  world.settle()
  return world.events()
}

describe('an instance that came back from its warm pool', () => {
  const letGo = (): ReadonlyArray<DrainEvent> => [...letGoToWarmPool(), event('InstanceReturnedToService', 600)]
  const denied = { type: 'AccessDenied', message: 'allow ecs:UpdateContainerInstancesState on web/1' } as const

  test('is said not to be ACTIVE until it is', () => {
    const { headline, waitsFor, drain } = explained(letGo(), at(660))
    expect(headline).toBe('back from its warm pool for 1 min, and not ACTIVE yet: ECS places nothing on it')
    expect(waitsFor).toEqual(['its container instance, to be set ACTIVE'])
    expect(awaitsActivation(drain)).toBe(true)
    const active = explained([...letGo(), event('ContainerInstanceActivated', 661)], at(670))
    expect(active.headline).toMatch(/^completed with CONTINUE after /)
    expect(active.waitsFor).toEqual([])
    expect(awaitsActivation(active.drain)).toBe(false)
  })

  test('is said why, where ECS refuses it', () => {
    const refused = { effect: 'SetActive', task: null, failure: denied, retryAt: at(700) } as const
    const { headline, waitsFor } = explained([...letGo(), event('EffectFailed', 640, refused)], at(660))
    expect(headline).toBe(
      'back from its warm pool for 1 min, and not ACTIVE yet: ECS places nothing on it; ' +
        'SetActive fails (AccessDenied: allow ecs:UpdateContainerInstancesState on web/1)',
    )
    expect(waitsFor).toContainEqual(expect.stringMatching(/^SetActive, which has failed once: again at /))
  })
})

describe('an instance that did not come back from its warm pool', () => {
  const letGo = letGoToWarmPool()

  test('is said to be given up by the sweep, and not to wait for a heartbeat', () => {
    const { events, headline } = explained([...letGo, event('WaitDoubted', 365 * 86_400)], at(365 * 86_400))
    expect(events.at(-1)?.sentence).toMatch(
      /^No group has shown it for a year: .* only a notice can say that it is back/,
    )
    expect(headline).toBe(explained(letGo, at(660)).headline)
  })

  test('and was seen to wait for somebody else’s hook is said to have been let go when it was', () => {
    const doubted = event('WaitDoubted', 7_200, { lifecycleState: 'Terminating:Wait' })
    const settled = event('LifecycleActionOver', 7_201, { of: 'heartbeat' })
    const { events, headline } = explained([...letGo, doubted, settled], at(7_300))
    expect(events.at(-2)?.sentence).toBe(
      'A sweep found it Terminating:Wait: a heartbeat will tell whether it still waits.',
    )
    expect(headline).toBe(explained(letGo, at(660)).headline)
  })
})

describe('an instance that was let go', () => {
  test('has its reason in the first line, and nothing that it waits for', () => {
    const world = waiting()
    for (const n of [1, 2]) world.stop(taskNumber(n))
    world.settle()
    const { headline, waitsFor } = explained(world.events(), at(1_000))
    expect(headline).toMatch(/^completed with CONTINUE after .*, because all its tasks have stopped$/)
    expect(waitsFor).toEqual([])
    expect(explained(world.events(), at(1_000)).hadNotStopped).toEqual([])
  })

  test('at a deadline is said to have been', () => {
    const world = new ScriptedWorld({ policy: policy({ deadline: { after: minutes(1), choice: 'continue' } }) })
    world.addInstance(1, [task(1)])
    world.terminate(1)
    world.settle({ until: at(120) })
    const forced = explained(world.events(), at(120))
    expect(forced.headline).toContain('because the deadline has passed')
    expect(explanationText(forced, null)).toMatch(
      /Had not stopped\n {2}task \w+1: was listed, and nothing has told its status yet\n$/,
    )
  })

  test('as the deadline has it is said how, and what had not stopped then, before Auto Scaling has taken it and after', () => {
    const decided = event('CompletionDecided', 60, { result: 'ABANDON', because: 'deadline' })
    const events = [
      event('DrainRequested', 0),
      event('ContainerInstanceFound', 1),
      event('ContainerInstanceDraining', 2),
      event('TasksRead', 10, { scope: 'known', tasks: [task(1)] }),
      decided,
    ]
    const hadNotStopped = [expect.stringMatching(/^task \w+1: RUNNING, of service:web$/)]
    const waits = explained(events, at(61))
    expect(waits).toMatchObject({
      headline: expect.stringMatching(/^decided: ABANDON, because the deadline/),
      hadNotStopped,
    })
    expect(waits.waitsFor).toEqual([])
    const completed = event('LifecycleActionCompleted', 62, { result: 'ABANDON' })
    expect(explained([...events, completed], at(500))).toMatchObject({
      headline: 'completed with ABANDON after 1 min 2 s, because the deadline has passed',
      hadNotStopped,
    })
  })

  test.each([
    [[], 'RUNNING, of service:web'],
    [[event('TaskToldToStop', 11, { task: taskNumber(1) })], 'RUNNING, of service:web, told to stop'],
  ])('before its tasks had stopped is said which they were: %j', (told, expected) => {
    const events = [
      event('DrainRequested', 0),
      event('ContainerInstanceFound', 1),
      event('ContainerInstanceDraining', 2),
      event('TasksRead', 10, { scope: 'known', tasks: [task(1), stoppedTask(2)] }),
      ...told,
      event('LifecycleActionOver', 90, { of: 'heartbeat' }),
    ]
    const { waitsFor, hadNotStopped } = explained(events, at(500))
    expect(hadNotStopped).toEqual([expect.stringMatching(new RegExp(`^task \\w+1: ${expected}$`))])
    expect(waitsFor).toEqual([])
  })

  test('by an answer that was lost is said to have been decided, and not that it was our own that ended it', () => {
    const decided = event('CompletionDecided', 60, { result: 'CONTINUE', because: 'drained' })
    const events = [event('DrainRequested', 0), decided, event('LifecycleActionOver', 90, { of: 'completion' })]
    expect(explained(events, at(500)).headline).toBe(
      'over after 1 min 30 s: CONTINUE was decided, because all its tasks have stopped; its own answer was lost, or came second',
    )
  })

  test('by another termination of it is said to have been', () => {
    const events = [event('DrainRequested', 0), event('DrainSuperseded', 90)]
    expect(explained(events, at(500)).headline).toBe('over after 1 min 30 s: another termination took its place')
  })

  test('by others is not claimed', () => {
    const events = [event('DrainRequested', 0), event('LifecycleActionOver', 90, { of: 'heartbeat' })]
    expect(explained(events, at(500)).headline).toBe(
      'over after 1 min 30 s: the lifecycle action was ended by its timeout, by somebody else, or by the end of the instance',
    )
  })
})

test('docs/explain.md shows the list as it is printed', () => {
  const listed = waiting()
  listed.stop(taskNumber(2))
  listed.settle({ until: at(70) })
  const failure = failureOf(Object.assign(new Error('not authorized'), { name: 'AccessDeniedException' }), {
    action: 'ecs:UpdateContainerInstancesState',
    resource: containerInstanceNumber(2),
  })
  const failed = { effect: 'SetDraining', task: null, failure, retryAt: at(130) } as const
  const denied = [event('DrainRequested', 90), event('ContainerInstanceFound', 91), event('EffectFailed', 92, failed)]
  const back = [...letGoToWarmPool(), event('InstanceReturnedToService', 120)]
  const open = [listed.events(), denied, back].map((events, index) =>
    explain(streamOf(instanceNumber(index + 1)), [{ version: 1, events }], at(125)),
  )
  const message = `table ecs-drain-Table-1ABC2DEF, pk ${streamOf(instanceNumber(4))}, sk 0000000001: body: Unexpected end of JSON input`
  const unreadable = { stream: streamOf(instanceNumber(4)), failure: { type: 'Rejected', code: '', message } } as const
  expect(outputsShown).toContain(
    openDrainsText(
      open.filter((each) => each !== null),
      [unreadable],
    ),
  )
})

test('of several drains of one instance the last is told, and the others are counted', () => {
  const first = [
    event('DrainRequested', 0),
    event('LifecycleActionCompleted', 30),
    event('InstanceReturnedToService', 60),
  ]
  const explanation = explained([...first, event('DrainRequested', 90)], at(91))
  expect(explanation.events.map((each) => each.event.type)).toEqual(['DrainRequested'])
  expect(explanation.earlier).toBe(1)
  const told = '1 earlier drain of this instance: --json has every event.'
  expect(explanationText(explanation, null)).toContain(`\n\n${told}\n`)
  expect(explanationText(explained(first, at(91)), null)).not.toContain('earlier')
})

test('that no drain is open is said', () => {
  expect(openDrainsText([], [])).toBe('No drain is open.\n')
})

test('a stream without commits has nothing to explain', () => {
  expect(explain(stream, [], at(0))).toBeNull()
})

test('every event of every drain has a sentence, without a hole in it', () => {
  const seen = new Set<string>()
  fc.assert(
    fc.property(walks(), ({ steps }) => {
      const events = steps.flatMap(({ events: written }) => written)
      events.forEach((each, index) => {
        const sentence = sentenceOf(each, fold(events.slice(0, index + 1)), null)
        expect(sentence).toMatch(/^[A-Z].*\.$/)
        expect(sentence).not.toMatch(/undefined|null|NaN|\[object/)
        seen.add(each.type)
      })
    }),
  )
  expect(seen.size).toBeGreaterThan(15)
})

test('no two events have the same sentence, and none has none', () => {
  const sentences = eventTypes.map((type) => sentenceOf(event(type, 1), fold([event('DrainRequested', 0)]), null))
  for (const sentence of sentences) expect(sentence).toMatch(/^[A-Z].*\.$/)
  expect(new Set(sentences).size).toBe(eventTypes.length)
})

test.each<[DrainEvent, RegExp]>([
  [event('DrainRequested', 0), /^Terminating: a notice said .* To be looked for in cluster web\.$/],
  [event('DrainRequested', 0, { action: lifecycleAction({ token: null }) }), /^Terminating: a sweep found that hook/],
  [event('DrainRequested', 0, { toWarmPool: true }), /^Terminating, on its way to a warm pool: /],
  [
    event('DrainRequested', 0, { clusters: [id<ClusterName>('a'), id<ClusterName>('b')] }),
    / To be looked for in clusters a, b\.$/,
  ],
  [
    event('ContainerInstanceFound', 0, { leftBehind: [containerInstanceNumber(7), containerInstanceNumber(8)] }),
    /^It is container instance \w+1 of cluster web, and was \w+7, \w+8 before its agent lost its state\.$/,
  ],
  [event('TasksRead', 0), /^Listed all its tasks: none is left\.$/],
  [event('TasksRead', 0, { forgotten: [taskNumber(1)] }), /: none is left\. ECS has forgotten 1 task\.$/],
  [event('WaitDoubted', 0), /^A sweep found it in no group: a heartbeat will tell/],
  [
    event('EffectFailed', 0, { effect: 'StopTask', task: taskNumber(3) }),
    /^StopTask of task \w+3 failed \(Throttled: Rate exceeded\)\./,
  ],
  [event('DrainingUndone', 0), /^Somebody has set it ACTIVE again/],
  [event('ContainerInstanceActivated', 0), /^Its container instance is ACTIVE again\.$/],
  [
    event('LifecycleActionOver', 0, { of: 'completion' }),
    /^Auto Scaling .*: it refused the completion\. It was ended by/,
  ],
])('an event has said what is its own: %j', (one, sentence) => {
  expect(sentenceOf(one, fold([event('DrainRequested', 0), one]), null)).toMatch(sentence)
})

test.each([
  // By the clock of whoever asks.
  [seconds(-3), '0.0 s'],
  [0, '0.0 s'],
  [seconds(1.84), '1.8 s'],
  [seconds(59.99), '59.9 s'],
  [minutes(2) + seconds(10.9), '2 min 10 s'],
  [hours(1), '1 h'],
  [hours(3) + minutes(5), '3 h 5 min'],
  [hours(47), '47 h'],
  [hours(48), '48 h'],
  [hours(48) + minutes(30), '2 d'],
  [hours(75.5), '3 d 3 h'],
])('%i ms reads %s', (duration, text) => {
  expect(durationText(duration)).toBe(text)
})
