/**
 * "EC2 Instance Launch Successful": how an instance's return from its warm pool is told where the group has no
 * launching hook (AWS: Auto Scaling user guide, warm-pools-eventbridge-events).
 */
import * as t from 'io-ts'
import { decodeThen } from '../codec/decode-then.ts'
import { objectOf } from '../codec/object-of.ts'
import { AutoScalingGroupName, Ec2InstanceId } from '../identity/ids.ts'
import type { Decoded, Surroundings } from './decoded.ts'
import { launching } from './lifecycle-action.ts'

const Detail = objectOf({ AutoScalingGroupName, EC2InstanceId: Ec2InstanceId }, { Origin: t.string })

export const decodeLaunchSuccessful = (detail: unknown, around: Surroundings): Decoded =>
  decodeThen(Detail, detail, (launch) => launching(launch, around))
