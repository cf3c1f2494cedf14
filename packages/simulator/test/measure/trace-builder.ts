/** Traces for tests, written as one says them. Entities get their numbers in the order they are named. */
import type { HookPlan, Plan, ServicePlan } from '../../src/plan/plan.ts'
import {
  type ContainerInstanceState,
  containerInstanceStates,
  failureKinds,
  hookEndings,
  type Kind,
  kinds,
  type LifecycleState,
  lifecycleStates,
  messageKinds,
  type Operation,
  operations,
  type TaskStatus,
  type Trace,
  taskStatuses,
} from '../../src/trace/trace.ts'

export const aHook = (changes: Partial<HookPlan> = {}): HookPlan => ({
  name: 'drain',
  heartbeatTimeoutSeconds: 900,
  defaultResult: 'CONTINUE',
  owner: 'controller',
  answersAfterSeconds: 0,
  notifies: 'sns-json',
  alsoEventBridge: false,
  notificationMetadata: null,
  ...changes,
})

export const aService = (changes: Partial<ServicePlan> = {}): ServicePlan => ({
  name: 'web',
  schedulingStrategy: 'REPLICA',
  desired: 4,
  minimumHealthyPercent: 100,
  maximumPercent: 200,
  cpu: 256,
  memory: 512,
  hostPort: null,
  loadBalancer: null,
  healthCheckSeconds: null,
  pullSeconds: 5,
  startSeconds: 2,
  exitSeconds: 5,
  stopTimeoutSeconds: 30,
  awsvpc: false,
  availabilityZoneRebalancing: 'DISABLED',
  ...changes,
})

export const aPlan = (changes: Partial<Plan> = {}): Plan => ({
  name: 'ami-update',
  teaches: 'What an AMI update does to a service.',
  seed: 1,
  start: '2026-01-01T00:00:00Z',
  untilSeconds: 3600,
  cluster: { name: 'main', region: 'eu-central-1', account: '111122223333' },
  groups: [
    {
      name: 'workers',
      desired: 2,
      min: 0,
      max: 4,
      availabilityZones: 2,
      cpu: 2048,
      memory: 4096,
      registers: true,
      hooks: [aHook()],
      terminateHookAbandon: 'terminate',
      reuseOnScaleIn: false,
      launchable: 1000,
    },
  ],
  services: [aService()],
  standaloneTasks: [],
  happenings: [{ atSeconds: 10, do: 'ami-update', group: 'workers', batch: 2 }],
  parameters: {},
  faults: { perMille: {}, untilSeconds: 0, only: null, lose: [] },
  controller: { sweepEverySeconds: 60, pollEverySeconds: 15, policy: {} },
  ...changes,
})

