/**
 * A plan as people write it: everything may be left out but a name, and nothing may be in it that is not known. What is
 * left out gets its default from `completePlan`; bounds that concern several values are in `contradictions.ts`.
 */
import { AutoScalingGroupName, type CallType, ClusterName } from '@ecs-drain/core'
import type * as t from 'io-ts'
import { drainOperations, faultSites, messageKinds } from '../trace/trace.ts'
import { type FaultSite, type Parameter, type ParameterName, parameters, type Span } from './plan.ts'
import {
  byVerb,
  type Codec,
  closed,
  expected,
  flag,
  integerFrom,
  listOf,
  numberFrom,
  oneOf,
  orNull,
  recordBy,
  spanFrom,
  textLike,
  textUpTo,
} from './strict-codecs.ts'

/** Chance is drawn from 32 bits. */
export const seedMost = 4_294_967_295

// Virtual time is kept in 32 bits of milliseconds, which is 24 days; a drain's longest wait is two.
const secondsMost = 2_000_000
const daySeconds = 86_400
// Quotas of ECS, and what memory allows (AWS: ECS service quotas): more is a typing error.
const countMost = 5_000
const cpuMost = 1_000_000
const memoryMost = 25_000_000

const seconds = numberFrom(0, secondsMost)
const atLeastOneSecond = numberFrom(1, secondsMost)
const span = spanFrom(0, daySeconds)
const percent = (most: number): Codec<number> => integerFrom(0, most)
const name = textLike('a name of 1 to 255 letters, digits, hyphens and underscores', /^[A-Za-z0-9_-]{1,255}$/)
// A notice with another one core would not read.
const groupName = expected('a group name of 1 to 255 printable characters', (value): value is string =>
  AutoScalingGroupName.is(value),
)
const hookName = textLike(
  'a hook name of 1 to 255 letters, digits, hyphens, underscores and slashes',
  /^[A-Za-z0-9\-_/]{1,255}$/,
)
const lifecycleResult = oneOf('CONTINUE', 'ABANDON')

const Hook = closed('a hook', {
  name: hookName,
  heartbeatTimeoutSeconds: integerFrom(30, 7200),
  defaultResult: lifecycleResult,
  owner: oneOf('controller', 'other'),
  answersAfterSeconds: seconds,
  notifies: oneOf('sns-json', 'sns-text', 'sqs', 'eventbridge', 'lambda', 'sns-in-sqs'),
  alsoEventBridge: flag,
  notificationMetadata: orNull(textUpTo(4000)),
})

const Group = closed('a group', {
  name: groupName,
  desired: integerFrom(0, countMost),
  min: integerFrom(0, countMost),
  max: integerFrom(0, countMost),
  availabilityZones: integerFrom(1, 6),
  cpu: integerFrom(1, cpuMost),
  memory: integerFrom(1, memoryMost),
  registers: flag,
  hooks: listOf(Hook),
  terminateHookAbandon: oneOf('terminate', 'retain'),
  reuseOnScaleIn: flag,
  launchable: integerFrom(0, 1_000_000),
})

const LoadBalancer = closed('a load balancer', {
  // AWS allows 0 to 3600 (deregistration_delay.timeout_seconds).
  deregistrationDelaySeconds: integerFrom(0, 3600),
  healthyAfterSeconds: span,
})

const Service = closed('a service', {
  name,
  schedulingStrategy: oneOf('REPLICA', 'DAEMON'),
  desired: integerFrom(0, countMost),
  minimumHealthyPercent: percent(200),
  maximumPercent: percent(1000),
  cpu: integerFrom(0, cpuMost),
  memory: integerFrom(1, memoryMost),
  hostPort: orNull(integerFrom(1, 65_535)),
  loadBalancer: orNull(LoadBalancer),
  healthCheckSeconds: orNull(span),
  pullSeconds: span,
  startSeconds: span,
  exitSeconds: span,
  stopTimeoutSeconds: numberFrom(0, daySeconds),
  awsvpc: flag,
  availabilityZoneRebalancing: oneOf('ENABLED', 'DISABLED'),
})

/** What RunTask starts, in a plan and while a world runs. */
export const standaloneTaskProps = {
  family: name,
  count: integerFrom(0, countMost),
  startsAtSeconds: seconds,
  runsSeconds: spanFrom(0, secondsMost),
  cpu: integerFrom(0, cpuMost),
  memory: integerFrom(1, memoryMost),
  stopTimeoutSeconds: numberFrom(0, daySeconds),
  exitSeconds: span,
}

