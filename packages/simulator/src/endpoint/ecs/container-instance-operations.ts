/** Operations of ECS on container instances. */
import { ACTIVE, DRAINING } from '../../trace/kind-numbers.ts'
import { countsOf, isListed, knownInstance, seenNow } from '../../world/api.ts'
import { updateState } from '../../world/ecs/container-instances.ts'
import { describedMost, updatedMost } from '../../world/ecs/request-size.ts'
import type { Instance } from '../../world/state.ts'
import { operation } from '../operation.ts'
import { pageOf } from '../page-token.ts'
import type { Session } from '../session.ts'
import { AwsError } from '../wire/aws-error.ts'
import type { Output } from '../wire/output.ts'
import { integer, listOf, text, word } from '../wire/shape.ts'
import { parseClusterQuery, type QueriedInstance } from './cluster-query.ts'
import { containerInstanceView } from './container-instance-view.ts'
import { agentVersion, attributesOf } from './instance-attributes.ts'
import { checkCount } from './limits.ts'
import { arnFor, checkCluster, checkIdentifiers, containerInstanceSubject } from './names.ts'

/** The words a list can be filtered by. INACTIVE is none of them (AWS: API reference, ContainerInstanceStatus). */
const statuses = word('ACTIVE', 'DRAINING', 'REGISTERING', 'DEREGISTERING', 'REGISTRATION_FAILED')

export const listContainerInstances = operation({
  name: 'ListContainerInstances',
  says: 'All but the INACTIVE, those of a status, or those of a query. Late by `ecs.listLag` if new, else by `ecs.instanceLag`.',
  input: { cluster: text, filter: text, maxResults: integer(1, 100), nextToken: text, status: statuses },
  errors: ['ClusterNotFoundException'],
  subject: (session, { filter = '' }) => session.world.instances.findIndex(({ id }) => filter.includes(id)) + 1,
  answer: ({ session }, { cluster, filter, maxResults = 100, nextToken, status }) => {
    checkCluster(session, cluster)
    const { world } = session
    const query = filter === undefined ? () => true : parseClusterQuery(filter)
    const listed = world.instances.filter(
      (instance) =>
        isListed(world, instance) &&
        (status === undefined || seenNow(world, instance).status === statusNumber(status)) &&
        query(queried(session, instance)),
    )
    const list = JSON.stringify(['ListContainerInstances', filter, status])
    const page = pageOf(listed, ({ number }) => number, {
      list,
      token: nextToken,
      size: maxResults,
      refusal: 'InvalidParameterException',
    })
    return {
      containerInstanceArns: page.items.map(({ number }) => world.directory.containerInstanceArn(number)),
      nextToken: page.nextToken,
    }
  },
})

const statusNumber = (status: string): number => (status === 'ACTIVE' ? ACTIVE : status === 'DRAINING' ? DRAINING : -1)

const queried = (session: Session, instance: Instance): QueriedInstance => ({
  agentConnected: seenNow(session.world, instance).agentConnected,
  agentVersion,
  ec2InstanceId: instance.id,
  registeredAt: session.world.startMs + instance.registeredAt,
  runningTasksCount: countsOf(instance).runningTasksCount,
  taskGroups: new Set(
    instance.tasks.flatMap(({ landed, number }) => (landed ? [session.world.directory.taskGroup(number)] : [])),
  ),
  attributes: attributesOf(session, instance),
})

export const describeContainerInstances = operation({
  name: 'DescribeContainerInstances',
  says: 'Up to 100 at a time; `runningTasksCount` counts by desiredStatus, as AWS counts. An INACTIVE one stays describable.',
  input: {
    cluster: text,
    containerInstances: listOf(text),
    include: listOf(word('TAGS', 'CONTAINER_INSTANCE_HEALTH')),
  },
  needed: ['containerInstances'],
  errors: ['ClusterNotFoundException'],
  subject: (session, { containerInstances: [first] }) => containerInstanceSubject(session, first),
  answer: ({ session }, { cluster, containerInstances, include = [] }) => {
    checkIdentifiers('container-instance', containerInstances, cluster)
    checkCluster(session, cluster)
    checkCount('Container instances', containerInstances, describedMost)
    const shown: Array<Output> = []
    const failures: Array<Output> = []
    for (const idOrArn of containerInstances) {
      const arn = arnFor(session, 'container-instance', idOrArn)
      const instance = knownInstance(session.world, arn)
      if (instance === null) failures.push({ arn, reason: 'MISSING' })
      else shown.push(containerInstanceView(session, instance, seenNow(session.world, instance), include))
    }
    return { containerInstances: shown, failures }
  },
})

export const updateContainerInstancesState = operation({
  name: 'UpdateContainerInstancesState',
  says: 'To ACTIVE or DRAINING, up to 10 at a time. DRAINING what is DRAINING changes nothing and succeeds.',
  input: { cluster: text, containerInstances: listOf(text), status: statuses },
  needed: ['containerInstances', 'status'],
  errors: ['ClusterNotFoundException'],
  isWrite: true,
  subject: (session, { containerInstances: [first] }) => containerInstanceSubject(session, first),
  answer: ({ session }, { cluster, containerInstances, status }) => {
    checkIdentifiers('container-instance', containerInstances, cluster)
    checkCluster(session, cluster)
    if (status !== 'ACTIVE' && status !== 'DRAINING') {
      throw new AwsError('InvalidParameterException', `Container instances cannot be set to ${status}.`)
    }
    checkCount('Container instances', containerInstances, updatedMost)
    const changed: Array<Output> = []
    const failures: Array<Output> = []
    for (const idOrArn of containerInstances) {
      const arn = arnFor(session, 'container-instance', idOrArn)
      const instance = knownInstance(session.world, arn)
      if (instance === null) failures.push({ arn, reason: 'MISSING' })
      else if (updateState(session.world, instance, statusNumber(status))) {
        changed.push(containerInstanceView(session, instance, instance, []))
      } else failures.push({ arn, reason: 'INACTIVE' })
    }
    return { containerInstances: changed, failures }
  },
})
