/** A function goes on: its call is answered, fails, or is the last thing that it does. */
import type { Call, Drain, DrainEvent, TaskSighting } from '@ecs-drain/core'
import { now } from '../core/abstract-time.ts'
import type { InternedCore } from '../core/interned-core.ts'
import { type Model, tickMs } from '../model.ts'
import { taskStopped, termination } from '../state/message-code.ts'
import { taskOf } from '../state/names.ts'
import * as reply from '../state/reply-code.ts'
import { active, copiesUnderWay, draining, type Handler, type Share, unlisted } from '../state/share.ts'
import * as aws from './environment.ts'
import { isForced, stopsTasks } from './excuse.ts'
import {
  bitOf,
  completedTwice,
  crashes,
  earlyCompletion,
  failures,
  foreignTouched,
  lookUpPut,
  unanswered,
  unfaithfulStream,
} from './occurrence.ts'
import { quiet, type StepDraft } from './step-draft.ts'

const waited = bitOf('a drain waited for a STOPPED event')
const conflict = bitOf('two functions wrote to one stream, and the second met a conflict')
const foundBySweep = bitOf('the sweep found a termination whose notice never came')
const stoppedFoundBySweep = bitOf('the sweep found a STOPPED task whose event never came')
const crashedBetween = bitOf('a function crashed after an append and before its effect')
const crashedAfter = bitOf('a function crashed after a call had taken effect')
const answerLost = bitOf('a call took effect and its answer was lost')
const triedAgain = bitOf('a call failed and was made again')
const readStale = bitOf('a list or description was out of date')
const deadlineDecided = bitOf('the deadline decided')
const overAlready = bitOf('an action was over before it was answered')
const heartbeat = bitOf('a heartbeat was recorded that time had made due')
const completed = bitOf('a lifecycle action was completed because the last task had stopped')
const twoAtWork = bitOf('two functions were at work on one stream')
const toldToStopByUs = bitOf('a task was told to stop by us')
const foundAfterAll = bitOf('an instance that was in no list was found all the same')
const drainedAnew = bitOf('somebody set the instance ACTIVE, and it was set DRAINING again')

