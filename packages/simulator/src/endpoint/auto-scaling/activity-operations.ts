/** The operation of Auto Scaling on scaling activities. */
import { TERMINATING_WAIT, WARMED_PENDING_WAIT } from '../../trace/kind-numbers.ts'
import type { Instance } from '../../world/state.ts'
import { zoneName } from '../ecs/instance-attributes.ts'
import { operation } from '../operation.ts'
import { pageOf } from '../page-token.ts'
import type { Session } from '../session.ts'
import type { Output } from '../wire/output.ts'
import { flag, integer, listOf, text } from '../wire/shape.ts'
import type { Activity } from './activities.ts'
import { groupName, groupNamed } from './names.ts'

/** More than there ever are: those that have ended come after those that have not. */
const many = 2 ** 32

export const describeScalingActivities = operation({
  name: 'DescribeScalingActivities',
  says: 'Launches and terminations, those in progress first, then the newest. A cause is told in a few words, and nothing fails.',
  input: {
    ActivityIds: listOf(text, 50),
    AutoScalingGroupName: groupName,
    IncludeDeletedGroups: flag,
    MaxRecords: integer(1, 100),
    NextToken: text,
  },
  errors: ['InvalidNextToken'],
  answer: ({ session }, { ActivityIds = [], AutoScalingGroupName, MaxRecords = 100, NextToken }) => {
    const group = AutoScalingGroupName === undefined ? undefined : groupNamed(session, AutoScalingGroupName)
    const isAsked = (activity: Activity): boolean =>
      (group === undefined || instanceOf(session, activity).group === group) &&
      (ActivityIds.length === 0 || ActivityIds.includes(activityId(activity)))
    const rank = ({ number, endedAt }: Activity): number => (endedAt === undefined ? 0 : many) - number
    const asked = session.activities.all.filter(isAsked).sort((one, other) => rank(one) - rank(other))
    const page = pageOf(asked, rank, {
      list: JSON.stringify(['DescribeScalingActivities', AutoScalingGroupName, ActivityIds]),
      token: NextToken,
      size: MaxRecords,
      refusal: 'InvalidNextToken',
    })
    return { Activities: page.items.map((activity) => activityView(session, activity)), NextToken: page.nextToken }
  },
})

const instanceOf = ({ world }: Session, { instance }: Activity): Instance => world.instances[instance] as Instance

const activityId = ({ number }: Activity): string => `5b5f1c1e-3c3c-4a8e-9d0a-${number.toString(16).padStart(12, '0')}`

export const activityView = (session: Session, activity: Activity): Output => {
  const instance = instanceOf(session, activity)
  const { does, startedAt, endedAt } = activity
  const began = session.dateOf(startedAt)
  return {
    ActivityId: activityId(activity),
    AutoScalingGroupName: instance.group.plan.name,
    Description: `${does === 'launch' ? 'Launching a new' : 'Terminating'} EC2 instance: ${instance.id}`,
    Cause: `At ${inSeconds(began)} instance ${instance.id} was ${does === 'launch' ? 'launched' : 'taken out of service'}.`,
    StartTime: began,
    EndTime: endedAt === undefined ? undefined : session.dateOf(endedAt),
    ...progressOf(instance, activity),
    Details: JSON.stringify({ 'Availability Zone': zoneName(session, instance.zone) }),
  }
}

/** A moment within a text has no fraction (github.com/brendanhay/amazonka/pull/667). */
export const inSeconds = (at: Date): string => at.toISOString().replace(/\.\d+/, '')

/** In a hook's hands it has a code that the API reference does not list. */
const progressOf = ({ state }: Instance, { endedAt }: Activity): Output => {
  if (endedAt !== undefined) return { StatusCode: 'Successful', Progress: 100 }
  const isHeld = state === TERMINATING_WAIT || state === WARMED_PENDING_WAIT
  return isHeld
    ? { StatusCode: 'MidTerminatingLifecycleAction', Progress: 60 }
    : { StatusCode: 'InProgress', Progress: 50 }
}
