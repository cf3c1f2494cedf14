/**
 * Which instances have room for one more task of a service. A scheduler asks nearly every time it passes, so the answer is kept and,
 * at the next question, put right for the instances that have changed: that costs the same in a large cluster.
 */
import type { ServicePlan } from '../../plan/plan.ts'
import { ACTIVE } from '../../trace/kind-numbers.ts'
import type { Candidates, Instance, Level, Service, World } from '../state.ts'

/** Only a registered, ACTIVE instance with a connected agent takes tasks. */
export const isEligible = ({ status, agentConnected }: Instance): boolean => status === ACTIVE && agentConnected

/** Whether an instance has room for one more task of the service. */
export const takes = (instance: Instance, { plan, daemons }: Service): boolean =>
  isEligible(instance) &&
  hasFree(instance, daemons, plan, 'cpu') &&
  hasFree(instance, daemons, plan, 'memory') &&
  (plan.hostPort === null || isPortFree(instance, daemons, plan.hostPort))

const isPortFree = (instance: Instance, daemons: ReadonlyArray<Service>, port: number): boolean =>
  !instance.ports.has(port) && !daemons.some((each) => each.plan.hostPort === port && isMissing(each, instance))

/** Whether so much is left beside what it keeps for daemons that it has not got yet. */
export const hasFree = (
  instance: Instance,
  daemons: ReadonlyArray<Service>,
  wanted: Pick<ServicePlan, 'cpu' | 'memory'>,
  what: 'cpu' | 'memory',
): boolean => {
  const free = what === 'cpu' ? instance.cpuFree : instance.memoryFree
  return free - kept(instance, daemons, what) >= wanted[what]
}

/** What an instance keeps for daemons that it has not got yet (AWS: ecs_service-options). */
const kept = (instance: Instance, daemons: ReadonlyArray<Service>, what: 'cpu' | 'memory'): number => {
  let sum = 0
  for (const daemon of daemons) if (isMissing(daemon, instance)) sum += daemon.plan[what]
  return sum
}

/** The daemon belongs on the instance, and is not there. One that is too big for it never will be. */
export const isMissing = ({ plan, perInstance }: Service, { number, group }: Instance): boolean =>
  (perInstance[number] ?? 0) === 0 && plan.cpu <= group.plan.cpu && plan.memory <= group.plan.memory

/**
 * To be called when something has changed that `takes` looks at, and when there is another number of a service's tasks. At second zero
 * nobody has asked yet.
 */
export const capacityChanged = (world: World, instance: Instance): void => {
  world.changed.push(instance)
}

export const createCandidates = (): Candidates => ({ zones: [], levels: [], moves: [], seen: -1 })

/** Each level in the order of the ranks; what the last pass did to them is undone. Never in the middle of a pass. */
export const freshCandidates = (world: World, service: Service): Candidates => {
  const { candidates } = service
  const { changed } = world
  undoMoves(candidates)
  // Where more has changed than there is, a look at all of them is quicker.
  if (candidates.seen === -1 || changed.length - candidates.seen > world.instances.length) rebuild(world, service)
  else for (let at = candidates.seen; at < changed.length; at += 1) update(service, changed[at] as Instance)
  candidates.seen = changed.length
  return candidates
}

/** The order of the groups, and in a group that of launch, as one number: lists of numbers are quick to search and to move. */
export const rankOf = ({ group, number }: Instance): number => (group.number << numberBits) | number

const numberBits = 20
const numberMask = (1 << numberBits) - 1

const rebuild = ({ groups }: World, service: Service): void => {
  const { zones, levels } = service.candidates
  for (const zone of zones) for (const level of zone) level.count = 0
  levels.fill(-1)
  for (const { records } of groups) for (const instance of records) update(service, instance)
}

const update = (service: Service, instance: Instance): void => {
  const { candidates, perInstance } = service
  const { levels } = candidates
  const number = takes(instance, service) ? (perInstance[instance.number] ?? 0) : -1
  const before = levels[instance.number] ?? -1
  if (number === before) return
  while (levels.length <= instance.number) levels.push(-1)
  levels[instance.number] = number
  if (before !== -1) remove(levelOf(candidates, instance, before), rankOf(instance))
  if (number !== -1) insert(levelOf(candidates, instance, number), rankOf(instance))
}

const levelOf = ({ zones }: Candidates, { zone: zoneNumber }: Instance, number: number): Level => {
  while (zones.length <= zoneNumber) zones.push([])
  const zone = zones[zoneNumber] as Array<Level>
  while (zone.length <= number) zone.push({ ranks: new Int32Array(8), count: 0 })
  return zone[number] as Level
}

const insert = (level: Level, rank: number): void => {
  const at = positionIn(level, rank)
  makeRoom(level)
  // Most belong at the end, where there is nothing to move.
  if (at < level.count) level.ranks.copyWithin(at + 1, at, level.count)
  level.ranks[at] = rank
  level.count += 1
}

const remove = (level: Level, rank: number): void => {
  const at = positionIn(level, rank)
  level.ranks.copyWithin(at, at + 1, level.count)
  level.count -= 1
}

/** Where it is, or belongs. */
const positionIn = ({ ranks, count }: Level, rank: number): number => {
  let from = 0
  let to = count
  while (from < to) {
    const middle = (from + to) >>> 1
    if ((ranks[middle] as number) < rank) from = middle + 1
    else to = middle
  }
  return from
}

const makeRoom = (level: Level): void => {
  if (level.count < level.ranks.length) return
  const wide = new Int32Array(2 * level.ranks.length)
  wide.set(level.ranks)
  level.ranks = wide
}

/** For this pass: the last of the level takes the place of the one that is chosen. */
export const takeOut = (world: World, { moves }: Candidates, level: Level, index: number): Instance => {
  const { ranks } = level
  const rank = ranks[index] as number
  level.count -= 1
  ranks[index] = ranks[level.count] as number
  moves.push({ level, index, rank })
  return world.instances[rank & numberMask] as Instance
}

/** For this pass: one that was chosen is a candidate again, the last of its level. */
export const putBack = (service: Service, instance: Instance): void => {
  const { candidates, perInstance } = service
  const level = levelOf(candidates, instance, perInstance[instance.number] ?? 0)
  const rank = rankOf(instance)
  makeRoom(level)
  level.ranks[level.count] = rank
  level.count += 1
  candidates.moves.push({ level, index: -1, rank })
}

const undoMoves = ({ moves }: Candidates): void => {
  for (let move = moves.pop(); move !== undefined; move = moves.pop()) {
    const { level, index, rank } = move
    if (index === -1) level.count -= 1
    else {
      level.ranks[level.count] = level.ranks[index] as number
      level.ranks[index] = rank
      level.count += 1
    }
  }
}
