/** What a stream says about its instance: how its latest drain stands, and everything that led there. */
import {
  awaitsActivation,
  type Commit,
  type Drain,
  type DrainEvent,
  type DrainPolicy,
  type Duration,
  evolve,
  type Failure,
  hasStopped,
  type Instant,
  idle,
  instanceOf,
  type KnownTask,
  minutes,
  type StreamId,
} from '@ecs-drain/core'
import { dateText, durationText, instantText, timeText } from './duration-text.ts'
import { atDeadline, because, counted, type EffectFailed, idOf, sentenceOf } from './event-sentence.ts'

/** A stream, explained. */
export interface Explanation {
  readonly stream: StreamId
  readonly drain: Drain
  /** One line on how the latest drain stands. */
  readonly headline: string
  /** The events of that drain, with their sentences. */
  readonly events: ReadonlyArray<{ readonly event: DrainEvent; readonly sentence: string }>
  /** What it waits for now, a line each. */
  readonly waitsFor: ReadonlyArray<string>
  /** Of one that is decided or over: its tasks that had not stopped, as far as was known, a line each. */
  readonly hadNotStopped: ReadonlyArray<string>
  /** Drains of the same instance before it. */
  readonly earlier: number
}

/** What a policy says of when a drain ends at the latest. The stream has only what was decided, so it is told besides. */
export type Patience = Pick<DrainPolicy, 'deadline' | 'stopGrace'>

/**
 * The explanation of a stream by its commits, all of them and in order; null where it has none. `now` is for what still goes on;
 * `patience`, if it is known, for when the drain does not wait any longer.
 */
export const explain = (
  stream: StreamId,
  commits: ReadonlyArray<Commit>,
  now: Instant,
  patience: Patience | null = null,
): Explanation | null => {
  let drain: Drain = idle
  let drains = 0
  let events: Array<Explanation['events'][number]> = []
  let failed: ReadonlyArray<EffectFailed> = []
  for (const event of commits.flatMap((commit) => commit.events)) {
    if (event.type === 'DrainRequested') {
      drains += 1
      events = []
    }
    drain = evolve(drain, event)
    const sentence = sentenceOf(event, drain, event.type === 'EffectFailed' ? lastOf(failed, event) : null)
    failed = stillFailing(event.type === 'EffectFailed' ? [...failed, event] : failed, drain)
    events.push({ event, sentence })
  }
  if (drains === 0) return null
  return {
    stream,
    drain,
    headline: `${headlineOf(drain, events, now)}${silenceOf(drain, events, now)}${reasonOf(failed)}`,
    events,
    waitsFor: [...waitsFor(drain, now), ...waitsAtMost(drain, events, now, patience)],
    hadNotStopped: hadNotStopped(drain),
    earlier: drains - 1,
  }
}

/** Those of effects that have not succeeded since. */
const stillFailing = (failed: ReadonlyArray<EffectFailed>, { failures }: Drain): ReadonlyArray<EffectFailed> =>
  failed.filter(({ effect, task }) => failures.some((each) => each.effect === effect && each.task === task))

/** How the same effect failed before. */
const lastOf = (failed: ReadonlyArray<EffectFailed>, { effect, task }: EffectFailed): EffectFailed | null =>
  failed.findLast((each) => each.effect === effect && each.task === task) ?? null

/** What the latest of the failures says, to its first semicolon: of a permission that is missing, which. The events have it whole. */
const reasonOf = (failed: ReadonlyArray<EffectFailed>): string => {
  const last = failed.at(-1)
  if (last === undefined) return ''
  const [reason = ''] = last.failure.message.split(/;|\n/)
  return `; ${last.effect} fails (${last.failure.type}: ${reason})`
}

/** A sweep records that it found a drain waiting, every few minutes. */
const silenceMost = minutes(10)

/** For how long nothing of an open drain has been recorded; 0 where that is no longer than it may be. */
const silentFor = ({ phase }: Drain, events: Explanation['events'], now: Instant): Duration => {
  const last = events.at(-1)?.event.at ?? now
  return phase === 'idle' || phase === 'ended' || now - last <= silenceMost ? 0 : now - last
}

const silenceOf = (drain: Drain, events: Explanation['events'], now: Instant): string => {
  const silent = silentFor(drain, events, now)
  return silent === 0 ? '' : `; nothing has been recorded for ${durationText(silent)}`
}

