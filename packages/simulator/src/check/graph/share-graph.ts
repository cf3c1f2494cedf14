/**
 * What can happen to an instance's share, worked out once per share and kept as a row of integers: a state of the
 * cluster is then a few numbers, and expanding it means walking such rows.
 */

import type { InternedCore } from '../core/interned-core.ts'
import type { Model } from '../model.ts'
import { tasksHealthyCount, tasksKeptCount, tasksOccupyingCount } from '../moves/environment.ts'
import type { Occurrence } from '../moves/occurrence.ts'
import { isHookClosed, isStreamSettled, type Passed, type ShareSteps } from '../moves/share-steps.ts'
import type { StepTerms } from '../moves/step-draft.ts'
import { taskStopped, wakeUp } from '../state/message-code.ts'
import { renamingsOf } from '../state/renaming.ts'
import { pack, Share, unpack, wordsPerShare } from '../state/share.ts'
import { createWordsTable } from './words-table.ts'

/** A step is three integers: the share it leads to, its terms, and what it reached. */
export const stepWidth = 3

/** It happens sooner or later, if it stays possible. */
export const isFair = 0
/** The schedule's tick. */
export const isSweep = 1
/** Somebody may do it, and nobody has to. */
export const isHappening = 2

// The terms of a step, in one integer.
export const costOf = (terms: number): number => terms & 7
export const guardOf = (terms: number): number => (terms >> 3) & 3
export const excusesIn = (terms: number): boolean => ((terms >> 5) & 1) === 1
export const violationOf = (terms: number): number => (terms >> 6) & 7
/** The how-manieth thing it is that can happen to the share, by which a story finds out what it was. */
export const ordinalOf = (terms: number): number => (terms >> 9) & 1023
export const renamingOf = (terms: number): number => (terms >> 19) & 31
export const fairnessOf = (terms: number): number => (terms >> 24) & 3
export const forgoesIn = (terms: number): boolean => ((terms >> 26) & 1) === 1

const termsOf = (terms: StepTerms, type: Occurrence['type'], ordinal: number, renaming: number): number =>
  terms.cost |
  (terms.guard << 3) |
  ((terms.excuses ? 1 : 0) << 5) |
  (terms.violation << 6) |
  (ordinal << 9) |
  (renaming << 19) |
  (fairness(type, terms) << 24) |
  ((terms.forgoes ? 1 : 0) << 26)

const fairness = (type: Occurrence['type'], { isChance }: StepTerms): number => {
  if (isChance) return isHappening
  switch (type) {
    case 'sweep-begins':
      return isSweep
    case 'termination-begins':
    case 'set-active-by-others':
    case 'other-hook-answered':
    case 'task-ends':
    // Which task is one too many, and where one is placed, is the scheduler's choice.
    case 'scheduler-stops-surplus':
    case 'task-chosen-for-instance':
      return isHappening
    default:
      return isFair
  }
}

/** 1: steps that cost a misfortune are among them. */
export type Misfortunate = 0 | 1

/** One thing that happened to a share. */
export interface Happened {
  readonly before: Share
  readonly occurrence: Occurrence
  readonly after: Share
}

export interface ShareGraph {
  readonly first: number
  /**
   * Works a share out if nobody has, with or without the misfortunes that may strike it: most states have none left. Then
   * `from`, `to` and `tickOf` are meaningful for it.
   */
  readonly workOut: (share: number, misfortunes: Misfortunate) => void
  /** Where a share's steps begin and end in `steps()`; -1: it was not worked out so. */
  readonly from: (share: number, misfortunes: Misfortunate) => number
  readonly to: (share: number, misfortunes: Misfortunate) => number
  readonly steps: () => Int32Array
  /** The share a tick later, -1: the clock may not move; and the renaming of its tasks on the way. */
  readonly tickOf: (share: number) => number
  readonly tickRenaming: (share: number) => number
  readonly healthy: (share: number) => number
  readonly kept: (share: number) => number
  readonly occupying: (share: number) => number
  readonly isHookClosed: (share: number) => boolean
  readonly isStreamSettled: (share: number) => boolean
  readonly unpacked: (share: number) => Share
  /** What the step with that ordinal was: one thing, or several where a reduction takes them together. */
  readonly happenedIn: (share: number, misfortunes: Misfortunate, ordinal: number) => ReadonlyArray<Happened>
  readonly size: () => number
  readonly stepCount: () => number
  readonly bytes: () => number
}

