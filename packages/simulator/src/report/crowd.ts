/** How many instances and tasks were in which state over time: what is drawn when there are too many to draw each. */
import type { LifecycleState } from '../trace/trace.ts'
import { stateFill, taskFill } from './palette.ts'
import type { Interval, TaskLook, Timeline } from './timeline.ts'

/** One band of a stack: its upper edge at the start of each column, in counts. */
export interface Band {
  readonly fill: string
  readonly tops: ReadonlyArray<number>
}

/** Bottom first: what is well, then what is on its way, then what is wrong. */
const instanceOrder: ReadonlyArray<LifecycleState> = [
  'InService',
  'Pending',
  'Terminating:Wait',
  'Terminating',
  'Terminating:Proceed',
  'Terminating:Retained',
  'Warmed:Pending',
  'Warmed:Pending:Wait',
  'Warmed:Pending:Proceed',
  'Warmed:Pending:Retained',
  'Warmed:Stopped',
]
const taskOrder: ReadonlyArray<TaskLook> = [
  'RUNNING',
  'RUNNING, not counted',
  'PROVISIONING',
  'PENDING',
  'ACTIVATING',
  'DEACTIVATING',
  'STOPPING',
  'DEPROVISIONING',
  'host gone',
]

export const shareOverTime = (timeline: Timeline, spanMs: number, columns: number) => ({
  instances: bandsOf(
    instanceOrder.map((state) => ({
      fill: stateFill[state],
      intervals: timeline.lanes.flatMap(({ states }) => states.filter((each) => each.state === state)),
    })),
    timeline.endMs,
    spanMs,
    columns,
  ),
  tasks: bandsOf(
    taskOrder.map((look) => ({
      fill: taskFill[look],
      intervals: timeline.lanes.flatMap(({ tasks }) =>
        tasks.flatMap(({ looks }) => looks.filter((each) => each.look === look)),
      ),
    })),
    timeline.endMs,
    spanMs,
    columns,
  ),
})

/** States that look alike are one band. */
const bandsOf = (
  parts: ReadonlyArray<{ readonly fill: string; readonly intervals: ReadonlyArray<Interval> }>,
  endMs: number,
  spanMs: number,
  columns: number,
): ReadonlyArray<Band> => {
  const changes = new Map<string, Int32Array>()
  const columnOf = (ms: number): number => Math.min(columns + 1, Math.ceil((ms / spanMs) * columns))
  for (const { fill, intervals } of parts) {
    const change = changes.get(fill) ?? new Int32Array(columns + 2)
    changes.set(fill, change)
    for (const { from, to } of intervals) {
      const first = columnOf(from)
      const after = to >= endMs ? columns + 1 : columnOf(to)
      change[first] = (change[first] ?? 0) + 1
      change[after] = (change[after] ?? 0) - 1
    }
  }
  const tops = new Array<number>(columns + 1).fill(0)
  return [...changes].map(([fill, change]) => {
    let count = 0
    for (let column = 0; column <= columns; column++) {
      count += change[column] ?? 0
      tops[column] = (tops[column] ?? 0) + count
    }
    return { fill, tops: [...tops] }
  })
}
