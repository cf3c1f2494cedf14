/**
 * Token buckets: ECS has one for cluster-resource reads and one for modifications (AWS: API reference,
 * request-throttling), Auto Scaling a single one for everything, of unpublished size.
 */
import type { Operation } from '../trace/trace.ts'
import type { Settings } from './parameters.ts'
import type { World } from './state.ts'

const ecsRead = 0
const ecsModify = 1
const autoscaling = 2
const ecsServiceRead = 3
const ecsClusterRead = 4
const ecsTaskDefinitionRead = 5

const bucketOf: Readonly<Record<Operation, number>> = {
  ListContainerInstances: ecsRead,
  DescribeContainerInstances: ecsRead,
  ListTasks: ecsRead,
  DescribeTasks: ecsRead,
  UpdateContainerInstancesState: ecsModify,
  StopTask: ecsModify,
  RunTask: ecsModify,
  CompleteLifecycleAction: autoscaling,
  RecordLifecycleActionHeartbeat: autoscaling,
  DescribeLifecycleHooks: autoscaling,
  DescribeAutoScalingGroups: autoscaling,
  DescribeAutoScalingInstances: autoscaling,
  DescribeInstanceRefreshes: autoscaling,
  DescribeScalingActivities: autoscaling,
  TerminateInstanceInAutoScalingGroup: autoscaling,
  SetDesiredCapacity: autoscaling,
  StartInstanceRefresh: autoscaling,
  PutLifecycleHook: autoscaling,
  DeleteLifecycleHook: autoscaling,
  DescribeServices: ecsServiceRead,
  ListServices: ecsServiceRead,
  DescribeClusters: ecsClusterRead,
  ListClusters: ecsClusterRead,
  DescribeTaskDefinition: ecsTaskDefinitionRead,
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

/** Takes a token; false: the call is throttled. What is no operation of ECS or Auto Scaling has no bucket, and never is. */
export const takeToken = (world: World, operation: string): boolean => {
  const bucket = bucketOf[operation as Operation] as number | undefined
  if (bucket === undefined) return true
  const refilled = (world.now - (world.bucketAt[bucket] as number)) * (world.bucketRefill[bucket] as number)
  const level = Math.min(world.bucketSize[bucket] as number, (world.bucketLevel[bucket] as number) + refilled)
  world.bucketAt[bucket] = world.now
  world.bucketLevel[bucket] = level >= 1000 ? level - 1000 : level
  return level >= 1000
}
