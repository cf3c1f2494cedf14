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

/** What is known of a task, as a sum. */
const HEALTHY = 1
const KILLED = 2
const COUNTED = 4

/** `cast` is that of a run that is over: it has all tasks. */
export const createLedger = (plan: Plan, cast: Cast): Ledger => {
  const healthy = cast.services.map(() => 0)
  const floor = cast.services.map((service) => service.floor)
  const floorToReach = [...floor]
  const desired = cast.services.map((service) => service.desired)
  const isReplica = cast.services.map(({ strategy }) => strategy === 'REPLICA')
  // A daemon's desired count says nothing.
  const isWanted = cast.services.map((service, index) => isReplica[index] !== true || service.desired > 0)
  const size = cast.tasks.length
  const instance = new Int32Array(size).fill(NONE)
  const service = Int32Array.from(cast.tasks, (task) => task.service)
  const status = new Uint8Array(size)
  const flags = new Uint8Array(size)
  const stoppedAt = new Int32Array(size)
  const open = cast.instances.map(() => 0)
  const lastStopped = cast.instances.map(() => NONE)
  const lastStoppedTask = cast.instances.map(() => NONE)
  let changedService = NONE
  let changedTask = NONE

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
    const of = service[task] as number
    if (of < 0) return
    const now = (healthy[of] ?? 0) + (counts ? 1 : -1)
    healthy[of] = now
    if (now >= (floorToReach[of] ?? 0)) floor[of] = floorToReach[of] ?? 0
    change(of)
    changedTask = task
  }

  const place = (task: number, on: number): void => {
    instance[task] = on
    open[on] = (open[on] ?? 0) + 1
  }

  const setStatus = (at: number, task: number, next: number): void => {
    const before = status[task]
    status[task] = next
    const on = instance[task] ?? NONE
    if (next === STOPPED && before !== STOPPED) {
      open[on] = (open[on] ?? 0) - 1
      lastStopped[on] = at
      lastStoppedTask[on] = task
      stoppedAt[task] = at
    }
    // No task does this in AWS; the count must not drift if a trace has it.
    if (next !== STOPPED && before === STOPPED) open[on] = (open[on] ?? 0) + 1
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
      flags[a] = b === 1 ? (flags[a] as number) | HEALTHY : (flags[a] as number) & ~HEALTHY
      recount(a)
    } else if (kind === TASK_KILLED) {
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
    serviceOf: (task) => service[task] ?? NONE,
    statusOf: (task) => status[task] ?? 0,
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
