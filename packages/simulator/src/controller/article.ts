/**
 * The event-driven drain as articles describe it: the hook's notice sets DRAINING, and on every "task STOPPED" event the
 * instance is looked up and its lifecycle action completed as soon as it counts no running task. No polling, no
 * waiting, and almost right. The nearest published code is github.com/andrew-aiken/website-ref (ecs_asg_lifecycle), which does
 * the same on container instance events.
 *
 * Its faults are those of the idea. runningTasksCount goes to 0 when the last task is told to stop, so the first of several
 * stopping tasks that reaches STOPPED lets the host go under the others, most of all behind a load balancer. An
 * instance without tasks never has an event. A lost event is never made up for. And every STOPPED event of the cluster
 * costs a call, whether its instance is draining or not.
 */
import type { LifecycleAction } from '@ecs-drain/core'
import type { Plan } from '../plan/plan.ts'
import type { Controller, Message } from './controller.ts'
import { countersOf } from './counted-container-instance.ts'
import { ask, findContainerInstances, isOwn, oneByOne, type Turn } from './one-by-one.ts'

/** The controller for a plan. It keeps nothing between invocations. */
export const createArticle = (plan: Plan): Controller => ({
  subscribes: ['termination', 'task-stopped'],
  handle: oneByOne((message, turn) => {
    if (message.kind === 'termination') return onNotice(plan, message, turn)
    if (message.kind === 'task-stopped') return onTaskStopped(plan, message, turn)
    return turn.done()
  }),
})

type Handle = (plan: Plan, message: Message, turn: Turn) => void

const onNotice: Handle = (plan, message, turn) => {
  const { execution } = turn
  const { directory } = execution
  if (!isOwn(plan, directory.action(message.action))) return turn.done()
  findContainerInstances(turn, message, (arns) => {
    if (arns.length === 0) return turn.done()
    execution.decided('SetDraining', message.instance, () => arns.join(', '))
    const cluster = directory.clusterName
    ask<'UpdateContainerInstancesState'>(
      turn,
      { type: 'UpdateContainerInstancesState', cluster, containerInstances: arns, status: 'DRAINING' },
      turn.done,
    )
  })
}

const onTaskStopped: Handle = (plan, message, turn) => {
  const { execution } = turn
  const { directory } = execution
  const cluster = directory.clusterName
  const arn = directory.containerInstanceArn(message.instance)
  ask<'DescribeContainerInstances'>(
    turn,
    { type: 'DescribeContainerInstances', cluster, containerInstances: [arn] },
    ({ containerInstances: [instance] }) => {
      if (instance === undefined || instance.status !== 'DRAINING') return turn.done()
      if (countersOf(instance).runningTasksCount > 0) return turn.done()
      const action = actionOf(plan, message, turn)
      if (action === null) return turn.done()
      execution.decided('Completed', message.instance, () => `runningTasksCount 0 on ${arn}`)
      // The action may have ended already: every later STOPPED event of the instance comes here too.
      execution.call<'CompleteLifecycleAction'>(
        { type: 'CompleteLifecycleAction', action, result: 'CONTINUE' },
        turn.done,
        turn.done,
      )
    },
  )
}

/** The hook it was set up with, and the group by the instance's tag; Auto Scaling takes the instance id for the token. */
const actionOf = (plan: Plan, { instance }: Message, { execution: { directory } }: Turn): LifecycleAction | null => {
  const group = directory.groupName(instance)
  const hook = plan.groups.find(({ name }) => name === group)?.hooks.find(({ owner }) => owner === 'controller')
  if (hook === undefined) return null
  return {
    group,
    hook: hook.name as LifecycleAction['hook'],
    instance: directory.instanceId(instance),
    token: null,
  }
}
