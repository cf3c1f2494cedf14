/**
 * One request of a function: there, applied, and back. It may be throttled, lost on the way there or back, or never
 * answered because the function is gone.
 */
import type { Answer, Call, CallType, Failure } from '@ecs-drain/core'
import { API_CALL, API_FAILED } from '../../trace/kind-numbers.ts'
import { failureKinds, type Operation, operations } from '../../trace/trace.ts'
import { applyApiCall } from '../api.ts'
import { hostMayDie } from '../auto-scaling/host-death.ts'
import { drawn, faultsStrike, staleness, strikes } from '../chance.ts'
import { numberIn } from '../names.ts'
import { CALL_ARRIVES } from '../occurrences.ts'
import { purposeOf } from '../parameters.ts'
import { type ScriptedFate, scriptedFate } from '../script.ts'
import type { ApiFault, Failed, PendingCall, Replied, Run, World } from '../state.ts'
import { takeToken } from '../throttling.ts'
import { type CallTraits, traitsOf } from './call-traits.ts'
import { applyStoreCall, type StoreCall } from './event-store.ts'

export const call = (
  world: World,
  run: Run,
  request: Call,
  replied: Replied,
  failed: Failed,
  crash: (world: World, run: Run) => void,
): void => {
  if (run.ended) return
  const traits = traitsOf[request.type]
  const subject = subjectOf(world, request)
  const fate = crashByChance(world, subject, traits) ?? scriptedFate(world, request.type)
  if (fate === 'crash-before') return crash(world, run)
  const slot = pend(world, run, request, traits, subject, replied, failed)
  const pending = world.calls[slot] as PendingCall
  if (traits.operation >= 0) world.trace.write(world.now, API_CALL, traits.operation, run.number)
  const { settings } = world
  const latency = drawn(world, traits.isStore ? settings['store.latency'] : settings['api.latency'], subject)
  const there = Math.max(1, latency >> 1)
  pending.back = latency - there
  if (!traits.isStore && fate === null) pending.fault = apiFault(world, subject, traits.isWrite)
  if (fate === 'fail-call') pending.fault = 'unavailable'
  else if (fate === 'lose-request') pending.fault = 'lost'
  else if (fate === 'lose-answer') pending.fault = 'applied'
  if (pending.fault === 'lost') return fail(world, slot, timedOut, drawn(world, world.settings['api.timeout'], subject))
  send(world, slot, there)
  // The request is out, and nobody waits for its answer.
  if (fate === 'crash-after') crash(world, run)
}

/** The function may die before the request is out, or after; only then it is applied. */
const crashByChance = (world: World, subject: number, { isWrite }: CallTraits): ScriptedFate | null => {
  if (!strikes(world, 'function.crash', subject, subject - 1, isWrite)) return null
  return world.draws.next(crashSide, subject) % 2 === 1 ? 'crash-after' : 'crash-before'
}

export const callArrives = (world: World, slot: number): void => {
  const pending = world.calls[slot] as PendingCall
  if (pending.stage === 'there')
    return pending.traits.isStore ? serveStore(world, slot, pending) : serveApi(world, slot, pending)
  world.freeCalls.push(slot)
  const { run, answer, failure, replied, failed } = pending
  if (run.ended) return
  if (failure === null) replied(answer)
  else failed(failure)
}

const serveApi = (world: World, slot: number, pending: PendingCall): void => {
  const { run, request, subject, fault, back, traits } = pending
  hostMayDie(world, world.instances[subject - 1], traits.isWrite)
  const turnedAway = refusal(world, request.type, fault)
  if (turnedAway !== null) return fail(world, slot, turnedAway, back)
  const result = applyApiCall(world, run, request, staleness(world, subject))
  if (fault === 'applied') return fail(world, slot, timedOut, drawn(world, world.settings['api.timeout'], subject))
  if ('failure' in result) return fail(world, slot, result.failure, back)
  answer(world, slot, result.answer)
}

/** Whether a request that has arrived is turned away before anybody looks into it. */
const refusal = (world: World, operation: string, fault: ApiFault): Failure | null => {
  if (fault === 'throttled' || !takeToken(world, operation)) return throttled
  return fault === 'unavailable' ? unavailable : null
}

/** A request from outside the world, which has no function and takes no virtual time. */
export interface OutsideRequest {
  /** AWS's name for it. */
  readonly operation: string
  readonly isWrite: boolean
  /** Whose luck it has: an instance's number plus one, or 0. */
  readonly subject: number
  /** Who asks, as the trace counts invocations; -1 for nobody it knows. */
  readonly invocation: number
}

/**
 * The same way from outside, at this very moment: counted, out of luck, throttled, or applied, and then perhaps silent.
 * `apply` is told how old its reading is, and returns a failure where AWS refuses.
 */
export const callFromOutside = <Result extends object>(
  world: World,
  { operation, isWrite, subject, invocation }: OutsideRequest,
  apply: (staleMs: number) => Result | { readonly failure: Failure },
): Result | { readonly failure: Failure } => {
  const number = operations.indexOf(operation as Operation)
  if (number >= 0) world.trace.write(world.now, API_CALL, number, invocation)
  const failed = (failure: Failure): { readonly failure: Failure } => {
    if (number >= 0) world.trace.write(world.now, API_FAILED, number, kindOf(failure))
    return { failure }
  }
  const fault = apiFault(world, subject, isWrite)
  if (fault === 'lost') return failed(timedOut)
  hostMayDie(world, world.instances[subject - 1], isWrite)
  const turnedAway = refusal(world, operation, fault)
  if (turnedAway !== null) return failed(turnedAway)
  const result = apply(staleness(world, subject))
  if (fault === 'applied') return failed(timedOut)
  return 'failure' in result ? failed(result.failure) : result
}

