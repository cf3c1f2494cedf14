/** The ids and ARNs AWS would give; made once each. */
import type {
  AutoScalingGroupName,
  ClusterName,
  ContainerInstanceArn,
  Ec2InstanceId,
  EcsTaskArn,
} from '@ecs-drain/core'
import type { Directory } from '../controller/controller.ts'
import { mix32 } from '../kernel/draws.ts'
import { arnIn } from '../plan/arn.ts'
import type { Action, Instance, Task, World } from './state.ts'

/** Two digits for each byte: writing thousands of ids digit by digit is a measurable part of a run. */
const digits = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'))

const digitsOf = (byte: number): string => digits[byte & 0xff] as string

const hex = (seed: number, purpose: number, number: number, length: number): string => {
  let text = ''
  for (let part = 0; text.length < length; part += 1) {
    const word = mix32(seed, purpose, number, part)
    text += digitsOf(word >>> 24) + digitsOf(word >>> 16) + digitsOf(word >>> 8) + digitsOf(word)
  }
  return text.slice(0, length)
}

/** A number of up to six digits at the end of an id is what tells two apart; its beginning is the run's. */
const tail = (number: number): string => digitsOf(number >> 16) + digitsOf(number >> 8) + digitsOf(number)

export const instanceIdOf = (seed: number, number: number): Ec2InstanceId =>
  `i-0${hex(seed, 2001, number, 10)}${tail(number)}` as Ec2InstanceId

export const tokenOf = (seed: number, number: number): string => {
  const text = hex(seed, 2002, number, 26) + tail(number)
  return [text.slice(0, 8), text.slice(8, 12), text.slice(12, 16), text.slice(16, 20), text.slice(20)].join('-')
}

type Named = Pick<World, 'plan' | 'startMs' | 'instances' | 'tasks' | 'actions'>

/** The lists may grow. */
export const createDirectory = ({ plan, startMs, ...known }: Named): Directory => {
  const { name, region, account } = plan.cluster
  // Thousands of tasks get an ARN, so only its last digits are made anew.
  const containerInstancePrefix = arnIn(
    plan.cluster,
    'ecs',
    `container-instance/${name}/${hex(plan.seed, 2003, 0, 26)}`,
  )
  const taskPrefix = arnIn(plan.cluster, 'ecs', `task/${name}/${hex(plan.seed, 2004, 0, 26)}`)
  const containerInstances: Array<ContainerInstanceArn> = []
  const tasks: Array<EcsTaskArn> = []
  const actionOf = (number: number): Action => known.actions[number] as Action
  const instanceAt = (number: number): Instance => known.instances[number] as Instance
  const taskAt = (number: number): Task => known.tasks[number] as Task

  return {
    startMs,
    region,
    account,
    clusterName: name as ClusterName,
    instanceId: (number) => instanceAt(number).id as Ec2InstanceId,
    instanceNumber: (id) => {
      const number = numberIn(id)
      return known.instances[number]?.id === id ? number : -1
    },
    containerInstanceArn: (number) =>
      (containerInstances[number] ??= (containerInstancePrefix + tail(number)) as ContainerInstanceArn),
    taskArn: (number) => (tasks[number] ??= (taskPrefix + tail(number)) as EcsTaskArn),
    taskGroup: (number) => {
      const { service, standalone } = taskAt(number)
      return (service ?? standalone)?.group ?? 'family:unknown'
    },
    action: (number) => actionOf(number).lifecycleAction,
    destination: (number) => actionOf(number).destination,
    metadata: (number) => actionOf(number).hook.plan.notificationMetadata,
    groupName: (number) => instanceAt(number).group.plan.name as AutoScalingGroupName,
  }
}

const tailLength = 6

/** The number at the end of an id, an ARN or a stream that this world made; -1 for one that has none. */
export const numberIn = (id: string): number => {
  let number = 0
  if (id.length < tailLength) return -1
  for (let at = id.length - tailLength; at < id.length; at += 1) {
    const code = id.charCodeAt(at)
    // 0 to 9, then a to f.
    const digit = code <= 57 ? code - 48 : code - 87
    if (digit < 0 || digit > 15) return -1
    number = number * 16 + digit
  }
  return number
}
