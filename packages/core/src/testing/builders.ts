/**
 * Events, observations and what they are made of, complete with defaults, so that a test names only what it is about.
 * Times are small numbers of seconds from a fixed origin: `at(30)`.
 */
import type { DrainEvent } from '../drain/drain-event.ts'
import { type DrainPolicy, type PolicyOptions, uncheckedPolicy } from '../drain/drain-policy.ts'
import type { Notice } from '../envelope/notice.ts'
import {
  type AutoScalingGroupName,
  type ClusterName,
  type ContainerInstanceArn,
  type Ec2InstanceId,
  type EcsTaskArn,
  type LifecycleActionToken,
  type LifecycleHookName,
  type StreamId,
  streamOf,
} from '../identity/ids.ts'
import type { LifecycleAction } from '../identity/lifecycle-action.ts'
import type { Failure } from '../observation/failure.ts'
import type { Observation } from '../observation/observation.ts'
import type { TaskSighting } from '../observation/task-sighting.ts'
import { type Instant, minutes, seconds } from '../time/instant.ts'

/** The instant from which the times of tests are counted: 2026-01-01T00:00:00Z. */
export const origin: Instant = 1_767_225_600_000

/** So many seconds after the origin. */
export const at = (secondsAfterOrigin: number): Instant => origin + seconds(secondsAfterOrigin)

/** The n-th EC2 instance. */
export const instanceNumber = (n: number): Ec2InstanceId => `i-${hex(n, 17)}` as Ec2InstanceId

/** The n-th container instance. */
export const containerInstanceNumber = (n: number, cluster: ClusterName = theCluster): ContainerInstanceArn =>
  `arn:aws:ecs:eu-west-1:111122223333:container-instance/${cluster}/${hex(n, 32)}` as ContainerInstanceArn

/** The ARN of the n-th task. */
export const taskNumber = (n: number, cluster: ClusterName = theCluster): EcsTaskArn =>
  `arn:aws:ecs:eu-west-1:111122223333:task/${cluster}/${hex(n, 32)}` as EcsTaskArn

/** The token of the n-th lifecycle action. */
export const tokenNumber = (n: number): LifecycleActionToken =>
  `00000000-0000-4000-8000-${hex(n, 12)}` as LifecycleActionToken

const hex = (n: number, digits: number): string => n.toString(16).padStart(digits, '0')

/** A string as an id of any kind, unchecked: for tests only. */
export const id = <Id extends string>(text: string): Id => text as Id

/** The cluster that every builder means unless told otherwise. */
export const theCluster: ClusterName = id('web')
/** The Auto Scaling group that every builder means unless told otherwise. */
export const theGroup: AutoScalingGroupName = id('web-hosts')
/** The lifecycle hook that every builder means unless told otherwise. */
export const theHook: LifecycleHookName = id('drain')
/** The EC2 instance that every builder means unless told otherwise: the first. */
export const theInstance: Ec2InstanceId = instanceNumber(1)
/** The container instance of that EC2 instance. */
export const theContainerInstance: ContainerInstanceArn = containerInstanceNumber(1)
/** The stream of that EC2 instance. */
export const theStream: StreamId = streamOf(theInstance)

/** A policy that names the hook, the group and the cluster above; the rest is the defaults of `drainPolicy`, unchecked. */
export const policy = (options: Partial<PolicyOptions> = {}): DrainPolicy =>
  uncheckedPolicy({
    hooks: [{ name: theHook, groups: [theGroup] }],
    clusters: [theCluster],
    // Shorter than the defaults, so that the numbers of a test stay small.
    notFoundGrace: seconds(20),
    spreadReads: 0,
    ...options,
  })

/** That instance held by that hook, with the first token. */
export const lifecycleAction = (fields: Partial<LifecycleAction> = {}): LifecycleAction => ({
  group: theGroup,
  hook: theHook,
  instance: theInstance,
  token: tokenNumber(1),
  ...fields,
})

/** A task of a service, running unless told otherwise; its version grows with its status, as ECS's does. */
export const task = (n: number, fields: Partial<TaskSighting> = {}): TaskSighting => {
  const lastStatus = fields.lastStatus ?? 'RUNNING'
  return {
    arn: taskNumber(n),
    version: versionOf(lastStatus),
    lastStatus,
    desiredStatus: lastStatus === 'RUNNING' ? 'RUNNING' : 'STOPPED',
    group: 'service:web',
    ...fields,
  }
}

