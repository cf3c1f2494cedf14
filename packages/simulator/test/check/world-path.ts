/**
 * A run of the simulator's world, walked through the environment of the model checker: every record of the trace and
 * every answer to a call must be something the environment can do at that point. Where it cannot, the two have drifted.
 */
import type { Call } from '@ecs-drain/core'
import type { Model } from '../../src/check/model.ts'
import * as aws from '../../src/check/moves/environment.ts'
import { containerInstanceArn, foreignHook, hook, action as namedAction, taskArn } from '../../src/check/state/names.ts'
import * as reply from '../../src/check/state/reply-code.ts'
import { answered, draining, gone, open, proceeding, Share } from '../../src/check/state/share.ts'
import * as at from '../../src/check/state/task-position.ts'
import type { Controller, Execution, Message } from '../../src/controller/controller.ts'
import type { createEcsDrainController } from '../../src/controller/ecs-drain.ts'
import type { Plan } from '../../src/plan/plan.ts'
import { hookEndings, kinds, lifecycleStates, messageKinds, taskStatuses } from '../../src/trace/trace.ts'
import type { createWorld } from '../../src/world/world.ts'

/** The parts of the simulator that are walked; a test plants a drift in them. */
export interface Simulator {
  readonly createWorld: typeof createWorld
  readonly createEcsDrainController: typeof createEcsDrainController
}

export interface WorldPath {
  /** What the environment could not have done, in the run's words. Empty: the run is a path. */
  readonly drifts: ReadonlyArray<string>
  /** How often each kind of thing was walked through. */
  readonly walked: ReadonlyMap<string, number>
}

interface Waiting {
  readonly call: Call
  readonly run: number
  /** What the instance looked like at some moment since the call was made. */
  readonly seen: Array<Share>
}

interface Instance {
  readonly share: Share
  /** By the world's number, the place of a task. */
  readonly places: Map<number, number>
  changedAt: number
  drainingSince: number
}

/** What the environment must be able to do for any plan of the kind that is walked. */
const model: Model = {
  name: 'world',
  teaches: '',
  instances: 2,
  tasks: [],
  taskSlots: 4,
  stopping: 'every',
  service: { desired: 0, floor: 0, ceiling: 0 },
  standalone: null,
  handlers: 2,
  lifetime: 1,
  batch: 2,
  sweeps: true,
  staleReads: true,
  drainingEvent: true,
  setActiveByOthers: false,
  foreignHook: false,
  heartbeatTimeout: null,
  deadline: null,
  hopsMax: 6,
  misfortunes: { lost: 3, duplicated: 3, crashes: 3, failures: 3, unanswered: 3, hookTimeouts: 3 },
  misfortunesInTotal: 3,
}

const standaloneModel: Model = { ...model, standalone: { after: 0 } }

/** How long lists and placements may lag in these plans, in milliseconds; what is older is a drift. */
export const lagMs = 5_000

