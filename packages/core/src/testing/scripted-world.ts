/**
 * A small cluster that does what a test's script says, and runs the same machines over it that production runs: every
 * call is answered at once and noted in the ledger, any of them can be made to fail, and a handling can be stopped after
 * any number of calls, as a crash would. What reacts by itself, with delays and chance, is the simulator's business.
 */
import { type Drain, fold } from '../drain/drain.ts'
import type { DrainEvent } from '../drain/drain-event.ts'
import type { DrainPolicy } from '../drain/drain-policy.ts'
import type { Notice } from '../envelope/notice.ts'
import {
  type AutoScalingGroupName,
  type ClusterName,
  type ContainerInstanceArn,
  clusterIn,
  type Ec2InstanceId,
  type EcsTaskArn,
  type StreamId,
  streamOf,
} from '../identity/ids.ts'
import type { LifecycleAction, LifecycleActionResult } from '../identity/lifecycle-action.ts'
import type { Answer, Call, Calls, CallType, ContainerInstance, LifecycleHook, Reply } from '../invocation/call.ts'
import { type Assignment, begin, type Receipt, resume, type Snapshot, type Step } from '../invocation/invocation.ts'
import { beginRouting, type Itinerary, resumeRouting } from '../invocation/routing.ts'
import { type MemoryStreams, memoryStreams } from '../memory/memory-streams.ts'
import type { Failure } from '../observation/failure.ts'
import type { TaskSighting } from '../observation/task-sighting.ts'
import { type Duration, type Instant, minutes, seconds } from '../time/instant.ts'
import {
  at,
  containerInstanceNumber,
  policy as defaultPolicy,
  instanceNumber,
  lifecycleAction,
  noActiveAction,
  theCluster,
  theGroup,
  theHook,
  tokenNumber,
} from './builders.ts'

/** One call and what was answered. */
export interface LedgerEntry {
  readonly at: Instant
  readonly call: Call
  readonly reply: Reply
}

/** A container instance's record and the tasks that were ever on it. */
export interface ScriptedInstance {
  readonly instance: Ec2InstanceId
  readonly cluster: ClusterName
  arn: ContainerInstanceArn
  status: string
  agentConnected: boolean
  registeredAt: Instant
  readonly tasks: Map<EcsTaskArn, TaskSighting>
}

/** An instance that a hook holds, or held. */
export interface ScriptedAction {
  readonly action: LifecycleAction
  readonly toWarmPool: boolean
  heartbeatAt: Instant
  readonly startedAt: Instant
  /** `expired`: the hook's clock ran out. Null while the instance waits. */
  ended: LifecycleActionResult | 'expired' | null
  endedAt: Instant | null
  /** Tasks that had not stopped when the action ended. */
  killed: ReadonlyArray<EcsTaskArn>
}

/** What a world may be told at its beginning. */
export interface WorldOptions {
  readonly policy?: DrainPolicy
  readonly now?: Instant
  /** Items per page of each list. */
  readonly pageSize?: number
  readonly heartbeatTimeout?: Duration
  readonly defaultResult?: LifecycleHook['defaultResult']
  /** How long each call takes. */
  readonly latency?: Duration
}

/** A handling under way, call by call, so that a test can put something between two of them. */
export interface Handling {
  /** The call that is outstanding; null when done. */
  call(): Call | null
  /** Answers the outstanding call and goes on to the next. */
  step(): void
  /** Goes on until it is done, or before the first call that `until` holds for. */
  run(until?: (call: Call) => boolean): Receipt | null
  /** Null until it is done. */
  receipt(): Receipt | null
}

/** What became of a delivery. */
export interface Delivered {
  readonly itinerary: Itinerary | null
  readonly receipts: ReadonlyArray<Receipt>
  /** Whether it was stopped before it was done. */
  readonly crashed: boolean
}

interface Pending {
  readonly due: Instant
  readonly notice: Notice
}

type Result<Type extends CallType> = { readonly answer: Answer<Type> } | { readonly failure: Failure }

