/** How requests name things of Auto Scaling, and the ids that nothing in the world depends on. */
import type { Group, Instance } from '../../world/state.ts'
import { zoneName } from '../ecs/instance-attributes.ts'
import type { Session } from '../session.ts'
import { AwsError } from '../wire/aws-error.ts'
import type { Output } from '../wire/output.ts'
import { textOf } from '../wire/shape.ts'

// Lengths and letters are those of the API's model (AWS: API reference).
export const groupName = textOf(1, 255)
export const hookName = textOf(1, 255, /^[A-Za-z0-9\-_/]+$/)
export const instanceId = textOf(1, 19)
export const actionToken = textOf(36, 36)

/** Throws AwsError for a group that is not there. */
export const groupNamed = ({ world }: Session, name: string): Group => {
  const group = world.groups.find(({ plan }) => plan.name === name)
  if (group === undefined) throw new AwsError('ValidationError', 'AutoScalingGroup name not found')
  return group
}

/** The group's launch template; its version counts updates. */
export const launchTemplate = (session: Session, { number, group }: Instance): Output => ({
  LaunchTemplateId: `lt-0${group.number.toString(16).padStart(16, '0')}`,
  LaunchTemplateName: group.plan.name,
  Version: String(session.diary.amiOf(number)),
})

export const zonesOf = (session: Session, { plan }: Group): ReadonlyArray<string> =>
  Array.from({ length: plan.availabilityZones }, (_, zone) => zoneName(session, zone))
