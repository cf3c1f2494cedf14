// What a finite clock must not change: whatever can still be asked of a drain, the one that is remembered answers as the
// one that was.
import {
  type Answer,
  begin,
  beginRouting,
  type Call,
  type CallType,
  type Drain,
  type DrainEvent,
  decide,
  type Ec2InstanceId,
  effectsOwed,
  evolve,
  type Invocation,
  idle,
  type Observation,
  type ReadScope,
  type Reply,
  resume,
  resumeRouting,
  type Step,
} from '@ecs-drain/core'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  drainLater,
  eventLater,
  horizonsOf,
  invocationLater,
  now,
  remembered,
  rememberedInvocation,
  routingLater,
} from '../../src/check/core/abstract-time.ts'
import { type Model, tickMs } from '../../src/check/model.ts'
import { models } from '../../src/check/models.ts'
import { policyOfModel } from '../../src/check/parts.ts'
import * as names from '../../src/check/state/names.ts'
import * as reply from '../../src/check/state/reply-code.ts'
import { running, sightingAt, stopped } from '../../src/check/state/task-position.ts'
import { modelNamed } from './bundled.ts'

const seed = 20260302

/** What a drain of so many tasks can be told, at any moment; readings and announcements began up to `lifetime` ticks ago. */
const observations = (model: Model, tasks = 2): fc.Arbitrary<Observation> => {
  const { lifetime, heartbeatTimeout } = model
  const since = fc.integer({ min: 0, max: lifetime }).map((ticks) => now - ticks * tickMs)
  const task = fc
    .tuple(fc.nat({ max: tasks - 1 }), fc.constantFrom(2, 4, 5, 7, 9))
    .map(([name, at]) => sightingAt(name, at, model))
  const constant = (...all: ReadonlyArray<Observation>): fc.Arbitrary<Observation> => fc.constantFrom(...all)
  return fc.oneof(
    constant(
      { type: 'TimePassed' },
      { type: 'TasksSeen', scope: 'all', since: now, tasks: [], forgotten: [], undescribed: [], agentConnected: true },
      { type: 'SweptWaiting', lifecycleState: 'Terminating:Wait' },
      { type: 'SweptElsewhere', lifecycleState: null },
      { type: 'ContainerInstanceLocated', cluster: names.cluster, arn: names.containerInstanceArn, leftBehind: [] },
      {
        type: 'ContainerInstanceReplaced',
        replaced: names.containerInstanceArn,
        cluster: names.cluster,
        arn: names.containerInstanceArn,
        leftBehind: [],
      },
      { type: 'ContainerInstanceAbsent' },
      { type: 'ContainerInstanceDrains', agentConnected: true },
      { type: 'ContainerInstanceLost', reason: 'MISSING' },
      { type: 'ContainerInstanceActive' },
      { type: 'HeartbeatAccepted' },
      { type: 'LifecycleActionNotActive', of: 'heartbeat' },
      { type: 'CompletionAccepted', result: 'CONTINUE' },
      { type: 'WakeUpSent', at: now + tickMs, hops: 1 },
    ),
    fc
      .constantFrom<'ReadTasks' | 'SetDraining' | 'CompleteLifecycleAction' | 'RecordHeartbeat' | 'SendWakeUp'>(
        'ReadTasks',
        'SetDraining',
        'CompleteLifecycleAction',
        'RecordHeartbeat',
        'SendWakeUp',
      )
      .map(
        (effect): Observation => ({
          type: 'EffectFailed',
          effect,
          task: null,
          failure: { type: 'TimedOut', message: '' },
        }),
      ),
    // A hook's settings stay what they are.
    constant({
      type: 'LifecycleHookSeen',
      heartbeatTimeout: heartbeatTimeout === null ? 1e14 : heartbeatTimeout * tickMs,
      globalTimeout: 1e14,
      defaultResult: 'CONTINUE',
    }),
    since.map(
      (announcedAt): Observation => ({
        type: 'TerminationAnnounced',
        action: names.action,
        toWarmPool: false,
        clusters: [names.cluster],
        announcedAt,
      }),
    ),
    fc.tuple(since, fc.constantFrom(null, names.foreignAction.token)).map(
      ([announcedAt, token]): Observation => ({
        type: 'TerminationAnnounced',
        action: { ...names.action, token },
        toWarmPool: false,
        clusters: [names.cluster],
        announcedAt,
      }),
    ),
    task.map((seen): Observation => ({ type: 'TaskSeen', task: seen })),
    fc
      .record({
        scope: fc.constantFrom<ReadScope>('running', 'all', 'known'),
        since,
        tasks: fc.array(task, { maxLength: 2 }),
      })
      .map(
        (seen): Observation => ({ type: 'TasksSeen', ...seen, forgotten: [], undescribed: [], agentConnected: true }),
      ),
  )
}

