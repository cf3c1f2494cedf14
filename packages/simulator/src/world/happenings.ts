/**
 * What people and AWS do to the cluster. A happening that takes several steps looks at the group now and then, as the
 * services of AWS do, and does its next step when the one before has had its effect.
 */
import { ceilingOf, floorOf } from '../plan/limits.ts'
import type { Happening } from '../plan/plan.ts'
import {
  ABSENT,
  ACTIVE,
  DRAINING,
  HAPPENING,
  IN_SERVICE,
  PENDING_LIFECYCLE,
  TERMINATED,
  TERMINATING_PROCEED,
  WARMED_STOPPED,
} from '../trace/kind-numbers.ts'
import { bringIn, inServiceOf, launchesLeft, returnFromWarmPool } from './auto-scaling/groups.ts'
import { reactSoon } from './auto-scaling/groups-wake.ts'
import { deleteHook, isRetained, kill, terminate } from './auto-scaling/lifecycle.ts'
import { drawn } from './chance.ts'
import { disconnectAgent, registerAgain, updateState } from './ecs/container-instances.ts'
import { protectTasks } from './ecs/protection.ts'
import { schedulePass } from './ecs/scheduler-wake.ts'
import { leaveAfterDeployment } from './ecs/tasks.ts'
import { isHost, latestRecord } from './instance.ts'
import { HAPPENING_STEP } from './occurrences.ts'
import { record } from './record.ts'
import type { Group, HappeningState, Instance, Service, World } from './state.ts'

type Of<Do extends Happening['do']> = Extract<Happening, { readonly do: Do }>

export const yetToBegin = (): HappeningState => ({
  begun: false,
  finished: false,
  failed: false,
  picked: [],
  surplus: 0,
  raisedBy: 0,
  pausedUntil: 0,
})

export const happeningBegins = (world: World, index: number): void => {
  const happening = world.plan.happenings[index] as Happening
  const state = world.happenings[index] as HappeningState
  if (happening.do === 'return-from-warm-pool' && mayStillCome(world, happening.group)) return again(world, index)
  state.begun = true
  record(world, HAPPENING, index, 0)
  if (begin(world, index, happening, state)) finish(world, index)
  else again(world, index)
}

/** Nobody is in its warm pool yet, and somebody is on the way there, or will be. */
const mayStillCome = (world: World, name: string): boolean => {
  const { instances } = groupOf(world, name)
  if (instances.some(({ state }) => state === WARMED_STOPPED)) return false
  if (instances.some((each) => each.toWarmPool && isLeaving(each))) return true
  return world.plan.happenings.some(
    (each, index) => each.do === 'scale-in' && each.group === name && world.happenings[index]?.finished === false,
  )
}

/** True when that is all there is to it. */
const begin = (world: World, index: number, happening: Happening, state: HappeningState): boolean => {
  switch (happening.do) {
    case 'ami-update': {
      const group = groupOf(world, happening.group)
      markOld(group)
      // Where the group has grown since the plan was written, not all of the new ones have room beside the old.
      state.surplus = Math.max(0, Math.min(inServiceOf(group).length, group.plan.max - group.desired))
      group.desired += state.surplus
      // What is not to be had now the update waits for in vain.
      bringIn(world, group, state.surplus)
      return false
    }
    case 'instance-refresh':
    case 'cloudformation-rolling-update':
      markOld(groupOf(world, happening.group))
      return false
    case 'scale-in':
      resize(world, groupOf(world, happening.group), -happening.by)
      return false
    case 'scale-out':
      resize(world, groupOf(world, happening.group), happening.by)
      return false
    case 'return-from-warm-pool': {
      const group = groupOf(world, happening.group)
      if (wantedOf(world, group) >= group.plan.max || !returnFromWarmPool(world, group)) return true
      group.desired += 1
      return false
    }
    case 'change-policy':
      world.policyChange = index
      return true
    case 'deploy':
      deploy(world, serviceOf(world, happening.service))
      return true
    case 'set-desired-count':
      setDesiredCount(world, serviceOf(world, happening.service), happening.desired)
      return true
    case 'update-task-protection': {
      const { service, tasks, expiresInMinutes } = happening
      protectTasks(world, serviceOf(world, service), tasks, expiresInMinutes * 60_000)
      return true
    }
    case 'delete-hook':
      deleteHook(world, groupOf(world, happening.group), happening.hook)
      return true
    default:
      befall(world, happening)
      return true
  }
}

