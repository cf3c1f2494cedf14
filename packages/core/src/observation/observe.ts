/**
 * What a notice says about which EC2 instance. Nothing that is not ours gets past this file (R1, S3): what a message
 * claims is compared with what the policy names.
 */
import { type DrainPolicy, hooksIn } from '../drain/drain-policy.ts'
import type { Notice } from '../envelope/notice.ts'
import { ClusterName, type ContainerInstanceArn, clusterIn, type EcsTaskArn, streamOf } from '../identity/ids.ts'
import type { LifecycleAction } from '../identity/lifecycle-action.ts'
import type { Addressed, Observation } from './observation.ts'

/** What a notice turned out to be. */
export type Observed =
  | ({ readonly type: 'addressed' } & Addressed & { readonly hops: number })
  /** About a container instance; whose stream that is, the event store knows. */
  | {
      readonly type: 'of-container-instance'
      readonly containerInstance: ContainerInstanceArn
      readonly observation: Observation
    }
  | { readonly type: 'sweep' }
  | { readonly type: 'ignored'; readonly why: Ignored }

/** Why a notice concerns nobody. */
export type Ignored =
  | 'test-notification'
  | 'unsubscribed'
  | 'other-account'
  | 'hook-not-ours'
  | 'cluster-not-ours'
  | 'launch'
  | 'not-on-a-container-instance'
  /** Of its container instance no stream is known, as routing finds out. */
  | 'no-drain'

/** What a notice says under a policy. A notice that is not ours is ignored, and the answer says why. */
export const observe = (notice: Notice, policy: DrainPolicy): Observed => {
  switch (notice.type) {
    case 'InstanceTerminating':
      return terminating(notice, policy)
    case 'InstanceLaunching':
      return launching(notice, policy)
    case 'TaskStateChanged':
      if (notice.containerInstance === null) return ignored('not-on-a-container-instance')
      // Believed, it would be a task of ours, and ours may be told to stop.
      if (!isInClusterOf(notice.task.arn, notice.containerInstance)) return ignored('cluster-not-ours')
      return {
        type: 'of-container-instance',
        containerInstance: notice.containerInstance,
        observation: { type: 'TaskSeen', task: notice.task },
      }
    case 'ContainerInstanceStateChanged':
      return {
        type: 'of-container-instance',
        containerInstance: notice.containerInstance,
        observation: {
          type: 'AgentSeen',
          containerInstance: notice.containerInstance,
          connected: notice.agentConnected,
        },
      }
    case 'SweepDue':
      return { type: 'sweep' }
    case 'WokenUp':
      return { type: 'addressed', stream: notice.stream, observation: { type: 'TimePassed' }, hops: notice.hops }
    case 'TestNotification':
      return ignored('test-notification')
    case 'Unsubscribed':
      return ignored('unsubscribed')
  }
}

/** Whether the hook that holds the instance is ours to answer, by its own name and group. */
export const isOurs = ({ hook, group }: Pick<LifecycleAction, 'hook' | 'group'>, policy: DrainPolicy): boolean =>
  hooksIn(group, policy).some(({ name }) => name === hook)

const terminating = (notice: Extract<Notice, { type: 'InstanceTerminating' }>, policy: DrainPolicy): Observed => {
  if (isOtherAccount(notice.account, policy)) return ignored('other-account')
  if (!isOurs(notice.action, policy)) return ignored('hook-not-ours')
  const clusters = clustersFor(notice.metadata, policy, notice.account)
  if (clusters === null || clusters.length === 0) return ignored('cluster-not-ours')
  return {
    type: 'addressed',
    stream: streamOf(notice.action.instance),
    observation: {
      type: 'TerminationAnnounced',
      action: notice.action,
      toWarmPool: notice.destination === 'WarmPool',
      clusters,
      announcedAt: notice.at,
    },
    hops: 0,
  }
}

/** An ARN of the short form may be of any cluster. */
const isInClusterOf = (task: EcsTaskArn, containerInstance: ContainerInstanceArn): boolean => {
  if (accountIn(task) !== accountIn(containerInstance)) return false
  const ofTask = clusterIn(task)
  const ofInstance = clusterIn(containerInstance)
  return ofTask === null || ofInstance === null || ofTask === ofInstance
}

/** `arn:aws:ecs:region:account`: with its Region. */
const accountIn = (arn: string): string => arn.slice(0, arn.lastIndexOf(':'))

/** A launch is nothing to us, except of an instance that we drained on its way into the warm pool (R14). */
const launching = (notice: Extract<Notice, { type: 'InstanceLaunching' }>, policy: DrainPolicy): Observed => {
  if (notice.origin !== 'WarmPool') return ignored('launch')
  if (isOtherAccount(notice.account, policy)) return ignored('other-account')
  if (hooksIn(notice.group, policy).length === 0) return ignored('launch')
  return {
    type: 'addressed',
    stream: streamOf(notice.instance),
    observation: { type: 'ReturnedToService', returnedAt: notice.at },
    hops: 0,
  }
}

const isOtherAccount = (account: string | null, policy: DrainPolicy): boolean =>
  policy.account !== null && account !== null && account !== policy.account

const ignored = (why: Ignored): Observed => ({ type: 'ignored', why })

/**
 * The clusters to look in: all of the policy's, or the one that the hook's NotificationMetadata names, as `{"cluster":"name"}` or with its
 * ARN, whose Region is not looked at. Metadata narrows the policy: it may name one of its clusters, or one that matches a pattern of it.
 * Null: it names another, one of another account, or none that can be understood.
 */
export const clustersFor = (
  metadata: string | null,
  policy: DrainPolicy,
  account: string | null = null,
): ReadonlyArray<ClusterName> | null => {
  const named = clusterNamedIn(metadata, account ?? policy.account)
  if (named === undefined) return policy.clusters
  return named !== null && mayLookIn(named, policy) ? [named] : null
}

/** Whether it is one of the policy's clusters, or one that metadata may name. */
export const mayLookIn = (cluster: ClusterName, policy: DrainPolicy): boolean =>
  policy.clusters.includes(cluster) || policy.metadataClusters.some((pattern) => matches(pattern, cluster))

/**
 * Undefined: it is free text, as most people's, or JSON without that key. Null: it means to name one, and the instance would be let go
 * if it were looked for in all the others.
 */
const clusterNamedIn = (metadata: string | null, account: string | null): ClusterName | null | undefined => {
  if (metadata === null || !metadata.trimStart().startsWith('{')) return undefined
  try {
    const told = JSON.parse(metadata) as { readonly cluster?: unknown }
    return Object.hasOwn(told, 'cluster') ? clusterOf(told.cluster, account) : undefined
  } catch {
    return metadata.includes('"cluster"') ? null : undefined
  }
}

/** Where ECS takes a cluster's name it takes its ARN. */
const clusterOf = (named: unknown, account: string | null): ClusterName | null => {
  const [, owner = account, name = named] =
    typeof named === 'string' ? (/^arn:[^/]+:(\d+):cluster\/(.+)$/.exec(named) ?? []) : []
  return ClusterName.is(name) && (account === null || owner === account) ? name : null
}

/** `*` stands for any text; everything else for itself. */
const matches = (pattern: string, name: string): boolean => {
  const parts = pattern.split('*')
  const last = parts.pop() ?? ''
  const [first] = parts
  if (first === undefined) return last === name
  let from = 0
  for (const part of parts) {
    const found = name.indexOf(part, from)
    if (found === -1) return false
    from = found + part.length
  }
  return name.startsWith(first) && name.slice(from).endsWith(last)
}
