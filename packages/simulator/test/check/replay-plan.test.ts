// A counterexample's plan is about the cluster of its model, in the words that a plan has for it.
import * as E from 'fp-ts/Either'
import { expect, test } from 'vitest'
import type { Model } from '../../src/check/model.ts'
import { models } from '../../src/check/models.ts'
import { replayPlan } from '../../src/check/replay-plan.ts'
import { ceilingOf, floorOf } from '../../src/plan/limits.ts'
import { readPlan } from '../../src/plan/read-plan.ts'

test('a service has the floor and the ceiling of the model, which a plan says in whole percent', () => {
  const [calm] = models as readonly [Model]
  for (let desired = 1; desired <= 7; desired += 1) {
    for (let tasks = 0; tasks <= 2 * desired; tasks += 1) {
      const wanted = { desired, floor: Math.min(tasks, desired), ceiling: Math.max(tasks, desired) }
      const [service] = replayPlan({ ...calm, service: wanted }, []).services
      if (service === undefined) throw new Error('no service')
      expect({ desired, floor: floorOf(service, desired), ceiling: ceilingOf(service, desired) }).toEqual(wanted)
    }
  }
})

test.each(models)('a counterexample of $name can be simulated', (model) => {
  expect(readPlan(replayPlan(model, []))).toEqual(E.right(replayPlan(model, [])))
})
