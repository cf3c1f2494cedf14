/** How the controller's decisions are drawn: few shapes, so that they can be learned from the legend. */

import type { ColourName } from './palette.ts'

export type MarkGroup = 'asked' | 'draining' | 'heartbeat' | 'completed' | 'forced' | 'failed' | 'other'

interface MarkLook {
  /** A Vega symbol. */
  readonly shape: string
  /** In square pixels. */
  readonly size: number
  readonly fill: ColourName
  /** In the legend. */
  readonly says: string
}

export const markGroups: Readonly<Record<MarkGroup, MarkLook>> = {
  asked: { shape: 'triangle-down', size: 60, fill: 'ink', says: 'drain requested' },
  draining: { shape: 'square', size: 46, fill: 'ink', says: 'set DRAINING' },
  heartbeat: { shape: 'diamond', size: 42, fill: 'ink', says: 'heartbeat' },
  completed: { shape: 'circle', size: 62, fill: 'ink', says: 'completion decided, completed' },
  forced: { shape: 'triangle-up', size: 66, fill: 'zero', says: 'deadline reached, forced' },
  failed: { shape: 'cross', size: 60, fill: 'zero', says: 'a call failed, or it was over' },
  other: { shape: 'stroke', size: 60, fill: 'quiet', says: 'anything else it learned' },
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
