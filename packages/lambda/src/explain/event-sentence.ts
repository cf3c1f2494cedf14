/** One sentence for each event of a stream. */
import type { AtDeadline, Because, Drain, DrainEvent, ReadScope } from '@ecs-drain/core'
import { durationText, timeText } from './duration-text.ts'

export type EffectFailed = Extract<DrainEvent, { type: 'EffectFailed' }>

/**
 * What happened, said to somebody who asks why an instance is still there or why it is gone. `after`: the drain with this event.
 * `before`: how the effect failed before, where it did and has not succeeded since; what AWS said then is not said once more.
 */
export const sentenceOf = (event: DrainEvent, after: Drain, before: EffectFailed | null): string => {
  switch (event.type) {
    case 'DrainRequested': {
      const { group, hook, token } = event.action
      const who = token === null ? 'a sweep found' : 'a notice said'
      const pool = event.toWarmPool ? ', on its way to a warm pool' : ''
      return `Terminating${pool}: ${who} that hook ${hook} of group ${group} holds it. To be looked for in ${listed(event.clusters)}.`
    }
    case 'LifecycleActionTokenLearned':
      return 'The notice of this termination came after all.'
    case 'LifecycleHookDescribed':
      return (
        `The hook waits ${durationText(event.heartbeatTimeout)} for a heartbeat, ` +
        `${durationText(event.globalTimeout)} in all, and then goes on with ${event.defaultResult}.`
      )
    case 'ContainerInstanceFound':
      return `It is container instance ${idOf(event.arn)} of cluster ${event.cluster}${andBefore(event.leftBehind.map(idOf))}.`
    case 'ContainerInstanceNotFound':
      return 'No cluster has a container instance on it.'
    case 'ContainerInstanceDraining':
      return 'Set to DRAINING: ECS places nothing on it any more, and replaces the tasks of services.'
    case 'DrainingUndone':
      return 'Somebody has set it ACTIVE again, so ECS may place tasks on it. To be set DRAINING once more.'
    case 'ContainerInstanceLost':
      return `ECS does not know the container instance any more (${event.reason}). Looked for again at ${timeText(event.retryAt)}.`
    case 'AgentConnectionChanged':
      return event.connected
        ? 'Its agent is connected again.'
        : 'Its agent is not connected to ECS: until it is, no task on it can be told to stop.'
    case 'TasksRead': {
      const what = reading[event.scope]
      const forgotten =
        event.forgotten.length === 0 ? '' : ` ECS has forgotten ${counted(event.forgotten.length, 'task')}.`
      return `${what}: ${left(after)}.${forgotten}`
    }
    case 'TaskSeen':
      return `Task ${idOf(event.task.arn)} is ${event.task.lastStatus}: ${left(after)}.`
    case 'Swept':
      return 'A sweep found it still waiting.'
    case 'WaitDoubted':
      if (after.phase === 'ended' && after.unseen)
        return 'No group has shown it for a year: sweeps look for it no longer, and only a notice can say that it is back.'
      return `A sweep found it ${event.lifecycleState ?? 'in no group'}: a heartbeat will tell whether it still waits.`
    case 'DeadlineReached':
      return `The deadline of the drain has passed: ${atDeadline[event.choice]}.`
    case 'TaskToldToStop':
      return `Told task ${idOf(event.task)} to stop.`
    case 'LifecycleActionHeartbeatRecorded':
      return 'Auto Scaling took a heartbeat: the hook holds the instance.'
    case 'CompletionDecided':
      return `Decided to complete the lifecycle action with ${event.result}: ${because[event.because]}.`
    case 'LifecycleActionCompleted':
      return `Completed the lifecycle action with ${event.result}.`
    case 'LifecycleActionOver':
      return (
        `Auto Scaling knows of no active action any more: it refused the ${event.of}. ` +
        'It was ended by its timeout, by somebody else, or by the end of the instance.'
      )
    case 'DrainSuperseded':
      return 'Another termination of the same instance began. This one is over.'
    case 'InstanceReturnedToService':
      return 'The instance is back in service.'
    case 'ContainerInstanceActivated':
      return 'Its container instance is ACTIVE again.'
    case 'WakeUpSent':
      return `Sent itself a message for ${timeText(event.wakeAt)}.`
    case 'EffectFailed': {
      const { effect, task, failure, retryAt } = event
      const of = task === null ? '' : ` of task ${idOf(task)}`
      const isSame = failure.type === before?.failure.type && failure.message === before.failure.message
      const how = isSame ? 'as before' : `(${failure.type}: ${failure.message})`
      return `${effect}${of} failed ${how}. Tried again from ${timeText(retryAt)} on.`
    }
  }
}

/** Why the lifecycle action may be completed, in words. */
export const because: Readonly<Record<Because, string>> = {
  drained: 'all its tasks have stopped',
  deadline: 'the deadline has passed',
  'not-a-container-instance': 'it is in no cluster, and still was not after a while',
  'container-instance-gone': 'its container instance is gone, and all its tasks have stopped',
}

const reading: Readonly<Record<ReadScope, string>> = {
  running: 'Listed its running tasks',
  all: 'Listed all its tasks',
  known: 'Looked at the tasks that were left',
}

/** What happens at the deadline, in words. */
export const atDeadline: Readonly<Record<AtDeadline, string>> = {
  continue: 'the instance is let go, whatever runs on it',
  abandon: 'the lifecycle action is abandoned',
  'stop-tasks': 'its tasks are told to stop, and then it is let go',
  wait: 'it is waited for all the same',
}

const left = ({ remaining, tasks }: Drain): string =>
  remaining === 0 ? 'none is left' : `${remaining} of ${counted(tasks.length, 'task')} left`

/** `1 task`, `2 tasks` */
export const counted = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? '' : 's'}`

const listed = (names: ReadonlyArray<string>): string =>
  names.length === 1 ? `cluster ${names[0]}` : `clusters ${names.join(', ')}`

/** The host's other records, whose tasks count as well. */
const andBefore = (ids: ReadonlyArray<string>): string =>
  ids.length === 0 ? '' : `, and was ${ids.join(', ')} before its agent lost its state`

/** The last part of an ARN, which tells it from the others of its cluster. */
export const idOf = (arn: string): string => arn.slice(arn.lastIndexOf('/') + 1)
