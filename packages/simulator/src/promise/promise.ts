/** A promise is a predicate over a trace. It looks at each record once. */
import type { Ledger } from '../measure/ledger.ts'
import type { Plan } from '../plan/plan.ts'
import type { Cast, Kind } from '../trace/trace.ts'
import type { Drains } from './drains.ts'

/** The promises in the order in which results list them, by the names that results and reports have. */
export const promiseNames = [
  'S1 no early completion',
  'S2 floor',
  'S3 foreign hooks and instances',
  'S4 one completion per action',
  'S5 the stream is enough',
  'L1 completes when the tasks have stopped',
  'L2 every drain ends',
  'L3 the hook does not time out',
] as const

/** The name of a promise. */
export type PromiseName = (typeof promiseNames)[number]

/** What became of one promise in one run. */
export interface PromiseResult {
  readonly name: PromiseName
  /** The promise in words. */
  readonly says: string
  readonly held: boolean
  /** How often the promise could have been broken. Held with 0 occasions means that nothing was shown. */
  readonly occasions: number
  /** When it was broken first, on which instance, by which task, and what was seen. */
  readonly witness?: string
  /** What does not count against the controller, each with its reason. */
  readonly excluded: ReadonlyArray<string>
}

/** What a promise reads. All of it is up to date with the record that `see` is called for. */
export interface Evidence {
  readonly plan: Plan
  readonly cast: Cast
  readonly ledger: Ledger
  readonly drains: Drains
  /** Ids of the instances of whose drain the stream did not say, when the run ended, that it is over. */
  readonly openDrains: ReadonlyArray<string>
}

/** One promise watching one run. */
export interface Watch {
  /** Only these are shown to it. */
  readonly kinds: ReadonlyArray<Kind>
  see(at: number, kind: number, a: number, b: number): void
  result(endMs: number): PromiseResult
}

/** Keeps the first witness, counts occasions, and names what is excluded, each reason once. */
export const createVerdict = (name: PromiseName, says: string) => {
  let occasions = 0
  let witness: string | undefined
  const excluded = new Set<string>()
  return {
    occasion: (): void => {
      occasions += 1
    },
    broken: (text: () => string): void => {
      if (witness === undefined) witness = text()
    },
    exclude: (text: string): void => {
      excluded.add(text)
    },
    result: (): PromiseResult => ({
      name,
      says,
      held: witness === undefined,
      occasions,
      ...(witness === undefined ? {} : { witness }),
      excluded: [...excluded],
    }),
  }
}

/** `1,204`. */
export const grouped = (count: number): string => count.toLocaleString('en')

/** `1 task`, `1,204 tasks`. */
export const counted = (count: number, one: string, many = `${one}s`): string =>
  `${grouped(count)} ${count === 1 ? one : many}`

/** `at 312.4 s`, from virtual second zero. */
export const atText = (ms: number): string => `at ${(ms / 1000).toFixed(1)} s`

export const instanceText = (cast: Cast, instance: number): string =>
  cast.instances[instance]?.id ?? `instance ${instance}`

/** A task's service and the end of its id, which tells it apart within a run. */
export const taskText = (cast: Cast, task: number): string => {
  const known = cast.tasks[task]
  if (known === undefined) return `task ${task}`
  const service = cast.services[known.service]?.name ?? 'standalone'
  return `task ${service}/${shortId(known.id)}`
}

/** An ARN's or id's last part, shortened to what a reader can compare. */
const shortId = (id: string): string => {
  const last = id.slice(id.lastIndexOf('/') + 1)
  return last.length <= 12 ? last : last.slice(-8)
}
