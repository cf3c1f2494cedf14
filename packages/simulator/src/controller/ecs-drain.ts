/**
 * ecs-drain in the simulated world: core's own routing and invocation machines, the ones that ship, with the world
 * answering their calls. Nothing of the drain logic is written here.
 */
import {
  type Assignment,
  type AutoScalingGroupName,
  begin,
  beginRouting,
  type ClusterName,
  type DrainEvent,
  type DrainPolicy,
  drainPolicy,
  emptySnapshot,
  type Instant,
  instanceOf,
  type LifecycleHookName,
  type Notice,
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
import type { Controller, Execution, Message } from './controller.ts'
import { noticeOf } from './notice-of.ts'

/** `direct`: notices are handed over. `text`: every message is written as AWS's JSON and read by core's codecs. */
export type Wire = 'direct' | 'text'

/** Sees every snapshot an invocation ends with; that is how S5 is checked from outside. */
export type SnapshotObserver = (stream: StreamId, snapshot: Snapshot) => void

/** The controller for a plan. It is as forgetful as a Lambda function: all it keeps between invocations is a cache. */
export const createEcsDrainController = (
  plan: Plan,
  read: (message: Message, execution: Execution) => Notice = (message, { directory }) => noticeOf(message, directory),
  observer: SnapshotObserver = () => {},
): Controller => {
  const policy = policyOf(plan)
  // A cache only saves folding what was folded: every write is conditional, so an old entry costs a conflict at most.
  const snapshots = new Map<StreamId, Snapshot>()

  const remember = (stream: StreamId, snapshot: Snapshot): void => {
    snapshots.set(stream, snapshot)
    observer(stream, snapshot)
  }

  return {
    subscribes: ['termination', 'launch', 'task-stopped', 'container-instance', 'wake-up', 'sweep'],
    handle: (batch, execution) => {
      const notices = batch.map((message) => read(message, execution))
      route(notices, policy, execution, (itinerary) => {
        const failed = new Set(itinerary.failed.map(({ from }) => from))
        let open = itinerary.routed.length
        const finish = (): void => execution.end([...failed].sort((one, other) => one - other))
        if (open === 0) return finish()
        for (const { assignment, from } of itinerary.routed) {
          const known = snapshots.get(assignment.stream) ?? emptySnapshot
          invoke(assignment, known, policy, execution, (step) => {
            remember(assignment.stream, step.receipt.snapshot)
            if (step.receipt.failure !== null) for (const position of from) failed.add(position)
            open -= 1
            if (open === 0) finish()
          })
        }
      })
    },
  }
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
  arrived: (itinerary: Extract<RoutingStep, { type: 'done' }>['itinerary']) => void,
): void => {
  const advance = (step: RoutingStep): void => {
    if (step.type === 'done') return arrived(step.itinerary)
    ask(step.call, execution, (reply) => advance(resumeRouting(step.routing, reply, policy)))
  }
  advance(beginRouting(notices, policy))
}

const invoke = (
  assignment: Assignment,
  known: Snapshot,
  policy: DrainPolicy,
  execution: Execution,
  finished: (step: Extract<Step, { type: 'done' }>) => void,
): void => {
  let told = 0
  const advance = (step: Step): void => {
    const { written } = step.type === 'done' ? step.receipt : step.invocation
    for (; told < written.length; told += 1) tell(execution, assignment.stream, written[told] as DrainEvent)
    if (step.type === 'done') return finished(step)
    ask(step.call, execution, (reply) => advance(resume(step.invocation, reply, policy)))
  }
  advance(begin(assignment, known))
}

const ask = (call: Parameters<Execution['call']>[0], execution: Execution, done: (reply: Reply) => void): void => {
  const at = (): Instant => execution.directory.startMs + execution.now()
  execution.call(
    call,
    (answer) => done({ type: 'answered', at: at(), answer: answer as Extract<Reply, { type: 'answered' }>['answer'] }),
    (failure) => done({ type: 'failed', at: at(), failure }),
  )
}

/** What was written goes into the trace; a completion that the deadline forced has a name of its own. */
const tell = (execution: Execution, stream: StreamId, event: DrainEvent): void => {
  const isForced = event.type === 'CompletionDecided' && event.because === 'deadline'
  const instance = execution.directory.instanceNumber(instanceOf(stream))
  execution.decided(isForced ? 'CompletionForced' : event.type, instance, () => JSON.stringify(event))
}