/** Who has to act where nothing is recorded, and until when the drain and its hook wait. */
const waitsAtMost = (
  drain: Drain,
  events: Explanation['events'],
  now: Instant,
  patience: Patience | null,
): ReadonlyArray<string> => {
  const { hook, heartbeatAt, announcedAt, failures, phase } = drain
  if (phase === 'idle' || phase === 'ended') return []
  const isSilent = silentFor(drain, events, now) > 0
  const log = 'the function, whose log may say why it records nothing'
  const limit = limitOf(drain, patience)
  // No heartbeat makes the hook wait for longer than that.
  const last = hook === null ? Infinity : announcedAt + hook.globalTimeout
  const untilLimit = limit === null || limit.at > last ? [] : [`no longer than until ${limit.told}`]
  if (hook === null) return isSilent ? [log] : untilLimit
  const until = Math.min(heartbeatAt + hook.heartbeatTimeout, last)
  const goesOn = (at: Instant): string => {
    const how = `with ${hook.defaultResult}, at ${instantText(at)}`
    return at < now ? `the hook went on ${how}: the instance may be gone` : `the hook goes on ${how}`
  }
  if (isSilent) return [`${log}; without its heartbeat ${goesOn(until)}`]
  if (failures.some(({ effect }) => effect === 'RecordHeartbeat'))
    return [`a heartbeat, without which ${goesOn(until)}`]
  return untilLimit.length > 0 ? untilLimit : [`no longer than until ${goesOn(last)}`]
}

/** When the drain waits no longer by its policy, and what happens then; null: it does, or that is not known. */
const limitOf = (drain: Drain, patience: Patience | null): { readonly at: Instant; readonly told: string } | null => {
  if (patience === null || drain.phase === 'completing') return null
  const { deadline, stopGrace } = patience
  // What was chosen when it was reached counts, and not what the policy says today.
  if (drain.deadline !== null) {
    const { choice, reachedAt } = drain.deadline
    const at = reachedAt + stopGrace
    return choice === 'stop-tasks' ? { at, told: `${instantText(at)}: then it is let go, whatever runs on it` } : null
  }
  if (deadline === null || deadline.choice === 'wait') return null
  const at = drain.announcedAt + deadline.after
  return { at, told: `its deadline, at ${instantText(at)}: then ${atDeadline[deadline.choice]}` }
}

/** One line on how a drain stands. */
const headlineOf = (drain: Drain, events: Explanation['events'], now: Instant): string => {
  const since = (at: Instant | null): string => durationText(now - (at ?? now))
  switch (drain.phase) {
    case 'idle':
      return 'no drain'
    case 'locating':
      return drain.doubted
        ? `announced ${since(drain.announcedAt)} ago; Auto Scaling has not said yet that the hook holds it`
        : `looking for its container instance for ${since(drain.announcedAt)}`
    case 'cordoning':
      return 'its container instance is known, and not DRAINING yet'
    case 'draining': {
      const state = `DRAINING for ${since(drain.drainingSince)}`
      if (drain.readSince === null) return `${state}; its tasks have not been listed yet`
      if (drain.remaining === 0) return `${state}; none of its tasks seems left, which one more reading confirms`
      return `${state}; waits for ${drain.remaining} of ${counted(drain.tasks.length, 'task')}`
    }
    case 'completing':
      return `decided: ${drain.decision.result}, because ${because[drain.decision.because]}; that Auto Scaling took it is not recorded yet`
    case 'ended': {
      if (awaitsActivation(drain)) {
        const returnedAt = events.findLast(({ event }) => event.type === 'InstanceReturnedToService')?.event.at ?? now
        return `back from its warm pool for ${since(returnedAt)}, and not ACTIVE yet: ECS places nothing on it`
      }
      // The first: a doubt that a heartbeat settles later ends nothing.
      const at = events.find(({ event }) => endings.includes(event.type))?.event.at ?? now
      const took = `after ${durationText(at - drain.announcedAt)}`
      if (drain.ending === 'over' && drain.decision !== null) {
        const why = because[drain.decision.because]
        return `over ${took}: ${drain.decision.result} was decided, because ${why}; its own answer was lost, or came second`
      }
      if (drain.ending === 'over')
        return `over ${took}: the lifecycle action was ended by its timeout, by somebody else, or by the end of the instance`
      if (drain.ending === 'superseded') return `over ${took}: another termination took its place`
      const why = drain.decision === null ? '' : `, because ${because[drain.decision.because]}`
      return `completed with ${drain.decision?.result ?? 'CONTINUE'} ${took}${why}`
    }
  }
}

const endings: ReadonlyArray<DrainEvent['type']> = [
  'LifecycleActionCompleted',
  'LifecycleActionOver',
  'DrainSuperseded',
]

/** The tasks whose end the drain waits for. */
export const tasksWaitedFor = (drain: Drain): Drain['tasks'] =>
  drain.phase === 'completing' || drain.phase === 'ended' ? [] : unfinished(drain.tasks)

