/** What Auto Scaling has launched and terminated, as it tells of it (AWS: Auto Scaling user guide, as-verify-scaling-activity). */
import {
  IN_SERVICE,
  INSTANCE_STATE,
  PENDING_LIFECYCLE,
  TERMINATED,
  TERMINATING,
  WARMED_PENDING,
  WARMED_STOPPED,
} from '../../trace/kind-numbers.ts'
import type { TraceObserver } from '../../trace/trace.ts'

export interface Activity {
  readonly number: number
  readonly does: 'launch' | 'terminate'
  readonly instance: number
  /** Milliseconds of the world. */
  readonly startedAt: number
  /** Undefined: still in progress. */
  endedAt?: number
}

export interface Activities {
  readonly observe: TraceObserver
  /** In the order in which they began. */
  readonly all: ReadonlyArray<Activity>
}

export const createActivities = (): Activities => {
  const all: Array<Activity> = []
  /** By instance. */
  const open = new Map<number, Activity>()

  const begin = (at: number, instance: number, does: Activity['does']): void => {
    end(at, instance)
    const activity: Activity = { number: all.length, does, instance, startedAt: at }
    all.push(activity)
    open.set(instance, activity)
  }

  const end = (at: number, instance: number): void => {
    const activity = open.get(instance)
    if (activity !== undefined) activity.endedAt = at
    open.delete(instance)
  }

  const entered = (at: number, instance: number, state: number): void => {
    if (state === PENDING_LIFECYCLE) begin(at, instance, 'launch')
    else if (state === TERMINATING || state === WARMED_PENDING) begin(at, instance, 'terminate')
    else if (state === IN_SERVICE) {
      // Those of second zero are there at once.
      if (!open.has(instance)) begin(at, instance, 'launch')
      end(at, instance)
    } else if (state === WARMED_STOPPED) end(at, instance)
    else if (state === TERMINATED) {
      // Nobody had given up who is killed.
      if (open.get(instance)?.does !== 'terminate') begin(at, instance, 'terminate')
      end(at, instance)
    }
  }

  return {
    observe: (at, kind, a, b) => {
      if (kind === INSTANCE_STATE) entered(at, a, b)
    },
    all,
  }
}
