/** The messages of a notice as AWS sends them, for an instance and tasks of the builders. */
import type { LifecycleAction } from '../../src/identity/lifecycle-action.ts'
import type { TaskSighting } from '../../src/observation/task-sighting.ts'
import { theContainerInstance } from '../../src/testing/index.ts'
import type { Instant } from '../../src/time/instant.ts'
import { fixture } from './fixtures.ts'

const account = '111122223333'

/** What a terminating hook writes to its topic or queue. */
export const termination = ({ group, hook, instance, token }: LifecycleAction, at: Instant): string =>
  JSON.stringify({
    ...fixture('auto-scaling-direct'),
    AccountId: account,
    AutoScalingGroupName: group,
    LifecycleHookName: hook,
    EC2InstanceId: instance,
    LifecycleActionToken: token,
    LifecycleTransition: 'autoscaling:EC2_INSTANCE_TERMINATING',
    NotificationMetadata: 'a note to myself',
    Time: new Date(at).toISOString(),
  })

/** What EventBridge sends when a task changes. */
export const taskStateChange = (task: TaskSighting, containerInstance: string = theContainerInstance): string => {
  const document = fixture('task-state-change-stopped')
  return JSON.stringify({
    ...document,
    account,
    detail: {
      ...(document['detail'] as object),
      taskArn: task.arn,
      version: task.version,
      lastStatus: task.lastStatus,
      desiredStatus: task.desiredStatus,
      group: task.group,
      containerInstanceArn: containerInstance,
    },
  })
}