type LifeStep = { readonly tick: true } | { readonly tick: false; readonly observation: Observation }

const nothingLeft: LifeStep = {
  tick: false,
  observation: {
    type: 'TasksSeen',
    scope: 'all',
    since: now,
    tasks: [],
    forgotten: [],
    undescribed: [],
    agentConnected: true,
  },
}

/** Lives that get somewhere: most begin with a drain that is DRAINING, and what ends one comes seldom. */
const lives = (model: Model, tasks = 2): fc.Arbitrary<ReadonlyArray<LifeStep>> => {
  const beginning: ReadonlyArray<LifeStep> = [
    {
      tick: false,
      observation: {
        type: 'TerminationAnnounced',
        action: names.action,
        toWarmPool: false,
        clusters: [names.cluster],
        announcedAt: now,
      },
    },
    {
      tick: false,
      observation: {
        type: 'ContainerInstanceLocated',
        cluster: names.cluster,
        arn: names.containerInstanceArn,
        leftBehind: [],
      },
    },
    { tick: false, observation: { type: 'ContainerInstanceDrains', agentConnected: true } },
    { tick: true },
    nothingLeft,
    { tick: true },
    nothingLeft,
  ]
  const isSeldom = (type: Observation['type']): boolean =>
    type === 'LifecycleActionNotActive' || type === 'ContainerInstanceLost' || type === 'CompletionAccepted'
  const rest = fc.array(
    fc.oneof(
      { weight: 2, arbitrary: fc.constant<LifeStep>({ tick: true }) },
      {
        weight: 3,
        arbitrary: fc
          .tuple(observations(model, tasks), fc.nat({ max: 9 }))
          .map(
            ([observation, luck]): LifeStep =>
              isSeldom(observation.type) && luck > 0 ? { tick: true } : { tick: false, observation },
          ),
      },
    ),
    { minLength: 1, maxLength: 40 },
  )
  return fc
    .tuple(fc.constantFrom(0, 1, 2, 3, 3, 3, 5, 7), rest)
    .map(([steps, others]) => [...beginning.slice(0, steps), ...others])
}

const lived = (life: ReadonlyArray<LifeStep>, model: Model): Drain =>
  life.reduce<Drain>(
    (drain, step) => (step.tick ? drainLater(drain) : told(drain, step.observation, model).reduce(evolve, drain)),
    idle,
  )

const told = (drain: Drain, observation: Observation, model: Model): ReadonlyArray<DrainEvent> =>
  decide(observation, drain, now, policyOfModel(model))

