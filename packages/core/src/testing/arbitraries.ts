/**
 * Arbitraries for fast-check: what a drain may be told, the policies it may be told it under, and walks through the
 * drains that can be reached. A small world (three tasks, three tokens, minutes) meets its corner cases often.
 */
import * as fc from 'fast-check'
import { decide } from '../drain/decide.ts'
import { type Drain, evolve, idle } from '../drain/drain.ts'
import type { DrainEvent } from '../drain/drain-event.ts'
import type { DrainPolicy } from '../drain/drain-policy.ts'
import type { Effect } from '../effect/effect.ts'
import { effectsOwed } from '../effect/effects-owed.ts'
import type { ClusterName } from '../identity/ids.ts'
import { effectFailed } from '../invocation/outcome.ts'
import type { Failure } from '../observation/failure.ts'
import type { EffectType, Observation, Outcome, ReadScope } from '../observation/observation.ts'
import type { TaskSighting } from '../observation/task-sighting.ts'
import { type Instant, minutes, seconds } from '../time/instant.ts'
import {
  accessDenied,
  at,
  containerInstanceNumber,
  id,
  lifecycleAction,
  noActiveAction,
  policy,
  stoppedTask,
  task,
  taskNumber,
  taskStatuses,
  theCluster,
  theContainerInstance,
  throttled,
  tokenNumber,
  unavailable,
} from './builders.ts'

/** One thing that a drain was told, and what came of it. */
export interface WalkStep {
  readonly at: Instant
  readonly observation: Observation
  readonly before: Drain
  readonly events: ReadonlyArray<DrainEvent>
  readonly after: Drain
}

/** The life of one stream, from nothing. */
export interface Walk {
  readonly policy: DrainPolicy
  readonly steps: ReadonlyArray<WalkStep>
}

const taskCount = 3

const instants: fc.Arbitrary<Instant> = fc.integer({ min: 0, max: 120 }).map(at)

/** Sightings of a few tasks. A task's status and its version belong together, as they do in ECS. */
export const sightings = (): fc.Arbitrary<TaskSighting> =>
  fc
    .record({
      n: fc.integer({ min: 1, max: taskCount }),
      lastStatus: fc.constantFrom(...taskStatuses, 'STOPPED', 'STOPPED'),
    })
    .map(({ n, lastStatus }) => task(n, { lastStatus, group: n === taskCount ? 'family:batch' : 'service:web' }))

/** What makes a call fail. */
export const failures = (): fc.Arbitrary<Failure> =>
  fc.constantFrom<Failure>(
    throttled,
    unavailable,
    accessDenied,
    { type: 'TimedOut', message: 'no answer' },
    noActiveAction,
  )

/** Policies of every kind that can be meant, patient ones and hasty ones. */
export const policies = (): fc.Arbitrary<DrainPolicy> =>
  fc
    .record({
      settle: fc.constantFrom(seconds(1), seconds(5), seconds(20)),
      spreadReads: fc.constantFrom(0, seconds(15)),
      notFoundGrace: fc.constantFrom(0, seconds(20)),
      deadline: fc.option(
        fc.record({
          after: fc.constantFrom(minutes(1), minutes(2), minutes(30)),
          choice: fc.constantFrom('continue', 'stop-tasks', 'abandon', 'wait'),
        }),
      ),
      stopGrace: fc.constantFrom(seconds(30), minutes(6)),
      standaloneAfter: fc.option(fc.constantFrom(0, seconds(30))),
      sweepEvery: fc.constantFrom(minutes(1), minutes(5)),
      hopsMax: fc.constantFrom(1, 4, 12),
    })
    .map((options) => policy(options as Partial<DrainPolicy>))

const announcements = (): fc.Arbitrary<Observation> =>
  fc
    .record({
      token: fc.option(fc.integer({ min: 1, max: 3 }).map(tokenNumber)),
      toWarmPool: fc.boolean(),
      clusters: fc.constantFrom<ReadonlyArray<ClusterName>>([theCluster], [theCluster, id('batch')], []),
      announcedAt: instants,
    })
    .map(({ token, ...announced }) => ({
      type: 'TerminationAnnounced',
      action: lifecycleAction({ token }),
      ...announced,
    }))

