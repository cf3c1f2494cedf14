/**
 * Messages that somebody wrote who would like to see a host of another team drained, stopped or let go, or the rest of the
 * batch lost. Each kind aims at one thing that could be believed and must not be.
 */
import { encodeWakeUp, streamOf } from '@ecs-drain/core'
import {
  at,
  containerInstanceNumber,
  id,
  instanceNumber,
  lifecycleAction,
  stoppedTask,
  task,
  theCluster,
  theGroup,
  theHook,
  tokenNumber,
} from '@ecs-drain/core/testing'
import * as fc from 'fast-check'
import { fixture } from '../../../core/test/support/fixtures.ts'
import { snsDocument } from '../../../core/test/support/ways.ts'

/** The cast: who is ours and who is not. */
export const ourAccount = '111122223333'
export const otherAccount = '999988887777'
export const otherCluster = id<typeof theCluster>('payments')
export const otherGroup = id<typeof theGroup>('batch-hosts')
/** Drains when the batch comes; its last task's STOPPED is in it. */
export const drainingOne = 1
/** Its termination is in the batch. */
export const terminatingOne = 2
/** Another team's: in a cluster that is not ours, in a group that is not ours. Both wait for a hook called as ours is. */
export const inOtherCluster = 3
/** Another team's, in our cluster. */
export const inOtherGroup = 4

/** What is drawn for every forgery, whatever its kind makes of it. */
export interface Draw {
  readonly pick: number
  readonly other: number
  readonly text: string
  readonly inSns: boolean
}

type Fields = Readonly<Record<string, unknown>>

/** A hook's notification: of our hook and group and account unless told otherwise, and always of another team's host. */
const notification = (target: number, fields: Fields = {}): Fields => ({
  ...(fixture('auto-scaling-direct') as Fields),
  Time: new Date(at(7)).toISOString(),
  AccountId: ourAccount,
  AutoScalingGroupName: theGroup,
  LifecycleHookName: theHook,
  LifecycleActionToken: tokenNumber(100 + target),
  EC2InstanceId: instanceNumber(target),
  LifecycleTransition: 'autoscaling:EC2_INSTANCE_TERMINATING',
  // Nothing but what a kind forges must be what saves us.
  NotificationMetadata: '',
  ...fields,
})

/** The same as EventBridge tells it. */
const lifecycleEvent = (target: number, around: Fields, detail: Fields = {}): Fields => {
  const { Time, AccountId, ...fields } = notification(target, detail)
  return {
    ...(fixture('eventbridge-terminate-action') as Fields),
    time: Time,
    account: AccountId,
    ...around,
    detail: fields,
  }
}

const taskEvent = (detail: Fields): Fields => {
  const document = fixture('task-state-change-stopped') as Fields
  return { ...document, detail: { ...(document['detail'] as Fields), ...detail } }
}

const foreignTask = 'arn:aws:ecs:eu-west-1:111122223333:task/payments/0123456789abcdef0123456789abcdef'
const taskOfOtherAccount = 'arn:aws:ecs:eu-west-1:999988887777:task/web/0123456789abcdef0123456789abcdef'

const one = <Value>(values: ReadonlyArray<Value>, pick: number): Value => values[pick % values.length] as Value

/** Names that look like ours, mean something to JavaScript, or would match if somebody were careless. */
const namesLikeOurs = (name: string, text: string): ReadonlyArray<string> => [
  ...[
    `${name} `,
    ` ${name}`,
    name.toUpperCase(),
    `${name}\u0000`,
    name.replace(/[ae]/, '\u0435'),
    `${name},${otherGroup}`,
  ],
  ...['*', '', '__proto__', 'constructor', 'toString', `${name}/../${otherGroup}`, text],
]

/** Values of types that a field does not have. */
const wrongTypes = (text: string): ReadonlyArray<unknown> => [
  ...[null, 7, -1, 1e308, true, [], [text], {}, { [text]: text }, { toString: 'x' }, { length: 36 }, [[[[]]]]],
]

const polluting = ['__proto__', 'constructor', 'prototype', 'hasOwnProperty', 'toString', 'valueOf', 'then']

