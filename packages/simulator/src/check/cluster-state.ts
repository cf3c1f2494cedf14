/**
 * What the instances of a state have in common, in one integer: the misfortunes that are left, the replacements that run
 * elsewhere, and whether the floor was broken for a reason that is nobody's fault.
 */
import type { Misfortunes, Model } from './model.ts'
import type { Cost } from './occurrence.ts'

/** By cost, less one. */
export const costs: ReadonlyArray<keyof Misfortunes> = [
  'lost',
  'duplicated',
  'crashes',
  'failures',
  'unanswered',
  'hookTimeouts',
]

const healthyShift = 12
const excusedBit = 1 << 15
const misfortunesMask = (1 << healthyShift) - 1

export const firstCommon = ({ misfortunes }: Pick<Model, 'misfortunes'>): number =>
  costs.reduce((common, name, index) => common | (misfortunes[name] << (index * 2)), 0)

/** One misfortune fewer; -1: none of that kind is left. */
export const paid = (common: number, cost: number): number => {
  if (cost === 0) return common
  const shift = (cost - 1) * 2
  return ((common >> shift) & 3) === 0 ? -1 : common - (1 << shift)
}

export const costName = (cost: Cost): keyof Misfortunes | null => (cost === 0 ? null : (costs[cost - 1] ?? null))

/** Nothing has gone wrong yet. */
export const isUnharmed = (common: number, first: number): boolean =>
  (common & misfortunesMask) === (first & misfortunesMask)

/** Replacements that run, healthy, on instances that stay. */
export const healthyElsewhere = (common: number): number => (common >> healthyShift) & 7
export const oneMoreElsewhere = (common: number): number => common + (1 << healthyShift)

export const excused = (common: number): number => common | excusedBit
export const isExcused = (common: number): boolean => (common & excusedBit) !== 0
