/**
 * The APIs as a client sees them: late, limited by token buckets, sometimes silent. A call arrives half-way through its
 * latency, and what it does or reads is of that moment (AWS: ECS API, request-throttling).
 */
import type { Call, Failure } from '@ecs-drain/core'
import { faultNumber } from '../kernel/faults.ts'
import type { FaultSite, ParameterName } from '../plan/plan.ts'
import { type Operation, operations } from '../trace/trace.ts'
import { kindNumber } from '../trace/trace-writer.ts'
import { failureNumber } from './codes.ts'
import type { Core } from './core.ts'
import type { CallRecord } from './functions.ts'
import { CALL_ARRIVES, CALL_RETURNS } from './occurrences.ts'
import { createTokenBucket, type TokenBucket } from './token-bucket.ts'

/** What a service makes of a call: its answer, or why it refuses. */
export type Served =
  | { readonly type: 'answered'; readonly answer: unknown }
  | { readonly type: 'refused'; readonly failure: Failure }

export const answered = (answer: unknown): Served => ({ type: 'answered', answer })
export const refused = (failure: Failure): Served => ({ type: 'refused', failure })

/** Carries out a call now. */
export type Serve = (call: Call, record: CallRecord) => Served

export interface Api {
  send(call: CallRecord): void
  arrives(slot: number): void
  returns(slot: number): void
}

/** How a call that has been sent goes on. */
interface Transit {
  readonly record: CallRecord
  readonly latency: number
  /** Null: it is served when it arrives. */
  fate: Failure | null
  /** Served, but the answer is lost. */
  lateFate: Failure | null
  served: Served | null
}

const API_CALL = kindNumber('api-call')
const API_FAILED = kindNumber('api-failed')
const site = (name: FaultSite): number => faultNumber(name)
const THROTTLE = site('api.throttle')
const TIMEOUT_APPLIED = site('api.timeout.applied')
const TIMEOUT_LOST = site('api.timeout.lost')
const UNAVAILABLE = site('api.unavailable')
const STORE_CONFLICT = site('store.conflict')
const STORE_UNAVAILABLE = site('store.unavailable')

const throttled: Failure = { type: 'Throttled', message: 'Rate exceeded' }
const unavailable: Failure = { type: 'Unavailable', message: 'Service Unavailable' }
const timedOut: Failure = { type: 'TimedOut', message: 'no answer in time' }
const storeUnavailable: Failure = { type: 'Unavailable', message: 'the event store did not answer' }

const storeCalls: ReadonlyArray<string> = ['LoadStream', 'AppendToStream', 'FindStreams', 'ListWatchedStreams']
const modifying: ReadonlyArray<string> = ['UpdateContainerInstancesState', 'StopTask']
const reading: ReadonlyArray<string> = [
  'ListContainerInstances',
  'DescribeContainerInstances',
  'ListTasks',
  'DescribeTasks',
]

export const createApi = (core: Core, serve: Serve): Api => {
  const { clock, settings, faults, tell, after } = core
  const latency = settings.time('api.latency')
  const storeLatency = settings.time('store.latency')
  const patience = settings.time('api.timeout')
  const bucket = (burst: ParameterName, refill: ParameterName): TokenBucket =>
    createTokenBucket(clock, settings.count(burst), settings.count(refill))
  const reads = bucket('api.ecsReadBurst', 'api.ecsReadRefill')
  const modifies = bucket('api.ecsModifyBurst', 'api.ecsModifyRefill')
  const autoScaling = bucket('api.autoscalingBurst', 'api.autoscalingRefill')
  const transits: Array<Transit | null> = []
  const free: number[] = []

  const bucketOf = (type: string): TokenBucket | null => {
    if (reading.includes(type)) return reads
    if (modifying.includes(type)) return modifies
    return type === 'SendWakeUp' ? null : autoScaling
  }

  const keep = (transit: Transit): number => {
    const slot = free.pop() ?? transits.length
    transits[slot] = transit
    return slot
  }

  const send: Api['send'] = (record) => {
    const { type } = record.call
    const { key } = record
    if (storeCalls.includes(type)) return sendToStore(record)
    const operation = operations.indexOf(type as Operation)
    if (operation >= 0) tell(API_CALL, operation, record.execution.number)
    const transit: Transit = { record, latency: latency.draw(key, 0), fate: null, lateFate: null, served: null }
    if (faults.strikes(THROTTLE, key, 0)) transit.fate = throttled
    else if (faults.strikes(UNAVAILABLE, key, 0)) transit.fate = unavailable
    else if (faults.strikes(TIMEOUT_LOST, key, 0)) transit.fate = timedOut
    else if (faults.strikes(TIMEOUT_APPLIED, key, 0)) transit.lateFate = timedOut
    after(transit.latency >> 1, CALL_ARRIVES, keep(transit), 0)
  }

  const sendToStore = (record: CallRecord): void => {
    const { key } = record
    const transit: Transit = { record, latency: storeLatency.draw(key, 0), fate: null, lateFate: null, served: null }
    if (faults.strikes(STORE_UNAVAILABLE, key, 0)) transit.fate = storeUnavailable
    // The append succeeds and its answer is lost: the writer does not know, and meets its own commit the next time.
    else if (record.call.type === 'AppendToStream' && faults.strikes(STORE_CONFLICT, key, 0)) {
      transit.lateFate = storeUnavailable
    }
    after(transit.latency >> 1, CALL_ARRIVES, keep(transit), 0)
  }

  const arrives: Api['arrives'] = (slot) => {
    const transit = transits[slot] as Transit
    const { record, latency: whole } = transit
    const { call } = record
    let rest = whole - (whole >> 1)
    const tokens = storeCalls.includes(call.type) ? null : bucketOf(call.type)
    if (transit.fate === null && tokens !== null && !tokens.take()) transit.fate = throttled
    if (transit.fate === null) transit.served = serve(call, record)
    if (transit.lateFate !== null && transit.fate === null) {
      transit.fate = transit.lateFate
      transit.served = null
    }
    if (transit.fate === timedOut) rest = Math.max(rest, patience.draw(record.key, 0) - (whole >> 1))
    after(rest, CALL_RETURNS, slot, 0)
  }

  const returns: Api['returns'] = (slot) => {
    const { record, fate, served } = transits[slot] as Transit
    transits[slot] = null
    free.push(slot)
    const { execution, reply, failed, call } = record
    const failure = fate ?? (served !== null && served.type === 'refused' ? served.failure : null)
    if (failure !== null) {
      const operation = operations.indexOf(call.type as Operation)
      if (operation >= 0) tell(API_FAILED, operation, failureNumber(failure.type))
    }
    if (execution.over) return
    if (failure !== null) failed(failure)
    else if (served !== null && served.type === 'answered') reply(served.answer as never)
  }

  return { send, arrives, returns }
}