/** A key as JSON.parse reads it: `__proto__` is one like any other. */
const withKey = (document: Fields, key: string, value: unknown): string =>
  JSON.stringify(document).replace('{', `{${JSON.stringify(key)}:${JSON.stringify(value)},`)

const nested = (depth: number, open: string, inside: string, close: string): string =>
  open.repeat(depth) + inside + close.repeat(depth)

const targets = [inOtherCluster, inOtherGroup]

/** What each kind of forgery says. */
export const kinds = {
  'another account': ({ pick, other }) => {
    const target = one(targets, pick)
    return JSON.stringify(
      other % 2 === 0
        ? notification(target, { AccountId: otherAccount })
        : lifecycleEvent(target, { account: otherAccount }),
    )
  },
  'another group': ({ pick, other, text }) => {
    const group = one([otherGroup, ...namesLikeOurs(theGroup, text)], other)
    const target = one(targets, pick)
    const fields = { AutoScalingGroupName: group }
    return JSON.stringify(pick % 3 === 0 ? lifecycleEvent(target, {}, fields) : notification(target, fields))
  },
  'another hook': ({ pick, other, text }) =>
    JSON.stringify(
      notification(one(targets, pick), {
        LifecycleHookName: one(['backup', ...namesLikeOurs(theHook, text)], other),
      }),
    ),
  'another cluster in NotificationMetadata': ({ other, text }) => {
    const metadata = [
      { cluster: otherCluster },
      { cluster: otherCluster, clusters: [theCluster], [text]: theCluster },
      { cluster: otherCluster, __proto__: { cluster: theCluster } },
    ]
    return JSON.stringify(
      notification(inOtherCluster, { NotificationMetadata: ` ${JSON.stringify(one(metadata, other))}` }),
    )
  },
  'keys that pollute': ({ pick, other }) => {
    const ours = notification(inOtherGroup)
    const theirs = notification(inOtherGroup, { AutoScalingGroupName: otherGroup })
    const { AutoScalingGroupName: _, ...groupless } = ours
    const key = one(polluting, pick)
    return one(
      [withKey(theirs, key, ours), withKey(groupless, key, ours), withKey(groupless, key, { Records: [] })],
      other,
    )
  },
  'fields of wrong types': ({ pick, other, text }) => {
    const fields = ['AutoScalingGroupName', 'LifecycleHookName', 'EC2InstanceId', 'LifecycleActionToken', 'Time']
    const both = { AutoScalingGroupName: otherGroup, [one(fields, pick)]: one(wrongTypes(text), other) }
    return JSON.stringify(notification(one(targets, pick), both))
  },
  'documents of wrong types': ({ other, text }) =>
    JSON.stringify(one([...wrongTypes(text), text, { Records: 7 }], other)),
  'a batch in a batch': ({ pick }) =>
    JSON.stringify({ Records: [{ messageId: 'inner', body: JSON.stringify(notification(one(targets, pick))) }] }),
  'text that breaks off': ({ pick, other }) => {
    const text = JSON.stringify(notification(one(targets, pick)))
    return text.slice(0, 1 + (other % (text.length - 1)))
  },
  'key-value text of another group': ({ pick }) =>
    Object.entries(notification(one(targets, pick), { AutoScalingGroupName: otherGroup }))
      .map(([key, value]) => `${key}: ${String(value)}`)
      .join('\n'),
  'a task of an instance nobody drains': ({ pick, other }) =>
    JSON.stringify(
      taskEvent({
        containerInstanceArn: one(
          [containerInstanceNumber(inOtherCluster, otherCluster), containerInstanceNumber(inOtherGroup)],
          pick,
        ),
        taskArn: foreignTask,
        version: other,
      }),
    ),
  'a task of another cluster on our instance': ({ pick, other }) =>
    JSON.stringify(
      taskEvent({
        containerInstanceArn: containerInstanceNumber(drainingOne),
        taskArn: one([foreignTask, taskOfOtherAccount], pick),
        group: 'family:batch',
        lastStatus: one(['RUNNING', 'STOPPED'], other),
        desiredStatus: 'RUNNING',
        version: other,
      }),
    ),
  'a wake-up of somebody else': ({ pick, other, text }) =>
    one(
      [
        encodeWakeUp(streamOf(instanceNumber(one(targets, pick))), other),
        JSON.stringify({ 'ecs-drain': 'wake-up', stream: `${streamOf(instanceNumber(3))}/../${text}`, hops: 0 }),
        JSON.stringify({ 'ecs-drain': text, stream: streamOf(instanceNumber(3)), hops: 0 }),
      ],
      other,
    ),
  'a return from a warm pool that is not ours': ({ pick }) =>
    JSON.stringify(
      notification(one(targets, pick), {
        LifecycleTransition: 'autoscaling:EC2_INSTANCE_LAUNCHING',
        AutoScalingGroupName: one([otherGroup, theGroup], pick),
        Origin: 'WarmPool',
      }),
    ),
  'an event of nobody we listen to': ({ pick, text }) =>
    JSON.stringify({ ...lifecycleEvent(one(targets, pick), {}), source: one(['com.example', 'aws.ec2', text], pick) }),
  'deep nesting': ({ pick, other }) => {
    const depth = 1_000 + (other % 9_000)
    const ours = JSON.stringify(notification(one(targets, pick), { AutoScalingGroupName: otherGroup }))
    return one(
      [
        nested(depth, '[', '', ']'),
        nested(depth, '{"detail":', '0', '}'),
        ours.replace('{', `{"a":${nested(depth, '[', '', ']')},`),
      ],
      pick,
    )
  },
  'a megabyte': ({ pick, other }) => {
    const long = one(['x', '[', '"', '\\', 'a: b\n', '😀'], other)
    const text = long.repeat(Math.ceil(1_000_000 / long.length))
    return one(
      [text, JSON.stringify(notification(inOtherGroup, { AutoScalingGroupName: text, NotificationMetadata: text }))],
      pick,
    )
  },
  // What only Auto Scaling can tell from the truth: our hook, our group, our account.
  'a host of another team in our name': ({ pick }) => JSON.stringify(notification(one(targets, pick))),
} as const satisfies Readonly<Record<string, (draw: Draw) => string>>

