/**
 * EC2 Auto Scaling: groups that keep their desired capacity, and instances from launch to their end or to the warm pool
 * (AWS: EC2 Auto Scaling user guide, ec2-auto-scaling-lifecycle).
 */
import { kindNumber } from '../trace/trace-writer.ts'
import { Lifecycle } from './codes.ts'
import type { Core } from './core.ts'
import { GROUP_RECONCILE, INSTANCE_BOOTED, INSTANCE_GONE, INSTANCE_LEAVES } from './occurrences.ts'
import { createInstance, type GroupRecord, type InstanceRecord } from './records.ts'

export interface AutoScalingListener {
  /** The instance holds for its hooks; false: there is none to hold it. */
  holds(instance: InstanceRecord): boolean
  launched(instance: InstanceRecord): void
  inService(instance: InstanceRecord): void
  /** Nothing of it runs any more. */
  hostGone(instance: InstanceRecord): void
  /** It has changed its lifecycle state. */
  changed(instance: InstanceRecord): void
  /** The host died under its lifecycle actions. */
  endActions(instance: InstanceRecord): void
}

export interface AutoScaling {
  /** An instance of second zero. */
  present(group: GroupRecord, position: number): InstanceRecord
  /** Launches what is missing to the desired capacity, after Auto Scaling's reaction time. */
  reconcile(group: GroupRecord): void
  reconcileNow(group: GroupRecord): void
  /** Chooses the instance to go; false when it is going already. */
  terminate(instance: InstanceRecord, decrementDesired: boolean, toWarmPool: boolean): boolean
  leaves(instance: InstanceRecord): void
  /** The hooks are through with it. */
  proceed(instance: InstanceRecord): void
  retain(instance: InstanceRecord): void
  booted(instance: InstanceRecord, life: number): void
  gone(instance: InstanceRecord, life: number): void
  /** `ec2:TerminateInstances`: no hook, no reaction time. */
  kill(instance: InstanceRecord): void
  returnFromWarmPool(group: GroupRecord): InstanceRecord | null
  /** Instances that count towards the desired capacity. */
  capacity(group: GroupRecord): number
}

const INSTANCE_LAUNCHED = kindNumber('instance-launched')
const INSTANCE_STATE = kindNumber('instance-state')

/** It counts, now and for as long as nobody chooses it to go. */
export const isCapacity = ({ state, leaving }: InstanceRecord): boolean =>
  !leaving && (state === Lifecycle.pending || state === Lifecycle.inService)

/** No further step is to be expected of it. */
export const hasLeft = ({ state }: InstanceRecord): boolean =>
  state === Lifecycle.terminated || state === Lifecycle.retained || state === Lifecycle.warmedStopped

