/**
 * The simulated world: ECS, EC2 Auto Scaling, the bus and the controller's function. Its parts react to each other only
 * through the calendar. Pure: equal plans give equal traces, on any machine.
 */
import type { Controller } from '../controller/controller.ts'
import type { Plan } from '../plan/plan.ts'
import type { Cast, Trace, TraceObserver } from '../trace/trace.ts'
import { kindNumber } from '../trace/trace-writer.ts'
import { createApi, type Serve } from './api.ts'
import { type AutoScaling, createAutoScaling } from './auto-scaling.ts'
import { createBus } from './bus.ts'
import { ACTIVE, DRAINING, Lifecycle, NONE } from './codes.ts'
import { type ContainerInstances, createContainerInstances } from './container-instances.ts'
import { type Core, createCore } from './core.ts'
import { createCast, createDirectory } from './directory.ts'
import { createDispatch } from './dispatch.ts'
import { createEventStore } from './event-store.ts'
import { createFunctions } from './functions.ts'
import { createGroups, createServices } from './furnish.ts'
import { createHappenings, type Happenings } from './happenings.ts'
import { createLifecycleActions } from './lifecycle-actions.ts'
import { firstOfController, firstThatCounts } from './occurrences.ts'
import type { Parts } from './parts.ts'
import { createPlacement } from './placement.ts'
import type { InstanceRecord } from './records.ts'
import { createServe } from './serve.ts'
import { createServeAutoScaling } from './serve-auto-scaling.ts'
import { createServeEcs } from './serve-ecs.ts'
import { createServiceScheduler } from './service-scheduler.ts'
import { createStandaloneTasks } from './standalone-tasks.ts'
import { createTasks, type Tasks } from './tasks.ts'

export interface WorldOptions {
  readonly observers?: ReadonlyArray<TraceObserver>
  /** False: the longer accounts of decisions are not kept. */
  readonly texts?: boolean
}

export interface World {
  /** Grows while the run goes on. */
  readonly cast: Cast
  /** Occurrences taken from the calendar so far. */
  readonly occurrences: () => number
  observe(observer: TraceObserver): void
  /** Runs to the end. A world runs once. */
  run(): Trace
}

const SETTLED = kindNumber('settled')
const STUCK = kindNumber('stuck')

/** A world at second zero. The controller may have been told about the plan, never about the world. */
export const createWorld = (plan: Plan, controller: Controller, options: WorldOptions = {}): World => {
  const core = createCore(plan, options.texts !== false)
  const { clock, calendar, waiting, writer } = core
  for (const observer of options.observers ?? []) writer.observe(observer)
  createGroups(core, controller.subscribes.length > 0)
  createServices(core)
  let lastChange = 0
  const { cast, parts, known } = connect(core, controller)
  const dispatch = createDispatch(parts)
  const isUntidy = createUntidiness(parts, known)
  const quietMs = quietTime(core, controller)
  const untilMs = Math.round(plan.untilSeconds * 1000)
  let occurrences = 0

  /** Nothing is left to happen: what waits is background, or has been in vain for long enough. */
  const isSettled = (): boolean => {
    if (parts.actions.openCount() > 0 || parts.happenings.unfinished() > 0) return false
    return !isUntidy() || clock.now - lastChange >= quietMs
  }

  const run = (): Trace => {
    begin(parts, known)
    let end = SETTLED
    while (calendar.take()) {
      if (calendar.at() > untilMs) {
        clock.now = untilMs
        end = STUCK
        break
      }
      clock.now = calendar.at()
      const kind = calendar.kind()
      if (kind >= firstThatCounts) {
        waiting.count -= 1
        if (kind < firstOfController) lastChange = clock.now
      }
      occurrences += 1
      dispatch(kind, calendar.a(), calendar.b())
      if (waiting.count === 0 && isSettled()) break
    }
    core.tell(end, 0, 0)
    return writer.trace(cast)
  }

  return { cast, occurrences: () => occurrences, observe: writer.observe, run }
}

