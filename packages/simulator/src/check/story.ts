/** A path through the states as something a person can follow: who does what, to which instance and task, in order. */
import type { Call } from '@ecs-drain/core'
import type { Explored } from './explored.ts'
import { ordinalOf, renamingOf, stepWidth } from './graph/share-graph.ts'
import { actionsOfInstance, replacedElsewhere, tickAction } from './graph/state-graph.ts'
import { type Model, tickMs } from './model.ts'
import { lookUpPut, type Occurrence } from './moves/occurrence.ts'
import type { Parts } from './parts.ts'
import { isAnyLeft } from './state/cluster-state.ts'
import { messageText, none } from './state/message-code.ts'
import { taskOf } from './state/names.ts'
import { renamingsOf } from './state/renaming.ts'
import * as reply from './state/reply-code.ts'
import type { Handler, Share } from './state/share.ts'
import { hasLanded, isToldToStop, lastStatusOf, nowhere } from './state/task-position.ts'

/** One step of a counterexample. */
export interface StoryStep {
  readonly text: string
  /** The instance it is about, from 0; null: the cluster as a whole. */
  readonly instance: number | null
  readonly occurrence: Occurrence
  /** The call that is made, where a function makes one. */
  readonly call: Call | null
}

/** The steps that lead to a state, and one more from there if `last` names it. */
export const storyOf = (
  model: Model,
  parts: Parts,
  explored: Explored,
  state: number,
  last: number | null,
): ReadonlyArray<StoryStep> => {
  const path: Array<readonly [state: number, action: number]> = last === null ? [] : [[state, last]]
  for (let each = state; each > 0; each = explored.parents[each] as number) {
    path.unshift([explored.parents[each] as number, explored.actions[each] as number])
  }
  const teller = createTeller(model, parts, explored)
  return path.flatMap(([from, action]) => teller(from, action))
}

/**
 * States are kept under names that may change from one to the next, since instances and tasks are interchangeable; the
 * teller remembers who is who.
 */
const createTeller = (model: Model, { core, shares, graph }: Parts, { table }: Explored) => {
  const renamings = renamingsOf(model.taskSlots)
  let instances = Array.from({ length: model.instances }, (_, instance) => instance)
  const taskNames = instances.map(() => Array.from({ length: model.taskSlots }, (_, task) => task))

  const renameTasks = (instance: number, renaming: number): void => {
    const before = taskNames[instance] as Array<number>
    taskNames[instance] = before.map((_, name) => {
      const task = (renamings[renaming] as ReadonlyArray<number>).indexOf(name)
      return before[task] as number
    })
  }

  /** The positions after a step, as `sort` puts them. */
  const follow = (next: ReadonlyArray<number>): void => {
    if (model.instances === 2 && (next[0] as number) > (next[1] as number)) instances = [...instances].reverse()
  }

  return (state: number, action: number): ReadonlyArray<StoryStep> => {
    const row = Array.from(table.rows().subarray(state * graph.width, (state + 1) * graph.width))
    const misfortunes = isAnyLeft(row[model.instances] as number) ? 1 : 0
    if (action === replacedElsewhere) {
      const text = 'The service scheduler starts a replacement on an instance that stays; it becomes healthy.'
      return [{ text, instance: null, occurrence: ticking, call: null }]
    }
    if (action === tickAction) {
      const next = row.slice(0, model.instances).map((share, position) => {
        shares.workOut(share, misfortunes)
        renameTasks(instances[position] as number, shares.tickRenaming(share))
        return shares.tickOf(share)
      })
      follow(next)
      return [{ text: `${tickMs / 1000} seconds go by.`, instance: null, occurrence: ticking, call: null }]
    }
    const position = Math.floor(action / actionsOfInstance)
    const share = row[position] as number
    shares.workOut(share, misfortunes)
    const step = shares.from(share, misfortunes) + (action % actionsOfInstance) * stepWidth
    const [target = 0, terms = 0] = shares.steps().subarray(step, step + 2)
    const instance = instances[position] as number
    const names = taskNames[instance] as ReadonlyArray<number>
    const story = shares.happenedIn(share, misfortunes, ordinalOf(terms)).map(({ before, occurrence, after }) => {
      const told = tell(occurrence, before, core, {
        instance: model.instances === 1 ? 'the instance' : `instance ${instance + 1}`,
        task: (task) => `task ${(names[task] ?? task) + 1}`,
        after,
      })
      return { ...told, instance, occurrence }
    })
    renameTasks(instance, renamingOf(terms))
    follow(row.slice(0, model.instances).map((each, at) => (at === position ? target : each)))
    return story
  }
}