describe.each(models.filter(({ name }) => /calm|slow|heartbeats|deadline|standalone/.test(name)))('$name', (model) => {
  const policy = policyOfModel(model)
  const horizons = horizonsOf(policy, model)
  const kept = (drain: Drain): Drain => remembered(drain, policy, horizons)

  test('a drain that is remembered decides, owes and becomes what the whole one does', () => {
    const phases = new Set<string>()
    fc.assert(
      fc.property(lives(model), (life) => {
        let whole: Drain = idle
        let short: Drain = idle
        for (const step of life) {
          if (step.tick) {
            whole = drainLater(whole)
            short = kept(drainLater(short))
          } else {
            const events = told(whole, step.observation, model)
            expect(told(short, step.observation, model)).toEqual(events)
            whole = events.reduce(evolve, whole)
            short = kept(events.reduce(evolve, short))
          }
          phases.add(whole.phase)
          expect(effectsOwed(short, now, policy, 0)).toEqual(effectsOwed(kept(whole), now, policy, 0))
          expect(sorted(effectsOwed(short, now, policy, 0))).toEqual(sorted(effectsOwed(whole, now, policy, 0)))
          expect(short).toEqual(kept(whole))
        }
      }),
      { numRuns: 800, seed },
    )
    expect([...phases].sort()).toEqual(['completing', 'cordoning', 'draining', 'ended', 'idle', 'locating'])
  })

  test('core is the same at any time of day: a life lived a tick later is the same life a tick later', () => {
    fc.assert(
      fc.property(lives(model), (life) => {
        let drain: Drain = idle
        for (const step of life) {
          if (step.tick) continue
          const events = told(drain, step.observation, model)
          const then = { ...step.observation } as Observation
          const earlier = decide(shifted(then), drainLater(drain), now - tickMs, policy)
          expect(earlier).toEqual(events.map(eventLater))
          drain = events.reduce(evolve, drain)
        }
      }),
      { numRuns: 200, seed },
    )
  })
})

/** What happens to a call: it is answered, with luck in this way or that, or somebody else wrote to the stream before it did. */
interface Turn {
  readonly luck: number
  readonly isLate: boolean
  readonly meanwhile: Observation | null
}

const turns = (model: Model): fc.Arbitrary<ReadonlyArray<Turn>> =>
  fc.array(
    fc.record({
      luck: fc.nat({ max: 99 }),
      isLate: fc.boolean(),
      meanwhile: fc.option(observations(model, 1), { freq: 2 }),
    }),
    { minLength: 1, maxLength: 12 },
  )

const codesOf = (call: Call): ReadonlyArray<number> => {
  switch (call.type) {
    case 'ListContainerInstances':
      return [reply.present, reply.absent, reply.timedOut]
    case 'UpdateContainerInstancesState':
    case 'DescribeContainerInstances':
      return [reply.drains, reply.isActive, reply.isInactive, reply.timedOut]
    case 'ListTasks':
      return [reply.listed, reply.listed + 1, reply.timedOut]
    case 'DescribeTasks':
      return [0, running, stopped].map((position) => reply.described + position)
    case 'CompleteLifecycleAction':
    case 'RecordLifecycleActionHeartbeat':
      return [reply.done, reply.notActive, reply.timedOut]
    default:
      return [reply.done, reply.timedOut]
  }
}