const tasksSeen = (since: fc.Arbitrary<Instant>): fc.Arbitrary<Outcome> =>
  fc
    .record({
      scope: fc.constantFrom<ReadScope>('running', 'all', 'known'),
      since,
      tasks: fc.array(sightings(), { maxLength: 4 }),
      forgotten: fc.array(fc.integer({ min: 1, max: taskCount }).map(taskNumber), { maxLength: 2 }),
      undescribed: fc.array(fc.integer({ min: 1, max: taskCount }).map(taskNumber), { maxLength: 1 }),
      agentConnected: fc.option(fc.boolean()),
    })
    .map((seen) => ({ type: 'TasksSeen', ...seen }))

const effectTypes: ReadonlyArray<EffectType> = [
  'FindContainerInstance',
  'SetDraining',
  'SetActive',
  'DescribeLifecycleHook',
  'ReadTasks',
  'RecordHeartbeat',
  'CompleteLifecycleAction',
  'SendWakeUp',
]

/** Any observation at all, whether or not it could come now: a late answer, a repeated event, another instance's ghost. */
export const observations = (): fc.Arbitrary<Observation> =>
  fc.oneof(
    { weight: 3, arbitrary: announcements() },
    { weight: 4, arbitrary: sightings().map((seen): Observation => ({ type: 'TaskSeen', task: seen })) },
    { weight: 2, arbitrary: tasksSeen(instants) },
    {
      weight: 3,
      arbitrary: fc.constantFrom<Observation>(
        { type: 'TimePassed' },
        { type: 'SweptWaiting', lifecycleState: 'Terminating:Wait' },
        { type: 'SweptElsewhere', lifecycleState: 'Terminating:Proceed' },
      ),
    },
    fc.constantFrom<Observation>(
      { type: 'ReturnedToService', returnedAt: at(3_600) },
      { type: 'ReturnedToService', returnedAt: at(30) },
      { type: 'SweptElsewhere', lifecycleState: null },
      { type: 'SweptElsewhere', lifecycleState: 'InService' },
      { type: 'ContainerInstanceLocated', cluster: theCluster, arn: theContainerInstance, leftBehind: [] },
      { type: 'ContainerInstanceLocated', cluster: theCluster, arn: containerInstanceNumber(2), leftBehind: [] },
      {
        type: 'ContainerInstanceReplaced',
        replaced: theContainerInstance,
        cluster: theCluster,
        arn: containerInstanceNumber(2),
        leftBehind: [theContainerInstance],
      },
      { type: 'ContainerInstanceAbsent' },
      { type: 'ContainerInstanceDrains', agentConnected: true },
      { type: 'ContainerInstanceDrains', agentConnected: false },
      { type: 'ContainerInstanceLost', reason: 'MISSING' },
      { type: 'ContainerInstanceActive' },
      {
        type: 'LifecycleHookSeen',
        heartbeatTimeout: seconds(30),
        globalTimeout: minutes(50),
        defaultResult: 'CONTINUE',
      },
      {
        type: 'LifecycleHookSeen',
        heartbeatTimeout: minutes(60),
        globalTimeout: minutes(2_880),
        defaultResult: 'ABANDON',
      },
      { type: 'HeartbeatAccepted' },
      { type: 'CompletionAccepted', result: 'CONTINUE' },
      { type: 'CompletionAccepted', result: 'ABANDON' },
      { type: 'LifecycleActionNotActive', of: 'heartbeat' },
      { type: 'LifecycleActionNotActive', of: 'completion' },
    ),
    fc
      .constantFrom(false, false, true)
      .map((connected): Observation => ({ type: 'AgentSeen', containerInstance: theContainerInstance, connected })),
    fc.integer({ min: 1, max: taskCount }).map((n): Observation => ({ type: 'TaskToldToStop', task: taskNumber(n) })),
    fc
      .record({ at: instants, hops: fc.integer({ min: 1, max: 12 }) })
      .map((sent): Observation => ({ type: 'WakeUpSent', ...sent })),
    fc
      .record({ effect: fc.constantFrom(...effectTypes), failure: failures() })
      .map((failed): Observation => ({ type: 'EffectFailed', task: null, ...failed })),
  )

/** What a walk does next: something that happens, or an answer to what is owed. */
interface Move {
  readonly after: number
  readonly happens: Observation
  readonly answers: boolean
  readonly fails: Failure | null
  readonly reading: Outcome
  /** The reading finds all of them stopped instead. */
  readonly emptied: boolean
}

const moves = (): fc.Arbitrary<Move> =>
  fc.record({
    after: fc.constantFrom(0, 0, 1, 5, 20, 60, 400),
    happens: observations(),
    answers: fc.constantFrom(true, true, false),
    fails: fc.oneof({ weight: 6, arbitrary: fc.constant(null) }, failures()),
    reading: tasksSeen(fc.constant(0)),
    emptied: fc.boolean(),
  })

