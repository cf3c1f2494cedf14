/**
 * Carrying an effect out takes one call or several (a list has pages, a description at most 100 items). Where it
 * stands is plain data, so that a run can be stopped, copied or hashed between any two calls.
 */
import { hasStopped } from '../drain/known-tasks.ts'
import type { Effect } from '../effect/effect.ts'
import type { ClusterName, ContainerInstanceArn, EcsTaskArn } from '../identity/ids.ts'
import type { Failure } from '../observation/failure.ts'
import type { EffectType, Outcome } from '../observation/observation.ts'
import type { TaskSighting } from '../observation/task-sighting.ts'
import type { Instant } from '../time/instant.ts'
import type { Answer, Call, CallType, ContainerInstance, Page } from './call.ts'

/** What a single call carries out. */
type OneCall = Exclude<Effect, { type: 'FindContainerInstance' | 'ReadTasks' }>

/** Who an EC2 instance is in ECS is being found out. */
interface Finding {
  readonly type: 'finding'
  readonly effect: Extract<Effect, { type: 'FindContainerInstance' }>
  readonly call: Call
  /** Position in the effect's clusters. */
  readonly at: number
  /** What a cluster said that does not exist: it matters where no other has the instance. */
  readonly refused: Failure | null
  readonly found: ReadonlyArray<{ readonly cluster: ClusterName; readonly arn: ContainerInstanceArn }>
  /** What the descriptions said, once more than one was found. */
  readonly described: ReadonlyArray<ContainerInstance>
  /** The reading that asks, because it saw the agent gone. */
  readonly reading: Reading | null
}

interface Reading {
  readonly type: 'reading'
  readonly effect: Extract<Effect, { type: 'ReadTasks' }>
  readonly call: Call
  readonly since: Instant
  /** What the two lists held, by desiredStatus. */
  readonly running: ReadonlyArray<EcsTaskArn>
  readonly stopping: ReadonlyArray<EcsTaskArn>
  /** Still to be described. */
  readonly queue: ReadonlyArray<EcsTaskArn>
  readonly tasks: ReadonlyArray<TaskSighting>
  readonly missing: ReadonlyArray<EcsTaskArn>
  /** Null until the container instance was looked at. */
  readonly agentConnected: boolean | null
}

/** An effect that is being carried out, and the call that is outstanding for it. */
export type Carrying = { readonly type: 'one-call'; readonly effect: OneCall; readonly call: Call } | Finding | Reading

export type Carried =
  | { readonly type: 'next'; readonly carrying: Carrying }
  | { readonly type: 'outcome'; readonly outcome: Outcome }

/** DescribeTasks takes at most 100 tasks (aws-sdk client-ecs). */
const describedAtOnce = 100

/** The words with which Auto Scaling says that nothing waits under that token or id, in a 400 `ValidationError` (R7). */
const notActivePrefix = 'No active Lifecycle Action found'

/** The first call of an effect. */
export const startCarrying = (effect: Effect, now: Instant): Carrying => {
  switch (effect.type) {
    case 'FindContainerInstance':
      return findingIn({ effect, refused: null, found: [], reading: null }, 0)
    case 'ReadTasks':
      return startReading(effect, now)
    case 'SetDraining':
      return setStatus(effect, 'DRAINING')
    case 'SetActive':
      return setStatus(effect, 'ACTIVE')
    case 'DescribeLifecycleHook': {
      const { group, hook } = effect.action
      return { type: 'one-call', effect, call: { type: 'DescribeLifecycleHooks', group, hook } }
    }
    case 'StopTask':
      return { type: 'one-call', effect, call: effect }
    case 'RecordHeartbeat':
      return { type: 'one-call', effect, call: { type: 'RecordLifecycleActionHeartbeat', action: effect.action } }
    case 'CompleteLifecycleAction':
      return { type: 'one-call', effect, call: effect }
    case 'SendWakeUp':
      return { type: 'one-call', effect, call: effect }
  }
}

