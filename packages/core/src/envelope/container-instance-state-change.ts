/** "ECS Container Instance State Change" (AWS: ECS developer guide, ecs_container_instance_events). */
import * as E from 'fp-ts/Either'
import * as t from 'io-ts'
import { decodeThen } from '../codec/decode-then.ts'
import { Count } from '../codec/integer-in-range.ts'
import { objectOf } from '../codec/object-of.ts'
import { ContainerInstanceArn, Ec2InstanceId } from '../identity/ids.ts'
import type { Decoded, Surroundings } from './decoded.ts'

// AWS's own sample has no task counts, so nothing may depend on them.
const Detail = objectOf(
  { containerInstanceArn: ContainerInstanceArn, status: t.string, agentConnected: t.boolean, version: Count },
  // An external instance (ECS Anywhere) has an id of another kind, and is nobody Auto Scaling knows.
  { ec2InstanceId: t.string },
)

export const decodeContainerInstanceStateChange = (detail: unknown, { at }: Surroundings): Decoded =>
  decodeThen(Detail, detail, ({ containerInstanceArn, ec2InstanceId, status, agentConnected, version }) =>
    E.right({
      type: 'ContainerInstanceStateChanged',
      containerInstance: containerInstanceArn,
      ec2Instance: Ec2InstanceId.is(ec2InstanceId) ? ec2InstanceId : null,
      status,
      agentConnected,
      version,
      at,
    }),
  )
