import { describe, expect, test } from 'vitest'
import type { AutoScalingGroupName, ClusterName, LifecycleHookName } from '../../src/identity/ids.ts'
import {
  accessDenied,
  at,
  id,
  policy,
  ScriptedWorld,
  task,
  taskNumber,
  theCluster,
  theHook,
} from '../../src/testing/index.ts'

const team: ClusterName = id('team-a')
const anotherHook: LifecycleHookName = id('another-hook')
const teamsTask = taskNumber(1, team)

/** An instance of a cluster that only the hook's metadata names, whose notice was lost. */
const lost = (metadata: string | null, metadataClusters: ReadonlyArray<string> = ['team-*']) => {
  const world = new ScriptedWorld({ policy: policy({ metadataClusters }) })
  const [hook] = world.hooks
  if (hook !== undefined) world.hooks[0] = { ...hook, notificationMetadata: metadata }
  world.addInstance(1, [task(1, { arn: teamsTask })], { cluster: team })
  world.terminate(1, { lost: true })
  return world
}

describe("R2, R12: a sweep looks in the cluster that the hook's metadata names", () => {
  test('as the lost notice would have said', () => {
    const world = lost('{"cluster":"team-a"}')
    world.sweep()
    world.settle()
    expect(world.drain()).toMatchObject({ phase: 'draining', remaining: 1, containerInstance: { cluster: team } })
    world.stop(teamsTask)
    world.settle()
    expect(world.actions).toMatchObject([{ ended: 'CONTINUE', killed: [] }])
  })

  test.each([
    ['where others may be named', ['team-*']],
    ['where none may be named', []],
  ])('in none when that cluster is not ours, %s: its host is neither held nor let go', (_what, metadataClusters) => {
    const world = lost('{"cluster":"payments"}', metadataClusters)
    world.sweep()
    world.settle()
    expect(world.drain().phase).toBe('idle')
    expect(world.actions).toMatchObject([{ ended: null, heartbeatAt: at(0) }])
    expect(world.callsToAws()).toEqual(['DescribeAutoScalingGroups', 'DescribeLifecycleHooks'])
  })

  test('in those of the policy when it names none', () => {
    const world = lost(null)
    world.sweep()
    expect(world.drain().clusters).toEqual([theCluster])
  })

  test('and waits for the next sweep when the hook cannot be asked', () => {
    const world = lost('{"cluster":"team-a"}')
    world.fail('DescribeLifecycleHooks', accessDenied)
    expect(world.sweep().itinerary?.failed).toEqual([{ from: 0, failure: accessDenied }])
    expect(world.drain().phase).toBe('idle')
    world.sweep()
    expect(world.drain().clusters).toEqual([team])
  })

  test('and asks each hook once, however many instances wait for it', () => {
    const world = lost(null)
    for (const n of [2, 3]) {
      world.addInstance(n, [task(n)])
      world.terminate(n, { lost: true })
    }
    world.sweep()
    const types = world.ledger.map(({ call }) => call.type)
    expect(types.slice(0, types.indexOf('LoadStream'))).toEqual([
      'ListWatchedStreams',
      'DescribeAutoScalingGroups',
      'DescribeLifecycleHooks',
      'RecordLifecycleActionHeartbeat',
      'RecordLifecycleActionHeartbeat',
      'RecordLifecycleActionHeartbeat',
    ])
    expect(world.watched()).toHaveLength(3)
  })

  test('and asks the hook of every group', () => {
    const groups = [id<AutoScalingGroupName>('a'), id<AutoScalingGroupName>('b')]
    const world = new ScriptedWorld({ policy: policy({ hooks: [{ name: theHook, groups }] }) })
    groups.forEach((group, index) => {
      world.addInstance(index + 1, [task(index + 1)])
      world.terminate(index + 1, { group, lost: true })
    })
    world.sweep()
    const asked = world.calls('DescribeLifecycleHooks').slice(0, 2)
    expect(new Set(asked.map(({ group }) => group))).toEqual(new Set(groups))
    expect(world.watched()).toHaveLength(2)
  })

  test('and not in one that another hook of the group names', () => {
    const world = lost('{"cluster":"team-a"}')
    const ours = world.hooks[0]
    if (ours === undefined) throw new Error('no hook')
    world.answerWith('DescribeLifecycleHooks', () => [
      { ...ours, name: anotherHook, notificationMetadata: '{"cluster":"team-b"}' },
      ours,
    ])
    world.sweep()
    expect(world.drain().clusters).toEqual([team])
  })

  test('and asks each of several hooks of ours on one group', () => {
    const hooks = [anotherHook, theHook].map((name) => ({ name, groups: null }))
    const world = new ScriptedWorld({ policy: policy({ hooks, metadataClusters: ['team-*'] }) })
    const [hook] = world.hooks
    if (hook === undefined) throw new Error('no hook')
    world.answerWith('DescribeLifecycleHooks', ({ hook: name }) => [
      { ...hook, name, notificationMetadata: name === theHook ? '{"cluster":"team-a"}' : '{"cluster":"payments"}' },
    ])
    world.addInstance(1, [task(1, { arn: teamsTask })], { cluster: team })
    world.terminate(1, { lost: true })
    world.sweep()
    expect(world.drain().clusters).toEqual([team])
  })

  test('and where a hook is there no more, nobody waits for it', () => {
    const world = lost(null)
    world.addInstance(2, [task(2)])
    world.terminate(2, { lost: true })
    world.fail('DescribeLifecycleHooks', { type: 'NotFound', message: 'AutoScalingGroup name not found' })
    world.sweep()
    expect(world.callsToAws()).toEqual(['DescribeAutoScalingGroups', 'DescribeLifecycleHooks'])
  })

  test('and where one of a hook is of no cluster of ours, so is every other', () => {
    const world = lost('{"cluster":"payments"}')
    world.addInstance(2, [task(2)])
    world.terminate(2, { lost: true })
    world.sweep()
    expect(world.callsToAws()).toEqual(['DescribeAutoScalingGroups', 'DescribeLifecycleHooks'])
  })
})