/** What follows from the answer to the outstanding call. */
export const carryOn = (carrying: Carrying, answer: Answer<CallType>): Carried => {
  switch (carrying.type) {
    case 'finding':
      return carrying.call.type === 'DescribeContainerInstances'
        ? described(carrying, answer as Answer<'DescribeContainerInstances'>)
        : listed(carrying, answer as Answer<'ListContainerInstances'>)
    case 'reading':
      return readOn(carrying, answer)
    case 'one-call':
      return { type: 'outcome', outcome: outcomeOf(carrying.effect, answer) }
  }
}

/** What follows from a failure of the outstanding call. */
export const carryOnAfter = (carrying: Carrying, failure: Failure): Carried => {
  if (carrying.type !== 'finding') return { type: 'outcome', outcome: failedToCarry(carrying, failure) }
  const { call, reading } = carrying
  if (reading !== null) return { type: 'outcome', outcome: failedToCarry({ ...reading, call }, failure) }
  if (call.type === 'ListContainerInstances' && failure.type === 'NotFound') {
    return listed({ ...carrying, refused: failure }, { items: [], nextToken: null })
  }
  return { type: 'outcome', outcome: failedToCarry(carrying, failure) }
}

/** A call that failed ends its effect; some failures are really answers. */
const failedToCarry = ({ effect, call }: Carrying, failure: Failure): Outcome => {
  const isGone = failure.type === 'NotFound'
  // A group that is gone holds nothing.
  if (isNotActive(failure) || isGone) {
    if (effect.type === 'RecordHeartbeat') return { type: 'LifecycleActionNotActive', of: 'heartbeat' }
    if (effect.type === 'CompleteLifecycleAction') return { type: 'LifecycleActionNotActive', of: 'completion' }
  }
  const isAboutContainerInstance =
    effect.type === 'ReadTasks' ? call.type !== 'DescribeTasks' : call.type === 'UpdateContainerInstancesState'
  if (isGone && isAboutContainerInstance) {
    return { type: 'ContainerInstanceLost', reason: failure.message }
  }
  return effectFailed(effect, failure)
}

/** "No active Lifecycle Action found", by its prefix: the rest of the sentence names a token or an instance. */
export const isNotActive = (failure: Failure): boolean =>
  failure.type === 'Rejected' && failure.message.startsWith(notActivePrefix)

const effectFailed = (effect: Effect, failure: Failure): Outcome => {
  const type: EffectType = effect.type
  return { type: 'EffectFailed', effect: type, task: effect.type === 'StopTask' ? effect.task : null, failure }
}

const setStatus = (
  effect: Extract<Effect, { type: 'SetDraining' | 'SetActive' }>,
  status: 'DRAINING' | 'ACTIVE',
): Carrying => {
  const { cluster, containerInstance } = effect
  const containerInstances = [containerInstance]
  return {
    type: 'one-call',
    effect,
    call: { type: 'UpdateContainerInstancesState', cluster, containerInstances, status },
  }
}

const outcomeOf = (effect: OneCall, answer: Answer<CallType>): Outcome => {
  switch (effect.type) {
    case 'SetDraining':
    case 'SetActive':
      return statusOutcome(effect, answer as Answer<'UpdateContainerInstancesState'>)
    case 'DescribeLifecycleHook':
      return hookOutcome(effect, answer as Answer<'DescribeLifecycleHooks'>)
    case 'StopTask':
      return { type: 'TaskToldToStop', task: effect.task }
    case 'RecordHeartbeat':
      return { type: 'HeartbeatAccepted' }
    case 'CompleteLifecycleAction':
      return { type: 'CompletionAccepted', result: effect.result }
    case 'SendWakeUp':
      return { type: 'WakeUpSent', at: effect.at, hops: effect.hops }
  }
}

