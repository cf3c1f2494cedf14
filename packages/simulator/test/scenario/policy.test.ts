// What is simulated can be deployed: a plan's policy is one that core takes.
import { contradictionsOf, uncheckedPolicy } from '@ecs-drain/core'
import * as fc from 'fast-check'
import * as E from 'fp-ts/Either'
import { expect, test } from 'vitest'
import { readPlan } from '../../src/plan/read-plan.ts'

const ms = fc.constantFrom(-1, 0, 1, 500, 999, 1000, 5000, 59_999, 60_000, 1_800_000)

const arbitraryPolicy = fc.record(
  {
    metadataClusters: fc.array(fc.constantFrom('*', 'prod-*', 'a b', '', 'arn:aws:ecs:eu-west-1:1:cluster/a'), {
      maxLength: 2,
    }),
    settle: ms,
    spreadReads: ms,
    notFoundGrace: ms,
    deadline: fc.option(fc.record({ after: ms, choice: fc.constantFrom('continue', 'stop-tasks', 'abandon', 'wait') })),
    stopGrace: ms,
    standaloneAfter: fc.option(ms),
    retry: fc.record({ first: ms, most: ms }),
    hopsMax: fc.constantFrom(-1, 0, 1.5, 15, 16),
  },
  { requiredKeys: [] },
)

const isTakenByCore = (policy: object): boolean => {
  const whole = uncheckedPolicy({ hooks: [{ name: 'ecs-drain', groups: null }], clusters: ['cluster'], ...policy })
  return contradictionsOf(whole).length === 0
}

test('a plan takes the policies that core takes, and no others, its own and those that it changes to', () => {
  fc.assert(
    fc.property(arbitraryPolicy, (policy) => {
      const own = readPlan({ name: 'mine', controller: { policy } })
      const changed = readPlan({ name: 'mine', happenings: [{ do: 'change-policy', policy }] })
      expect([E.isRight(own), E.isRight(changed)]).toEqual([isTakenByCore(policy), isTakenByCore(policy)])
    }),
    { numRuns: 2000 },
  )
})

test.each([
  [
    'deadline.after: expected a duration from 60000 to 172800000 ms, got 1000',
    { deadline: { after: 1000, choice: 'continue' } },
  ],
  ['stopGrace: expected 0 or a duration from 1000 to 172800000 ms, got 500', { stopGrace: 500 }],
])('%s', (message, policy) => {
  const read = readPlan({ name: 'mine', controller: { policy } })
  expect(E.isLeft(read) && read.left.map(({ path, message: text }) => `${path.slice(2).join('.')}: ${text}`)).toEqual([
    message,
  ])
})
