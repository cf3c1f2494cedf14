/**
 * What the trace has told so far about tasks, instances and services. Measures and promises read it instead of each
 * keeping their own books. Every record costs a constant amount of work.
 */
import { floorOf } from '../plan/limits.ts'
import type { Plan } from '../plan/plan.ts'
import {
  HAPPENING,
  RUNNING,
  STOPPED,
  TASK_HEALTHY,
  TASK_KILLED,
  TASK_LAST_STATUS,
  TASK_PLACED,
} from '../trace/kind-numbers.ts'
import type { Cast } from '../trace/trace.ts'

/** Which numbers a record has changed is told by `changedService`: -1 for none. */
export interface Ledger {
  see(at: number, kind: number, a: number, b: number): void
  /** The service whose healthy count the last record changed, or -1. */
  readonly changedService: () => number
  /** The task through which it changed. */
  readonly changedTask: () => number
  /** By service: tasks that count towards the floor and really run. */
  readonly healthy: ReadonlyArray<number>
  /** By service: the floor in force. A lowered desired count lowers it at once, a raised one raises it once the service has got there. */
  readonly floor: ReadonlyArray<number>
  readonly desired: ReadonlyArray<number>
  /** By service: whether zero tasks are an outage. Not after a desired count of 0, until the first task is back. */
  readonly isWanted: ReadonlyArray<boolean>
  /** By task: its instance, -1 if it has none yet. */
  readonly instanceOf: (task: number) => number
  /** By task: its service, -1 for a standalone one. */
  readonly serviceOf: (task: number) => number
  readonly statusOf: (task: number) => number
  readonly hasStopped: (task: number) => boolean
  readonly wasKilled: (task: number) => boolean
  /** By instance: tasks that were ever placed on it and have not STOPPED. */
  readonly openOn: (instance: number) => number
  /** By instance: the numbers of those tasks, found by looking; for a witness, not for every record. */
  readonly openTasksOn: (instance: number) => ReadonlyArray<number>
  /** By instance: when a task on it last reached STOPPED, -1 if none has. */
  readonly lastStoppedOn: (instance: number) => number
  /** By instance: the task that did. */
  readonly lastStoppedTaskOn: (instance: number) => number
  /** Whether a task on it reached STOPPED in that time; found by looking, not for every record. */
  readonly stoppedBetween: (instance: number, from: number, to: number) => boolean
}

const NONE = -1
const UNREAD = -2

/** What is known of a task, as a sum. */
const HEALTHY = 1
const KILLED = 2
const COUNTED = 4

