/** Answers as numbers, so that what core makes of one is computed once. */
import type { Call, Failure, Reply } from '@ecs-drain/core'
import { now } from '../core/abstract-time.ts'
import { type Model, tickMs } from '../model.ts'
import { containerInstanceArn, hook, instanceId, taskArn, taskOf } from './names.ts'
import { sightingAt } from './task-position.ts'

export const done = 0
/** No answer in time: it may have been done, or not. */
export const timedOut = 1
/** "No active Lifecycle Action found". */
export const notActive = 2
export const absent = 3
export const present = 4
export const drains = 5
export const isInactive = 6
export const appended = 7
export const isActive = 8
/** Plus a bit for each task that the list holds. */
export const listed = 16
/** Plus four bits for each task that was asked for, in that order: its position, 0 for one that ECS does not know. */
export const described = 1 << 16

const timedOutFailure: Failure = { type: 'TimedOut', message: 'no answer in time' }
const notActiveFailure: Failure = {
  type: 'Rejected',
  code: 'ValidationError',
  message: 'No active Lifecycle Action found',
}

/** Longer than anything that is explored: a heartbeat never becomes due, a global limit never comes. */
const never = 1e14

/** The reply that a code stands for. */
export const replyOf = (call: Call, code: number, model: Model): Reply => {
  if (code === timedOut) return { type: 'failed', at: now, failure: timedOutFailure }
  if (code === notActive) return { type: 'failed', at: now, failure: notActiveFailure }
  return { type: 'answered', at: now, answer: answerOf(call, code, model) } as Reply
}

const answerOf = (call: Call, code: number, model: Model): object | null => {
  switch (call.type) {
    case 'ListContainerInstances':
      return { items: code === present ? [containerInstanceArn] : [], nextToken: null }
    case 'UpdateContainerInstancesState':
    case 'DescribeContainerInstances':
      return containerInstanceShown(code)
    case 'ListTasks':
      return { items: tasksIn(code - listed), nextToken: null }
    case 'DescribeTasks':
      return tasksDescribed(call.tasks, code - described, model)
    case 'DescribeLifecycleHooks':
      return [
        {
          name: hook,
          transition: 'autoscaling:EC2_INSTANCE_TERMINATING',
          heartbeatTimeout: model.heartbeatTimeout === null ? never : model.heartbeatTimeout * tickMs,
          globalTimeout: never,
          defaultResult: 'CONTINUE',
        },
      ]
    case 'AppendToStream':
      return { type: 'appended' }
    case 'StopTask':
    case 'CompleteLifecycleAction':
    case 'RecordLifecycleActionHeartbeat':
    case 'SendWakeUp':
    // What a sweep asks, and the loading of a stream, is answered without a code.
    case 'DescribeAutoScalingGroups':
    case 'LoadStream':
    case 'FindStreams':
    case 'ListWatchedStreams':
      return null
  }
}

const containerInstanceShown = (code: number): object => {
  const arn = containerInstanceArn
  if (code === isInactive) return { containerInstances: [], failures: [{ arn, reason: 'INACTIVE' }] }
  const status = code === isActive ? 'ACTIVE' : 'DRAINING'
  const shown = { arn, ec2InstanceId: instanceId, status, agentConnected: true, registeredAt: 0 }
  return { containerInstances: [shown], failures: [] }
}

const tasksIn = (mask: number): ReadonlyArray<string> => {
  const tasks: Array<string> = []
  for (let task = 0; mask >> task > 0; task += 1) if (((mask >> task) & 1) === 1) tasks.push(taskArn(task))
  return tasks
}

const tasksDescribed = (arns: ReadonlyArray<string>, positions: number, model: Model): object => {
  const tasks: Array<unknown> = []
  const failures: Array<unknown> = []
  arns.forEach((arn, index) => {
    const position = (positions >> (4 * index)) & 15
    if (position === 0) failures.push({ arn, reason: 'MISSING' })
    else tasks.push(sightingAt(taskOf(arn), position, model))
  })
  return { tasks, failures }
}