interface Fault {
  readonly type: CallType
  readonly failure: Failure
  /** Whether the call takes effect all the same, and only its answer is lost. */
  readonly takesEffect: boolean
  /** Calls that do not fail yet, and then those that do. */
  after: number
  times: number
}

const visibilityTimeout = seconds(30)

/** No honest handling makes more calls. */
const callsMax = 300

/** ECS knows no task of another cluster, and says so (github.com/aws/aws-toolkit-vscode/issues/2915). */
const refusedBy = (cluster: ClusterName, tasks: ReadonlyArray<EcsTaskArn>): { readonly failure: Failure } | null => {
  const other = tasks.map(clusterIn).find((name) => name !== null && name !== cluster)
  if (other === undefined) return null
  const message = `Invalid identifier: Identifier is for cluster ${other}. Your cluster is ${cluster}`
  return { failure: { type: 'Rejected', code: 'InvalidParameterException', message } }
}

/** The cluster, its hooks, the event store and the messages between them, in virtual time. */
export class ScriptedWorld {
  readonly policy: DrainPolicy
  readonly ledger: Array<LedgerEntry> = []
  readonly instances: Array<ScriptedInstance> = []
  readonly actions: Array<ScriptedAction> = []
  /** Messages that are on their way, in no order. */
  pending: Array<Pending> = []
  now: Instant
  readonly lifecycleStates = new Map<Ec2InstanceId, { readonly group: AutoScalingGroupName; state: string }>()
  readonly hooks: Array<LifecycleHook & { readonly group: AutoScalingGroupName }> = []
  readonly #streams: MemoryStreams = memoryStreams()
  readonly #faults: Array<Fault> = []
  readonly #answers = new Map<CallType, (call: Call) => Answer<CallType>>()
  readonly #pageSize: number
  readonly #latency: Duration

  constructor(options: WorldOptions = {}) {
    this.policy = options.policy ?? defaultPolicy()
    this.now = options.now ?? at(0)
    this.#pageSize = options.pageSize ?? 100
    this.#latency = options.latency ?? 0
    const heartbeatTimeout = options.heartbeatTimeout ?? minutes(15)
    this.hooks.push({
      group: theGroup,
      name: theHook,
      transition: 'autoscaling:EC2_INSTANCE_TERMINATING',
      heartbeatTimeout,
      globalTimeout: Math.min(minutes(48 * 60), heartbeatTimeout * 100),
      defaultResult: options.defaultResult ?? 'CONTINUE',
    })
  }

  /** Registers the n-th instance with these tasks on it. */
  addInstance(
    n: number,
    tasks: ReadonlyArray<TaskSighting> = [],
    fields: Partial<Omit<ScriptedInstance, 'tasks' | 'instance'>> = {},
  ): ScriptedInstance {
    const cluster = fields.cluster ?? theCluster
    const instance: ScriptedInstance = {
      instance: instanceNumber(n),
      cluster,
      arn: containerInstanceNumber(n, cluster),
      status: 'ACTIVE',
      agentConnected: true,
      registeredAt: at(-3_600),
      ...fields,
      tasks: new Map(tasks.map((task) => [task.arn, task])),
    }
    this.instances.push(instance)
    this.lifecycleStates.set(instance.instance, { group: theGroup, state: 'InService' })
    return instance
  }

  /** Auto Scaling begins to terminate the n-th instance. The notice is on its way, unless it is lost. */
  terminate(
    n: number,
    fields: Partial<LifecycleAction> & { readonly toWarmPool?: boolean; readonly lost?: boolean } = {},
  ): Notice {
    const { toWarmPool = false, lost = false, ...others } = fields
    const token = others.token ?? tokenNumber(this.actions.length + 1)
    const action = { ...lifecycleAction({ instance: instanceNumber(n), ...others }), token }
    this.actions.push({
      action,
      toWarmPool,
      heartbeatAt: this.now,
      startedAt: this.now,
      ended: null,
      endedAt: null,
      killed: [],
    })
    const state = toWarmPool ? 'Warmed:Pending:Wait' : 'Terminating:Wait'
    this.lifecycleStates.set(action.instance, { group: action.group, state })
    const notice: Notice = {
      type: 'InstanceTerminating',
      action,
      destination: toWarmPool ? 'WarmPool' : 'EC2',
      account: '111122223333',
      metadata: null,
      at: this.now,
    }
    if (!lost) this.#post(notice, this.now)
    return notice
  }

