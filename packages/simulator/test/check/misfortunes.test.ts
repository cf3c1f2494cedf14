// A path holds as many misfortunes as its model says, of each kind and together.
import * as fc from 'fast-check'
import { afterAll, describe, expect, test } from 'vitest'
import type { Model } from '../../src/check/model.ts'
import {
  costs,
  firstCommon,
  healthyElsewhere,
  isAnyLeft,
  isExcused,
  isForgone,
  isLeft,
  isUnharmed,
  marked,
  oneMoreElsewhere,
  pricesOf,
} from '../../src/check/state/cluster-state.ts'
import { exploringThread, modelNamed } from './bundled.ts'

const { explore, end } = await exploringThread()
afterAll(end)

const none: Model['misfortunes'] = { lost: 0, duplicated: 0, crashes: 0, failures: 0, unanswered: 0, hookTimeouts: 0 }
const upToThree = fc.nat({ max: 3 })

const budgets = fc.record({
  misfortunes: fc.record({
    lost: upToThree,
    duplicated: upToThree,
    crashes: upToThree,
    failures: upToThree,
    unanswered: upToThree,
    hookTimeouts: upToThree,
  }),
  misfortunesInTotal: upToThree,
})

describe('what the instances of a state have in common', () => {
  test('counts the misfortunes that are left, and nothing else changes them', () => {
    fc.assert(
      fc.property(budgets, fc.array(fc.nat({ max: costs.length - 1 }), { maxLength: 8 }), (budget, wanted) => {
        const model = { ...modelNamed('calm'), ...budget }
        const first = firstCommon(model)
        const left = { ...budget.misfortunes }
        let total = budget.misfortunesInTotal
        let common = first
        for (const kind of wanted) {
          const name = costs[kind] as keyof Model['misfortunes']
          expect(isAnyLeft(common)).toBe(total > 0)
          expect(isLeft(common, 0)).toBe(true)
          expect(isLeft(common, kind + 1)).toBe(total > 0 && left[name] > 0)
          if (!isLeft(common, kind + 1)) continue
          common -= pricesOf(model)[kind + 1] as number
          left[name] -= 1
          total -= 1
          expect(isUnharmed(common, first)).toBe(false)
          const noted = marked(oneMoreElsewhere(common), true, true)
          expect([healthyElsewhere(noted), isExcused(noted), isForgone(noted)]).toEqual([1, true, true])
          expect(costs.map((_, each) => isLeft(noted, each + 1))).toEqual(
            costs.map((_, each) => isLeft(common, each + 1)),
          )
        }
        expect([healthyElsewhere(common), isExcused(common), isForgone(common)]).toEqual([0, false, false])
      }),
      { numRuns: 500, seed: 20260302 },
    )
  })
})

test('one crash on a path is one, however many misfortunes there may be in total', { timeout: 60_000 }, async () => {
  const figuresOf = async (misfortunesInTotal: number) => {
    const model = {
      ...modelNamed('two-instances-with-faults'),
      misfortunes: { ...none, crashes: 1 },
      misfortunesInTotal,
    }
    const { outcome, states, transitions, depth } = await explore(model, { liveness: false })
    return { outcome, states, transitions, depth }
  }
  expect(await figuresOf(3)).toEqual(await figuresOf(1))
})
