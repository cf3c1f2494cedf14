import { type ScriptedWorld, task } from '../../src/testing/index.ts'

/**
 * Instance 1 comes back from the warm pool with a task, and is terminated again. Of its container instance the stream knows
 * from its first drain; of the task, which no drain has listed, from an event.
 */
export const terminatedAgain = (world: ScriptedWorld, meanwhile: () => void): void => {
  world.terminate(1, { toWarmPool: true })
  world.settle()
  world.place(1, task(1))
  meanwhile()
  world.deliver([world.terminate(1, { lost: true }), world.change(task(1, { version: 9 }), { lost: true })])
}
