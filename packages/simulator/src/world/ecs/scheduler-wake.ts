/** When the service scheduler looks again. It never reacts at once (AWS states no figure; `scheduler.reaction`). */
import { occursAfter } from '../chance.ts'
import { SCHEDULER_PASS } from '../occurrences.ts'
import type { Instance, Service, World } from '../state.ts'

export const schedulePass = (world: World, service: Service): void => {
  service.steady = false
  if (service.passScheduled) return
  service.passScheduled = true
  occursAfter(world, world.settings['scheduler.reaction'], SCHEDULER_PASS, service.number)
}

/** Capacity came, went, or moved: every service may have something to do. */
export const allServicesMayMove = (world: World): void => {
  for (const service of world.services) schedulePass(world, service)
}

/** A task on the instance has stopped: its daemons may be next, and services that are rebalanced may have room in this zone. */
export const servicesMayMove = (world: World, instance: Instance): void => {
  for (const service of world.services) {
    const isDaemon =
      service.plan.schedulingStrategy === 'DAEMON' && instance.tasks.some((task) => task.service === service)
    const isRebalanced = service.plan.availabilityZoneRebalancing === 'ENABLED'
    if (isDaemon || isRebalanced) schedulePass(world, service)
  }
}
