/**
 * What AWS may do, in the smallest form that still tells every kind of run apart: each function changes a share in the
 * way the simulator's world would, or is not possible. A test walks simulated runs through these very functions.
 */
import type { Call, LifecycleAction } from '@ecs-drain/core'
import type { Model } from '../model.ts'
import { action, containerInstanceArn, foreignAction, foreignHook, taskOf } from '../state/names.ts'
import * as reply from '../state/reply-code.ts'
import {
  active,
  answered,
  draining,
  endedOtherwise,
  gone,
  inactive,
  inService,
  listed,
  notBegun,
  open,
  proceeding,
  type Share,
  unlisted,
  waiting,
  wasUnlisted,
} from '../state/share.ts'
import {
  hasLanded,
  inFlight,
  isToldToStop,
  nextPositions,
  nowhere,
  pending,
  pendingToldToStop,
  running,
  runningToldToStop,
  stopped,
  stopping,
  toldToStop,
} from '../state/task-position.ts'

/** Auto Scaling begins to terminate the instance, and every hook of its group holds it. */
export const canTerminate = (share: Share): boolean => share.life === inService

export const terminate = (share: Share, model: Model): void => {
  share.life = waiting
  share.ourAction = open
  if (model.foreignHook) share.foreignAction = open
}

/** Where a task goes by itself; 0: nowhere. */
export const advanceOf = (share: Share, task: number, model: Model): number => {
  if (share.life === gone) return nowhere
  const position = share.tasks[task] as number
  // On a draining instance too: ECS stops what does not run yet there (AWS: container-instance-draining), and may come too late for it.
  return nextPositions(model)[position] ?? nowhere
}

export const moveTask = (share: Share, task: number, position: number): void => {
  share.tasks[task] = position
}

type Stoppable = 'no' | 'healthy' | 'pending' | 'surplus' | 'pending surplus'

/**
 * What the service scheduler may tell to stop: `healthy` needs one to spare, `pending` does not. `surplus`: the instance was
 * DRAINING, its tasks were replaced, and now that somebody has set it ACTIVE there is one too many; of those that are pending
 * nobody counts how many that are.
 */
export const stoppable = (share: Share, task: number, model: Model): Stoppable => {
  if (share.life === gone || model.standalone !== null) return 'no'
  const position = share.tasks[task] as number
  if (share.status === active && model.setActiveByOthers) {
    if (position === running) return 'surplus'
    return position === pending ? 'pending surplus' : 'no'
  }
  if (share.status !== draining) return 'no'
  if (position === running) return 'healthy'
  return position === pending ? 'pending' : 'no'
}

/** A task that no service owns may have done its work. */
export const canEnd = (share: Share, task: number, model: Model): boolean =>
  model.standalone !== null && share.life !== gone && share.tasks[task] === running

export const tellToStop = (share: Share, task: number, model: Model): void => {
  const position = share.tasks[task] as number
  if (position === pending || position === running) share.tasks[task] = toldToStop(position, model)
}

/** The first free place for a task that is chosen for the instance; -1: none, or the instance takes no tasks. */
export const placeFor = (share: Share, model: Model): number => {
  if (share.status !== active || share.life === gone) return -1
  const place = share.tasks.indexOf(nowhere)
  return place < model.taskSlots ? place : -1
}

export const place = (share: Share, task: number): void => {
  share.tasks[task] = inFlight
}

/** A list of container instances may miss one (R2): for up to a tick, and once, or it would be as if it were gone. */
export const canBeUnlisted = ({ status, listing }: Share): boolean => status !== inactive && listing === listed

export const unlist = (share: Share): void => {
  share.listing = unlisted
}

/** The clock moves. */
export const listAgain = (share: Share): void => {
  if (share.listing === unlisted) share.listing = wasUnlisted
}

const proceedIfFree = (share: Share): void => {
  if (share.ourAction !== open && share.foreignAction !== open && share.life === waiting) share.life = proceeding
}

export const canTimeOut = (share: Share): boolean => share.ourAction === open

