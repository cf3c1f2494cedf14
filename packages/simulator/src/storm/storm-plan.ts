/**
 * The world of a storm's seed: a cluster, what is done to it, how AWS behaves in it, and which faults strike. Larger and more
 * various than the plans of the property tests, and made without fast-check, since a plan shrinks by itself here.
 */
import type { DrainPolicy } from '@ecs-drain/core'
import {
  deadlineChoices,
  deregistrationDelayChoices,
  exitChoices,
  healthCheckChoices,
  healthyAfterChoices,
  metadataChoices,
  notifiesChoices,
  percentChoices,
  settleWith,
  sweepChoices,
  wireChoices,
} from '../plan/choices.ts'
import { ceilingOf, floorOf } from '../plan/limits.ts'
import type {
  GroupPlan,
  Happening,
  HookPlan,
  ParameterName,
  Plan,
  ServicePlan,
  Span,
  StandaloneTaskPlan,
} from '../plan/plan.ts'
import { seedMost } from '../plan/plan-codec.ts'
import { integerFrom, preview } from '../plan/strict-codecs.ts'
import { createLuck, type Luck } from './luck.ts'
import { profileFrom, type StormProfile, weatherFrom } from './weather.ts'

// What a choice is for; numbers, because luck is drawn by key.
const forWeather = 1
const forCluster = 2
const forServices = 3
const forHappenings = 4
const forParameters = 5
const forPolicy = 6
const forSetActive = 7
const forReRegister = 8
const forPatience = 9

/** A seed's world and what kind of weather it has. */
export interface Storm {
  readonly profile: StormProfile
  readonly plan: Plan
}

/** The storm of a seed, 0 to 4,294,967,295; a TypeError for another. Pure: the same seed gives the same plan on every machine. */
export const stormOf = (seed: number): Storm => {
  if (!isSeed.is(seed)) throw new TypeError(`seed: expected ${isSeed.name}, got ${preview(seed)}`)
  const weather = createLuck(seed, forWeather)
  const profile = profileFrom(weather)
  const faults = weatherFrom(weather, profile)
  const groups = groupsFrom(createLuck(seed, forCluster))
  const services = servicesFrom(createLuck(seed, forServices))
  const policy = createLuck(seed, forPolicy)
  const parameters = parametersFrom(createLuck(seed, forParameters))
  const settle = settleWith({ parameters, perMille: faults.perMille })
  const happenings = happeningsFrom(createLuck(seed, forHappenings), profile, groups, services, settle)
  return {
    profile,
    plan: {
      name: `storm-${seed}`,
      teaches: '',
      seed,
      start: '2026-03-02T08:00:00.000Z',
      untilSeconds: longEnough(groups),
      cluster: { name: clusterName, region: 'eu-west-1', account: '123456789012' },
      groups,
      services,
      standaloneTasks: standaloneFrom(createLuck(seed, forServices + 100)),
      happenings: [
        ...happenings,
        ...meddlingFrom(createLuck(seed, forSetActive), setsActive, { profile, groups, happenings }),
        ...meddlingFrom(createLuck(seed, forReRegister), reRegisters, { profile, groups, happenings }),
      ],
      parameters,
      faults,
      controller: {
        sweepEverySeconds: policy.oneOf(sweepChoices),
        pollEverySeconds: 15,
        policy: {
          settle,
          deadline: deadlineFrom(policy, services),
          ...standaloneAfter(policy),
          ...someOf<unknown>(patience, createLuck(seed, forPatience)),
        },
      },
    },
  }
}

const isSeed = integerFrom(0, seedMost)

const clusterName = 'storm'

/** Where AWS lets no task go, every instance takes until its deadline, twice if it is replaced twice, one after another. */
export const longEnough = (groups: ReadonlyArray<GroupPlan>): number =>
  4 * 3600 + groups.reduce((sum, { desired }) => sum + desired, 0) * 2 * 5400

