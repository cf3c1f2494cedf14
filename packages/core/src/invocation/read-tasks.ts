/**
 * Reading the tasks of a container instance: its two lists and the descriptions of who is in doubt, and where those leave nothing, or
 * leave a task that nobody tells to stop, a look at the container instance itself.
 */
import { hasStopped } from '../drain/known-tasks.ts'
import { type Effect, elsewhereOf, leftBehindOf } from '../effect/effect.ts'
import { type ContainerInstanceArn, clusterIn, type EcsTaskArn } from '../identity/ids.ts'
import type { Failure } from '../observation/failure.ts'
import type { Outcome } from '../observation/observation.ts'
import type { TaskSighting } from '../observation/task-sighting.ts'
import type { Instant } from '../time/instant.ts'
import type { Answer, Call, CallType, Page } from './call.ts'
import { type Finding, findOn, findOnAfter, startFinding } from './find-container-instance.ts'
import { type Carried, cameTo, effectFailed, goOnWith, statusOutcome } from './outcome.ts'

/** A reading that is under way. */
export interface Reading {
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
  /** Its agent is gone: who the EC2 instance is now. */
  readonly finding: Finding | null
}

type TaskList = Extract<Call, { type: 'ListTasks' }>

/** DescribeTasks takes at most 100 tasks (aws-sdk client-ecs). */
const describedAtOnce = 100

export const startReading = (effect: Reading['effect'], now: Instant): Reading => ({
  type: 'reading',
  effect,
  call: effect.scope === 'known' ? describeNext(effect, effect.remaining) : listing(effect, effect.containerInstance),
  since: now,
  running: [],
  stopping: [],
  queue: effect.remaining,
  tasks: [],
  missing: [],
  agentConnected: null,
  finding: null,
})

export const readOn = (reading: Reading, answer: Answer<CallType>): Carried<Reading> => {
  if (reading.finding !== null) return foundOn(reading, findOn(reading.finding, answer))
  switch (reading.call.type) {
    case 'DescribeTasks':
      return tasksDescribed(reading, reading.call, answer as Answer<'DescribeTasks'>)
    case 'DescribeContainerInstances':
      return lookedAt(reading, answer as Answer<'DescribeContainerInstances'>)
    default:
      return tasksListed(reading, reading.call as TaskList, answer as Answer<'ListTasks'>)
  }
}

/** What was read until then is no evidence, and is read again. */
export const readOnAfter = (reading: Reading, failure: Failure): Carried<Reading> => {
  const { effect, call, finding } = reading
  // What another cluster fails to say is not about this one.
  if (finding !== null && 'cluster' in call && call.cluster !== effect.cluster)
    return foundOn(reading, findOnAfter(finding, failure))
  if (failure.type !== 'NotFound' || call.type === 'DescribeTasks') return cameTo(effectFailed(effect, failure))
  // One that was left behind may be gone, and its lists with it; its tasks that are known are asked for by name.
  if (call.type === 'ListTasks' && call.containerInstance !== effect.containerInstance)
    return tasksListed(reading, call, { items: [], nextToken: null })
  return cameTo({ type: 'ContainerInstanceLost', reason: failure.message })
}

/** In its own cluster, which for one that was left behind may be another. */
const listing = (
  { cluster }: Reading['effect'],
  containerInstance: ContainerInstanceArn,
  desiredStatus: TaskList['desiredStatus'] = 'RUNNING',
  nextToken: string | null = null,
): TaskList => ({
  type: 'ListTasks',
  cluster: clusterIn(containerInstance) ?? cluster,
  containerInstance,
  desiredStatus,
  nextToken,
})

/** Tasks of one cluster at a time: those of a record that was lost may be in another. */
const describeNext = (effect: Reading['effect'], queue: ReadonlyArray<EcsTaskArn>): Call => {
  const clusterOf = (arn: EcsTaskArn) => clusterIn(arn) ?? effect.cluster
  const cluster = clusterOf(queue[0] as EcsTaskArn)
  const tasks = queue.filter((arn) => clusterOf(arn) === cluster).slice(0, describedAtOnce)
  return { type: 'DescribeTasks', cluster, tasks }
}

/**
 * Both lists, every page: the plain list hides the tasks that are being stopped (R4). A task of the RUNNING list has not stopped,
 * which is all there is to know of it; one that has left it may have, and is described.
 */
const tasksListed = (reading: Reading, call: TaskList, page: Page<EcsTaskArn>): Carried<Reading> => {
  const { effect } = reading
  const list = call.desiredStatus === 'RUNNING' ? 'running' : 'stopping'
  const after = { ...reading, [list]: reading[list].length === 0 ? page.items : [...reading[list], ...page.items] }
  if (page.nextToken !== null) {
    return goOnWith({ ...after, call: { ...call, nextToken: page.nextToken } })
  }
  const containerInstance = nextAfter(effect, call)
  if (containerInstance !== undefined)
    return goOnWith({ ...after, call: listing(effect, containerInstance, call.desiredStatus) })
  if (call.desiredStatus === 'RUNNING') {
    if (effect.scope === 'running' && after.running.length > 0) return cameTo(tasksSeen(after))
    const first = effect.containerInstance ?? call.containerInstance
    return goOnWith({ ...after, call: listing(effect, first, 'STOPPED') })
  }
  const queue = eachOnce(after.stopping, effect.remaining, [...effect.stopped, ...after.running])
  if (queue.length === 0) return tasksRead(after)
  return goOnWith({ ...after, queue, call: describeNext(effect, queue) })
}

