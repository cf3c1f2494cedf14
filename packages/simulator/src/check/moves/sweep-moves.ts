/** A sweep begins, and goes on from call to call until it becomes the handling of what it found. */

import type { InternedCore } from '../core/interned-core.ts'
import type { Model } from '../model.ts'
import * as reply from '../state/reply-code.ts'
import { type Handler, inService } from '../state/share.ts'
import * as aws from './environment.ts'
import { bitOf, failures, foreignTouched } from './occurrence.ts'
import { quiet, type StepDraft } from './step-draft.ts'

const toldAllTheSame = bitOf('a sweep was not told who waits, and said that time had passed')

export const createSweepMoves = (draft: StepDraft, model: Model, core: InternedCore): ((isFree: boolean) => void) => {
  const { after, terms, change, emit, mayPay } = draft

  const sweepMoves = (isFree: boolean): void => {
    if (draft.source.sweep === 0) {
      // Where nobody waits and nothing is watched a sweep says nothing.
      if (!model.sweeps || !isFree || (draft.source.life === inService && !draft.source.watched)) return
      const begun = core.sweepBegins(draft.source.watched)
      if (begun === -1) return
      change()
      after.sweep = begun + 1
      after.sweepAge = 0
      emit({ type: 'sweep-begins', ...quiet })
      return
    }
    const call = core.sweepCall(draft.source.sweep - 1)
    change()
    const code = aws.carriedOut(after, call, model)
    if (aws.touchesForeign(draft.source, call)) terms.violation = foreignTouched
    goOn(code)
    emit({ type: 'sweep-goes-on', ...quiet, code })
    // If any other of its calls fails it has come to nothing, as if it had not begun.
    if (call.type !== 'DescribeAutoScalingGroups' || !mayPay(failures)) return
    change()
    terms.cost = failures
    if (goOn(reply.timedOut)) terms.reached |= toldAllTheSame
    emit({ type: 'sweep-fails', ...quiet, code: reply.timedOut })
  }

  /** Whether it has found somebody to tell something. */
  const goOn = (code: number): boolean => {
    const next = core.sweepReplied(draft.source.sweep - 1, code, aws.lifecycleStateOf(draft.source))
    after.sweep = next >= 0 ? next + 1 : 0
    if (next < 0) after.sweepAge = 0
    if (next > -2) return false
    // The sweep's own place becomes that of its invocation.
    const handler = after.handlers.find(({ invocation }) => invocation === 0) as Handler
    handler.age = draft.source.sweepAge
    handler.invocation = -2 - next + 1
    handler.loading = true
    return true
  }

  return sweepMoves
}