export const walk = (plan: Plan, { createWorld, createEcsDrainController }: Simulator): WorldPath => {
  const drifts: Array<string> = []
  const walked = new Map<string, number>()
  const hasForeignHook = plan.groups.some(({ hooks }) => hooks.some(({ owner }) => owner === 'other'))
  const setActiveAt = plan.happenings.flatMap((each) => (each.do === 'set-active' ? [each.atSeconds * 1000] : []))
  const isSetActive = setActiveAt.length > 0
  const walkedModel: Model = { ...model, foreignHook: hasForeignHook, setActiveByOthers: isSetActive }
  const floor = Math.ceil(((plan.services[0]?.desired ?? 0) * (plan.services[0]?.minimumHealthyPercent ?? 0)) / 100)
  const instances = new Map<number, Instance>()
  const instanceOfTask = new Map<number, number>()
  const healthy = new Set<number>()
  const told = new Set<number>()
  const waiting = new Set<Waiting>()
  /** A function that died may have left a call behind, which takes effect a moment later. */
  const leftBehind = new Set<Waiting>()
  const held = new Map<number, ReadonlyArray<Message>>()
  const actions = new Map<number, { readonly instance: number; readonly ours: boolean }>()
  let now = 0
  let lastStopped: { readonly instance: Instance; readonly place: number } | null = null
  let lastTerminating: { readonly instance: Instance; readonly ours: boolean } | null = null

  const count = (what: string): void => {
    walked.set(what, (walked.get(what) ?? 0) + 1)
  }
  const must = (holds: boolean, what: () => string): void => {
    if (!holds) drifts.push(`at ${now} ms: ${what()}`)
  }

  const isStandalone = (task: number): boolean => world.cast.tasks[task]?.service === -1

  /** By a function that waits for the answer, or that died while it did. */
  const isAsked = (instance: number, type: Call['type']): boolean =>
    [...waiting, ...leftBehind].some(({ call }) => call.type === type && instanceOf(call) === instance)

  const instanceOf = (call: Call): number => {
    switch (call.type) {
      case 'ListContainerInstances':
        return world.cast.instances.findIndex(({ id }) => id === call.ec2InstanceId)
      case 'UpdateContainerInstancesState':
      case 'DescribeContainerInstances':
        return numberOf(call.containerInstances[0] ?? '')
      case 'ListTasks':
        return numberOf(call.containerInstance)
      case 'DescribeTasks':
        return instanceOfTask.get(numberOf(call.tasks[0] ?? '')) ?? -1
      case 'StopTask':
        return instanceOfTask.get(numberOf(call.task)) ?? -1
      case 'CompleteLifecycleAction':
      case 'RecordLifecycleActionHeartbeat':
        return world.cast.instances.findIndex(({ id }) => id === call.action.instance)
      case 'SendWakeUp':
        return world.cast.instances.findIndex(({ id }) => call.stream.endsWith(id))
      default:
        return -1
    }
  }

  /** Something changed: whoever waits for an answer may be shown the instance as it is now. */
  const changed = (number: number): void => {
    const instance = instances.get(number)
    if (instance === undefined) return
    instance.changedAt = now
    for (const each of waiting) {
      if (instanceOf(each.call) === number) each.seen.push(new Share().copyFrom(instance.share))
    }
  }

  /** What has not changed for longer than reads lag is visible as it is. */
  const passTime = (to: number): void => {
    now = to
    for (const instance of instances.values()) if (now - instance.changedAt > lagMs) aws.becomeVisible(instance.share)
  }

  /** Forward through what a task does by itself until it stands where the world says. */
  const moveTo = ({ share }: Instance, place: number, position: number): void => {
    let from = share.tasks[place] as number
    for (let next = from; next !== 0 && next < position; next = aws.advanceOf(share, place, walkedModel)) {
      aws.moveTask(share, place, next)
      from = next
    }
    if (aws.advanceOf(share, place, walkedModel) === position) aws.moveTask(share, place, position)
    else if (position === at.stopped && aws.canNotice(share, place)) aws.moveTask(share, place, position)
    must(share.tasks[place] === position, () => `a task went from position ${from} to ${position}`)
  }

  const placed = (task: number, number: number): void => {
    instanceOfTask.set(task, number)
    const instance = instances.get(number)
    if (instance === undefined) return
    const { share } = instance
    if (now === 0) {
      const place = share.tasks.indexOf(at.nowhere)
      share.tasks[place] = at.running
      instance.places.set(task, place)
      return
    }
    count('task placed')
    // It was chosen when the instance was still ACTIVE, and takes less than the settle time.
    const isLate = share.status === draining && now - instance.drainingSince <= lagMs
    if (isLate) count('task placed after DRAINING')
    const status = share.status
    if (isLate) share.status = 0
    const place = aws.placeFor(share, walkedModel)
    must(place !== -1, () => `a task appeared on an instance that takes none`)
    if (place !== -1) {
      aws.place(share, place)
      instance.places.set(task, place)
      moveTo(instance, place, at.pending)
    }
    share.status = status
    changed(number)
  }

  const statusChanged = (task: number, status: string): void => {
    const number = instanceOfTask.get(task) ?? -1
    const instance = instances.get(number)
    const place = instance?.places.get(task)
    if (instance === undefined || place === undefined || now === 0) return
    count(`task ${status}`)
    const from = instance.share.tasks[place] as number
    // Nobody waits until a standalone task is healthy.
    const runs = status === 'RUNNING' && isStandalone(task) && !told.has(task)
    const target = runs ? at.running : positionOf(status, from, told.has(task))
    if (target !== from) moveTo(instance, place, target)
    if (status === 'STOPPED') lastStopped = { instance, place }
    changed(number)
  }

  const toldToStop = (task: number): void => {
    told.add(task)
    const number = instanceOfTask.get(task) ?? -1
    const instance = instances.get(number)
    const place = instance?.places.get(task)
    if (instance === undefined || place === undefined) return
    if (instance.share.life === gone) return
    count('task told to stop')
    const byUs = isAsked(number, 'StopTask')
    if (!byUs && isStandalone(task)) {
      count('task ended')
      must(aws.canEnd(instance.share, place, standaloneModel), () => 'a task ended that could not')
      aws.tellToStop(instance.share, place, walkedModel)
      return changed(number)
    }
    const how = aws.stoppable(instance.share, place, walkedModel)
    must(byUs || how !== 'no', () => 'the scheduler stopped a task on an instance that does not drain')
    must(
      byUs || (how !== 'healthy' && how !== 'surplus') || healthy.size > floor,
      () => `the scheduler stopped a healthy task of ${healthy.size}, and the floor is ${floor}`,
    )
    must(
      byUs || !how.endsWith('surplus') || setActiveAt.some((since) => since <= now),
      () => 'the scheduler stopped a task that was not one too many',
    )
    aws.tellToStop(instance.share, place, walkedModel)
    changed(number)
  }

  const turnedHealthy = (task: number, isHealthy: boolean): void => {
    if (isHealthy) healthy.add(task)
    else healthy.delete(task)
    const number = instanceOfTask.get(task) ?? -1
    const instance = instances.get(number)
    const place = instance?.places.get(task)
    if (!isHealthy || instance === undefined || place === undefined || now === 0) return
    // In the model a task runs once it counts.
    moveTo(instance, place, at.running)
    changed(number)
  }

  const hookStarted = (number: number, instanceNumber: number): void => {
    const entry = world.cast.actions[number]
    const instance = instances.get(instanceNumber)
    actions.set(number, { instance: instanceNumber, ours: entry?.ours === true })
    if (instance === undefined) return
    lastTerminating = { instance, ours: entry?.ours === true }
    if (instance.share.ourAction !== 0) return
    count('termination')
    must(aws.canTerminate(instance.share), () => 'an instance was given up that could not be')
    aws.terminate(instance.share, walkedModel)
    changed(instanceNumber)
  }

  const hookEnded = (number: number, ending: string): void => {
    const action = actions.get(number)
    const instance = action === undefined ? undefined : instances.get(action.instance)
    if (action === undefined || instance === undefined) return
    count(`hook ${ending}`)
    const { share } = instance
    if (ending === 'CONTINUE' || ending === 'ABANDON') {
      must(isAsked(action.instance, 'CompleteLifecycleAction'), () => 'an action was answered by nobody')
      must(share.ourAction === open, () => 'an action was answered twice')
      aws.carriedOut(share, { type: 'CompleteLifecycleAction', action: namedAction, result: ending }, walkedModel)
    } else if (ending.startsWith('timeout')) {
      must(aws.canTimeOut(share), () => 'a hook timed out that was not waited for')
      aws.timeOut(share)
    } else if (ending === 'other-CONTINUE') {
      must(aws.canForeignAnswer(share), () => 'another hook was answered twice')
      aws.foreignAnswers(share)
    } else if (!action.ours) share.foreignAction = answered
    changed(action.instance)
  }

  const stateChanged = (number: number, state: string): void => {
    const instance = instances.get(number)
    if (instance === undefined) return
    if (state === 'Terminating:Proceed')
      must(instance.share.life === proceeding, () => 'it went on while a hook held it')
    if (state !== 'Terminated') return
    count('host stopped')
    must(aws.canHostStop(instance.share), () => 'a host stopped that was held')
    aws.hostStops(instance.share)
    changed(number)
  }

  const containerInstanceChanged = (number: number, status: number): void => {
    const instance = instances.get(number)
    if (instance === undefined) return
    if (status === 2) {
      count('DRAINING')
      must(isAsked(number, 'UpdateContainerInstancesState'), () => 'nobody asked for DRAINING')
      aws.carriedOut(
        instance.share,
        {
          type: 'UpdateContainerInstancesState',
          cluster: '' as never,
          containerInstances: [containerInstanceArn],
          status: 'DRAINING',
        },
        walkedModel,
      )
      instance.drainingSince = now
    } else if (status === 1 && instance.share.status === draining) {
      count('ACTIVE')
      must(aws.canSetActive(instance.share), () => 'an instance was set ACTIVE that could not be')
      must(setActiveAt.includes(now), () => 'nobody set it ACTIVE')
      aws.setActive(instance.share)
    } else if (status === 3) {
      count('deregistered')
      must(aws.canDeregister(instance.share), () => 'a container instance was deregistered too early')
      aws.deregister(instance.share)
    }
    changed(number)
  }

  const messageFate = (kind: string, change: 1 | -1): void => {
    if (kind === 'task-stopped' && lastStopped !== null) {
      const { stoppedEvents } = lastStopped.instance.share
      stoppedEvents[lastStopped.place] = (stoppedEvents[lastStopped.place] as number) + change
    } else if (kind === 'termination' && lastTerminating !== null) {
      if (lastTerminating.ours) lastTerminating.instance.share.terminations += change
      else lastTerminating.instance.share.foreignTerminations += change
    }
  }

  const delivered = (message: Message): void => {
    const instance = instances.get(message.instance)
    if (instance === undefined) return
    const { share } = instance
    if (message.kind === 'termination') {
      const ours = actions.get(message.action)?.ours === true
      count('notice delivered')
      must((ours ? share.terminations : share.foreignTerminations) > 0, () => 'a notice arrived that was not under way')
      if (ours) share.terminations -= 1
      else share.foreignTerminations -= 1
    } else if (message.kind === 'task-stopped') {
      const place = instance.places.get(message.task) ?? -1
      count('STOPPED delivered')
      must((share.stoppedEvents[place] ?? 0) > 0, () => 'a STOPPED event arrived that was not under way')
      share.stoppedEvents[place] = (share.stoppedEvents[place] ?? 0) - 1
      must(share.tasks[place] === at.stopped, () => 'a STOPPED event came before the task had stopped')
    }
  }

  const comesBack = (message: Message): void => {
    const instance = instances.get(message.instance)
    if (instance === undefined) return
    count('came back')
    if (message.kind === 'termination') {
      if (actions.get(message.action)?.ours === true) instance.share.terminations += 1
      else instance.share.foreignTerminations += 1
    } else if (message.kind === 'task-stopped') {
      const place = instance.places.get(message.task) ?? -1
      instance.share.stoppedEvents[place] = (instance.share.stoppedEvents[place] ?? 0) + 1
    }
  }

  const checkReply = ({ call, seen }: Waiting, outcome: { answer?: unknown; failure?: { type: string } }): void => {
    const number = instanceOf(call)
    const instance = instances.get(number)
    if (instance === undefined) return
    seen.push(new Share().copyFrom(instance.share))
    const { failure } = outcome
    if (failure !== undefined && failure.type !== 'Rejected' && failure.type !== 'NotFound') {
      count('call failed')
      return
    }
    const observed = observedCode(call, outcome, instance)
    if (observed === null) return
    count(`answer to ${call.type}`)
    const local = localCall(call, instance)
    const isPossible = seen.some((share) => possibleCodes(share, local).includes(observed))
    must(isPossible, () => `${call.type} was answered in a way that nothing explains (code ${observed})`)
  }

  const possibleCodes = (share: Share, call: Call): ReadonlyArray<number> => {
    const codes = aws.readCodes(share, call, walkedModel)
    if (codes.length > 0) return codes
    return [aws.carriedOut(new Share().copyFrom(share), call, walkedModel)]
  }

  const overheard = (execution: Execution): Execution => ({
    id: execution.id,
    directory: execution.directory,
    policyChange: execution.policyChange,
    now: () => execution.now(),
    decided: (name, instance, text) => execution.decided(name, instance, text),
    end: (failed) => {
      const batch = held.get(execution.id) ?? []
      held.delete(execution.id)
      for (const position of new Set(failed)) {
        const message = batch[position]
        if (message !== undefined) comesBack(message)
      }
      execution.end(failed)
    },
    call: (call, replied, failed) => {
      const instance = instances.get(instanceOf(call))
      const each: Waiting = {
        call,
        run: execution.id,
        seen: instance === undefined ? [] : [new Share().copyFrom(instance.share)],
      }
      waiting.add(each)
      execution.call(
        call,
        (answer) => {
          passTime(execution.now())
          checkReply(each, { answer })
          waiting.delete(each)
          replied(answer)
        },
        (failure) => {
          passTime(execution.now())
          checkReply(each, { failure })
          waiting.delete(each)
          failed(failure)
        },
      )
    },
  })

  const shipped = createEcsDrainController(plan)
  const controller: Controller = {
    subscribes: shipped.subscribes,
    handle: (batch, execution) => {
      passTime(execution.now())
      batch.forEach(delivered)
      held.set(execution.id, batch)
      shipped.handle(batch, overheard(execution))
    },
  }
  const world = createWorld(plan, controller, { texts: false })
  world.observe((time, kind, a, b) => {
    passTime(time)
    switch (kinds[kind]) {
      case 'instance-launched':
        if (time === 0) {
          instances.set(a, { share: new Share(), places: new Map(), changedAt: -lagMs, drainingSince: -lagMs })
        }
        return
      case 'task-placed':
        return placed(a, b)
      case 'task-last-status':
        return statusChanged(a, taskStatuses[b] ?? '')
      case 'task-desired-status':
        return toldToStop(a)
      case 'task-healthy':
        return turnedHealthy(a, b === 1)
      case 'hook-started':
        return hookStarted(a, b)
      case 'hook-ended':
        return hookEnded(a, hookEndings[b] ?? '')
      case 'instance-state':
        return stateChanged(a, lifecycleStates[b] ?? '')
      case 'container-instance':
        return containerInstanceChanged(a, b)
      case 'message-sent':
      case 'message-duplicated':
        return messageFate(messageKinds[b] ?? '', 1)
      case 'message-lost':
        count('message lost')
        return messageFate(messageKinds[b] ?? '', -1)
      case 'invocation-ended':
        if (b !== 2) return
        count('crash')
        for (const message of held.get(a) ?? []) comesBack(message)
        held.delete(a)
        for (const each of [...waiting]) {
          if (each.run !== a) continue
          waiting.delete(each)
          leftBehind.add(each)
        }
        return
      default:
        return
    }
  })
  world.run()
  return { drifts, walked }
}

