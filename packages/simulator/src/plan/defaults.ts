/** What a plan need not say. A test or a scenario names only what it is about. */
import type {
  ClusterPlan,
  ControllerPlan,
  FaultPlan,
  GroupPlan,
  Happening,
  HookPlan,
  Plan,
  ServicePlan,
  StandaloneTaskPlan,
} from './plan.ts'

/** Every field may be left out; one that is given as undefined counts as left out. */
export type Loose<Whole> = { readonly [Key in keyof Whole]?: Whole[Key] | undefined }

/** A hook with as much left out as its author likes. */
export type HookSketch = Loose<HookPlan>
/** A group with as much left out as its author likes. */
export type GroupSketch = Loose<Omit<GroupPlan, 'hooks'>> & { readonly hooks?: ReadonlyArray<HookSketch> | undefined }
/** A service with as much left out as its author likes. */
export type ServiceSketch = Loose<Omit<ServicePlan, 'loadBalancer'>> & {
  readonly loadBalancer?: Loose<NonNullable<ServicePlan['loadBalancer']>> | null | undefined
}

/** A plan with as much left out as its author likes. */
export interface PlanSketch {
  readonly name?: string | undefined
  readonly teaches?: string | undefined
  readonly seed?: number | undefined
  readonly start?: string | undefined
  readonly untilSeconds?: number | undefined
  readonly cluster?: Loose<ClusterPlan> | undefined
  readonly groups?: ReadonlyArray<GroupSketch> | undefined
  readonly services?: ReadonlyArray<ServiceSketch> | undefined
  readonly standaloneTasks?: ReadonlyArray<Loose<StandaloneTaskPlan>> | undefined
  readonly happenings?: ReadonlyArray<HappeningSketch> | undefined
  readonly parameters?: Plan['parameters'] | undefined
  readonly faults?: Loose<FaultPlan> | undefined
  readonly controller?: Loose<ControllerPlan> | undefined
}

/** A happening names itself; the rest has defaults. */
export type HappeningSketch = Happening extends infer Each
  ? Each extends { readonly do: infer Do }
    ? { readonly do: Do } & Loose<Omit<Each, 'do'>>
    : never
  : never

const hook = (sketch: HookSketch): HookPlan => ({
  name: 'ecs-drain',
  heartbeatTimeoutSeconds: 900,
  defaultResult: 'CONTINUE',
  owner: 'controller',
  answersAfterSeconds: 60,
  notifies: 'sns-in-sqs',
  alsoEventBridge: false,
  notificationMetadata: null,
  ...given(sketch),
})

const group = ({ hooks = [{}], ...sketch }: GroupSketch): GroupPlan => ({
  name: 'group',
  desired: 2,
  min: 0,
  max: Math.max(100, 2 * (sketch.desired ?? 0)),
  availabilityZones: 2,
  cpu: 2048,
  memory: 4096,
  registers: true,
  terminateHookAbandon: 'terminate',
  reuseOnScaleIn: false,
  launchable: 10_000,
  ...given(sketch),
  hooks: hooks.map(hook),
})

const service = ({ loadBalancer, ...sketch }: ServiceSketch): ServicePlan => ({
  name: 'web',
  schedulingStrategy: 'REPLICA',
  desired: 4,
  // AWS's defaults: a REPLICA service has 100 and 200, a DAEMON service at most 100.
  minimumHealthyPercent: sketch.schedulingStrategy === 'DAEMON' ? 0 : 100,
  maximumPercent: sketch.schedulingStrategy === 'DAEMON' ? 100 : 200,
  cpu: 256,
  memory: 512,
  hostPort: null,
  healthCheckSeconds: null,
  pullSeconds: [3, 8],
  startSeconds: [1, 3],
  exitSeconds: [2, 10],
  stopTimeoutSeconds: 30,
  awsvpc: false,
  // Not AWS's default: what a drain does is easier to see where nothing moves by itself afterwards.
  availabilityZoneRebalancing: 'DISABLED',
  ...given(sketch),
  loadBalancer:
    loadBalancer === null || loadBalancer === undefined
      ? null
      : { deregistrationDelaySeconds: 300, healthyAfterSeconds: [10, 30], ...given(loadBalancer) },
})

