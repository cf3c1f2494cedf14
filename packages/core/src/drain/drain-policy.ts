/** What the user decides: which hooks and clusters are ours, and how patient a drain is. */
import { AutoScalingGroupName, ClusterName, LifecycleHookName } from '../identity/ids.ts'
import type { LifecycleActionResult } from '../identity/lifecycle-action.ts'
import { type Duration, minutes, seconds } from '../time/instant.ts'
import type { AtDeadline } from './drain-event.ts'

/** A lifecycle hook that is ours to answer. */
export interface OwnedHook {
  readonly name: LifecycleHookName
  /** The groups in which that name is ours; null: in every group. */
  readonly groups: ReadonlyArray<AutoScalingGroupName> | null
}

/** A complete policy; `drainPolicy` fills what was left out, and checks it. Durations are in milliseconds. */
export interface DrainPolicy {
  /** Only terminating actions of these are acted on (R1). */
  readonly hooks: ReadonlyArray<OwnedHook>
  /** The clusters in which the container instance is looked for (R2). */
  readonly clusters: ReadonlyArray<ClusterName>
  /** NotificationMetadata may name one of `clusters`, or one that matches a pattern here (`*` stands for any text). */
  readonly metadataClusters: ReadonlyArray<string>
  /** Messages of another account are ignored; null: the account is not checked. */
  readonly account: string | null
  /** From DRAINING to the first reading that is evidence: a placement may be under way (R5). A second at least: ECS's lists lag. */
  readonly settle: Duration
  /**
   * The first readings of drains that began together are spread over this long. At 10 seconds a hundred of them stay
   * within the 100 reads at once and 20 a second that ECS grants an account (AWS: ECS API request throttling).
   */
  readonly spreadReads: Duration
  /**
   * A container instance that is not found is looked for once more after this; then the action completes (R2). An agent
   * needs up to a minute to register, and an instance may be given up while it still boots.
   */
  readonly notFoundGrace: Duration
  /**
   * Counted from the start of the lifecycle action, or where its notice was lost from when a sweep found it; a minute at least. Null: no
   * deadline but the hook's own global limit (R9).
   */
  readonly deadline: { readonly after: Duration; readonly choice: AtDeadline } | null
  /**
   * With `stop-tasks`: from the deadline to CONTINUE. In this time the tasks are told to stop, one after another, and have to stop,
   * deregistration included; what was not told by then goes with the host.
   */
  readonly stopGrace: Duration
  /** Standalone tasks are stopped this long after DRAINING; null: they are waited for (R11). */
  readonly standaloneAfter: Duration | null
  /**
   * The period of the sweep, which the heartbeats of patient hooks are left to (R12). At most four times the timeout of the
   * shortest hook: between two sweeps its heartbeats must not use up `hopsMax`.
   */
  readonly sweepEvery: Duration
  /**
   * A failed effect is owed again after `first`, then twice that, and so on up to `most` (R10); a heartbeat after an eighth of its
   * hook's timeout, where that is sooner.
   */
  readonly retry: { readonly first: Duration; readonly most: Duration }
  /** Self-sent messages in a row; Lambda's recursion guard stops at 16, so longer waits are left to the sweep. */
  readonly hopsMax: number
}

/** What a policy has to say, in plain strings, and what it need not. */
export interface PolicyOptions extends Partial<Omit<DrainPolicy, 'hooks' | 'clusters'>> {
  readonly hooks: ReadonlyArray<{ readonly name: string; readonly groups: ReadonlyArray<string> | null }>
  readonly clusters: ReadonlyArray<string>
}

type Given = Pick<DrainPolicy, 'hooks' | 'clusters'> & Partial<DrainPolicy>

/** With what the lifecycle action is completed when the deadline is reached; null: the tasks are waited for (R9). */
export const resultAtDeadline: { readonly [Choice in AtDeadline]: LifecycleActionResult | null } = {
  continue: 'CONTINUE',
  'stop-tasks': null,
  abandon: 'ABANDON',
  wait: null,
}

/** Whoever writes JavaScript may leave out hooks and clusters as well. */
const defaults: DrainPolicy = {
  hooks: [],
  clusters: [],
  metadataClusters: [],
  account: null,
  settle: seconds(5),
  spreadReads: seconds(10),
  notFoundGrace: seconds(60),
  deadline: null,
  stopGrace: minutes(6),
  standaloneAfter: null,
  sweepEvery: minutes(5),
  retry: { first: seconds(1), most: minutes(1) },
  hopsMax: 12,
}

/**
 * A complete policy. The defaults are for a hook of 15 minutes and more and never force anything. Throws a TypeError with all that
 * cannot be meant, a line each. A complete policy may be given, too, and is then checked.
 */
