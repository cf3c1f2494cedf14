/** The groups and services a plan names, as records. */
import type { HookPlan } from '../plan/plan.ts'
import { NONE } from './codes.ts'
import type { Core } from './core.ts'
import type { HookRecord } from './records.ts'
import { limitsOf } from './service-scheduler.ts'

/** AWS: EC2 Auto Scaling API, LifecycleHook.GlobalTimeout. */
const globalMost = 172_800_000
const globalTimes = 100

const hookOf = (plan: HookPlan): HookRecord => {
  const timeoutMs = Math.round(plan.heartbeatTimeoutSeconds * 1000)
  return {
    plan,
    ours: plan.owner === 'controller',
    timeoutMs,
    globalMs: Math.min(globalMost, globalTimes * timeoutMs),
    deleted: false,
  }
}

/** Without a controller that answers, nobody has set up the hook that it would answer. */
export const createGroups = (core: Core, controllerAnswers: boolean): void => {
  for (const plan of core.plan.groups) {
    core.groups.push({
      number: core.groups.length,
      plan,
      hooks: plan.hooks.filter(({ owner }) => owner === 'other' || controllerAnswers).map(hookOf),
      instances: [],
      desired: plan.desired,
      configuration: 0,
      launched: 0,
      reconciling: false,
    })
  }
}

export const createServices = ({ plan: { services, groups }, settings, services: records }: Core): void => {
  const zones = groups.reduce((most, { availabilityZones }) => Math.max(most, availabilityZones), 1)
  for (const plan of services) {
    const { name, healthCheckSeconds, loadBalancer } = plan
    const seconds = (span: Parameters<typeof settings.seconds>[0], what: string) =>
      settings.seconds(span, `service ${name} ${what}`)
    records.push({
      number: records.length,
      plan,
      daemon: plan.schedulingStrategy === 'DAEMON',
      pull: seconds(plan.pullSeconds, 'pull'),
      start: seconds(plan.startSeconds, 'start'),
      exit: seconds(plan.exitSeconds, 'exit'),
      healthCheck: healthCheckSeconds === null ? null : seconds(healthCheckSeconds, 'health check'),
      loadBalancer: loadBalancer === null ? null : seconds(loadBalancer.healthyAfterSeconds, 'load balancer'),
      desired: plan.desired,
      ...limitsOf(plan.desired, plan.minimumHealthyPercent, plan.maximumPercent),
      revision: 0,
      wanted: 0,
      outgoing: 0,
      occupying: 0,
      healthy: 0,
      tasks: [],
      outgoingTasks: [],
      perZone: new Int32Array(zones),
      passAt: NONE,
      passes: 0,
      placements: 0,
      launchNotBefore: 0,
      failures: 0,
      minuteStart: 0,
      launchedThisMinute: 0,
    })
  }
}
