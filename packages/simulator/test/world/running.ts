/** Runs of the world for tests: trivial controllers, and a trace that can be asked questions. */
import type { Call, Failure } from '@ecs-drain/core'
import type { Controller, Execution, Message } from '../../src/controller/controller.ts'
import type { MessageKind, Plan } from '../../src/plan/plan.ts'
import { type Kind, kinds, type Trace } from '../../src/trace/trace.ts'
import { createWorld } from '../../src/world/world.ts'

export interface Entry {
  readonly at: number
  readonly kind: Kind
  readonly a: number
  readonly b: number
}

export const entriesOf = (trace: Trace): ReadonlyArray<Entry> =>
  Array.from({ length: trace.length }, (_, index) => ({
    at: trace.at[index] as number,
    kind: kinds[trace.kind[index] as number] as Kind,
    a: trace.a[index] as number,
    b: trace.b[index] as number,
  }))

/** A run, and its records of one kind. */
export const runOf = (plan: Plan, controller: Controller) => {
  const trace = createWorld(plan, controller).run()
  const entries = entriesOf(trace)
  return { trace, entries, of: (kind: Kind) => entries.filter((entry) => entry.kind === kind) }
}

/** Calls one after another, whatever comes of them. */
export const callAll = (
  execution: Execution,
  calls: ReadonlyArray<Call>,
  done: (replies: ReadonlyArray<{ readonly answer?: unknown; readonly failure?: Failure }>) => void,
): void => {
  const replies: Array<{ readonly answer?: unknown; readonly failure?: Failure }> = []
  const next = (): void => {
    const call = calls[replies.length]
    if (call === undefined) {
      done(replies)
      return
    }
    execution.call(
      call as never,
      (answer: unknown) => {
        replies.push({ answer })
        next()
      },
      (failure) => {
        replies.push({ failure })
        next()
      },
    )
  }
  next()
}

/** A controller that makes the calls `respond` names for each message. */
export const calling = (
  subscribes: ReadonlyArray<MessageKind>,
  respond: (message: Message, execution: Execution) => ReadonlyArray<Call>,
  seen: (
    message: Message,
    replies: ReadonlyArray<{ readonly answer?: unknown; readonly failure?: Failure }>,
  ) => void = () => {},
): Controller => ({
  subscribes,
  handle: (batch, execution) => {
    let position = 0
    const next = (): void => {
      const message = batch[position]
      position += 1
      if (message === undefined) {
        execution.end([])
        return
      }
      callAll(execution, respond(message, execution), (replies) => {
        seen(message, replies)
        next()
      })
    }
    next()
  },
})

export const draining = (
  { instance }: Message,
  { directory }: Execution,
  status: 'DRAINING' | 'ACTIVE' = 'DRAINING',
): Call => ({
  type: 'UpdateContainerInstancesState',
  cluster: directory.clusterName,
  containerInstances: [directory.containerInstanceArn(instance)],
  status,
})

export const completing = (
  { action }: Message,
  { directory }: Execution,
  result: 'CONTINUE' | 'ABANDON' = 'CONTINUE',
): Call => ({ type: 'CompleteLifecycleAction', action: directory.action(action), result })

/** Sets DRAINING and never answers the hook. */
export const onlyDrains = (): Controller =>
  calling(['termination'], (message, execution) => [draining(message, execution)])

/** Never does anything, though the hook is there. */
export const silent = (): Controller => calling(['termination'], () => [])

/** Answers the hook at once. */
export const answersAtOnce = (result: 'CONTINUE' | 'ABANDON' = 'CONTINUE'): Controller =>
  calling(['termination'], (message, execution) => [completing(message, execution, result)])
