/**
 * L1 to L3: drains come to their end, in time. The bounds are computed from the plan, since only the plan knows how
 * slow its world may be.
 */
import { hasFaults } from '../plan/faults-end.ts'
import type { Plan, Span } from '../plan/plan.ts'
import { type ParameterName, parameters } from '../plan/plan.ts'
import { defaultPolicy, policiesOf } from '../plan/policies.ts'
import { HOOK_STARTED, IN_SERVICE, PLACEMENT_FAILED } from '../trace/kind-numbers.ts'
import { hookEndings } from '../trace/trace.ts'
import { type Action, type Bounds, isTimeout, mostOf, reachedGlobalLimit } from './drains.ts'
import { atText, counted, createVerdict, type Evidence, instanceText, taskText, type Watch } from './promise.ts'

/** Calls that one handling makes one after another at most: find, describe, drain, list twice, describe, complete. */
const callsInARow = 12

/** Fewer wake-ups in a row may be used up before a drain's two readings are done; then each of them waits for a sweep. */
const hopsEnough = 6

/** How long a reaction may take in this plan's world, in milliseconds. */
export interface Allowance {
  /** One delivery, and the calls that one handling makes because of it. */
  readonly handlingMs: number
  /** One delivery, and everything that is done because of it. */
  readonly deliveryMs: number
  /** When this long nothing goes wrong, a sweep has come by and could do what was owed, a backoff from before included. */
  readonly calmMs: number
  /** What a sweep mends: its period, and then one delivery, a redelivery and a backoff. */
  readonly sweepMs: number
}

const setting = (plan: Plan, name: ParameterName): number => {
  const given: Span | undefined = plan.parameters[name]
  const most = mostOf(given ?? parameters[name].default)
  return parameters[name].unit === 's' ? most * 1000 : most
}

/** The most patient of the plan's policies. */
const policyMs = (plan: Plan, name: 'settle' | 'spreadReads' | 'notFoundGrace'): number =>
  Math.max(...policiesOf(plan).map((policy) => policy[name] ?? defaultPolicy[name]))

/** The longest backoff after a failed call that any of the plan's policies has. */
const retryMostMs = (plan: Plan): number =>
  Math.max(...policiesOf(plan).map(({ retry }) => retry?.most ?? defaultPolicy.retry.most))

const wakesItself = (plan: Plan): boolean =>
  policiesOf(plan).every(({ hopsMax = defaultPolicy.hopsMax }) => hopsMax >= hopsEnough)

/** How far a function's clock may be off. */
const skewOf = (plan: Plan): number =>
  (plan.faults.perMille['clock.skew'] ?? 0) > 0 ? setting(plan, 'function.clockSkew') : 0

/** A notice tells its time in whole seconds. */
const noticeSlackMs = 1000

export const boundsOf = (plan: Plan): Bounds => ({
  concurrency: setting(plan, 'function.concurrency'),
  startMs: setting(plan, 'function.start'),
  // A look's answer on its way back, and a write that two others come before.
  recordingMs: setting(plan, 'api.latency') + 3 * setting(plan, 'store.latency'),
  lookLagMs: setting(plan, 'ecs.instanceLag'),
  listLagMs: setting(plan, 'ecs.listLag'),
  // A function whose clock is behind writes down when it began, and one whose clock is ahead looks.
  earlyMs: noticeSlackMs + 2 * skewOf(plan),
})

export const allowanceOf = (plan: Plan): Allowance => {
  const sweepEveryMs = plan.controller.sweepEverySeconds * 1000
  const delivery = Math.max(setting(plan, 'bus.event'), setting(plan, 'bus.hook')) + setting(plan, 'queue.window')
  const calls = callsInARow * (setting(plan, 'api.latency') + setting(plan, 'store.latency'))
  // Two full readings, the second a settle time after the first, where no task was seen by then; and what the end of it shows may
  // be from before DRAINING, as long as that lags.
  const reading =
    2 * policyMs(plan, 'settle') +
    policyMs(plan, 'spreadReads') +
    setting(plan, 'ecs.listLag') +
    setting(plan, 'ecs.instanceLag') +
    (wakesItself(plan) ? 0 : 2 * sweepEveryMs)
  // Twice a delivery: a wake-up after the settle time is a message too, and events may overtake each other.
  const handlingMs = delivery + setting(plan, 'function.start') + calls
  const deliveryMs = 2 * handlingMs + reading + 2 * skewOf(plan)
  const calmMs = sweepEveryMs + deliveryMs + retryMostMs(plan)
  const sweepMs = calmMs + setting(plan, 'function.redelivery') + setting(plan, 'bus.slow')
  return { handlingMs, deliveryMs, calmMs, sweepMs }
}

