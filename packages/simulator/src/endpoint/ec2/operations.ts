/** Operations of EC2, for clients that ask: instances, and their user data. */
import { PENDING_LIFECYCLE, TERMINATED, WARMED_STOPPED } from '../../trace/kind-numbers.ts'
import { isHost } from '../../world/instance.ts'
import type { Instance } from '../../world/state.ts'
import { amiId, instanceType, zoneName } from '../ecs/instance-attributes.ts'
import { operation } from '../operation.ts'
import { pageOf } from '../page-token.ts'
import type { Session } from '../session.ts'
import { AwsError } from '../wire/aws-error.ts'
import type { Output } from '../wire/output.ts'
import { integer, listOf, structure, text, word } from '../wire/shape.ts'

const stateCodes = { pending: 0, running: 16, stopped: 80, terminated: 48 } as const

const stateOf = ({ state, alive }: Instance): keyof typeof stateCodes => {
  if (state === WARMED_STOPPED) return 'stopped'
  // One that was killed may be in the hands of its hooks still.
  if (state === TERMINATED || !alive) return 'terminated'
  // The world knows when it is InService, not when it began to run.
  return state === PENDING_LIFECYCLE ? 'pending' : 'running'
}

const tagsOf = ({ group }: Instance): ReadonlyArray<readonly [key: string, value: string]> => [
  ['aws:autoscaling:groupName', group.plan.name],
  ['Name', group.plan.name],
]

/** The values of a filter on an instance; undefined for a filter that this endpoint does not have. */
const filtered = (session: Session, name: string): ((instance: Instance) => ReadonlyArray<string>) | undefined => {
  switch (name) {
    case 'instance-id':
      return ({ id }) => [id]
    case 'instance-state-name':
      return (instance) => [stateOf(instance)]
    case 'availability-zone':
      return ({ zone }) => [zoneName(session, zone)]
    case 'image-id':
      return (instance) => [amiId(session, instance)]
    case 'tag-key':
      return (instance) => tagsOf(instance).map(([key]) => key)
    default: {
      if (!name.startsWith('tag:')) return undefined
      return (instance) => tagsOf(instance).flatMap(([key, value]) => (`tag:${key}` === name ? [value] : []))
    }
  }
}

/** `*` and `?` stand for characters (AWS: EC2 user guide, Using_Filtering). */
const matches = (value: string, pattern: string): boolean =>
  new RegExp(
    `^${pattern
      .replace(/[\\^$.|+()[\]{}]/g, '\\$&')
      .replaceAll('*', '.*')
      .replaceAll('?', '.')}$`,
    's',
  ).test(value)

export const describeInstances = operation({
  name: 'DescribeInstances',
  says:
    'By id or filter: instance-id, instance-state-name, availability-zone, image-id, tag-key, tag:KEY. ' +
    'Terminated ones stay for an hour.',
  input: {
    InstanceId: listOf(text),
    Filter: listOf(structure({ Name: text, Value: listOf(text) }, ['Name'])),
    MaxResults: integer(5, 1000),
    NextToken: text,
  },
  errors: ['InvalidInstanceID.NotFound', 'InvalidInstanceID.Malformed', 'InvalidParameterCombination'],
  subject: ({ world }, { InstanceId = [] }) => world.instances.findIndex(({ id }) => id === InstanceId[0]) + 1,
  answer: ({ session }, { InstanceId = [], Filter = [], MaxResults, NextToken }) => {
    if (InstanceId.length > 0 && MaxResults !== undefined) {
      const message = 'The parameter instancesSet cannot be used with the parameter maxResults'
      throw new AwsError('InvalidParameterCombination', message)
    }
    const visible = session.world.instances.filter((instance) => isVisible(session, instance))
    checkIds(InstanceId, visible)
    const tests = Filter.map(({ Name, Value = [] }) => {
      const values = filtered(session, Name)
      if (values === undefined) throw new AwsError('InvalidParameterValue', `The filter '${Name}' is invalid`)
      return (instance: Instance): boolean =>
        values(instance).some((value) => Value.some((pattern) => matches(value, pattern)))
    })
    const found = visible.filter(
      (instance) =>
        (InstanceId.length === 0 || InstanceId.includes(instance.id)) && tests.every((test) => test(instance)),
    )
    const page = pageOf(found, ({ number }) => number, {
      list: JSON.stringify(['DescribeInstances', InstanceId, Filter]),
      token: NextToken,
      size: MaxResults ?? 1000,
      refusal: 'InvalidParameterValue',
    })
    const { account } = session.world.directory
    return {
      reservationSet: page.items.map((instance) => ({
        reservationId: `r-0${instance.number.toString(16).padStart(16, '0')}`,
        ownerId: account,
        groupSet: [],
        instancesSet: [instanceView(session, instance)],
      })),
      nextToken: page.nextToken,
    }
  },
})