const notWorkedOut = -1
const mayNotTick = -1
const notTicked = -2

export const createShareGraph = (
  model: Model,
  core: InternedCore,
  { stepsOf, tick }: ShareSteps,
  first: Share,
  symmetry: boolean,
): ShareGraph => {
  const table = createWordsTable(wordsPerShare)
  const renamings = renamingsOf(model.taskSlots)
  const row = new Int32Array(wordsPerShare)
  const best = new Int32Array(wordsPerShare)
  const renamed = new Share()
  const unpacked = new Share()
  const later = new Share()
  // By share, twice: without misfortunes and with them.
  let begins = new Int32Array(1 << 13).fill(notWorkedOut)
  let ends = new Int32Array(1 << 13)
  let ticks = new Int32Array(1 << 12).fill(notTicked)
  let tickRenamings = new Uint8Array(1 << 12)
  let summaries = new Int32Array(1 << 12)
  let steps = new Int32Array(1 << 16)
  let used = 0
  let renaming = 0

  const makeRoom = (share: number): void => {
    if (share < ticks.length) return
    const length = ticks.length * 2
    begins = widened(begins, length * 2, notWorkedOut)
    ends = widened(ends, length * 2)
    ticks = widened(ticks, length, notTicked)
    summaries = widened(summaries, length)
    const widerRenamings = new Uint8Array(length)
    widerRenamings.set(tickRenamings)
    tickRenamings = widerRenamings
  }

  /** The number of a share, under the names of its tasks that come first: tasks of one service are interchangeable. */
  const idOf = (share: Share): number => {
    renaming = -1
    for (let each = 0; each < (symmetry ? renamings.length : 1); each += 1) {
      if (symmetry && !mayComeFirst(share, renamings[each] as ReadonlyArray<number>)) continue
      rename(share, each, renamed)
      pack(renamed, row, 0)
      if (renaming !== -1 && !comesBefore(row, best)) continue
      best.set(row)
      renaming = each
    }
    const id = table.put(best, 0)
    if (table.isNew()) {
      makeRoom(id)
      const settled = unpack(renamed, best, 0)
      summaries[id] = summaryOf(settled, core)
    }
    return id
  }

  const rename = (share: Share, each: number, into: Share): void => {
    into.copyFrom(share)
    if (each === 0) return
    const names = renamings[each] as ReadonlyArray<number>
    for (let task = 0; task < model.taskSlots; task += 1) {
      const name = names[task] as number
      into.tasks[name] = share.tasks[task] as number
      into.shown[name] = share.shown[task] as number
      into.stoppedEvents[name] = share.stoppedEvents[task] as number
    }
    into.stream = core.streamRenamed(share.stream, each)
    for (const handler of into.handlers) {
      if (handler.invocation === 0) continue
      handler.held[0] = renamedMessage(handler.held[0], names)
      handler.held[1] = renamedMessage(handler.held[1], names)
      if (handler.loading) continue
      const id = handler.invocation - 1
      if (handler.outdated) core.newsRenamed(core.knownBy(id), share.stream, each)
      handler.invocation = core.invocationRenamed(id, each) + 1
    }
  }

  const workOut = (share: number, misfortunes: Misfortunate): void => {
    const place = share * 2 + misfortunes
    if (begins[place] !== notWorkedOut) return
    const from = used
    let ordinal = 0
    unpack(unpacked, table.rows(), share * wordsPerShare)
    stepsOf(unpacked, misfortunes === 1, (after, occurrence, terms, passed) => {
      const target = idOf(after)
      if (ordinal > 1023) throw new RangeError('more than 1,024 things can happen to one instance')
      if (target !== share || terms.violation !== 0) {
        if (used + stepWidth > steps.length) steps = widened(steps, steps.length * 2)
        steps[used] = target
        steps[used + 1] = termsOf(terms, firstOf(occurrence, passed).type, ordinal, renaming)
        steps[used + 2] = terms.reached
        used += stepWidth
      }
      ordinal += 1
    })
    begins[place] = from
    ends[place] = used
    if (ticks[share] !== notTicked) return
    // First the number, then the array: finding it may put a longer one in its place.
    const ticked = tick(unpacked, later) ? idOf(later) : mayNotTick
    ticks[share] = ticked
    tickRenamings[share] = Math.max(renaming, 0)
  }

  const start = idOf(first)

  return {
    first: start,
    workOut,
    from: (share, misfortunes) => begins[share * 2 + misfortunes] as number,
    to: (share, misfortunes) => ends[share * 2 + misfortunes] as number,
    steps: () => steps,
    tickOf: (share) => ticks[share] as number,
    tickRenaming: (share) => tickRenamings[share] as number,
    healthy: (share) => (summaries[share] as number) & 7,
    kept: (share) => ((summaries[share] as number) >> 3) & 7,
    occupying: (share) => ((summaries[share] as number) >> 6) & 7,
    isHookClosed: (share) => ((summaries[share] as number) & 512) !== 0,
    isStreamSettled: (share) => ((summaries[share] as number) & 1024) !== 0,
    unpacked: (share) => unpack(new Share(), table.rows(), share * wordsPerShare),
    happenedIn: (share, misfortunes, ordinal) => {
      const start = unpack(new Share(), table.rows(), share * wordsPerShare)
      let at = 0
      let found: ReadonlyArray<Happened> = []
      stepsOf(start, misfortunes === 1, (after, occurrence, _, passed) => {
        if (at === ordinal) found = happened(start, after, occurrence, passed)
        at += 1
      })
      if (found.length === 0) throw new RangeError(`share ${share} has no step ${ordinal}`)
      return found
    },
    size: () => table.size(),
    stepCount: () => used / stepWidth,
    bytes: () => table.bytes() + steps.byteLength + begins.byteLength * 4,
  }
}