/** Tasks of RunTask with nothing left out. */
export const completeStandaloneTask = (sketch: Loose<StandaloneTaskPlan>): StandaloneTaskPlan => ({
  family: 'batch',
  count: 1,
  startsAtSeconds: 0,
  runsSeconds: 600,
  cpu: 256,
  memory: 512,
  stopTimeoutSeconds: 30,
  exitSeconds: [1, 5],
  ...given(sketch),
})

/** A name left out in a happening is that of the first group, service or hook of the group; a cluster with one of each needs no names. */
export const completeHappening = (
  sketch: HappeningSketch,
  groups: ReadonlyArray<GroupPlan>,
  services: ReadonlyArray<ServicePlan>,
): Happening => {
  const atSeconds = 60
  const first = groups[0]?.name ?? 'group'
  const named = groups.find(({ name }) => 'group' in sketch && name === sketch.group) ?? groups[0]
  const defaults: Readonly<Record<Happening['do'], Readonly<Record<string, unknown>>>> = {
    'ami-update': { group: first, batch: 2 },
    'instance-refresh': {
      group: first,
      minHealthyPercentage: 90,
      maxHealthyPercentage: null,
      instanceWarmupSeconds: 60,
    },
    'cloudformation-rolling-update': { group: first, minInstancesInService: 0, maxBatchSize: 1, pauseSeconds: 0 },
    'scale-in': { group: first, by: 1 },
    'scale-out': { group: first, by: 1 },
    'terminate-instance': { group: first, old: 0, decrementDesired: false },
    'kill-instance': { group: first, old: 0 },
    'disconnect-agent': { group: first, old: 0, forSeconds: 60 },
    're-register-agent': { group: first, old: 0 },
    deploy: { service: services[0]?.name ?? 'web' },
    'set-desired-count': { service: services[0]?.name ?? 'web', desired: 1 },
    'delete-hook': { group: first, hook: named?.hooks[0]?.name ?? 'ecs-drain' },
    'set-draining': { group: first, old: 0 },
    'set-active': { group: first, old: 0 },
    // AWS's default is two hours.
    'update-task-protection': { service: services[0]?.name ?? 'web', tasks: 1, expiresInMinutes: 120 },
    'return-from-warm-pool': { group: first },
    'change-policy': { policy: {} },
  }
  return { atSeconds, ...defaults[sketch.do], ...given(sketch) } as Happening
}

/** The whole plan. What contradicts itself or is no plan's is left as it is: `simulate` and `readScenario` refuse it. */
export const completePlan = (sketch: PlanSketch): Plan => {
  const groups = (sketch.groups ?? [{}]).map(group)
  const services = (sketch.services ?? [{}]).map(service)
  const complete: Plan = {
    name: sketch.name ?? 'unnamed',
    teaches: sketch.teaches ?? '',
    seed: sketch.seed ?? 1,
    start: sketch.start ?? '2026-03-02T08:00:00Z',
    untilSeconds: sketch.untilSeconds ?? 7200,
    cluster: { name: 'cluster', region: 'eu-west-1', account: '123456789012', ...given(sketch.cluster ?? {}) },
    groups,
    services,
    standaloneTasks: (sketch.standaloneTasks ?? []).map(completeStandaloneTask),
    happenings: (sketch.happenings ?? []).map((each) => completeHappening(each, groups, services)),
    parameters: sketch.parameters ?? {},
    faults: {
      perMille: {},
      untilSeconds: sketch.untilSeconds ?? 7200,
      only: null,
      lose: [],
      ...given(sketch.faults ?? {}),
    },
    controller: { sweepEverySeconds: 300, pollEverySeconds: 15, policy: {}, ...given(sketch.controller ?? {}) },
  }
  const others = Object.entries(given(sketch)).filter(([key]) => !Object.hasOwn(complete, key))
  return { ...complete, ...Object.fromEntries(others) }
}

/** The founding story: a group of two instances, a service of four tasks, a new AMI. */
export const amiUpdatePlan = (sketch: PlanSketch = {}): Plan =>
  completePlan({ name: 'ami-update', happenings: [{ do: 'ami-update' }], ...sketch })

/** Without the keys whose value is undefined, which would hide a default. */
const given = (sketch: object): object =>
  Object.fromEntries(Object.entries(sketch).filter(([, value]) => value !== undefined))
