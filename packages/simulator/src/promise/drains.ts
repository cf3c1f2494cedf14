/** What the trace has told so far about lifecycle actions: when each began and ended, and what stood in its way. */

import type { AtDeadline } from '@ecs-drain/core'
import { faultsEndMs } from '../plan/faults-end.ts'
import { globalTimeoutMs } from '../plan/limits.ts'
import type { GroupPlan, HookPlan, Plan } from '../plan/plan.ts'
import { defaultPolicy, policiesOf } from '../plan/policies.ts'
import {
  ABANDON,
  ACTIVE,
  API_FAILED,
  CONTAINER_INSTANCE,
  CONTINUE,
  DECISION,
  DRAINING,
  FAULT,
  HAPPENING,
  HOOK_ENDED,
  HOOK_HEARTBEAT,
  HOOK_STARTED,
  HOST_DIED,
  IN_SERVICE,
  INSTANCE_STATE,
  INVOCATION_ENDED,
  INVOCATION_STARTED,
  MESSAGE_DEAD_LETTERED,
  MESSAGE_LOST,
  PENDING_LIFECYCLE,
  REGISTERED_AGAIN,
  TERMINATING,
  WARMED_PENDING,
} from '../trace/kind-numbers.ts'
import { type Cast, failureKinds, hookEndings, messageKinds, operations, plannedFault } from '../trace/trace.ts'

/** One lifecycle action, as the trace tells it. */
export interface Action {
  readonly number: number
  readonly instance: number
  readonly ours: boolean
  readonly startedAt: number
  lastHeartbeatAt: number
  /** Milliseconds; null while it is open. */
  endedAt: number | null
  /** Index into hookEndings, -1 while it is open. */
  ending: number
  /** How often its end was recorded. */
  endings: number
  /** Indices into hookEndings: the answers that the policy has at deadlines that had passed when the controller decided for one. */
  readonly forcible: Set<number>
  /** Its end is one of those: not the end of its tasks, but a deadline's choice. */
  forced: boolean
  /** The deadline has passed, and the choice was another than to wait. */
  deadlineReached: boolean
  /** When a drain was begun for it; null: none was. */
  heardOfAt: number | null
  /** When Auto Scaling last turned a sweep away before that. */
  turnedAwayAt: number
  readonly toWarmPool: boolean
  /** When it ended, ECS knew the instance as a container instance, and not only since it was given up. */
  wasRegistered: boolean
  /** It registered after it had been decided that the instance may go, and before that took effect. */
  cameTooLate: boolean
  /** Since when at its start; null: an instance may be given up before its agent has registered it. */
  readonly registeredAt: number | null
}