const unfinished = (tasks: Drain['tasks']): Drain['tasks'] => tasks.filter((task) => !hasStopped(task))

/** Where a deadline or the hook's own timeout did not wait for them, they died with their instance. */
const hadNotStopped = ({ phase, tasks }: Drain): ReadonlyArray<string> =>
  phase !== 'completing' && phase !== 'ended'
    ? []
    : unfinished(tasks).map(
        (task) => `task ${idOf(task.arn)}: ${seenText(task)}${task.toldToStop ? ', told to stop' : ''}`,
      )

const waitsFor = (drain: Drain, now: Instant): ReadonlyArray<string> => {
  if (drain.phase === 'idle' || (drain.phase === 'ended' && !awaitsActivation(drain))) return []
  const tasks = tasksWaitedFor(drain)
  return [
    ...tasks.map((task) => `task ${idOf(task.arn)}: ${taskText(task)}`),
    ...(tasks.length === 0 ? [] : drain.leftBehind.map(leftBehindText)),
    ...(drain.phase === 'ended' ? ['its container instance, to be set ACTIVE'] : []),
    ...(drain.agentConnected ? [] : [lostAgentText]),
    ...drain.failures.map(({ effect, attempts, retryAt }) => {
      const when = retryAt > now ? `again at ${timeText(retryAt)}` : 'again with the next message or sweep'
      return `${effect}, which has failed ${attempts === 1 ? 'once' : `${attempts} times`}: ${when}`
    }),
  ]
}

/** Nobody tells that an agent is back: the next sweep finds it out. */
const lostAgentText =
  'the agent of its container instance, which was not connected when last heard of (the next sweep looks again): ' +
  'without it ECS neither tells a task to stop nor sees that one has'

const taskText = (task: KnownTask): string => {
  const { desiredStatus, group, toldToStop } = task
  const seen = seenText(task)
  if (toldToStop) return `${seen}, told to stop`
  if (desiredStatus !== 'RUNNING') return seen
  return group.startsWith('service:')
    ? `${seen}, whose events say why it is not replaced yet`
    : `${seen}: of no service, so ECS does not stop it`
}

/** Of a task that was only ever listed nothing else is known. */
const seenText = ({ lastStatus, group }: KnownTask): string =>
  lastStatus === 'UNKNOWN' ? 'was listed, and nothing has told its status yet' : `${lastStatus}, of ${group}`

const leftBehindText = (arn: string): string =>
  `what ECS still shows of container instance ${idOf(arn)}, which its agent has forgotten: until somebody deregisters that one by force`

/**
 * For a terminal: the headline, a line for each event under its date, what is waited for, and what ECS says of that; null: it was not
 * asked. Times are UTC.
 */
export const explanationText = (
  { stream, drain, headline, events, waitsFor: waiting, hadNotStopped: died, earlier }: Explanation,
  ecsSays: ReadonlyArray<string> | null,
): string => {
  const lines = [`${instanceOf(stream)}: ${headline}.`, '']
  let date = ''
  for (const { event, sentence } of events) {
    if (dateText(event.at) !== date) {
      date = dateText(event.at)
      lines.push(`${date} (UTC)`)
    }
    lines.push(`  ${timeText(event.at)}  ${sentence}`)
  }
  if (died.length > 0) lines.push('', 'Had not stopped', ...died.map((line) => `  ${line}`))
  if (waiting.length > 0) lines.push('', 'Waits for', ...waiting.map((line) => `  ${line}`))
  if (ecsSays === null && tasksWaitedFor(drain).length > 0)
    lines.push('', 'Why are they still there? With --ask-ecs ECS says how they and their services stand.')
  if (ecsSays !== null && ecsSays.length > 0) lines.push('', 'ECS says', ...ecsSays.map((line) => `  ${line}`))
  if (earlier > 0) lines.push('', `${counted(earlier, 'earlier drain')} of this instance: --json has every event.`)
  return `${lines.join('\n')}\n`
}

/** A stream of which nothing can be said but why. */
export interface Unreadable {
  readonly stream: StreamId
  readonly failure: Failure
}

/** For a terminal: a line for each. */
export const openDrainsText = (open: ReadonlyArray<Explanation>, unreadable: ReadonlyArray<Unreadable>): string => {
  const lines = [
    ...open.map(({ stream, headline }) => `${instanceOf(stream)}  ${headline}\n`),
    ...unreadable.map(({ stream, failure }) => `${instanceOf(stream)}  cannot be read (${inWords(failure)})\n`),
  ]
  return lines.length === 0 ? 'No drain is open.\n' : lines.join('')
}

/** What a port said. */
export const inWords = ({ type, message }: Failure): string => `${type}: ${message}`
