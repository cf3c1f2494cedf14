/**
 * Happenings that come to nothing because of what happens before them, or of what does not. Only what the plan alone decides is told:
 * that an update is still under way when the next one begins is mostly seen in the run.
 */
import { ceilingOf } from './limits.ts'
import type { Happening, Plan } from './plan.ts'
import type { Problem } from './strict-codecs.ts'

type OnGroup = Extract<Happening, { readonly group: string }>
type Refresh = Extract<Happening, { readonly do: 'instance-refresh' }>
type Protection = Extract<Happening, { readonly do: 'update-task-protection' }>

/** What is wrong with the happening of that index in the course of the plan. */
export const contradictionsInTime = (plan: Plan, index: number): ReadonlyArray<Problem> => {
  const happening = plan.happenings[index]
  const problem = happening === undefined ? null : problemOf(plan, happening, index)
  return problem === null ? [] : [{ ...problem, path: ['happenings', index, ...problem.path] }]
}

const problemOf = (plan: Plan, happening: Happening, index: number): Problem | null => {
  switch (happening.do) {
    case 'instance-refresh':
      return ofNothing(plan, happening) ?? whileAnother(plan, happening, index)
    case 'ami-update':
    case 'cloudformation-rolling-update':
    case 'scale-in':
      return ofNothing(plan, happening)
    case 'update-task-protection':
      return ofMoreThanThereAre(plan, happening)
    default:
      return null
  }
}

/** A group that begins without instances has none until it is scaled out. */
const ofNothing = ({ groups, happenings }: Plan, { group: name, atSeconds }: OnGroup): Problem | null => {
  const group = groups.find((each) => each.name === name)
  const grows = happenings.some((each) => each.do === 'scale-out' && each.group === name && each.atSeconds < atSeconds)
  if (group === undefined || group.desired > 0 || grows) return null
  return { path: ['group'], message: `expected a group that has instances by then: ${name} begins without any` }
}

/** A new instance takes a second at least to be in service; then the refresh waits for its warmup. */
const leastSeconds = ({ instanceWarmupSeconds }: Refresh): number => 1 + instanceWarmupSeconds

/** Auto Scaling refuses it with InstanceRefreshInProgress (AWS: API reference, StartInstanceRefresh). */
const whileAnother = ({ happenings }: Plan, refresh: Refresh, index: number): Problem | null => {
  const { group, atSeconds } = refresh
  const isUnderWay = happenings.some((each, other) => {
    if (each.do !== 'instance-refresh' || each.group !== group) return false
    const isBefore = each.atSeconds < atSeconds || (each.atSeconds === atSeconds && other < index)
    return isBefore && atSeconds < each.atSeconds + leastSeconds(each)
  })
  if (!isUnderWay) return null
  return {
    path: ['atSeconds'],
    message: `expected a second by which the instance refresh of ${group} before it can be over, got ${atSeconds}`,
  }
}

/** It may have most tasks while it is deployed. */
const ofMoreThanThereAre = (plan: Plan, { service: name, tasks }: Protection): Problem | null => {
  const service = plan.services.find((each) => each.name === name)
  if (service === undefined) return null
  const counts = plan.happenings.flatMap((each) =>
    each.do === 'set-desired-count' && each.service === name ? [each.desired] : [],
  )
  const desired = Math.max(service.desired, ...counts)
  const most = Math.max(desired, ceilingOf(service, desired))
  if (tasks <= most) return null
  return { path: ['tasks'], message: `expected at most as many tasks as ${name} may ever have (${most}), got ${tasks}` }
}
