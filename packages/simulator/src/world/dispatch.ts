/** Hands each occurrence to the part of the world it is about. */
import * as Occurrence from './occurrences.ts'
import type { Parts } from './parts.ts'
import type { ActionRecord, GroupRecord, InstanceRecord, JobRecord, ServiceRecord, TaskRecord } from './records.ts'
import { jobNumberOf } from './standalone-tasks.ts'
import { nextIn, turnIn } from './tasks.ts'

/** Carries out an occurrence. */
export type Dispatch = (kind: number, a: number, b: number) => void

export const createDispatch = (parts: Parts): Dispatch => {
  const { core, tasks, scheduler, standalone, containerInstances, autoScaling, actions, happenings } = parts
  const { bus, functions, api } = parts
  const task = (number: number): TaskRecord => core.tasks[number] as TaskRecord
  const instance = (number: number): InstanceRecord => core.instances[number] as InstanceRecord
  const group = (number: number): GroupRecord => core.groups[number] as GroupRecord
  const action = (number: number): ActionRecord => core.actions[number] as ActionRecord
  const job = (number: number): JobRecord => core.jobs[number] as JobRecord

  /** A pass that another one has overtaken is void. */
  const pass = (number: number, nth: number): void => {
    const service = core.services[number] as ServiceRecord
    if (service.passes === nth) scheduler.pass(service)
  }

  return (kind, a, b) => {
    switch (kind) {
      case Occurrence.TASK_STEP:
        return tasks.step(task(a), turnIn(b), nextIn(b))
      case Occurrence.TASK_COUNTS:
        return tasks.counts(task(a), b)
      case Occurrence.TASK_APPEARS:
        return tasks.appears(task(a))
      case Occurrence.SERVICE_PASS:
        return pass(a, b)
      case Occurrence.MESSAGE_ARRIVES:
      case Occurrence.WAKE_UP:
        return functions.arrives(bus.message(a))
      case Occurrence.QUEUE_WINDOW:
        return functions.window()
      case Occurrence.FUNCTION_STARTS:
        return functions.starts(a)
      case Occurrence.CALL_ARRIVES:
        return api.arrives(a)
      case Occurrence.CALL_RETURNS:
        return api.returns(a)
      case Occurrence.SERVICE_RETRY:
        return a < 0 ? standalone.starts(job(jobNumberOf(a)), b) : pass(a, b)
      case Occurrence.SWEEP:
        return bus.sweep()
      case Occurrence.HOOK_TIMEOUT:
        return actions.timeout(action(a))
      case Occurrence.OTHER_ANSWERS:
        return actions.otherAnswers(action(a))
      case Occurrence.STANDALONE_ENDS:
        return tasks.standaloneEnds(task(a), b)
      case Occurrence.STANDALONE_STARTS:
        return standalone.starts(job(a), b)
      case Occurrence.HAPPENING:
        return happenings.begin(a)
      case Occurrence.HAPPENING_TIMER:
        return happenings.timer(a)
      case Occurrence.GROUP_RECONCILE:
        autoScaling.reconcileNow(group(a))
        return happenings.look(group(a))
      case Occurrence.INSTANCE_LEAVES:
        return autoScaling.leaves(instance(a))
      case Occurrence.INSTANCE_BOOTED:
        return autoScaling.booted(instance(a), b)
      case Occurrence.INSTANCE_GONE:
        return autoScaling.gone(instance(a), b)
      case Occurrence.AGENT_REGISTERS:
        return containerInstances.agentRegisters(instance(a), b)
      case Occurrence.AGENT_GONE:
        return containerInstances.agentGone(instance(a), b)
      case Occurrence.AGENT_BACK:
        return containerInstances.agentBack(instance(a), b)
      case Occurrence.DEAD_HOST_NOTICED:
        return containerInstances.deadHostNoticed(instance(a), b >> 1, (b & 1) === 1)
      case Occurrence.STOP_PENDING:
        return containerInstances.stopPending(instance(a))
      default:
        throw new RangeError(`no such occurrence: ${kind}`)
    }
  }
}
