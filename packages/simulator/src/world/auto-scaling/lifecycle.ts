/**
 * An instance on its way out: Terminating, Terminating:Wait for every hook at once, Terminating:Proceed, Terminated (AWS:
 * Auto Scaling user guide, lifecycle-hooks). Or, with an instance reuse policy, back to the warm pool.
 */
import { globalTimeoutMs } from '../../plan/limits.ts'
import {
  HOOK_ENDED,
  HOOK_HEARTBEAT,
  HOOK_STARTED,
  HOST_DIED,
  IN_SERVICE,
  INSTANCE_STATE,
  TERMINATED,
  TERMINATING,
  TERMINATING_PROCEED,
  TERMINATING_RETAINED,
  TERMINATING_WAIT,
  WARMED_PENDING,
  WARMED_PENDING_PROCEED,
  WARMED_PENDING_RETAINED,
  WARMED_PENDING_WAIT,
  WARMED_STOPPED,
} from '../../trace/kind-numbers.ts'
import { hookEndings } from '../../trace/trace.ts'
import { sendTermination } from '../bus.ts'
import { occursAfter } from '../chance.ts'
import { forget, hostDies } from '../ecs/container-instances.ts'
import { tokenOf } from '../names.ts'
import { FOREIGN_HOOK_ANSWERS, FOUND_UNHEALTHY, HOOK_TIMES_OUT, HOST_STOPS, WARM_POOL_STOPS } from '../occurrences.ts'
import { record } from '../record.ts'
import type { Action, Group, Hook, Instance, World } from '../state.ts'
import { reactSoon } from './groups-wake.ts'

export type HookEnding = (typeof hookEndings)[number]

export const setState = (world: World, instance: Instance, state: number): void => {
  instance.state = state
  record(world, INSTANCE_STATE, instance.number, state)
}

/** Kept by InstanceLifecyclePolicy, outside the desired capacity, until somebody terminates it (AWS: manage-retained-instances). */
export const isRetained = ({ state }: Instance): boolean =>
  state === TERMINATING_RETAINED || state === WARMED_PENDING_RETAINED

/**
 * Auto Scaling gives an instance up. Every hook of the group holds it, and all of them have to let go. Those of one that is retained
 * have had their say.
 */
export const terminate = (world: World, instance: Instance, toWarmPool = false): void => {
  if (isRetained(instance)) {
    instance.toWarmPool = false
    return proceed(world, instance)
  }
  if (instance.state !== IN_SERVICE) return
  // What does not run cannot be stopped and kept.
  instance.toWarmPool = toWarmPool && instance.alive
  setState(world, instance, instance.toWarmPool ? WARMED_PENDING : TERMINATING)
  const hooks = instance.group.hooks.filter((hook) => !hook.deleted && exists(world, hook))
  if (hooks.length === 0) return proceed(world, instance)
  setState(world, instance, instance.toWarmPool ? WARMED_PENDING_WAIT : TERMINATING_WAIT)
  for (const hook of hooks) begin(world, instance, hook)
}

/** A controller that subscribes to nothing has no hook in the group. */
const exists = (world: World, { plan }: Hook): boolean =>
  plan.owner === 'other' || world.controller.subscribes.includes('termination')

const begin = (world: World, instance: Instance, hook: Hook): void => {
  const number = world.actions.length
  const { name, heartbeatTimeoutSeconds, owner, answersAfterSeconds } = hook.plan
  const action: Action = {
    number,
    instance,
    hook,
    ours: owner === 'controller',
    lifecycleAction: {
      group: instance.group.plan.name,
      hook: name,
      instance: instance.id,
      token: tokenOf(world.plan.seed, number),
    } as Action['lifecycleAction'],
    startedAt: world.now,
    destination: instance.toWarmPool ? 'WarmPool' : 'EC2',
    deadline: world.now + heartbeatTimeoutSeconds * 1000,
    open: true,
  }
  world.actions.push(action)
  world.cast.actions.push({ instance: instance.number, hook: name, ours: action.ours })
  instance.actions.push(action)
  record(world, HOOK_STARTED, number, instance.number)
  world.queue.schedule(action.deadline, HOOK_TIMES_OUT, number)
  if (owner === 'other') world.queue.schedule(world.now + answersAfterSeconds * 1000, FOREIGN_HOOK_ANSWERS, number)
  sendTermination(world, action)
}

export const hookTimesOut = (world: World, action: Action): void => {
  if (!action.open) return
  if (world.now < action.deadline) return world.queue.schedule(action.deadline, HOOK_TIMES_OUT, action.number)
  end(world, action, `timeout-${action.hook.plan.defaultResult}`)
}

export const foreignHookAnswers = (world: World, action: Action): void => end(world, action, 'other-CONTINUE')

