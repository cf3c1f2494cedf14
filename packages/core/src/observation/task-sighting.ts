import * as t from 'io-ts'
import { objectOf } from '../codec/object-of.ts'
import { EcsTaskArn } from '../identity/ids.ts'

/**
 * A task as an event or DescribeTasks showed it. `version` is ECS's own counter of the task: it grows with each change
 * that is worth an event, so of two sightings the one with the higher version is the later one, whatever way and in
 * whatever order they came (aws-sdk client-ecs, `Task.version`).
 */
export interface TaskSighting {
  readonly arn: EcsTaskArn
  readonly version: number
  /** PROVISIONING ... STOPPED; only STOPPED, and DELETED after it, mean that nothing of it runs any more. */
  readonly lastStatus: string
  readonly desiredStatus: string
  /** `service:<name>` for a service's task, `family:<name>` for a standalone one. */
  readonly group: string
}

/** Decodes a sighting; fails on anything else. */
export const TaskSighting: t.Type<TaskSighting, unknown, unknown> = objectOf({
  arn: EcsTaskArn,
  version: t.number,
  lastStatus: t.string,
  desiredStatus: t.string,
  group: t.string,
})
