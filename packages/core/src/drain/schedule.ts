/**
 * The instants at which time alone makes something due. `decide`, `effectsOwed` and the wake-ups read the same ones, so a drain never
 * sleeps through its turn. It may be woken and find nothing to do, as when no standalone task is left to stop.
 */
import { type Duration, type Instant, seconds } from '../time/instant.ts'
import type { Drain, DrainingDrain, EndedDrain, OpenDrain } from './drain.ts'
import type { DrainPolicy } from './drain-policy.ts'
import { spreadOf } from './spread.ts'

/** Auto Scaling's shortest HeartbeatTimeout (PutLifecycleHook), assumed until the hook has been described. */
const heartbeatTimeoutLeast: Duration = seconds(30)

/** Half the hook's timeout after its clock was last set: a heartbeat must not come later (R8). */
const halfTimeout = (drain: Drain): Duration => (drain.hook?.heartbeatTimeout ?? heartbeatTimeoutLeast) / 2

/**
 * Whether sweeps come often enough for this hook's heartbeats to be left to them: three for every two heartbeats. With
 * fewer a heartbeat would have to follow the one before it at once, not to be too late at the sweep after.
 */
export const heartbeatsAreSwept = (drain: Drain, policy: DrainPolicy): boolean =>
  halfTimeout(drain) >= (policy.sweepEvery * 3) / 2

/**
 * From here on a heartbeat is sent. Where sweeps carry them, one sweep early, because the next one would be too late;
 * where wake-ups do, at three quarters of the time, because delivery takes some of the rest.
 */
export const heartbeatFrom = (drain: Drain, policy: DrainPolicy): Instant => {
  const half = halfTimeout(drain)
  return drain.heartbeatAt + (heartbeatsAreSwept(drain, policy) ? half - policy.sweepEvery : (half * 3) / 4)
}

/** After this a heartbeat no longer extends anything (`GlobalTimeout` of DescribeLifecycleHooks). */
export const heartbeatUntil = (drain: Drain): Instant => drain.announcedAt + (drain.hook?.globalTimeout ?? Infinity)

/** A reading is evidence only if it began at or after this (R5). */
const settledAt = (drain: DrainingDrain, policy: DrainPolicy): Instant => drain.drainingSince + policy.settle

/**
 * When the first reading is due: a hundred instances that were set DRAINING together are not read together, because they share
 * one bucket of reads with everybody else in the account (AWS: ECS API request throttling).
 */
export const readFrom = (drain: DrainingDrain, policy: DrainPolicy): Instant =>
  settledAt(drain, policy) + Math.floor(spreadOf(drain.action.instance, 0) * policy.spreadReads)

/** When the hook is described: with the first reading, but before a heartbeat would be due for all that is known. */
export const hookFrom = (drain: DrainingDrain, policy: DrainPolicy): Instant =>
  Math.min(readFrom(drain, policy), heartbeatFrom(drain, policy))

/**
 * Only a full reading that began at or after this may say that nothing is left; null: none may yet. Listing the running
 * and the stopping tasks are two reads, and ECS's reads lag: a task that is told to stop at that very moment can be in
 * neither. So there must have been a full reading before, and it must have ended a settle time earlier: one that began
 * that long ago may have listed its tasks a moment ago, when a call of it was slow.
 */
export const confirmFrom = (drain: DrainingDrain, policy: DrainPolicy): Instant | null =>
  drain.readAt === null || (drain.readSince ?? 0) < settledAt(drain, policy) ? null : drain.readAt + policy.settle

/**
 * An instance that no cluster knows is looked for again at this instant, and then the answer stands (R2). With tasks that are not known
 * to have stopped it does not: that is no reason to ask on and on.
 */
export const lookAgainAt = ({ missingSince, remaining }: Drain, { notFoundGrace }: DrainPolicy): Instant | null =>
  missingSince === null ? null : missingSince + (remaining > 0 ? Math.max(notFoundGrace, seconds(1)) : notFoundGrace)

/** The user's deadline (R9); Infinity where there is none. */
export const deadlineAt = (drain: OpenDrain, policy: DrainPolicy): Instant =>
  drain.announcedAt + (policy.deadline?.after ?? Infinity)

/** With `stop-tasks`: from here on the instance is let go, whatever still runs. Otherwise Infinity. */
export const stopGraceEnds = (drain: OpenDrain, policy: DrainPolicy): Instant =>
  drain.deadline?.choice === 'stop-tasks' ? drain.deadline.reachedAt + policy.stopGrace : Infinity

/** From here on standalone tasks are told to stop (R11); Infinity where they are waited for. */
export const standaloneFrom = (drain: DrainingDrain, policy: DrainPolicy): Instant =>
  drain.drainingSince + (policy.standaloneAfter ?? Infinity)

/** An instance that was never found, and was not once more after its tasks had been asked for: one of them runs, and that may last. */
export const isLeftToSweep = ({ containerInstance, lookedAt, missingSince, remaining }: OpenDrain): boolean =>
  containerInstance === null && remaining > 0 && lookedAt !== null && lookedAt <= (missingSince ?? 0)

/** The next instant after `now` at which something becomes due; Infinity when only an event or the sweep can bring news. */
export const nextDue = (drain: OpenDrain | EndedDrain, now: Instant, policy: DrainPolicy): Instant => {
  let next = Infinity
  const consider = (at: Instant | null): void => {
    if (at !== null && at > now && at < next) next = at
  }
  for (const { retryAt } of drain.failures) consider(retryAt)
  if (drain.phase === 'ended') return next
  if (!heartbeatsAreSwept(drain, policy)) consider(heartbeatFrom(drain, policy))
  if (drain.phase === 'completing') return next
  if (drain.deadline === null) consider(deadlineAt(drain, policy))
  consider(stopGraceEnds(drain, policy))
  if (!isLeftToSweep(drain)) consider(lookAgainAt(drain, policy))
  if (drain.phase === 'draining') {
    consider(readFrom(drain, policy))
    if (drain.remaining === 0) consider(confirmFrom(drain, policy))
    consider(standaloneFrom(drain, policy))
  }
  return next
}