export const createHandlerMoves = (draft: StepDraft, model: Model, core: InternedCore): ((each: number) => void) => {
  const { after, terms, change, emit, emitSending, mayPay, sendWakeUp, returnHeld, proceed } = draft

  const handlerMoves = (each: number): void => {
    const handler = draft.source.handlers[each] as Handler
    if (handler.invocation === 0) return
    crashBefore(each)
    if (putsLookUp(handler)) crashBefore(each, lookUpPut)
    if (handler.loading) return load(each)
    const { call } = core.asking(handler.invocation - 1)
    if (call.type === 'AppendToStream') return append(each)
    if (call.type === 'ListContainerInstances') missInstance(each)
    const codes = aws.readCodes(draft.source, call, model)
    if (codes.length > 0) for (const code of codes) answerRead(each, code, code !== codes[0])
    else if (call.type === 'SendWakeUp') answerWakeUp(each, call)
    else answer(each, call)
    fail(each)
  }

  /** The look-up of the container instance is put before the commit. */
  const putsLookUp = ({ loading, invocation }: Handler): boolean =>
    !loading && !draft.source.indexed && indexes(core.asking(invocation - 1).call)

  const crashBefore = (each: number, code = 0): void => {
    if (!mayPay(crashes)) return
    change()
    terms.cost = crashes
    if (code === lookUpPut) after.indexed = true
    const handler = after.handlers[each] as Handler
    if (!handler.loading && core.asking(handler.invocation - 1).invocation.stage.type === 'carrying') {
      terms.reached |= crashedBetween
    }
    returnHeld(handler)
    emit({ type: 'crashes-before', ...quiet, subject: each, code })
  }

  const load = (each: number): void => {
    change()
    const handler = after.handlers[each] as Handler
    handler.loading = false
    proceed(handler, core.loaded(handler.invocation - 1, draft.source.stream))
    if (after.handlers[0]?.invocation !== 0 && after.handlers[1]?.invocation !== 0) terms.reached |= twoAtWork
    emit({ type: 'loaded', ...quiet, subject: each })
  }

  const append = (each: number): void => {
    const { invocation, outdated } = draft.source.handlers[each] as Handler
    const id = invocation - 1
    change()
    const handler = after.handlers[each] as Handler
    if (outdated) {
      // The look-up stays when the commit loses.
      if (indexes(core.asking(id).call)) after.indexed = true
      terms.reached |= conflict
      handler.outdated = false
      proceed(handler, core.refused(id, draft.source.stream))
      if (core.unfaithful() !== null) terms.violation = unfaithfulStream
      return emit({ type: 'replied', ...quiet, subject: each })
    }
    commit(each, id)
    proceed(handler, core.replied(id, reply.appended))
    emit({ type: 'replied', ...quiet, subject: each })
    if (!mayPay(crashes)) return
    change()
    terms.cost = crashes
    commit(each, id)
    terms.reached |= crashedAfter
    returnHeld(handler)
    emit({ type: 'crashes-after', ...quiet, subject: each })
  }

  const commit = (each: number, id: number): void => {
    const { call, invocation } = core.asking(id)
    if (call.type !== 'AppendToStream') return
    const { stream } = draft.source
    const next = core.streamAfter(id)
    if (core.unfaithful() !== null) terms.violation = unfaithfulStream
    const before = core.drain(stream)
    const completions = call.events.filter(({ type }) => type === 'LifecycleActionCompleted').length
    if (completions + (before.ending === 'completed' ? 1 : 0) > 1) terms.violation = completedTwice
    terms.reached |= reachedByCommit(before, call.events, core.drain(next), draft.source)
    if (invocation.stage.type !== 'appending') return
    after.stream = next
    after.watched = call.index.watched
    if (indexes(call)) after.indexed = true
    draft.source.handlers.forEach((other, index) => {
      if (index === each || other.invocation === 0 || other.loading) return
      core.noteNews(core.knownBy(other.invocation - 1), stream, next, call.events)
      ;(after.handlers[index] as Handler).outdated = true
    })
  }

  /** An answer that depends on what the read was shown. */
  const answerRead = (each: number, code: number, isStale: boolean): void => {
    change()
    if (isStale) {
      terms.reached |= readStale
      terms.isChance = true
    }
    const handler = after.handlers[each] as Handler
    proceed(handler, core.replied(handler.invocation - 1, code))
    emit({ type: 'replied', subject: each, copies: 1, code })
  }

  /** It is in no list yet, although it is there. */
  const missInstance = (each: number): void => {
    const isFirst = mayPay(failures) && aws.canBeUnlisted(draft.source)
    if (!isFirst && draft.source.listing !== unlisted) return
    change()
    if (isFirst) {
      terms.cost = failures
      aws.unlist(after)
    } else terms.isChance = true
    const handler = after.handlers[each] as Handler
    proceed(handler, core.replied(handler.invocation - 1, reply.absent))
    emit({ type: 'replied', subject: each, copies: 1, code: reply.absent })
  }

  const answer = (each: number, call: Call): void => {
    const isEarly = !isForced(drainOf(each), draft.source, model)
    const apply = (): number => {
      change()
      const was = after.status
      const code = aws.carriedOut(after, call, model)
      // The policy has tasks stopped at its deadline, whatever the service's floor.
      if (call.type === 'StopTask') terms.excuses = stopsTasks(draft.source, model)
      // Of either result: after an ABANDON the host goes as well.
      const isCompleted = call.type === 'CompleteLifecycleAction' && code === reply.done
      if (isCompleted && isEarly && aws.hasTasksLeft(draft.source)) terms.violation = earlyCompletion
      if (aws.touchesForeign(draft.source, call)) terms.violation = foreignTouched
      if (model.drainingEvent && call.type === 'UpdateContainerInstancesState' && after.status !== was) {
        after.drainingEvents += 1
      }
      if (after.wasSetActive && was === active && after.status === draining) terms.reached |= drainedAnew
      return code
    }
    const code = apply()
    const handler = after.handlers[each] as Handler
    proceed(handler, core.replied(handler.invocation - 1, code))
    emit({ type: 'replied', subject: each, copies: 1, code })
    if (aws.isRead(call) || code === reply.notActive || code === reply.isInactive) return
    endings(each, () => {
      apply()
    })
  }

  /** The drain as that function knows it. */
  const drainOf = (each: number) => {
    const { invocation } = core.asking((draft.source.handlers[each]?.invocation ?? 1) - 1)
    return invocation.known.drain
  }

  const answerWakeUp = (each: number, call: Extract<Call, { type: 'SendWakeUp' }>): void => {
    const handler = after.handlers[each] as Handler
    const delay = Math.max(0, Math.ceil((call.at - now) / tickMs))
    const send = (copies: number): void => {
      for (let copy = 0; copy < copies; copy += 1) sendWakeUp(delay, call.hops)
    }
    const go = (): void => {
      change()
      proceed(handler, core.replied(handler.invocation - 1, reply.done))
    }
    emitSending('replied', each, reply.done, go, send)
    endings(each, () => {
      change()
      send(1)
    })
  }

  /** What was asked for is done, and the function does not hear of it: it dies, or the answer is lost. */
  const endings = (each: number, apply: () => void): void => {
    const handler = after.handlers[each] as Handler
    if (mayPay(crashes)) {
      apply()
      terms.cost = crashes
      terms.reached |= crashedAfter
      returnHeld(handler)
      emit({ type: 'crashes-after', ...quiet, subject: each })
    }
    if (!mayPay(unanswered)) return
    apply()
    terms.cost = unanswered
    terms.reached |= answerLost
    proceed(handler, core.replied(handler.invocation - 1, reply.timedOut))
    emit({ type: 'unanswered', ...quiet, subject: each })
  }

  const fail = (each: number): void => {
    if (!mayPay(failures)) return
    change()
    terms.cost = failures
    const handler = after.handlers[each] as Handler
    proceed(handler, core.replied(handler.invocation - 1, reply.timedOut))
    emit({ type: 'failed', ...quiet, subject: each })
  }

  return handlerMoves
}