const ticking: Occurrence = { type: 'clock-ticks', subject: 0, copies: 1, code: 0 }

interface Names {
  readonly instance: string
  readonly task: (task: number) => string
  readonly after: Share
}

const fate = (copies: number): string =>
  copies === 0
    ? ', and the message about it is lost'
    : copies === 2
      ? ', and the message about it will arrive twice'
      : ''

const tell = (
  { type, subject, copies, code }: Occurrence,
  share: Share,
  core: Parts['core'],
  { instance, task, after }: Names,
): { readonly text: string; readonly call: Call | null } => {
  const plain = (text: string) => ({ text, call: null })
  const handler = share.handlers[subject]
  switch (type) {
    case 'termination-begins':
      return plain(`Auto Scaling begins to terminate ${instance}, and the hook holds it${fate(copies)}.`)
    case 'task-advances':
      return plain(`On ${instance} ${task(subject)} becomes ${statusAfter(share, after, subject)}${fate(copies)}.`)
    case 'ecs-notices-task':
      return plain(`ECS notices that ${task(subject)} went away with ${instance}: STOPPED${fate(copies)}.`)
    case 'task-ends':
      return plain(`On ${instance} ${task(subject)} comes to its end.`)
    case 'scheduler-stops':
    case 'scheduler-stops-surplus':
      return plain(`The service scheduler tells ${task(subject)} on ${instance} to stop.`)
    case 'task-chosen-for-instance':
      return plain(`The service scheduler chooses ${instance} for ${task(subject)}, which is on its way there.`)
    case 'hook-times-out':
      return plain(`The lifecycle hook of ${instance} times out, and Auto Scaling goes on.`)
    case 'other-hook-answered':
      return plain(`The other hook of ${instance} is answered by its owner.`)
    case 'set-active-by-others':
      return plain(`Somebody else sets the container instance of ${instance} ACTIVE.`)
    case 'host-stops':
      return plain(`The machine of ${instance} goes away.`)
    case 'ecs-deregisters':
      return plain(`ECS deregisters the container instance of ${instance}.`)
    case 'delivered':
      return plain(`A function gets ${heldText([subject & 15, subject >> 4], task)}${upTo(after, share, core)}.`)
    case 'sweep-begins':
      return plain(`The schedule's sweep begins and lists the streams that are watched.`)
    case 'sweep-goes-on':
      return {
        text: `The sweep asks ${callText(core.sweepCall(share.sweep - 1), task)} (${instance}).`,
        call: core.sweepCall(share.sweep - 1),
      }
    case 'sweep-fails':
      return {
        text: `The sweep asks ${callText(core.sweepCall(share.sweep - 1), task)} (${instance}), which fails.`,
        call: core.sweepCall(share.sweep - 1),
      }
    case 'loaded':
      return plain(`The sweep's function loads the stream of ${instance}${upTo(after, share, core)}.`)
    case 'clock-ticks':
      return plain('Time goes by.')
    case 'replied':
    case 'failed':
    case 'unanswered':
    case 'crashes-before':
    case 'crashes-after':
      return tellCall(type, handler, copies, code, share, core, task)
  }
}