const deploy = (world: World, service: Service): void => {
  service.deployment += 1
  // It ends the throttle as well (AWS: service-throttle-logic).
  service.startsFrom = 0
  service.backoffTimes = 1
  leaveAfterDeployment(service)
  schedulePass(world, service)
}

const setDesiredCount = (world: World, service: Service, desired: number): void => {
  service.desired = desired
  service.floor = floorOf(service.plan, desired)
  service.ceiling = ceilingOf(service.plan, desired)
  schedulePass(world, service)
}

/** What is done to one instance of second zero. */
const befall = (world: World, happening: Extract<Happening, { readonly old: number }>): void => {
  const instance = oldInstance(world, happening.group, happening.old)
  if (instance === null) return
  switch (happening.do) {
    case 'terminate-instance':
      return terminateOne(world, instance, happening.decrementDesired)
    case 'kill-instance':
      return kill(world, instance)
    case 'disconnect-agent':
      return disconnectAgent(world, latestRecord(instance), happening.forSeconds * 1000)
    case 're-register-agent':
      return registerAgain(world, instance)
    case 'set-draining':
    case 'set-active':
      if (instance.alive)
        updateState(world, latestRecord(instance), happening.do === 'set-draining' ? DRAINING : ACTIVE)
  }
}

/** Of one that goes already, or at the group's min, Auto Scaling refuses it. */
const terminateOne = (world: World, instance: Instance, decrementDesired: boolean): void => {
  const { group } = instance
  if (isRetained(instance)) return terminate(world, instance)
  if (instance.state !== IN_SERVICE || (decrementDesired && wantedOf(world, group) <= group.min)) return
  if (decrementDesired) group.desired -= 1
  terminate(world, instance)
  reactSoon(world, group)
}

export const happeningStep = (world: World, index: number): void => {
  const happening = world.plan.happenings[index] as Happening
  const state = world.happenings[index] as HappeningState
  if (state.finished) return
  if (!state.begun) return happeningBegins(world, index)
  if (stepOf(world, happening, state)) finish(world, index)
  else again(world, index)
}

/** One look; true when nothing is left to do. */
const stepOf = (world: World, happening: Happening, state: HappeningState): boolean => {
  switch (happening.do) {
    case 'ami-update':
      return stepAmiUpdate(world, happening, state)
    case 'instance-refresh':
      return stepInstanceRefresh(world, happening, state)
    case 'cloudformation-rolling-update':
      return stepRollingUpdate(world, happening, state)
    case 'scale-in':
    case 'scale-out':
    case 'return-from-warm-pool':
      return isQuiet(groupOf(world, happening.group))
    default:
      return true
  }
}

/**
 * New hosts first, as many as there are old ones; the old ones go when all of these are ready, a batch at a time. Where not all have
 * room beside the old, the group is whole again before more go.
 */
const stepAmiUpdate = (world: World, { group: name, batch }: Of<'ami-update'>, state: HappeningState): boolean => {
  const group = groupOf(world, name)
  if (someLeave(state.picked)) return false
  const inService = inServiceOf(group)
  const old = inService.filter((each) => each.old)
  if (state.picked.length === 0 || (state.surplus === 0 && old.length > 0)) {
    if (lacksForGood(group)) return giveUp(world, group, state)
    const isWhole = inService.length >= group.desired && inService.every(isRegistered)
    if (!isWhole || !group.instances.every(isReady)) return false
  }
  if (old.length === 0 && state.surplus > 0) {
    giveSurplusBack(group, state)
    reactSoon(world, group)
    return false
  }
  if (old.length === 0) return isQuiet(group)
  for (const instance of old.slice(0, batch)) {
    state.picked.push(instance)
    // Only what it has added is taken away again: what somebody else's update launched meanwhile, the group launches anew.
    if (state.surplus > 0) {
      state.surplus -= 1
      group.desired -= 1
    } else reactSoon(world, group)
    terminate(world, instance)
  }
  return false
}

