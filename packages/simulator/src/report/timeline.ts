/** A trace as intervals that can be drawn: what each service, instance and task was, from when until when. */
import { endOf } from '../measure/figures.ts'
import { createLedger } from '../measure/ledger.ts'
import type { Plan } from '../plan/plan.ts'
import {
  AGENT,
  CONTAINER_INSTANCE,
  DECISION,
  HAPPENING,
  HOOK_STARTED,
  INSTANCE_LAUNCHED,
  INSTANCE_STATE,
  REGISTERED_AGAIN,
  STOPPED,
  TASK_HEALTHY,
  TASK_KILLED,
  TASK_LAST_STATUS,
  TASK_PLACED,
  TERMINATED,
} from '../trace/kind-numbers.ts'
import {
  type Cast,
  containerInstanceStates,
  type LifecycleState,
  lifecycleStates,
  type TaskStatus,
  type Trace,
  taskStatuses,
} from '../trace/trace.ts'
import { markGroupOf } from './decision-group.ts'
import { decisionText } from './decision-text.ts'

/** Milliseconds from the start of the run, `to` exclusive. */
export interface Interval {
  readonly from: number
  to: number
}

/** What a task looked like to someone who sees both the host and ECS. */
export type TaskLook =
  | Exclude<TaskStatus, 'STOPPED'>
  /** RUNNING, but not counted towards the floor: the 40 seconds, a health check that is not through, or told to stop. */
  | 'RUNNING, not counted'
  /** Its host is gone; ECS still shows its last status. */
  | 'host gone'

export interface TaskBar {
  readonly task: number
  /** The line of the lane it is drawn on, from 0. */
  row: number
  readonly from: number
  to: number
  readonly looks: Array<Interval & { readonly look: TaskLook }>
  killedAt: number | null
}

export interface Mark {
  readonly at: number
  readonly name: string
  readonly text: string | undefined
}

export interface Lane {
  readonly instance: number
  /** The container instance as which its agent is connected, by its number in the cast. */
  record: number
  from: number
  to: number
  readonly states: Array<Interval & { readonly state: LifecycleState }>
  readonly draining: Interval[]
  readonly disconnected: Interval[]
  readonly tasks: TaskBar[]
  rows: number
  readonly marks: Mark[]
  /** A lifecycle action was ever started for it. */
  held: boolean
}

export interface ServiceLine {
  readonly name: string
  readonly desired: number
  readonly strategy: 'REPLICA' | 'DAEMON'
  /** Changes of the healthy count, one per instant at which it changed. */
  readonly steps: Array<{ readonly at: number; count: number }>
  readonly floors: Array<{ readonly at: number; count: number }>
  readonly desireds: Array<{ readonly at: number; count: number }>
  /** Without a healthy task, as the figures count it. */
  readonly zero: Interval[]
}

export interface Timeline {
  /** The last record. */
  readonly endMs: number
  /** The last change of an instance or a task, happening, or decision worth a mark of its own: what is worth drawing ends here. */
  readonly lastChangeMs: number
  readonly services: ReadonlyArray<ServiceLine>
  readonly lanes: ReadonlyArray<Lane>
  readonly happenings: ReadonlyArray<{ readonly at: number; readonly text: string }>
}

/** Reads a trace once. */
export const timelineOf = (plan: Plan, trace: Trace): Timeline => {
  const { cast } = trace
  const ledger = createLedger(plan, cast)
  const services = cast.services.map(serviceLine)
  const outages = ledger.isWanted.map((isWanted) => [{ at: 0, count: isWanted ? 0 : 1 }])
  const lanes: Lane[] = cast.instances.map(emptyLane)
  const bars = new Map<number, TaskBar>()
  const happenings: Array<{ at: number; text: string }> = []
  const endMs = endOf(trace)
  let lastChangeMs = 0

  const healthy = new Set<number>()

  const look = (at: number, task: number): void => {
    const bar = bars.get(task)
    if (bar === undefined) return
    const next = lookOf(ledger.statusOf(task), ledger.wasKilled(task), healthy.has(task))
    closeLast(bar.looks, at)
    if (next === null) bar.to = at
    else pushInterval(bar.looks, { from: at, to: endMs, look: next })
  }

  for (let i = 0; i < trace.length; i++) {
    const at = trace.at[i] ?? 0
    const kind = trace.kind[i] ?? 0
    const a = trace.a[i] ?? 0
    const b = trace.b[i] ?? 0
    ledger.see(at, kind, a, b)
    const changed = ledger.changedService()
    if (changed >= 0) {
      step(services[changed]?.steps, at, ledger.healthy[changed] ?? 0)
      step(services[changed]?.floors, at, ledger.floor[changed] ?? 0)
      step(services[changed]?.desireds, at, ledger.desired[changed] ?? 0)
      step(outages[changed], at, ledger.healthy[changed] === 0 && ledger.isWanted[changed] === true ? 0 : 1)
    }
    const lane = lanes[a]
    const ofRecord = lanes[cast.instances[a]?.host ?? a]
    if (kind === TASK_PLACED) {
      lastChangeMs = at
      const on = lanes[b]
      if (on === undefined || bars.has(a)) continue
      const bar: TaskBar = { task: a, row: 0, from: at, to: endMs, looks: [], killedAt: null }
      bars.set(a, bar)
      on.tasks.push(bar)
      look(at, a)
    } else if (kind === TASK_LAST_STATUS) {
      lastChangeMs = at
      look(at, a)
    } else if (kind === TASK_HEALTHY) {
      lastChangeMs = at
      if (b === 1) healthy.add(a)
      else healthy.delete(a)
      look(at, a)
    } else if (kind === TASK_KILLED) {
      lastChangeMs = at
      const bar = bars.get(a)
      if (bar !== undefined) bar.killedAt = at
      look(at, a)
    } else if (kind === INSTANCE_STATE && lane !== undefined) {
      lastChangeMs = at
      closeLast(lane.states, at)
      if (b === TERMINATED) lane.to = at
      else lane.states.push({ from: at, to: endMs, state: lifecycleStates[b] ?? 'Pending' })
    } else if (kind === REGISTERED_AGAIN && lane !== undefined) {
      lane.record = b
    } else if (kind === CONTAINER_INSTANCE && ofRecord?.record === a) {
      closeLast(ofRecord.draining, at)
      if (containerInstanceStates[b] === 'DRAINING') ofRecord.draining.push({ from: at, to: endMs })
    } else if (kind === AGENT && ofRecord?.record === a) {
      closeLast(ofRecord.disconnected, at)
      if (b === 0) ofRecord.disconnected.push({ from: at, to: endMs })
    } else if (kind === DECISION && lane !== undefined) {
      const name = cast.decisions[b] ?? ''
      if (markGroupOf(name) !== 'other') lastChangeMs = at
      const text = trace.texts.get(i)
      lane.marks.push({ at, name, text: text === undefined ? undefined : decisionText(plan, text) })
    } else if (kind === HOOK_STARTED) {
      const held = lanes[b]
      if (held !== undefined) held.held = true
    } else if (kind === INSTANCE_LAUNCHED && lane !== undefined) {
      lane.from = at
    } else if (kind === HAPPENING && b === 0) {
      lastChangeMs = at
      happenings.push({ at, text: happeningText(plan, a) })
    }
  }

  for (const [index, { zero }] of services.entries()) zero.push(...zeroPeriods(outages[index] ?? [], endMs))
  const hosts = lanes.filter(({ instance }) => cast.instances[instance]?.host === undefined)
  for (const lane of hosts) finish(lane)
  return { endMs, lastChangeMs: Math.max(lastChangeMs, 1), services, lanes: hosts, happenings }
}

