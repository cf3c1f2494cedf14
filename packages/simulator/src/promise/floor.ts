/** S2: a service never falls below its floor. What AWS's own rules exclude is named, not hidden. */
import { ceilingOf, floorOf } from '../plan/limits.ts'
import {
  HAPPENING,
  STOPPED,
  TASK_DESIRED_STATUS,
  TASK_KILLED,
  TASK_LAST_STATUS,
  TASK_ORPHANED,
  TASK_STOPPED_BY_HAND,
} from '../trace/kind-numbers.ts'
import { hookEndings, taskStatuses } from '../trace/trace.ts'
import { isTimeout } from './drains.ts'
import { whyNobodyAnswered } from './liveness.ts'
import {
  atText,
  counted,
  createVerdict,
  type Evidence,
  grouped,
  instanceText,
  taskText,
  type Watch,
} from './promise.ts'

/** Why AWS's rules promise no floor to a service; null: they do. */
export const whyNoFloor = (service: {
  readonly schedulingStrategy: 'REPLICA' | 'DAEMON'
  readonly desired: number
  readonly minimumHealthyPercent: number
  readonly maximumPercent: number
}): string | null => {
  const { schedulingStrategy, desired, minimumHealthyPercent: min, maximumPercent: max } = service
  if (schedulingStrategy === 'DAEMON') {
    return 'a DAEMON service has one task per active instance, and nothing replaces the one on a draining instance'
  }
  const floor = floorOf(service, desired)
  if (floor === 0)
    return `minimumHealthyPercent ${min} of ${grouped(desired)} is a floor of 0: zero running tasks is legal`
  const ceiling = ceilingOf(service, desired)
  // One task fewer must be allowed, or one more: otherwise ECS may neither stop a task nor start one.
  if (floor >= desired && ceiling <= desired) {
    return (
      `ECS cannot drain it: of ${counted(desired, 'task')}, ` +
      `minimumHealthyPercent ${min} (rounded up) lets it stop none, ` +
      `and maximumPercent ${max} (rounded down) lets it start none`
    )
  }
  return null
}

/** ECS counts a task no more that it has told to stop, or knows to have stopped. */
const isCountedOut = (kind: number, status: number): boolean =>
  kind === TASK_DESIRED_STATUS || (kind === TASK_LAST_STATUS && status === STOPPED)

const givenUp = 'its agent had registered it again, and ECS gave up on the container instance that it was before'

const byHand = 'somebody stopped them by hand'

/** A service as it has been seen so far. */
interface Watched {
  readonly number: number
  readonly name: string
  /** AWS's rules promise it a floor. */
  isPromised: boolean
  /** It is judged from the moment it has reached its floor for the first time. */
  isArmed: boolean
  /** It lost tasks before that. */
  lostUnarmed: boolean
  /** The most healthy tasks that it has had at once. */
  most: number
  healthy: number
  floor: number
  /** Healthy tasks lost to what no controller could prevent, since it was last whole. */
  excused: number
  /** Tasks that died with a host, past anybody's control, and that ECS still takes for healthy. */
  ghosts: number
  lastLost: number
  suspectedAt: number
}

