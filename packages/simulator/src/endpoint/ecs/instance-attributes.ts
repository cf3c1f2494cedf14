/** Attributes that ECS gives container instances by itself (AWS: ECS developer guide, task-placement-constraints). */
import type { Instance } from '../../world/state.ts'
import type { Session } from '../session.ts'

export const agentVersion = '1.105.1'

export const zoneName = ({ world: { directory } }: Session, zone: number): string =>
  `${directory.region}${'abcdef'[zone] ?? 'a'}`

/** The AMI by its number in the group: 1 at second zero, one more with each update. */
export const amiId = (session: Session, { number, group }: Instance): string =>
  `ami-0${group.number.toString(16).padStart(8, '0')}${session.diary.amiOf(number).toString(16).padStart(8, '0')}`

/** Nothing in the world depends on it. */
export const instanceType = 'm7g.large'

export const attributesOf = (session: Session, instance: Instance): ReadonlyMap<string, string | undefined> =>
  new Map<string, string | undefined>([
    ['ecs.ami-id', amiId(session, instance)],
    ['ecs.availability-zone', zoneName(session, instance.zone)],
    ['ecs.cpu-architecture', 'arm64'],
    ['ecs.instance-type', instanceType],
    ['ecs.os-type', 'linux'],
    ['com.amazonaws.ecs.capability.ecr-auth', undefined],
  ])