export const timeOut = (share: Share): void => {
  share.ourAction = endedOtherwise
  proceedIfFree(share)
}

export const canForeignAnswer = (share: Share): boolean => share.foreignAction === open

export const foreignAnswers = (share: Share): void => {
  share.foreignAction = answered
  proceedIfFree(share)
}

/** Somebody else sets the container instance ACTIVE; once, or nobody could keep it DRAINING. */
export const canSetActive = (share: Share): boolean =>
  share.status === draining && share.life !== gone && !share.wasSetActive

export const setActive = (share: Share): void => {
  share.status = active
  share.wasSetActive = true
}

export const canHostStop = (share: Share): boolean => share.life === proceeding

/** The machine goes, with whatever still runs on it. ECS does not know yet. */
export const hostStops = (share: Share): void => {
  share.life = gone
}

/** ECS finds out about a task of a machine that is gone. */
export const canNotice = (share: Share, task: number): boolean => {
  const position = share.tasks[task] as number
  return share.life === gone && position !== nowhere && position !== stopped
}

export const canDeregister = (share: Share): boolean =>
  share.life === gone && share.status !== inactive && share.tasks.every((each) => each === nowhere || each === stopped)

export const deregister = (share: Share): void => {
  share.status = inactive
}

/** Whether the clock may move on: what is sure to happen within a tick has happened. */
export const clockMayTick = (share: Share): boolean =>
  // A placement that was under way when the instance began to drain arrives within the settle time (R5).
  share.status !== draining || share.life === gone || !share.tasks.includes(inFlight)

/** From now on every list and description shows what is. */
export const becomeVisible = (share: Share): void => {
  for (let task = 0; task < share.tasks.length; task += 1) share.shown[task] = share.tasks[task] as number
}

export const lifecycleStateOf = ({ life }: Share): string | null => {
  if (life === inService) return 'InService'
  if (life === waiting) return 'Terminating:Wait'
  return life === proceeding ? 'Terminating:Proceed' : null
}

/** What a call that AWS carries out does to the share, and the code of its answer where no chance is involved. */
export const carriedOut = (share: Share, call: Call, model: Model): number => {
  switch (call.type) {
    case 'ListContainerInstances':
      return share.status === inactive ? reply.absent : reply.present
    case 'UpdateContainerInstancesState':
      if (share.status === inactive) return reply.isInactive
      share.status = call.status === 'ACTIVE' ? active : draining
      return share.status === draining ? reply.drains : reply.isActive
    case 'DescribeContainerInstances':
      if (share.status === inactive) return reply.isInactive
      return share.status === draining ? reply.drains : reply.isActive
    case 'StopTask':
      tellToStop(share, taskOf(call.task), model)
      return reply.done
    case 'CompleteLifecycleAction':
      if (!isActive(share, call.action)) return reply.notActive
      complete(share, call.result)
      return reply.done
    case 'RecordLifecycleActionHeartbeat':
      return isActive(share, call.action) ? reply.done : reply.notActive
    // What changes nothing of a share. Tasks, streams and messages are answered for elsewhere.
    case 'DescribeLifecycleHooks':
    case 'DescribeAutoScalingGroups':
    case 'ListTasks':
    case 'DescribeTasks':
    case 'LoadStream':
    case 'AppendToStream':
    case 'FindStreams':
    case 'ListWatchedStreams':
    case 'SendWakeUp':
      return reply.done
  }
}

/** A token is another's, or it is left out and the instance counts. */
const isActive = (share: Share, asked: LifecycleAction): boolean => {
  const isHeldBy = ({ hook: name, token }: LifecycleAction): boolean =>
    asked.hook === name && (asked.token === null || asked.token === token)
  if (isHeldBy(action)) return share.ourAction === open
  return isHeldBy(foreignAction) && share.foreignAction === open
}

