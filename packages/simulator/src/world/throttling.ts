/**
 * Token buckets: ECS has one for cluster-resource reads and one for modifications (AWS: API reference,
 * request-throttling), Auto Scaling a single one for everything, of unpublished size.
 */
import type { Settings } from './parameters.ts'
import type { World } from './state.ts'

const ecsRead = 0
const ecsModify = 1
const autoscaling = 2
const ecsServiceRead = 3
const ecsClusterRead = 4
const ecsTaskDefinitionRead = 5
const none = -1

/** By the name of the operation. What has no bucket here is not throttled. */
const bucketOf = (operation: string): number => {
  switch (operation) {
    case 'ListContainerInstances':
    case 'DescribeContainerInstances':
    case 'ListTasks':
    case 'DescribeTasks':
      return ecsRead
    case 'UpdateContainerInstancesState':
    case 'StopTask':
    case 'RunTask':
      return ecsModify
    case 'CompleteLifecycleAction':
    case 'RecordLifecycleActionHeartbeat':
    case 'DescribeLifecycleHooks':
    case 'DescribeAutoScalingGroups':
    case 'DescribeAutoScalingInstances':
    case 'DescribeInstanceRefreshes':
    case 'TerminateInstanceInAutoScalingGroup':
    case 'SetDesiredCapacity':
    case 'StartInstanceRefresh':
    case 'PutLifecycleHook':
    case 'DeleteLifecycleHook':
      return autoscaling
    case 'DescribeServices':
    case 'ListServices':
      return ecsServiceRead
    case 'DescribeClusters':
    case 'ListClusters':
      return ecsClusterRead
    case 'DescribeTaskDefinition':
      return ecsTaskDefinitionRead
    default:
      return none
  }
}

const sizes = (settings: Settings): ReadonlyArray<readonly [burst: number, refill: number]> => [
  [settings['api.ecsReadBurst'].from, settings['api.ecsReadRefill'].from],
  [settings['api.ecsModifyBurst'].from, settings['api.ecsModifyRefill'].from],
  [settings['api.autoscalingBurst'].from, settings['api.autoscalingRefill'].from],
  // No drain asks for these, so the published sizes are all there is to them (AWS: same page).
  [100, 20],
  [50, 20],
  [50, 20],
]

/** Each bucket's size, in thousandths of a token; so many are in it at first. */
export const bucketSizes = (settings: Settings): Float64Array =>
  Float64Array.from(sizes(settings), ([burst]) => burst * 1000)

/** What comes back to each: n tokens per second are n thousandths of one per millisecond. */
export const bucketRefills = (settings: Settings): Float64Array =>
  Float64Array.from(sizes(settings), ([, refill]) => refill)

/** Takes a token; false: the call is throttled. */
export const takeToken = (world: World, operation: string): boolean => {
  const bucket = bucketOf(operation)
  if (bucket === none) return true
  const refilled = (world.now - (world.bucketAt[bucket] as number)) * (world.bucketRefill[bucket] as number)
  const level = Math.min(world.bucketSize[bucket] as number, (world.bucketLevel[bucket] as number) + refilled)
  world.bucketAt[bucket] = world.now
  world.bucketLevel[bucket] = level >= 1000 ? level - 1000 : level
  return level >= 1000
}
