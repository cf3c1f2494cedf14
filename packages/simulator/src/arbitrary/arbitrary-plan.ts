/**
 * Plans for property tests: small worlds, because most faults need few instances, with everything drawn that a drain
 * could depend on. They shrink towards a calm world of one instance and one task.
 */
import * as fc from 'fast-check'
import {
  deadlineChoices,
  deregistrationDelayChoices,
  exitChoices,
  healthCheckChoices,
  healthyAfterChoices,
  intensityChoices,
  metadataChoices,
  notifiesChoices,
  percentChoices,
  settleWith,
  sweepChoices,
  wireChoices,
} from '../plan/choices.ts'
import {
  type FaultPlan,
  type FaultSite,
  type GroupPlan,
  type Happening,
  type HookPlan,
  type ParameterName,
  type Plan,
  type PolicyOverrides,
  parameters,
  type ServicePlan,
  type Span,
  type StandaloneTaskPlan,
} from '../plan/plan.ts'
import { faultSites } from '../trace/trace.ts'

/** What kind of worlds to draw. */
export interface PlanConstraints {
  /** Off: nothing goes wrong but what the happenings themselves do. */
  readonly faults?: boolean
  /** What takes a host away past the controller: the happenings `kill-instance` and `delete-hook`, the fault `host.death`. */
  readonly hostDeaths?: boolean
  /** Overrides of core's policy that every plan gets. */
  readonly policy?: PolicyOverrides
}

/** Faults stop at this second; from then on everything must settle. */
const faultsUntil = 900

/** Plans whose controller can keep every promise: what a violation means is a defect, of the controller or the world. */
export const arbitraryPlan = ({
  faults = true,
  hostDeaths = false,
  policy = {},
}: PlanConstraints = {}): fc.Arbitrary<Plan> =>
  fc
    .record({
      seed: fc.noShrink(fc.integer({ min: 1, max: 2 ** 31 - 1 })),
      size: fc.integer({ min: 1, max: 4 }),
      zones: fc.integer({ min: 1, max: 3 }),
      hook: arbitraryHook,
      foreignHook: fc.option(arbitraryForeignHook, { nil: null, freq: 4 }),
      services: fc.array(arbitraryService, { minLength: 1, maxLength: 3 }),
      standalone: fc.array(arbitraryStandalone, { maxLength: 1 }),
      events: fc.array(arbitraryHappening(hostDeaths), { minLength: 1, maxLength: 2 }),
      weather: faults ? arbitraryFaults(hostDeaths) : fc.constant(calm),
      sweepEverySeconds: fc.constantFrom(...sweepChoices),
      deadline: fc.record({
        after: fc.constantFrom(...deadlineChoices.after),
        choice: fc.constantFrom(...deadlineChoices.choice),
      }),
      wire: arbitraryWire,
      protection: fc.option(arbitraryProtection, { nil: null, freq: 2 }),
      rebalances: fc.boolean(),
      // Last, so that a seed's other choices are what they were.
      setActive: fc.option(arbitrarySetActive, { nil: null, freq: 2 }),
    })
    .map(
      ({
        seed,
        size,
        zones,
        hook,
        foreignHook,
        services,
        standalone,
        events,
        weather,
        sweepEverySeconds,
        deadline,
        wire,
        protection,
        rebalances,
        setActive,
      }): Plan => {
        const drawn = events.map((happening, index) => placed(happening, index, size))
        const named = services.map((service, index): ServicePlan => {
          const isRebalanced = rebalances && service.maximumPercent > 100
          const availabilityZoneRebalancing = isRebalanced ? 'ENABLED' : 'DISABLED'
          return { ...service, name: `service-${index}`, availabilityZoneRebalancing }
        })
        return {
          name: 'drawn',
          teaches: '',
          seed,
          start: '2026-03-02T08:00:00.000Z',
          untilSeconds: 6 * 3600,
          cluster: { name: 'drawn', region: 'eu-west-1', account: '123456789012' },
          groups: [group(size, zones, foreignHook === null ? [hook] : [hook, foreignHook])],
          services: named,
          standaloneTasks: standalone,
          happenings: [
            ...drawn,
            ...(protection === null ? [] : [protection(services)]),
            ...(setActive === null ? [] : [setActive(drawn, size)]),
          ],
          parameters: wire,
          faults: weather,
          controller: {
            sweepEverySeconds,
            pollEverySeconds: 15,
            policy: { settle: settleWith({ parameters: wire, perMille: weather.perMille }), deadline, ...policy },
          },
        }
      },
    )

