/** The messages about one instance, as numbers of four bits. 0 stands for none. */
import type { Notice } from '@ecs-drain/core'
import { now } from '../core/abstract-time.ts'
import { type Model, tickMs } from '../model.ts'
import { action, containerInstanceArn, foreignAction, stream } from './names.ts'
import { sightingAt, stopped } from './task-position.ts'

export const none = 0
export const termination = 1
export const foreignTermination = 2
/** ECS's event that the container instance drains: news to nobody, but a function wakes up for it. */
export const drainingEvent = 3
/** Plus the number of the task. */
export const taskStopped = 4
/** Plus the length of its chain. */
export const wakeUp = 8

/** What core is told. `startAge`: ticks since the lifecycle action began. */
export const noticeOf = (code: number, startAge: number, model: Model): Notice => {
  const at = now - startAge * tickMs
  if (code >= wakeUp) return { type: 'WokenUp', stream, hops: code - wakeUp }
  if (code >= taskStopped) {
    const task = sightingAt(code - taskStopped, stopped, model)
    return { type: 'TaskStateChanged', task, containerInstance: containerInstanceArn, at: now }
  }
  if (code === drainingEvent) {
    return { type: 'ContainerInstanceStateChanged', containerInstance: containerInstanceArn, agentConnected: true }
  }
  const announced = code === termination ? action : foreignAction
  return { type: 'InstanceTerminating', action: announced, destination: 'EC2', account: null, metadata: null, at }
}

/** For a story. */
export const messageText = (code: number, taskName: (task: number) => string): string => {
  if (code >= wakeUp) return `the wake-up it sent itself (number ${code - wakeUp} in a row)`
  if (code >= taskStopped) return `the STOPPED event of ${taskName(code - taskStopped)}`
  if (code === drainingEvent) return 'the container instance event'
  return code === termination ? "the hook's notice" : "the other hook's notice"
}
