/** What ECS and Auto Scaling answer, in core's words, from the state that is visible at this moment. */
import {
  type Answer,
  type AutoScalingGroupName,
  type Call,
  type CallType,
  type ContainerInstanceArn,
  type Ec2InstanceId,
  type EcsTaskArn,
  type Failure,
  instanceOf,
  type LifecycleHook,
  type TaskSighting,
} from '@ecs-drain/core'
import type { CountedContainerInstance, TaskCounts } from '../controller/counted-container-instance.ts'
import { globalTimeoutMs } from '../plan/limits.ts'
import { ABSENT, ACTIVE, DRAINING, PENDING, STOPPED } from '../trace/kind-numbers.ts'
import { containerInstanceStates, lifecycleStates, taskStatuses } from '../trace/trace.ts'
import { end, heartbeat } from './auto-scaling/lifecycle.ts'
import { sendWakeUp } from './bus.ts'
import { updateState } from './ecs/container-instances.ts'
import { describedMost, type Listed, updatedMost, wrongCount } from './ecs/request-size.ts'
import { stopOnRequest } from './ecs/tasks.ts'
import { numberIn } from './names.ts'
import type { Action, Instance, Run, Task, World } from './state.ts'

export type Result = { readonly answer: Answer<CallType> } | { readonly failure: Failure }

/** `staleMs`: the answer of a List or Describe is that old; 0 for none of these. */
export const applyApiCall = (world: World, run: Run, call: Call, staleMs: number): Result => {
  // Not every request names one; `in` would cost more here than all of the rest.
  const { cluster } = call as { readonly cluster?: string }
  if (cluster !== undefined && cluster !== world.plan.cluster.name) {
    return notFound(`Cluster not found: ${cluster}`)
  }
  switch (call.type) {
    case 'ListContainerInstances':
      return listContainerInstances(world, call.ec2InstanceId)
    case 'DescribeContainerInstances':
      return (
        miscounted('Container instances', call.containerInstances, describedMost) ??
        describeContainerInstances(world, call.containerInstances)
      )
    case 'UpdateContainerInstancesState':
      return (
        miscounted('Container instances', call.containerInstances, updatedMost) ??
        updateContainerInstancesState(world, call)
      )
    case 'ListTasks':
      return listTasks(world, call, staleMs)
    case 'DescribeTasks':
      return miscounted('Tasks', call.tasks, describedMost) ?? describeTasks(world, call.tasks, staleMs)
    case 'StopTask': {
      const task = stoppableTask(world, call.task)
      if (task === null) return notFound('The referenced task was not found.')
      stopOnRequest(world, task)
      return { answer: null }
    }
    case 'CompleteLifecycleAction': {
      const action = activeAction(world, call.action)
      if (action === null) return notActive(call.action)
      end(world, action, call.result)
      return { answer: null }
    }
    case 'RecordLifecycleActionHeartbeat': {
      const action = activeAction(world, call.action)
      if (action === null) return notActive(call.action)
      heartbeat(world, action, run.number)
      return { answer: null }
    }
    case 'DescribeLifecycleHooks':
      return describeLifecycleHooks(world, call)
    case 'DescribeAutoScalingGroups':
      return describeAutoScalingGroups(world, call.groups)
    case 'SendWakeUp':
      sendWakeUp(
        world,
        world.directory.instanceNumber(instanceOf(call.stream)),
        // The delay is what it is by the function's own clock.
        call.at - world.startMs - run.skew,
        call.hops,
      )
      return { answer: null }
    case 'LoadStream':
    case 'AppendToStream':
    case 'FindStreams':
    case 'ListWatchedStreams':
      throw new Error(`${call.type} is the event store's`)
  }
}

/** What ECS and Auto Scaling say of a thing that is not there, whatever the code: ports know it by the words. */
const notFound = (message: string): { readonly failure: Failure } => ({ failure: { type: 'NotFound', message } })

/** A refusal in AWS's own code and words. */
const rejected = (code: string, message: string): { readonly failure: Failure } => ({
  failure: { type: 'Rejected', code, message },
})

/** The refusal of a request that names nothing, or too much; null where it does not. */
const miscounted = (what: Listed, items: ReadonlyArray<string>, most: number): Result | null => {
  const wrong = wrongCount(what, items, most)
  return wrong === null ? null : rejected('InvalidParameterException', wrong)
}

/** A lifecycle action as a request names it. */
export interface AskedAction {
  readonly group: string
  readonly hook: string
  readonly instance: string
  readonly token: string | null
}

/** AWS's words for an action that is not, or no longer, waiting (github.com/convox/rack/issues/2432). */
export const notActive = ({ instance, token }: AskedAction): { readonly failure: Failure } =>
  rejected(
    'ValidationError',
    `No active Lifecycle Action found with ${token === null ? `instance ID ${instance}` : `token ${token}`}`,
  )

