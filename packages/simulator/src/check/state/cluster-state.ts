/**
 * What the instances of a state have in common, in one integer: the misfortunes that are left, the replacements that run
 * elsewhere, whether the floor was broken for a reason that is nobody's fault, and whether a message was left out.
 */
import type { Misfortunes, Model } from '../model.ts'

/** By cost, less one. */
export const costs: ReadonlyArray<keyof Misfortunes> = [
  'lost',
  'duplicated',
  'crashes',
  'failures',
  'unanswered',
  'hookTimeouts',
]

const totalShift = 12
const healthyShift = 14
const excusedBit = 1 << 17
const forgoneBit = 1 << 18
const misfortunesMask = (1 << healthyShift) - 1

export const firstCommon = ({ misfortunes, misfortunesInTotal }: Model): number =>
  costs.reduce(
    (common, name, index) => common | (Math.min(misfortunes[name], misfortunesInTotal) << (index * 2)),
    misfortunesInTotal << totalShift,
  )

/** By cost: a misfortune fewer in total, and of its kind where there are fewer of that than in total. */
export const pricesOf = ({ misfortunes, misfortunesInTotal }: Model): ReadonlyArray<number> => [
  0,
  ...costs.map((name, index) => (1 << totalShift) + (misfortunes[name] < misfortunesInTotal ? 1 << (index * 2) : 0)),
]

/** Whether a misfortune of that kind is left. */
export const isLeft = (common: number, cost: number): boolean =>
  cost === 0 || (((common >> totalShift) & 3) > 0 && ((common >> ((cost - 1) * 2)) & 3) > 0)

/** Whether a misfortune of any kind is left. */
export const isAnyLeft = (common: number): boolean => ((common >> totalShift) & 3) > 0

/** Nothing has gone wrong yet. */
export const isUnharmed = (common: number, first: number): boolean =>
  (common & misfortunesMask) === (first & misfortunesMask)

/** Replacements that run, healthy, on instances that stay. */
export const healthyElsewhere = (common: number): number => (common >> healthyShift) & 7
export const oneMoreElsewhere = (common: number): number => common + (1 << healthyShift)

/** `excuses`, `forgoes`: see `StepTerms`. What a step marks stays marked. */
export const marked = (common: number, excuses: boolean, forgoes: boolean): number =>
  common | (excuses ? excusedBit : 0) | (forgoes ? forgoneBit : 0)

export const isExcused = (common: number): boolean => (common & excusedBit) !== 0
/** A wake-up that was one too many for a share was left out, as if it had been lost. */
export const isForgone = (common: number): boolean => (common & forgoneBit) !== 0
