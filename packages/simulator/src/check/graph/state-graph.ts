/** The states of a whole model: which follow from one, whatever it is they are asked for. */

import type { Model } from '../model.ts'
import { mayPlace, mayStopHealthy, mayStopSurplus } from '../moves/occurrence.ts'
import {
  firstCommon,
  healthyElsewhere,
  isAnyLeft,
  isExcused,
  isLeft,
  marked,
  oneMoreElsewhere,
  pricesOf,
} from '../state/cluster-state.ts'
import {
  costOf,
  excusesIn,
  fairnessOf,
  forgoesIn,
  guardOf,
  isFair,
  isSweep,
  type ShareGraph,
  stepWidth,
  violationOf,
} from './share-graph.ts'

/** Actions of the cluster as a whole; those of an instance are `instance * actionsOfInstance + number of the step`. */
export const tickAction = -1
export const replacedElsewhere = -2
export const actionsOfInstance = 1 << 10

/** Which steps are looked at. */
export const everyStep = 0
/** Those that come about sooner or later without any misfortune. */
export const fairSteps = 1
/** The same without the schedule's sweeps. */
export const fairStepsWithoutSweeps = 2
export type StepsLookedAt = 0 | 1 | 2

export interface StateGraph {
  /** Integers of a state: its shares, then what they have in common. */
  readonly width: number
  readonly first: Int32Array
  /**
   * Calls `seen` for each state that follows, which lies in `next` until it returns; `seen` answers true for enough.
   * `violation` is one of `Violation`, `reached` bits of `sometimes`.
   */
  readonly expand: (
    rows: Int32Array,
    at: number,
    which: StepsLookedAt,
    seen: (next: Int32Array, action: number, violation: number, reached: number) => boolean,
  ) => void
  readonly isBelowFloor: (row: Int32Array, at: number) => boolean
  readonly areHooksClosed: (row: Int32Array, at: number) => boolean
  readonly areStreamsSettled: (row: Int32Array, at: number) => boolean
}

export const createStateGraph = (model: Model, shares: ShareGraph, symmetry: boolean): StateGraph => {
  const { instances, service } = model
  const width = instances + 1
  const first = new Int32Array(width).fill(shares.first)
  first[instances] = firstCommon(model)
  const next = new Int32Array(width)
  const prices = pricesOf(model)

  const sum = (row: Int32Array, at: number, of: (share: number) => number): number => {
    let total = 0
    for (let each = 0; each < instances; each += 1) total += of(row[at + each] as number)
    return total
  }

  /** Equal instances are interchangeable: the one with the smaller share comes first. */
  const sort = (): void => {
    if (!symmetry || instances < 2) return
    const one = next[0] as number
    const other = next[1] as number
    if (one <= other) return
    next[0] = other
    next[1] = one
  }

  const lacksTask = (rows: Int32Array, at: number, common: number): boolean => {
    const elsewhere = healthyElsewhere(common)
    return (
      sum(rows, at, shares.kept) + elsewhere < service.desired &&
      sum(rows, at, shares.occupying) + elsewhere < service.ceiling
    )
  }

  const hasSurplus = (rows: Int32Array, at: number, common: number): boolean => {
    const elsewhere = healthyElsewhere(common)
    return (
      sum(rows, at, shares.kept) + elsewhere > service.desired &&
      sum(rows, at, shares.healthy) + elsewhere > service.floor
    )
  }

  const copy = (rows: Int32Array, at: number): void => {
    for (let word = 0; word < width; word += 1) next[word] = rows[at + word] as number
  }

  const expand: StateGraph['expand'] = (rows, at, which, seen) => {
    const common = rows[at + instances] as number
    const misfortunes = which === everyStep && isAnyLeft(common) ? 1 : 0
    for (let each = 0; each < instances; each += 1) shares.workOut(rows[at + each] as number, misfortunes)
    const steps = shares.steps()
    let lacks = -1
    let spare = -1
    for (let each = 0; each < instances; each += 1) {
      const share = rows[at + each] as number
      // Two instances in the same situation: what one can do the other could as well.
      if (symmetry && each > 0 && share === rows[at + each - 1]) continue
      const to = shares.to(share, misfortunes)
      let number = each * actionsOfInstance
      for (let step = shares.from(share, misfortunes); step < to; step += stepWidth, number += 1) {
        const terms = steps[step + 1] as number
        const cost = costOf(terms)
        if (which !== everyStep) {
          const fairness = fairnessOf(terms)
          if (cost !== 0 || (fairness !== isFair && (fairness !== isSweep || which === fairStepsWithoutSweeps)))
            continue
        }
        if (!isLeft(common, cost)) continue
        const guard = guardOf(terms)
        if (guard === mayStopHealthy) {
          if (spare === -1) {
            spare = sum(rows, at, shares.healthy) + healthyElsewhere(common) > service.floor ? 1 : 0
          }
          if (spare === 0) continue
        } else if (guard === mayPlace) {
          if (lacks === -1) lacks = lacksTask(rows, at, common) ? 1 : 0
          if (lacks === 0) continue
        } else if (guard === mayStopSurplus) {
          if (!hasSurplus(rows, at, common)) continue
        }
        copy(rows, at)
        next[each] = steps[step] as number
        const left = common - (prices[cost] as number)
        next[instances] = marked(left, excusesIn(terms), forgoesIn(terms))
        sort()
        if (seen(next, number, violationOf(terms), steps[step + 2] as number)) return
      }
    }
    if (lacks === -1) lacks = lacksTask(rows, at, common) ? 1 : 0
    if (lacks === 1) {
      copy(rows, at)
      // Chosen, started and healthy in one step: until it is healthy it holds nothing back but another replacement.
      next[instances] = oneMoreElsewhere(common)
      if (seen(next, replacedElsewhere, 0, 0)) return
    }
    tick(rows, at, common, seen)
  }

  const tick = (rows: Int32Array, at: number, common: number, seen: Parameters<StateGraph['expand']>[3]): void => {
    let moves = false
    for (let each = 0; each < instances; each += 1) {
      const share = rows[at + each] as number
      const later = shares.tickOf(share)
      if (later === -1) return
      if (later !== share) moves = true
      next[each] = later
    }
    if (!moves) return
    next[instances] = common
    sort()
    seen(next, tickAction, 0, 0)
  }

  const all = (row: Int32Array, at: number, holds: (share: number) => boolean): boolean => {
    for (let each = 0; each < instances; each += 1) if (!holds(row[at + each] as number)) return false
    return true
  }

  return {
    width,
    first,
    expand,
    isBelowFloor: (row, at) => {
      const common = row[at + instances] as number
      return !isExcused(common) && sum(row, at, shares.healthy) + healthyElsewhere(common) < service.floor
    },
    areHooksClosed: (row, at) => all(row, at, shares.isHookClosed),
    areStreamsSettled: (row, at) => all(row, at, shares.isStreamSettled),
  }
}
