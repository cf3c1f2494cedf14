/** How the controller's decisions are drawn: few shapes, so that they can be learned from the legend. */

import type { MarkGroup } from './decision-group.ts'
import type { ColourName } from './palette.ts'

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
