/** What a run came to, in one sentence. */
import { type Figures, hasSettled } from '../measure/figures.ts'
import type { Plan } from '../plan/plan.ts'
import { counted, grouped, type PromiseResult } from '../promise/promise.ts'
import type { Trace } from '../trace/trace.ts'
import { durationText } from './duration-text.ts'

/** `61 s with no running task (web), 4 tasks killed`: the worst first, and what went well only if all did. */
export const headlineOf = ({ services, ...figures }: Figures): string => {
  const parts: string[] = []
  const atZero = services.filter(({ secondsAtZero }) => secondsAtZero > 0)
  // Time at zero is time below the floor as well: said twice only where there was much more of it.
  const below = services.filter(
    ({ secondsBelowFloor, secondsAtZero }) => secondsBelowFloor > 0 && secondsBelowFloor >= 1.5 * secondsAtZero,
  )
  const names = (of: ReadonlyArray<{ readonly name: string }>): string =>
    of.length > 3 ? counted(of.length, 'service') : of.map(({ name }) => name).join(', ')
  if (atZero.length > 0) {
    const longest = Math.max(...atZero.map(({ secondsAtZero }) => secondsAtZero))
    parts.push(`${durationText(longest * 1000)} with no running task (${names(atZero)})`)
  }
  if (below.length > 0) {
    const longest = Math.max(...below.map(({ secondsBelowFloor }) => secondsBelowFloor))
    parts.push(`${durationText(longest * 1000)} below the floor (${names(below)})`)
  }
  if (figures.tasksKilled > 0) parts.push(`${counted(figures.tasksKilled, 'task')} killed`)
  const late = figures.secondsFromLastStoppedToCompletion
  if (late !== null && late < 0) {
    parts.push(`a host let go ${durationText(-late * 1000)} before its last task had stopped`)
  }
  if (atZero.length === 0 && below.length === 0) parts.push(floorText(services))
  if (figures.tasksKilled === 0) parts.push('no task killed')
  if (late !== null && late >= 0)
    parts.push(`hosts let go at most ${durationText(late * 1000)} after their last task had stopped`)
  return parts.join(', ')
}

/** A sentence about services that begin with fewer tasks than they want; nothing where all had room, or none is wanted. */
export const withoutRoomText = (plan: Plan, { services }: Figures): string => {
  const lacking = services.filter(
    ({ desired, runningAtStart }, index) =>
      plan.services[index]?.schedulingStrategy === 'REPLICA' && runningAtStart < desired,
  )
  if (lacking.length === 0) return ''
  const listed = lacking
    .slice(0, servicesMost)
    .map(({ name, desired, runningAtStart }) => `${grouped(runningAtStart)} of ${counted(desired, 'task')} of ${name}`)
  if (lacking.length > servicesMost)
    listed.push(`and not for all of ${grouped(lacking.length - servicesMost)} more services`)
  return `At second zero there was room for ${listed.join(', ')}.`
}

const servicesMost = 3

const floorText = (services: Figures['services']): string => {
  const only = services[0]
  if (services.length === 0 || only === undefined) return 'no service to keep up'
  if (services.length > 1) return 'no service below its floor'
  if (only.floor === 0) return `at least ${grouped(only.leastRunning)} running (its floor is 0)`
  if (only.leastRunning >= only.desired) return `never below ${grouped(only.leastRunning)} running`
  // Fewer than the floor of the beginning were allowed once the desired count had been lowered.
  return only.leastRunning >= only.floor ? `never below its floor of ${grouped(only.floor)}` : 'never below its floor'
}

/** `kept every promise`, or which it broke; and which were not held against it, so that nobody takes that for kept. */
export const promisesText = (promises: ReadonlyArray<PromiseResult>): string => {
  const broken = promises.filter(({ held }) => !held)
  const judged = broken.length === 0 ? 'kept every promise' : `broke ${broken.map(({ name }) => name).join(', ')}`
  const excluded = promises.filter((each) => each.held && each.excluded.length > 0)
  return excluded.length === 0 ? judged : `${judged}, not counting ${excluded.map(({ name }) => name).join(', ')}`
}

/** One more sentence, after a space, for a run that the end of its time has stopped: its figures are those of a part. */
export const unsettledText = ({ untilSeconds }: Plan, trace: Trace): string =>
  hasSettled(trace) ? '' : ` The run had not settled when its time was up, at ${durationText(untilSeconds * 1000)}.`