/** Without a deadline nothing hides a drain that would never end; but only where AWS lets every task go. */
const deadlineFrom = (luck: Luck, services: ReadonlyArray<ServicePlan>) => {
  const deadline = { after: luck.oneOf(deadlineChoices.after), choice: luck.oneOf(deadlineChoices.choice) }
  return luck.happens(40) && services.every(canBeDrained) ? null : deadline
}

/** Whatever its desired count is set to. */
const canBeDrained = (service: ServicePlan): boolean =>
  desiredCounts.every((desired) => floorOf(service, desired) < desired || ceilingOf(service, desired) > desired)

const desiredCounts = [1, 2, 3, 4, 5, 6] as const

const standaloneAfter = (luck: Luck) => (luck.happens(25) ? { standaloneAfter: luck.oneOf([30_000, 300_000]) } : {})

/** What else a policy says, in milliseconds. */
const patience = {
  spreadReads: [0, 60_000],
  notFoundGrace: [240_000],
  stopGrace: [30_000, 900_000],
  retry: [
    { first: 1000, most: 10_000 },
    { first: 5000, most: 120_000 },
  ],
  hopsMax: [6, 15],
} satisfies { readonly [Name in keyof DrainPolicy]?: ReadonlyArray<DrainPolicy[Name]> }

const groupsFrom = (luck: Luck): ReadonlyArray<GroupPlan> => {
  const first = groupFrom(luck, 'group', sizeFrom(luck))
  return luck.happens(15) ? [first, groupFrom(luck, 'other-group', luck.between(1, 2))] : [first]
}

/** Mostly small: nearly every defect needs one or two instances, and small worlds are many worlds. */
const sizeFrom = (luck: Luck): number => {
  if (luck.happens(75)) return luck.between(1, 3)
  return luck.happens(80) ? luck.between(4, 6) : luck.between(8, 16)
}

const groupFrom = (luck: Luck, name: string, size: number): GroupPlan => {
  const ours = hookFrom(luck)
  const reuseOnScaleIn = luck.happens(15)
  return {
    name,
    desired: reuseOnScaleIn ? Math.max(2, size) : size,
    min: 0,
    max: 60,
    availabilityZones: luck.between(1, 3),
    // Room for all services' tasks twice over on one instance: capacity that is short is what placement.fail is for.
    cpu: 32_768,
    memory: 65_536,
    registers: true,
    hooks: luck.happens(20) ? [ours, foreignHookFrom(luck)] : [ours],
    terminateHookAbandon: luck.happens(15) ? 'retain' : 'terminate',
    reuseOnScaleIn,
    launchable: 1000,
  }
}

const hookFrom = (luck: Luck): HookPlan => ({
  name: 'ecs-drain',
  heartbeatTimeoutSeconds: luck.oneOf([300, 900, 900, 3600, 7200]),
  defaultResult: luck.oneOf(['CONTINUE', 'ABANDON']),
  owner: 'controller',
  answersAfterSeconds: 0,
  notifies: luck.oneOf(notifiesChoices),
  alsoEventBridge: luck.happens(50),
  notificationMetadata: luck.oneOf(metadataChoices(clusterName)),
})

const foreignHookFrom = (luck: Luck): HookPlan => ({
  name: 'somebody-else',
  heartbeatTimeoutSeconds: 3600,
  defaultResult: 'CONTINUE',
  owner: 'other',
  answersAfterSeconds: luck.between(1, 900),
  notifies: 'sns-in-sqs',
  alsoEventBridge: true,
  notificationMetadata: null,
})

const servicesFrom = (luck: Luck): ReadonlyArray<ServicePlan> => {
  const replicas = Array.from({ length: luck.between(1, 3) }, (_, index) => serviceFrom(luck, `service-${index}`))
  return luck.happens(10) ? [...replicas, daemonFrom(luck)] : replicas
}

