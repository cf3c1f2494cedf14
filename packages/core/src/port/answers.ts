/**
 * What the functions of a port may answer. Somebody else writes them, and what they answer is decided on and stored: what could not
 * be read again must not get that far.
 */
import * as t from 'io-ts'
import { byType } from '../codec/by-type.ts'
import { Count, integerInRange } from '../codec/integer-in-range.ts'
import { nullOr } from '../codec/null-or.ts'
import { objectOf } from '../codec/object-of.ts'
import {
  AutoScalingGroupName,
  ContainerInstanceArn,
  Ec2InstanceId,
  EcsTaskArn,
  LifecycleHookName,
  StreamId,
} from '../identity/ids.ts'
import { LifecycleActionResult } from '../identity/lifecycle-action.ts'
import type { Answer, Commit } from '../invocation/call.ts'
import { TaskSighting } from '../observation/task-sighting.ts'
import type { Cluster, EventStore, LifecycleHooks, PortFunction, WakeUps } from './port.ts'

/** Decodes what a function answers. */
export type AnswerDecoder<Answered = unknown> = t.Decoder<unknown, Answered>

type AnswersOf<Port> = {
  readonly [Name in keyof Port & string]: Port[Name] extends PortFunction<infer Type>
    ? AnswerDecoder<Answer<Type>>
    : never
}

const listOf = <Item>(item: t.Type<Item, unknown, unknown>) => t.readonlyArray(item, 'a list')

const pageOf = <Item>(item: t.Type<Item, unknown, unknown>) =>
  objectOf({ items: listOf(item), nextToken: nullOr(t.string) })

/** A function that returns nothing has done it as well. */
const done: t.Type<null, unknown, unknown> = new t.Type(
  'null',
  (value): value is null => value === null,
  (value, context) => (value === null || value === undefined ? t.success(null) : t.failure(value, context)),
  t.identity,
)

const failures = listOf(objectOf({ arn: t.string, reason: t.string }))

const containerInstances = objectOf({
  containerInstances: listOf(
    objectOf({
      arn: ContainerInstanceArn,
      ec2InstanceId: nullOr(Ec2InstanceId),
      status: t.string,
      agentConnected: t.boolean,
      registeredAt: t.number,
    }),
  ),
  failures,
})

/** The store reads them, so they are not looked at one by one. */
const events = new t.Type<Commit['events'], unknown, unknown>(
  'a list',
  (value): value is Commit['events'] => Array.isArray(value),
  (value, context) => (Array.isArray(value) ? t.success(value) : t.failure(value, context)),
  t.identity,
)

const commits = listOf(objectOf({ version: Count, events }))

/** In seconds, as AWS tells them, they would be less than that: 30 seconds is AWS's shortest. */
const timeout = integerInRange(30_000, Number.MAX_SAFE_INTEGER)

export const eventStoreAnswers: AnswersOf<EventStore> = {
  load: commits,
  append: byType('answer', {}, { appended: {}, conflict: { newer: commits } }),
  findStreams: listOf(nullOr(StreamId)),
  listWatched: listOf(StreamId),
}

export const clusterAnswers: AnswersOf<Cluster> = {
  listContainerInstances: pageOf(ContainerInstanceArn),
  describeContainerInstances: containerInstances,
  updateContainerInstancesState: containerInstances,
  listTasks: pageOf(EcsTaskArn),
  describeTasks: objectOf({ tasks: listOf(TaskSighting), failures }),
  stopTask: done,
}

export const lifecycleHookAnswers: AnswersOf<LifecycleHooks> = {
  complete: done,
  recordHeartbeat: done,
  describeHooks: listOf(
    objectOf(
      {
        name: LifecycleHookName,
        transition: t.string,
        heartbeatTimeout: timeout,
        globalTimeout: timeout,
        defaultResult: LifecycleActionResult,
      },
      { notificationMetadata: nullOr(t.string) },
    ),
  ),
  describeGroups: pageOf(
    objectOf({
      name: AutoScalingGroupName,
      instances: listOf(objectOf({ id: Ec2InstanceId, lifecycleState: t.string })),
    }),
  ),
}

export const wakeUpAnswers: AnswersOf<WakeUps> = { send: done }

/** Nobody asks a journal anything. */
export const journalAnswers = { note: t.unknown }
