/** For your own property tests: plans to simulate, drawn with fast-check. */
export type { PlanConstraints } from './arbitrary/arbitrary-plan.ts'
export { arbitraryPlan } from './arbitrary/arbitrary-plan.ts'
