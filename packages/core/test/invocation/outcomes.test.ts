import { describe, expect, test } from 'vitest'
import type { Effect } from '../../src/effect/effect.ts'
import type { Answer, CallType } from '../../src/invocation/call.ts'
import { type Carrying, carryOn, carryOnAfter, startCarrying } from '../../src/invocation/carry-out.ts'
import type { Failure } from '../../src/observation/failure.ts'
import {
  at,
  containerInstanceNumber,
  id,
  lifecycleAction,
  noActiveAction,
  taskNumber,
  theCluster,
  theContainerInstance,
  throttled,
} from '../../src/testing/index.ts'

const place = { cluster: theCluster, containerInstance: theContainerInstance } as const
const setDraining: Effect = { type: 'SetDraining', ...place }
const read: Effect = { type: 'ReadTasks', scope: 'all', remaining: [], stopped: [], ...place }
const heartbeat: Effect = { type: 'RecordHeartbeat', action: lifecycleAction() }
const complete: Effect = { type: 'CompleteLifecycleAction', action: lifecycleAction(), result: 'CONTINUE' }
const stop: Effect = { type: 'StopTask', cluster: theCluster, task: taskNumber(3), reason: 'because' }
const describeHook: Effect = { type: 'DescribeLifecycleHook', action: lifecycleAction() }

const carrying = (effect: Effect): Carrying => startCarrying(effect, at(0))
const answered = (effect: Effect, answer: Answer<CallType>): unknown => {
  const carried = carryOn(carrying(effect), answer)
  return carried.type === 'outcome' ? carried.outcome : carried
}

const outcomeAfter = (effect: Effect, failure: Failure): unknown => {
  const carried = carryOnAfter(carrying(effect), failure)
  return carried.type === 'outcome' ? carried.outcome : carried
}

describe('a call that fails', () => {
  const notFound: Failure = { type: 'NotFound', message: 'The referenced container instance was not found.' }

  test('is a failure of its effect, with the task that it was about', () => {
    expect(outcomeAfter(setDraining, throttled)).toEqual({
      type: 'EffectFailed',
      effect: 'SetDraining',
      task: null,
      failure: throttled,
    })
    expect(outcomeAfter(stop, throttled)).toMatchObject({ effect: 'StopTask', task: taskNumber(3) })
  })

  test('because no answer came in time, may have worked or not, and is a failure all the same', () => {
    const noAnswer: Failure = { type: 'TimedOut', message: 'no answer in time' }
    for (const effect of [setDraining, read, heartbeat, complete, stop, describeHook]) {
      expect(outcomeAfter(effect, noAnswer)).toMatchObject({ type: 'EffectFailed', effect: effect.type })
    }
  })

  test('because ECS does not know the container instance whose tasks are listed, says that it is lost', () => {
    expect(outcomeAfter(read, notFound)).toEqual({ type: 'ContainerInstanceLost', reason: notFound.message })
    expect(outcomeAfter(read, throttled)).toMatchObject({ type: 'EffectFailed', effect: 'ReadTasks' })
  })

  test('because ECS does not know the container instance that is to be set DRAINING, says so as well', () => {
    expect(outcomeAfter(setDraining, notFound)).toEqual({ type: 'ContainerInstanceLost', reason: notFound.message })
  })

  test('because ECS does not know the one that is to be set ACTIVE, says so too', () => {
    const setActive: Effect = { type: 'SetActive', ...place }
    expect(outcomeAfter(setActive, notFound)).toEqual({ type: 'ContainerInstanceLost', reason: notFound.message })
  })

  test('because the group does not exist, says that no action of it is active', () => {
    const noGroup: Failure = { type: 'NotFound', message: 'AutoScalingGroup name not found' }
    expect(outcomeAfter(heartbeat, noGroup)).toEqual({ type: 'LifecycleActionNotActive', of: 'heartbeat' })
    expect(outcomeAfter(complete, noGroup)).toEqual({ type: 'LifecycleActionNotActive', of: 'completion' })
  })

  test('because something else is not found, is a failure like another', () => {
    expect(outcomeAfter(stop, notFound)).toMatchObject({ type: 'EffectFailed', failure: notFound })
    // Tasks are described by name: what is not found then is their cluster.
    const look: Effect = { ...read, scope: 'known', remaining: [taskNumber(1)] }
    expect(outcomeAfter(look, notFound)).toMatchObject({ type: 'EffectFailed', failure: notFound })
  })

  test('because no lifecycle action is active, says of which call', () => {
    expect(outcomeAfter(heartbeat, noActiveAction)).toEqual({
      type: 'LifecycleActionNotActive',
      of: 'heartbeat',
    })
    expect(outcomeAfter(complete, noActiveAction)).toEqual({
      type: 'LifecycleActionNotActive',
      of: 'completion',
    })
    // Only Auto Scaling's own refusal is one, whatever another failure has to say.
    expect(outcomeAfter(complete, { ...throttled, message: noActiveAction.message })).toMatchObject({
      type: 'EffectFailed',
    })
  })
})

