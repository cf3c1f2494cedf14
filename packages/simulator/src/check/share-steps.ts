/** Everything that can happen next to one instance's share: AWS's own moves, deliveries, sweeps, and the functions' calls. */
import type { Call, DrainEvent } from '@ecs-drain/core'
import { type Horizons, now } from './abstract-time.ts'
import { costs } from './cluster-state.ts'
import * as aws from './environment.ts'
import { comesBack, handled, type InternedCore, type Next } from './interned-core.ts'
import * as message from './message-code.ts'
import { type Model, tickMs } from './model.ts'
import { hook, taskArn } from './names.ts'
import {
  always,
  bitOf,
  type Cost,
  completedTwice,
  crashes,
  duplicated,
  earlyCompletion,
  failures,
  foreignTouched,
  free,
  type Guard,
  hookTimeouts,
  kept,
  lost,
  mayPlace,
  mayStopHealthy,
  type Occurrence,
  unanswered,
  unfaithfulStream,
  type Violation,
} from './occurrence.ts'
import * as reply from './reply-code.ts'
import { active, addWakeUp, giveBack, type Handler, inService, open, Share, vacate } from './share.ts'
import { inFlight, stopped } from './task-position.ts'

/** Told of each step. `share` is lent: it is used again for the next one. */
export type StepSeen = (share: Share, occurrence: Occurrence, terms: StepTerms) => void

export interface StepTerms {
  cost: Cost
  guard: Guard
  /** A host went away with healthy tasks for a reason that is not the controller's. */
  excuses: boolean
  violation: Violation
  /** Bits of `sometimes`. */
  reached: number
}

export interface ShareSteps {
  /** `misfortunes`: those that cost one as well. */
  readonly stepsOf: (share: Share, misfortunes: boolean, seen: StepSeen) => void
  /** The share after a tick; false: the clock may not move yet. */
  readonly tick: (share: Share, after: Share) => boolean
  /** Messages that were not sent because as many were under way as are told apart: a bound that was hit. */
  readonly wakeUpsForgone: () => number
}

const waited = bitOf('a drain waited for a STOPPED event')
const conflict = bitOf('two functions wrote to one stream, and the second met a conflict')
const wasDuplicated = bitOf('a message was delivered twice')
const wasLost = bitOf('a message was lost')
const foundBySweep = bitOf('the sweep found a termination whose notice never came')
const stoppedFoundBySweep = bitOf('the sweep found a STOPPED task whose event never came')
const crashedBetween = bitOf('a function crashed after an append and before its effect')
const crashedAfter = bitOf('a function crashed after a call had taken effect')
const answerLost = bitOf('a call took effect and its answer was lost')
const triedAgain = bitOf('a call failed and was made again')
const landedLate = bitOf('a task appeared on the instance after DRAINING')
const readStale = bitOf('a list or description was out of date')
const deadlineDecided = bitOf('the deadline decided')
const foreignIgnored = bitOf("another hook's notice was ignored")
const overAlready = bitOf('an action was over before it was answered')
const timedOut = bitOf('the hook timed out')
const heartbeat = bitOf('a heartbeat was recorded')
const completed = bitOf('a lifecycle action was completed because the last task had stopped')
const twoAtWork = bitOf('two functions were at work on one stream')
const toldToStopByUs = bitOf('a task was told to stop by us')
const begunAgain = bitOf('an ended drain was begun again by a late sweep')

const quiet = { subject: 0, copies: 1, code: 0 } as const

