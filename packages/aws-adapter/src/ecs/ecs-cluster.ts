/** The core's Cluster port over Amazon ECS: one request per call, ids as AWS gives them. */
import type { ContainerInstance as SdkContainerInstance, Failure as SdkItemFailure, Task } from '@aws-sdk/client-ecs'
import {
  type Cluster,
  type ClusterName,
  type ContainerInstance,
  ContainerInstanceArn,
  Ec2InstanceId,
  EcsTaskArn,
  type ItemFailure,
  type TaskSighting,
} from '@ecs-drain/core'
import { attempt } from '../failure/failure.ts'
import { decoded, told } from '../failure/told.ts'
import type { EcsCalls } from './ecs-calls.ts'

/** Over the SDK's calls; every failure is a `Failure`, and nothing throws. */
export const ecsCluster = (ecs: EcsCalls): Cluster => ({
  listContainerInstances: ({ cluster, ec2InstanceId, nextToken }) =>
    attempt({ action: 'ecs:ListContainerInstances', resource: clusterArn(cluster) }, async () => {
      const filter = `ec2InstanceId == ${ec2InstanceId}`
      const answer = await ecs.listContainerInstances({ cluster, filter, ...continued(nextToken) })
      const arns = told('containerInstanceArns', answer.containerInstanceArns)
      return { items: arns.map((arn) => decoded(ContainerInstanceArn, arn)), nextToken: answer.nextToken ?? null }
    }),

  describeContainerInstances: ({ cluster, containerInstances }) =>
    attempt(
      { action: 'ecs:DescribeContainerInstances', resource: containerInstancesOf(cluster, containerInstances) },
      async () =>
        containerInstancesTold(
          await ecs.describeContainerInstances({ cluster, containerInstances: [...containerInstances] }),
        ),
    ),

  updateContainerInstancesState: ({ cluster, containerInstances, status }) =>
    attempt(
      { action: 'ecs:UpdateContainerInstancesState', resource: containerInstancesOf(cluster, containerInstances) },
      async () =>
        containerInstancesTold(
          await ecs.updateContainerInstancesState({ cluster, containerInstances: [...containerInstances], status }),
        ),
    ),

  listTasks: ({ cluster, containerInstance, desiredStatus, nextToken }) =>
    attempt({ action: 'ecs:ListTasks', resource: containerInstance }, async () => {
      const answer = await ecs.listTasks({ cluster, containerInstance, desiredStatus, ...continued(nextToken) })
      const arns = told('taskArns', answer.taskArns)
      return { items: arns.map((arn) => decoded(EcsTaskArn, arn)), nextToken: answer.nextToken ?? null }
    }),

  describeTasks: ({ cluster, tasks }) =>
    attempt({ action: 'ecs:DescribeTasks', resource: `arn:*:ecs:*:*:task/${cluster}/*` }, async () => {
      const answer = await ecs.describeTasks({ cluster, tasks: [...tasks] })
      return { tasks: (answer.tasks ?? []).map(sightingOf), failures: (answer.failures ?? []).map(itemFailureOf) }
    }),

  stopTask: ({ cluster, task, reason }) =>
    attempt({ action: 'ecs:StopTask', resource: task }, async () => {
      const answer = await ecs.stopTask({ cluster, task, reason: reason.slice(0, reasonMax) })
      told('task', answer.task)
      return null
    }),
})

/** ECS takes no longer reason (StopTask, `reason`). */
const reasonMax = 255

const continued = (nextToken: string | null) => (nextToken === null ? {} : { nextToken })

/** As a policy may name it: account and Region are the caller's own. */
const clusterArn = (cluster: ClusterName): string => `arn:*:ecs:*:*:cluster/${cluster}`

const containerInstancesOf = (cluster: ClusterName, asked: ReadonlyArray<ContainerInstanceArn>): string => {
  const [only, ...others] = asked
  return only !== undefined && others.length === 0 ? only : `arn:*:ecs:*:*:container-instance/${cluster}/*`
}

const containerInstancesTold = (answer: {
  readonly containerInstances?: ReadonlyArray<SdkContainerInstance> | undefined
  readonly failures?: ReadonlyArray<SdkItemFailure> | undefined
}) => ({
  containerInstances: (answer.containerInstances ?? []).map(containerInstanceOf),
  failures: (answer.failures ?? []).map(itemFailureOf),
})

const containerInstanceOf = (shown: SdkContainerInstance): ContainerInstance => ({
  arn: decoded(ContainerInstanceArn, shown.containerInstanceArn),
  // An external instance (ECS Anywhere) has an id of another kind, and is nobody Auto Scaling knows.
  ec2InstanceId: Ec2InstanceId.is(shown.ec2InstanceId) ? shown.ec2InstanceId : null,
  status: told('containerInstances[].status', shown.status),
  agentConnected: shown.agentConnected ?? false,
  registeredAt: shown.registeredAt?.getTime() ?? 0,
})

const itemFailureOf = ({ arn, reason }: SdkItemFailure): ItemFailure => ({
  arn: arn ?? '',
  reason: reason ?? 'UNKNOWN',
})

const sightingOf = (task: Task): TaskSighting => ({
  arn: decoded(EcsTaskArn, task.taskArn),
  // The version of a task's last change, the same number that its events carry.
  version: told('tasks[].version', task.version),
  lastStatus: told('tasks[].lastStatus', task.lastStatus),
  desiredStatus: told('tasks[].desiredStatus', task.desiredStatus),
  group: task.group ?? '',
})
