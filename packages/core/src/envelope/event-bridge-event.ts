/** An EventBridge event: one outer shape, and a `detail` whose shape its source and detail-type tell. */
import * as E from 'fp-ts/Either'
import * as t from 'io-ts'
import { decodeThen } from '../codec/decode-then.ts'
import { InstantFromIso } from '../codec/instants.ts'
import { AnyObject, objectOf } from '../codec/object-of.ts'
import { preview } from '../codec/report.ts'
import { decodeContainerInstanceStateChange } from './container-instance-state-change.ts'
import { type Decoded, type Surroundings, within } from './decoded.ts'
import { decodeLaunchSuccessful } from './launch-successful.ts'
import { decodeLifecycleAction } from './lifecycle-action.ts'
import { decodeTaskStateChange } from './task-state-change.ts'

const Kind = objectOf({ 'detail-type': t.string, source: t.string })

/** A kind of event we do not read is not invalid, whatever else is in it: it is acknowledged and counted. */
export const decodeEventBridgeEvent = (payload: unknown): Decoded =>
  decodeThen(Kind, payload, ({ source, 'detail-type': detailType }) => {
    switch (`${source}/${detailType}`) {
      case 'aws.autoscaling/EC2 Instance-terminate Lifecycle Action':
      case 'aws.autoscaling/EC2 Instance-launch Lifecycle Action':
        return decodeEvent(payload, decodeLifecycleAction)
      case 'aws.autoscaling/EC2 Instance Launch Successful':
        return decodeEvent(payload, decodeLaunchSuccessful)
      case 'aws.ecs/ECS Task State Change':
        return decodeEvent(payload, decodeTaskStateChange)
      case 'aws.ecs/ECS Container Instance State Change':
        return decodeEvent(payload, decodeContainerInstanceStateChange)
      case 'aws.events/Scheduled Event':
      case 'aws.scheduler/Scheduled Event':
        // A rule's detail is `{}`, EventBridge Scheduler's the text "{}": nothing of it is read.
        return E.right({ type: 'SweepDue' })
      default:
        return E.right({ type: 'Unsubscribed', what: preview(detailType) })
    }
  })

const Event = objectOf({ account: t.string, time: InstantFromIso, detail: AnyObject })

const decodeEvent = (payload: unknown, decodeDetail: (detail: unknown, around: Surroundings) => Decoded): Decoded =>
  decodeThen(Event, payload, ({ account, time: at, detail }) => within('detail', decodeDetail(detail, { account, at })))
