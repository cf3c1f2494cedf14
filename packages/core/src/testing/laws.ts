/**
 * What is true of every drain, as named assertions over a walk: random ones in property tests, and recorded ones as
 * well, because a walk is only what a drain was told and what came of it.
 */
import * as E from 'fp-ts/Either'
import { decide } from '../drain/decide.ts'
import { fold } from '../drain/drain.ts'
import type { DrainEvent } from '../drain/drain-event.ts'
import { hasStopped, type KnownTask, learned } from '../drain/known-tasks.ts'
import { effectsOwed } from '../effect/effects-owed.ts'
import type { Observation } from '../observation/observation.ts'
import type { TaskSighting } from '../observation/task-sighting.ts'
import { decodeCommit, encodeCommit } from '../port/stored-commit.ts'
import type { Walk, WalkStep } from './arbitraries.ts'
import { canonical, same } from './difference.ts'

/** A law and how to hold something to it. */
export interface Law<Subject> {
  readonly title: string
  /** Throws where the law does not hold. */
  readonly check: (subject: Subject) => void
}

const forEachStep =
  (check: (step: WalkStep, walk: Walk) => string | null) =>
  (walk: Walk): void =>
    walk.steps.forEach((step, index) => {
      const problem = check(step, walk)
      if (problem !== null)
        throw new Error(`step ${index}, ${step.observation.type} while ${step.before.phase}: ${problem}`)
    })

/** What may be delivered twice; an outcome is the answer to one call and comes once. */
const isDelivered = ({ type }: Observation): boolean => delivered.includes(type)

const delivered: ReadonlyArray<Observation['type']> = [
  'TerminationAnnounced',
  'ReturnedToService',
  'TaskSeen',
  'AgentSeen',
  'TimePassed',
  'SweptWaiting',
  'SweptElsewhere',
]

const find = <Type extends DrainEvent['type']>(events: ReadonlyArray<DrainEvent>, type: Type) =>
  events.find((event): event is Extract<DrainEvent, { type: Type }> => event.type === type)

const isEvidence = ({ observation, before }: WalkStep, settle: number): boolean =>
  observation.type === 'TasksSeen' &&
  observation.scope === 'all' &&
  observation.agentConnected !== null &&
  before.phase === 'draining' &&
  observation.since >= before.drainingSince + settle

