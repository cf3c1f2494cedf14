/** What drawn plans choose from: those of property tests, and those of storms. */
import { type FaultSite, type ParameterName, type Plan, parameters, type Span } from './plan.ts'

/** `[minimumHealthyPercent, maximumPercent]`: with most a rolling replacement can make progress, with two it cannot. */
export const percentChoices = [
  [100, 200],
  [100, 200],
  [50, 200],
  [50, 100],
  [66, 133],
  [0, 200],
  [100, 100],
  [100, 150],
] as const

export const notifiesChoices = ['sns-in-sqs', 'sqs', 'eventbridge', 'lambda', 'sns-json', 'sns-text'] as const

export const metadataChoices = (cluster: string): readonly [null, string, string] => [
  null,
  `{"cluster":"${cluster}"}`,
  'free text',
]

export const exitChoices: ReadonlyArray<readonly [number, number]> = [
  [0, 1],
  [1, 20],
  [60, 90],
]

export const healthyAfterChoices: ReadonlyArray<readonly [number, number]> = [
  [10, 30],
  [0, 5],
]

export const healthCheckChoices: ReadonlyArray<readonly [number, number]> = [
  [1, 10],
  [20, 60],
]

export const deregistrationDelayChoices = [5, 30, 300] as const

export const sweepChoices = [60, 120, 300] as const

/** Some services cannot be drained by AWS's own rules; without a deadline such a drain lasts two days. */
export const deadlineChoices = {
  after: [1_800_000, 3_600_000],
  choice: ['continue', 'stop-tasks', 'abandon'],
} as const

/** Delays on the wire, of reads and of reactions: as they are by default, none, and long. */
export const wireChoices = {
  'bus.hook': [
    [100, 800],
    [0, 0],
    [500, 30_000],
  ],
  'bus.event': [
    [100, 900],
    [0, 0],
    [500, 30_000],
  ],
  'ecs.listLag': [
    [0, 400],
    [0, 0],
    [1000, 4000],
  ],
  'scheduler.reaction': [
    [1, 5],
    [0, 0],
    [10, 60],
  ],
  'queue.window': [0, 1000, 5000],
  'function.concurrency': [1, 2, 10],
  'protection.blocksDrain': [0, 1],
  // What ecs-drain is deployed with, the most there is, and much less.
  'function.timeout': [45, 900, 10],
  'queue.maxReceives': [5, 0, 2],
} as const satisfies Readonly<Record<string, ReadonlyArray<Span>>>

/** How often in 1,000 a class of faults strikes where it is there at all. */
export const intensityChoices = [5, 20, 50, 150, 300] as const

/**
 * How long a policy has to let a drain settle in such a world: a placement may be under way, reads lag or are old, and evidence
 * is compared by clocks that need not agree. In a world with the default of everything these are the 5 seconds of core's own.
 */
export const settleWith = ({ parameters: drawn, perMille }: SettlingWorld): number => {
  const most = (name: ParameterName): number => {
    const span: Span = drawn[name] ?? parameters[name].default
    return typeof span === 'number' ? span : span[1]
  }
  const isThere = (site: FaultSite): boolean => (perMille[site] ?? 0) > 0
  const readsLag = Math.max(most('ecs.listLag'), isThere('read.stale') ? most('read.staleBy') * 1000 : 0)
  const settles = most('scheduler.placementInFlight') + readsLag + settleMargin
  return Math.max(settleLeast, settles) + (isThere('clock.skew') ? 2 * most('function.clockSkew') : 0)
}

interface SettlingWorld {
  readonly parameters: Plan['parameters']
  readonly perMille: Plan['faults']['perMille']
}

/** Core's default. */
const settleLeast = 5000
const settleMargin = 200