const serviceFrom = (luck: Luck, name: string): ServicePlan => {
  const [minimumHealthyPercent, maximumPercent] = luck.oneOf(percentChoices)
  return {
    name,
    schedulingStrategy: 'REPLICA',
    desired: luck.oneOf(desiredCounts),
    minimumHealthyPercent,
    maximumPercent,
    cpu: 256,
    memory: 512,
    hostPort: null,
    loadBalancer: luck.happens(50)
      ? {
          deregistrationDelaySeconds: luck.oneOf(deregistrationDelayChoices),
          healthyAfterSeconds: luck.oneOf(healthyAfterChoices),
        }
      : null,
    healthCheckSeconds: luck.happens(40) ? luck.oneOf(healthCheckChoices) : null,
    pullSeconds: [1, 10],
    startSeconds: [1, 5],
    exitSeconds: luck.oneOf(exitChoices),
    stopTimeoutSeconds: 30,
    awsvpc: luck.happens(40),
    availabilityZoneRebalancing: maximumPercent > 100 && luck.happens(30) ? 'ENABLED' : 'DISABLED',
  }
}

const daemonFrom = (luck: Luck): ServicePlan => ({
  ...serviceFrom(luck, 'daemon'),
  schedulingStrategy: 'DAEMON',
  minimumHealthyPercent: 0,
  maximumPercent: 100,
  loadBalancer: null,
  availabilityZoneRebalancing: 'DISABLED',
})

const standaloneFrom = (luck: Luck): ReadonlyArray<StandaloneTaskPlan> =>
  luck.happens(25)
    ? [
        {
          family: 'batch',
          count: luck.between(1, 2),
          startsAtSeconds: luck.between(0, 120),
          runsSeconds: luck.oneOf<readonly [number, number]>([
            [30, 300],
            [600, 1200],
          ]),
          cpu: 256,
          memory: 512,
          stopTimeoutSeconds: 30,
          exitSeconds: [0, 20],
        },
      ]
    : []

/** The first replacement begins after this; what disturbs comes between here and the end of the storm. */
const firstAtSeconds = 60
const lastAtSeconds = 600

const happeningsFrom = (
  luck: Luck,
  profile: StormProfile,
  groups: ReadonlyArray<GroupPlan>,
  services: ReadonlyArray<ServicePlan>,
  settle: number,
): ReadonlyArray<Happening> => {
  const replacements = groups.map((group, index) => replacementFrom(luck, group, firstAtSeconds + 45 * index, true))
  // Not a second scale-in: tasks without an instance to run on are not what storms are about.
  const [group] = groups
  const second =
    group !== undefined && !group.reuseOnScaleIn && luck.happens(40)
      ? [replacementFrom(luck, group, luck.between(90, 300), false)]
      : []
  const returns = group?.reuseOnScaleIn === true ? returnsFrom(luck, group) : []
  if (profile === 'calm') return [...replacements, ...second, ...returns]
  return [...replacements, ...second, ...returns, ...disturbancesFrom(luck, groups, services, settle)]
}

/** Back from the warm pool, and perhaps soon there again: the same id, while the drain of before may still be open. */
const returnsFrom = (luck: Luck, { name: group, desired }: GroupPlan): ReadonlyArray<Happening> => {
  const atSeconds = luck.between(300, lastAtSeconds)
  const back: Happening = { atSeconds, do: 'return-from-warm-pool', group }
  // It is not back in time where its drain takes long: then another goes, and one has to be left.
  if (desired < 3 || !luck.happens(50)) return [back]
  return [back, { atSeconds: atSeconds + luck.between(5, 200), do: 'scale-in', group, by: 1 }]
}

const replacementFrom = (luck: Luck, group: GroupPlan, atSeconds: number, mayShrink: boolean): Happening => {
  const on = { atSeconds, group: group.name }
  const spare = mayShrink ? group.desired - 1 : 0
  // Only a scale-in returns instances to the warm pool.
  if (group.reuseOnScaleIn) return { ...on, do: 'scale-in', by: 1 }
  switch (luck.between(spare > 0 ? 0 : 1, 5)) {
    case 0:
      return { ...on, do: 'scale-in', by: luck.between(1, Math.min(2, spare)) }
    case 1:
      return {
        ...on,
        do: 'cloudformation-rolling-update',
        minInstancesInService: luck.between(0, 1),
        maxBatchSize: luck.between(1, 2),
        pauseSeconds: 30,
      }
    case 2:
      return { ...on, do: 'instance-refresh', ...refreshFrom(luck) }
    case 3:
      return {
        ...on,
        do: 'terminate-instance',
        old: luck.between(0, group.desired - 1),
        decrementDesired: spare > 0 && luck.happens(30),
      }
    default:
      return { ...on, do: 'ami-update', batch: luck.between(1, 4) }
  }
}

