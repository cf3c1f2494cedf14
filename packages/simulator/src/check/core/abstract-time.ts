/**
 * A finite clock. Core compares instants with each other and with now, and never looks at one alone: so a stream looks
 * the same from any moment at which all its ages are the same. Everything that is explored is kept as seen from one
 * fixed `now`; when time goes by, instants move into the past instead; and what is so old that no comparison can tell
 * it from older is kept at that age. docs/model-checking.md says why each age suffices, and a test holds it to that.
 */
import type {
  Addressed,
  Assignment,
  Drain,
  DrainEvent,
  DrainPolicy,
  Effect,
  Invocation,
  Observation,
  Routing,
} from '@ecs-drain/core'
import { type Model, tickMs } from '../model.ts'

/** The instant at which everything is explored. */
export const now = 1_000_000_000_000

/** Ages, in ticks, beyond which older is not told apart. */
export interface Horizons {
  /** Of the start of an action that is still to be announced. */
  readonly start: number
  /** Of the start of the action that a drain is about. */
  readonly announced: number
  /** Of heartbeats, where they become due. */
  readonly heartbeat: number
  readonly stopGrace: number
  /** How old a function may be, and with it a reading that is under way. */
  readonly lifetime: number
}

/** The horizons of a model's policy. */
export const horizonsOf = (
  policy: DrainPolicy,
  { heartbeatTimeout, lifetime }: Pick<Model, 'heartbeatTimeout' | 'lifetime'>,
): Horizons => {
  const half = heartbeatTimeout === null ? 0 : (heartbeatTimeout * tickMs) / 2
  const from = half >= (policy.sweepEvery * 3) / 2 ? half - policy.sweepEvery : (half * 3) / 4
  // Until the hook is described, a tick makes a heartbeat due.
  const heartbeat = Math.max(1, Math.ceil(from / tickMs), lifetime + 1)
  const deadline = policy.deadline === null ? 0 : Math.ceil(policy.deadline.after / tickMs)
  return {
    start: Math.max(heartbeat, deadline),
    announced: Math.max(deadline, lifetime + 1),
    heartbeat,
    stopGrace: Math.ceil(policy.stopGrace / tickMs),
    lifetime,
  }
}

const atLeast = (instant: number, ticks: number): number => Math.max(instant, now - ticks * tickMs)

/** The drain as it is remembered: the same for every question that can still be asked of it. */
export const remembered = (drain: Drain, policy: DrainPolicy, horizons: Horizons): Drain => {
  if (drain.phase === 'idle') return drain
  const tasks = [...drain.tasks].sort((one, other) => (one.arn < other.arn ? -1 : 1))
  const failures = drain.failures
    .map((failed) => ({
      ...failed,
      // Waits do not grow here (`retry.first` is `retry.most`), and only the third failure of a wake-up is told apart.
      attempts: Math.min(failed.attempts, 3),
      retryAt: Math.max(failed.retryAt, now),
    }))
    .sort((one, other) => (`${one.effect} ${one.task}` < `${other.effect} ${other.task}` ? -1 : 1))
  const wakeUp = drain.wakeUp !== null && drain.wakeUp.at > now ? drain.wakeUp : null
  return { ...drain, ...ages(drain, policy, horizons), tasks, failures, wakeUp } as Drain
}

type Ages = Pick<
  Drain,
  | 'announcedAt'
  | 'heartbeatAt'
  | 'missingSince'
  | 'drainingSince'
  | 'readSince'
  | 'readAt'
  | 'lookedAt'
  | 'sweptAt'
  | 'deadline'
>

const ages = (drain: Drain, policy: DrainPolicy, horizons: Horizons): Ages => {
  const announcedAt = atLeast(drain.announcedAt, horizons.announced)
  // What is over asks nothing of its past but which action it was about.
  if (drain.phase === 'ended') return { ...pastOf(drain), announcedAt, heartbeatAt: long }
  const deadline =
    drain.deadline === null
      ? null
      : { ...drain.deadline, reachedAt: atLeast(drain.deadline.reachedAt, horizons.stopGrace) }
  const grace = policy.notFoundGrace / tickMs
  const missingSince = drain.missingSince === null ? null : atLeast(drain.missingSince, grace + horizons.lifetime)
  return {
    announcedAt,
    missingSince,
    ...readings(drain, policy, horizons),
    ...looks(drain, policy, horizons),
    deadline,
  }
}

/** Older than everything that is told apart. */
const long = now - 1_000 * tickMs