const complete = (share: Share, result: 'CONTINUE' | 'ABANDON'): void => {
  share.ourAction = answered
  // ABANDON skips the other hooks (AWS: completing-lifecycle-hooks).
  if (result === 'ABANDON' && share.foreignAction === open) share.foreignAction = answered
  proceedIfFree(share)
}

/** A call whose answer changes nothing in AWS. */
export const isRead = ({ type }: Call): boolean => {
  switch (type) {
    case 'UpdateContainerInstancesState':
    case 'StopTask':
    case 'CompleteLifecycleAction':
    case 'SendWakeUp':
    case 'AppendToStream':
      return false
    case 'ListContainerInstances':
    case 'DescribeContainerInstances':
    case 'ListTasks':
    case 'DescribeTasks':
    // It puts a timeout off, which the models decide upon by themselves.
    case 'RecordLifecycleActionHeartbeat':
    case 'DescribeLifecycleHooks':
    case 'DescribeAutoScalingGroups':
    case 'LoadStream':
    case 'FindStreams':
    case 'ListWatchedStreams':
      return true
  }
}

/** Where a read may show a task: as it is, or anywhere it was since the clock last moved. */
const visiblePositions = (share: Share, task: number, model: Model): ReadonlyArray<number> => {
  const position = share.tasks[task] as number
  const from = share.shown[task] as number
  if (!model.staleReads || from === position) return [position]
  const positions = [position]
  for (let each = from; each < position; each += 1) {
    if (each === from || isOnTheWay(each, from, position, model)) positions.push(each)
  }
  return positions
}

const isOnTheWay = (position: number, from: number, to: number, model: Model): boolean => {
  if (position === pending) return from < pending
  if (position === pendingToldToStop) return from <= pending && to === stopped
  if (position === running) return from < running && to > running
  return model.stopping === 'every' || position === stopping
}

/** The codes that a list or a description may be answered with. */
export const readCodes = (share: Share, call: Call, model: Model): ReadonlyArray<number> => {
  if (call.type === 'ListTasks') {
    const wantsStopped = call.desiredStatus === 'STOPPED'
    let masks: ReadonlyArray<number> = [0]
    for (let task = 0; task < model.taskSlots; task += 1) {
      const bits = new Set(
        visiblePositions(share, task, model).map((each) =>
          hasLanded(each) && isToldToStop(each) === wantsStopped ? 1 << task : 0,
        ),
      )
      masks = masks.flatMap((mask) => [...bits].map((bit) => mask | bit))
    }
    return masks.map((mask) => reply.listed + mask)
  }
  if (call.type !== 'DescribeTasks') return []
  let all: ReadonlyArray<number> = [0]
  call.tasks.forEach((arn, index) => {
    const shown = new Set(visiblePositions(share, taskOf(arn), model).map((each) => (hasLanded(each) ? each : 0)))
    all = all.flatMap((positions) => [...shown].map((each) => positions | (each << (4 * index))))
  })
  return all.map((positions) => reply.described + positions)
}

/** Whether a call concerns what is not ours: another's hook, or an instance that nobody has announced (S3). */
export const touchesForeign = (share: Share, call: Call): boolean => {
  if (call.type === 'CompleteLifecycleAction' || call.type === 'RecordLifecycleActionHeartbeat') {
    return call.action.hook === foreignHook
  }
  if (call.type !== 'UpdateContainerInstancesState') return false
  return share.ourAction === notBegun || call.containerInstances[0] !== containerInstanceArn
}

/** Some task that was ever on the instance has not stopped. */
export const hasTasksLeft = ({ tasks }: Share): boolean => tasks.some((each) => each !== nowhere && each !== stopped)

export const tasksKeptCount = (share: Share): number =>
  share.status === active && share.life !== gone
    ? share.tasks.filter((each) => each === inFlight || each === pending || each === running).length
    : 0

export const tasksOccupyingCount = ({ tasks }: Share): number =>
  tasks.filter((each) => each > nowhere && each <= runningToldToStop).length

export const tasksHealthyCount = ({ tasks, life }: Share): number =>
  life === gone ? 0 : tasks.filter((each) => each === running).length
