/**
 * What people and AWS do to the cluster, as the plan says. A replacement of a group's instances goes on in steps: each
 * change of an instance lets every unfinished happening of its group look whether it can take the next one.
 */
import type { Happening } from '../plan/plan.ts'
import { kindNumber } from '../trace/trace-writer.ts'
import { type AutoScaling, hasLeft, isCapacity } from './auto-scaling.ts'
import { ABSENT, Lifecycle } from './codes.ts'
import type { ContainerInstances } from './container-instances.ts'
import type { Core } from './core.ts'
import type { LifecycleActions } from './lifecycle-actions.ts'
import { HAPPENING, HAPPENING_TIMER } from './occurrences.ts'
import type { GroupRecord, InstanceRecord } from './records.ts'
import { type Replacement, rollGroup } from './replacements.ts'
import type { ServiceScheduler } from './service-scheduler.ts'

export interface Happenings {
  /** Puts them all in the calendar. */
  schedule(): void
  begin(index: number): void
  timer(index: number): void
  /** An instance has changed its state, or has registered. */
  look(group: GroupRecord): void
  readonly unfinished: () => number
}

export interface HappeningParts {
  readonly autoScaling: AutoScaling
  readonly actions: LifecycleActions
  readonly containerInstances: ContainerInstances
  readonly scheduler: ServiceScheduler
}

const HAPPENING_RECORD = kindNumber('happening')

type OfGroup = Extract<Happening, { readonly group: string }>

/** Ready for tasks: InService, and registered where its group registers at all. */
export const isReady = ({ state, leaving, group, containerInstance }: InstanceRecord): boolean =>
  state === Lifecycle.inService && !leaving && (containerInstance !== ABSENT || !group.plan.registers)

export const createHappenings = (core: Core, parts: HappeningParts): Happenings => {
  const { plan, tell, after, groups, services, settings } = core
  const { autoScaling, actions, containerInstances, scheduler } = parts
  const replacements: Array<Replacement | null> = plan.happenings.map(() => null)
  const groupOf = plan.happenings.map((each) => ('group' in each ? each.group : null))
  let unfinished = plan.happenings.length

  const finish = (index: number): void => {
    replacements[index] = null
    unfinished -= 1
    tell(HAPPENING_RECORD, index, 1)
  }

  const advance = (index: number): void => {
    const replacement = replacements[index]
    if (replacement === null || replacement === undefined) return
    if (replacement.advance()) finish(index)
  }

  const begin: Happenings['begin'] = (index) => {
    const happening = plan.happenings[index] as Happening
    tell(HAPPENING_RECORD, index, 0)
    if ('service' in happening) {
      const service = services.find((each) => each.plan.name === happening.service)
      if (service !== undefined) {
        if (happening.do === 'deploy') scheduler.deploy(service)
        else scheduler.setDesired(service, happening.desired)
      }
      finish(index)
      return
    }
    const group = groups.find((each) => each.plan.name === happening.group)
    if (group === undefined) finish(index)
    else beginOnGroup(index, happening, group)
  }

  const oldOf = (group: GroupRecord, position: number): InstanceRecord | null =>
    group.instances.filter(({ old }) => old)[position] ?? null

  const beginOnGroup = (index: number, happening: OfGroup, group: GroupRecord): void => {
    const wait = (replacement: Replacement): void => {
      replacements[index] = replacement
      advance(index)
    }
    const instance = 'old' in happening ? oldOf(group, happening.old) : null
    switch (happening.do) {
      case 'ami-update':
      case 'instance-refresh':
      case 'cloudformation-rolling-update':
        wait(
          rollGroup(
            happening,
            group,
            autoScaling,
            settings,
            (delay) => after(delay, HAPPENING_TIMER, index, 0),
            core.clock,
          ),
        )
        return
      case 'scale-in':
        wait(untilGone(scaleIn(group, happening.by)))
        return
      case 'scale-out':
        group.desired = Math.min(group.desired + happening.by, group.plan.max)
        autoScaling.reconcile(group)
        wait({ advance: () => hasCapacity(group) })
        return
      case 'terminate-instance': {
        const going = instance !== null && autoScaling.terminate(instance, happening.decrementDesired, false)
        wait(untilGone(going && instance !== null ? [instance] : []))
        return
      }
      case 'kill-instance':
        if (instance !== null) autoScaling.kill(instance)
        finish(index)
        return
      case 'disconnect-agent': {
        const ms = Math.round(happening.forSeconds * 1000)
        if (instance !== null) containerInstances.disconnect(instance, ms)
        const until = core.clock.now + ms
        after(ms, HAPPENING_TIMER, index, 0)
        wait({ advance: () => core.clock.now >= until })
        return
      }
      case 'delete-hook':
        actions.deleteHook(group, happening.hook)
        finish(index)
        return
      case 'set-draining':
        if (instance !== null) containerInstances.setDraining(instance)
        finish(index)
        return
      case 'return-from-warm-pool': {
        const back = autoScaling.returnFromWarmPool(group)
        wait({ advance: () => back === null || isReady(back) || !isCapacity(back) })
        return
      }
    }
  }

  const untilGone = (going: ReadonlyArray<InstanceRecord>): Replacement => ({ advance: () => going.every(hasLeft) })

  /** Everything the desired capacity asks for is there, or no more can be had. */
  const hasCapacity = (group: GroupRecord): boolean => {
    if (group.reconciling) return false
    return group.instances.every((instance) => !isCapacity(instance) || isReady(instance))
  }

  /** The default termination policy: the fullest zone, then the oldest configuration, then the oldest instance. */
  const scaleIn = (group: GroupRecord, by: number): ReadonlyArray<InstanceRecord> => {
    const chosen: InstanceRecord[] = []
    for (let count = 0; count < by && group.desired > group.plan.min; count += 1) {
      const perZone = new Int32Array(group.plan.availabilityZones)
      const candidates = group.instances.filter(isCapacity)
      for (const { zone } of candidates) perZone[zone] = (perZone[zone] as number) + 1
      let best: InstanceRecord | null = null
      for (const each of candidates) {
        const fuller = best === null ? 1 : (perZone[each.zone] as number) - (perZone[best.zone] as number)
        if (best === null || fuller > 0 || (fuller === 0 && each.configuration < best.configuration)) best = each
      }
      if (best === null) break
      autoScaling.terminate(best, true, group.plan.reuseOnScaleIn)
      chosen.push(best)
    }
    return chosen
  }

  return {
    schedule: () => {
      plan.happenings.forEach(({ atSeconds }, index) => {
        after(Math.round(atSeconds * 1000), HAPPENING, index, 0)
      })
    },
    begin,
    timer: advance,
    look: (group) => {
      for (let index = 0; index < replacements.length; index += 1) {
        if (groupOf[index] === group.plan.name) advance(index)
      }
    },
    unfinished: () => unfinished,
  }
}