const group = (size: number, zones: number, hooks: ReadonlyArray<HookPlan>): GroupPlan => ({
  name: 'group',
  desired: size,
  min: 0,
  max: 20,
  availabilityZones: zones,
  // Room for all services' tasks twice over on one instance: capacity is not what these worlds are about.
  cpu: 16_384,
  memory: 32_768,
  registers: true,
  hooks,
  terminateHookAbandon: 'terminate',
  reuseOnScaleIn: false,
  launchable: 1000,
})

const arbitraryHook: fc.Arbitrary<HookPlan> = fc.record({
  name: fc.constant('ecs-drain'),
  heartbeatTimeoutSeconds: fc.constantFrom(900, 3600, 7200),
  defaultResult: fc.constantFrom('CONTINUE', 'ABANDON'),
  owner: fc.constant('controller' as const),
  answersAfterSeconds: fc.constant(0),
  notifies: fc.constantFrom(...notifiesChoices),
  alsoEventBridge: fc.boolean(),
  notificationMetadata: fc.constantFrom(...metadataChoices('drawn')),
})

const arbitraryForeignHook: fc.Arbitrary<HookPlan> = fc.record({
  name: fc.constant('somebody-else'),
  heartbeatTimeoutSeconds: fc.constant(3600),
  defaultResult: fc.constant('CONTINUE' as const),
  owner: fc.constant('other' as const),
  answersAfterSeconds: fc.integer({ min: 1, max: 900 }),
  notifies: fc.constant('sns-in-sqs' as const),
  alsoEventBridge: fc.constant(true),
  notificationMetadata: fc.constant(null),
})

const arbitraryService: fc.Arbitrary<ServicePlan> = fc
  .record({
    desired: fc.integer({ min: 1, max: 6 }),
    percent: fc.constantFrom(...percentChoices),
    loadBalancer: fc.option(
      fc.record({
        deregistrationDelaySeconds: fc.constantFrom(...deregistrationDelayChoices),
        healthyAfterSeconds: fc.constantFrom(...healthyAfterChoices),
      }),
      { nil: null },
    ),
    healthCheckSeconds: fc.option(fc.constantFrom(...healthCheckChoices), { nil: null }),
    exitSeconds: fc.constantFrom(...exitChoices),
    awsvpc: fc.boolean(),
  })
  .map(
    ({ desired, percent, loadBalancer, healthCheckSeconds, exitSeconds, awsvpc }): ServicePlan => ({
      name: 'service',
      schedulingStrategy: 'REPLICA',
      desired,
      minimumHealthyPercent: percent[0],
      maximumPercent: percent[1],
      cpu: 256,
      memory: 512,
      hostPort: null,
      loadBalancer,
      healthCheckSeconds,
      pullSeconds: [1, 10],
      startSeconds: [1, 5],
      exitSeconds,
      stopTimeoutSeconds: 30,
      awsvpc,
      availabilityZoneRebalancing: 'DISABLED',
    }),
  )

const arbitraryStandalone: fc.Arbitrary<StandaloneTaskPlan> = fc.record({
  family: fc.constant('batch'),
  count: fc.integer({ min: 1, max: 2 }),
  startsAtSeconds: fc.integer({ min: 0, max: 60 }),
  runsSeconds: fc.constantFrom<readonly [number, number]>([30, 300], [600, 1200]),
  cpu: fc.constant(256),
  memory: fc.constant(512),
  stopTimeoutSeconds: fc.constant(30),
  exitSeconds: fc.constantFrom<readonly [number, number]>([0, 1], [5, 20]),
})

/** Over before a deadline, or not: 30 or 60 minutes after the drain began. */
const arbitraryProtection = fc
  .record({
    atSeconds: fc.constantFrom(0, 110, 150),
    tasks: fc.integer({ min: 1, max: 3 }),
    expiresInMinutes: fc.constantFrom(1, 10, 45),
  })
  .map(({ atSeconds, tasks, expiresInMinutes }) => ([first]: ReadonlyArray<ServicePlan>): Happening => {
    const few = Math.min(tasks, first?.desired ?? tasks)
    return { atSeconds, do: 'update-task-protection', service: 'service-0', tasks: few, expiresInMinutes }
  })

/** Somebody sets an instance ACTIVE after a happening began: the one that it named, most likely in the middle of its drain. */
const arbitrarySetActive = fc
  .record({
    after: fc.nat({ max: 1 }),
    delay: fc.oneof(fc.integer({ min: 1, max: 60 }), fc.integer({ min: 1, max: 300 })),
    old: fc.nat({ max: 7 }),
  })
  .map(({ after, delay, old }) => (drawn: ReadonlyArray<Happening>, size: number): Happening => {
    const first = drawn[after % drawn.length]
    const named = first !== undefined && 'old' in first ? first.old : old % size
    return { atSeconds: (first?.atSeconds ?? 0) + delay, do: 'set-active', group: 'group', old: named }
  })