export const drainPolicy = (options: PolicyOptions): DrainPolicy => {
  const policy = uncheckedPolicy(options)
  const found = contradictionsOf(policy)
  if (found.length === 0) return policy
  throw new TypeError(`the policy contradicts itself (durations are in milliseconds):\n${found.join('\n')}`)
}

/** As `drainPolicy`, of whatever is given: for simulations and tests, where a drain may be as impatient as nobody means it. */
export const uncheckedPolicy = (options: PolicyOptions): DrainPolicy => ({
  ...defaults,
  // To many callers' compilers `undefined` is left out, too: an account that no message is of, or a settle time that never ends.
  ...(Object.fromEntries(Object.entries({ ...options }).filter(([, value]) => value !== undefined)) as Given),
})

/** The hooks that are ours in a group. */
export const hooksIn = (group: AutoScalingGroupName, policy: DrainPolicy): ReadonlyArray<OwnedHook> =>
  policy.hooks.filter(({ groups }) => groups === null || groups.includes(group))

/** What in a policy cannot be meant, one sentence each; empty when nothing is. */
export const contradictionsOf = (policy: DrainPolicy): ReadonlyArray<string> => {
  const { hooks, clusters, metadataClusters, deadline, retry, hopsMax } = policy
  const found: Array<string> = []
  const must = (holds: boolean, sentence: string): void => {
    if (!holds) found.push(sentence)
  }
  // Without types nobody says that a name is misspelled.
  const names = Object.keys(defaults)
  for (const name of Object.keys(policy)) must(names.includes(name), `${name}: expected one of ${names.join(', ')}`)
  const lists = Object.entries({ hooks, clusters, metadataClusters })
  for (const [name, list] of lists) must(Array.isArray(list), `${name}: must be a list`)
  // What is in them cannot be looked at then.
  if (!lists.every(([, list]) => Array.isArray(list))) return found
  must(hooks.length > 0, 'hooks: name at least one, or no notice is ours to answer')
  hooks.forEach((hook, n) => {
    must(isHook(hook), `hooks[${n}]: must have a name, and the names of its groups or null, which means every group`)
  })
  must(clusters.length + metadataClusters.length > 0, 'clusters: name at least one, or allow some in metadataClusters')
  // An ARN would do for ECS, but not for the codec of what is stored.
  clusters.forEach((name, n) => {
    must(ClusterName.is(name), `clusters[${n}]: must be a short name, not an ARN`)
  })
  metadataClusters.forEach((pattern, n) => {
    // What no name can match is none.
    const name = typeof pattern === 'string' ? pattern.replaceAll('*', '_') : pattern
    must(ClusterName.is(name), `metadataClusters[${n}]: must be a short name, in which * stands for any text`)
  })
  // As a number, which YAML makes of it, it equals none that a message names.
  must(/^(null|"\d{12}")$/.test(JSON.stringify(policy.account)), 'account: must be 12 digits, as text')
  must(isDuration(policy.settle), 'settle: must be at least a second')
  for (const name of ['spreadReads', 'notFoundGrace', 'stopGrace', 'standaloneAfter'] as const) {
    // Null is for this one only: elsewhere it would count as 0, which lets hosts go at once.
    const wait = name === 'standaloneAfter' ? (policy[name] ?? 0) : policy[name]
    must(wait === 0 || isDuration(wait), `${name}: must be 0, or at least a second`)
  }
  // Whoever writes 0 for "none", or 3600 for an hour, with `continue`, would let every host go at once.
  must(
    deadline === null || (isDuration(deadline.after, minutes(1)) && Object.hasOwn(resultAtDeadline, deadline.choice)),
    `deadline: must be after a minute or more, with one of the choices ${Object.keys(resultAtDeadline).join(', ')}`,
  )
  must(isDuration(policy.sweepEvery), 'sweepEvery: must be at least a second')
  must(isDuration(retry?.first), 'retry: the first wait must be at least a second')
  must(
    isDuration(retry?.most) && retry.most >= retry.first,
    'retry: the longest wait must not be shorter than the first',
  )
  must(
    Number.isInteger(hopsMax) && hopsMax >= 0 && hopsMax < 16,
    "hopsMax: must be from 0 to 15; Lambda's guard stops at 16",
  )
  return found
}

/** Of a caller without types, too. In a text a part of it would be one of its groups. */
const isHook = (hook: unknown): boolean => {
  const { name, groups } = (hook ?? {}) as Partial<OwnedHook>
  const isOurs =
    groups === null || (Array.isArray(groups) && groups.length > 0 && groups.every(AutoScalingGroupName.is))
  return isOurs && LifecycleHookName.is(name)
}

/** Nobody means less than a second: it is a number of seconds, where milliseconds are asked for. */
const isDuration = (value: Duration, least = seconds(1)): boolean => Number.isFinite(value) && value >= least