/** The open action that a completion or a heartbeat is for: by token, or by the instance where there is none. */
export const activeAction = (world: World, asked: AskedAction): Action | null => {
  const instance = world.instances[world.directory.instanceNumber(asked.instance as Ec2InstanceId)]
  const found = instance?.actions.find(
    ({ open, lifecycleAction }) =>
      open &&
      lifecycleAction.hook === asked.hook &&
      lifecycleAction.group === asked.group &&
      (asked.token === null || lifecycleAction.token === asked.token),
  )
  return found ?? null
}

const arnOf = (world: World, instance: Instance): ContainerInstanceArn =>
  world.directory.containerInstanceArn(instance.number)

const listContainerInstances = (world: World, id: Ec2InstanceId): Result => {
  const instance = world.instances[world.directory.instanceNumber(id)]
  const records = instance === undefined ? [] : instance.records
  const items = records.filter((each) => isListed(world, each)).map((each) => arnOf(world, each))
  return { answer: { items, nextToken: null } }
}

/** Whether a list of container instances has it: it is not INACTIVE, and its registration can be seen. */
export const isListed = (world: World, instance: Instance): boolean => {
  const { status } = seenNow(world, instance)
  return (status === ACTIVE || status === DRAINING) && world.now >= instance.visibleFrom
}

/** A container instance as it is, or as List and Describe still see it. */
export type SeenInstance = Pick<Instance, 'status' | 'agentConnected'>

export const seenNow = (world: World, instance: Instance): SeenInstance =>
  world.now < instance.seenFrom
    ? { status: instance.shownStatus, agentConnected: instance.shownAgentConnected }
    : instance

/** The container instance of an ARN; null: ECS has never had one. */
export const knownInstance = (world: World, arn: string): Instance | null => {
  const instance = world.instances[numberIn(arn)]
  return instance === undefined || instance.status === ABSENT || arnOf(world, instance) !== arn ? null : instance
}

const describeContainerInstances = (world: World, arns: ReadonlyArray<ContainerInstanceArn>): Result => {
  const known = arns.map((arn) => knownInstance(world, arn))
  return {
    answer: {
      containerInstances: known.flatMap((instance) =>
        instance === null ? [] : [shown(world, instance, seenNow(world, instance))],
      ),
      failures: arns.filter((_, index) => known[index] === null).map((arn) => ({ arn, reason: 'MISSING' })),
    },
  }
}

/** `runningTasksCount` counts tasks whose *desired* status is RUNNING, `pendingTasksCount` those in PENDING (AWS: API reference). */
export const countsOf = ({ tasks }: Instance): TaskCounts => {
  let runningTasksCount = 0
  let pendingTasksCount = 0
  for (const task of tasks) {
    if (!task.desiredStopped && task.status > PENDING) runningTasksCount += 1
    if (task.status === PENDING) pendingTasksCount += 1
  }
  return { runningTasksCount, pendingTasksCount }
}

const shown = (
  world: World,
  instance: Instance,
  { status, agentConnected }: SeenInstance,
): CountedContainerInstance => ({
  arn: arnOf(world, instance),
  ec2InstanceId: instance.id as Ec2InstanceId,
  status: containerInstanceStates[status] ?? 'ABSENT',
  agentConnected,
  registeredAt: world.startMs + instance.registeredAt,
  ...countsOf(instance),
})

const updateContainerInstancesState = (
  world: World,
  { containerInstances, status }: Extract<Call, { type: 'UpdateContainerInstancesState' }>,
): Result => {
  const changed: Array<CountedContainerInstance> = []
  const failures: Array<{ arn: string; reason: string }> = []
  for (const arn of containerInstances) {
    const instance = knownInstance(world, arn)
    if (instance === null) failures.push({ arn, reason: 'MISSING' })
    else if (updateState(world, instance, status === 'DRAINING' ? DRAINING : ACTIVE))
      changed.push(shown(world, instance, instance))
    else failures.push({ arn, reason: 'INACTIVE' })
  }
  return { answer: { containerInstances: changed, failures } }
}

/** Whether List and Describe see a task as it was before its latest change. */
const isSeenAsBefore = (world: World, { visibleFrom, changedAt }: Task, staleMs: number): boolean =>
  world.now < visibleFrom || world.now - changedAt < staleMs

/** Whether they see it at all: a new one not yet, one that stopped long ago no longer. */
const isSeen = (world: World, task: Task, asBefore: boolean): boolean => {
  if ((asBefore ? task.shownVersion : task.version) === 0) return false
  const status = asBefore ? task.shownStatus : task.status
  return status !== STOPPED || world.now - task.changedAt <= world.settings['ecs.remembersStopped'].from
}

