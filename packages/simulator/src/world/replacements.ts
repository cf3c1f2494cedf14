/** The three ways in which all instances of a group are replaced by new ones, each as a machine that takes steps. */
import type { Happening } from '../plan/plan.ts'
import { type AutoScaling, hasLeft, isCapacity } from './auto-scaling.ts'
import { ABSENT, Lifecycle } from './codes.ts'
import type { GroupRecord, InstanceRecord } from './records.ts'
import type { Settings } from './settings.ts'

export interface Replacement {
  /** Takes the step that can be taken; true when nothing is left to do. */
  advance(): boolean
}

type Of<Do extends Happening['do']> = Extract<Happening, { readonly do: Do }>
type Roll = Of<'ami-update'> | Of<'instance-refresh'> | Of<'cloudformation-rolling-update'>

const isInService = ({ state, leaving }: InstanceRecord): boolean => state === Lifecycle.inService && !leaving

const isRegistered = ({ group, containerInstance }: InstanceRecord): boolean =>
  containerInstance !== ABSENT || !group.plan.registers

export const rollGroup = (
  happening: Roll,
  group: GroupRecord,
  autoScaling: AutoScaling,
  settings: Settings,
  wakeIn: (delay: number) => void,
  clock: { readonly now: number },
): Replacement => {
  const targets = group.instances.filter(isCapacity)
  group.configuration += 1
  const roll: Rolling = {
    group,
    autoScaling,
    targets,
    configuration: group.configuration,
    normal: group.desired,
    wakeIn,
    clock,
    going: [],
    quietUntil: 0,
    counted: 0,
  }
  switch (happening.do) {
    case 'ami-update':
      return amiUpdate(roll, happening.batch)
    case 'instance-refresh':
      return instanceRefresh(roll, happening, settings.count('refresh.waitsForHook') === 1)
    case 'cloudformation-rolling-update':
      return rollingUpdate(roll, happening, settings.count('rollingUpdate.waitsForHook') === 1)
  }
}

/** What the three have in common. */
interface Rolling {
  readonly group: GroupRecord
  readonly autoScaling: AutoScaling
  /** The instances to be replaced. */
  readonly targets: ReadonlyArray<InstanceRecord>
  /** Everything launched from here on has this configuration. */
  readonly configuration: number
  /** The desired capacity before, and after. */
  readonly normal: number
  readonly wakeIn: (delay: number) => void
  readonly clock: { readonly now: number }
  /** The instances of the present batch. */
  going: ReadonlyArray<InstanceRecord>
  /** A pause or warmup: no step before this. */
  quietUntil: number
  /** New instances that have had their pause. */
  counted: number
}

const left = ({ targets }: Rolling): ReadonlyArray<InstanceRecord> => targets.filter(isCapacity)

const launchedBy = ({ group, configuration }: Rolling): ReadonlyArray<InstanceRecord> =>
  group.instances.filter((instance) => instance.configuration >= configuration && isCapacity(instance))

/** All that the group wants is InService, or cannot be had. */
const isFull = ({ group, autoScaling }: Rolling): boolean => {
  if (group.reconciling) return false
  if (!group.instances.every((instance) => !isCapacity(instance) || isInService(instance))) return false
  return (
    autoScaling.capacity(group) >= Math.min(group.desired, group.plan.max) || group.launched >= group.plan.launchable
  )
}

/** Terminates up to `count` of what is left; those above the normal capacity are not replaced. */
const terminate = (roll: Rolling, count: number): void => {
  roll.going = left(roll).slice(0, Math.max(1, count))
  for (const instance of roll.going) {
    roll.autoScaling.terminate(instance, roll.group.desired > roll.normal, false)
  }
}

/** Whether a pause of `ms` has passed since the newest of the new instances came into service. */
const hasRested = (roll: Rolling, ms: number): boolean => {
  const inService = launchedBy(roll).filter(isInService).length
  if (inService > roll.counted) {
    roll.counted = inService
    roll.quietUntil = roll.clock.now + ms
    if (ms > 0) roll.wakeIn(ms)
  }
  return roll.clock.now >= roll.quietUntil
}

const amiUpdate = (roll: Rolling, batch: number): Replacement => {
  const { group, autoScaling, targets } = roll
  let launching = true
  group.desired = Math.min(group.desired + targets.length, group.plan.max)
  autoScaling.reconcile(group)
  return {
    advance: () => {
      if (launching) {
        if (!isFull(roll) || !launchedBy(roll).every(isRegistered)) return false
        launching = false
      }
      if (!roll.going.every(hasLeft)) return false
      if (left(roll).length === 0) return targets.every((target) => hasLeft(target) || !target.leaving)
      terminate(roll, batch)
      return false
    },
  }
}

/**
 * MaxHealthyPercentage left out: termination and launch at the same time. Given: launch first, as many as the percentage
 * allows and at least one where otherwise no step were possible (AWS: API, RefreshPreferences).
 */
const instanceRefresh = (roll: Rolling, happening: Of<'instance-refresh'>, waitsForHook: boolean): Replacement => {
  const { group, autoScaling, normal } = roll
  const { minHealthyPercentage, maxHealthyPercentage } = happening
  const warmupMs = Math.round(happening.instanceWarmupSeconds * 1000)
  const below = Math.max(0, normal - Math.ceil((normal * minHealthyPercentage) / 100))
  const allowed = maxHealthyPercentage === null ? 0 : Math.floor((normal * maxHealthyPercentage) / 100) - normal
  const above = maxHealthyPercentage !== null && below === 0 ? Math.max(1, allowed) : allowed
  let launchedFirst = false
  return {
    advance: () => {
      if (!isFull(roll) || !hasRested(roll, warmupMs)) return false
      if (waitsForHook && !roll.going.every(hasLeft)) return false
      const remaining = left(roll).length
      if (remaining === 0) return roll.targets.every((target) => hasLeft(target) || !waitsForHook)
      if (above > 0 && !launchedFirst) {
        launchedFirst = true
        group.desired = normal + Math.min(above, remaining)
        autoScaling.reconcile(group)
        return false
      }
      launchedFirst = false
      terminate(roll, above > 0 ? Math.min(above, remaining) : below)
      return false
    },
  }
}

/**
 * Never launches first, unless MinInstancesInService leaves no instance to take away: then the capacity is raised for as
 * long as the update lasts (AWS: CloudFormation, UpdatePolicy attribute; the raising is inferred).
 */
const rollingUpdate = (
  roll: Rolling,
  happening: Of<'cloudformation-rolling-update'>,
  waitsForHook: boolean,
): Replacement => {
  const { group, autoScaling, normal } = roll
  const pauseMs = Math.round(happening.pauseSeconds * 1000)
  const spare = normal - happening.minInstancesInService
  if (spare <= 0 && normal > 0) {
    group.desired = Math.min(normal + Math.min(happening.maxBatchSize, 1 - spare), group.plan.max)
    autoScaling.reconcile(group)
  }
  return {
    advance: () => {
      if (!isFull(roll) || !hasRested(roll, pauseMs)) return false
      if (waitsForHook && !roll.going.every(hasLeft)) return false
      const remaining = left(roll).length
      if (remaining === 0) return true
      const inService = group.instances.filter(isInService).length
      const batch = Math.min(happening.maxBatchSize, remaining, inService - happening.minInstancesInService)
      const last = batch >= remaining
      roll.going = left(roll).slice(0, Math.max(1, batch))
      // The capacity stays raised until the last batch, which is not replaced as far as it was raised.
      for (const instance of roll.going) autoScaling.terminate(instance, last && group.desired > normal, false)
      return false
    },
  }
}