/** The next of the records of the host, whose lists are one after another. */
const nextAfter = (effect: Reading['effect'], { containerInstance }: TaskList): ContainerInstanceArn | undefined => {
  const leftBehind = leftBehindOf(effect)
  // The first is none of those left behind: after it comes the first of these.
  return leftBehind[leftBehind.indexOf(containerInstance) + 1]
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

const tasksDescribed = (
  reading: Reading,
  call: Extract<Call, { type: 'DescribeTasks' }>,
  answer: Answer<'DescribeTasks'>,
): Carried<Reading> => {
  const asked = new Set(call.tasks)
  const queue = reading.queue.filter((arn) => !asked.has(arn))
  const told = new Set<string>(answer.tasks.map(({ arn }) => arn))
  const tasks = [...reading.tasks, ...answer.tasks]
  // Another reason, or none, is no answer: the task is as it was.
  const unknown = new Set(answer.failures.filter(({ reason }) => reason === 'MISSING').map(({ arn }) => arn))
  const missing = [...reading.missing, ...reading.queue.filter((arn) => unknown.has(arn) && !told.has(arn))]
  const after: Reading = { ...reading, queue, tasks, missing }
  if (queue.length > 0) return goOnWith({ ...after, call: describeNext(reading.effect, queue) })
  return tasksRead(after)
}

/**
 * That nothing is left is evidence only of an instance that is DRAINING still. And a task that nobody tells to stop may wait
 * for room elsewhere, or on an instance that somebody has set ACTIVE.
 */
const tasksRead = (reading: Reading): Carried<Reading> => {
  const { cluster, containerInstance } = reading.effect
  if (!isInDoubt(reading) || containerInstance === null) return cameTo(tasksSeen(reading))
  const call: Call = { type: 'DescribeContainerInstances', cluster, containerInstances: [containerInstance] }
  return goOnWith({ ...reading, call })
}

const isInDoubt = ({ effect, running, tasks }: Reading): boolean => {
  if (effect.scope !== 'known') return effect.scope === 'all' && running.length === 0 && tasks.every(hasStopped)
  return effect.agentIsGone === true || tasks.some(({ desiredStatus }) => desiredStatus !== 'STOPPED')
}

/**
 * An agent that is gone may have lost its state and registered its host as another container instance, on which ECS places tasks. No
 * message says so; a list of the EC2 instance's records does.
 */
const lookedAt = (reading: Reading, answer: Answer<'DescribeContainerInstances'>): Carried<Reading> => {
  const { effect } = reading
  const outcome = statusOutcome(effect, answer)
  if (outcome.type === 'ContainerInstanceDrains') {
    const { agentConnected } = outcome
    const after = { ...reading, agentConnected }
    const instance = answer.containerInstances[0]?.ec2InstanceId ?? null
    if (agentConnected || instance === null) return cameTo(tasksSeen(after))
    const clusters = [effect.cluster, ...elsewhereOf(effect)]
    return lookingFor(after, startFinding({ type: 'FindContainerInstance', instance, clusters }))
  }
  // Without it nothing can be confirmed; but what was learned of waiting tasks is worth recording.
  return cameTo(outcome.type === 'EffectFailed' && effect.scope === 'known' ? tasksSeen(reading) : outcome)
}

const lookingFor = (reading: Reading, finding: Finding): Carried<Reading> =>
  goOnWith({ ...reading, call: finding.call, finding })

/** A list that lags, and shows nobody, says no other. */
const foundOn = (reading: Reading, found: Carried<Finding>): Carried<Reading> => {
  if (found.type === 'next') return lookingFor(reading, found.carrying)
  const { outcome } = found
  if (outcome.type === 'EffectFailed') return cameTo(effectFailed(reading.effect, outcome.failure))
  const replaced = reading.effect.containerInstance
  return replaced !== null && outcome.type === 'ContainerInstanceLocated' && outcome.arn !== replaced
    ? cameTo({ ...outcome, type: 'ContainerInstanceReplaced', replaced })
    : cameTo(tasksSeen(reading))
}

/** Of a task that is not described it is known that a list holds it, or that none does any more: then ECS has forgotten it. */
const tasksSeen = ({ effect, since, running, stopping, tasks, missing, agentConnected }: Reading): Outcome => {
  const { scope, stopped } = effect
  const undescribed = eachOnce(running, stopping, [...stopped, ...tasks.map(({ arn }) => arn)])
  const inLists = new Set(undescribed)
  const forgotten = missing.filter((arn) => !inLists.has(arn))
  return { type: 'TasksSeen', scope, since, tasks, forgotten, undescribed, agentConnected }
}