const firstOf = (last: Occurrence, passed: Passed | null): Occurrence => {
  let first = last
  for (let each = passed; each !== null; each = each.before) first = each.occurrence
  return first
}

/** From the last to the first, and copied: what a step is told with is lent. */
const happened = (start: Share, end: Share, last: Occurrence, passed: Passed | null): ReadonlyArray<Happened> => {
  const all: Array<Happened> = []
  let after = new Share().copyFrom(end)
  let occurrence = last
  for (let each = passed; each !== null; each = each.before) {
    const before = new Share().copyFrom(each.share)
    all.unshift({ before, occurrence, after })
    after = before
    occurrence = each.occurrence
  }
  return [{ before: start, occurrence, after }, ...all]
}

const widened = (words: Int32Array, length: number, filler = 0): Int32Array<ArrayBuffer> => {
  const wider = new Int32Array(length).fill(filler, words.length)
  wider.set(words)
  return wider
}

/** A quick look before anything is renamed: only names under which the tasks' positions are sorted come into question. */
const mayComeFirst = ({ tasks }: Share, names: ReadonlyArray<number>): boolean => {
  for (let one = 0; one < names.length; one += 1) {
    for (let other = 0; other < one; other += 1) {
      const order = (names[one] as number) - (names[other] as number)
      const positions = (tasks[one] as number) - (tasks[other] as number)
      if ((order > 0 && positions < 0) || (order < 0 && positions > 0)) return false
    }
  }
  return true
}

const tasksFirst = [1, 0, 2, 3, 4, 5, 6, 7] as const

const comesBefore = (one: Int32Array, other: Int32Array): boolean => {
  // The tasks first, so that whoever passed `mayComeFirst` does.
  for (const word of tasksFirst) {
    const difference = ((one[word] as number) >>> 0) - ((other[word] as number) >>> 0)
    if (difference !== 0) return difference > 0
  }
  return false
}

const renamedMessage = (code: number, names: ReadonlyArray<number>): number =>
  code >= taskStopped && code < wakeUp ? taskStopped + (names[code - taskStopped] as number) : code

const summaryOf = (share: Share, core: InternedCore): number =>
  tasksHealthyCount(share) |
  (tasksKeptCount(share) << 3) |
  (tasksOccupyingCount(share) << 6) |
  ((isHookClosed(share) ? 1 : 0) << 9) |
  ((isStreamSettled(share, core) ? 1 : 0) << 10)