/** The same task when it has stopped. */
export const stoppedTask = (n: number, fields: Partial<TaskSighting> = {}): TaskSighting =>
  task(n, { lastStatus: 'STOPPED', ...fields })

/** The same task on its way to being stopped: desired STOPPED, not STOPPED yet. */
export const stoppingTask = (n: number, fields: Partial<TaskSighting> = {}): TaskSighting =>
  task(n, { lastStatus: 'STOPPING', ...fields })

/** The statuses a task goes through, in order (ECS developer guide, "task lifecycle"). */
export const taskStatuses: ReadonlyArray<string> = [
  'PROVISIONING',
  'PENDING',
  'ACTIVATING',
  'RUNNING',
  'DEACTIVATING',
  'STOPPING',
  'DEPROVISIONING',
  'STOPPED',
]

const versionOf = (lastStatus: string): number => taskStatuses.indexOf(lastStatus) + 1

type EventFields<Type extends DrainEvent['type']> = Omit<Extract<DrainEvent, { type: Type }>, 'type' | 'at'>
type EventDefaults = { readonly [Type in DrainEvent['type']]: (at: Instant) => EventFields<Type> }

const eventDefaults: EventDefaults = {
  DrainRequested: (when) => ({
    action: lifecycleAction(),
    toWarmPool: false,
    clusters: [theCluster],
    announcedAt: when,
  }),
  LifecycleActionTokenLearned: () => ({ token: tokenNumber(1) }),
  LifecycleHookDescribed: () => ({
    heartbeatTimeout: minutes(15),
    globalTimeout: minutes(1_500),
    defaultResult: 'CONTINUE',
  }),
  ContainerInstanceFound: () => ({ cluster: theCluster, arn: theContainerInstance, leftBehind: [] }),
  ContainerInstanceNotFound: () => ({}),
  ContainerInstanceDraining: () => ({}),
  DrainingUndone: () => ({}),
  ContainerInstanceLost: (when) => ({ reason: 'MISSING', retryAt: when + seconds(20) }),
  AgentConnectionChanged: () => ({ connected: false }),
  TasksRead: (when) => ({ scope: 'all', since: when, tasks: [], forgotten: [] }),
  TaskSeen: () => ({ task: task(1) }),
  Swept: () => ({}),
  WaitDoubted: () => ({ lifecycleState: null }),
  DeadlineReached: () => ({ choice: 'wait' }),
  TaskToldToStop: () => ({ task: taskNumber(1) }),
  LifecycleActionHeartbeatRecorded: () => ({}),
  CompletionDecided: () => ({ result: 'CONTINUE', because: 'drained' }),
  LifecycleActionCompleted: () => ({ result: 'CONTINUE' }),
  LifecycleActionOver: () => ({ of: 'completion' }),
  DrainSuperseded: () => ({}),
  InstanceReturnedToService: () => ({}),
  ContainerInstanceActivated: () => ({}),
  WakeUpSent: (when) => ({ wakeAt: when + seconds(5), hops: 1 }),
  EffectFailed: (when) => ({
    effect: 'SetDraining',
    task: null,
    failure: throttled,
    retryAt: when + seconds(1),
  }),
}

/** The names of all events. */
export const eventTypes: ReadonlyArray<DrainEvent['type']> = Object.keys(eventDefaults) as Array<DrainEvent['type']>

/** A stored event at so many seconds: `event('ContainerInstanceFound', 2)`. */
export const event = <Type extends DrainEvent['type']>(
  type: Type,
  secondsAfterOrigin: number,
  fields: Partial<EventFields<Type>> = {},
): Extract<DrainEvent, { type: Type }> => {
  const when = at(secondsAfterOrigin)
  return { type, at: when, ...eventDefaults[type](when), ...fields } as unknown as Extract<DrainEvent, { type: Type }>
}

type ObservationFields<Type extends Observation['type']> = Omit<Extract<Observation, { type: Type }>, 'type'>
type ObservationDefaults = { readonly [Type in Observation['type']]: () => ObservationFields<Type> }

