import type { CallType } from '../../src/invocation/call.ts'
import { begin, type Invocation, resume } from '../../src/invocation/invocation.ts'
import type { Observation } from '../../src/observation/observation.ts'
import { type ScriptedWorld, theStream } from '../../src/testing/index.ts'

/** A handling that waits for the answer to its first call of this type, for a test to give its own. */
export const upTo = (
  type: CallType,
  world: ScriptedWorld,
  observations: ReadonlyArray<Observation>,
): { readonly invocation: Invocation } => {
  let step = begin({ stream: theStream, observations, hops: 0 })
  while (step.type === 'call' && step.call.type !== type) {
    step = resume(step.invocation, world.answer(step.call), world.policy)
  }
  if (step.type === 'done') throw new Error(`done without a ${type}`)
  return step
}
