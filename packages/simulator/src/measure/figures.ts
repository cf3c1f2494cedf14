/**
 * The figures by which controllers are compared. They are computed from the trace alone, record by record, so no
 * controller can praise itself.
 */
import type { Plan } from '../plan/plan.ts'
import {
  API_CALL,
  CONTINUE,
  HAPPENING,
  HOOK_ENDED,
  HOOK_STARTED,
  INSTANCE_STATE,
  INVOCATION_STARTED,
  SETTLED,
  STOPPED,
  TASK_HEALTHY,
  TASK_KILLED,
  TASK_LAST_STATUS,
  TASK_PLACED,
} from '../trace/kind-numbers.ts'
import { type Cast, operations, type Trace } from '../trace/trace.ts'
import { createLedger, type Ledger } from './ledger.ts'

/** One service over the whole run, from second zero to the last record. */
export interface ServiceFigures {
  readonly name: string
  /** As the plan begins; a `set-desired-count` in the plan moves the floor that is measured against, not this. */
  readonly desired: number
  readonly floor: number
  /** Tasks at second zero; fewer than `desired` where the instances have no room for more. */
  readonly runningAtStart: number
  /** The fewest healthy tasks at any moment. What came and went within one millisecond is no moment. */
  readonly leastRunning: number
  /** Without a healthy task. Where a desired count of 0 was asked for, zero is no outage until the first task is back. */
  readonly secondsAtZero: number
  readonly secondsBelowFloor: number
}

/** What a run cost. All of it is measured; nothing is reported by the controller. */
export interface Figures {
  readonly services: ReadonlyArray<ServiceFigures>
  /** Tasks whose host went away before they had reached STOPPED. */
  readonly tasksKilled: number
  /**
   * REPLICA tasks that ended and were replaced, divided by those that ended and replaced none: tasks of second zero, and those by
   * which a service grew. 1: each was replaced once. More: replacements had to move again. 0: nothing had to move.
   */
  readonly movesPerTask: number
  readonly lambdaInvocations: number
  /** Calls to ECS and Auto Scaling, failed ones included. */
  readonly apiCalls: number
  /** Only operations that were called. */
  readonly apiCallsByOperation: Readonly<Record<string, number>>
  /**
   * From the last STOPPED of a task on the instance to the CONTINUE of our lifecycle action: the worst of all actions.
   * Negative: a host was let go that long before its last task had stopped, which is worse than any delay.
   * Null: no action of ours waited for a task.
   */
  readonly secondsFromLastStoppedToCompletion: number | null
  /** The median over the same actions. */
  readonly medianSecondsFromLastStoppedToCompletion: number | null
  /** From the first happening to the last change of an instance, a hook or a service's task. */
  readonly totalSeconds: number
}

/** Sees records and adds them up. The ledger must have seen each record first. */
export interface FiguresObserver {
  /** Records of other kinds change no figure and need not be shown. */
  readonly kinds: ReadonlyArray<number>
  see(at: number, kind: number, a: number, b: number): void
  /** The figures of the run so far, as if it ended at `endMs`. May be asked more than once. */
  figures(endMs: number): Figures
}

const INITIAL = 1
const ENDED = 2
const KILLED = 4

/** Milliseconds as seconds, without the noise of a division. */
export const secondsOf = (ms: number): number => Math.round(ms) / 1000

