import type { DrainEvent } from '../../src/drain/drain-event.ts'
import type { TaskSighting } from '../../src/observation/task-sighting.ts'
import { at, event } from '../../src/testing/index.ts'

type History = ReadonlyArray<DrainEvent>

/** Announced at 0 s, by a message and nobody else. */
export const announced: History = [event('DrainRequested', 0)]

/** Auto Scaling has said that our hook holds the instance; the container instance is not found yet. */
export const locating: History = [...announced, event('LifecycleActionHeartbeatRecorded', 0)]

/** Found at 1 s, and not DRAINING yet. */
export const cordoning: History = [...locating, event('ContainerInstanceFound', 1)]

/** DRAINING since 2 s, the hook (15 minutes) described, no reading yet. */
export const settling: History = [
  ...cordoning,
  event('ContainerInstanceDraining', 2),
  event('LifecycleHookDescribed', 2),
]

/** DRAINING since 2 s, and all tasks read at 7 s. */
export const draining = (...tasks: ReadonlyArray<TaskSighting>): History => [
  ...settling,
  event('TasksRead', 7, { since: at(7), tasks }),
]

/** Decided at 30 s that the lifecycle action completes. */
export const completing: History = [
  ...draining(),
  event('CompletionDecided', 30, { result: 'CONTINUE', because: 'drained' }),
]

/** Completed at 31 s. */
export const ended: History = [...completing, event('LifecycleActionCompleted', 31, { result: 'CONTINUE' })]
