/**
 * Small worlds in which somebody disturbs a drain. What that does depends on what the drain waits for just then, and a small world in
 * calm weather is past that moment long before the storm is. So the storm's own moment is not kept: each pause of the drain is tried.
 */
import { contradictionsIn } from '../plan/contradictions.ts'
import type { FaultPlan, Happening, Plan } from '../plan/plan.ts'
import { oneDrain, silenceOf } from './small-worlds.ts'

/** In which seconds the drains of a world pause, in order. */
export type PausesOf = (world: Plan) => ReadonlyArray<number>

/** Of a drain that cannot end there are pauses without end: its first ones and its last are tried. */
const firstPauses = 3
const lastPauses = 3

/** As long before the termination is tried as well, in seconds: an agent that loses its state has registered its host again by then. */
const before = 40

/** Whom a disturbance concerns is told of it by a message, and in a storm that is lost or late: alone it may do nothing. */
const silences: ReadonlyArray<FaultPlan['lose']> = [[], silenceOf('agent-disconnected'), silenceOf('task-stopped')]

/** One host drains, and one of these disturbances befalls it, of each kind the first. */
export function* disturbedDrains(
  plan: Plan,
  disturbances: ReadonlyArray<Happening>,
  pausesOf: PausesOf,
): Iterable<Plan> {
  if (disturbances.length === 0) return
  const worlds = oneDrain(plan).map((world) => ({ world, pauses: pausesOf(world) }))
  // The drain that is over soonest first: its runs are short.
  worlds.sort((one, other) => one.pauses.length - other.pauses.length)
  for (const lose of silences) {
    for (const { world, pauses } of worlds) {
      for (const disturbance of firstOfEach(disturbances)) {
        for (const atSeconds of momentsOf(world, pauses)) {
          const happenings = [...world.happenings, { ...here(disturbance, world), atSeconds }]
          const disturbed = { ...world, happenings, faults: { ...world.faults, lose } }
          // Of a daemon nobody can set the desired count.
          if (contradictionsIn(disturbed).length === 0) yield disturbed
        }
      }
    }
  }
}

const firstOfEach = (happenings: ReadonlyArray<Happening>): ReadonlyArray<Happening> =>
  happenings.filter((happening, index) => happenings.findIndex((each) => each.do === happening.do) === index)

const momentsOf = (world: Plan, pauses: ReadonlyArray<number>): ReadonlyArray<number> => {
  const begins = Math.min(...world.happenings.map(({ atSeconds }) => atSeconds))
  const last = pauses.slice(firstPauses).slice(-lastPauses)
  return [...pauses.slice(0, firstPauses), ...last, Math.max(0, begins - before)]
}

/** The same in a world of one host and one service. */
const here = (happening: Happening, { groups, services }: Plan): Happening => ({
  ...happening,
  ...('group' in happening ? { group: groups[0]?.name ?? happening.group } : {}),
  ...('old' in happening ? { old: 0 } : {}),
  ...('service' in happening ? { service: services[0]?.name ?? happening.service } : {}),
})
