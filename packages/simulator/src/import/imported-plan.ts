/** A cluster's account as a plan, and what of the cluster the plan does not have. */
import type { GroupSketch, HappeningSketch, HookSketch, PlanSketch, ServiceSketch } from '../plan/defaults.ts'
import type { Span } from '../plan/plan.ts'
import type {
  ClusterAccount,
  ContainerInstance,
  Group,
  Hook,
  Service,
  Task,
  TaskDefinition,
} from './cluster-account.ts'

export interface Imported {
  readonly plan: PlanSketch
  /** What was left out, added or guessed, a sentence each. */
  readonly notes: ReadonlyArray<string>
}

/** `hook`: the name of the lifecycle hook that ecs-drain answers, or would. */
export const importedPlan = (account: ClusterAccount, hook: string): Imported => {
  const notes: Array<string> = []
  const note = (sentence: string): void => {
    notes.push(sentence)
  }
  const groups = account.groups.map((group) => groupOf(group, account.containerInstances, hook, note))
  const services = account.services
    .filter((service) => runsOnEc2(service, note))
    .map((service) => serviceOf(service, account, note))
  const standaloneTasks = standaloneOf(account, note)
  const lonely = ungrouped(account)
  if (lonely > 0)
    note(
      `Container instances of no Auto Scaling group are left out (${lonely}); what runs on them has to find room elsewhere.`,
    )
  const [first, ...others] = account.groups
  if (first !== undefined && others.length > 0)
    note(`Only group ${first.AutoScalingGroupName} is updated here: add a happening for another.`)
  const name = account.cluster.replace(/^arn:.*\//, '')
  return {
    plan: {
      name,
      cluster: { name, ...placeOf(account) },
      groups,
      services,
      ...(standaloneTasks.length === 0 ? {} : { standaloneTasks }),
      happenings: first === undefined ? [] : [refreshOf(first)],
    },
    notes,
  }
}

type Note = (sentence: string) => void

/** Region and account, from the ARN of a container instance: services there may be none. */
const placeOf = ({ containerInstances }: ClusterAccount): { readonly region?: string; readonly account?: string } => {
  const [, , , region, account] = containerInstances[0]?.containerInstanceArn.split(':') ?? []
  return region === undefined || account === undefined ? {} : { region, account }
}

const groupOf = (
  group: ClusterAccount['groups'][number],
  containerInstances: ReadonlyArray<ContainerInstance>,
  ours: string,
  note: Note,
): GroupSketch => {
  const name = group.AutoScalingGroupName
  const ids = new Set(group.Instances.map(({ InstanceId }) => InstanceId))
  const mine = containerInstances.filter(({ ec2InstanceId }) => ec2InstanceId !== undefined && ids.has(ec2InstanceId))
  const [cpu, memory] = [leastOf(mine, 'CPU'), leastOf(mine, 'MEMORY')]
  if (mine.some((each) => resourceOf(each, 'CPU') !== cpu || resourceOf(each, 'MEMORY') !== memory))
    note(`Instances of group ${name} differ in size; all have that of the smallest here.`)
  const terminating = group.hooks.filter((each) => each.LifecycleTransition === 'autoscaling:EC2_INSTANCE_TERMINATING')
  const hooks = terminating.map((each) => hookOf(each, ours, name, note))
  if (!hooks.some(({ owner }) => owner === 'controller')) {
    note(`Group ${name} has no lifecycle hook ${ours}; it has one here, with 15 minutes for a heartbeat.`)
    hooks.push({ name: ours, heartbeatTimeoutSeconds: 900, defaultResult: 'CONTINUE', owner: 'controller' })
  }
  if (group.NewInstancesProtectedFromScaleIn === true)
    note(
      `Group ${name} protects its instances from scale-in, for which a refresh by default waits an hour and fails; not here.`,
    )
  return {
    name,
    ...sizesOf(group, note),
    availabilityZones: group.AvailabilityZones.length,
    cpu,
    memory,
    ...(group.WarmPoolConfiguration?.InstanceReusePolicy?.ReuseOnScaleIn === true ? { reuseOnScaleIn: true } : {}),
    ...(group.InstanceLifecyclePolicy?.RetentionTriggers?.TerminateHookAbandon === 'retain'
      ? { terminateHookAbandon: 'retain' }
      : {}),
    hooks,
  }
}

/** In instances: capacity may be counted in weights, in vCPUs or in memory. */
const sizesOf = (
  { AutoScalingGroupName, MinSize, MaxSize, DesiredCapacity, DesiredCapacityType = 'units', Instances }: Group,
  note: Note,
): Required<Pick<GroupSketch, 'desired' | 'min' | 'max'>> => {
  const isWeighted = Instances.some(({ WeightedCapacity = '1' }) => WeightedCapacity !== '1')
  if (DesiredCapacityType === 'units' && !isWeighted) return { desired: DesiredCapacity, min: MinSize, max: MaxSize }
  note(`Capacity of group ${AutoScalingGroupName} is not counted in instances; it is here, as many as there are now.`)
  const desired = Instances.length
  const inInstances = (capacity: number): number => Math.round((capacity * desired) / Math.max(1, DesiredCapacity))
  return { desired, min: inInstances(MinSize), max: inInstances(MaxSize) }
}

/** An instance refresh as it is without preferences of its own (AWS: API reference, RefreshPreferences). */
const refreshOf = ({
  AutoScalingGroupName,
  DefaultInstanceWarmup,
  HealthCheckGracePeriod,
  InstanceMaintenancePolicy: { MinHealthyPercentage, MaxHealthyPercentage } = {},
}: Group): HappeningSketch => ({
  atSeconds: 60,
  do: 'instance-refresh',
  group: AutoScalingGroupName,
  minHealthyPercentage: ifSet(MinHealthyPercentage),
  maxHealthyPercentage: ifSet(MaxHealthyPercentage),
  instanceWarmupSeconds: ifSet(DefaultInstanceWarmup) ?? HealthCheckGracePeriod,
})

/** Auto Scaling takes -1 for a value that is not set any more. */
const ifSet = (value: number | undefined): number | undefined => (value === undefined || value < 0 ? undefined : value)

const resourceOf = ({ registeredResources }: ContainerInstance, name: string): number =>
  registeredResources.find((each) => each.name === name)?.integerValue ?? 0

const leastOf = (instances: ReadonlyArray<ContainerInstance>, name: string): number =>
  Math.min(...instances.map((each) => resourceOf(each, name)))

const hookOf = (
  { LifecycleHookName: name, HeartbeatTimeout, DefaultResult, NotificationTargetARN, NotificationMetadata }: Hook,
  ours: string,
  group: string,
  note: Note,
): HookSketch => {
  const isOurs = name === ours
  if (!isOurs) note(`How long whoever answers hook ${name} of group ${group} takes is not known; a minute here.`)
  return {
    name,
    heartbeatTimeoutSeconds: HeartbeatTimeout ?? 3600,
    // Auto Scaling's own default (AWS: API reference, PutLifecycleHook).
    defaultResult: DefaultResult === 'CONTINUE' ? 'CONTINUE' : 'ABANDON',
    owner: isOurs ? 'controller' : 'other',
    ...notifiedBy(NotificationTargetARN),
    ...(NotificationMetadata === undefined ? {} : { notificationMetadata: NotificationMetadata }),
  }
}

/** Behind a topic may be a queue or a function, which Auto Scaling does not know: it stays at the default. */
const notifiedBy = (target = ''): Pick<HookSketch, 'notifies'> => {
  switch (target.split(':')[2]) {
    case 'sns':
      return {}
    case 'sqs':
      return { notifies: 'sqs' }
    case 'lambda':
      return { notifies: 'lambda' }
    default:
      return { notifies: 'eventbridge' }
  }
}

/** Hosts that ECS manages itself (`MANAGED_INSTANCES`) are in no Auto Scaling group. */
const runsOnEc2 = (
  { serviceName, launchType = 'EC2', capacityProviderStrategy = [] }: Service,
  note: Note,
): boolean => {
  const isElsewhere =
    launchType !== 'EC2' ||
    capacityProviderStrategy.some(({ capacityProvider }) => /^FARGATE(_SPOT)?$/.test(capacityProvider))
  if (isElsewhere) note(`Service ${serviceName} is left out: its tasks are not on these instances.`)
  return !isElsewhere
}

const serviceOf = (service: Service, account: ClusterAccount, note: Note): ServiceSketch => {
  const {
    serviceName: name,
    schedulingStrategy,
    desiredCount,
    deploymentConfiguration = {},
    placementConstraints = [],
    placementStrategy = [],
  } = service
  const isDaemon = schedulingStrategy === 'DAEMON'
  const { minimumHealthyPercent, maximumPercent } = deploymentConfiguration
  if (placementConstraints.length > 0)
    note(`Placement constraints of service ${name} are left out: any instance with room will do here.`)
  if (placementStrategy.some(({ type }) => type !== 'spread'))
    note(`The placement strategy of service ${name} is left out: its tasks are spread here.`)
  const definition = account.definitions.get(service.taskDefinition ?? '')
  return {
    name,
    ...(isDaemon ? { schedulingStrategy: 'DAEMON' as const } : {}),
    desired: desiredCount,
    ...(minimumHealthyPercent === undefined ? {} : { minimumHealthyPercent }),
    ...(maximumPercent === undefined || isDaemon ? {} : { maximumPercent }),
    ...(definition === undefined ? {} : takes(definition, `service ${name}`, note)),
    ...loadBalancerOf(service, account, note),
    ...(service.availabilityZoneRebalancing === 'ENABLED' ? { availabilityZoneRebalancing: 'ENABLED' as const } : {}),
    ...measured(account.tasks.filter(({ group }) => group === `service:${name}`)),
  }
}

/** The slowest of its target groups decides when a task counts as healthy, and when it is told to stop. */
const loadBalancerOf = (
  { serviceName: name, loadBalancers = [] }: Service,
  { targetGroups }: ClusterAccount,
  note: Note,
): Pick<ServiceSketch, 'loadBalancer'> => {
  if (loadBalancers.some(({ loadBalancerName }) => loadBalancerName !== undefined))
    note(`The Classic Load Balancer of service ${name} is left out: its tasks are behind none here.`)
  const groups = loadBalancers.flatMap(({ targetGroupArn = '' }) => targetGroups.get(targetGroupArn) ?? [])
  if (groups.length === 0) return {}
  const told = groups.flatMap((group) => ('notTold' in group ? [] : [group]))
  const [silent] = groups.flatMap((group) => ('notTold' in group ? [group.notTold] : []))
  if (silent !== undefined)
    note(`Of a target group of service ${name} nothing is known, and a default is here: ${silent}`)
  if (told.length === 0) return { loadBalancer: {} }
  const interval = Math.max(...told.map(({ healthCheckInterval }) => healthCheckInterval))
  return {
    loadBalancer: {
      deregistrationDelaySeconds: Math.max(...told.map(({ deregistrationDelay }) => deregistrationDelay)),
      // Whatever its threshold, a new target is healthy after one check (AWS: ECS developer guide, load-balancer-healthcheck).
      healthyAfterSeconds: [Math.min(10, interval), interval],
    },
  }
}

/** Seconds, of a container that does not say: what the agent has where its own configuration does not say (ECS_CONTAINER_STOP_TIMEOUT). */
const agentStopTimeout = 30

/** What a task of this definition takes of an instance, and how long it may take to stop. */
const takes = ({ containerDefinitions, cpu, memory, networkMode }: TaskDefinition, whose: string, note: Note) => {
  const sum = (of: (container: TaskDefinition['containerDefinitions'][number]) => number | undefined): number =>
    containerDefinitions.reduce((total, container) => total + (of(container) ?? 0), 0)
  const awsvpc = networkMode === 'awsvpc'
  const hostPorts = containerDefinitions.flatMap(({ portMappings = [] }) =>
    portMappings.flatMap(({ hostPort = 0 }) => (hostPort === 0 ? [] : [hostPort])),
  )
  if (!awsvpc && hostPorts.length > 1) note(`Of the fixed host ports of ${whose} only ${hostPorts[0]} is here.`)
  const intervals = containerDefinitions.flatMap(({ healthCheck }) =>
    healthCheck === undefined ? [] : [healthCheck.interval ?? 30],
  )
  const stopTimeoutSeconds = Math.max(...containerDefinitions.map(({ stopTimeout = agentStopTimeout }) => stopTimeout))
  // In the reverse order of their start (AWS: API reference, ContainerDependency).
  if (containerDefinitions.some(({ dependsOn = [] }) => dependsOn.length > 0))
    note(`Containers of ${whose} that depend on each other stop one after another; all at once here.`)
  return {
    cpu: cpu === undefined ? sum((container) => container.cpu) : Number(cpu),
    memory: memory === undefined ? sum((container) => container.memoryReservation ?? container.memory) : Number(memory),
    ...(awsvpc ? { awsvpc } : hostPorts[0] === undefined ? {} : { hostPort: hostPorts[0] }),
    ...(intervals.length === 0 ? {} : { healthCheckSeconds: Math.max(...intervals) }),
    ...(containerDefinitions.some(({ stopTimeout }) => stopTimeout !== undefined) ? { stopTimeoutSeconds } : {}),
  }
}

/** How long its running tasks took to pull their images and to start. */
const measured = (tasks: ReadonlyArray<Task>): { readonly pullSeconds?: Span; readonly startSeconds?: Span } => {
  const pulls = tasks.flatMap(({ pullStartedAt, pullStoppedAt }) => secondsBetween(pullStartedAt, pullStoppedAt))
  const starts = tasks.flatMap(({ pullStoppedAt, startedAt }) => secondsBetween(pullStoppedAt, startedAt))
  return {
    ...(pulls.length === 0 ? {} : { pullSeconds: spanOf(pulls) }),
    ...(starts.length === 0 ? {} : { startSeconds: spanOf(starts) }),
  }
}

type Moment = Task['startedAt']

const secondsBetween = (from: Moment, to: Moment): ReadonlyArray<number> => {
  if (from === undefined || to === undefined) return []
  const seconds = Math.round((msOf(to) - msOf(from)) / 100) / 10
  return seconds >= 0 ? [seconds] : []
}

const msOf = (moment: number | string): number => (typeof moment === 'number' ? moment * 1000 : Date.parse(moment))

const spanOf = (seconds: ReadonlyArray<number>): Span => [Math.min(...seconds), Math.max(...seconds)]

/** Tasks that belong to no service, by family: their group may be any text. */
const standaloneOf = (
  { tasks, definitions }: ClusterAccount,
  note: Note,
): NonNullable<PlanSketch['standaloneTasks']> => {
  const families = new Map<string, ReadonlyArray<Task>>()
  for (const task of tasks) {
    const family = /\/([^/:]+):\d+$/.exec(task.taskDefinitionArn ?? '')?.[1]
    const isHere = task.containerInstanceArn !== undefined && task.group?.startsWith('service:') !== true
    if (isHere && family !== undefined) families.set(family, [...(families.get(family) ?? []), task])
  }
  return [...families].map(([family, mine]) => {
    note(`How long tasks of family ${family} run is not known; ten minutes here.`)
    const definition = definitions.get(mine[0]?.taskDefinitionArn ?? '')
    if (definition === undefined) return { family, count: mine.length }
    const { cpu, memory, stopTimeoutSeconds } = takes(definition, `family ${family}`, note)
    return { family, count: mine.length, cpu, memory, stopTimeoutSeconds }
  })
}

const ungrouped = ({ containerInstances, groups }: ClusterAccount): number => {
  const grouped = new Set(groups.flatMap(({ Instances }) => Instances.map(({ InstanceId }) => InstanceId)))
  return containerInstances.filter(({ ec2InstanceId = '' }) => !grouped.has(ec2InstanceId)).length
}
