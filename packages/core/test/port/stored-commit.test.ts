// What was stored once must be readable for ever.
import fc from 'fast-check'
import * as E from 'fp-ts/Either'
import { describe, expect, test } from 'vitest'
import type { DrainEvent, DrainEventType } from '../../src/drain/drain-event.ts'
import type {
  AutoScalingGroupName,
  ClusterName,
  ContainerInstanceArn,
  Ec2InstanceId,
  EcsTaskArn,
  LifecycleActionToken,
  LifecycleHookName,
} from '../../src/identity/ids.ts'
import type { LifecycleAction } from '../../src/identity/lifecycle-action.ts'
import type { Failure } from '../../src/observation/failure.ts'
import type { EffectType } from '../../src/observation/observation.ts'
import type { TaskSighting } from '../../src/observation/task-sighting.ts'
import { decodeCommit, decodeThrough, encodeCommit } from '../../src/port/stored-commit.ts'

const text = fc.string({ unit: 'grapheme' })
const instant = fc.integer({ min: 0, max: 8.64e15 })
const duration = fc.nat()
const name = fc.stringMatching(/^[A-Za-z0-9_-]{1,40}$/)
const cluster = name as fc.Arbitrary<ClusterName>
const taskArn = name.map((id) => `arn:aws:ecs:eu-central-1:123456789012:task/c/${id}` as EcsTaskArn)
const token = fc.uuid() as unknown as fc.Arbitrary<LifecycleActionToken>
const result = fc.constantFrom('CONTINUE', 'ABANDON')
const sighting: fc.Arbitrary<TaskSighting> = fc.record({
  arn: taskArn,
  version: fc.nat(),
  lastStatus: fc.constantFrom('RUNNING', 'STOPPED'),
  desiredStatus: text,
  group: text,
})
const action: fc.Arbitrary<LifecycleAction> = fc.record({
  group: fc.stringMatching(/^[ -~]{1,40}$/) as fc.Arbitrary<AutoScalingGroupName>,
  hook: name as unknown as fc.Arbitrary<LifecycleHookName>,
  instance: fc.stringMatching(/^i-[0-9a-f]{8,17}$/) as fc.Arbitrary<Ec2InstanceId>,
  token: fc.option(token),
})
const containerInstance = name.map(
  (id) => `arn:aws:ecs:eu-central-1:123456789012:container-instance/${id}` as ContainerInstanceArn,
)
const failure: fc.Arbitrary<Failure> = fc.oneof(
  fc.record({
    type: fc.constantFrom('Throttled', 'Unavailable', 'TimedOut', 'NotFound', 'AccessDenied'),
    message: text,
  }),
  fc.record({ type: fc.constant('Rejected' as const), code: text, message: text }),
)
const effectTypes: { readonly [Type in EffectType]: true } = {
  FindContainerInstance: true,
  SetDraining: true,
  SetActive: true,
  DescribeLifecycleHook: true,
  ReadTasks: true,
  StopTask: true,
  RecordHeartbeat: true,
  CompleteLifecycleAction: true,
  SendWakeUp: true,
}
const effect = fc.constantFrom(...(Object.keys(effectTypes) as ReadonlyArray<EffectType>))

type Of<Type extends DrainEventType> = Extract<DrainEvent, { type: Type }>

const none = fc.record({})

