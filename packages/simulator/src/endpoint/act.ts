/**
 * `POST /_ecs-drain/act`: what a plan's happenings can do, done now, and tasks that are run or stopped. Written like a happening
 * in a plan; an instance may be named by its id, too: `instanceId`, as the state does, or `instance` for short. What is not known is
 * ignored, and what is wrong is told with its path.
 */
import * as E from 'fp-ts/Either'
import { inHappening } from '../plan/contradictions.ts'
import { completeHappening, completeStandaloneTask, type HappeningSketch } from '../plan/defaults.ts'
import type { Happening, StandaloneTaskPlan } from '../plan/plan.ts'
import { HappeningCodec, happeningFields, standaloneTaskProps } from '../plan/plan-codec.ts'
import {
  closed,
  hintAt,
  isRecord,
  listOf,
  oneOf,
  type Problem,
  pathText,
  preview,
  problemsOf,
  textUpTo,
} from '../plan/strict-codecs.ts'
import { TASK_STOPPED_BY_HAND, TERMINATED } from '../trace/kind-numbers.ts'
import { taskOf } from '../world/api.ts'
import { stopOnRequest } from '../world/ecs/tasks.ts'
import { wantedOf } from '../world/happenings.ts'
import { isHost } from '../world/instance.ts'
import { record } from '../world/record.ts'
import type { World } from '../world/state.ts'
import type { Session } from './session.ts'

/** What became of it, or what is wrong with it, one line each. */
export type Acted = E.Either<ReadonlyArray<string>, Readonly<Record<string, unknown>>>

const runProps = { do: oneOf('run-tasks'), ...standaloneTaskProps }
const RunTasks = closed('an act "run-tasks"', runProps, ['do'])
const stopProps = { do: oneOf('stop-tasks'), tasks: listOf(textUpTo(255)), reason: textUpTo(1024) }
const StopTasks = closed('an act "stop-tasks"', stopProps, ['do', 'tasks'])

/** The verbs and their fields, for the reference. A time is none of them: what is asked for happens now. */
export const actFields: Readonly<Record<string, ReadonlyArray<string>>> = {
  ...Object.fromEntries(
    Object.entries(happeningFields).map(([verb, fields]) => [
      verb,
      fields
        .filter((field) => field !== 'atSeconds' && field !== 'do')
        .flatMap((field) => (field === 'old' ? ['old', 'instanceId', 'instance'] : [field])),
    ]),
  ),
  'run-tasks': Object.keys(standaloneTaskProps).filter((field) => field !== 'startsAtSeconds'),
  'stop-tasks': ['tasks', 'reason'],
}

export const act = (session: Session, body: unknown): Acted => {
  if (!isRecord(body)) return E.left([`(body): expected an object such as {"do": "ami-update"}, got ${preview(body)}`])
  const verb = body['do']
  const fields = typeof verb === 'string' && Object.hasOwn(actFields, verb) ? actFields[verb] : undefined
  if (typeof verb !== 'string' || fields === undefined) return E.left([unknownVerb(verb)])
  const known = Object.fromEntries(Object.entries(body).filter(([key]) => key === 'do' || fields.includes(key)))
  if (verb === 'run-tasks') return runTasks(session, known)
  if (verb === 'stop-tasks') return stopTasks(session, known)
  return happen(session, known)
}

const unknownVerb = (verb: unknown): string => {
  const verbs = Object.keys(actFields)
  return `do: expected one of ${verbs.join(', ')}, got ${preview(verb)}${hintAt(verb, verbs)}`
}

const told = (problems: ReadonlyArray<Problem>): ReadonlyArray<string> =>
  problems.map(({ path, message }) => `${pathText(path) || '(body)'}: ${message}`)

const runTasks = (session: Session, body: unknown): Acted => {
  const decoded = RunTasks.decode(body)
  if (E.isLeft(decoded)) return E.left(told(problemsOf(decoded.left)))
  const { do: _, ...sketch } = decoded.right
  const plan: StandaloneTaskPlan = completeStandaloneTask({ ...sketch, startsAtSeconds: session.world.now / 1000 })
  const placed = session.runTasks(plan)
  return E.right({
    tasks: placed.map(({ number }) => session.world.directory.taskArn(number)),
    withoutRoom: plan.count - placed.length,
  })
}

const stopTasks = (session: Session, body: unknown): Acted => {
  const decoded = StopTasks.decode(body)
  if (E.isLeft(decoded)) return E.left(told(problemsOf(decoded.left)))
  const { tasks: arns, reason = 'Task stopped by user' } = decoded.right
  const tasks = arns.map((arn) => taskOf(session.world, arn))
  const unknown = tasks.flatMap((task, index) =>
    task === null ? [`tasks[${index}]: there is no task ${arns[index]}`] : [],
  )
  if (unknown.length > 0) return E.left(unknown)
  for (const task of tasks) {
    if (task === null || task.desiredStopped) continue
    session.diary.noteStop(task.number, reason)
    record(session.world, TASK_STOPPED_BY_HAND, task.number, 0)
    stopOnRequest(session.world, task)
  }
  return E.right({ tasks: arns })
}

const happen = (session: Session, body: Readonly<Record<string, unknown>>): Acted => {
  const placed = withPosition(session, body)
  if (E.isLeft(placed)) return placed
  const decoded = HappeningCodec.decode(placed.right)
  if (E.isLeft(decoded)) return E.left(told(problemsOf(decoded.left)))
  const { plan, world } = session
  const sketch = { ...decoded.right, atSeconds: world.now / 1000 } as HappeningSketch
  const happening = completeHappening(sketch, plan.groups, plan.services)
  // The plan knows only the instances of second zero; an instance that is named by its id is there.
  const problems = inHappening(happening, plan, []).filter(
    ({ path }) => !(path[0] === 'old' && idIn(body) !== undefined),
  )
  if (problems.length > 0) return E.left(told(problems))
  const bound = boundOf(world, happening)
  if (bound !== null) return E.left([`group: its desired capacity is at its ${bound} already`])
  return E.right({ happening: session.act(happening) })
}

/** The bound of the group that keeps it as it is; null: it can be resized. */
const boundOf = (world: World, happening: Happening): string | null => {
  if (happening.do !== 'scale-in' && happening.do !== 'scale-out') return null
  const group = world.groups.find(({ plan }) => plan.name === happening.group)
  if (group === undefined) return null
  const { min } = group
  const { max } = group.plan
  const wanted = wantedOf(world, group)
  if (happening.do === 'scale-in') return wanted <= min ? `min (${min})` : null
  return wanted >= max ? `max (${max})` : null
}

const idIn = ({ instanceId, instance }: Readonly<Record<string, unknown>>): unknown => instanceId ?? instance

/** An instance by its id, as its group and its position in it. */
const withPosition = (
  { world }: Session,
  body: Readonly<Record<string, unknown>>,
): E.Either<ReadonlyArray<string>, Readonly<Record<string, unknown>>> => {
  const { instance: _, instanceId: __, ...others } = body
  const id = idIn(body)
  if (id === undefined) return E.right(others)
  const field = body['instanceId'] === undefined ? 'instance' : 'instanceId'
  const instance = world.instances.find((each) => each.id === id)
  if (instance === undefined) return E.left([`${field}: there is no instance ${preview(id)}`])
  if (instance.state === TERMINATED) return E.left([`${field}: ${instance.id} is terminated`])
  const ofGroup = world.instances.filter((each) => each.group === instance.group && isHost(each))
  return E.right({ ...others, group: instance.group.plan.name, old: ofGroup.indexOf(instance) })
}