  /** A task is placed on the n-th instance, without an event. */
  place(n: number, task: TaskSighting): void {
    const host = this.instances.find(({ instance }) => instance === instanceNumber(n))
    if (host === undefined) throw new Error(`no instance ${n}`)
    host.tasks.set(task.arn, task)
  }

  /** A task changes. Its event is on its way, unless it is lost. */
  change(task: TaskSighting, { lost = false }: { readonly lost?: boolean } = {}): Notice {
    const host = this.#hostOf(task.arn)
    host.tasks.set(task.arn, task)
    const notice: Notice = { type: 'TaskStateChanged', task, containerInstance: host.arn, at: this.now }
    if (!lost) this.#post(notice, this.now)
    return notice
  }

  /** A task stops: STOPPED, one version later. */
  stop(arn: EcsTaskArn, options: { readonly lost?: boolean } = {}): Notice {
    const task = this.#hostOf(arn).tasks.get(arn)
    if (task === undefined) throw new Error(`no task ${arn}`)
    return this.change({ ...task, version: task.version + 1, lastStatus: 'STOPPED', desiredStatus: 'STOPPED' }, options)
  }

  /** The next call or calls of this type fail, or those after so many that do not. */
  fail(type: CallType, failure: Failure, { after = 0, times = 1, takesEffect = false } = {}): void {
    this.#faults.push({ type, failure, after, times, takesEffect })
  }

  /** From now on calls of this type are answered so, and do nothing. */
  answerWith<Type extends CallType>(type: Type, answer: (request: Calls[Type]['request']) => Answer<Type>): void {
    this.#answers.set(type, (call) => answer(call))
  }

  /** Every fault that was ordered and has not come yet is off. */
  mend(): void {
    this.#faults.length = 0
  }

  /** Time goes by; a hook that nobody answered in time lets its instance go. */
  advance(duration: Duration): void {
    this.now += duration
    this.#expire()
  }

  /** Handles these notices as one batch. With `stopAfter` the process dies after so many calls took effect. */
  deliver(notices: ReadonlyArray<Notice>, { stopAfter = Number.POSITIVE_INFINITY } = {}): Delivered {
    let left = stopAfter
    let routing = beginRouting(notices, this.policy)
    while (routing.type === 'call') {
      if (left === 0) return { itinerary: null, receipts: [], crashed: true }
      left -= 1
      routing = resumeRouting(routing.routing, this.answer(routing.call), this.policy)
    }
    const { itinerary } = routing
    const receipts: Array<Receipt> = []
    for (const { assignment } of itinerary.routed) {
      const handling = this.handle(assignment)
      while (handling.call() !== null) {
        if (left === 0) return { itinerary, receipts, crashed: true }
        left -= 1
        handling.step()
      }
      const receipt = handling.receipt()
      if (receipt !== null) receipts.push(receipt)
    }
    return { itinerary, receipts, crashed: false }
  }

  /** Begins one handling and leaves its pace to the test. */
  handle(assignment: Assignment, known?: Snapshot): Handling {
    let step: Step = begin(assignment, known)
    let calls = 0
    const handling: Handling = {
      call: () => (step.type === 'call' ? step.call : null),
      step: () => {
        if (step.type !== 'call') return
        calls += 1
        if (calls > callsMax) throw new Error(`a handling of more than ${callsMax} calls: it does not come to rest`)
        step = resume(step.invocation, this.answer(step.call), this.policy)
      },
      run: (until = () => false) => {
        while (step.type === 'call' && !until(step.call)) handling.step()
        return handling.receipt()
      },
      receipt: () => (step.type === 'done' ? step.receipt : null),
    }
    return handling
  }