/** The fields of each type; a type of event that is missing here does not compile. */
const fieldsOf: { readonly [Type in DrainEventType]: fc.Arbitrary<Omit<Of<Type>, 'type' | 'at'>> } = {
  DrainRequested: fc.record({
    action,
    toWarmPool: fc.boolean(),
    clusters: fc.array(cluster, { maxLength: 3 }),
    announcedAt: instant,
  }),
  LifecycleActionTokenLearned: fc.record({ token }),
  LifecycleHookDescribed: fc.record({ heartbeatTimeout: duration, globalTimeout: duration, defaultResult: result }),
  ContainerInstanceFound: fc.record({ cluster, arn: containerInstance, leftBehind: fc.array(containerInstance) }),
  ContainerInstanceNotFound: none,
  ContainerInstanceDraining: none,
  DrainingUndone: none,
  ContainerInstanceLost: fc.record({ reason: text, retryAt: instant }),
  AgentConnectionChanged: fc.record({ connected: fc.boolean() }),
  TasksRead: fc.record({
    scope: fc.constantFrom('running', 'all', 'known'),
    since: instant,
    tasks: fc.array(sighting, { maxLength: 4 }),
    forgotten: fc.array(taskArn, { maxLength: 4 }),
  }),
  TaskSeen: fc.record({ task: sighting }),
  Swept: none,
  WaitDoubted: fc.record({ lifecycleState: fc.option(text) }),
  DeadlineReached: fc.record({ choice: fc.constantFrom('continue', 'stop-tasks', 'abandon', 'wait') }),
  TaskToldToStop: fc.record({ task: taskArn }),
  LifecycleActionHeartbeatRecorded: none,
  CompletionDecided: fc.record({
    result,
    because: fc.constantFrom('drained', 'deadline', 'not-a-container-instance', 'container-instance-gone'),
  }),
  LifecycleActionCompleted: fc.record({ result }),
  LifecycleActionOver: fc.record({ of: fc.constantFrom('heartbeat', 'completion') }),
  DrainSuperseded: none,
  InstanceReturnedToService: none,
  ContainerInstanceActivated: none,
  WakeUpSent: fc.record({ wakeAt: instant, hops: fc.nat() }),
  EffectFailed: fc.record({ effect, task: fc.option(taskArn), failure, retryAt: instant }),
}

const types = Object.keys(fieldsOf) as ReadonlyArray<DrainEventType>

const eventOf = (type: DrainEventType): fc.Arbitrary<DrainEvent> =>
  fc.tuple(fieldsOf[type], instant).map(([fields, at]) => ({ type, at, ...fields }) as DrainEvent)

const anyEvent = fc.oneof(...types.map(eventOf))

const stored = (events: ReadonlyArray<DrainEvent>): unknown => JSON.parse(JSON.stringify(encodeCommit(events)))

const report = (document: unknown): ReadonlyArray<string> => {
  const decoded = decodeCommit(document)
  return E.isLeft(decoded) ? decoded.left : []
}

describe('what was written is read as it was', () => {
  test.each(types)('%s', (type) => {
    fc.assert(
      fc.property(eventOf(type), (event) => {
        expect(decodeCommit(stored([event]))).toEqual(E.right([event]))
      }),
      { numRuns: 50 },
    )
  })

  test('many events, in their order', () => {
    fc.assert(
      fc.property(fc.array(anyEvent), (events) => {
        expect(decodeCommit(stored(events))).toEqual(E.right(events))
      }),
    )
  })

  test('what is stored names its version', () => {
    expect(JSON.stringify(encodeCommit([{ type: 'Swept', at: 7 }]))).toBe('{"v":1,"events":[{"type":"Swept","at":7}]}')
  })

  test('a field that we do not know is dropped', () => {
    const more = { v: 1, events: [{ type: 'Swept', at: 7, more: true }], more: true }
    expect(decodeCommit(more)).toEqual(E.right([{ type: 'Swept', at: 7 }]))
  })
})

