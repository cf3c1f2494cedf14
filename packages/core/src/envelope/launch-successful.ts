/**
 * "EC2 Instance Launch Successful": how an instance's return from its warm pool is told where the group has no
 * launching hook (AWS: Auto Scaling user guide, warm-pools-eventbridge-events).
 */
import * as E from 'fp-ts/Either'
import { pipe } from 'fp-ts/function'
import * as t from 'io-ts'
import { objectOf } from '../codec/object-of.ts'
import { report } from '../codec/report.ts'
import { AutoScalingGroupName, Ec2InstanceId } from '../identity/ids.ts'
import type { Decoded, Surroundings } from './decoded.ts'
import { placeOf } from './lifecycle-action.ts'

const Detail = objectOf({ AutoScalingGroupName, EC2InstanceId: Ec2InstanceId }, { Origin: t.string })

export const decodeLaunchSuccessful = (detail: unknown, { account, at }: Surroundings): Decoded =>
  pipe(
    Detail.decode(detail),
    E.bimap(report, ({ EC2InstanceId, AutoScalingGroupName: group, Origin }) => ({
      type: 'InstanceLaunching',
      instance: EC2InstanceId,
      group,
      origin: placeOf(Origin),
      account,
      at,
    })),
  )