export const completesWhenStopped = ({ plan, cast, ledger, drains }: Evidence): Watch => {
  const verdict = createVerdict(
    'L1 completes when the tasks have stopped',
    'After the last STOPPED the action completes within one delivery, or one sweep if something was lost on the way.',
  )
  const allowance = allowanceOf(plan)
  const listLagMs = setting(plan, 'ecs.listLag')
  const remembersMs = setting(plan, 'ecs.remembersStopped')

  /** Where the record that it was is given up before anybody has found the new one, that is looked for only after a grace. */
  const lookedForMs = (action: Action): number => (drains.registeredAgain(action) ? policyMs(plan, 'notFoundGrace') : 0)

  /** A list still had it and its description was gone: only the next look knows that it is nothing to wait for. */
  const wasForgottenMeanwhile = (instance: number, from: number, to: number): boolean =>
    ledger.stoppedBetween(instance, from - remembersMs, to - remembersMs)

  /** How late it is at `at`, beyond what is allowed: above 0 is broken. */
  const judge = (at: number, action: Action): void => {
    if (ledger.openOn(action.instance) > 0) return
    verdict.occasion()
    const unheard = drains.whyUnheard(action)
    if (unheard !== undefined) {
      verdict.exclude(`${instanceText(cast, action.instance)}: ${unheard}`)
      return
    }
    const stoppedAt = Math.max(action.startedAt, ledger.lastStoppedOn(action.instance))
    const disturbed = drains.lastDisturbedAt() >= action.startedAt
    // It is found out when it is looked at, set DRAINING again, and then its tasks are read from the beginning (decision 13).
    const setActiveAt = drains.setActiveUntil(stoppedAt, action.instance) ?? Number.NEGATIVE_INFINITY
    const beginsAnewMs = setActiveAt >= action.startedAt ? allowance.deliveryMs + lookedForMs(action) : 0
    const since = Math.max(stoppedAt, setActiveAt, drains.lastTurnedAwayAt(action))
    const from = Math.max(since, disturbed ? drains.faultsEndAt() : 0)
    // One that has only just registered is in no list yet.
    const wasListed = action.registeredAt !== null && action.registeredAt + listLagMs <= action.startedAt
    const notFoundGraceMs = policyMs(plan, 'notFoundGrace')
    // One that was lost on the way is looked for after a grace, and once more after another.
    const wasLost = action.registeredAt !== null && !action.wasRegistered
    const graceMs = action.wasRegistered && wasListed ? 0 : wasLost ? 2 * notFoundGraceMs : notFoundGraceMs
    // Where no task stops after the first reading, nothing but a wake-up leads from there to the second.
    const wakeUpMs = stoppedAt - action.startedAt > allowance.deliveryMs ? 0 : allowance.handlingMs
    const besidesMs = graceMs + wakeUpMs + beginsAnewMs
    const allowedMs = besidesMs + drains.busyMs(from, at) + (disturbed ? allowance.sweepMs : allowance.deliveryMs)
    // In the midst of faults as well: a calm in which a sweep came by was enough.
    const wasMended = drains.wasCalm(besidesMs + drains.busyMs(since, at) + allowance.sweepMs, since, at)
    if (at - from <= allowedMs && !wasMended) return
    if (at - from <= allowedMs + allowance.sweepMs && wasForgottenMeanwhile(action.instance, from, at)) {
      verdict.exclude(`${instanceText(cast, action.instance)}: ECS forgot a task of it while its tasks were read`)
      return
    }
    verdict.broken(() => {
      const last = ledger.lastStoppedTaskOn(action.instance)
      const what = ledger.lastStoppedOn(action.instance) >= action.startedAt ? taskText(cast, last) : 'it had no task'
      const waited = ((at - stoppedAt) / 1000).toFixed(1)
      const ending = action.endedAt === null ? 'was still waiting' : `ended with ${hookEndings[action.ending] ?? ''}`
      return (
        `${atText(at)} ${instanceText(cast, action.instance)} ${ending}, ${waited} s after its last task had stopped ` +
        `(${what}, ${atText(stoppedAt)}); ${(allowedMs / 1000).toFixed(1)} s are allowed`
      )
    })
  }

  return {
    kinds: ['hook-ended'],
    // However it ended: what came after that, a deadline or whoever deletes the hook, does not undo the delay.
    see: (at, _kind, number) => {
      const action = drains.actions.get(number)
      if (action?.ours === true && action.endings === 1) judge(at, action)
    },
    result: (endMs) => {
      for (const action of drains.actions.values()) if (action.ours && action.endedAt === null) judge(endMs, action)
      return verdict.result()
    },
  }
}

