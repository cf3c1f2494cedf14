/**
 * ECS's API (AWS: ECS API reference). Lists and descriptions show the past: how far back is drawn for each call, so two
 * reads in a row may go backwards.
 */
import type { Calls, ContainerInstanceArn, EcsTaskArn, Failure } from '@ecs-drain/core'
import type { CountedContainerInstance } from '../controller/counted-container-instance.ts'
import { faultNumber } from '../kernel/faults.ts'
import { containerInstanceStates, taskStatuses } from '../trace/trace.ts'
import { answered, refused, type Served } from './api.ts'
import { INACTIVE, NONE, PENDING, STOPPED } from './codes.ts'
import type { ContainerInstances } from './container-instances.ts'
import type { Core } from './core.ts'
import type { WorldDirectory } from './directory.ts'
import type { CallRecord } from './functions.ts'
import { flagIn, stateAt, statusIn, versionIn } from './history.ts'
import type { InstanceRecord, TaskRecord } from './records.ts'
import type { Tasks } from './tasks.ts'

type Request<Type extends keyof Calls> = Calls[Type]['request']

export interface ServeEcs {
  listContainerInstances(call: Request<'ListContainerInstances'>, record: CallRecord): Served
  describeContainerInstances(call: Request<'DescribeContainerInstances'>, record: CallRecord): Served
  updateContainerInstancesState(call: Request<'UpdateContainerInstancesState'>): Served
  listTasks(call: Request<'ListTasks'>, record: CallRecord): Served
  describeTasks(call: Request<'DescribeTasks'>, record: CallRecord): Served
  stopTask(call: Request<'StopTask'>): Served
}

const pageSize = 100
const describeMost = 100
const updateMost = 10
/** "For at least one hour." */
const stoppedShownMs = 3_600_000
const STALE = faultNumber('read.stale')

const clusterNotFound: Failure = { type: 'NotFound', message: 'Cluster not found.' }
const invalid = (message: string): Failure => ({ type: 'Rejected', code: 'InvalidParameterException', message })