/** HTTP 200 may still mean no: `failures[]` is read before anything is believed (R3). */
const statusOutcome = (
  effect: Extract<Effect, { type: 'SetDraining' | 'SetActive' | 'ReadTasks' }>,
  { containerInstances, failures }: Answer<'UpdateContainerInstancesState' | 'DescribeContainerInstances'>,
): Outcome => {
  const failure = failures.find(({ arn }) => arn === effect.containerInstance) ?? failures[0]
  const shown = containerInstances.find(({ arn }) => arn === effect.containerInstance)
  const gone = [failure?.reason, shown?.status].find((word) => word === 'MISSING' || word === 'INACTIVE')
  if (gone !== undefined) return { type: 'ContainerInstanceLost', reason: gone }
  if (failure !== undefined) {
    const { arn, reason } = failure
    return effectFailed(effect, { type: 'Rejected', code: reason, message: `${arn}: ${reason}` })
  }
  if (shown?.status === 'ACTIVE' && effect.type !== 'SetDraining') return { type: 'ContainerInstanceActive' }
  if (shown?.status === 'DRAINING' && effect.type !== 'SetActive') {
    return { type: 'ContainerInstanceDrains', agentConnected: shown.agentConnected }
  }
  const wanted = effect.type === 'SetActive' ? 'ACTIVE' : 'DRAINING'
  const message = `asked for ${wanted}, the answer says ${shown?.status ?? 'nothing'}`
  return effectFailed(effect, { type: 'Unavailable', message })
}

const hookOutcome = (
  effect: Extract<Effect, { type: 'DescribeLifecycleHook' }>,
  hooks: Answer<'DescribeLifecycleHooks'>,
): Outcome => {
  const hook = hooks.find(({ name }) => name === effect.action.hook)
  if (hook === undefined) {
    return effectFailed(effect, { type: 'NotFound', message: `no lifecycle hook ${effect.action.hook}` })
  }
  const { heartbeatTimeout, globalTimeout, defaultResult } = hook
  return { type: 'LifecycleHookSeen', heartbeatTimeout, globalTimeout, defaultResult }
}

const findingIn = (
  finding: Pick<Finding, 'effect' | 'refused' | 'found' | 'reading'>,
  at: number,
  nextToken: string | null = null,
): Finding => {
  const { effect, refused, found, reading } = finding
  const cluster = effect.clusters[at] as ClusterName
  const call: Call = { type: 'ListContainerInstances', cluster, ec2InstanceId: effect.instance, nextToken }
  return { type: 'finding', effect, call, at, refused, found, described: [], reading }
}

/** Every cluster is asked, even after a find: a ghost in one must not hide the instance in another. */
const listed = (finding: Finding, page: Page<ContainerInstanceArn>): Carried => {
  const { effect, at, refused } = finding
  const cluster = effect.clusters[at] as ClusterName
  const found = [...finding.found, ...page.items.map((arn) => ({ cluster, arn }))]
  const after = { ...finding, found }
  if (page.nextToken !== null) return { type: 'next', carrying: findingIn(after, at, page.nextToken) }
  if (at + 1 < effect.clusters.length) return { type: 'next', carrying: findingIn(after, at + 1) }
  if (found.length > 1) return { type: 'next', carrying: describing(finding, found, []) }
  if (found.length === 0 && refused !== null) return { type: 'outcome', outcome: effectFailed(effect, refused) }
  return { type: 'outcome', outcome: located(finding, found[0]) }
}

const located = ({ reading }: Finding, chosen: Finding['found'][number] | undefined): Outcome => {
  const replaced = reading?.effect.containerInstance ?? null
  if (reading !== null && replaced !== null) {
    // A list that lags, and shows nobody, says no other.
    const isAnother = chosen !== undefined && chosen.arn !== replaced
    return isAnother ? { type: 'ContainerInstanceReplaced', replaced, ...chosen } : tasksSeen(reading)
  }
  return chosen === undefined ? { type: 'ContainerInstanceAbsent' } : { type: 'ContainerInstanceLocated', ...chosen }
}

/** Several records of one EC2 instance: ECS keeps those of a lost agent, so the descriptions decide. */
const describing = (
  finding: Finding,
  found: Finding['found'],
  soFar: Finding['described'],
  after: string | null = null,
): Finding => {
  const clusters = [...new Set(found.map(({ cluster }) => cluster))]
  const cluster = clusters[after === null ? 0 : clusters.indexOf(after as ClusterName) + 1] as ClusterName
  const containerInstances = found.filter((one) => one.cluster === cluster).map(({ arn }) => arn)
  return {
    ...finding,
    found,
    described: soFar,
    call: {
      type: 'DescribeContainerInstances',
      cluster,
      containerInstances: containerInstances.slice(0, describedAtOnce),
    },
  }
}

