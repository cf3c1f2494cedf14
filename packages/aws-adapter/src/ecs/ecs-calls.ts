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
  listContainerInstances(input: ListContainerInstancesCommandInput): Promise<ListContainerInstancesCommandOutput>
  describeContainerInstances(
    input: DescribeContainerInstancesCommandInput,
  ): Promise<DescribeContainerInstancesCommandOutput>
  updateContainerInstancesState(
    input: UpdateContainerInstancesStateCommandInput,
  ): Promise<UpdateContainerInstancesStateCommandOutput>
  listTasks(input: ListTasksCommandInput): Promise<ListTasksCommandOutput>
  describeTasks(input: DescribeTasksCommandInput): Promise<DescribeTasksCommandOutput>
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