  /**
   * Delivers what is on its way, each message when it is due, until nothing is, or until an instant. A message whose
   * handling fails comes again half a minute later.
   */
  settle({ until = Number.POSITIVE_INFINITY, atMost = 1_000 } = {}): void {
    for (let count = 0; ; count += 1) {
      const next = this.pending.reduce<Pending | null>(
        (first, each) => (first === null || each.due < first.due ? each : first),
        null,
      )
      if (next === null || next.due > until) break
      if (count === atMost) throw new Error(`more than ${atMost} messages: the drain does not come to rest`)
      this.pending = this.pending.filter((each) => each !== next)
      if (next.due > this.now) this.advance(next.due - this.now)
      const { receipts, itinerary } = this.deliver([next.notice])
      const isFailed = receipts.some(({ failure }) => failure !== null) || (itinerary?.failed.length ?? 0) > 0
      if (isFailed) this.#post(next.notice, this.now + visibilityTimeout)
    }
    if (until !== Number.POSITIVE_INFINITY && until > this.now) this.advance(until - this.now)
  }

  /** The schedule's tick, handled at once. */
  sweep(): Delivered {
    return this.deliver([{ type: 'SweepDue' }])
  }

  /** What is stored of the n-th instance, in order. */
  events(n = 1): ReadonlyArray<DrainEvent> {
    return this.#streams.newerThan(streamOf(instanceNumber(n)), 0).flatMap((commit) => commit.events)
  }

  /** The drain of the n-th instance, rebuilt from what is stored. */
  drain(n = 1): Drain {
    return fold(this.events(n))
  }

  /** The streams that a sweep would look at. */
  watched(): ReadonlyArray<StreamId> {
    return this.#streams.watched()
  }

  /** The calls of one type, in order. */
  calls<Type extends CallType>(type: Type): ReadonlyArray<Calls[Type]['request']> {
    return this.ledger.flatMap(({ call }) => (call.type === type ? [call as Calls[Type]['request']] : []))
  }

  /** The names of all calls but those of the event store, in order. */
  callsToAws(): ReadonlyArray<CallType> {
    const ofStore: ReadonlyArray<CallType> = ['LoadStream', 'AppendToStream', 'FindStreams', 'ListWatchedStreams']
    return this.ledger.map(({ call }) => call.type).filter((type) => !ofStore.includes(type))
  }

