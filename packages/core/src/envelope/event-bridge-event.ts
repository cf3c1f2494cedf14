/** An EventBridge event: one outer shape, and a `detail` whose shape its detail-type tells. */
import * as E from 'fp-ts/Either'
import * as t from 'io-ts'
import { InstantFromIso } from '../codec/instants.ts'
import { preview, report } from '../codec/report.ts'
import { decodeContainerInstanceStateChange } from './container-instance-state-change.ts'
import { type Decoded, within } from './decoded.ts'
import { decodeLaunchSuccessful } from './launch-successful.ts'
import { decodeLifecycleAction } from './lifecycle-action.ts'
import { decodeTaskStateChange } from './task-state-change.ts'

const Event = t.type({
  'detail-type': t.string,
  source: t.string,
  account: t.string,
  time: InstantFromIso,
  detail: t.UnknownRecord,
})

export const decodeEventBridgeEvent = (document: unknown): Decoded => {
  const event = Event.decode(document)
  if (E.isLeft(event)) return E.left(report(event.left))
  const decoded = decodeDetail(event.right)
  return E.isLeft(decoded) ? E.left(within('detail', decoded.left)) : decoded
}

/** A detail type we do not read is not invalid: it is acknowledged and counted. */
const decodeDetail = ({ source, account, time: at, detail, ...event }: t.TypeOf<typeof Event>): Decoded => {
  const detailType = event['detail-type']
  switch (`${source}/${detailType}`) {
    case 'aws.autoscaling/EC2 Instance-terminate Lifecycle Action':
    case 'aws.autoscaling/EC2 Instance-launch Lifecycle Action':
      return decodeLifecycleAction(detail, { account, at })
    case 'aws.autoscaling/EC2 Instance Launch Successful':
      return decodeLaunchSuccessful(detail, { account, at })
    case 'aws.ecs/ECS Task State Change':
      return decodeTaskStateChange(detail, at)
    case 'aws.ecs/ECS Container Instance State Change':
      return decodeContainerInstanceStateChange(detail, at)
    case 'aws.events/Scheduled Event':
    case 'aws.scheduler/Scheduled Event':
      return E.right({ type: 'SweepDue', at })
    default:
      return E.right({ type: 'Unsubscribed', what: preview(detailType) })
  }
}
