/**
 * What AWS first recommended: github.com/aws-samples/ecs-cid-sample (cform/ecs.yaml, 2018), the function of the blog post
 * "How to Automate Container Instance Draining in Amazon ECS". On the hook's notice it sets the container instance
 * DRAINING, asks for runningTasksCount, and as long as that is not 0 sends itself its message once more.
 *
 * It is as faithful as the world allows, faults included: the counter leaves out tasks that are being stopped (issue 29), the
 * chain of self-sent messages is cut by Lambda's recursion guard after 16 (issue 30), nothing extends the
 * hook (issue 21), and each duplicate of the notice starts a chain of its own. Two things are kinder than the sample: it finds
 * its instance by a filter instead of paging through the cluster, and it waits in the queue instead of sleeping in the
 * function.
 */
import type { ContainerInstanceArn, LifecycleAction, StreamId } from '@ecs-drain/core'
import { streamOf } from '@ecs-drain/core'
import type { Plan } from '../plan/plan.ts'
import type { Controller, Message } from './controller.ts'
import { countersOf } from './counted-container-instance.ts'
import { ask, findContainerInstances, type HandleOne, isOwn, oneByOne, type Turn } from './one-by-one.ts'

/** The poller; it asks every `plan.controller.pollEverySeconds`. */
export const createCountingPoller = (plan: Plan): Controller => {
  // The sample sends itself the notice, word for word. A wake-up carries no text, so the notice waits here.
  const notices = new Map<StreamId, LifecycleAction>()

  const handleOne: HandleOne = (message, turn) => {
    const { directory } = turn.execution
    const stream = streamOf(directory.instanceId(message.instance))
    if (message.kind === 'termination') {
      const action = directory.action(message.action)
      // Somebody else's hook is not subscribed to this topic.
      if (!isOwn(plan, action)) return turn.done()
      notices.set(stream, action)
    }
    const action = notices.get(stream)
    if (action === undefined) return turn.done()
    findContainerInstances(turn, message, ([arn]) => {
      if (arn === undefined) return complete(turn, message, action)
      look(turn, message, arn, action, stream)
    })
  }

  const look = (
    turn: Turn,
    message: Message,
    arn: ContainerInstanceArn,
    action: LifecycleAction,
    stream: StreamId,
  ): void => {
    const cluster = turn.execution.directory.clusterName
    ask<'DescribeContainerInstances'>(
      turn,
      { type: 'DescribeContainerInstances', cluster, containerInstances: [arn] },
      ({ containerInstances: [instance] }) => {
        if (instance === undefined) return complete(turn, message, action)
        const { runningTasksCount } = countersOf(instance)
        const goOn = (): void => {
          if (runningTasksCount === 0) complete(turn, message, action)
          else askAgain(turn, message, stream)
        }
        if (instance.status === 'DRAINING') return goOn()
        turn.execution.decided('SetDraining', message.instance, () => `runningTasksCount ${runningTasksCount}`)
        ask<'UpdateContainerInstancesState'>(
          turn,
          { type: 'UpdateContainerInstancesState', cluster, containerInstances: [arn], status: 'DRAINING' },
          goOn,
        )
      },
    )
  }

  const askAgain = (turn: Turn, message: Message, stream: StreamId): void => {
    const { execution } = turn
    const at = execution.directory.startMs + execution.now() + plan.controller.pollEverySeconds * 1000
    ask<'SendWakeUp'>(turn, { type: 'SendWakeUp', stream, at, hops: message.hops + 1 }, turn.done)
  }

  return { subscribes: ['termination', 'wake-up'], handle: oneByOne(handleOne) }
}

/** By instance id, without the token, and whatever comes back is printed and forgotten, as in the sample. */
const complete = ({ execution, done }: Turn, message: Message, action: LifecycleAction): void => {
  execution.decided('Completed', message.instance, () => 'runningTasksCount 0')
  execution.call<'CompleteLifecycleAction'>(
    { type: 'CompleteLifecycleAction', action: { ...action, token: null }, result: 'CONTINUE' },
    done,
    done,
  )
}
