/** What every part of the world is given: the clock, the calendar, chance, the trace, and the records of all things. */
import { type Calendar, createCalendar } from '../kernel/calendar.ts'
import { createFaults, type Faults } from '../kernel/faults.ts'
import type { Plan } from '../plan/plan.ts'
import { createTraceWriter, kindNumber, type TraceWriter } from '../trace/trace-writer.ts'
import { createTaskHistories, type TaskHistories } from './history.ts'
import { firstThatCounts } from './occurrences.ts'
import type { ActionRecord, GroupRecord, InstanceRecord, JobRecord, ServiceRecord, TaskRecord } from './records.ts'
import { type Settings, settingsOf } from './settings.ts'

export interface Core {
  readonly plan: Plan
  readonly clock: { now: number }
  readonly settings: Settings
  readonly faults: Faults
  readonly calendar: Calendar
  readonly writer: TraceWriter
  readonly groups: GroupRecord[]
  readonly instances: InstanceRecord[]
  readonly services: ServiceRecord[]
  readonly jobs: JobRecord[]
  readonly tasks: TaskRecord[]
  readonly actions: ActionRecord[]
  readonly taskHistories: TaskHistories
  /** Occurrences of the kinds that count; while there are any, the run goes on. */
  readonly waiting: { count: number }
  /** Something will happen in `delay` milliseconds. */
  after(delay: number, kind: number, a: number, b: number): void
  /** Writes a trace record now. */
  tell(kind: number, a: number, b: number): void
}

const FAULT = kindNumber('fault')

export const createCore = (plan: Plan, keepsTexts: boolean): Core => {
  const clock = { now: 0 }
  const waiting = { count: 0 }
  const calendar = createCalendar()
  const writer = createTraceWriter(keepsTexts)
  const untilMs = Math.round(plan.untilSeconds * 1000)
  const tell = (kind: number, a: number, b: number): void => writer.write(clock.now, kind, a, b)
  return {
    plan,
    clock,
    settings: settingsOf(plan),
    faults: createFaults(plan.faults, plan.seed, clock, (site, id) => tell(FAULT, site, id)),
    calendar,
    writer,
    groups: [],
    instances: [],
    services: [],
    jobs: [],
    tasks: [],
    actions: [],
    taskHistories: createTaskHistories(),
    waiting,
    after: (delay, kind, a, b) => {
      const at = clock.now + delay
      if (kind >= firstThatCounts) waiting.count += 1
      // What comes after the end of the run is as good as never; one millisecond past it is enough to say so.
      calendar.schedule(at > untilMs ? untilMs + 1 : at, kind, a, b)
    },
    tell,
  }
}
