/**
 * A reduction of partial order. While a function is at work the clock stands still, and most of its calls are about what
 * nobody else can change or look at in the meantime. Then it makes no difference what the others do before such a call or
 * after it, so it is made at once: the share in between is passed, and never becomes part of a state.
 *
 * Why nothing is missed. Let t be a step of the function from a share that is passed, and w steps of anybody else. If t
 * can follow w, it can come before w as well and leads to the same state; and an answer without a misfortune is always
 * possible. So a path through passed shares can be taken with the function's steps first, and that is what is explored:
 * t is a strong stubborn set. No t changes a task, which is all that the floor looks at. A completion is too early at
 * least where it would be later, since no task can come to the instance. Every state that is stored is explored in full, and
 * only so many shares in a row are passed, so nobody is put off for ever. Of a passed share the liveness pass need not
 * know, since from there a step that comes about by itself leads to a state it does know.
 */
import type { Horizons } from '../core/abstract-time.ts'
import type { InternedCore } from '../core/interned-core.ts'
import type { Model } from '../model.ts'
import { taskOf } from '../state/names.ts'
import { type Handler, open, Share, unlisted, waiting } from '../state/share.ts'
import { isToldToStop, nowhere, stopped } from '../state/task-position.ts'
import * as aws from './environment.ts'
import type { Passed, ShareSteps } from './share-steps.ts'
import type { StepSeen, StepTerms } from './step-draft.ts'

/** No function that ends makes as many calls in a row; one that never ends must not keep the others from their turn. */
const passedMost = 100

/** Steps that go on to the next share that is not passed. */
export const createReducedSteps = (
  steps: ShareSteps,
  isPassed: (share: Share, misfortunes: boolean) => boolean,
): ShareSteps => {
  // Lent, like the share of a step: used again for the next one.
  const shares: Array<Share> = []

  const stepsOf: ShareSteps['stepsOf'] = (from, misfortunes, seen) => {
    const passed: Array<Passed> = []
    const goOn =
      (before: Passed | null): StepSeen =>
      (share, occurrence, step) => {
        const terms = before === null ? step : together(before.terms, step)
        const count = before === null ? 1 : before.count + 1
        // After a misfortune there may be none left, and a step is one or none.
        const mayGoOn = terms.cost === 0 && terms.violation === 0 && count <= passedMost
        if (!mayGoOn || !isPassed(share, misfortunes)) return seen(share, occurrence, terms, before)
        const copy = shares[passed.length] ?? new Share()
        shares[passed.length] = copy
        passed.push({ share: copy.copyFrom(share), occurrence, terms: { ...terms }, before, count })
      }
    steps.stepsOf(from, misfortunes, goOn(null))
    // It grows under way.
    for (const each of passed) steps.functionStepsOf(each.share, misfortunes, goOn(each))
  }

  return { ...steps, stepsOf }
}

/** Only the first step may need leave of the rest of the cluster, only the last one costs a misfortune or breaks a promise. */
const together = (first: StepTerms, last: StepTerms): StepTerms => ({
  cost: last.cost,
  guard: first.guard,
  excuses: first.excuses || last.excuses,
  isChance: first.isChance || last.isChance,
  forgoes: first.forgoes || last.forgoes,
  violation: last.violation,
  reached: first.reached | last.reached,
})

/** Whether one function is at work, and neither its next step nor anybody else's depends on which of them comes first. */
export const createIsPassed = (model: Model, core: InternedCore, { lifetime }: Horizons) => {
  const mayTimeOut = model.misfortunes.hookTimeouts > 0 && model.misfortunesInTotal > 0

  /** However far the task goes: that it is told to stop is not taken back. What is old may show it on its way there. */
  const isListedAlike = (position: number): boolean =>
    position === nowhere || (model.staleReads ? position === stopped : isToldToStop(position))

  return (share: Share, misfortunes: boolean): boolean => {
    // Functions that meet depend on each other in nearly everything: they write to one stream.
    if (model.handlers > 1) return false
    // While our hook holds the instance it stays where it is, in Auto Scaling and in ECS.
    const isHeld = share.life === waiting && share.ourAction === open && !(mayTimeOut && misfortunes)
    if (share.sweep !== 0) return share.sweepAge >= lifetime && isHeld
    const [handler] = share.handlers as [Handler]
    // A function that is younger sees the clock move.
    if (handler.invocation === 0 || handler.age < lifetime) return false
    if (handler.loading) return true
    const { call } = core.asking(handler.invocation - 1)
    const mayBeSetActive = model.setActiveByOthers && aws.canSetActive(share)
    const mayBePlaced = mayBeSetActive || aws.placeFor(share, model) !== -1
    switch (call.type) {
      case 'AppendToStream':
      case 'DescribeLifecycleHooks':
      // What is sent to itself no function gets before this one has ended.
      case 'SendWakeUp':
        return true
      case 'RecordLifecycleActionHeartbeat':
        return isHeld
      case 'ListContainerInstances':
        return isHeld && share.listing !== unlisted
      case 'DescribeContainerInstances':
        return isHeld && !mayBeSetActive
      case 'UpdateContainerInstancesState':
        // Of an ACTIVE instance that was set so, a task may be one too many.
        return isHeld && !mayBePlaced && call.status === 'DRAINING' && !model.setActiveByOthers
      case 'CompleteLifecycleAction':
        return isHeld && !mayBePlaced
      case 'ListTasks':
        return !mayBePlaced && share.tasks.every(isListedAlike) && aws.readCodes(share, call, model).length === 1
      case 'DescribeTasks':
        return (
          call.tasks.every((arn) => share.tasks[taskOf(arn)] === stopped) &&
          aws.readCodes(share, call, model).length === 1
        )
      default:
        return false
    }
  }
}