const pastOf = (drain: Drain) => ({
  missingSince: drain.missingSince === null ? null : long,
  drainingSince: drain.drainingSince === null ? null : long,
  readSince: drain.readSince === null ? null : long,
  readAt: drain.readAt === null ? null : long,
  lookedAt: drain.lookedAt === null ? null : long,
  sweptAt: drain.sweptAt === null ? null : long,
  deadline: drain.deadline === null ? null : { ...drain.deadline, reachedAt: long },
})

/** DRAINING and the full reading: only whether the reading came a settle time after it, and how old either is up to that. */
const readings = (
  drain: Drain,
  policy: DrainPolicy,
  { lifetime }: Horizons,
): Pick<Drain, 'drainingSince' | 'readSince' | 'readAt'> => {
  if (drain.phase !== 'draining') {
    return {
      drainingSince: drain.drainingSince === null ? null : long,
      readSince: drain.readSince === null ? null : long,
      readAt: drain.readAt === null ? null : long,
    }
  }
  const settle = policy.settle / tickMs
  const spread = Math.ceil(policy.spreadReads / tickMs)
  const standalone = policy.standaloneAfter === null ? 0 : policy.standaloneAfter / tickMs
  const { drainingSince, readSince, readAt } = drain
  if (readSince === null || readAt === null || readSince < drainingSince + policy.settle) {
    return {
      // A reading that is under way began up to a lifetime ago, and will be compared with it.
      drainingSince: atLeast(drainingSince, Math.max(settle + spread, standalone) + lifetime),
      // A reading from before is no evidence, whatever its age.
      readSince: readSince === null ? null : long,
      readAt: readAt === null ? null : long,
    }
  }
  // Its beginning only has to be late enough; it is kept all the same, so that a core that asks for it gets it.
  const began = atLeast(readSince, settle + 2 * lifetime)
  // An older reading may still be recorded after this one, and is no evidence if it began too early.
  const draining = atLeast(drainingSince, Math.max(settle + spread, standalone) + lifetime)
  return {
    drainingSince: Math.min(draining, began - policy.settle),
    readSince: began,
    readAt: atLeast(readAt, settle + lifetime),
  }
}

/**
 * Heartbeats, sweeps and looks at the tasks are compared with each other: whether a sweep asks for a look that nobody
 * took, and, where wake-ups carry the heartbeats, whether it brings one forward.
 */
const looks = (
  drain: Drain,
  policy: DrainPolicy,
  { heartbeat, lifetime }: Horizons,
): Pick<Drain, 'heartbeatAt' | 'sweptAt' | 'lookedAt'> => {
  const { hook, heartbeatAt, sweptAt, lookedAt, missingSince } = drain
  const isCarriedBySweeps = hook !== null && hook.heartbeatTimeout / 2 >= (policy.sweepEvery * 3) / 2
  const isNeverDue = isCarriedBySweeps && hook.heartbeatTimeout > never
  const isAsked = sweptAt !== null && (lookedAt === null || lookedAt < sweptAt)
  return {
    heartbeatAt: isNeverDue ? long : atLeast(heartbeatAt, isCarriedBySweeps ? heartbeat : heartbeat + 1),
    sweptAt: sweptAt === null ? null : sweepKept(sweptAt, isAsked, !isCarriedBySweeps && sweptAt > heartbeatAt),
    lookedAt: lookedAt === null ? null : isAsked ? long : lookKept(lookedAt),
  }

  function lookKept(look: number): number {
    if (missingSince === null) return atLeast(look, lifetime + 1)
    // It is compared with the end of the grace, and one from before the grace began must not come to be after it.
    const grace = policy.notFoundGrace / tickMs + lifetime
    if (look >= missingSince) return atLeast(look, lifetime + 1 + grace)
    return Math.max(look, Math.min(now - (lifetime + 1) * tickMs, atLeast(missingSince, grace) - tickMs))
  }

  function sweepKept(sweep: number, asks: boolean, bringsForward: boolean): number {
    if (bringsForward) return atLeast(sweep, heartbeat)
    if (asks) return atLeast(sweep, isCarriedBySweeps ? lifetime + 1 : heartbeat + 1)
    // It has had its effect, and only a reading that began before it could tell.
    return sweep >= now - lifetime * tickMs ? sweep : long
  }
}

/** A HeartbeatTimeout beyond this stands for one that is never reached. */
const never = 1_000_000 * tickMs

