/** A container instance as the API shows it. */
import { containerInstanceStates } from '../../trace/trace.ts'
import { countsOf, type SeenInstance } from '../../world/api.ts'
import type { Instance } from '../../world/state.ts'
import type { Session } from '../session.ts'
import type { Output } from '../wire/output.ts'
import { agentVersion, attributesOf } from './instance-attributes.ts'

/** What may be asked for besides. */
export type Included = 'TAGS' | 'CONTAINER_INSTANCE_HEALTH'

export const containerInstanceView = (
  session: Session,
  instance: Instance,
  { status, agentConnected }: SeenInstance,
  included: ReadonlyArray<Included>,
): Output => {
  const { world } = session
  const { cpu, memory } = instance.group.plan
  return {
    agentConnected,
    attachments: [],
    attributes: [...attributesOf(session, instance)].map(([name, value]) => ({ name, value })),
    containerInstanceArn: world.directory.containerInstanceArn(instance.number),
    ec2InstanceId: instance.id,
    ...countsOf(instance),
    registeredAt: session.dateOf(instance.registeredAt),
    registeredResources: resources(cpu, memory, reservedPorts),
    remainingResources: resources(instance.cpuFree, instance.memoryFree, [...reservedPorts, ...instance.ports]),
    status: containerInstanceStates[status],
    ...(included.includes('TAGS') ? { tags: [] } : {}),
    // No container runtime fails in this world.
    ...(included.includes('CONTAINER_INSTANCE_HEALTH') ? { healthStatus: { overallStatus: 'OK', details: [] } } : {}),
    version: instance.version,
    versionInfo: { agentHash: 'aebcbca', agentVersion, dockerVersion: 'DockerVersion: 25.0.14' },
  }
}

/** Ports of SSH, Docker and the agent itself (AWS: API reference, RegisterContainerInstance). */
const reservedPorts: ReadonlyArray<number> = [22, 2375, 2376, 51678, 51679]

const resources = (cpu: number, memory: number, ports: ReadonlyArray<number>): ReadonlyArray<Output> => [
  { name: 'CPU', type: 'INTEGER', doubleValue: 0, longValue: 0, integerValue: cpu },
  { name: 'MEMORY', type: 'INTEGER', doubleValue: 0, longValue: 0, integerValue: memory },
  {
    name: 'PORTS',
    type: 'STRINGSET',
    doubleValue: 0,
    longValue: 0,
    integerValue: 0,
    stringSetValue: ports.map(String),
  },
  { name: 'PORTS_UDP', type: 'STRINGSET', doubleValue: 0, longValue: 0, integerValue: 0, stringSetValue: [] },
]
