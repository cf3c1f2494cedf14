/** What ECS and Auto Scaling say of a cluster, as far as a scenario is made of it. */
import { pipe } from 'fp-ts/function'
import * as RA from 'fp-ts/ReadonlyArray'
import * as TE from 'fp-ts/TaskEither'
import * as t from 'io-ts'
import type { Ask } from './aws-cli.ts'

const taskSetProps = {
  taskDefinition: t.string,
  launchType: t.string,
  capacityProviderStrategy: t.array(t.type({ capacityProvider: t.string })),
  loadBalancers: t.array(t.partial({ targetGroupArn: t.string, loadBalancerName: t.string })),
}

const Service = t.intersection([
  t.type({ serviceName: t.string, desiredCount: t.number }),
  t.partial({
    ...taskSetProps,
    taskSets: t.array(t.partial({ ...taskSetProps, status: t.string })),
    schedulingStrategy: t.string,
    deploymentConfiguration: t.partial({ minimumHealthyPercent: t.number, maximumPercent: t.number }),
    availabilityZoneRebalancing: t.string,
    placementConstraints: t.array(t.unknown),
    placementStrategy: t.array(t.partial({ type: t.string })),
  }),
])
export type Service = t.TypeOf<typeof Service>

const Container = t.partial({
  cpu: t.number,
  memory: t.number,
  memoryReservation: t.number,
  stopTimeout: t.number,
  dependsOn: t.array(t.unknown),
  healthCheck: t.partial({ interval: t.number }),
  portMappings: t.array(t.partial({ hostPort: t.number })),
})

const TaskDefinition = t.intersection([
  t.type({ containerDefinitions: t.array(Container) }),
  // For a whole task, ECS gives these as text.
  t.partial({ cpu: t.string, memory: t.string, networkMode: t.string }),
])
export type TaskDefinition = t.TypeOf<typeof TaskDefinition>

const ContainerInstance = t.intersection([
  t.type({
    containerInstanceArn: t.string,
    registeredResources: t.array(t.intersection([t.type({ name: t.string }), t.partial({ integerValue: t.number })])),
  }),
  t.partial({ ec2InstanceId: t.string }),
])
export type ContainerInstance = t.TypeOf<typeof ContainerInstance>

/** Version 1 of the CLI prints seconds, version 2 text. */
const Moment = t.union([t.number, t.string])

const Task = t.partial({
  group: t.string,
  /** Not on Fargate. */
  containerInstanceArn: t.string,
  taskDefinitionArn: t.string,
  pullStartedAt: Moment,
  pullStoppedAt: Moment,
  startedAt: Moment,
})
export type Task = t.TypeOf<typeof Task>

const Group = t.intersection([
  t.type({
    AutoScalingGroupName: t.string,
    MinSize: t.number,
    MaxSize: t.number,
    DesiredCapacity: t.number,
    AvailabilityZones: t.array(t.string),
    Instances: t.array(t.intersection([t.type({ InstanceId: t.string }), t.partial({ WeightedCapacity: t.string })])),
  }),
  t.partial({
    DesiredCapacityType: t.string,
    NewInstancesProtectedFromScaleIn: t.boolean,
    HealthCheckGracePeriod: t.number,
    DefaultInstanceWarmup: t.number,
    InstanceMaintenancePolicy: t.partial({ MinHealthyPercentage: t.number, MaxHealthyPercentage: t.number }),
    WarmPoolConfiguration: t.partial({ InstanceReusePolicy: t.partial({ ReuseOnScaleIn: t.boolean }) }),
    InstanceLifecyclePolicy: t.partial({ RetentionTriggers: t.partial({ TerminateHookAbandon: t.string }) }),
  }),
])
export type Group = t.TypeOf<typeof Group>

const Hook = t.intersection([
  t.type({ LifecycleHookName: t.string, LifecycleTransition: t.string }),
  t.partial({
    HeartbeatTimeout: t.number,
    DefaultResult: t.string,
    NotificationTargetARN: t.string,
    NotificationMetadata: t.string,
  }),
])
export type Hook = t.TypeOf<typeof Hook>

