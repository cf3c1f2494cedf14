/** How requests name things of ECS: clusters by name or ARN, the rest by id or ARN. */
import { clusterArn } from '../../wire/arns.ts'
import { knownInstance } from '../../world/api.ts'
import type { Session } from '../session.ts'
import { AwsError } from '../wire/aws-error.ts'

export const serviceArn = (session: Session, name: string): string => `${prefixOf(session, 'service')}${name}`

/** Throws where the cluster is not this world's. Left out it is the one called default (AWS: API reference). */
export const checkCluster = (session: Session, cluster = 'default'): void => {
  if (!isCluster(session, cluster)) throw new AwsError('ClusterNotFoundException', 'Cluster not found.')
}

export const isCluster = ({ world: { directory } }: Session, cluster: string): boolean =>
  cluster === directory.clusterName || cluster === clusterArn(directory)

/** `arn:aws:ecs:<region>:<account>:<kind>/<cluster>/` */
const prefixOf = ({ world: { directory } }: Session, kind: string): string =>
  `arn:aws:ecs:${directory.region}:${directory.account}:${kind}/${directory.clusterName}/`

/** The ARN of what is named by its id or by its ARN; the name of a service may be either, too. */
export const arnFor = (session: Session, kind: 'container-instance' | 'task' | 'service', idOrArn: string): string =>
  idOrArn.startsWith('arn:') ? idOrArn : prefixOf(session, kind) + idOrArn

/** Whose luck a request about a container instance has. */
export const containerInstanceSubject = (session: Session, idOrArn = ''): number =>
  (knownInstance(session.world, arnFor(session, 'container-instance', idOrArn))?.number ?? -1) + 1
