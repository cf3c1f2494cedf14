/** A step under construction: a share is copied, changed, and told of with what it costs and needs. Used again for each step. */

import { comesBack, handled, type Next } from '../core/interned-core.ts'
import type { Model } from '../model.ts'
import { costs } from '../state/cluster-state.ts'
import { addWakeUp, giveBack, type Handler, Share, vacate } from '../state/share.ts'
import * as aws from './environment.ts'
import {
  always,
  bitOf,
  type Cost,
  duplicated,
  free,
  type Guard,
  kept,
  lost,
  type Occurrence,
  type Violation,
} from './occurrence.ts'

const wasLost = bitOf('a message was lost')

/** Told of each step. `share` is lent: it is used again for the next one. */
export type StepSeen = (share: Share, occurrence: Occurrence, terms: StepTerms) => void

/** What a step costs and needs, and what it shows. */
export interface StepTerms {
  cost: Cost
  guard: Guard
  /** A host went away with healthy tasks for a reason that is not the controller's. */
  excuses: boolean
  /** It could as well have gone otherwise without a misfortune: nobody may count on it. */
  isChance: boolean
  /** A wake-up was left out, because as many were under way as are told apart. */
  forgoes: boolean
  violation: Violation
  /** Bits of `sometimes`. */
  reached: number
}

/** The step, and what it is made with. */
export interface StepDraft {
  /** Where the step starts from. */
  source: Share
  told: StepSeen
  /** Those that cost a misfortune are wanted as well. */
  misfortunes: boolean
  /** Messages that were not sent because as many were under way as are told apart: a bound that was hit. */
  wakeUpsForgone: number
  /** What becomes of the source, and on which terms. */
  readonly after: Share
  readonly terms: StepTerms
  /** Begins a step: `after` is a copy of the source, with nothing paid or asked for it yet. */
  readonly change: () => Share
  /** What a model has none of, or a state none left of, need not be worked out. */
  readonly mayPay: (cost: Cost) => boolean
  readonly emit: (occurrence: Occurrence) => void
  /** The same step for each fate of the message it sends: it arrives once, never, or twice. */
  readonly emitSending: (
    type: Occurrence['type'],
    subject: number,
    code: number,
    prepare: () => void,
    send: (copies: number) => void,
  ) => void
  readonly sendWakeUp: (delay: number, hops: number) => void
  /** The handler ends, and its messages come back. */
  readonly returnHeld: (handler: Handler) => void
  /** The handler goes on to what core says is next. */
  readonly proceed: (handler: Handler, next: Next) => void
}

/** An occurrence that sends nothing and needs no code. */
export const quiet = { subject: 0, copies: 1, code: 0 } as const

export const createStepDraft = (model: Model): StepDraft => {
  const after = new Share()
  const terms: StepTerms = {
    cost: free,
    guard: always,
    excuses: false,
    isChance: false,
    forgoes: false,
    violation: kept,
    reached: 0,
  }

  const change = (): Share => {
    terms.cost = free
    terms.guard = always
    terms.excuses = false
    terms.isChance = false
    terms.forgoes = false
    terms.violation = kept
    terms.reached = 0
    return after.copyFrom(draft.source)
  }

  const has = [true, ...costs.map((name) => model.misfortunes[name] > 0 && model.misfortunesInTotal > 0)]
  const mayPay = (cost: Cost): boolean => draft.misfortunes && has[cost] === true

  const emit = (occurrence: Occurrence): void => {
    if (!model.staleReads) aws.becomeVisible(after)
    draft.told(after, occurrence, terms)
  }

  const emitSending = (
    type: Occurrence['type'],
    subject: number,
    code: number,
    prepare: () => void,
    send: (copies: number) => void,
  ): void => {
    for (const copies of [1, 0, 2]) {
      if (copies !== 1 && !mayPay(copies === 0 ? lost : duplicated)) continue
      prepare()
      if (copies === 0) {
        terms.cost = lost
        terms.reached |= wasLost
      } else if (copies === 2) terms.cost = duplicated
      send(copies)
      emit({ type, subject, copies, code })
    }
  }

  const forgoUnless = (isUnderWay: boolean): void => {
    if (isUnderWay) return
    terms.forgoes = true
    draft.wakeUpsForgone += 1
  }

  const sendWakeUp = (delay: number, hops: number): void => forgoUnless(addWakeUp(after, delay, hops))

  const returnHeld = (handler: Handler): void => {
    const [first, second] = handler.held
    vacate(handler)
    forgoUnless(giveBack(after, first))
    forgoUnless(giveBack(after, second))
  }

  const proceed = (handler: Handler, next: Next): void => {
    if (next === comesBack) returnHeld(handler)
    else if (next === handled) vacate(handler)
    else handler.invocation = next + 1
  }

  const draft: StepDraft = {
    source: after,
    told: () => {},
    misfortunes: true,
    wakeUpsForgone: 0,
    after,
    terms,
    change,
    mayPay,
    emit,
    emitSending,
    sendWakeUp,
    returnHeld,
    proceed,
  }
  return draft
}
