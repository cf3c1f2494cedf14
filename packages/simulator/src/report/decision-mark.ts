/** How the controller's decisions are drawn: few shapes, so that they can be learned from the legend. */

export type MarkGroup = 'asked' | 'draining' | 'heartbeat' | 'completed' | 'forced' | 'failed' | 'other'

/** A Vega symbol, its size in square pixels, and what the legend says. */
export const markGroups: Readonly<
  Record<MarkGroup, { readonly shape: string; readonly size: number; readonly says: string }>
> = {
  asked: { shape: 'triangle-down', size: 60, says: 'drain requested' },
  draining: { shape: 'square', size: 46, says: 'set DRAINING' },
  heartbeat: { shape: 'diamond', size: 42, says: 'heartbeat' },
  completed: { shape: 'circle', size: 62, says: 'completion decided, completed' },
  forced: { shape: 'triangle-up', size: 66, says: 'deadline reached, forced' },
  failed: { shape: 'cross', size: 60, says: 'a call failed, or it was over' },
  other: { shape: 'stroke', size: 60, says: 'anything else it learned' },
}

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
