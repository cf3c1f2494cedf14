/** What the API tells of the past and the world does not keep: times of tasks, instances and updates, and why a task stopped. */
import type { Plan } from '../plan/plan.ts'
import {
  HAPPENING,
  INSTANCE_LAUNCHED,
  INSTANCE_STATE,
  RUNNING,
  STOPPED,
  TASK_DESIRED_STATUS,
  TASK_KILLED,
  TASK_LAST_STATUS,
  TASK_PLACED,
  TERMINATED,
} from '../trace/kind-numbers.ts'
import type { TraceObserver } from '../trace/trace.ts'

/** Milliseconds of the world; undefined: not yet. */
export interface TaskTimes {
  createdAt?: number
  startedAt?: number
  stoppingAt?: number
  stoppedAt?: number
}

export interface Diary {
  readonly observe: TraceObserver
  readonly timesOf: (task: number) => Readonly<TaskTimes>
  /** Its host went away under it. */
  readonly wasKilled: (task: number) => boolean
  readonly killed: () => ReadonlyArray<number>
  /** Somebody called StopTask, with this reason. */
  readonly noteStop: (task: number, reason: string) => void
  readonly stopReasonOf: (task: number) => string | undefined
  readonly launchedAt: (instance: number) => number
  readonly terminatedAt: (instance: number) => number | undefined
  /** How many AMIs the group had had when the instance was launched: 1 for those of second zero. */
  readonly amiOf: (instance: number) => number
  /** When a happening of the plan was over, by its position. */
  readonly overAt: (happening: number) => number | undefined
}

const updates = ['ami-update', 'instance-refresh', 'cloudformation-rolling-update']

export const createDiary = (plan: Plan): Diary => {
  const times: Array<TaskTimes | undefined> = []
  const killed: Array<number> = []
  const reasons = new Map<number, string>()
  const launched: Array<{ readonly at: number; readonly ami: number } | undefined> = []
  const terminated: Array<number | undefined> = []
  const over: Array<number | undefined> = []
  const amis = plan.groups.map(() => 1)

  const timesOf = (task: number): TaskTimes => (times[task] ??= {})

  const changed = (at: number, task: number, status: number): void => {
    const known = timesOf(task)
    if (status === RUNNING) known.startedAt ??= at
    else if (status === STOPPED) known.stoppedAt ??= at
  }

  return {
    observe: (at, kind, a, b) => {
      if (kind === TASK_LAST_STATUS) changed(at, a, b)
      else if (kind === TASK_DESIRED_STATUS) timesOf(a).stoppingAt ??= at
      else if (kind === TASK_PLACED) timesOf(a).createdAt ??= at
      else if (kind === TASK_KILLED) killed.push(a)
      else if (kind === INSTANCE_LAUNCHED) launched[a] = { at, ami: amis[b] ?? 1 }
      else if (kind === INSTANCE_STATE && b === TERMINATED) terminated[a] ??= at
      else if (kind === HAPPENING && b === 1) over[a] = at
      else if (kind === HAPPENING && b === 0) {
        const happening = plan.happenings[a]
        if (happening === undefined || !updates.includes(happening.do) || !('group' in happening)) return
        const group = plan.groups.findIndex(({ name }) => name === happening.group)
        amis[group] = (amis[group] ?? 1) + 1
      }
    },
    timesOf,
    wasKilled: (task) => killed.includes(task),
    killed: () => killed,
    noteStop: (task, reason) => {
      reasons.set(task, reason)
    },
    stopReasonOf: (task) => reasons.get(task),
    terminatedAt: (instance) => terminated[instance],
    launchedAt: (instance) => launched[instance]?.at ?? 0,
    amiOf: (instance) => launched[instance]?.ami ?? 1,
    overAt: (happening) => over[happening],
  }
}