/** The laws of a drain's life. */
export const drainLaws: ReadonlyArray<Law<Walk>> = [
  {
    title: 'deciding again on the same delivery decides nothing',
    check: forEachStep(({ observation, after, at }, { policy }) => {
      const again = isDelivered(observation) ? decide(observation, after, at, policy) : []
      return again.length === 0 ? null : `decided again: ${canonical(again)}`
    }),
  },
  {
    title: 'the drain rebuilt from its events is the drain that was held',
    check: ({ steps }) => {
      const events: Array<DrainEvent> = []
      for (const step of steps) {
        events.push(...step.events)
        if (!same(fold(events), step.after))
          throw new Error(`after ${step.observation.type}: ${canonical(fold(events))}`)
      }
    },
  },
  {
    title: 'events come back from a store of text as they were',
    check: ({ steps }) => {
      const events = steps.flatMap((step) => step.events)
      const reread = decodeCommit(JSON.parse(JSON.stringify(encodeCommit(events))))
      if (E.isLeft(reread)) throw new Error(reread.left.join('\n'))
      if (!same(reread.right, events)) throw new Error(canonical(reread.right))
    },
  },
  {
    title: 'an ended drain owes nothing, unless its instance came back from its warm pool or was seen to wait again',
    check: forEachStep(({ after, at }, { policy }) => {
      if (after.phase !== 'ended' || (after.returned && !after.activated) || after.doubted) return null
      const owed = effectsOwed(after, at, policy, 0)
      return owed.length === 0 ? null : `owed: ${canonical(owed)}`
    }),
  },
  {
    title: 'what remains is the number of tasks that have not stopped',
    check: forEachStep(({ after }) => {
      const count = after.tasks.filter((task) => !hasStopped(task)).length
      return after.remaining === count ? null : `${after.remaining} remain, ${count} have not stopped`
    }),
  },
  {
    title: 'drained is decided only by a full reading that began after the settle time and left no task',
    check: forEachStep((step, { policy }) => {
      const decision = find(step.events, 'CompletionDecided')
      if (decision?.because !== 'drained') return null
      if (!isEvidence(step, policy.settle)) return `drained on ${canonical(step.observation)}`
      return step.after.remaining === 0 ? null : `drained, and ${step.after.remaining} remain`
    }),
  },
  {
    title: 'a failure decides nothing but to try again, unless the deadline has passed',
    check: forEachStep(({ observation, events }) => {
      if (observation.type !== 'EffectFailed') return null
      const decision = find(events, 'CompletionDecided')
      return decision === undefined || decision.because === 'deadline' ? null : `completes because ${decision.because}`
    }),
  },
  {
    title: 'ABANDON is decided only at a deadline at which the user chose it',
    check: forEachStep(({ events }, { policy }) => {
      const decision = find(events, 'CompletionDecided')
      if (decision?.result !== 'ABANDON') return null
      return policy.deadline?.choice === 'abandon' ? null : 'ABANDON without having been chosen'
    }),
  },
  {
    title: 'a lifecycle action is completed at most once, and only after that was decided',
    check: ({ steps }) => {
      let decided = false
      let completed = false
      for (const { type } of steps.flatMap((step) => step.events)) {
        if (type === 'DrainRequested') {
          decided = false
          completed = false
        } else if (type === 'CompletionDecided') {
          if (decided) throw new Error('decided twice')
          decided = true
        } else if (type === 'LifecycleActionCompleted') {
          if (!decided || completed) throw new Error(completed ? 'completed twice' : 'completed without a decision')
          completed = true
        }
      }
    },
  },
  {
    title: 'DRAINING is asked for only while a termination is requested',
    check: forEachStep(({ after, at }, { policy }) => {
      const asks = effectsOwed(after, at, policy, 0).some(({ type }) => type === 'SetDraining')
      return !asks || after.phase === 'cordoning' ? null : `asks for DRAINING while ${after.phase}`
    }),
  },
  {
    title: 'an open drain never sleeps longer than until the next sweep',
    check: forEachStep(({ after, at }, { policy }) => {
      if (after.phase === 'idle' || after.phase === 'ended') return null
      const wakeUps = effectsOwed(after, at, policy, 0).flatMap((owed) => (owed.type === 'SendWakeUp' ? [owed] : []))
      const early = wakeUps.find((wakeUp) => wakeUp.at <= at || wakeUp.at > at + policy.sweepEvery)
      return early === undefined ? null : `a wake-up that is not in the next sweep's period: ${canonical(early)}`
    }),
  },
]

const byArn = (tasks: ReadonlyArray<KnownTask>): ReadonlyArray<KnownTask> =>
  tasks.toSorted((one, other) => (one.arn < other.arn ? -1 : 1))

const merge = (...lists: ReadonlyArray<ReadonlyArray<TaskSighting>>): ReadonlyArray<KnownTask> =>
  byArn(lists.reduce<ReadonlyArray<KnownTask>>((tasks, list) => learned(tasks, list, []), []))

const expectEqual = (what: string, one: ReadonlyArray<KnownTask>, other: ReadonlyArray<KnownTask>): void => {
  if (!same(one, other)) throw new Error(`${what}: ${canonical(one)} is not ${canonical(other)}`)
}

/** The laws of merging two lists of sightings. */
export const sightingLaws: ReadonlyArray<Law<readonly [ReadonlyArray<TaskSighting>, ReadonlyArray<TaskSighting>]>> = [
  {
    title: 'sightings commute',
    check: ([one, other]) => expectEqual('in the other order', merge(one, other), merge(other, one)),
  },
  {
    title: 'sightings are idempotent',
    check: ([one, other]) => expectEqual('seen again', merge(one, other, one, other), merge(one, other)),
  },
  {
    title: 'sightings merge one by one as they do together',
    check: ([one, other]) =>
      expectEqual('together', merge([...one, ...other]), merge(...[...one, ...other].map((each) => [each]))),
  },
]
