/**
 * Ports for people who don't use fp-ts: the same functions, returning promises. What they throw becomes a `Failure`:
 * a `PortFailure` says which, anything else counts as Unavailable, so it is tried again. So does an answer that is none.
 */
import * as E from 'fp-ts/Either'
import type { TaskEither } from 'fp-ts/TaskEither'
import { isPlain } from '../codec/object-of.ts'
import { preview, report } from '../codec/report.ts'
import type { StoredEvents } from '../drain/drain-event.ts'
import type { Branded } from '../identity/brand.ts'
import { Failure } from '../observation/failure.ts'
import {
  type AnswerDecoder,
  clusterAnswers,
  eventStoreAnswers,
  journalAnswers,
  lifecycleHookAnswers,
  wakeUpAnswers,
} from './answers.ts'
import type { JournalEntry } from './journal-entry.ts'
import type { Clock, Cluster, EventStore, Journal, LifecycleHooks, Ports, WakeUps } from './port.ts'

/** A port whose functions return promises (or plain values) instead of TaskEithers, and ids as the plain strings that AWS sends. */
export type Promised<Port> = {
  readonly [Name in keyof Port]: Port[Name] extends (request: infer Request) => TaskEither<Failure, infer Answer>
    ? (request: Request) => Promise<Unchecked<Answer>> | Unchecked<Answer>
    : never
}

/** An answer before its ids are checked, which is done as it comes in. Events are not looked at: a store reads them with a codec. */
type Unchecked<Value> = Value extends StoredEvents
  ? Value
  : Value extends Branded<string>
    ? string
    : { readonly [Name in keyof Value]: Unchecked<Value[Name]> }

/** Either style; they may be mixed, function by function. */
export type EitherStyle<Port> = { readonly [Name in keyof Port]: Port[Name] | Promised<Port>[Name] }

/** A journal in either style. */
export interface EitherStyleJournal {
  /** Writes one entry down, or gives back the function that does. */
  readonly note: (entry: JournalEntry) => unknown
}

/** What `createDrainController` takes. */
export interface PortOptions {
  readonly eventStore: EitherStyle<EventStore>
  readonly cluster: EitherStyle<Cluster>
  readonly lifecycleHooks: EitherStyle<LifecycleHooks>
  readonly wakeUps: EitherStyle<WakeUps>
  readonly clock: Clock
  /**
   * Without one nothing is noted; what was done is in the streams all the same. What it throws is lost: no instance waits for its log.
   */
  readonly journal?: EitherStyleJournal
}

/** Thrown by a promise-style port to say what kind of failure it was. */
export class PortFailure extends Error {
  readonly failure: Failure

  constructor(failure: Failure) {
    super(`${failure.type}: ${failure.message}`)
    this.name = 'PortFailure'
    this.failure = failure
  }
}

const silent: Journal = { note: () => () => undefined }

/** All ports in TaskEither style. */
export const lifted = (options: PortOptions): Ports => {
  const { clock, journal = silent } = options
  // It is used as it is, and what is stored has its times.
  functionOf('clock', clock, 'now')
  const now: unknown = clock.now()
  if (!Number.isFinite(now)) throw new TypeError(`the port clock.now: expected milliseconds, got ${preview(now)}`)
  return {
    eventStore: liftedEventStore(options.eventStore),
    cluster: liftPort('cluster', options.cluster, clusterAnswers),
    lifecycleHooks: liftPort('lifecycleHooks', options.lifecycleHooks, lifecycleHookAnswers),
    wakeUps: liftPort('wakeUps', options.wakeUps, wakeUpAnswers),
    clock,
    journal: liftPort<Journal>('journal', journal as Journal, journalAnswers),
  }
}

/** That port alone: the contract takes it in either style, too. */
export const liftedEventStore = (store: EitherStyle<EventStore>): EventStore =>
  liftPort('eventStore', store, eventStoreAnswers)

/** Lifts each function that `answers` has. */
const liftPort = <Port extends object>(
  called: keyof Ports,
  port: EitherStyle<Port>,
  answers: { readonly [Name in keyof Port]: AnswerDecoder },
): Port => {
  const lift = ([name, answer]: [string, AnswerDecoder]) => {
    const method = functionOf(called, port, name)
    const where = `the port ${called}.${name}`
    const ask = async (request: unknown): Promise<E.Either<Failure, unknown>> => {
      try {
        const result = method.call(port, request)
        const came = typeof result === 'function' ? eitherIn(await result()) : E.right(await result)
        if (E.isLeft(came)) return E.left(failureOf(came.left, where))
        const decoded = answer.decode(came.right)
        return E.isRight(decoded) ? decoded : E.left(unavailable(where, report(decoded.left)))
      } catch (thrown) {
        return E.left(failureOf(isPortFailure(thrown) ? thrown.failure : thrown, where))
      }
    }
    return [name, (request: unknown) => () => ask(request)]
  }
  return Object.fromEntries(Object.entries<AnswerDecoder>(answers).map(lift)) as Port
}

/** A wrong wiring is an error at start, not at three in the morning: whoever writes JavaScript may leave out what the type asks for. */
const functionOf = (called: keyof Ports, port: object | undefined, name: string): ((request?: unknown) => unknown) => {
  const method: unknown = port?.[name as never]
  if (typeof method !== 'function') throw new TypeError(`the port ${called} lacks the function ${name}`)
  return method as (request?: unknown) => unknown
}

/** What a TaskEither came to. */
const eitherIn = (came: unknown): E.Either<unknown, unknown> => {
  const tag = isPlain(came) ? came['_tag'] : null
  if (tag === 'Left' || tag === 'Right') return came as E.Either<unknown, unknown>
  throw new TypeError(`expected an Either, got ${preview(came)}`)
}

/** By its name as well: whoever threw it may have required this module, and so have another copy of it. */
const isPortFailure = (thrown: unknown): thrown is PortFailure =>
  thrown instanceof PortFailure || (thrown as Error | null)?.name === 'PortFailure'

/** What is none of the failures has happened somewhere in the port. */
const failureOf = (failure: unknown, where: string): Failure => {
  const decoded = Failure.decode(failure)
  if (E.isRight(decoded)) return decoded.right
  if (isPlain(failure) && Object.hasOwn(failure, 'type')) return unavailable(where, report(decoded.left))
  return unavailable(where, [wordsOf(failure)])
}

/** Not everything can be made a text, and an Error of another realm is no `Error` here. */
const wordsOf = (thrown: unknown): string => {
  const words = isPlain(thrown) ? thrown['message'] : thrown
  return typeof words === 'string' ? words : preview(thrown)
}

const unavailable = (where: string, lines: ReadonlyArray<string>): Failure => ({
  type: 'Unavailable',
  message: `${where}: ${lines.join('; ')}`,
})
