/**
 * One update of a fleet in a process of its own, started with --expose-gc: `growth-run INSTANCES BATCH`. Prints a GrowthFigures
 * as JSON.
 */
import type { Answer } from '@ecs-drain/core'
import { createEcsDrainController } from '../../src/controller/ecs-drain.ts'
import { SETTLED } from '../../src/trace/kind-numbers.ts'
import { createWorld } from '../../src/world/world.ts'
import { type Fleet, fleetPlan } from './fleet-plan.ts'
import { cpuSeconds } from './rate.ts'

export interface GrowthFigures {
  readonly occurrences: number
  /** Of this thread's processor time. */
  readonly seconds: number
  readonly drains: number
  readonly virtualSeconds: number
  /** Written to the event store, over all streams. */
  readonly commits: number
  readonly events: number
  /** Of those events, sightings of a task, and calls of the drain that failed. */
  readonly tasksSeen: number
  readonly failed: number
  /** Of all events as JSON. */
  readonly storedBytes: number
  /** Answered, those to the event store included. */
  readonly calls: number
  /** Held by the finished run, with all its streams, tasks and its trace. */
  readonly heapBytes: number
}

const collected = (): number => {
  if (globalThis.gc === undefined) throw new Error('start node with --expose-gc')
  globalThis.gc()
  const { heapUsed, arrayBuffers } = process.memoryUsage()
  return heapUsed + arrayBuffers
}

const growthOf = (fleet: Fleet): GrowthFigures => {
  const plan = fleetPlan(fleet)
  let commits = 0
  let events = 0
  let tasksSeen = 0
  let failed = 0
  let storedBytes = 0
  let calls = 0
  const streams = new Set<string>()
  const controller = createEcsDrainController(plan, undefined, undefined, (call, answer) => {
    calls += 1
    if (call.type !== 'AppendToStream' || (answer as Answer<'AppendToStream'>).type !== 'appended') return
    commits += 1
    events += call.events.length
    streams.add(call.stream)
    for (const event of call.events) {
      if (event.type === 'TaskSeen') tasksSeen += 1
      if (event.type === 'EffectFailed') failed += 1
      storedBytes += JSON.stringify(event).length
    }
  })
  const before = collected()
  const world = createWorld(plan, controller, { texts: false })
  const from = cpuSeconds()
  const trace = world.run()
  const seconds = cpuSeconds() - from
  const last = trace.length - 1
  if (trace.kind[last] !== SETTLED) throw new Error(`${plan.name} did not settle`)
  const heapBytes = collected() - before
  return {
    occurrences: world.occurrences(),
    seconds,
    drains: streams.size,
    virtualSeconds: Math.round((trace.at[last] ?? 0) / 1000),
    commits,
    events,
    tasksSeen,
    failed,
    storedBytes,
    calls,
    heapBytes,
  }
}

const [instances = 0, batch = 0] = process.argv.slice(2).map(Number)
// A cold engine is several times slower.
for (let seed = 1; seed <= 60; seed += 1) growthOf({ instances: 100, batch: 10, seed })
process.stdout.write(JSON.stringify(growthOf({ instances, batch, seed: 1_000 })))
