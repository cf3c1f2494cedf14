/** The smallest scene that promises are judged on, and the judgement. */
import type { Plan } from '../../src/plan/plan.ts'
import { judgeTrace } from '../../src/promise/judge.ts'
import type { PromiseName, PromiseResult } from '../../src/promise/promise.ts'
import type { messageKinds, Trace } from '../../src/trace/trace.ts'
import { aHook, aPlan, aService, traceOf } from '../measure/trace-builder.ts'

export const judged = (name: PromiseName, plan: Plan, trace: Trace): PromiseResult => {
  const result = judgeTrace(plan, trace).promises.find((each) => each.name === name)
  if (result === undefined) throw new Error(`no result for ${name}`)
  return result
}

export type Deadline = { readonly after: number; readonly choice: 'continue' | 'abandon' | 'stop-tasks' | 'wait' }

export const withDeadline = (plan: Plan, deadline: Deadline): Plan => ({
  ...plan,
  controller: { ...plan.controller, policy: { deadline } },
})

/** One host with one task, and a lifecycle action of ours that began at second 10. */
export const oneHost = (plan: Plan = aPlan({ services: [aService({ desired: 1 })] })) => {
  const world = traceOf(plan)
  const instance = world.instance(0)
  const task = world.task(0, instance)
  const action = world.action(10, instance)
  return { plan, world, instance, task, action }
}

/** Its drain ends in time, and its warm pool gives it back at second 40. */
export const comesBack = ({ world, instance, task, action }: ReturnType<typeof oneHost>, drainingAt = 11): void => {
  world.containerInstance(drainingAt, instance, 'DRAINING')
  world.stop(12, task, 14)
  world.end(15, action)
  world.lifecycle(30, instance, 'Pending')
  world.lifecycle(40, instance, 'InService')
}

export const hookOf = (heartbeatTimeoutSeconds: number): Plan => {
  const [group] = aPlan().groups
  if (group === undefined) throw new Error('no group')
  return aPlan({
    services: [aService({ desired: 1 })],
    groups: [{ ...group, hooks: [aHook({ heartbeatTimeoutSeconds })] }],
  })
}

/** An instance on its way to a warm pool, with a lifecycle action of ours that began at second 10; a message was lost. */
export const toWarmPool = (lost: (typeof messageKinds)[number] = 'termination', leaves = false) => {
  const plan = hookOf(7200)
  const world = traceOf(plan)
  const instance = world.instance(0)
  world.lifecycle(5, instance, 'Warmed:Pending')
  if (leaves) world.lifecycle(9, instance, 'Terminating')
  const action = world.action(10, instance)
  world.loses(10.1, lost)
  return { plan, world, instance, task: -1, action }
}

/** A host that is DRAINING, whose one task has stopped at second 60; somebody sets it ACTIVE. */
export const setActiveAt = (at: number) => {
  const before = oneHost(
    aPlan({
      services: [aService({ desired: 1 })],
      happenings: [{ atSeconds: at, do: 'set-active', group: 'workers', old: 0 }],
    }),
  )
  const { world, instance, task } = before
  world.containerInstance(11, instance, 'DRAINING')
  world.decide(11.1, instance, 'ContainerInstanceDraining')
  world.stop(50, task, 60)
  world.happening(at)
  world.containerInstance(at, instance, 'ACTIVE')
  return before
}
