import {
  type AutoScalingClient,
  CompleteLifecycleActionCommand,
  type CompleteLifecycleActionCommandInput,
  type CompleteLifecycleActionCommandOutput,
  DescribeAutoScalingGroupsCommand,
  type DescribeAutoScalingGroupsCommandInput,
  type DescribeAutoScalingGroupsCommandOutput,
  DescribeLifecycleHooksCommand,
  type DescribeLifecycleHooksCommandInput,
  type DescribeLifecycleHooksCommandOutput,
  RecordLifecycleActionHeartbeatCommand,
  type RecordLifecycleActionHeartbeatCommandInput,
  type RecordLifecycleActionHeartbeatCommandOutput,
} from '@aws-sdk/client-auto-scaling'

/** The operations of Auto Scaling that are used. The SDK's `AutoScaling` has them too. */
export interface AutoScalingCalls {
  /** CONTINUE or ABANDON, by token or by instance id. */
  completeLifecycleAction(input: CompleteLifecycleActionCommandInput): Promise<CompleteLifecycleActionCommandOutput>
  /** Begins the time of the hook anew, within its global limit. */
  recordLifecycleActionHeartbeat(
    input: RecordLifecycleActionHeartbeatCommandInput,
  ): Promise<RecordLifecycleActionHeartbeatCommandOutput>
  /** The timeouts of a hook, in seconds. */
  describeLifecycleHooks(input: DescribeLifecycleHooksCommandInput): Promise<DescribeLifecycleHooksCommandOutput>
  /** The instances of groups with their lifecycle states; one page. */
  describeAutoScalingGroups(
    input: DescribeAutoScalingGroupsCommandInput,
  ): Promise<DescribeAutoScalingGroupsCommandOutput>
}

/** The operations over a client of the SDK. */
export const autoScalingCalls = (client: AutoScalingClient): AutoScalingCalls => ({
  completeLifecycleAction: (input) => client.send(new CompleteLifecycleActionCommand(input)),
  recordLifecycleActionHeartbeat: (input) => client.send(new RecordLifecycleActionHeartbeatCommand(input)),
  describeLifecycleHooks: (input) => client.send(new DescribeLifecycleHooksCommand(input)),
  describeAutoScalingGroups: (input) => client.send(new DescribeAutoScalingGroupsCommand(input)),
})
