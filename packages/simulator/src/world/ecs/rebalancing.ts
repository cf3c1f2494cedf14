/**
 * Availability Zone rebalancing (AWS: ECS developer guide, service-rebalancing). A service at rest that is uneven over the
 * zones gets one task more in an emptier zone; when that is healthy, one of the fullest zone stops; and so on until it is even.
 */
import { occursAfter } from '../chance.ts'
import { REBALANCES } from '../occurrences.ts'
import type { Service, Task, World } from '../state.ts'
import { takes as hasRoomFor } from './candidates.ts'
import { isProtected } from './protection.ts'
import { schedulePass } from './scheduler-wake.ts'
import { occupying } from './services.ts'
import { stopTask } from './tasks.ts'

/** Before a pass: what came in between, or took the room, ends a move that has not begun to help. */
export const reviewMove = (world: World, service: Service): void => {
  if (service.moving === 0) return
  const isPlaced = service.wanted > service.desired
  if (service.leaving.length > 0 || (!isPlaced && !isUneven(world, service))) service.moving = 0
}

/** After a pass: goes on with a move, or decides that there should be one soon. */
export const balanceZones = (world: World, service: Service): void => {
  if (service.plan.availabilityZoneRebalancing !== 'ENABLED') return
  if (service.moving > 0) endMove(world, service)
  const isDue = service.moving > 0 || service.moveScheduled || (isAtRest(service) && isUneven(world, service))
  if (!isDue) return
  service.steady = false
  // Where all who could move are protected, the pass at the end of their protection asks again.
  if (service.moving === 0 && !service.moveScheduled && canMove(world, service)) scheduleMove(world, service)
}

const scheduleMove = (world: World, service: Service): void => {
  service.moveScheduled = true
  occursAfter(world, world.settings['rebalancing.reaction'], REBALANCES, service.number)
}

/** The time has come; whether there still is something to balance is asked again. */
export const moveBegins = (world: World, service: Service): void => {
  service.moveScheduled = false
  if (isAtRest(service) && isUneven(world, service) && canMove(world, service)) service.moving = 1
  schedulePass(world, service)
}

const endMove = (world: World, service: Service): void => {
  const { healthy, wanted, desired, moving, floor } = service
  if (wanted !== desired + moving || healthy !== wanted || healthy <= floor) return
  service.moving = 0
  const leaves = nextToMove(world, service)
  // All protected by now: the next pass takes the task back that is too many.
  if (leaves === undefined) schedulePass(world, service)
  else stopTask(world, leaves)
}

/** All tasks there, healthy, and none on its way out. */
const isAtRest = ({ leaving, wanted, healthy, desired, tasks }: Service): boolean =>
  leaving.length === 0 && wanted === desired && healthy === desired && tasks.size === desired

/** One task from the fullest zone to a zone with room would help, and neither floor nor ceiling is in the way. */
const isUneven = (world: World, service: Service): boolean => {
  const { ceiling, desired, floor, perZone } = service
  if (occupying(world, service) >= ceiling || desired + 1 <= floor) return false
  const few = (perZone[fullestZone(service)] as number) - 2
  return world.groups.some(({ records }) =>
    records.some((each) => (perZone[each.zone] as number) <= few && hasRoomFor(each, service)),
  )
}

const fullestZone = ({ perZone }: Service): number => perZone.indexOf(Math.max(...perZone))

const canMove = (world: World, service: Service): boolean => nextToMove(world, service) !== undefined

/** Protected tasks are not moved (AWS: same page). */
const nextToMove = (world: World, service: Service): Task | undefined => {
  const zone = fullestZone(service)
  return [...service.tasks].find(
    (task) => task.instance.zone === zone && !task.desiredStopped && !isProtected(world, task),
  )
}
