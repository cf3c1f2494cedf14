/**
 * Ports for people who don't use fp-ts: the same functions, returning promises. What they throw becomes a `Failure`:
 * a `PortFailure` says which, anything else counts as Unavailable, so it is tried again.
 */
import * as E from 'fp-ts/Either'
import type { TaskEither } from 'fp-ts/TaskEither'
import type { Failure } from '../observation/failure.ts'
import type { JournalEntry } from './journal-entry.ts'
import type { Clock, Cluster, EventStore, Journal, LifecycleHooks, Ports, WakeUps } from './port.ts'

/** A port whose functions return promises (or plain values) instead of TaskEithers. */
export type Promised<Port> = {
  readonly [Name in keyof Port]: Port[Name] extends (request: infer Request) => TaskEither<Failure, infer Answer>
    ? (request: Request) => Promise<Answer> | Answer
    : never
}

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
  // It is used as it is.
  liftPort('clock', clock, ['now'])
  return {
    eventStore: liftedEventStore(options.eventStore),
    cluster: liftPort('cluster', options.cluster, [
      'listContainerInstances',
      'describeContainerInstances',
      'updateContainerInstancesState',
      'listTasks',
      'describeTasks',
      'stopTask',
    ]),
    lifecycleHooks: liftPort('lifecycleHooks', options.lifecycleHooks, [
      'complete',
      'recordHeartbeat',
      'describeHooks',
      'describeGroups',
    ]),
    wakeUps: liftPort('wakeUps', options.wakeUps, ['send']),
    clock,
    journal: liftPort('journal', journal as Journal, ['note']),
  }
}

/** That port alone: the contract takes it in either style, too. */
export const liftedEventStore = (store: EitherStyle<EventStore>): EventStore =>
  liftPort('eventStore', store, ['load', 'append', 'findStreams', 'listWatched'])

/** A wrong wiring is an error at start, not at three in the morning. */
const liftPort = <Port extends object>(
  called: keyof Ports,
  // Whoever writes JavaScript may leave out what the type asks for.
  port: EitherStyle<Port> | undefined,
  names: ReadonlyArray<keyof Port & string>,
): Port => {
  const lift = (name: keyof Port & string) => {
    const method: unknown = port?.[name]
    if (typeof method !== 'function') throw new TypeError(`the port ${called} lacks the function ${name}`)
    return (request: unknown): TaskEither<Failure, unknown> =>
      async () => {
        try {
          const result: unknown = method.call(port, request)
          if (typeof result === 'function') return (await result()) as E.Either<Failure, unknown>
          return E.right(await result)
        } catch (thrown) {
          return E.left(failureOf(thrown))
        }
      }
  }
  return Object.fromEntries(names.map((name) => [name, lift(name)])) as Port
}

/** By its name as well: whoever threw it may have required this module, and so have another copy of it. */
const isPortFailure = (thrown: unknown): thrown is PortFailure =>
  thrown instanceof PortFailure || (thrown as Error | null)?.name === 'PortFailure'

const failureOf = (thrown: unknown): Failure => {
  if (isPortFailure(thrown)) return thrown.failure
  return { type: 'Unavailable', message: thrown instanceof Error ? thrown.message : String(thrown) }
}
