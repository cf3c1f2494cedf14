/** A trace as JSON lines, with names in the place of numbers. */
import type { Plan } from '../plan/plan.ts'
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
} from './trace.ts'

/** Names that stand first on each line: which run this is. */
export interface TraceLabel {
  readonly controller: string
  readonly variant?: string
}

/** One line for each record, with its line break. */
export function* traceLines(trace: Trace, plan: Plan, label: TraceLabel): Iterable<string> {
  for (let i = 0; i < trace.length; i++) {
    const kind = kinds[trace.kind[i] ?? 0] ?? 'settled'
    const text = trace.texts.get(i)
    const record = {
      ...label,
      seconds: (trace.at[i] ?? 0) / 1000,
      kind,
      ...named(kind, trace.a[i] ?? 0, trace.b[i] ?? 0, trace, plan),
      ...(text === undefined ? {} : { text }),
    }
    yield `${JSON.stringify(record)}\n`
  }
}

const named = (kind: Kind, a: number, b: number, { cast }: Trace, plan: Plan): Readonly<Record<string, unknown>> => {
  const instance = (number: number) => cast.instances[number]?.id ?? number
  const furtherRecord = (number: number) =>
    cast.instances[number]?.host === undefined ? {} : { containerInstance: number }
  const task = (number: number) => {
    const known = cast.tasks[number]
    const service = cast.services[known?.service ?? -1]?.name ?? null
    return { task: known?.id ?? number, service }
  }
  const action = (number: number) => {
    const known = cast.actions[number]
    return {
      action: number,
      hook: known?.hook ?? null,
      instance: instance(known?.instance ?? -1),
      ours: known?.ours ?? false,
    }
  }
  const group = (number: number) => cast.groups[number]?.name ?? number
  switch (kind) {
    case 'happening':
      return { happening: plan.happenings[a]?.do ?? a, number: a, phase: b === 0 ? 'began' : 'finished' }
    case 'instance-launched':
      return { instance: instance(a), group: group(b) }
    case 'instance-state':
      return { instance: instance(a), lifecycleState: lifecycleStates[b] }
    case 'container-instance':
      return { instance: instance(a), ...furtherRecord(a), status: containerInstanceStates[b] }
    case 'agent':
      return { instance: instance(a), ...furtherRecord(a), connected: b === 1 }
    case 'task-placed':
      return { ...task(a), instance: instance(b) }
    case 'task-last-status':
      return { ...task(a), lastStatus: taskStatuses[b] }
    case 'task-desired-status':
      return { ...task(a), desiredStatus: b === 1 ? 'STOPPED' : 'RUNNING' }
    case 'task-healthy':
      return { ...task(a), healthy: b === 1 }
    case 'task-killed':
      return { ...task(a), lastStatus: taskStatuses[b] }
    case 'placement-failed':
      return { service: cast.services[a]?.name ?? null, reason: placementFailures[b] }
    case 'hook-started':
      return action(a)
    case 'hook-heartbeat':
      return { ...action(a), invocation: b }
    case 'hook-ended':
      return { ...action(a), ending: hookEndings[b] }
    case 'message-sent':
    case 'message-lost':
    case 'message-duplicated':
    case 'message-dead-lettered':
      return { message: a, of: messageKinds[b] }
    case 'invocation-started':
      return { invocation: a, records: b }
    case 'invocation-ended':
      return { invocation: a, ended: invocationEndings[b] }
    case 'api-call':
      return { operation: operations[a], invocation: b }
    case 'api-failed':
      return { operation: operations[a], failure: failureKinds[b] }
    case 'store-conflict':
      return { instance: instance(a), invocation: b }
    case 'decision':
      return { instance: instance(a), decision: cast.decisions[b] }
    case 'fault':
      return { site: faultSites[a], id: b }
    case 'host-died':
      return { instance: instance(a) }
    case 'registered-again':
      return { instance: instance(a), containerInstance: b }
    case 'task-orphaned':
      return { ...task(a), lastStatus: taskStatuses[b] }
    case 'task-stopped-by-hand':
      return task(a)
    case 'settled':
    case 'stuck':
      return {}
  }
}
