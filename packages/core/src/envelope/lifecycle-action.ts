/**
 * A lifecycle hook's announcement. The fields are the same whether they come in an EventBridge `detail`, as JSON through
 * SNS or SQS, as SNS's documented `Key: value` text, or in a direct invocation by Auto Scaling (AWS: Auto Scaling user
 * guide, "Prepare to add a lifecycle hook" and "event reference").
 */
import * as E from 'fp-ts/Either'
import { pipe } from 'fp-ts/function'
import * as t from 'io-ts'
import { InstantFromIso } from '../codec/instants.ts'
import { objectOf } from '../codec/object-of.ts'
import { preview, report } from '../codec/report.ts'
import { AutoScalingGroupName, Ec2InstanceId, LifecycleActionToken, LifecycleHookName } from '../identity/ids.ts'
import type { Decoded, Surroundings } from './decoded.ts'
import type { Notice, Place } from './notice.ts'

/** `Origin` and `Destination` came with warm pools; `NotificationMetadata` is there only where the hook has some. */
const Optional = { Origin: t.string, Destination: t.string, NotificationMetadata: t.string }

const Terminating = objectOf(
  { LifecycleActionToken, AutoScalingGroupName, LifecycleHookName, EC2InstanceId: Ec2InstanceId },
  Optional,
)

const Launching = objectOf({ AutoScalingGroupName, EC2InstanceId: Ec2InstanceId }, Optional)

const Transition = objectOf({ LifecycleTransition: t.string })

/** A place that Auto Scaling did not have when this was written is not the warm pool, and that is all that matters. */
export const placeOf = (place: string | undefined): Place =>
  place === 'AutoScalingGroup' || place === 'WarmPool' ? place : 'EC2'

/** The fields of an announcement, whatever brought them. */
export const decodeLifecycleAction = (fields: unknown, around: Surroundings): Decoded => {
  const transition = Transition.decode(fields)
  if (E.isLeft(transition)) return E.left(report(transition.left))
  switch (transition.right.LifecycleTransition) {
    case 'autoscaling:EC2_INSTANCE_TERMINATING':
      return pipe(
        Terminating.decode(fields),
        E.bimap(report, (action) => terminating(action, around)),
      )
    case 'autoscaling:EC2_INSTANCE_LAUNCHING':
      return pipe(
        Launching.decode(fields),
        E.bimap(report, (action) => launching(action, around)),
      )
    default:
      return E.right({ type: 'Unsubscribed', what: 'a lifecycle transition of another kind' })
  }
}

const Notification = objectOf({ Time: InstantFromIso }, { AccountId: t.string })

const GroupEvent = objectOf({ Event: t.string }, { LifecycleTransition: t.unknown, AutoScalingGroupName: t.unknown })

/**
 * A hook's notification as SNS, SQS or Auto Scaling itself delivers it: the fields with their own `Time`. A group that
 * also tells the topic of its launches and terminations sends an `Event` without a transition, and so does a new hook.
 */
export const decodeNotification = (payload: unknown): Decoded => {
  const told = GroupEvent.decode(payload)
  if (E.isRight(told) && told.right.LifecycleTransition === undefined) {
    const { Event, AutoScalingGroupName: group } = told.right
    if (Event !== 'autoscaling:TEST_NOTIFICATION') return E.right({ type: 'Unsubscribed', what: preview(Event) })
    return E.right({ type: 'TestNotification', group: AutoScalingGroupName.is(group) ? group : null })
  }
  return pipe(
    Notification.decode(payload),
    E.mapLeft(report),
    E.flatMap(({ Time, AccountId }) => decodeLifecycleAction(payload, { at: Time, account: AccountId ?? null })),
  )
}

const terminating = (action: t.TypeOf<typeof Terminating>, { account, at }: Surroundings): Notice => ({
  type: 'InstanceTerminating',
  action: {
    group: action.AutoScalingGroupName,
    hook: action.LifecycleHookName,
    instance: action.EC2InstanceId,
    token: action.LifecycleActionToken,
  },
  destination: placeOf(action.Destination),
  account,
  metadata: action.NotificationMetadata ?? null,
  at,
})

const launching = (action: t.TypeOf<typeof Launching>, { account, at }: Surroundings): Notice => ({
  type: 'InstanceLaunching',
  instance: action.EC2InstanceId,
  group: action.AutoScalingGroupName,
  origin: placeOf(action.Origin),
  account,
  at,
})
