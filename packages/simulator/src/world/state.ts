/**
 * All that exists in a run. Records are made once with every field, so that the engine sees one shape of each. Indices into
 * `lifecycleStates`, `containerInstanceStates` and `taskStatuses` are plain numbers everywhere here.
 */
import type { Answer, Call, CallType, Commit, Failure, LifecycleAction, StreamId } from '@ecs-drain/core'
import type { Controller, Directory, Message } from '../controller/controller.ts'
import type { CalendarQueue } from '../kernel/calendar-queue.ts'
import type { Draws } from '../kernel/draws.ts'
import type { GroupPlan, HookPlan, Plan, ServicePlan, StandaloneTaskPlan } from '../plan/plan.ts'
import type { Cast } from '../trace/trace.ts'
import type { TraceWriter } from '../trace/trace-writer.ts'
import type { CallTraits } from './lambda/call-traits.ts'
import type { Bounds, Settings } from './parameters.ts'

/** Hears of each fault that strikes: its site, and the instance it hits or -1. */
export type FaultObserver = (site: number, instance: number) => void

export interface Group {
  readonly number: number
  readonly plan: GroupPlan
  readonly hooks: Array<Hook>
  /** Instances that are not gone. */
  readonly instances: Array<Instance>
  /**
   * Their container instances, as ECS knows them: nearly always the same, in the same order. Of a host that is gone they stay until ECS
   * has noticed.
   */
  readonly records: Array<Instance>
  desired: number
  /** MinSize: the plan's, but while CloudFormation has raised it. */
  min: number
  launched: number
  /** A GroupReacts occurrence is under way. */
  reacting: boolean
}

export interface Hook {
  plan: HookPlan
  deleted: boolean
}

/**
 * An EC2 instance and ECS's record of it, its container instance, in one: nearly always there is one of each. Where an agent has
 * registered its host again, the further record is an Instance of its own, of which Auto Scaling knows nothing.
 */
export interface Instance {
  readonly number: number
  /** The EC2 instance: itself, but for a further record. */
  readonly host: Instance
  /** All records of the host, in the order of their registration, the same for each of them; the agent is connected as the last. */
  readonly records: Array<Instance>
  readonly group: Group
  readonly id: string
  readonly zone: number
  /** Launched before the AMI or template changed. */
  old: boolean
  state: number
  /** The host exists and runs. */
  alive: boolean
  /** ECS's record of it. */
  status: number
  agentConnected: boolean
  /** Counts the changes that ECS sends an event of. */
  version: number
  registeredAt: number
  // What Lists and Describes show until `seenFrom`.
  shownStatus: number
  shownAgentConnected: boolean
  seenFrom: number
  /** Not in lists before this (eventual consistency). */
  visibleFrom: number
  cpuFree: number
  memoryFree: number
  readonly ports: Set<number>
  /** Tasks that ECS thinks are there. */
  readonly tasks: Array<Task>
  /** All tasks ever placed here, those that have stopped included. */
  readonly placed: Array<Task>
  readonly actions: Array<Action>
  toWarmPool: boolean
  /** It has come back from its warm pool. */
  fromWarmPool: boolean
  /** Counts agent losses, so that a reconnection knows whether it is still meant. */
  disconnection: number
  inServiceSince: number
}

export interface Service {
  readonly number: number
  /** As a task's `group` names it. */
  readonly group: string
  readonly plan: ServicePlan
  readonly pull: Bounds
  readonly start: Bounds
  readonly exit: Bounds
  /** The DAEMON services, which come before a REPLICA service on each instance; of a DAEMON service none do. */
  readonly daemons: Array<Service>
  readonly health: Bounds | null
  /** What has to be over as well before it is healthy. */
  readonly alsoHealth: Bounds | null
  /** Tasks that are not told to stop, per instance (by number) and per zone. */
  perInstance: Int32Array
  readonly perZone: Int32Array
  /** How many of its tasks are not told to stop, and how many of these are healthy. */
  wanted: number
  /** Tasks up to RUNNING, those included that were told to stop: what maximumPercent limits. */
  occupying: number
  healthy: number
  /** Those that are not told to stop and must leave, in the order in which they were placed. */
  leaving: Array<Task>
  desired: number
  floor: number
  ceiling: number
  deployment: number
  /** Tasks that ECS knows of and that have not stopped, in the order in which they were placed. */
  readonly tasks: Set<Task>
  readonly candidates: Candidates
  passScheduled: boolean
  /** No task starts before this: after a placement that failed, or as many as a minute may have. */
  startsFrom: number
  /** How many times as long the next delay is: it grows with each failure, until a placement succeeds or somebody deploys. */
  backoffTimes: number
  minute: number
  launchedInMinute: number
  /** No pass could change anything, and no placement is failing. */
  steady: boolean
  /** Tasks beyond the desired count, because as many are moving to another zone. */
  moving: number
  /** A Rebalances occurrence is under way. */
  moveScheduled: boolean
}

/** A family of standalone tasks. */
export interface Standalone {
  readonly group: string
  readonly plan: StandaloneTaskPlan
  readonly runs: Bounds
  readonly exit: Bounds
}

export interface Task {
  readonly number: number
  readonly service: Service | null
  readonly standalone: Standalone | null
  readonly deployment: number
  readonly instance: Instance
  status: number
  desiredStopped: boolean
  healthy: boolean
  version: number
  /** Counts stages, so that an occurrence of a stage that was cut short is known as stale. */
  stage: number
  /** Waits for the agent to go on. */
  stalled: boolean
  /** And has not been told yet that it has to stop. */
  unheard: boolean
  /** SIGTERM does not wait for the deregistration of its target. */
  stopsAtOnce: boolean
  landed: boolean
  /** Task scale-in protection lasts until then. */
  protectedUntil: number
  // What Lists and Describes show until `visibleFrom`.
  shownStatus: number
  shownDesiredStopped: boolean
  shownVersion: number
  visibleFrom: number
  changedAt: number
}