/** Makes the parts and tells each whom its changes concern. */
const connect = (core: Core, controller: Controller) => {
  const directory = createDirectory(core)
  const decisions: string[] = []
  const crew = createCast(core, directory, decisions)
  const bus = createBus(core, controller.subscribes)
  const placement = createPlacement()
  const agentAway = core.settings.time('agent.away')

  const tasks: Tasks = createTasks(core, {
    created: ({ number, service }) => crew.addTask(number, service === null ? NONE : service.number),
    changed: ({ service }) => {
      if (service !== null) scheduler.kick(service)
    },
    stopped: (task) => {
      bus.taskStopped(task)
      if (task.service !== null) scheduler.kick(task.service)
      // Its room is room for every service.
      scheduler.kickMissing()
      if (task.instance.containerInstance === DRAINING) scheduler.kickDaemons()
    },
    appearedOnDraining: (instance) => containerInstances.appearedOnDraining(instance),
    agentLost: (instance, key) => containerInstances.disconnect(instance, agentAway.draw(instance.number, key)),
  })
  const scheduler = createServiceScheduler(core, tasks, placement)

  const containerInstances: ContainerInstances = createContainerInstances(core, tasks, {
    capacityChanged: () => {
      scheduler.kickAll()
    },
    emitted: bus.containerInstance,
    registered: (instance) => {
      placement.add(instance)
      happenings.look(instance.group)
    },
  })

  const autoScaling: AutoScaling = createAutoScaling(core, {
    holds: (instance) => actions.hold(instance),
    launched: ({ number, group, old }) => crew.addInstance(number, group.number, old),
    inService: (instance) => {
      containerInstances.hostUp(instance)
      if (instance.life > 0) bus.launch(instance)
    },
    hostGone: containerInstances.hostGone,
    changed: (instance) => {
      happenings.look(instance.group)
    },
    endActions: (instance) => actions.hostDied(instance),
  })

  const actions = createLifecycleActions(core, {
    created: ({ instance, hook }) => crew.addAction(instance.number, hook.plan.name, hook.ours),
    started: (action) => {
      const { hook } = action
      if (hook.ours) bus.termination(action, false)
      if (hook.plan.alsoEventBridge) bus.termination(action, true)
    },
    through: autoScaling.proceed,
    retained: autoScaling.retain,
  })

  const happenings: Happenings = createHappenings(core, { autoScaling, actions, containerInstances, scheduler })
  const serve: Serve = createServe(
    core,
    directory,
    createServeEcs(core, directory, tasks, containerInstances),
    createServeAutoScaling(core, directory, actions),
    createEventStore(),
    bus,
  )
  const api = createApi(core, serve)
  const functions = createFunctions(core, controller, directory, decisions, api.send)
  const standalone = createStandaloneTasks(core, tasks, placement)
  const parts: Parts = {
    core,
    tasks,
    scheduler,
    standalone,
    containerInstances,
    autoScaling,
    actions,
    happenings,
    bus,
    functions,
    api,
  }
  return { cast: crew.cast, parts, known: placement }
}

const begin = (parts: Parts, known: { add(instance: InstanceRecord): void }): void => {
  const { core, autoScaling, containerInstances, scheduler } = parts
  for (const group of core.groups) {
    for (let position = 0; position < group.plan.desired; position += 1) {
      const instance = autoScaling.present(group, position)
      if (!group.plan.registers) continue
      containerInstances.present(instance)
      known.add(instance)
    }
  }
  // Daemons are the first on every instance.
  for (const service of core.services) if (service.daemon) scheduler.begin(service)
  for (const service of core.services) if (!service.daemon) scheduler.begin(service)
  parts.standalone.schedule()
  parts.happenings.schedule()
  parts.bus.scheduleSweep()
}

/** Something is not as it should be, and a retry or a sweep may still mend it. */
const createUntidiness = ({ core, scheduler }: Parts, { known }: { readonly known: ReadonlyArray<InstanceRecord> }) => {
  const isBackButDraining = ({ state, leaving, life, containerInstance }: InstanceRecord): boolean =>
    life > 0 && state === Lifecycle.inService && !leaving && containerInstance !== ACTIVE
  return (): boolean => {
    for (const service of core.services) if (!scheduler.isSteady(service)) return true
    return known.some(isBackButDraining)
  }
}

/** Nobody waits longer than this for what retries alone can mend. */
const patienceMs = 300_000

/** After so long without a change some retries and two sweeps have been in vain. */
const quietTime = ({ plan }: Core, { subscribes }: Controller): number => {
  const sweeps = subscribes.includes('sweep') ? 2 * Math.round(plan.controller.sweepEverySeconds * 1000) : 0
  return Math.max(patienceMs, sweeps + 60_000)
}
