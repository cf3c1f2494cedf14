/** What a scenario says a run must come to, as data beside the plan, so that scenario and expectation travel together. */
import type { DrainEventType } from '@ecs-drain/core'
import * as t from 'io-ts'
import type { Figures } from '../measure/figures.ts'
import { controllerNames } from '../plan/plan.ts'
import { type Codec, closed, expected, isRecord, listOf, oneOf, recordBy } from '../plan/strict-codecs.ts'
import { type PromiseResult, promiseNames } from '../promise/promise.ts'
import { hookEndings, kinds, operations, placementFailures, type Trace } from '../trace/trace.ts'

/** A number that is meant exactly, or text: `>= 4`, `< 10`, `30..180` (both included). */
export type Bound = number | string

const comparison = /^(>=|<=|>|<) ?(-?\d+(?:\.\d+)?)$/
const range = /^(-?\d+(?:\.\d+)?)\.\.(-?\d+(?:\.\d+)?)$/

/** Not one that nothing is within. */
const isRange = (text: string): boolean => {
  const [, least, most] = range.exec(text) ?? []
  return least !== undefined && Number(least) <= Number(most)
}

const Bound: Codec<Bound> = expected(
  'a number, or text such as ">= 4" or "30..180"',
  (value): value is Bound =>
    Number.isFinite(value) || (typeof value === 'string' && (comparison.test(value) || isRange(value))),
)

const byAnyName = recordBy('bounds by name', () => Bound, [])
const byOneOf = (names: ReadonlyArray<string>) =>
  recordBy('bounds by name', (key) => (names.includes(key) ? Bound : undefined), names)

const promiseCodes = promiseNames.map((name) => name.slice(0, 2))

/** The words of the controllers that come with the simulator; core's are its events. */
const decisionNames: { readonly [Name in DrainEventType | 'CompletionForced' | 'SetDraining' | 'Completed']: true } = {
  DrainRequested: true,
  LifecycleActionTokenLearned: true,
  LifecycleHookDescribed: true,
  ContainerInstanceFound: true,
  ContainerInstanceNotFound: true,
  ContainerInstanceDraining: true,
  DrainingUndone: true,
  ContainerInstanceLost: true,
  AgentConnectionChanged: true,
  TasksRead: true,
  TaskSeen: true,
  Swept: true,
  WaitDoubted: true,
  DeadlineReached: true,
  TaskToldToStop: true,
  LifecycleActionHeartbeatRecorded: true,
  CompletionDecided: true,
  CompletionForced: true,
  LifecycleActionCompleted: true,
  LifecycleActionOver: true,
  DrainSuperseded: true,
  InstanceReturnedToService: true,
  ContainerInstanceActivated: true,
  WakeUpSent: true,
  EffectFailed: true,
  SetDraining: true,
  Completed: true,
}

/** Bounds on one controller's run. Figures are those of the table; the rest is counted in the trace. */
const ExpectationFields = closed('an expectation', {
  leastRunning: byAnyName,
  secondsAtZero: byAnyName,
  secondsBelowFloor: byAnyName,
  tasksKilled: Bound,
  movesPerTask: Bound,
  lambdaInvocations: Bound,
  apiCalls: Bound,
  apiCallsByOperation: byOneOf(operations),
  secondsFromLastStoppedToCompletion: Bound,
  totalSeconds: Bound,
  /** `all`: every promise held. */
  promises: oneOf('all'),
  /** Exactly these promises were broken. */
  brokenPromises: listOf(oneOf(...promiseCodes)),
  hookEndings: byOneOf(hookEndings),
  placementFailures: byOneOf(placementFailures),
  messagesLost: Bound,
  messagesDuplicated: Bound,
  messagesDeadLettered: Bound,
  /** The controller's own words, each as often as it was said. */
  decisions: byOneOf(Object.keys(decisionNames)),
})
export type Expectation = t.TypeOf<typeof ExpectationFields>

/** One says all that the other does. */
export const Expectation: Codec<Expectation> = new t.Type<Expectation, Expectation, unknown>(
  ExpectationFields.name,
  ExpectationFields.is,
  (value, context) => {
    if (!isRecord(value) || !Object.hasOwn(value, 'promises') || !Object.hasOwn(value, 'brokenPromises'))
      return ExpectationFields.validate(value, context)
    const { brokenPromises } = value
    const within = t.appendContext(context, 'brokenPromises', t.unknown, brokenPromises)
    return t.failure(value, within, 'expected either promises or brokenPromises, not both')
  },
  (value) => value,
)

/** An expectation for each controller that has one. */
export const Expectations: Codec<Readonly<Record<string, Expectation>>> = recordBy(
  'expectations by controller',
  (key) => (controllerNames.some((name) => name === key) ? Expectation : undefined),
  controllerNames,
)

