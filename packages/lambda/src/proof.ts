/**
 * Whether it is true that an instance waits for our hook. A message may say so of any instance; Auto Scaling accepts a
 * heartbeat only while that very hook of that very group holds the instance.
 */
import {
  type Delivery,
  type DrainPolicy,
  type Failure,
  type Handled,
  isNotActive,
  type LifecycleAction,
  type LifecycleHooks,
  observe,
} from '@ecs-drain/core'
import * as E from 'fp-ts/Either'

/** A batch after Auto Scaling was asked. */
export interface Proof {
  /** What is to be handled: all that is no termination for us, and the terminations that are true. */
  readonly proven: ReadonlyArray<Delivery>
  /** Terminations that are not, or not any more. The sweep finds one that was doubted too early. */
  readonly unproven: Handled['ignored']
  /** Those that could not be asked about; they come back. */
  readonly failed: Handled['failed']
}

/** Every message is believed. */
export const believed = async (deliveries: ReadonlyArray<Delivery>): Promise<Proof> => ({
  proven: deliveries,
  unproven: [],
  failed: [],
})

/**
 * Auto Scaling is asked about each instance once per batch, by its id: a token could be one of another instance's. Only
 * hooks and groups of the policy are ever asked about.
 */
export const provenBy =
  (hooks: LifecycleHooks, policy: DrainPolicy) =>
  async (deliveries: ReadonlyArray<Delivery>): Promise<Proof> => {
    const asked = new Map<string, Promise<E.Either<Failure, null>>>()
    const ask = (action: LifecycleAction): Promise<E.Either<Failure, null>> => {
      const key = JSON.stringify([action.group, action.hook, action.instance])
      const answer =
        asked.get(key) ??
        hooks.recordHeartbeat({ type: 'RecordLifecycleActionHeartbeat', action: { ...action, token: null } })()
      asked.set(key, answer)
      return answer
    }
    const proven: Array<Delivery> = []
    const unproven: Array<Handled['ignored'][number]> = []
    const failed: Array<Handled['failed'][number]> = []
    const judge = async (delivery: Delivery): Promise<E.Either<Failure, null>> => {
      const action = terminationIn(delivery, policy)
      return action === null ? E.right(null) : ask(action)
    }
    const answers = await Promise.all(deliveries.map(judge))
    deliveries.forEach((delivery, index) => {
      const answer = answers[index] ?? E.right(null)
      if (E.isRight(answer)) proven.push(delivery)
      else if (isNotActive(answer.left) || answer.left.type === 'NotFound') {
        unproven.push({ id: delivery.id, why: 'not-waiting' })
      } else failed.push({ id: delivery.id, failure: answer.left })
    })
    return { proven, unproven, failed }
  }

/** The termination that a message announces to us; null: it announces none, or somebody else's. */
const terminationIn = ({ notice }: Delivery, policy: DrainPolicy): LifecycleAction | null => {
  if (E.isLeft(notice) || notice.right.type !== 'InstanceTerminating') return null
  return observe(notice.right, policy).type === 'addressed' ? notice.right.action : null
}
