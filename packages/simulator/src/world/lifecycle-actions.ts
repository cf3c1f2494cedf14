/**
 * Lifecycle actions: an instance held by its group's terminating hooks, which run side by side and must all be through
 * before it goes on (AWS: EC2 Auto Scaling user guide, lifecycle-hooks; API, CompleteLifecycleAction).
 */
import { hookEndings } from '../trace/trace.ts'
import { kindNumber } from '../trace/trace-writer.ts'
import type { Core } from './core.ts'
import { HOOK_TIMEOUT, OTHER_ANSWERS } from './occurrences.ts'
import type { ActionRecord, GroupRecord, HookRecord, InstanceRecord } from './records.ts'

export interface ActionListener {
  /** Before its first record. */
  created(action: ActionRecord): void
  started(action: ActionRecord): void
  /** All hooks are through with the instance. */
  through(instance: InstanceRecord): void
  /** Abandoned, in a group that keeps such instances. */
  retained(instance: InstanceRecord): void
}

export interface LifecycleActions {
  /** Starts the hooks; false when there is none. */
  hold(instance: InstanceRecord): boolean
  timeout(action: ActionRecord): void
  otherAnswers(action: ActionRecord): void
  complete(action: ActionRecord, result: 'CONTINUE' | 'ABANDON'): void
  heartbeat(action: ActionRecord, invocation: number): void
  deleteHook(group: GroupRecord, name: string): void
  hostDied(instance: InstanceRecord): void
  /** The open action of a hook on an instance. */
  find(instance: InstanceRecord, hookName: string): ActionRecord | null
  readonly openCount: () => number
}

const HOOK_STARTED = kindNumber('hook-started')
const HOOK_HEARTBEAT = kindNumber('hook-heartbeat')
const HOOK_ENDED = kindNumber('hook-ended')

type Ending = (typeof hookEndings)[number]

export const createLifecycleActions = (core: Core, listener: ActionListener): LifecycleActions => {
  const { clock, tell, after, actions } = core
  let openCount = 0

  const hold: LifecycleActions['hold'] = (instance) => {
    const hooks = instance.group.hooks.filter(({ deleted }) => !deleted)
    for (const hook of hooks) start(instance, hook)
    return hooks.length > 0
  }

  const start = (instance: InstanceRecord, hook: HookRecord): void => {
    const { now } = clock
    const action: ActionRecord = {
      number: actions.length,
      instance,
      hook,
      startedAt: now,
      toWarmPool: instance.toWarmPool,
      expiresAt: now + hook.timeoutMs,
      open: true,
    }
    actions.push(action)
    instance.actions.push(action)
    openCount += 1
    listener.created(action)
    tell(HOOK_STARTED, action.number, instance.number)
    after(hook.timeoutMs, HOOK_TIMEOUT, action.number, 0)
    if (!hook.ours) after(Math.round(hook.plan.answersAfterSeconds * 1000), OTHER_ANSWERS, action.number, 0)
    listener.started(action)
  }

  const end = (action: ActionRecord, ending: Ending): void => {
    action.open = false
    openCount -= 1
    tell(HOOK_ENDED, action.number, hookEndings.indexOf(ending))
  }

  const settle = (action: ActionRecord, result: 'CONTINUE' | 'ABANDON', ending: Ending): void => {
    if (!action.open) return
    const { instance } = action
    end(action, ending)
    if (result === 'ABANDON') {
      // ABANDON stops what the other hooks are waiting for.
      for (const other of instance.actions) if (other.open) end(other, 'skipped')
      if (instance.group.plan.terminateHookAbandon === 'retain' && !action.toWarmPool) listener.retained(instance)
      else listener.through(instance)
    } else if (!instance.actions.some(({ open }) => open)) listener.through(instance)
  }

  /** Heartbeats move the end; the timer looks again then. */
  const timeout: LifecycleActions['timeout'] = (action) => {
    if (!action.open) return
    if (clock.now < action.expiresAt) {
      after(action.expiresAt - clock.now, HOOK_TIMEOUT, action.number, 0)
      return
    }
    const { defaultResult } = action.hook.plan
    settle(action, defaultResult, `timeout-${defaultResult}`)
  }

  const heartbeat: LifecycleActions['heartbeat'] = (action, invocation) => {
    // The timeout begins anew, but never past the global limit.
    const { hook, startedAt } = action
    action.expiresAt = Math.min(clock.now + hook.timeoutMs, startedAt + hook.globalMs)
    tell(HOOK_HEARTBEAT, action.number, invocation)
  }

  const deleteHook: LifecycleActions['deleteHook'] = (group, name) => {
    const hook = group.hooks.find((each) => each.plan.name === name && !each.deleted)
    if (hook === undefined) return
    hook.deleted = true
    // Outstanding actions of a terminating hook are completed with CONTINUE (AWS: API, DeleteLifecycleHook).
    for (const action of actions) if (action.hook === hook) settle(action, 'CONTINUE', 'hook-deleted')
  }

  return {
    hold,
    timeout,
    otherAnswers: (action) => settle(action, 'CONTINUE', 'other-CONTINUE'),
    complete: (action, result) => settle(action, result, result),
    heartbeat,
    deleteHook,
    hostDied: (instance) => {
      for (const action of instance.actions) if (action.open) end(action, 'host-died')
    },
    find: (instance, hookName) => {
      const found = instance.actions.find(({ open, hook }) => open && hook.plan.name === hookName)
      return found ?? null
    },
    openCount: () => openCount,
  }
}
