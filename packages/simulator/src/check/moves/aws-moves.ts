/** What Auto Scaling, ECS and the machine do by themselves, and what the service scheduler may do. */

import type { InternedCore } from '../core/interned-core.ts'
import type { Model } from '../model.ts'
import { active, answered, type Handler, type Share } from '../state/share.ts'
import { inFlight, stopped } from '../state/task-position.ts'
import * as aws from './environment.ts'
import { isForced } from './excuse.ts'
import {
  bitOf,
  earlyCompletion,
  hookTimeouts,
  mayPlace,
  mayStopHealthy,
  mayStopSurplus,
  stopsTask,
} from './occurrence.ts'
import { quiet, type StepDraft } from './step-draft.ts'

const landedLate = bitOf('a task appeared on the instance after DRAINING')
const timedOut = bitOf('the hook timed out')

export const createAwsMoves = (draft: StepDraft, model: Model, core: InternedCore): (() => void) => {
  const { after, terms, change, emit, emitSending, mayPay } = draft

  const awsMoves = (): void => {
    if (aws.canTerminate(draft.source)) {
      const begin = (): void => {
        change()
        aws.terminate(after, model)
        if (model.foreignHook) after.foreignTerminations += 1
      }
      emitSending('termination-begins', 0, 0, begin, (copies) => {
        after.terminations += copies
      })
    }
    for (let task = 0; task < model.taskSlots; task += 1) taskMoves(task)
    const place = aws.placeFor(draft.source, model)
    if (place !== -1) {
      change()
      terms.guard = mayPlace
      if (isLetGo(draft.source)) terms.violation = earlyCompletion
      aws.place(after, place)
      emit({ type: 'task-chosen-for-instance', ...quiet, subject: place })
    }
    if (mayPay(hookTimeouts) && aws.canTimeOut(draft.source)) {
      change()
      terms.cost = hookTimeouts
      terms.reached = timedOut
      aws.timeOut(after)
      emit({ type: 'hook-times-out', ...quiet })
    }
    if (aws.canForeignAnswer(draft.source)) {
      change()
      aws.foreignAnswers(after)
      emit({ type: 'other-hook-answered', ...quiet })
    }
    if (model.setActiveByOthers && aws.canSetActive(draft.source) && isUndecided(draft.source)) {
      change()
      aws.setActive(after)
      emit({ type: 'set-active-by-others', ...quiet })
    }
    if (aws.canHostStop(draft.source)) {
      change()
      // Whoever let it go with tasks on it has been judged for that (S1), or was excused.
      terms.excuses = aws.tasksHealthyCount(draft.source) > 0
      aws.hostStops(after)
      emit({ type: 'host-stops', ...quiet })
    }
    if (aws.canDeregister(draft.source)) {
      change()
      aws.deregister(after)
      emit({ type: 'ecs-deregisters', ...quiet })
    }
  }

  /** Completed because nothing is left on it, and whoever is placed there now is lost. */
  const isLetGo = (share: Share): boolean =>
    share.ourAction === answered && !isForced(core.drain(share.stream), share, model)

  /** Between the last look at it and what was decided on that, nothing could be done about it. */
  const isUndecided = ({ handlers, stream }: Share): boolean => {
    const { phase } = core.drain(stream)
    return phase !== 'completing' && phase !== 'ended' && !handlers.some(isDeciding)
  }

  const isDeciding = ({ invocation, loading }: Handler): boolean => {
    if (invocation === 0 || loading) return false
    const { call } = core.asking(invocation - 1)
    return call.type === 'AppendToStream' && call.events.some(({ type }) => type === 'CompletionDecided')
  }

  const taskMoves = (task: number): void => {
    const next = aws.advanceOf(draft.source, task, model)
    if (next !== 0) advance('task-advances', task, next)
    if (aws.canNotice(draft.source, task)) advance('ecs-notices-task', task, stopped)
    if (aws.canEnd(draft.source, task, model)) {
      change()
      aws.tellToStop(after, task, model)
      emit({ type: 'task-ends', ...quiet, subject: task })
    }
    const how = aws.stoppable(draft.source, task, model)
    if (how === 'no') return
    change()
    if (how === 'healthy') terms.guard = mayStopHealthy
    if (how === 'surplus') terms.guard = mayStopSurplus
    aws.tellToStop(after, task, model)
    const isSurplus = how === 'surplus' || how === 'pending surplus'
    emit({ type: isSurplus ? 'scheduler-stops-surplus' : 'scheduler-stops', ...quiet, subject: task })
  }

  const advance = (type: 'task-advances' | 'ecs-notices-task', task: number, position: number): void => {
    const move = (): void => {
      change()
      if (draft.source.tasks[task] === inFlight && draft.source.status !== active) terms.reached |= landedLate
      aws.moveTask(after, task, position)
    }
    if (position !== stopped) {
      move()
      emit({ type, ...quiet, subject: task })
      return
    }
    emitSending(type, task, stopsTask, move, (copies) => {
      after.stoppedEvents[task] = (after.stoppedEvents[task] as number) + copies
    })
  }

  return awsMoves
}