/** Each choice shrinks to the parameter's default, which is left out. */
const arbitraryWire: fc.Arbitrary<Plan['parameters']> = fc
  .record(
    Object.fromEntries(
      Object.entries<ReadonlyArray<Span>>(wireChoices).map(([name, choices]) => {
        const usual = JSON.stringify(parameters[name as ParameterName].default)
        const others = choices.filter((choice) => JSON.stringify(choice) !== usual)
        return [name, fc.constantFrom(undefined, ...others)]
      }),
    ),
  )
  .map((drawn) => Object.fromEntries(Object.entries(drawn).filter(([, choice]) => choice !== undefined)))

type Drawn = (at: number, size: number) => Happening

const arbitraryHappening = (hostDeaths: boolean): fc.Arbitrary<Drawn> => {
  const old = fc.nat({ max: 7 })
  const ordinary: ReadonlyArray<fc.Arbitrary<Drawn>> = [
    fc.integer({ min: 1, max: 4 }).map(
      (batch): Drawn =>
        (atSeconds) => ({ atSeconds, do: 'ami-update', group: 'group', batch }),
    ),
    fc.constantFrom(null, 100, 110, 150).map(
      (maxHealthyPercentage): Drawn =>
        (atSeconds) => ({
          atSeconds,
          do: 'instance-refresh',
          group: 'group',
          minHealthyPercentage: 90,
          maxHealthyPercentage,
          instanceWarmupSeconds: 30,
        }),
    ),
    fc.integer({ min: 1, max: 2 }).map(
      (maxBatchSize): Drawn =>
        (atSeconds) => ({
          atSeconds,
          do: 'cloudformation-rolling-update',
          group: 'group',
          minInstancesInService: 0,
          maxBatchSize,
          pauseSeconds: 30,
        }),
    ),
    fc.integer({ min: 1, max: 2 }).map(
      (by): Drawn =>
        (atSeconds, size) => ({
          atSeconds,
          do: 'scale-in',
          group: 'group',
          by: Math.max(1, Math.min(by, size - 1)),
        }),
    ),
    old.map(
      (index): Drawn =>
        (atSeconds, size) => ({
          atSeconds,
          do: 'terminate-instance',
          group: 'group',
          old: index % size,
          decrementDesired: false,
        }),
    ),
    fc.constant<Drawn>((atSeconds) => ({ atSeconds, do: 'deploy', service: 'service-0' })),
    old.map(
      (index): Drawn =>
        (atSeconds, size) => ({ atSeconds, do: 'set-draining', group: 'group', old: index % size }),
    ),
    fc.constantFrom(...deadlineChoices.choice).map(
      (choice): Drawn =>
        (atSeconds) => ({
          atSeconds,
          do: 'change-policy',
          policy: { settle: 8000, deadline: { after: deadlineChoices.after[0], choice } },
        }),
    ),
  ]
  const deaths: ReadonlyArray<fc.Arbitrary<Drawn>> = [
    old.map(
      (index): Drawn =>
        (atSeconds, size) => ({ atSeconds, do: 'kill-instance', group: 'group', old: index % size }),
    ),
    fc.constant<Drawn>((atSeconds) => ({ atSeconds, do: 'delete-hook', group: 'group', hook: 'ecs-drain' })),
  ]
  return fc.oneof(...ordinary, ...(hostDeaths ? deaths : []))
}

const placed = (happening: Drawn, index: number, size: number): Happening => happening(120 + index * 45, size)

const calm: FaultPlan = { perMille: {}, untilSeconds: 0, only: null, lose: [] }

/** Swarm testing: each class of faults is absent from half of the worlds, so that none hides another. */
const arbitraryFaults = (hostDeaths: boolean): fc.Arbitrary<FaultPlan> =>
  fc
    .array(fc.oneof({ withCrossShrink: true }, fc.constant(0), fc.constantFrom(...intensityChoices)), {
      minLength: faultSites.length,
      maxLength: faultSites.length,
    })
    .map((intensities): FaultPlan => {
      const perMille: Partial<Record<FaultSite, number>> = {}
      faultSites.forEach((site, index) => {
        const intensity = intensities[index] ?? 0
        if (intensity > 0 && (hostDeaths || site !== 'host.death')) perMille[site] = intensity
      })
      return { perMille, untilSeconds: faultsUntil, only: null, lose: [] }
    })
