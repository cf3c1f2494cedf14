/** What the benchmarks use, bundled into one file: see bundled-simulator.ts. */
export { createEcsDrainController } from '../../src/controller/ecs-drain.ts'
export { createNone } from '../../src/controller/none.ts'
export { createCalendarQueue } from '../../src/kernel/calendar-queue.ts'
export { readScenario } from '../../src/scenario/read-scenario.ts'
export { simulate } from '../../src/simulate.ts'
export { createWorld } from '../../src/world/world.ts'
export { fleetPlan } from './fleet-plan.ts'
export { stormPlan, stormUpdate } from './storm-update.ts'