const indexes = (call: Call): boolean => call.type === 'AppendToStream' && call.index.containerInstances.length > 0

/** What the events say, and what they can only say because of what is no longer, or not yet, under way. */
const reachedByCommit = (before: Drain, events: ReadonlyArray<DrainEvent>, next: Drain, share: Share): number => {
  let reached = wasTriedAgain(before, events, next) ? triedAgain : 0
  for (const event of events) {
    switch (event.type) {
      case 'ContainerInstanceFound':
        if (before.missingSince !== null) reached |= foundAfterAll
        break
      case 'TaskSeen':
        reached |= waited
        break
      case 'DrainRequested':
        if (event.action.token === null && !isUnderWay(share, termination)) reached |= foundBySweep
        break
      case 'TasksRead':
        if (isForSweep(before, event) && event.tasks.some((task) => isNewsOfOld(before, task, share))) {
          reached |= stoppedFoundBySweep
        }
        break
      case 'CompletionDecided':
        if (event.because === 'deadline') reached |= deadlineDecided
        break
      case 'LifecycleActionCompleted':
        if (next.decision?.because === 'drained') reached |= completed
        break
      case 'LifecycleActionOver':
        if (event.of === 'completion') reached |= overAlready
        break
      case 'LifecycleActionHeartbeatRecorded':
        // What a doubt asks for is no sign of life.
        if (!before.doubted) reached |= heartbeat
        break
      case 'TaskToldToStop':
        reached |= toldToStopByUs
        break
      default:
        break
    }
  }
  return reached
}

/** An effect that had failed has had its outcome. What ends a drain settles nothing but the completion. */
const wasTriedAgain = (before: Drain, events: ReadonlyArray<DrainEvent>, next: Drain): boolean => {
  if (before.failures.length === 0 || events.some(({ type }) => type === 'ContainerInstanceLost')) return false
  const isSettled = ({ effect, task }: Drain['failures'][number]): boolean =>
    next.phase === 'ended'
      ? effect === 'CompleteLifecycleAction'
      : !next.failures.some((failed) => failed.effect === effect && failed.task === task)
  return before.failures.some(isSettled)
}

const isForSweep = ({ sweptAt }: Drain, { scope }: Extract<DrainEvent, { type: 'TasksRead' }>): boolean =>
  scope === 'known' && sweptAt !== null

/** A task that had been seen running has stopped, and no event is left that would say so. */
const isNewsOfOld = (before: Drain, { arn, lastStatus }: TaskSighting, share: Share): boolean => {
  if (lastStatus !== 'STOPPED' || isUnderWay(share, taskStopped + taskOf(arn))) return false
  return before.tasks.some((known) => known.arn === arn && known.lastStatus !== 'STOPPED')
}

/** Sent and not handled yet. */
const isUnderWay = (share: Share, code: number): boolean =>
  copiesUnderWay(share, code) > 0 ||
  share.handlers.some(({ invocation, held }) => invocation !== 0 && held.includes(code))
