/**
 * A counterexample as a plan for the simulator: the same cluster, the same policy, and the same misfortunes at the same
 * messages and calls. What the plan format cannot say is when each thing happens in between: the simulator has its own
 * durations, so a counterexample that lives by an exact order of ordinary steps need not repeat itself.
 */
import { type CallType, minutes } from '@ecs-drain/core'
import { completePlan, type PlanSketch } from '../plan/defaults.ts'
import type { FaultPlan, MessageKind, Plan, PolicyOverrides, ScriptedCall } from '../plan/plan.ts'
import { type Model, patienceOf, sweepEveryTicks, tickMs } from './model.ts'
import { stopsTask } from './moves/occurrence.ts'
import type { StoryStep } from './story.ts'

/** The first thing happens at this second. */
const beginsAt = 30

export const replayPlan = (model: Model, story: ReadonlyArray<StoryStep>): Plan => {
  const { instances, misfortunes } = model
  const script = scriptOf(story)
  const sketch: PlanSketch = {
    name: `check-${model.name}`,
    teaches: `A counterexample of "ecs-drain check ${model.name}": ${story.length} steps.`,
    untilSeconds: 14_400,
    groups: [
      {
        desired: instances,
        cpu: 256 * model.taskSlots,
        hooks: [
          {
            // A hook that may time out does so before long; another one is patient.
            heartbeatTimeoutSeconds: misfortunes.hookTimeouts > 0 ? 900 : 7200,
            alsoEventBridge: false,
          },
          ...(model.foreignHook ? [{ name: 'somebody-else', owner: 'other' as const, alsoEventBridge: true }] : []),
        ],
      },
    ],
    ...(model.standalone === null
      ? { services: [serviceOf(model)] }
      : { services: [], standaloneTasks: [tasksOf(model)] }),
    happenings: happeningsOf(story),
    faults: script,
    controller: {
      sweepEverySeconds: (sweepEveryTicks * tickMs) / 1000,
      policy: policyOf(model),
    },
  }
  return completePlan(sketch)
}

/** Core takes no deadline of less than a minute, which is more than the ticks of a model may come to. */
const policyOf = (model: Model): PolicyOverrides => {
  const { deadline, ...patience } = patienceOf(model)
  return { ...patience, deadline: deadline && { ...deadline, after: Math.max(minutes(1), deadline.after) } }
}

/** AWS rounds what it makes of the minimum up, and of the maximum down. */
const serviceOf = ({ service: { desired, floor, ceiling } }: Model): NonNullable<PlanSketch['services']>[number] => ({
  desired,
  minimumHealthyPercent: Math.floor((floor * 100) / desired),
  maximumPercent: Math.ceil((ceiling * 100) / desired),
})

/** They outlive the run. */
const tasksOf = ({ instances, tasks }: Model): NonNullable<PlanSketch['standaloneTasks']>[number] => ({
  count: instances * tasks.length,
  startsAtSeconds: 0,
  runsSeconds: 100_000,
})

const happeningsOf = (story: ReadonlyArray<StoryStep>): NonNullable<PlanSketch['happenings']> => {
  const happenings: Array<NonNullable<PlanSketch['happenings']>[number]> = []
  let ticks = 0
  for (const { occurrence, instance } of story) {
    if (occurrence.type === 'clock-ticks') ticks += 1
    if (occurrence.type !== 'termination-begins') continue
    happenings.push({
      atSeconds: beginsAt + (ticks * tickMs) / 1000,
      do: 'terminate-instance',
      old: instance ?? 0,
      decrementDesired: false,
    })
  }
  return happenings
}

/** The kind of message that a step sends, if it sends one. */
const sentBy = ({ occurrence, call }: StoryStep): MessageKind | null => {
  if (occurrence.type === 'termination-begins') return 'termination'
  if (occurrence.type === 'ecs-notices-task') return 'task-stopped'
  if (occurrence.type === 'task-advances') return occurrence.code === stopsTask ? 'task-stopped' : null
  return call?.type === 'SendWakeUp' && occurrence.type === 'replied' ? 'wake-up' : null
}

const fates: Readonly<Partial<Record<StoryStep['occurrence']['type'], ScriptedCall['do']>>> = {
  'crashes-before': 'crash-before',
  'crashes-after': 'crash-after',
  failed: 'fail-call',
  'sweep-fails': 'fail-call',
  unanswered: 'lose-answer',
}

const scriptOf = (story: ReadonlyArray<StoryStep>): Partial<FaultPlan> => {
  const lose: Array<FaultPlan['lose'][number]> = []
  const script: Array<NonNullable<FaultPlan['script']>[number]> = []
  const calls = new Map<CallType, number>()
  const messages = new Map<MessageKind, number>()
  for (const step of story) {
    const { occurrence, call } = step
    const message = sentBy(step)
    if (message !== null) {
      const nth = messages.get(message) ?? 0
      messages.set(message, nth + 1)
      if (occurrence.copies === 0) lose.push({ message, nth })
      else if (occurrence.copies === 2) script.push({ do: 'deliver-twice', message, nth })
    }
    if (call === null) continue
    const nth = calls.get(call.type) ?? 0
    calls.set(call.type, nth + 1)
    const fate = fates[occurrence.type]
    if (fate !== undefined) script.push({ do: fate, call: call.type, nth })
  }
  return { lose, ...(script.length === 0 ? {} : { script }) }
}