/** The number at the end of an ARN that the world made. */
const numberOf = (arn: string): number => Number.parseInt(arn.slice(-6), 16)

/** Where the model has a task that the world shows like that. What has never counted as healthy has never run. */
const positionOf = (status: string, from: number, isTold: boolean): number => {
  if (status === 'STOPPED') return at.stopped
  if (from < at.running) return isTold ? at.pendingToldToStop : from
  switch (status) {
    case 'DEACTIVATING':
      return at.deactivating
    case 'STOPPING':
      return at.stopping
    case 'DEPROVISIONING':
      return at.deprovisioning
    default:
      return from
  }
}

/** The call as the model's names have it. */
const localCall = (call: Call, { places }: Instance): Call => {
  const local = (arn: string): number => places.get(numberOf(arn)) ?? 0
  switch (call.type) {
    case 'DescribeTasks':
      return { ...call, tasks: call.tasks.map((arn) => taskArn(local(arn))) }
    case 'StopTask':
      return { ...call, task: taskArn(local(call.task)) }
    case 'CompleteLifecycleAction':
    case 'RecordLifecycleActionHeartbeat':
      return { ...call, action: { ...namedAction, hook: call.action.hook === 'ecs-drain' ? hook : foreignHook } }
    default:
      return call
  }
}

