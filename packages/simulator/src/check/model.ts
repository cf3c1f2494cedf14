/**
 * What is explored, as plain data: how much of a cluster, which misfortunes, and how many of each. Time is counted in
 * ticks of `tickMs`; every duration of the policy is a whole number of them.
 */
import type { AtDeadline, DrainPolicy } from '@ecs-drain/core'

/**
 * One tick of the abstract clock, in core's milliseconds: longer than the 11.25 s after which core sends a heartbeat to a
 * hook that nobody has described to it yet, so that one tick makes it due.
 */
export const tickMs = 15_000

/** Where a task begins: running and healthy, or chosen for the instance and not there yet. */
export type FirstStatus = 'RUNNING' | 'in flight'

/** How many of each misfortune a path may hold, at most 3 of each; every one may strike at any moment it can. */
export interface Misfortunes {
  /** Messages that are sent and never arrive. */
  readonly lost: number
  /** Messages that arrive twice. */
  readonly duplicated: number
  /** Functions that die, before or after the call they are making has had its effect. */
  readonly crashes: number
  /** Calls to AWS that fail and do nothing, and for each instance, once, lists of container instances that do not have it yet. */
  readonly failures: number
  /** Calls that do what they were asked, and whose answer is lost. */
  readonly unanswered: number
  /** Lifecycle hooks that time out, whatever heartbeats they got. */
  readonly hookTimeouts: number
}

/**
 * A bounded world for exhaustive exploration. One with more of something than it says here is refused with a RangeError, and so is
 * one that begins below its service's floor.
 */
export interface Model {
  readonly name: string
  /** What it is for, in a sentence. */
  readonly teaches: string
  /** Instances that may be terminated, one or two; each begins with the same tasks. */
  readonly instances: number
  readonly tasks: ReadonlyArray<FirstStatus>
  /** Places for tasks on an instance; more than it begins with: replacements may come to it. At most 4. */
  readonly taskSlots: number
  /** `every`: RUNNING, told to stop, DEACTIVATING, STOPPING, DEPROVISIONING, STOPPED. `fewest`: RUNNING, STOPPING, STOPPED. */
  readonly stopping: 'every' | 'fewest'
  /** Tasks of the one service, 7 desired at most: the scheduler keeps `floor` healthy at least and `ceiling` running or pending at most. */
  readonly service: { readonly desired: number; readonly floor: number; readonly ceiling: number }
  /** Tasks of no service, which end when they like, or are told to so many ticks after DRAINING (R11). Null: they are the service's. */
  readonly standalone: { readonly after: number } | null
  /** Functions at work on one instance at the same time, a sweep included; one or two. */
  readonly handlers: number
  /** Ticks that may go by while a function is at work: 0, or 1 where it is alone. Lambda stops it after its timeout. */
  readonly lifetime: number
  /** Messages about one instance that a function may get at once, one or two. */
  readonly batch: number
  /** The schedule's tick may come at any moment. */
  readonly sweeps: boolean
  /** Lists and descriptions may be a tick old. */
  readonly staleReads: boolean
  /** DRAINING sends an event of its own, as ECS does. */
  readonly drainingEvent: boolean
  /** Somebody else may set the draining container instance ACTIVE, once, as long as no completion is decided. */
  readonly setActiveByOthers: boolean
  /** Another hook of the group, not ours, announced to our queue as well. */
  readonly foreignHook: boolean
  /** The hook's HeartbeatTimeout in ticks; null: so long that no heartbeat ever becomes due. */
  readonly heartbeatTimeout: number | null
  /** The user's deadline, in ticks; null: none. */
  readonly deadline: { readonly after: number; readonly choice: AtDeadline; readonly stopGrace: number } | null
  /** The policy's; at most 7. */
  readonly hopsMax: number
  readonly misfortunes: Misfortunes
  /** Misfortunes of all kinds together on one path, at most 3. */
  readonly misfortunesInTotal: number
}

/** The period of the schedule. */
export const sweepEveryTicks = 6

/** How patient the policy of a model is. */
export const patienceOf = ({ deadline, standalone, hopsMax }: Model) =>
  ({
    settle: tickMs,
    // It spreads the readings of many instances within a tick, and here there are two.
    spreadReads: 0,
    notFoundGrace: tickMs,
    retry: { first: tickMs, most: tickMs },
    hopsMax,
    deadline: deadline === null ? null : { after: deadline.after * tickMs, choice: deadline.choice },
    stopGrace: (deadline?.stopGrace ?? 0) * tickMs,
    standaloneAfter: standalone === null ? null : standalone.after * tickMs,
  }) satisfies Partial<DrainPolicy>
