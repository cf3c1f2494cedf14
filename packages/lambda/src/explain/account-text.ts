/** What ECS says, in lines: each task that is waited for, and of each service what keeps it from moving its task. */
import type { Service, Task } from '@aws-sdk/client-ecs'
import type { Instant } from '@ecs-drain/core'
import { type EcsAccount, serviceNameOf } from './ask-ecs.ts'
import { durationText, timeText } from './duration-text.ts'
import { idOf } from './event-sentence.ts'

/** The latest events of a service are enough; ECS keeps a hundred. */
const eventsMost = 3

/** `since`: what happened before it has nothing to do with the drain. */
export const accountLines = (
  { tasks, forgotten, services }: EcsAccount,
  { since, now }: { readonly since: Instant; readonly now: Instant },
): ReadonlyArray<string> => [
  ...tasks.map((task) => taskLine(task, now)),
  ...forgotten.map((arn) => `task ${idOf(arn)}: ECS does not know it any more, which the next sweep finds out`),
  ...services.flatMap((service) => serviceLines(service, since)),
]

const taskLine = (task: Task, now: Instant): string => {
  const service = serviceNameOf(task)
  const of = service === null ? (task.group ?? 'no group') : `service ${service}`
  const { lastStatus = 'of no status', desiredStatus, stoppingAt, connectivity } = task
  const forSoLong = lastStatus === 'STOPPING' && stoppingAt ? ` for ${durationText(now - stoppingAt.getTime())}` : ''
  const told =
    desiredStatus === 'STOPPED'
      ? `told to stop${stopping[lastStatus] ?? ''}`
      : service === null
        ? 'not told to stop, and ECS will not: it belongs to no service'
        : 'not told to stop'
  const agent = connectivity === 'DISCONNECTED' ? '; its agent is not connected, so this may be old' : ''
  return `task ${idOf(task.taskArn ?? '')} of ${of}: ${lastStatus}${forSoLong}, ${told}${agent}`
}

/** What a task does between being told to stop and STOPPED (AWS: ECS developer guide, task-lifecycle-explanation). */
const stopping: Readonly<Record<string, string>> = {
  DEACTIVATING: ': it leaves its load balancer, which waits for the deregistration delay',
  STOPPING: ': its containers have SIGTERM, and SIGKILL follows after the stop timeout',
  DEPROVISIONING: ': its network interface is being removed',
}

const serviceLines = (service: Service, since: Instant): ReadonlyArray<string> => {
  const { serviceName, desiredCount = 0, runningCount = 0, pendingCount = 0, events = [] } = service
  const counts = `${desiredCount} desired, ${runningCount} running, ${pendingCount} pending`
  const recent = events
    .flatMap(({ createdAt, message }) => (createdAt === undefined ? [] : [{ at: createdAt.getTime(), message }]))
    .filter(({ at }) => at >= since)
    .toSorted((one, other) => one.at - other.at)
    .slice(-eventsMost)
  return [
    `service ${serviceName}: ${counts}${boundsText(service)}`,
    ...recent.map(({ at, message }) => `  ${timeText(at)}  ${message}`),
  ]
}

/** Between ceil(desired x minimum) and floor(desired x maximum) (AWS: API reference, DeploymentConfiguration). */
const boundsText = ({ schedulingStrategy, desiredCount = 0, deploymentConfiguration }: Service): string => {
  if (schedulingStrategy === 'DAEMON') return '; a DAEMON service, whose task stops when no other is left'
  const { minimumHealthyPercent, maximumPercent } = deploymentConfiguration ?? {}
  if (minimumHealthyPercent === undefined || maximumPercent === undefined) return ''
  const least = Math.ceil((desiredCount * minimumHealthyPercent) / 100)
  const most = Math.floor((desiredCount * maximumPercent) / 100)
  const percentages = `${minimumHealthyPercent} to ${maximumPercent} percent`
  return desiredCount > 0 && least >= desiredCount && most <= desiredCount
    ? `; at ${percentages} ECS may neither stop a task nor start one: change one of the two`
    : `; ECS keeps ${least} to ${most} (${percentages})`
}
