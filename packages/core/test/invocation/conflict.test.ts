import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Answer, Call, CallType, Reply } from '../../src/invocation/call.ts'
import { begin, emptySnapshot, resume, type Step } from '../../src/invocation/invocation.ts'
import type { Observation } from '../../src/observation/observation.ts'
import {
  at,
  event,
  given,
  type Handling,
  lifecycleAction,
  observation,
  policy,
  ScriptedWorld,
  stoppedTask,
  task,
  taskNumber,
  theContainerInstance,
  theStream,
  throttled,
  tokenNumber,
  unavailable,
} from '../../src/testing/index.ts'
import { minutes, seconds } from '../../src/time/instant.ts'

const announced = observation('TerminationAnnounced')

const handle = (world: ScriptedWorld, ...observations: ReadonlyArray<Observation>): Handling =>
  world.handle({ stream: theStream, observations, hops: 0 })

/** An instance whose two tasks have been read and still run. */
const draining = () => {
  const world = new ScriptedWorld()
  world.addInstance(1, [task(1), task(2)])
  world.terminate(1)
  world.settle()
  world.ledger.length = 0
  return world
}

/** What ECS would tell of a task at this moment. */
const seen = (world: ScriptedWorld, n: number): Observation =>
  observation('TaskSeen', { task: world.instances[0]?.tasks.get(taskNumber(n)) ?? task(n) })

const stopped = (n: number) => observation('TaskSeen', { task: stoppedTask(n, { version: 9 }) })

