/** Operations of ECS on services and clusters. */
import type { ServicePlan } from '../../plan/plan.ts'
import { PENDING, RUNNING } from '../../trace/kind-numbers.ts'
import { clusterArn, targetGroupArn, taskDefinitionArn } from '../../wire/arns.ts'
import { countsOf, isListed } from '../../world/api.ts'
import { desiredCountOf } from '../../world/ecs/services.ts'
import type { Service } from '../../world/state.ts'
import { operation } from '../operation.ts'
import { pageOf } from '../page-token.ts'
import type { Session } from '../session.ts'
import type { Output } from '../wire/output.ts'
import { integer, listOf, text, word } from '../wire/shape.ts'
import { deploymentId } from './deployment-id.ts'
import { checkCount } from './limits.ts'
import { arnFor, checkCluster, checkClusterName, checkIdentifiers, isCluster, serviceArn } from './names.ts'
import { containerPortOf } from './task-definition-operations.ts'
import { serviceNamed } from './task-operations.ts'

export const listServices = operation({
  name: 'ListServices',
  says: 'The services of the plan.',
  input: {
    cluster: text,
    launchType: word('EC2', 'FARGATE', 'EXTERNAL', 'MANAGED_INSTANCES'),
    schedulingStrategy: word('REPLICA', 'DAEMON'),
    maxResults: integer(1, 100),
    nextToken: text,
  },
  errors: ['ClusterNotFoundException'],
  answer: ({ session }, { cluster, launchType = 'EC2', schedulingStrategy, maxResults = 10, nextToken }) => {
    checkCluster(session, cluster)
    const services = session.world.services.filter(
      ({ plan }) =>
        launchType === 'EC2' && (schedulingStrategy === undefined || plan.schedulingStrategy === schedulingStrategy),
    )
    const page = pageOf(services, ({ number }) => number, {
      list: JSON.stringify(['ListServices', launchType, schedulingStrategy]),
      token: nextToken,
      size: maxResults,
      refusal: 'InvalidParameterException',
    })
    return { serviceArns: page.items.map(({ plan }) => serviceArn(session, plan.name)), nextToken: page.nextToken }
  },
})

export const describeServices = operation({
  name: 'DescribeServices',
  says:
    'Up to 10 at a time. `runningCount` counts tasks in RUNNING, those told to stop included. ' +
    'Events tell of tasks started and stopped, of targets, of a steady state, and of placements that failed.',
  input: { cluster: text, services: listOf(text), include: listOf(word('TAGS')) },
  needed: ['services'],
  errors: ['ClusterNotFoundException'],
  answer: ({ session }, { cluster, services, include = [] }) => {
    checkIdentifiers('service', services, cluster)
    checkCluster(session, cluster)
    checkCount('Services', services, 10)
    const shown: Array<Output> = []
    const failures: Array<Output> = []
    for (const nameOrArn of services) {
      const service = serviceNamed(session, nameOrArn)
      if (service === undefined) failures.push({ arn: arnFor(session, 'service', nameOrArn), reason: 'MISSING' })
      else shown.push(serviceView(session, service, include.includes('TAGS')))
    }
    return { services: shown, failures }
  },
})

const serviceView = (session: Session, service: Service, withTags: boolean): Output => {
  const { plan } = service
  const taskDefinition = taskDefinitionArn(session.world.directory, plan.name)
  const createdAt = session.dateOf(0)
  const desiredCount = desiredCountOf(session.world, service)
  return {
    serviceArn: serviceArn(session, plan.name),
    serviceName: plan.name,
    clusterArn: clusterArn(session.world.directory),
    loadBalancers: loadBalancersOf(session, plan),
    serviceRegistries: [],
    status: 'ACTIVE',
    desiredCount,
    ...taskCounts(service, () => true),
    launchType: 'EC2',
    taskDefinition,
    deploymentConfiguration: {
      deploymentCircuitBreaker: { enable: false, rollback: false },
      maximumPercent: plan.maximumPercent,
      minimumHealthyPercent: plan.minimumHealthyPercent,
    },
    deployments: deploymentsOf(service).map((deployment) => ({
      id: deploymentId(service.number, deployment),
      status: deployment === service.deployment ? 'PRIMARY' : 'ACTIVE',
      taskDefinition,
      desiredCount: deployment === service.deployment ? desiredCount : 0,
      ...taskCounts(service, (each) => each === deployment),
      failedTasks: 0,
      createdAt,
      updatedAt: createdAt,
      launchType: 'EC2',
      rolloutState: deploymentsOf(service).length === 1 ? 'COMPLETED' : 'IN_PROGRESS',
    })),
    events: session.serviceEvents
      .of(service.number)
      .map(({ id, at, message }) => ({ id, createdAt: session.dateOf(at), message })),
    createdAt,
    placementConstraints: [],
    placementStrategy: [],
    schedulingStrategy: plan.schedulingStrategy,
    availabilityZoneRebalancing: plan.availabilityZoneRebalancing,
    enableECSManagedTags: false,
    propagateTags: 'NONE',
    enableExecuteCommand: false,
    ...(withTags ? { tags: [] } : {}),
  }
}