/** `cast` may still grow while the run goes on: a task's entry is read when its first record comes. */
export const createLedger = (plan: Plan, cast: Cast): Ledger => {
  const healthy = cast.services.map(() => 0)
  const floor = cast.services.map((service) => service.floor)
  const floorToReach = [...floor]
  const desired = cast.services.map((service) => service.desired)
  const isReplica = cast.services.map(({ strategy }) => strategy === 'REPLICA')
  // A daemon's desired count says nothing.
  const isWanted = cast.services.map((service, index) => isReplica[index] !== true || service.desired > 0)
  // By task. Of a run that is over it is known how many there are; while one goes on, they grow.
  let size = Math.max(64, cast.tasks.length)
  let instance = new Int32Array(size).fill(NONE)
  let service = new Int32Array(size).fill(UNREAD)
  let status = new Uint8Array(size)
  let flags = new Uint8Array(size)
  let stoppedAt = new Int32Array(size)
  const open: number[] = []
  const lastStopped: number[] = []
  const lastStoppedTask: number[] = []
  let changedService = NONE
  let changedTask = NONE

  const meet = (task: number): void => {
    if (task < size) return
    const before = { size, instance, service, status, flags, stoppedAt }
    size = 2 * (task + 1)
    instance = new Int32Array(size).fill(NONE, before.size)
    service = new Int32Array(size).fill(UNREAD, before.size)
    status = new Uint8Array(size)
    flags = new Uint8Array(size)
    instance.set(before.instance)
    service.set(before.service)
    status.set(before.status)
    flags.set(before.flags)
    stoppedAt = new Int32Array(size)
    stoppedAt.set(before.stoppedAt)
  }

  /** The cast has a task by the time of its first record. */
  const serviceOf = (task: number): number => {
    meet(task)
    const known = service[task] ?? NONE
    if (known !== UNREAD) return known
    const entry = cast.tasks[task]
    if (entry === undefined) return NONE
    service[task] = entry.service
    return entry.service
  }

  const meetInstance = (number: number): void => {
    while (open.length <= number) {
      open.push(0)
      lastStopped.push(NONE)
      lastStoppedTask.push(NONE)
    }
  }

  const change = (of: number): void => {
    changedService = of
    if (isReplica[of] !== true) return
    isWanted[of] = (desired[of] ?? 0) > 0 && (isWanted[of] === true || (healthy[of] ?? 0) > 0)
  }

  /** A task counts while it is flagged healthy, is RUNNING, and has a living host. */
  const recount = (task: number): void => {
    const flagged = flags[task] as number
    const counts = (flagged & (HEALTHY | KILLED)) === HEALTHY && status[task] === RUNNING
    if (counts === ((flagged & COUNTED) !== 0)) return
    flags[task] = flagged ^ COUNTED
    const of = serviceOf(task)
    if (of < 0) return
    const now = (healthy[of] ?? 0) + (counts ? 1 : -1)
    healthy[of] = now
    if (now >= (floorToReach[of] ?? 0)) floor[of] = floorToReach[of] ?? 0
    change(of)
    changedTask = task
  }

  const place = (task: number, on: number): void => {
    meet(task)
    meetInstance(on)
    if (instance[task] !== NONE || on < 0) return
    instance[task] = on
    if (status[task] !== STOPPED) open[on] = (open[on] ?? 0) + 1
  }

  const setStatus = (at: number, task: number, next: number): void => {
    meet(task)
    const before = status[task]
    status[task] = next
    const on = instance[task] ?? NONE
    if (next === STOPPED && before !== STOPPED && on >= 0) {
      open[on] = (open[on] ?? 0) - 1
      lastStopped[on] = at
      lastStoppedTask[on] = task
      stoppedAt[task] = at
    }
    // No task does this in AWS; the count must not drift if a trace has it.
    if (next !== STOPPED && before === STOPPED && on >= 0) open[on] = (open[on] ?? 0) + 1
    recount(task)
  }

  const setDesired = (happening: number): void => {
    const what = plan.happenings[happening]
    if (what?.do !== 'set-desired-count') return
    const service = cast.services.findIndex(({ name }) => name === what.service)
    const settings = plan.services.find(({ name }) => name === what.service)
    if (service < 0 || settings === undefined) return
    desired[service] = what.desired
    const to = floorOf(settings, what.desired)
    floorToReach[service] = to
    if (to < (floor[service] ?? 0) || (healthy[service] ?? 0) >= to) floor[service] = to
    change(service)
  }

  const see = (at: number, kind: number, a: number, b: number): void => {
    changedService = NONE
    changedTask = NONE
    if (kind === TASK_LAST_STATUS) setStatus(at, a, b)
    else if (kind === TASK_PLACED) place(a, b)
    else if (kind === TASK_HEALTHY) {
      meet(a)
      flags[a] = b === 1 ? (flags[a] as number) | HEALTHY : (flags[a] as number) & ~HEALTHY
      recount(a)
    } else if (kind === TASK_KILLED) {
      meet(a)
      flags[a] = (flags[a] as number) | KILLED
      recount(a)
    } else if (kind === HAPPENING && b === 0) setDesired(a)
  }

  return {
    see,
    changedService: () => changedService,
    changedTask: () => changedTask,
    healthy,
    floor,
    desired,
    isWanted,
    instanceOf: (task) => instance[task] ?? NONE,
    serviceOf,
    statusOf: (task) => status[task] ?? 0,
    hasStopped: (task) => status[task] === STOPPED,
    wasKilled: (task) => ((flags[task] ?? 0) & KILLED) !== 0,
    openOn: (number) => open[number] ?? 0,
    openTasksOn: (number) => {
      const tasks: Array<number> = []
      for (let task = 0; task < size; task += 1) {
        if (instance[task] === number && status[task] !== STOPPED) tasks.push(task)
      }
      return tasks
    },
    lastStoppedOn: (number) => lastStopped[number] ?? NONE,
    lastStoppedTaskOn: (number) => lastStoppedTask[number] ?? NONE,
    stoppedBetween: (number, from, to) => {
      for (let task = 0; task < size; task += 1) {
        const at = stoppedAt[task] as number
        if (instance[task] === number && status[task] === STOPPED && at >= from && at <= to) return true
      }
      return false
    },
  }
}