export interface Drains {
  /** Records of other kinds tell nothing of drains and need not be shown. */
  readonly kinds: ReadonlyArray<number>
  see(at: number, kind: number, a: number, b: number): void
  readonly actions: ReadonlyMap<number, Action>
  /** The newest action of ours on an instance. */
  readonly ofInstance: (instance: number) => Action | undefined
  /** When a drain was last begun for this instance, with an action of ours or without; -1: never. */
  readonly lastRequestedAt: (instance: number) => number
  /** Why losing this instance's tasks is not the controller's doing; undefined: it is. */
  readonly beyondControl: (instance: number) => string | undefined
  /** Why no sweep can find what the notice of this action failed to say; undefined: one can. */
  readonly whyUnheard: (action: Action) => string | undefined
  /** When Auto Scaling last turned away a sweep that might have found this action: the next one asks again. */
  readonly lastTurnedAwayAt: (action: Action) => number
  /** When something last went wrong that a sweep has to mend: a lost message, a failed call, a crash, a fault. */
  readonly lastDisturbedAt: () => number
  /** When the last of the faults is over: of those that chance draws by the plan, of those at exact places as they struck. */
  readonly faultsEndAt: () => number
  readonly lastTerminationLostAt: () => number
  /** Whether nothing went wrong for `ms` on end, somewhere between `from` and `at`. */
  readonly wasCalm: (ms: number, from: number, at: number) => boolean
  /** For how long, between `from` and `at`, as many functions ran as the account allows, so that messages may have had to wait. */
  readonly busyMs: (from: number, at: number) => number
  /** The instance has been on its way into service, or there, since its newest action began (a warm pool gave it back). */
  readonly isBack: (instance: number) => boolean
  /**
   * A lifecycle action of ours has announced its end. One that was answered announces nothing of an instance that its warm pool has
   * given back; where it ended by itself, the controller may not have heard of that yet.
   */
  readonly isToGo: (instance: number) => boolean
  readonly groupOf: (instance: number) => GroupPlan | undefined
  readonly hookOf: (action: number) => HookPlan | undefined
  /** Somebody else has set this instance DRAINING, at this very moment. */
  readonly drainedByOthers: (at: number, instance: number) => boolean
  /** When somebody last set it ACTIVE, or its agent registered it again, if it became DRAINING after `at` or has not yet. */
  readonly setActiveUntil: (at: number, instance: number) => number | undefined
  /** When that was, where that was too late for the last look at it (decision 13). */
  readonly activeUnseenSince: (instance: number) => number | undefined
  /** Since when its container instance is DRAINING by a drain of ours; undefined: it is not, or somebody else wanted it. */
  readonly leftDrainingSince: (instance: number) => number | undefined
  /** Its agent has registered it again since the action began. */
  readonly registeredAgain: (action: Action) => boolean
}

/** The world's timers and messages need not hit the limit to the millisecond. */
const globalTimeoutSlackMs = 1000

export const registeredTooLate =
  'its agent registered only after it had been decided that there is none (R2), while a hook held it'
const choiceCarriedOut = "its deadline had passed, and the policy's choice was carried out"

/** No sweep is allowed less than this to mend what went wrong. */
const shortCalmMs = 1000

/** The greatest value a parameter or span of the plan can take, in its own unit. */
export const mostOf = (span: number | readonly [number, number]): number => (typeof span === 'number' ? span : span[1])

/** What a drain records until its completion is decided, at the latest together with that. */
const beforeCompletion: ReadonlySet<string | undefined> = new Set([
  'ContainerInstanceFound',
  'LifecycleHookDescribed',
  'ContainerInstanceDraining',
  'DrainingUndone',
  'TasksRead',
  'TaskSeen',
])

const TERMINATION = messageKinds.indexOf('termination')

/** Why nobody can do anything for the tasks that come to an instance. */
export const activeUnseen =
  'somebody set it ACTIVE, or its agent registered it again, after the last look at it, when its completion was decided'

/** Endings that no controller could have prevented. A timeout is judged by the clock instead. */
const endedByOthers: Readonly<Record<string, string>> = {
  'hook-deleted': 'its lifecycle hook was deleted, which lets every waiting instance go',
  skipped: 'another hook was answered with ABANDON, which skips ours',
}

/** What the judge goes by. */
export interface Bounds {
  /** Functions at work at once. */
  readonly concurrency: number
  /** How long it takes at most until a function that was called is at work. */
  readonly startMs: number
  /** How long it takes at most to record what a look at a container instance has shown. */
  readonly recordingMs: number
  /** How old at most what it shows is. */
  readonly lookLagMs: number
  /** For how long at most a new record is in no list. */
  readonly listLagMs: number
  /** How much too early at most a time of the policy is over by the clocks of functions. */
  readonly earlyMs: number
}

/** What a sweep asks Auto Scaling. */
const ofSweep: ReadonlySet<number> = new Set(
  (['DescribeAutoScalingGroups', 'DescribeLifecycleHooks', 'RecordLifecycleActionHeartbeat'] as const).map((each) =>
    operations.indexOf(each),
  ),
)