const described = (finding: Finding, answer: Answer<'DescribeContainerInstances'>): Carried => {
  const soFar = [...finding.described, ...answer.containerInstances]
  const { cluster } = finding.call as Extract<Call, { type: 'DescribeContainerInstances' }>
  const clusters = [...new Set(finding.found.map((one) => one.cluster))]
  if (cluster !== clusters.at(-1)) return { type: 'next', carrying: describing(finding, finding.found, soFar, cluster) }
  const live = soFar.filter(({ status }) => status !== 'INACTIVE').sort(byLikelihood)[0]
  const chosen = finding.found.find(({ arn }) => arn === live?.arn)
  return { type: 'outcome', outcome: located(finding, chosen) }
}

/** The record whose agent is connected, then the latest, is the living one. */
const byLikelihood = (one: ContainerInstance, other: ContainerInstance): number =>
  Number(other.agentConnected) - Number(one.agentConnected) ||
  other.registeredAt - one.registeredAt ||
  (one.arn < other.arn ? -1 : 1)

type TaskList = Extract<Call, { type: 'ListTasks' }>

const startReading = (effect: Reading['effect'], now: Instant): Carrying => {
  const reading = {
    type: 'reading',
    effect,
    since: now,
    running: [],
    stopping: [],
    queue: effect.remaining,
    tasks: [],
    missing: [],
    agentConnected: null,
  } as const
  return { ...reading, call: effect.scope === 'known' ? describeNext(effect, effect.remaining) : listing(effect) }
}

const listing = (
  { cluster, containerInstance }: Pick<TaskList, 'cluster' | 'containerInstance'>,
  desiredStatus: TaskList['desiredStatus'] = 'RUNNING',
  nextToken: string | null = null,
): TaskList => ({ type: 'ListTasks', cluster, containerInstance, desiredStatus, nextToken })

const readOn = (reading: Reading, answer: Answer<CallType>): Carried => {
  switch (reading.call.type) {
    case 'DescribeTasks':
      return tasksDescribed(reading, answer as Answer<'DescribeTasks'>)
    case 'DescribeContainerInstances':
      return lookedAt(reading, answer as Answer<'DescribeContainerInstances'>)
    default:
      return tasksListed(reading, reading.call as TaskList, answer as Answer<'ListTasks'>)
  }
}

const describeNext = ({ cluster }: Reading['effect'], queue: ReadonlyArray<EcsTaskArn>): Call => ({
  type: 'DescribeTasks',
  cluster,
  tasks: queue.slice(0, describedAtOnce),
})

/**
 * Both lists, every page: the plain list hides the tasks that are being stopped (R4). A task of the RUNNING list has not stopped,
 * which is all there is to know of it; one that has left it may have, and is described.
 */
const tasksListed = (reading: Reading, call: TaskList, page: Page<EcsTaskArn>): Carried => {
  const { effect } = reading
  const list = call.desiredStatus === 'RUNNING' ? 'running' : 'stopping'
  const after = { ...reading, [list]: reading[list].length === 0 ? page.items : [...reading[list], ...page.items] }
  if (page.nextToken !== null) {
    return { type: 'next', carrying: { ...after, call: listing(call, call.desiredStatus, page.nextToken) } }
  }
  if (call.desiredStatus === 'RUNNING') {
    if (effect.scope === 'running' && after.running.length > 0) return { type: 'outcome', outcome: tasksSeen(after) }
    return { type: 'next', carrying: { ...after, call: listing(call, 'STOPPED') } }
  }
  const queue = eachOnce(after.stopping, effect.remaining, [...effect.stopped, ...after.running])
  if (queue.length === 0) return tasksRead(after)
  return { type: 'next', carrying: { ...after, queue, call: describeNext(effect, queue) } }
}