/** An invocation as it is remembered: of what it did only matters whether it did anything, and sent a wake-up last. */
export const rememberedInvocation = (invocation: Invocation, policy: DrainPolicy, horizons: Horizons): Invocation => {
  const { assignment, known, stage, written, effectsCarried } = invocation
  return {
    assignment: { ...assignment, observations: [] },
    known: { version: 1, drain: remembered(known.drain, policy, horizons) },
    stage: stage.type === 'appending' ? { ...stage, after: remembered(stage.after, policy, horizons) } : stage,
    written: written.slice(-1).filter(({ type }) => type === 'WakeUpSent'),
    effectsCarried: Math.min(effectsCarried, 1),
  }
}

const earlier = (instant: number): number => instant - tickMs
const earlierOrNull = (instant: number | null): number | null => (instant === null ? null : earlier(instant))

/** The same drain one tick later. */
export const drainLater = (drain: Drain): Drain => {
  if (drain.phase === 'idle') return drain
  return {
    ...drain,
    announcedAt: earlier(drain.announcedAt),
    heartbeatAt: earlier(drain.heartbeatAt),
    missingSince: earlierOrNull(drain.missingSince),
    drainingSince: earlierOrNull(drain.drainingSince),
    readSince: earlierOrNull(drain.readSince),
    readAt: earlierOrNull(drain.readAt),
    lookedAt: earlierOrNull(drain.lookedAt),
    sweptAt: earlierOrNull(drain.sweptAt),
    deadline: drain.deadline === null ? null : { ...drain.deadline, reachedAt: earlier(drain.deadline.reachedAt) },
    failures: drain.failures.map((failed) => ({ ...failed, retryAt: earlier(failed.retryAt) })),
    wakeUp: drain.wakeUp === null ? null : { ...drain.wakeUp, at: earlier(drain.wakeUp.at) },
  } as Drain
}

/** The same event one tick later. */
export const eventLater = (event: DrainEvent): DrainEvent => {
  const at = earlier(event.at)
  switch (event.type) {
    case 'DrainRequested':
      return { ...event, at, announcedAt: earlier(event.announcedAt) }
    case 'ContainerInstanceLost':
    case 'EffectFailed':
      return { ...event, at, retryAt: earlier(event.retryAt) }
    case 'TasksRead':
      return { ...event, at, since: earlier(event.since) }
    case 'WakeUpSent':
      return { ...event, at, wakeAt: earlier(event.wakeAt) }
    default:
      return { ...event, at }
  }
}

const observationLater = (observation: Observation): Observation => {
  switch (observation.type) {
    case 'TerminationAnnounced':
      return { ...observation, announcedAt: earlier(observation.announcedAt) }
    case 'ReturnedToService':
      return { ...observation, returnedAt: earlier(observation.returnedAt) }
    case 'TasksSeen':
      return { ...observation, since: earlier(observation.since) }
    case 'WakeUpSent':
      return { ...observation, at: earlier(observation.at) }
    default:
      return observation
  }
}

/** The same assignment one tick later. */
export const assignmentLater = (assignment: Assignment): Assignment => ({
  ...assignment,
  observations: assignment.observations.map(observationLater),
})

/** The same routing one tick later. */
export const routingLater = (routing: Routing): Routing => ({
  ...routing,
  mail: routing.mail.map(addressedLater),
  sweep: routing.sweep && { ...routing.sweep, told: routing.sweep.told.map(addressedLater) },
})

const addressedLater = <Each extends Addressed>(addressed: Each): Each => ({
  ...addressed,
  observation: observationLater(addressed.observation),
})

const effectLater = <Each extends Effect>(effect: Each): Each =>
  effect.type === 'SendWakeUp' ? { ...effect, at: earlier(effect.at) } : effect

type Stage = Invocation['stage']
type Carrying = Extract<Stage, { type: 'carrying' }>['carrying']

const carryingLater = (carrying: Carrying): Carrying => {
  switch (carrying.type) {
    case 'one-call': {
      const { call } = carrying
      return {
        ...carrying,
        effect: effectLater(carrying.effect),
        call: call.type === 'SendWakeUp' ? { ...call, at: earlier(call.at) } : call,
      }
    }
    case 'reading':
      return { ...carrying, since: earlier(carrying.since) }
    case 'finding':
      return carrying
  }
}

const stageLater = (stage: Stage): Stage => {
  switch (stage.type) {
    case 'loading':
      return stage
    case 'appending':
      return {
        ...stage,
        observations: stage.observations.map(observationLater),
        events: stage.events.map(eventLater),
        after: drainLater(stage.after),
      }
    case 'carrying':
      return { ...stage, carrying: carryingLater(stage.carrying) }
  }
}

/** The same invocation one tick later. */
export const invocationLater = (invocation: Invocation): Invocation => ({
  ...invocation,
  known: { ...invocation.known, drain: drainLater(invocation.known.drain) },
  stage: stageLater(invocation.stage),
})
