/** A group keeps its desired capacity: it launches what is missing and terminates what is too much. */
import { ABSENT, IN_SERVICE, INSTANCE_LAUNCHED, PENDING_LIFECYCLE, WARMED_STOPPED } from '../../trace/kind-numbers.ts'
import { sendLaunch } from '../bus.ts'
import { occursAfter } from '../chance.ts'
import { deathNoticed, setAgent } from '../ecs/container-instances.ts'
import { createInstance, latestRecord } from '../instance.ts'
import { instanceIdOf } from '../names.ts'
import { INSTANCE_BOOTED, INSTANCE_REGISTERS } from '../occurrences.ts'
import { record } from '../record.ts'
import type { Group, Instance, World } from '../state.ts'
import { reactSoon } from './groups-wake.ts'
import { setState, terminate } from './lifecycle.ts'

/** A new instance, Pending; `booted` for those of second zero. */
export const launch = (world: World, group: Group, booted = false): Instance => {
  const number = world.instances.length
  const id = instanceIdOf(world.plan.seed, number)
  const instance = createInstance({ number, group, id, zone: emptiestZone(group), old: booted, host: null })
  world.instances.push(instance)
  world.cast.instances.push({ id, group: group.number, old: booted })
  group.instances.push(instance)
  group.records.push(instance)
  record(world, INSTANCE_LAUNCHED, number, group.number)
  setState(world, instance, booted ? IN_SERVICE : PENDING_LIFECYCLE)
  if (!booted) {
    group.launched += 1
    occursAfter(world, world.settings['ec2.boot'], INSTANCE_BOOTED, number)
  }
  return instance
}

/** Those on their way out, retained or in the warm pool are no part of its capacity, and so none of its balance. */
const emptiestZone = (group: Group): number => {
  const counts = new Array<number>(group.plan.availabilityZones).fill(0)
  for (const { zone, state } of group.instances) {
    if (state === IN_SERVICE || state === PENDING_LIFECYCLE) counts[zone] = (counts[zone] ?? 0) + 1
  }
  return counts.indexOf(Math.min(...counts))
}

export const instanceBooted = (world: World, instance: Instance): void => {
  if (instance.state !== PENDING_LIFECYCLE) return
  instance.inServiceSince = world.now
  setState(world, instance, IN_SERVICE)
  if (instance.fromWarmPool) sendLaunch(world, instance)
  if (instance.group.plan.registers) {
    const registration =
      latestRecord(instance).status === ABSENT ? world.settings['agent.registration'] : world.settings['agent.report']
    occursAfter(world, registration, INSTANCE_REGISTERS, instance.number)
  }
  reactSoon(world, instance.group)
}

export const groupReacts = (world: World, group: Group): void => {
  group.reacting = false
  const inService = inServiceOf(group)
  const coming = group.instances.filter(({ state }) => state === PENDING_LIFECYCLE)
  bringIn(world, group, group.desired - inService.length - coming.length)
  for (const instance of victims(inService, inService.length - group.desired)) {
    terminate(world, instance, group.plan.reuseOnScaleIn)
  }
}

export const inServiceOf = ({ instances }: Group): ReadonlyArray<Instance> =>
  instances.filter(({ state }) => state === IN_SERVICE)

/**
 * The default termination policy as far as these worlds know it: the zone with most instances, then the oldest configuration (AWS:
 * ec2-auto-scaling-termination-policies), which is that of those launched first.
 */
const victims = (inService: ReadonlyArray<Instance>, count: number): ReadonlyArray<Instance> => {
  const left = [...inService]
  const chosen: Array<Instance> = []
  while (chosen.length < count) {
    const crowd = (one: Instance): number => left.filter(({ zone }) => zone === one.zone).length
    let worst = left[0] as Instance
    for (const one of left) if (crowd(one) > crowd(worst)) worst = one
    left.splice(left.indexOf(worst), 1)
    chosen.push(worst)
  }
  return chosen
}

/**
 * So many instances, or as many as are to be had: from the warm pool while somebody is in it, then new ones (AWS: Auto Scaling
 * user guide, ec2-auto-scaling-warm-pools).
 */
export const bringIn = (world: World, group: Group, count: number): void => {
  for (let left = count; left > 0; left -= 1) {
    if (returnFromWarmPool(world, group)) continue
    if (launchesLeft(group) <= 0) return
    launch(world, group)
  }
}

export const launchesLeft = ({ plan, launched }: Group): number => plan.launchable - launched

/** Out of the warm pool: the same id, the same container instance, still DRAINING. False: nobody is in it. */
export const returnFromWarmPool = (world: World, group: Group): boolean => {
  const pooled = group.instances.find(({ state }) => state === WARMED_STOPPED)
  if (pooled === undefined) return false
  // At the latest an agent that starts anew tells that what it ran is gone.
  if (pooled.records.some(({ tasks }) => tasks.length > 0)) deathNoticed(world, pooled)
  for (const each of pooled.records) each.alive = true
  pooled.toWarmPool = false
  setAgent(world, latestRecord(pooled), false)
  pooled.fromWarmPool = true
  setState(world, pooled, PENDING_LIFECYCLE)
  occursAfter(world, world.settings['ec2.boot'], INSTANCE_BOOTED, pooled.number)
  return true
}
