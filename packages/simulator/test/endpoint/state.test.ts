// What the state tells is the truth of the moment: of hosts, tasks, hooks and queues that are there, and of no others.
import { CompleteLifecycleActionCommand } from '@aws-sdk/client-auto-scaling'
import { describe, expect, test } from 'vitest'
import type { Endpoint, StateView } from '../../src/endpoint.ts'
import { type Served, serve } from './served.ts'

test('the state tells clusters, groups, queues and the killed', async () => {
  const served = await serve({ groups: [{ hooks: [{ name: 'drain' }] }] })
  served.endpoint.act({ do: 'terminate-instance', old: 0 })
  const { status, text } = await served.control('state')
  const state = JSON.parse(text) as StateView
  expect([status, state]).toEqual([200, served.endpoint.state()])
  const { clusters, groups, queues, killed, now } = state
  expect([now, killed]).toEqual(['2026-03-02T08:00:00.000Z', []])
  expect(clusters).toHaveLength(1)
  expect(clusters[0]).toMatchObject({ name: 'cluster', services: [{ name: 'web', desired: 4, floor: 4, running: 4 }] })
  expect(clusters[0]?.containerInstances[1]).toEqual({
    arn: expect.stringMatching(/^arn:aws:ecs:eu-west-1:123456789012:container-instance\/cluster\/[0-9a-f]{32}$/),
    ec2InstanceId: expect.stringMatching(/^i-[0-9a-f]{17}$/),
    status: 'ACTIVE',
    agentConnected: true,
    tasks: [1, 2].map(() => ({
      arn: expect.stringMatching(/:task\/cluster\/[0-9a-f]{32}$/),
      group: 'service:web',
      lastStatus: 'RUNNING',
      desiredStatus: 'RUNNING',
    })),
  })
  expect(groups[0]).toMatchObject({
    name: 'group',
    hooks: [{ name: 'drain', heartbeatTimeoutSeconds: 900, defaultResult: 'CONTINUE' }],
  })
  expect(groups[0]?.instances.map(({ lifecycleState }) => lifecycleState)).toEqual(['Terminating:Wait', 'InService'])
  expect(groups[0]?.instances.map(({ lifecycleActionToken }) => lifecycleActionToken)).toEqual([
    expect.stringMatching(/^[0-9a-f-]{36}$/),
    undefined,
  ])
  expect(queues.map(({ name, url, visible }) => [name, url, visible])).toEqual([
    ['ecs-drain-inbox', served.endpoint.inboxUrl, 0],
    ['ecs-drain-dead-letters', served.endpoint.deadLettersUrl, 0],
  ])
})

const containerInstancesOf = (endpoint: Endpoint) => endpoint.state().clusters[0]?.containerInstances ?? []
const tasksOf = (endpoint: Endpoint) => containerInstancesOf(endpoint).flatMap(({ tasks }) => tasks)
const serviceOf = (endpoint: Endpoint) => endpoint.state().clusters[0]?.services[0]
const groupOf = (endpoint: Endpoint) => endpoint.state().groups[0]

test('the state is that of the present, to the fraction of a second', async () => {
  const { endpoint } = await serve()
  endpoint.advance(1.5)
  expect(endpoint.state()).toMatchObject({ seconds: 1.5, now: '2026-03-02T08:00:01.500Z' })
})

