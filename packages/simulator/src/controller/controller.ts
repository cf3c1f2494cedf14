/**
 * A controller is what answers the lifecycle hook. The world hands it records, as Lambda's event source would, and
 * answers its calls late, out of luck, or not at all. Four of them live in the same world, so that they can be compared.
 */
import type { Answer, Call, CallType } from '@ecs-drain/core'
import type { Failure } from '@ecs-drain/core'
import type { MessageKind } from '../plan/plan.ts'

/**
 * One message as the bus delivers it. `instance`, `task` and `action` are the entities' numbers in the trace's cast, -1
 * where it has none; they exist so that text and notice can be made from it, and controllers don't read them.
 */
export interface Message {
  readonly kind: MessageKind
  readonly instance: number
  readonly task: number
  readonly action: number
  /** Virtual milliseconds at which the thing it tells of happened. */
  readonly at: number
  /** The version of the task or container instance, and its status then (index into the trace's lists). */
  readonly version: number
  readonly status: number
  readonly desiredStopped: boolean
  /** A wake-up's chain length; 0 for every other kind. */
  readonly hops: number
  /** True for the second announcement of a hook through EventBridge. */
  readonly viaEventBridge: boolean
}

/** What a function sees of the world while it runs. */
export interface Execution {
  /** Its number in the trace. */
  readonly id: number
  /** Virtual milliseconds since the run began. */
  now(): number
  /** One request. The reply comes later, or never if the function crashes first. */
  call<Type extends CallType>(
    call: Extract<Call, { readonly type: Type }>,
    reply: (answer: Answer<Type>) => void,
    failed: (failure: Failure) => void,
  ): void
  /** Something the controller decided, for the trace: a short name, the instance, and a longer account. */
  decided(name: string, instance: number, text: () => string): void
  /** The function returns; `failed` are positions in the batch that come back. Called once. */
  end(failed: ReadonlyArray<number>): void
}

export interface Controller {
  /** The hook exists at all, and which messages reach its queue. */
  readonly subscribes: ReadonlyArray<MessageKind>
  handle(batch: ReadonlyArray<Message>, execution: Execution): void
}
