/**
 * The testing kit: builders with complete defaults, rules as given/when/then, and what a port must do as named cases.
 * It knows no test runner; what does not hold is a plain Error. Written name by name: what is not here is not promised.
 */

export type { Walk, WalkOptions, WalkStep } from './arbitraries.ts'
export { failures, observations, policies, reachableDrains, sightings, walks } from './arbitraries.ts'
export {
  accessDenied,
  at,
  containerInstanceNumber,
  event,
  eventTypes,
  id,
  instanceNumber,
  lifecycleAction,
  noActiveAction,
  notice,
  observation,
  origin,
  policy,
  stoppedTask,
  stoppingTask,
  task,
  taskNumber,
  taskStatuses,
  theCluster,
  theContainerInstance,
  theGroup,
  theHook,
  theInstance,
  theStream,
  throttled,
  tokenNumber,
  unavailable,
} from './builders.ts'
export { canonical, difference, same } from './difference.ts'
export type { ContractCase, MakeStore } from './event-store-contract.ts'
export { eventStoreContract } from './event-store-contract.ts'
export type { Circumstances, Decided, Given, Then } from './given.ts'
export { given, givenDrain } from './given.ts'
export type { Law } from './laws.ts'
export { drainLaws, sightingLaws } from './laws.ts'
export type {
  Delivered,
  Handling,
  LedgerEntry,
  ScriptedAction,
  ScriptedInstance,
  WorldOptions,
} from './scripted-world.ts'
export { ScriptedWorld } from './scripted-world.ts'