/** Restarts the timeout from now, and never past the global one (AWS: completing-lifecycle-hooks). */
export const heartbeat = (world: World, action: Action, invocation: number): void => {
  const until = action.startedAt + globalTimeoutMs(action.hook.plan)
  const before = action.deadline
  action.deadline = Math.min(world.now + action.hook.plan.heartbeatTimeoutSeconds * 1000, until)
  // Somebody has made the timeout shorter meanwhile (PutLifecycleHook).
  if (action.deadline < before) world.queue.schedule(action.deadline, HOOK_TIMES_OUT, action.number)
  record(world, HOOK_HEARTBEAT, action.number, invocation)
}

/** An action is over. ABANDON skips the other hooks; CONTINUE lets them finish. */
export const end = (world: World, action: Action, ending: HookEnding): void => {
  if (!action.open) return
  action.open = false
  record(world, HOOK_ENDED, action.number, hookEndings.indexOf(ending))
  const { instance } = action
  const isAbandoned = ending === 'ABANDON' || ending === 'timeout-ABANDON'
  if (isAbandoned) {
    for (const other of instance.actions) {
      if (!other.open) continue
      other.open = false
      record(world, HOOK_ENDED, other.number, hookEndings.indexOf('skipped'))
    }
    if (instance.group.plan.terminateHookAbandon === 'retain' && instance.alive) {
      return setState(world, instance, instance.toWarmPool ? WARMED_PENDING_RETAINED : TERMINATING_RETAINED)
    }
  }
  if (instance.actions.every(({ open }) => !open)) proceed(world, instance)
}

const proceed = (world: World, instance: Instance): void => {
  if (instance.toWarmPool) {
    setState(world, instance, WARMED_PENDING_PROCEED)
    return occursAfter(world, world.settings['warmPool.stop'], WARM_POOL_STOPS, instance.number)
  }
  setState(world, instance, TERMINATING_PROCEED)
  if (!instance.alive) return leave(world, instance)
  occursAfter(world, world.settings['ec2.shutdown'], HOST_STOPS, instance.number)
}

export const hostStops = (world: World, instance: Instance): void => {
  if (instance.state === TERMINATED) return
  hostDies(world, instance)
  leave(world, instance)
}

const leave = (world: World, instance: Instance): void => {
  setState(world, instance, TERMINATED)
  const { instances } = instance.group
  instances.splice(instances.indexOf(instance), 1)
  // Where an agent is still connected, as far as ECS knows, it has yet to notice.
  for (const each of instance.records) if (!each.agentConnected) forget(each)
  reactSoon(world, instance.group)
}

/** Stopped, to come back with the same id; nothing runs there meanwhile. */
export const warmPoolStops = (world: World, instance: Instance): void => {
  if (instance.state === TERMINATED) return
  hostDies(world, instance)
  setState(world, instance, WARMED_STOPPED)
  reactSoon(world, instance.group)
}

/**
 * `ec2:TerminateInstances`, a Spot interruption, a broken host. No hook is asked. One that holds the instance holds it still, dead
 * as it is (seen in github.com/cattle-ops/terraform-aws-gitlab-runner/pull/1117).
 */
export const kill = (world: World, instance: Instance): void => {
  if (instance.state === TERMINATED) return
  // Terminated while it ran, it is not one that was stopped: ECS deregisters it.
  if (instance.alive) instance.toWarmPool = false
  hostDies(world, instance)
  if (instance.state === IN_SERVICE) {
    return occursAfter(world, world.settings['autoscaling.healthCheck'], FOUND_UNHEALTHY, instance.number)
  }
  if (instance.actions.every(({ open }) => !open)) leave(world, instance)
}

/**
 * The EC2 health check finds that it runs no more: it is replaced, and its hooks hold what is left of it (AWS:
 * gracefully-handle-instance-termination; github.com/getsocial-rnd/ecs-drain-lambda/issues/6).
 */
export const foundUnhealthy = (world: World, instance: Instance): void => {
  if (instance.state !== IN_SERVICE) return
  terminate(world, instance)
  reactSoon(world, instance.group)
}

/** The same by the fault host.death, which the trace has to name: no happening of the plan does. */
export const hostDiesByFault = (world: World, instance: Instance): void => {
  if (!instance.alive) return
  record(world, HOST_DIED, instance.number, 0)
  kill(world, instance)
}

/** DeleteLifecycleHook completes outstanding terminations with CONTINUE (AWS: API reference). */
export const deleteHook = (world: World, group: Group, name: string): void => {
  for (const hook of group.hooks) {
    if (hook.plan.name !== name || hook.deleted) continue
    hook.deleted = true
    for (const action of world.actions) if (action.hook === hook && action.open) end(world, action, 'hook-deleted')
  }
}