/** An answer as the model's code for it; null: of a call that it does not judge. */
const observedCode = (
  call: Call,
  { answer, failure }: { answer?: unknown; failure?: { type: string } },
  { places, share }: Instance,
): number | null => {
  const shown = answer as {
    items: ReadonlyArray<string>
    failures: ReadonlyArray<{ reason: string }>
    containerInstances: ReadonlyArray<{ status: string }>
    tasks: ReadonlyArray<{ arn: string; lastStatus: string; desiredStatus: string }>
  }
  switch (call.type) {
    case 'ListContainerInstances':
      return shown.items.length > 0 ? reply.present : reply.absent
    case 'UpdateContainerInstancesState':
      return shown.failures.length > 0 ? reply.isInactive : reply.drains
    case 'DescribeContainerInstances': {
      const { status = 'INACTIVE' } = shown.containerInstances[0] ?? {}
      if (status === 'INACTIVE') return reply.isInactive
      return status === 'DRAINING' ? reply.drains : reply.isActive
    }
    case 'CompleteLifecycleAction':
      // Whether it was accepted is judged when the hook ends.
      return failure === undefined ? null : reply.notActive
    case 'RecordLifecycleActionHeartbeat':
      return failure === undefined ? reply.done : reply.notActive
    case 'ListTasks': {
      if (failure !== undefined) return null
      const mask = shown.items.reduce((bits, arn) => bits | (1 << (places.get(numberOf(arn)) ?? 0)), 0)
      return reply.listed + mask
    }
    case 'DescribeTasks':
      return reply.described + positionsShown(call.tasks, shown.tasks, places, share)
    default:
      return null
  }
}

const positionsShown = (
  asked: ReadonlyArray<string>,
  tasks: ReadonlyArray<{ arn: string; lastStatus: string; desiredStatus: string }>,
  places: Instance['places'],
  share: Share,
): number =>
  asked.reduce((positions, arn, index) => {
    const task = tasks.find((each) => each.arn === arn)
    if (task === undefined) return positions
    const isTold = task.desiredStatus === 'STOPPED'
    const now = share.tasks[places.get(numberOf(arn)) ?? 0] as number
    const began = now >= at.running && share.shown[places.get(numberOf(arn)) ?? 0] !== at.pending ? at.running : now
    const isYoung = began < at.running
    const shown = shownPosition(task.lastStatus, isTold, isYoung)
    return positions | (shown << (4 * index))
  }, 0)

const shownPosition = (status: string, isTold: boolean, isYoung: boolean): number => {
  if (status === 'STOPPED') return at.stopped
  if (isYoung) return isTold ? at.pendingToldToStop : at.pending
  if (status === 'RUNNING') return isTold ? at.runningToldToStop : at.running
  if (status === 'DEACTIVATING') return at.deactivating
  if (status === 'STOPPING') return at.stopping
  return status === 'DEPROVISIONING' ? at.deprovisioning : at.pending
}