const StandaloneTask = closed('a standalone task', standaloneTaskProps)

const at = { atSeconds: seconds }
const onGroup = { ...at, group: groupName }
const onInstance = { ...onGroup, old: integerFrom(0, countMost) }

// Core counts in milliseconds; 48 hours is the longest any lifecycle action can last.
const durationMost = 172_800_000
const durationFrom = (least: number): Codec<number> =>
  expected(`a duration from ${least} to ${durationMost} ms`, integerFrom(least, durationMost).is)
const second = durationFrom(1000)
const secondOrNone = expected(`0 or ${second.name}`, (value): value is number => value === 0 || second.is(value))

const clusterPattern = expected(
  'the short name of a cluster, in which * stands for any text',
  (value): value is string => typeof value === 'string' && ClusterName.is(value.replaceAll('*', '_')),
)

/**
 * Core's DrainPolicy without what follows from the plan: hooks, clusters, account, and the sweep's period. What core's own
 * `contradictionsOf` refuses is refused here: nobody could deploy what is simulated.
 */
const Policy = closed('a policy', {
  metadataClusters: listOf(clusterPattern),
  settle: second,
  spreadReads: secondOrNone,
  notFoundGrace: secondOrNone,
  deadline: orNull(
    closed('a deadline', { after: durationFrom(60_000), choice: oneOf('continue', 'stop-tasks', 'abandon', 'wait') }, [
      'after',
      'choice',
    ]),
  ),
  stopGrace: secondOrNone,
  standaloneAfter: orNull(secondOrNone),
  retry: closed('a retry', { first: second, most: second }, ['first', 'most']),
  hopsMax: integerFrom(0, 15),
})

/** A happening's codec: it has the keys of its verb and no others. */
const happening = <Do extends string, Props extends t.Props>(verb: Do, props: Props) =>
  Object.assign(closed(`a happening "${verb}"`, { do: oneOf(verb), ...props }, ['do']), {
    fields: ['do', ...Object.keys(props)],
  })

const happenings = {
  'ami-update': happening('ami-update', { ...onGroup, batch: integerFrom(1, countMost) }),
  'instance-refresh': happening('instance-refresh', {
    ...onGroup,
    minHealthyPercentage: percent(100),
    maxHealthyPercentage: orNull(integerFrom(100, 200)),
    instanceWarmupSeconds: seconds,
  }),
  'cloudformation-rolling-update': happening('cloudformation-rolling-update', {
    ...onGroup,
    minInstancesInService: integerFrom(0, countMost),
    maxBatchSize: integerFrom(1, 100),
    pauseSeconds: numberFrom(0, 3600),
  }),
  'scale-in': happening('scale-in', { ...onGroup, by: integerFrom(1, countMost) }),
  'scale-out': happening('scale-out', { ...onGroup, by: integerFrom(1, countMost) }),
  'terminate-instance': happening('terminate-instance', { ...onInstance, decrementDesired: flag }),
  'kill-instance': happening('kill-instance', onInstance),
  'disconnect-agent': happening('disconnect-agent', { ...onInstance, forSeconds: seconds }),
  're-register-agent': happening('re-register-agent', onInstance),
  deploy: happening('deploy', { ...at, service: name }),
  'set-desired-count': happening('set-desired-count', {
    ...at,
    service: name,
    desired: integerFrom(0, countMost),
  }),
  'delete-hook': happening('delete-hook', { ...onGroup, hook: hookName }),
  'set-draining': happening('set-draining', onInstance),
  'set-active': happening('set-active', onInstance),
  'update-task-protection': happening('update-task-protection', {
    ...at,
    service: name,
    tasks: integerFrom(1, countMost),
    // AWS: API reference, UpdateTaskProtection.
    expiresInMinutes: integerFrom(1, 2880),
  }),
  'return-from-warm-pool': happening('return-from-warm-pool', onGroup),
  'change-policy': happening('change-policy', { ...at, policy: Policy }),
} as const

/** The keys of each verb's happening. */
export const happeningFields: Readonly<Record<string, ReadonlyArray<string>>> = Object.fromEntries(
  Object.entries(happenings).map(([verb, { fields }]) => [verb, fields]),
)