/** Records are written in the order of their times, whatever the order of the calls. */
export const traceOf = (plan: Plan = aPlan()) => {
  const records: Array<{ at: number; kind: number; a: number; b: number; text: string | undefined }> = []
  const services = plan.services.map((service) => ({
    name: service.name,
    strategy: service.schedulingStrategy,
    desired: service.schedulingStrategy === 'DAEMON' ? 0 : service.desired,
    floor:
      service.schedulingStrategy === 'DAEMON' ? 0 : Math.ceil((service.desired * service.minimumHealthyPercent) / 100),
  }))
  const instances: Array<{ id: string; group: number; old: boolean; host?: number }> = []
  const tasks: Array<{ id: string; service: number }> = []
  const actions: Array<{ instance: number; hook: string; ours: boolean }> = []
  const decisions: string[] = []

  const write = (seconds: number, kind: Kind, a: number, b: number, text?: string): void => {
    records.push({ at: Math.round(seconds * 1000), kind: kinds.indexOf(kind), a, b, text })
  }

  const builder = {
    write,
    instance: (at: number, old = true, state: LifecycleState = 'InService', group = 0): number => {
      instances.push({ id: `i-0${String(instances.length).padStart(16, 'a')}`, group, old })
      const number = instances.length - 1
      write(at, 'instance-launched', number, group)
      builder.lifecycle(at, number, state)
      if (state === 'InService') builder.containerInstance(at, number, 'ACTIVE')
      return number
    },
    /** As another container instance, whose number it gives; tasks are placed on hosts. */
    registerAgain: (at: number, host: number): number => {
      instances.push({ id: instances[host]?.id ?? '', group: 0, old: true, host })
      const record = instances.length - 1
      write(at, 'registered-again', host, record)
      builder.containerInstance(at, record, 'ACTIVE')
      return record
    },
    lifecycle: (at: number, instance: number, state: LifecycleState) =>
      write(at, 'instance-state', instance, lifecycleStates.indexOf(state)),
    containerInstance: (at: number, instance: number, state: ContainerInstanceState) =>
      write(at, 'container-instance', instance, containerInstanceStates.indexOf(state)),
    /** Placed; RUNNING and healthy at once unless told otherwise. */
    task: (
      at: number,
      instance: number,
      options: {
        readonly service?: number
        readonly runningAt?: number | null
        readonly healthyAt?: number | null
      } = {},
    ): number => {
      const { service = 0, runningAt = at, healthyAt = runningAt } = options
      tasks.push({ id: `${String(tasks.length).padStart(6, '0')}task`, service })
      const number = tasks.length - 1
      write(at, 'task-placed', number, instance)
      write(at, 'task-last-status', number, taskStatuses.indexOf('PENDING'))
      if (runningAt !== null) builder.status(runningAt, number, 'RUNNING')
      if (healthyAt !== null) builder.healthy(healthyAt, number, true)
      return number
    },
    status: (at: number, task: number, status: TaskStatus) =>
      write(at, 'task-last-status', task, taskStatuses.indexOf(status)),
    healthy: (at: number, task: number, healthy: boolean) => write(at, 'task-healthy', task, healthy ? 1 : 0),
    /** Out of the floor's count, STOPPING, and STOPPED. */
    stop: (at: number, task: number, stoppedAt: number) => {
      builder.healthy(at, task, false)
      write(at, 'task-desired-status', task, 1)
      builder.status(at, task, 'STOPPING')
      builder.status(stoppedAt, task, 'STOPPED')
    },
    kill: (at: number, task: number, status: TaskStatus = 'RUNNING') =>
      write(at, 'task-killed', task, taskStatuses.indexOf(status)),
    action: (at: number, instance: number, ours = true, hook = 'drain'): number => {
      actions.push({ instance, hook, ours })
      builder.lifecycle(at, instance, 'Terminating:Wait')
      write(at, 'hook-started', actions.length - 1, instance)
      return actions.length - 1
    },
    heartbeat: (at: number, action: number) => write(at, 'hook-heartbeat', action, 0),
    end: (at: number, action: number, ending: (typeof hookEndings)[number] = 'CONTINUE') =>
      write(at, 'hook-ended', action, hookEndings.indexOf(ending)),
    decide: (at: number, instance: number, name: string, text?: string) => {
      if (!decisions.includes(name)) decisions.push(name)
      write(at, 'decision', instance, decisions.indexOf(name), text)
    },
    happening: (at: number, index = 0, finished = false) => write(at, 'happening', index, finished ? 1 : 0),
    call: (at: number, operation: Operation) => write(at, 'api-call', operations.indexOf(operation), 0),
    callFails: (at: number, operation: Operation, failure: (typeof failureKinds)[number] = 'Throttled') =>
      write(at, 'api-failed', operations.indexOf(operation), failureKinds.indexOf(failure)),
    loses: (at: number, message: (typeof messageKinds)[number]) =>
      write(at, 'message-lost', 0, messageKinds.indexOf(message)),
    trace: (): Trace => {
      const sorted = records.map((record, index) => ({ record, index }))
      sorted.sort((x, y) => x.record.at - y.record.at || x.index - y.index)
      const texts = new Map<number, string>()
      sorted.forEach(({ record }, position) => {
        if (record.text !== undefined) texts.set(position, record.text)
      })
      return {
        length: sorted.length,
        at: Int32Array.from(sorted, ({ record }) => record.at),
        kind: Uint8Array.from(sorted, ({ record }) => record.kind),
        a: Int32Array.from(sorted, ({ record }) => record.a),
        b: Int32Array.from(sorted, ({ record }) => record.b),
        cast: {
          startMs: Date.parse(plan.start),
          services,
          groups: plan.groups.map(({ name }) => ({ name })),
          instances,
          tasks,
          actions,
          decisions,
        },
        texts,
        hash: '0123456789abcdef',
      }
    },
  }
  return builder
}