/** Both, where they say nothing about the same thing; else the second, more special one. */
export const expectBoth = (
  general: Readonly<Record<string, Expectation>>,
  special: Readonly<Record<string, Expectation>>,
): Readonly<Record<string, Expectation>> =>
  Object.fromEntries(
    [...new Set([...Object.keys(general), ...Object.keys(special)])].map((name) => [
      name,
      both(general[name] ?? {}, special[name] ?? {}),
    ]),
  )

/** Which promises hold can be said in two ways. */
const both = (general: Expectation, special: Expectation): Expectation => {
  if (special.promises === undefined && special.brokenPromises === undefined) return { ...general, ...special }
  const { promises: _, brokenPromises: __, ...rest } = general
  return { ...rest, ...special }
}

/** What an expectation is held against. */
export interface Outcome {
  readonly figures: Figures
  readonly promises: ReadonlyArray<PromiseResult>
  readonly trace: Trace
}

/** What was expected and did not come to pass, one line each; empty when all is as expected. */
export const unmetBy = (expectation: Expectation, { figures, promises, trace }: Outcome): ReadonlyArray<string> => {
  const unmet: string[] = []
  const check = (what: string, bound: Bound | undefined, actual: number | null | undefined): void => {
    if (bound !== undefined && !isWithin(bound, actual))
      unmet.push(`${what}: expected ${bound}, was ${actual ?? 'nothing'}`)
  }
  const checkEach = (
    what: string,
    bounds: Readonly<Record<string, Bound>> | undefined,
    actual: (name: string) => number | undefined,
  ): void => {
    for (const [name, bound] of Object.entries(bounds ?? {})) check(`${what} of ${name}`, bound, actual(name))
  }
  const service = (name: string) => figures.services.find((each) => each.name === name)

  checkEach('leastRunning', expectation.leastRunning, (name) => service(name)?.leastRunning)
  checkEach('secondsAtZero', expectation.secondsAtZero, (name) => service(name)?.secondsAtZero)
  checkEach('secondsBelowFloor', expectation.secondsBelowFloor, (name) => service(name)?.secondsBelowFloor)
  check('tasksKilled', expectation.tasksKilled, figures.tasksKilled)
  check('movesPerTask', expectation.movesPerTask, figures.movesPerTask)
  check('lambdaInvocations', expectation.lambdaInvocations, figures.lambdaInvocations)
  check('apiCalls', expectation.apiCalls, figures.apiCalls)
  checkEach('calls', expectation.apiCallsByOperation, (name) => figures.apiCallsByOperation[name] ?? 0)
  check(
    'secondsFromLastStoppedToCompletion',
    expectation.secondsFromLastStoppedToCompletion,
    figures.secondsFromLastStoppedToCompletion,
  )
  check('totalSeconds', expectation.totalSeconds, figures.totalSeconds)
  checkEach('hook endings', expectation.hookEndings, (name) =>
    countIn(trace, 'hook-ended', hookEndings.indexOf(name as never)),
  )
  checkEach('placement failures', expectation.placementFailures, (name) =>
    countIn(trace, 'placement-failed', placementFailures.indexOf(name as never)),
  )
  check('messagesLost', expectation.messagesLost, countIn(trace, 'message-lost'))
  check('messagesDuplicated', expectation.messagesDuplicated, countIn(trace, 'message-duplicated'))
  check('messagesDeadLettered', expectation.messagesDeadLettered, countIn(trace, 'message-dead-lettered'))
  checkEach('decisions', expectation.decisions, (name) =>
    countIn(trace, 'decision', trace.cast.decisions.indexOf(name)),
  )

  const broken = promises.filter(({ held }) => !held)
  const wanted = expectation.promises === 'all' ? [] : expectation.brokenPromises
  if (wanted !== undefined) {
    for (const { name, witness } of broken) {
      if (!wanted.some((code) => name.startsWith(code))) unmet.push(`promise ${name}: broken, ${witness ?? ''}`)
    }
    for (const code of wanted) {
      if (!broken.some(({ name }) => name.startsWith(code))) unmet.push(`promise ${code}: held, expected to be broken`)
    }
  }
  return unmet
}

/** Whether a figure is as a bound says. What was never measured is within no bound. */
export const isWithin = (bound: Bound, actual: number | null | undefined): boolean => {
  if (actual === null || actual === undefined) return false
  if (typeof bound === 'number') return actual === bound
  const [, least, most] = range.exec(bound) ?? []
  if (least !== undefined && most !== undefined) return actual >= Number(least) && actual <= Number(most)
  const [, comparator, limitText] = comparison.exec(bound) ?? []
  const limit = Number(limitText)
  if (comparator === '>=') return actual >= limit
  if (comparator === '<=') return actual <= limit
  if (comparator === '>') return actual > limit
  return comparator === '<' && actual < limit
}

/** How often a kind of record is in a trace, with `b` if that is given. */
const countIn = (trace: Trace, kind: (typeof kinds)[number], b?: number): number => {
  const number = kinds.indexOf(kind)
  let count = 0
  for (let i = 0; i < trace.length; i++)
    if (trace.kind[i] === number && (b === undefined || trace.b[i] === b)) count += 1
  return count
}
