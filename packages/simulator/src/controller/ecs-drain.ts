/**
 * ecs-drain in the simulated world: core's own routing and invocation machines, the ones that ship, with the world
 * answering their calls. Nothing of the drain logic is written here.
 */
import {
  type Answer,
  begin,
  beginRouting,
  type Call,
  type CallType,
  type DrainPolicy,
  type Failure,
  type Instant,
  type Invocation,
  type Itinerary,
  type Notice,
  type Reply,
  type Routed,
  resume,
  resumeRouting,
  type Snapshot,
  type StreamId,
  seconds,
  uncheckedPolicy,
} from '@ecs-drain/core'
import type { MessageKind, Plan } from '../plan/plan.ts'
import { policyAfter } from '../plan/policies.ts'
import type { Controller, Execution, Message } from './controller.ts'
import { noticeOf } from './notice-of.ts'

/** `direct`: notices are handed over. `text`: every message is written as AWS's JSON and read by core's codecs. */
export type Wire = 'direct' | 'text'

/** Sees every snapshot an invocation ends with; that is how S5 is checked from outside. */
export type SnapshotObserver = (stream: StreamId, snapshot: Snapshot) => void

/** Hears every call that was answered, and its answer. */
export type AnswerListener = (call: Call, answer: Answer<CallType>) => void

/** What the rules of the templates forward, and what a function sends itself. */
export const toldToEcsDrain: ReadonlyArray<MessageKind> = [
  'termination',
  'launch',
  'task-stopped',
  'agent-disconnected',
  'wake-up',
  'sweep',
]

/** The controller for a plan. It is as forgetful as a Lambda function: all it keeps between invocations is a cache. */
export const createEcsDrainController = (
  plan: Plan,
  read: (message: Message, execution: Execution) => Notice = (message, { directory }) => noticeOf(message, directory),
  observer: SnapshotObserver = () => {},
  listener: AnswerListener = () => {},
): Controller => {
  // One for each policy that some function starts with.
  const handlings = new Map<number, Handling>()
  const streams = new Map<StreamId, Snapshot>()
  const handlingAfter = (change: number): Handling => {
    const known = handlings.get(change)
    if (known !== undefined) return known
    const handling: Handling = { policy: policyOf(plan, change), observer, listener, streams }
    handlings.set(change, handling)
    return handling
  }
  return {
    subscribes: toldToEcsDrain,
    handle: (batch, execution) => {
      const handling = handlingAfter(execution.policyChange)
      const notices = batch.map((message) => read(message, execution))
      route(handling, execution, notices, ({ routed, failed }) => {
        const delivery: Delivery = { execution, failed: failed.map(({ from }) => from), open: routed.length }
        if (routed.length === 0) return execution.end(delivery.failed)
        for (const each of routed) invoke(handling, delivery, each)
      })
    },
  }
}

/** What all invocations share. */
interface Handling {
  readonly policy: DrainPolicy
  readonly observer: SnapshotObserver
  readonly listener: AnswerListener
  /** A cache only saves folding what was folded: every write is conditional, so an old entry costs a conflict at most. */
  readonly streams: Map<StreamId, Snapshot>
}

/** A batch whose invocations are under way. */
interface Delivery {
  readonly execution: Execution
  /** Positions of messages that come back. */
  readonly failed: Array<number>
  /** Invocations that have no receipt yet. */
  open: number
}

/**
 * The plan's policy: what the plan overrides, on the cluster and the hooks that are the controller's to answer. `change`: the
 * index of the happening `change-policy` that was the last; -1: none was.
 */
export const policyOf = (plan: Plan, change = -1): DrainPolicy =>
  uncheckedPolicy({
    hooks: plan.groups.flatMap((group) =>
      group.hooks
        .filter((hook) => hook.owner === 'controller')
        .map((hook) => ({ name: hook.name, groups: [group.name] })),
    ),
    clusters: [plan.cluster.name],
    account: plan.cluster.account,
    sweepEvery: seconds(plan.controller.sweepEverySeconds),
    ...policyAfter(plan, change),
  })

const instantOf = (execution: Execution): Instant => execution.directory.startMs + execution.now()

// Core's two machines are carried from call to call. Each has one call outstanding, so one pair of listeners serves them all.

const route = (
  { policy, listener }: Handling,
  execution: Execution,
  notices: ReadonlyArray<Notice>,
  arrived: (itinerary: Itinerary) => void,
): void => {
  let step = beginRouting(notices, policy)
  const resumed = (reply: Reply): void => {
    if (step.type === 'call') step = resumeRouting(step.routing, reply, policy)
    goOn()
  }
  const answered = (answer: Answer<CallType>): void => {
    if (step.type === 'call') listener(step.call, answer)
    resumed({ type: 'answered', at: instantOf(execution), answer })
  }
  const failed = (failure: Failure): void => resumed({ type: 'failed', at: instantOf(execution), failure })
  const goOn = (): void => {
    if (step.type === 'call') execution.call(step.call, answered, failed)
    else arrived(step.itinerary)
  }
  goOn()
}

/**
 * A handling carries out each kind of effect once or twice, one more for each task that is told to stop, and where calls time out
 * some again and again: by the time that one has failed, another is due once more.
 */
const effectsMost = 60

/** No fault is so bad that an effect must be owed again and again in one handling: the world would never see the end of it. */
const mustEnd = ({ assignment, effectsCarried, known }: Invocation): void => {
  if (effectsCarried <= effectsMost + known.drain.tasks.length) return
  throw new Error(`${assignment.stream}: ${effectsCarried} effects in one handling, and more are owed`)
}

const invoke = (
  { policy, observer, listener, streams }: Handling,
  delivery: Delivery,
  { assignment, from }: Routed,
): void => {
  const { execution } = delivery
  let step = begin(assignment, streams.get(assignment.stream))
  const resumed = (reply: Reply): void => {
    if (step.type === 'call') step = resume(step.invocation, reply, policy)
    goOn()
  }
  const answered = (answer: Answer<CallType>): void => {
    if (step.type === 'call') listener(step.call, answer)
    resumed({ type: 'answered', at: instantOf(execution), answer })
  }
  const failed = (failure: Failure): void => resumed({ type: 'failed', at: instantOf(execution), failure })
  const goOn = (): void => {
    if (step.type === 'call') {
      if (step.invocation.effectsCarried > effectsMost) mustEnd(step.invocation)
      return execution.call(step.call, answered, failed)
    }
    const { snapshot, failure } = step.receipt
    streams.set(assignment.stream, snapshot)
    observer(assignment.stream, snapshot)
    if (failure !== null) delivery.failed.push(...from)
    delivery.open -= 1
    if (delivery.open === 0) execution.end(delivery.failed)
  }
  goOn()
}
