/** `GET /_ecs-drain/state`: the truth about the world, not what a List or Describe would see of it. */
import { ABSENT, INACTIVE, RUNNING, STOPPED } from '../trace/kind-numbers.ts'
import { containerInstanceStates, lifecycleStates, taskStatuses } from '../trace/trace.ts'
import { desiredCountOf } from '../world/ecs/services.ts'
import type { Group, Instance, Service, Task, World } from '../world/state.ts'
import type { Session } from './session.ts'
import { urlOf } from './sqs/queue-names.ts'

/** The truth at one moment. */
export interface StateView {
  /** The present moment, ISO-8601. */
  readonly now: string
  /** The same in seconds from second zero. */
  readonly seconds: number
  readonly clusters: ReadonlyArray<{
    readonly name: string
    readonly services: ReadonlyArray<{
      readonly name: string
      readonly desired: number
      /** The fewest healthy tasks that minimumHealthyPercent allows. */
      readonly floor: number
      /** Tasks in RUNNING on a host that runs. */
      readonly running: number
    }>
    readonly containerInstances: ReadonlyArray<{
      readonly arn: string
      readonly ec2InstanceId: string
      readonly status: string
      readonly agentConnected: boolean
      /** Those that stopped within the last hour included. */
      readonly tasks: ReadonlyArray<{
        readonly arn: string
        readonly group: string
        readonly lastStatus: string
        readonly desiredStatus: string
      }>
    }>
  }>
  readonly groups: ReadonlyArray<{
    readonly name: string
    readonly desired: number
    readonly hooks: ReadonlyArray<{
      readonly name: string
      readonly heartbeatTimeoutSeconds: number
      readonly defaultResult: string
    }>
    readonly instances: ReadonlyArray<{
      readonly instanceId: string
      readonly lifecycleState: string
      /** Of the controller's hook, or else of the first that holds it; absent where none does. */
      readonly lifecycleActionToken?: string
    }>
  }>
  readonly queues: ReadonlyArray<{
    readonly name: string
    readonly url: string
    readonly visible: number
    readonly inFlight: number
    readonly delayed: number
  }>
  /** Tasks whose host went away before they had reached STOPPED. */
  readonly killed: ReadonlyArray<string>
}

export const stateView = (session: Session): StateView => {
  const { world, diary, queues } = session
  const registered = world.instances.filter(({ status }) => status !== ABSENT && status !== INACTIVE)
  return {
    now: session.dateOf(world.now).toISOString(),
    seconds: world.now / 1000,
    clusters: [
      {
        name: world.directory.clusterName,
        services: world.services.map((service) => serviceView(world, service)),
        containerInstances: registered.map((instance) => containerInstanceView(session, instance)),
      },
    ],
    groups: world.groups.map(groupView),
    queues: queues.map((queue) => ({
      name: queue.settings.name,
      url: urlOf(session, queue),
      ...queue.counts(world.now),
    })),
    killed: diary.killed().map((task) => world.directory.taskArn(task)),
  }
}

const serviceView = (world: World, service: Service) => ({
  name: service.plan.name,
  desired: desiredCountOf(world, service),
  floor: service.floor,
  running: [...service.tasks].filter(({ status, instance }) => status === RUNNING && instance.alive).length,
})

const hourMs = 3_600_000

const containerInstanceView = ({ world }: Session, instance: Instance) => {
  const isShown = ({ landed, status, changedAt }: Task): boolean =>
    landed && (status !== STOPPED || world.now - changedAt <= hourMs)
  return {
    arn: world.directory.containerInstanceArn(instance.number),
    ec2InstanceId: instance.id,
    status: containerInstanceStates[instance.status] ?? 'UNKNOWN',
    agentConnected: instance.agentConnected,
    tasks: instance.placed.filter(isShown).map(({ number, status, desiredStopped }) => ({
      arn: world.directory.taskArn(number),
      group: world.directory.taskGroup(number),
      lastStatus: taskStatuses[status] ?? 'UNKNOWN',
      desiredStatus: desiredStopped ? 'STOPPED' : 'RUNNING',
    })),
  }
}

const groupView = ({ plan, desired, hooks, instances }: Group) => ({
  name: plan.name,
  desired,
  hooks: hooks
    .filter(({ deleted }) => !deleted)
    .map(({ plan: { name, heartbeatTimeoutSeconds, defaultResult } }) => ({
      name,
      heartbeatTimeoutSeconds,
      defaultResult,
    })),
  instances: instances.map((instance) => ({
    instanceId: instance.id,
    lifecycleState: lifecycleStates[instance.state] ?? 'Unknown',
    ...tokenOf(instance),
  })),
})

const tokenOf = ({ actions }: Instance): { readonly lifecycleActionToken?: string } => {
  const open = actions.filter((action) => action.open)
  const token = (open.find(({ ours }) => ours) ?? open[0])?.lifecycleAction.token
  return token === undefined || token === null ? {} : { lifecycleActionToken: token }
}
