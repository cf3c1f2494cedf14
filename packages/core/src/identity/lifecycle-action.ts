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