/** A placement that fails is tried again within this (scheduler.backoff). */
const longestBackoffMs = parameters['scheduler.backoff'].range[1] * 1000

export const everyDrainEnds = ({ plan, cast, ledger, drains, openDrains }: Evidence): Watch => {
  const verdict = createVerdict(
    'L2 every drain ends',
    'Each lifecycle action of ours has ended when the run ends, the stream says how, and who is back from a warm pool is ACTIVE.',
  )
  const allowance = allowanceOf(plan)
  /** Since that action began: what went wrong meanwhile a sweep has to mend. */
  const allowedSince = ({ startedAt }: Action): number =>
    drains.lastDisturbedAt() >= startedAt ? allowance.sweepMs : allowance.deliveryMs
  const isInTime = (from: number, allowedMs: number, endMs: number): boolean =>
    endMs - from <= allowedMs + drains.busyMs(from, endMs)
  const inServiceSince = new Map<number, number>()
  /** A sweep was bound to find out that the action is over, or that there was none. */
  const judgeStream = (endMs: number, id: string): void => {
    const instance = cast.instances.findIndex((each) => each.id === id)
    const action = drains.ofInstance(instance)
    if (action !== undefined && action.endedAt === null) return
    const since = Math.max(action?.endedAt ?? 0, drains.lastRequestedAt(instance))
    const from = Math.max(since, drains.faultsEndAt())
    if (isInTime(from, allowance.sweepMs, endMs)) return
    verdict.broken(
      () =>
        `${atText(endMs)} the run ended and the stream of ${id} did not say that its drain is over; ` +
        `no lifecycle action of ours was open ${atText(since)} or later`,
    )
  }
  /** R14: nothing else sets it ACTIVE. Its return is an event, and a sweep was bound to find it out where that was lost. */
  const judgeReturn = (endMs: number, instance: number, since: number): void => {
    const action = drains.ofInstance(instance)
    const drainingSince = drains.leftDrainingSince(instance)
    if (action === undefined || drainingSince === undefined) return
    const from = Math.max(since, drainingSince, drains.lastDisturbedAt())
    if (isInTime(from, allowedSince(action), endMs)) return
    verdict.broken(
      () =>
        `${atText(endMs)} the run ended and ${instanceText(cast, instance)} was DRAINING still, ` +
        `back in service from its warm pool ${atText(since)}`,
    )
  }
  /** Who cuts a run off just when something had happened learns nothing of how it would have ended. */
  const isTooSoon = (endMs: number, action: Action): boolean => {
    const { instance, startedAt } = action
    const faultsEndAt = drains.lastDisturbedAt() >= startedAt ? drains.faultsEndAt() : 0
    const from = Math.max(startedAt, ledger.lastStoppedOn(instance), faultsEndAt)
    return isInTime(from, allowedSince(action), endMs)
  }
  const placementFailedAt = new Map<number, number>()
  /** Nothing ends such a drain but room elsewhere, or a deadline of the user's (R9). */
  const hasNoPlace = (task: number, endMs: number): boolean =>
    (placementFailedAt.get(cast.tasks[task]?.service ?? -1) ?? Number.NEGATIVE_INFINITY) >= endMs - longestBackoffMs
  const isOfDaemon = (task: number): boolean => cast.services[cast.tasks[task]?.service ?? -1]?.strategy === 'DAEMON'
  return {
    kinds: ['hook-started', 'placement-failed', 'instance-state'],
    see: (at, kind, number, state) => {
      if (kind === PLACEMENT_FAILED) placementFailedAt.set(number, at)
      else if (kind === HOOK_STARTED) {
        if (cast.actions[number]?.ours === true) verdict.occasion()
      } else if (state === IN_SERVICE) inServiceSince.set(number, at)
      else inServiceSince.delete(number)
    },
    result: (endMs) => {
      for (const action of drains.actions.values()) {
        if (!action.ours || action.endedAt !== null) continue
        const left = ledger.openTasksOn(action.instance)
        // Tasks of a DAEMON service are stopped after the others.
        const first = left.filter((task) => !isOfDaemon(task))
        if (first.length > 0 && first.every((task) => hasNoPlace(task, endMs))) {
          verdict.exclude(
            `${instanceText(cast, action.instance)}: no instance has room for the tasks that must move first`,
          )
          continue
        }
        if (isTooSoon(endMs, action)) {
          verdict.exclude(`${instanceText(cast, action.instance)}: the run ended when its drain was not late yet`)
          continue
        }
        verdict.broken(() => {
          const [one] = left
          const still =
            one === undefined
              ? 'no task on it'
              : `${counted(left.length, 'task')} not STOPPED, ${taskText(cast, one)} first`
          return `${atText(endMs)} the run ended and ${instanceText(cast, action.instance)} still waited: ${still}`
        })
      }
      for (const id of openDrains) judgeStream(endMs, id)
      for (const [instance, since] of inServiceSince) judgeReturn(endMs, instance, since)
      return verdict.result()
    },
  }
}