/** The items of both lists, each once, without those that are left out. */
const eachOnce = (
  some: ReadonlyArray<EcsTaskArn>,
  others: ReadonlyArray<EcsTaskArn>,
  leftOut: ReadonlyArray<EcsTaskArn>,
): ReadonlyArray<EcsTaskArn> => {
  const seen = new Set<EcsTaskArn>(leftOut)
  const items: Array<EcsTaskArn> = []
  const add = (item: EcsTaskArn): void => {
    if (seen.has(item)) return
    seen.add(item)
    items.push(item)
  }
  some.forEach(add)
  others.forEach(add)
  return items
}

const tasksDescribed = (reading: Reading, answer: Answer<'DescribeTasks'>): Carried => {
  const asked = reading.queue.slice(0, describedAtOnce)
  const queue = reading.queue.slice(describedAtOnce)
  const told = new Set<string>(answer.tasks.map(({ arn }) => arn))
  const tasks = [...reading.tasks, ...answer.tasks]
  // Another reason, or none, is no answer: the task is as it was.
  const unknown = new Set(answer.failures.filter(({ reason }) => reason === 'MISSING').map(({ arn }) => arn))
  const missing = [...reading.missing, ...asked.filter((arn) => unknown.has(arn) && !told.has(arn))]
  const after: Reading = { ...reading, queue, tasks, missing }
  if (queue.length > 0) return { type: 'next', carrying: { ...after, call: describeNext(reading.effect, queue) } }
  return tasksRead(after)
}

/**
 * That nothing is left is evidence only of an instance that is DRAINING still. And a task that nobody tells to stop may wait
 * for room elsewhere, or on an instance that somebody has set ACTIVE.
 */
const tasksRead = (reading: Reading): Carried => {
  const { scope, cluster, containerInstance } = reading.effect
  const isInDoubt =
    scope === 'all'
      ? reading.running.length === 0 && reading.tasks.every(hasStopped)
      : scope === 'known' && reading.tasks.some(({ desiredStatus }) => desiredStatus !== 'STOPPED')
  if (!isInDoubt || containerInstance === null) return { type: 'outcome', outcome: tasksSeen(reading) }
  const call: Call = { type: 'DescribeContainerInstances', cluster, containerInstances: [containerInstance] }
  return { type: 'next', carrying: { ...reading, call } }
}

/**
 * An agent that is gone may have lost its state and registered as another container instance, on which ECS places tasks. No
 * message says so; a list of the EC2 instance's records does.
 */
const lookedAt = (reading: Reading, answer: Answer<'DescribeContainerInstances'>): Carried => {
  const outcome = statusOutcome(reading.effect, answer)
  if (outcome.type === 'ContainerInstanceDrains') {
    const { agentConnected } = outcome
    const after = { ...reading, agentConnected }
    const instance = answer.containerInstances[0]?.ec2InstanceId ?? null
    if (agentConnected || instance === null) return { type: 'outcome', outcome: tasksSeen(after) }
    const effect: Finding['effect'] = { type: 'FindContainerInstance', instance, clusters: [reading.effect.cluster] }
    return { type: 'next', carrying: findingIn({ effect, refused: null, found: [], reading: after }, 0) }
  }
  // Without it nothing can be confirmed; but what was learned of waiting tasks is worth recording.
  const isWorthRecording = outcome.type === 'EffectFailed' && reading.effect.scope === 'known'
  return { type: 'outcome', outcome: isWorthRecording ? tasksSeen(reading) : outcome }
}

/** Of a task that is not described it is known that a list holds it, or that none does any more: then ECS has forgotten it. */
const tasksSeen = ({ effect, since, running, stopping, tasks, missing, agentConnected }: Reading): Outcome => {
  const { scope, stopped } = effect
  const undescribed = eachOnce(running, stopping, [...stopped, ...tasks.map(({ arn }) => arn)])
  const inLists = new Set(undescribed)
  const forgotten = missing.filter((arn) => !inLists.has(arn))
  return { type: 'TasksSeen', scope, since, tasks, forgotten, undescribed, agentConnected }
}
