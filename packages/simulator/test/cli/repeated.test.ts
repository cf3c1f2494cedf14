// A counterexample's plan is tried in the simulator's own time before a person is told to replay it.
import { expect, test } from 'vitest'
import { models } from '../../src/check/models.ts'
import { replayPlan } from '../../src/check/replay-plan.ts'
import { repeated } from '../../src/cli/repeated.ts'

test('a plan under which nothing breaks is not said to repeat a story', () => {
  const [calm] = models
  if (calm === undefined) throw new Error('no model')
  expect(repeated(replayPlan(calm, []), 'S1 no early completion')).toBeNull()
})
