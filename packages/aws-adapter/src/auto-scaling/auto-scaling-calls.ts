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
  completeLifecycleAction(input: CompleteLifecycleActionCommandInput): Promise<CompleteLifecycleActionCommandOutput>
  recordLifecycleActionHeartbeat(
    input: RecordLifecycleActionHeartbeatCommandInput,
  ): Promise<RecordLifecycleActionHeartbeatCommandOutput>
  describeLifecycleHooks(input: DescribeLifecycleHooksCommandInput): Promise<DescribeLifecycleHooksCommandOutput>
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