export const createFiguresObserver = (cast: Cast, ledger: Ledger): FiguresObserver => {
  const services = cast.services.length
  const since = cast.services.map(() => 0)
  const level = [...ledger.healthy]
  const floor = [...ledger.floor]
  const least = cast.services.map(() => Number.POSITIVE_INFINITY)
  const zeroMs = cast.services.map(() => 0)
  const belowMs = cast.services.map(() => 0)
  const calls = operations.map(() => 0)
  const isWanted = [...ledger.isWanted]
  const isReplica = cast.services.map(({ strategy }) => strategy === 'REPLICA')
  /** By task: what has been seen of it, as a sum of INITIAL, ENDED and KILLED. */
  const seen: number[] = []
  let initialEnded = 0
  const desired = [...ledger.desired]
  /** By service: tasks by which it is yet to grow. */
  const toGrow = cast.services.map(() => 0)
  /** By service: tasks placed after second zero, and tasks that ended. The fewer of the two are those that moved. */
  const placements = cast.services.map(() => 0)
  const ended = cast.services.map(() => 0)
  const placedAtStart = cast.services.map(() => 0)
  let killed = 0
  const startedAt = new Map<number, number>()
  const lateness: number[] = []
  /** By instance: when a host with unfinished tasks was let go. */
  const early = new Map<number, number>()
  let invocations = 0
  let beganAt = -1
  let lastEffectAt = 0

  /** Adds the time that a service has spent at its level up to `at`. */
  const account = (service: number, at: number): void => {
    const ms = at - (since[service] ?? 0)
    if (ms <= 0) return
    const running = level[service] ?? 0
    if (running < (least[service] ?? 0)) least[service] = running
    if (running === 0 && isWanted[service] === true) zeroMs[service] = (zeroMs[service] ?? 0) + ms
    if (running < (floor[service] ?? 0)) belowMs[service] = (belowMs[service] ?? 0) + ms
    since[service] = at
  }

  const isOfService = (task: number): boolean => ledger.serviceOf(task) >= 0

  /** Sets a flag of a task, and tells whether it was not set before. */
  const flag = (task: number, bit: number): boolean => {
    while (seen.length <= task) seen.push(0)
    const before = seen[task] ?? 0
    seen[task] = before | bit
    return (before & bit) === 0
  }

  const placed = (at: number, task: number): void => {
    const service = ledger.serviceOf(task)
    if (service >= 0 && at === 0) placedAtStart[service] = (placedAtStart[service] ?? 0) + 1
    if (isReplica[service] !== true) return
    const grows = (toGrow[service] ?? 0) > 0
    if (grows) toGrow[service] = (toGrow[service] ?? 0) - 1
    if (at === 0 || grows) flag(task, INITIAL)
    if (at > 0) placements[service] = (placements[service] ?? 0) + 1
  }

  const end = (task: number): void => {
    const service = ledger.serviceOf(task)
    if (isReplica[service] !== true || !flag(task, ENDED)) return
    ended[service] = (ended[service] ?? 0) + 1
    if (((seen[task] ?? 0) & INITIAL) !== 0) initialEnded += 1
  }

  const stopped = (at: number, task: number): void => {
    end(task)
    if (early.size === 0) return
    const instance = ledger.instanceOf(task)
    const letGoAt = early.get(instance)
    if (letGoAt === undefined || ledger.openOn(instance) > 0) return
    early.delete(instance)
    lateness.push(letGoAt - at)
  }

  const completed = (at: number, action: number): void => {
    const instance = cast.actions[action]?.instance ?? -1
    if (ledger.openOn(instance) > 0) {
      early.set(instance, at)
      return
    }
    // A task that had stopped before the action began was not waited for.
    const last = ledger.lastStoppedOn(instance)
    if (last >= (startedAt.get(action) ?? 0)) lateness.push(at - last)
  }

  const see = (at: number, kind: number, a: number, b: number): void => {
    const changed = ledger.changedService()
    if (changed >= 0) {
      account(changed, at)
      level[changed] = ledger.healthy[changed] ?? 0
      floor[changed] = ledger.floor[changed] ?? 0
      isWanted[changed] = ledger.isWanted[changed] === true
      const wanted = ledger.desired[changed] ?? 0
      toGrow[changed] = Math.max(0, (toGrow[changed] ?? 0) + wanted - (desired[changed] ?? 0))
      desired[changed] = wanted
    }
    if (kind === TASK_LAST_STATUS) {
      if (isOfService(a)) lastEffectAt = at
      if (b === STOPPED) stopped(at, a)
    } else if (kind === API_CALL) calls[a] = (calls[a] ?? 0) + 1
    else if (kind === INVOCATION_STARTED) invocations += 1
    else if (kind === TASK_PLACED) placed(at, a)
    else if (kind === TASK_HEALTHY) {
      if (isOfService(a)) lastEffectAt = at
    } else if (kind === TASK_KILLED) {
      if (flag(a, KILLED)) killed += 1
      end(a)
    } else if (kind === INSTANCE_STATE) lastEffectAt = at
    else if (kind === HOOK_STARTED) startedAt.set(a, at)
    else if (kind === HOOK_ENDED) {
      lastEffectAt = at
      if (b === CONTINUE && cast.actions[a]?.ours === true) completed(at, a)
    } else if (kind === HAPPENING && beganAt < 0) {
      beganAt = at
      lastEffectAt = at
    }
  }

  const serviceFigures = (service: number, endMs: number): ServiceFigures => {
    account(service, endMs)
    const { name, desired, floor: floorAtStart } = cast.services[service] ?? { name: '', desired: 0, floor: 0 }
    return {
      name,
      desired,
      floor: floorAtStart,
      runningAtStart: placedAtStart[service] ?? 0,
      leastRunning: Math.min(least[service] ?? 0, level[service] ?? 0),
      secondsAtZero: secondsOf(zeroMs[service] ?? 0),
      secondsBelowFloor: secondsOf(belowMs[service] ?? 0),
    }
  }

  const figures = (endMs: number): Figures => {
    const all = [...lateness, ...[...early.values()].map((letGoAt) => letGoAt - endMs)].sort((x, y) => x - y)
    const earliest = all[0]
    const latest = all.at(-1)
    const worst = earliest !== undefined && earliest < 0 ? earliest : latest
    const median = all[Math.floor((all.length - 1) / 2)]
    const moves = placements.reduce((sum, placed, service) => sum + Math.min(placed, ended[service] ?? 0), 0)
    const called = operations.flatMap((name, index) => {
      const count = calls[index] ?? 0
      return count === 0 ? [] : [[name, count] as const]
    })
    return {
      services: Array.from({ length: services }, (_, service) => serviceFigures(service, endMs)),
      tasksKilled: killed,
      movesPerTask: initialEnded === 0 ? 0 : Math.round((moves / initialEnded) * 100) / 100,
      lambdaInvocations: invocations,
      apiCalls: calls.reduce((sum, count) => sum + count, 0),
      apiCallsByOperation: Object.fromEntries(called),
      secondsFromLastStoppedToCompletion: worst === undefined ? null : secondsOf(worst),
      medianSecondsFromLastStoppedToCompletion: median === undefined ? null : secondsOf(median),
      totalSeconds: beganAt < 0 ? 0 : secondsOf(lastEffectAt - beganAt),
    }
  }

  const kinds = [
    TASK_LAST_STATUS,
    API_CALL,
    INVOCATION_STARTED,
    TASK_PLACED,
    TASK_HEALTHY,
    TASK_KILLED,
    INSTANCE_STATE,
    HOOK_STARTED,
    HOOK_ENDED,
    HAPPENING,
  ]
  return { kinds, see, figures }
}

/** The instant of a trace's last record, 0 for an empty one. */
export const endOf = (trace: Trace): number => (trace.length === 0 ? 0 : (trace.at[trace.length - 1] ?? 0))

/** Whether nothing was left to happen when it ended, so that its figures are those of the whole update. */
export const hasSettled = (trace: Trace): boolean => trace.kind[trace.length - 1] === SETTLED

/** The figures of a finished run, read from its trace. */
export const figuresOf = (plan: Plan, trace: Trace): Figures => {
  const ledger = createLedger(plan, trace.cast)
  const observer = createFiguresObserver(trace.cast, ledger)
  for (let i = 0; i < trace.length; i++) {
    const at = trace.at[i] ?? 0
    const kind = trace.kind[i] ?? 0
    const a = trace.a[i] ?? 0
    const b = trace.b[i] ?? 0
    ledger.see(at, kind, a, b)
    observer.see(at, kind, a, b)
  }
  return observer.figures(endOf(trace))
}