export const createServeEcs = (
  core: Core,
  directory: WorldDirectory,
  tasks: Tasks,
  containerInstances: ContainerInstances,
): ServeEcs => {
  const { clock, plan, settings, faults, instances, taskHistories: histories } = core
  const listLag = settings.time('ecs.listLag')
  const staleBy = settings.time('read.staleBy')

  const isOther = (cluster: string): boolean => cluster !== plan.cluster.name

  /** The moment that this call sees. */
  const seenAt = ({ key }: CallRecord): number => {
    const stale = faults.strikes(STALE, key, 0) ? staleBy.draw(key, 0) : 0
    return clock.now - Math.max(listLag.draw(key, 0), stale)
  }

  const instanceOf = (arn: string): InstanceRecord | null => {
    const number = directory.instanceByArn(arn)
    return number === NONE ? null : (instances[number] as InstanceRecord)
  }

  const describe = (instance: InstanceRecord, state: number, at: number): CountedContainerInstance => {
    let running = 0
    let pending = 0
    for (const task of instance.tasks) {
      const seen = histories.stateAt(task.number, task.version, at)
      if (seen < 0 || statusIn(seen) === STOPPED) continue
      // The counters know desiredStatus alone: what is being stopped is in neither.
      if (statusIn(seen) === PENDING) pending += 1
      else if (!flagIn(seen)) running += 1
    }
    return {
      arn: directory.containerInstanceArn(instance.number),
      ec2InstanceId: directory.instanceId(instance.number),
      status: containerInstanceStates[statusIn(state)] as string,
      agentConnected: flagIn(state),
      registeredAt: directory.startMs + instance.registeredAt,
      runningTasksCount: running,
      pendingTasksCount: pending,
    }
  }

  const now = (instance: InstanceRecord): CountedContainerInstance =>
    describe(instance, stateAt(instance.history, clock.now), clock.now)

  const isListed = (task: TaskRecord, seen: number, stopped: boolean): boolean => {
    if (seen < 0 || flagIn(seen) !== stopped) return false
    return task.stoppedAt === 0 || clock.now - task.stoppedAt < stoppedShownMs
  }

  const page = <Item>(items: ReadonlyArray<Item>, nextToken: string | null) => {
    const from = nextToken === null ? 0 : Number(nextToken)
    const until = from + pageSize
    return {
      items: from === 0 && items.length <= pageSize ? items : items.slice(from, until),
      nextToken: until < items.length ? String(until) : null,
    }
  }

  return {
    listContainerInstances: ({ cluster, ec2InstanceId, nextToken }, record) => {
      if (isOther(cluster)) return refused(clusterNotFound)
      const number = directory.instanceNumber(ec2InstanceId)
      const instance = number === NONE ? undefined : instances[number]
      const items: ContainerInstanceArn[] = []
      if (instance !== undefined) {
        const state = stateAt(instance.history, seenAt(record))
        // Every status but INACTIVE is listed when none is asked for.
        if (state >= 0 && statusIn(state) !== INACTIVE) items.push(directory.containerInstanceArn(instance.number))
      }
      return answered(page(items, nextToken))
    },

    describeContainerInstances: ({ cluster, containerInstances: arns }, record) => {
      if (isOther(cluster)) return refused(clusterNotFound)
      if (arns.length > describeMost) return refused(invalid(`at most ${describeMost} container instances`))
      const at = seenAt(record)
      const described: CountedContainerInstance[] = []
      const failures: Array<{ readonly arn: string; readonly reason: string }> = []
      for (const arn of arns) {
        const instance = instanceOf(arn)
        const state = instance === null ? -1 : stateAt(instance.history, at)
        if (instance === null || state < 0) failures.push({ arn, reason: 'MISSING' })
        else described.push(describe(instance, state, at))
      }
      return answered({ containerInstances: described, failures })
    },

    updateContainerInstancesState: ({ cluster, containerInstances: arns, status }) => {
      if (isOther(cluster)) return refused(clusterNotFound)
      if (arns.length > updateMost) return refused(invalid(`at most ${updateMost} container instances`))
      const updated: CountedContainerInstance[] = []
      const failures: Array<{ readonly arn: string; readonly reason: string }> = []
      for (const arn of arns) {
        const instance = instanceOf(arn)
        if (instance === null || instance.history.length === 0) failures.push({ arn, reason: 'MISSING' })
        else if (instance.containerInstance === INACTIVE) failures.push({ arn, reason: 'INACTIVE' })
        else {
          if (status === 'DRAINING') containerInstances.setDraining(instance)
          else containerInstances.setActive(instance)
          updated.push(now(instance))
        }
      }
      return answered({ containerInstances: updated, failures })
    },

    listTasks: ({ cluster, containerInstance, desiredStatus, nextToken }, record) => {
      if (isOther(cluster)) return refused(clusterNotFound)
      const instance = instanceOf(containerInstance)
      if (instance === null) return refused(invalid('Container instance not found.'))
      const at = seenAt(record)
      const items: EcsTaskArn[] = []
      for (const task of instance.tasks) {
        if (isListed(task, histories.stateAt(task.number, task.version, at), desiredStatus === 'STOPPED'))
          items.push(directory.taskArn(task.number))
      }
      return answered(page(items, nextToken))
    },

    describeTasks: ({ cluster, tasks: arns }, record) => {
      if (isOther(cluster)) return refused(clusterNotFound)
      if (arns.length > describeMost) return refused(invalid(`at most ${describeMost} tasks`))
      const at = seenAt(record)
      const described: unknown[] = []
      const failures: Array<{ readonly arn: string; readonly reason: string }> = []
      for (const arn of arns) {
        const number = directory.taskByArn(arn)
        const task = number === NONE ? undefined : core.tasks[number]
        const seen = task === undefined ? -1 : histories.stateAt(task.number, task.version, at)
        if (task === undefined || seen < 0 || !isListed(task, seen, flagIn(seen)))
          failures.push({ arn, reason: 'MISSING' })
        else {
          described.push({
            arn,
            version: versionIn(seen),
            lastStatus: taskStatuses[statusIn(seen)],
            desiredStatus: flagIn(seen) ? 'STOPPED' : 'RUNNING',
            group: directory.taskGroup(task.number),
          })
        }
      }
      return answered({ tasks: described, failures })
    },

    stopTask: ({ cluster, task: arn }) => {
      if (isOther(cluster)) return refused(clusterNotFound)
      const number = directory.taskByArn(arn)
      const task = number === NONE ? undefined : core.tasks[number]
      if (task === undefined || task.version === 0) return refused(invalid('The referenced task was not found.'))
      tasks.stop(task)
      return answered(null)
    },
  }
}
