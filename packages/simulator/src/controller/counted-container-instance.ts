import type { ContainerInstance } from '@ecs-drain/core'

/**
 * A container instance with the counters of DescribeContainerInstances. Core leaves them out on purpose: they count
 * tasks by desiredStatus, so a task that is being stopped is in neither (aws-sdk client-ecs, `ContainerInstance`).
 */
export interface CountedContainerInstance extends ContainerInstance {
  /** Tasks whose desiredStatus is RUNNING. */
  readonly runningTasksCount: number
  /** Tasks in PENDING. */
  readonly pendingTasksCount: number
}

/** The counters, where the world's answer has them. */
export const countersOf = (
  instance: ContainerInstance,
): Pick<CountedContainerInstance, 'runningTasksCount' | 'pendingTasksCount'> => {
  const { runningTasksCount = 0, pendingTasksCount = 0 } = instance as Partial<CountedContainerInstance>
  return { runningTasksCount, pendingTasksCount }
}