const THROTTLED = failureKinds.indexOf('Throttled')
const NOT_FOUND = failureKinds.indexOf('NotFound')

export const createDrains = (
  plan: Plan,
  cast: Cast,
  { concurrency, startMs, recordingMs, lookLagMs, listLagMs, earlyMs }: Bounds,
): Drains => {
  const actions = new Map<number, Action>()
  const newest = new Map<number, Action>()
  const beyond = new Map<number, string>()
  /** When somebody's `set-draining` came last. */
  const askedDrainingAt = new Map<number, number>()
  /** When somebody's `set-active` came, whether or not the instance was DRAINING. */
  const askedActiveAt = new Map<number, number>()
  const setActiveAt = new Map<number, number>()
  const drainingAt = new Map<number, number>()
  /** By instance: the number of its container instance, where its agent has registered it again. */
  const latest = new Map<number, number>()
  const registeredAgainAt = new Map<number, number>()
  const requestedAt = new Map<number, number>()
  const undecidedAt = new Map<number, number>()
  const registered = new Map<number, number>()
  const back = new Set<number>()
  const leftDraining = new Map<number, number>()
  const found = new Set<number>()
  const deletedHooks = new Set<string>()
  const toWarmPool = new Set<number>()
  // Where the policy changes, the least patient of them is what excuses.
  const policies = policiesOf(plan)
  const soonest = (name: 'notFoundGrace' | 'stopGrace'): number =>
    Math.min(...policies.map((policy) => policy[name] ?? defaultPolicy[name]))
  const deadlineWith = (choice: AtDeadline): number =>
    Math.min(
      ...policies.map(({ deadline }) => (deadline?.choice === choice ? deadline.after : Number.POSITIVE_INFINITY)),
    )
  const continuesMs = deadlineWith('continue')
  const abandonsMs = deadlineWith('abandon')
  const stopsMs = deadlineWith('stop-tasks')
  // Tasks that are told to stop have their time for it before the host goes.
  const forcedMs: ReadonlyArray<readonly [ending: number, ms: number]> = [
    [CONTINUE, Math.min(continuesMs, stopsMs + soonest('stopGrace'))],
    [ABANDON, abandonsMs],
  ]
  const notFoundGraceMs = soonest('notFoundGrace')
  let disturbedAt = Number.NEGATIVE_INFINITY
  let faultsEndAt = faultsEndMs(plan)
  /** Times without a disturbance, those too short to matter left out. */
  const calms: Array<{ readonly from: number; readonly to: number }> = []
  let terminationLostAt = Number.NEGATIVE_INFINITY
  let turnedAwayAt = Number.NEGATIVE_INFINITY
  let executing = 0
  let busySince = 0
  /** Times at which no further function could begin, and until that which waited was at work. */
  const busy: Array<{ readonly from: number; readonly to: number }> = []

  const disturbed = (at: number): void => {
    if (at - disturbedAt >= shortCalmMs) calms.push({ from: disturbedAt, to: at })
    disturbedAt = at
  }

  const groupOf = (instance: number): GroupPlan | undefined => {
    const name = cast.groups[cast.instances[instance]?.group ?? -1]?.name
    return plan.groups.find((group) => group.name === name)
  }

  const hookOf = (action: number): HookPlan | undefined => {
    const entry = cast.actions[action]
    return entry === undefined ? undefined : groupOf(entry.instance)?.hooks.find((hook) => hook.name === entry.hook)
  }

  /** The number of a group's n-th instance, as happenings name them: those of second zero come first. */
  const oldInstance = (groupName: string, old: number): number => {
    let position = 0
    return cast.instances.findIndex((instance) => cast.groups[instance.group]?.name === groupName && position++ === old)
  }

  const happened = (at: number, index: number): void => {
    const what = plan.happenings[index]
    if (what?.do === 'kill-instance') {
      beyond.set(oldInstance(what.group, what.old), 'the host was killed, without a lifecycle action')
    } else if (what?.do === 'set-draining') askedDrainingAt.set(oldInstance(what.group, what.old), at)
    else if (what?.do === 'set-active') askedActiveAt.set(oldInstance(what.group, what.old), at)
    else if (what?.do === 'delete-hook') deletedHooks.add(`${what.group}/${what.hook}`)
  }

  const terminating = (instance: number): void => {
    const group = groupOf(instance)
    if (group === undefined) return
    const held = group.hooks.some(
      (hook) => hook.owner === 'controller' && !deletedHooks.has(`${group.name}/${hook.name}`),
    )
    if (!held) beyond.set(instance, 'its group has no lifecycle hook of ours')
  }

  const ended = (at: number, number: number, ending: number): void => {
    const action = actions.get(number)
    if (action === undefined) return
    action.endings += 1
    if (action.endedAt !== null) return
    action.endedAt = at
    action.ending = ending
    action.forced = action.forcible.has(ending)
    action.cameTooLate = cameTooLate(action)
    action.wasRegistered = registered.has(action.instance) && !action.cameTooLate
    if (!action.ours) return
    if (action.cameTooLate) beyond.set(action.instance, registeredTooLate)
    const name = hookEndings[ending] ?? ''
    const hook = hookOf(number)
    if (endedByOthers[name] !== undefined) beyond.set(action.instance, endedByOthers[name])
    else if (action.forced) {
      beyond.set(action.instance, choiceCarriedOut)
    } else if (ending === CONTINUE && activeUnseenSince(action.instance) !== undefined) {
      beyond.set(action.instance, activeUnseen)
    } else if (isTimeout(ending) && hook !== undefined && reachedGlobalLimit(action, hook, at)) {
      beyond.set(action.instance, 'the hook reached its global limit, which no heartbeat extends')
    }
  }

  const becameActive = (at: number, instance: number): void => {
    if (askedActiveAt.get(instance) === at) becameActiveUnasked(at, instance)
  }

  const becameActiveUnasked = (at: number, instance: number): void => {
    setActiveAt.set(instance, at)
    // While another hook holds it.
    if (newest.get(instance)?.ending === CONTINUE && !back.has(instance)) beyond.set(instance, activeUnseen)
  }

  const setActiveUntil = (at: number, instance: number): number | undefined => {
    const since = setActiveAt.get(instance)
    const until = drainingAt.get(instance) ?? Number.NEGATIVE_INFINITY
    return since === undefined || (since <= until && until <= at) ? undefined : since
  }

  const activeUnseenSince = (instance: number): number | undefined => {
    const since = setActiveAt.get(instance)
    const action = newest.get(instance)
    if (since === undefined || action === undefined) return undefined
    const undecided = undecidedAt.get(instance) ?? Number.NEGATIVE_INFINITY
    const lagMs = since === registeredAgainAt.get(instance) ? listLagMs : lookLagMs
    const lookedAt = undecided >= action.startedAt ? undecided - recordingMs - lagMs : Number.POSITIVE_INFINITY
    return since >= Math.min(lookedAt, action.endedAt ?? lookedAt) ? since : undefined
  }

  const decided = (at: number, instance: number, name: string | undefined): void => {
    const action = newest.get(instance)
    if (beforeCompletion.has(name)) undecidedAt.set(instance, at)
    if (name === 'DrainRequested') {
      requestedAt.set(instance, at)
      if (action?.heardOfAt === null) {
        action.heardOfAt = at
        action.turnedAwayAt = turnedAwayAt
      }
    }
    if (name === 'ContainerInstanceFound') found.add(instance)
    if (action === undefined) return
    // A controller that says so before the time has come excuses nothing, nor where the choice is to wait.
    const isPast = (ms: number): boolean => at >= action.startedAt + ms - earlyMs
    if (name === 'CompletionForced') {
      for (const [ending, ms] of forcedMs) if (isPast(ms)) action.forcible.add(ending)
    } else if (name === 'DeadlineReached') {
      action.deadlineReached = isPast(Math.min(continuesMs, abandonsMs, stopsMs))
      // StopTask takes effect before its outcome is recorded, so the choice is what counts, not the record.
      if (isPast(stopsMs)) beyond.set(instance, 'the deadline passed, and the policy has its tasks stopped (StopTask)')
    }
  }

  /** It registered when the grace was over, and was never found: that there is none had been decided, and was not carried out yet. */
  const cameTooLate = ({ instance, startedAt }: Action): boolean =>
    !found.has(instance) && (registered.get(instance) ?? 0) >= startedAt + notFoundGraceMs - earlyMs

  /** Nothing is on an instance that ECS does not know, so it may be let go; what another hook then lets happen is named. */
  const registersLate = (instance: number): void => {
    const action = newest.get(instance)
    if (action === undefined || action.endedAt === null || action.wasRegistered) return
    // Who answers before the grace is over takes that risk himself.
    if (action.endedAt < action.startedAt + notFoundGraceMs - earlyMs) return
    beyond.set(instance, registeredTooLate)
  }

  const started = (at: number, number: number, instance: number): void => {
    const action: Action = {
      number,
      instance,
      ours: cast.actions[number]?.ours === true,
      startedAt: at,
      lastHeartbeatAt: at,
      endedAt: null,
      ending: -1,
      endings: 0,
      forcible: new Set(),
      forced: false,
      deadlineReached: false,
      heardOfAt: null,
      turnedAwayAt: Number.NEGATIVE_INFINITY,
      toWarmPool: toWarmPool.has(instance),
      wasRegistered: false,
      cameTooLate: false,
      registeredAt: registered.get(instance) ?? null,
    }
    actions.set(number, action)
    // A new action is a new chance: what excused the instance before does not excuse it now.
    if (action.ours) {
      newest.set(instance, action)
      beyond.delete(instance)
      back.delete(instance)
    }
  }

  const drainedByOthers = (at: number, instance: number): boolean => askedDrainingAt.get(instance) === at

  const isToGo = (instance: number): boolean => {
    const action = newest.get(instance)
    return action !== undefined && !(back.has(instance) && isAnswer(action.ending))
  }

  /** Of a record that its agent has left behind nothing counts any more. */
  const containerInstance = (at: number, number: number, status: number): void => {
    const instance = cast.instances[number]?.host ?? number
    if ((latest.get(instance) ?? instance) !== number) return
    if (status === ACTIVE) {
      registersLate(instance)
      becameActive(at, instance)
    }
    // Where somebody else sets it DRAINING the controller has still to find it.
    if (status === DRAINING && !drainedByOthers(at, instance)) drainingAt.set(instance, at)
    if (status === DRAINING && isToGo(instance) && !drainedByOthers(at, instance)) leftDraining.set(instance, at)
    else leftDraining.delete(instance)
    if (status !== ACTIVE && status !== DRAINING) registered.delete(instance)
    else if (!registered.has(instance)) registered.set(instance, at)
  }

  const see = (at: number, kind: number, a: number, b: number): void => {
    if (kind === INVOCATION_STARTED) {
      executing += 1
      busySince = at
    } else if (kind === INVOCATION_ENDED) {
      if (executing === concurrency) busy.push({ from: busySince, to: at + startMs })
      executing -= 1
      if (b !== 0) disturbed(at)
    } else if (kind === DECISION) decided(at, a, cast.decisions[b])
    else if (kind === API_FAILED) {
      // That there is nothing of that name is an answer.
      if (b !== NOT_FOUND) disturbed(at)
      if (b === THROTTLED && ofSweep.has(a)) turnedAwayAt = at
    } else if (kind === FAULT) {
      disturbed(at)
      if (b === plannedFault) faultsEndAt = Math.max(faultsEndAt, at)
    } else if (kind === MESSAGE_LOST || kind === MESSAGE_DEAD_LETTERED) {
      disturbed(at)
      if (b === TERMINATION) terminationLostAt = at
    } else if (kind === HOOK_STARTED) started(at, a, b)
    else if (kind === HOOK_ENDED) ended(at, a, b)
    else if (kind === HOOK_HEARTBEAT) {
      const action = actions.get(a)
      if (action !== undefined) action.lastHeartbeatAt = at
    } else if (kind === INSTANCE_STATE) {
      if (b === WARMED_PENDING) toWarmPool.add(a)
      else if (b === TERMINATING) toWarmPool.delete(a)
      if (b === TERMINATING || b === WARMED_PENDING) terminating(a)
      else if (b === IN_SERVICE || b === PENDING_LIFECYCLE) back.add(a)
    } else if (kind === CONTAINER_INSTANCE) containerInstance(at, a, b)
    else if (kind === REGISTERED_AGAIN) {
      latest.set(a, b)
      registeredAgainAt.set(a, at)
      becameActiveUnasked(at, a)
    } else if (kind === HOST_DIED) beyond.set(a, 'the host died, without a lifecycle action')
    else if (kind === HAPPENING && b === 0) happened(at, a)
  }

  return {
    kinds: [
      INVOCATION_STARTED,
      INVOCATION_ENDED,
      DECISION,
      API_FAILED,
      FAULT,
      MESSAGE_LOST,
      MESSAGE_DEAD_LETTERED,
      HOOK_STARTED,
      HOOK_ENDED,
      HOOK_HEARTBEAT,
      INSTANCE_STATE,
      CONTAINER_INSTANCE,
      HAPPENING,
      HOST_DIED,
      REGISTERED_AGAIN,
    ],
    see,
    actions,
    ofInstance: (instance) => newest.get(instance),
    lastRequestedAt: (instance) => requestedAt.get(instance) ?? -1,
    beyondControl: (instance) => beyond.get(instance),
    whyUnheard: (action) =>
      terminationLostAt >= action.startedAt && action.toWarmPool && action.heardOfAt === null
        ? 'its notice was lost, and a group does not list the instances of its warm pool'
        : undefined,
    lastTurnedAwayAt: (action) => (action.heardOfAt === null ? turnedAwayAt : action.turnedAwayAt),
    lastDisturbedAt: () => disturbedAt,
    faultsEndAt: () => faultsEndAt,
    lastTerminationLostAt: () => terminationLostAt,
    wasCalm: (ms, from, at) =>
      [...calms, { from: disturbedAt, to: at }].some((calm) => Math.min(calm.to, at) - Math.max(calm.from, from) >= ms),
    busyMs: (from, at) => {
      const all = executing < concurrency ? busy : [...busy, { from: busySince, to: at }]
      return all.reduce((sum, each) => sum + Math.max(0, Math.min(each.to, at) - Math.max(each.from, from)), 0)
    },
    isBack: (instance) => back.has(instance),
    isToGo,
    groupOf,
    hookOf,
    drainedByOthers,
    setActiveUntil,
    activeUnseenSince,
    leftDrainingSince: (instance) => leftDraining.get(instance),
    registeredAgain: ({ instance, startedAt }) => (registeredAgainAt.get(instance) ?? -1) >= startedAt,
  }
}

/** Whether somebody has answered, with CONTINUE or ABANDON. */
export const isAnswer = (ending: number): boolean => ending === CONTINUE || ending === ABANDON

export const isTimeout = (ending: number): boolean => (hookEndings[ending] ?? '').startsWith('timeout-')

/** Whether an action has lasted as long as Auto Scaling lets any action of this hook last. */
export const reachedGlobalLimit = (action: Action, hook: HookPlan, at: number): boolean =>
  at - action.startedAt >= globalTimeoutMs(hook) - globalTimeoutSlackMs
