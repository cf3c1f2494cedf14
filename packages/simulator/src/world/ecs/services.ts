import { ceilingOf, floorOf } from '../../plan/limits.ts'
import type { ServicePlan, StandaloneTaskPlan } from '../../plan/plan.ts'
import { ACTIVE } from '../../trace/kind-numbers.ts'
import { millisecondsOf, purposeOf } from '../parameters.ts'
import type { Service, Standalone, World } from '../state.ts'
import { createCandidates } from './candidates.ts'

const createService = (plan: ServicePlan, number: number): Service => ({
  number,
  group: `service:${plan.name}`,
  plan,
  pull: millisecondsOf(plan.pullSeconds, purposeOf('pull')),
  start: millisecondsOf(plan.startSeconds, purposeOf('start')),
  exit: millisecondsOf(plan.exitSeconds, purposeOf('exit')),
  daemons: [],
  health: healthOf(plan),
  // A load balancer's check is not all: a health check of the container counts as well (AWS: DeploymentConfiguration).
  alsoHealth:
    plan.loadBalancer !== null && plan.healthCheckSeconds !== null
      ? millisecondsOf(plan.healthCheckSeconds, purposeOf('health'))
      : null,
  perInstance: new Int32Array(64),
  perZone: new Int32Array(64),
  wanted: 0,
  occupying: 0,
  healthy: 0,
  leaving: [],
  desired: plan.desired,
  floor: floorOf(plan, plan.desired),
  ceiling: ceilingOf(plan, plan.desired),
  deployment: 0,
  tasks: new Set(),
  candidates: createCandidates(),
  passScheduled: false,
  startsFrom: 0,
  backoffTimes: 1,
  minute: -1,
  launchedInMinute: 0,
  steady: true,
  moving: 0,
  moveScheduled: false,
})

/** The services of a plan. */
export const createServices = (plans: ReadonlyArray<ServicePlan>): ReadonlyArray<Service> => {
  const services = plans.map(createService)
  const daemons = daemonsAmong(services)
  for (const { plan, daemons: first } of services) if (plan.schedulingStrategy === 'REPLICA') first.push(...daemons)
  return services
}

export const daemonsAmong = (services: ReadonlyArray<Service>): ReadonlyArray<Service> =>
  services.filter(({ plan }) => plan.schedulingStrategy === 'DAEMON')

/** Of a DAEMON one on each ACTIVE instance that it fits on (AWS: ecs_service-options). */
export const desiredCountOf = ({ groups }: World, { plan, desired }: Service): number =>
  plan.schedulingStrategy === 'REPLICA'
    ? desired
    : groups
        .filter((group) => plan.cpu <= group.plan.cpu && plan.memory <= group.plan.memory)
        .flatMap(({ records }) => records)
        .filter(({ status }) => status === ACTIVE).length

export const createStandalone = (plan: StandaloneTaskPlan): Standalone => ({
  group: `family:${plan.family}`,
  plan,
  runs: millisecondsOf(plan.runsSeconds, purposeOf('runs')),
  exit: millisecondsOf(plan.exitSeconds, purposeOf('exit')),
})

/** Behind a load balancer its check counts, otherwise the container's own; with neither, the 40-second rule does. */
const healthOf = ({ loadBalancer, healthCheckSeconds }: ServicePlan): Service['health'] => {
  const span = loadBalancer?.healthyAfterSeconds ?? healthCheckSeconds
  return span === null ? null : millisecondsOf(span, purposeOf('health'))
}

/**
 * What maximumPercent limits: RUNNING and PENDING tasks, says one page; replacements wait until the draining tasks have stopped, says
 * another (AWS: DeploymentConfiguration; container-instance-draining).
 */
export const occupying = (world: World, { occupying: upToRunning, tasks }: Service): number =>
  world.settings['scheduler.maximumCountsStopping'].from === 1 ? tasks.size : upToRunning