const serviceLine = ({ name, desired, strategy, floor }: Cast['services'][number]): ServiceLine => ({
  name,
  desired,
  strategy,
  steps: [{ at: 0, count: 0 }],
  floors: [{ at: 0, count: floor }],
  desireds: [{ at: 0, count: desired }],
  zero: [],
})

const emptyLane = (_: unknown, instance: number): Lane => ({
  instance,
  record: instance,
  from: 0,
  to: Number.POSITIVE_INFINITY,
  states: [],
  draining: [],
  disconnected: [],
  tasks: [],
  rows: 0,
  marks: [],
  held: false,
})

const lookOf = (status: number, killed: boolean, healthy: boolean): TaskLook | null => {
  if (status === STOPPED) return null
  if (killed) return 'host gone'
  const name = taskStatuses[status] ?? 'PENDING'
  if (name === 'STOPPED') return null
  return name === 'RUNNING' && !healthy ? 'RUNNING, not counted' : name
}

const closeLast = (intervals: Interval[], at: number): void => {
  const last = intervals.at(-1)
  if (last !== undefined && last.to > at) last.to = at
}

/** An interval of no length is dropped, and one that goes on as the last did lengthens it. */
const pushInterval = (looks: TaskBar['looks'], next: TaskBar['looks'][number]): void => {
  if (looks.at(-1)?.from === looks.at(-1)?.to) looks.pop()
  const last = looks.at(-1)
  if (last?.look === next.look && last.to === next.from) last.to = next.to
  else looks.push(next)
}

/** Several changes within one millisecond are one step. */
const step = (steps: Array<{ at: number; count: number }> | undefined, at: number, count: number): void => {
  const last = steps?.at(-1)
  if (steps === undefined || last?.count === count) return
  if (last?.at === at) {
    last.count = count
    if (steps.at(-2)?.count === count) steps.pop()
  } else steps.push({ at, count })
}

const zeroPeriods = (steps: ServiceLine['steps'], endMs: number): Interval[] =>
  steps.flatMap(({ at, count }, index) => {
    const to = steps[index + 1]?.at ?? endMs
    return count === 0 && to > at ? [{ from: at, to }] : []
  })

/** Gives each task of a lane the first line that is free when it comes. */
const finish = (lane: Lane): void => {
  const freeFrom: number[] = []
  for (const bar of lane.tasks) {
    const free = freeFrom.findIndex((from) => from <= bar.from)
    bar.row = free < 0 ? freeFrom.length : free
    freeFrom[bar.row] = bar.to
  }
  lane.rows = freeFrom.length
  const lastState = lane.states.at(-1)
  if (lane.to === Number.POSITIVE_INFINITY) lane.to = lastState?.to ?? lane.from
}

/** A happening in a few words: what is done, and to what, where there is more than one. An instance has the plan's own number. */
export const happeningText = ({ happenings, groups }: Pick<Plan, 'happenings' | 'groups'>, index: number): string => {
  const what = happenings[index]
  if (what === undefined) return 'happening'
  if ('service' in what) return `${what.do} (${what.service})`
  const about = [
    ...('group' in what && groups.length > 1 ? [what.group] : []),
    ...('old' in what ? [`old: ${what.old}`] : []),
  ]
  return about.length === 0 ? what.do : `${what.do} (${about.join(', ')})`
}
