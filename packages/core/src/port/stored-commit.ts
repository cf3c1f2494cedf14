/**
 * The codec of stored commits, for event stores that keep text. What was once written is read for ever, in two ways: a
 * field that an event type got later has a value in `laterFields` that says what its absence meant, so that older
 * and newer readers of one store get on; any other change is a new version, with a step from the one before.
 */
import * as E from 'fp-ts/Either'
import * as t from 'io-ts'
import { byType } from '../codec/by-type.ts'
import { decodeThen } from '../codec/decode-then.ts'
import { integerInRange } from '../codec/integer-in-range.ts'
import { nullOr } from '../codec/null-or.ts'
import { AnyObject, objectOf, own } from '../codec/object-of.ts'
import type { DrainEvent, DrainEventType, StoredEvents } from '../drain/drain-event.ts'
import { resultAtDeadline } from '../drain/drain-policy.ts'
import {
  AutoScalingGroupName,
  ClusterName,
  ContainerInstanceArn,
  Ec2InstanceId,
  EcsTaskArn,
  LifecycleActionToken,
  LifecycleHookName,
} from '../identity/ids.ts'
import { LifecycleActionResult } from '../identity/lifecycle-action.ts'
import { Failure } from '../observation/failure.ts'
import { TaskSighting } from '../observation/task-sighting.ts'

/** What a store keeps for one commit: plain data, for JSON or any map of the store's own. */
export interface StoredCommit {
  /** The version of this shape, not of the stream. */
  readonly v: number
  readonly events: StoredEvents
}

type Raw = Readonly<Record<string, unknown>>

/** One event as a version wrote it, to the event as the next version would have written it. */
export type Upcast = (event: Raw) => Raw

/** From version 1 to 2, from 2 to 3, and so on. Empty: there has been one version. */
const upcasts: ReadonlyArray<Upcast> = []

const versionAfter = (steps: ReadonlyArray<Upcast>): number => steps.length + 1

/** One commit's events as a store keeps them. */
export const encodeCommit = (events: StoredEvents): StoredCommit => ({ v: versionAfter(upcasts), events })

/**
 * The events of a stored commit, of this version or any before. Left: what is wrong with it, one line per error with its
 * path (`events[2].task.version: expected number, got "7"`). A commit of a newer version is refused, never half read.
 */
export const decodeCommit = (stored: unknown): E.Either<ReadonlyArray<string>, StoredEvents> =>
  decodeThrough(upcasts)(stored)

/** Reads the versions that the steps lead through. */
export const decodeThrough =
  (steps: ReadonlyArray<Upcast>) =>
  (stored: unknown): E.Either<ReadonlyArray<string>, StoredEvents> =>
    decodeThen(Shape, stored, ({ v, events }) => {
      if (v > versionAfter(steps)) return E.left([tooNew(v, versionAfter(steps))])
      const upToDate = events.map((event) => completed(steps.slice(v - 1).reduce((older, step) => step(older), event)))
      return decodeThen(Events, { events: upToDate }, (decoded) => E.right(decoded.events))
    })

const Shape = objectOf({ v: integerInRange(1, Number.MAX_SAFE_INTEGER), events: t.array(AnyObject, 'a list') })

const tooNew = (version: number, known: number): string =>
  `v: this version of ecs-drain reads up to ${known}, and a newer one wrote ${version}`

/** With what it later got: an event type that is not known has nothing of the kind. */
const completed = (event: Raw): Raw => {
  const { type } = event
  return typeof type === 'string' ? { ...(own(laterFields, type) as Raw), ...event } : event
}

/** Fields that an event type got after its first shape, each with what its absence means. */
const laterFields: { readonly [Type in DrainEventType]?: Partial<Extract<DrainEvent, { type: Type }>> } = {
  // Before warm pools a termination had one destination.
  DrainRequested: { toWarmPool: false },
  // One record of each host was looked at.
  ContainerInstanceFound: { leftBehind: [] },
}

const LifecycleAction = objectOf({
  group: AutoScalingGroupName,
  hook: LifecycleHookName,
  instance: Ec2InstanceId,
  token: nullOr(LifecycleActionToken),
})

const EffectType = t.keyof(
  {
    FindContainerInstance: null,
    SetDraining: null,
    SetActive: null,
    DescribeLifecycleHook: null,
    ReadTasks: null,
    StopTask: null,
    RecordHeartbeat: null,
    CompleteLifecycleAction: null,
    SendWakeUp: null,
  },
  'EffectType',
)

const Scope = t.keyof({ running: null, all: null, known: null }, 'running, all or known')
const Because = t.keyof(
  { drained: null, deadline: null, 'not-a-container-instance': null, 'container-instance-gone': null },
  'Because',
)
const AtDeadline = t.keyof(resultAtDeadline, 'AtDeadline')
const AskedFor = t.keyof({ heartbeat: null, completion: null }, 'heartbeat or completion')

/** Fields we do not know are dropped, so that nobody can come to depend on them. */
const EventOfDrain = byType<DrainEvent>(
  'event',
  { at: t.number },
  {
    DrainRequested: {
      action: LifecycleAction,
      toWarmPool: t.boolean,
      clusters: t.readonlyArray(ClusterName),
      announcedAt: t.number,
    },
    LifecycleActionTokenLearned: { token: LifecycleActionToken },
    LifecycleHookDescribed: {
      heartbeatTimeout: t.number,
      globalTimeout: t.number,
      defaultResult: LifecycleActionResult,
    },
    ContainerInstanceFound: {
      cluster: ClusterName,
      arn: ContainerInstanceArn,
      leftBehind: t.readonlyArray(ContainerInstanceArn),
    },
    ContainerInstanceNotFound: {},
    ContainerInstanceDraining: {},
    DrainingUndone: {},
    ContainerInstanceLost: { reason: t.string, retryAt: t.number },
    AgentConnectionChanged: { connected: t.boolean },
    TasksRead: {
      scope: Scope,
      since: t.number,
      tasks: t.readonlyArray(TaskSighting),
      forgotten: t.readonlyArray(EcsTaskArn),
    },
    TaskSeen: { task: TaskSighting },
    Swept: {},
    WaitDoubted: { lifecycleState: nullOr(t.string) },
    DeadlineReached: { choice: AtDeadline },
    TaskToldToStop: { task: EcsTaskArn },
    LifecycleActionHeartbeatRecorded: {},
    CompletionDecided: { result: LifecycleActionResult, because: Because },
    LifecycleActionCompleted: { result: LifecycleActionResult },
    LifecycleActionOver: { of: AskedFor },
    DrainSuperseded: {},
    InstanceReturnedToService: {},
    ContainerInstanceActivated: {},
    WakeUpSent: { wakeAt: t.number, hops: t.number },
    EffectFailed: {
      effect: EffectType,
      task: nullOr(EcsTaskArn),
      failure: Failure,
      retryAt: t.number,
    },
  },
)

const Events = objectOf({ events: t.readonlyArray(EventOfDrain) })