describe('what cannot be read says where and why', () => {
  test.each<[string, unknown, ReadonlyArray<string>]>([
    ['no commit', null, ['(root): expected an object, got null']],
    ['no events', { v: 1 }, ['events: expected a list, got nothing']],
    ['an event that is none', { v: 1, events: [7] }, ['events[0]: expected an object, got 7']],
    ['a version before the first', { v: 0, events: [] }, ['v: expected an integer of at least 1, got 0']],
    ['a newer version', { v: 2, events: [] }, ['v: this version of ecs-drain reads up to 1, and a newer one wrote 2']],
    [
      'an unknown type',
      {
        v: 1,
        events: [
          { type: 'Swept', at: 1 },
          { type: 'TeaMade', at: 1 },
        ],
      },
      ['events[1].type: expected a type of event, got "TeaMade"'],
    ],
    [
      'a type of JavaScript',
      { v: 1, events: [{ type: 'toString' }] },
      ['events[0].type: expected a type of event, got "toString"'],
    ],
    ['no time', { v: 1, events: [{ type: 'Swept' }] }, ['events[0].at: expected number, got nothing']],
    [
      'bad fields',
      {
        v: 1,
        events: [
          { type: 'Swept', at: 1 },
          {
            type: 'TaskSeen',
            at: 1,
            task: { arn: 'x', version: '7', lastStatus: 'STOPPED', desiredStatus: 'STOPPED', group: '' },
          },
        ],
      },
      [
        'events[1].task.arn: expected EcsTaskArn like arn:aws:ecs:REGION:ACCOUNT:task/CLUSTER/ID, got "x"',
        'events[1].task.version: expected number, got "7"',
      ],
    ],
    [
      'a failure of an unknown kind, and one that lacks what its kind has',
      {
        v: 1,
        events: [{ type: 'Tired' }, { type: 'Rejected', message: '' }].map((failed) => ({
          type: 'EffectFailed',
          at: 1,
          effect: 'SetDraining',
          task: 7,
          failure: failed,
          retryAt: 2,
        })),
      },
      [
        'events[0].task: expected EcsTaskArn like arn:aws:ecs:REGION:ACCOUNT:task/CLUSTER/ID or null, got 7',
        'events[0].failure.type: expected a type of failure, got "Tired"',
        'events[1].task: expected EcsTaskArn like arn:aws:ecs:REGION:ACCOUNT:task/CLUSTER/ID or null, got 7',
        'events[1].failure.code: expected string, got nothing',
      ],
    ],
  ])('%s', (_, document, lines) => {
    expect(report(document)).toEqual(lines)
  })

  test('every field of every type is looked at', () => {
    fc.assert(
      fc.property(anyEvent, fc.nat(), (event, pick) => {
        // A list as a field's value: no field of ours takes a list in a list.
        const keys = Object.keys(event).filter((key) => key !== 'type')
        const key = keys[pick % keys.length] ?? 'at'
        const lines = report({ v: 1, events: [{ ...event, [key]: [[]] }] })
        expect(lines.length).toBeGreaterThan(0)
        for (const line of lines) expect(line).toMatch(new RegExp(`^events\\[0\\]\\.${key}(\\[0\\])?[.:]`))
      }),
    )
  })

  test('in at most twenty lines', () => {
    expect(report({ v: 1, events: Array.from({ length: 1_000 }, () => ({})) }).length).toBe(20)
    // More than a call takes arguments.
    expect(report({ v: 1, events: Array.from({ length: 200_000 }, () => 7) }).length).toBe(20)
  })

  test('and nothing throws, whatever is there', () => {
    // An object that cannot become text, where the name of a type should be.
    expect(report({ v: 1, events: [{ at: 1, type: { toString: null } }] })).toEqual([
      'events[0].type: expected a type of event, got an object',
    ])
    fc.assert(
      fc.property(
        fc.oneof(fc.anything(), fc.record({ v: fc.constant(1), events: fc.array(fc.anything()) })),
        (anything) => {
          const decoded = decodeCommit(anything)
          return E.isRight(decoded) || decoded.left.length > 0
        },
      ),
    )
  })
})

describe('what an older version wrote', () => {
  test('a termination stored without its destination', () => {
    const { toWarmPool: _, ...older } = {
      type: 'DrainRequested',
      at: 1,
      clusters: [],
      announcedAt: 1,
      toWarmPool: true,
    }
    const lifecycleAction = { group: 'web', hook: 'ecs-drain', instance: 'i-0598c7d356eba48d7', token: null }
    const event = { ...older, action: lifecycleAction }
    expect(decodeCommit({ v: 1, events: [event] })).toEqual(E.right([{ ...event, toWarmPool: false }]))
  })

  test('goes through one step per version, and what is current through none', () => {
    // As if version 1 had said Swept in another word, and version 2 its time in seconds.
    const steps = [
      (event: Readonly<Record<string, unknown>>) => (event['type'] === 'Sweep' ? { ...event, type: 'Swept' } : event),
      (event: Readonly<Record<string, unknown>>) => ({ ...event, at: Number(event['at']) * 1_000 }),
    ]
    const read = decodeThrough(steps)
    const swept = E.right([{ type: 'Swept', at: 7_000 }])
    expect(read({ v: 1, events: [{ type: 'Sweep', at: 7 }] })).toEqual(swept)
    expect(read({ v: 2, events: [{ type: 'Swept', at: 7 }] })).toEqual(swept)
    expect(read({ v: 3, events: [{ type: 'Swept', at: 7_000 }] })).toEqual(swept)
    expect(read({ v: 2, events: [{ type: 'Sweep', at: 7 }] })).toEqual(
      E.left(['events[0].type: expected a type of event, got "Sweep"']),
    )
    expect(read({ v: 4, events: [] })).toEqual(
      E.left(['v: this version of ecs-drain reads up to 3, and a newer one wrote 4']),
    )
  })
})
