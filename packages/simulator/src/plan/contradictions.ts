/**
 * What no codec of a single value can see: values of a plan that contradict each other. Bounds are AWS's own, so a plan
 * without contradictions is one that AWS would take; and what could never come to anything is no plan that somebody means.
 */
import { contradictionsInTime } from './contradictions-in-time.ts'
import type { GroupPlan, Happening, Plan, PolicyOverrides, ServicePlan } from './plan.ts'
import { hintAt, type Problem } from './strict-codecs.ts'

type Path = ReadonlyArray<string | number>

/** All contradictions of a plan, in the order of the document. */
export const contradictionsIn = (plan: Plan): ReadonlyArray<Problem> => [
  ...plan.groups.flatMap((group, index) => inGroup(group, ['groups', index])),
  ...sameNames(plan.groups, ['groups']),
  ...plan.services.flatMap((service, index) => [
    ...inService(service, ['services', index]),
    ...withoutRoom(service, plan.groups, ['services', index]),
  ]),
  ...sameNames(plan.services, ['services']),
  ...plan.standaloneTasks.flatMap((tasks, index) => [
    ...tooLate(tasks.startsAtSeconds, plan, ['standaloneTasks', index, 'startsAtSeconds']),
    ...withoutRoom(tasks, plan.groups, ['standaloneTasks', index]),
  ]),
  ...plan.happenings.flatMap((happening, index) => [
    ...tooLate(happening.atSeconds, plan, ['happenings', index, 'atSeconds']),
    ...inHappening(happening, plan, ['happenings', index]),
    ...contradictionsInTime(plan, index),
  ]),
  ...inPolicy(plan.controller.policy, ['controller', 'policy']),
]

const inGroup = ({ min, desired, max, hooks }: GroupPlan, path: Path): ReadonlyArray<Problem> => [
  ...(min > max
    ? [{ path: [...path, 'min'], message: `expected at most the group's max (${max}), got ${min}` }]
    : betweenBounds(desired, min, max, path)),
  ...sameNames(hooks, [...path, 'hooks']),
]

const betweenBounds = (desired: number, min: number, max: number, path: Path): ReadonlyArray<Problem> => [
  ...when(desired < min, [...path, 'desired'], `expected at least the group's min (${min}), got ${desired}`),
  ...when(desired > max, [...path, 'desired'], `expected at most the group's max (${max}), got ${desired}`),
]

const inService = (service: ServicePlan, path: Path): ReadonlyArray<Problem> => {
  const { schedulingStrategy, minimumHealthyPercent: min, maximumPercent: max, hostPort, awsvpc } = service
  const rebalances = service.availabilityZoneRebalancing === 'ENABLED'
  const rebalancing = [...path, 'availabilityZoneRebalancing']
  const ports = when(
    hostPort !== null && awsvpc,
    [...path, 'hostPort'],
    'expected null with awsvpc, whose tasks have an address of their own',
  )
  if (schedulingStrategy === 'DAEMON') {
    return [
      ...when(
        max !== 100,
        [...path, 'maximumPercent'],
        `expected 100, which AWS requires of a DAEMON service, got ${max}`,
      ),
      ...when(min > 100, [...path, 'minimumHealthyPercent'], `expected at most 100 for a DAEMON service, got ${min}`),
      ...when(rebalances, rebalancing, 'expected DISABLED for a DAEMON service, which AWS does not rebalance'),
      ...ports,
    ]
  }
  return [
    ...when(max < 100, [...path, 'maximumPercent'], `expected at least 100, as AWS does, got ${max}`),
    ...when(
      max >= 100 && max < min,
      [...path, 'maximumPercent'],
      `expected at least the service's minimumHealthyPercent (${min}), got ${max}`,
    ),
    ...when(
      rebalances && max === 100,
      rebalancing,
      'expected DISABLED with a maximumPercent of 100, with which AWS does not rebalance',
    ),
    ...ports,
  ]
}

/** A task goes nowhere that fits on no instance. */
const withoutRoom = (
  { cpu, memory }: Pick<ServicePlan, 'cpu' | 'memory'>,
  groups: ReadonlyArray<GroupPlan>,
  path: Path,
): ReadonlyArray<Problem> => {
  const hosts = groups.filter(({ registers, max }) => registers && max > 0)
  if (hosts.length === 0) {
    return [{ path, message: 'expected a group whose instances register with the cluster: there is none to run on' }]
  }
  const sizes = hosts.map((host) => `${host.name}: cpu ${host.cpu}, memory ${host.memory}`).join('; ')
  return when(
    !hosts.some((host) => cpu <= host.cpu && memory <= host.memory),
    [...path, hosts.every((host) => cpu > host.cpu) ? 'cpu' : 'memory'],
    `expected a task that fits on an instance (${sizes}), got cpu ${cpu}, memory ${memory}`,
  )
}

/** A run that is over by then does not come to it. */
const tooLate = (seconds: number, { untilSeconds }: Plan, path: Path): ReadonlyArray<Problem> =>
  when(seconds > untilSeconds, path, `expected at most the plan's untilSeconds (${untilSeconds}), got ${seconds}`)

