/**
 * A lifecycle hook's announcement. The fields are the same whether they come in an EventBridge `detail`, as JSON through
 * SNS or SQS, as SNS's documented `Key: value` text, or in a direct invocation by Auto Scaling (AWS: Auto Scaling user
 * guide, "Prepare to add a lifecycle hook" and "event reference").
 */
import * as E from 'fp-ts/Either'
import { pipe } from 'fp-ts/function'
import * as t from 'io-ts'
import { InstantFromIso } from '../codec/instants.ts'
import { report } from '../codec/report.ts'
import { AutoScalingGroupName, Ec2InstanceId, LifecycleActionToken, LifecycleHookName } from '../identity/ids.ts'
import type { Instant } from '../time/instant.ts'
import type { Decoded } from './decoded.ts'
import type { Notice, Place } from './notice.ts'

const Place: t.Type<Place> = t.keyof({ EC2: null, AutoScalingGroup: null, WarmPool: null }, 'Place')

/** `Origin` and `Destination` came with warm pools; `NotificationMetadata` is there only where the hook has some. */
const Optional = t.partial({ Origin: Place, Destination: Place, NotificationMetadata: t.string })

const Terminating = t.intersection([
  t.type({
    LifecycleActionToken,
    AutoScalingGroupName,
    LifecycleHookName,
    EC2InstanceId: Ec2InstanceId,
  }),
  Optional,
])

const Launching = t.intersection([t.type({ AutoScalingGroupName, EC2InstanceId: Ec2InstanceId }), Optional])

const Transition = t.type({ LifecycleTransition: t.string })

/** What the document around the fields says. */
export interface Announced {
  readonly account: string | null
  readonly at: Instant
}

/** The fields of an announcement, whatever brought them. */
export const decodeLifecycleAction = (fields: unknown, around: Announced): Decoded => {
  const transition = Transition.decode(fields)
  if (E.isLeft(transition)) return E.left(report(transition.left))
  switch (transition.right.LifecycleTransition) {
    case 'autoscaling:EC2_INSTANCE_TERMINATING':
      return pipe(Terminating.decode(fields), E.bimap(report, (action) => terminating(action, around)))
    case 'autoscaling:EC2_INSTANCE_LAUNCHING':
      return pipe(Launching.decode(fields), E.bimap(report, (action) => launching(action, around)))
    default:
      return E.right({ type: 'Unsubscribed', what: 'a lifecycle transition of another kind' })
  }
}

const Notification = t.intersection([t.type({ Time: InstantFromIso }), t.partial({ AccountId: t.string })])

const Test = t.type({ Event: t.literal('autoscaling:TEST_NOTIFICATION') })
const TestGroup = t.type({ AutoScalingGroupName })

/** A hook's notification as SNS, SQS or Auto Scaling itself delivers it: the fields with their own `Time`. */
export const decodeNotification = (document: unknown): Decoded => {
  if (Test.is(document)) {
    const group = TestGroup.decode(document)
    return E.right({ type: 'TestNotification', group: E.isRight(group) ? group.right.AutoScalingGroupName : null })
  }
  return pipe(
    Notification.decode(document),
    E.mapLeft(report),
    E.flatMap(({ Time, AccountId }) => decodeLifecycleAction(document, { at: Time, account: AccountId ?? null })),
  )
}

const terminating = (action: t.TypeOf<typeof Terminating>, { account, at }: Announced): Notice => ({
  type: 'InstanceTerminating',
  action: {
    group: action.AutoScalingGroupName,
    hook: action.LifecycleHookName,
    instance: action.EC2InstanceId,
    token: action.LifecycleActionToken,
  },
  destination: action.Destination ?? 'EC2',
  account,
  metadata: action.NotificationMetadata ?? null,
  at,
})

const launching = (action: t.TypeOf<typeof Launching>, { account, at }: Announced): Notice => ({
  type: 'InstanceLaunching',
  instance: action.EC2InstanceId,
  group: action.AutoScalingGroupName,
  origin: action.Origin ?? 'EC2',
  account,
  at,
})
