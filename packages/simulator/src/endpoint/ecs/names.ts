/** How requests name things of ECS: clusters by name or ARN, the rest by id or ARN. */
import { arnIn } from '../../plan/arn.ts'
import { clusterArn } from '../../wire/arns.ts'
import { knownInstance } from '../../world/api.ts'
import type { Session } from '../session.ts'
import { AwsError } from '../wire/aws-error.ts'

export const serviceArn = (session: Session, name: string): string => arnFor(session, 'service', name)

type Kind = 'container-instance' | 'task' | 'service'

/** Left out it is the one called default (AWS: API reference). */
const defaultCluster = 'default'

/** Throws where no cluster can be called that (github.com/awslabs/amazon-ecs-nodejs-microservices/issues/18). */
export const checkClusterName = (cluster: string): void => {
  if (!/^(arn:[^/]*:cluster\/)?[\w-]{1,255}$/.test(cluster))
    throw invalid('Cluster must match ^[a-zA-Z0-9\\-_]{1,255}$')
}

/** Throws where the cluster is not this world's. */
export const checkCluster = (session: Session, cluster = defaultCluster): void => {
  checkClusterName(cluster)
  if (!isCluster(session, cluster)) throw new AwsError('ClusterNotFoundException', 'Cluster not found.')
}

export const isCluster = ({ world: { directory } }: Session, cluster: string): boolean =>
  cluster === directory.clusterName || cluster === clusterArn(directory)

/** The ARN of what is named by its id or by its ARN; the name of a service may be either, too. */
export const arnFor = ({ world: { directory } }: Session, kind: Kind, idOrArn: string): string =>
  idOrArn.startsWith('arn:') ? idOrArn : arnIn(directory, 'ecs', `${kind}/${directory.clusterName}/${idOrArn}`)

/** Whose luck a request about a container instance has. */
export const containerInstanceSubject = (session: Session, idOrArn = ''): number =>
  (knownInstance(session.world, arnFor(session, 'container-instance', idOrArn))?.number ?? -1) + 1

/** `arn:<partition>:ecs:<region>:<account>:<kind>/<cluster>/<id>`; the oldest have no cluster. */
const arn = /^arn:[^/]*:([^:/]+)\/(?:([^/]+)\/)?([^/]+)$/

/** What ECS calls an identifier of a kind, and an id. */
const called = {
  'container-instance': { identifier: 'Container instance', id: 'instanceId' },
  task: { identifier: 'Task', id: 'taskId' },
  service: { identifier: 'Service', id: null },
} as const

/**
 * Throws where one of them can name nothing of that kind in the cluster, before anybody looks for it: ids have the length of a UUID
 * with or without its hyphens (github.com/aws/aws-cli/issues/10057), an ARN says of which kind it is and most often of which
 * cluster (github.com/aws/aws-toolkit-vscode/issues/2915).
 */
export const checkIdentifiers = (kind: Kind, idsOrArns: ReadonlyArray<string>, cluster = defaultCluster): void => {
  const asked = cluster.slice(cluster.lastIndexOf('/') + 1)
  for (const idOrArn of idsOrArns) {
    const parts = idOrArn.startsWith('arn:') ? arn.exec(idOrArn) : [idOrArn, kind, asked, idOrArn]
    if (parts?.[1] !== kind) throw invalid(`${called[kind].identifier} Identifier is invalid`)
    const [, , its = asked, id = ''] = parts
    if (its !== asked) throw invalid(`Invalid identifier: Identifier is for cluster ${its}. Your cluster is ${asked}`)
    if (called[kind].id !== null && id.length !== 32 && id.length !== 36) {
      throw invalid(`${called[kind].id} length should be one of [32,36]`)
    }
  }
}

const invalid = (message: string): AwsError => new AwsError('InvalidParameterException', message)