export interface Action {
  readonly number: number
  readonly instance: Instance
  readonly hook: Hook
  readonly ours: boolean
  readonly lifecycleAction: LifecycleAction
  readonly startedAt: number
  readonly destination: 'EC2' | 'WarmPool'
  deadline: number
  open: boolean
}

/** A batch on its way to a function, or in it. */
export interface Run {
  readonly number: number
  readonly batch: ReadonlyArray<Message>
  /** The queue had handed the same batch to another function already. */
  readonly isSecond: boolean
  ended: boolean
  /** How fast its clock is, in milliseconds; below zero it is slow. */
  skew: number
  /** As in Execution. */
  policyChange: number
}

export type Replied = (answer: Answer<CallType>) => void
export type Failed = (failure: Failure) => void

export type ApiFault = 'none' | 'throttled' | 'unavailable' | 'applied' | 'lost'

/** A request under way. Its record is used again for another when it is answered. */
export interface PendingCall {
  /** On the way there, or its answer on the way back: to nobody, if the function has died. */
  stage: 'there' | 'back'
  run: Run
  request: Call
  traits: CallTraits
  /** Whose luck it has. */
  subject: number
  /** How long the way back takes. */
  back: number
  fault: ApiFault
  answer: Answer<CallType>
  failure: Failure | null
  replied: Replied
  failed: Failed
}

/** Candidates of one zone with equally many tasks of the service, by their ranks: see candidates.ts. */
export interface Level {
  ranks: Int32Array
  count: number
}

/** Instances that have room for one more task of a service. */
export interface Candidates {
  /** By zone, and in it by how many tasks of the service they have. */
  readonly zones: Array<Array<Level>>
  /** By number of the instance: how many tasks of the service it has; -1: it is no candidate. */
  readonly levels: Array<number>
  /** What the last pass did to the levels. */
  readonly moves: Array<CandidateMove>
  /** How many of the world's changes they know; -1: they were never asked for. */
  seen: number
}

/** A candidate that was taken out of its level at the index, or (-1) put at its end. */
export interface CandidateMove {
  readonly level: Level
  readonly index: number
  readonly rank: number
}

export interface World {
  readonly plan: Plan
  readonly controller: Controller
  readonly settings: Settings
  readonly startMs: number
  readonly queue: CalendarQueue
  readonly draws: Draws
  readonly trace: TraceWriter
  readonly cast: GrowingCast
  readonly directory: Directory
  now: number
  readonly groups: ReadonlyArray<Group>
  readonly services: ReadonlyArray<Service>
  readonly standalones: Array<Standalone>
  readonly instances: Array<Instance>
  readonly tasks: Array<Task>
  readonly actions: Array<Action>
  /** Each instance whose room or tasks have changed, as often as they have. */
  readonly changed: Array<Instance>
  /** The latest moment at which something other than messages and calls happened. */
  lastChange: number
  unfinishedHappenings: number
  /** Records that an agent has left behind, and that are still to be given up. */
  recordsLeftBehind: number
  /** The latest happening `change-policy`, by index; -1: none yet. */
  policyChange: number
  readonly happenings: Array<HappeningState>
  // The bus, the queue and the functions.
  readonly messages: Array<Message | null>
  messagesSent: number
  messagesUnderWay: number
  readonly inbox: Array<Message>
  readonly sentByKind: Int32Array
  /** Calls by type, where the plan's script has to count them. */
  readonly callsByType: Map<CallType, number>
  pumpAt: number
  /** Messages wait whose window is over, because no further function may begin. */
  isHeldUp: boolean
  readonly runs: Array<Run>
  runsUnderWay: number
  readonly calls: Array<PendingCall>
  readonly freeCalls: Array<number>
  readonly subscribed: ReadonlySet<string>
  // API buckets, in thousandths of a token.
  readonly bucketSize: Float64Array
  readonly bucketRefill: Float64Array
  readonly bucketLevel: Float64Array
  readonly bucketAt: Float64Array
  // The event store.
  readonly streams: Map<StreamId, Array<Commit>>
  readonly streamOfArn: Map<string, StreamId>
  readonly watched: Set<StreamId>
  /** Nobody reaches it before this. */
  storeAwayUntil: number
  // Faults.
  readonly struck: FaultObserver
  readonly faultChance: Int32Array
  readonly faultsUntil: number
  readonly faultsKept: ReadonlySet<number> | null
  readonly decisionNumbers: Map<string, number>
  readonly texts: boolean
  /** Where messages go instead of to functions; null: to functions. */
  readonly outlet: Outlet | null
}

/** Where messages go instead of to functions: told of each when it is sent, even if it then takes a while, and when it arrives. */
export interface Outlet {
  readonly sent: (message: Message) => void
  /** Once more for each further copy. */
  readonly arrived: (message: Message) => void
}

/** The cast of the trace, added to as entities appear; its users see it grow. */
export interface GrowingCast extends Cast {
  readonly instances: Array<Cast['instances'][number]>
  readonly tasks: Array<Cast['tasks'][number]>
  readonly actions: Array<Cast['actions'][number]>
  readonly decisions: Array<string>
}

/** How far a happening that takes several steps has come. */
export interface HappeningState {
  begun: boolean
  finished: boolean
  /** It finished without what it was for. */
  failed: boolean
  /** Instances it has picked so far. */
  readonly picked: Array<Instance>
  /** Instances that it has added for a while, beside the group's desired capacity. */
  surplus: number
  /** By how much CloudFormation has raised MinSize and DesiredCapacity, for everybody to see. */
  raisedBy: number
  pausedUntil: number
}
