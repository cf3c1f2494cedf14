/** Operations of ECS on tasks. */
import type { StandaloneTaskPlan } from '../../plan/plan.ts'
import { ACTIVE, PENDING } from '../../trace/kind-numbers.ts'
import { isListed, knownInstance, stoppableTask, taskOf, view } from '../../world/api.ts'
import { describedMost } from '../../world/ecs/request-size.ts'
import { stopOnRequest } from '../../world/ecs/tasks.ts'
import type { Instance, Service, Task } from '../../world/state.ts'
import { operation } from '../operation.ts'
import { pageOf } from '../page-token.ts'
import type { Session } from '../session.ts'
import { AwsError } from '../wire/aws-error.ts'
import type { Output } from '../wire/output.ts'
import { integer, listOf, text, textUpTo, word } from '../wire/shape.ts'
import { deploymentId } from './deployment-id.ts'
import { checkCount } from './limits.ts'
import { arnFor, checkCluster, checkIdentifiers, containerInstanceSubject, serviceArn } from './names.ts'
import { familyIn } from './task-definition-operations.ts'
import { familyOf, taskView } from './task-view.ts'

const launchTypes = word('EC2', 'FARGATE', 'EXTERNAL', 'MANAGED_INSTANCES')

export const listTasks = operation({
  name: 'ListTasks',
  says:
    'Tasks of a container instance, service or family. Without `desiredStatus` those told to stop are left out. Late by `ecs.listLag`. ' +
    'Together go `containerInstance` and `family`; `launchType` and all but `startedBy`; `desiredStatus` and all.',
  input: {
    cluster: text,
    containerInstance: text,
    family: text,
    serviceName: text,
    startedBy: text,
    desiredStatus: word('RUNNING', 'PENDING', 'STOPPED'),
    launchType: launchTypes,
    maxResults: integer(1, 100),
    nextToken: text,
  },
  errors: ['ClusterNotFoundException', 'ServiceNotFoundException'],
  subject: (session, { containerInstance }) => containerInstanceSubject(session, containerInstance),
  answer: ({ session, staleMs }, input) => {
    const { cluster, containerInstance, desiredStatus = 'RUNNING', launchType, maxResults = 100, nextToken } = input
    if (containerInstance !== undefined) checkIdentifiers('container-instance', [containerInstance], cluster)
    if (input.serviceName !== undefined) checkIdentifiers('service', [input.serviceName], cluster)
    checkCluster(session, cluster)
    checkFilters(input)
    const { world } = session
    const isAsked = askedFor(session, input)
    const wantsStopped = desiredStatus === 'STOPPED'
    const tasks = (containerInstance === undefined ? world.tasks : placedOn(session, containerInstance)).filter(
      (task) =>
        // ECS never sets the desired status PENDING (AWS: API reference, ListTasks).
        desiredStatus !== 'PENDING' &&
        (launchType ?? 'EC2') === 'EC2' &&
        isAsked(task) &&
        view(world, task, staleMs)?.desiredStopped === wantsStopped,
    )
    const { family, serviceName, startedBy } = input
    const page = pageOf(tasks, ({ number }) => number, {
      list: JSON.stringify(['ListTasks', containerInstance, family, serviceName, startedBy, desiredStatus, launchType]),
      token: nextToken,
      size: maxResults,
      refusal: 'InvalidParameterException',
    })
    return { taskArns: page.items.map(({ number }) => world.directory.taskArn(number)), nextToken: page.nextToken }
  },
})

/**
 * Refuses what AWS does not take together (github.com/boto/boto3/issues/874, github.com/fujiwara/ecsta/pull/119,
 * github.com/aws/aws-sdk-go-v2/issues/1893). The desired status is no such filter: Airflow asks for it with `startedBy`.
 */
const checkFilters = ({ containerInstance, family, serviceName, startedBy, launchType }: Filters): void => {
  const isGiven = (...filters: ReadonlyArray<string | undefined>): boolean =>
    filters.some((filter) => filter !== undefined)
  if (startedBy !== undefined && isGiven(serviceName, containerInstance, family, launchType)) {
    throw new AwsError('InvalidParameterException', 'cannot specify startedBy with other arguments')
  }
  if (serviceName !== undefined && isGiven(containerInstance, family)) {
    throw new AwsError('InvalidParameterException', 'cannot specify serviceName with other arguments')
  }
}

interface Filters extends AskedTasks {
  readonly containerInstance?: string
  readonly launchType?: string
}

const placedOn = (session: Session, idOrArn: string): ReadonlyArray<Task> => {
  const instance = knownInstance(session.world, arnFor(session, 'container-instance', idOrArn))
  if (instance === null) throw new AwsError('InvalidParameterException', 'The container instance was not found.')
  return instance.placed
}

interface AskedTasks {
  readonly family?: string
  readonly serviceName?: string
  readonly startedBy?: string
}

const askedFor = (session: Session, { family, serviceName, startedBy }: AskedTasks): ((task: Task) => boolean) => {
  const service = serviceName === undefined ? null : serviceNamed(session, serviceName)
  if (service === undefined) throw new AwsError('ServiceNotFoundException', 'Service not found.')
  return (task) =>
    (family === undefined || familyOf(task) === family) &&
    (service === null || task.service === service) &&
    (startedBy === undefined ||
      (task.service !== null && deploymentId(task.service.number, task.deployment) === startedBy))
}