/** Chance has sites of the store's own, so `fault` is what the plan's script says. */
const serveStore = (world: World, slot: number, { run, request, subject, back, fault }: PendingCall): void => {
  const isAway = isStoreAway(world, subject) || strikes(world, 'store.unavailable', subject, subject - 1)
  if (isAway || fault === 'unavailable') return fail(world, slot, storeDown, back)
  const answered = applyStoreCall(world, run, request as StoreCall, subject)
  // A write whose answer is lost: the writer must not believe that it failed, nor that it did not.
  const isSilent = request.type === 'AppendToStream' && strikes(world, 'store.conflict', subject, subject - 1, true)
  if (isSilent || fault === 'applied') return fail(world, slot, storeSilent, back)
  answer(world, slot, answered)
}

/** For a while nobody reaches the event store. With the faults this ends as well. */
const isStoreAway = (world: World, subject: number): boolean => {
  if (world.now < world.storeAwayUntil) return true
  if (!strikes(world, 'store.outage', subject, subject - 1)) return false
  const back = world.now + drawn(world, world.settings['store.outage'], subject)
  world.storeAwayUntil = Math.min(back, world.faultsUntil)
  return true
}

const answer = (world: World, slot: number, answered: Answer<CallType>): void => {
  const pending = world.calls[slot] as PendingCall
  pending.stage = 'back'
  pending.answer = answered
  send(world, slot, pending.back)
}

const fail = (world: World, slot: number, failure: Failure, after: number): void => {
  const pending = world.calls[slot] as PendingCall
  const { operation } = pending.traits
  if (operation >= 0) world.trace.write(world.now, API_FAILED, operation, kindOf(failure))
  pending.stage = 'back'
  pending.failure = failure
  send(world, slot, after)
}

const apiFault = (world: World, subject: number, isWrite: boolean): ApiFault => {
  if (!faultsStrike(world)) return 'none'
  if (strikes(world, 'api.throttle', subject, subject - 1)) return 'throttled'
  if (strikes(world, 'api.unavailable', subject, subject - 1)) return 'unavailable'
  if (strikes(world, 'api.timeout.applied', subject, subject - 1, isWrite)) return 'applied'
  if (strikes(world, 'api.timeout.lost', subject, subject - 1)) return 'lost'
  return 'none'
}

const throttled: Failure = { type: 'Throttled', message: 'Rate exceeded' }
const unavailable: Failure = { type: 'Unavailable', message: 'the service is unavailable' }
const timedOut: Failure = { type: 'TimedOut', message: 'no answer in time' }
const storeDown: Failure = { type: 'Unavailable', message: 'the event store is unavailable' }
const storeSilent: Failure = { type: 'TimedOut', message: 'the event store gave no answer' }

const crashSide = purposeOf('crash-side')

const kindOf = (failure: Failure): number => failureKinds.indexOf(failure.type as (typeof failureKinds)[number])

/** A slot with a record of the request, used before if there is one. */
const pend = (
  world: World,
  run: Run,
  request: Call,
  traits: CallTraits,
  subject: number,
  replied: Replied,
  failed: Failed,
): number => {
  const slot = world.freeCalls.pop()
  if (slot === undefined) {
    return (
      world.calls.push({
        stage: 'there',
        run,
        request,
        traits,
        subject,
        back: 0,
        fault: 'none',
        answer: null,
        failure: null,
        replied,
        failed,
      }) - 1
    )
  }
  const pending = world.calls[slot] as PendingCall
  pending.stage = 'there'
  pending.run = run
  pending.request = request
  pending.traits = traits
  pending.subject = subject
  pending.fault = 'none'
  pending.failure = null
  pending.replied = replied
  pending.failed = failed
  return slot
}

const send = (world: World, slot: number, after: number): void =>
  world.queue.schedule(world.now + after, CALL_ARRIVES, slot)

/** The instance a request is about, plus one: what its luck belongs to. */
const subjectOf = (world: World, request: Call): number => {
  switch (request.type) {
    case 'LoadStream':
    case 'AppendToStream':
    case 'SendWakeUp':
      return numberIn(request.stream) + 1
    case 'CompleteLifecycleAction':
    case 'RecordLifecycleActionHeartbeat':
      return numberIn(request.action.instance) + 1
    case 'ListContainerInstances':
      return numberIn(request.ec2InstanceId) + 1
    case 'ListTasks':
      return numberIn(request.containerInstance) + 1
    case 'UpdateContainerInstancesState':
    case 'DescribeContainerInstances':
    case 'FindStreams':
      return numberIn(request.containerInstances[0] ?? '') + 1
    case 'DescribeTasks':
      return (world.tasks[numberIn(request.tasks[0] ?? '')]?.instance.number ?? -1) + 1
    case 'StopTask':
      return (world.tasks[numberIn(request.task)]?.instance.number ?? -1) + 1
    case 'DescribeLifecycleHooks':
    case 'DescribeAutoScalingGroups':
    case 'ListWatchedStreams':
      return 0
  }
}