const isReady = ({ old, state }: Instance): boolean => old || state !== PENDING_LIFECYCLE

const isRegistered = ({ group, status, state }: Instance): boolean =>
  !group.plan.registers || state !== IN_SERVICE || status !== ABSENT

/**
 * Between the healthy minimum and maximum: as many go as the minimum allows, and as many come as the maximum does. With
 * MaxHealthyPercentage given and no room in between, a new instance comes first; with it omitted, old ones go while new ones come
 * (AWS: API reference, RefreshPreferences).
 */
const stepInstanceRefresh = (world: World, happening: Of<'instance-refresh'>, state: HappeningState): boolean => {
  const { minHealthyPercentage, maxHealthyPercentage, instanceWarmupSeconds } = happening
  const group = groupOf(world, happening.group)
  const inService = inServiceOf(group)
  const old = inService.filter((each) => each.old)
  const isWarm = (each: Instance): boolean =>
    each.old || world.now >= each.inServiceSince + instanceWarmupSeconds * 1000
  if (group.instances.some((each) => each.state === PENDING_LIFECYCLE) || !inService.every(isWarm)) return false
  // What was asked for is not there yet: nothing more goes until it is.
  if (lacksForGood(group)) return giveUp(world, group, state)
  if (inService.length < group.desired) return false
  if (world.settings['refresh.waitsForHook'].from === 1 && someLeave(state.picked)) return false
  const desired = group.desired - state.surplus
  const least = Math.ceil((desired * minHealthyPercentage) / 100)
  const most = Math.floor((desired * (maxHealthyPercentage ?? 100)) / 100)
  const comesFirst =
    maxHealthyPercentage !== null ||
    (minHealthyPercentage === 100 && world.settings['refresh.launchesFirstAtMinimum100'].from === 1)
  const above = comesFirst ? Math.max(most - desired, least >= desired ? 1 : 0) : 0
  const goes = old.slice(0, Math.max(inService.length - least, comesFirst ? 0 : 1))
  const surplus = Math.min(above, old.length - goes.length)
  if (old.length === 0 && surplus === state.surplus) return true
  group.desired += surplus - state.surplus
  state.surplus = surplus
  for (const instance of goes) {
    state.picked.push(instance)
    terminate(world, instance)
  }
  reactSoon(world, group)
  return false
}

/**
 * CloudFormation's AutoScalingRollingUpdate terminates a batch and waits for what replaces it. Where a batch would leave less than
 * MinInstancesInService, it first raises MinSize and DesiredCapacity for a while; with the last batches it takes that back
 * (seen in github.com/guardian/testing-asg-rolling-update, observations).
 */
const stepRollingUpdate = (
  world: World,
  happening: Of<'cloudformation-rolling-update'>,
  state: HappeningState,
): boolean => {
  const { minInstancesInService, maxBatchSize, pauseSeconds } = happening
  const group = groupOf(world, happening.group)
  const inService = inServiceOf(group)
  const old = inService.filter((each) => each.old)
  const isComing = group.instances.some((each) => each.state === PENDING_LIFECYCLE) || !inService.every(isRegistered)
  if (lacksForGood(group)) return giveUp(world, group, state)
  if (isComing || inService.length < group.desired) {
    state.pausedUntil = world.now + pauseSeconds * 1000
    return false
  }
  if (world.settings['rollingUpdate.waitsForHook'].from === 1 && someLeave(state.picked)) return false
  if (world.now < state.pausedUntil) return false
  if (old.length === 0) {
    if (state.raisedBy > 0) {
      lower(group, state, state.raisedBy)
      reactSoon(world, group)
    }
    return isQuiet(group)
  }
  const batch = Math.min(maxBatchSize, old.length)
  const missing = Math.min(group.plan.max, batch + minInstancesInService) - group.desired
  if (missing > 0) {
    raise(group, state, missing)
    reactSoon(world, group)
    return false
  }
  const goes = old.slice(0, Math.min(batch, inService.length - minInstancesInService))
  const lacks = group.desired - state.raisedBy - (inService.length - old.length)
  // What there is of new ones already is not launched again: ShouldDecrementDesiredCapacity.
  lower(group, state, Math.max(0, Math.min(state.raisedBy, goes.length - lacks)))
  for (const instance of goes) {
    state.picked.push(instance)
    terminate(world, instance)
  }
  reactSoon(world, group)
  return false
}

