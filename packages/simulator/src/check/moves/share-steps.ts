/** Everything that can happen next to one instance's share: AWS's own moves, deliveries, sweeps, the functions' calls, and a tick. */
import type { Horizons } from '../core/abstract-time.ts'
import type { InternedCore } from '../core/interned-core.ts'
import type { Model } from '../model.ts'
import { open, type Share } from '../state/share.ts'
import { createAwsMoves } from './aws-moves.ts'
import { createDeliveries } from './deliveries.ts'
import * as aws from './environment.ts'
import { deadlineTicks } from './excuse.ts'
import { createHandlerMoves } from './handler-moves.ts'
import type { Occurrence } from './occurrence.ts'
import { createStepDraft, type StepSeen, type StepTerms } from './step-draft.ts'
import { createSweepMoves } from './sweep-moves.ts'

/** A share on the way from one state to the next, and the step that led to it. */
export interface Passed {
  readonly share: Share
  readonly occurrence: Occurrence
  /** Of all steps up to here. */
  readonly terms: StepTerms
  readonly before: Passed | null
  /** How many there are up to here. */
  readonly count: number
}

/** Told of each step like `StepSeen`, and of what was passed before it, where steps are taken together. */
export type RunSeen = (share: Share, occurrence: Occurrence, terms: StepTerms, passed: Passed | null) => void

export interface ShareSteps {
  /** `misfortunes`: those that cost one as well. */
  readonly stepsOf: (share: Share, misfortunes: boolean, seen: RunSeen) => void
  /** Those of the functions at work alone, a sweep included. */
  readonly functionStepsOf: (share: Share, misfortunes: boolean, seen: StepSeen) => void
  /** The share after a tick; false: the clock may not move yet. */
  readonly tick: (share: Share, after: Share) => boolean
  /** Messages that were not sent because as many were under way as are told apart: a bound that was hit. */
  readonly wakeUpsForgone: () => number
}

export const createShareSteps = (model: Model, core: InternedCore, horizons: Horizons): ShareSteps => {
  const { lifetime } = horizons
  const draft = createStepDraft(model)
  const awsMoves = createAwsMoves(draft, model, core)
  const deliveries = createDeliveries(draft, model, core)
  const sweepMoves = createSweepMoves(draft, model, core)
  const handlerMoves = createHandlerMoves(draft, model, core)

  /** A place for one more function; -1: as many are at work as may be, a sweep being one of them. */
  const freeHandler = (): number => {
    const atWork =
      draft.source.handlers.filter(({ invocation }) => invocation !== 0).length + (draft.source.sweep === 0 ? 0 : 1)
    if (atWork >= model.handlers) return -1
    for (let each = 0; each < model.handlers; each += 1) if (draft.source.handlers[each]?.invocation === 0) return each
    return -1
  }

  const tick = (share: Share, next: Share): boolean => {
    if (!aws.clockMayTick(share) || (share.sweep !== 0 && share.sweepAge >= lifetime)) return false
    if (share.handlers.some(({ invocation, age }) => invocation !== 0 && age >= lifetime)) return false
    next.copyFrom(share)
    aws.becomeVisible(next)
    aws.listAgain(next)
    if (next.ourAction === open) {
      next.startAge = Math.min(horizons.start, next.startAge + 1)
      next.deadlineAge = Math.min(deadlineTicks(model), next.deadlineAge + 1)
    }
    next.wakeUps.forEach((each, index) => {
      if (each > 8) next.wakeUps[index] = each - 8
    })
    next.stream = core.streamLater(share.stream)
    for (const handler of next.handlers) {
      if (handler.invocation === 0) continue
      handler.age += 1
      const id = handler.invocation - 1
      if (handler.loading) handler.invocation = core.assignmentLater(id) + 1
      else {
        if (handler.outdated) core.newsLater(core.knownBy(id), share.stream)
        handler.invocation = core.invocationLater(id) + 1
      }
    }
    if (next.sweep !== 0) {
      next.sweep = core.sweepLater(next.sweep - 1) + 1
      next.sweepAge += 1
    }
    return true
  }

  const begin = (share: Share, misfortunes: boolean, seen: StepSeen): void => {
    draft.source = share
    draft.misfortunes = misfortunes
    draft.told = seen
  }

  return {
    stepsOf: (share, misfortunes, seen) => {
      begin(share, misfortunes, (after, occurrence, terms) => seen(after, occurrence, terms, null))
      awsMoves()
      const place = freeHandler()
      if (place !== -1) deliveries(place)
      sweepMoves(place !== -1)
      for (let each = 0; each < model.handlers; each += 1) handlerMoves(each)
    },
    functionStepsOf: (share, misfortunes, seen) => {
      begin(share, misfortunes, seen)
      if (share.sweep !== 0) sweepMoves(false)
      for (let each = 0; each < model.handlers; each += 1) handlerMoves(each)
    },
    tick,
    wakeUpsForgone: () => draft.wakeUpsForgone,
  }
}

/** Nobody of ours is waited for any more, at Auto Scaling's. */
export const isHookClosed = ({ ourAction }: Share): boolean => ourAction !== open

/** Whether all that a share holds has come to rest, for the promise that every drain ends. */
export const isStreamSettled = (share: Share, core: InternedCore): boolean => {
  const { phase } = core.drain(share.stream)
  return (phase === 'idle' || phase === 'ended') && share.ourAction !== open
}
