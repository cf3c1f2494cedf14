/**
 * The simulated world: ECS and EC2 Auto Scaling as their documentation says they behave, driven by one queue of
 * occurrences. Nothing in it reads a clock or throws real dice; nothing reacts without a delay from the plan.
 */
import type { Ec2InstanceId } from '@ecs-drain/core'
import type { Controller } from '../controller/controller.ts'
import { createCalendarQueue, timeMax } from '../kernel/calendar-queue.ts'
import { createDraws } from '../kernel/draws.ts'
import { faultsEndMs } from '../plan/faults-end.ts'
import type { Plan } from '../plan/plan.ts'
import { startMsOf } from '../plan/start.ts'
import { ABSENT, ACTIVE, AGENT, CONTAINER_INSTANCE, SETTLED, STUCK } from '../trace/kind-numbers.ts'
import { type Cast, faultSites, messageKinds, type Trace, type TraceObserver } from '../trace/trace.ts'
import { createTraceWriter } from '../trace/trace-writer.ts'
import { groupReacts, instanceBooted, launch } from './auto-scaling/groups.ts'
import {
  foreignHookAnswers,
  foundUnhealthy,
  hookTimesOut,
  hostDiesByFault,
  hostStops,
  warmPoolStops,
} from './auto-scaling/lifecycle.ts'
import { sendSweep } from './bus.ts'
import { takes } from './ecs/candidates.ts'
import { agentGoes, agentReconnects, deathNoticed, recordGivenUp, register } from './ecs/container-instances.ts'
import { moveBegins } from './ecs/rebalancing.ts'
import { schedulerPass } from './ecs/scheduler.ts'
import { schedulePass } from './ecs/scheduler-wake.ts'
import { createServices, createStandalone } from './ecs/services.ts'
import { standaloneStarts } from './ecs/standalone-tasks.ts'
import { pendingTaskStops, placeTask, taskAdvances, taskExits, taskLands, taskTurnsHealthy } from './ecs/tasks.ts'
import { happeningBegins, happeningStep, isQuiet, yetToBegin } from './happenings.ts'
import { callArrives } from './lambda/calls.ts'
import { openDrains } from './lambda/event-store.ts'
import { functionStarts, functionTimesOut, messageArrives, pumpQueue } from './lambda/functions.ts'
import { createDirectory } from './names.ts'
import {
  AGENT_GOES,
  AGENT_RECONNECTS,
  CALL_ARRIVES,
  DEATH_NOTICED,
  FOREIGN_HOOK_ANSWERS,
  FOUND_UNHEALTHY,
  FUNCTION_STARTS,
  FUNCTION_TIMES_OUT,
  GROUP_REACTS,
  HAPPENING_BEGINS,
  HAPPENING_STEP,
  HOOK_TIMES_OUT,
  HOST_DIES,
  HOST_STOPS,
  INSTANCE_BOOTED,
  INSTANCE_REGISTERS,
  MESSAGE_ARRIVES,
  PENDING_TASK_STOPS,
  PROTECTION_EXPIRES,
  QUEUE_IS_PUMPED,
  REBALANCES,
  RECORD_GIVEN_UP,
  SCHEDULER_PASS,
  STANDALONE_STARTS,
  STARTS_AGAIN,
  SWEEP,
  TASK_ADVANCES,
  TASK_EXITS,
  TASK_LANDS,
  TASK_TURNS_HEALTHY,
  WARM_POOL_STOPS,
} from './occurrences.ts'
import { settingsOf } from './parameters.ts'
import type {
  Action,
  FaultObserver,
  Group,
  GrowingCast,
  Instance,
  Outlet,
  Run,
  Service,
  Standalone,
  Task,
  World,
} from './state.ts'
import { bucketRefills, bucketSizes } from './throttling.ts'

/** How a world runs. */
export interface WorldOptions {
  /** Keep the longer accounts of decisions; off where only figures are wanted. */
  readonly texts?: boolean
  /** Hears of each fault as it strikes, after its record. */
  readonly struck?: FaultObserver
  /** Where messages go instead of to functions that the controller handles them in. */
  readonly outlet?: Outlet
}

