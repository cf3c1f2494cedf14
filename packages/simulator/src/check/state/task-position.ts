/**
 * Where a task stands, as one small number that only grows: so it serves as ECS's version of the task as well, which
 * says of two sightings which one is the later.
 */
import type { TaskSighting } from '@ecs-drain/core'
import type { Model } from '../model.ts'
import { groupOfTasks, taskArn } from './names.ts'

export const nowhere = 0
/** Chosen for the instance; DRAINING does not call it back (R5), and no list shows it. */
export const inFlight = 1
export const pending = 2
export const pendingToldToStop = 3
export const running = 4
export const runningToldToStop = 5
export const deactivating = 6
export const stopping = 7
export const deprovisioning = 8
export const stopped = 9

const lastStatuses = [
  '',
  '',
  'PENDING',
  'PENDING',
  'RUNNING',
  'RUNNING',
  'DEACTIVATING',
  'STOPPING',
  'DEPROVISIONING',
  'STOPPED',
] as const

export const lastStatusOf = (position: number): string => lastStatuses[position] ?? ''

/** ECS has made it appear on the instance. */
export const hasLanded = (position: number): boolean => position >= pending

export const isToldToStop = (position: number): boolean => position === pendingToldToStop || position > running

/** What ECS shows of a task there. */
export const sightingAt = (task: number, position: number, model: Pick<Model, 'standalone'>): TaskSighting => ({
  arn: taskArn(task),
  version: position,
  lastStatus: lastStatusOf(position),
  desiredStatus: isToldToStop(position) ? 'STOPPED' : 'RUNNING',
  group: groupOfTasks(model),
})

/** By position, where a task goes by itself; 0: only the scheduler or StopTask moves it. */
export const nextPositions = ({ stopping: stages }: Pick<Model, 'stopping'>): ReadonlyArray<number> =>
  stages === 'every'
    ? [0, pending, running, stopped, 0, deactivating, stopping, deprovisioning, stopped, 0]
    : [0, pending, running, stopped, 0, stopping, stopping, stopped, stopped, 0]

/** Where a running task is when it has just been told to stop. */
export const toldToStop = (position: number, { stopping: stages }: Pick<Model, 'stopping'>): number => {
  if (position === pending) return pendingToldToStop
  return stages === 'every' ? runningToldToStop : stopping
}