/** Nobody can scale the group in meanwhile. */
const raise = (group: Group, state: HappeningState, by: number): void => {
  group.desired += by
  group.min = group.desired
  state.raisedBy += by
}

/** MinSize is itself again before the first that is not replaced goes. */
const lower = (group: Group, state: HappeningState, by: number): void => {
  if (by === 0) return
  group.desired -= by
  group.min = group.plan.min
  state.raisedBy -= by
}

/** It has fewer instances than it should have, and will get no more. */
const lacksForGood = (group: Group): boolean =>
  launchesLeft(group) <= 0 && !group.instances.some(mayCome) && inServiceOf(group).length < group.desired

/** It is on its way into service, or to the warm pool, or in it. */
const mayCome = (instance: Instance): boolean =>
  instance.state === PENDING_LIFECYCLE || (instance.toWarmPool && !isRetained(instance))

/** An update whose new instances do not come fails (after an hour, or a timeout of the template), and nothing more goes because of it. */
const giveUp = (world: World, group: Group, state: HappeningState): true => {
  state.failed = true
  giveSurplusBack(group, state)
  lower(group, state, state.raisedBy)
  reactSoon(world, group)
  return true
}

/** Capacity that it had added for a while. */
const giveSurplusBack = (group: Group, state: HappeningState): void => {
  group.desired -= state.surplus
  state.surplus = 0
}

/** Its desired capacity without what updates have added for a while, and will take away again. */
export const wantedOf = (world: World, group: Group): number => {
  let wanted = group.desired
  world.happenings.forEach(({ surplus }, index) => {
    const happening = world.plan.happenings[index] as Happening
    if ('group' in happening && happening.group === group.plan.name) wanted -= surplus
  })
  return wanted
}

/** Within the group's own bounds. */
const resize = (world: World, group: Group, by: number): void => {
  const { max } = group.plan
  const wanted = wantedOf(world, group)
  const to = by < 0 ? Math.min(wanted, Math.max(group.min, wanted + by)) : Math.max(wanted, Math.min(max, wanted + by))
  group.desired += to - wanted
  reactSoon(world, group)
}

const again = (world: World, index: number): void => {
  const takes = Math.max(250, drawn(world, world.settings['autoscaling.reaction'], index))
  world.queue.schedule(world.now + takes, HAPPENING_STEP, index)
}

const finish = (world: World, index: number): void => {
  const state = world.happenings[index] as HappeningState
  state.finished = true
  world.unfinishedHappenings -= 1
  record(world, HAPPENING, index, 1)
}

const markOld = (group: Group): void => {
  for (const instance of group.instances) instance.old = true
}

const isLeaving = (instance: Instance): boolean =>
  instance.state !== IN_SERVICE &&
  instance.state !== TERMINATED &&
  instance.state !== WARMED_STOPPED &&
  !isRetained(instance)

/** The last that were picked are the likeliest. */
const someLeave = (picked: ReadonlyArray<Instance>): boolean => {
  for (let at = picked.length - 1; at >= 0; at -= 1) if (isLeaving(picked[at] as Instance)) return true
  return false
}

/** Every instance has come to rest. */
export const isQuiet = (group: Group): boolean =>
  group.instances.every(
    (each) =>
      (each.state === IN_SERVICE && each.alive && isRegistered(each)) ||
      isRetained(each) ||
      each.state === WARMED_STOPPED,
  )

const groupOf = (world: World, name: string): Group => world.groups.find(({ plan }) => plan.name === name) as Group

const serviceOf = (world: World, name: string): Service =>
  world.services.find(({ plan }) => plan.name === name) as Service

/** The instance of second zero at that position of the group; null once no hook can hold it any more. */
const oldInstance = (world: World, name: string, position: number): Instance | null => {
  const group = groupOf(world, name)
  let seen = -1
  for (const instance of world.instances) {
    if (instance.group !== group || !isHost(instance)) continue
    seen += 1
    if (seen === position)
      return instance.state === TERMINATING_PROCEED || instance.state === TERMINATED ? null : instance
  }
  return null
}
