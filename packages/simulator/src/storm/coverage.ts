/**
 * Which fault met a drain in which phase, and which rare states a run came through. A storm shows nothing of what it never
 * reached, so both lists are fixed, and what stays at zero is told.
 */
import type { Happening, Plan } from '../plan/plan.ts'
import {
  API_FAILED,
  DECISION,
  HAPPENING,
  HOOK_STARTED,
  INVOCATION_ENDED,
  MESSAGE_DUPLICATED,
  MESSAGE_LOST,
  PLACEMENT_FAILED,
  STORE_CONFLICT,
  TASK_KILLED,
} from '../trace/kind-numbers.ts'
import { type Cast, faultSites } from '../trace/trace.ts'

/** Where a drain can be when a fault strikes. `announced`: its action has begun and nobody of ours has heard of it. */
export const phases = ['no drain', 'announced', 'locating', 'cordoning', 'draining', 'completing', 'ended'] as const
export type CoveredPhase = (typeof phases)[number]

/** Happenings that hit a drain from outside, besides the fault sites. */
const disturbances = [
  'kill-instance',
  'delete-hook',
  'change-policy',
  'set-draining',
  'disconnect-agent',
  'deploy',
  'set-active',
  're-register-agent',
] as const satisfies ReadonlyArray<Happening['do']>

/** The rows of the table: every fault site, then the happenings that disturb. */
export const faultKinds: ReadonlyArray<string> = [...faultSites, ...disturbances]

/** States that a storm has to come through: a decision's name, or what the trace says. */
export const rareStates = [
  'TaskSeen',
  'Swept',
  'LifecycleActionTokenLearned',
  'LifecycleActionHeartbeatRecorded',
  'AgentConnectionChanged',
  'DrainingUndone',
  'DRAINING again, and drained',
  'another container instance, and drained',
  'ContainerInstanceNotFound',
  'ContainerInstanceLost',
  'WaitDoubted',
  'DeadlineReached',
  'TaskToldToStop',
  'CompletionForced',
  'LifecycleActionOver',
  'DrainSuperseded',
  'InstanceReturnedToService',
  'ContainerInstanceActivated',
  'EffectFailed',
  'message lost',
  'message twice',
  'function crashed',
  'call failed',
  'store conflict',
  'placement failed',
  'task killed',
] as const

const stateOfKind: ReadonlyMap<number, (typeof rareStates)[number]> = new Map([
  [MESSAGE_LOST, 'message lost'],
  [MESSAGE_DUPLICATED, 'message twice'],
  [API_FAILED, 'call failed'],
  [STORE_CONFLICT, 'store conflict'],
  [PLACEMENT_FAILED, 'placement failed'],
  [TASK_KILLED, 'task killed'],
])

const phaseAfter: Readonly<Record<string, CoveredPhase>> = {
  DrainRequested: 'locating',
  ContainerInstanceFound: 'cordoning',
  ContainerInstanceDraining: 'draining',
  DrainingUndone: 'cordoning',
  ContainerInstanceLost: 'locating',
  CompletionDecided: 'completing',
  CompletionForced: 'completing',
  LifecycleActionCompleted: 'ended',
  LifecycleActionOver: 'ended',
  DrainSuperseded: 'ended',
}

/** What a drain decides that somebody undoes by setting the instance ACTIVE, and that is completed all the same. */
const drainedAgain = ['DrainingUndone', 'ContainerInstanceDraining', 'CompletionDecided', 'LifecycleActionCompleted']

/** Is told each decision; true at the last of those. */
export const createDrainedAgain = (): ((instance: number, name: string) => boolean) => {
  const steps = new Map<number, number>()
  return (instance, name) => {
    if (name === drainedAgain[0] || name === 'DrainRequested') steps.set(instance, 0)
    const step = steps.get(instance)
    if (step === undefined || name !== drainedAgain[step]) return false
    steps.set(instance, step + 1)
    return step + 1 === drainedAgain.length
  }
}

export interface Coverage {
  see(at: number, kind: number, a: number, b: number): void
  struck(site: number, instance: number): void
  /** By fault kind and phase, `faultKinds.length` rows of `phases.length`. */
  readonly faults: ReadonlyArray<number>
  /** 1 for each of `rareStates` that the run came through. */
  readonly reached: ReadonlyArray<number>
}

export const createCoverage = (plan: Plan, cast: Cast): Coverage => {
  const faults = new Array<number>(faultKinds.length * phases.length).fill(0)
  const reached = new Array<number>(rareStates.length).fill(0)
  const phaseOf = new Map<number, CoveredPhase>()
  const isDrainedAgain = createDrainedAgain()
  /** Instances whose drain has found that they are another container instance now. */
  const isAnother = new Set<number>()

  const reach = (state: string): void => {
    const index = rareStates.indexOf(state as (typeof rareStates)[number])
    if (index !== -1) reached[index] = 1
  }

  const count = (row: number, phase: CoveredPhase): void => {
    const cell = row * phases.length + phases.indexOf(phase)
    faults[cell] = (faults[cell] ?? 0) + 1
  }

  /** A happening meets every drain that is open, in each phase once. */
  const happened = (index: number): void => {
    const row = faultKinds.indexOf(plan.happenings[index]?.do ?? '')
    if (row === -1) return
    const open = new Set([...phaseOf.values()].filter((phase) => phase !== 'ended'))
    if (open.size === 0) count(row, 'no drain')
    for (const phase of open) count(row, phase)
  }

  return {
    see: (_at, kind, a, b) => {
      if (kind === DECISION) {
        const name = cast.decisions[b] ?? ''
        reach(name)
        if (isDrainedAgain(a, name)) reach('DRAINING again, and drained')
        if (name === 'DrainRequested') isAnother.delete(a)
        else if (name === 'ContainerInstanceFound' && phaseOf.get(a) === 'draining') isAnother.add(a)
        else if (name === 'LifecycleActionCompleted' && isAnother.has(a))
          reach('another container instance, and drained')
        const after = phaseAfter[name]
        if (after !== undefined) phaseOf.set(a, after)
      } else if (kind === HOOK_STARTED) {
        if (cast.actions[a]?.ours === true) phaseOf.set(b, 'announced')
      } else if (kind === HAPPENING) {
        if (b === 0) happened(a)
      } else if (kind === INVOCATION_ENDED) {
        if (b === 2) reach('function crashed')
      } else {
        const state = stateOfKind.get(kind)
        if (state !== undefined) reach(state)
      }
    },
    struck: (site, instance) => count(site, phaseOf.get(instance) ?? 'no drain'),
    faults,
    reached,
  }
}
