/** What ECS itself says of the tasks that a drain waits for, and of their services; asked for with the caller's own credentials. */
import {
  DescribeServicesCommand,
  DescribeTasksCommand,
  type ECSClient,
  type Service,
  type Task,
} from '@aws-sdk/client-ecs'
import { failureOf } from '@ecs-drain/aws-adapter'
import { type ClusterName, clusterIn, type Drain, type EcsTaskArn, type Failure } from '@ecs-drain/core'
import { pipe } from 'fp-ts/function'
import * as RA from 'fp-ts/ReadonlyArray'
import * as TE from 'fp-ts/TaskEither'
import { tasksWaitedFor } from './explanation.ts'

/** ECS's own records. */
export interface EcsAccount {
  /** Those that the drain waits for. */
  readonly tasks: ReadonlyArray<Task>
  /** ARNs of those that the drain waits for and ECS does not know any more. */
  readonly forgotten: ReadonlyArray<string>
  /** Those that these tasks belong to. */
  readonly services: ReadonlyArray<Service>
}

/** DescribeTasks takes at most 100 tasks, DescribeServices at most 10 services (aws-sdk client-ecs). */
const tasksAtOnce = 100
const servicesAtOnce = 10

/** Asks ECS. Null: the drain waits for no task. */
export const askEcs = (client: ECSClient, drain: Drain): TE.TaskEither<Failure, EcsAccount | null> => {
  const waitedFor = tasksWaitedFor(drain)
  if (drain.containerInstance === null || waitedFor.length === 0) return TE.right(null)
  // A host that was in another cluster before may have tasks there.
  const tasksIn = new Map<ClusterName, Array<EcsTaskArn>>()
  for (const { arn } of waitedFor) {
    const cluster = clusterIn(arn) ?? drain.containerInstance.cluster
    tasksIn.set(cluster, [...(tasksIn.get(cluster) ?? []), arn])
  }
  return pipe(
    [...tasksIn],
    TE.traverseSeqArray(([cluster, tasks]) => askCluster(client, cluster, tasks)),
    TE.map((accounts) => ({
      tasks: accounts.flatMap(({ tasks }) => tasks),
      forgotten: accounts.flatMap(({ forgotten }) => forgotten),
      services: accounts.flatMap(({ services }) => services),
    })),
  )
}

const askCluster = (
  client: ECSClient,
  cluster: ClusterName,
  waitedFor: ReadonlyArray<EcsTaskArn>,
): TE.TaskEither<Failure, EcsAccount> => {
  const refused = (action: string, what: string) => (thrown: unknown) =>
    failureOf(thrown, { action: `ecs:${action}`, resource: `arn:*:ecs:*:*:${what}/${cluster}/*` })
  const tasksOf = (tasks: ReadonlyArray<string>) =>
    TE.tryCatch(
      async () => (await client.send(new DescribeTasksCommand({ cluster, tasks: [...tasks] }))).tasks ?? [],
      refused('DescribeTasks', 'task'),
    )
  const servicesOf = (services: ReadonlyArray<string>) =>
    TE.tryCatch(
      async () => (await client.send(new DescribeServicesCommand({ cluster, services: [...services] }))).services ?? [],
      refused('DescribeServices', 'service'),
    )
  return pipe(
    inBatches(tasksAtOnce, waitedFor, tasksOf),
    TE.bindTo('tasks'),
    TE.let('forgotten', ({ tasks }) => {
      const known = new Set<string | undefined>(tasks.map(({ taskArn }) => taskArn))
      return waitedFor.filter((arn) => !known.has(arn))
    }),
    TE.bind('services', ({ tasks }) => inBatches(servicesAtOnce, serviceNamesOf(tasks), servicesOf)),
  )
}

const inBatches = <One>(
  size: number,
  names: ReadonlyArray<string>,
  ask: (batch: ReadonlyArray<string>) => TE.TaskEither<Failure, ReadonlyArray<One>>,
): TE.TaskEither<Failure, ReadonlyArray<One>> =>
  pipe(names, RA.chunksOf(size), TE.traverseSeqArray(ask), TE.map(RA.flatten))

const serviceNamesOf = (tasks: ReadonlyArray<Task>): ReadonlyArray<string> => [
  ...new Set(tasks.flatMap((task) => serviceNameOf(task) ?? [])),
]

/** A task of a service is of the group `service:NAME` (AWS: API reference, Task). */
export const serviceNameOf = ({ group = '' }: Task): string | null => /^service:(.+)$/.exec(group)?.[1] ?? null
