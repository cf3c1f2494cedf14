/** What the role must be allowed to do, as data: the role's policy, the error texts and the documentation are made of it. */

/** One IAM action and how narrow it can be made (AWS's Service Authorization Reference). */
export interface RequiredAction {
  /** `service:Operation`, as IAM writes it. */
  readonly action: string
  /** The kind of resource that a policy can name; null: the action knows none, and takes `*`. */
  readonly resourceType: 'cluster' | 'container-instance' | 'task' | 'autoScalingGroup' | 'table' | 'queue' | null
  /** Condition keys that narrow it further, tags apart. */
  readonly conditionKeys: ReadonlyArray<string>
  /** When it is called, and why. */
  readonly needed: string
}

/** Every action that the ports call, and no other. */
export const requiredActions: ReadonlyArray<RequiredAction> = [
  {
    action: 'ecs:ListContainerInstances',
    resourceType: 'cluster',
    conditionKeys: [],
    needed: 'once per drain and cluster: which container instance the EC2 instance is',
  },
  {
    action: 'ecs:DescribeContainerInstances',
    resourceType: 'container-instance',
    conditionKeys: ['ecs:cluster'],
    needed:
      'before an instance is let go: whether it is DRAINING still; where several are found for one EC2 instance, which lives',
  },
  {
    action: 'ecs:UpdateContainerInstancesState',
    resourceType: 'container-instance',
    conditionKeys: ['ecs:cluster'],
    needed: 'to set DRAINING, again where somebody has set it ACTIVE, and ACTIVE after a warm pool',
  },
  {
    action: 'ecs:ListTasks',
    resourceType: 'container-instance',
    conditionKeys: ['ecs:cluster'],
    needed: 'which tasks are on the container instance, RUNNING and STOPPED',
  },
  {
    action: 'ecs:DescribeTasks',
    resourceType: 'task',
    conditionKeys: ['ecs:cluster'],
    needed: 'the lastStatus and version of tasks that were told to stop, or that a sweep asks about',
  },
  {
    action: 'ecs:StopTask',
    resourceType: 'task',
    conditionKeys: ['ecs:cluster'],
    needed: 'only where the policy stops tasks: at the deadline (`stop-tasks`), or standalone ones after a time',
  },
  {
    action: 'autoscaling:CompleteLifecycleAction',
    resourceType: 'autoScalingGroup',
    conditionKeys: [],
    needed: 'once per drain: to let the instance go',
  },
  {
    action: 'autoscaling:RecordLifecycleActionHeartbeat',
    resourceType: 'autoScalingGroup',
    conditionKeys: [],
    needed: 'to keep the hook waiting, and to ask whether a hook of ours holds an instance',
  },
  {
    action: 'autoscaling:DescribeLifecycleHooks',
    resourceType: null,
    conditionKeys: [],
    needed: "the hook's timeouts; its metadata in a sweep",
  },
  {
    action: 'autoscaling:DescribeAutoScalingGroups',
    resourceType: null,
    conditionKeys: [],
    needed: 'in a sweep: which instances wait',
  },
  {
    action: 'dynamodb:Query',
    resourceType: 'table',
    conditionKeys: [],
    needed: 'to load a stream, to list the watched ones, and to find the commits that are to expire',
  },
  {
    action: 'dynamodb:BatchGetItem',
    resourceType: 'table',
    conditionKeys: [],
    needed: 'once per batch: the streams of the container instances that its events are about',
  },
  {
    action: 'dynamodb:PutItem',
    resourceType: 'table',
    conditionKeys: [],
    needed: 'to append a commit, and the entries that find its stream',
  },
  {
    action: 'dynamodb:UpdateItem',
    resourceType: 'table',
    conditionKeys: [],
    needed:
      'to confirm that a stream is watched when its drain begins, and to set the time to live of what is kept when it has ended',
  },
  {
    action: 'dynamodb:DeleteItem',
    resourceType: 'table',
    conditionKeys: [],
    needed: 'to stop watching a stream whose drain has ended, and to remove entries that were left behind',
  },
  {
    action: 'sqs:SendMessage',
    resourceType: 'queue',
    conditionKeys: [],
    needed: 'only with a queue for wake-ups (`queueUrl`)',
  },
]
