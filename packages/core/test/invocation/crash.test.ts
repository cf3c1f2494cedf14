import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { fold } from '../../src/drain/drain.ts'
import type { Notice } from '../../src/envelope/notice.ts'
import {
  at,
  policies,
  policy,
  ScriptedWorld,
  stoppingTask,
  task,
  taskNumber,
  theInstance,
} from '../../src/testing/index.ts'
import { minutes, seconds } from '../../src/time/instant.ts'

/** A story as the deliveries it consists of; the world changes between them. */
interface Story {
  readonly title: string
  readonly world: () => ScriptedWorld
  readonly deliveries: ReadonlyArray<(world: ScriptedWorld) => ReadonlyArray<Notice>>
}

const later = (duration: number, then: (world: ScriptedWorld) => ReadonlyArray<Notice>) => (world: ScriptedWorld) => {
  world.advance(duration)
  return then(world)
}

/** All messages that are on their way and due by now. */
const due = (world: ScriptedWorld): ReadonlyArray<Notice> => {
  const ready = world.pending.filter((each) => each.due <= world.now)
  world.pending = world.pending.filter((each) => each.due > world.now)
  return ready.map(({ notice }) => notice)
}

const announce = (world: ScriptedWorld): ReadonlyArray<Notice> => {
  world.terminate(1)
  return due(world)
}

const stop =
  (...numbers: ReadonlyArray<number>) =>
  (world: ScriptedWorld): ReadonlyArray<Notice> => {
    for (const n of numbers) world.stop(taskNumber(n))
    return due(world)
  }

const sweep = (): ReadonlyArray<Notice> => [{ type: 'SweepDue' }]

const withTasks = () => {
  const world = new ScriptedWorld()
  world.addInstance(1, [task(1), stoppingTask(2)])
  return world
}

const stories: ReadonlyArray<Story> = [
  {
    title: 'an instance with two tasks',
    world: withTasks,
    deliveries: [announce, later(seconds(6), due), later(seconds(20), stop(2)), later(seconds(20), stop(1))],
  },
  {
    title: 'both tasks stop in one batch',
    world: withTasks,
    deliveries: [announce, later(seconds(6), due), later(seconds(20), stop(1, 2))],
  },
  {
    title: 'an instance without tasks',
    world: () => {
      const world = new ScriptedWorld()
      world.addInstance(1)
      return world
    },
    deliveries: [announce, later(seconds(6), due)],
  },
  {
    title: 'an instance that no cluster knows',
    world: () => new ScriptedWorld(),
    deliveries: [announce, later(seconds(21), due)],
  },
  {
    title: 'a termination that only the sweep finds',
    world: withTasks,
    deliveries: [
      (world) => {
        world.terminate(1, { lost: true })
        return []
      },
      later(seconds(30), sweep),
      later(seconds(6), due),
      later(seconds(20), stop(1, 2)),
    ],
  },
  {
    title: 'a STOPPED event that was lost',
    world: withTasks,
    deliveries: [
      announce,
      later(seconds(6), due),
      later(seconds(6), stop(1)),
      (world) => {
        world.stop(taskNumber(2), { lost: true })
        return []
      },
      later(minutes(5), sweep),
    ],
  },
  {
    title: 'a deadline at which the tasks are stopped',
    world: () => {
      const deadline = { after: seconds(60), choice: 'stop-tasks' } as const
      const world = new ScriptedWorld({ policy: policy({ deadline, stopGrace: seconds(90) }) })
      world.addInstance(1, [task(1), task(2)])
      return world
    },
    deliveries: [announce, later(seconds(6), due), later(seconds(55), due), later(seconds(95), due)],
  },
  {
    title: 'an instance that comes back from its warm pool',
    world: withTasks,
    deliveries: [
      (world) => {
        world.terminate(1, { toWarmPool: true })
        return due(world)
      },
      later(seconds(6), due),
      later(seconds(20), stop(1, 2)),
      later(minutes(60), (world) => [
        {
          type: 'InstanceLaunching',
          instance: theInstance,
          group: world.hooks[0]?.group ?? ('' as never),
          origin: 'WarmPool',
          account: null,
          at: world.now,
        },
      ]),
    ],
  },
]

/**
 * Plays a story. The `crashing`-th delivery dies after so many calls took effect, and is delivered again at once.
 * Whether it died at all is told, so that the loop over all calls knows when it has seen the last.
 */
const play = ({ world: make, deliveries }: Story, crashing: number, afterCalls: number) => {
  const world = make()
  let crashed = false
  deliveries.forEach((delivery, index) => {
    const notices = delivery(world)
    if (notices.length === 0) return
    if (index === crashing) crashed = world.deliver(notices, { stopAfter: afterCalls }).crashed
    if (index !== crashing || crashed) world.deliver(notices)
  })
  return { world, crashed }
}

describe('a crash between any two calls, then the same delivery again, comes to the same end', () => {
  test.each(stories.map((story) => [story.title, story] as const))('%s', (_title, story) => {
    const expected = play(story, -1, 0).world
    let crashes = 0
    story.deliveries.forEach((_, crashing) => {
      for (let afterCalls = 0; ; afterCalls += 1) {
        const { world, crashed } = play(story, crashing, afterCalls)
        if (!crashed) break
        crashes += 1
        expect(ends(world), `delivery ${crashing}, after ${afterCalls} calls`).toEqual(ends(expected))
        expect(world.calls('CompleteLifecycleAction').length).toBeLessThanOrEqual(
          expected.calls('CompleteLifecycleAction').length + 1,
        )
      }
    })
    // The loop did what it is for.
    expect(crashes).toBeGreaterThan(10)
  })
})

/** How it ended. A completion that was repeated may be recorded as "over": its first answer was lost with the crash. */
const ends = (world: ScriptedWorld): unknown =>
  JSON.parse(JSON.stringify(world.summary()).replaceAll('"ending":"over"', '"ending":"completed"'))

describe('of any number of crashes in any deliveries', () => {
  test('none loses an instance, none lets one go early, and all of them come to an end', () => {
    const crashesOfDeliveries = fc.array(fc.integer({ min: 0, max: 12 }), { maxLength: 12 })
    fc.assert(
      fc.property(policies(), crashesOfDeliveries, fc.integer({ min: 0, max: 4 }), (under, crashes, tasks) => {
        const patient = { ...under, deadline: null, sweepEvery: minutes(1), hopsMax: 12 }
        const world = new ScriptedWorld({ policy: patient, latency: 30 })
        world.addInstance(
          1,
          Array.from({ length: tasks }, (_, n) => task(n)),
        )
        world.terminate(1)
        let next = 0
        for (let minute = 1; minute <= 30 && world.drain().phase !== 'ended'; minute += 1) {
          if (minute <= tasks) world.stop(taskNumber(minute - 1))
          while (world.pending.some((each) => each.due <= at(minute * 60))) {
            world.advance(Math.max(0, Math.min(...world.pending.map((each) => each.due)) - world.now))
            deliverCrashing(world, due(world), crashes[next])
            next += 1
          }
          world.advance(Math.max(0, at(minute * 60) - world.now))
          world.sweep()
        }
        expect(world.actions).toMatchObject([{ ended: 'CONTINUE', killed: [] }])
        expect(world.drain()).toEqual(fold(world.events()))
        expect(world.watched()).toEqual([])
      }),
    )
  })
})

const deliverCrashing = (world: ScriptedWorld, notices: ReadonlyArray<Notice>, stopAfter: number | undefined): void => {
  if (stopAfter !== undefined) world.deliver(notices, { stopAfter })
  world.deliver(notices)
}
