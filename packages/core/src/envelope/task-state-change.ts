/** "ECS Task State Change" (AWS: ECS developer guide, ecs_task_events). Of its sixty fields we trust these. */
import * as E from 'fp-ts/Either'
import { pipe } from 'fp-ts/function'
import * as t from 'io-ts'
import { Count } from '../codec/integer-in-range.ts'
import { objectOf } from '../codec/object-of.ts'
import { report } from '../codec/report.ts'
import { ContainerInstanceArn, EcsTaskArn } from '../identity/ids.ts'
import type { Decoded, Surroundings } from './decoded.ts'

const Detail = objectOf(
  { taskArn: EcsTaskArn, lastStatus: t.string, desiredStatus: t.string, version: Count },
  // A task on Fargate has no container instance; a group is a service's or, for a standalone task, its family's.
  { containerInstanceArn: ContainerInstanceArn, group: t.string },
)

export const decodeTaskStateChange = (detail: unknown, { at }: Surroundings): Decoded =>
  pipe(
    Detail.decode(detail),
    E.bimap(report, ({ taskArn, version, lastStatus, desiredStatus, group, containerInstanceArn }) => ({
      type: 'TaskStateChanged',
      task: { arn: taskArn, version, lastStatus, desiredStatus, group: group ?? '' },
      containerInstance: containerInstanceArn ?? null,
      at,
    })),
  )
