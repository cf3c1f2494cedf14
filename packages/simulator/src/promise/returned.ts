/** Instances that are back from their warm pool and DRAINING still: ECS places nothing there, and nothing but us undoes it (R14). */
import { CONTAINER_INSTANCE, IN_SERVICE, INSTANCE_STATE, REGISTERED_AGAIN } from '../trace/kind-numbers.ts'
import { type Cast, containerInstanceStates } from '../trace/trace.ts'
import type { Action, Drains } from './drains.ts'

const DRAINING = containerInstanceStates.indexOf('DRAINING')

/** One that should have been set ACTIVE. */
export interface LeftDraining {
  readonly instance: number
  /** Its way to the pool. */
  readonly action: Action
  /** When it was back in service. */
  readonly since: number
}

export interface Returned {
  readonly see: (at: number, kind: number, a: number, b: number) => void
  readonly leftDraining: () => ReadonlyArray<LeftDraining>
}

export const createReturned = (cast: Cast, drains: Drains): Returned => {
  const inServiceSince = new Map<number, number>()
  /** Those whose container instance somebody else has set DRAINING are not among them. */
  const draining = new Set<number>()
  /** By instance: the number of its container instance, where its agent has registered it again. */
  const latest = new Map<number, number>()

  const containerInstance = (at: number, number: number, status: number): void => {
    const instance = cast.instances[number]?.host ?? number
    if ((latest.get(instance) ?? instance) !== number) return
    if (status === DRAINING && !drains.drainedByOthers(at, instance)) draining.add(instance)
    else draining.delete(instance)
  }

  return {
    see: (at, kind, a, b) => {
      if (kind === CONTAINER_INSTANCE) containerInstance(at, a, b)
      else if (kind === INSTANCE_STATE && b === IN_SERVICE) inServiceSince.set(a, at)
      else if (kind === INSTANCE_STATE) inServiceSince.delete(a)
      else if (kind === REGISTERED_AGAIN) {
        latest.set(a, b)
        draining.delete(a)
      }
    },
    leftDraining: () =>
      [...draining].flatMap((instance) => {
        const since = inServiceSince.get(instance)
        const action = drains.ofInstance(instance)
        const { endedAt = null, toWarmPool = false } = action ?? {}
        const isBack = since !== undefined && toWarmPool && endedAt !== null && endedAt <= since
        return isBack && action !== undefined ? [{ instance, action, since }] : []
      }),
  }
}