/** How List and Describe see a task: as it is, or as it was before its latest change. */
export interface View {
  readonly status: number
  readonly desiredStopped: boolean
  readonly version: number
}

/** Null: List and Describe do not know it, not yet or no longer. */
export const view = (world: World, task: Task, staleMs: number): View | null => {
  const asBefore = isSeenAsBefore(world, task, staleMs)
  if (!isSeen(world, task, asBefore)) return null
  return asBefore
    ? { status: task.shownStatus, desiredStopped: task.shownDesiredStopped, version: task.shownVersion }
    : { status: task.status, desiredStopped: task.desiredStopped, version: task.version }
}

const listTasks = (
  world: World,
  { containerInstance, desiredStatus, nextToken }: Extract<Call, { type: 'ListTasks' }>,
  staleMs: number,
): Result => {
  const instance = knownInstance(world, containerInstance)
  if (instance === null) return notFound('The container instance was not found.')
  const wantsStopped = desiredStatus === 'STOPPED'
  // A token says after which task a page begins: what stops or starts between two pages moves nobody else.
  const after = nextToken === null ? -1 : Number(nextToken)
  const pageSize = world.settings['ecs.listPage'].from
  const items: Array<EcsTaskArn> = []
  let last = -1
  for (const task of instance.placed) {
    if (task.number <= after) continue
    const asBefore = isSeenAsBefore(world, task, staleMs)
    if ((asBefore ? task.shownDesiredStopped : task.desiredStopped) !== wantsStopped) continue
    if (!isSeen(world, task, asBefore)) continue
    if (items.length === pageSize) return { answer: { items, nextToken: String(last) } }
    items.push(world.directory.taskArn(task.number))
    last = task.number
  }
  return { answer: { items, nextToken: null } }
}

/** The task of an ARN. */
export const taskOf = (world: World, arn: string): Task | null => {
  const task = world.tasks[numberIn(arn)]
  return task !== undefined && world.directory.taskArn(task.number) === arn ? task : null
}

/** One that was started just now is in no list yet, and can be stopped. One that stopped long ago is forgotten. */
export const stoppableTask = (world: World, arn: string): Task | null => {
  const task = taskOf(world, arn)
  return task === null || (task.status === STOPPED && view(world, task, 0) === null) ? null : task
}

const describeTasks = (world: World, arns: ReadonlyArray<EcsTaskArn>, staleMs: number): Result => {
  const tasks: Array<TaskSighting> = []
  const failures: Array<{ arn: string; reason: string }> = []
  for (const arn of arns) {
    const task = taskOf(world, arn)
    const seen = task === null ? null : view(world, task, staleMs)
    if (task === null || seen === null) failures.push({ arn, reason: 'MISSING' })
    else
      tasks.push({
        arn,
        version: seen.version,
        lastStatus: taskStatuses[seen.status] ?? 'UNKNOWN',
        desiredStatus: seen.desiredStopped ? 'STOPPED' : 'RUNNING',
        group: world.directory.taskGroup(task.number),
      })
  }
  return { answer: { tasks, failures } }
}

const describeLifecycleHooks = (
  world: World,
  { group, hook }: Extract<Call, { type: 'DescribeLifecycleHooks' }>,
): Result => {
  const found = world.groups.find(({ plan }) => plan.name === group)
  if (found === undefined) return notFound('AutoScalingGroup name not found')
  const hooks = found.hooks.filter(({ plan, deleted }) => plan.name === hook && !deleted)
  return {
    answer: hooks.map(
      (each): LifecycleHook => ({
        name: hook,
        transition: 'autoscaling:EC2_INSTANCE_TERMINATING',
        heartbeatTimeout: each.plan.heartbeatTimeoutSeconds * 1000,
        globalTimeout: globalTimeoutMs(each.plan),
        defaultResult: each.plan.defaultResult,
        notificationMetadata: each.plan.notificationMetadata,
      }),
    ),
  }
}

/** Instances in a warm pool are not among the group's (AWS: DescribeWarmPool lists those). */
const describeAutoScalingGroups = (world: World, names: ReadonlyArray<string>): Result => ({
  answer: {
    items: world.groups
      .filter(({ plan }) => names.length === 0 || names.includes(plan.name))
      .map(({ plan, instances }) => ({
        name: plan.name as AutoScalingGroupName,
        instances: instances
          .map(({ id, state }) => ({ id: id as Ec2InstanceId, lifecycleState: lifecycleStates[state] ?? 'Unknown' }))
          .filter(({ lifecycleState }) => !lifecycleState.startsWith('Warmed:')),
      })),
    nextToken: null,
  },
})
