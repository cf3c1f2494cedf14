/**
 * A lifecycle hook's announcement. The fields are the same whether they come in an EventBridge `detail`, as JSON through
 * SNS or SQS, as SNS's documented `Key: value` text, or in a direct invocation by Auto Scaling (AWS: Auto Scaling user
 * guide, "Prepare to add a lifecycle hook" and "event reference").
 */
import * as E from 'fp-ts/Either'
import * as t from 'io-ts'
import { decodeThen } from '../codec/decode-then.ts'
import { InstantFromIso } from '../codec/instants.ts'
import { objectOf, own, type Plain } from '../codec/object-of.ts'
import { preview } from '../codec/report.ts'
import { AutoScalingGroupName, Ec2InstanceId, LifecycleActionToken, LifecycleHookName } from '../identity/ids.ts'
import type { Decoded, Surroundings } from './decoded.ts'
import type { Place } from './notice.ts'

/** `Origin` and `Destination` came with warm pools; `NotificationMetadata` is there only where the hook has some. */
const Optional = { Origin: t.string, Destination: t.string, NotificationMetadata: t.string }

const Terminating = objectOf(
  { LifecycleActionToken, AutoScalingGroupName, LifecycleHookName, EC2InstanceId: Ec2InstanceId },
  Optional,
)

const Launching = objectOf({ AutoScalingGroupName, EC2InstanceId: Ec2InstanceId }, Optional)

const Transition = objectOf({ LifecycleTransition: t.string })

/** A place that Auto Scaling did not have when this was written is not the warm pool, and that is all that matters. */
const placeOf = (place: string | undefined): Place =>
  place === 'AutoScalingGroup' || place === 'WarmPool' ? place : 'EC2'

/** The fields of an announcement, whatever brought them. */
export const decodeLifecycleAction = (fields: unknown, around: Surroundings): Decoded =>
  decodeThen(Transition, fields, ({ LifecycleTransition }) => {
    switch (LifecycleTransition) {
      case 'autoscaling:EC2_INSTANCE_TERMINATING':
        return decodeThen(Terminating, fields, (action) => terminating(action, around))
      case 'autoscaling:EC2_INSTANCE_LAUNCHING':
        return decodeThen(Launching, fields, (action) => launching(action, around))
      default:
        return E.right({ type: 'Unsubscribed', what: 'a lifecycle transition of another kind' })
    }
  })

const Notification = objectOf({ Time: InstantFromIso }, { AccountId: t.string })

/**
 * A hook's notification as SNS, SQS or Auto Scaling itself delivers it: the fields with their own `Time`. A group that
 * also tells the topic of its launches and terminations sends an `Event` without a transition, and so does a new hook.
 */
export const decodeNotification = (payload: Plain): Decoded => {
  const event = own(payload, 'Event')
  if (typeof event === 'string' && own(payload, 'LifecycleTransition') === undefined) {
    if (event !== 'autoscaling:TEST_NOTIFICATION') return E.right({ type: 'Unsubscribed', what: preview(event) })
    const group = own(payload, 'AutoScalingGroupName')
    return E.right({ type: 'TestNotification', group: AutoScalingGroupName.is(group) ? group : null })
  }
  return decodeThen(Notification, payload, ({ Time, AccountId }) =>
    decodeLifecycleAction(payload, { at: Time, account: AccountId ?? null }),
  )
}

const terminating = (action: t.TypeOf<typeof Terminating>, { account, at }: Surroundings): Decoded =>
  E.right({
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

/** A launch, whether a hook holds it or not. */
export const launching = (launch: t.TypeOf<typeof Launching>, { account, at }: Surroundings): Decoded =>
  E.right({
    type: 'InstanceLaunching',
    instance: launch.EC2InstanceId,
    group: launch.AutoScalingGroupName,
    origin: placeOf(launch.Origin),
    account,
    at,
  })
