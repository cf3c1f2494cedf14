/** What a failing plan may do without: faults, groups, happenings and so on; and of what is left, how many. */

import type { GroupPlan, Happening, Plan, ServicePlan } from '../plan/plan.ts'
import { faultSites } from '../trace/trace.ts'
import { longEnough } from './storm-plan.ts'

/** A plan that breaks the promise, without what came after the witness. */
export interface Failing {
  readonly plan: Plan
  readonly witness: string
  /** Faults drawn by chance that struck, in order; those that the plan puts somewhere are not among them. */
  readonly struck: ReadonlyArray<number>
  /** Their classes: indices into `faultSites`. */
  readonly sites: ReadonlySet<number>
}

/** Things in a plan of which some may be left out. */
export interface Part<Item = unknown> {
  readonly of: (failing: Failing) => ReadonlyArray<Item>
  readonly keep: (plan: Plan, some: ReadonlyArray<Item>) => Plan
}

const siteNumber = (name: string): number => faultSites.indexOf(name as (typeof faultSites)[number])

/** Classes of faults. One that struck nobody is left out with the first that is. */
const byClass: Part<string> = {
  of: ({ plan, sites }) => Object.keys(plan.faults.perMille).filter((name) => sites.has(siteNumber(name))),
  keep: (plan, some) => ({ ...plan, faults: { ...plan.faults, perMille: only(plan.faults.perMille, some) } }),
}

/** Faults that struck by chance, by their ids. */
const struck: Part<number> = { of: (failing) => failing.struck, keep: (plan, some) => withStruck(plan, some) }

const part = <Name extends 'groups' | 'happenings' | 'services' | 'standaloneTasks'>(
  name: Name,
  keep: (plan: Plan, some: Plan[Name]) => Plan = (plan, some) => ({ ...plan, [name]: some }),
): Part<Plan[Name][number]> => ({
  of: ({ plan }) => plan[name],
  keep: (plan, some) => withTime(keep(plan, some as Plan[Name])),
})

const parts = [
  byClass,
  struck,
  {
    of: ({ plan }: Failing) => plan.faults.lose,
    keep: (plan: Plan, lose: Plan['faults']['lose']) => ({ ...plan, faults: { ...plan.faults, lose } }),
  },
  {
    of: ({ plan }: Failing) => plan.faults.script ?? [],
    keep: (plan: Plan, script: NonNullable<Plan['faults']['script']>) => ({
      ...plan,
      faults: { ...plan.faults, script },
    }),
  },
  part('groups', (plan, groups) => withGroups(plan, groups)),
  part('happenings'),
  part('services', (plan, services) => withServices(plan, services)),
  part('standaloneTasks'),
  {
    of: ({ plan }: Failing) => Object.keys(plan.parameters),
    keep: (plan: Plan, names: ReadonlyArray<string>) => ({ ...plan, parameters: only(plan.parameters, names) }),
  },
]

export const classes = byClass as Part

/** What happens beside the replacements. */
export const disturbances: Part<Happening> = {
  of: ({ plan }) => plan.happenings.filter(isDisturbance),
  keep: (plan, some) => ({
    ...plan,
    happenings: plan.happenings.filter((happening) => !isDisturbance(happening) || some.includes(happening)),
  }),
}

/** All of them, in the order in which they save most. Each is given back only what it said itself that there is. */
export const allParts = parts as ReadonlyArray<Part>

/** Fewer instances in a group, no hook of others, fewer tasks in a service, the shortest of each delay. */
export const fewerOf = ({ groups, services, parameters }: Plan): ReadonlyArray<(plan: Plan) => Plan> => [
  ...groups.flatMap(({ name, desired, hooks }) => [
    ...fewerThan(desired).map((size) => (plan: Plan) => withTime(withDesired(plan, name, size))),
    ...(hooks.length > 1 ? [(plan: Plan) => withTime(withOurHooks(plan, name))] : []),
  ]),
  ...services.flatMap(({ name, desired }) =>
    fewerThan(desired).map((size) => (plan: Plan) => withTime(withTasks(plan, name, size))),
  ),
  ...Object.entries(parameters).flatMap(([name, span]) =>
    typeof span === 'object'
      ? [(plan: Plan): Plan => ({ ...plan, parameters: { ...plan.parameters, [name]: span[0] } })]
      : [],
  ),
]

/** Whether messages that are lost or late are among what it needs. */
export const newsIsLate = ({ sites }: Failing): boolean =>
  (['bus.drop', 'bus.delay', 'bus.reorder'] as const).some((name) => sites.has(siteNumber(name)))

const isDisturbance = (happening: Happening): boolean => !replacements.has(happening.do)

const replacements: ReadonlySet<Happening['do']> = new Set([
  'ami-update',
  'instance-refresh',
  'cloudformation-rolling-update',
  'scale-in',
  'terminate-instance',
  'return-from-warm-pool',
])

const fewerThan = (count: number): ReadonlyArray<number> =>
  [...new Set([count - 1, Math.floor(count / 2), 1])].filter((fewer) => fewer >= 1 && fewer < count)

/** Another world takes another time until it breaks the promise. */
const withTime = (plan: Plan): Plan => ({
  ...plan,
  untilSeconds: Math.min(longEnough(plan.groups), 2 * plan.untilSeconds),
})

const only = <Value>(all: Readonly<Record<string, Value>>, names: ReadonlyArray<string>): Record<string, Value> =>
  Object.fromEntries(Object.entries(all).filter(([name]) => names.includes(name)))

/** Of the faults that chance has, only these. */
export const withStruck = (plan: Plan, ids: ReadonlyArray<number>): Plan =>
  Object.keys(plan.faults.perMille).length === 0 ? plan : { ...plan, faults: { ...plan.faults, only: ids } }

export const withoutFaults = (plan: Plan): Plan => ({ ...plan, faults: { ...plan.faults, perMille: {}, only: null } })

export const withGroups = (plan: Plan, groups: ReadonlyArray<GroupPlan>): Plan => ({
  ...plan,
  groups,
  happenings: plan.happenings.filter(
    (happening) => !('group' in happening) || groups.some(({ name }) => name === happening.group),
  ),
})

export const withServices = (plan: Plan, services: ReadonlyArray<ServicePlan>): Plan => ({
  ...plan,
  services,
  happenings: plan.happenings.filter(
    (happening) => !('service' in happening) || services.some(({ name }) => name === happening.service),
  ),
})

export const withDesired = (plan: Plan, group: string, desired: number): Plan => ({
  ...plan,
  groups: plan.groups.map((each) => (each.name === group ? { ...each, desired } : each)),
  happenings: plan.happenings.map((happening) => within(happening, group, desired)),
})

const withTasks = (plan: Plan, service: string, desired: number): Plan => ({
  ...plan,
  services: plan.services.map((each) => (each.name === service ? { ...each, desired } : each)),
})

const withOurHooks = (plan: Plan, group: string): Plan => ({
  ...plan,
  groups: plan.groups.map((each) =>
    each.name === group ? { ...each, hooks: each.hooks.filter(({ owner }) => owner === 'controller') } : each,
  ),
})

/** A happening that still makes sense in a group of that size. */
const within = (happening: Happening, group: string, size: number): Happening => {
  if (!('group' in happening) || happening.group !== group) return happening
  if ('old' in happening) return { ...happening, old: Math.min(happening.old, size - 1) }
  return happening.do === 'scale-in' ? { ...happening, by: Math.min(happening.by, size) } : happening
}
