/** Who an EC2 instance is in ECS: asked in each of the clusters, and where several records are found, by what they say of themselves. */
import type { Effect } from '../effect/effect.ts'
import type { ClusterName, ContainerInstanceArn } from '../identity/ids.ts'
import type { Failure } from '../observation/failure.ts'
import type { Answer, Call, CallType, ContainerInstance, Page } from './call.ts'
import { type Carried, cameTo, effectFailed, goOnWith } from './outcome.ts'

/** A search that is under way. */
export interface Finding {
  readonly type: 'finding'
  readonly effect: Extract<Effect, { type: 'FindContainerInstance' }>
  readonly call: Call
  /** Position in the effect's clusters. */
  readonly at: number
  /** What a cluster said that does not exist, or why one is not asked: it matters where no other has the instance. */
  readonly refused: Failure | null
  readonly found: ReadonlyArray<{ readonly cluster: ClusterName; readonly arn: ContainerInstanceArn }>
  /** What the descriptions said, once more than one was found. */
  readonly described: ReadonlyArray<ContainerInstance>
}

/** DescribeContainerInstances takes at most 100 (aws-sdk client-ecs). */
const describedAtOnce = 100

export const startFinding = (effect: Finding['effect']): Finding => {
  const { dropped = null } = effect
  return findingIn(effect, 0, [], dropped && { type: 'NotFound', message: `${dropped.join()} has left the policy` })
}

export const findOn = (finding: Finding, answer: Answer<CallType>): Carried<Finding> =>
  finding.call.type === 'DescribeContainerInstances'
    ? described(finding, answer as Answer<'DescribeContainerInstances'>)
    : listed(finding, answer as Answer<'ListContainerInstances'>)

export const findOnAfter = (finding: Finding, failure: Failure): Carried<Finding> =>
  finding.call.type === 'ListContainerInstances' && failure.type === 'NotFound'
    ? listed({ ...finding, refused: failure }, { items: [], nextToken: null })
    : cameTo(effectFailed(finding.effect, failure))

const findingIn = (
  effect: Finding['effect'],
  at: number,
  found: Finding['found'],
  refused: Failure | null = null,
  nextToken: string | null = null,
): Finding => {
  const cluster = effect.clusters[at] as ClusterName
  const call: Call = { type: 'ListContainerInstances', cluster, ec2InstanceId: effect.instance, nextToken }
  return { type: 'finding', effect, call, at, refused, found, described: [] }
}

/** Every cluster is asked, even after a find: a ghost in one must not hide the instance in another. */
const listed = (finding: Finding, page: Page<ContainerInstanceArn>): Carried<Finding> => {
  const { effect, at, refused } = finding
  const cluster = effect.clusters[at] as ClusterName
  // A cluster that is named twice lists the same.
  const others = page.items.filter((arn) => !finding.found.some((one) => one.arn === arn))
  const found = [...finding.found, ...others.map((arn) => ({ cluster, arn }))]
  if (page.nextToken !== null) return goOnWith(findingIn(effect, at, found, refused, page.nextToken))
  if (at + 1 < effect.clusters.length) return goOnWith(findingIn(effect, at + 1, found, refused))
  const [only, another] = found
  if (only === undefined) return cameTo(refused === null ? absent : effectFailed(effect, refused))
  if (another === undefined) return cameTo({ type: 'ContainerInstanceLocated', ...only, leftBehind: [] })
  return goOnWith(describing({ ...finding, found }, only.cluster))
}

const absent = { type: 'ContainerInstanceAbsent' } as const

/** Several records of one EC2 instance: ECS keeps those of a lost agent, so the descriptions decide, cluster by cluster. */
const describing = (finding: Finding, cluster: ClusterName): Finding => {
  const arns = finding.found.filter((one) => one.cluster === cluster).map(({ arn }) => arn)
  const containerInstances = arns.slice(0, describedAtOnce)
  return { ...finding, call: { type: 'DescribeContainerInstances', cluster, containerInstances } }
}

const described = (before: Finding, answer: Answer<'DescribeContainerInstances'>): Carried<Finding> => {
  const finding = { ...before, described: [...before.described, ...answer.containerInstances] }
  const { cluster, containerInstances } = before.call as Extract<Call, { type: 'DescribeContainerInstances' }>
  // One of which nothing else is said may be the instance, or hold tasks of it.
  const told = [...answer.containerInstances, ...answer.failures.filter(({ reason }) => reason === 'MISSING')]
  const untold = containerInstances.find((asked) => !told.some(({ arn }) => arn === asked))
  if (untold !== undefined) {
    const message = `ECS lists ${untold}, and says neither what it is nor that it is gone`
    return cameTo(effectFailed(finding.effect, { type: 'Unavailable', message }))
  }
  const clusters = [...new Set(finding.found.map((one) => one.cluster))]
  const next = clusters[clusters.indexOf(cluster) + 1]
  if (next !== undefined) return goOnWith(describing(finding, next))
  // A list that took no notice of the filter would have other hosts drained with this one.
  const { instance } = finding.effect
  const own = finding.described.filter(({ ec2InstanceId }) => (ec2InstanceId ?? instance) === instance)
  const live = own.filter(({ status }) => status !== 'INACTIVE').sort(byLikelihood)
  const records = live.flatMap((one) => finding.found.filter(({ arn }) => arn === one.arn))
  const [chosen, ...others] = records
  if (chosen === undefined) return cameTo(absent)
  // The agent knows nothing of the others' tasks any more, but their containers run on.
  const leftBehind = others.filter((other) => other.cluster === chosen.cluster).map(({ arn }) => arn)
  return cameTo({ type: 'ContainerInstanceLocated', ...chosen, leftBehind })
}

/** The record whose agent is connected, then the latest, is the living one. */
const byLikelihood = (one: ContainerInstance, other: ContainerInstance): number =>
  Number(other.agentConnected) - Number(one.agentConnected) ||
  other.registeredAt - one.registeredAt ||
  (one.arn < other.arn ? -1 : 1)
