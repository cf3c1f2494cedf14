/**
 * Carrying an effect out takes one call or several (a list has pages, a description at most 100 items). Where it
 * stands is plain data, so that a run can be stopped, copied or hashed between any two calls.
 */
import { type Effect, leftBehindOf } from '../effect/effect.ts'
import { clusterIn } from '../identity/ids.ts'
import type { Failure } from '../observation/failure.ts'
import type { Outcome } from '../observation/observation.ts'
import type { Instant } from '../time/instant.ts'
import type { Answer, Call, CallType } from './call.ts'
import { type Finding, findOn, findOnAfter, startFinding } from './find-container-instance.ts'
import { type Carried, cameTo, effectFailed, isNotActive, statusOutcome } from './outcome.ts'
import { type Reading, readOn, readOnAfter, startReading } from './read-tasks.ts'

/** What a single call carries out. */
type OneCall = Exclude<Effect, { type: 'FindContainerInstance' | 'ReadTasks' }>

/** An effect that is being carried out, and the call that is outstanding for it. */
export type Carrying = { readonly type: 'one-call'; readonly effect: OneCall; readonly call: Call } | Finding | Reading

/** The first call of an effect. */
export const startCarrying = (effect: Effect, now: Instant): Carrying => {
  switch (effect.type) {
    case 'FindContainerInstance':
      return startFinding(effect)
    case 'ReadTasks':
      return startReading(effect, now)
    case 'SetDraining':
      return setStatus(effect, 'DRAINING')
    case 'SetActive':
      return setStatus(effect, 'ACTIVE')
    case 'DescribeLifecycleHook': {
      const { group, hook } = effect.action
      return { type: 'one-call', effect, call: { type: 'DescribeLifecycleHooks', group, hook } }
    }
    case 'RecordHeartbeat':
      return { type: 'one-call', effect, call: { type: 'RecordLifecycleActionHeartbeat', action: effect.action } }
    case 'StopTask':
    case 'CompleteLifecycleAction':
    case 'SendWakeUp':
      return { type: 'one-call', effect, call: effect }
  }
}

/** What follows from the answer to the outstanding call. */
export const carryOn = (carrying: Carrying, answer: Answer<CallType>): Carried<Carrying> => {
  switch (carrying.type) {
    case 'finding':
      return findOn(carrying, answer)
    case 'reading':
      return readOn(carrying, answer)
    case 'one-call':
      return cameTo(outcomeOf(carrying.effect, answer))
  }
}

/** What follows from a failure of the outstanding call. */
export const carryOnAfter = (carrying: Carrying, failure: Failure): Carried<Carrying> => {
  switch (carrying.type) {
    case 'finding':
      return findOnAfter(carrying, failure)
    case 'reading':
      return readOnAfter(carrying, failure)
    case 'one-call':
      return cameTo(outcomeAfter(carrying.effect, failure))
  }
}

/** A call that failed ends its effect; some failures are really answers. */
const outcomeAfter = (effect: OneCall, failure: Failure): Outcome => {
  const isGone = failure.type === 'NotFound'
  // A group that is gone holds nothing.
  const isOver = isGone || isNotActive(failure)
  if (isOver && effect.type === 'RecordHeartbeat') return { type: 'LifecycleActionNotActive', of: 'heartbeat' }
  if (isOver && effect.type === 'CompleteLifecycleAction') return { type: 'LifecycleActionNotActive', of: 'completion' }
  const isAboutContainerInstance = effect.type === 'SetDraining' || effect.type === 'SetActive'
  if (isGone && isAboutContainerInstance) return { type: 'ContainerInstanceLost', reason: failure.message }
  return effectFailed(effect, failure)
}

/** UpdateContainerInstancesState takes at most 10 container instances (aws-sdk client-ecs). */
const setAtOnce = 10

const setStatus = (
  effect: Extract<Effect, { type: 'SetDraining' | 'SetActive' }>,
  status: 'DRAINING' | 'ACTIVE',
): Carrying => {
  const { cluster, containerInstance } = effect
  // What was left behind in another cluster was set there, before the host was registered in this one.
  const leftBehind = leftBehindOf(effect).filter((arn) => (clusterIn(arn) ?? cluster) === cluster)
  const containerInstances = [containerInstance, ...leftBehind].slice(0, setAtOnce)
  return {
    type: 'one-call',
    effect,
    call: { type: 'UpdateContainerInstancesState', cluster, containerInstances, status },
  }
}

const outcomeOf = (effect: OneCall, answer: Answer<CallType>): Outcome => {
  switch (effect.type) {
    case 'SetDraining':
    case 'SetActive':
      return statusOutcome(effect, answer as Answer<'UpdateContainerInstancesState'>)
    case 'DescribeLifecycleHook':
      return hookOutcome(effect, answer as Answer<'DescribeLifecycleHooks'>)
    case 'StopTask':
      return { type: 'TaskToldToStop', task: effect.task }
    case 'RecordHeartbeat':
      return { type: 'HeartbeatAccepted' }
    case 'CompleteLifecycleAction':
      return { type: 'CompletionAccepted', result: effect.result }
    case 'SendWakeUp':
      return { type: 'WakeUpSent', at: effect.at, hops: effect.hops }
  }
}

const hookOutcome = (
  effect: Extract<Effect, { type: 'DescribeLifecycleHook' }>,
  hooks: Answer<'DescribeLifecycleHooks'>,
): Outcome => {
  const hook = hooks.find(({ name }) => name === effect.action.hook)
  if (hook === undefined) {
    return effectFailed(effect, { type: 'NotFound', message: `no lifecycle hook ${effect.action.hook}` })
  }
  const { heartbeatTimeout, globalTimeout, defaultResult } = hook
  return { type: 'LifecycleHookSeen', heartbeatTimeout, globalTimeout, defaultResult }
}
