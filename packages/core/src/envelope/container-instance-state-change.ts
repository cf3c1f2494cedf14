/** "ECS Container Instance State Change" (AWS: ECS developer guide, ecs_container_instance_events). */
import * as E from 'fp-ts/Either'
import * as t from 'io-ts'
import { decodeThen } from '../codec/decode-then.ts'
import { objectOf } from '../codec/object-of.ts'
import { ContainerInstanceArn } from '../identity/ids.ts'
import type { Decoded } from './decoded.ts'

// AWS's own sample has no task counts, so nothing may depend on them.
const Detail = objectOf({ containerInstanceArn: ContainerInstanceArn, agentConnected: t.boolean })

export const decodeContainerInstanceStateChange = (detail: unknown): Decoded =>
  decodeThen(Detail, detail, ({ containerInstanceArn, agentConnected }) =>
    E.right({ type: 'ContainerInstanceStateChanged', containerInstance: containerInstanceArn, agentConnected }),
  )