describe.each([
  modelNamed('calm'),
  modelNamed('slow-functions'),
  { ...modelNamed('deadline-continue'), name: 'deadline of slow functions', lifetime: 1 },
])('$name', (model) => {
  const policy = policyOfModel(model)
  const horizons = horizonsOf(policy, model)

  test('an invocation that is remembered goes on as the whole one does', () => {
    const reached = { 'a conflict': 0, 'a conflict over an outcome': 0, 'the end': 0 }
    fc.assert(
      fc.property(
        lives(model, 1),
        observations({ ...model, lifetime: 0 }, 1),
        turns(model),
        (life, observation, all) => {
          const drain = lived(life, model)
          const assignment = { stream: names.stream, observations: [observation], hops: 0 }
          let whole = begin(assignment, { version: 7, drain })
          let short = begin(assignment, { version: 1, drain: remembered(drain, policy, horizons) })
          let ticksLeft = model.lifetime
          for (const { luck, isLate, meanwhile } of all) {
            if (whole.type === 'done' || short.type === 'done') break
            if (isLate && ticksLeft > 0 && whole.call.type !== 'LoadStream') {
              ticksLeft -= 1
              whole = { ...whole, invocation: invocationLater(whole.invocation) }
              short = { ...short, invocation: kept(invocationLater(short.invocation)) }
            }
            const { known, effectsCarried } = whole.invocation
            const events =
              whole.call.type === 'AppendToStream' && meanwhile !== null ? told(known.drain, meanwhile, model) : []
            if (events.length > 0) reached[effectsCarried > 0 ? 'a conflict over an outcome' : 'a conflict'] += 1
            whole = resume(whole.invocation, replyTo(whole, luck, events), policy)
            short = resume(short.invocation, replyTo(short, luck, events), policy)
            expect(view(short)).toEqual(view(whole))
            if (short.type === 'call') short = { ...short, invocation: kept(short.invocation) }
            if (whole.type === 'done') reached['the end'] += 1
          }
        },
      ),
      { numRuns: 3000, seed },
    )
    for (const times of Object.values(reached)) expect(times).toBeGreaterThan(20)
  })

  const kept = (invocation: Invocation): Invocation => rememberedInvocation(invocation, policy, horizons)

  const view = (step: Step): unknown => (step.type === 'done' ? step.receipt.failure : kept(step.invocation))

  const replyTo = (step: Extract<Step, { type: 'call' }>, luck: number, events: ReadonlyArray<DrainEvent>): Reply => {
    const { call, invocation } = step
    if (call.type === 'LoadStream') return { type: 'answered', at: now, answer: [] }
    if (call.type === 'AppendToStream') {
      const newer = [{ version: invocation.known.version + 1, events }]
      return {
        type: 'answered',
        at: now,
        answer: events.length === 0 ? { type: 'appended' } : { type: 'conflict', newer },
      }
    }
    const codes = codesOf(call)
    return reply.replyOf(call, codes[luck % codes.length] as number, model)
  }
})

test('what a sweep has found while it still asks is found a tick earlier, when the clock moves', () => {
  const policy = policyOfModel(models[0] as Model)
  const waiting = ['i-1', 'i-2'].map((id) => ({ id: id as Ec2InstanceId, lifecycleState: 'Terminating:Wait' }))
  let step = beginRouting([{ type: 'SweepDue' }], policy)
  const answer = (given: Answer<CallType>): void => {
    if (step.type !== 'call') throw new Error('nothing is asked')
    step = resumeRouting(step.routing, { type: 'answered', at: now, answer: given }, policy)
  }
  answer([])
  answer({ items: [{ name: names.group, instances: waiting }], nextToken: null })
  answer([])
  answer(null)
  if (step.type !== 'call') throw new Error('the second instance is not asked about')
  const late = resumeRouting(routingLater(step.routing), { type: 'answered', at: now, answer: null }, policy)
  const found = late.type === 'done' ? late.itinerary.routed.map(({ assignment }) => assignment.observations[0]) : []
  expect(found).toMatchObject([{ announcedAt: now - tickMs }, { announcedAt: now }])
})

/** Tasks are remembered in the order of their names; in which order they are asked about or stopped means nothing. */
const sorted = <Each>(effects: ReadonlyArray<Each>): ReadonlyArray<Each> =>
  effects
    .map((effect) => {
      const { remaining, stopped } = effect as { remaining?: ReadonlyArray<string>; stopped?: ReadonlyArray<string> }
      if (remaining === undefined || stopped === undefined) return effect
      return { ...effect, remaining: [...remaining].sort(), stopped: [...stopped].sort() }
    })
    .sort((one, other) => (stopOf(one) < stopOf(other) ? -1 : stopOf(one) > stopOf(other) ? 1 : 0))

/** StopTasks stand together, so that sorting by their tasks moves nothing else. */
const stopOf = (effect: unknown): string => (effect as { task?: string }).task ?? ''

const shifted = (observation: Observation): Observation => {
  switch (observation.type) {
    case 'TerminationAnnounced':
      return { ...observation, announcedAt: observation.announcedAt - tickMs }
    case 'TasksSeen':
      return { ...observation, since: observation.since - tickMs }
    case 'WakeUpSent':
      return { ...observation, at: observation.at - tickMs }
    default:
      return observation
  }
}
