/**
 * Token buckets: ECS has one for cluster-resource reads and one for modifications (AWS: API reference,
 * request-throttling), Auto Scaling a single one for everything, of unpublished size.
 */
import type { Call } from '@ecs-drain/core'
import type { Settings } from './parameters.ts'
import type { World } from './state.ts'

const ecsRead = 0
const ecsModify = 1
const autoscaling = 2
const none = -1

const bucketOf = (type: Call['type']): number => {
  switch (type) {
    case 'ListContainerInstances':
    case 'DescribeContainerInstances':
    case 'ListTasks':
    case 'DescribeTasks':
      return ecsRead
    case 'UpdateContainerInstancesState':
    case 'StopTask':
      return ecsModify
    case 'CompleteLifecycleAction':
    case 'RecordLifecycleActionHeartbeat':
    case 'DescribeLifecycleHooks':
    case 'DescribeAutoScalingGroups':
      return autoscaling
    default:
      return none
  }
}

const sizes = (settings: Settings): ReadonlyArray<readonly [burst: number, refill: number]> => [
  [settings['api.ecsReadBurst'].from, settings['api.ecsReadRefill'].from],
  [settings['api.ecsModifyBurst'].from, settings['api.ecsModifyRefill'].from],
  [settings['api.autoscalingBurst'].from, settings['api.autoscalingRefill'].from],
]

/** Full buckets, in thousandths of a token. */
export const fullBuckets = (settings: Settings): Float64Array =>
  Float64Array.from(sizes(settings), ([burst]) => burst * 1000)

/** Takes a token; false: the call is throttled. A refill of n per second is n thousandths per millisecond. */
export const takeToken = (world: World, { type }: Call): boolean => {
  const bucket = bucketOf(type)
  if (bucket === none) return true
  const [burst, refill] = sizes(world.settings)[bucket] as readonly [number, number]
  const elapsed = world.now - (world.bucketAt[bucket] as number)
  const level = Math.min(burst * 1000, (world.bucketLevel[bucket] as number) + elapsed * refill)
  world.bucketAt[bucket] = world.now
  world.bucketLevel[bucket] = level >= 1000 ? level - 1000 : level
  return level >= 1000
}