export const createShareSteps = (model: Model, core: InternedCore, horizons: Horizons): ShareSteps => {
  const { lifetime } = horizons
  const after = new Share()
  const terms: StepTerms = { cost: free, guard: always, excuses: false, violation: kept, reached: 0 }
  let source = after
  let told: StepSeen = () => {}
  let forgone = 0

  /** A fresh copy to change, with nothing paid or asked for it yet. */
  const change = (): Share => {
    terms.cost = free
    terms.guard = always
    terms.excuses = false
    terms.violation = kept
    terms.reached = 0
    return after.copyFrom(source)
  }

  /** What a model has none of, or a state none left of, need not be worked out. */
  const has = [true, ...costs.map((name) => model.misfortunes[name] > 0 && model.misfortunesInTotal > 0)]
  let misfortunes = true
  const mayPay = (cost: Cost): boolean => misfortunes && has[cost] === true

  const emit = (occurrence: Occurrence): void => {
    if (!model.staleReads) aws.becomeVisible(after)
    told(after, occurrence, terms)
  }

  /** The same step for each fate of the message it sends: it arrives once, never, or twice. */
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

  const sendWakeUp = (delay: number, hops: number): void => {
    if (!addWakeUp(after, delay, hops)) forgone += 1
  }

  const returnHeld = (handler: Handler): void => {
    const [first, second] = handler.held
    vacate(handler)
    if (!giveBack(after, first)) forgone += 1
    if (!giveBack(after, second)) forgone += 1
  }

  /** The handler goes on to what core says is next. */
  const proceed = (handler: Handler, next: Next): void => {
    if (next === comesBack) returnHeld(handler)
    else if (next === handled) vacate(handler)
    else handler.invocation = next + 1
  }

  const awsMoves = (): void => {
    if (aws.canTerminate(source)) {
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
    const place = aws.placeFor(source, model)
    if (place !== -1) {
      change()
      terms.guard = mayPlace
      aws.place(after, place)
      emit({ type: 'task-chosen-for-instance', ...quiet, subject: place })
    }
    if (mayPay(hookTimeouts) && aws.canTimeOut(source)) {
      change()
      terms.cost = hookTimeouts
      terms.reached = timedOut
      aws.timeOut(after)
      emit({ type: 'hook-times-out', ...quiet })
    }
    if (aws.canForeignAnswer(source)) {
      change()
      aws.foreignAnswers(after)
      emit({ type: 'other-hook-answered', ...quiet })
    }
    if (aws.canHostStop(source)) {
      change()
      // Whatever healthy task goes with it was given up by a deadline or a timeout; S1 is broken where it was neither.
      terms.excuses = aws.tasksHealthyCount(source) > 0
      aws.hostStops(after)
      emit({ type: 'host-stops', ...quiet })
    }
    if (aws.canDeregister(source)) {
      change()
      aws.deregister(after)
      emit({ type: 'ecs-deregisters', ...quiet })
    }
  }

  const taskMoves = (task: number): void => {
    const next = aws.advanceOf(source, task, model)
    if (next !== 0) advance('task-advances', task, next)
    if (aws.canNotice(source, task)) advance('ecs-notices-task', task, stopped)
    const how = aws.stoppable(source, task, model)
    if (how === 'no') return
    change()
    if (how === 'healthy') terms.guard = mayStopHealthy
    aws.tellToStop(after, task, model)
    emit({ type: 'scheduler-stops', ...quiet, subject: task })
  }

  const advance = (type: 'task-advances' | 'ecs-notices-task', task: number, position: number): void => {
    const move = (): void => {
      change()
      if (source.tasks[task] === inFlight && source.status !== active) terms.reached |= landedLate
      aws.moveTask(after, task, position)
    }
    if (position !== stopped) {
      move()
      emit({ type, ...quiet, subject: task })
      return
    }
    emitSending(type, task, 1, move, (copies) => {
      after.stoppedEvents[task] = (after.stoppedEvents[task] as number) + copies
    })
  }

  /** A place for one more function; -1: as many are at work as may be, a sweep being one of them. */
  const freeHandler = (): number => {
    const atWork = source.handlers.filter(({ invocation }) => invocation !== 0).length + (source.sweep === 0 ? 0 : 1)
    if (atWork >= model.handlers) return -1
    for (let each = 0; each < model.handlers; each += 1) if (source.handlers[each]?.invocation === 0) return each
    return -1
  }

  const deliveries = (place: number): void => {
    const codes = codesUnderWay()
    for (const code of codes) deliver(place, code, message.none)
    if (model.batch < 2) return
    for (const first of codes) for (const second of codes) if (first !== second) deliver(place, first, second)
  }

  const codesUnderWay = (): ReadonlyArray<number> => {
    const codes: Array<number> = []
    if (source.terminations > 0) codes.push(message.termination)
    if (source.foreignTerminations > 0) codes.push(message.foreignTermination)
    if (source.drainingEvents > 0) codes.push(message.drainingEvent)
    source.stoppedEvents.forEach((count, task) => {
      if (count > 0) codes.push(message.taskStopped + task)
    })
    for (const each of source.wakeUps) {
      const code = message.wakeUp + ((each - 1) & 7)
      if (each > 0 && each - 1 < 8 && !codes.includes(code)) codes.push(code)
    }
    return codes
  }

  const take = (code: number): void => {
    if (code === message.none) return
    if (code >= message.wakeUp) after.wakeUps[after.wakeUps.indexOf(code - message.wakeUp + 1)] = 0
    else if (code >= message.taskStopped) {
      const task = code - message.taskStopped
      after.stoppedEvents[task] = (after.stoppedEvents[task] as number) - 1
    } else if (code === message.termination) after.terminations -= 1
    else if (code === message.foreignTermination) after.foreignTerminations -= 1
    else after.drainingEvents -= 1
  }

  const deliver = (place: number, first: number, second: number): void => {
    change()
    take(first)
    take(second)
    const codes = second === message.none ? [first] : [first, second]
    terms.reached = reachedByDelivery(codes)
    const next = core.delivered(source.stream, source.indexed, source.startAge, codes)
    const handler = after.handlers[place] as Handler
    handler.held[0] = first
    handler.held[1] = second
    proceed(handler, next)
    if (after.handlers[0]?.invocation !== 0 && after.handlers[1]?.invocation !== 0) terms.reached |= twoAtWork
    emit({ type: 'delivered', subject: first | (second << 4), copies: 1, code: 0 })
  }

  const reachedByDelivery = (codes: ReadonlyArray<number>): number => {
    let reached = 0
    const drain = core.drain(source.stream)
    for (const code of codes) {
      if (code === message.foreignTermination) reached |= foreignIgnored
      if (code === message.termination && drain.tokens.length > 0) reached |= wasDuplicated
      if (code >= message.taskStopped && code < message.wakeUp) {
        const arn = taskArn(code - message.taskStopped)
        if (drain.tasks.some((task) => task.arn === arn && task.lastStatus === 'STOPPED')) reached |= wasDuplicated
      }
    }
    return reached
  }

  const sweepMoves = (isFree: boolean): void => {
    if (source.sweep === 0) {
      // Where nobody waits and nothing is watched a sweep says nothing.
      if (!model.sweeps || !isFree || (source.life === inService && !source.watched)) return
      const begun = core.sweepBegins(source.watched)
      if (begun === -1) return
      change()
      after.sweep = begun + 1
      after.sweepAge = 0
      emit({ type: 'sweep-begins', ...quiet })
      return
    }
    const call = core.sweepCall(source.sweep - 1)
    change()
    const code = aws.carriedOut(after, call, model)
    if (aws.touchesForeign(source, call)) terms.violation = foreignTouched
    const next = core.sweepReplied(source.sweep - 1, code, aws.lifecycleStateOf(source))
    after.sweep = next >= 0 ? next + 1 : 0
    if (next < 0) after.sweepAge = 0
    if (next <= -2) {
      // The sweep's own place becomes that of its invocation.
      const handler = after.handlers.find(({ invocation }) => invocation === 0) as Handler
      handler.age = source.sweepAge
      handler.invocation = -2 - next + 1
      handler.loading = true
    }
    emit({ type: 'sweep-goes-on', ...quiet, code })
  }

  const handlerMoves = (each: number): void => {
    const handler = source.handlers[each] as Handler
    if (handler.invocation === 0) return
    crashBefore(each)
    if (handler.loading) return load(each)
    const { call } = core.asking(handler.invocation - 1)
    if (call.type === 'AppendToStream') return append(each)
    const codes = aws.readCodes(source, call, model)
    if (codes.length > 0) for (const code of codes) answerRead(each, code, code !== codes[0])
    else if (call.type === 'SendWakeUp') answerWakeUp(each, call)
    else answer(each, call)
    fail(each)
  }

  const crashBefore = (each: number): void => {
    if (!mayPay(crashes)) return
    change()
    terms.cost = crashes
    const handler = after.handlers[each] as Handler
    if (!handler.loading && core.asking(handler.invocation - 1).invocation.stage.type === 'carrying') {
      terms.reached |= crashedBetween
    }
    returnHeld(handler)
    emit({ type: 'crashes-before', ...quiet, subject: each })
  }

  const load = (each: number): void => {
    change()
    const handler = after.handlers[each] as Handler
    handler.loading = false
    proceed(handler, core.loaded(handler.invocation - 1, source.stream))
    if (after.handlers[0]?.invocation !== 0 && after.handlers[1]?.invocation !== 0) terms.reached |= twoAtWork
    emit({ type: 'loaded', ...quiet, subject: each })
  }

  const append = (each: number): void => {
    const { invocation, outdated } = source.handlers[each] as Handler
    const id = invocation - 1
    change()
    const handler = after.handlers[each] as Handler
    if (outdated) {
      const { call } = core.asking(id)
      // The look-up of the container instance is put before the commit, and stays when that loses.
      if (call.type === 'AppendToStream' && call.index.containerInstances.length > 0) after.indexed = true
      terms.reached |= conflict
      handler.outdated = false
      proceed(handler, core.refused(id, source.stream))
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
    const { stream } = source
    const next = core.streamAfter(id)
    if (core.unfaithful() !== null) terms.violation = unfaithfulStream
    if (
      core.drain(stream).ending === 'completed' &&
      call.events.some(({ type }) => type === 'LifecycleActionCompleted')
    ) {
      terms.violation = completedTwice
    }
    terms.reached |= reachedByEvents(call.events, core.drain(stream).phase === 'ended')
    if (invocation.stage.type !== 'appending') return
    after.stream = next
    after.watched = call.index.watched
    if (call.index.containerInstances.length > 0) after.indexed = true
    source.handlers.forEach((other, index) => {
      if (index === each || other.invocation === 0 || other.loading) return
      core.noteNews(core.knownBy(other.invocation - 1), stream, next, call.events)
      ;(after.handlers[index] as Handler).outdated = true
    })
  }

  /** An answer that depends on what the read was shown. */
  const answerRead = (each: number, code: number, isStale: boolean): void => {
    change()
    if (isStale) terms.reached |= readStale
    const handler = after.handlers[each] as Handler
    proceed(handler, core.replied(handler.invocation - 1, code))
    emit({ type: 'replied', subject: each, copies: 1, code })
  }

  const answer = (each: number, call: Call): void => {
    const isForced = isForcedBy(each)
    const apply = (): number => {
      change()
      const wasActive = after.status
      const wasOpen = after.ourAction === open
      const code = aws.carriedOut(after, call, model)
      if (aws.touchesForeign(source, call)) terms.violation = foreignTouched
      // The policy has tasks stopped at its deadline, whatever the service's floor.
      if (call.type === 'StopTask') terms.excuses = true
      if (call.type === 'CompleteLifecycleAction' && code === reply.done && call.action.hook === hook) {
        if (call.result === 'CONTINUE' && !isForced && wasOpen && aws.hasTasksLeft(source)) {
          terms.violation = earlyCompletion
        }
      }
      if (model.drainingEvent && call.type === 'UpdateContainerInstancesState' && after.status !== wasActive) {
        after.drainingEvents += 1
      }
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

  const isForcedBy = (each: number): boolean => {
    const { invocation } = core.asking((source.handlers[each]?.invocation ?? 1) - 1)
    return invocation.known.drain.decision?.because === 'deadline'
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

  const tick = (share: Share, next: Share): boolean => {
    if (!aws.clockMayTick(share) || (share.sweep !== 0 && share.sweepAge >= lifetime)) return false
    if (share.handlers.some(({ invocation, age }) => invocation !== 0 && age >= lifetime)) return false
    next.copyFrom(share)
    aws.becomeVisible(next)
    if (next.ourAction === open) next.startAge = Math.min(horizons.start, next.startAge + 1)
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

  return {
    stepsOf: (share, asked, seen) => {
      source = share
      misfortunes = asked
      told = seen
      awsMoves()
      const place = freeHandler()
      if (place !== -1) deliveries(place)
      sweepMoves(place !== -1)
      for (let each = 0; each < model.handlers; each += 1) handlerMoves(each)
    },
    tick,
    wakeUpsForgone: () => forgone,
  }
}

const reachedByEvents = (events: ReadonlyArray<DrainEvent>, hadEnded: boolean): number => {
  let reached = 0
  for (const event of events) {
    switch (event.type) {
      case 'TaskSeen':
        reached |= waited
        break
      case 'DrainRequested':
        if (event.action.token === null) reached |= hadEnded ? begunAgain : foundBySweep
        break
      case 'TasksRead':
        if (event.scope === 'known' && event.tasks.some(({ lastStatus }) => lastStatus === 'STOPPED')) {
          reached |= stoppedFoundBySweep
        }
        break
      case 'EffectFailed':
        reached |= triedAgain
        break
      case 'CompletionDecided':
        if (event.because === 'deadline') reached |= deadlineDecided
        break
      case 'LifecycleActionCompleted':
        reached |= completed
        break
      case 'LifecycleActionOver':
        reached |= overAlready
        break
      case 'LifecycleActionHeartbeatRecorded':
        reached |= heartbeat
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

/** Nobody of ours is waited for any more, at Auto Scaling's. */
export const isHookClosed = ({ ourAction }: Share): boolean => ourAction !== open

/** Whether all that a share holds has come to rest, for the promise that every drain ends. */
export const isStreamSettled = (share: Share, core: InternedCore): boolean => {
  const { phase } = core.drain(share.stream)
  return (phase === 'idle' || phase === 'ended') && share.ourAction !== open
}
