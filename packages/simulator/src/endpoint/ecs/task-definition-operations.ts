/** Task definitions, as far as the plan says what a task takes: one revision for each service and each standalone family. */
import type { Span } from '../../plan/plan.ts'
import { taskDefinitionArn } from '../../wire/arns.ts'
import { operation } from '../operation.ts'
import type { Session } from '../session.ts'
import { AwsError } from '../wire/aws-error.ts'
import type { Output } from '../wire/output.ts'
import { listOf, text, word } from '../wire/shape.ts'

export const describeTaskDefinition = operation({
  name: 'DescribeTaskDefinition',
  says: 'By family, `family:1` or ARN; one container, called main.',
  input: { taskDefinition: text, include: listOf(word('TAGS')) },
  needed: ['taskDefinition'],
  answer: ({ session }, { taskDefinition, include = [] }) => {
    const family = familyIn(session, taskDefinition)
    const settings = family === undefined ? undefined : settingsOf(session, family)
    if (family === undefined || settings === undefined)
      throw new AwsError('ClientException', 'Unable to describe task definition.')
    return {
      taskDefinition: definitionOf(session, family, settings),
      ...(include.includes('TAGS') ? { tags: [] } : {}),
    }
  },
})

/** Its family, where it names the one revision; an ARN must be of this account and Region, and of a task definition. */
export const familyIn = ({ world: { directory } }: Session, taskDefinition: string): string | undefined => {
  const family = /^(?:arn:[^/]*\/)?([^:/]+)(?::1)?$/.exec(taskDefinition)?.[1]
  if (family === undefined || !taskDefinition.startsWith('arn:')) return family
  return taskDefinitionArn(directory, family).startsWith(taskDefinition) ? family : undefined
}

/** What a plan says of a task. */
interface Settings {
  readonly cpu: number
  readonly memory: number
  readonly stopTimeoutSeconds: number
  readonly hostPort: number | null
  readonly healthCheckSeconds: Span | null
  readonly awsvpc: boolean
  readonly loadBalancer: object | null
}

const settingsOf = ({ world, plan }: Session, family: string): Settings | undefined => {
  const service = plan.services.find(({ name }) => name === family)
  if (service !== undefined) return service
  const standalone = world.standalones.find((each) => each.plan.family === family)
  return (
    standalone && { ...standalone.plan, hostPort: null, healthCheckSeconds: null, awsvpc: false, loadBalancer: null }
  )
}

/** Where a load balancer finds the container: at the fixed port, or at one that ECS maps to another on the host. */
export const containerPortOf = ({ hostPort }: Pick<Settings, 'hostPort'>): number => hostPort ?? 80

const portMappingsOf = (settings: Settings): ReadonlyArray<Output> => {
  const { hostPort, awsvpc, loadBalancer } = settings
  if (hostPort === null && loadBalancer === null) return []
  const containerPort = containerPortOf(settings)
  return [{ containerPort, hostPort: hostPort ?? (awsvpc ? containerPort : 0), protocol: 'tcp' }]
}

const definitionOf = (session: Session, family: string, settings: Settings): Output => ({
  taskDefinitionArn: taskDefinitionArn(session.world.directory, family),
  containerDefinitions: [
    {
      name: 'main',
      image: 'main:latest',
      cpu: settings.cpu,
      memory: settings.memory,
      essential: true,
      portMappings: portMappingsOf(settings),
      stopTimeout: settings.stopTimeoutSeconds,
      ...(settings.healthCheckSeconds === null
        ? {}
        : {
            healthCheck: {
              command: ['CMD', 'true'],
              interval: intervalOf(settings.healthCheckSeconds),
              timeout: 5,
              retries: 3,
            },
          }),
      environment: [],
      mountPoints: [],
      volumesFrom: [],
    },
  ],
  family,
  revision: 1,
  networkMode: settings.awsvpc ? 'awsvpc' : 'bridge',
  volumes: [],
  status: 'ACTIVE',
  placementConstraints: [],
  compatibilities: ['EC2'],
  requiresCompatibilities: ['EC2'],
})

/** The first check comes when an interval has passed; 5 seconds is the least (AWS: API reference, HealthCheck). */
const intervalOf = (span: Span): number => Math.max(5, Math.ceil(typeof span === 'number' ? span : span[1]))
