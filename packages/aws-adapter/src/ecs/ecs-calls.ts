import {
  DescribeContainerInstancesCommand,
  type DescribeContainerInstancesCommandInput,
  type DescribeContainerInstancesCommandOutput,
  DescribeTasksCommand,
  type DescribeTasksCommandInput,
  type DescribeTasksCommandOutput,
  type ECSClient,
  ListContainerInstancesCommand,
  type ListContainerInstancesCommandInput,
  type ListContainerInstancesCommandOutput,
  ListTasksCommand,
  type ListTasksCommandInput,
  type ListTasksCommandOutput,
  StopTaskCommand,
  type StopTaskCommandInput,
  type StopTaskCommandOutput,
  UpdateContainerInstancesStateCommand,
  type UpdateContainerInstancesStateCommandInput,
  type UpdateContainerInstancesStateCommandOutput,
} from '@aws-sdk/client-ecs'

/** The operations of ECS that are used. The SDK's `ECS` has them too. */
export interface EcsCalls {
  /** Those of a cluster that a filter of the cluster query language selects; one page. */
  listContainerInstances(input: ListContainerInstancesCommandInput): Promise<ListContainerInstancesCommandOutput>
  /** Status and agent of at most 100. */
  describeContainerInstances(
    input: DescribeContainerInstancesCommandInput,
  ): Promise<DescribeContainerInstancesCommandOutput>
  /** DRAINING or ACTIVE for at most 10; what could not be changed is in `failures`, with HTTP 200. */
  updateContainerInstancesState(
    input: UpdateContainerInstancesStateCommandInput,
  ): Promise<UpdateContainerInstancesStateCommandOutput>
  /** Those of a container instance with one desiredStatus; one page. */
  listTasks(input: ListTasksCommandInput): Promise<ListTasksCommandOutput>
  /** Statuses and versions of at most 100. */
  describeTasks(input: DescribeTasksCommandInput): Promise<DescribeTasksCommandOutput>
  /** SIGTERM, and SIGKILL after the stop timeout. May be repeated. */
  stopTask(input: StopTaskCommandInput): Promise<StopTaskCommandOutput>
}

/** The operations over a client of the SDK. */
export const ecsCalls = (client: ECSClient): EcsCalls => ({
  listContainerInstances: (input) => client.send(new ListContainerInstancesCommand(input)),
  describeContainerInstances: (input) => client.send(new DescribeContainerInstancesCommand(input)),
  updateContainerInstancesState: (input) => client.send(new UpdateContainerInstancesStateCommand(input)),
  listTasks: (input) => client.send(new ListTasksCommand(input)),
  describeTasks: (input) => client.send(new DescribeTasksCommand(input)),
  stopTask: (input) => client.send(new StopTaskCommand(input)),
})
