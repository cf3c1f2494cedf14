/** "ECS Task State Change" (AWS: ECS developer guide, ecs_task_events). Of its sixty fields we trust these. */
import * as E from 'fp-ts/Either'
import * as t from 'io-ts'
import { decodeThen } from '../codec/decode-then.ts'
import { Count } from '../codec/integer-in-range.ts'
import { objectOf } from '../codec/object-of.ts'
import { ContainerInstanceArn, EcsTaskArn } from '../identity/ids.ts'
import type { Decoded, Surroundings } from './decoded.ts'

const Detail = objectOf(
  { taskArn: EcsTaskArn, lastStatus: t.string, desiredStatus: t.string, version: Count },
  // A task on Fargate has no container instance; a group is a service's or, for a standalone task, its family's.
  { containerInstanceArn: ContainerInstanceArn, group: t.string },
)

export const decodeTaskStateChange = (detail: unknown, { at }: Surroundings): Decoded =>
  decodeThen(Detail, detail, ({ taskArn, version, lastStatus, desiredStatus, group, containerInstanceArn }) =>
    E.right({
      type: 'TaskStateChanged',
      task: { arn: taskArn, version, lastStatus, desiredStatus, group: group ?? '' },
      containerInstance: containerInstanceArn ?? null,
      at,
    }),
  )
