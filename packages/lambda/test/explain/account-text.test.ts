// What ECS says of the tasks that a drain waits for is what an operator has to know next: who has to move, and why it does not.
import type { Service, Task } from '@aws-sdk/client-ecs'
import { streamOf } from '@ecs-drain/core'
import { at, instanceNumber, taskNumber } from '@ecs-drain/core/testing'
import { describe, expect, test } from 'vitest'
import { accountLines } from '../../src/explain/account-text.ts'
import type { EcsAccount } from '../../src/explain/ask-ecs.ts'
import { explain, explanationText } from '../../src/explain/explanation.ts'
import { outputsShown } from './support/page.ts'
import { waiting } from './support/waiting.ts'

const date = (second: number): Date => new Date(at(second))

const running: Task = {
  taskArn: taskNumber(1),
  group: 'service:web',
  lastStatus: 'RUNNING',
  desiredStatus: 'RUNNING',
  connectivity: 'CONNECTED',
}

const web: Service = {
  serviceName: 'web',
  schedulingStrategy: 'REPLICA',
  desiredCount: 4,
  runningCount: 4,
  pendingCount: 0,
  deploymentConfiguration: { minimumHealthyPercent: 100, maximumPercent: 200 },
  events: [],
}

const noRoom =
  '(service web) was unable to place a task because no container instance met all of its requirements. The closest matching ' +
  '(container-instance 00000000000000000000000000000002) has insufficient CPU units available.'

const said = (account: Partial<EcsAccount>, second = 600): ReadonlyArray<string> =>
  accountLines({ tasks: [running], forgotten: [], services: [web], ...account }, { since: at(0), now: at(second) })

test('docs/explain.md shows an instance that waits for room, and for a task that takes its time', () => {
  const explanation = explain(streamOf(instanceNumber(1)), [{ version: 1, events: waiting().events() }], at(155))
  if (explanation === null) throw new Error('nothing to explain')
  const stopping = {
    taskArn: taskNumber(2),
    group: 'service:web',
    lastStatus: 'STOPPING',
    desiredStatus: 'STOPPED',
    stoppingAt: date(50),
  }
  const services = [{ ...web, events: [{ createdAt: date(63), message: noRoom }] }]
  const text = explanationText(explanation, said({ tasks: [running, stopping], services }, 155))
  expect(outputsShown).toContain(text.slice(text.indexOf('Waits for')))
})

describe('a task', () => {
  test("of no service is nobody's to stop but the operator's", () => {
    const [line] = said({ tasks: [{ ...running, group: 'family:batch' }], services: [] })
    expect(line).toMatch(
      /^task \w+ of family:batch: RUNNING, not told to stop, and ECS will not: it belongs to no service$/,
    )
  })

  test.each([
    ['DEACTIVATING', /told to stop: it leaves its load balancer/],
    ['STOPPING', /told to stop: its containers have SIGTERM/],
    ['DEPROVISIONING', /told to stop: its network interface/],
  ])('that is %s is told to stop already', (lastStatus, words) => {
    expect(said({ tasks: [{ ...running, lastStatus, desiredStatus: 'STOPPED' }] })[0]).toMatch(words)
  })

  test('on a host without its agent may be shown as it was long ago', () => {
    expect(said({ tasks: [{ ...running, connectivity: 'DISCONNECTED' }] })[0]).toMatch(/agent is not connected/)
    expect(said({})[0]).not.toMatch(/agent/)
  })

  test('that ECS has forgotten is nothing to wait for, and that is said, also beside one that it knows', () => {
    expect(said({ forgotten: [taskNumber(2)], services: [] }).slice(1)).toEqual([
      `task ${taskNumber(2).slice(-32)}: ECS does not know it any more, which the next sweep finds out`,
    ])
  })
})

describe('a service', () => {
  test('that has room between minimum and maximum has it said how much', () => {
    expect(said({})[1]).toBe('service web: 4 desired, 4 running, 0 pending; ECS keeps 4 to 8 (100 to 200 percent)')
  })

  test.each([
    [4, 100, 100],
    [1, 100, 150],
    [1, 50, 100],
  ])('of %i tasks at %i to %i percent cannot be drained, and that is said', (desiredCount, minimum, maximum) => {
    const deploymentConfiguration = { minimumHealthyPercent: minimum, maximumPercent: maximum }
    expect(said({ services: [{ ...web, desiredCount, deploymentConfiguration }] })[1]).toContain(
      `at ${minimum} to ${maximum} percent ECS may neither stop a task nor start one: change one of the two`,
    )
  })

  test('that may stop tasks first, or start others first, is not said to be kept from it', () => {
    const bounds = (minimum: number, maximum: number) =>
      said({
        services: [{ ...web, deploymentConfiguration: { minimumHealthyPercent: minimum, maximumPercent: maximum } }],
      })[1]
    expect(bounds(50, 100)).toMatch(/; ECS keeps 2 to 4 \(50 to 100 percent\)$/)
    expect(bounds(100, 125)).toMatch(/; ECS keeps 4 to 5 \(100 to 125 percent\)$/)
  })

  test('of which ECS shows no bounds has none told', () => {
    const { deploymentConfiguration: _, ...unbounded } = web
    for (const service of [unbounded, { ...web, deploymentConfiguration: { maximumPercent: 200 } }])
      expect(said({ services: [service] })[1]).toBe('service web: 4 desired, 4 running, 0 pending')
  })

  // With none desired both bounds are 0, and ECS stops every task of it.
  test('of no tasks, as one that was scaled to zero, is not said to be kept from anything', () => {
    const services = [{ ...web, desiredCount: 0, runningCount: 1 }]
    expect(said({ services })[1]).toBe(
      'service web: 0 desired, 1 running, 0 pending; ECS keeps 0 to 0 (100 to 200 percent)',
    )
  })

  test('of daemons is the last to go', () => {
    const service = { ...web, schedulingStrategy: 'DAEMON' } as const
    expect(said({ services: [service] })[1]).toMatch(/a DAEMON service, whose task stops when no other is left$/)
  })

  test('has its last three events told, the latest at the end, and none from before the drain', () => {
    const events = [5, 4, 3, 2, -1].map((minute) => ({ createdAt: date(minute * 60), message: `minute ${minute}` }))
    const lines = said({ services: [{ ...web, events }] }).slice(2)
    expect(lines.map((line) => line.replace(/^ *\S+ */, ''))).toEqual(['minute 3', 'minute 4', 'minute 5'])
    const older = { ...web, events: events.slice(-1) }
    expect(said({ services: [older] })).toEqual(said({}))
  })
})