/** What Elastic Load Balancing says of a target group, in seconds, or why it says nothing. */
export type TargetGroup =
  | { readonly deregistrationDelay: number; readonly healthCheckInterval: number }
  | { readonly notTold: string }

export interface ClusterAccount {
  /** By its name or its ARN, as it was asked for. */
  readonly cluster: string
  readonly services: ReadonlyArray<Service>
  readonly containerInstances: ReadonlyArray<ContainerInstance>
  readonly tasks: ReadonlyArray<Task>
  /** By ARN, those of the services and of the tasks. */
  readonly definitions: ReadonlyMap<string, TaskDefinition>
  /** Of the services, by ARN. */
  readonly targetGroups: ReadonlyMap<string, TargetGroup>
  /** Those that have instances in the cluster. */
  readonly groups: ReadonlyArray<Group & { readonly hooks: ReadonlyArray<Hook> }>
}

/** DescribeServices takes at most 10, the others at most 100 (aws-sdk client-ecs). */
const servicesAtOnce = 10
const othersAtOnce = 100

/**
 * Five CLIs that start and have their answer in a quarter of a second, which would be quick, ask 20 times a second: what ECS grants an
 * account after a burst of 50 (AWS: ECS API request throttling). The CLI itself asks again where it is throttled.
 */
const requestsAtOnce = 5

/**
 * Asks for everything; nothing is changed. Left: what ECS or Auto Scaling refused first, in AWS's words; no more is asked then. The first
 * request is made alone, because a CLI that has to ask its user for a code asks once, and remembers the answer.
 */
export const readCluster = (ask: Ask, cluster: string): TE.TaskEither<string, ClusterAccount> => {
  const of = ['--cluster', cluster]
  const listed = (operation: string, key: string) =>
    pipe(
      ask(['ecs', operation, ...of], t.partial({ [key]: t.array(t.string) })),
      TE.map((answer): ReadonlyArray<string> => answer[key] ?? []),
    )
  const described = <One>(operation: string, option: string, key: string, one: t.Type<One, unknown>, atOnce: number) =>
    TE.flatMap((names: ReadonlyArray<string>) =>
      inBatches(names, atOnce, (batch) =>
        pipe(
          ask(['ecs', operation, ...of, option, ...batch], t.type({ [key]: t.array(one) })),
          TE.map((answer): ReadonlyArray<One> => answer[key] ?? []),
        ),
      ),
    )
  return pipe(
    TE.Do,
    TE.bind('services', () =>
      pipe(
        listed('list-services', 'serviceArns'),
        described('describe-services', '--services', 'services', Service, servicesAtOnce),
        TE.map(RA.map(withTaskSet)),
      ),
    ),
    TE.bind('containerInstances', () =>
      pipe(
        listed('list-container-instances', 'containerInstanceArns'),
        described(
          'describe-container-instances',
          '--container-instances',
          'containerInstances',
          ContainerInstance,
          othersAtOnce,
        ),
      ),
    ),
    TE.bind('tasks', () =>
      pipe(listed('list-tasks', 'taskArns'), described('describe-tasks', '--tasks', 'tasks', Task, othersAtOnce)),
    ),
    TE.bind('definitions', ({ services, tasks }) => definitionsOf(ask, services, tasks)),
    TE.bind('targetGroups', ({ services }) => targetGroupsOf(ask, services)),
    TE.bind('groups', ({ containerInstances }) => groupsOf(ask, containerInstances)),
    TE.map((account) => ({ cluster, ...account })),
  )
}

/** Where something else than ECS deploys, what runs is said by the primary task set, and maybe by nothing else. */
const withTaskSet = (service: Service): Service => ({
  ...service,
  ...service.taskSets?.find(({ status }) => status === 'PRIMARY'),
})

/** Asks about each, a few at a time; the answers are in the order of the questions. */
const aFewAtATime =
  <About, Answer>(ask: (about: About) => TE.TaskEither<string, Answer>) =>
  (all: ReadonlyArray<About>): TE.TaskEither<string, ReadonlyArray<Answer>> =>
    pipe(all, RA.chunksOf(requestsAtOnce), TE.traverseSeqArray(TE.traverseArray(ask)), TE.map(RA.flatten))