const hourMs = 3_600_000

/** Terminated instances stay visible for about an hour (AWS: EC2 user guide, terminating-instances). */
const isVisible = ({ world, diary }: Session, instance: Instance): boolean => {
  if (!isHost(instance)) return false
  const terminatedAt = diary.terminatedAt(instance.number)
  return terminatedAt === undefined || world.now - terminatedAt < hourMs
}

const checkIds = (ids: ReadonlyArray<string>, visible: ReadonlyArray<Instance>): void => {
  for (const id of ids) {
    if (!/^i-[0-9a-f]{8,17}$/.test(id)) throw new AwsError('InvalidInstanceID.Malformed', `Invalid id: "${id}"`)
    if (!visible.some((instance) => instance.id === id)) {
      throw new AwsError('InvalidInstanceID.NotFound', `The instance ID '${id}' does not exist`)
    }
  }
}

const instanceView = (session: Session, instance: Instance): Output => {
  const state = stateOf(instance)
  return {
    instanceId: instance.id,
    imageId: amiId(session, instance),
    instanceState: { code: stateCodes[state], name: state },
    privateDnsName:
      state === 'terminated' ? '' : `ip-10-0-${instance.number >> 8}-${instance.number & 255}.ec2.internal`,
    privateIpAddress: state === 'terminated' ? undefined : `10.0.${instance.number >> 8}.${instance.number & 255}`,
    instanceType,
    launchTime: session.dateOf(session.diary.launchedAt(instance.number)),
    placement: { availabilityZone: zoneName(session, instance.zone), groupName: '', tenancy: 'default' },
    architecture: 'arm64',
    tagSet: tagsOf(instance).map(([key, value]) => ({ key, value })),
  }
}

export const describeInstanceAttribute = operation({
  name: 'DescribeInstanceAttribute',
  says: 'The user data, which names the cluster, as the agent reads it; and the instance type.',
  input: { InstanceId: text, Attribute: word('userData', 'instanceType') },
  needed: ['InstanceId', 'Attribute'],
  errors: ['InvalidInstanceID.NotFound', 'InvalidInstanceID.Malformed'],
  subject: ({ world }, { InstanceId }) => world.instances.findIndex(({ id }) => id === InstanceId) + 1,
  answer: ({ session }, { InstanceId, Attribute }) => {
    const visible = session.world.instances.filter((instance) => isVisible(session, instance))
    checkIds([InstanceId], visible)
    if (Attribute === 'instanceType') return { instanceId: InstanceId, instanceType: { value: instanceType } }
    const registers = visible.find(({ id }) => id === InstanceId)?.group.plan.registers === true
    const script = `#!/bin/bash\necho ECS_CLUSTER=${session.world.directory.clusterName} >> /etc/ecs/ecs.config\n`
    return {
      instanceId: InstanceId,
      userData: registers ? { value: Buffer.from(script, 'utf8').toString('base64') } : {},
    }
  },
})
