// What a finite clock must not change: whatever can still be asked of a drain, the one that is remembered answers as the
// one that was.
import {
  type Answer,
  beginRouting,
  type CallType,
  type Drain,
  type DrainEvent,
  decide,
  type Ec2InstanceId,
  effectsOwed,
  evolve,
  idle,
  type Observation,
  type ReadScope,
  resumeRouting,
} from '@ecs-drain/core'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  drainLater,
  eventLater,
  horizonsOf,
  now,
  remembered,
  routingLater,
} from '../../src/check/core/abstract-time.ts'
import { type Model, tickMs } from '../../src/check/model.ts'
import { models } from '../../src/check/models.ts'
import { policyOfModel } from '../../src/check/parts.ts'
import * as names from '../../src/check/state/names.ts'
import { sightingAt } from '../../src/check/state/task-position.ts'

const seed = 20260302

/** What a drain can be told, at any moment; readings and announcements began up to `lifetime` ticks ago. */
const observations = (model: Model): fc.Arbitrary<Observation> => {
  const { lifetime, heartbeatTimeout } = model
  const since = fc.integer({ min: 0, max: lifetime }).map((ticks) => now - ticks * tickMs)
  const task = fc
    .tuple(fc.nat({ max: 1 }), fc.constantFrom(2, 4, 5, 7, 9))
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
    since.map(
      (announcedAt): Observation => ({
        type: 'TerminationAnnounced',
        action: { ...names.action, token: null },
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

type Step = { readonly tick: true } | { readonly tick: false; readonly observation: Observation }

const nothingLeft: Step = {
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
const lives = (model: Model): fc.Arbitrary<ReadonlyArray<Step>> => {
  const beginning: ReadonlyArray<Step> = [
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
      { weight: 2, arbitrary: fc.constant<Step>({ tick: true }) },
      {
        weight: 3,
        arbitrary: fc
          .tuple(observations(model), fc.nat({ max: 9 }))
          .map(
            ([observation, luck]): Step =>
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

test('what a sweep has found while it still asks is found a tick earlier, when the clock moves', () => {
  const policy = policyOfModel(models[0] as Model)
  const waiting = ['i-1', 'i-2'].map((id) => ({ id: id as Ec2InstanceId, lifecycleState: 'Terminating:Wait' }))
  let step = beginRouting([{ type: 'SweepDue', at: now }], policy)
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
