/** Limits that AWS computes from a plan's numbers. The world keeps to them and the promises are measured against them. */
import type { HookPlan, ServicePlan } from './plan.ts'

/** The least healthy tasks, rounded up (AWS: API reference, DeploymentConfiguration). A daemon has no such floor. */
export const floorOf = (
  { schedulingStrategy, minimumHealthyPercent }: Pick<ServicePlan, 'schedulingStrategy' | 'minimumHealthyPercent'>,
  desired: number,
): number => (schedulingStrategy === 'DAEMON' ? 0 : Math.ceil((desired * minimumHealthyPercent) / 100))

/** The most tasks in RUNNING or PENDING, rounded down (same source). */
export const ceilingOf = ({ maximumPercent }: Pick<ServicePlan, 'maximumPercent'>, desired: number): number =>
  Math.floor((desired * maximumPercent) / 100)

/** `GlobalTimeout` in milliseconds: 48 hours or 100 timeouts, whichever is less (AWS: API reference, LifecycleHook). */
export const globalTimeoutMs = ({ heartbeatTimeoutSeconds }: Pick<HookPlan, 'heartbeatTimeoutSeconds'>): number =>
  Math.min(172_800, 100 * heartbeatTimeoutSeconds) * 1000
