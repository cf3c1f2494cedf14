/** The trace as lines to read. A big run's list is cut by what matters least, and says what it left out. */
import { secondsOf } from '../measure/figures.ts'
import type { Plan } from '../plan/plan.ts'
import { instanceText, taskText } from '../promise/promise.ts'
import {
  containerInstanceStates,
  failureKinds,
  faultSites,
  hookEndings,
  invocationEndings,
  type Kind,
  kinds,
  lifecycleStates,
  messageKinds,
  operations,
  placementFailures,
  type Trace,
  taskStatuses,
} from '../trace/trace.ts'
import { decisionText } from './decision-text.ts'
import { happeningText } from './timeline.ts'

export interface EventLine {
  readonly seconds: string
  readonly what: string
  readonly about: string
}

export interface EventList {
  readonly lines: ReadonlyArray<EventLine>
  /** How many records of which kind are not in `lines`. */
  readonly leftOut: ReadonlyArray<{ readonly what: string; readonly count: number }>
}

/** Left out first, in this order, when there are too many. */
const leastTelling: ReadonlyArray<Kind> = [
  'message-sent',
  'invocation-started',
  'invocation-ended',
  'task-desired-status',
  'api-call',
  'message-duplicated',
  'store-conflict',
  'task-healthy',
  'task-placed',
  'agent',
  'decision',
  'task-last-status',
]

/** At most `most` lines. */
export const eventListOf = (plan: Plan, trace: Trace, most: number): EventList => {
  const counts = kinds.map(() => 0)
  for (let i = 0; i < trace.length; i++) counts[trace.kind[i] ?? 0] = (counts[trace.kind[i] ?? 0] ?? 0) + 1
  const omitted = new Set<number>()
  let left = trace.length
  for (const kind of leastTelling) {
    if (left <= most) break
    const number = kinds.indexOf(kind)
    left -= counts[number] ?? 0
    omitted.add(number)
  }
  const lines: EventLine[] = []
  const leftOut = kinds.map(() => 0)
  for (let i = 0; i < trace.length; i++) {
    const kind = trace.kind[i] ?? 0
    if (omitted.has(kind) || lines.length >= most) leftOut[kind] = (leftOut[kind] ?? 0) + 1
    else lines.push(lineOf(plan, trace, i))
  }
  return {
    lines,
    leftOut: leftOut.flatMap((count, kind) => (count === 0 ? [] : [{ what: kinds[kind] ?? '', count }])),
  }
}

const lineOf = (plan: Plan, trace: Trace, i: number): EventLine => {
  const { cast } = trace
  const kind = kinds[trace.kind[i] ?? 0] ?? 'settled'
  const a = trace.a[i] ?? 0
  const b = trace.b[i] ?? 0
  const said = trace.texts.get(i)
  const text = said === undefined ? '' : decisionText(plan, said)
  const [what, about] = wordsOf(kind, a, b, plan, cast)
  return {
    seconds: secondsOf(trace.at[i] ?? 0).toFixed(3),
    what,
    about: text === '' ? about : `${about}: ${text.length > 200 ? `${text.slice(0, 199)}…` : text}`,
  }
}

const wordsOf = (kind: Kind, a: number, b: number, plan: Plan, cast: Trace['cast']): readonly [string, string] => {
  const instance = (number: number): string => instanceText(cast, number)
  const record = (): string => `${instance(a)}${cast.instances[a]?.host === undefined ? '' : ' (registered again)'}`
  const action = (): string => {
    const entry = cast.actions[a]
    return entry === undefined
      ? `action ${a}`
      : `${entry.hook} of ${instance(entry.instance)}${entry.ours ? '' : ' (not ours)'}`
  }
  switch (kind) {
    case 'happening':
      return [`happening ${b === 0 ? 'began' : 'finished'}`, happeningText(plan, a)]
    case 'instance-launched':
      return ['instance launched', `${instance(a)} in ${cast.groups[b]?.name ?? ''}`]
    case 'instance-state':
      return [lifecycleStates[b] ?? '', instance(a)]
    case 'container-instance':
      return [`container instance ${containerInstanceStates[b] ?? ''}`, record()]
    case 'agent':
      return [`agent ${b === 1 ? 'connected' : 'disconnected'}`, record()]
    case 'task-placed':
      return ['placed', `${taskText(cast, a)} on ${instance(b)}`]
    case 'task-last-status':
      return [`lastStatus ${taskStatuses[b] ?? ''}`, taskText(cast, a)]
    case 'task-desired-status':
      return [`desiredStatus ${b === 0 ? 'RUNNING' : 'STOPPED'}`, taskText(cast, a)]
    case 'task-healthy':
      return [b === 1 ? 'counts towards the floor' : 'no longer counts', taskText(cast, a)]
    case 'task-killed':
      return ['killed with its host', `${taskText(cast, a)}, in ${taskStatuses[b] ?? ''}`]
    case 'placement-failed':
      return ['placement failed', `${cast.services[a]?.name ?? ''}: ${placementFailures[b] ?? ''}`]
    case 'hook-started':
      return ['lifecycle action began', action()]
    case 'hook-heartbeat':
      return ['heartbeat', action()]
    case 'hook-ended':
      return [`lifecycle action ended: ${hookEndings[b] ?? ''}`, action()]
    case 'message-sent':
      return ['message sent', messageKinds[b] ?? '']
    case 'message-lost':
      return ['message lost', messageKinds[b] ?? '']
    case 'message-duplicated':
      return ['message duplicated', messageKinds[b] ?? '']
    case 'invocation-started':
      return ['function started', `number ${a}, ${b} records`]
    case 'invocation-ended':
      return [`function ${invocationEndings[b] ?? ''}`, `number ${a}`]
    case 'api-call':
      return ['API call', operations[a] ?? '']
    case 'api-failed':
      return ['API call failed', `${operations[a] ?? ''}: ${failureKinds[b] ?? ''}`]
    case 'store-conflict':
      return ['store conflict', instance(a)]
    case 'decision':
      return [`decided: ${cast.decisions[b] ?? ''}`, instance(a)]
    case 'fault':
      return ['fault injected', `${faultSites[a] ?? ''}, id ${b}`]
    case 'message-dead-lettered':
      return ['message came back too often', `${messageKinds[b] ?? ''}, to the dead-letter queue`]
    case 'host-died':
      return ['host died', instance(a)]
    case 'registered-again':
      return ['registered again', `${instance(a)}, as another container instance`]
    case 'task-orphaned':
      return ['forgotten by its agent', `${taskText(cast, a)}, in ${taskStatuses[b] ?? ''}`]
    case 'task-stopped-by-hand':
      return ['stopped by hand', taskText(cast, a)]
    case 'settled':
      return ['settled', 'nothing is left to happen']
    case 'stuck':
      return ['stopped', "the plan's time ran out first"]
  }
}