/** How long walks are at most, and under which policy: any, unless told otherwise. */
export interface WalkOptions {
  readonly maxLength?: number
  readonly policy?: fc.Arbitrary<DrainPolicy>
}

/** Lives of a stream in which most of what is owed is answered, and anything else may happen as well. */
export const walks = ({ maxLength = 40, policy: under = policies() }: WalkOptions = {}): fc.Arbitrary<Walk> =>
  fc
    .record({
      policy: under,
      moves: fc.array(moves(), { minLength: 1, maxLength, size: 'max' }),
      gone: fc.option(fc.integer({ min: 0, max: maxLength }), { freq: 2 }),
    })
    .map((made) => walkOf(made.policy, made.moves, made.gone ?? maxLength))

/** Drains that can be reached. */
export const reachableDrains = (): fc.Arbitrary<Drain> => walks().map(({ steps }) => steps.at(-1)?.after ?? idle)

const announced: Observation = {
  type: 'TerminationAnnounced',
  action: lifecycleAction(),
  toWarmPool: true,
  clusters: [theCluster],
  announcedAt: at(0),
}

/** From the move `gone` on ECS does not know the container instance any more. */
const walkOf = (under: DrainPolicy, made: ReadonlyArray<Move>, gone: number): Walk => {
  const steps: Array<WalkStep> = []
  let drain: Drain = idle
  let now = at(0)
  for (const [index, move] of made.entries()) {
    now += seconds(move.after)
    const [owed] = move.answers ? effectsOwed(drain, now, under, 0) : []
    const otherwise = drain.phase === 'idle' && move.answers ? announced : move.happens
    const observation = begunBy(now, owed === undefined ? otherwise : answerTo(owed, move, now, index >= gone))
    const before: Drain = drain
    const events: ReadonlyArray<DrainEvent> = decide(observation, before, now, under)
    drain = events.reduce(evolve, before)
    steps.push({ at: now, observation, before, events, after: drain })
  }
  return { policy: under, steps }
}

/** What is told of a reading is told when it has ended. */
const begunBy = (now: Instant, observation: Observation): Observation =>
  observation.type === 'TasksSeen' && observation.since > now ? { ...observation, since: now } : observation

const answerTo = (effect: Effect, { fails, reading, emptied }: Move, now: Instant, lost: boolean): Observation => {
  if (fails !== null) return effectFailed(effect, fails)
  if (lost && effect.type === 'FindContainerInstance') return { type: 'ContainerInstanceAbsent' }
  const lists = effect.type === 'ReadTasks' && effect.scope !== 'known'
  if (lost && (lists || effect.type === 'SetDraining' || effect.type === 'SetActive')) {
    return { type: 'ContainerInstanceLost', reason: 'MISSING' }
  }
  switch (effect.type) {
    case 'FindContainerInstance':
      return { type: 'ContainerInstanceLocated', cluster: theCluster, arn: theContainerInstance, leftBehind: [] }
    case 'SetDraining':
      return { type: 'ContainerInstanceDrains', agentConnected: true }
    case 'SetActive':
      return { type: 'ContainerInstanceActive' }
    case 'DescribeLifecycleHook':
      return {
        type: 'LifecycleHookSeen',
        heartbeatTimeout: seconds(30),
        globalTimeout: minutes(50),
        defaultResult: 'CONTINUE',
      }
    case 'ReadTasks':
      if (emptied) return allStopped(effect, now)
      return reading.type === 'TasksSeen' ? { ...reading, scope: effect.scope, since: now } : reading
    case 'StopTask':
      return { type: 'TaskToldToStop', task: effect.task }
    case 'RecordHeartbeat':
      return { type: 'HeartbeatAccepted' }
    case 'CompleteLifecycleAction':
      return { type: 'CompletionAccepted', result: effect.result }
    case 'SendWakeUp':
      return { type: 'WakeUpSent', at: effect.at, hops: effect.hops }
  }
}

const allStopped = ({ scope, remaining }: Extract<Effect, { type: 'ReadTasks' }>, now: Instant): Outcome => ({
  type: 'TasksSeen',
  scope,
  since: now,
  tasks: remaining.map((arn) => ({ ...stoppedTask(1), arn })),
  forgotten: [],
  undescribed: [],
  agentConnected: true,
})
