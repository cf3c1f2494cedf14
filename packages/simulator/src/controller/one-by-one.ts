/** What the baseline controllers have in common: they handle one message after another, one call after another. */
import type { Answer, Call, CallType, ContainerInstanceArn, Failure, LifecycleAction } from '@ecs-drain/core'
import type { Plan } from '../plan/plan.ts'
import type { Execution, Message } from './controller.ts'

/** One message's handling: `done` when it is through, `failed` when the message shall come back. */
export interface Turn {
  readonly execution: Execution
  readonly done: () => void
  readonly failed: (failure: Failure) => void
}

/** What is done with one message. */
export type HandleOne = (message: Message, turn: Turn) => void

/** Handles the messages of a batch in their order. A failed one comes back, as an exception in a Lambda function has it. */
export const oneByOne =
  (handleOne: HandleOne) =>
  (batch: ReadonlyArray<Message>, execution: Execution): void => {
    const failed: number[] = []
    const next = (position: number): void => {
      const message = batch[position]
      if (message === undefined) {
        execution.end(failed)
        return
      }
      handleOne(message, {
        execution,
        done: () => next(position + 1),
        failed: () => {
          failed.push(position)
          next(position + 1)
        },
      })
    }
    next(0)
  }

/** Whether the hook is one the controller was set up for. */
export const isOwn = (plan: Plan, { group, hook }: LifecycleAction): boolean =>
  plan.groups.some(
    ({ name, hooks }) => name === group && hooks.some((each) => each.name === hook && each.owner === 'controller'),
  )

/** One call; any failure ends the turn, the way an uncaught error of the SDK does. */
export const ask = <Type extends CallType>(
  { execution, failed }: Turn,
  call: Extract<Call, { readonly type: Type }>,
  answered: (answer: Answer<Type>) => void,
): void => execution.call<Type>(call, answered, failed)

/** Finds the container instances of the message's EC2 instance, all pages. */
export const findContainerInstances = (
  turn: Turn,
  message: Message,
  found: (arns: ReadonlyArray<ContainerInstanceArn>) => void,
): void => {
  const { directory } = turn.execution
  const page = (nextToken: string | null, before: ReadonlyArray<ContainerInstanceArn>): void =>
    ask<'ListContainerInstances'>(
      turn,
      {
        type: 'ListContainerInstances',
        cluster: directory.clusterName,
        ec2InstanceId: directory.instanceId(message.instance),
        nextToken,
      },
      ({ items, nextToken: next }) => {
        const all = [...before, ...items]
        if (next === null) found(all)
        else page(next, all)
      },
    )
  page(null, [])
}
