import * as t from 'io-ts'
import type { AutoScalingGroupName, Ec2InstanceId, LifecycleActionToken, LifecycleHookName } from './ids.ts'

/**
 * One instance held by one lifecycle hook. The token is null where the termination was found by the sweep:
 * Auto Scaling tells the token only in its notification, and takes the instance id in its place.
 */
export interface LifecycleAction {
  readonly group: AutoScalingGroupName
  readonly hook: LifecycleHookName
  readonly instance: Ec2InstanceId
  readonly token: LifecycleActionToken | null
}

/** How a lifecycle action is completed, in Auto Scaling's words. On a terminating instance ABANDON also skips all other hooks. */
export type LifecycleActionResult = 'CONTINUE' | 'ABANDON'
/** Decodes a result; fails on anything else. */
export const LifecycleActionResult: t.Type<LifecycleActionResult, string, unknown> = t.keyof(
  { CONTINUE: null, ABANDON: null },
  'CONTINUE or ABANDON',
)
