// Whoever runs a batch may be ended in the midst of it, as Lambda ends a function. It says when that is near.
import { describe, expect, test } from 'vitest'
import { createDrainController } from '../../src/application/drain-controller.ts'
import { handleBatch } from '../../src/application/handle-batch.ts'
import { drainPolicy } from '../../src/drain/drain-policy.ts'
import { decodeEnvelope } from '../../src/envelope/decode-envelope.ts'
import { encodeWakeUp } from '../../src/envelope/wake-up.ts'
import type { CallType } from '../../src/invocation/call.ts'
import type { JournalEntry } from '../../src/port/journal-entry.ts'
import {
  at,
  id,
  lifecycleAction,
  ScriptedWorld,
  stoppedTask,
  task,
  theCluster,
  theGroup,
  theHook,
  theStream,
} from '../../src/testing/index.ts'
import { taskStateChange, termination } from '../support/payloads.ts'
import { portsOver } from '../support/ports-over.ts'
import { sqsBatch } from '../support/ways.ts'

const policy = drainPolicy({ hooks: [{ name: theHook, groups: [theGroup] }], clusters: [theCluster], spreadReads: 0 })
const notice = () => termination(lifecycleAction(), at(0))
const timedOut = { type: 'TimedOut', message: 'no answer' } as const

const waiting = (): ScriptedWorld => {
  const world = new ScriptedWorld()
  world.addInstance(1, [task(1)])
  world.terminate(1)
  return world
}

/** Handles a batch whose time is up when a call of that type has come back. */
const handledUntil = (world: ScriptedWorld, type: CallType, ...bodies: ReadonlyArray<string>) => {
  const isTimeUp = () => world.calls(type).length > 0
  return handleBatch(portsOver(world), policy, isTimeUp)(decodeEnvelope(sqsBatch(...bodies)))()
}

describe('when the time is up', () => {
  test('what a call came to is recorded, no other is begun, and the message comes back', async () => {
    const world = waiting()
    const handled = await handledUntil(world, 'UpdateContainerInstancesState', notice())
    expect(world.ledger.slice(-2).map(({ call }) => call.type)).toEqual([
      'UpdateContainerInstancesState',
      'AppendToStream',
    ])
    expect(world.drain()).toMatchObject({ phase: 'draining', hook: null })
    expect(handled.failed).toEqual([{ id: 'message-0', failure: expect.objectContaining({ type: 'TimedOut' }) }])
    expect(handled.receipts[0]?.written.at(-1)).toMatchObject({ type: 'ContainerInstanceDraining' })
  })

  test('a call that failed is not held against AWS: it is owed at once when the message is back', async () => {
    const world = waiting()
    world.fail('UpdateContainerInstancesState', timedOut)
    const handled = await handledUntil(world, 'UpdateContainerInstancesState', notice())
    expect(world.events().map(({ type }) => type)).not.toContain('EffectFailed')
    expect(handled.failed).toMatchObject([{ id: 'message-0' }])
    await handleBatch(portsOver(world), policy)(decodeEnvelope(sqsBatch(notice())))()
    expect(world.drain().phase).toBe('draining')
  })

  test('the messages of instances that were handled by then do not come back', async () => {
    const world = waiting()
    world.addInstance(2, [task(2), task(3)])
    const { action } = world.terminate(2) as Extract<
      ReturnType<ScriptedWorld['terminate']>,
      { type: 'InstanceTerminating' }
    >
    await handleBatch(portsOver(world), policy)(decodeEnvelope(sqsBatch(termination(action, at(0)))))()
    const arn = world.instances[1]?.arn
    world.ledger.length = 0
    const stopped = taskStateChange(stoppedTask(2), arn)
    const foreign = termination(lifecycleAction({ hook: id('foreign') }), at(0))
    const handled = await handledUntil(world, 'UpdateContainerInstancesState', stopped, notice(), foreign)
    expect(handled.failed).toMatchObject([{ id: 'message-1' }])
    expect(world.drain(2)).toMatchObject({ phase: 'draining' })
  })

  test('the promise style is told of it as well', async () => {
    const world = waiting()
    const isTimeUp = () => world.calls('UpdateContainerInstancesState').length > 0
    const controller = createDrainController({ ...portsOver(world), policy, isTimeUp })
    const { batchItemFailures } = await controller.handle(sqsBatch(notice()))
    expect(batchItemFailures).toEqual([{ itemIdentifier: 'message-0' }])
    expect(world.drain()).toMatchObject({ phase: 'draining', hook: null })
  })

  test('before it is known whom a message is about, it comes back without a call', async () => {
    const world = waiting()
    const handle = handleBatch(portsOver(world), policy, () => true)
    const sweep = JSON.stringify({ 'ecs-drain': 'sweep' })
    const handled = await handle(decodeEnvelope(sqsBatch(taskStateChange(stoppedTask(1)), sweep, notice())))()
    expect(new Set(handled.failed.map(({ id: message }) => message))).toEqual(
      new Set(['message-0', 'message-1', 'message-2']),
    )
    expect(world.ledger).toEqual([])
  })
})

test('R13: the journal has what is recorded as it is recorded, whatever becomes of the batch', async () => {
  const world = waiting()
  const entries: Array<JournalEntry> = []
  const ports = portsOver(world, entries)
  const never = () => () => new Promise<never>(() => undefined)
  const handle = handleBatch({ ...ports, cluster: { ...ports.cluster, updateContainerInstancesState: never } }, policy)
  void handle(decodeEnvelope(sqsBatch(notice(), encodeWakeUp(theStream, 1))))()
  await new Promise((resolve) => setTimeout(resolve, 10))
  const { token: drain } = lifecycleAction()
  expect(entries).toMatchObject([
    { type: 'recorded', stream: theStream, drain, version: 1, event: { type: 'DrainRequested' } },
    { type: 'recorded', stream: theStream, drain, version: 2, event: { type: 'LifecycleActionHeartbeatRecorded' } },
    { type: 'recorded', stream: theStream, drain, version: 3, event: { type: 'ContainerInstanceFound' } },
  ])
  expect(world.events()).toHaveLength(3)
})