/** The founding story, by hand: two old hosts with two tasks each, replaced under `how`. */
export const amiUpdateStory = (how: 'none' | 'early' | 'drained', plan: Plan = aPlan()): Trace => {
  const world = traceOf(plan)
  const old = [world.instance(0), world.instance(0)]
  const oldTasks = old.flatMap((instance) => [world.task(0, instance), world.task(0, instance)])
  world.happening(10)
  const fresh = [12, 14].map((at) => world.instance(at, false, 'Pending'))
  fresh.forEach((instance, index) => {
    world.lifecycle(52 + 3 * index, instance, 'InService')
    world.containerInstance(80 + 4 * index, instance, 'ACTIVE')
  })
  const replace = (at: number): number[] =>
    [0, 1, 2, 3].map((index) =>
      world.task(at + index * 0.4, fresh[index % 2] ?? 0, { runningAt: at + 9 + index, healthyAt: at + 49 + index }),
    )
  old.forEach((instance, index) => {
    const at = 90 + index * 1.5
    const own = oldTasks.slice(2 * index, 2 * index + 2)
    if (how === 'none') {
      world.lifecycle(at, instance, 'Terminating')
      world.lifecycle(at + 8, instance, 'Terminated')
      for (const task of own) {
        world.kill(at + 8, task)
        world.status(at + 66, task, 'STOPPED')
      }
      return
    }
    const action = world.action(at, instance)
    world.write(at + 0.5, 'invocation-started', index, 1)
    world.decide(at + 0.6, instance, 'DrainRequested', '{"type":"DrainRequested"}')
    world.call(at + 0.7, 'ListContainerInstances')
    world.call(at + 0.9, 'UpdateContainerInstancesState')
    world.containerInstance(at + 1, instance, 'DRAINING')
    world.decide(at + 1.1, instance, 'ContainerInstanceDraining')
    world.write(at + 1.2, 'invocation-ended', index, 0)
    if (how === 'drained') world.decide(at + 30, instance, 'LifecycleActionHeartbeatRecorded')
    const stoppingAt = at + 58
    const stoppedAt = stoppingAt + 35
    for (const [position, task] of own.entries()) {
      world.healthy(stoppingAt, task, false)
      world.write(stoppingAt, 'task-desired-status', task, 1)
      world.status(stoppingAt, task, 'DEACTIVATING')
      if (how === 'drained') {
        world.status(stoppingAt + 20, task, 'STOPPING')
        world.status(stoppedAt + position, task, 'STOPPED')
      } else {
        world.kill(stoppingAt + 12, task, 'DEACTIVATING')
        world.status(stoppingAt + 70, task, 'STOPPED')
      }
    }
    const letGoAt = how === 'drained' ? stoppedAt + 2.5 : stoppingAt + 1
    world.decide(letGoAt - 0.1, instance, 'CompletionDecided', '{"result":"CONTINUE"}')
    world.call(letGoAt, 'CompleteLifecycleAction')
    world.end(letGoAt, action)
    world.lifecycle(letGoAt, instance, 'Terminating:Proceed')
    world.lifecycle(letGoAt + 10, instance, 'Terminated')
    world.decide(letGoAt + 0.1, instance, 'LifecycleActionCompleted')
  })
  replace(how === 'none' ? 160 : 94)
  world.happening(230, 0, true)
  world.write(235, 'settled', 0, 0)
  return world.trace()
}
