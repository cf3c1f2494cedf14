/**
 * S5, the stream is enough: whoever has nothing but the stored commits, read back from text, knows what the controller
 * knew. Checked from outside, by listening to what the event store was told and what it answered.
 */
import {
  type Answer,
  type Call,
  type Commit,
  type DrainEvent,
  evolve,
  idle,
  type Snapshot,
  type StreamId,
} from '@ecs-drain/core'
import { createVerdict, type PromiseResult } from '../promise/promise.ts'
import type { Controller, Execution } from './controller.ts'
import type { SnapshotObserver } from './ecs-drain.ts'

export interface StreamCheck {
  /** The same controller, overheard. */
  watching(controller: Controller): Controller
  readonly observe: SnapshotObserver
  result(): PromiseResult
}

export const createStreamCheck = (): StreamCheck => {
  const commits = new Map<StreamId, Map<number, Commit['events']>>()
  const snapshots = new Map<StreamId, Snapshot>()

  const learn = (stream: StreamId, version: number, events: Commit['events']): void => {
    const known = commits.get(stream) ?? new Map<number, Commit['events']>()
    known.set(version, events)
    commits.set(stream, known)
  }

  // A union of calls is not paired with the union of their answers: the type of the call says which answer it is.
  const overhear = (call: Call, answer: unknown): void => {
    if (call.type === 'LoadStream') {
      for (const { version, events } of answer as Answer<'LoadStream'>) learn(call.stream, version, events)
    }
    if (call.type === 'AppendToStream') {
      const outcome = answer as Answer<'AppendToStream'>
      if (outcome.type === 'appended') learn(call.stream, call.expectedVersion + 1, call.events)
      else for (const { version, events } of outcome.newer) learn(call.stream, version, events)
    }
  }

  const overheard = (execution: Execution): Execution => ({
    id: execution.id,
    directory: execution.directory,
    now: () => execution.now(),
    end: (failed) => execution.end(failed),
    decided: (name, instance, text) => execution.decided(name, instance, text),
    call: (call, reply, failed) =>
      execution.call(
        call,
        (answer) => {
          overhear(call, answer)
          reply(answer)
        },
        failed,
      ),
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
        const events: DrainEvent[] = []
        for (let each = 1; each <= version; each++) events.push(...(commits.get(stream)?.get(each) ?? []))
        const rebuilt = JSON.stringify((JSON.parse(JSON.stringify(events)) as DrainEvent[]).reduce(evolve, idle))
        const held = JSON.stringify(drain)
        if (rebuilt !== held) {
          verdict.broken(() => `${stream}: the first ${version} commits give ${rebuilt}, held was ${held}`)
        }
      }
      return verdict.result()
    },
  }
}