const refreshFrom = (luck: Luck) => ({
  minHealthyPercentage: luck.oneOf([0, 50, 90]),
  maxHealthyPercentage: luck.oneOf([null, 100]),
  instanceWarmupSeconds: 30,
})

/** What else people do meanwhile, and what no fault site can: each is there or not. */
const disturbancesFrom = (
  luck: Luck,
  groups: ReadonlyArray<GroupPlan>,
  services: ReadonlyArray<ServicePlan>,
  settle: number,
): ReadonlyArray<Happening> => {
  const group = luck.oneOf(groups)
  const when = () => ({ atSeconds: luck.between(firstAtSeconds, lastAtSeconds) })
  const which = () => ({ group: group.name, old: luck.between(0, group.desired - 1) })
  const { name: service, schedulingStrategy } = luck.oneOf(services)
  // The first is no daemon, of which there is one on each instance anyway.
  const replica = schedulingStrategy === 'REPLICA' ? service : (services[0]?.name ?? service)
  const each: ReadonlyArray<readonly [percent: number, () => Happening]> = [
    [20, () => ({ ...when(), do: 'deploy', service })],
    [10, () => ({ ...when(), do: 'set-desired-count', service: replica, desired: luck.oneOf(desiredCounts) })],
    [15, () => ({ ...when(), do: 'set-draining', ...which() })],
    [10, () => ({ ...when(), do: 'kill-instance', ...which() })],
    [10, () => ({ ...when(), do: 'delete-hook', group: group.name, hook: 'ecs-drain' })],
    [15, () => ({ ...when(), do: 'disconnect-agent', ...which(), forSeconds: luck.oneOf([20, 120, 900]) })],
    [
      20,
      () => ({
        ...when(),
        do: 'change-policy',
        policy: {
          settle: settle + luck.oneOf([0, 5000]),
          deadline: deadlineFrom(luck, services),
          ...standaloneAfter(luck),
        },
      }),
    ],
  ]
  return each.flatMap(([percent, make]) => (luck.happens(percent) ? [make()] : []))
}

/** What befalls an instance about its drain: from when on, in seconds after that begins; and how likely once more, and how soon. */
interface Meddling {
  readonly does: 'set-active' | 're-register-agent'
  readonly earliest: number
  readonly againPercent: number
  readonly againWithin: number
}

/** Somebody sets an instance ACTIVE, most likely in the middle of its drain. */
const setsActive: Meddling = { does: 'set-active', earliest: 1, againPercent: 25, againWithin: 120 }

/** An agent loses its state, most likely shortly before its instance drains or in the midst of it. */
const reRegisters: Meddling = { does: 're-register-agent', earliest: -60, againPercent: 15, againWithin: 300 }

const meddlingFrom = (
  luck: Luck,
  { does, earliest, againPercent, againWithin }: Meddling,
  { profile, groups, happenings }: Pick<Storm, 'profile'> & Pick<Plan, 'groups' | 'happenings'>,
): ReadonlyArray<Happening> => {
  if (profile === 'calm' || !luck.happens(25)) return []
  const { group: name, atSeconds: begins, ...drain } = luck.oneOf(happenings.filter(beginsDrain))
  const size = groups.find((group) => group.name === name)?.desired ?? 1
  const old = 'old' in drain ? drain.old : luck.between(0, size - 1)
  const atSeconds = Math.max(1, begins + luck.between(earliest, luck.oneOf([30, 120, 300])))
  const happening = { do: does, group: name, old } as const
  const again = luck.happens(againPercent)
    ? [{ ...happening, atSeconds: atSeconds + luck.between(1, againWithin) }]
    : []
  return [{ ...happening, atSeconds }, ...again]
}