export const HappeningCodec = byVerb('a happening', happenings)

/** A parameter's value within its documented range. */
const parameterCodec = ({ range: [least, most], unit, isFixed }: Parameter): Codec<Span> => {
  if (unit === 'switch') return expected('the switch 0 or 1', (value): value is Span => value === 0 || value === 1)
  if (unit === 'count') {
    const { name: expectation, is } = integerFrom(least, most)
    return expected(expectation, (value): value is Span => is(value))
  }
  const { name: expectation, is } = isFixed ? numberFrom(least, most) : spanFrom(least, most)
  return expected(`${expectation} (${unit})`, (value): value is Span => is(value))
}

const parameterCodecs = new Map<string, Codec<Span>>(
  Object.entries(parameters).map(([key, parameter]) => [key, parameterCodec(parameter)]),
)

const Parameters: Codec<Readonly<Partial<Record<ParameterName, Span>>>> = recordBy(
  'parameters by name',
  (key) => parameterCodecs.get(key),
  [...parameterCodecs.keys()],
)

const perMille = integerFrom(0, 1000)

const messageKind = oneOf(...messageKinds)
const nth = integerFrom(0, 1_000_000)

export const callTypes = [
  'LoadStream',
  'AppendToStream',
  'FindStreams',
  'ListWatchedStreams',
  ...drainOperations,
  'SendWakeUp',
] as const satisfies ReadonlyArray<CallType>

const ScriptedCall = closed(
  'a misfortune of a call',
  {
    do: oneOf('crash-before', 'crash-after', 'fail-call', 'lose-request', 'lose-answer'),
    call: oneOf(...callTypes),
    nth,
  },
  ['do', 'call', 'nth'],
)
const ScriptedMessage = closed('a misfortune of a message', { do: oneOf('deliver-twice'), message: messageKind, nth }, [
  'do',
  'message',
  'nth',
])

const Scripted = byVerb('a misfortune', {
  'crash-before': ScriptedCall,
  'crash-after': ScriptedCall,
  'fail-call': ScriptedCall,
  'lose-request': ScriptedCall,
  'lose-answer': ScriptedCall,
  'deliver-twice': ScriptedMessage,
})

const Faults = closed('faults', {
  perMille: recordBy(
    'faults by site',
    (key) => (faultSites.some((site: FaultSite) => site === key) ? perMille : undefined),
    faultSites,
  ),
  untilSeconds: seconds,
  only: orNull(listOf(integerFrom(0, Number.MAX_SAFE_INTEGER))),
  lose: listOf(closed('a message to lose', { message: messageKind, nth }, ['message', 'nth'])),
  script: listOf(Scripted),
})

const instant = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,3})?Z$/

/** One that a calendar has: the 30th of February would be read as a day in March, or not at all. */
const isInstant = (value: unknown): value is string => {
  if (typeof value !== 'string' || !instant.test(value)) return false
  const ms = Date.parse(value)
  return !Number.isNaN(ms) && new Date(ms).toISOString().slice(0, 19) === value.slice(0, 19)
}

/** The keys of a plan, each with its codec. */
export const planProps = {
  name: textUpTo(100),
  teaches: textLike('text of at most 4000 characters', /^[\s\S]{0,4000}$/),
  seed: integerFrom(0, seedMost),
  start: expected('an instant such as 2026-01-05T09:00:00Z', isInstant),
  untilSeconds: atLeastOneSecond,
  cluster: closed('a cluster', {
    name,
    region: textLike('a Region such as eu-central-1', /^[a-z]{2,}(-[a-z]+)+-\d$/),
    account: textLike('an account of 12 digits', /^\d{12}$/),
  }),
  groups: listOf(Group),
  services: listOf(Service),
  standaloneTasks: listOf(StandaloneTask),
  happenings: listOf(HappeningCodec),
  parameters: Parameters,
  faults: Faults,
  controller: closed('the controller', {
    sweepEverySeconds: atLeastOneSecond,
    pollEverySeconds: atLeastOneSecond,
    policy: Policy,
  }),
}

/** A plan with as much left out as its author liked. */
export const PlanDocument = closed('a plan', planProps, ['name'])
export type PlanDocument = t.TypeOf<typeof PlanDocument>
