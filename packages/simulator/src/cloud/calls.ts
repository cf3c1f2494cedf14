/**
 * One request of a function: there, applied, and back. It may be throttled, lost on the way there or back, or never
 * answered because the function is gone.
 */
import type { Answer, Call, CallType, Failure } from '@ecs-drain/core'
import { instanceOf } from '@ecs-drain/core'
import { API_CALL, API_FAILED } from '../trace/kind-numbers.ts'
import { failureKinds, type Operation, operations } from '../trace/trace.ts'
import { applyApiCall, type Result } from './api.ts'
import { drawn, strikes } from './chance.ts'
import { applyStoreCall, isStoreCall, type StoreCall } from './event-store.ts'
import { numberIn } from './names.ts'
import { CALL_ARRIVES } from './occurrences.ts'
import { purposeOf } from './parameters.ts'
import type { PendingCall, Run, World } from './state.ts'
import { takeToken } from './throttling.ts'

type Replied = (answer: Answer<CallType>) => void
type Failed = (failure: Failure) => void

export const call = (world: World, run: Run, request: Call, replied: Replied, failed: Failed, crash: () => void): void => {
  if (run.ended) return
  const subject = subjectOf(world, request)
  const isWrite = writes.has(request.type)
  if (strikes(world, 'function.crash', subject, isWrite)) {
    // It may die before the request is out, or after; only then it is applied.
    if (world.draws.next(crashSide, subject) % 2 === 1) later(world, 1, () => void apply(world, run, request, subject))
    return crash()
  }
  if (isStoreCall(request)) return callStore(world, run, request, subject, replied, failed)
  const operation = operations.indexOf(request.type as Operation)
  if (operation >= 0) world.trace.write(world.now, API_CALL, operation, run.number)
  const latency = drawn(world, world.settings['api.latency'], subject)
  const fault = apiFault(world, subject, isWrite)
  const there = Math.max(1, latency >> 1)
  const answer = (result: Result, after: number): void => {
    if ('failure' in result && operation >= 0) {
      world.trace.write(world.now, API_FAILED, operation, kindOf(result.failure))
    }
    later(world, after, () => {
      if (run.ended) return
      if ('failure' in result) failed(result.failure)
      else replied(result.answer)
    })
  }
  if (fault === 'lost') return answer(timedOut, drawn(world, world.settings['api.timeout'], subject))
  later(world, there, () => {
    if (fault === 'throttled' || !takeToken(world, request)) return answer(throttled, latency - there)
    if (fault === 'unavailable') return answer(unavailable, latency - there)
    const result = apply(world, run, request, subject)
    if (fault === 'applied') return answer(timedOut, drawn(world, world.settings['api.timeout'], subject))
    answer(result, latency - there)
  })
}

const callStore = (world: World, run: Run, request: StoreCall, subject: number, replied: Replied, failed: Failed): void => {
  const latency = drawn(world, world.settings['store.latency'], subject)
  const there = Math.max(1, latency >> 1)
  later(world, there, () => {
    if (strikes(world, 'store.unavailable', subject)) return later(world, latency - there, () => run.ended || failed(storeDown))
    const answer = applyStoreCall(world, run, request, subject)
    // A write whose answer is lost: the writer must not believe that it failed, nor that it did not.
    const isLost = request.type === 'AppendToStream' && strikes(world, 'store.conflict', subject, true)
    later(world, latency - there, () => {
      if (run.ended) return
      if (isLost) failed(storeSilent)
      else replied(answer)
    })
  })
}

const apply = (world: World, run: Run, request: Call, subject: number): Result =>
  isStoreCall(request)
    ? { answer: applyStoreCall(world, run, request, subject) }
    : applyApiCall(world, run, request, strikes(world, 'read.stale', subject))

const writes: ReadonlySet<CallType> = new Set([
  'AppendToStream',
  'UpdateContainerInstancesState',
  'StopTask',
  'CompleteLifecycleAction',
  'SendWakeUp',
])

const apiFault = (world: World, subject: number, isWrite: boolean): 'none' | 'throttled' | 'unavailable' | 'applied' | 'lost' => {
  if (strikes(world, 'api.throttle', subject)) return 'throttled'
  if (strikes(world, 'api.unavailable', subject)) return 'unavailable'
  if (strikes(world, 'api.timeout.applied', subject, isWrite)) return 'applied'
  if (strikes(world, 'api.timeout.lost', subject)) return 'lost'
  return 'none'
}

const throttled: Result = { failure: { type: 'Throttled', message: 'Rate exceeded' } }
const unavailable: Result = { failure: { type: 'Unavailable', message: 'the service is unavailable' } }
const timedOut: Result = { failure: { type: 'TimedOut', message: 'no answer in time' } }
const storeDown: Failure = { type: 'Unavailable', message: 'the event store is unavailable' }
const storeSilent: Failure = { type: 'TimedOut', message: 'the event store gave no answer' }

const crashSide = purposeOf('crash-side')

const kindOf = (failure: Failure): number => failureKinds.indexOf(failure.type as (typeof failureKinds)[number])

const later = (world: World, after: number, pending: PendingCall): void => {
  let slot = world.freeCalls.pop()
  if (slot === undefined) {
    slot = world.calls.length
    world.calls.push(pending)
  } else world.calls[slot] = pending
  world.queue.schedule(world.now + after, CALL_ARRIVES, slot)
}

export const callArrives = (world: World, slot: number): void => {
  const pending = world.calls[slot]
  world.calls[slot] = null
  world.freeCalls.push(slot)
  pending?.()
}

/** The instance a request is about: what its luck belongs to. */
const subjectOf = (world: World, request: Call): number => {
  switch (request.type) {
    case 'LoadStream':
    case 'AppendToStream':
    case 'SendWakeUp':
      return world.directory.instanceNumber(instanceOf(request.stream)) + 1
    case 'CompleteLifecycleAction':
    case 'RecordLifecycleActionHeartbeat':
      return world.directory.instanceNumber(request.action.instance) + 1
    case 'ListContainerInstances':
      return world.directory.instanceNumber(request.ec2InstanceId) + 1
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