describe('two handlings of one instance at the same time', () => {
  test('the one that loses decides anew, from what the conflict brought, without loading again', () => {
    const world = draining()
    const slow = handle(world, stopped(1))
    slow.run(({ type }) => type === 'AppendToStream')
    handle(world, stopped(2)).run()
    world.ledger.length = 0
    const receipt = slow.run()
    expect(world.calls('LoadStream')).toEqual([])
    const [refused, accepted] = world.calls('AppendToStream').map(({ expectedVersion }) => expectedVersion)
    expect(accepted).toBe((refused ?? 0) + 1)
    expect(receipt).toMatchObject({ failure: null, snapshot: { drain: world.drain() } })
    expect(world.drain().remaining).toBe(0)
  })

  test('and writes nothing where the other has already written it', () => {
    const world = draining()
    const slow = handle(world, stopped(1))
    slow.run(({ type }) => type === 'AppendToStream')
    handle(world, stopped(1)).run()
    expect(slow.run()).toMatchObject({ failure: null, written: [] })
    expect(world.events().filter(({ type }) => type === 'TaskSeen')).toHaveLength(1)
  })

  test('the one that loses pursues what the other left undone', () => {
    const world = new ScriptedWorld()
    world.addInstance(1, [task(1)])
    world.terminate(1)
    const slow = handle(world, announced)
    slow.run(({ type }) => type === 'AppendToStream')
    // The other one writes and dies before it does anything.
    const other = handle(world, announced)
    other.run(({ type }) => type === 'ListContainerInstances')
    expect(slow.run()?.failure).toBeNull()
    expect(world.drain()).toMatchObject({ phase: 'draining' })
  })

  test('both completing: one completion takes effect and the drain has ended once', () => {
    const world = draining()
    world.advance(6_000)
    for (const n of [1, 2]) world.change(stoppedTask(n, { version: 9 }))
    const one = handle(world, stopped(1), stopped(2))
    const other = handle(world, stopped(1), stopped(2))
    one.run(({ type }) => type === 'CompleteLifecycleAction')
    other.run(({ type }) => type === 'CompleteLifecycleAction')
    one.run(({ type }) => type === 'AppendToStream')
    expect(other.run()?.failure).toBeNull()
    expect(one.run()?.failure).toBeNull()
    expect(world.events().filter(({ type }) => type === 'CompletionDecided')).toHaveLength(1)
    expect(world.actions).toMatchObject([{ ended: 'CONTINUE', killed: [] }])
    expect(world.drain().phase).toBe('ended')
  })

  test('whose readings take longer than the settle time do not put off each other without end', () => {
    const world = new ScriptedWorld()
    world.addInstance(1)
    world.terminate(1)
    const handlings = [1, 2, 3].map(() => handle(world, announced))
    for (let turn = 0; turn < 250 && world.drain().phase !== 'ended'; turn += 1) {
      const [next] = handlings.splice(0, 1) as [Handling]
      next.step()
      world.advance(seconds(3))
      handlings.push(next.call() === null ? handle(world, observation('TimePassed')) : next)
    }
    expect(world.actions).toMatchObject([{ ended: 'CONTINUE' }])
  })

  test('a notice that loses to a sweep which found the same termination still tells its token', () => {
    const world = new ScriptedWorld()
    world.addInstance(1, [task(1)])
    world.terminate(1)
    world.pending = []
    const slow = handle(world, announced)
    slow.run(({ type }) => type === 'AppendToStream')
    handle(world, observation('TerminationAnnounced', { action: lifecycleAction({ token: null }) })).run()
    expect(world.drain()).toMatchObject({ phase: 'draining', tokens: [] })
    slow.run()
    expect(world.drain()).toMatchObject({ phase: 'draining', tokens: [tokenNumber(1)] })
  })

  test('an outcome of an old drain means nothing to the one that superseded it', () => {
    const world = draining()
    const slow = handle(world, observation('SweptWaiting'))
    slow.run(({ type }) => type === 'DescribeTasks')
    const second = lifecycleAction({ token: tokenNumber(2) })
    handle(world, observation('TerminationAnnounced', { action: second, announcedAt: at(60) })).run(
      ({ type }) => type === 'ListContainerInstances',
    )
    slow.run()
    expect(world.drain()).toMatchObject({ action: second })
  })

  test('that the action of an old drain is over does not end the one that superseded it', () => {
    const world = draining()
    // Nobody has come by for longer than the hook waits.
    world.advance(minutes(16))
    const slow = handle(world, observation('TimePassed'))
    slow.run(({ type }) => type === 'RecordLifecycleActionHeartbeat')
    slow.step()
    expect(slow.call()).toMatchObject({ events: [{ type: 'LifecycleActionOver' }] })
    // Before that is written the instance is terminated anew, and whoever handles its notice dies at once.
    world.deliver([world.terminate(1)], { stopAfter: 2 })
    slow.run()
    world.settle()
    expect(world.actions).toMatchObject([{ ended: 'expired' }, { ended: null }])
    expect(world.drain()).toMatchObject({ phase: 'draining', action: { token: tokenNumber(2) } })
  })

  test('that it was set ACTIVE after a stay in its warm pool is told to the drain that has begun since', () => {
    const world = new ScriptedWorld()
    world.addInstance(1)
    world.terminate(1, { toWarmPool: true })
    world.settle()
    world.advance(minutes(10))
    const slow = handle(world, observation('ReturnedToService', { returnedAt: world.now }))
    slow.run(({ type }) => type === 'UpdateContainerInstancesState')
    world.place(1, task(1))
    world.deliver([world.terminate(1, { lost: true })])
    expect(world.drain()).toMatchObject({ phase: 'draining' })
    slow.run()
    expect(world.events()).toContainEqual({ type: 'DrainingUndone', at: world.now })
    expect(world.instances).toMatchObject([{ status: 'DRAINING' }])
  })

  test('two that looked for a container instance at the same time have not looked twice', () => {
    const world = new ScriptedWorld()
    world.terminate(1, { lost: true })
    world.fail('ListContainerInstances', throttled)
    handle(world, announced).run()
    world.advance(seconds(2))
    const [slow, other] = [handle(world, observation('TimePassed')), handle(world, observation('TimePassed'))]
    slow.run(({ type }) => type === 'ListContainerInstances')
    slow.step()
    other.run()
    // Its agent registers the instance, and only then the slow one gets to write that it was not there.
    world.addInstance(1, [task(1)])
    world.advance(policy().notFoundGrace)
    slow.run()
    world.settle()
    expect(world.actions).toMatchObject([{ ended: null }])
    expect(world.drain()).toMatchObject({ phase: 'draining' })
  })
})

describe('without the event store nothing is done', () => {
  test('a stream that cannot be loaded: the receipt says failed, and no other call was made', () => {
    const world = new ScriptedWorld()
    world.addInstance(1, [task(1)])
    world.terminate(1)
    world.fail('LoadStream', unavailable)
    expect(handle(world, announced).run()).toMatchObject({ failure: unavailable, written: [] })
    expect(world.callsToAws()).toEqual([])
  })

  test('a decision that cannot be written is not acted on', () => {
    const world = new ScriptedWorld()
    world.addInstance(1, [task(1)])
    world.terminate(1)
    world.fail('AppendToStream', unavailable)
    expect(handle(world, announced).run()).toMatchObject({ failure: unavailable, written: [] })
    expect(world.callsToAws()).toEqual([])
    expect(world.instances[0]?.status).toBe('ACTIVE')
  })

  test('an append whose answer was lost is found in the stream, and is not written twice', () => {
    const world = new ScriptedWorld()
    world.addInstance(1, [task(1)])
    world.terminate(1)
    world.fail('AppendToStream', unavailable, { takesEffect: true })
    expect(handle(world, announced).run()?.failure).toEqual(unavailable)
    expect(handle(world, announced).run()?.failure).toBeNull()
    expect(world.events().filter(({ type }) => type === 'DrainRequested')).toHaveLength(1)
  })
})