/**
 * Why nobody could keep a lifecycle action waiting that timed out `at`; undefined: somebody could. What runs on the
 * instance then goes with it, so the floor (S2) asks as well.
 */
export const whyNobodyAnswered = ({ plan, drains }: Evidence, at: number, action: Action): string | undefined => {
  const { deliveryMs, sweepMs, calmMs } = allowanceOf(plan)
  const unheard = drains.whyUnheard(action)
  if (unheard !== undefined) return unheard
  // Nobody can answer what nobody has heard of in time: the notice was lost and no sweep came by before the timeout.
  const wasHeardOf = action.heardOfAt !== null && at - action.heardOfAt > deliveryMs
  if (!wasHeardOf && drains.lastTerminationLostAt() >= action.startedAt && at - action.startedAt <= sweepMs) {
    return 'its notice was lost, and the timeout is shorter than the period of the sweep'
  }
  const timeoutMs = (drains.hookOf(action.number)?.heartbeatTimeoutSeconds ?? 0) * 1000
  const disturbed = hasFaults(plan) && drains.lastDisturbedAt() >= action.startedAt
  // From half its timeout on a heartbeat is due (R8), and one calm period of the sweep is enough to send it, also one that began before.
  const couldAnswer = drains.wasCalm(calmMs, Math.min(action.lastHeartbeatAt + timeoutMs / 2, at - calmMs), at)
  return disturbed && !couldAnswer ? 'faults kept its heartbeats away' : undefined
}

export const hookDoesNotTimeOut = (evidence: Evidence): Watch => {
  const { cast, drains } = evidence
  const verdict = createVerdict(
    'L3 the hook does not time out',
    'While the deadline has not passed, heartbeats keep the lifecycle action waiting.',
  )
  const excuse = (at: number, action: Action): string | undefined => {
    const hook = drains.hookOf(action.number)
    if (action.deadlineReached || action.forcible.size > 0) return 'its deadline had passed'
    if (hook !== undefined && reachedGlobalLimit(action, hook, at)) return 'the hook reached its global limit'
    return whyNobodyAnswered(evidence, at, action)
  }

  return {
    kinds: ['hook-ended'],
    see: (at, _kind, number, ending) => {
      const action = drains.actions.get(number)
      if (action === undefined || !action.ours || action.endings > 1) return
      verdict.occasion()
      if (!isTimeout(ending)) return
      const why = excuse(at, action)
      const instance = instanceText(cast, action.instance)
      if (why !== undefined) verdict.exclude(`${instance}: ${why}`)
      else {
        verdict.broken(
          () =>
            `${atText(at)} the hook of ${instance} timed out (${hookEndings[ending] ?? ''}), ` +
            `${((at - action.lastHeartbeatAt) / 1000).toFixed(1)} s after its last sign of life`,
        )
      }
    },
    result: () => verdict.result(),
  }
}