const inBatches = <One>(
  names: ReadonlyArray<string>,
  atOnce: number,
  ask: (batch: ReadonlyArray<string>) => TE.TaskEither<string, ReadonlyArray<One>>,
): TE.TaskEither<string, ReadonlyArray<One>> => pipe(names, RA.chunksOf(atOnce), aFewAtATime(ask), TE.map(RA.flatten))

const unique = (names: ReadonlyArray<string | undefined>): ReadonlyArray<string> => [
  ...new Set(names.filter((name) => name !== undefined)),
]

/** What takes a request each, by its name. */
const byName = <One>(
  names: ReadonlyArray<string>,
  ask: (name: string) => TE.TaskEither<string, One>,
): TE.TaskEither<string, ReadonlyMap<string, One>> =>
  pipe(
    names,
    aFewAtATime((name) =>
      pipe(
        ask(name),
        TE.map((one) => [name, one] as const),
      ),
    ),
    TE.map((entries) => new Map(entries)),
  )

const definitionsOf = (ask: Ask, services: ReadonlyArray<Service>, tasks: ReadonlyArray<Task>) =>
  byName(
    unique([...services.map(({ taskDefinition }) => taskDefinition), ...tasks.map((task) => task.taskDefinitionArn)]),
    (arn) =>
      pipe(
        ask(['ecs', 'describe-task-definition', '--task-definition', arn], t.type({ taskDefinition: TaskDefinition })),
        TE.map(({ taskDefinition }) => taskDefinition),
      ),
  )

const delayAttribute = 'deregistration_delay.timeout_seconds'

const targetGroupsOf = (ask: Ask, services: ReadonlyArray<Service>) =>
  byName(
    unique(services.flatMap(({ loadBalancers = [] }) => loadBalancers.map((each) => each.targetGroupArn))),
    (arn) =>
      pipe(
        TE.Do,
        TE.bind('deregistrationDelay', () => deregistrationDelayOf(ask, arn)),
        TE.bind('healthCheckInterval', () => healthCheckIntervalOf(ask, arn)),
        TE.orElse((why): TE.TaskEither<string, TargetGroup> => TE.right({ notTold: why.replace(/\s+/g, ' ') })),
      ),
  )

const deregistrationDelayOf = (ask: Ask, arn: string): TE.TaskEither<string, number> =>
  pipe(
    ask(
      ['elbv2', 'describe-target-group-attributes', '--target-group-arn', arn],
      t.type({ Attributes: t.array(t.type({ Key: t.string, Value: t.string })) }),
    ),
    TE.map(({ Attributes }) => Number(Attributes.find(({ Key }) => Key === delayAttribute)?.Value ?? 300)),
  )

const healthCheckIntervalOf = (ask: Ask, arn: string): TE.TaskEither<string, number> =>
  pipe(
    ask(
      ['elbv2', 'describe-target-groups', '--target-group-arns', arn],
      t.type({ TargetGroups: t.array(t.partial({ HealthCheckIntervalSeconds: t.number })) }),
    ),
    TE.map(({ TargetGroups: [group] }) => group?.HealthCheckIntervalSeconds ?? 30),
  )

const groupsOf = (ask: Ask, containerInstances: ReadonlyArray<ContainerInstance>) =>
  pipe(
    ask(['autoscaling', 'describe-auto-scaling-groups'], t.type({ AutoScalingGroups: t.array(Group) })),
    TE.flatMap(({ AutoScalingGroups }) => {
      const ids = new Set(containerInstances.map(({ ec2InstanceId }) => ec2InstanceId))
      return pipe(
        AutoScalingGroups.filter(({ Instances }) => Instances.some(({ InstanceId }) => ids.has(InstanceId))),
        aFewAtATime((group) =>
          pipe(
            ask(
              ['autoscaling', 'describe-lifecycle-hooks', '--auto-scaling-group-name', group.AutoScalingGroupName],
              t.type({ LifecycleHooks: t.array(Hook) }),
            ),
            TE.map(({ LifecycleHooks }) => ({ ...group, hooks: LifecycleHooks })),
          ),
        ),
      )
    }),
  )
