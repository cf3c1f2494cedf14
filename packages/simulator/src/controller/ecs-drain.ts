/**
 * ecs-drain in the simulated world: core's own routing and invocation machines, the ones that ship, with the world
 * answering their calls. Nothing of the drain logic is written here.
 */
import {
  type Answer,
  type Assignment,
  type AutoScalingGroupName,
  begin,
  beginRouting,
  type Call,
  type CallType,
  type ClusterName,
  type DrainEvent,
  type DrainPolicy,
  drainPolicy,
  emptySnapshot,
  type Failure,
  type Instant,
  instanceOf,
  type LifecycleHookName,
  type Notice,
  type Receipt,
  type Reply,
  type RoutingStep,
  resume,
  resumeRouting,
  type Snapshot,
  type Step,
  type StreamId,
  seconds,
} from '@ecs-drain/core'
import type { Plan } from '../plan/plan.ts'
import type { Controller, Directory, Execution, Message } from './controller.ts'
import { noticeOf } from './notice-of.ts'

/** `direct`: notices are handed over. `text`: every message is written as AWS's JSON and read by core's codecs. */
export type Wire = 'direct' | 'text'

/** Sees every snapshot an invocation ends with; that is how S5 is checked from outside. */
export type SnapshotObserver = (stream: StreamId, snapshot: Snapshot) => void

/** Hears every call that was answered, and its answer. */
export type AnswerListener = (call: Call, answer: Answer<CallType>) => void

/** The controller for a plan. It is as forgetful as a Lambda function: all it keeps between invocations is a cache. */
export const createEcsDrainController = (
  plan: Plan,
  read: (message: Message, execution: Execution) => Notice = (message, { directory }) => noticeOf(message, directory),
  observer: SnapshotObserver = () => {},
  listener: AnswerListener = () => {},
): Controller => {
  const policy = policyOf(plan)
  // A cache only saves folding what was folded: every write is conditional, so an old entry costs a conflict at most.
  const streams = new Map<StreamId, Remembered>()

  const remembered = (stream: StreamId, directory: Directory): Remembered => {
    const known = streams.get(stream)
    if (known !== undefined) return known
    const first = { snapshot: emptySnapshot, instance: directory.instanceNumber(instanceOf(stream)) }
    streams.set(stream, first)
    return first
  }

  return {
    subscribes: ['termination', 'launch', 'task-stopped', 'container-instance', 'wake-up', 'sweep'],
    handle: (batch, execution) => {
      const notices = batch.map((message) => read(message, execution))
      route(notices, policy, execution, listener, (itinerary) => {
        const failed: Array<number> = itinerary.failed.map(({ from }) => from)
        let open = itinerary.routed.length
        const finish = (): void => execution.end(failed)
        if (open === 0) return finish()
        for (const { assignment, from } of itinerary.routed) {
          const known = remembered(assignment.stream, execution.directory)
          invoke(assignment, known, policy, execution, listener, ({ snapshot, failure }) => {
            known.snapshot = snapshot
            observer(assignment.stream, snapshot)
            if (failure !== null) failed.push(...from)
            open -= 1
            if (open === 0) finish()
          })
        }
      })
    },
  }
}

interface Remembered {
  snapshot: Snapshot
  /** The number of the stream's instance, for the trace. */
  readonly instance: number
}

/** The plan's policy: what the plan overrides, on the cluster and the hooks that are the controller's to answer. */
export const policyOf = (plan: Plan): DrainPolicy =>
  drainPolicy({
    hooks: plan.groups.flatMap((group) =>
      group.hooks
        .filter((hook) => hook.owner === 'controller')
        .map((hook) => ({ name: hook.name as LifecycleHookName, groups: [group.name as AutoScalingGroupName] })),
    ),
    clusters: [plan.cluster.name as ClusterName],
    account: plan.cluster.account,
    sweepEvery: seconds(plan.controller.sweepEverySeconds),
    ...(plan.controller.policy as Partial<DrainPolicy>),
  })

const route = (
  notices: ReadonlyArray<Notice>,
  policy: DrainPolicy,
  execution: Execution,
  listener: AnswerListener,
  arrived: (itinerary: Extract<RoutingStep, { type: 'done' }>['itinerary']) => void,
): void =>
  converse<RoutingStep>(
    execution,
    listener,
    beginRouting(notices, policy),
    (step, reply) => resumeRouting(step.routing, reply, policy),
    (step) => arrived(step.itinerary),
  )

const invoke = (
  assignment: Assignment,
  { snapshot, instance }: Remembered,
  policy: DrainPolicy,
  execution: Execution,
  listener: AnswerListener,
  finished: (receipt: Receipt) => void,
): void => {
  let told = 0
  const tellNew = (written: ReadonlyArray<DrainEvent>): void => {
    for (; told < written.length; told += 1) tell(execution, instance, written[told] as DrainEvent)
  }
  converse<Step>(
    execution,
    listener,
    begin(assignment, snapshot),
    ({ invocation }, reply) => {
      const next = resume(invocation, reply, policy)
      tellNew(next.type === 'done' ? next.receipt.written : next.invocation.written)
      return next
    },
    ({ receipt }) => finished(receipt),
  )
}

type Asking<Each> = Extract<Each, { readonly type: 'call' }>
type Finished<Each> = Extract<Each, { readonly type: 'done' }>

/** Carries one of core's machines from call to call. It has one call outstanding, so one pair of listeners serves them all. */
const converse = <Each extends RoutingStep | Step>(
  execution: Execution,
  listener: AnswerListener,
  first: Each,
  resumed: (step: Asking<Each>, reply: Reply) => Each,
  finished: (step: Finished<Each>) => void,
): void => {
  let step = first
  const advance = (next: Each): void => {
    step = next
    if (next.type === 'done') finished(next as Finished<Each>)
    else execution.call(next.call, answered, failed)
  }
  const at = (): Instant => execution.directory.startMs + execution.now()
  const answered = (answer: Answer<CallType>): void => {
    const asking = step as Asking<Each>
    listener(asking.call, answer)
    advance(resumed(asking, { type: 'answered', at: at(), answer }))
  }
  const failed = (failure: Failure): void =>
    advance(resumed(step as Asking<Each>, { type: 'failed', at: at(), failure }))
  advance(first)
}

/** What was written goes into the trace; a completion that the deadline forced has a name of its own. */
const tell = (execution: Execution, instance: number, event: DrainEvent): void => {
  const isForced = event.type === 'CompletionDecided' && event.because === 'deadline'
  execution.decided(isForced ? 'CompletionForced' : event.type, instance, () => JSON.stringify(event))
}