describe('R3: an answer of HTTP 200', () => {
  const containerInstance = {
    arn: theContainerInstance,
    ec2InstanceId: null,
    status: 'DRAINING',
    agentConnected: true,
    registeredAt: at(0),
  }
  const others = containerInstanceNumber(2)

  test.each([
    ['', []],
    [', that its agent has left behind', [others]],
  ])('whose failures[] says that ours is MISSING, after another’s%s, means that it is lost', (_which, leftBehind) => {
    const failures = [
      { arn: others, reason: 'ACCESS' },
      { arn: theContainerInstance, reason: 'MISSING' },
    ]
    expect(answered({ ...setDraining, leftBehind }, { containerInstances: [], failures })).toEqual({
      type: 'ContainerInstanceLost',
      reason: 'MISSING',
    })
  })

  test('that says INACTIVE, as a status or as a failure, means that it is lost as well', () => {
    const inactive = [{ ...containerInstance, status: 'INACTIVE' }]
    const failures = [{ arn: theContainerInstance, reason: 'INACTIVE' }]
    const lost = { type: 'ContainerInstanceLost', reason: 'INACTIVE' }
    expect(answered(setDraining, { containerInstances: inactive, failures: [] })).toEqual(lost)
    expect(answered(setDraining, { containerInstances: [], failures })).toEqual(lost)
  })

  test('with a failure for another reason is refused, and says which', () => {
    const failures = [{ arn: theContainerInstance, reason: 'ACCESS' }]
    expect(answered(setDraining, { containerInstances: [], failures })).toMatchObject({
      type: 'EffectFailed',
      failure: { type: 'Rejected', code: 'ACCESS', message: `${theContainerInstance}: ACCESS` },
    })
  })

  test('is no refusal of one that its agent has left behind where that is gone, and is one for any other reason', () => {
    const said = (reason: string, status = 'DRAINING') =>
      answered(
        { ...setDraining, leftBehind: [others] },
        {
          containerInstances: [containerInstance, { ...containerInstance, arn: others, status }],
          failures: reason === '' ? [] : [{ arn: others, reason }],
        },
      )
    for (const gone of [said('MISSING'), said('INACTIVE'), said('', 'INACTIVE'), said('')])
      expect(gone).toMatchObject({ type: 'ContainerInstanceDrains' })
    expect(said('BUSY')).toMatchObject({ type: 'EffectFailed', failure: { code: 'BUSY', message: `${others}: BUSY` } })
    expect(said('', 'ACTIVE')).toMatchObject({
      type: 'EffectFailed',
      failure: { message: 'asked for DRAINING, the answer says ACTIVE' },
    })
  })

  test('that shows another status than was asked for is not believed', () => {
    const active = [{ ...containerInstance, status: 'ACTIVE' }]
    expect(answered(setDraining, { containerInstances: active, failures: [] })).toMatchObject({
      type: 'EffectFailed',
      failure: { type: 'Unavailable', message: 'asked for DRAINING, the answer says ACTIVE' },
    })
    expect(answered(setDraining, { containerInstances: [], failures: [] })).toMatchObject({
      failure: { message: 'asked for DRAINING, the answer says nothing' },
    })
    const ofAnother = [{ ...containerInstance, arn: others }]
    expect(answered(setDraining, { containerInstances: ofAnother, failures: [] })).toMatchObject({
      type: 'EffectFailed',
    })
    expect(answered(setDraining, { containerInstances: [containerInstance], failures: [] })).toEqual({
      type: 'ContainerInstanceDrains',
      agentConnected: true,
    })
  })

  test('without the hook that was asked for says that there is none', () => {
    expect(answered(describeHook, [])).toMatchObject({
      type: 'EffectFailed',
      effect: 'DescribeLifecycleHook',
      failure: { type: 'NotFound', message: 'no lifecycle hook drain' },
    })
  })

  test('with other hooks beside the one that was asked for is read for that one', () => {
    const hook = { transition: '', heartbeatTimeout: 1, globalTimeout: 2, defaultResult: 'ABANDON' } as const
    const { hook: name } = lifecycleAction()
    expect(
      answered(describeHook, [
        { ...hook, name: id('another') },
        { ...hook, name, heartbeatTimeout: 3 },
      ]),
    ).toMatchObject({ type: 'LifecycleHookSeen', heartbeatTimeout: 3 })
  })
})
