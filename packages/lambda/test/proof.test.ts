import { seconds } from '@ecs-drain/core'
import { at, id, instanceNumber, lifecycleAction, ScriptedWorld, task, throttled } from '@ecs-drain/core/testing'
import { describe, expect, test } from 'vitest'
import { termination } from '../../core/test/support/payloads.ts'
import { snsBatch, sqsBatch } from '../../core/test/support/ways.ts'
import { invokedOver } from './support/invoked.ts'

const announced = (fields: Parameters<typeof lifecycleAction>[0] = {}) => termination(lifecycleAction(fields), at(0))

/** The first instance waits for our hook; the second, of a group that is not ours, runs in our cluster. */
const asking = () => {
  const world = new ScriptedWorld()
  world.addInstance(1, [task(1)])
  world.addInstance(2, [task(2)])
  world.terminate(1)
  return { world, ...invokedOver(world, { proveTerminations: true }) }
}

describe('a termination that has to be proved', () => {
  test('is, by a heartbeat on our hook with the id of the instance, and drained in the same invocation', async () => {
    const { world, invoke, values } = asking()
    expect(await invoke(sqsBatch(announced()))).toEqual({ batchItemFailures: [] })
    expect(world.callsToAws()[0]).toBe('RecordLifecycleActionHeartbeat')
    expect(world.calls('RecordLifecycleActionHeartbeat').map(({ action }) => action)).toEqual([
      lifecycleAction({ token: null }),
    ])
    expect(world.instances[0]?.status).toBe('DRAINING')
    // The token is that of the message: the drain completes with it.
    expect(world.drain().action?.token).toBe(lifecycleAction().token)
    expect(values('drainsStarted')).toEqual([1])
  })

  test('drains nothing where no hook of ours holds the instance, whatever token it brings', async () => {
    const { world, invoke } = asking()
    expect(await invoke(sqsBatch(announced({ instance: instanceNumber(2) })))).toEqual({ batchItemFailures: [] })
    expect(await invoke(snsBatch(announced({ instance: instanceNumber(2) })))).toEqual({
      drains: [],
      ignored: ['not-waiting'],
    })
    expect(world.instances.map(({ status }) => status)).toEqual(['ACTIVE', 'ACTIVE'])
    expect(world.watched()).toEqual([])
  })

  test('comes back where Auto Scaling cannot be asked, and the others are handled', async () => {
    const { world, invoke, values } = asking()
    world.terminate(2)
    world.fail('RecordLifecycleActionHeartbeat', throttled)
    const answer = await invoke(sqsBatch(announced(), announced({ instance: instanceNumber(2) })))
    expect(answer).toEqual({ batchItemFailures: [{ itemIdentifier: 'message-0' }] })
    expect(world.instances.map(({ status }) => status)).toEqual(['ACTIVE', 'DRAINING'])
    expect(values('failedMessages')).toEqual([1])
    await expect(invoke(sqsBatch(announced()))).resolves.toEqual({ batchItemFailures: [] })
    expect(world.instances[0]?.status).toBe('DRAINING')
  })

  test('is asked about once where two messages announce it', async () => {
    const { world, invoke } = asking()
    await invoke(sqsBatch(announced(), announced()))
    expect(world.calls('RecordLifecycleActionHeartbeat')).toHaveLength(1)
  })

  test('is not asked about where it is not ours', async () => {
    const { world, invoke } = asking()
    await invoke(sqsBatch(announced({ group: id('batch-hosts') }), announced({ hook: id('backup') })))
    expect(world.callsToAws()).toEqual([])
  })

  test('that was doubted too early is found by the sweep', async () => {
    const { world, invoke } = asking()
    world.fail('RecordLifecycleActionHeartbeat', {
      type: 'Rejected',
      code: 'ValidationError',
      message: 'No active Lifecycle Action found with instance ID i-00000000000000001',
    })
    await invoke(sqsBatch(announced()))
    expect(world.instances[0]?.status).toBe('ACTIVE')
    world.advance(seconds(60))
    await invoke({ 'ecs-drain': 'sweep' })
    expect(world.instances[0]?.status).toBe('DRAINING')
  })
})
