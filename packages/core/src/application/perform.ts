import type * as TE from 'fp-ts/TaskEither'
import type { Answer, Call, CallType } from '../invocation/call.ts'
import type { Failure } from '../observation/failure.ts'
import type { Ports } from '../port/port.ts'

/** One call, carried to the port that serves it. */
export const perform =
  ({ eventStore, cluster, lifecycleHooks, wakeUps }: Ports) =>
  (call: Call): TE.TaskEither<Failure, Answer<CallType>> => {
    switch (call.type) {
      case 'LoadStream':
        return eventStore.load(call)
      case 'AppendToStream':
        return eventStore.append(call)
      case 'FindStreams':
        return eventStore.findStreams(call)
      case 'ListWatchedStreams':
        return eventStore.listWatched(call)
      case 'ListContainerInstances':
        return cluster.listContainerInstances(call)
      case 'DescribeContainerInstances':
        return cluster.describeContainerInstances(call)
      case 'UpdateContainerInstancesState':
        return cluster.updateContainerInstancesState(call)
      case 'ListTasks':
        return cluster.listTasks(call)
      case 'DescribeTasks':
        return cluster.describeTasks(call)
      case 'StopTask':
        return cluster.stopTask(call)
      case 'CompleteLifecycleAction':
        return lifecycleHooks.complete(call)
      case 'RecordLifecycleActionHeartbeat':
        return lifecycleHooks.recordHeartbeat(call)
      case 'DescribeLifecycleHooks':
        return lifecycleHooks.describeHooks(call)
      case 'DescribeAutoScalingGroups':
        return lifecycleHooks.describeGroups(call)
      case 'SendWakeUp':
        return wakeUps.send(call)
    }
  }