export const floorIsKept = (evidence: Evidence): Watch => {
  const { plan, cast, ledger, drains } = evidence
  const verdict = createVerdict(
    'S2 floor',
    'The healthy running tasks of a REPLICA service never fall below ceil(desired x minimumHealthyPercent / 100).',
  )
  const isPromised = (name: string, desired: number): boolean => {
    const service = plan.services.find((each) => each.name === name)
    const why = service === undefined ? null : whyNoFloor({ ...service, desired })
    // Of a service that is to have no tasks there is nothing to exclude. What a plan says of a DAEMON's desired count means nothing.
    const hasTasks = desired > 0 || service?.schedulingStrategy === 'DAEMON'
    if (why !== null && hasTasks) verdict.exclude(`${name}: ${why}`)
    return why === null
  }
  const services = cast.services.map(
    ({ name, desired }, number): Watched => ({
      number,
      name,
      isPromised: isPromised(name, desired),
      isArmed: false,
      lostUnarmed: false,
      most: 0,
      healthy: 0,
      floor: ledger.floor[number] ?? 0,
      excused: 0,
      ghosts: 0,
      lastLost: -1,
      suspectedAt: -1,
    }),
  )
  const suspects = new Set<Watched>()
  const ghosts = new Set<number>()
  /** Tasks whose agent has forgotten them. */
  const orphans = new Set<number>()
  const stoppedByHand = new Set<number>()

  /** The scheduler has an orphan stop while it still counts as RUNNING; one that ends at once ECS has given up. */
  const isGivenUp = (task: number): boolean => orphans.has(task) && ledger.statusOf(task) === STOPPED

  /** Why this task is lost by no fault of the controller; undefined: by its fault. */
  const whyLost = (task: number): string | undefined => {
    if (isGivenUp(task)) return givenUp
    if (stoppedByHand.has(task)) return byHand
    const instance = ledger.instanceOf(task)
    const why = drains.beyondControl(instance)
    const action = drains.ofInstance(instance)
    if (why !== undefined || action === undefined || action.endedAt === null || !isTimeout(action.ending)) return why
    return whyNobodyAnswered(evidence, action.endedAt, action)
  }

  /** AWS's rules may promise a floor to another desired count, or none. */
  const happened = (index: number): void => {
    const what = plan.happenings[index]
    if (what?.do !== 'set-desired-count') return
    const service = services.find(({ name }) => name === what.service)
    if (service === undefined) return
    // What it had lost while it was promised nothing is no fall from its new floor.
    if (!service.isPromised) service.isArmed = false
    service.isPromised = isPromised(service.name, what.desired)
  }

  /** What happened within one millisecond is judged by its outcome, so a fall is confirmed by the next instant. */
  const confirm = (at: number): void => {
    for (const service of suspects) {
      if (service.suspectedAt >= at) continue
      suspects.delete(service)
      if (service.healthy + service.excused < service.floor) verdict.broken(() => witnessOf(service))
    }
  }

  const witnessOf = ({ name, healthy, floor, lastLost: task, suspectedAt }: Watched): string => {
    const instance = ledger.instanceOf(task)
    const action = drains.ofInstance(instance)
    const how = ledger.wasKilled(task)
      ? 'was killed with its host'
      : `became ${taskStatuses[ledger.statusOf(task)] ?? ''}`
    const ending = action === undefined ? '' : (hookEndings[action.ending] ?? '')
    const after = ending === '' ? '' : ` (its lifecycle action had ended with ${ending})`
    return (
      `${atText(suspectedAt)} ${name} had ${counted(healthy, 'healthy task')} of at least ${grouped(floor)}: ` +
      `${taskText(cast, task)} ${how} on ${instanceText(cast, instance)}${after}`
    )
  }

  const changed = (at: number, service: Watched, task: number): void => {
    const healthy = ledger.healthy[service.number] ?? 0
    const fewer = healthy < service.healthy && service.isPromised
    service.healthy = healthy
    service.most = Math.max(service.most, healthy)
    service.floor = ledger.floor[service.number] ?? 0
    if (fewer && service.isArmed) verdict.occasion()
    else if (fewer) service.lostUnarmed = true
    if (healthy >= service.floor) {
      service.isArmed = true
      service.excused = 0
    } else if (fewer && service.isArmed) lost(at, service, task)
    // What has been made good, or is asked for no more, excuses nobody any more.
    else service.excused = Math.min(service.excused, service.floor - healthy)
  }

  /** What had not got to its floor has not fallen from it, which is not to say that its floor was kept. */
  const excludeUnarmed = ({ name, isPromised, isArmed, lostUnarmed, most, floor }: Watched): void => {
    if (isPromised && !isArmed)
      verdict.exclude(
        `${name} never reached its floor of ${grouped(floor)}: it had at most ${counted(most, 'healthy task')}`,
      )
    else if (lostUnarmed) verdict.exclude(`${name} lost tasks before it had reached its floor`)
  }

  const haunted = (kind: number, task: number, status: number): void => {
    const number = ledger.serviceOf(task)
    if (number < 0) return
    const service = services[number] as Watched
    const wasHealthy = ledger.changedTask() === task
    if (kind === TASK_KILLED && wasHealthy && whyLost(task) !== undefined) {
      ghosts.add(task)
      service.ghosts += 1
    } else if (isCountedOut(kind, status) && ghosts.delete(task)) service.ghosts -= 1
  }

  const lost = (at: number, service: Watched, task: number): void => {
    const why = whyLost(task)
    // To ECS, which still counts them, the service is not below its floor.
    const isWholeToEcs = service.healthy + service.ghosts >= service.floor
    if (why === undefined && !ledger.wasKilled(task) && isWholeToEcs) {
      service.excused += 1
      verdict.exclude(`${service.name} lost more while ECS did not know yet which tasks a host had taken with it`)
    } else if (why !== undefined) {
      service.excused += 1
      verdict.exclude(`${service.name} lost tasks on ${instanceText(cast, ledger.instanceOf(task))}: ${why}`)
    } else service.lastLost = task
    service.suspectedAt = at
    suspects.add(service)
  }

  return {
    kinds: [
      'task-desired-status',
      'task-last-status',
      'task-healthy',
      'task-killed',
      'task-orphaned',
      'task-stopped-by-hand',
      'happening',
    ],
    see: (at, kind, task, status) => {
      if (suspects.size > 0) confirm(at)
      if (kind === TASK_KILLED || kind === TASK_LAST_STATUS || kind === TASK_DESIRED_STATUS) haunted(kind, task, status)
      else if (kind === HAPPENING && status === 0) happened(task)
      else if (kind === TASK_ORPHANED) orphans.add(task)
      else if (kind === TASK_STOPPED_BY_HAND) stoppedByHand.add(task)
      const number = ledger.changedService()
      if (number >= 0) changed(at, services[number] as Watched, ledger.changedTask())
    },
    result: (endMs) => {
      confirm(endMs + 1)
      services.forEach(excludeUnarmed)
      return verdict.result()
    },
  }
}
