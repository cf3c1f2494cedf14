/** A task as the API shows it: as it is, or as it was when what is seen of it was true. */
import { RUNNING, STOPPED } from '../../trace/kind-numbers.ts'
import { taskStatuses } from '../../trace/trace.ts'
import { clusterArn, taskDefinitionArn } from '../../wire/arns.ts'
import type { View } from '../../world/api.ts'
import type { Task } from '../../world/state.ts'
import type { Session } from '../session.ts'
import type { Output } from '../wire/output.ts'
import { deploymentId } from './deployment-id.ts'
import { zoneName } from './instance-attributes.ts'

export const taskView = (session: Session, task: Task, seen: View, withTags: boolean): Output => {
  const { world, diary } = session
  const { instance, service, standalone } = task
  const { cpu = 0, memory = 0 } = service?.plan ?? standalone?.plan ?? {}
  const taskArn = world.directory.taskArn(task.number)
  const lastStatus = taskStatuses[seen.status] ?? 'UNKNOWN'
  const { createdAt, startedAt, stoppingAt, stoppedAt } = diary.timesOf(task.number)
  const date = (at: number | undefined, isPast: boolean): Date | undefined =>
    at === undefined || !isPast ? undefined : session.dateOf(at)
  const hasStopped = seen.status === STOPPED
  return {
    attachments: [],
    attributes: [{ name: 'ecs.cpu-architecture', value: 'arm64' }],
    availabilityZone: zoneName(session, instance.zone),
    clusterArn: clusterArn(session.world.directory),
    connectivity: instance.agentConnected ? 'CONNECTED' : 'DISCONNECTED',
    connectivityAt: date(createdAt, true),
    containerInstanceArn: world.directory.containerInstanceArn(instance.number),
    containers: [
      {
        containerArn: taskArn.replace(':task/', ':container/'),
        taskArn,
        name: 'main',
        image: 'main:latest',
        lastStatus: hasStopped ? 'STOPPED' : seen.status >= RUNNING ? 'RUNNING' : 'PENDING',
        // Since it ran (github.com/cloud-custodian/cloud-custodian: tests/data/placebo/test_ecs_task).
        networkBindings: startedAt === undefined || seen.status < RUNNING ? undefined : bindingsOf(task),
        networkInterfaces: [],
        healthStatus: healthOf(task),
        cpu: String(cpu),
        memory: String(memory),
        exitCode: hasStopped && !diary.wasKilled(task.number) ? 0 : undefined,
      },
    ],
    cpu: String(cpu),
    createdAt: date(createdAt, true),
    desiredStatus: seen.desiredStopped ? 'STOPPED' : 'RUNNING',
    enableExecuteCommand: false,
    executionStoppedAt: date(stoppedAt, hasStopped),
    group: world.directory.taskGroup(task.number),
    healthStatus: healthOf(task),
    lastStatus,
    launchType: 'EC2',
    memory: String(memory),
    overrides: { containerOverrides: [{ name: 'main' }], inferenceAcceleratorOverrides: [] },
    startedAt: date(startedAt, seen.status >= RUNNING),
    startedBy: service === null ? undefined : deploymentId(service.number, task.deployment),
    // All three as soon as it is told to stop (AWS: API reference, StopTask, example).
    ...(seen.desiredStopped ? whyStopped(session, task, hasStopped) : {}),
    stoppedAt: date(stoppedAt, hasStopped),
    stoppingAt: date(stoppingAt, seen.desiredStopped),
    ...(withTags ? { tags: [] } : {}),
    taskArn,
    taskDefinitionArn: taskDefinitionArn(session.world.directory, familyOf(task)),
    version: seen.version,
  }
}

/** A task definition's family: a service's is called as it is. */
export const familyOf = ({ service, standalone }: Task): string =>
  service?.plan.name ?? standalone?.plan.family ?? 'unknown'

/** Only a container health check is told here; what a load balancer thinks is not (AWS: API reference, Task). */
const healthOf = ({ service, healthy }: Task): string =>
  healthy && service !== null && service.plan.healthCheckSeconds !== null ? 'HEALTHY' : 'UNKNOWN'

const bindingsOf = ({ service }: Task): ReadonlyArray<Output> => {
  const port = service?.plan.hostPort ?? null
  return port === null ? [] : [{ bindIP: '0.0.0.0', containerPort: port, hostPort: port, protocol: 'tcp' }]
}

const whyStopped = ({ diary, world }: Session, { number, service, instance }: Task, hasStopped: boolean): Output => {
  const reason = diary.stopReasonOf(number)
  if (reason !== undefined) return { stopCode: 'UserInitiated', stoppedReason: reason }
  if (hasStopped && diary.wasKilled(number)) {
    return { stopCode: 'TerminationNotice', stoppedReason: `Host EC2 (instance ${instance.id}) terminated.` }
  }
  if (service === null) {
    return { stopCode: 'EssentialContainerExited', stoppedReason: 'Essential container in task exited' }
  }
  const deployment = deploymentId(service.number, world.services[service.number]?.deployment ?? 0)
  return {
    stopCode: 'ServiceSchedulerInitiated',
    stoppedReason: `Scaling activity initiated by (deployment ${deployment})`,
  }
}