type BeginsDrain = Extract<Happening, { readonly group: string }>

/** What has instances set DRAINING, by us or by somebody else. */
const beginsDrain = (happening: Happening): happening is BeginsDrain =>
  'group' in happening && !noDrains.has(happening.do)

const noDrains: ReadonlySet<Happening['do']> = new Set([
  'kill-instance',
  'delete-hook',
  'disconnect-agent',
  'return-from-warm-pool',
])

const slowCalls: Span = [500, 2000]

/** How AWS may behave where it does not say, and how slow it may be. */
const behaviours = {
  'scheduler.stopsPerPass': [1, 2],
  'scheduler.healthyAfterRunning': [0, 10],
  'scheduler.placementInFlight': [
    [0, 0],
    [2000, 4000],
    [2000, 4000],
  ],
  'scheduler.backoff': [[60, 120]],
  'task.pending': [
    [0, 0],
    [5, 20],
  ],
  'task.deprovisioning': [[20, 60]],
  'agent.report': [
    [0, 0],
    [1000, 5000],
  ],
  'agent.away': [
    [10, 20],
    [600, 1800],
  ],
  'agent.registration': [
    [1, 5],
    [100, 200],
  ],
  'ecs.noticesDeadHost': [
    [0, 0],
    [120, 300],
  ],
  'ecs.listPage': [2, 3],
  'ecs.drainingEmitsEvent': [0],
  'ecs.stopsPending': [[5000, 20_000]],
  'read.staleBy': [[0, 1]],
  'ec2.boot': [
    [1, 5],
    [120, 240],
  ],
  'ec2.shutdown': [
    [0, 0],
    [60, 120],
  ],
  'warmPool.stop': [[0, 0]],
  'autoscaling.reaction': [
    [0, 0],
    [30, 60],
  ],
  'refresh.waitsForHook': [1],
  'rollingUpdate.waitsForHook': [1],
  'daemon.stopsWhenReplicasNotRunning': [1],
  'bus.slow': [
    [1, 5],
    [120, 300],
  ],
  'bus.behind': [
    [0, 1],
    [30, 60],
  ],
  'function.start': [
    [0, 0],
    [500, 3000],
  ],
  'function.redelivery': [
    [1, 2],
    [120, 180],
  ],
  'api.latency': [[1, 1], slowCalls],
  'store.latency': [
    [1, 1],
    [200, 1000],
  ],
  'api.timeout': [1, 10],
  // A reading begins anew when one of its calls is throttled, so the bucket has to hold as many as it takes.
  'api.ecsReadBurst': [30],
  'api.ecsModifyBurst': [3],
  'api.autoscalingBurst': [3],
  // At the end, so that what is drawn for the others stays as it was.
  'ecs.instanceLag': [
    [0, 3000],
    [1000, 15_000],
  ],
  'scheduler.maximumCountsStopping': [1],
  'scheduler.backoffGrowth': [2, 4],
  'ecs.givesUpOnRecord': [
    [60, 120],
    [2400, 3600],
  ],
} as const satisfies { readonly [Name in ParameterName]?: ReadonlyArray<Span> }

const parametersFrom = (luck: Luck): Plan['parameters'] => {
  const drawn: Partial<Record<ParameterName, Span>> = {}
  for (const [name, choices] of Object.entries(wireChoices)) drawn[name as ParameterName] = luck.oneOf<Span>(choices)
  const all = { ...drawn, ...someOf<Span>(behaviours, luck) }
  // A function that is cut off before its calls are through gets nowhere, and nobody deploys it so.
  return all['api.latency'] === slowCalls ? { ...all, 'function.timeout': 45 } : all
}

/** Each is left at its default in most worlds. */
const someOf = <Choice>(choices: Readonly<Record<string, ReadonlyArray<Choice>>>, luck: Luck): Record<string, Choice> =>
  Object.fromEntries(
    Object.entries(choices).flatMap(([name, each]) => (luck.happens(15) ? [[name, luck.oneOf(each)] as const] : [])),
  )
