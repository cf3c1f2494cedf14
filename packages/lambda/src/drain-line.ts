/**
 * Lines of the log. Each is made of named fields that hold ids, numbers and words of a known list; what else a message
 * or a task says (metadata, overrides, reasons, groups of tasks) is nobody's business here and never gets in.
 */
import type { Delivery, DrainEvent, Failure, Handled, JournalEntry } from '@ecs-drain/core'
import * as E from 'fp-ts/Either'

/** How much attention a line wants. */
export type Level = 'debug' | 'info' | 'warn' | 'error'

/** What a field may hold. */
export type FieldValue = string | number | boolean | null | ReadonlyArray<string>

/** One line: a word that says what it is about, and its fields. */
export interface Line {
  readonly level: Level
  readonly message: string
  readonly fields: Readonly<Record<string, FieldValue>>
}

/** The lines of a handled batch: one per message that was not acted on. */
export const linesOf = (
  { ignored, undecodable, failed }: Handled,
  deliveries: ReadonlyArray<Delivery>,
): ReadonlyArray<Line> => [
  ...undecodable.map(
    ({ id, report }): Line => ({
      level: 'error',
      message: 'Undecodable',
      fields: { messageId: shownId(id), report: report.map(withoutPayload) },
    }),
  ),
  ...failed.map(
    ({ id, failure }): Line => ({
      level: 'warn',
      message: 'NotHandled',
      fields: { messageId: shownId(id), ...fieldsOfFailure(failure), ...terminationIn(id, deliveries) },
    }),
  ),
  ...ignored.map(({ id, why }): Line => {
    const termination = terminationIn(id, deliveries)
    // An instance waits, and not for us: where it should, a name is wrong.
    const level = termination === null ? 'debug' : 'info'
    return { level, message: 'Ignored', fields: { messageId: shownId(id), why, ...termination } }
  }),
]

/** The instance, group and hook of a message that tells of a termination; null: it tells of something else. */
const terminationIn = (id: string | null, deliveries: ReadonlyArray<Delivery>): Line['fields'] | null => {
  const notice = deliveries.find((delivery) => delivery.id === id)?.notice
  if (notice === undefined || E.isLeft(notice) || notice.right.type !== 'InstanceTerminating') return null
  const { instance, group, hook } = notice.right.action
  return { ec2Instance: instance, group, hook }
}

/** The line of a decision. */
export const lineOf = ({ stream, drain, version, event }: Extract<JournalEntry, { type: 'recorded' }>): Line => ({
  level: isWarning(event) ? 'warn' : 'info',
  message: event.type,
  fields: { stream, ...(drain === null ? {} : { drain }), version, ...fieldsOf(event) },
})

const isWarning = (event: DrainEvent): boolean => {
  switch (event.type) {
    case 'EffectFailed':
    case 'DeadlineReached':
    case 'LifecycleActionOver':
    case 'DrainingUndone':
      return true
    // Or it is in a cluster that nobody has told us of, and its tasks die with it.
    case 'CompletionDecided':
      return event.because === 'not-a-container-instance'
    default:
      return false
  }
}

const fieldsOf = (event: DrainEvent): Line['fields'] => {
  switch (event.type) {
    case 'DrainRequested': {
      const { group, hook, instance } = event.action
      return { ec2Instance: instance, group, hook, clusters: event.clusters, toWarmPool: event.toWarmPool }
    }
    case 'LifecycleActionTokenLearned':
      return { token: event.token }
    case 'LifecycleHookDescribed':
      return {
        heartbeatTimeoutMs: event.heartbeatTimeout,
        globalTimeoutMs: event.globalTimeout,
        defaultResult: event.defaultResult,
      }
    case 'ContainerInstanceFound':
      return {
        cluster: event.cluster,
        containerInstance: event.arn,
        ...(event.leftBehind.length === 0 ? {} : { leftBehind: event.leftBehind }),
      }
    case 'ContainerInstanceLost':
      return { retryAt: iso(event.retryAt) }
    case 'AgentConnectionChanged':
      return { connected: event.connected }
    case 'TasksRead':
      return { scope: event.scope, tasksCount: event.tasks.length, forgottenCount: event.forgotten.length }
    case 'TaskSeen':
      return { task: event.task.arn, taskVersion: event.task.version, lastStatus: statusOf(event.task.lastStatus) }
    case 'DeadlineReached':
      return { choice: event.choice }
    case 'TaskToldToStop':
      return { task: event.task }
    case 'CompletionDecided':
      return { result: event.result, because: event.because }
    case 'LifecycleActionCompleted':
      return { result: event.result }
    case 'LifecycleActionOver':
      return { of: event.of }
    case 'WakeUpSent':
      return { wakeAt: iso(event.wakeAt), hops: event.hops }
    case 'EffectFailed': {
      const ofTask = event.task === null ? {} : { task: event.task }
      return { effect: event.effect, ...ofTask, retryAt: iso(event.retryAt), ...fieldsOfFailure(event.failure) }
    }
    case 'ContainerInstanceNotFound':
    case 'ContainerInstanceDraining':
    case 'DrainingUndone':
    case 'Swept':
    case 'WaitDoubted':
    case 'LifecycleActionHeartbeatRecorded':
    case 'DrainSuperseded':
    case 'InstanceReturnedToService':
    case 'ContainerInstanceActivated':
      return {}
  }
}

const iso = (at: number): string => new Date(at).toISOString()

/** ECS's statuses (developer guide, "task lifecycle"), and what we call one that was not read. */
const taskStatuses = [
  'PROVISIONING',
  'PENDING',
  'ACTIVATING',
  'RUNNING',
  'DEACTIVATING',
  'STOPPING',
  'DEPROVISIONING',
  'STOPPED',
  'DELETED',
  'UNKNOWN',
]

const statusOf = (status: string): string => (taskStatuses.includes(status) ? status : 'another')

const failureMessageMax = 500

/** What AWS said about a call of ours. */
const fieldsOfFailure = (failure: Failure): Line['fields'] => ({
  failure: failure.type,
  ...(failure.type === 'Rejected' ? { code: failure.code } : {}),
  reason: failure.message.slice(0, failureMessageMax),
})

/** SQS's ids are UUIDs. What claims to be one and is not is not repeated. */
const shownId = (id: string | null): string | null =>
  id === null || /^[\w-]{1,128}$/.test(id) ? id : `an id of ${id.length} characters`

/** A line of a decode report says what was got; of texts and numbers only that they were. */
export const withoutPayload = (line: string): string =>
  line
    .replace(/, got "(?:[^"\\]|\\.)*"$/s, (got) => `, got a string of ${textIn(got).length} characters`)
    .replace(/, got -?(?:\d[\d.e+-]*|Infinity|NaN)n?$/, ', got a number')

const textIn = (got: string): string => JSON.parse(got.slice(', got '.length)) as string