  /** What holds of instances, hooks and drains: the same after any way that led to the same end. */
  summary(): unknown {
    return {
      instances: this.instances.map(({ arn, status }) => ({ arn, status })),
      actions: this.actions.map(({ action, ended, killed }) => ({ action, ended, killed })),
      drains: this.instances.map(({ instance }) => {
        const drain = fold(this.#streams.newerThan(streamOf(instance), 0).flatMap((commit) => commit.events))
        const { phase, ending, decision, containerInstance, returned, activated, remaining } = drain
        return { phase, ending, decision, containerInstance, returned, activated, remaining }
      }),
      watched: this.watched(),
    }
  }

  /** One call, answered and noted. */
  answer(call: Call): Reply {
    if (this.#latency > 0) this.advance(this.#latency)
    const fault = this.#faults.find((each) => each.type === call.type && each.times > 0)
    const result = fault === undefined ? this.#result(call) : this.#faulty(call, fault)
    const reply: Reply =
      'failure' in result
        ? { type: 'failed', at: this.now, failure: result.failure }
        : { type: 'answered', at: this.now, answer: result.answer }
    this.ledger.push({ at: this.now, call, reply })
    return reply
  }

  #faulty(call: Call, fault: Fault): Result<CallType> {
    if (fault.after > 0) {
      fault.after -= 1
      return this.#result(call)
    }
    fault.times -= 1
    if (fault.takesEffect) this.#result(call)
    return { failure: fault.failure }
  }

  #result(call: Call): Result<CallType> {
    const given = this.#answers.get(call.type)
    if (given !== undefined) return { answer: given(call) }
    switch (call.type) {
      case 'LoadStream':
        return { answer: this.#streams.newerThan(call.stream, call.after) }
      case 'AppendToStream':
        return { answer: this.#streams.append(call) }
      case 'FindStreams':
        return { answer: call.containerInstances.map(this.#streams.streamOfContainerInstance) }
      case 'ListWatchedStreams':
        return { answer: this.#streams.watched() }
      case 'ListContainerInstances': {
        const found = this.instances.filter(
          (each) => each.cluster === call.cluster && each.instance === call.ec2InstanceId,
        )
        const live = found.filter(({ status }) => status !== 'INACTIVE')
        return {
          answer: this.#page(
            live.map(({ arn }) => arn),
            call.nextToken,
          ),
        }
      }
      case 'DescribeContainerInstances':
        return { answer: this.#containerInstances(call.cluster, call.containerInstances) }
      case 'UpdateContainerInstancesState':
        for (const each of this.#known(call.cluster, call.containerInstances))
          if (each.status !== 'INACTIVE') each.status = call.status
        return { answer: this.#containerInstances(call.cluster, call.containerInstances) }
      case 'ListTasks':
        return this.#listTasks(call)
      case 'DescribeTasks':
        return refusedBy(call.cluster, call.tasks) ?? { answer: this.#describeTasks(call) }
      case 'StopTask': {
        const refused = refusedBy(call.cluster, [call.task])
        if (refused !== null) return refused
        const task = this.#hostOf(call.task).tasks.get(call.task)
        if (task !== undefined && task.desiredStatus !== 'STOPPED') {
          this.change({ ...task, version: task.version + 1, desiredStatus: 'STOPPED' })
        }
        return { answer: null }
      }
      case 'CompleteLifecycleAction':
        return this.#complete(call)
      case 'RecordLifecycleActionHeartbeat': {
        const waiting = this.#waiting(call.action)
        if (waiting === undefined) return { failure: noActiveAction }
        waiting.heartbeatAt = this.now
        return { answer: null }
      }
      case 'DescribeLifecycleHooks':
        return { answer: this.hooks.filter(({ group, name }) => group === call.group && name === call.hook) }
      case 'DescribeAutoScalingGroups':
        if (call.groups.length > 50) {
          throw new Error(`DescribeAutoScalingGroups takes at most 50 names, not ${call.groups.length}`)
        }
        return { answer: this.#page(this.#groups(call.groups), call.nextToken) }
      case 'SendWakeUp':
        this.#post({ type: 'WokenUp', stream: call.stream, hops: call.hops }, Math.max(call.at, this.now))
        return { answer: null }
    }
  }

  #listTasks(call: Calls['ListTasks']['request']): Result<'ListTasks'> {
    const [host] = this.#known(call.cluster, [call.containerInstance])
    if (host === undefined || host.status === 'INACTIVE') {
      return { failure: { type: 'NotFound', message: `no container instance ${call.containerInstance}` } }
    }
    const tasks = [...host.tasks.values()].filter(({ desiredStatus }) => desiredStatus === call.desiredStatus)
    return {
      answer: this.#page(
        tasks.map(({ arn }) => arn),
        call.nextToken,
      ),
    }
  }

  #describeTasks({ cluster, tasks }: Calls['DescribeTasks']['request']): Answer<'DescribeTasks'> {
    if (tasks.length > 100) throw new Error(`DescribeTasks takes at most 100 tasks, not ${tasks.length}`)
    const known = this.instances.filter((each) => each.cluster === cluster)
    const find = (arn: EcsTaskArn) => known.map((each) => each.tasks.get(arn)).find((task) => task !== undefined)
    return {
      tasks: tasks.flatMap((arn) => find(arn) ?? []),
      failures: tasks.filter((arn) => find(arn) === undefined).map((arn) => ({ arn, reason: 'MISSING' })),
    }
  }

  #containerInstances(
    cluster: ClusterName,
    arns: ReadonlyArray<ContainerInstanceArn>,
  ): Answer<'DescribeContainerInstances'> {
    const known = this.#known(cluster, arns)
    const containerInstances = known.map(
      ({ arn, instance, status, agentConnected, registeredAt }): ContainerInstance => ({
        arn,
        ec2InstanceId: instance,
        status,
        agentConnected,
        registeredAt,
      }),
    )
    const isMissing = (arn: ContainerInstanceArn) => !known.some((each) => each.arn === arn)
    return { containerInstances, failures: arns.filter(isMissing).map((arn) => ({ arn, reason: 'MISSING' })) }
  }

  #complete({ action, result }: Calls['CompleteLifecycleAction']['request']): Result<'CompleteLifecycleAction'> {
    const waiting = this.#waiting(action)
    if (waiting === undefined) return { failure: noActiveAction }
    this.#end(waiting, result)
    return { answer: null }
  }

  #end(waiting: ScriptedAction, how: NonNullable<ScriptedAction['ended']>): void {
    const { group, instance } = waiting.action
    waiting.ended = how
    waiting.endedAt = this.now
    const hosts = this.instances.filter((each) => each.instance === instance)
    waiting.killed = hosts.flatMap(({ tasks }) =>
      [...tasks.values()].filter(({ lastStatus }) => lastStatus !== 'STOPPED').map(({ arn }) => arn),
    )
    this.lifecycleStates.set(instance, { group, state: waiting.toWarmPool ? 'Warmed:Stopped' : 'Terminating:Proceed' })
  }

  /** By token, or by instance id where the token is null; hook and group must match as well. */
  #waiting({ group, hook, instance, token }: LifecycleAction): ScriptedAction | undefined {
    this.#expire()
    return this.actions.find(
      ({ action, ended }) =>
        ended === null &&
        action.group === group &&
        action.hook === hook &&
        action.instance === instance &&
        (token === null || action.token === token),
    )
  }

  #expire(): void {
    for (const waiting of this.actions) {
      const hook = this.hooks.find(({ group, name }) => group === waiting.action.group && name === waiting.action.hook)
      if (waiting.ended !== null || hook === undefined) continue
      const last = Math.min(waiting.heartbeatAt + hook.heartbeatTimeout, waiting.startedAt + hook.globalTimeout)
      if (this.now > last) this.#end(waiting, 'expired')
    }
  }

  #groups(asked: ReadonlyArray<AutoScalingGroupName>): Answer<'DescribeAutoScalingGroups'>['items'] {
    const names = [...new Set([...this.lifecycleStates.values()].map(({ group }) => group))]
    return names
      .filter((name) => asked.length === 0 || asked.includes(name))
      .map((name) => ({
        name,
        instances: [...this.lifecycleStates]
          .filter(([, { group }]) => group === name)
          .map(([instance, { state }]) => ({ id: instance, lifecycleState: state })),
      }))
  }

  #known(cluster: ClusterName, arns: ReadonlyArray<ContainerInstanceArn>): ReadonlyArray<ScriptedInstance> {
    return this.instances.filter((each) => each.cluster === cluster && arns.includes(each.arn))
  }

  #hostOf(arn: EcsTaskArn): ScriptedInstance {
    const host = this.instances.find(({ tasks }) => tasks.has(arn))
    if (host === undefined) throw new Error(`no instance has a task ${arn}`)
    return host
  }

  #page<Item>(items: ReadonlyArray<Item>, nextToken: string | null) {
    const from = nextToken === null ? 0 : Number(nextToken)
    const to = from + this.#pageSize
    return { items: items.slice(from, to), nextToken: to < items.length ? String(to) : null }
  }

  #post(notice: Notice, due: Instant): void {
    this.pending.push({ due, notice })
  }
}