export const createAutoScaling = (core: Core, listener: AutoScalingListener): AutoScaling => {
  const { settings, tell, after, instances } = core
  const reaction = settings.time('autoscaling.reaction')
  const boot = settings.time('ec2.boot')
  const shutdown = settings.time('ec2.shutdown')
  const warmStop = settings.time('warmPool.stop')

  const enter = (instance: InstanceRecord, state: number): void => {
    instance.state = state
    tell(INSTANCE_STATE, instance.number, state)
  }

  const capacity: AutoScaling['capacity'] = (group) => {
    let count = 0
    for (const instance of group.instances) if (isCapacity(instance)) count += 1
    return count
  }

  const launch = (group: GroupRecord): void => {
    const zone = emptiestZone(group)
    const instance = createInstance(instances.length, group, zone, false, core.services)
    group.launched += 1
    join(instance)
    tell(INSTANCE_STATE, instance.number, Lifecycle.pending)
    after(boot.draw(instance.number, 0), INSTANCE_BOOTED, instance.number, 0)
  }

  const present: AutoScaling['present'] = (group, position) => {
    const zone = position % group.plan.availabilityZones
    const instance = createInstance(instances.length, group, zone, true, core.services)
    join(instance)
    tell(INSTANCE_STATE, instance.number, Lifecycle.inService)
    return instance
  }

  const join = (instance: InstanceRecord): void => {
    instances.push(instance)
    instance.group.instances.push(instance)
    listener.launched(instance)
    tell(INSTANCE_LAUNCHED, instance.number, instance.group.number)
  }

  const emptiestZone = (group: GroupRecord): number => {
    const counts = new Int32Array(group.plan.availabilityZones)
    for (const instance of group.instances)
      if (isCapacity(instance)) counts[instance.zone] = (counts[instance.zone] as number) + 1
    let best = 0
    for (let zone = 1; zone < counts.length; zone += 1)
      if ((counts[zone] as number) < (counts[best] as number)) best = zone
    return best
  }

  const reconcile: AutoScaling['reconcile'] = (group) => {
    if (group.reconciling) return
    group.reconciling = true
    after(reaction.draw(group.number, group.launched + 1), GROUP_RECONCILE, group.number, 0)
  }

  const reconcileNow: AutoScaling['reconcileNow'] = (group) => {
    group.reconciling = false
    const wanted = Math.min(group.desired, group.plan.max)
    for (let count = capacity(group); count < wanted && group.launched < group.plan.launchable; count += 1)
      launch(group)
  }

  const terminate: AutoScaling['terminate'] = (instance, decrementDesired, toWarmPool) => {
    if (!isCapacity(instance)) return false
    instance.leaving = true
    instance.toWarmPool = toWarmPool
    const { group } = instance
    // A terminating instance leaves the capacity at once; its replacement does not wait for the hook.
    if (decrementDesired) group.desired -= 1
    else reconcile(group)
    after(reaction.draw(instance.number, instance.life + 1), INSTANCE_LEAVES, instance.number, instance.life)
    return true
  }

  const leaves: AutoScaling['leaves'] = (instance) => {
    if (!instance.hostAlive) return
    enter(instance, instance.toWarmPool ? Lifecycle.warmedPending : Lifecycle.terminating)
    if (listener.holds(instance)) {
      enter(instance, instance.toWarmPool ? Lifecycle.warmedPendingWait : Lifecycle.terminatingWait)
      listener.changed(instance)
    } else proceed(instance)
  }

  const proceed: AutoScaling['proceed'] = (instance) => {
    if (!instance.hostAlive) return
    enter(instance, instance.toWarmPool ? Lifecycle.warmedPendingProceed : Lifecycle.terminatingProceed)
    const delay = instance.toWarmPool ? warmStop : shutdown
    after(delay.draw(instance.number, instance.life), INSTANCE_GONE, instance.number, instance.life)
    listener.changed(instance)
  }

  const retain: AutoScaling['retain'] = (instance) => {
    enter(instance, Lifecycle.retained)
    listener.changed(instance)
  }

  const booted: AutoScaling['booted'] = (instance, life) => {
    if (instance.life !== life || instance.state !== Lifecycle.pending || !instance.hostAlive) return
    enter(instance, Lifecycle.inService)
    listener.inService(instance)
    listener.changed(instance)
  }

  const gone: AutoScaling['gone'] = (instance, life) => {
    if (instance.life !== life || !instance.hostAlive) return
    listener.hostGone(instance)
    enter(instance, instance.toWarmPool ? Lifecycle.warmedStopped : Lifecycle.terminated)
    listener.changed(instance)
  }

  const kill: AutoScaling['kill'] = (instance) => {
    if (instance.state === Lifecycle.terminated) return
    const counted = isCapacity(instance)
    instance.toWarmPool = false
    if (instance.hostAlive) listener.hostGone(instance)
    instance.leaving = true
    enter(instance, Lifecycle.terminated)
    listener.endActions(instance)
    if (counted) reconcile(instance.group)
    listener.changed(instance)
  }

  const returnFromWarmPool: AutoScaling['returnFromWarmPool'] = (group) => {
    const instance = group.instances.find(({ state }) => state === Lifecycle.warmedStopped)
    if (instance === undefined) return null
    group.desired += 1
    instance.leaving = false
    instance.toWarmPool = false
    instance.life += 1
    instance.hostAlive = true
    enter(instance, Lifecycle.pending)
    after(boot.draw(instance.number, instance.life), INSTANCE_BOOTED, instance.number, instance.life)
    listener.changed(instance)
    return instance
  }

  return {
    present,
    reconcile,
    reconcileNow,
    terminate,
    leaves,
    proceed,
    retain,
    booted,
    gone,
    kill,
    returnFromWarmPool,
    capacity,
  }
}
