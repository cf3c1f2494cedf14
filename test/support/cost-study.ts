// What drains cost, from simulated runs: the figures of docs/cost.md, and what test/cost.test.ts holds them to.
import {
  type ControllerName,
  completePlan,
  failureKinds,
  type Kind,
  kinds,
  messageKinds,
  type Plan,
  simulate,
  type Trace,
  taskStatuses,
} from '@ecs-drain/simulator'

/** What one run cost. Times in milliseconds. */
export interface Cost {
  readonly drains: number
  /** From DRAINING to the last task's STOPPED, and to the last task's being told to stop, of the first instance. */
  readonly toLastStopped: number
  readonly toLastToldToStop: number
  readonly invocations: number
  /** What Lambda would bill, without cold starts. */
  readonly billed: number
  readonly calls: number
  /** Of these, heartbeats, which grow with the time a drain takes. */
  readonly heartbeats: number
  /** Of these, what the sweep asks of Auto Scaling, once for all drains. */
  readonly sweepCalls: number
  readonly throttled: number
  /** From the last STOPPED on an instance to the completion of its lifecycle action; the worst and the median, in seconds. */
  readonly worstSeconds: number | null
  readonly medianSeconds: number | null
  /** How many "task STOPPED" events were sent. */
  readonly stoppedEvents: number
  readonly promisesBroken: ReadonlyArray<string>
}

const number = (kind: Kind): number => kinds.indexOf(kind)
const stopped = taskStatuses.indexOf('STOPPED')
const draining = 2

/** Runs a plan under a controller and adds up what it cost. */
export const costOf = (plan: Plan, controller: ControllerName): Cost => {
  const { trace, figures, promises } = simulate(plan, { controller, wire: 'direct', texts: false })
  const first = firstDrained(trace)
  const of = (operation: string): number => figures.apiCallsByOperation[operation] ?? 0
  return {
    drains: count(trace, 'hook-started'),
    toLastStopped: first === null ? 0 : lastOn(trace, first.instance, 'task-last-status', stopped) - first.at,
    toLastToldToStop: first === null ? 0 : lastOn(trace, first.instance, 'task-desired-status', 1) - first.at,
    invocations: figures.lambdaInvocations,
    billed: billedMs(trace),
    calls: figures.apiCalls,
    heartbeats: of('RecordLifecycleActionHeartbeat'),
    sweepCalls: of('DescribeAutoScalingGroups'),
    throttled: count(trace, 'api-failed', failureKinds.indexOf('Throttled')),
    worstSeconds: figures.secondsFromLastStoppedToCompletion,
    medianSeconds: figures.medianSecondsFromLastStoppedToCompletion,
    stoppedEvents: count(trace, 'message-sent', messageKinds.indexOf('task-stopped')),
    promisesBroken: promises.filter(({ held }) => !held).map(({ name }) => name.split(' ')[0] ?? name),
  }
}

const count = (trace: Trace, kind: Kind, b?: number): number => {
  let found = 0
  for (let i = 0; i < trace.length; i += 1) {
    if (trace.kind[i] === number(kind) && (b === undefined || trace.b[i] === b)) found += 1
  }
  return found
}

const firstDrained = (trace: Trace): { readonly instance: number; readonly at: number } | null => {
  for (let i = 0; i < trace.length; i += 1) {
    if (trace.kind[i] === number('container-instance') && trace.b[i] === draining) {
      return { instance: trace.a[i] ?? 0, at: trace.at[i] ?? 0 }
    }
  }
  return null
}

/** When a task of the instance was last seen to change like that. */
const lastOn = (trace: Trace, instance: number, kind: Kind, b: number): number => {
  const there = new Set<number>()
  let last = 0
  for (let i = 0; i < trace.length; i += 1) {
    if (trace.kind[i] === number('task-placed') && trace.b[i] === instance) there.add(trace.a[i] ?? -1)
    if (trace.kind[i] === number(kind) && trace.b[i] === b && there.has(trace.a[i] ?? -1)) last = trace.at[i] ?? 0
  }
  return last
}

const billedMs = (trace: Trace): number => {
  const startedAt = new Map<number, number>()
  let billed = 0
  for (let i = 0; i < trace.length; i += 1) {
    const [at = 0, run = 0] = [trace.at[i], trace.a[i]]
    if (trace.kind[i] === number('invocation-started')) startedAt.set(run, at)
    if (trace.kind[i] === number('invocation-ended')) billed += at - (startedAt.get(run) ?? at)
  }
  return billed
}

const hooks = [{ name: 'drain', heartbeatTimeoutSeconds: 900, defaultResult: 'CONTINUE' as const }]

/** One of two instances is terminated, when is told; it runs `tasks` tasks, which deregister from a load balancer for so long. */
export const oneDrain = (tasks: number, deregistrationDelaySeconds: number, atSeconds = 60): Plan =>
  completePlan({
    groups: [{ name: 'hosts', desired: 2, min: 1, max: 3, cpu: 100_000, memory: 100_000, hooks }],
    services: [
      {
        name: 'web',
        desired: 2 * tasks,
        cpu: 10,
        memory: 10,
        pullSeconds: 5,
        startSeconds: 2,
        exitSeconds: 5,
        loadBalancer: { deregistrationDelaySeconds, healthyAfterSeconds: 20 },
      },
    ],
    happenings: [{ atSeconds, do: 'terminate-instance', group: 'hosts', old: 0, decrementDesired: true }],
  })

/** As many as one service may have (AWS: ECS service quotas). */
const tasksMost = 5_000

/** So many instances of ten tasks each, all terminated in one batch. */
export const drainsAtOnce = (instances: number): Plan =>
  completePlan({
    groups: [{ name: 'hosts', desired: instances, min: instances, max: 2 * instances, cpu: 4096, memory: 7680, hooks }],
    services: Array.from({ length: Math.ceil((10 * instances) / tasksMost) }, (_, n) => ({
      name: `web-${n}`,
      desired: Math.min(10 * instances - n * tasksMost, tasksMost),
      cpu: 256,
      memory: 512,
    })),
    happenings: [{ atSeconds: 60, do: 'ami-update', group: 'hosts', batch: instances }],
    untilSeconds: 28_800,
  })

/** A deployment stops 20 tasks, and no instance drains. */
export const deploymentOnly = (): Plan =>
  completePlan({
    groups: [{ name: 'hosts', desired: 4, hooks }],
    services: [{ name: 'web', desired: 20, cpu: 64, memory: 64 }],
    happenings: [{ atSeconds: 60, do: 'deploy', service: 'web' }],
  })