export const serviceNamed = (session: Session, nameOrArn: string): Service | undefined =>
  session.world.services.find(({ plan }) => serviceArn(session, plan.name) === arnFor(session, 'service', nameOrArn))

const taskSubject = (session: Session, idOrArn = ''): number =>
  (taskOf(session.world, arnFor(session, 'task', idOrArn))?.instance.number ?? -1) + 1

export const describeTasks = operation({
  name: 'DescribeTasks',
  says: 'Up to 100 at a time. A stopped task stays for an hour. Late by `ecs.listLag`.',
  input: { cluster: text, tasks: listOf(text), include: listOf(word('TAGS')) },
  needed: ['tasks'],
  errors: ['ClusterNotFoundException'],
  subject: (session, { tasks: [first] }) => taskSubject(session, first),
  answer: ({ session, staleMs }, { cluster, tasks, include = [] }) => {
    checkIdentifiers('task', tasks, cluster)
    checkCluster(session, cluster)
    checkCount('Tasks', tasks, describedMost)
    const { world } = session
    const shown: Array<Output> = []
    const failures: Array<Output> = []
    for (const idOrArn of tasks) {
      const arn = arnFor(session, 'task', idOrArn)
      const task = taskOf(world, arn)
      const seen = task === null ? null : view(world, task, staleMs)
      if (task === null || seen === null) failures.push({ arn, reason: 'MISSING' })
      else shown.push(taskView(session, task, seen, include.includes('TAGS')))
    }
    return { tasks: shown, failures }
  },
})

export const stopTaskOperation = operation({
  name: 'StopTask',
  says: 'SIGTERM, and SIGKILL after the stop timeout. A service replaces the task, whatever its minimum.',
  input: { cluster: text, task: text, reason: textUpTo(1024) },
  needed: ['task'],
  errors: ['ClusterNotFoundException'],
  isWrite: true,
  subject: (session, { task }) => taskSubject(session, task),
  answer: ({ session }, { cluster, task: idOrArn, reason = 'Task stopped by user' }) => {
    checkIdentifiers('task', [idOrArn], cluster)
    checkCluster(session, cluster)
    const { world, diary } = session
    const task = stoppableTask(world, arnFor(session, 'task', idOrArn))
    if (task === null) throw new AwsError('InvalidParameterException', 'The referenced task was not found.')
    if (!task.desiredStopped) diary.noteStop(task.number, reason)
    stopOnRequest(world, task)
    return { task: taskView(session, task, task, false) }
  },
})

/** All that could take a task, if there is room and the agent is connected. */
const activeInstances = ({ world }: Session): ReadonlyArray<Instance> =>
  world.instances.filter((instance) => isListed(world, instance) && instance.status === ACTIVE)

/** What stood in the way, by container instance (AWS: ECS developer guide, api_failures_messages). */
const whyNoRoom = (session: Session, { cpu }: StandaloneTaskPlan): ReadonlyArray<Output> =>
  activeInstances(session).map(({ number, agentConnected, cpuFree }) => ({
    arn: session.world.directory.containerInstanceArn(number),
    reason: agentConnected ? (cpuFree < cpu ? 'RESOURCE:CPU' : 'RESOURCE:MEMORY') : 'AGENT',
  }))

export const runTask = operation({
  name: 'RunTask',
  says:
    "Tasks of a family that the plan's `standaloneTasks` have. What finds no room is told in `failures` and not tried again; " +
    'without an ACTIVE container instance the request is refused.',
  input: {
    cluster: text,
    taskDefinition: text,
    count: integer(1, 10),
    launchType: word('EC2'),
    clientToken: textUpTo(64),
  },
  needed: ['taskDefinition'],
  errors: ['ClusterNotFoundException', 'ClientException', 'ConflictException'],
  isWrite: true,
  answer: ({ session }, { cluster, taskDefinition, count = 1, clientToken }) => {
    checkCluster(session, cluster)
    const family = familyIn(session, taskDefinition)
    const plan = session.plan.standaloneTasks.find((each) => each.family === family)
    if (plan === undefined) throw new AwsError('ClientException', 'TaskDefinition not found.')
    // With the token of an earlier request nothing new is started (AWS: ECS developer guide, ECS_Idempotency).
    const earlier = clientToken === undefined ? undefined : session.ranFor.get(clientToken)
    if (earlier !== undefined && (earlier.family !== plan.family || earlier.count !== count)) {
      throw new AwsError('ConflictException', 'The client token is in use with another request.')
    }
    // github.com/aws/amazon-ecs-cli/issues/1122
    if (earlier === undefined && activeInstances(session).length === 0) {
      throw new AwsError('InvalidParameterException', 'No Container Instances were found in your cluster.')
    }
    const placed = earlier?.placed ?? session.runTasks({ ...plan, count })
    if (clientToken !== undefined) session.ranFor.set(clientToken, { family: plan.family, count, placed })
    return {
      // Nobody can list them yet; whoever started them is told.
      tasks: placed.map((task) =>
        taskView(session, task, view(session.world, task, 0) ?? { ...task, status: PENDING, version: 1 }, false),
      ),
      failures: placed.length === count ? [] : whyNoRoom(session, plan),
    }
  },
})
