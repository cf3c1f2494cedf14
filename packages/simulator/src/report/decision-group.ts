/** Which of the controller's decisions are alike to a reader of the report. */

export type MarkGroup = 'asked' | 'draining' | 'heartbeat' | 'completed' | 'forced' | 'failed' | 'other'

const groups: Readonly<Record<string, MarkGroup>> = {
  DrainRequested: 'asked',
  DrainSuperseded: 'asked',
  ContainerInstanceDraining: 'draining',
  SetDraining: 'draining',
  LifecycleActionHeartbeatRecorded: 'heartbeat',
  CompletionDecided: 'completed',
  LifecycleActionCompleted: 'completed',
  Completed: 'completed',
  ContainerInstanceActivated: 'completed',
  CompletionForced: 'forced',
  DeadlineReached: 'forced',
  TaskToldToStop: 'forced',
  EffectFailed: 'failed',
  LifecycleActionOver: 'failed',
  ContainerInstanceLost: 'failed',
  ContainerInstanceNotFound: 'failed',
}

export const markGroupOf = (decision: string): MarkGroup => groups[decision] ?? 'other'