/** As core's own `contradictionsOf` says of a whole policy. */
const inPolicy = ({ retry }: PolicyOverrides, path: Path): ReadonlyArray<Problem> => {
  const { first, most } = retry ?? { first: 1, most: 1 }
  return when(most < first, [...path, 'retry', 'most'], `expected at least the first wait (${first}), got ${most}`)
}

/** What contradicts the groups and services of the plan, whenever it happens. */
export const inHappening = (happening: Happening, plan: Plan, path: Path): ReadonlyArray<Problem> => {
  if ('service' in happening) {
    const problem = unknownName('service', happening.service, plan.services, [...path, 'service'])
    return problem === null ? onService(happening, plan, path) : [problem]
  }
  if (happening.do === 'change-policy') return inPolicy(happening.policy, [...path, 'policy'])
  const group = plan.groups.find(({ name }) => name === happening.group)
  if (group === undefined) {
    const problem = unknownName('group', happening.group, plan.groups, [...path, 'group'])
    return problem === null ? [] : [problem]
  }
  return onGroup(happening, group, path)
}

const onService = (
  happening: Extract<Happening, { readonly service: string }>,
  { services }: Plan,
  path: Path,
): ReadonlyArray<Problem> => {
  const isDaemon = services.find(({ name }) => name === happening.service)?.schedulingStrategy === 'DAEMON'
  const daemon = `expected a REPLICA service: ${happening.service} is a DAEMON`
  return [
    ...when(
      isDaemon && happening.do === 'update-task-protection',
      [...path, 'service'],
      `${daemon}, and no source says what protects its tasks from what`,
    ),
    ...when(
      isDaemon && happening.do === 'set-desired-count',
      [...path, 'service'],
      `${daemon}, which has one task on each instance`,
    ),
  ]
}

type GroupHappening = Extract<Happening, { readonly group: string }>

const onGroup = (happening: GroupHappening, group: GroupPlan, path: Path): ReadonlyArray<Problem> => {
  if ('old' in happening) {
    const most = group.desired - 1
    return [
      ...when(
        !group.registers && ofContainerInstances.has(happening.do),
        [...path, 'group'],
        `expected a group whose instances register with the cluster: ${group.name} has no container instances`,
      ),
      ...when(
        happening.old > most,
        [...path, 'old'],
        most < 0
          ? `the group ${group.name} begins without instances`
          : `expected an instance of second zero of ${group.name}, 0 to ${most}, got ${happening.old}`,
      ),
    ]
  }
  switch (happening.do) {
    case 'delete-hook': {
      const problem = unknownName('hook', happening.hook, group.hooks, [...path, 'hook'], `the group ${group.name}`)
      return problem === null ? [] : [problem]
    }
    case 'ami-update':
      return when(
        group.max < 2 * group.desired,
        [...path, 'do'],
        `expected a group with room for as many new instances as old ones: max at least ${2 * group.desired}, got ${group.max}`,
      )
    case 'instance-refresh': {
      const { minHealthyPercentage: min, maxHealthyPercentage: max } = happening
      return when(
        max !== null && max - min > 100,
        [...path, 'maxHealthyPercentage'],
        `expected at most 100 more than minHealthyPercentage (${min}), as AWS does, got ${max}`,
      )
    }
    case 'cloudformation-rolling-update':
      return when(
        happening.minInstancesInService >= group.max,
        [...path, 'minInstancesInService'],
        `expected less than the group's max (${group.max}), as AWS does, got ${happening.minInstancesInService}`,
      )
    case 'scale-in':
    case 'scale-out':
      return when(
        happening.by > group.max - group.min,
        [...path, 'by'],
        `expected at most what the group's max (${group.max}) is above its min (${group.min}), got ${happening.by}`,
      )
    case 'return-from-warm-pool':
      return when(
        !group.reuseOnScaleIn,
        [...path, 'group'],
        `expected a group with reuseOnScaleIn: nothing of ${group.name} goes to a warm pool`,
      )
  }
}

/** Happenings to ECS's record of an instance, or to the agent on it. */
const ofContainerInstances: ReadonlySet<Happening['do']> = new Set([
  'set-draining',
  'set-active',
  'disconnect-agent',
  're-register-agent',
])

const when = (isWrong: boolean, path: Path, message: string): ReadonlyArray<Problem> =>
  isWrong ? [{ path, message }] : []

const sameNames = (named: ReadonlyArray<{ readonly name: string }>, path: Path): ReadonlyArray<Problem> =>
  named.flatMap(({ name }, index) => {
    const first = named.findIndex((each) => each.name === name)
    return when(first !== index, [...path, index, 'name'], `expected a name of its own, "${name}" is taken`)
  })

const unknownName = (
  what: string,
  wanted: string,
  named: ReadonlyArray<{ readonly name: string }>,
  path: Path,
  within = 'the plan',
): Problem | null => {
  const names = [...new Set(named.map(({ name }) => name))]
  if (names.includes(wanted)) return null
  const known = names.length === 0 ? `${within} has no ${what}` : `expected one of ${names.join(', ')}`
  const hint = names.length < 2 ? '' : hintAt(wanted, names)
  return { path, message: `there is no ${what} "${wanted}": ${known}${hint}` }
}
