/** How an EC2 instance begins, and a further container instance of one. */
import { ABSENT, PENDING_LIFECYCLE } from '../trace/kind-numbers.ts'
import type { Instance } from './state.ts'

type Beginning = Pick<Instance, 'number' | 'group' | 'id' | 'zone' | 'old'> & { readonly host: Instance | null }

export const createInstance = ({ number, group, id, zone, old, host }: Beginning): Instance => {
  const instance: { -readonly [Key in keyof Instance]: Instance[Key] } = {
    number,
    // Its own, which does not exist yet.
    host: host as Instance,
    records: host === null ? [] : host.records,
    group,
    id,
    zone,
    old,
    state: PENDING_LIFECYCLE,
    alive: true,
    status: ABSENT,
    agentConnected: false,
    version: 1,
    registeredAt: 0,
    shownStatus: ABSENT,
    shownAgentConnected: false,
    seenFrom: 0,
    visibleFrom: 0,
    cpuFree: group.plan.cpu,
    memoryFree: group.plan.memory,
    ports: new Set(),
    tasks: [],
    placed: [],
    actions: [],
    toWarmPool: false,
    fromWarmPool: false,
    disconnection: 0,
    inServiceSince: 0,
  }
  if (host === null) instance.host = instance
  instance.records.push(instance)
  return instance
}

/** The container instance as which its agent is connected, or will be. */
export const latestRecord = ({ records }: Instance): Instance => records[records.length - 1] as Instance

/** Whether it is an EC2 instance, and not a further container instance of one. */
export const isHost = (instance: Instance): boolean => instance.host === instance