/** A world whose time is moved from outside. It begins at second zero and has no end but that of virtual time. */
export interface DrivenWorld {
  readonly world: World
  /** Lets everything happen that is due by then, that included, and makes it the present. The past is left alone. */
  readonly advanceTo: (ms: number) => void
  /** When the next thing happens; null: never. */
  readonly nextAt: () => number | null
  /** Nothing is under way, and nothing has changed for a whole period of the sweep. */
  readonly isSettled: () => boolean
}

/** A world that is about to run. */
export interface SimulatedWorld {
  /** What the trace's integers stand for. It grows while the run goes on. */
  readonly cast: Cast
  /** Sees every record from second zero on. */
  observe(observer: TraceObserver): void
  /** Runs to the end: settled, or stuck when the plan's time is over. Once only: asked again it throws. */
  run(): Trace
  /** The instances of whose drain the event store does not hold the end, as core reads it. */
  openDrains(): ReadonlyArray<Ec2InstanceId>
  /** How many occurrences there have been. */
  occurrences(): number
  /** How many are waiting for their time; 0 when the run is over. */
  waiting(): number
}

/** A world at second zero, under a controller. Equal plans and controllers give equal traces. */
export const createWorld = (plan: Plan, controller: Controller, options: WorldOptions = {}): SimulatedWorld => {
  const world = emptyWorld(plan, controller, options)
  const { cast } = world
  let occurrences = 0
  let hasRun = false
  return {
    cast,
    observe: world.trace.observe,
    occurrences: () => occurrences,
    waiting: () => world.queue.length(),
    openDrains: () => openDrains(world),
    run: () => {
      // Its memory is another run's by then.
      if (hasRun) throw new Error('this world has run to its end: another run takes another world')
      hasRun = true
      secondZero(world)
      const until = Math.min(plan.untilSeconds * 1000, timeMax)
      const { queue } = world
      while (queue.take()) {
        if (queue.time() > until) break
        world.now = queue.time()
        occurrences += 1
        if (queue.kind() === SWEEP && isSettled(world)) return finish(world, SETTLED)
        occur(world, queue.kind(), queue.subject())
      }
      // What lasts then has lasted until then, whenever anything last happened.
      world.now = until
      return finish(world, STUCK)
    },
  }
}

const finish = ({ trace: writer, queue, draws, now, cast }: World, how: number): Trace => {
  writer.write(now, how, 0, 0)
  const trace = writer.finish(cast)
  writer.release()
  queue.release()
  draws.release()
  return trace
}

/** The same world, driven: for whoever has a clock, or a caller that says how time goes. */
export const driveWorld = (plan: Plan, controller: Controller, options: WorldOptions = {}): DrivenWorld => {
  const world = emptyWorld(plan, controller, options)
  const { queue } = world
  secondZero(world)
  const advanceTo = (ms: number): void => {
    for (let at = queue.nextTime(); at !== -1 && at <= ms; at = queue.nextTime()) {
      queue.take()
      world.now = at
      occur(world, queue.kind(), queue.subject())
    }
    world.now = Math.max(world.now, Math.min(ms, timeMax))
  }
  return {
    world,
    advanceTo,
    nextAt: () => {
      const at = queue.nextTime()
      return at === -1 ? null : at
    },
    isSettled: () => isSettled(world),
  }
}

