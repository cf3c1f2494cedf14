import type { EcsTaskArn } from '../identity/ids.ts'
import type { Failure } from '../observation/failure.ts'
import type { EffectType } from '../observation/observation.ts'
import type { Duration, Instant } from '../time/instant.ts'
import { type EndedDrain, failureOf, type OpenDrain } from './drain.ts'
import type { DrainPolicy } from './drain-policy.ts'
import { spreadOf } from './spread.ts'

/** Nothing comes back for a wake-up that was not sent, until the sweep does; so it is tried again on the spot. */
const wakeUpAttempts = 3

/**
 * A reading is most of what a drain asks of the account's one bucket of reads, and begins anew when it fails: where many
 * drains empty it, asking while it fills helps nobody. AWS's SDKs wait five times as long, too.
 */
const throttledFactor = 5

/** A hook times out soon after its heartbeats begin to fail (L3): within one timeout it is asked more often than that. */
const heartbeatTries = 8

/**
 * When a failed effect is owed again (R10): twice as long after each failure, and a little later for some instances
 * than for others, so that a hundred drains that were throttled together do not come back together.
 */
export const retryAt = (
  drain: OpenDrain | EndedDrain,
  effect: EffectType,
  task: EcsTaskArn | null,
  failure: Failure,
  at: Instant,
  { retry }: DrainPolicy,
): Instant => {
  const attempts = failureOf(drain, effect, task)?.attempts ?? 0
  if (effect === 'SendWakeUp' && attempts + 1 < wakeUpAttempts) return at
  const first = effect === 'ReadTasks' && failure.type === 'Throttled' ? retry.first * throttledFactor : retry.first
  const most = effect === 'RecordHeartbeat' ? (drain.hook?.heartbeatTimeout ?? Infinity) / heartbeatTries : Infinity
  const wait: Duration = Math.min(retry.most, most, first * 2 ** Math.min(attempts, 30))
  return at + wait + Math.floor((wait * spreadOf(drain.action.instance, attempts)) / 2)
}
