import { at, ScriptedWorld, stoppingTask, task } from '@ecs-drain/core/testing'

/** An instance DRAINING and listed, and of its two tasks one is being stopped. */
export const waiting = (): ScriptedWorld => {
  const world = new ScriptedWorld({ latency: 60 })
  world.addInstance(1, [task(1), task(2)])
  world.terminate(1)
  world.settle({ until: at(50) })
  world.change({ ...stoppingTask(2), version: 5 })
  world.settle({ until: at(60) })
  return world
}