/** One target group, of the container that every task definition here has. */
const loadBalancersOf = ({ world }: Session, plan: ServicePlan): ReadonlyArray<Output> =>
  plan.loadBalancer === null
    ? []
    : [
        {
          targetGroupArn: targetGroupArn(world.directory, plan.name),
          containerName: 'main',
          containerPort: containerPortOf(plan),
        },
      ]

/** The newest first; an older one is there as long as it has tasks. */
const deploymentsOf = ({ deployment, tasks }: Service): ReadonlyArray<number> =>
  [...new Set([deployment, ...[...tasks].map((task) => task.deployment)])].sort((one, other) => other - one)

const taskCounts = (
  { tasks }: Service,
  ofDeployment: (deployment: number) => boolean,
): { readonly runningCount: number; readonly pendingCount: number } => {
  const counted = [...tasks].filter(({ landed, deployment }) => landed && ofDeployment(deployment))
  return {
    runningCount: counted.filter(({ status }) => status === RUNNING).length,
    pendingCount: counted.filter(({ status }) => status <= PENDING).length,
  }
}

export const listClusters = operation({
  name: 'ListClusters',
  says: 'The one cluster of the plan.',
  input: { maxResults: integer(1, 100), nextToken: text },
  answer: ({ session }, { maxResults = 100, nextToken }) => {
    const page = pageOf([clusterArn(session.world.directory)], () => 0, {
      list: 'ListClusters',
      token: nextToken,
      size: maxResults,
      refusal: 'InvalidParameterException',
    })
    return { clusterArns: page.items, nextToken: page.nextToken }
  },
})

export const describeClusters = operation({
  name: 'DescribeClusters',
  says: 'Up to 100 at a time, of which the plan has one, with its counts. What is included beyond that is empty.',
  input: {
    clusters: listOf(text, 100),
    include: listOf(word('ATTACHMENTS', 'CONFIGURATIONS', 'SETTINGS', 'STATISTICS', 'TAGS')),
  },
  answer: ({ session }, { clusters: named = [] }) => {
    const clusters = named.length === 0 ? ['default'] : named
    clusters.forEach(checkClusterName)
    const isKnown = (cluster: string): boolean => isCluster(session, cluster)
    const { directory } = session.world
    return {
      clusters: clusters.some(isKnown) ? [clusterView(session)] : [],
      failures: clusters
        .filter((cluster) => !isKnown(cluster))
        .map((cluster) => ({
          arn: cluster.startsWith('arn:') ? cluster : clusterArn(directory, cluster),
          reason: 'MISSING',
        })),
    }
  },
})

const clusterView = (session: Session): Output => {
  const { world } = session
  const instances = world.instances.filter((instance) => isListed(world, instance))
  const counts = instances.map(countsOf)
  return {
    clusterArn: clusterArn(session.world.directory),
    clusterName: world.directory.clusterName,
    status: 'ACTIVE',
    registeredContainerInstancesCount: instances.length,
    runningTasksCount: counts.reduce((sum, { runningTasksCount }) => sum + runningTasksCount, 0),
    pendingTasksCount: counts.reduce((sum, { pendingTasksCount }) => sum + pendingTasksCount, 0),
    activeServicesCount: world.services.length,
    statistics: [],
    tags: [],
    settings: [],
    capacityProviders: [],
    defaultCapacityProviderStrategy: [],
  }
}
