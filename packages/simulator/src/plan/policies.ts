import { uncheckedPolicy } from '@ecs-drain/core'
import type { Plan, PolicyOverrides } from './plan.ts'

/** What core does where a plan's policy says nothing. */
export const defaultPolicy = uncheckedPolicy({ hooks: [], clusters: [] })

/** The overrides that a function starts with after the happening `change-policy` of that index; -1: before any. */
export const policyAfter = ({ controller, happenings }: Plan, change: number): PolicyOverrides => {
  const happening = happenings[change]
  return happening?.do === 'change-policy' ? { ...controller.policy, ...happening.policy } : controller.policy
}

/** All that are in force at some time. */
export const policiesOf = (plan: Plan): ReadonlyArray<PolicyOverrides> => [
  plan.controller.policy,
  ...plan.happenings.flatMap(({ do: what }, index) => (what === 'change-policy' ? [policyAfter(plan, index)] : [])),
]