describe('an old snapshot', () => {
  test('loads only what is newer, and ends the same', () => {
    const world = draining()
    const first = handle(world, stopped(1)).run()
    const known = first?.snapshot ?? emptySnapshot
    handle(world, observation('SweptWaiting')).run()
    const step = begin({ stream: theStream, observations: [observation('TimePassed')], hops: 0 }, known)
    if (step.type === 'done') throw new Error('done without loading')
    expect(step.call).toEqual({ type: 'LoadStream', stream: theStream, after: known.version })
    const next = resume(step.invocation, world.answer(step.call), world.policy)
    expect(next).toMatchObject({ type: 'done', receipt: { snapshot: { drain: world.drain() } } })
  })
})

describe('commits that are known already', () => {
  test('are not folded a second time, whoever shows them', () => {
    const failed = event('EffectFailed', 2, { effect: 'FindContainerInstance', retryAt: at(90) })
    const known = { version: 2, drain: given(event('DrainRequested', 0), failed).drain }
    const { invocation } = begin({ stream: theStream, observations: [], hops: 0 }, known) as Extract<
      Step,
      { type: 'call' }
    >
    const shown = [
      { version: 2, events: [failed] },
      { version: 3, events: [event('LifecycleActionHeartbeatRecorded', 3)] },
    ]
    const step = resume(invocation, { type: 'answered', at: at(4), answer: shown }, policy())
    if (step.type === 'done') throw new Error('the hook was to be described')
    expect(step.invocation.known).toMatchObject({ version: 3, drain: { failures: [{ attempts: 1 }] } })
  })
})

describe('a world in which every effect brings the next', () => {
  test('is given up after two thousand of them, and the messages come back', () => {
    const failure = { type: 'Unavailable', message: 'more than 2000 effects owed at once' }
    let step: Step = begin({ stream: theStream, observations: [announced], hops: 0 })
    let calls = 0
    // An hour goes by with each call, and the container instance is lost whenever it was found.
    for (; step.type === 'call' && calls < 20_000; calls += 1) {
      const reply: Reply = { type: 'answered', at: at(3_600 * calls), answer: neverTheSame(step.call) }
      step = resume(step.invocation, reply, policy())
    }
    expect(step).toMatchObject({ type: 'done', receipt: { failure } })
    expect(calls).toBeGreaterThan(2_000)
  })
})

const neverTheSame = (call: Call): Answer<CallType> => {
  switch (call.type) {
    case 'AppendToStream':
      return { type: 'appended' }
    case 'ListContainerInstances':
      return { items: [theContainerInstance], nextToken: null }
    case 'UpdateContainerInstancesState':
      return { containerInstances: [], failures: [{ arn: theContainerInstance, reason: 'MISSING' }] }
    default:
      return []
  }
}

describe('S5: of any interleaving of four handlings', () => {
  test('the stream is enough, nothing is completed early, and at most one answer takes effect', () => {
    const turns = fc.array(fc.integer({ min: 0, max: 3 }), { maxLength: 160 })
    const stops = fc.integer({ min: 0, max: 60 })
    fc.assert(
      fc.property(turns, stops, fc.integer({ min: 0, max: 60 }), (order, firstStop, secondStop) => {
        const world = new ScriptedWorld({ latency: 100 })
        world.addInstance(1, [task(1), task(2)])
        world.terminate(1)
        const make = [
          () => handle(world, announced),
          () => handle(world, seen(world, 1)),
          () => handle(world, observation('SweptWaiting')),
          () => handle(world, observation('TimePassed'), seen(world, 2)),
        ]
        const running = make.map((start) => start())
        order.forEach((who, turn) => {
          if (turn === firstStop) world.change(stoppedTask(1, { version: 9 }))
          if (turn === secondStop) world.change(stoppedTask(2, { version: 9 }))
          const current = running[who]
          if (current?.call() === null) running[who] = make[who]?.() ?? current
          else current?.step()
        })
        for (const handling of running) {
          const receipt = handling.run()
          expect(receipt?.failure).toBeNull()
        }
        const decided = world.events().filter(({ type }) => type === 'CompletionDecided')
        expect(decided.length).toBeLessThanOrEqual(1)
        expect(world.actions[0]?.killed).toEqual([])
        // It comes to its end, whatever these four did.
        for (const n of [1, 2]) world.change(stoppedTask(n, { version: 9 }))
        world.settle()
        world.sweep()
        world.settle()
        expect(world.actions).toMatchObject([{ ended: 'CONTINUE', killed: [] }])
        expect(world.drain().phase).toBe('ended')
      }),
    )
  })
})