/** The name of a kind. */
export type Kind = keyof typeof kinds

/** The expensive kinds are drawn rarely, so that a hundred thousand forgeries fit into a build. */
const weightOf = (kind: Kind): number => (kind === 'a megabyte' ? 1 : kind === 'deep nesting' ? 4 : 100)

/** One forged message. */
export interface Forgery {
  readonly kind: Kind
  readonly body: string
}

const draw: fc.Arbitrary<Draw> = fc.record({
  pick: fc.nat(1_000_000),
  other: fc.nat(1_000_000),
  text: fc.string({ maxLength: 8 }),
  inSns: fc.boolean(),
})

const anyKind: fc.Arbitrary<Kind> = fc.oneof(
  ...(Object.keys(kinds) as ReadonlyArray<Kind>).map((name) => ({
    weight: weightOf(name),
    arbitrary: fc.constant(name),
  })),
)

/** Any forged message, as it is or in a document of SNS. */
export const forgery = (): fc.Arbitrary<Forgery> =>
  fc.tuple(anyKind, draw).map(([kind, drawn]) => {
    const body = kinds[kind](drawn)
    return { kind, body: drawn.inSns ? JSON.stringify(snsDocument(body)) : body }
  })

/** The genuine termination in every batch. */
export const genuineTermination = JSON.stringify(
  notification(terminatingOne, {
    EC2InstanceId: instanceNumber(terminatingOne),
    LifecycleActionToken: tokenNumber(2),
  }),
)

/** The genuine STOPPED event of the last task of the draining instance. */
export const genuineStop = JSON.stringify(
  taskEvent({
    taskArn: stoppedTask(1).arn,
    containerInstanceArn: containerInstanceNumber(drainingOne),
    version: task(1).version + 1,
    lastStatus: 'STOPPED',
    desiredStatus: 'STOPPED',
    group: 'service:web',
  }),
)

/** What announced the drain that is under way when the batch comes. */
export const genuineAnnouncement = JSON.stringify(
  notification(drainingOne, {
    Time: new Date(at(0)).toISOString(),
    EC2InstanceId: instanceNumber(drainingOne),
    LifecycleActionToken: lifecycleAction().token,
  }),
)