const occur = (world: World, kind: number, subject: number): void => {
  switch (kind) {
    case CALL_ARRIVES:
      return callArrives(world, subject)
    case TASK_ADVANCES:
      return taskAdvances(world, subject)
    case MESSAGE_ARRIVES:
      return messageArrives(world, subject)
    case QUEUE_IS_PUMPED:
      return pumpQueue(world)
    case FUNCTION_STARTS:
      return functionStarts(world, world.runs[subject] as Run)
    case FUNCTION_TIMES_OUT:
      return functionTimesOut(world, world.runs[subject] as Run)
    case SCHEDULER_PASS:
      return passBegins(world, world.services[subject] as Service)
    case STARTS_AGAIN:
      return schedulerPass(world, world.services[subject] as Service)
    case TASK_LANDS:
      return taskLands(world, world.tasks[subject] as Task)
    case TASK_TURNS_HEALTHY:
      return taskTurnsHealthy(world, world.tasks[subject] as Task)
    case TASK_EXITS:
      return taskExits(world, world.tasks[subject] as Task)
    case HAPPENING_BEGINS:
      return happeningBegins(world, subject)
    case HAPPENING_STEP:
      return happeningStep(world, subject)
    case INSTANCE_BOOTED:
      return instanceBooted(world, world.instances[subject] as Instance)
    case INSTANCE_REGISTERS:
      return register(world, world.instances[subject] as Instance)
    case GROUP_REACTS:
      return groupReacts(world, world.groups[subject] as Group)
    case HOOK_TIMES_OUT:
      return hookTimesOut(world, world.actions[subject] as Action)
    case FOREIGN_HOOK_ANSWERS:
      return foreignHookAnswers(world, world.actions[subject] as Action)
    case FOUND_UNHEALTHY:
      return foundUnhealthy(world, world.instances[subject] as Instance)
    case HOST_STOPS:
      return hostStops(world, world.instances[subject] as Instance)
    case DEATH_NOTICED:
      return deathNoticed(world, world.instances[subject] as Instance)
    case RECORD_GIVEN_UP:
      return recordGivenUp(world, world.instances[subject] as Instance)
    case AGENT_RECONNECTS:
      return agentReconnects(world, subject)
    case WARM_POOL_STOPS:
      return warmPoolStops(world, world.instances[subject] as Instance)
    case PENDING_TASK_STOPS:
      return pendingTaskStops(world, world.tasks[subject] as Task)
    case AGENT_GOES:
      return agentGoes(world, world.instances[subject] as Instance)
    case REBALANCES:
      return moveBegins(world, world.services[subject] as Service)
    case PROTECTION_EXPIRES:
      return schedulePass(world, world.services[subject] as Service)
    case HOST_DIES:
      return hostDiesByFault(world, world.instances[subject] as Instance)
    case STANDALONE_STARTS:
      return standaloneStarts(world, world.standalones[subject] as Standalone)
    case SWEEP:
      return sweepBegins(world)
  }
}

const passBegins = (world: World, service: Service): void => {
  service.passScheduled = false
  schedulerPass(world, service)
}

/** The schedule's tick, before which the world may be found at rest. */
const sweepBegins = (world: World): void => {
  sendSweep(world)
  world.queue.schedule(world.now + sweepMs(world), SWEEP, 0)
}

const sweepMs = (world: World): number => world.plan.controller.sweepEverySeconds * 1000

/** Everything has come to rest, and a whole sweep has seen it so. */
const isSettled = (world: World): boolean =>
  world.unfinishedHappenings === 0 &&
  world.recordsLeftBehind === 0 &&
  world.now - world.lastChange > sweepMs(world) &&
  world.now >= world.faultsUntil &&
  world.messagesUnderWay === 0 &&
  world.runsUnderWay === 0 &&
  world.actions.every(({ open }) => !open) &&
  world.groups.every(isQuiet) &&
  world.services.every(
    ({ steady, passScheduled, wanted, healthy }) => steady && !passScheduled && healthy === wanted,
  ) &&
  world.groups.every((group) =>
    group.records.every((instance) => instance.tasks.every((task) => task.landed && !task.desiredStopped)),
  )

/** All instances InService and registered, all services at their desired count, healthy for long. */
const secondZero = (world: World): void => {
  for (const group of world.groups) {
    for (let launched = 0; launched < group.plan.desired; launched += 1) {
      const instance = launch(world, group, true)
      if (!group.plan.registers) continue
      instance.status = ACTIVE
      instance.agentConnected = true
      world.trace.write(0, CONTAINER_INSTANCE, instance.number, ACTIVE)
      world.trace.write(0, AGENT, instance.number, 1)
    }
  }
  for (const service of world.services) placeInitially(world, service)
  world.plan.standaloneTasks.forEach(({ startsAtSeconds }, index) => {
    world.queue.schedule(Math.round(startsAtSeconds * 1000), STANDALONE_STARTS, index)
  })
  world.plan.happenings.forEach(({ atSeconds }, index) => {
    world.queue.schedule(Math.round(atSeconds * 1000), HAPPENING_BEGINS, index)
  })
  // Schedules are not aligned with anything; where in its period the first sweep falls is chance.
  world.queue.schedule(world.draws.between(0, 0, 1, sweepMs(world)), SWEEP, 0)
}

