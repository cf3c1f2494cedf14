/**
 * S5, the stream is enough: whoever has nothing but the stored commits, read back from text, knows what the controller
 * knew. Checked from outside, by listening to what the event store was told and what it answered.
 */
import {
  type Answer,
  type Call,
  type Commit,
  type Drain,
  type DrainEvent,
  evolve,
  idle,
  type Snapshot,
  type StreamId,
} from '@ecs-drain/core'
import { createVerdict, type PromiseResult } from '../promise/promise.ts'
import type { Controller, Execution } from './controller.ts'
import type { SnapshotObserver } from './ecs-drain.ts'
import { isPlainData, isSameData } from './plain-data.ts'

export interface StreamCheck {
  /** The same controller, overheard. */
  watching(controller: Controller): Controller
  readonly observe: SnapshotObserver
  result(): PromiseResult
}

export const createStreamCheck = (): StreamCheck => {
  /** By stream, and then by the version that each commit made. */
  const commits = new Map<StreamId, Array<Commit['events']>>()
  const snapshots = new Map<StreamId, Snapshot>()

  const learn = (stream: StreamId, version: number, events: Commit['events']): void => {
    const known = commits.get(stream)
    if (known !== undefined) {
      known[version - 1] = events
      return
    }
    const first: Array<Commit['events']> = []
    first[version - 1] = events
    commits.set(stream, first)
  }

  // A union of calls is not paired with the union of their answers: the type of the call says which answer it is.
  const overhear = (call: StreamCall, answer: unknown): void => {
    if (call.type === 'LoadStream') {
      for (const { version, events } of answer as Answer<'LoadStream'>) learn(call.stream, version, events)
      return
    }
    const outcome = answer as Answer<'AppendToStream'>
    if (outcome.type === 'appended') learn(call.stream, call.expectedVersion + 1, call.events)
    else for (const { version, events } of outcome.newer) learn(call.stream, version, events)
  }

  const overheard = (execution: Execution): Execution => ({
    id: execution.id,
    directory: execution.directory,
    now: () => execution.now(),
    end: (failed) => execution.end(failed),
    decided: (name, instance, text) => execution.decided(name, instance, text),
    call: (call, reply, failed) => {
      if (!isAboutStream(call)) return execution.call(call, reply, failed)
      execution.call(
        call,
        (answer) => {
          overhear(call, answer)
          reply(answer)
        },
        failed,
      )
    },
  })

  return {
    watching: (controller) => ({
      subscribes: controller.subscribes,
      handle: (batch, execution) => controller.handle(batch, overheard(execution)),
    }),
    observe: (stream, snapshot) => {
      snapshots.set(stream, snapshot)
    },
    result: () => {
      const verdict = createVerdict(
        'S5 the stream is enough',
        'State rebuilt from the stored events equals the state that was held.',
      )
      for (const [stream, { version, drain }] of snapshots) {
        verdict.occasion()
        const rebuilt = rebuiltFrom(commits.get(stream) ?? [], version)
        if (isSameData(rebuilt, drain)) continue
        verdict.broken(() => {
          const given = JSON.stringify(rebuilt)
          return `${stream}: the first ${version} commits give ${given}, held was ${JSON.stringify(drain)}`
        })
      }
      return verdict.result()
    },
  }
}

type StreamCall = Extract<Call, { readonly type: 'LoadStream' | 'AppendToStream' }>

const isAboutStream = (call: Call): call is StreamCall => call.type === 'LoadStream' || call.type === 'AppendToStream'

const rebuiltFrom = (commits: ReadonlyArray<Commit['events'] | undefined>, version: number): Drain => {
  let drain: Drain = idle
  for (let each = 0; each < version; each += 1) drain = (commits[each] ?? []).map(readBack).reduce(evolve, drain)
  return drain
}

/** The event as it comes back from text. Plain data comes back as it was, which is seen much faster than done. */
const readBack = (event: DrainEvent): DrainEvent =>
  isPlainData(event) ? event : (JSON.parse(JSON.stringify(event)) as DrainEvent)
