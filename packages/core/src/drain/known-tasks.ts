/**
 * The tasks that were ever seen on an instance. Sightings come in any order and more than once; of two sightings of a
 * task the higher version is the later one, so merging them is idempotent and commutative.
 */
import type { EcsTaskArn } from '../identity/ids.ts'
import type { TaskSighting } from '../observation/task-sighting.ts'

/** The latest sighting of a task, whatever brought it, and what we did about it. */
export interface KnownTask extends TaskSighting {
  /** We asked ECS to stop it. */
  readonly toldToStop: boolean
}

/**
 * Only lastStatus STOPPED means that nothing of a task runs any more (R4), or the one that may come after it (AWS: ECS developer guide,
 * task-lifecycle-explanation).
 */
export const hasStopped = (task: TaskSighting): boolean =>
  task.lastStatus === 'STOPPED' || task.lastStatus === 'DELETED'

/** ECS stops a service's tasks while an instance drains, and never a standalone one. Unknown (an undescribed task) is not standalone. */
export const isStandalone = (task: TaskSighting): boolean => task.group !== '' && !task.group.startsWith('service:')

/** A task that a list holds, of which nothing else is known. It exists; any real sighting is later than this. */
export const undescribed = (arn: EcsTaskArn): TaskSighting => ({
  arn,
  version: 0,
  lastStatus: 'UNKNOWN',
  desiredStatus: 'UNKNOWN',
  group: '',
})

export const isUndescribed = ({ lastStatus }: TaskSighting): boolean => lastStatus === 'UNKNOWN'

/** Whether a sighting tells something that is not known yet. */
export const isNews = (tasks: ReadonlyArray<KnownTask>, sighting: TaskSighting): boolean => {
  const known = tasks.find(isNamed(sighting.arn))
  return known === undefined || isLater(sighting, known)
}

/** ECS counts versions from 0, which is what an undescribed task has. */
const isLater = (sighting: TaskSighting, known: KnownTask): boolean =>
  sighting.version > known.version || (isUndescribed(known) && !isUndescribed(sighting))

const knownTask = (
  { arn, version, lastStatus, desiredStatus, group }: TaskSighting,
  toldToStop: boolean,
): KnownTask => ({
  arn,
  version,
  lastStatus,
  desiredStatus,
  group,
  toldToStop,
})

/** Tasks, and how many of them have not stopped. */
interface Counted {
  readonly tasks: ReadonlyArray<KnownTask>
  readonly remaining: number
}

/** The tasks after one new sighting. The others need not be counted again for it. */
export const seen = ({ tasks, remaining }: Counted, sighting: TaskSighting): Counted => {
  const index = tasks.findIndex(isNamed(sighting.arn))
  const known = index === -1 ? undefined : tasks[index]
  if (known !== undefined && !isLater(sighting, known)) return { tasks, remaining }
  const after = tasks.slice()
  after[known === undefined ? after.length : index] = knownTask(sighting, known?.toldToStop ?? false)
  return { tasks: after, remaining: remaining + open(sighting) - (known === undefined ? 0 : open(known)) }
}

/** The tasks after new sightings, and without those that ECS has forgotten (it does an hour or more after they stopped). */
export const learned = (
  tasks: ReadonlyArray<KnownTask>,
  sightings: ReadonlyArray<TaskSighting>,
  forgotten: ReadonlyArray<EcsTaskArn>,
): ReadonlyArray<KnownTask> => {
  const after = tasks.slice()
  for (const sighting of sightings) {
    const index = after.findIndex(isNamed(sighting.arn))
    const known = index === -1 ? undefined : after[index]
    if (known === undefined) after.push(knownTask(sighting, false))
    else if (isLater(sighting, known)) after[index] = knownTask(sighting, known.toldToStop)
  }
  // Dropped, not believed to have stopped: a later reading may list it again.
  for (const arn of forgotten) {
    const index = after.findIndex(isNamed(arn))
    if (index !== -1) after.splice(index, 1)
  }
  return after
}

/** How many of the tasks have not stopped. */
export const remainingOf = (tasks: ReadonlyArray<KnownTask>): number =>
  tasks.reduce((remaining, task) => remaining + open(task), 0)

const open = (task: TaskSighting): number => (hasStopped(task) ? 0 : 1)

export const toldToStop = (tasks: ReadonlyArray<KnownTask>, arn: EcsTaskArn): ReadonlyArray<KnownTask> =>
  tasks.map((task) => (task.arn === arn ? { ...task, toldToStop: true } : task))

/** ARNs of one cluster differ at their ends only, so the last characters are compared first: an instance may hold hundreds of tasks. */
const isNamed = (arn: EcsTaskArn): ((task: KnownTask) => boolean) => {
  const last = arn.length - 1
  const end = arn.charCodeAt(last)
  return (task) => task.arn.charCodeAt(last) === end && task.arn === arn
}