describe('the state shows', () => {
  test('no container instance that is not registered yet, or no longer', async () => {
    const { endpoint } = await serve({
      groups: [{ hooks: [] }],
      parameters: { 'ec2.boot': 100, 'ecs.noticesDeadHost': 10, 'autoscaling.healthCheck': 10 },
    })
    const [killed] = containerInstancesOf(endpoint)
    endpoint.act({ do: 'kill-instance', instance: killed?.ec2InstanceId })
    endpoint.advance(50)
    const { instances = [] } = groupOf(endpoint) ?? {}
    expect(instances.map(({ lifecycleState }) => lifecycleState)).toEqual(['InService', 'Pending'])
    expect(containerInstancesOf(endpoint).map(({ ec2InstanceId }) => ec2InstanceId)).toEqual([instances[0]?.instanceId])
  })

  test('as running what runs, and not what ECS takes to be running on a host that is dead', async () => {
    const { endpoint } = await serve({ parameters: { 'ecs.noticesDeadHost': 100 } })
    endpoint.act({ do: 'kill-instance', old: 0 })
    expect(serviceOf(endpoint)).toMatchObject({ desired: 4, running: 2 })
    expect(tasksOf(endpoint).filter(({ lastStatus }) => lastStatus === 'RUNNING')).toHaveLength(4)
  })

  test('a task from when it is on its instance, and counts it from when it runs', async () => {
    const { endpoint } = await serve({
      parameters: { 'scheduler.reaction': 0, 'scheduler.placementInFlight': 5000, 'task.pending': 60 },
    })
    endpoint.act({ do: 'set-desired-count', desired: 6 })
    endpoint.advance(4)
    expect(tasksOf(endpoint)).toHaveLength(4)
    endpoint.advance(4)
    expect(tasksOf(endpoint).map(({ lastStatus }) => lastStatus)).toContain('PENDING')
    expect(serviceOf(endpoint)).toMatchObject({ desired: 6, running: 4 })
  })

  test('that a task was told to stop, and for an hour that it has', async () => {
    const { endpoint } = await serve({ services: [], standaloneTasks: [{ exitSeconds: 10, runsSeconds: 100_000 }] })
    endpoint.advance(60)
    endpoint.act({ do: 'stop-tasks', tasks: tasksOf(endpoint).map(({ arn }) => arn) })
    expect(tasksOf(endpoint)).toMatchObject([{ desiredStatus: 'STOPPED' }])
    expect(tasksOf(endpoint)[0]?.lastStatus).not.toBe('STOPPED')
    endpoint.advance(20)
    expect(tasksOf(endpoint)).toMatchObject([{ lastStatus: 'STOPPED' }])
    endpoint.advance(3500)
    expect(tasksOf(endpoint)).toHaveLength(1)
    endpoint.advance(100)
    expect(tasksOf(endpoint)).toEqual([])
  })

  test('the desired capacity and the hooks that there are now', async () => {
    const { endpoint } = await serve({ groups: [{ hooks: [{ name: 'drain' }, { name: 'other', owner: 'other' }] }] })
    endpoint.act({ do: 'scale-out', by: 1 })
    endpoint.act({ do: 'delete-hook', hook: 'drain' })
    expect(groupOf(endpoint)).toMatchObject({ desired: 3, hooks: [{ name: 'other' }] })
  })
})

describe('the token in the state', () => {
  const held = ({ endpoint }: Served) => groupOf(endpoint)?.instances[0]
  const complete = ({ autoScaling }: Served, LifecycleActionToken: string | undefined) =>
    autoScaling.send(
      new CompleteLifecycleActionCommand({
        AutoScalingGroupName: 'group',
        LifecycleHookName: 'drain',
        LifecycleActionToken,
        LifecycleActionResult: 'CONTINUE',
      }),
    )

  test("is that of the controller's hook, and gone with its action", async () => {
    const served = await serve({ groups: [{ hooks: [{ name: 'other', owner: 'other' }, { name: 'drain' }] }] })
    served.endpoint.act({ do: 'terminate-instance', old: 0 })
    await complete(served, held(served)?.lifecycleActionToken)
    // The other one holds it still.
    served.endpoint.advance(1)
    expect(held(served)).toMatchObject({ lifecycleState: 'Terminating:Wait', lifecycleActionToken: expect.any(String) })
    await expect(complete(served, held(served)?.lifecycleActionToken)).rejects.toThrow('No active Lifecycle Action')
    served.endpoint.advance(60)
    expect(held(served)).toEqual({ instanceId: expect.any(String), lifecycleState: 'Terminating:Proceed' })
  })
})
