/** What the world is made of: one record for each thing, all of one shape, found by its number. */
import type { Spread } from '../kernel/spread.ts'
import type { GroupPlan, HookPlan, ServicePlan, StandaloneTaskPlan } from '../plan/plan.ts'
import { ABSENT, IN_FLIGHT, Lifecycle, NONE } from './codes.ts'

export interface GroupRecord {
  readonly number: number
  readonly plan: GroupPlan
  readonly hooks: HookRecord[]
  /** Every instance it ever had, in the order of launch. */
  readonly instances: InstanceRecord[]
  desired: number
  /** Launch template version: raised by an update, and what makes an instance outdated. */
  configuration: number
  launched: number
  reconciling: boolean
}

export interface HookRecord {
  readonly plan: HookPlan
  readonly ours: boolean
  readonly timeoutMs: number
  readonly globalMs: number
  deleted: boolean
}

export interface InstanceRecord {
  readonly number: number
  readonly group: GroupRecord
  readonly zone: number
  readonly old: boolean
  readonly configuration: number
  state: number
  /** It has been chosen to go; it no longer counts towards the group's capacity. */
  leaving: boolean
  /** It goes to the warm pool, not away. */
  toWarmPool: boolean
  /** Grows with each life of the host; timers of an earlier life do nothing. */
  life: number
  hostAlive: boolean
  containerInstance: number
  agentConnected: boolean
  /** Until when its agent stays away, for those who made it go; 0: nobody did. */
  agentAwayUntil: number
  version: number
  registeredAt: number
  cpuFree: number
  memoryFree: number
  readonly portsInUse: number[]
  /** Every task that was ever placed on it. */
  readonly tasks: TaskRecord[]
  /** Tasks on it that have not STOPPED, those in flight included. */
  open: number
  /** By service: tasks of it that have not been told to stop. */
  readonly ofService: number[]
  readonly actions: ActionRecord[]
  /** What List and Describe may still show: (at, state) pairs, see history.ts. */
  readonly history: number[]
}

export interface TaskRecord {
  readonly number: number
  readonly service: ServiceRecord | null
  readonly job: JobRecord | null
  readonly instance: InstanceRecord
  readonly revision: number
  status: number
  desiredStopped: boolean
  version: number
  /** What the scheduler believes; a dead host's tasks are believed healthy until ECS knows better. */
  healthy: boolean
  /** What is true. */
  reallyHealthy: boolean
  /** It stands on a draining instance or is of an old revision. */
  replace: boolean
  /** Grows when what was to come of it is called off. */
  turn: number
  /** The step that waits for the agent to come back, -1 for none. */
  parked: number
  hostGone: boolean
  stoppedAt: number
}

/** A standalone task's plan with its durations. */
export interface JobRecord {
  readonly number: number
  readonly plan: StandaloneTaskPlan
  readonly runs: Spread
  readonly exit: Spread
}

export interface ServiceRecord {
  readonly number: number
  readonly plan: ServicePlan
  readonly daemon: boolean
  readonly pull: Spread
  readonly start: Spread
  readonly exit: Spread
  readonly healthCheck: Spread | null
  readonly loadBalancer: Spread | null
  desired: number
  floor: number
  ceiling: number
  revision: number
  /** Tasks not told to stop, those in flight included. */
  wanted: number
  /** Of those, the ones to be replaced. */
  outgoing: number
  /** In flight, PROVISIONING, PENDING, ACTIVATING or RUNNING: what maximumPercent limits. */
  occupying: number
  /** Wanted ones that count as healthy. */
  healthy: number
  readonly tasks: TaskRecord[]
  outgoingTasks: TaskRecord[]
  readonly perZone: Int32Array
  passAt: number
  passes: number
  placements: number
  launchNotBefore: number
  failures: number
  minuteStart: number
  launchedThisMinute: number
}

/** One instance held by one hook. */
export interface ActionRecord {
  readonly number: number
  readonly instance: InstanceRecord
  readonly hook: HookRecord
  readonly startedAt: number
  readonly toWarmPool: boolean
  /** When it times out, unless a heartbeat comes first. */
  expiresAt: number
  open: boolean
}

export const createInstance = (
  number: number,
  group: GroupRecord,
  zone: number,
  old: boolean,
  services: ReadonlyArray<ServiceRecord>,
): InstanceRecord => {
  // ECS keeps room for every daemon free, before it places anything else (AWS: ECS developer guide, ecs_service-options).
  const daemons = services.filter(({ daemon }) => daemon).map(({ plan }) => plan)
  return {
    number,
    group,
    zone,
    old,
    configuration: group.configuration,
    state: old ? Lifecycle.inService : Lifecycle.pending,
    leaving: false,
    toWarmPool: false,
    life: 0,
    hostAlive: true,
    containerInstance: ABSENT,
    agentConnected: false,
    agentAwayUntil: 0,
    version: 0,
    registeredAt: 0,
    cpuFree: daemons.reduce((free, { cpu }) => free - cpu, group.plan.cpu),
    memoryFree: daemons.reduce((free, { memory }) => free - memory, group.plan.memory),
    portsInUse: daemons.flatMap(({ hostPort }) => (hostPort === null ? [] : [hostPort])),
    tasks: [],
    open: 0,
    ofService: services.map(() => 0),
    actions: [],
    history: [],
  }
}

export const createTask = (
  number: number,
  service: ServiceRecord | null,
  job: JobRecord | null,
  instance: InstanceRecord,
): TaskRecord => ({
  number,
  service,
  job,
  instance,
  revision: service === null ? 0 : service.revision,
  status: IN_FLIGHT,
  desiredStopped: false,
  version: 0,
  healthy: false,
  reallyHealthy: false,
  replace: false,
  turn: 0,
  parked: NONE,
  hostGone: false,
  stoppedAt: 0,
})
