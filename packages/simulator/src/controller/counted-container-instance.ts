import type { ContainerInstance } from '@ecs-drain/core'

/** The counters of DescribeContainerInstances. */
export interface TaskCounts {
  /** Tasks whose desiredStatus is RUNNING. */
  readonly runningTasksCount: number
  /** Tasks in PENDING. */
  readonly pendingTasksCount: number
}

/**
 * A container instance with its counters. Core leaves them out on purpose: they count tasks by desiredStatus, so a task that
 * is being stopped is in neither (aws-sdk client-ecs, `ContainerInstance`).
 */
export interface CountedContainerInstance extends ContainerInstance, TaskCounts {}

/** The counters, where the world's answer has them. */
export const countersOf = (instance: ContainerInstance): TaskCounts => {
  const { runningTasksCount = 0, pendingTasksCount = 0 } = instance as Partial<CountedContainerInstance>
  return { runningTasksCount, pendingTasksCount }
}
