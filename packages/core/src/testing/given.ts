/**
 * given(what happened).when(an observation).then(what is decided).owing(what is asked of the world): a rule of the drain
 * as a sentence. Knows no test runner: what does not hold is a plain Error whose message says what is missing.
 */
import { decide } from '../drain/decide.ts'
import { type Drain, evolve, fold } from '../drain/drain.ts'
import type { DrainEvent } from '../drain/drain-event.ts'
import type { DrainPolicy } from '../drain/drain-policy.ts'
import type { Effect } from '../effect/effect.ts'
import { effectsOwed } from '../effect/effects-owed.ts'
import type { Observation } from '../observation/observation.ts'
import type { Instant } from '../time/instant.ts'
import { policy as defaultPolicy } from './builders.ts'
import { difference } from './difference.ts'

/** When the observation comes, and under which policy: that of the builders unless told otherwise. */
export interface Circumstances {
  readonly at: Instant
  readonly policy?: DrainPolicy
  /** Self-sent messages that led here. */
  readonly hops?: number
}

/** What is decided can be looked at as a whole or only for what it owes. */
export interface Decided {
  readonly events: ReadonlyArray<DrainEvent>
  /** The drain after the events. */
  readonly drain: Drain
  /** Holds if exactly these events are decided, in this order. None: nothing is decided. */
  then(...expected: ReadonlyArray<DrainEvent>): Then
  /** As `owing` of `then`, where the events themselves are not the point. */
  owing(...expected: ReadonlyArray<Effect>): void
}

/** After the events have been compared. */
export interface Then {
  /** Holds if exactly these effects are owed after the decision, the most urgent first. None: nothing is owed. */
  owing(...expected: ReadonlyArray<Effect>): void
}

/** A drain with its history, to be told something. */
export interface Given {
  readonly drain: Drain
  /** What is decided on this observation. */
  when(observation: Observation, circumstances: Circumstances): Decided
  /** What is owed without anything being observed. */
  owes(expected: ReadonlyArray<Effect>, circumstances: Circumstances): void
}

/** A drain with this history. */
export const given = (...history: ReadonlyArray<DrainEvent>): Given => givenDrain(fold(history))

/** A drain as it is. */
export const givenDrain = (drain: Drain): Given => ({
  drain,
  when: (observation, circumstances) => decidedOn(drain, observation, circumstances),
  owes: (expected, circumstances) => expectOwed(drain, expected, circumstances),
})

const decidedOn = (drain: Drain, observation: Observation, circumstances: Circumstances): Decided => {
  const events = decide(observation, drain, circumstances.at, circumstances.policy ?? defaultPolicy())
  const after = events.reduce(evolve, drain)
  const owing = (...expected: ReadonlyArray<Effect>) => expectOwed(after, expected, circumstances)
  return {
    events,
    drain: after,
    owing,
    // biome-ignore lint/suspicious/noThenProperty: given, when, then; nobody awaits a decision.
    then: (...expected) => {
      const different = difference(events, expected)
      if (different !== null)
        throw new Error(`after ${observation.type}, ${drain.phase} decides otherwise:\n${different}`)
      return { owing }
    },
  }
}

const expectOwed = (drain: Drain, expected: ReadonlyArray<Effect>, { at, policy, hops }: Circumstances): void => {
  const owed = effectsOwed(drain, at, policy ?? defaultPolicy(), hops ?? 0)
  const different = difference(owed, expected)
  if (different !== null) throw new Error(`a drain that is ${drain.phase} owes otherwise:\n${different}`)
}
