/** The names AWS would print. Each is made when it is first asked for, and known from then on. */
import {
  type AutoScalingGroupName,
  type ContainerInstanceArn,
  type Ec2InstanceId,
  type EcsTaskArn,
  instanceOf,
  type LifecycleAction,
  type LifecycleActionToken,
  type LifecycleHookName,
  type StreamId,
} from '@ecs-drain/core'
import type { Directory } from '../controller/controller.ts'
import { mix32 } from '../kernel/mix32.ts'
import type { Cast } from '../trace/trace.ts'
import { NONE } from './codes.ts'
import type { Core } from './core.ts'
import { siteNumber } from './settings.ts'

/** With the ways back, for what a call names. */
export interface WorldDirectory extends Directory {
  instanceByArn(arn: string): number
  taskByArn(arn: string): number
  instanceByStream(stream: StreamId): number
  taskId(task: number): string
}

const hex = (word: number): string => word.toString(16).padStart(8, '0')
const instanceSite = siteNumber('instance id')
const containerInstanceSite = siteNumber('container instance id')
const taskSite = siteNumber('task id')
const tokenSite = siteNumber('token')

export const createDirectory = ({ plan, instances, tasks, actions }: Core): WorldDirectory => {
  const { region, account, name: clusterName } = plan.cluster
  const ids: Ec2InstanceId[] = []
  const numbersById = new Map<string, number>()
  const arns: ContainerInstanceArn[] = []
  const numbersByArn = new Map<string, number>()
  const taskArns: EcsTaskArn[] = []
  const taskNumbers = new Map<string, number>()
  const lifecycleActions: LifecycleAction[] = []
  const arnStart = (what: string): string => `arn:aws:ecs:${region}:${account}:${what}/${clusterName}/`
  const containerInstanceStart = arnStart('container-instance')
  const taskStart = arnStart('task')

  const word = (site: number, key: number, n: number): string => hex(mix32(plan.seed, site, key, n))
  const id32 = (site: number, key: number): string =>
    word(site, key, 0) + word(site, key, 1) + word(site, key, 2) + word(site, key, 3)

  const instanceId = (instance: number): Ec2InstanceId => {
    const known = ids[instance]
    if (known !== undefined) return known
    const id = `i-0${word(instanceSite, instance, 0)}${word(instanceSite, instance, 1)}` as Ec2InstanceId
    ids[instance] = id
    numbersById.set(id, instance)
    return id
  }

  const instanceNumber = (id: Ec2InstanceId): number => numbersById.get(id) ?? NONE

  const containerInstanceArn = (instance: number): ContainerInstanceArn => {
    const known = arns[instance]
    if (known !== undefined) return known
    const arn = (containerInstanceStart + id32(containerInstanceSite, instance)) as ContainerInstanceArn
    arns[instance] = arn
    numbersByArn.set(arn, instance)
    return arn
  }

  const taskId = (task: number): string => id32(taskSite, task)

  const taskArn = (task: number): EcsTaskArn => {
    const known = taskArns[task]
    if (known !== undefined) return known
    const arn = (taskStart + taskId(task)) as EcsTaskArn
    taskArns[task] = arn
    taskNumbers.set(arn, task)
    return arn
  }

  const action = (number: number): LifecycleAction => {
    const known = lifecycleActions[number]
    if (known !== undefined) return known
    const record = actions[number]
    if (record === undefined) throw new RangeError(`there is no lifecycle action ${number}`)
    const made: LifecycleAction = {
      group: record.instance.group.plan.name as AutoScalingGroupName,
      hook: record.hook.plan.name as LifecycleHookName,
      instance: instanceId(record.instance.number),
      token: tokenOf(number),
    }
    lifecycleActions[number] = made
    return made
  }

  const tokenOf = (number: number): LifecycleActionToken => {
    const text = id32(tokenSite, number)
    const parts = [
      text.slice(0, 8),
      text.slice(8, 12),
      `4${text.slice(13, 16)}`,
      `8${text.slice(17, 20)}`,
      text.slice(20),
    ]
    return parts.join('-') as LifecycleActionToken
  }

  return {
    startMs: Date.parse(plan.start),
    region,
    account,
    clusterName,
    instanceId,
    instanceNumber,
    containerInstanceArn,
    taskArn,
    taskGroup: (number) => {
      const task = tasks[number]
      if (task === undefined) throw new RangeError(`there is no task ${number}`)
      return task.service === null ? `family:${task.job?.plan.family ?? ''}` : `service:${task.service.plan.name}`
    },
    instanceOfTask: (task) => tasks[task]?.instance.number ?? NONE,
    action,
    origin: () => 'AutoScalingGroup',
    destination: (number) => (actions[number]?.toWarmPool === true ? 'WarmPool' : 'EC2'),
    metadata: (number) => actions[number]?.hook.plan.notificationMetadata ?? null,
    groupName: (instance) => instances[instance]?.group.plan.name ?? '',
    instanceByArn: (arn) => numbersByArn.get(arn) ?? NONE,
    taskByArn: (arn) => taskNumbers.get(arn) ?? NONE,
    instanceByStream: (stream) => instanceNumber(instanceOf(stream)),
    taskId,
  }
}

// Classes for the sake of a getter that all entries share: a thousand tasks are made in each run, few ids are read.
class InstanceEntry {
  readonly #directory: WorldDirectory
  readonly #number: number
  readonly group: number
  readonly old: boolean

  constructor(directory: WorldDirectory, number: number, group: number, old: boolean) {
    this.#directory = directory
    this.#number = number
    this.group = group
    this.old = old
  }

  get id(): string {
    return this.#directory.instanceId(this.#number)
  }
}

class TaskEntry {
  readonly #directory: WorldDirectory
  readonly #number: number
  readonly service: number

  constructor(directory: WorldDirectory, number: number, service: number) {
    this.#directory = directory
    this.#number = number
    this.service = service
  }

  get id(): string {
    return this.#directory.taskId(this.#number)
  }
}

/** The cast, growing while the run goes on. Ids are written when they are read. */
export const createCast = (core: Core, directory: WorldDirectory, decisions: ReadonlyArray<string>) => {
  const instances: Array<Cast['instances'][number]> = []
  const tasks: Array<Cast['tasks'][number]> = []
  const actions: Array<Cast['actions'][number]> = []
  const cast: Cast = {
    startMs: directory.startMs,
    services: core.services.map(({ plan, daemon, desired, floor }) => ({
      name: plan.name,
      strategy: plan.schedulingStrategy,
      desired,
      floor: daemon ? 0 : floor,
    })),
    groups: core.groups.map(({ plan }) => ({ name: plan.name })),
    instances,
    tasks,
    actions,
    decisions,
  }
  return {
    cast,
    addInstance: (number: number, group: number, old: boolean): void => {
      instances.push(new InstanceEntry(directory, number, group, old))
    },
    addTask: (number: number, service: number): void => {
      tasks.push(new TaskEntry(directory, number, service))
    },
    addAction: (instance: number, hook: string, ours: boolean): void => {
      actions.push({ instance, hook, ours })
    },
  }
}