const observationDefaults: ObservationDefaults = {
  TerminationAnnounced: () => ({
    action: lifecycleAction(),
    toWarmPool: false,
    clusters: [theCluster],
    announcedAt: at(0),
  }),
  ReturnedToService: () => ({ returnedAt: at(3_600) }),
  TaskSeen: () => ({ task: task(1) }),
  AgentSeen: () => ({ containerInstance: theContainerInstance, connected: false }),
  TimePassed: () => ({}),
  SweptWaiting: () => ({ lifecycleState: 'Terminating:Wait' }),
  SweptElsewhere: () => ({ lifecycleState: null }),
  ContainerInstanceLocated: () => ({ cluster: theCluster, arn: theContainerInstance, leftBehind: [] }),
  ContainerInstanceReplaced: () => ({
    replaced: theContainerInstance,
    cluster: theCluster,
    arn: containerInstanceNumber(2),
    leftBehind: [theContainerInstance],
  }),
  ContainerInstanceAbsent: () => ({}),
  ContainerInstanceDrains: () => ({ agentConnected: true }),
  ContainerInstanceLost: () => ({ reason: 'MISSING' }),
  ContainerInstanceActive: () => ({}),
  LifecycleHookSeen: () => ({
    heartbeatTimeout: minutes(15),
    globalTimeout: minutes(1_500),
    defaultResult: 'CONTINUE',
  }),
  TasksSeen: () => ({ scope: 'all', since: at(0), tasks: [], forgotten: [], undescribed: [], agentConnected: true }),
  TaskToldToStop: () => ({ task: taskNumber(1) }),
  HeartbeatAccepted: () => ({}),
  CompletionAccepted: () => ({ result: 'CONTINUE' }),
  LifecycleActionNotActive: () => ({ of: 'completion' }),
  WakeUpSent: () => ({ at: at(5), hops: 1 }),
  EffectFailed: () => ({ effect: 'SetDraining', task: null, failure: throttled }),
}

/** An observation: `observation('TaskSeen', { task: stoppedTask(1) })`. */
export const observation = <Type extends Observation['type']>(
  type: Type,
  fields: Partial<ObservationFields<Type>> = {},
): Extract<Observation, { type: Type }> =>
  ({ type, ...observationDefaults[type](), ...fields }) as unknown as Extract<Observation, { type: Type }>

type NoticeFields<Type extends Notice['type']> = Omit<Extract<Notice, { type: Type }>, 'type'>
type NoticeDefaults = { readonly [Type in Notice['type']]: () => NoticeFields<Type> }

const noticeDefaults: NoticeDefaults = {
  InstanceTerminating: () => ({
    action: { ...lifecycleAction(), token: tokenNumber(1) },
    destination: 'EC2',
    account: '111122223333',
    metadata: null,
    at: at(0),
  }),
  InstanceLaunching: () => ({
    instance: theInstance,
    group: theGroup,
    origin: 'EC2',
    account: '111122223333',
    at: at(0),
  }),
  TaskStateChanged: () => ({ containerInstance: theContainerInstance, task: stoppedTask(1), at: at(0) }),
  ContainerInstanceStateChanged: () => ({
    containerInstance: theContainerInstance,
    agentConnected: false,
  }),
  SweepDue: () => ({}),
  WokenUp: () => ({ stream: theStream, hops: 1 }),
  TestNotification: () => ({ group: theGroup }),
  Unsubscribed: () => ({ what: 'a lifecycle transition of another kind' }),
}

/** A notice: `notice('TaskStateChanged', { task: stoppedTask(3) })`. */
export const notice = <Type extends Notice['type']>(
  type: Type,
  fields: Partial<NoticeFields<Type>> = {},
): Extract<Notice, { type: Type }> =>
  ({ type, ...noticeDefaults[type](), ...fields }) as unknown as Extract<Notice, { type: Type }>

/** The service asks for fewer calls. */
export const throttled: Failure = { type: 'Throttled', message: 'Rate exceeded' }
/** The service is broken. */
export const unavailable: Failure = { type: 'Unavailable', message: 'the service is unavailable' }
/** The role lacks a permission. */
export const accessDenied: Failure = { type: 'AccessDenied', message: 'allow ecs:DescribeTasks on *' }

/** Auto Scaling's words where nothing waits under a token or an instance id. */
export const noActiveAction: Failure = {
  type: 'Rejected',
  code: 'ValidationError',
  message: 'No active Lifecycle Action found with token 00000000-0000-4000-8000-000000000001',
}
