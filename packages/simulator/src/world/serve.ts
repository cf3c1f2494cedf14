/** Hands a call to the service whose it is. */
import type { Call, StreamId } from '@ecs-drain/core'
import { kindNumber } from '../trace/trace-writer.ts'
import { answered, type Serve, type Served } from './api.ts'
import type { Bus } from './bus.ts'
import type { Core } from './core.ts'
import type { WorldDirectory } from './directory.ts'
import type { WorldEventStore } from './event-store.ts'
import type { CallRecord } from './functions.ts'
import type { ServeAutoScaling } from './serve-auto-scaling.ts'
import type { ServeEcs } from './serve-ecs.ts'

const STORE_CONFLICT = kindNumber('store-conflict')

// SQS delays a message by whole seconds, and by 15 minutes at most (AWS: SQS, SendMessage).
const delayMostSeconds = 900

export const createServe = (
  core: Core,
  directory: WorldDirectory,
  ecs: ServeEcs,
  autoScaling: ServeAutoScaling,
  store: WorldEventStore,
  bus: Bus,
): Serve => {
  const append = (call: Extract<Call, { readonly type: 'AppendToStream' }>, { execution }: CallRecord): Served => {
    const answer = store.append(call)
    if (answer.type === 'conflict') core.tell(STORE_CONFLICT, directory.instanceByStream(call.stream), execution.number)
    return answered(answer)
  }

  const wakeUp = (stream: StreamId, at: number, hops: number): Served => {
    const seconds = Math.ceil((at - directory.startMs - core.clock.now) / 1000)
    const delay = Math.min(Math.max(seconds, 0), delayMostSeconds) * 1000
    bus.wakeUp(directory.instanceByStream(stream), hops, delay)
    return answered(null)
  }

  return (call, record) => {
    switch (call.type) {
      case 'LoadStream':
        return answered(store.load(call.stream, call.after))
      case 'AppendToStream':
        return append(call, record)
      case 'FindStreams':
        return answered(store.find(call))
      case 'ListWatchedStreams':
        return answered(store.watched())
      case 'SendWakeUp':
        return wakeUp(call.stream, call.at, call.hops)
      case 'ListContainerInstances':
        return ecs.listContainerInstances(call, record)
      case 'DescribeContainerInstances':
        return ecs.describeContainerInstances(call, record)
      case 'UpdateContainerInstancesState':
        return ecs.updateContainerInstancesState(call)
      case 'ListTasks':
        return ecs.listTasks(call, record)
      case 'DescribeTasks':
        return ecs.describeTasks(call, record)
      case 'StopTask':
        return ecs.stopTask(call)
      case 'CompleteLifecycleAction':
        return autoScaling.complete(call)
      case 'RecordLifecycleActionHeartbeat':
        return autoScaling.heartbeat(call, record)
      case 'DescribeLifecycleHooks':
        return autoScaling.describeHooks(call)
      case 'DescribeAutoScalingGroups':
        return autoScaling.describeGroups(call)
    }
  }
}