const tellCall = (
  type: 'replied' | 'failed' | 'unanswered' | 'crashes-before' | 'crashes-after',
  handler: Handler | undefined,
  copies: number,
  code: number,
  share: Share,
  core: Parts['core'],
  task: (task: number) => string,
): { readonly text: string; readonly call: Call | null } => {
  const who = `The function with ${handler === undefined ? '' : heldText(handler.held, task)}`
  if (handler === undefined || handler.loading) {
    return { text: `${who} dies before it has loaded the stream.`, call: null }
  }
  const { call } = core.asking(handler.invocation - 1)
  const what = callText(call, task)
  switch (type) {
    case 'crashes-before':
      return { text: `${who} dies before ${what}${lookUp(code)}; its messages will come back.`, call }
    case 'crashes-after':
      return { text: `${who} dies just after ${what}, which took effect; its messages will come back.`, call }
    case 'failed':
      return { text: `${who}: ${what} fails, and nothing was done.`, call }
    case 'unanswered':
      return { text: `${who}: ${what} takes effect, and the answer is lost.`, call }
    case 'replied':
      return { text: `${who}: ${what}${answerText(call, code, handler, copies, share, task)}.`, call }
  }
}

const lookUp = (code: number): string => (code === lookUpPut ? ', whose look-up is put already' : '')

const answerText = (
  call: Call,
  code: number,
  { outdated }: Handler,
  copies: number,
  { tasks }: Share,
  task: (task: number) => string,
): string => {
  if (call.type === 'AppendToStream')
    return outdated ? ': a conflict, so it decides anew on what was written since' : ''
  if (call.type === 'SendWakeUp') return fate(copies)
  if (code === reply.notActive) return ': no active lifecycle action'
  if (code === reply.absent) return ': there is none'
  if (code === reply.isInactive) return ': INACTIVE'
  if (code === reply.isActive) return ': ACTIVE'
  if (call.type === 'ListTasks') {
    const listed = tasks.flatMap((_, each) => ((((code - reply.listed) >> each) & 1) === 1 ? [task(each)] : []))
    return listed.length === 0 ? ': none' : `: ${listed.join(' and ')}`
  }
  if (call.type !== 'DescribeTasks') return ''
  const seen = call.tasks.map((arn, index) => {
    const position = ((code - reply.described) >> (4 * index)) & 15
    return `${task(taskOf(arn))} ${position === 0 ? 'unknown' : shownText(position)}`
  })
  return `: ${seen.join(', ')}`
}

const shownText = (position: number): string =>
  lastStatusOf(position) + (isToldToStop(position) && lastStatusOf(position) === 'RUNNING' ? ' (desired STOPPED)' : '')

const statusAfter = (before: Share, after: Share, task: number): string => {
  const from = before.tasks[task] as number
  // The names may have changed; of the positions that are there now one is new.
  const left = [...after.tasks]
  before.tasks.forEach((position, each) => {
    if (each !== task) left.splice(left.indexOf(position), 1)
  })
  const position = left[0] ?? nowhere
  return `${shownText(position)}${hasLanded(from) ? '' : ' (it has arrived)'}`
}

const heldText = (held: ReadonlyArray<number>, task: (task: number) => string): string => {
  const texts = held.filter((code) => code !== none).map((code) => messageText(code, task))
  return texts.length === 0 ? "the sweep's finding" : texts.join(' and ')
}

/** Whether a function that was just given something has anything to do. */
const upTo = (after: Share, before: Share, core: Parts['core']): string => {
  const known = new Set(before.handlers.map(({ invocation, loading }) => `${invocation} ${loading}`))
  const started = after.handlers.find(
    ({ invocation, loading }) => invocation !== 0 && !loading && !known.has(`${invocation} ${loading}`),
  )
  if (started === undefined) return ''
  const { call } = core.asking(started.invocation - 1)
  return call.type === 'AppendToStream' ? `, and decides ${eventsText(call)}` : ''
}

const eventsText = (call: Extract<Call, { type: 'AppendToStream' }>): string =>
  call.events.map((event) => ('because' in event ? `${event.type} (${event.because})` : event.type)).join(', ')

const callText = (call: Call, task: (task: number) => string): string => {
  switch (call.type) {
    case 'AppendToStream':
      return `AppendToStream (${eventsText(call)})`
    case 'ListTasks':
      return `ListTasks (${call.desiredStatus})`
    case 'StopTask':
      return `StopTask (${task(taskOf(call.task))})`
    case 'CompleteLifecycleAction':
      return `CompleteLifecycleAction (${call.result})`
    case 'UpdateContainerInstancesState':
      return `UpdateContainerInstancesState (${call.status})`
    default:
      return call.type
  }
}