/** Evenly, as a service that was deployed to all of them stands: each task on the next instance that has room. */
const placeInitially = (world: World, service: Service): void => {
  const everywhere = world.groups.flatMap(({ instances }) => instances).filter(({ status }) => status !== ABSENT)
  if (service.plan.schedulingStrategy === 'DAEMON') {
    for (const instance of everywhere) if (takes(instance, service)) placeTask(world, instance, service, null, true)
    return
  }
  let position = world.tasks.length
  for (let placed = 0; placed < service.desired; placed += 1) {
    let tried = 0
    for (; tried < everywhere.length; tried += 1, position += 1) {
      const instance = everywhere[position % everywhere.length] as Instance
      if (!takes(instance, service)) continue
      placeTask(world, instance, service, null, true)
      position += 1
      break
    }
    // Full everywhere: the scheduler will find out in the run.
    if (tried === everywhere.length) return
  }
}

const emptyWorld = (
  plan: Plan,
  controller: Controller,
  { texts = true, struck = () => {}, outlet }: WorldOptions,
): World => {
  const settings = settingsOf(plan)
  const startMs = startMsOf(plan)
  const services = createServices(plan.services)
  const instances: Array<Instance> = []
  const tasks: Array<Task> = []
  const actions: Array<Action> = []
  return {
    plan,
    controller,
    settings,
    startMs,
    queue: createCalendarQueue(),
    draws: createDraws(plan.seed, 2 * tasksOf(plan)),
    trace: createTraceWriter(2_048 + 20 * tasksOf(plan)),
    cast: castOf(startMs, plan, services),
    directory: createDirectory({ plan, startMs, instances, tasks, actions }),
    now: 0,
    groups: plan.groups.map(
      (group, number): Group => ({
        number,
        plan: group,
        hooks: group.hooks.map((hook) => ({ plan: hook, deleted: false })),
        instances: [],
        records: [],
        desired: group.desired,
        min: group.min,
        launched: 0,
        reacting: false,
      }),
    ),
    services,
    standalones: plan.standaloneTasks.map(createStandalone),
    instances,
    tasks,
    actions,
    changed: [],
    lastChange: 0,
    unfinishedHappenings: plan.happenings.length,
    recordsLeftBehind: 0,
    policyChange: -1,
    happenings: plan.happenings.map(yetToBegin),
    messages: [],
    messagesSent: 0,
    messagesUnderWay: 0,
    inbox: [],
    sentByKind: new Int32Array(messageKinds.length),
    callsByType: new Map(),
    pumpAt: -1,
    isHeldUp: false,
    runs: [],
    runsUnderWay: 0,
    calls: [],
    freeCalls: [],
    subscribed: new Set(controller.subscribes),
    bucketSize: bucketSizes(settings),
    bucketRefill: bucketRefills(settings),
    bucketLevel: bucketSizes(settings),
    bucketAt: new Float64Array(bucketSizes(settings).length),
    streams: new Map(),
    streamOfArn: new Map(),
    watched: new Set(),
    storeAwayUntil: 0,
    struck,
    faultChance: Int32Array.from(faultSites, (site) => plan.faults.perMille[site] ?? 0),
    faultsUntil: faultsEndMs(plan),
    faultsKept: plan.faults.only === null ? null : new Set(plan.faults.only),
    decisionNumbers: new Map(),
    texts,
    outlet: outlet ?? null,
  }
}

/**
 * How many tasks there are at first, for guesses at how long the trace gets (a task that moves once is in about a dozen
 * records) and how many tasks there will have been: what is guessed right need not be copied as it grows.
 */
const tasksOf = ({ services }: Plan): number => 64 + services.reduce((sum, { desired }) => sum + desired, 0)

/** Second zero's cast; instances, tasks and actions join it as they appear. */
const castOf = (startMs: number, plan: Plan, services: ReadonlyArray<Service>): GrowingCast => ({
  startMs,
  services: services.map((service) => ({
    name: service.plan.name,
    strategy: service.plan.schedulingStrategy,
    // What a plan says of a DAEMON's desired count means nothing.
    desired: service.plan.schedulingStrategy === 'DAEMON' ? 0 : service.desired,
    floor: service.floor,
  })),
  groups: plan.groups.map(({ name }) => ({ name })),
  instances: [],
  tasks: [],
  actions: [],
  decisions: [],
})
